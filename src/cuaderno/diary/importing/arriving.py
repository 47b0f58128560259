"""From files that were found to posts of the diary: converted in memory first, then written one by one."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path
from typing import Any

from cuaderno.diary import front_matter
from cuaderno.diary.blocks import normal
from cuaderno.diary.importing import dialects, heads
from cuaderno.diary.importing.finding import Source, slug
from cuaderno.diary.importing.heads import Head, Needs
from cuaderno.diary.importing.languages import guess_language
from cuaderno.diary.importing.notebooks import read_notebook
from cuaderno.diary.importing.outputs import Svg
from cuaderno.diary.importing.places import Places, shown_picture
from cuaderno.diary.importing.prose import settled
from cuaderno.diary.posts import sources, summary
from cuaderno.diary.settings import Settings
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.files import disk_errors, write_atomic

LARGEST = 10_000_000
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffd]")
FORMULA = re.compile(
    r"\$\$.*?(?:\$\$|\Z)|\\\[.*?(?:\\\]|\Z)|\\\(.*?(?:\\\)|\Z)|\\begin\{(\w+\*?)\}.*?(?:\\end\{\1\}|\Z)"
    r"|(?<![\\$\w])\$(?![\s$])(?P<plain>[^$]+?)(?<![\s\\])\$(?!\d)",
    re.S,
)
FIRST_HEADING = re.compile(r"^#{1,3}[ \t]+(\S.*?)[ \t#]*$", re.M)


@dataclass
class Arrival:
    """A post that is ready to be written, and what happened to it on the way."""

    source: Source
    slug: str
    lang: str
    text: str
    copies: dict[str, Path] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"posts/{self.slug}/{self.lang}.md"


@dataclass(frozen=True)
class Refused:
    """A file that is no post, or cannot become one; `fault` when that is no choice of ours."""

    path: Path
    reason: str
    fault: bool = True


@dataclass
class _Read:
    """A source as far as it was understood alone."""

    source: Source
    raw: str
    head: Head
    lang: str
    title: str
    needs: Needs
    notes: list[str]
    pictures: dict[str, bytes] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    slug: str = ""

    @property
    def is_draft(self) -> bool:
        said = {**self.head.fields, **self.needs.changes}
        return said.get("draft") is True or said.get("done") is False

    @property
    def body(self) -> str:
        return self.raw[self.head.end :]


MEND = "Mend it: write it as in 2026-11-21, or give the day of this text with --date."
AskDate = Callable[[Path, date], str]


def arrive(
    found: Iterable[Source],
    folder: Path,
    settings: Settings,
    clean_svg: Svg,
    ask_date: AskDate | None = None,
    seen: Callable[[], None] = lambda: None,
) -> tuple[list[Arrival], list[Refused]]:
    """Everything that was found as posts of this diary. Nothing is written yet; `seen` is called after each file."""
    read, refused = [], []
    for source in found:
        try:
            one = _read(source, settings, clean_svg)
            if one.needs.date is None:
                _date(one, ask_date)
            read.append(one)
        except CuadernoError as error:
            refused.append(Refused(source.path, _said(error, source.path)))
        except RecursionError:
            refused.append(Refused(source.path, "its front matter is nested too deeply."))
        except _NoPost as reason:
            refused.append(Refused(source.path, str(reason), fault=False))
        seen()
    _name_all(read)
    _keep_out(read)
    posts = _Posts(read, folder)
    arrivals = []
    for one in read:
        try:
            arrivals.append(_arrival(one, posts))
        except CuadernoError as error:
            refused.append(Refused(one.source.path, _said(error, one.source.path)))
        except RecursionError:
            refused.append(Refused(one.source.path, "its front matter is nested too deeply."))
    return arrivals, refused


def _said(error: CuadernoError, path: Path) -> str:
    """An error without the name of the file, which stands in front of it already."""
    return re.sub(rf"^{re.escape(str(path))}(?::(\d+))?:? ", lambda f: f"line {f[1]}: " if f[1] else "", str(error))


class _NoPost(Exception):
    """Why a file is not taken for a post."""


# -- one file ----------------------------------------------------------------------------------------------------------


def _read(source: Source, settings: Settings, clean_svg: Svg) -> _Read:
    if not source.named and not source.path.resolve().is_relative_to(source.root.resolve()):
        raise _NoPost("it is a link that leads out of the folder")
    if source.path.suffix.lower() == ".ipynb":
        return _read_notebook(source, settings, clean_svg)
    if re.fullmatch(r"_index(\.\w+)?", source.path.stem):
        raise _NoPost("it is the page of a section")
    raw, notes = _decoded(source.path)
    head = heads.read_head(raw, source.path)
    return _understood(source, raw, head, settings, notes)


def _read_notebook(source: Source, settings: Settings, clean_svg: Svg) -> _Read:
    notebook = read_notebook(source.path, clean_svg)
    fields = notebook.fields
    if not heads.text_of(fields.get("description")) and (said := _first_words(notebook.body)):
        fields = fields | {"description": said}
    head = Head("toml", "", fields, 0)
    one = _understood(source, notebook.body, head, settings, [])
    one.pictures, one.lost = notebook.pictures, notebook.notes
    return one


def _first_words(body: str) -> str:
    """The first paragraph of a notebook, which describes it better than what its code gave back."""
    parts = [part.strip() for part in body.partition("```")[0].split("\n\n")]
    said = (summary(unescape(_without_formulas(part))) for part in parts if part and part[0] not in "#|!<$>")
    return next((words for words in said if re.search(r"\w", words)), "")


def _without_formulas(text: str) -> str:
    """A text whose formulas are words where they can be, as in $n = 3$, and else left out: lists show no LaTeX."""

    def shown(found: re.Match) -> str:
        inside = found["plain"] or ""
        return inside if re.fullmatch(r"[\w\s=+.,()-]+", inside) and "_" not in inside else "…"

    return FORMULA.sub(shown, text)


def _decoded(path: Path) -> tuple[str, list[str]]:
    """The text of a file, with its line ends as they are.

    Raises:  CuadernoError when it is no text, _NoPost when there is nothing in it.
    """
    with disk_errors(path):
        if path.stat().st_size > LARGEST:
            raise CuadernoError(f"it has more than {LARGEST // 10**6} MB, too much for a post.")
        raw = path.read_bytes()
    text, notes = _as_text(raw)
    if len(CONTROL.findall(text)) * 50 > len(text):
        raise CuadernoError("it is no text: it holds bytes that no text has.")
    if not text.strip("\ufeff \t\r\n"):
        raise _NoPost("it is empty")
    return text, notes


def _as_text(raw: bytes) -> tuple[str, list[str]]:
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16", errors="replace"), ["it was UTF-16 and is UTF-8 now"]
    if b"\0" in raw:
        raise CuadernoError("it is no text: there are zero bytes in it.")
    try:
        return raw.decode("utf-8"), []
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace"), ["it was Windows-1252 and is UTF-8 now"]


def _understood(source: Source, raw: str, head: Head, settings: Settings, notes: list[str]) -> _Read:
    body = raw[head.end :]
    lang = source.lang or _said_language(head) or guess_language(body, settings.default)
    if lang not in settings.languages:
        raise CuadernoError(f"it is in '{lang}', which is no language of this diary: {', '.join(settings.languages)}.")
    needs = heads.needs(head, lang, jekyll=source.site == "jekyll", hidden=source.hidden)
    if needs.date is None and source.date:
        needs.date = source.date
        needs.changes |= dict.fromkeys((name for name in heads.OURS if name in head.fields), None)
        needs.changes["date"] = source.date.date()
    if needs.date is None and not needs.wrong and source.wrong:
        needs.wrong = f"the {source.wrong} in its name"
    is_page = source.site and not source.named and not source.hidden and not needs.wrong
    if needs.date is None and is_page and source.path.suffix.lower() != ".ipynb":
        raise _NoPost("it has no date: a page and no post. To import it all the same, name it alone")
    title = _title(source, head, body, needs)
    return _Read(source, raw, head, lang, title, needs, notes)


def _said_language(head: Head) -> str:
    for name in ("lang", "language", "locale"):
        if found := re.match(r"([a-z]{2})(?:[-_]|$)", heads.text_of(head.fields.get(name)).lower()):
            return found[1]
    return ""


def _title(source: Source, head: Head, body: str, needs: Needs) -> str:
    """The title: said in the head, else the first heading, else the file's name; written where we would not find it."""
    said = heads.text_of(head.fields.get("title"))
    if said:
        return said
    if first := front_matter.TITLE.match(body.replace("\r\n", "\n")):
        return " ".join(first[1].split())
    heading = FIRST_HEADING.search(body)
    title = " ".join(heading[1].split()) if heading else source.path.stem.replace("-", " ").replace("_", " ").strip()
    needs.changes["title"] = title or "Untitled"
    needs.notes.append(f"it had no title: {needs.changes['title']}")
    return needs.changes["title"]


def _date(one: _Read, ask: AskDate | None) -> None:
    """The day of a text that tells none: asked for, else that of its file.

    Raises:  CuadernoError when nobody is asked and what it tells is no date, or when the answer is none.
    """
    if ask is None and one.needs.wrong:
        raise CuadernoError(f"{one.needs.wrong} is not a date. {MEND}")
    day = datetime.fromtimestamp(one.source.path.stat().st_mtime, UTC)
    answer = ask(one.source.path, day.date()).strip() if ask else ""
    if answer:
        given = heads.day_of(answer, one.lang)
        if given is None:
            raise CuadernoError(f"'{answer}' is not a date. Write 2026-11-21.")
        day = given
    else:
        one.needs.notes.append(f"it had no date: {day.date()}, the day of its file")
    one.needs.date = day
    one.needs.changes |= dict.fromkeys((name for name in heads.OURS if name in one.head.fields), None)
    one.needs.changes["date"] = day.date()


# -- all of them together ----------------------------------------------------------------------------------------------


def _name_all(read: list[_Read]) -> None:
    """A name for each, the same for translations of each other and for nobody else."""
    by_key: dict[str, str] = {}
    taken: dict[tuple[str, str], _Read] = {}
    for one in sorted(read, key=lambda one: one.lang != "en"):
        key = heads.text_of(one.head.fields.get("translationKey"))
        said = slug(heads.text_of(one.head.fields.get("slug")).rstrip("/").rsplit("/", 1)[-1])
        name = by_key.get(key) if key else None
        name = name or said or one.source.name or slug(one.title) or "post"
        above = slug(one.source.path.parent.name)
        if (name, one.lang) in taken and above:
            name = f"{above}-{name}"
        first, count = name, 1
        while (name, one.lang) in taken:
            count += 1
            name = f"{first}-{count}"
        if key:
            by_key.setdefault(key, name)
        taken[name, one.lang] = one
        one.slug = name


def _keep_out(read: list[_Read]) -> None:
    """A translation that is out stays out: of ours it would be a draft as soon as the other language is one."""
    drafts = {one.slug for one in read if one.is_draft}
    for one in read:
        if one.slug in drafts and not one.is_draft:
            one.needs.changes |= {"draft": False, "done": True}


class _Posts:
    """Where each of the old posts is now, by its file and by the last part of its address."""

    def __init__(self, read: list[_Read], folder: Path):
        self.by_file = {one.source.path.resolve(): one for one in read}
        self.by_name: dict[str, list[tuple[str, str]]] = {}
        self.drafts = {(one.slug, one.lang) for one in read if one.is_draft}
        for one in read:
            for name in {one.source.path.stem, one.slug, one.source.name, slug(one.title)}:
                self.by_name.setdefault(name, []).append((one.slug, one.lang))
        for known in sources(folder / "posts"):
            if known.lang:
                self.by_name.setdefault(known.slug, []).append((known.slug, known.lang))

    def seen_from(self, reader: _Read) -> Callable[[Path | str], str | None]:
        """The address of a post from another one, or None when there is no such post."""

        def address(wanted: Path | str) -> str | None:
            if isinstance(wanted, Path):
                found = self._of_file(wanted)
                return f"../{found.slug}/{found.lang}.md" if found and self._is_out(found, reader) else None
            known = [one for one in self._called(wanted) if reader.is_draft or one not in self.drafts]
            return self._nearest(known, reader)

        return address

    def drafts_seen_from(self, reader: _Read) -> Callable[[Path | str], str | None]:
        """The same for drafts among them that the other one may not lead to yet."""

        def address(wanted: Path | str) -> str | None:
            if isinstance(wanted, Path):
                found = self._of_file(wanted)
                return f"../{found.slug}/{found.lang}.md" if found and found.is_draft else None
            return self._nearest([one for one in self._called(wanted) if one in self.drafts], reader)

        return address

    def _called(self, name: str) -> list[tuple[str, str]]:
        return (
            self.by_name.get(re.sub(r"^\d{4}-\d\d?-\d\d?-", "", name)) or self.by_name.get(name) or [] if name else []
        )

    def _nearest(self, known: list[tuple[str, str]], reader: _Read) -> str | None:
        """One in the reader's language when there is one."""
        best = sorted(known, key=lambda one: one[1] != reader.lang)
        return f"../{best[0][0]}/{best[0][1]}.md" if best else None

    def _is_out(self, post: _Read, reader: _Read) -> bool:
        """Whether a link may lead there: one from a published post to a draft would stop every build."""
        return reader.is_draft or not post.is_draft

    def _of_file(self, path: Path) -> _Read | None:
        try:
            return self.by_file.get(path.resolve())
        except (OSError, ValueError):
            return None


def _arrival(one: _Read, posts: _Posts) -> Arrival:
    text = dialects.Text(normal(one.body))
    before = text.body
    seen, drafts = posts.seen_from(one), posts.drafts_seen_from(one)
    places = Places(one.source.path, one.source.root, seen, frozenset(one.pictures), drafts=drafts)
    dialects.boxes(text)
    if one.source.path.suffix.lower() == ".mdx":
        dialects.mdx(text)
    dialects.hugo(text)
    dialects.jekyll(text, whole=one.source.site == "jekyll")
    places.change(text)
    _hero(one, text, places)
    dialects.ours(text)  # last, for what became text above may be read otherwise now
    whole = _whole(one, one.body if text.body == before else settled(text.body))
    _check(whole, one)
    changed = [*one.notes, *one.needs.notes, *dict.fromkeys(text.changed)]
    lost = [*one.lost, *dict.fromkeys(places.lost)]
    return Arrival(one.source, one.slug, one.lang, whole, places.copies, one.pictures, changed, text.kept, lost)


def _hero(one: _Read, text: dialects.Text, places: Places) -> None:
    """The picture in the head, put above the text: the head of a post of ours shows none."""
    src, alt = _hero_of(one.head.fields)
    if not src:
        return
    name = places.picture(src)
    if name is None:
        places.lost.append(f"the picture of the head, {dialects.short(src)}, is not there")
    elif not re.search(rf"\]\(<?{re.escape(name)}", text.body):
        shown = dialects.picture(alt or one.title, name) if "://" in name else shown_picture(alt or one.title, name)
        first = front_matter.TITLE.match(text.body)
        at = first.end() if first else 0
        text.body = f"{text.body[:at]}\n{shown}\n\n{text.body[at:].lstrip(chr(10))}"
        said = "" if alt else "; it is called by the post's title: say in its alt text what it shows"
        text.changed.append(f"the picture of the head stands above the text{said}")


def _hero_of(fields: dict[str, Any]) -> tuple[str, str]:
    alt = next(
        (found for name in fields if name.lower().endswith("alt") and (found := heads.text_of(fields[name]))), ""
    )
    for name in heads.PICTURES:
        value = fields.get(name)
        if isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, dict):
            alt = heads.text_of(value.get("alt")) or alt
            value = next((value[key] for key in ("image", "src", "url", "path", "teaser") if value.get(key)), None)
        if (src := heads.text_of(value)) and re.search(r"\.\w{3,4}(?:\?.*)?$", src):
            return src, alt
    return "", ""


def _whole(one: _Read, body: str) -> str:
    """The file of the post: the one that was there when nothing had to change."""
    if one.head.kind == "yaml" and not one.needs.changes:
        return one.raw[: one.head.end] + body
    return heads.write_head(one.head, one.needs.changes) + body


def _check(text: str, one: _Read) -> None:
    """Our own reader has to take it, or it would stop every build.

    Raises:  CuadernoError with what it says.
    """
    fields = front_matter.read(text.replace("\r\n", "\n"), Path(f"{one.slug}/{one.lang}.md"))
    if "title" not in fields or "date" not in fields:
        raise CuadernoError(f"it has no {'title' if 'title' not in fields else 'date'} that could be read.")


# -- onto the disk -----------------------------------------------------------------------------------------------------

NEW, SAME, TAKEN = "new", "the same", "taken"


def standing(folder: Path, arrival: Arrival) -> str:
    """Whether a post is new, there already as it is, or would overwrite one."""
    path = folder / arrival.name
    if path.is_file():
        return SAME if path.read_bytes() == arrival.text.encode() else TAKEN
    alone = folder / "posts" / f"{arrival.slug}.md"
    others = [found for found in sources(folder / "posts") if found.slug == arrival.slug] if alone.is_file() else []
    return TAKEN if any(_lang_of(other.path) == arrival.lang for other in others) else NEW


def _lang_of(path: Path) -> str:
    try:
        head = heads.read_head(path.read_text(encoding="utf-8-sig"), path)
    except (CuadernoError, UnicodeDecodeError, OSError):
        return ""
    return heads.text_of(head.fields.get("lang")) or guess_language(path.read_text(encoding="utf-8", errors="replace"))


def write(folder: Path, arrival: Arrival) -> Path | None:
    """Write a post and what lies beside it: the pictures first, so that no text is there without them.

    Returns the copy of what was overwritten, when something was.
    """
    home = folder / "posts" / arrival.slug
    with disk_errors(home):
        home.mkdir(parents=True, exist_ok=True)
        arrival = _beside(home, arrival)
        for name, path in arrival.copies.items():
            _put(home, name, path.read_bytes())
        for name, content in arrival.pictures.items():
            _put(home, name, content)
        target, backup = home / f"{arrival.lang}.md", None
        if target.is_file():
            backup = _backup(folder, target)
        write_atomic(target, arrival.text)
    return backup


def _beside(home: Path, arrival: Arrival) -> Arrival:
    """New names for pictures whose name another picture of the post has already."""
    text, copies, pictures = arrival.text, {}, {}
    for name in [*arrival.copies, *arrival.pictures]:
        content = arrival.copies[name].read_bytes() if name in arrival.copies else arrival.pictures[name]
        new, count = name, 1
        while (home / new).is_file() and (home / new).read_bytes() != content:
            count += 1
            stem, _, ending = name.rpartition(".")
            new = f"{stem}-{count}.{ending}"
        if new != name:
            text = re.sub(rf"(\]\(<?){re.escape(name)}(?=[>)\s#])", rf"\g<1>{new}", text)
        if name in arrival.copies:
            copies[new] = arrival.copies[name]
        else:
            pictures[new] = content
    return replace(arrival, text=text, copies=copies, pictures=pictures)


def _put(home: Path, name: str, content: bytes) -> None:
    path = home / name
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, content)


def _backup(folder: Path, path: Path) -> Path:
    """A copy of a post that is about to be overwritten, where git and the site do not look."""
    home = folder / ".cache" / "replaced" / path.parent.name
    home.mkdir(parents=True, exist_ok=True)
    count, copy = 1, home / path.name
    while copy.exists():
        count += 1
        copy = home / f"{path.stem}-{count}{path.suffix}"
    write_atomic(copy, path.read_bytes())
    return copy
