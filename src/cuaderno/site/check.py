"""Build the diary where nobody looks, and follow every link of its own."""

from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote, urljoin, urlsplit

from cuaderno.diary.settings import read_settings
from cuaderno.lab.errors import CuadernoError
from cuaderno.site.build import build

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


def check(diary_folder: Path) -> str:
    """One line that says what was found to be right.

    Raises:  CuadernoError with the faults of the diary, or with the links that lead nowhere.
    """
    with TemporaryDirectory() as scratch:
        result = build(diary_folder, Path(scratch) / "site", search=False, report=lambda _: None)
        links, broken = follow(result.output, read_settings(diary_folder).base)
    if broken:
        shown = "\n".join(f"  {text}" for text in broken[:MOST_SHOWN])
        more = f"\n  … and {len(broken) - MOST_SHOWN} more" if len(broken) > MOST_SHOWN else ""
        raise CuadernoError(f"{len(broken)} links lead nowhere:\n{shown}{more}")
    return f"{result.pages} pages build, {links} links lead somewhere"


def follow(site: Path, base: str) -> tuple[int, list[str]]:
    """Count a built site's own links and name those without a target: `page: link`."""
    pages = {path: Links() for path in site.rglob("*.html")}
    for path, links in pages.items():
        links.feed(path.read_text(encoding="utf-8"))
    count, broken = 0, []
    for path, links in pages.items():
        here = base + path.relative_to(site).as_posix().removesuffix("index.html")
        for target in links.targets:
            parts = urlsplit(urljoin(here, target))
            if parts.scheme or parts.netloc:
                continue
            count += 1
            file = site / unquote(parts.path).removeprefix(base)
            file = file / "index.html" if file.is_dir() else file
            anchors = pages[file].anchors if file in pages else {parts.fragment}
            if not parts.path.startswith(base) or not file.is_file() or unquote(parts.fragment) not in anchors:
                broken.append(f"{path.relative_to(site).as_posix()}: {target}")
    return count, sorted(set(broken))
