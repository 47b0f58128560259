"""A TOML file of the diary, read with the line of everything that is wrong in it."""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cuaderno.diary.dates import When, parse_when
from cuaderno.diary.settings import Words
from cuaderno.lab.errors import CuadernoError, nearest

Names = dict[str, tuple[str, ...]]  # by language
QUOTED = r"\s*=\s*(\"\"\"|'''|\"|')(.*)"


@dataclass(frozen=True)
class Prose:
    """A Markdown text in the languages it was written in so far, and the line on which each begins."""

    texts: Words
    lines: dict[str, int]

    def for_reader(self, lang: str) -> str:
        """The language in which a reader of `lang` gets it: theirs when there is one."""
        return lang if lang in self.texts else next(iter(self.texts))


class Sheet:
    """One reading of a file: every fault is noted with its line, and the rest is read all the same.

    `problems` stop a build; `lacks` are told: what has not been translated yet.
    """

    def __init__(self, path: Path, languages: tuple[str, ...]):
        self.path, self.languages = path, languages
        self.lines: tuple[str, ...] = ()
        self.problems: list[CuadernoError] = []
        self.lacks: list[str] = []

    def read(self) -> dict[str, Any]:
        """What the file says; nothing, and a problem, when it is no TOML."""
        try:
            text = self.path.read_bytes().decode("utf-8-sig")
            found = tomllib.loads(text.replace("\r\n", "\n"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError, OSError) as error:
            said = "it is nested too deeply" if isinstance(error, RecursionError) else error
            cure = "Mend that line; texts need quotes."
            self.problems.append(CuadernoError(f"{self.path} cannot be read: {said}. {cure}"))
            return {}
        self.lines = tuple(text.splitlines())
        return found

    # -- what is wrong, and where --------------------------------------------------------------------------------------

    def note(self, line: int, message: object) -> None:
        self.problems.append(CuadernoError(f"{self.path}:{line}: {message}"))

    def checked(self, found: dict, line: int, known: tuple[str, ...], what: str) -> dict:
        """The same table, after a word about every name that nobody knows."""
        for name in found:
            if name not in known:
                self.note(self.line(line, name), f"{what} has no '{name}'.{nearest(name, known)}")
        return found

    def demand(self, found: dict, line: int, names: tuple[str, ...], what: str, example: str) -> None:
        if missing := [name for name in names if name not in found]:
            self.note(line, f"{what} needs {', '.join(missing)}. {example}")

    def tried(self, found: dict, line: int, name: str, read: Callable[[object], Any]) -> Any:
        """What `read` makes of a value; None when there is none, or when it was wrong and is noted."""
        if name not in found:
            return None
        try:
            return read(found[name])
        except (CuadernoError, ValueError, OverflowError, OSError) as error:
            self.note(self.line(line, name), f"{name}: {error}")
            return None

    def line(self, start: int, name: str) -> int:
        """The line of a name within the entry that begins on line `start`; the entry's own when nothing is found."""
        for number, line in enumerate(self.lines[start - 1 :], start):
            if re.match(rf"\s*(\[\[?[\s\w.-]*?\b)?['\"]?{re.escape(name)}['\"]?\s*[=.\]]", line):
                return number
            if number > start and re.match(r"\s*\[\[[^.]*\]\]", line):
                break
        return start

    # -- several of a kind ---------------------------------------------------------------------------------------------

    def tables(self, found: dict, name: str, start: int = 1, under: str = "") -> list[tuple[dict, int]]:
        """The tables under `[[name]]`, each with its line; `under` is the name of what they belong to."""
        entries, header = found.get(name, []), f"{under}.{name}" if under else name
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            self.note(self.line(start, name), f"write each {name} under a line of its own: [[{header}]].")
            return []
        lines = self._headers(header, start, under)
        inline = self.line(start, name)
        return [(entry, lines[number] if number < len(lines) else inline) for number, entry in enumerate(entries)]

    def _headers(self, header: str, start: int, under: str) -> list[int]:
        """The lines of the headers from `start` on; of what belongs to an entry, those before the next one."""
        found = []
        for number, line in enumerate(self.lines[start - 1 :], start):
            table = re.match(r"\s*\[\[\s*([\w.-]+)\s*\]\]", line)
            if table and table[1] == header:
                found.append(number)
            elif table and table[1] == under and number > start:
                break
        return found

    # -- texts ---------------------------------------------------------------------------------------------------------

    def words(self, value: object) -> Words:
        """One short text per language of the diary; a plain text is enough where there is one language."""
        texts = self._texts(value)
        for lang in self.languages:
            if not texts.get(lang, "").strip():
                raise ValueError(f"it says nothing in '{lang}'. Write it in each language: {{ {self._example()} }}.")
        return {lang: " ".join(texts[lang].split()) for lang in self.languages}

    def prose(self, found: dict, line: int, name: str) -> Prose | None:
        """A longer text, which may wait for its translation; what is still missing is told."""
        texts = self.tried(found, line, name, self._texts)
        written = {lang: texts[lang] for lang in self.languages if texts.get(lang, "").strip()} if texts else {}
        if not written:
            return None
        at = self.line(line, name)
        for lang in self.languages:
            if lang not in written:
                reads = f"who reads '{lang}' gets it in '{next(iter(written))}'"
                self.lacks.append(f"{self.path}:{at}: {name} says nothing in '{lang}' yet; {reads}.")
        return Prose(written, {lang: self._begins(at, lang, name) for lang in written})

    def names(self, found: dict, line: int, name: str) -> Names:
        """Lists of short names such as tags: one list for all languages, or one for each."""
        return self.tried(found, line, name, self._names) or dict.fromkeys(self.languages, ())

    def _names(self, value: object) -> Names:
        if not isinstance(value, dict):
            return dict.fromkeys(self.languages, as_names(value))
        self._check_languages(value)
        for lang in self.languages:
            if lang not in value:
                example = ", ".join(f'{code} = ["…"]' for code in self.languages)
                raise ValueError(f"it has no list in '{lang}'. Write one in each language: {{ {example} }}.")
        return {lang: as_names(value[lang]) for lang in self.languages}

    def _texts(self, value: object) -> Words:
        if isinstance(value, str) and len(self.languages) == 1:
            return {self.languages[0]: value}
        if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
            raise ValueError(f"write it in each language of the diary: {{ {self._example()} }}.")
        self._check_languages(value)
        return value

    def _check_languages(self, value: dict) -> None:
        for lang in value:
            if lang not in self.languages:
                raise ValueError(f"'{lang}' is not a language of this diary.{nearest(lang, self.languages)}")

    def _example(self) -> str:
        return ", ".join(f'{lang} = "…"' for lang in self.languages)

    def _begins(self, at: int, lang: str, name: str) -> int:
        """Where a text begins: after its language, or after its name where there is one language only."""
        return self._opened(at, lang) or self._opened(at, name) or at

    def begins(self, start: int, name: str) -> int:
        """The line of the first character of a text that an entry has."""
        at = self.line(start, name)
        return self._opened(at, name) or at

    def _opened(self, start: int, name: str) -> int:
        """The line below the quotes of `name = \"\"\"` when they end theirs; 0 when nothing is found."""
        for number, line in enumerate(self.lines[start - 1 :], start):
            if found := re.search(rf"(?<![\w-]){re.escape(name)}{QUOTED}", line):
                return number + (len(found[1]) == 3 and not found[2].strip())
            if number > start and re.match(r"\s*\[", line):
                break
        return 0


def as_text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("this must be a text in quotes.")
    return " ".join(value.split())


def as_names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) and name.strip() for name in value):
        raise ValueError('this must be a list of texts in brackets, as in ["mazes", "web"].')
    return tuple(dict.fromkeys(" ".join(name.split()) for name in value))


def as_when(value: object) -> When:
    try:
        return parse_when(value)
    except (ValueError, OverflowError):
        raise ValueError(f"'{value}' is not a date. Write 2026-11-21, or less: \"2026-11\" or 2026.") from None


def as_address(value: object) -> str:
    """A web address, an e-mail address, or a path on the site itself."""
    text = as_text(value)
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    whole = parts.scheme in ("http", "https") and parts.netloc
    ours = not parts.scheme and not parts.netloc and text.startswith("/")
    if re.search(r"[\s\\]", text) or not (whole or ours or (parts.scheme == "mailto" and parts.path)):
        raise ValueError(f"'{text}' is not a web address. Write it whole: https://example.org/page")
    return text
