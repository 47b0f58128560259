"""What stands between a diary and its readers: drafts, days to come, no address, large files, records git lacks."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from cuaderno.site.build import LOCAL
from cuaderno.site.checking.finding import Finding
from cuaderno.site.checking.subject import Subject
from cuaderno.site.git import Git
from cuaderno.site.markdown import mathml
from cuaderno.site.numbers import size

LARGE, TOO_LARGE = 25 << 20, 100 << 20


def look(subject: Subject) -> Iterator[Finding]:
    yield from _posts(subject)
    yield from _formulas(subject)
    if subject.edition.settings.url.startswith(LOCAL):
        cure = 'Write down where the site will be: url = "https://USER.github.io/REPOSITORY/".'
        path = subject.folder / "cuaderno.toml"
        yield Finding("no-url", path, _url_line(path), "the diary has no address yet.", cure)
    yield from _large(subject)
    yield from _uncommitted(subject)


def _posts(subject: Subject) -> Iterator[Finding]:
    now = datetime.now(UTC)
    for post in subject.edition.diary.posts:
        if not post.published:
            yield Finding("draft", post.path, 0, "this post is a draft, and stays at home.")
        elif post.date > now:
            yield Finding(
                "future", post.path, 0, f"this post is of {post.date:%Y-%m-%d}, and is published all the same."
            )


def _formulas(subject: Subject) -> Iterator[Finding]:
    for text in subject.texts:
        for formula in text.pieces.formulas:
            if mathml(formula.text, formula.block) is None:
                what = f"the formula '{' '.join(formula.text.split())[:60]}' cannot be read and is shown as text."
                yield Finding("formula", text.path, formula.line, what, "Look for a brace or a backslash too many.")


def _url_line(path: Path) -> int:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return next((number for number, line in enumerate(lines, 1) if line.lstrip().startswith("url")), 0)


def _large(subject: Subject) -> Iterator[Finding]:
    """Files that GitHub warns of or refuses, in the site and in the folder."""
    copied = [page.source for page in subject.pages.values() if page.source]
    for path in sorted({*copied, *subject.own_files}):
        bytes_ = path.stat().st_size if path.is_file() else 0
        if bytes_ > TOO_LARGE:
            cure = "Export less of it, or keep it elsewhere and link to it."
            yield Finding("too-large", path, 0, f"this file has {size(bytes_, 'en')}; GitHub takes 100 MiB.", cure)
        elif bytes_ > LARGE:
            cure = "Readers wait for it, and git keeps it for ever: make it smaller if you can."
            yield Finding("large", path, 0, f"this file has {size(bytes_, 'en')}.", cure)


def _uncommitted(subject: Subject) -> Iterator[Finding]:
    """Records that others cannot find in the repository as the page shows them."""
    records, git = subject.edition.diary.records, Git(subject.folder)
    said = git.tried("status", "--porcelain", "-z", "--untracked-files=all", "--", "records")
    top = git.tried("rev-parse", "--show-toplevel")
    if not said or not top:
        return
    changed = set()
    for entry in said.split("\0"):
        path = Path(top, entry[3:])
        if path.is_relative_to(records.resolve()) and path != records.resolve():
            changed.add(path.relative_to(records.resolve()).parts[0])
    for name in sorted(changed):
        cure = "Commit it: a result that nobody else has cannot be repeated."
        yield Finding("uncommitted", records / name, 0, "git does not have this record as it is here.", cure)
