"""What there is to import: which files of a folder are posts, of which program, in which language, under which name."""

import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cuaderno.lab.errors import CuadernoError

ENDINGS = (".md", ".mdx", ".markdown", ".ipynb")
ALONE = (*ENDINGS, ".txt")  # what may be named one by one
SKIPPED = {"node_modules", "_site", "dist", "public", "resources", "themes", "vendor", "venv", "__pycache__",
           "_layouts", "_includes", "_sass", "archetypes", "layouts"}  # fmt: skip
HOMES = {"astro": ("src/content", "src/pages"), "hugo": ("content",), "jekyll": ("_posts", "_drafts")}
DATED = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})-(.+)", re.S)
SPOKEN = "en|es|fr|de|it|pt|ca|gl|eu|nl|pl|ru|uk|tr|ar|he|hi|zh|ja|ko|sv|da|no|fi|cs|el|ro|hu|id|vi|th|fa"
UP = 6  # folders above the named one in which the site may begin
MOST = 20_000
WORDLESS = re.compile(r"[\d_.-]*(?:[0-9a-f]{8,})?|index|readme|untitled\d*|post|page", re.I)


@dataclass(frozen=True)
class Source:
    """A file that may become a post. `site` is the program it was written for, empty when nobody knows."""

    path: Path
    root: Path
    site: str = ""
    lang: str = ""  # as its name or its folder tells it
    name: str = ""  # what the post would be called; empty when its title has to tell
    date: datetime | None = None  # as its name tells it
    hidden: bool = False  # among the drafts
    named: bool = False  # by the person, and not found
    wrong: str = ""  # what its name says where a date should be


def find(paths: list[Path]) -> Iterator[Source]:
    """Every file to import.

    Raises:  CuadernoError when a path is not there, or a named file is of no kind that can be read.
    """
    seen: set[Path] = set()
    for path in paths:
        if not path.exists():
            raise CuadernoError(f"there is no file or folder {path}.")
        if path.is_file() and path.suffix.lower() not in ALONE:
            raise CuadernoError(f"{path} is no kind of text that can be imported. Known: {', '.join(ALONE)}.")
        for source in _in_folder(path) if path.is_dir() else [_alone(path)]:
            if (real := source.path.resolve()) not in seen:
                seen.add(real)
                yield source


def _alone(path: Path) -> Source:
    root, site = site_of(path.parent)
    return describe(path, root, site, path.parent, named=True)


def _in_folder(folder: Path) -> Iterator[Source]:
    root, site = site_of(folder)
    homes = [root / home for home in HOMES.get(site, ()) if (root / home).is_dir()] if root == folder.absolute() else []
    count = 0
    for home in homes or [folder]:
        for path in _texts(home):
            count += 1
            if count > MOST:
                raise CuadernoError(f"{folder} holds more than {MOST} texts. Name a folder further below.")
            yield describe(path, root, site, home)


def site_of(folder: Path) -> tuple[Path, str]:
    """Where the site begins that a folder belongs to, and of which program it is; the folder itself when of none."""
    start = folder.absolute()
    for above in [start, *start.parents][:UP]:
        if site := _program(above):
            return above, site
    return start, ""


def _program(folder: Path) -> str:
    """The program whose site begins in a folder, by the files that each one has."""
    has = lambda *names: any((folder / name).exists() for name in names)  # noqa: E731
    if has("astro.config.mjs", "astro.config.ts", "astro.config.js", "src/content"):
        return "astro"
    sections = has("config.toml", "config.yaml") or next((folder / "content").rglob("_index*.md"), None)
    if has("hugo.toml", "hugo.yaml", "hugo.json", "archetypes") or (has("content") and sections):
        return "hugo"
    return "jekyll" if has("_config.yml", "_config.yaml", "_posts") else ""


def _texts(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name[0] != "." and name not in SKIPPED)
        for name in sorted(files):
            if name[0] not in "._" and Path(name).suffix.lower() in ENDINGS:
                yield Path(place) / name


def describe(path: Path, root: Path, site: str, home: Path, named: bool = False) -> Source:
    """What the name and the place of a file tell."""
    stem, lang = path.stem, ""
    if found := re.fullmatch(rf"(.+)\.({SPOKEN})(?:[-_][A-Za-z]{{2}})?", stem):
        stem, lang = found[1], found[2]
    inside = path.absolute().relative_to(home.absolute()).parts[:-1]
    if not lang:
        below = path.absolute().relative_to(root).parts[:-1]
        lang = next((part[:2] for part in below if re.fullmatch(r"(en|es)([-_][A-Za-z]{2})?", part)), "")
    if re.fullmatch(r"en|es", stem):
        stem, lang = path.parent.name, stem
    elif stem.lower() in ("index", "readme") and (inside or named):
        stem = path.parent.name if inside or site else stem
    date, stem, wrong = _dated(stem)
    name = "" if WORDLESS.fullmatch(stem) else slug(stem)
    hidden = "_drafts" in path.parts
    return Source(path, root, site, lang, name, date, hidden, named, wrong)


def _dated(stem: str) -> tuple[datetime | None, str, str]:
    """Day and name in `2023-05-19-welcome`; in `2023-13-45-welcome` what is no day."""
    found = DATED.fullmatch(stem)
    if not found:
        return None, stem, ""
    try:
        return datetime(int(found[1]), int(found[2]), int(found[3]), tzinfo=UTC), found[4], ""
    except ValueError:
        return None, found[4], "-".join(found.groups()[:3])


def slug(text: str) -> str:
    """The name of a post's folder: lower case, without accents, some sixty letters at most."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return words if len(words) <= 60 else words[:61].rsplit("-", 1)[0][:60]
