"""Posts on disk: `posts/SLUG/en.md` and `es.md`, or a single `posts/SLUG.md`."""

import hashlib
import os
import re
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from cuaderno.diary import front_matter
from cuaderno.diary.front_matter import FrontMatterError
from cuaderno.diary.settings import LANGUAGES, Settings
from cuaderno.lab.errors import CuadernoError, nearest

SHARED = ("date", "tags", "runs", "done", "draft")  # a translation inherits these
WORDS_A_MINUTE = 220
FIRST_WRITTEN = re.compile(r"original\.[a-z]{2}\.md")  # what a post said before it was corrected
SHOWING = "metrics|curve|run|widget|picture|samples"
RUN = re.compile(r"\{num\}`+\s*([\w-]+)|^[ \t>]*[`:]{3,}\{(" + SHOWING + r")\}[ \t]*([\w-]+)", re.M)
IMAGE = re.compile(r"!\[[^\]]*\]\(\s*<?([^)\s>]+)")
LINK = re.compile(r"\]\(\s*<?([^)\s>#]+\.md)")
ROLE = re.compile(r"\{(?:num|cite)\}(`+)[^`]*\1")
CITED = re.compile(r"[ \t]*\{cite\}(`+)(?:[^`|]|\|(?!\s*text))*\1")  # with |text it belongs to the sentence
QUIET = re.compile(r"```.*?(?:```|\Z)|:::.*?(?:^:::|\Z)|\{aside\}`[^`]*`|\[\^[^\]]*\]", re.S | re.M)
HEADING = re.compile(r"^[ \t]*#{1,6}(?:[ \t].*)?$|^[^\n]+\n(?:=+|-{2,})[ \t]*$", re.M)
TASK = re.compile(r"^[ \t>]*(?:[-*+]|\d+[.)])[ \t]+\[[ xX]\][ \t]+", re.M)
NAMED = re.compile(r"[ \t]*(?<!`)\{objective\}(`+)[^`]*\1")  # shown as a mark, and no words
MARKS = re.compile(r"<[^>]*>|!\[[^\]]*\]\([^)]*\)|\]\([^)]*\)|^\s*(?:[-*+>#]|\d+\.)+\s|[\[\]`*_~#]|\{\w+\}", re.M)


@dataclass(frozen=True)
class Post:
    """One post in one language. `line` is the line of the file on which the body begins, `digest` that of its text."""

    slug: str
    lang: str
    path: Path
    text: str = field(repr=False)
    digest: str
    start: int
    title: str
    description: str
    date: datetime
    tags: tuple[str, ...]
    runs: dict[str, str]
    published: bool
    minutes: int
    cites: tuple[str, ...]  # every run reference in the text
    widget: str | None  # the first one shown live
    images: tuple[str, ...]
    links: tuple[str, ...]  # to other Markdown files
    beside: tuple[str, ...]  # the other files of its own folder
    home: Path  # the folder for what belongs to it; that of `posts/SLUG.md` is `posts/SLUG`
    is_described: bool = True  # by its author; else `description` is how it begins
    born: str | None = None  # the language it was written in first, where the front matter says so

    @property
    def body(self) -> str:
        return self.text[self.start :]

    @property
    def line(self) -> int:
        return self.text.count("\n", 0, self.start) + 1


@dataclass(frozen=True)
class Source:
    """A Markdown file that is a post: `lang` is None when only its front matter can say it."""

    slug: str
    lang: str | None
    path: Path
    beside: tuple[str, ...] = ()  # the other files of its own folder, relative to it
    is_single: bool = False  # `posts/SLUG.md`, without a folder of its own

    @property
    def home(self) -> Path:
        return self.path.with_suffix("") if self.is_single else self.path.parent


def sources(folder: Path) -> Iterator[Source]:
    """Every post file under `posts/`, in a fixed order.

    Raises:  CuadernoError when a folder holds Markdown but no language.
    """
    if not folder.is_dir():
        return
    for entry in _visible(folder):
        if entry.name.endswith(".md") and entry.is_file():
            yield Source(_slug(entry.name[:-3]), None, Path(entry.path), is_single=True)
        elif entry.is_dir():
            texts, beside = _contents(entry)
            own = [name for name in texts if re.fullmatch(r"([a-z]{2}|index)\.md", name)]
            if not own and any(not FIRST_WRITTEN.fullmatch(name) for name in texts):
                cure = f"Name the post by its language: {entry.path}/en.md"
                raise CuadernoError(f"{entry.path} has no en.md and no es.md. {cure}")
            for name in own:
                lang = None if name == "index.md" else name[:2]
                yield Source(_slug(entry.name), lang, Path(entry.path, name), beside)


def _visible(folder: Path | os.DirEntry[str]) -> list[os.DirEntry[str]]:
    with os.scandir(os.fspath(folder)) as entries:
        return sorted((entry for entry in entries if entry.name[0] not in "._"), key=lambda entry: entry.name)


def _contents(folder: os.DirEntry[str], prefix: str = "") -> tuple[list[str], tuple[str, ...]]:
    """The Markdown files of a folder, and everything else below it."""
    texts: list[str] = []
    beside: list[str] = []
    for entry in _visible(folder):
        if entry.is_dir():
            beside += _contents(entry, f"{prefix}{entry.name}/")[1]
        elif entry.name.endswith(".md") and entry.is_file():
            texts.append(prefix + entry.name)
        else:
            beside.append(prefix + entry.name)
    return texts, tuple(beside)


def read_posts(
    folder: Path, settings: Settings, memory: MutableMapping[str, Any], problems: list[CuadernoError]
) -> list[Post]:
    """All posts, newest first. `memory` keeps what a text says by its digest; what is wrong goes to `problems`."""
    found: dict[tuple[str, str], tuple[Source, str, str, dict]] = {}
    try:
        everything = list(sources(folder))
    except CuadernoError as error:
        problems.append(error)
        return []
    for source in everything:
        try:
            text, digest, fields = _remembered(source, memory)
            lang = _language(source, fields, settings)
            _check_born(source, fields, settings)
            if (slug := source.slug, lang) in found:
                other = found[slug, lang][0].path
                raise CuadernoError(f"{source.path}:1: this is '{slug}' in '{lang}' again: {other} is too. Rename one.")
            found[slug, lang] = source, text, digest, fields
        except CuadernoError as error:
            problems.append(error)
    born = {slug: fields["born"] for (slug, _), (*_, fields) in found.items() if "born" in fields}
    posts = []
    for (slug, lang), (source, text, digest, fields) in found.items():
        first = (slug, born[slug]) if (slug, born.get(slug)) in found else (slug, settings.default)
        original = found.get(first, (source, text, digest, fields))[3]
        inherited = {name: original[name] for name in SHARED if name in original}
        try:
            posts.append(_post(source, lang, text, digest, inherited | fields))
        except CuadernoError as error:
            problems.append(error)
    return sorted(posts, key=lambda post: (post.date, post.slug), reverse=True)


def _slug(name: str) -> str:
    return re.sub(r"[^\w.-]+", "-", name).strip("-.") or "post"


def bytes_digest(raw: bytes) -> str:
    return hashlib.blake2b(raw, digest_size=10).hexdigest()


def _remembered(source: Source, memory: MutableMapping[str, Any]) -> tuple[str, str, dict]:
    raw = source.path.read_bytes()
    digest = bytes_digest(raw)
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise FrontMatterError(source.path, line, "this is not UTF-8 text. Save the file as UTF-8.") from None
    if digest not in memory:
        memory[digest] = front_matter.read(text, source.path)
        memory[digest] |= _facts(text[memory[digest]["start"] :])
    return text, digest, memory[digest]


def _facts(body: str) -> dict[str, Any]:
    cites = [(one or two, kind) for one, kind, two in RUN.findall(body)]
    return {
        "summary": summary(body),
        "minutes": max(1, round(len(body.split()) / WORDS_A_MINUTE)),
        "cites": list(dict.fromkeys(name for name, _ in cites)),
        "widget": next((name for name, kind in cites if kind == "widget"), None),
        "images": list(dict.fromkeys(IMAGE.findall(body))),
        "links": list(dict.fromkeys(LINK.findall(body))),
    }


def summary(text: str) -> str:
    """The beginning of a text without its marks, about a line and a half."""
    text = NAMED.sub("", QUIET.sub("", text))
    plain = " ".join(MARKS.sub("", ROLE.sub("…", CITED.sub("", TASK.sub(" ", HEADING.sub("", text))))).split())
    return plain if len(plain) < 160 else plain[:157].rsplit(" ", 1)[0] + "…"


def _language(source: Source, fields: dict, settings: Settings) -> str:
    lang = source.lang or fields.get("lang", settings.default)
    if lang not in settings.languages:
        spoken = lang in LANGUAGES
        cure = " Add it to `languages` in cuaderno.toml." if spoken else nearest(lang, settings.languages)
        raise FrontMatterError(source.path, 1, f"'{lang}' is not a language of this diary.{cure}")
    return lang


def _check_born(source: Source, fields: dict, settings: Settings) -> None:
    if fields.get("born", settings.default) not in settings.languages:
        cure = nearest(fields["born"], settings.languages)
        raise FrontMatterError(source.path, 1, f"born: '{fields['born']}' is not a language of this diary.{cure}")


def _post(source: Source, lang: str, text: str, digest: str, fields: dict) -> Post:
    for name in ("title", "date"):
        if name not in fields:
            raise FrontMatterError(source.path, 1, f"the post has no {name}. {front_matter.EXAMPLE}")
    return Post(
        source.slug, lang, source.path, text, digest,
        start=fields["start"],
        title=fields["title"],
        description=fields.get("description") or fields["summary"],
        date=datetime.fromisoformat(fields["date"]),
        tags=tuple(fields.get("tags", ())),
        runs=fields.get("runs", {}),
        published=fields.get("done", True) and not fields.get("draft", False),
        minutes=fields["minutes"],
        cites=tuple(fields["cites"]),
        widget=fields["widget"],
        images=tuple(fields["images"]),
        links=tuple(fields["links"]),
        beside=source.beside,
        home=source.home,
        is_described=bool(fields.get("description")),
        born=fields.get("born"),
    )  # fmt: skip
