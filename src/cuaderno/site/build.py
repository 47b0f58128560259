"""Print the diary: every page that changed, beside the ones that did not, swapped in whole."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.files import disk_errors
from cuaderno.site import search as search_index
from cuaderno.site.cache import Cache
from cuaderno.site.edition import Edition
from cuaderno.site.output import Place, Target
from cuaderno.site.page import Page
from cuaderno.site.plan import plan

OUTPUT, ATTIC = "_site", ".cache"
LOCAL = "http://localhost"


class Faults(CuadernoError):
    """Everything that is wrong in a diary, one by one in `problems`."""

    def __init__(self, problems: list[str]):
        if len(problems) == 1:
            super().__init__(problems[0])
        else:
            shown = "\n".join(f"  {text}" for text in problems)
            super().__init__(f"The diary has {len(problems)} faults:\n{shown}")
        self.problems = problems


@dataclass(frozen=True)
class Result:
    """What a build did. `pages` counts all HTML pages, `printed` the files that were made anew."""

    output: Path
    pages: int
    printed: int
    seconds: float
    warnings: list[str] = field(default_factory=list)


def build(
    diary_folder: Path,
    output: Path | None = None,
    *,
    drafts: bool = False,
    search: bool = True,
    report: Callable[[str], None] = print,
) -> Result:
    """Print the site of a diary. `report` gets each warning.

    Raises:  CuadernoError with every fault of the diary at once; the old site stays as it was.
    """
    started = time.monotonic()
    folder = Path(diary_folder)
    output = Path(output) if output else folder / OUTPUT
    place = Place(output, folder / ATTIC if output.resolve().parent == folder.resolve() else output.parent)
    with disk_errors(output):
        place.tidy()
    cache = Cache(folder, output)
    edition = Edition(folder, cache.texts, drafts)
    printed = _print(edition, cache, place, search)
    if edition.settings.url.startswith(LOCAL) and not drafts:
        edition.warnings.append(
            f"{folder}/cuaderno.toml has no url yet: set it to the site's address before you publish."
        )
    for warning in edition.warnings:
        report(f"warning: {warning}")
    pages = sum(name.endswith(".html") for name in cache.fresh)
    return Result(output, pages, printed, time.monotonic() - started, edition.warnings)


def _print(edition: Edition, cache: Cache, place: Place, search: bool) -> int:
    """Bring the output up to date; the number of files that were made anew."""
    pages: dict[str, Page] = {}
    for page in plan(edition):
        pages.setdefault(page.name, page)
    stale = [page for page in pages.values() if not cache.holds(page.name, page.key)]
    gone = cache.pages.keys() - pages.keys()
    if stale or gone or edition.problems or cache.lacks_index(search):
        with place.swapped(same_files=not gone) as target:
            _fill(edition, cache, target, pages, stale)
            search_index.bring(cache, target, search, edition.warnings.append)
        cache.save({post.digest for post in edition.diary.posts})
    else:
        cache.fresh = cache.pages
    return len(stale)


def _fill(edition: Edition, cache: Cache, target: Target, pages: dict[str, Page], stale: list[Page]) -> None:
    """Write what changed and take over what did not.

    Raises:  CuadernoError with everything that is wrong in the diary.
    """
    for page in stale:
        try:
            content = page.make()
        except CuadernoError as error:
            edition.problems.append(error)
        else:
            cache.note(page.name, page.key, target.write(page.name, content))
    _raise(edition.problems)
    for name in pages:
        if name not in cache.fresh:
            target.take_over(name, *cache.keep(name))


def _raise(problems: list[CuadernoError]) -> None:
    if problems:
        raise Faults(list(dict.fromkeys(str(problem) for problem in problems)))
