"""Files that are drawn or copied: share pictures, the site's own static files, what lies beside texts and runs."""

import re
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import product
from pathlib import Path

from cuaderno.diary.posts import Post
from cuaderno.site import portfolio, reading
from cuaderno.site.edition import HERE, Edition, asset_name, asset_source, digest
from cuaderno.site.page import Page, file_state
from cuaderno.site.pictures import share_picture
from cuaderno.site.posters import safe_svg
from cuaderno.site.runs import Cited

MEMORY = re.compile(r"(?:translation|proofreading)\.[a-z]{2}\.toml")  # what the desk remembers is for the author
DRAWING = (HERE / "pictures.py").read_bytes()


def pictures(edition: Edition) -> Iterator[Page]:
    """The picture of each page for those who share it."""
    for lang in edition.languages:
        yield _picture(f"og/{lang}/site.png", edition.settings.headline[lang], edition.settings.title[lang])
    headlines = {"portfolio": edition.diary.portfolio, "reading": edition.diary.reading if edition.reads else None}
    for lang, (name, found) in product(edition.languages, headlines.items()):
        if found:
            title = found.title[lang] if found.title else edition.words(lang)[f"{name}_title"]
            yield _picture(f"og/{lang}/pages/{name}.png", title, edition.settings.title[lang])
    for post in edition.posts:
        yield _picture(f"og/{post.lang}/{post.slug}.png", post.title, edition.settings.title[post.lang])


def _picture(file: str, title: str, name: str) -> Page:
    return Page(file, digest(DRAWING, title, name), partial(share_picture, title, name))


def copies(edition: Edition) -> Iterator[Page]:
    """Everything that is taken as it is."""
    for path in edition.static_files:
        yield _copy("favicon.svg" if path.name == "favicon.svg" else f"static/{path.name}", path)
    for post in edition.posts:
        home = edition.addresses.file(post.lang, f"posts/{post.slug}/").removesuffix("index.html")
        for path, name in _beside(post):
            yield _copy(home + name, path)
    for lang in edition.languages:
        home = edition.addresses.file(lang, "about/").removesuffix("index.html")
        beside = (name for name in edition.diary.beside_about if not name.endswith(".md"))
        yield from (_copy(home + name, edition.diary.folder / "about" / name) for name in beside)
    yield from (_copy(name, path) for path, name in [*portfolio.pictures(edition), *reading.pictures(edition)])
    yield from _of_studies(edition)
    for cited in edition.records.all:
        yield from _of_run(edition, cited)


def _of_studies(edition: Edition) -> Iterator[Page]:
    for name in edition.study_names():
        study = edition.records.study(name)
        if study.folder:
            yield from _below(f"studies/{name}/", study.folder, study.web)
            yield from (_copy(f"studies/{name}/web/{path.name}", path) for path in study.shared_web)


def _of_run(edition: Edition, cited: Cited) -> Iterator[Page]:
    home, folder = f"runs/{cited.id}/", cited.run.folder
    data = [path for path in (folder / "run.json", folder / "metrics.jsonl") if path.is_file()]
    yield from _below(home, folder, [*data, *cited.files])
    if cited.poster:
        yield Page(f"{home}poster.svg", digest(edition.digest, cited.digest), partial(_poster, cited))


def _poster(cited: Cited) -> bytes:
    drawn = safe_svg(cited.poster or "", cited.id, standalone=True)
    return (drawn or '<svg xmlns="http://www.w3.org/2000/svg"/>').encode()


def _beside(post: Post) -> Iterator[tuple[Path, str]]:
    """What lies in a post's own folder, and the pictures that it names elsewhere."""
    for name in post.beside:
        if not MEMORY.fullmatch(name):
            yield post.path.parent / name, name
    for src in post.images:
        if asset_name(src) not in post.beside and "://" not in src:
            path = post.path.parent / asset_source(src)
            if file_state(path) and path.is_file():
                yield path, asset_name(src)


def _below(home: str, root: Path, found: Iterable[Path]) -> Iterator[Page]:
    for path in found:
        yield _copy(home + path.relative_to(root).as_posix(), path)


def _copy(name: str, path: Path) -> Page:
    return Page(name, digest(file_state(path)), path.read_bytes, path)
