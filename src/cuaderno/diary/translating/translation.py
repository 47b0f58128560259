"""A post and its translation by hand, paragraph by paragraph: what is done, missing, stale or extra."""

import datetime
import json
import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from cuaderno.diary.anchors import differences, read_parts
from cuaderno.diary.blocks import Block, blocks, marker, normal, text_digest
from cuaderno.diary.diary import Diary
from cuaderno.diary.front_matter import with_fields
from cuaderno.diary.posts import MARKS, ROLE, Post, bytes_digest
from cuaderno.diary.settings import Settings
from cuaderno.diary.translating.meaning import changed
from cuaderno.diary.translating.memory import LENT, Memory, read_head, read_memories, sidecar_name, write_memories
from cuaderno.diary.translating.pairing import Pair, pair
from cuaderno.lab.errors import CuadernoError, nearest
from cuaderno.lab.files import write_atomic

DONE, MISSING, STALE, EXTRA = "done", "missing", "stale", "extra"
HEAD = 0  # the number of title and description, before the first paragraph
Day = datetime.date
LISTED = re.compile(r"\s*(?:[-*+]|\d+[.)])\s")
BESIDE = re.compile(r"\]\(\s*<?(?![a-z]+:|[/#)>\s])")  # a link or picture that is relative to its text


class Unfit(CuadernoError):
    """A text that cannot stand in a paragraph's place. `reason` and `values` say the same to a program."""

    def __init__(self, message: str, reason: str, **values: object):
        super().__init__(message)
        self.reason, self.values = reason, values


class Overtaken(CuadernoError):
    """Somebody else wrote the translation since it was read."""


@dataclass(frozen=True)
class Paragraph:
    """A block of the source, of the translation, or both. `faults` are the anchors in which the two differ."""

    number: int
    state: str
    source: Block | None
    translation: Block | None
    memory: Memory | None
    faults: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """How it begins, in the source's language where it can be."""
        block = self.source or self.translation
        return block.words if block else ""

    @property
    def plain(self) -> str:
        """How it begins, without the signs of Markdown."""
        block = self.source or self.translation
        if block is None or block.kind in ("fence", "code", "html", "formula"):
            return self.words
        return " ".join(MARKS.sub("", ROLE.sub("…", self.words)).split())

    @property
    def is_remembered(self) -> bool:
        return bool(self.memory and self.translation and self.memory.translation == self.translation.digest)


@dataclass(frozen=True)
class Line:
    """A line of a composed text: where it stands in its file's body; `lent` ones are the source's own."""

    text: str
    at: int
    lent: bool = False


class Translation:
    """A post in the language it was born in (`source`) and in the other one (`target`, None before it exists)."""

    def __init__(self, source: Post, target: Post | None, lang: str, home: Path):
        self.source, self.target, self.lang = source, target, lang
        self.path = target.path if target else home / f"{lang}.md"
        self.sidecar = home / sidecar_name(lang)
        found = read_memories(self.sidecar)
        self.has_sidecar = found is not None
        self.memories = found[1] if found else []
        self._head = read_head(self.sidecar)

    @property
    def slug(self) -> str:
        return self.source.slug

    @cached_property
    def head(self) -> Paragraph:
        """Title and description as one paragraph with a number of its own; one that nobody wrote is not in it."""
        source = _head_block(self.source)
        translation = _head_block(self.target) if self.target and not self.has_lent_title else None
        memory = self._head if self._head and self._head.translation != LENT else None
        if translation is None:
            return Paragraph(HEAD, MISSING, source, None, memory)
        stale = memory is not None and changed(memory.source, source.text, self.source.lang)
        return Paragraph(HEAD, STALE if stale else DONE, source, translation, memory)

    @property
    def has_lent_title(self) -> bool:
        """Whether the translation stands under its source's title, which nobody has translated or accepted yet."""
        if self.target is None or (self._head and self._head.translation != LENT):
            return False
        return self.target.title == (self._head.source.split("\n")[0] if self._head else self.source.title)

    def heads(self) -> dict[str, Paragraph]:
        """Title and description one by one, each where its author wrote it."""
        found = {}
        for name in ("title", "description"):
            if name == "title" or self.source.is_described:
                has = self.head.translation and self.target and (name == "title" or self.target.is_described)
                block = Block("head", getattr(self.target, name), 0, 0) if has else None
                source = Block("head", getattr(self.source, name), 0, 0)
                found[name] = Paragraph(HEAD, self.head.state, source, block, None)
        return found

    @cached_property
    def paragraphs(self) -> tuple[Paragraph, ...]:
        ours, theirs = blocks(self.source.body), blocks(self.target.body if self.target else "")
        pairs = pair(ours, theirs, self.memories, self.source.lang, self.lang)
        return tuple(self._paragraph(number, one, ours, theirs) for number, one in enumerate(pairs, 1))

    def _paragraph(self, number: int, one: Pair, ours: list[Block], theirs: list[Block]) -> Paragraph:
        source = None if one.source is None else ours[one.source]
        translation = None if one.translation is None else theirs[one.translation]
        memory = None if one.memory is None else self.memories[one.memory]
        if source is None or translation is None:
            return Paragraph(number, EXTRA if source is None else MISSING, source, translation, memory)
        faults = differences(source.text, translation.text, self.source.lang, self.lang)
        accepted = memory.accepted if memory else ()
        stale = memory is not None and changed(memory.source, source.text, self.source.lang)
        open_faults = tuple(fault for fault in faults if fault not in accepted)
        return Paragraph(number, STALE if stale else DONE, source, translation, memory, open_faults)

    @property
    def behind(self) -> list[Paragraph]:
        """What is left to translate, title and description first."""
        return [one for one in (self.head, *self.paragraphs) if one.state in (MISSING, STALE)]

    @property
    def faulty(self) -> list[Paragraph]:
        return [one for one in self.paragraphs if one.faults]

    @property
    def made(self) -> Day | None:
        """The day of the newest translated paragraph."""
        known = [*self.memories, *([self.head.memory] if self.head.memory else [])]
        return max((memory.made for memory in known), default=None)

    def due(self, today: Day) -> list[Paragraph]:
        """The paragraphs that come back for another look, the longest unseen first."""
        found = [one for one in self.paragraphs if one.state == DONE and one.memory and one.memory.due <= today]
        with_words = [one for one in found if one.source and re.search(r"[^\W\d_]", self._prose(one.source))]
        return sorted(with_words, key=lambda one: (one.memory.due if one.memory else today, one.number))

    def _prose(self, block: Block) -> str:
        return read_parts(block.text, self.source.lang).prose

    def paragraph(self, number: int) -> Paragraph:
        """One of them by its number.

        Raises:  CuadernoError when there is no such number.
        """
        if number == HEAD:
            return self.head
        if not 1 <= number <= len(self.paragraphs):
            raise CuadernoError(
                f"'{self.slug}' has no paragraph {number}: they count from 1 to {len(self.paragraphs)}. "
                f"See them with: cuaderno translate {self.slug}"
            )
        return self.paragraphs[number - 1]

    # -- what can be done ----------------------------------------------------------------------------------------------

    def remember(self, today: Day) -> None:
        """Declare every paragraph that has a translation as made from the present source."""
        self._need_target()
        fresh = {} if self.head.translation is None else {HEAD: self._head_memory(today)}
        for one in self.paragraphs:
            if one.source and one.translation:
                known = one.state == DONE and one.memory
                made = one.memory.made if one.memory and known else today
                looked = one.memory.looked if one.memory and known else today
                fresh[one.number] = self._memory(one, made, looked)
        self._keep(fresh, today)

    def dismiss(self, number: int, today: Day) -> None:
        """Accept a paragraph as it stands: the present source, and the anchors in which the two differ.

        Raises:  CuadernoError when the paragraph has only one side.
        """
        one = self.paragraph(number)
        if number == HEAD and self.target:
            self._keep({HEAD: self._head_memory(today)}, today)
            return
        if not one.source or not one.translation:
            if one.source:
                cure = f"no translation yet. Write it: cuaderno translate {self.slug} --edit"
            else:
                cure = f"no source. Take it out of {self.path}, or leave it: readers see it as it is."
            raise CuadernoError(f"Paragraph {number} cannot be dismissed, it has {cure}")
        faults = differences(one.source.text, one.translation.text, self.source.lang, self.lang)
        known = one.memory
        made, looked = (known.made, known.looked) if known else (today, today)
        self._keep({number: replace(self._memory(one, made, looked), accepted=tuple(faults))}, today)

    def write(self, texts: Mapping[int, str], today: Day, head: tuple[str, str] | None = None) -> None:
        """Put translated paragraphs, by number, in their places, and remember what each was made from.

        `head` are title and description, empty where they are to stay. The translation is written before
        its memory: a kill in between leaves paragraphs that are done and not remembered.

        Raises:  CuadernoError when a text is not one paragraph of the right kind; nothing is written then.
        """
        mended = {number: self.fitting(self.paragraph(number), text) for number, text in texts.items()}
        body = "\n".join(line.text for line in self.compose(mended)).strip("\n")
        body += "\n" if body else ""
        self._check_apart(body, mended)
        self._check_unchanged()
        if self.target:
            _write_like(self.target, self._top(head) + _lead(self.target.body) + body)
        else:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(self.path, _new_head(self.source, head) + ("\n" + body if body else ""))
        fresh = {}
        for number, text in mended.items():
            source = self.paragraph(number).source
            if source:
                fresh[number] = Memory(source.text, text_digest(text), today, today)
        if head and head[0].strip():
            assert self.head.source
            fresh[HEAD] = Memory(self.head.source.text, text_digest("\n".join(filter(None, head))), today, today)
        self._keep(fresh, today)

    def looked(self, numbers: Iterable[int], today: Day, mended: Iterable[int] = ()) -> None:
        """Note another look at paragraphs; the ones that needed a change come back soon."""
        again, fresh = set(mended), {}
        for number in numbers:
            one = self.paragraph(number)
            if one.memory and one.source and one.translation:
                kept = self._memory(one, one.memory.made, one.memory.looked)
                fresh[number] = replace(kept, looks=one.memory.looks).seen(today, number in again)
        self._keep(fresh, today)

    # -- how it is done ------------------------------------------------------------------------------------------------

    def _check_unchanged(self) -> None:
        """Raises:  CuadernoError when somebody else wrote the translation since it was read."""
        raw = self.path.read_bytes() if self.path.is_file() else None
        known = self.target.digest if self.target else None
        if (None if raw is None else bytes_digest(raw)) != known:
            raise Overtaken(f"{self.path} has changed since it was read. Nothing was written: try once more.")

    def _top(self, head: tuple[str, str] | None) -> str:
        """What stands before the body of the translation, with another title and description where they are given."""
        assert self.target
        top = self.target.text[: self.target.start]
        fields = {name: text for name, text in zip(("title", "description"), head or (), strict=False) if text.strip()}
        return with_fields(top, fields) if fields else top

    def _head_memory(self, today: Day) -> Memory:
        """Title and description as they stand, made from the present source."""
        assert self.target and self.head.source
        return Memory(self.head.source.text, _head_block(self.target).digest, today, today)

    def _head_kept(self, fresh: Mapping[int, Memory], today: Day) -> Memory | None:
        if HEAD in fresh:
            return fresh[HEAD]
        assert self.head.source
        if self.head.state == DONE:
            return self._head if self.head.memory else self._head_memory(today)
        if self._head:
            return self._head
        title = self.head.source.text
        return Memory(title, LENT, today, today)

    def _need_target(self) -> None:
        if self.target is None:
            raise CuadernoError(
                f"'{self.slug}' has no translation yet. Begin one with: cuaderno translate {self.slug} --edit"
            )

    def _memory(self, one: Paragraph, made: Day, looked: Day) -> Memory:
        assert one.source and one.translation
        known = one.memory
        accepted, looks = (known.accepted, known.looks) if known and looked == known.looked else ((), 0)
        return Memory(one.source.text, one.translation.digest, made, looked, looks, accepted)

    def _keep(self, fresh: Mapping[int, Memory], today: Day) -> None:
        """Write the sidecar: what is new, and of the rest what was known. What is done counts as known."""
        memories = []
        for one in self.paragraphs:
            if one.number in fresh:
                memories.append(fresh[one.number])
            elif one.source and one.translation and one.state == DONE:
                made, looked = (one.memory.made, one.memory.looked) if one.memory else (today, today)
                memories.append(self._memory(one, made, looked))
            elif one.memory and one.translation:
                memories.append(replace(one.memory, translation=one.translation.digest))
        write_memories(self.sidecar, self.lang, self.source.lang, memories, self._head_kept(fresh, today))

    def fitting(self, one: Paragraph, text: str) -> str:
        """A translated text with the marks of its source's block.

        Raises:  Unfit when it cannot stand in the source's place.
        """
        text = _trimmed(text, one.source.marker.strip() if one.source else "")
        if one.source is None or not text.strip():
            lacks = "text" if one.source else "source"
            raise Unfit(f"Paragraph {one.number} has no {lacks} to write.", lacks)
        indent = re.match(r"[ \t]*", one.source.text)
        if one.source.marker.strip() and not marker(text).strip():
            text = one.source.marker + text.lstrip()
        elif indent and indent[0] and not text.startswith(indent[0]):
            text = textwrap.indent(text, indent[0])
        ours, theirs = (blocks(textwrap.dedent(side)) for side in (one.source.text, text))
        if len(theirs) != len(ours):
            raise Unfit(
                f"Paragraph {one.number} is one block in the source and {len(theirs)} in the translation. "
                "Take the empty lines out of it, or close what is open.",
                "blocks",
                n=len(theirs),
            )
        if [block.kind for block in ours] != [block.kind for block in theirs]:
            kinds = ours[0].kind, theirs[0].kind
            message = f"Paragraph {one.number} is a {kinds[0]} in the source and a {kinds[1]} here."
            raise Unfit(message, "kind", source=kinds[0], here=kinds[1])
        return "\n".join(text.split("\n")[theirs[0].start : theirs[-1].end])

    def _check_apart(self, body: str, mended: Mapping[int, str]) -> None:
        """Raises:  Unfit when new paragraphs do not stay apart from what is around them in a body."""
        kept = [one.translation.text for one in self.paragraphs if one.translation and one.number not in mended]
        lost = Counter([*kept, *mended.values()]) - Counter(block.text for block in blocks(body))
        if lost and mended:
            number = next((number for number, text in mended.items() if text in lost), min(mended))
            message = (
                f"Paragraph {number} would run into its neighbours. Close what it opens: a fence, a comment, a tag."
            )
            raise Unfit(message, "apart")

    def compose(self, texts: Mapping[int, str], lent: bool = False) -> list[Line]:
        """The body of the translation with these texts in the places of their numbers."""
        body = normal(self.target.body).split("\n") if self.target and self.target.body.strip() else []
        lines = [Line(text, index) for index, text in enumerate(body)]
        new: dict[int, list[Line]] = {}  # at the line before which they stand
        behind: dict[int, list[str] | None] = {}  # what stands between those and that line
        replaced: dict[int, tuple[int, list[Line]]] = {}
        for index, one in enumerate(self.paragraphs):
            if one.number not in texts or one.source is None:
                continue
            added = [Line(text, one.source.start + offset, lent)
                     for offset, text in enumerate(texts[one.number].split("\n"))]  # fmt: skip
            if one.translation:
                replaced[one.translation.start] = one.translation.end, added
                continue
            place = self._place(index)
            already = new.setdefault(place, [])
            previous = already[-1] if already else lines[place - 1] if place else None
            gap = self._gap_before(index, place, texts)
            if gap is None:
                gap = [] if not previous or not previous.text.strip() else [""]
            already += [*(Line(text, -1) for text in gap), *added]
            behind[place] = self._gap_behind(index, place)
        return _woven(lines, new, behind, replaced)

    def _place(self, index: int) -> int:
        """The line of the translation before which a missing paragraph belongs."""
        before, behind = self._neighbour(index, -1), self._neighbour(index, 1)
        for near, first, second, side in ((before, before, index, "end"), (behind, index, behind, "start")):
            if near is not None and (translation := self.paragraphs[near].translation) and self._joined(first, second):
                return int(getattr(translation, side))
        place = self._in_list(index)
        if place is not None:
            return place
        for one in reversed(self.paragraphs[:index]):
            if one.translation:
                return one.translation.end
        for one in self.paragraphs[index + 1 :]:
            if one.translation:
                return one.translation.start
        return 0

    def _in_list(self, index: int) -> int | None:
        """The line for a part of a list or a quote of which other parts are translated."""
        for step, side in ((-1, "end"), (1, "start")):
            near: int | None = index
            while near is not None:
                following = self._neighbour(near, step)
                first, second = (following, near) if step < 0 else (near, following)
                near = following if self._joined(first, second) else None
                if near is not None and (translation := self.paragraphs[near].translation):
                    return int(getattr(translation, side))
        return None

    def _neighbour(self, index: int, step: int) -> int | None:
        """The paragraph before or behind in the source."""
        near = index + step
        while 0 <= near < len(self.paragraphs):
            if self.paragraphs[near].source:
                return near
            near += step
        return None

    def _gap(self, first: int | None, second: int | None) -> list[str] | None:
        """The source's lines between two neighbours of it: none, empty ones, or those of a quote that goes on."""
        if first is None or second is None:
            return None
        one, two = self.paragraphs[first].source, self.paragraphs[second].source
        if one is None or two is None or two.start < one.end:
            return None
        lines = self._source_lines[one.end : two.start]
        return [line.rstrip() for line in lines] if not "".join(lines).strip(" \t>") else None

    @cached_property
    def _source_lines(self) -> list[str]:
        return normal(self.source.body).split("\n")

    def _joined(self, first: int | None, second: int | None) -> bool:
        """True for two neighbours of the source without an empty line between them."""
        gap = self._gap(first, second)
        return gap is not None and all(gap)

    def _gap_before(self, index: int, place: int, texts: Mapping[int, str]) -> list[str] | None:
        """What stands between a missing paragraph and the one it goes on from; None when it goes on from none."""
        near = index
        while (before := self._neighbour(near, -1)) is not None and self._joined(before, near):
            one = self.paragraphs[before]
            if one.number in texts or (one.translation and one.translation.end == place):
                return self._gap(self._neighbour(index, -1), index)
            near = before
        return None

    def _gap_behind(self, index: int, place: int) -> list[str] | None:
        """What stands between a missing paragraph and the line before which it is put; None when nobody can say."""
        near, gap = index, self._gap(index, self._neighbour(index, 1))
        while (behind := self._neighbour(near, 1)) is not None:
            if not self._joined(near, behind):
                gap = [""]
            if translation := self.paragraphs[behind].translation:
                return gap if translation.start == place else None
            near = behind
        return None

    def lent(self) -> list[Line]:
        """The translation with what it lacks in the source's own words, each line with where it comes from."""
        missing = {one.number: one.source.text for one in self.paragraphs if one.state == MISSING and one.source}
        if self.source.path.parent != self.path.parent:  # what lies beside the source does not lie beside us
            missing = {number: text for number, text in missing.items() if not BESIDE.search(text)}
        return self.compose(missing, lent=True)


def _head_block(post: Post) -> Block:
    return Block("head", "\n".join([post.title, *([post.description] if post.is_described else [])]), 0, 0)


def _woven(
    lines: list[Line],
    new: dict[int, list[Line]],
    behind: dict[int, list[str] | None],
    replaced: dict[int, tuple[int, list[Line]]],
) -> list[Line]:
    whole: list[Line] = []
    index = 0
    while index <= len(lines):
        if index in new:
            whole += new[index]
            following = lines[index].text if index < len(lines) else ""
            gap = behind[index]
            if gap is None:  # two lists that nobody parted stay one
                gap = [] if LISTED.match(following) and LISTED.match(new[index][0].text) else [""]
            if following.strip(" \t>"):
                whole += [Line(text, -1) for text in gap]
        if index in replaced:
            end, added = replaced[index]
            whole += added
            index = end
        elif index < len(lines):
            whole.append(lines[index])
            index += 1
        else:
            break
    return whole


def _trimmed(text: str, marker: str) -> str:
    """A text without spaces at its ends, and without a mark that stands alone before or behind it.

    Two spaces that break a line stay.
    """
    lines = normal(text).strip("\n").split("\n")
    while len(lines) > 1 and lines[0].strip() in ("", marker):
        del lines[0]
    while len(lines) > 1 and lines[-1].strip() in ("", marker):
        del lines[-1]
    broken = [line.rstrip() + ("  " if line.strip() and line.endswith("  ") else "") for line in lines[:-1]]
    return "\n".join([*broken, lines[-1].rstrip()])


def _lead(body: str) -> str:
    """The empty lines with which a body begins; one for a body that is empty."""
    if not body.strip():
        return "\n"
    found = re.match(r"(?:[ \t]*\n)*", body)
    return found[0] if found else ""


def _write_like(post: Post, text: str) -> None:
    """Write a post's file with the line ends and the mark at its beginning that it had."""
    raw = post.path.read_bytes()
    if raw.count(b"\r\n") * 2 > raw.count(b"\n"):
        text = text.replace("\n", "\r\n")
    content = (b"\xef\xbb\xbf" if raw.startswith(b"\xef\xbb\xbf") else b"") + text.encode()
    if content != raw:
        write_atomic(post.path, content)


def _new_head(source: Post, head: tuple[str, str] | None) -> str:
    """The front matter of a translation; everything else it takes from the post."""
    title, description = head or ("", "")
    fields = {"title": title.strip() or source.title, "description": description.strip()}
    lines = [f"{name}: {json.dumps(text, ensure_ascii=False)}" for name, text in fields.items() if text]
    return "\n".join(["---", *lines, f"born: {source.lang}", "---", ""])


# -- finding them ------------------------------------------------------------------------------------------------------


def home(post: Post, posts: Path) -> Path:
    """The folder in which a post's translation and its memory lie."""
    return posts / post.path.stem if post.path.parent == posts else post.path.parent


def remembered_from(found: Mapping[str, Post], settings: Settings, posts: Path) -> str | None:
    """The language that a sidecar remembers as the source, which settles the direction."""
    for post in found.values():
        for lang in settings.languages:
            known = read_memories(home(post, posts) / sidecar_name(lang))
            if known and known[0] in found and known[0] != lang:
                return known[0]
    return None


def born(found: Mapping[str, Post], settings: Settings, posts: Path) -> str:
    """The language in which a post was written first.

    The sidecar knows; else `born` in the front matter; else the only language there is; else the diary's own.
    """
    if known := remembered_from(found, settings, posts):
        return known
    said = next((post.born for post in found.values() if post.born in found), None)
    if said:
        return said
    return settings.default if settings.default in found else next(iter(found))


def of_post(diary: Diary, slug: str, source: str | None = None) -> Translation | None:
    """A post's translation; None in a diary of one language. `source` is the language to translate from.

    Raises:  CuadernoError when the sidecar cannot be read, or the post cannot be translated from that language.
    """
    found = {post.lang: post for post in diary.posts if post.slug == slug}
    others = [lang for lang in diary.settings.languages if len(diary.settings.languages) > 1]
    if not found or not others:
        return None
    folder = diary.folder / "posts"
    first = source or born(found, diary.settings, folder)
    if first not in found:
        known = nearest(first, found)
        raise CuadernoError(f"'{slug}' has no text in '{first}' to translate from.{known}")
    known_from = remembered_from(found, diary.settings, folder)
    if known_from and first != known_from:
        sidecar = home(found[first], folder) / sidecar_name(first)
        raise CuadernoError(
            f"'{slug}' is being translated from '{known_from}', as {sidecar} remembers. "
            "To turn it round, take that file away first."
        )
    lang = next(lang for lang in others if lang != first)
    target = found.get(lang)
    return Translation(found[first], target, lang, home(target or found[first], folder))


def sources_of(diary: Diary, slug: str) -> list[str]:
    """The languages from which a post can be translated, the one it was born in first."""
    found = {post.lang: post for post in diary.posts if post.slug == slug}
    folder = diary.folder / "posts"
    if known := remembered_from(found, diary.settings, folder):
        return [known]
    first = born(found, diary.settings, folder)
    return [first, *(lang for lang in found if lang != first)]


def find(diary: Diary, name: str, source: str | None = None) -> Translation:
    """The translation of a post by its name or its file.

    Raises:  CuadernoError when there is no such post, or it cannot be read or translated from that language.
    """
    if diary.problems:
        raise CuadernoError("\n".join(str(problem) for problem in diary.problems))
    slugs = {post.slug for post in diary.posts}
    path = Path(name)
    parts = [path.stem, path.parent.name] if path.suffix == ".md" else [path.name]
    slug = next((part for part in parts if part in slugs), None)
    if slug is None:
        raise CuadernoError(f"There is no post '{name}'.{nearest(name, slugs)}")
    translation = of_post(diary, slug, source)
    if translation is None:
        raise CuadernoError('This diary has one language. Add the other to cuaderno.toml: languages = ["en", "es"]')
    return translation


def everyone(diary: Diary) -> list[Translation]:
    """Every post's translation, the newest post first."""
    slugs = dict.fromkeys(post.slug for post in diary.posts)
    return [found for slug in slugs if (found := of_post(diary, slug)) is not None]
