"""The texts of a diary taken apart: links, pictures, prose, tables and formulas, each with its line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from cuaderno.diary.blocks import blocks
from cuaderno.diary.posts import Post
from cuaderno.site.markdown import DIRECTIVE, OPTION, grammar

HOLE = "\ufffc"  # stands in prose for what is no prose: code, a role, a formula, a picture
WITH_WORDS = ("note", "aside", "picture")  # directives whose body is Markdown


@dataclass(frozen=True)
class Link:
    href: str
    words: str
    line: int


@dataclass(frozen=True)
class Picture:
    """`alt` is None where HTML has no such attribute."""

    src: str
    alt: str | None
    line: int
    is_html: bool = False


@dataclass
class Prose:
    """A run of words. `starts` tells where in it each line of the file begins."""

    text: str = ""
    starts: list[tuple[int, int]] = field(default_factory=list)

    def add(self, text: str, line: int) -> None:
        if not self.starts or self.starts[-1][1] != line:
            self.starts.append((len(self.text), line))
        self.text += text

    def line(self, position: int) -> int:
        return next((line for start, line in reversed(self.starts) if start <= position), 0)


@dataclass(frozen=True)
class Formula:
    text: str
    line: int
    block: bool


@dataclass
class Pieces:
    links: list[Link] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    prose: list[Prose] = field(default_factory=list)
    tables: list[list[list[Prose]]] = field(default_factory=list)  # rows of cells, the header first
    formulas: list[Formula] = field(default_factory=list)


@dataclass(frozen=True)
class Text:
    """Markdown that the site prints. `line` is the line of the file on which the body begins."""

    path: Path
    lang: str
    line: int
    body: str = field(repr=False)
    post: Post | None = None

    @cached_property
    def pieces(self) -> Pieces:
        found = Pieces()
        _walk(self.body, self.line, found)
        return found

    @cached_property
    def blocks(self) -> list[tuple[int, int, str]]:
        """First and last line of each block, as the file counts, and its text."""
        return [(self.line + one.start, self.line + one.end - 1, one.text) for one in blocks(self.body)]


@lru_cache(maxsize=1)
def _grammar() -> Any:
    return grammar()


def _walk(body: str, line: int, found: Pieces) -> None:
    rows: list[list[Prose]] | None = None
    at = line
    for token in _grammar().parse(body.replace("\0", "\ufffd"), {}):
        if token.map:
            at = line + token.map[0]
        if token.type == "table_open":
            rows = []
            found.tables.append(rows)
        elif token.type == "table_close":
            rows = None
        elif token.type == "tr_open" and rows is not None:
            rows.append([])
        elif token.type == "inline":
            prose = _inline(token, at, found)
            (found.prose if rows is None or not rows else rows[-1]).append(prose)
        elif token.type in ("fence", "colon_fence"):
            _fence(token, at, found)
        elif token.type in ("math_block", "math_block_label"):
            found.formulas.append(Formula(token.content.strip(), at, True))
        elif token.type == "html_block":
            _html(token.content, at, found)


def _inline(token: Any, line: int, found: Pieces) -> Prose:
    prose = Prose()
    opened: list[tuple[str, int, int]] = []  # the links around us: address, line, where their words begin
    for child in token.children or ():
        if child.type in ("softbreak", "hardbreak"):
            line += 1
            prose.add(" ", line)
        elif child.type == "text":
            prose.add(child.content, line)
        elif child.type == "link_open":
            opened.append((str(child.attrs.get("href", "")), line, len(prose.text)))
        elif child.type == "link_close" and opened:
            href, start_line, start = opened.pop()
            found.links.append(Link(href, prose.text[start:].strip(), start_line))
        elif child.type == "image":
            found.pictures.append(Picture(str(child.attrs.get("src", "")), _words(child), line))
            prose.add(_words(child) or HOLE, line)
        elif child.type == "html_inline":
            _html(child.content, line, found)
            line += child.content.count("\n")
        else:
            if child.type.startswith("math"):
                found.formulas.append(Formula(child.content.strip(), line, False))
            if child.type not in ("strong_open", "strong_close", "em_open", "em_close", "s_open", "s_close"):
                prose.add(HOLE, line)
            line += child.content.count("\n")
    return prose


def _words(token: Any) -> str:
    return "".join(child.content for child in token.children or ()).strip()


def _fence(token: Any, line: int, found: Pieces) -> None:
    """Look into what a directive says; code is left alone."""
    named = DIRECTIVE.match(token.info.strip())
    if not named:
        if token.type == "colon_fence":
            _walk(token.content, line + 1, found)
        return
    lines, options = token.content.splitlines(), {}
    while lines and (option := OPTION.match(lines[0].strip())):
        options[option[1]] = option[2].strip()
        del lines[0]
    if named[1] == "picture" and options.get("alt"):  # without it the diary does not build
        found.pictures.append(Picture(options.get("file", ""), options["alt"], line))
    if named[1] in WITH_WORDS:
        _walk("\n".join(lines), line + 1 + len(options), found)


class _Tags(HTMLParser):
    """The links and pictures of a piece of HTML, with the line of each within it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], int]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in ("a", "img"):
            self.found.append((tag, dict(attributes), self.getpos()[0] - 1))


def _html(content: str, line: int, found: Pieces) -> None:
    if "<a" not in content.lower() and "<img" not in content.lower():
        return
    tags = _Tags()
    tags.feed(content)
    for tag, attributes, offset in tags.found:
        if tag == "img":
            # An alt without a value is HTML's own way to say that a picture is an ornament.
            alt = (attributes["alt"] or "") if "alt" in attributes else None
            found.pictures.append(Picture(attributes.get("src") or "", alt, line + offset, True))
        elif "href" in attributes:
            found.links.append(Link(attributes["href"] or "", HOLE, line + offset))


def texts_of(edition: Any) -> Iterator[Text]:
    """Every text of the diary's own that is published: posts and the about page."""
    from cuaderno.diary import front_matter

    for post in edition.posts:
        yield Text(post.path, post.lang, post.line, post.body, post)
    for lang in edition.languages:
        if path := edition.diary.about(lang):
            text = path.read_text(encoding="utf-8-sig", errors="replace").replace("\r\n", "\n")
            start = front_matter.FENCE.match(text)
            at = start.end() if start else 0
            yield Text(path, lang, text.count("\n", 0, at) + 1, text[at:])


def spans(text: str, pattern: re.Pattern[str]) -> Iterator[tuple[int, re.Match[str]]]:
    """The matches in a text with the line of each, counted from 1."""
    line, at = 1, 0
    for found in pattern.finditer(text):
        line += text.count("\n", at, found.start())
        at = found.start()
        yield line, found
