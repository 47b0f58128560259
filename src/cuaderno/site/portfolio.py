"""The portfolio as the site shows it: its page, and a few of its projects on the about page."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from cuaderno.diary.portfolio import FOLDER, Picture, Project
from cuaderno.diary.posts import IMAGE, Post, summary
from cuaderno.lab.errors import CuadernoError, nearest
from cuaderno.site import reading, results
from cuaderno.site.edition import Assets, asset_name, asset_source, picture_size
from cuaderno.site.markdown import Context
from cuaderno.site.runs import Cited

if TYPE_CHECKING:
    from cuaderno.site.edition import Edition

PATH = "portfolio/"
ON_ABOUT = 3


class Shown(Assets):
    """The pictures of the portfolio: once for all languages, below its page."""

    def place(self, src: str) -> str:
        return self.edition.addresses.shared(lies_at(src))


def lies_at(file: str) -> str:
    """Where a picture of the diary lies on the site."""
    return PATH + asset_name(file).removeprefix(f"{FOLDER}/")


def assets(edition: "Edition", lang: str) -> Shown:
    assert edition.diary.portfolio
    return Shown(edition, edition.diary.portfolio.path, PATH, lang)


# -- what a project belongs to -----------------------------------------------------------------------------------------


def bound(edition: "Edition", project: Project) -> Cited | None:
    """The kept run that speaks for a project: its own, its study's newest, or the one that its post shows.

    Raises:  CuadernoError when it names a run that was not kept.
    """
    if project.run:
        return edition.records.resolve(project.run, {})
    if project.study:
        return next(iter(edition.records.of(project.study)), None)
    post = next((post for post in edition.posts if post.slug == project.post), None)
    cites = (post.widget, *post.cites) if post else ()
    for reference in filter(None, cites):
        try:
            return edition.records.resolve(reference, post.runs if post else {})
        except CuadernoError:
            continue  # the post itself reports it
    return None


def faults(edition: "Edition") -> Iterator[CuadernoError]:
    """What the portfolio says of runs, studies, posts and numbers that is not so."""
    portfolio = edition.diary.portfolio
    slugs = {post.slug for post in edition.diary.posts}
    studies = {*edition.study_names(), *(edition.diary.journey.planned if edition.diary.journey else ())}
    for project in portfolio.projects if portfolio else ():
        assert portfolio
        if project.study and project.study not in studies:
            message = f"there is no study '{project.study}'.{nearest(project.study, studies)}"
            yield portfolio.fault(project, "study", message)
        if project.post and project.post not in slugs:
            yield portfolio.fault(project, "post", f"there is no post '{project.post}'.{nearest(project.post, slugs)}")
        try:
            _check_number(project, bound(edition, project))
        except CuadernoError as error:
            yield portfolio.fault(project, "number" if project.number and "metric" in str(error) else "run", error)


def _check_number(project: Project, run: Cited | None) -> None:
    if project.number and run and project.number not in run.metrics:
        known = nearest(project.number, run.metrics)
        raise CuadernoError(f"run {run.id} has no metric '{project.number}'.{known}")
    if project.number and not (project.run or project.study or project.post):
        raise CuadernoError("a metric needs a run, a study or a post from which it comes.")


def _shown_run(edition: "Edition", project: Project) -> Cited | None:
    """The kept run to show; what is wrong with it has been told by `faults`."""
    try:
        return bound(edition, project)
    except CuadernoError:
        return None


def post_of(edition: "Edition", project: Project, lang: str) -> Post | None:
    """The post about a project, in the reader's language when it exists."""
    found = [post for post in edition.posts if post.slug == project.post]
    return next((post for post in found if post.lang == lang), next(iter(found), None))


# -- the page ----------------------------------------------------------------------------------------------------------


def values(edition: "Edition", lang: str) -> dict:
    """What the page shows."""
    portfolio = edition.diary.portfolio
    assert portfolio
    shown, words = assets(edition, lang), edition.words(lang)
    context = edition.context(portfolio.path, 1, lang, shown.link, shown.image)
    return {
        "picture": f"og/{lang}/pages/portfolio.png",
        "title": portfolio.title[lang] if portfolio.title else words["portfolio_title"],
        "lead": portfolio.lead[lang] if portfolio.lead else words["portfolio_lead"],
        "projects": [_project(edition, context, project, lang) for project in portfolio.projects],
        "references": Markup(reading.references(edition, context)),
    }


def _project(edition: "Edition", context: Context, project: Project, lang: str) -> dict:
    run = _shown_run(edition, project)
    study = edition.records.study(project.study).card(lang).title if project.study in edition.study_names() else ""
    return {
        "project": project,
        "dates": dates(edition, project, lang),
        "text": edition.passage(context, project.text, lang) if project.text else "",
        "text_lang": project.text.for_reader(lang) if project.text else lang,
        "pictures": [(_attributes(edition, picture, lang), picture) for picture in project.pictures],
        "run": run,
        "number": _number(edition, context, project, run),
        "study": study,
        "post": post_of(edition, project, lang),
    }


def dates(edition: "Edition", project: Project, lang: str) -> str:
    """`2023 – November 2026`."""
    found = [when.spell(lang) for when in (project.date, project.until) if when]
    return " – ".join(dict.fromkeys(found))


def _attributes(edition: "Edition", picture: Picture, lang: str) -> dict[str, str]:
    address = edition.addresses.shared(lies_at(picture.file))
    return {"src": address, "alt": picture.alt[lang], **picture_size(picture.path)}


def _number(edition: "Edition", context: Context, project: Project, run: Cited | None) -> tuple[str, Markup] | None:
    """The name of the number that speaks for a project, and its stamp."""
    name = (project.number or run.main_metric()) if run else None
    if run is None or name not in run.metrics:
        return None
    label = run.study.label(str(name)).in_language(context.lang)
    return label, Markup(results.stamp(edition, context, f"{run.id}.{name}"))


# -- on the about page -------------------------------------------------------------------------------------------------


def teaser(edition: "Edition", lang: str) -> list[dict]:
    """The first projects, each in a line or two."""
    portfolio = edition.diary.portfolio
    return [_line(edition, project, lang) for project in portfolio.projects[:ON_ABOUT]] if portfolio else []


def _line(edition: "Edition", project: Project, lang: str) -> dict:
    spoken = project.text.for_reader(lang) if project.text else lang
    run, picture = _shown_run(edition, project), next(iter(project.pictures), None)
    thumb = edition.addresses.shared(lies_at(picture.file)) if picture else ""
    if not thumb and run and run.poster:
        thumb = edition.addresses.shared(f"runs/{run.id}/poster.svg")
    said = summary(project.text.texts[spoken].strip().split("\n\n")[0]) if project.text else ""
    when = dates(edition, project, lang)
    return {"project": project, "dates": when, "text": said, "text_lang": spoken, "thumb": thumb}


def pictures(edition: "Edition") -> Iterator[tuple[Path, str]]:
    """Every picture of the portfolio, and where it lies on the site."""
    portfolio = edition.diary.portfolio
    for project in portfolio.projects if portfolio else ():
        for picture in project.pictures:
            yield picture.path, lies_at(picture.file)
        for text in project.text.texts.values() if project.text else ():
            for src in IMAGE.findall(text):
                path = project_file(edition, src)
                if "://" not in src and path.is_file():
                    yield path, lies_at(src)


def project_file(edition: "Edition", src: str) -> Path:
    return edition.diary.folder / asset_source(src)
