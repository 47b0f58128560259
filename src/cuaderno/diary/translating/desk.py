"""What the writing desk does with translations, for the terminal and the workbench alike; it answers in words."""

import datetime
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from cuaderno.diary.anchors import in_words
from cuaderno.diary.diary import Diary
from cuaderno.diary.translating import editing
from cuaderno.diary.translating.glossary import read_terms
from cuaderno.diary.translating.hint import Hint, compared, open_hint
from cuaderno.diary.translating.translation import (
    DONE,
    EXTRA,
    HEAD,
    MISSING,
    STALE,
    Paragraph,
    Translation,
    everyone,
    find,
)
from cuaderno.diary.translating.words import TEXT
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.text import printable

FIRST_WORDS = 56
Day = datetime.date
Report = Callable[[str], object]


def opened(folder: Path, post: str, source: str | None = None) -> Translation:
    """The translation as it lies on disk now, from the language it was born in or from another `source`."""
    return find(Diary.open(folder), post, source)


def all_opened(folder: Path) -> list[Translation]:
    diary = Diary.open(folder)
    if diary.problems:
        raise CuadernoError("\n".join(str(problem) for problem in diary.problems))
    return everyone(diary)


# -- looking -----------------------------------------------------------------------------------------------------------


def status(
    folder: Path, post: str, today: Day, source: str | None = None, ui: str = "en"
) -> tuple[str, list[tuple[str, str, str, str]], str]:
    """Title, rows and the next step for one post."""
    translation = opened(folder, post, source)
    rows = []
    for one in (translation.head, *translation.paragraphs):
        faults = "; ".join(in_words(fault, ui) for fault in one.faults)
        rows.append((str(one.number), TEXT[ui][one.state], begins(one), faults))
    title = f"{translation.slug}: {translation.source.lang} → {translation.lang}"
    return title, rows, advice(translation, today, ui)


def begins(one: Paragraph, length: int = FIRST_WORDS) -> str:
    words = one.plain
    return words if len(words) <= length else words[: length - 1].rsplit(" ", 1)[0] + " …"


def count(translation: Translation, state: str) -> int:
    return sum(one.state == state for one in (translation.head, *translation.paragraphs))


def advice(translation: Translation, today: Day, ui: str = "en") -> str:
    """What to do next, with the command, in the language of the terminal."""
    words, command = TEXT[ui], f"cuaderno translate {translation.slug}"
    missing, stale, due = count(translation, MISSING), count(translation, STALE), len(translation.due(today))
    lines = []

    def say(name: str, **values: object) -> None:
        lines.append(words[name].format(command=command, **values))

    if missing or stale:
        numbers = (("some_missing", missing), ("some_stale", stale))
        found = [words[name].format(n=number) for name, number in numbers if number]
        say("translate_them", some=f" {words['and']} ".join(found))
    if stale:
        say("need_not", first=next(one.number for one in translation.behind if one.state == STALE))
    if translation.faulty:
        say("differ", n=len(translation.faulty), path=translation.path, first=translation.faulty[0].number)
    if extra := count(translation, EXTRA):
        say("only_here", n=extra)
    if unknown := [one for one in translation.paragraphs if one.state == DONE and not one.is_remembered]:
        say("unknown", n=len(unknown))
    elif translation.head.state == DONE and not translation.head.memory:
        say("unknown_title")
    if due:
        say("due", n=due)
    return "\n".join(lines) or words["all_done"]


def overview(folder: Path, today: Day) -> list[tuple[str, ...]]:
    """One row per post."""
    rows = []
    for one in all_opened(folder):
        counts = [count(one, state) for state in (DONE, MISSING, STALE)]
        counts += [len(one.faulty), len(one.due(today))]
        rows.append(
            (one.slug, f"{one.source.lang} → {one.lang}", *(str(number) if number else "" for number in counts))
        )
    return rows


def as_json(folder: Path, post: str | None, today: Day, due_only: bool = False, source: str | None = None) -> Any:
    """One post, or a list of all, as plain values."""
    found = [opened(folder, post, source)] if post else all_opened(folder)
    values = [_plain(translation, today, due_only) for translation in found]
    return values[0] if post else values


def _plain(translation: Translation, today: Day, due_only: bool) -> dict[str, Any]:
    due = {one.number for one in translation.due(today)}
    shown = [one for one in translation.paragraphs if not due_only or one.number in due]
    return {
        "post": translation.slug,
        "from": translation.source.lang,
        "to": translation.lang,
        "file": str(translation.path),
        "translated": translation.made.isoformat() if translation.made else None,
        "behind": len(translation.behind),
        "head": translation.head.state,
        "paragraphs": [
            {
                "number": one.number,
                "state": one.state,
                "begins": begins(one),
                "faults": list(one.faults),
                "remembered": one.is_remembered,
                "due": one.memory.due.isoformat() if one.memory and one.state == DONE else None,
            }
            for one in shown
        ],
    }


# -- doing -------------------------------------------------------------------------------------------------------------


def remember(folder: Path, post: str, today: Day, source: str | None = None, ui: str = "en") -> str:
    translation = opened(folder, post, source)
    translation.remember(today)
    return TEXT[ui]["remembered"].format(path=translation.sidecar)


def dismiss(folder: Path, post: str, number: int, today: Day, source: str | None = None, ui: str = "en") -> str:
    translation = opened(folder, post, source)
    translation.dismiss(number, today)
    name = "accepted_title" if number == HEAD else "accepted"
    return TEXT[ui][name].format(n=number, begins=begins(translation.paragraph(number)))


def edit(
    folder: Path,
    post: str,
    today: Day,
    first_only: bool = False,
    editor: str | None = None,
    hint: str | None = None,
    report: Report = print,
    source: str | None = None,
    ui: str = "en",
) -> list[str]:
    """Open the editor with what is behind, or with the first of it; words about what happened.

    `hint` names a model: what it would have written is compared with what was written, afterwards.
    """
    machine = _machine(folder, opened(folder, post, source), hint)

    def choose(translation: Translation) -> list[Paragraph]:
        first = 1 if translation.target else 2  # a title to begin with, and a paragraph below it
        return translation.behind[:first] if first_only else translation.behind

    outcome = _edit(folder, post, today, choose, source, editor=editor)
    if outcome.written:
        outcome.notes.insert(0, TEXT[ui]["written"].format(what=_numbers(outcome.written, ui)))
    return [*outcome.notes, *_compared(outcome, machine, hint, report)] or [TEXT[ui]["nothing"]]


def review(
    folder: Path,
    post: str | None,
    today: Day,
    editor: str | None = None,
    hint: str | None = None,
    report: Report = print,
    source: str | None = None,
    ui: str = "en",
) -> list[str]:
    """Open the editor with what is due, post by post; words about what happened."""
    lines = []
    for translation in [opened(folder, post, source)] if post else all_opened(folder):
        if not translation.due(today):
            continue
        machine = _machine(folder, translation, hint)
        due, lang = partial(_due, today), translation.source.lang
        outcome = _edit(folder, translation.slug, today, due, lang, review=True, editor=editor)
        seen = sorted({*outcome.looked, *outcome.written})
        opened(folder, translation.slug, lang).looked(seen, today, outcome.written)
        lines += outcome.notes
        if seen:
            said = TEXT[ui]["looked_changed" if outcome.written else "looked"]
            lines.append(said.format(post=translation.slug, n=len(seen), changed=len(outcome.written)))
        lines += _compared(outcome, machine, hint, report)
    return lines or [TEXT[ui]["nothing_due"]]


def _due(today: Day, translation: Translation) -> list[Paragraph]:
    return translation.due(today)


def _edit(folder: Path, post: str, today: Day, choose: Callable, source: str | None, **options: Any) -> editing.Outcome:
    return editing.edit(folder, partial(opened, folder, post, source), choose, read_terms(folder), today, **options)


def _machine(folder: Path, translation: Translation, name: str | None) -> Hint | None:
    return open_hint(name, folder, translation.source.lang, translation.lang, read_terms(folder)) if name else None


def _compared(outcome: editing.Outcome, machine: Hint | None, name: str | None, report: Report) -> list[str]:
    """For each paragraph that was written what the machine would have said; it goes nowhere else."""
    lines: list[str] = []
    if machine:
        for number, source, mine in outcome.pairs:
            report(f"Asking {name} about paragraph {number} …")
            try:
                said = printable(machine(source))
            except CuadernoError as error:
                return [*lines, f"What you wrote is saved; there is nothing to compare it with: {error}"]
            lines += [
                f"\nParagraph {number}, {name}:",
                said,
                "[-only you-] {+only the machine+}:",
                compared(mine, said),
            ]
    return lines


def _numbers(found: list[int], ui: str) -> str:
    numbers = [number for number in found if number != HEAD]
    words = TEXT[ui]
    some = f"{words['paragraphs' if len(numbers) > 1 else 'paragraph']} {', '.join(map(str, numbers))}"
    return f" {words['and']} ".join([*([words["the_title"]] if HEAD in found else []), *([some] if numbers else [])])
