"""Follow every link of a printed site: its own pages, the places in them, and files."""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit


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


def follow(site: Path, base: str, served: str = "") -> tuple[int, list[str]]:
    """Count a built site's own links and name those without a target: `page: link`.

    Below `served` a program answers, no file.
    """
    count, broken = followed(site, base, served)
    return count, [f"{page}: {target}" for page, target in broken]


def followed(site: Path, base: str, served: str = "") -> tuple[int, list[tuple[str, str]]]:
    """Count a built site's own links; those without a target with the page that has them."""
    pages = {path: Links() for path in site.rglob("*.html")}
    for path, links in pages.items():
        links.feed(path.read_text(encoding="utf-8"))
    count, broken = 0, set()
    for path, links in pages.items():
        here = base + path.relative_to(site).as_posix().removesuffix("index.html")
        for target in links.targets:
            try:
                parts = urlsplit(urljoin(here, target))
            except ValueError:
                continue  # an outside address that cannot be one
            if parts.scheme or parts.netloc or (served and parts.path.startswith(served)):
                continue
            count += 1
            if not _leads(pages, site, base, parts.path, unquote(parts.fragment)):
                broken.add((path.relative_to(site).as_posix(), target))
    return count, sorted(broken)


def _leads(pages: dict[Path, Links], site: Path, base: str, path: str, fragment: str) -> bool:
    if not path.startswith(base):
        return False
    try:
        file = site / unquote(path).removeprefix(base)
        file = file / "index.html" if file.is_dir() else file
        return file.is_file() and (file not in pages or fragment in pages[file].anchors)
    except (OSError, ValueError):  # a name that no file can have
        return False
