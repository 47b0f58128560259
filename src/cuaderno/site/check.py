"""Build the diary where nobody looks, and follow every link of its own."""

from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote, urljoin, urlsplit

from cuaderno.diary.diary import Diary
from cuaderno.diary.settings import read_settings
from cuaderno.diary.translating.translation import MISSING, STALE, everyone
from cuaderno.lab.errors import CuadernoError
from cuaderno.site.build import build
from cuaderno.site.comments.section import where

MOST_SHOWN = 20


class Links(HTMLParser):
    """The addresses a page points to and the places in it that others may point to."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.anchors: set[str] = {""}

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        if anchor := found.get("id"):
            self.anchors.add(anchor)
        self.targets += [value for name in ("href", "src", "data-widget") if (value := found.get(name))]


def check(diary_folder: Path, report: Callable[[str], None] = print) -> str:
    """One line that says what was found to be right. `report` gets a warning for each translation that is behind.

    Raises:  CuadernoError with the faults of the diary, with the links that lead nowhere, or with the numbers and
             links in which a translation differs from its source.
    """
    with TemporaryDirectory() as scratch:
        result = build(diary_folder, Path(scratch) / "site", search=False, report=lambda _: None)
        settings = read_settings(diary_folder)
        served = where(settings) if settings.comments else ""
        links, broken = follow(result.output, settings.base, served)
    if broken:
        shown = "\n".join(f"  {text}" for text in broken[:MOST_SHOWN])
        more = f"\n  … and {len(broken) - MOST_SHOWN} more" if len(broken) > MOST_SHOWN else ""
        raise CuadernoError(f"{len(broken)} links lead nowhere:\n{shown}{more}")
    warnings, faults = translations(Diary.open(diary_folder))
    for line in warnings:
        report(f"warning: {line}")
    if faults:
        raise CuadernoError(f"{len(faults)} translated paragraphs differ from their source:\n" + "\n".join(faults))
    return f"{result.pages} pages build, {links} links lead somewhere"


def translations(diary: Diary) -> tuple[list[str], list[str]]:
    """What is behind, and what differs, in the translations that remember what they were made from."""
    warnings, faults = [], []
    for found in everyone(diary):
        if not found.has_sidecar or not found.target:
            continue
        missing = sum(one.state == MISSING for one in found.paragraphs)
        stale = sum(one.state == STALE for one in found.paragraphs)
        some = [f"{count} {state}" for count, state in ((missing, "missing"), (stale, "stale")) if count]
        if some:
            warnings.append(f"{found.path}: {' and '.join(some)}. See: cuaderno translate {found.slug}")
        for one in found.faulty:
            if one.state != STALE and one.translation:
                line = found.target.line + one.translation.start
                faults.append(f"  {found.path}:{line}: {'; '.join(one.faults)}")
    return warnings, faults


def follow(site: Path, base: str, served: str = "") -> tuple[int, list[str]]:
    """Count a built site's own links and name those without a target: `page: link`.

    Below `served` a program answers, no file.
    """
    pages = {path: Links() for path in site.rglob("*.html")}
    for path, links in pages.items():
        links.feed(path.read_text(encoding="utf-8"))
    count, broken = 0, []
    for path, links in pages.items():
        here = base + path.relative_to(site).as_posix().removesuffix("index.html")
        for target in links.targets:
            parts = urlsplit(urljoin(here, target))
            if parts.scheme or parts.netloc or (served and parts.path.startswith(served)):
                continue
            count += 1
            file = site / unquote(parts.path).removeprefix(base)
            file = file / "index.html" if file.is_dir() else file
            anchors = pages[file].anchors if file in pages else {parts.fragment}
            if not parts.path.startswith(base) or not file.is_file() or unquote(parts.fragment) not in anchors:
                broken.append(f"{path.relative_to(site).as_posix()}: {target}")
    return count, sorted(set(broken))
