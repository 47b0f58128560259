"""cuaderno.toml: what the diary is called, who writes it, in which languages and where it is published."""

import re
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cuaderno.diary.comments import Comments, read_comments
from cuaderno.lab.errors import CuadernoError, nearest

NAME = "cuaderno.toml"
LANGUAGES = ("en", "es")
Words = dict[str, str]  # one text per language


@dataclass(frozen=True)
class Publishing:
    """The table [publish]: where `cuaderno publish` brings the site when nobody names a target."""

    to: str = ""
    remote: str = ""
    branch: str = "gh-pages"


@dataclass(frozen=True)
class Settings:
    """The diary's cuaderno.toml, checked. Texts are one per language; a plain string stands for all of them."""

    title: Words
    headline: Words
    description: Words
    author: str = ""
    url: str = "http://localhost:8000/"
    languages: tuple[str, ...] = LANGUAGES
    default: str = "en"
    repository: str = ""
    nav: tuple[dict, ...] = ()
    comments: Comments | None = None  # None: off, without a trace
    publish: Publishing = field(default=Publishing(), repr=False)  # not in repr: no page depends on it
    accept: tuple[str, ...] = field(default=(), repr=False)  # what `cuaderno check` shall not report

    @property
    def base(self) -> str:
        """The path of the address, `/` or `/repo/`: where the site lives on its host."""
        return urlsplit(self.url).path

    @property
    def origin(self) -> str:
        """The address without its path."""
        return self.url[: len(self.url) - len(self.base)]


def read_settings(folder: Path) -> Settings:
    """The settings of the diary in a folder.

    Raises:  CuadernoError when the folder is no diary, or naming file and line of what is wrong.
    """
    path = Path(folder) / NAME
    if not path.is_file():
        raise CuadernoError(f"{folder} is not a diary: it has no {NAME}. Make one with: cuaderno new {folder}")
    try:
        text = path.read_text(encoding="utf-8")
        found = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CuadernoError(f"{path} cannot be read: {error}. Mend that line; strings need quotes.") from error
    try:
        return _settings(found)
    except CuadernoError as error:
        raise CuadernoError(f"{path}:{_line(text, error.args[1:])}: {error.args[0]}") from None


def _settings(found: dict) -> Settings:
    known = [one.name for one in fields(Settings) if one.name != "accept"] + ["check"]
    for name in found:
        if name not in known:
            raise CuadernoError(f"there is no setting '{name}'.{nearest(name, known)}", name)
    values: dict[str, Any] = {
        name: _text(found, name) for name in ("author", "url", "default", "repository") if name in found
    }
    languages = tuple(_list(found, "languages", LANGUAGES))
    values["languages"] = languages
    values.setdefault("default", languages[0] if languages else "en")
    _check_languages(languages, values["default"])
    values["title"] = _words(found, "title", languages, "Cuaderno")
    values["headline"] = _words(found, "headline", languages, values["title"])
    values["description"] = _words(found, "description", languages, values["title"])
    values["nav"] = tuple(_link(entry, languages) for entry in _list(found, "nav", ()))
    if "url" in values:
        values["url"] = _url(values["url"])
    if "comments" in found:
        values["comments"] = read_comments(found["comments"])
    values["publish"] = _publishing(_table(found, "publish", [one.name for one in fields(Publishing)]))
    accept = _list(_table(found, "check", ["accept"]), "accept", ())
    if not all(isinstance(entry, str) for entry in accept):
        raise CuadernoError('accept is a list of texts, as in accept = ["no-alt posts/hello.md"].', "accept")
    values["accept"] = tuple(accept)
    return Settings(**values)


def _table(found: dict, name: str, known: list[str]) -> dict:
    table = found.get(name, {})
    if not isinstance(table, dict):
        raise CuadernoError(f"{name} is a table: write [{name}] on a line of its own.", name)
    for key in table:
        if key not in known:
            raise CuadernoError(f"[{name}] has no setting '{key}'.{nearest(key, known)}", key)
    return table


def _publishing(table: dict) -> Publishing:
    values = {name: _text(table, name).strip() for name in table}
    if not values.get("branch", "gh-pages"):
        raise CuadernoError('branch is empty. Write branch = "gh-pages", or leave it out.', "branch")
    if "branch" in values and not _is_branch(values["branch"]):
        raise CuadernoError(
            f"branch = {values['branch']!r} cannot be the name of a branch. Take letters, digits and hyphens, as in "
            'branch = "gh-pages".',
            "branch",
        )
    if values.get("remote", "").startswith("-"):
        raise CuadernoError(
            f"remote = {values['remote']!r} is an option and no remote. Write a remote's name or address, as in "
            'remote = "origin".',
            "remote",
        )
    return Publishing(**values)


def _is_branch(name: str) -> bool:
    """Whether git takes it for a branch, by the rules of git-check-ref-format, and for no option."""
    if name == "HEAD" or name.startswith("-") or name.endswith((".", "/")) or not name.isprintable():
        return False
    if re.search(r"[\s~^:?*\[\\\x00-\x1f\x7f]|\.\.|@\{", name):
        return False
    return all(part and not part.startswith(".") and not part.endswith(".lock") for part in name.split("/"))


def _check_languages(languages: tuple, default: str) -> None:
    for lang in languages:
        if not isinstance(lang, str) or lang not in LANGUAGES:
            raise CuadernoError(f"'{lang}' is not a language the site speaks. Use any of: en, es.", "languages")
    if default not in languages:
        raise CuadernoError(f"default = '{default}' is not among the languages: {', '.join(languages)}.", "default")


def _text(found: dict, name: str) -> str:
    if not isinstance(found[name], str):
        raise CuadernoError(f'{name} must be a text in quotes, as in {name} = "…".', name)
    return found[name]


def _list(found: dict, name: str, otherwise: tuple) -> list | tuple:
    value = found.get(name, otherwise)
    if not isinstance(value, list | tuple):
        raise CuadernoError(f'{name} must be a list in brackets, as in {name} = ["…"].', name)
    return value


def _words(found: dict, name: str, languages: tuple[str, ...], otherwise: str | Words) -> Words:
    value = found.get(name, otherwise)
    if isinstance(value, str):
        return dict.fromkeys(languages, value)
    if not isinstance(value, dict) or not value or not all(isinstance(text, str) for text in value.values()):
        raise CuadernoError(f'{name} must be a text, or one per language: {name} = {{ en = "…", es = "…" }}.', name)
    return {lang: value.get(lang, next(iter(value.values()))) for lang in languages}


def _link(entry: object, languages: tuple[str, ...]) -> dict:
    if not isinstance(entry, dict) or "title" not in entry or "url" not in entry:
        raise CuadernoError('each [[nav]] needs a title and a url, as in title = "Code", url = "https://…".', "nav")
    return {"title": _words(entry, "title", languages, ""), "url": _text(entry, "url")}


def _url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise CuadernoError(f"url = '{url}' is not a web address. Write it whole: https://user.github.io/repo/", "url")
    return url.split("?")[0].split("#")[0].rstrip("/") + "/"


def _line(text: str, names: tuple[str, ...]) -> int:
    """The line on which a setting stands; of a table and a key, the key's line or else the table's."""
    found = 0
    for name in names:
        lines = text.splitlines()[found:]
        at = next((number for number, line in enumerate(lines, 1) if _begins(line, name)), None)
        if at is None:
            break
        found += at
    return found or 1


def _begins(line: str, name: str) -> bool:
    line = line.strip().lstrip("[ ")
    return line.startswith(name) and not re.match(r"[\w-]", line[len(name) : len(name) + 1])
