"""BibTeX as other programs write it: accents, braces, macros, `and others`, names with a von in them."""

import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cuaderno.diary.citing.references import ARXIV, IN_ARXIV, Person, Reference, arxiv_id, doi_of
from cuaderno.lab.errors import CuadernoError

LARGEST = 20_000_000
VENUES = ("journal", "journaltitle", "booktitle", "howpublished", "publisher", "school", "institution", "organization")
FONTS = re.compile(r"\\(?:emph|text\w\w|textnormal|math\w+|operatorname|url|href|mbox|it|bf|em|sc|tt|rm|sf)\b\s*")
MATH = re.compile(r"(?<!\\)\$([^$]*)\$")
RAISED, LOWERED = (str.maketrans("0123456789+-n", signs) for signs in ("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ", "₀₁₂₃₄₅₆₇₈₉₊₋ₙ"))
LANGUAGES = {"english": "en", "american": "en", "british": "en", "spanish": "es", "spanish-es": "es"}
ENTRY = re.compile(r"@\s*(?!comment|string|preamble)\w+\s*[{(]\s*([^\s,{}()]+)\s*,", re.I)


def read_bibtex(text: str, path: Path, first_line: int = 1) -> dict[str, Reference]:
    """The works in a BibTeX text, by key. `first_line` is the line of `path` on which the text begins.

    Raises:  CuadernoError naming file and line of what cannot be read.
    """
    return {key: _reference(key, entry) for key, entry in _entries(text, path, first_line).items()}


def read_library(path: Path) -> dict[str, Reference]:
    """The works in a BibTeX file.

    Raises:  CuadernoError naming the file and what is wrong in it.
    """
    stat = path.stat() if path.is_file() else None
    return dict(_remembered(path, stat and (stat.st_size, stat.st_mtime_ns)))


@lru_cache(maxsize=4)  # a large one takes a second to read, and a diary that is served is read at every change
def _remembered(path: Path, state: object) -> dict[str, Reference]:
    return read_bibtex(file_text(path), path)


def file_text(path: Path) -> str:
    """The text of a BibTeX file, whatever it was saved as.

    Raises:  CuadernoError when it is not there or too large to be one.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise CuadernoError(f"{path} has more than {LARGEST // 10**6} MB, too much for a list of references.")
        raw = path.read_bytes()
    except OSError as error:
        raise CuadernoError(f"{path} cannot be read: {error.strerror or error}.") from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")  # what older programs on Windows wrote


def as_bibtex(text: str, path: Path) -> dict[str, str]:
    """Each work of a text as a BibTeX text of its own, macros written out."""
    return {key: _written(key, entry) for key, entry in _entries(text, path, 1).items()}


def _written(key: str, entry: Any) -> str:
    persons = {role: " and ".join(map(str, names)) for role, names in entry.persons.items()}
    fields = persons | {name: str(value) for name, value in entry.fields.items()}
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
    return f"@{entry.type}{{{key},\n{lines}}}"


def _entries(text: str, path: Path, first_line: int) -> dict[str, Any]:
    from pybtex import errors
    from pybtex.database import parse_string
    from pybtex.exceptions import PybtexError

    with errors.capture() as captured:
        try:
            found = parse_string(text.replace("\r\n", "\n"), "bibtex")
        except (PybtexError, RecursionError, ValueError, IndexError, TypeError) as error:
            captured.append(error)
    serious = [error for error in captured if "undefined string" not in str(error)]
    if serious:
        first = str(serious[0]) or "it is broken"
        line = first_line + max(0, (getattr(serious[0], "lineno", None) or _mentioned(text, first)) - 1)
        reason = re.sub(r"^syntax error in line \d+: ", "", first.splitlines()[0])
        cure = "Each work is @article{key, title = {…}, author = {… and …}, year = {…}}."
        raise CuadernoError(f"{path}:{line}: this is not BibTeX: {reason}. {cure}")
    return dict(found.entries.items())


def _mentioned(text: str, message: str) -> int:
    """The last line with an entry that a message speaks of."""
    line = 1
    for found in ENTRY.finditer(text):
        if found[1].lower() in message.lower():
            line = text.count("\n", 0, found.start()) + 1
    return line


def _reference(key: str, entry: Any) -> Reference:
    field = lambda name: plain(entry.fields.get(name, ""))  # noqa: E731
    raw = lambda name: " ".join(str(entry.fields.get(name, "")).split()).replace("\\", "")  # noqa: E731
    authors, others = people(entry.persons.get("author") or entry.persons.get("editor") or ())
    venue = next((found for name in VENUES if (found := field(name))), "")
    doi, arxiv = doi_of(raw("doi")), _arxiv(raw, venue)
    if doi.startswith(IN_ARXIV):
        arxiv = arxiv or arxiv_id(doi.removeprefix(IN_ARXIV))
    year = re.search(r"\d{4}", raw("year") or raw("date") or raw("issued"))
    title, subtitle = field("title"), field("subtitle")
    return Reference(
        key,
        f"{title}: {subtitle}" if title and subtitle else title,
        authors,
        others,
        year[0] if year else "",
        "" if re.match(r"(?i)arxiv\b|corr$|https?:|www\.", venue) else venue,
        _part(field),
        arxiv,
        doi,
        web_address(raw("url")),
        LANGUAGES.get((raw("langid") or raw("language")).lower(), ""),
    )


def web_address(text: str) -> str:
    """An address that a page may link to; empty when it is none."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in ("http", "https") and parts.netloc and not re.search(r"[\s\"<>]", text) else ""


def _arxiv(raw: Any, venue: str) -> str:
    """The arXiv id, from wherever people put it."""
    kind = (raw("archiveprefix") or raw("eprinttype")).lower()
    if raw("eprint") and kind in ("", "arxiv"):
        return arxiv_id(raw("eprint"))
    if "arxiv" in venue.lower() and (found := ARXIV.search(venue)):
        return found[1]
    return arxiv_id(raw("url"))


def _part(field: Any) -> str:
    volume, number, pages = field("volume"), field("number"), re.sub(r"(?<=\d)-+(?=\d)", "–", field("pages"))
    inside = f"{volume}({number})" if volume and number else f"vol. {volume}" if volume else number
    return ", ".join(filter(None, (inside, f"pp. {pages}" if "–" in pages else f"p. {pages}" if pages else "")))


def people(found: Any) -> tuple[tuple[Person, ...], bool]:
    """The names, and whether others are left out."""
    names = [_person(person) for person in found]
    others = bool(names) and names[-1].family == "others" and not names[-1].given
    return tuple(name for name in names if name.family and not (name.family == "others" and not name.given)), others


def read_names(names: tuple[str, ...]) -> tuple[tuple[Person, ...], bool]:
    """Names as a person types them: `Ashish Vaswani`, `Vaswani, Ashish`, `{Google DeepMind}`."""
    from pybtex.database import InvalidNameString
    from pybtex.database import Person as Name
    from pybtex.exceptions import PybtexError

    found = []
    for name in names:
        try:
            found.append(Name("{" + name[1:-1] + "}" if re.fullmatch(r"\{[^{}]*\}", name) else name))
        except (PybtexError, InvalidNameString, IndexError):
            found.append(Name("{" + re.sub(r"[{}\\]", "", name) + "}"))
    return people(found)


def _person(person: Any) -> Person:
    join = lambda *parts: plain(" ".join(word for part in parts for word in part))  # noqa: E731
    family = join(person.prelast_names, person.last_names)
    given = join(person.first_names, person.middle_names)
    return Person(family or given, given if family else "", join(person.lineage_names))


def plain(tex: str) -> str:
    """LaTeX as people read it: accents as letters, no braces, formulas as far as letters go."""
    if not re.search(r"[\\{}$~%]|--|``|''", tex):
        return " ".join(tex.split())
    from pybtex.richtext import Text

    tex = MATH.sub(lambda found: _formula(found[1]), FONTS.sub("", tex))
    tex = re.sub(r"(?<!\\)%", r"\\%", tex).replace(r"\/", "")
    try:
        text = str(Text.from_latex(tex))
    except Exception:  # it is decoded by several libraries, each with errors of its own
        text = tex
    text = re.sub(r"\\([a-zA-Z]+)\s*", r"\1 ", text)
    return " ".join(re.sub(r"[{}\\]", "", text.replace("~", " ").replace("\xa0", " ")).split())


def _formula(math: str) -> str:
    def raised(found: re.Match) -> str:
        return (found[2] or found[3]).translate(RAISED if found[1] == "^" else LOWERED)

    math = re.sub(r"([\^_])(?:\{([\d+n-]+)\}|([\dn]))", raised, math)
    return re.sub(r"\\([A-Za-z]+)\s*", _greek, math)


def _greek(found: re.Match) -> str:
    name = found[1]
    size = "CAPITAL" if name[0].isupper() else "SMALL"
    try:
        return unicodedata.lookup(f"GREEK {size} LETTER {name.upper()}")
    except KeyError:
        return {"times": "×", "sim": "∼", "to": "→", "infty": "∞", "cdot": "·", "leq": "≤", "geq": "≥"}.get(
            name, found[0]
        )
