"""Whether GitHub can serve a diary at the address that cuaderno.toml gives it."""

from collections.abc import Iterator

from cuaderno.site.checking.finding import Finding
from cuaderno.site.checking.subject import Subject
from cuaderno.site.git import Git
from cuaderno.site.publishing.github import own_domain


def look(subject: Subject) -> Iterator[Finding]:
    """A domain of one's own with a path, in a diary that goes to GitHub."""
    settings = subject.edition.settings
    host = own_domain(settings.url)
    if not host or settings.base == "/" or not _goes_to_github(subject):
        return
    path = subject.folder / "cuaderno.toml"
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    line = next((number for number, text in enumerate(lines, 1) if text.lstrip().startswith("url")), 0)
    what = f"GitHub serves this domain at its root, and the url has the path {settings.base}: no CNAME is written."
    cure = (
        f'Write url = "{settings.origin}/". Only where {host} is the domain of your USER.github.io and this repository '
        f"is called {settings.base.strip('/')} is the url right: then accept this."
    )
    yield Finding("no-url", path, line, what, cure)


def _goes_to_github(subject: Subject) -> bool:
    to = subject.edition.settings.publish.to
    return to == "github" or (not to and "github.com" in (Git(subject.folder).tried("remote", "-v") or ""))
