"""Write into reading.toml: a new work at its end, what a work lacked beside it. All else in it stays as it was."""

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cuaderno.diary.citing import fetching
from cuaderno.diary.citing.bibtex import as_bibtex, file_text, read_bibtex
from cuaderno.diary.citing.reading import NAME, WORK, Reading, as_key, known_work, read_reading
from cuaderno.diary.citing.references import Person, Reference, arxiv_id, doi_of
from cuaderno.diary.settings import Settings
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.files import write_atomic

COMMENT = "# What you read or tried. Notes are Markdown, one per language; cite a work in a post with {cite}`KEY`.\n"
FETCHED = ("title", "authors", "year", "venue", "doi")  # what may come from outside
FREE = re.compile(r"(?m)^[ \t]*(?:arxiv|doi)[ \t]*=[ \t]*(?:\"[^\"\n]*\"|'[^'\n]*')[ \t]*(?:#[^\n]*)?$")


@dataclass(frozen=True)
class Added:
    """A work that was written into the list, what it lacks, and why nobody could be asked."""

    reference: Reference
    lacks: list[str]
    reason: str = ""
    local: bool = False  # its citation comes from a BibTeX file of the diary


@dataclass(frozen=True)
class Wish:
    """What to write of a work besides the work itself."""

    state: str = "to read"
    date: str = ""
    rating: int = 0
    note: tuple[tuple[str, str], ...] = ()  # language and text


def add(
    folder: Path, settings: Settings, what: str, wish: Wish, key: str = "", offline: bool = False,
    tell: Callable[[str], None] = print,
) -> list[Added]:  # fmt: skip
    """Put what an arXiv id, a DOI or a BibTeX file names on the list.

    Raises:  CuadernoError when it names nothing, when a work is on the list already, when its key is none, or when the
    file takes no more.
    """
    reading = _whole(folder, settings)
    if key:
        _check_key(key)
    arxiv, doi, path = arxiv_id(what), doi_of(what), Path(what).expanduser()
    if path.is_file():
        return _add_file(folder, settings, reading, path, wish, key)
    if not (arxiv or doi):
        raise CuadernoError(
            f"'{what}' is no arXiv id (1706.03762), no DOI (10.1038/nature14539) and no BibTeX file that is there."
        )
    _refuse_known(reading, Reference(key or "-", arxiv=arxiv, doi=doi))
    known = known_work(reading.library.values(), arxiv, doi)
    if known:
        reference, reason = replace(known, key=key or known.key), ""
        _check_key(reference.key)
        _refuse_known(reading, reference)
        fields = {"key": reference.key}
    else:
        found, reason = _asked(arxiv, doi, offline, tell)
        reference = replace(found, key=_key(reading, found, key))
        fields = {"key": reference.key} | _fields(reference)
    _append(folder, settings, [_entry(fields, wish)])
    return [Added(reference, reference.lacks, reason, known is not None)]


def complete(folder: Path, settings: Settings, keys: Iterable[str], tell: Callable[[str], None]) -> list[Added]:
    """Ask for what the works of the list lack, and write it beside them.

    Raises:  CuadernoError when a key is unknown or the network is not there.
    """
    reading = _whole(folder, settings)
    wanted = {reading.find(key).key for key in keys}
    done = []
    for entry in reading.entries:
        own = entry.reference
        if (wanted and own.key not in wanted) or not own.lacks or not (own.arxiv or own.doi):
            continue
        tell(f"asking for {own.key} …")
        found = fetching.fetch(own.arxiv, own.doi)
        new = {name: value for name, value in _fields(found).items() if name in FETCHED and not getattr(own, name)}
        _insert(folder, settings, own, new)
        done.append(Added(replace(found, key=own.key), found.lacks))
    return done


# -- what to write -----------------------------------------------------------------------------------------------------


def _whole(folder: Path, settings: Settings) -> Reading:
    reading = read_reading(folder, settings)
    if reading and reading.problems:
        raise CuadernoError("\n".join(str(problem) for problem in reading.problems))
    return reading or Reading(Path(folder) / NAME)


def _check_key(key: str, place: str = "") -> None:
    """The reader of the list has to take it, or the entry would stop every build."""
    try:
        as_key(key)
    except ValueError as error:
        raise CuadernoError(f"{place}{error} Nothing was written.") from None


def _refuse_known(reading: Reading, wanted: Reference) -> None:
    for entry in reading.entries:
        own = entry.reference
        same = own.key == wanted.key or known_work([own], wanted.arxiv, wanted.doi)
        if same:
            raise CuadernoError(
                f"'{own.key}' is on the list already: {reading.path}:{entry.line}. Change its state and notes there."
            )


def _asked(arxiv: str, doi: str, offline: bool, tell: Callable[[str], None]) -> tuple[Reference, str]:
    """What others say of the work; when nobody can be asked, its id alone and the reason."""
    bare = Reference("", arxiv=arxiv, doi=doi)
    if offline:
        return bare, "nobody was asked"
    tell(f"asking {'arXiv' if arxiv else 'doi.org'} …")
    try:
        return fetching.fetch(arxiv, doi), ""
    except fetching.Unreachable as error:
        return bare, str(error)


def _add_file(folder: Path, settings: Settings, reading: Reading, path: Path, wish: Wish, key: str) -> list[Added]:
    """Every work of a BibTeX file: by its key when the file is the diary's own, else with its BibTeX."""
    text = file_text(path)
    works = read_bibtex(text, path)
    if not works:
        raise CuadernoError(f"{path} holds no work in BibTeX. Each one begins with @article{{key, or its like.")
    if key and len(works) > 1:
        raise CuadernoError(f"{path} holds {len(works)} works, so --key cannot name them. Leave it out.")
    written = as_bibtex(text, path)
    ours = reading.library if path.resolve().parent == Path(folder).resolve() else {}
    entries, added = [], []
    for name, work in works.items():
        _check_key(key or name, f"{path}: ")
        reference = replace(work, key=key or name)
        _refuse_known(reading, reference)
        fields = {"key": reference.key} | ({} if name in ours and not key else {"bibtex": written[name]})
        entries.append(_entry(fields, wish))
        added.append(Added(reference, reference.lacks, local=True))
    _append(folder, settings, entries)
    return added


def _key(reading: Reading, work: Reference, wished: str) -> str:
    """`vaswani2017`, and `vaswani2017b` when that is taken."""
    if wished:
        return wished
    family = unicodedata.normalize("NFKD", work.authors[0].family if work.authors else "")
    name = re.sub(r"[^a-z]", "", family.encode("ascii", "ignore").decode().lower()) + work.year
    if not work.authors or not name:
        doi = re.sub(r"[^\w.:+/-]", "-", work.doi)
        return f"arxiv-{work.arxiv}" if work.arxiv else f"doi-{doi}"
    taken = {*reading.library, *(entry.key for entry in reading.entries)}
    letters = ["", *(chr(number) for number in range(ord("b"), ord("z") + 1))]
    return next((name + letter for letter in letters if name + letter not in taken), f"{name}-{work.arxiv or work.doi}")


def _fields(reference: Reference) -> dict[str, Any]:
    """What a work says of itself, as the file names it."""
    names = [_typed(person) for person in reference.authors] + ["others"] * reference.others
    values = {name: getattr(reference, name) for name in WORK} | {"authors": names}
    return {name: values[name] for name in ("arxiv", "doi", "title", "authors", "year", "venue", "url") if values[name]}


def _typed(person: Person) -> str:
    """A name that is read as it was: `Vaswani, Ashish`; an organisation in braces."""
    if not person.given:
        return f"{{{person.family}}}" if " " in person.family else person.family
    return ", ".join(filter(None, (person.family, person.suffix, person.given)))


def _entry(fields: dict[str, Any], wish: Wish) -> str:
    lines = ["[[entry]]", *(f"{name} = {_value(name, value)}" for name, value in fields.items())]
    lines.append(f'state = "{wish.state}"')
    if wish.date:
        whole = re.fullmatch(r"\d{4}-\d\d-\d\d", wish.date)
        lines.append(f"date = {wish.date if whole else quoted(wish.date)}")
    lines += [f"rating = {wish.rating}"] if wish.rating else []
    if wish.note:
        lines.append(f"note = {{ {', '.join(f'{lang} = {quoted(text)}' for lang, text in wish.note)} }}")
    return "\n".join(lines) + "\n"


def _value(name: str, value: Any) -> str:
    if name == "year":
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(map(quoted, value))}]"
    if name == "bibtex" and "'''" not in value and not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", value):
        return f"'''\n{value}\n'''"
    return quoted(value)


def quoted(text: str) -> str:
    """A text as TOML writes it."""

    def escape(found: re.Match) -> str:
        return "\\" + found[0] if found[0] in '"\\' else f"\\u{ord(found[0]):04X}"

    return '"' + re.sub(r'["\\\x00-\x1f\x7f]', escape, text) + '"'


# -- into the file -----------------------------------------------------------------------------------------------------


def _append(folder: Path, settings: Settings, entries: list[str]) -> None:
    old = _text(Path(folder) / NAME)
    gap = "" if not old or old.endswith("\n\n") else "\n" if old.endswith("\n") else "\n\n"
    _save(folder, settings, old, (old or COMMENT + "\n") + gap + "\n".join(entries), len(entries))


def _insert(folder: Path, settings: Settings, own: Reference, new: dict[str, Any]) -> None:
    """Write fields below the line that names a work by its id."""
    old = _text(Path(folder) / NAME)
    lines = "".join(f"\n{name} = {_value(name, value)}" for name, value in new.items())
    for found in FREE.finditer(old):
        said = found[0].partition("=")[2]
        if (own.arxiv and arxiv_id(re.sub(r"[\"']|#.*", "", said)) == own.arxiv) or (
            own.doi and doi_of(re.sub(r"[\"']|#.*", "", said)) == own.doi
        ):
            return _save(folder, settings, old, old[: found.end()] + lines + old[found.end() :], 0)
    raise CuadernoError(
        f"{Path(folder) / NAME}: the entry '{own.key}' is not written in lines of its own, so nothing was changed. "
        f"Write there:{lines}"
    )


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n") if path.is_file() else ""


def _save(folder: Path, settings: Settings, old: str, new: str, more: int) -> None:
    """Write the file when it says what it said before, and `more` entries besides."""
    path = Path(folder) / NAME
    before, after = tomllib.loads(old), _loaded(new)
    entries, kept = after.get("entry", []), before.get("entry", [])
    same = all(old_one.items() <= new_one.items() for old_one, new_one in zip(kept, entries, strict=False))
    if not same or len(entries) != len(kept) + more or {**after, "entry": 0} != {**before, "entry": 0}:
        raise CuadernoError(
            f"{path} is written in a way that cannot be added to, and nothing was changed. Write each entry under a "
            f"line [[entry]] of its own. This is the new one:\n{new[len(old) :].strip()}"
        )
    raw = path.read_bytes() if path.is_file() else b""
    mark = "\ufeff" if raw.startswith(b"\xef\xbb\xbf") else ""
    write_atomic(path, mark + (new.replace("\n", "\r\n") if b"\r\n" in raw else new))


def _loaded(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}
