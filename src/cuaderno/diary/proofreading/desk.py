"""Correcting a post, for the terminal and whatever else: asking, accepting, declining, going back.

What is accepted is in the post at once, and what is declined is in its record at once: stopped or killed at any moment,
the same command goes on where it was.
"""

import datetime
import hashlib
import json
import re
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from cuaderno.diary import front_matter
from cuaderno.diary.blocks import blocks, text_digest
from cuaderno.diary.diary import Diary
from cuaderno.diary.posts import Post
from cuaderno.diary.progress import original_path
from cuaderno.diary.proofreading.applying import Offer, Refused, Sheet, Suggestion
from cuaderno.diary.proofreading.edits import Corrector, Edit
from cuaderno.diary.proofreading.following import follow
from cuaderno.diary.proofreading.guard import Fault
from cuaderno.diary.proofreading.originals import brought_along
from cuaderno.diary.proofreading.passages import Lines, Passage, body_line, read_passages
from cuaderno.diary.proofreading.prompts import Prompt, keep_used
from cuaderno.diary.proofreading.record import HandMade, Record, read_record, record_name, write_record
from cuaderno.diary.proofreading.structure import skeleton
from cuaderno.lab.errors import CuadernoError, nearest
from cuaderno.lab.files import disk_errors, write_atomic

OWN_WORDS = "words.txt"
OLD_SECONDS = 3600  # a temporary file that is older was left by a process that was killed
Day = datetime.date


def find_post(diary: Diary, name: str, lang: str | None = None) -> Post:
    """A post by its name or its file, in a language: the given one, the file's, else the one it was born in.

    Raises:  CuadernoError when there is none.
    """
    path = Path(name)
    parts = [path.stem, path.parent.name] if path.suffix == ".md" else [path.name]
    slugs = {post.slug for post in diary.posts}
    slug = next((part for part in parts if part in slugs), None)
    if slug is None:
        if diary.problems:
            raise CuadernoError("\n".join(str(problem) for problem in diary.problems))
        raise CuadernoError(f"There is no post '{name}'.{nearest(name, slugs)}")
    found = {post.lang: post for post in diary.posts if post.slug == slug}
    if lang is None and path.suffix == ".md" and path.stem in found:
        lang = path.stem
    if lang is None:
        born = next((post.born for post in found.values() if post.born in found), None)
        lang = born or (diary.settings.default if diary.settings.default in found else next(iter(found)))
    if lang not in found:
        raise CuadernoError(f"'{slug}' does not exist in '{lang}'.{nearest(lang, found)}")
    return found[lang]


def own_words(diary: Path) -> list[str]:
    """The words that are right in this diary, one a line of its `words.txt`; `#` begins a remark.

    Raises:  CuadernoError when the file cannot be read.
    """
    path = diary / OWN_WORDS
    try:
        text = path.read_bytes().decode("utf-8-sig") if path.is_file() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise CuadernoError(f"{path} cannot be read: {error}. Save it as UTF-8, one word a line.") from None
    lines = (re.sub(r"(?:^|\s)#.*", "", line).strip() for line in text.splitlines())
    return list(dict.fromkeys(filter(None, lines)))


@dataclass
class Desk:
    """One passage of a session: its sheet, what is in it by now, and the faults that the person takes upon them."""

    sheet: Sheet
    accepted: list[Suggestion] = field(default_factory=list)
    open: list[tuple[str, str]] = field(default_factory=list)  # the keys of what is not decided
    refused: tuple[Refused, ...] = ()
    forgiven: set[str] = field(default_factory=set)


@dataclass
class Counts:
    """What became of the suggestions of a session."""

    accepted: int = 0
    by_hand: int = 0
    declined: int = 0


class Proofreading:
    """A session: one post, one corrector, one day.

    Raises:  CuadernoError when the post or its record cannot be read.
    """

    def __init__(self, diary: Diary, post: Post, corrector: Corrector, today: Day, prompt: Prompt | None = None):
        self.diary, self.post, self.corrector, self.today, self.prompt = diary, post, corrector, today, prompt
        self.path = post.path
        self.original = original_path(post)
        self.record_path = post.home / record_name(post.lang)
        self.record = read_record(self.record_path) or Record()
        self._by_hand = hand_made(self.record, post.path.read_bytes().decode("utf-8", "replace"))
        sweep(self.path, self.original, self.record_path)
        self._raw = self.path.read_bytes()
        self.text = self.first = self._raw.decode()
        self.names = [*own_words(diary.folder), *filter(None, [diary.settings.author])]
        self.counts = Counts()
        self.failed: list[tuple[int, CuadernoError]] = []
        self._desks: dict[int, Desk] = {}
        self._asked: set[int] = set()
        self._read: tuple[str, list[Passage], list] | None = None
        self._answers = Answers(diary.folder, post, corrector, prompt) if prompt else None

    # -- asking --------------------------------------------------------------------------------------------------------

    @cached_property
    def numbers(self) -> list[int]:
        """The passages that have words, by number."""
        return [one.number for one in self._now()[0] if self._sheet(one).view.has_words]

    def passage(self, number: int) -> Passage:
        """A passage as it is now."""
        return self._now()[0][number - 1]

    def _now(self) -> tuple[list[Passage], list]:
        """The passages of the text as it is now, and its form."""
        if self._read is None or self._read[0] != self.text:
            self._read = self.text, read_passages(self.text), skeleton(self.text)
        return self._read[1:]

    def desk(self, number: int) -> Desk:
        if number not in self._desks:
            self._desks[number] = Desk(self._sheet(self.passage(number)))
        return self._desks[number]

    def _sheet(self, passage: Passage) -> Sheet:
        return Sheet(passage, self.post.lang, self.names, self._knows, strict=self.prompt is not None)

    @cached_property
    def _knows(self) -> Callable[[str], bool] | None:
        """The corrector's dictionary, or that of the one that works offline; None when neither has one here."""
        knows = getattr(self.corrector, "knows", None)
        try:
            if knows is None:
                from cuaderno.diary.proofreading.offline import Offline

                knows = Offline().knows
            knows("a", self.post.lang)
        except (ImportError, AttributeError, CuadernoError):
            return None
        return lambda word: bool(knows(word, self.post.lang))

    def ask(self, number: int) -> Offer:
        """What the corrector suggests for a passage, without what was declined before.

        Raises:  CuadernoError when it has no answer; everything else it may raise is turned into one.
        """
        sheet = self.desk(number).sheet
        edits = self._answers.get(sheet.view.text) if self._answers else None
        if edits is None:
            edits = self._corrected(sheet.view.text)
            if self._answers:
                self._answers.put(sheet.view.text, edits)
        offer = sheet.offer(edits, lambda text: self._misfit(number, text))
        fresh = tuple(one for one in offer.suggestions if one.key not in self.record.declined)
        self.desk(number).open = [one.key for one in fresh]
        self.desk(number).refused = offer.refused
        self._asked.add(number)
        return Offer(fresh, offer.refused)

    def _corrected(self, text: str) -> list[Edit]:
        try:
            found = self.corrector.correct(text, self.post.lang)
        except CuadernoError:
            raise
        except Exception as error:  # whatever a corrector stumbles over must not end the session
            raise CuadernoError(f"{self.corrector.name} failed: {type(error).__name__}. The passage stays.") from error
        edits = found if isinstance(found, list | tuple) else []
        return [one for one in edits if isinstance(one, Edit) and _is_text(one)]

    def _misfit(self, number: int, text: str) -> Fault | None:
        """What becomes of the file when a passage says this: it has to keep its form."""
        after = self._with(number, text)
        if self._now()[1] != skeleton(after):
            return Fault("structure")
        passage = self.passage(number)
        if passage.style and not _same_field(passage, after, self.desk(number).sheet.look(text).text):
            return Fault("front_matter")
        return None

    def _with(self, number: int, text: str) -> str:
        """The file with a passage that says something else, and the heading that repeats it."""
        passage = self.passage(number)
        whole = self.text
        changes = [(passage.start, passage.end, text)]
        if passage.twin:
            changes.append((*passage.twin, " ".join(_decoded(passage.style, text).split())))
        for start, end, new in sorted(changes, reverse=True):
            whole = whole[:start] + new + whole[end:]
        return whole

    # -- deciding ------------------------------------------------------------------------------------------------------

    def accept(self, number: int, suggestion: Suggestion, in_spite: bool = False) -> list[Fault]:
        """Put a suggestion into the post. When the passage would lose something by it nothing is done, unless the
        person wants it `in_spite`; a broken form of the file is never written.

        Raises:  CuadernoError when the post changed on disk meanwhile or cannot be written.
        """
        desk = self.desk(number)
        together = [*desk.accepted, suggestion]
        found = desk.sheet.wrong(together, lambda text: self._misfit(number, text))
        found = [fault for fault in found if fault.code not in desk.forgiven]
        text = desk.sheet.with_(together)
        if found and not (in_spite and self._keeps_passages(number, text)):
            return found
        self._write(self._with(number, text), suggestion.by_hand)
        desk.forgiven |= {fault.code for fault in found}
        desk.accepted.append(suggestion)
        desk.open.remove(suggestion.key)
        return []

    def decline(self, number: int, suggestion: Suggestion) -> None:
        """Remember that a suggestion is not to come again."""
        self.record = self.record.without(suggestion.key)
        write_record(self.record_path, self.post.lang, self.record)
        self.counts.declined += 1
        self.desk(number).open.remove(suggestion.key)

    def by_hand(self, number: int, suggestion: Suggestion, new: str) -> Suggestion:
        """A suggestion with what the person wants instead."""
        return self.desk(number).sheet.by_hand(suggestion, new)

    def _keeps_passages(self, number: int, text: str) -> bool:
        before, after = self._now()[0], read_passages(self._with(number, text))
        others = [one.text for one in before if one.number != number and one.twin is None]
        return [one.kind for one in before] == [one.kind for one in after] and others == [
            one.text for one in after if one.number != number and one.twin is None
        ]

    def settle(self, number: int) -> None:
        """When nothing is open in a passage any more, it need not be asked about again as it stands."""
        if self._answers and not self.desk(number).open:
            refused = [one.edit for one in self.desk(number).refused]
            self._answers.put(self._sheet(self.passage(number)).view.text, refused)

    @property
    def left_open(self) -> int:
        """How many suggestions are not decided."""
        return sum(len(desk.open) for desk in self._desks.values())

    @property
    def refused(self) -> list[Refused]:
        """The suggestions that were not offered, since something would be lost by them."""
        return [one for desk in self._desks.values() for one in desk.refused]

    def sentence(self, number: int, suggestion: Suggestion) -> tuple[str, str]:
        """What stands before and after a suggestion in its sentence as it is now."""
        desk = self.desk(number)
        return desk.sheet.sentence(suggestion, desk.accepted)

    def fail(self, number: int, error: CuadernoError) -> None:
        """Note that the corrector had no answer for a passage."""
        self.failed.append((number, error))

    # -- writing -------------------------------------------------------------------------------------------------------

    def _write(self, text: str, by_hand: bool) -> None:
        """The first version, then the post, then the record: killed in between, nothing is lost."""
        self._check_unchanged()
        self._keep_original()
        content = text.encode()
        write_atomic(self.path, content)
        self._raw, self.text = content, text
        self.counts.accepted += not by_hand
        self.counts.by_hand += by_hand
        self._count(accepted=int(not by_hand), by_hand=int(by_hand))

    def _check_unchanged(self) -> None:
        if not self.path.is_file() or self.path.read_bytes() != self._raw:
            raise CuadernoError(
                f"{self.path} has changed since it was read. What was accepted is in it; nothing more was written. "
                "Run the same command again."
            )

    def _keep_original(self) -> None:
        with disk_errors(self.original):
            self.original.parent.mkdir(parents=True, exist_ok=True)
        if not self.original.is_file():
            write_atomic(self.original, self._raw)
        elif not self.counts.accepted + self.counts.by_hand:  # the post may have grown since
            raw = self.original.read_bytes()
            grown = brought_along(raw.decode("utf-8", "surrogateescape"), self.text).encode("utf-8", "surrogateescape")
            if grown != raw:
                write_atomic(self.original, grown)

    def _count(self, accepted: int = 0, by_hand: int = 0) -> None:
        if self.prompt:
            keep_used(self.diary.folder, self.prompt)
        digest = self.prompt.digest if self.prompt else ""
        counted = self.record.counted(self.today, self.corrector.name, digest, accepted, by_hand)
        edited = tuple(dict.fromkeys((*self.record.edited, *self._by_hand)))
        marks = tuple(mark for mark, _ in marked_blocks(self.text))
        self.record = replace(counted, written=text_mark(self.text), blocks=marks, edited=edited)
        write_record(self.record_path, self.post.lang, self.record)

    @property
    def is_through(self) -> bool:
        """True when every passage was asked about and nothing is left open."""
        return not self.left_open and not self.failed and self._asked.issuperset(self.numbers)

    def finish(self, is_done: bool = False) -> bool:
        """End the session. True when nothing was left open, so that the post counts as corrected.

        With refused suggestions it does so only when the person says that it `is_done`.

        Raises:  CuadernoError when something cannot be written.
        """
        follow(self.post.home, self.post.lang, self.diary.settings.languages, self.first, self.text)
        if not self.is_through or (self.refused and not is_done):
            return False
        self._check_unchanged()
        self._keep_original()
        self._count()
        self.record = replace(self.record, finished=self.today)
        write_record(self.record_path, self.post.lang, self.record)
        return True

    def stop(self) -> None:
        """End the session early: what was accepted stays, and the translation follows it."""
        follow(self.post.home, self.post.lang, self.diary.settings.languages, self.first, self.text)


def _is_text(edit: Edit) -> bool:
    """True for three texts that can be written in a file."""
    try:
        return all(isinstance(part, str) and part.encode() is not None for part in (edit.old, edit.new, edit.why))
    except UnicodeEncodeError:
        return False


def _decoded(style: str, text: str) -> str:
    if style == "single":
        return text.replace("''", "'")
    if style == "double":
        return re.sub(r'\\(["\\])', r"\1", text)
    return text


def _same_field(passage: Passage, text: str, expected: str) -> bool:
    """True when YAML reads from the file what was meant for title or description."""
    try:
        fields = front_matter.read(Lines(text).normal, Path("post"))
    except CuadernoError:
        return False
    value = str(fields.get(passage.kind, ""))
    meant = re.sub(r"⟦\d+(?::([^⟦⟧]*))?⟧", "\0", expected)
    pattern = ".*?".join(r"\s+".join(map(re.escape, part.split(" "))) for part in meant.split("\0"))
    return bool(re.fullmatch(pattern, value, re.S))


# -- the files beside a post -------------------------------------------------------------------------------------------


def text_mark(text: str) -> str:
    """A mark of a text that survives other line ends."""
    same = text.removeprefix("\ufeff").replace("\r\n", "\n")
    return hashlib.blake2b(same.encode(errors="replace"), digest_size=8).hexdigest()


def edited_since(post: Post) -> bool:
    """True when somebody changed a post after it was corrected."""
    record = read_record(post.home / record_name(post.lang))
    return record is None or record.written != text_mark(post.path.read_bytes().decode("utf-8", "replace"))


def marked_blocks(text: str) -> list[tuple[str, str]]:
    """The paragraphs of a post, each with a mark, and the whole of the front matter as one of them."""
    lines = Lines(text)
    first = body_line(lines)
    head = "\n".join(lines.normal.split("\n")[:first]).strip()
    found = blocks("\n".join(lines.normal.split("\n")[first:]))
    return [(text_digest(one)[:8], one) for one in (*([head] if head else []), *(block.text for block in found))]


def hand_made(record: Record, text: str) -> list[HandMade]:
    """The paragraphs that are not as the last session left them."""
    known = set(record.blocks)
    return [HandMade(mark, _opening(one)) for mark, one in marked_blocks(text) if known and mark not in known]


def _opening(text: str) -> str:
    said = " ".join(text.split())
    return said if len(said) <= 50 else said[:49] + "…"


def changed_by_hand(post: Post) -> list[str]:
    """How the paragraphs begin that somebody changed between or after the corrections: going back takes them out."""
    record = read_record(post.home / record_name(post.lang)) or Record()
    now = hand_made(record, post.path.read_bytes().decode("utf-8", "replace"))
    original = original_path(post).read_bytes().decode("utf-8", "replace")
    first = {mark for mark, _ in marked_blocks(original)}
    return list(dict.fromkeys(one.opening for one in (*record.edited, *now) if one.mark not in first))


def sweep(*paths: Path) -> None:
    """Take away the temporary files that a killed write left beside these, once they are old."""
    for path in paths:
        for left in path.parent.glob(f".{path.name}.*.tmp"):
            with suppress(OSError):
                if re.fullmatch(r"\d+", left.name[len(path.name) + 2 : -4]) and _age(left) > OLD_SECONDS:
                    left.unlink()


def _age(path: Path) -> float:
    return time.time() - path.stat().st_mtime


def revert(diary: Diary, post: Post) -> Path:
    """Make a post again what it was before the correction; the corrected text is kept in `.cache`, where it says.

    Raises:  CuadernoError when it was never corrected.
    """
    original = original_path(post)
    if not original.is_file():
        raise CuadernoError(f"'{post.slug}' was not corrected in '{post.lang}': there is no {original}.")
    path, before = post.home / record_name(post.lang), post.path.read_bytes()
    record = read_record(path) or Record()
    kept = _free_name(diary.folder / ".cache" / "proofread" / f"{post.slug}.{post.lang}.corrected.md")
    with disk_errors(kept):
        kept.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(kept, before)
    first = original.read_bytes()
    write_atomic(post.path, first)
    with disk_errors(original):
        original.unlink()
        if record.declined:
            write_record(path, post.lang, Record(declined=record.declined))
        else:
            path.unlink(missing_ok=True)
        if post.home != post.path.parent and not any(post.home.iterdir()):
            post.home.rmdir()
    follow(post.home, post.lang, diary.settings.languages, before.decode(), first.decode())
    return kept


def _free_name(path: Path) -> Path:
    number, kept = 1, path
    while kept.exists():
        number += 1
        kept = path.with_suffix(f".{number}.md")
    return kept


class Answers:
    """What a model answered to a passage, kept in `.cache`: the same question is not asked, and paid, twice."""

    def __init__(self, diary: Path, post: Post, corrector: Corrector, prompt: Prompt):
        self.path = diary / ".cache" / "proofread" / f"{post.slug}.{post.lang}.json"
        server = getattr(getattr(corrector, "model", None), "server", None)
        address = getattr(server, "address", "")  # two servers may call two models by one name
        self.mark = f"{corrector.name} {address} {prompt.digest} "
        self.known: dict[str, list] = {}
        try:
            known = json.loads(self.path.read_bytes())
            self.known = known if isinstance(known, dict) else {}
        except (OSError, ValueError, RecursionError):
            pass

    def _key(self, text: str) -> str:
        return hashlib.blake2b((self.mark + text).encode(errors="replace"), digest_size=12).hexdigest()

    def get(self, text: str) -> list[Edit] | None:
        try:
            return [Edit(*map(str, entry)) for entry in self.known[self._key(text)]]
        except (KeyError, TypeError):
            return None

    def put(self, text: str, edits: Iterable[Edit]) -> None:
        self.known[self._key(text)] = [[one.old, one.new, one.why] for one in edits]
        with disk_errors(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(self.path, json.dumps(self.known, ensure_ascii=False))
