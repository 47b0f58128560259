"""What is being checked: the diary as it will be published, and the site that was printed of it."""

import os
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from cuaderno.lab.errors import CuadernoError
from cuaderno.site.build import Faults, Result, build
from cuaderno.site.cache import Cache
from cuaderno.site.checking.following import followed
from cuaderno.site.checking.texts import Text, texts_of
from cuaderno.site.comments.section import where
from cuaderno.site.edition import Edition
from cuaderno.site.git import Git
from cuaderno.site.page import Page
from cuaderno.site.plan import plan

IGNORED = (".git", ".cache", "_site", "runs", "node_modules", "__pycache__")


class Subject:
    """A diary and its printed site. `site` is None when it does not build; `problems` says why."""

    def __init__(self, folder: Path, output: Path, search: bool = False, warn: Callable[[str], None] = lambda _: None):
        """Print the site without drafts. `warn` gets each warning of the search index.

        Raises:  CuadernoError when the folder is no diary or its settings are wrong, or the disk is full.
        """
        self.folder = Path(folder)
        self.problems: list[str] = []
        self.result: Result | None = None
        self.edition = Edition(self.folder, Cache(self.folder, output).texts)
        self.lacking = list(self.edition.warnings)
        try:
            self.result = build(self.folder, output, search=search, report=lambda _: None)
        except Faults as faults:
            self.problems = faults.problems
        else:
            for warning in self.result.warnings:
                if "search index" in warning:
                    warn(warning)

    @property
    def site(self) -> Path | None:
        return self.result.output if self.result else None

    @cached_property
    def followed(self) -> tuple[int, list[tuple[str, str]]]:
        """How many links of its own the site has, and those that lead nowhere with the page that has them."""
        if self.site is None:
            return 0, []
        settings = self.edition.settings
        return followed(self.site, settings.base, where(settings) if settings.comments else "")

    @cached_property
    def texts(self) -> list[Text]:
        return list(texts_of(self.edition))

    @cached_property
    def pages(self) -> dict[str, Page]:
        """Every file of the site by its name."""
        found: dict[str, Page] = {}
        try:
            for page in plan(self.edition):
                found.setdefault(page.name, page)
        except CuadernoError:  # among the problems already
            pass
        return found

    @cached_property
    def texts_on(self) -> dict[str, list[Text]]:
        """The texts that a page prints, by the page's name: a translation prints its source too."""
        found: dict[str, list[Text]] = {}
        for text in self.texts:
            path = f"posts/{text.post.slug}/" if text.post else "about/"
            found.setdefault(self.edition.addresses.file(text.lang, path), []).append(text)
        by_slug: dict[str, list[Text]] = {}
        for text in self.texts:
            by_slug.setdefault(text.post.slug if text.post else "", []).append(text)
        return {
            name: [*own, *(other for other in by_slug[own[0].post.slug if own[0].post else ""] if other not in own)]
            for name, own in found.items()
        }

    @cached_property
    def own_files(self) -> list[Path]:
        """The files of the diary that would be shared with it: all that git takes, or all where there is no git."""
        git = Git(self.folder)
        listed = git.tried("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", ".")
        if listed is not None:
            names = [name for name in listed.split("\0") if name]
            found = [self.folder / name for name in names]
            return sorted(path for path in found if path.is_file() and not _ignored(path.relative_to(self.folder)))
        return sorted(_below(self.folder))


def _ignored(path: Path) -> bool:
    return any(part in IGNORED for part in path.parts) or _is_secret_file(path.name)


def _is_secret_file(name: str) -> bool:
    return name == ".env" or (name.startswith(".env.") and not name.endswith(".example"))


def _below(folder: Path) -> list[Path]:
    found = []
    for top, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in IGNORED and not name.startswith(".")]
        found += [Path(top, name) for name in names if not _is_secret_file(name)]
    return found
