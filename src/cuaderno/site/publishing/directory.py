"""A folder, such as the one that a web server shows: filled beside it and swapped in whole."""

import filecmp
import shutil
from dataclasses import asdict
from pathlib import Path

from cuaderno.lab.files import disk_errors
from cuaderno.site.output import MARK, Place, refuse_around
from cuaderno.site.publishing.edition import Changes, Edition, Note, files_in
from cuaderno.site.publishing.target import Step


class Directory:
    """A folder on this computer, or on a disk that is mounted."""

    is_public = False
    warnings: tuple[str, ...] = ()

    def __init__(self, path: Path, diary: Path):
        self.diary = diary
        self.path = path.resolve()  # through links: the folder is swapped, and the link to it stays
        self.name = f"the folder {path}"
        self.place = Place(self.path, self.path.parent, within="")

    def look(self) -> Note | None:
        with disk_errors(self.path):
            refuse_around(self.path, self.diary)
            if self.path.parent.is_dir():
                self.place.tidy()
            self.place.check_ours()
            mark = self.path / MARK
            return Note.read(mark.read_bytes()) if mark.is_file() else None

    def prepare(self, edition: Edition) -> Changes:
        with disk_errors(self.path):
            live = dict(files_in(self.path)) if self.path.is_dir() else {}
            added = tuple(name for name in edition.sizes if name not in live)
            changed = tuple(
                name
                for name in edition.sizes
                if name in live and not filecmp.cmp(edition.folder / name, live[name], shallow=False)
            )
            removed = tuple(sorted(name for name in live if name not in edition.sizes))
        return Changes(added, changed, removed, sum(edition.sizes[name] for name in (*added, *changed)))

    def push(self, edition: Edition, note: Note, step: Step) -> str:
        with self.place.swapped(same_files=False) as target:
            for number, name in enumerate(edition.sizes, 1):
                path = target.folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(edition.folder / name, path)
                target.names.add(name)
                step(number, len(edition.sizes))
            target.said = asdict(note)
        return (
            "The folder was swapped in one step." if self.place.in_one_step else "The folder was swapped by renaming."
        )
