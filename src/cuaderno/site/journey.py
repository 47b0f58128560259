"""The journey as the site shows it: the page, the cards of bets, the list that a post can print, the feed's entries."""

import itertools
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from markupsafe import Markup

from cuaderno.diary.dates import MONTHS
from cuaderno.diary.posts import Post
from cuaderno.diary.progress import MARKS, Movement, Progress, Settled, Standing
from cuaderno.lab.errors import CuadernoError
from cuaderno.site import numbers
from cuaderno.site.markdown import Context, Directive
from cuaderno.site.runs import Cited

if TYPE_CHECKING:
    from cuaderno.site.edition import Edition

PATH = "journey/"
MOST_MONTHS = 12
IN_FEED = ("trained", "made", "settled")  # a post that came out has an entry of its own


@dataclass(frozen=True)
class Month:
    """A line of the calendar: per day `both` when a post in every language came out, `one`, or nothing."""

    name: str
    days: tuple[str, ...]


def values(edition: "Edition", lang: str) -> dict:
    """What the page shows."""
    progress, count = _progress(edition), itertools.count(1)
    posts = _out(edition, progress)
    rows = _rows(edition, progress, posts, lang)
    return {
        "progress": progress,
        "title": progress.journey.title[lang] if progress.journey.title else edition.words(lang)["journey_title"],
        "objectives": _objectives(edition, lang, progress.standings, count, anchors=True),
        "bets": [Markup(card(edition, lang, settled, count, anchor=True)) for settled in progress.bets],
        "moved": [(move, said(edition, move, lang), _source(edition, move, lang)) for move in progress.this_month()],
        "month": MONTHS[lang][progress.moment.month - 1],
        "this_month": _counts(edition, progress, posts, lang),
        "still": progress.standing_still(),
        "months": _calendar(rows, posts, progress.moment, len(edition.languages), lang),
        "rows": rows,
    }


def _counts(edition: "Edition", progress: Progress, posts: list[Post], lang: str) -> str:
    words, month = edition.words(lang), (progress.moment.year, progress.moment.month)
    written = len({post.slug for post in posts if (post.date.year, post.date.month) == month})
    kept = sum((cited.day.year, cited.day.month) == month for cited in edition.records.all)
    said = [words["count_one_post"] if written == 1 else words["count_posts"].format(n=written)]
    said.append(words["count_one_run"] if kept == 1 else words["count_runs"].format(n=kept))
    return " · ".join(said)


def _progress(edition: "Edition") -> Progress:
    if edition.progress is None:
        raise CuadernoError(f"the diary has no journey yet. Write down what you want to learn in {_place(edition)}.")
    return edition.progress


def _place(edition: "Edition") -> str:
    from cuaderno.diary.journey import NAME
    from cuaderno.site.edition import shown_path

    return str(shown_path(edition.diary.folder / NAME))


# -- objectives --------------------------------------------------------------------------------------------------------


def objectives(edition: "Edition", context: Context, found: Directive) -> str:
    """```` ```{journey} ````: the objectives with their marks, or those that `:only:` names."""
    progress = _progress(edition)
    names = [name.strip() for name in found.options.get("only", "").split(",") if name.strip()]
    chosen = [progress.standing(name) for name in names] if names else progress.standings
    return _objectives(edition, context.lang, chosen, context.count)


def reached(edition: "Edition", name: str) -> bool:
    """Whether an objective has every mark."""
    return not _progress(edition).standing(name).missing


def mark(edition: "Edition", context: Context, name: str) -> str:
    """`` {objective}`id` ``: the state of an objective, with its marks; at the end of a task it also ticks the box."""
    standing = _progress(edition).standing(name)
    return edition.part("objective", context.lang, standing=standing, marks=MARKS, path=PATH)


def _objectives(
    edition: "Edition", lang: str, chosen: list[Standing], count: Iterator[int], anchors: bool = False
) -> Markup:
    order = {standing.objective.id: number for number, standing in enumerate(_progress(edition).standings, 1)}
    rows = [(order[one.objective.id], one, _evidence(edition, lang, one, count), _post(one, lang)) for one in chosen]
    return edition.part("journey", lang, rows=rows, marks=MARKS, anchors=anchors)


def _evidence(edition: "Edition", lang: str, standing: Standing, count: Iterator[int]) -> list[tuple[str, Markup]]:
    if standing.run is None or standing.objective.evidence is None:
        return []
    return _stamped(edition, lang, standing.run.id, standing.objective.evidence.metrics, count)


def _stamped(
    edition: "Edition", lang: str, run: str, names: list[str], count: Iterator[int]
) -> list[tuple[str, Markup]]:
    cited = edition.records.resolve(run, {})
    return [(cited.study.label(name).in_language(lang), _stamp(edition, lang, cited, name, count)) for name in names]


def _stamp(edition: "Edition", lang: str, cited: Cited, name: str, count: Iterator[int]) -> Markup:
    label, metric = cited.study.label(name), cited.metrics[name]
    shown = numbers.quantity(metric.value, label.format, lang, label.digits)
    bounds = numbers.interval(metric, label.format, lang, label.digits)
    return edition.part(
        "stamp", lang, run=cited, metric=metric, anchor=name, shown=shown, bounds=bounds, id=f"stamp-{next(count)}"
    )


def _post(standing: Standing, lang: str) -> Post | None:
    """The post about an objective, in the reader's language when there is one."""
    return next((post for post in standing.posts if post.lang == lang), next(iter(standing.posts), None))


# -- bets --------------------------------------------------------------------------------------------------------------


def bet(edition: "Edition", context: Context, found: Directive) -> str:
    """```` ```{bet} id ````: the card of a bet."""
    if not found.argument:
        raise CuadernoError("which bet? Write ```{bet} followed by the id of a bet in journey.toml.")
    return card(edition, context.lang, _progress(edition).bet(found.argument), context.count)


def card(edition: "Edition", lang: str, settled: Settled, count: Iterator[int], anchor: bool = False) -> str:
    """A bet, what became of it, and the numbers that decided."""
    decided: dict[str, list[Markup]] = {}  # by the name of a metric, in each run
    for run in settled.runs:
        for name, stamp in _stamped(edition, lang, run.id, settled.bet.condition.metrics, count):
            decided.setdefault(name, []).append(stamp)
    runs = [edition.records.resolve(run.id, {}) for run in settled.runs]
    return edition.part("bet", lang, settled=settled, bet=settled.bet, runs=runs, decided=decided, anchor=anchor)


# -- what moved, and when posts came out -------------------------------------------------------------------------------


def said(edition: "Edition", move: Movement, lang: str) -> str:
    """A movement in words."""
    words = edition.words(lang)
    if move.kind == "settled":
        return words[f"move_{move.verdict}"]
    if move.kind == "run" and move.count > 1:
        return words["move_runs"].format(n=move.count)
    return words[f"move_{move.kind}"]


def _source(edition: "Edition", move: Movement, lang: str) -> tuple[str, str]:
    """The address and the name of what is behind a movement; nothing behind it gives two empty texts."""
    if move.kind in ("published", "translated"):
        post = edition.post(move.source, lang) or next(post for post in edition.posts if post.slug == move.source)
        return edition.addresses.page(post.lang, f"posts/{post.slug}/"), post.title
    if move.source:
        return edition.addresses.page(lang, f"runs/{move.source}/"), move.source
    return "", ""


def _out(edition: "Edition", progress: Progress) -> list[Post]:
    """The posts that anybody can read by now, newest first."""
    return [post for post in edition.posts if post.published and post.date <= progress.moment]


def _calendar(rows: list["Row"], posts: list[Post], moment: datetime, complete: int, lang: str) -> list[Month]:
    """The months from the first post to now, the newest first and twelve at most."""
    days: dict[tuple[int, int, int], str] = {}
    for row in rows:
        day = row.date.year, row.date.month, row.date.day
        if days.get(day) != "both":
            days[day] = "both" if len(row.languages) == complete else "one"
    months: list[Month] = []
    oldest = _number(posts[-1].date) if posts else _number(moment) + 1
    for number in range(_number(moment), max(oldest, _number(moment) - MOST_MONTHS + 1) - 1, -1):
        year, month = number // 12, number % 12 + 1
        last = monthrange(year, month)[1]
        name = f"{MONTHS[lang][month - 1][:3]} {year}"
        months.append(Month(name, tuple(days.get((year, month, day), "") for day in range(1, last + 1))))
    return months


def _number(date: datetime) -> int:
    return date.year * 12 + date.month - 1


@dataclass(frozen=True)
class Row:
    """A post in the calendar: on the day its first language came out, by its name in the reader's language."""

    date: datetime
    post: Post
    languages: tuple[str, ...]


def _rows(edition: "Edition", progress: Progress, posts: list[Post], lang: str) -> list[Row]:
    """The posts of the months that are shown, newest first."""
    by_slug: dict[str, dict[str, Post]] = {}
    for post in posts:
        by_slug.setdefault(post.slug, {})[post.lang] = post
    rows = [
        Row(min(post.date for post in found.values()), found.get(lang) or next(iter(found.values())),
            tuple(code for code in edition.languages if code in found))
        for found in by_slug.values()
    ]  # fmt: skip
    shown = [row for row in rows if _number(row.date) > _number(progress.moment) - MOST_MONTHS]
    return sorted(shown, key=lambda row: row.date, reverse=True)


# -- for the feed ------------------------------------------------------------------------------------------------------


def news(edition: "Edition", lang: str) -> list[dict]:
    """The movements that a feed tells: a bar reached, a bet made, a bet settled. Their ids never change."""
    if edition.progress is None:
        return []
    address = edition.addresses.whole(edition.addresses.page(lang, PATH))
    found = []
    for move in edition.progress.movements:
        if move.kind in IN_FEED:
            entry = {"id": f"{address}#{move.key}", "date": move.date, "lang": lang}
            found.append(entry | _told(edition, move, lang, address))
    return found


def _told(edition: "Edition", move: Movement, lang: str, address: str) -> dict:
    progress, count = _progress(edition), itertools.count(1)
    if move.kind == "trained":
        standing = progress.standing(move.about.id)
        title, anchor = standing.objective.title[lang], f"objective-{move.about.id}"
        html = str(_objectives(edition, lang, [standing], count))
    else:
        settled = progress.bet(move.about.id)
        title, anchor = settled.bet.says[lang], f"bet-{move.about.id}"
        html = str(card(edition, lang, settled, count))
    summary = said(edition, move, lang)
    return {"title": f"{title} · {summary}", "link": f"{address}#{anchor}", "summary": summary, "html": html}
