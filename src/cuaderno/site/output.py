"""The printed folder: built beside the old one and swapped in whole, so that nothing half-written is ever served."""

import contextlib
import hashlib
import json
import os
import shutil
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.files import disk_errors

SWAP = Lock()  # held while folders change places, so that the server of the same process never looks in between
OWN = ("posts", "records", "about", "portfolio", "prompts", "docs", "comments", "runs", ".cache", ".git", ".github")
MARK = ".cuaderno-site"  # lies in every printed folder, with the names of its files: others are somebody else's
LEFT_BY_SYSTEMS = (".DS_Store", "Thumbs.db", "desktop.ini", ".directory")  # nobody's work


class Target:
    """A folder being filled. Files that did not change are linked from the old edition, not written again."""

    def __init__(self, folder: Path, old: Path, used: bool):
        self.folder, self.old = folder, old
        self.names: set[str] = set()
        self.said: dict = {}  # what the mark says besides
        self._used = used  # it was an edition before the old one, and has most files already
        self._made: set[str] = set()

    def write(self, name: str, content: bytes) -> os.stat_result:
        path = self._place(name)
        if self._used:
            Path(path).unlink(missing_ok=True)  # it may be another name of a file in the old edition
        with open(path, "wb") as file:  # noqa: PTH123 - twice as fast as Path.write_bytes, two thousand times
            file.write(content)
        return os.stat(path)  # noqa: PTH116

    def take_over(self, name: str, size: int, time: int) -> None:
        """Bring a file of the old edition along."""
        self.names.add(name)
        if self._used and self._has(name, size, time):
            return
        path = self._place(name)
        if self._used:
            Path(path).unlink(missing_ok=True)
        link_or_copy(os.path.join(self.old, name), path)  # noqa: PTH118

    def sign(self) -> None:
        """Write down which files there are: those made here, and those that a program made in folders of its own."""
        tops = {name.split("/", 1)[0] for name in self.names}
        for entry in os.scandir(self.folder):
            if entry.is_dir(follow_symlinks=False) and entry.name not in tops:
                self.names.update(f"{entry.name}/{name}" for name in names_below(Path(entry.path)))
        (self.folder / MARK).write_bytes(mark(self.names, self.said))

    def _has(self, name: str, size: int, time: int) -> bool:
        try:
            stat = os.stat(f"{self.folder}{os.sep}{name}")  # noqa: PTH116
        except OSError:
            return False
        return stat.st_size == size and stat.st_mtime_ns == time

    def _place(self, name: str) -> str:
        self.names.add(name)
        path = f"{self.folder}{os.sep}{name.replace('/', os.sep)}"
        parent = os.path.dirname(path)  # noqa: PTH120
        if parent not in self._made:
            os.makedirs(parent, exist_ok=True)  # noqa: PTH103
            self._made.add(parent)
        return path


def mark(names: Iterable[str], said: dict) -> bytes:
    """What the mark of an edition says: the names of its files, and whatever else is `said`."""
    return (json.dumps({**said, "files": sorted(names)}, separators=(",", ":")) + "\n").encode()


def names_in(content: bytes) -> frozenset[str] | None:
    """The files that a mark names; None for an older mark, which names none."""
    try:
        files = json.loads(content)["files"]
        return frozenset(files) if all(isinstance(name, str) for name in files) else None
    except (ValueError, TypeError, KeyError):
        return None


def names_below(folder: Path) -> Iterator[str]:
    """Every file below a folder but its mark; a link is a file, whatever it leads to."""
    left = [("", str(folder))]
    while left:
        prefix, path = left.pop()
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    left.append((f"{prefix}{entry.name}/", entry.path))
                elif entry.name != MARK or prefix:
                    yield prefix + entry.name


def foreign(names: Iterable[str], ours: Collection[str]) -> list[str]:
    """The files that somebody else put there; what file managers leave behind does not count."""
    others = [name for name in names if name not in ours and name.rpartition("/")[2] not in LEFT_BY_SYSTEMS]
    return sorted(name for name in others if unicodedata.normalize("NFC", name) not in ours)


def refuse_foreign(place: str | Path, names: list[str]) -> None:
    """Raises:  CuadernoError that names some of them, when there are any."""
    if names:
        shown = ", ".join(ascii(name)[1:-1] if not name.isprintable() else name for name in names[:5])
        more = f" and {len(names) - 5:,} more" if len(names) > 5 else ""
        raise CuadernoError(
            f"{place} holds files that Cuaderno did not print, and would lose them: {shown}{more}. Nothing was "
            "changed. Move them elsewhere, or choose another folder; what shall be in the site belongs beside a post."
        )


def refuse_inside(path: Path, also: str = "") -> None:
    """Raises:  CuadernoError when a site there would take the place of a diary, or lie among its texts and records."""
    path = path.resolve()
    diary = next((folder for folder in (path, *path.parents) if (folder / "cuaderno.toml").is_file()), None)
    if diary is None or (also and diary / also in path.parents):
        return
    if path.parent == diary and path.name not in OWN:
        return
    what = "is a diary" if path == diary else f"is inside the diary {diary}"
    raise CuadernoError(
        f"{path} {what}: a site printed there would take the place of its texts and records, or mix with them. "
        f"Nothing was changed. Choose {diary / '_site'}, or a folder outside the diary such as "
        f"{diary.parent / 'public'}."
    )


def refuse_around(path: Path, diary: Path) -> None:
    """Raises:  CuadernoError when the folder holds the diary itself."""
    if path.resolve() in diary.resolve().parents:
        raise CuadernoError(
            f"{path} holds the diary {diary} itself: a site printed there would take its place. Nothing was changed. "
            "Choose a folder of its own for the site."
        )


def link_or_copy(source: str, target: str) -> None:
    """A second name for the same file where the disk can do that, a copy elsewhere."""
    try:
        os.link(source, target)
    except (OSError, NotImplementedError):
        shutil.copy2(source, target)


class Place:
    """Where an edition is printed: the folder that is served, and an attic on the same disk for what is not.

    The attic keeps the edition before the last one. It differs from the next in a few files, so that printing after an
    edit touches only those instead of making thousands of folders; on many disks these are what costs most.
    """

    def __init__(self, output: Path, attic: Path, within: str = ".cache"):
        """`within` is a folder of a diary in which one may print, too; `_site` is always one."""
        self.output, self.attic, self.within = output, attic, within
        mark = hashlib.blake2b(str(output.resolve()).encode(), digest_size=4).hexdigest()
        self.stem = f".site-{mark}"
        self.spare = attic / f"{self.stem}.spare"
        self.in_one_step = False  # whether the last swap left not even a moment without a site

    @contextmanager
    def swapped(self, same_files: bool) -> Iterator[Target]:
        """A folder that takes the place of `output` when all went well; otherwise the old one stays as it was.

        Unless the new edition has all files of the old one (`same_files`), nothing is left of the editions before.

        Raises:  CuadernoError when the disk is full, read-only or not ours, or when `output` is no site of ours.
        """
        with disk_errors(self.output):
            self.check_ours()
            self.output.parent.mkdir(parents=True, exist_ok=True)
            self.attic.mkdir(parents=True, exist_ok=True)
            fresh = self._named("new")
            shutil.rmtree(fresh, ignore_errors=True)
            try:
                used = same_files and self._take_spare(fresh)
                if not used:
                    fresh.mkdir()
                target = Target(fresh, self.output, used)
                yield target
                target.sign()
                self._swap(fresh, same_files)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)

    def tidy(self) -> None:
        """Mend what a kill left: an edition between its two renames goes back, a half-printed one goes away."""
        if not self.output.exists():
            for left in sorted(self.attic.glob(f"{self.stem}.*.old")):
                left.rename(self.output)
                break
        for left in [*self.attic.glob(f"{self.stem}.*.new"), *self.attic.glob(f"{self.stem}.*.old")]:
            with contextlib.suppress(ValueError):
                if not _alive(int(left.name.rsplit(".", 2)[1])):  # a build that still runs keeps its folder
                    shutil.rmtree(left, ignore_errors=True)

    def _take_spare(self, fresh: Path) -> bool:
        if self.spare.is_dir() and self.output.is_dir():
            self.spare.rename(fresh)
            return True
        return False

    def _named(self, what: str) -> Path:
        return self.attic / f"{self.stem}.{os.getpid()}.{what}"

    def check_ours(self) -> None:
        """Raises:  CuadernoError when the folder holds what we did not print, or lies among a diary's own files."""
        refuse_inside(self.output, also=self.within)
        if self.output.exists() and not self.output.is_dir():
            raise CuadernoError(f"{self.output} is a file, not a folder. Choose another output folder.")
        if not self.output.is_dir() or not any(self.output.iterdir()):
            return
        inner = next(self.output.glob("*/cuaderno.toml"), None)
        if inner:
            refuse_around(self.output, inner.parent)
        path = self.output / MARK
        if not path.is_file():
            raise CuadernoError(
                f"{self.output} holds files that Cuaderno did not print. Choose another output folder, or empty it."
            )
        ours = names_in(path.read_bytes())
        if ours is not None:
            refuse_foreign(self.output, foreign(names_below(self.output), ours))

    def _rename_both(self, fresh: Path, old: Path) -> None:
        if self.output.exists():
            self.output.rename(old)
        try:
            fresh.rename(self.output)
        except OSError:
            if old.exists():
                old.rename(self.output)
            raise

    def _swap(self, fresh: Path, keep: bool) -> None:
        old = self._named("old")
        shutil.rmtree(old, ignore_errors=True)
        with SWAP:
            self.in_one_step = not self.output.exists() or exchange(fresh, self.output)
            if self.in_one_step and self.output.exists():
                fresh.rename(old)  # it is the old edition now
            else:
                self._rename_both(fresh, old)
        shutil.rmtree(self.spare, ignore_errors=True)
        if keep and old.exists():
            old.rename(self.spare)
        shutil.rmtree(old, ignore_errors=True)


def exchange(one: Path, other: Path) -> bool:
    """Let two folders change places in one step; False where the system cannot, and nothing happened then."""
    import ctypes

    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2  # Linux
    except (OSError, AttributeError, TypeError):
        return False
    here, swap = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    return renameat2(here, os.fsencode(one), here, os.fsencode(other), swap) == 0


def _alive(pid: int) -> bool:
    import psutil

    return pid != os.getpid() and psutil.pid_exists(pid)
