"""Where pictures and links of a text lead: copied beside the post, turned to other posts, or told."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from cuaderno.diary.importing.dialects import Text, picture, short
from cuaderno.diary.importing.prose import as_code, outside_code

PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".svg")
FILES = (".pdf", ".csv", ".zip", ".mp4", ".webm", ".mp3", ".bib")  # other things that may come along
LARGEST = 50_000_000
TEXTS = (".md", ".mdx", ".markdown", ".ipynb")
PUBLIC = ("static", "public", "assets", "src", "content", "")
TARGET = re.compile(r"\]\(\s*(<[^<>\n]*>|(?:[^\s()<>\\]|\\.|\([^\s()]*\))*)(?=[\s)])")
DEFINED = re.compile(r"^( {0,3}\[(?!\^)[^\]\n]+\]:[ \t]*)(<[^<>\n]*>|\S+)", re.M)
IN_HTML = re.compile(r"(<(?:img|source|video|audio|a)\b[^<>]*?\s(?:src|href)=)([\"'])(.*?)\2", re.S | re.I)
REST = re.compile(r"(?:[ \t]*\n?[ \t]+(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?[ \t]*\n?[ \t]*\)")
NOTHING = "data:,"  # an address of no picture, which a page can be printed with


@dataclass
class Places:
    """One text: where it lay, what it may reach, and what has to come along with it."""

    source: Path
    root: Path  # nothing outside of it is read
    posts: Callable[[Path | str], str | None]  # the new address of a post, by its file or by its name
    known: frozenset[str] = frozenset()  # what lies beside the post already
    copies: dict[str, Path] = field(default_factory=dict)  # what has to, by the name it gets there
    lost: list[str] = field(default_factory=list)
    drafts: Callable[[Path | str], str | None] = lambda wanted: None  # the same for posts that are not out yet

    def change(self, text: Text) -> None:
        """Every picture and link of a body."""
        text.body = outside_code(text.body, lambda part: DEFINED.sub(self._defined, part))
        text.body = outside_code(text.body, self._without_drafts)
        text.body = outside_code(text.body, self._targets)
        text.body = outside_code(text.body, lambda part: IN_HTML.sub(self._html, part))

    # -- one address ---------------------------------------------------------------------------------------------------

    def picture(self, src: str) -> str | None:
        """The picture's address beside the post; None when there is no such picture."""
        if src in self.known or (_is_far(src) and not src.startswith("attachment:")):
            return src
        path = self._file(src) if not src.startswith("attachment:") else None
        if path is None:
            return None
        if (fault := unreadable(path)) is not None:
            self.lost.append(f"the picture {short(src)} {fault}")
            return None
        return self._beside(src, path)

    def link(self, href: str) -> str | None:
        """Where a link leads now; one that leads nowhere any more is told and stays. None when it may not stay."""
        if _is_far(href) or not _path(href):
            return href
        if post := self._post(href, self.posts):
            return post
        path = self._file(href)
        if path and path.suffix.lower() in (*PICTURES, *FILES) and path.stat().st_size <= LARGEST:
            return self._beside(href, path)
        if _path(href).endswith(".md") and not href.startswith("/"):
            return None
        self.lost.append(f"the link {short(href)} leads to nothing here")
        return href

    def _post(self, href: str, posts: Callable[[Path | str], str | None]) -> str | None:
        """The address of the post that a link means."""
        fragment = f"#{urlsplit(href).fragment}" if urlsplit(href).fragment else ""
        for name in self._candidates(href):
            for file in (name, *(name.with_name(name.name + ending) for ending in TEXTS), *self._index(name)):
                if post := posts(file):
                    return post + fragment
        post = posts(_last(href))
        return post + fragment if post else None

    def _draft(self, href: str) -> str | None:
        """The address of the draft that a link means, when it means nothing that is out and no file."""
        if _is_far(href) or not _path(href) or self._post(href, self.posts):
            return None
        draft = self._post(href, self.drafts)
        return (
            draft if draft and not any(_is_file(path) for path in self._candidates(href) if _is_other(path)) else None
        )

    def _wait(self, link: str, draft: str, new: str) -> None:
        slug = draft.split("/")[1]
        self.lost.append(
            f"{short(link)} leads to the draft {slug} and is no link for now; "
            f"it becomes a link when you publish {slug}: change it to {new}"
        )

    def _index(self, name: Path) -> Iterator[Path]:
        yield from (name / f"index{ending}" for ending in TEXTS)

    def _candidates(self, address: str) -> Iterator[Path]:
        """The files that an address may mean, in the order in which these programs look."""
        path = _path(address)
        if path[:2] in ("@/", "~/"):
            yield self.root / "src" / path[2:]
        elif path.startswith("/"):
            yield from (self.root / folder / path.lstrip("/") for folder in PUBLIC)
        else:
            yield self.source.parent / path
            yield from (self.root / folder / path for folder in PUBLIC[:3])

    def _file(self, address: str) -> Path | None:
        """The file behind an address, when it lies below the root."""
        for path in self._candidates(address):
            try:
                if not path.is_file():
                    continue
                if path.resolve().is_relative_to(self.root.resolve()):
                    return path
            except (OSError, ValueError):  # a name that no disk takes
                continue
            self.lost.append(f"{short(address)} lies outside of {self.root} and was left alone")
            return None
        return None

    def _beside(self, src: str, path: Path) -> str:
        """A name beside the post: as it stands in the text where that is possible, so that the text stays as it is."""
        wanted = _path(src)
        clean = not wanted.startswith(("/", "@", "~")) and all(
            part and part[0] not in "._" for part in wanted.split("/")
        )
        name = wanted if clean else re.sub(r"[^\w.-]+", "-", path.name).strip(".-_") or "picture"
        stem, ending = name.rsplit(".", 1) if "." in name else (name, "")
        count = 1
        while name in self.known or self.copies.get(name, path) != path:
            count += 1
            name = f"{stem}-{count}.{ending}"
        self.copies[name] = path
        return src if name == wanted and "\\" not in src and "?" not in src else quote(name)

    # -- in a text -----------------------------------------------------------------------------------------------------

    def _without_drafts(self, part: str) -> str:
        """Links to drafts, which no page may have: their words stay, and the report says what to write later."""
        gone: list[tuple[int, int]] = []
        for found in TARGET.finditer(part):
            opened, end = _opening(part, found.start()), REST.match(part, found.end(1))
            if opened is None or end is None or part[opened - 1 : opened] == "!":
                continue
            if draft := self._draft(_address(found[1])):
                words = part[opened : found.start()]
                self._wait(part[opened : end.end()], draft, f"{short(words)}]({draft})")
                gone += [(opened, opened + 1), (found.start(), end.end())]
        for start, stop in sorted(gone, reverse=True):
            part = part[:start] + part[stop:]
        return part

    def _targets(self, part: str) -> str:
        """`[text](address)` and `![text](address)`, one inside the other too."""
        pieces, at = [], 0
        for found in TARGET.finditer(part):
            opened = _opening(part, found.start())
            if opened is None or found.start() < at:
                continue
            shown = part[opened - 1 : opened] == "!"
            new = self._moved(found[1], shown)
            end = REST.match(part, found.end(1))
            if new is None and end and opened - shown >= at:
                whole = part[opened - shown : end.end()]
                self.lost.append(f"{short(whole)} is not there; it is shown as text")
                pieces += [part[at : opened - shown], as_code(whole)]
                at = end.end()
            elif new is not None or end:
                pieces += [part[at : found.start(1)], (NOTHING if shown else "") if new is None else new]
                at = found.end(1)
        return "".join([*pieces, part[at:]])

    def _moved(self, written: str, shown: bool) -> str | None:
        """The address as it has to be now; None for a picture or a post that is not there."""
        address = _address(written)
        if not address:
            return written
        new = self.picture(address) if shown else self.link(address)
        if new is None or new == address:
            return new and written
        return f"<{new}>" if re.search(r"[\s()]", new) else new

    def _defined(self, found: re.Match) -> str:
        address = found[2].strip("<>")
        is_picture = Path(_path(address)).suffix.lower() in PICTURES
        if draft := self._draft(address):
            self._wait(found[0].strip(), draft, found[1].strip() + " " + draft)
            return as_code(found[0].strip())
        new = self.picture(address) if is_picture else self.link(address)
        if new is None:
            self.lost.append(f"{short(found[0])} is not there; it is shown as text")
            return as_code(found[0].strip())
        return found[0] if new == address else found[1] + new

    def _html(self, found: re.Match) -> str:
        tag = re.match(r"<(\w+)", found[1])
        is_link = tag is not None and tag[1].lower() == "a"
        if not found[3] or "{" in found[3]:
            return found[0]
        if is_link and (draft := self._draft(found[3])):
            self._wait(found[3], draft, f'href="{draft}"')
            return re.sub(r"\s+href=$", "", found[1])
        new = self.link(found[3]) if is_link else self.picture(found[3])
        if new is None:
            self.lost.append(f"{short(found[3])} is not there")
        return f"{found[1]}{found[2]}{new or found[3]}{found[2]}"


def _address(written: str) -> str:
    return re.sub(r"\\([()\\])", r"\1", written.strip("<>"))


def _is_other(path: Path) -> bool:
    return path.suffix.lower() in (*PICTURES, *FILES)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that no disk takes
        return False


def _is_far(address: str) -> bool:
    """Whether an address leads to another place on the web, or is none that can be read."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return True
    return bool(parts.scheme and len(parts.scheme) > 1) or address.startswith("//")


def _path(address: str) -> str:
    return unquote(re.split(r"[?#]", address, maxsplit=1)[0]).replace("\\", "/")


def _last(href: str) -> str:
    """The name of the post that an address of the old site ends in."""
    parts = [part for part in _path(href).split("/") if part not in ("", ".", "..")]
    return re.sub(r"\.(html?|mdx?|markdown|ipynb)$", "", parts[-1]) if parts else ""


def _opening(text: str, closing: int) -> int | None:
    """The bracket that belongs to the one at `closing`."""
    depth = 0
    for at in range(closing, max(-1, closing - 2000), -1):
        if text[at] in "[]" and _is_escaped(text, at):
            continue
        depth += (text[at] == "]") - (text[at] == "[")
        if depth == 0:
            return at
        if text.startswith("\n\n", at):
            break
    return None


def _is_escaped(text: str, at: int) -> bool:
    before = text[max(0, at - 40) : at]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1


def unreadable(path: Path) -> str | None:
    """Why a page cannot show a picture; None when it can."""
    if path.suffix.lower() not in PICTURES:
        return f"is no kind of picture that a page shows ({', '.join(PICTURES)})"
    if path.stat().st_size > LARGEST:
        return f"has more than {LARGEST // 10**6} MB"
    if path.suffix.lower() == ".svg":
        return None if b"<svg" in path.read_bytes()[:100_000] else "is no SVG"
    from PIL import Image

    try:
        with Image.open(path) as opened:
            opened.verify()
    except Exception:  # every format has errors of its own
        return "cannot be read as a picture"
    return None


def shown_picture(alt: str, name: str) -> str:
    return picture(alt, quote(name))
