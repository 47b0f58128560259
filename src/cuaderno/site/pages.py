"""Every HTML page of an edition: where it lies, what it depends on, and how to print it."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import groupby
from typing import Any

from cuaderno.diary.posts import Post
from cuaderno.site import journey as journey_view
from cuaderno.site import originals as originals_view
from cuaderno.site import portfolio as portfolio_view
from cuaderno.site import reading as reading_view
from cuaderno.site.edition import Edition, asset_source, digest, tag_slug
from cuaderno.site.page import Page, file_state
from cuaderno.site.runs import Cited

ON_HOME, MOST_ROWS = 12, 16
JOURNEY = re.compile(r"\{(bet|journey|objective)\}")  # a directive or a role that shows some of it


def _html(edition: Edition, template: str, lang: str, path: str, elsewhere: tuple[str, ...], **values: Any) -> bytes:
    """A page from its template. `elsewhere` are the languages in which it exists."""
    values.setdefault("picture", f"og/{lang}/site.png")
    found = edition.templates.get_template(template)
    other = next((code for code in edition.languages if code != lang), None)
    return found.render(
        lang=lang, t=edition.words(lang), path=path, elsewhere=elsewhere, other=other, **values
    ).encode()


def _in_all(edition: Edition, path: str, template: str, depends: Any, values: Callable[[str], dict]) -> Iterator[Page]:
    """A page that exists in every language. `depends` is what it is made from, or tells it for a language."""
    for lang in edition.languages:
        key = digest(edition.digest, lang, depends(lang) if callable(depends) else depends)
        yield Page(edition.addresses.file(lang, path), key, partial(_make, edition, path, template, values, lang))


def _make(edition: Edition, path: str, template: str, values: Callable[[str], dict], lang: str) -> bytes:
    return _html(edition, template, lang, path, edition.languages, **values(lang))


# -- posts -------------------------------------------------------------------------------------------------------------


def posts(edition: Edition) -> Iterator[Page]:
    for lang in edition.languages:
        mine = [post for post in edition.posts if post.lang == lang]
        for newer, post, older in zip([None, *mine], mine, [*mine[1:], None], strict=False):
            yield _post(edition, post, newer, older)


def _post(edition: Edition, post: Post, newer: Post | None, older: Post | None) -> Page:
    path = f"posts/{post.slug}/"
    elsewhere = tuple(lang for lang in edition.languages if edition.post(post.slug, lang))
    around = [(near.slug, near.title) if near else None for near in (newer, older)]
    key = digest(edition.digest, post.lang, post_state(edition, post), around, elsewhere)

    def make() -> bytes:
        return _html(edition, "post.html", post.lang, path, elsewhere, post=post, body=edition.body(post),
                     newer=newer, older=older, behind=edition.behind(post), translation=edition.translation(post),
                     correction=originals_view.correction(post), picture=f"og/{post.lang}/{post.slug}.png")  # fmt: skip

    return Page(edition.addresses.file(post.lang, path), key, make)


def post_state(edition: Edition, post: Post) -> tuple:
    """All that the HTML of a post depends on, besides the site itself."""
    runs = edition.records.digests(post.cites, post.runs) if post.cites else ()
    found = [edition.linked(post.path, link) for link in post.links]
    near: list[Any] = [(other.slug, other.lang) if other else None for other in found]
    near += [file_state(post.path.parent / asset_source(name)) for name in post.images]
    journey = edition.journey_state if JOURNEY.search(post.text) else ""
    cited = edition.reading_state if "{cite}" in post.text else ""
    corrected = originals_view.state(post)
    said = post.title, post.description, post.date, post.tags, post.runs, post.published, post.born
    return post.digest, said, runs, near, journey, cited, translation_state(edition, post), corrected


def translation_state(edition: Edition, post: Post) -> tuple | None:
    """What the marks of a translation depend on: its memory and its source."""
    sidecar = edition.sidecar(post)
    return (file_state(sidecar), edition.versions[post.slug]) if sidecar else None


def _listing(edition: Edition, lang: str, found: list[Post]) -> list[tuple]:
    """What a list of posts depends on."""
    rows = []
    for post in found:
        widget = edition.widget_of(post)
        both = (post.slug, _other(edition, post.lang)) in edition._post
        rows.append(
            (post.slug, post.lang, post.title, post.description, post.date, post.published, both, widget and widget.id)
        )
    return rows


def _other(edition: Edition, lang: str) -> str | None:
    return next((code for code in edition.languages if code != lang), None)


# -- lists -------------------------------------------------------------------------------------------------------------


def lists(edition: Edition) -> Iterator[Page]:
    newest = edition.records.all[0] if edition.records.all else None

    def home(lang: str) -> dict:
        return {"posts": edition.listed(lang)[:ON_HOME], "more": len(edition.listed(lang)) > ON_HOME, "newest": newest}

    def archive(lang: str) -> dict:
        years = groupby(edition.listed(lang), key=lambda post: post.date.year)
        return {"years": [(year, list(found)) for year, found in years]}

    state = newest.digest if newest else None
    shown = {lang: _listing(edition, lang, edition.listed(lang)) for lang in edition.languages}
    yield from _in_all(edition, "", "home.html", lambda lang: (state, shown[lang][: ON_HOME + 1]), home)
    yield from _in_all(edition, "archive/", "archive.html", shown.get, archive)


def tagged(edition: Edition, lang: str) -> dict[str, tuple[str, list[Post]]]:
    """The tags of one language, the most used first: part of the address → name and posts."""
    found: dict[str, tuple[str, list[Post]]] = {}
    for post in edition.listed(lang):
        for tag in post.tags:
            found.setdefault(tag_slug(tag), (tag, []))[1].append(post)
    return dict(sorted(found.items(), key=lambda item: (-len(item[1][1]), item[0])))


def tags(edition: Edition) -> Iterator[Page]:
    by_language = {lang: tagged(edition, lang) for lang in edition.languages}
    counts = {
        lang: [(slug, tag, len(found)) for slug, (tag, found) in by_language[lang].items()] for lang in by_language
    }
    yield from _in_all(edition, "tags/", "tags.html", counts.get, lambda lang: {"tags": counts[lang]})
    for lang, found in by_language.items():
        for slug, (tag, listed) in found.items():
            elsewhere = tuple(code for code in by_language if slug in by_language[code])
            yield _tag(edition, lang, slug, tag, listed, elsewhere)


def _tag(edition: Edition, lang: str, slug: str, tag: str, found: list[Post], elsewhere: tuple[str, ...]) -> Page:
    path = f"tags/{slug}/"
    key = digest(edition.digest, lang, tag, elsewhere, _listing(edition, lang, found))
    make = partial(_html, edition, "tag.html", lang, path, elsewhere, tag=tag, posts=found)
    return Page(edition.addresses.file(lang, path), key, make)


# -- studies and runs --------------------------------------------------------------------------------------------------


def studies(edition: Edition) -> Iterator[Page]:
    names = edition.study_names()
    cards = [(name, _card_state(edition, name)) for name in names]

    def values(lang: str) -> dict:
        found = [(name, edition.records.study(name).card(lang), edition.records.of(name)) for name in names]
        return {"studies": found}

    yield from _in_all(edition, "studies/", "studies.html", cards, values)
    for name, state in cards:
        yield from _in_all(edition, f"studies/{name}/", "study.html", state, partial(_study, edition, name))


def _card_state(edition: Edition, name: str) -> list:
    folder = edition.records.study(name).folder
    stats = [file_state(folder / file) for file in ("README.md", "README.es.md", "metrics.toml")] if folder else []
    return [*stats, *(cited.digest for cited in edition.records.of(name))]


def _study(edition: Edition, name: str, lang: str) -> dict:
    study, found = edition.records.study(name), edition.records.of(name)
    card = study.card(lang)
    values = {"name": name, "study": study, "card": card, "body": edition.card_body(card), "runs": found}
    nothing = dict.fromkeys(("metrics", "curve", "card", "widget"), "")
    return values | {"results": _results(edition, found[0], lang, live=True) if found else nothing}


def _results(edition: Edition, cited: Cited, lang: str, live: bool) -> dict:
    """The printed parts of a run's page."""
    from cuaderno.site import results

    drawn = cited.main_curve()
    names = cited.main_metrics()[:MOST_ROWS] if live else cited.ordered_metrics()
    alive = live and cited.study.web and any(path.name == "model.json" for path in cited.files)
    return {
        "metrics": results.metrics_table(edition, lang, cited, names, anchors=not live) if names else "",
        "curve": results.curve_figure(edition, lang, cited, [drawn], bars=cited.bars([drawn])) if drawn else "",
        "card": results.run_card(edition, lang, cited),
        "widget": results.widget_frame(edition, lang, cited, edition.words(lang)["try_it"]) if alive else "",
    }


def runs(edition: Edition) -> Iterator[Page]:
    for cited in edition.records.all:
        yield from _in_all(edition, f"runs/{cited.id}/", "run.html", cited.digest, partial(_run, edition, cited))


def _run(edition: Edition, cited: Cited, lang: str) -> dict:
    return {"run": cited, "results": _results(edition, cited, lang, live=False)}


# -- the journey -------------------------------------------------------------------------------------------------------


def journey(edition: Edition) -> Iterator[Page]:
    if edition.progress is not None:
        state = edition.journey_state
        yield from _in_all(edition, journey_view.PATH, "journey.html", state, partial(journey_view.values, edition))


# -- the portfolio and the reading list --------------------------------------------------------------------------------


def portfolio(edition: Edition) -> Iterator[Page]:
    if edition.diary.portfolio is not None:
        state, path = (edition.portfolio_state, edition.bound_state), portfolio_view.PATH
        yield from _in_all(edition, path, "portfolio.html", state, partial(_with_tags, edition, portfolio_view.values))


def reading(edition: Edition) -> Iterator[Page]:
    if edition.reads:
        state, path = (edition.reading_state, edition.bound_state, edition.cited), reading_view.PATH
        yield from _in_all(edition, path, "reading.html", state, partial(_with_tags, edition, reading_view.values))


def _with_tags(edition: Edition, values: Callable[[Edition, str], dict], lang: str) -> dict:
    """What a page shows, and the tags that have a page of their own."""
    return values(edition, lang) | {"tagged": tagged(edition, lang)}


# -- what posts said before they were corrected ------------------------------------------------------------------------


def originals(edition: Edition) -> Iterator[Page]:
    """A page per post that was changed by its correction, and one that says how posts are corrected."""
    found = [(post, correction) for post in edition.posts if (correction := originals_view.correction(post))]
    for post, correction in found:
        if correction.differs:
            path = f"posts/{post.slug}/original/"
            twins = [lang for lang in edition.languages if edition.post(post.slug, lang)]
            key = digest(edition.digest, post.lang, post_state(edition, post), twins)
            values = partial(originals_view.values, edition, post, correction)
            make = partial(_make_one, edition, "original.html", post.lang, path, values)
            yield Page(edition.addresses.file(post.lang, path), key, make)
    if found:
        state = originals_view.prompt_state(edition)
        how = partial(originals_view.how, edition)
        yield from _in_all(edition, originals_view.PATH, "proofreading.html", state, how)


def _make_one(edition: Edition, template: str, lang: str, path: str, values: Callable[[], dict]) -> bytes:
    """A page that exists in one language and is no business of search engines."""
    return _html(edition, template, lang, path, (), **values())


# -- words -------------------------------------------------------------------------------------------------------------


def prose(edition: Edition) -> Iterator[Page]:
    def about(lang: str) -> dict:
        title, body, spoken = edition.about(lang)
        projects = portfolio_view.teaser(edition, lang)
        return {"title": title, "body": body, "spoken": spoken, "projects": projects, "author": author}

    author = _author(edition)
    state = [(path, file_state(edition.diary.folder / "about" / path)) for path in edition.diary.beside_about]
    depends = [state, edition.bound_state, edition.portfolio_state, author]
    yield from _in_all(edition, "about/", "about.html", depends, about)
    lang = edition.settings.default
    make = partial(_html, edition, "404.html", lang, "404.html", (), in_words=edition.words)
    yield Page("404.html", edition.digest, make)


def _author(edition: Edition) -> dict:
    """What the diary itself knows of its author."""
    out = [post for post in edition.posts if post.published]
    return {
        "since": min((post.date for post in out), default=None),
        "posts": len({post.slug for post in out}),
        "runs": len(edition.records.all),
    }


PARTS = (posts, tags, lists, studies, runs, journey, originals, portfolio, reading, prose)
