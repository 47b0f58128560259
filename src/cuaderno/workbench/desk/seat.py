"""A paragraph that somebody is typing: what it began from, what became of the file meanwhile, and how it is saved."""

import datetime
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cuaderno.diary.translating import drafts
from cuaderno.diary.translating.desk import opened
from cuaderno.diary.translating.drafts import Draft
from cuaderno.diary.translating.translation import Overtaken, Paragraph, Translation
from cuaderno.lab.errors import CuadernoError

Day = datetime.date
ONE_AT_A_TIME = threading.RLock()  # two tabs of a browser are two threads here


class Gone(CuadernoError):
    """The source of a paragraph changed while it was being typed."""


class Taken(Overtaken):
    """Somebody else wrote the very paragraph that is being typed."""


@dataclass
class Seat:
    """`text` is what is typed, `shown` the translation it began from and `base` that one's digest, `-` for none.

    `known` is what the draft on disk says as far as this writer has seen. `version` grows when the writer is to see
    another text than he typed.
    """

    key: str
    text: str
    shown: str
    base: str
    known: str | None = None
    version: int = 1

    @property
    def is_typed(self) -> bool:
        """Whether there is something here that the translation does not have."""
        return bool(self.text.strip()) and self.text.strip() != self.shown.strip()

    @property
    def state(self) -> str:
        """`as_saved`, `kept` as a draft, or `not_kept` because the disk did not take it."""
        if not self.is_typed:
            return "as_saved"
        return "kept" if self.known == self.text else "not_kept"


def written(one: Paragraph | None) -> str:
    """What the translation has, or the mark with which it has to begin."""
    if one is None:
        return ""
    return one.translation.text if one.translation else one.source.marker if one.source else ""


def base(one: Paragraph | None) -> str:
    return one.translation.digest if one and one.translation else "-"


def sit(key: str, one: Paragraph | None, draft: Draft | None, version: int = 1) -> Seat:
    """Begin with the draft that is left, or with what the translation has. `one` is None for title and description."""
    seat = Seat(key, written(one), written(one), base(one), version=version)
    if draft and draft.text.strip():
        seat.text, seat.base, seat.known = draft.text, draft.base, draft.text
    return seat


def refreshed(seat: Seat, one: Paragraph | None) -> Seat:
    """The seat after the file may have changed: what is not typed over shows the file's new text."""
    if base(one) == seat.base:
        return seat
    if not seat.is_typed or seat.text.strip() == written(one).strip():
        return sit(seat.key, one, None, seat.version + 1)
    return seat


def is_overtaken(seat: Seat, one: Paragraph | None) -> bool:
    """Whether somebody else changed in the file what is being typed here."""
    return seat.is_typed and base(one) != seat.base


def typed(diary: Path, translation: Translation, seat: Seat, text: str) -> Path | None:
    """Keep what was typed.

    What another writer has put into the draft meanwhile is set aside, and its file returned.
    """
    with ONE_AT_A_TIME:
        seat.text = text
        if seat.is_typed:
            aside = drafts.keep(diary, translation, seat.key, text, seat.base, seat.known)
            seat.known = text
            return aside
        if text.strip() and seat.known is not None:
            drafts.drop(diary, translation, seat.key, seat.known)
            seat.known = None
        return None


def restored(seat: Seat, began: str, after: str) -> None:
    """The browser still has a text that the workbench never heard, begun from `began` and typed after `after`."""
    seat.base, seat.known = began, after


def save(diary: Path, post: str, source: str, seat: Seat, today: Day, review: bool = False) -> int:
    """Write what is typed into the translation; its number. Nothing is written when somebody else was there first.

    Raises:  Taken, Gone, or Unfit when the text cannot stand there.
    """
    try:
        return _save(diary, post, source, seat, today, review)
    except Taken:
        raise
    except Overtaken:  # at that very moment, and another paragraph perhaps
        return _save(diary, post, source, seat, today, review)


def _save(diary: Path, post: str, source: str, seat: Seat, today: Day, review: bool) -> int:
    with ONE_AT_A_TIME:
        translation = opened(diary, post, source)
        one = drafts.keyed(translation).get(seat.key)
        if one is None:
            raise Gone(f"The source of '{seat.key}' has changed.")
        if base(one) != seat.base:
            raise Taken(f"Paragraph {one.number} has changed since it was read.")
        translation.write({one.number: seat.text}, today, head(diary, translation))
        if review:
            opened(diary, post, source).looked([one.number], today, mended=[one.number])
        _drop(diary, translation, seat)
        for name in drafts.HEADS if translation.target is None else ():
            drafts.drop(diary, translation, name)
        return one.number


def begin(
    diary: Path,
    post: str,
    source: str,
    title: str,
    description: str,
    today: Day,
    bases: Mapping[str, str] | None = None,
) -> Path:
    """Write title and description, perhaps of a translation that is not there yet; its file.

    `bases` are the digests of those they are to replace, `-` for none.

    Raises:  Overtaken when somebody else wrote them meanwhile.
    """
    with ONE_AT_A_TIME:
        translation = opened(diary, post, source)
        now = {name: base(one) for name, one in translation.heads().items()}
        if translation.target is not None and now != bases:
            raise Overtaken(f"{translation.path} exists by now, with another title.")
        translation.write({}, today, (one_line(title), one_line(description)))
        for name in drafts.HEADS:
            drafts.drop(diary, translation, name)
        return translation.path


def head(diary: Path, translation: Translation) -> tuple[str, str] | None:
    """Title and description as far as they were typed, for a translation that does not exist yet."""
    if translation.target is not None:
        return None
    found = drafts.texts(drafts.kept(diary, translation))
    return one_line(found.get("title", "")), one_line(found.get("description", ""))


def one_line(text: str) -> str:
    return " ".join(text.split())


def over(seat: Seat, one: Paragraph | None) -> Seat:
    """Go on with what is typed although the file has changed: the next save writes over it."""
    seat.base, seat.shown = base(one), written(one)
    return seat


def yield_to(diary: Path, translation: Translation, seat: Seat, one: Paragraph | None) -> tuple[Seat, Path | None]:
    """Take what the file has; what was typed is set aside and its file returned."""
    with ONE_AT_A_TIME:
        drafts.keep(diary, translation, seat.key, seat.text, seat.base, seat.known)
        draft = drafts.kept(diary, translation).get(seat.key)
        aside = drafts.set_aside(draft.path) if draft else None
        return sit(seat.key, one, None, seat.version + 1), aside


def _drop(diary: Path, translation: Translation, seat: Seat) -> None:
    for text in {seat.text, seat.known} - {None}:
        drafts.drop(diary, translation, seat.key, text)
