"""What is published: the printed folder with a note of what it was made from, and how it differs from what is live."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import cuaderno
from cuaderno.site.git import Git
from cuaderno.site.numbers import size
from cuaderno.site.output import MARK, mark


@dataclass(frozen=True)
class Note:
    """Lies in every published site, so that one can ask what is live. `source` is the diary's commit."""

    published: str
    source: str | None = None
    changed: bool = False  # the diary had changes that were in no commit
    version: str = cuaderno.__version__

    @classmethod
    def now(cls, diary: Path) -> "Note":
        git = Git(diary)
        source = git.tried("rev-parse", "--verify", "HEAD")
        changed = bool(source) and bool(git.tried("status", "--porcelain", "--", "."))
        return cls(datetime.now(UTC).isoformat(timespec="seconds"), source, changed)

    @classmethod
    def read(cls, content: bytes) -> "Note | None":
        """The note in a published site; None in one that has none."""
        try:
            found = json.loads(content)
            known = {name: found[name] for name in ("source", "changed", "version") if name in found}
            return cls(str(found["published"]), **known)
        except (ValueError, TypeError, KeyError):
            return None

    @property
    def content(self) -> bytes:
        return (json.dumps(asdict(self)) + "\n").encode()

    def naming(self, files: Iterable[str]) -> bytes:
        """The note as a mark that names the files of its edition, too."""
        return mark(files, asdict(self))

    @property
    def shown(self) -> str:
        """`published on 2026-11-21 18:30 UTC from commit 1a2b3c4`."""
        when = self.published[:16].replace("T", " ")
        commit = f" from commit {self.source[:7]}" if self.source else ""
        return (
            f"published on {when} UTC{commit}{' with changes that are in no commit' if self.changed and commit else ''}"
        )


@dataclass(frozen=True)
class Edition:
    """A printed site: its files by name, with their bytes counted. The note is not among them."""

    folder: Path
    sizes: dict[str, int] = field(repr=False)
    extra: dict[str, bytes] = field(default_factory=dict, repr=False)  # files that only the target needs

    @classmethod
    def of(cls, folder: Path) -> "Edition":
        return cls(folder, dict(sorted((name, path.stat().st_size) for name, path in files_in(folder))))


def files_in(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file of a site but the note, by its name."""
    for path in folder.rglob("*"):
        if path.is_file() and (name := path.relative_to(folder).as_posix()) != MARK:
            yield name, path


@dataclass(frozen=True)
class Changes:
    """How an edition differs from what is live; `bytes` is what has to be sent."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    bytes: int = 0

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)

    @property
    def shown(self) -> str:
        """`3 files added, 2 changed, 1 removed (1.2 MB)`."""
        counts = ((len(self.added), "added"), (len(self.changed), "changed"), (len(self.removed), "removed"))
        parts = [f"{count:,} {'file ' if count == 1 else 'files '}{word}" for count, word in counts if count]
        parts = parts[:1] + [part.replace(" files", "").replace(" file", "") for part in parts[1:]]
        return f"{', '.join(parts) or 'no file differs'} ({size(self.bytes, 'en')})"

    @property
    def lines(self) -> list[str]:
        """One line per file, as a dry run shows them."""
        marks = (("+", self.added), ("~", self.changed), ("-", self.removed))
        return [f"  {mark} {name}" for mark, names in marks for name in names]
