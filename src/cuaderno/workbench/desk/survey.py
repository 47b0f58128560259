"""How far every post's translation is, read again only where a file changed."""

import datetime
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any

from cuaderno.diary.diary import Diary
from cuaderno.diary.posts import bytes_digest
from cuaderno.diary.translating.translation import Paragraph, Translation, of_post
from cuaderno.lab.errors import CuadernoError


@dataclass(frozen=True)
class Row:
    """A post: what is left to do, and the day on which each paragraph is due for another look."""

    slug: str
    title: str
    source: str
    lang: str
    open: int
    due: tuple[tuple[datetime.date, int], ...]

    def due_on(self, today: datetime.date) -> list[int]:
        return [number for day, number in self.due if day <= today]


def survey(diary: Diary, memory: MutableMapping[Any, Row]) -> tuple[list[Row], list[CuadernoError]]:
    """Every post that can be translated, the newest first, and what could not be read."""
    rows, problems = [], list(diary.problems)
    for slug in dict.fromkeys(post.slug for post in diary.posts):
        try:
            translation = of_post(diary, slug)
            if translation:
                rows.append(_row(translation, memory))
        except CuadernoError as error:
            problems.append(error)
    return rows, problems


def _row(translation: Translation, memory: MutableMapping[Any, Row]) -> Row:
    sidecar = translation.sidecar.read_bytes() if translation.sidecar.is_file() else b""
    target = translation.target.digest if translation.target else ""
    key = translation.slug, translation.source.digest, target, bytes_digest(sidecar)
    if key not in memory:
        due = [(one.memory.due, one.number) for one in translation.due(datetime.date.max) if one.memory]
        memory[key] = Row(
            translation.slug, translation.source.title, translation.source.lang, translation.lang,
            len(to_do(translation)), tuple(sorted(due)),
        )  # fmt: skip
    return memory[key]


def to_do(translation: Translation) -> list[Paragraph]:
    """What is missing or stale, or differs in its numbers, links or code."""
    behind = {one.number for one in translation.behind}
    every = (translation.head, *translation.paragraphs)
    return [one for one in every if one.number in behind or (one.faults and one.source)]
