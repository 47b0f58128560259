"""The journey: bets that the numbers left undecided, and objectives at odds with their posts and studies."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from cuaderno import studies
from cuaderno.diary.conditions import Condition
from cuaderno.diary.dates import parse_date
from cuaderno.diary.journey import Bet, Journey, Objective
from cuaderno.diary.progress import Progress, created
from cuaderno.lab.run import Run
from cuaderno.site.checking.finding import Finding
from cuaderno.site.checking.subject import Subject
from cuaderno.site.git import Git


def look(subject: Subject) -> Iterator[Finding]:
    progress = subject.edition.progress
    if progress is None:
        return
    yield from _bets(progress)
    yield from _late(progress)
    yield from _objectives(progress)
    yield from _planned(progress)


def _bets(progress: Progress) -> Iterator[Finding]:
    journey = progress.journey
    for settled in progress.bets:
        bet = settled.bet
        if settled.verdict == "undecided" and settled.run:
            by = ", ".join(run.id for run in settled.runs)
            what = f"the bet '{bet.id}' is undecided: not all that {by} measured lies on one side of the line."
            cure = "Say so in the post, or make a new bet about a run with more test cases."
            yield Finding("bet-undecided", journey.path, journey.line(bet, "condition"), what, cure)
        if bet.made > progress.moment:
            what = f"the bet '{bet.id}' was made on a day that has not come."
            yield Finding(
                "objective", journey.path, journey.line(bet, "made"), what, "Write the day on which it was made."
            )


def _late(progress: Progress) -> Iterator[Finding]:
    """Bets and bars that git saw only after the run that they were about: a date is soon typed."""
    journey = progress.journey
    git = Git(journey.path.parent)
    if git.tried("rev-parse", "--is-shallow-repository") != "false":
        return  # no git, or not all of its history
    for one in progress.bets:
        yield from _after_its_run(git, journey, one.bet, "condition", one.bet.condition, one.run)
    for standing in progress.standings:
        objective = standing.objective
        yield from _after_its_run(git, journey, objective, "evidence", objective.evidence, standing.run)


def _after_its_run(
    git: Git, journey: Journey, entry: Bet | Objective, key: str, condition: Condition | None, run: Run | None
) -> Iterator[Finding]:
    if run is None or condition is None:
        return
    seen = first_seen(git, journey.path, condition.text)
    if seen is None or seen > created(run):
        name = f"the {'bet' if isinstance(entry, Bet) else 'bar of'} '{entry.id}'"
        when = f"has it since {seen:%Y-%m-%d %H:%M}" if seen else "does not have it yet"
        there = f"{run.id} was there on {created(run):%Y-%m-%d %H:%M}"
        what = f"git {when} (UTC), and {there}: {name} came after its run."
        yield Finding("late", journey.path, journey.line(entry, key), what, "Say so, or measure once more.")


def first_seen(git: Git, file: Path, text: str) -> datetime | None:
    """When a text came into a file, as git knows it; None when it is not in there."""
    dates = git.tried("log", "--reverse", "--format=%aI", f"-S{text}", "--", file.name)
    return parse_date(dates.splitlines()[0]).astimezone(UTC) if dates else None


def _objectives(progress: Progress) -> Iterator[Finding]:
    """Objectives whose run reached the bar, while the post that should say so does not show such a run."""
    journey = progress.journey
    for standing in progress.standings:
        objective = standing.objective
        published = any(post.slug == objective.post and post.published for post in progress.posts)
        if objective.post and published and standing.run and not standing.marks["written"]:
            what = f"'{objective.id}' is trained, but its post '{objective.post}' shows no run that reaches the bar."
            cure = f"Show {standing.run.id} there, or name another post."
            yield Finding("objective", journey.path, journey.line(objective, "post"), what, cure)


def _planned(progress: Progress) -> Iterator[Finding]:
    journey = progress.journey
    there = {*studies.names(), *(run.study for run in progress.runs)}
    lines = journey.path.read_text(encoding="utf-8-sig").splitlines()
    for name in journey.planned:
        if name in there:
            line = next((number for number, text in enumerate(lines, 1) if f'"{name}"' in text), 1)
            what = f"'{name}' is called planned, but the study is there."
            yield Finding("objective", journey.path, line, what, "Take it out of `planned`.")
