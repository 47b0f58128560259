"""A passage as a corrector sees it: its words, and a placeholder for everything that no correction may touch."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from cuaderno.diary.anchors import CODE, FORMULA, PROSE_ROLES, ROLE
from cuaderno.diary.proofreading.edits import PLACEHOLDER

WORDS, BREAK, QUOTE, NAME, NUMBER, IDENTIFIER = "words", "break", "quote", "name", "number", "identifier"
OPEN = (WORDS, BREAK, QUOTE)  # what a corrector may change: words, line ends, and quotes that YAML writes doubled
SHOWN = (NAME, NUMBER, IDENTIFIER)  # a corrector needs to see these to make the words around them agree
LETTER = r"[^\W\d_]"
CAPITAL = r"[A-ZÁÉÍÓÚÜÑÀÈÌÒÙÂÊÔÇÄÖ]"
ENDINGS = "py|md|toml|json|jsonl|js|mjs|ts|css|html|txt|csv|png|jpe?g|svg|gif|webp|sh|ipynb|pt|ya?ml|onnx|gguf|pdf|wasm"
PARENTHESES = r"\((?:[^()\\\n]|\\.|\((?:[^()\\\n]|\\.)*\))*\)"
PATTERNS = (
    ("hard break", re.compile(r"(?: {2,}|\\)\n[ \t>]*")),
    ("sign", re.compile(r"\\[!-/:-@\[-`{-~]")),
    ("role", ROLE),
    ("code", CODE),
    ("formula", FORMULA),
    ("tag", re.compile(r"<!--.*?-->|</?[A-Za-z][^<>]*>|<[!?][^<>]*>", re.S)),
    ("footnote", re.compile(r"\[\^[^\]\s]+\]")),
    ("picture", re.compile(r"!\[")),
    ("link", re.compile(rf"\]{PARENTHESES}|\]\[[^\]]*\]|\[|\]")),
    ("link", re.compile(r"(?:https?://|www\.)[^\s<>]*[^\s<>.,;:!?)\]'\"*_~»”]", re.I)),
    ("link", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("entity", re.compile(r"&(?:[A-Za-z]\w{1,30}|#\d{1,7}|#[xX][\da-fA-F]{1,6});")),
    ("emphasis", re.compile(r"\*+|~~+|(?<!\w)_+(?=\S)|(?<=\S)_+(?!\w)")),
    ("sign", re.compile(r"[⟦⟧|#`{}\\$]|[<>=≤≥≠±×÷+°§^@]+|[\u2190-\u2bff\U0001f000-\U0001faff]+\ufe0f?")),
    (IDENTIFIER, re.compile(rf"(?<![\w-])--?[a-z][\w-]*|(?<!\w)\w[\w/-]*\.(?:{ENDINGS})\b")),
    (IDENTIFIER, re.compile(r"(?<!\w)\w+(?:[/\\]\w+){2,}")),
    (IDENTIFIER, re.compile(rf"(?<!\w){LETTER}\w*-\d[\w.]*\b")),
    (IDENTIFIER, re.compile(rf"(?<!\w)(?=\w*_\w)\w*{LETTER}\w*")),
    (IDENTIFIER, re.compile(rf"(?<!\w)(?=\w*\d)(?=[\d.]*{LETTER})\w+(?:[-.]\w+)*")),
    (NUMBER, re.compile(r"(?:(?<![^\s(])[-−])?\d+(?:[.,\u00a0\u202f\u2009:]\d+)*(?:[eE][-+−]?\d+)?(?:\s?%)?")),
    (NAME, re.compile(rf"(?<!\w)(?:{CAPITAL}{{2,}}s?(?!\w)|{LETTER}+[a-zß-ÿ]{CAPITAL}\w*)")),
)  # fmt: skip
ESCAPES = {"single": re.compile(r"''"), "double": re.compile(r"\\(?:x..|u.{4}|U.{8}|\n[ \t]*|.)")}
CAPITALISED = re.compile(rf"(?<![\w'’-]){CAPITAL}[\w'’-]*(?: {CAPITAL}[\w'’-]*)*")
STARTS_SENTENCE = re.compile(r"(?:\A|[.!?…:¿¡])[\s*_~\"'“”‘’«»(\[¿¡]*\Z")
# Words that learners write with a capital where the language has none, or the other way round: open to correction.
NOT_NAMES = re.compile(
    r"I(?:['’]\w+)?|(?:Lunes|Martes|Miércoles|Miercoles|Jueves|Viernes|Sábado|Sabado|Domingo|Enero|Febrero|Marzo|Abril"
    r"|Mayo|Junio|Julio|Agosto|Septiembre|Octubre|Noviembre|Diciembre|Inglés|Ingles|Español|Francés|Frances|Alemán"
    r"|Aleman|Italiano|Portugués|Portugues|Chino|Japonés|Japones|Árabe|Arabe|Latín)s?"
)
MOSTLY = 0.85  # of the longer words begin with a capital: a title in title case, where a capital says nothing


@dataclass(frozen=True)
class Piece:
    """A run of a passage, as the file has it (`raw`) and as a corrector sees it (`shown`)."""

    kind: str
    raw: str
    shown: str


class View:
    """A passage in pieces. `text` is what a corrector sees: one line, with placeholders."""

    def __init__(self, pieces: Iterable[Piece]):
        self.pieces = tuple(pieces)

    @cached_property
    def text(self) -> str:
        return "".join(piece.shown for piece in self.pieces)

    @cached_property
    def protected(self) -> dict[str, str]:
        """What each placeholder stands for."""
        return {piece.shown: piece.raw for piece in self.pieces if piece.kind not in OPEN}

    @cached_property
    def kept(self) -> tuple[tuple[str, str], ...]:
        """All that must be the same after a correction, in its order. Names may be misspelt, so they are not in it."""
        return tuple(
            (piece.kind, " ".join(piece.raw.split())) for piece in self.pieces if piece.kind not in (*OPEN, NAME)
        )

    @property
    def has_words(self) -> bool:
        return any(piece.kind == WORDS and re.search(LETTER, piece.raw) for piece in self.pieces)

    def raw(self, start: int, end: int) -> tuple[int, int] | None:
        """Where a range of the text lies in the passage; None when it cuts through a placeholder."""
        first, last = self._raw(start), self._raw(end)
        return None if first is None or last is None else (first, last)

    def _raw(self, place: int) -> int | None:
        seen = raw = 0
        for piece in self.pieces:
            if place == seen:
                return raw
            if place < seen + len(piece.shown):
                return raw + place - seen if piece.kind == WORDS else None
            seen, raw = seen + len(piece.shown), raw + len(piece.raw)
        return raw if place == seen else None

    def readable(self, text: str) -> str:
        """A part of the text with what the placeholders stand for, on one line."""
        known = self.protected
        return PLACEHOLDER.sub(lambda found: " ".join(known.get(found[0], found[0]).split()), text)


def protect(text: str, names: Iterable[str] = (), kind: str = "", style: str = "") -> View:
    """Take a passage apart. `names` are words that are right as they stand.

    Lines of a `quote` begin with `>`; in a `table` line ends and the row of dashes are protected too. `style` tells how
    YAML quotes the text, if it does.
    """
    pieces: list[Piece] = []
    count = 0
    for what, raw in _runs(text, tuple(names), kind, style):
        if what in OPEN:
            pieces.append(Piece(what, raw, {BREAK: " ", QUOTE: raw[-1]}.get(what, raw)))
        else:
            count += 1
            inside = f":{raw}" if what in SHOWN and not re.search(r"[⟦⟧\r\n]", raw) else ""
            pieces.append(Piece(what, raw, f"⟦{count}{inside}⟧"))
    return View(pieces)


def _runs(text: str, names: tuple[str, ...], kind: str, style: str) -> Iterator[tuple[str, str]]:
    """The passage in runs of one kind, every letter of it once."""
    found = sorted(_protected(text, names, kind, style))
    quoted, place = kind == "quote", 0
    for start, end, what in found:
        yield from _words(text[place:start], quoted)
        yield what, text[start:end]
        place = end
    yield from _words(text[place:], quoted)


def _words(text: str, quoted: bool) -> Iterator[tuple[str, str]]:
    place = 0
    for found in re.finditer(r"(?:\r\n|\r|\n)[ \t>]*" if quoted else r"(?:\r\n|\r|\n)[ \t]*", text):
        if found.start() > place:
            yield WORDS, text[place : found.start()]
        yield BREAK, found[0]
        place = found.end()
    if place < len(text):
        yield WORDS, text[place:]


def _protected(text: str, names: tuple[str, ...], kind: str, style: str) -> list[tuple[int, int, str]]:
    """Start, end and kind of everything that is no plain word; no two of them overlap."""
    plain = re.sub(r"\r(?=\n)", " ", text).replace("\r", "\n")  # of the same length
    if kind == "quote":
        plain = re.sub(r"\n[ \t>]*", lambda found: found[0].replace(">", " "), plain)
    taken: list[tuple[int, int, str]] = []
    free = [True] * len(text)

    def take(start: int, end: int, kind: str) -> None:
        if end > start and all(free[start:end]):
            taken.append((start, end, kind))
            free[start:end] = [False] * (end - start)

    if style in ESCAPES:
        for found in ESCAPES[style].finditer(plain):
            take(*found.span(), QUOTE if found[0] in ("''", '\\"') else "sign")
    if kind == "table":
        for found in re.finditer(r"\n[ \t>]*\|?(?:[ \t]*:?-+:?[ \t]*\|?)+[ \t]*(?=\n|\Z)|\n[ \t>]*", plain):
            take(*found.span(), "row")
    for what, pattern in PATTERNS:
        for found in pattern.finditer(plain):
            if what == "role" and found[1] in PROSE_ROLES:
                take(found.start(), found.start(3), what)
                take(found.end(3), found.end(), what)
            else:
                take(*found.span(), what)
    for found in _listed(names).finditer(plain) if names else ():
        take(*found.span(), NAME)
    for start, end in _capitalised(plain):
        take(start, end, NAME)
    return taken


@lru_cache(maxsize=16)
def _listed(names: tuple[str, ...]) -> re.Pattern:
    longest_first = sorted(filter(None, names), key=lambda name: (-len(name), name))
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)")


def _capitalised(text: str) -> Iterator[tuple[int, int]]:
    """The runs of words with a capital where no sentence begins."""
    longer = re.findall(rf"{LETTER}{{4,}}", text)
    if len(longer) > 2 and sum(word[0].isupper() for word in longer) > MOSTLY * len(longer):
        return
    for found in CAPITALISED.finditer(text):
        start = found.start()
        if STARTS_SENTENCE.search(text[max(0, start - 40) : start] if start > 40 else text[:start]):
            first = re.match(r"[\w'’-]+ ?", found[0])
            start += first.end() if first else 0
        name = text[start : found.end()]
        if name and not any(NOT_NAMES.fullmatch(word) for word in name.split()):
            yield start, found.end()
