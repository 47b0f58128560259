"""What other programs write into Markdown, in ours: shortcodes, Liquid, components. What has no like stays as text."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from cuaderno.diary.importing.prose import as_code, before_ticks, fenced, in_fences, outside_code, outside_fences

SHORTCODE = re.compile(
    r"\{\{(?P<open>[<%])(?P<escaped>/\*)?\s*(?P<close>/)?\s*(?P<name>[\w./-]+)(?P<rest>.*?)[>%]\}\}", re.S
)
HUGO_CODE = re.compile(
    r"\{\{([<%])\s*highlight\s+(\w[\w+#.-]*)?.*?[>%]\}\}\n?(.*?)\{\{[<%]\s*/\s*highlight\s*[>%]\}\}", re.S
)
ARGUMENT = re.compile(
    r"([\w-]+)\s*=\s*(\"(?:[^\"\\]|\\.)*\"|`[^`]*`|[^\s\"`]+)|(\"(?:[^\"\\]|\\.)*\"|`[^`]*`|[^\s\"`]+)", re.S
)
VIDEOS = {"youtube": "https://youtu.be/{}", "vimeo": "https://vimeo.com/{}"}

LIQUID_CODE = re.compile(r"\{%-?\s*highlight\s+([\w+#.-]+)?.*?-?%\}\n?(.*?)\{%-?\s*endhighlight\s*-?%\}", re.S)
LIQUID_COMMENT = re.compile(r"\{%-?\s*comment\s*-?%\}(.*?)\{%-?\s*endcomment\s*-?%\}", re.S)
LIQUID_RAW = re.compile(r"\{%-?\s*(?:end)?raw\s*-?%\}")
LIQUID_BASE = re.compile(r"\{\{-?\s*(?:site\.(?:baseurl|url)|page\.baseurl)\s*(?:\|[^{}]*)?-?\}\}")
LIQUID_PATH = re.compile(r"\{\{-?\s*(['\"])([^'\"{}]*)\1\s*\|\s*(?:relative_url|absolute_url|prepend:[^{}]*?)\s*-?\}\}")
LIQUID_POST = re.compile(r"\{%-?\s*(post_url|link)\s+(.+?)\s*-?%\}")
LIQUID = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.S)
KRAMDOWN = re.compile(r"^[ \t]*\{:[^{}\n]*\}[ \t]*\n?|(?<=\S)\{:[^{}\n]*\}", re.M)
HEADING_ID = re.compile(r"^(#{1,6}[ \t].*?)[ \t]*\{#[\w-]+[^{}\n]*\}[ \t]*$", re.M)

IMPORT = re.compile(r"^import\s+(?:[^;'\"]*?\s+from\s+)?['\"][^'\"\n]+['\"]\s*;?[ \t]*$", re.M | re.S)
IMPORTED = re.compile(
    r"^import\s+(\w+)\s+from\s+['\"]([^'\"\n]+\.(?:png|jpe?g|gif|webp|avif|svg))(?:\?\w+)?['\"]", re.M | re.I
)
EXPORT = re.compile(r"^export\s+(?:const|let|var|default|function|async)\b.*?(?=\n[ \t]*\n|\Z)", re.M | re.S)
JSX_COMMENT = re.compile(r"\{\s*/\*(.*?)\*/\s*\}", re.S)
ATTRIBUTES = r"(?:[^<>{}\"']|\"[^\"]*\"|'[^']*'|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\})*"
COMPONENT = re.compile(rf"</?[A-Z][\w.]*{ATTRIBUTES}>|<>|</>")
JSX_PICTURE = re.compile(rf"<(?:Image|Picture|img)\b(?P<attributes>{ATTRIBUTES})/?>")
JSX_SOURCE = re.compile(r"\bsrc=\{\s*(\w+)(?:\.src)?\s*\}|\bsrc=[\"']([^\"']+)[\"']")
JSX_ALT = re.compile(r"\balt=(?:\"([^\"]*)\"|'([^']*)'|\{\s*[\"'`]([^\"'`]*)[\"'`]\s*\})")

ROLE = re.compile(r"(?<!\\)(\\*)(?=\{[A-Za-z_\-+:]{1,36}\}`)")
OUR_FENCE = re.compile(r"(`{3,}|~{3,})[ \t]*\{([\w.+-]+)[^}\n]*\}.*")
LEAD = r"^((?:[ \t>]|[-*+][ \t]|\d+[.)][ \t])*:{3,})[ \t]*"
BOX = re.compile(LEAD + r"\{([\w-]+)\}(.*)((?:\n[ \t>]*:[\w-]+:.*)*)", re.M)
ADMONITION = re.compile(
    LEAD + r"(note|tip|info|warning|caution|danger|important)\b[ \t]*(?:\[([^\]\n]*)\]|([^\n{\[]*))$", re.M
)
BOXES = ("note", "aside")  # of the directives that we have, those that others have too
RUNS = re.compile(r"<(script|iframe|object|embed|form)\b|\son\w+\s*=\s*[\"']|javascript:", re.I)


@dataclass
class Text:
    """A body on its way: what it says by now, what changed, and what could not."""

    body: str
    changed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)  # as text

    def keep(self, what: str) -> str:
        """Show something as it stands, and remember it."""
        self.kept.append(short(what))
        return as_code(what)

    def swap(self, pattern: re.Pattern, new: Callable[[re.Match], str] | str, said: str = "") -> None:
        """Change all that a pattern finds outside of code."""
        self._swapped(outside_code, pattern, new, said)

    def swap_code(self, pattern: re.Pattern, new: Callable[[re.Match], str] | str, said: str = "") -> None:
        """The same where what is found holds code of its own."""
        self._swapped(outside_fences, pattern, new, said)

    def _swapped(self, where: Callable, pattern: re.Pattern, new: Callable[[re.Match], str] | str, said: str) -> None:
        before = self.body
        self.body = where(before, lambda part: pattern.sub(new, part))
        if said and self.body != before:
            self.changed.append(said)


def short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 70 else text[:69] + "…"


def picture(alt: str, src: str) -> str:
    alt = re.sub(r"([\[\]\\])", r"\\\1", " ".join(alt.split()))
    return f"![{alt}](<{src}>)" if re.search(r"[\s()]", src) else f"![{alt}]({src})"


# -- Hugo --------------------------------------------------------------------------------------------------------------


def hugo(text: Text) -> None:
    """Shortcodes: code, figures, links and films become Markdown."""
    if "{{<" not in text.body and "{{%" not in text.body:
        return
    text.swap_code(HUGO_CODE, lambda found: "\n" + fenced(found[3], found[2] or ""), "highlight became a block of code")
    text.swap(SHORTCODE, lambda found: _shortcode(text, found))


def _shortcode(text: Text, found: re.Match) -> str:
    if found["escaped"]:
        return as_code(re.sub(r"/\*|\*/", "", found[0]))
    words, named = arguments(found["rest"])
    name = found["name"]
    if name == "figure" and named.get("src") and not found["close"]:
        text.changed.append("figure became a picture")
        return _figure(named)
    if name in ("ref", "relref") and words:
        return words[0]
    if name in VIDEOS and (words or named.get("id")):
        text.changed.append(f"{name} became a link")
        return f"<{VIDEOS[name].format(words[0] if words else named['id'])}>"
    if name == "gist" and len(words) > 1:
        return f"<https://gist.github.com/{words[0]}/{words[1]}>"
    return text.keep(found[0])


def arguments(text: str) -> tuple[list[str], dict[str, str]]:
    """The words and the named values of a shortcode."""
    words: list[str] = []
    named: dict[str, str] = {}
    for name, value, word in ARGUMENT.findall(text):
        if name:
            named[name] = _bare(value)
        elif word not in ("/", "*/"):
            words.append(_bare(word))
    return words, named


def _bare(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value[:1] == '"' else value.strip("`")


def _figure(named: dict[str, str]) -> str:
    caption = named.get("caption") or named.get("title", "")
    shown = picture(named.get("alt") or caption, named["src"])
    if named.get("link"):
        shown = f"[{shown}]({named['link']})"
    if caption and not re.search(r"[*_]", caption):
        caption = f"*{caption.strip()}*"
    return f"{shown}\n\n{caption}" if caption else shown


# -- Jekyll ------------------------------------------------------------------------------------------------------------


def jekyll(text: Text, whole: bool) -> None:
    """Liquid; with `whole` also what only a site of Jekyll's would mean by it."""
    if "{%" in text.body or "{{" in text.body:
        text.swap_code(
            LIQUID_CODE, lambda found: "\n" + fenced(found[2], found[1] or ""), "highlight became a block of code"
        )
        text.swap(LIQUID_COMMENT, lambda found: _unsaid(text, found[1]))
        text.swap(LIQUID_BASE, "", "links lost the site's address in front of them")
        text.swap(LIQUID_PATH, lambda found: found[2])
        text.swap(LIQUID_POST, lambda found: _liquid_link(found))
        if whole:
            text.swap_code(LIQUID_RAW, "")
            text.swap(LIQUID, lambda found: text.keep(found[0]))
    if "{:" in text.body:
        text.swap(KRAMDOWN, "", "marks such as {: .class} went")
    if "{#" in text.body:
        text.swap(HEADING_ID, r"\1", "names of headings such as {#name} went")


def _liquid_link(found: re.Match) -> str:
    path = found[2].strip("'\"")
    return path if found[1] == "link" else f"{path.rsplit('/', 1)[-1]}.md"


def _unsaid(text: Text, comment: str) -> str:
    """A comment that its page never showed: as one of HTML, everybody could read it."""
    text.changed.append(f"a comment was left out: {short(comment)}")
    return ""


# -- MDX ---------------------------------------------------------------------------------------------------------------


def mdx(text: Text) -> None:
    """Imported pictures become pictures; imports go into a comment, components and other code stay as text."""
    sources: dict[str, str] = {}

    def note_sources(part: str) -> str:
        sources.update(IMPORTED.findall(part))
        return part

    outside_code(text.body, note_sources)
    text.swap_code(IMPORT, lambda found: _away(text, found[0]))
    text.swap_code(EXPORT, lambda found: _as_block(text, found[0]))
    text.swap(JSX_COMMENT, lambda found: _unsaid(text, found[1]))
    text.swap(JSX_PICTURE, lambda found: _jsx_picture(text, found, sources))
    text.swap(COMPONENT, lambda found: text.keep(found[0]))


def _away(text: Text, code: str) -> str:
    text.kept.append(f"{short(code)} (in a comment)")
    return f"<!-- {code.replace('--', '- -')} -->"


def _as_block(text: Text, code: str) -> str:
    text.kept.append(short(code))
    return fenced(code, "js")


def _jsx_picture(text: Text, found: re.Match, sources: dict[str, str]) -> str:
    source, alt = JSX_SOURCE.search(found["attributes"]), JSX_ALT.search(found["attributes"])
    name = (sources.get(source[1], "") if source[1] else source[2]) if source else ""
    if not name:
        return found[0] if found[0].startswith("<img") else text.keep(found[0])
    text.changed.append("an Image became a picture")
    return picture(next(filter(None, alt.groups()), "") if alt else "", name)


# -- ours --------------------------------------------------------------------------------------------------------------


def ours(text: Text) -> None:
    """What our own Markdown would take for something else."""
    before = text.body
    text.body = before_ticks(before, lambda part: ROLE.sub(_escaped, part))
    if text.body != before:
        text.changed.append("braces before code got a backslash, so that they are no role")
    before = text.body
    text.body = in_fences(before, _unbraced)
    if text.body != before:
        text.changed.append("the language of some code lost its braces")
    text.swap(BOX, lambda found: _box(text, found))
    text.swap(ADMONITION, _admonition, "boxes became notes")
    outside_code(text.body, lambda part: _warn(text, part))


def _escaped(found: re.Match) -> str:
    """One backslash more, where those that are there leave the brace what it is."""
    return found[1] + "\\" * (len(found[1]) % 2 == 0)


def boxes(text: Text) -> None:
    """Notes in fences become notes between colons: what is in them is prose, and has to be read as such."""
    if "{" in text.body:
        text.body = in_fences(text.body, _opened)


def _opened(fence: str) -> str:
    first, _, rest = fence.partition("\n")
    named = re.match(r" {0,3}[`~]+[ \t]*\{(note|aside)\}(.*)", first)
    if not named:
        return fence
    inside = re.sub(r"\n?[ \t]*[`~]{3,}\s*\Z|\A(?:[ \t]*:[\w-]+:.*\n?)+", "", rest)
    colons = ":" * max(3, 1 + max((len(run) for run in re.findall(r"^[ \t]*(:{3,})", inside, re.M)), default=0))
    return f"{colons}{{{named[1]}}}{named[2]}\n{inside}\n{colons}\n"


def _unbraced(fence: str) -> str:
    """```` ```{python} ```` is code in the language python, and no directive."""
    first, end, rest = fence.partition("\n")
    return OUR_FENCE.sub(lambda found: found[1] + found[2].lstrip("."), first, count=1) + end + rest


def _box(text: Text, found: re.Match) -> str:
    """A directive between colons: ours where we have it, else a note."""
    if found[2] in BOXES:
        return _without_options(text, found)
    text.changed.append(f"the box {found[2]} became a note")
    _without_options(text, found)
    return f"{found[1]}{{note}} {found[3].strip() or found[2].capitalize()}"


def _without_options(text: Text, found: re.Match) -> str:
    if found[4]:
        text.changed.append(f"options of a box went: {short(found[4])}")
    return found[0][: len(found[0]) - len(found[4])]


def _admonition(found: re.Match) -> str:
    title = (found[3] or found[4] or "").strip() or found[2].capitalize()
    return f"{found[1]}{{note}} {title}"


def _warn(text: Text, part: str) -> str:
    for found in RUNS.finditer(part):
        text.kept.append(f"{short(found[0])}: it runs on your page. Is it yours?")
    return part
