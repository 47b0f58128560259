"""The journey: bets that the numbers left undecided, and objectives at odds with their posts and studies."""

from collections.abc import Iterator

from cuaderno import studies
from cuaderno.diary.progress import Progress
from cuaderno.site.checking.finding import Finding
from cuaderno.site.checking.subject import Subject


def look(subject: Subject) -> Iterator[Finding]:
    progress = subject.edition.progress
    if progress is None:
        return
    yield from _bets(progress)
    yield from _objectives(progress)
    yield from _planned(progress)


def _bets(progress: Progress) -> Iterator[Finding]:
    journey = progress.journey
    for settled in progress.bets:
        bet = settled.bet
        if settled.verdict == "undecided" and settled.run:
            what = f"the bet '{bet.id}' is undecided: in {settled.run.id} the interval lies on both sides of the line."
            cure = "Say so in the post, or make a new bet about a run with more test cases."
            yield Finding("bet-undecided", journey.path, journey.line(bet, "condition"), what, cure)
        if bet.made > progress.moment:
            what = f"the bet '{bet.id}' was made on a day that has not come."
            yield Finding(
                "objective", journey.path, journey.line(bet, "made"), what, "Write the day on which it was made."
            )


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
