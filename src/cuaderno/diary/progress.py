"""How far the journey has come: marks, verdicts and movements, derived from kept runs and posts and never typed."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import takewhile
from pathlib import Path

from cuaderno.diary.conditions import Condition
from cuaderno.diary.dates import parse_date
from cuaderno.diary.journey import Bet, Journey, Objective
from cuaderno.diary.posts import Post
from cuaderno.lab.errors import CuadernoError, nearest
from cuaderno.lab.metrics import Metric
from cuaderno.lab.run import Run

MARKS = ("trained", "written", "corrected", "translated", "published")
PLANNED = "planned"
KINDS = ("made", "trained", "run", "settled", "published", "translated")  # in this order on one day
ORIGINAL = "original.{lang}.md"  # beside a post: what it said before it was corrected
NEVER = datetime(1, 1, 2, tzinfo=UTC)
STANDS_STILL = timedelta(days=30)


def now() -> datetime:
    """The moment from which a month and a standstill are counted."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Standing:
    """Where an objective is: its marks, the run that reached the bar first, the posts that say so."""

    objective: Objective
    marks: dict[str, bool]
    run: Run | None = field(compare=False)
    posts: tuple[Post, ...]  # one per language, of one slug

    @property
    def state(self) -> str:
        """How far the way from `planned` to `published` goes without a gap."""
        done = list(takewhile(self.marks.__getitem__, MARKS))
        return done[-1] if done else PLANNED

    @property
    def missing(self) -> list[str]:
        return [mark for mark in MARKS if not self.marks[mark]]

    @property
    def count(self) -> int:
        return len(MARKS) - len(self.missing)


@dataclass(frozen=True)
class Settled:
    """A bet and what became of it; `runs` are those that measured it, of different seeds, as many as it asks for."""

    bet: Bet
    verdict: str
    runs: tuple[Run, ...] = field(compare=False)

    @property
    def run(self) -> Run | None:
        """The run that settled it, None while it is open."""
        return None if self.verdict == "open" else self.runs[-1]

    @property
    def numbers(self) -> dict[str, Metric]:
        """The metrics that decided."""
        return {name: self.run.metrics[name] for name in self.bet.condition.metrics} if self.run else {}


@dataclass(frozen=True)
class Movement:
    """Something that happened: one of KINDS, to an objective or a bet.

    `key` stays the same for good: feeds know the movement by it.
    """

    date: datetime
    kind: str
    about: Objective | Bet
    key: str
    source: str = ""  # the run or the slug behind it
    count: int = 1
    verdict: str = ""


class Progress:
    """A journey, measured against the kept runs and the posts of a moment."""

    def __init__(
        self,
        journey: Journey,
        runs: Iterable[Run],
        posts: Iterable[Post],
        declared: Callable[[str], Iterable[str]] = lambda study: (),
        installed: Iterable[str] = (),
        moment: datetime | None = None,
    ):
        """`declared` tells the metrics that a study says it measures, `installed` the studies there are."""
        self.journey, self.declared, self.moment = journey, declared, moment or now()
        self.runs = sorted(runs, key=lambda run: (created(run), run.id))  # the first one first
        self.posts = list(posts)
        self.studies = {*installed, *(run.study for run in self.runs), *journey.planned}
        self._by_id = {run.id: run for run in self.runs}
        self._by_study: dict[str, list[Run]] = {}
        for run in self.runs:
            self._by_study.setdefault(run.study, []).append(run)
        self._told: dict[str, dict[str, list[Post]]] = {}  # the id of a run → the posts that cite it, by slug
        for post in self.posts:
            for run_id in self._cited(post) if post.published else ():
                self._told.setdefault(run_id, {}).setdefault(post.slug, []).append(post)
        self.standings = [self._standing(objective) for objective in journey.objectives]
        self.bets = [self._settled(bet) for bet in journey.bets]

    def standing(self, name: str) -> Standing:
        """The objective of an id.

        Raises:  CuadernoError with the nearest id when there is none.
        """
        found = {standing.objective.id: standing for standing in self.standings}
        if name not in found:
            raise CuadernoError(f"journey.toml has no objective '{name}'.{nearest(name, found)}")
        return found[name]

    def bet(self, name: str) -> Settled:
        """The bet of an id.

        Raises:  CuadernoError with the nearest id when there is none.
        """
        found = {settled.bet.id: settled for settled in self.bets}
        if name not in found:
            raise CuadernoError(f"journey.toml has no bet '{name}'.{nearest(name, found)}")
        return found[name]

    # -- objectives ----------------------------------------------------------------------------------------------------

    def of(self, study: str) -> list[Run]:
        """The kept runs of a study, the first one first."""
        return self._by_study.get(study, [])

    def _standing(self, objective: Objective) -> Standing:
        reached = [run for run in self.of(objective.study) if _reaches(run, objective)]
        slugs = dict.fromkeys(slug for run in reached for slug in self._told.get(run.id, ()))
        about = [self._languages(slug) for slug in slugs if slug == (objective.post or slug)]
        languages = set(objective.title)
        marked = [(self._marks(bool(reached), posts, languages), posts) for posts in about or [[]]]
        marks, posts = max(marked, key=lambda item: (sum(item[0].values()), -_first(item[1]).timestamp()))
        return Standing(objective, marks, reached[0] if reached else None, tuple(posts))

    def _languages(self, slug: str) -> list[Post]:
        """The posts of a slug that are no drafts, one per language."""
        return sorted((post for post in self.posts if post.slug == slug and post.published), key=lambda post: post.lang)

    def _marks(self, trained: bool, posts: list[Post], languages: set[str]) -> dict[str, bool]:
        return {
            "trained": trained,
            "written": bool(posts),
            "corrected": any(corrected(post) for post in posts),
            "translated": {post.lang for post in posts} >= languages,
            "published": any(post.date <= self.moment for post in posts),
        }

    def _cited(self, post: Post) -> Iterator[str]:
        """The runs that a post names: by id, by a name of its own, or by study, which means the newest."""
        for reference in post.cites:
            wanted = post.runs.get(reference, reference)
            if wanted in self._by_id:
                yield wanted
            elif runs := self.of(wanted):
                yield runs[-1].id

    # -- bets ----------------------------------------------------------------------------------------------------------

    def _settled(self, bet: Bet) -> Settled:
        by_seed: dict[object, Run] = {}
        for run in self.of(bet.study):
            if created(run) >= bet.counts_from and bet.condition.decides(run.metrics):
                by_seed.setdefault(run.data["config"].get("seed", run.id), run)
        runs = tuple(by_seed.values())[: bet.seeds]
        if len(runs) < bet.seeds:
            return Settled(bet, "open", runs)
        judged = {bet.condition.judge(run.metrics) for run in runs}
        verdict = {True: "won", False: "lost", None: "undecided"}[judged.pop() if len(judged) == 1 else None]
        return Settled(bet, verdict, runs)

    # -- what happened -------------------------------------------------------------------------------------------------

    @cached_property
    def movements(self) -> list[Movement]:
        """Everything that ever moved, newest first."""
        found = [move for standing in self.standings for move in self._moves(standing)]
        for settled in self.bets:
            bet = settled.bet
            found.append(Movement(bet.made, "made", bet, f"bet-{bet.id}-made"))
            if settled.run:
                found.append(
                    Movement(created(settled.run), "settled", bet, f"bet-{bet.id}-settled", settled.run.id,
                             verdict=settled.verdict)
                )  # fmt: skip
        past = [move for move in found if move.date <= self.moment]
        return sorted(past, key=lambda move: (move.date.date(), KINDS.index(move.kind), move.date), reverse=True)

    def _moves(self, standing: Standing) -> Iterator[Movement]:
        objective, name = standing.objective, standing.objective.id
        if standing.run:
            yield Movement(created(standing.run), "trained", objective, f"{name}-trained", standing.run.id)
        others: dict[str, list[Run]] = {}
        for run in self.of(objective.study):
            if standing.run is None or run.id != standing.run.id:
                others.setdefault(created(run).date().isoformat(), []).append(run)
        for day, runs in others.items():
            yield Movement(created(runs[-1]), "run", objective, f"{name}-run-{day}", runs[-1].id, len(runs))
        posts = sorted(standing.posts, key=lambda post: post.date)
        for post in posts[:1]:
            yield Movement(post.date, "published", objective, f"{name}-published", post.slug)
        for post in posts[1:]:
            if post.date.date() > posts[0].date.date():
                yield Movement(post.date, "translated", objective, f"{name}-translated", post.slug)

    def this_month(self) -> list[Movement]:
        month = self.moment.year, self.moment.month
        return [move for move in self.movements if (move.date.year, move.date.month) == month]

    def standing_still(self) -> list[tuple[Standing, datetime | None]]:
        """The unfinished objectives without a movement for 30 days, and when they last moved; None: never."""
        last: dict[str, datetime] = {}
        for move in self.movements:
            if isinstance(move.about, Objective):
                last.setdefault(move.about.id, move.date)
        found = []
        for standing in self.standings:
            moved = last.get(standing.objective.id)
            waiting = moved or self.journey.since
            if standing.missing and (waiting is None or self.moment - waiting > STANDS_STILL):
                found.append((standing, moved))
        return found

    @property
    def state(self) -> tuple:
        """All that was derived, in values that compare."""
        standings = [(standing.marks, standing.run and standing.run.id) for standing in self.standings]
        posts = [[(post.slug, post.lang, post.date) for post in standing.posts] for standing in self.standings]
        bets = [(settled.verdict, settled.run and settled.run.id) for settled in self.bets]
        moved = [(move.key, move.date, move.count) for move in self.this_month()]
        still = [(standing.objective.id, moved) for standing, moved in self.standing_still()]
        return standings, posts, bets, moved, still, (self.moment.year, self.moment.month)

    # -- what is wrong -------------------------------------------------------------------------------------------------

    @cached_property
    def faults(self) -> list[CuadernoError]:
        """What journey.toml says that runs, posts and studies contradict."""
        found: list[CuadernoError] = []
        slugs = {post.slug for post in self.posts}
        for objective in self.journey.objectives:
            found += self._wrong_names(objective, "evidence", objective.evidence)
            if objective.post and objective.post not in slugs:
                message = f"there is no post '{objective.post}'.{nearest(objective.post, slugs)}"
                found.append(self.journey.fault(self.journey.line(objective, "post"), message))
        for bet in self.journey.bets:
            found += self._wrong_names(bet, "condition", bet.condition) or self._too_late(bet, self.of(bet.study))
        return found

    def too_late_for(self, runs: Iterable[Run]) -> list[CuadernoError]:
        """The bets that cannot stand beside runs which nobody has kept yet: those were there before them."""
        runs = list(runs)
        return [
            fault
            for bet in self.journey.bets
            for fault in self._too_late(bet, [run for run in runs if run.study == bet.study])
        ]

    def _wrong_names(self, entry: Objective | Bet, name: str, condition: Condition | None) -> list[CuadernoError]:
        """A study that does not exist, or metrics that it does not have."""
        if entry.study not in self.studies:
            cure = f'{nearest(entry.study, self.studies)} One that is still to come goes into planned = ["…"].'
            message = f"there is no study '{entry.study}'.{cure}"
            return [self.journey.fault(self.journey.line(entry, "study"), message)]
        if condition is None:
            return []
        measured = {name: metric for run in self.of(entry.study) for name, metric in run.metrics.items()}
        names = {*self.declared(entry.study), *measured}
        found = []
        for operand in condition.operands if names else ():
            latest = measured.get(operand.metric)
            if operand.metric not in names:
                message = f"the study '{entry.study}' has no metric '{operand.metric}'.{nearest(operand.metric, names)}"
            elif latest and operand.part and getattr(latest, operand.part) is None:
                message = f"'{operand.metric}' has no interval. Write {operand.metric}.value."
            else:
                continue
            place = f"{name}: the condition `{condition.text}`, character {operand.position + 1}"
            found.append(self.journey.fault(self.journey.line(entry, name), f"{place}: {message}"))
        return found

    def _too_late(self, bet: Bet, runs: Iterable[Run]) -> list[CuadernoError]:
        """A bet is refused when a run that decides it was there before it."""
        for run in runs:
            if created(run) < bet.counts_from and bet.condition.decides(run.metrics):
                message = (
                    f"the bet '{bet.id}' is refused: {run.id} was there on {created(run):%Y-%m-%d %H:%M}, and the bet "
                    f"was made on {bet.made:%Y-%m-%d %H:%M} (UTC). A bet is written down before the run."
                )
                if created(run) >= bet.made:  # only the time is missing
                    message = (
                        f"the bet '{bet.id}' is refused: {run.id} is of the same day, {created(run):%Y-%m-%d %H:%M} "
                        f"(UTC). A bet is written down before the run: say at what time it was made, "
                        f"as in made = {bet.made:%Y-%m-%d}T08:00:00Z."
                    )
                return [self.journey.fault(self.journey.line(bet, "made"), message)]
        return []


def created(run: Run) -> datetime:
    return parse_date(run.data["created"])


def original_path(post: Post) -> Path:
    """Where the first version of a post lies once it is corrected."""
    return post.home / ORIGINAL.format(lang=post.lang)


def corrected(post: Post) -> bool:
    """Whether the version before the correction lies beside the post."""
    return original_path(post).is_file()


def _reaches(run: Run, objective: Objective) -> bool:
    bar, metrics = objective.evidence, run.metrics
    return bar is not None and bar.decides(metrics) and bar.judge(metrics) is True


def _first(posts: list[Post]) -> datetime:
    return min((post.date for post in posts), default=NEVER)


def as_dict(progress: Progress, lang: str) -> dict:
    """The journey as plain values, ready for JSON."""
    objectives = [
        {
            "id": standing.objective.id,
            "title": standing.objective.title[lang],
            "study": standing.objective.study,
            "evidence": standing.objective.evidence.text if standing.objective.evidence else None,
            "state": standing.state,
            "marks": standing.marks,
            "missing": standing.missing,
            "run": standing.run.id if standing.run else None,
            "post": standing.posts[0].slug if standing.posts else None,
        }
        for standing in progress.standings
    ]
    bets = [
        {
            "id": settled.bet.id,
            "says": settled.bet.says[lang],
            "made": settled.bet.made.isoformat(),
            "study": settled.bet.study,
            "condition": settled.bet.condition.text,
            "verdict": settled.verdict,
            "run": settled.run.id if settled.run else None,
            "runs": [run.id for run in settled.runs],
            "numbers": {name: asdict(metric) for name, metric in settled.numbers.items()},
        }
        for settled in progress.bets
    ]
    moved = [
        {"date": move.date.isoformat(), "kind": move.kind, "about": move.about.id, "source": move.source or None}
        for move in progress.this_month()
    ]
    still = [
        {"id": standing.objective.id, "last_moved": last.isoformat() if last else None}
        for standing, last in progress.standing_still()
    ]
    return {"objectives": objectives, "bets": bets, "moved_this_month": moved, "standing_still": still}
