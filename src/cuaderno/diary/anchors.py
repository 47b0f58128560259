"""What must be the same on both sides of a translation: numbers, links, code, roles, directives, formulas."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from cuaderno.diary.blocks import marker

PROSE_ROLES = ("aside",)
PROSE_OPTIONS = ("title", "caption", "label", "alt")
DIRECTIVE = re.compile(r"[ \t>]*(?:`{3,}|:{3,}|~{3,})\{([\w-]+)\}[ \t]*(.*)")
FENCE = re.compile(r"[ \t>]*(?:`{3,}|~{3,})[ \t]*([^\s`{]*)[^\n`]*\n(.*?)\s*(?:`{3,}|~{3,})?\s*\Z", re.S)
OPTION = re.compile(r"^[ \t>]*:([\w-]+):[ \t]*(.*)$", re.M)
COMMENT = re.compile(r"(?:#|//|--).*$|\"[^\"\n]*\"|'[^'\n]*'", re.M)
FORMULA = re.compile(r"\$\$(.+?)\$\$|(?<![\\$\w])\$(?![\s$])([^$\n]+?)(?<![\s\\])\$(?![\d$])", re.S)
ROLE = re.compile(r"\{([\w-]+)\}(`+)(.*?)\2", re.S)
ROLE_OR_CODE = re.compile(
    r"(?<!\\)\{(?P<role>[\w-]+)\}(?P<ticks>`+)(?!`)(?P<inside>.+?)(?<!`)(?P=ticks)(?!`)"
    r"|(?<!`)(?P<fence>`+)(?!`)(?P<code>.+?)(?<!`)(?P=fence)(?!`)",
    re.S,
)
CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.S)
PICTURE = re.compile(r"!\[([^\]]*)\]\(\s*<?([^)\s>]*)[^)]*\)")
LINK = re.compile(r"\]\(\s*<?([^)\s>]*)[^)]*\)")
DEFINED = re.compile(r"^\s*\[(?!\^)[^\]]+\]:\s*<?(\S+?)>?(?=\s|\Z)", re.M)
BARE = re.compile(r"<?\b((?:https?://|www\.)[^\s<>]*[^\s<>.,;:!?)'\"*_~])>?")
FOOTNOTE = re.compile(r"\[\^([^\]\s]+)\]:?")
TAG = re.compile(r"<!--.*?-->|<(/?[A-Za-z][\w-]*)[^>]*>", re.S)
TASK = re.compile(r"\[([ xX])\]\s*\Z")
NUMBER = re.compile(
    r"(?<![\w.,])(?P<sign>(?<![^\s(\[])[-−])?"
    r"(?P<digits>\d+(?:[., \u00a0\u202f\u2009]\d+)*(?:[eE][-+−]?\d+)?)(?P<percent>\s?%)?"
)
NAMES = {
    "number": "the number", "link": "the link", "picture": "the picture", "code": "the code", "role": "the role",
    "directive": "the directive", "option": "the option", "formula": "the formula", "tag": "the HTML tag",
    "footnote": "the footnote", "task": "the box", "language": "the code's language",
}  # fmt: skip


SPANISH = {
    "number": "el número", "link": "el enlace", "picture": "la imagen", "code": "el código", "role": "el rol",
    "directive": "la directiva", "option": "la opción", "formula": "la fórmula", "tag": "la etiqueta HTML",
    "footnote": "la nota al pie", "task": "la casilla", "language": "el lenguaje del código",
}  # fmt: skip
ENDINGS = {" is missing": " falta", " is not in the source": " no está en el original"}


@dataclass
class Parts:
    """The anchors of a block in their order, as (kind, key) with the text that shows each, and the prose left over."""

    anchors: list[tuple[str, str]] = field(default_factory=list)
    shown: dict[tuple[str, str], str] = field(default_factory=dict)
    before: dict[tuple[str, str], str] = field(default_factory=dict)  # the word in front of a number
    prose: str = ""

    def add(self, kind: str, key: str, shown: str | None = None) -> None:
        key = " ".join(key.split())
        self.anchors.append((kind, key))
        self.shown.setdefault((kind, key), " ".join((shown or key).split()))


def read_parts(text: str, lang: str) -> Parts:
    """Take a block's text apart."""
    parts = Parts()
    head = marker(text)
    if task := TASK.search(head):
        parts.add("task", "[x]" if task[1] != " " else "[ ]")
    for label in FOOTNOTE.findall(head):
        parts.add("footnote", label)
    text = text[len(head) :]
    text = re.sub(r"^[ \t]*>+", " ", text, flags=re.M) if ">" in head else text
    parts.prose = _numbers(_inline(_fence(text, parts), parts), parts, lang)
    return parts


def _fence(text: str, parts: Parts) -> str:
    """Note the head of a directive or the code of a fence; the prose in it is returned."""
    if found := DIRECTIVE.match(text):
        prose_argument = text.lstrip(" \t>").startswith(":::")
        parts.add("directive", found[1] if prose_argument else f"{found[1]} {found[2]}".strip())
        lines = text[found.end() :].splitlines()[1:]
        if lines and re.fullmatch(r"[ \t>]*(`{3,}|:{3,}|~{3,})[ \t]*", lines[-1]):
            del lines[-1]
        return "\n".join([found[2] if prose_argument else "", *_options(lines, parts)])
    found = FENCE.match(text) if re.match(r"[ \t>]*(```|~~~)", text) else None
    if not found:
        return text
    if found[1]:
        parts.add("language", found[1])
        code = "\n".join(line.rstrip() for line in COMMENT.sub("", found[2]).splitlines())
        parts.anchors.append(("code", code))
        parts.shown["code", code] = " ".join(code.split())
        return " ".join(COMMENT.findall(found[2]))
    return found[2]


def _options(lines: list[str], parts: Parts) -> list[str]:
    prose = []
    while lines and (option := OPTION.match(lines[0])):
        if option[1] in PROSE_OPTIONS:
            parts.add("option", option[1])
            prose.append(option[2])
        else:
            parts.add("option", f"{option[1]}: {option[2]}")
        lines = lines[1:]
    return prose + lines


def _inline(text: str, parts: Parts) -> str:
    def role_or_code(found: re.Match) -> str:
        name, inside = found["role"], found["inside"]
        if name is None:
            parts.add("code", found["code"])
        elif name in PROSE_ROLES:
            parts.add("role", name)
            return f" {ROLE_OR_CODE.sub(role_or_code, inside)} "
        else:
            parts.add("role", f"{{{name}}}`{inside}`")
        return " "

    def note(kind: str, group: int = 1) -> Callable[[re.Match], str]:
        def take(found: re.Match) -> str:
            if found[group] is not None:
                parts.add(kind, found[group].lower() if kind == "tag" else found[group])
            return " "

        return take

    def formula(found: re.Match) -> str:
        parts.add("formula", found[1] or found[2])
        return " "

    def picture(found: re.Match) -> str:
        parts.add("picture", found[2])
        return f" {found[1]} "

    def link(found: re.Match) -> str:
        parts.add("link", _address(found[1]), found[1] or "()")
        return " "

    text = ROLE_OR_CODE.sub(role_or_code, text)  # from left to right, as Markdown reads them
    text = FORMULA.sub(formula, text)
    text = PICTURE.sub(picture, text)
    for pattern in (LINK, DEFINED, BARE):
        text = pattern.sub(link, text)
    text = FOOTNOTE.sub(note("footnote"), text)
    return TAG.sub(note("tag"), text)


def _address(link: str) -> str:
    """A link without the language in it: `../plans/es.md`, `/es/posts/` and es.wikipedia.org have twins."""
    link = re.sub(r"(^|/)(?:en|es)(?:/|(\.md))", r"\1\2", link)
    return re.sub(r"^(https?://)(?:en|es)\.", r"\1", link).removesuffix("/")


def _numbers(text: str, parts: Parts, lang: str) -> str:
    def take(found: re.Match) -> str:
        value, rest = number(found["digits"], lang)
        sign = "-" if found["sign"] else ""
        percent = "%" if found["percent"] else ""
        for index, one in enumerate(value):
            last = index == len(value) - 1
            key = ("number", (sign if not index else "") + one + (percent if last else ""))
            parts.add(*key, rest[index] if len(value) > 1 else found[0].strip())
            words = re.findall(r"[^\W\d_][\w-]*", text[max(0, found.start() - 30) : found.start()])
            parts.before[key] = words[-1] if words else ""
        return " "

    return NUMBER.sub(take, text)


def number(digits: str, lang: str) -> tuple[list[str], list[str]]:
    """The plain values that a text in a language means by some digits, and how each was written.

    English groups by commas and has a decimal point; Spanish groups by points or spaces and has a decimal comma.
    What is neither, such as 3.11.4, stays as it is; `1,5` in English are two numbers.
    """
    group, point = (",", ".") if lang == "en" else (".", ",")
    spaces = r"\u00a0\u202f\u2009" + ("" if lang == "en" else " ")
    exponent = re.search(r"[eE][-+−]?\d+\Z", digits)
    whole = digits[: exponent.start()] if exponent else digits
    power = exponent[0].replace("−", "-") if exponent else ""
    grouped = rf"\d{{1,3}}(?:{re.escape(group)}\d{{3}})+|\d{{1,3}}(?:[{spaces}]\d{{3}})+|\d+"
    if re.fullmatch(rf"(?:{grouped})(?:{re.escape(point)}\d+)?", whole):
        plain = re.sub(rf"[{re.escape(group)}{spaces}]", "", whole).replace(point, ".") + power
        return [_plain(plain)], [digits]
    pieces = re.split(r"[,\s]" if lang == "en" else r"\s", digits)
    if len(pieces) > 1:
        found = [number(piece, lang) for piece in pieces if piece]
        return [value for values, _ in found for value in values], [text for _, texts in found for text in texts]
    return [f"“{digits}”"], [digits]


def _plain(text: str) -> str:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return text
    return text if abs(value.adjusted()) > 40 else f"{value.normalize():f}"


def write_number(value: str, lang: str, grouped: bool = False) -> str:
    """A plain value in a language's notation, its thousands `grouped` or not."""
    if value.startswith("“"):
        return value.strip("“”")
    whole = re.match(r"\d+", value)
    if grouped and whole:
        value = f"{int(whole[0]):,}" + value[whole.end() :]
    return value if lang == "en" else value.translate(str.maketrans(",.", ".,"))


def differences(source: str, translation: str, source_lang: str, lang: str) -> list[str]:
    """What the translation lacks or has besides, one line each, in words."""
    ours, theirs = read_parts(source, source_lang), read_parts(translation, lang)
    lost, extra = Counter(ours.anchors), Counter(theirs.anchors)
    lost, extra = lost - extra, extra - lost
    _forgive_versions(lost, extra, ours, theirs)
    lines = []
    for key in lost:
        shown = ours.shown[key]
        if key[0] == "number":
            shown = write_number(key[1], lang, grouped=bool(re.match(r"\d{1,3}\D\d{3}(?!\d)", shown)))
        lines.append(f"{NAMES[key[0]]} {_short(shown)} is missing")
    for key in extra:
        lines.append(f"{NAMES[key[0]]} {_short(theirs.shown[key])} is not in the source")
    return lines


def in_words(difference: str, lang: str) -> str:
    """A line of `differences` in a language."""
    if lang != "es":
        return difference
    kind = next((kind for kind, name in NAMES.items() if difference.startswith(f"{name} ")), None)
    ending = next((ending for ending in ENDINGS if difference.endswith(ending)), None)
    if not kind or not ending:
        return difference
    return SPANISH[kind] + difference[len(NAMES[kind]) : -len(ending)] + ENDINGS[ending]


def _forgive_versions(lost: Counter, extra: Counter, ours: Parts, theirs: Parts) -> None:
    """`Python 3.11` is no decimal number, and stays so in Spanish."""
    for key in list(lost):
        for other in list(extra):
            if key[0] == other[0] == "number" and key[1].strip("“”") == other[1].strip("“”"):
                name = ours.before.get(key, "")
                if name[:1].isupper() and name == theirs.before.get(other):
                    del lost[key], extra[other]
                    break


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"
