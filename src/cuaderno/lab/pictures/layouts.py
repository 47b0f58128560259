"""Where pictures and their classes are found: folders as torchvision and Hugging Face have them, lists, batches.

Whatever it is becomes a list of items: a name, a class, a split if the data say one, and a file or pixels.
"""

import csv
import io
import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from cuaderno.lab.errors import CuadernoError, nearest
from cuaderno.lab.pictures import batches
from cuaderno.lab.pictures.files import SUFFIXES, named, printable

SPLITS = {
    "train": "train", "training": "train", "training_set": "train", "trainval": "train",
    "val": "val", "valid": "val", "validation": "val", "validation_set": "val", "dev": "val", "eval": "val",
    "test": "test", "testing": "test", "test_set": "test",
}  # fmt: skip
LISTS = {".csv", ".tsv", ".jsonl"}
PATHS = ("file_name", "filename", "file", "path", "filepath", "image", "image_path", "picture", "id", "archivo", "ruta")
LABELS = ("label", "class", "category", "target", "labels", "class_name", "given", "clase", "etiqueta")
LEAVE_OUT = ("no", "false", "0")  # in a column `keep`, which a review of the labels has
MOST_LIST_BYTES = 200 << 20
NUMBERED = re.compile(r"([^\W\d_]+)[._ -]?\(?\d+\)?")  # cat.12, dog_7, dog (7)
MOST_NAMES = 20  # classes that are told by names of files
DEEPEST = 4  # folders that hold only one folder and nothing else
WANTED = (
    "Wanted is one folder a class with pictures in it, as in FOLDER/cat and FOLDER/dog, or FOLDER/train/cat and so on; "
    "or a list (CSV or JSON lines) with a column `path` and a column `label`; or the batches of CIFAR; or an .npz. "
    "Without --data the study draws pictures of its own."
)


@dataclass(frozen=True)
class Item:
    """One picture that was named: its file, or its pixels (H, W, 3)."""

    name: str
    label: str
    split: str | None
    source: Path | np.ndarray


@dataclass
class Found:
    """All pictures of one source; `left_out` holds names and keys of files.WHY, `notes` what a reader should know."""

    layout: str
    items: list[Item]
    left_out: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def find(data: str) -> Found:
    """The pictures of a folder or file, here or in CUADERNO_DATA.

    Raises:  CuadernoError that says what was found there, what is wanted and how to mend it.
    """
    try:
        path = Path(data).expanduser()
        own = os.environ.get("CUADERNO_DATA")
        if own and not path.exists() and (Path(own) / data).exists():
            path = Path(own) / data
        if not path.exists():
            raise CuadernoError(_nowhere(data, path))
        if path.is_dir():
            return _in_folder(path)
        if path.suffix.lower() == ".npz":
            return _from_batches("a NumPy archive", batches.read_npz(path))
        if path.suffix.lower() in LISTS:
            return _listed(path, path.parent, None)
    except OSError as error:
        raise CuadernoError(f"{error.filename or data} cannot be read: {error.strerror or error}.") from error
    except (ValueError, RuntimeError) as error:  # a zero byte in the name, or a user who is not known
        raise CuadernoError(f"{data!r} is no name of a folder: {error}.") from error
    cure = " Unpack it first, and give the folder." if path.suffix.lower() in (".zip", ".gz", ".tar", ".tgz") else ""
    raise CuadernoError(f"{data} is a single file, and no list of pictures.{cure} {WANTED}")


def _nowhere(data: str, path: Path) -> str:
    there = [one.name for one in path.parent.iterdir() if one.is_dir()] if path.parent.is_dir() else []
    return f"There is no folder or file {data}.{nearest(path.name, there) if there else ''} {WANTED}"


# -- folders ----------------------------------------------------------------------------------------------------------


def _in_folder(top: Path) -> Found:
    folder = top
    for _ in range(DEEPEST):
        found = next(
            filter(None, (look(folder) for look in (_metadata, _cifar, _archive, _split, _classes, _by_name))), None
        )
        if found:
            return found
        inside = _folders(folder)
        if len(inside) != 1 or _pictures(folder):
            break
        folder = inside[0]
    raise CuadernoError(f"{top} is not laid out in a way that is known: {_what_is(top)}. {WANTED}")


def _cifar(folder: Path) -> Found | None:
    if not batches.cifar_files(folder):
        return None
    return _from_batches("batches of CIFAR", batches.read_cifar(folder))


def _archive(folder: Path) -> Found | None:
    archives = sorted(path for path in folder.glob("*.npz") if path.is_file())
    if len(archives) != 1 or _folders(folder):
        return None
    return _from_batches("a NumPy archive", batches.read_npz(archives[0]))


def _from_batches(layout: str, read: list[batches.Batch]) -> Found:
    return Found(layout, [Item(name, label, split, pixels) for name, label, split, pixels in batches.rows(read)])


def _split(top: Path) -> Found | None:
    """Folders train, val and test, or some of them, each with one folder a class or with a list."""
    parts = {folder: SPLITS[folder.name.lower()] for folder in _folders(top) if folder.name.lower() in SPLITS}
    if not parts:
        return None
    result = Found("folders by split", [])
    for folder, split in sorted(parts.items()):
        found = _metadata(folder, split, top) or _classes(folder, split, top) or _by_name(folder, split, top)
        if found is None:
            result.notes.append(f"{folder.name}/ was not used: {_what_is(folder)}.")
            continue
        result.items += found.items
        result.left_out += found.left_out
        result.notes += found.notes
    others = sorted(folder.name for folder in _folders(top) if folder not in parts)
    if others:
        result.notes.append(f"Not used, since they are no split: {', '.join(f'{name}/' for name in others)}.")
    _only_shared(result)
    return result if result.items else None


def _only_shared(found: Found) -> None:
    """Classes that only a smaller split has cannot be learnt: say so."""
    trained = {item.label for item in found.items if item.split == "train"}
    strange = sorted({item.label for item in found.items} - trained)
    if trained and strange:
        names = ", ".join(f"'{name}'" for name in strange)
        raise CuadernoError(
            f"The training pictures have the classes {', '.join(sorted(trained))}, and the others also {names}. "
            "Give the folders of every split the same names."
        )


def _classes(folder: Path, split: str | None = None, top: Path | None = None) -> Found | None:
    """One folder a class, pictures at any depth below it."""
    found, empty = Found("one folder a class", []), []
    inside = _folders(folder)
    names = {one.name for one in inside}
    for one in inside:
        below = {deeper.name for deeper in _folders(one)}
        if below and below <= names and not _pictures(one):  # such as noisy/cat and noisy/dog beside cat and dog
            found.notes.append(f"{one.name}/ was not used: it is no class, it holds {', '.join(sorted(below))}.")
            continue
        files = list(files_below(one))
        pictures = [path for path in files if path.suffix.lower() in SUFFIXES]
        found.items += [Item(_name(path, top or folder), printable(one.name), split, path) for path in pictures]
        if not pictures:
            empty.append(one.name)
        elif len(files) > len(pictures):
            found.notes.append(f"{len(files) - len(pictures):,} files of {one.name}/ have no picture's name.")
    loose = len(_pictures(folder))
    if empty:
        found.notes.append(f"Without a picture in them: {', '.join(f'{name}/' for name in empty)}.")
    if loose and found.items:
        found.notes.append(f"{loose:,} pictures lie beside the folders of the classes and were not used.")
    return found if len({item.label for item in found.items}) > 1 else None


def _by_name(folder: Path, split: str | None = None, top: Path | None = None) -> Found | None:
    """Pictures in one folder whose names begin with their class, such as cat.0.jpg: Kaggle's cats and dogs."""
    pictures = sorted(_pictures(folder))
    named = [(path, match[1]) for path in pictures if (match := NUMBERED.fullmatch(path.stem))]
    counts = Counter(label for _, label in named)
    if len(named) < len(pictures) or not 2 <= len(counts) <= MOST_NAMES:
        return None
    return Found(
        "classes by name", [Item(_name(path, top or folder), printable(label), split, path) for path, label in named]
    )


def _folders(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith((".", "__")))


def _pictures(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file()]


def files_below(folder: Path) -> Iterator[Path]:
    """Every file at any depth, in order of names, hidden ones left out; links to folders are not followed."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        yield from (Path(place, name) for name in sorted(files) if not name.startswith("."))


def _name(path: Path, top: Path) -> str:
    return path.relative_to(top).as_posix()


def _what_is(folder: Path) -> str:
    inside, files = _folders(folder), [path for path in folder.iterdir() if path.is_file()]
    if not inside and not files:
        return f"{folder.name}/ is empty"
    parts = []
    if inside:
        counts = [
            f"{one.name}/ with {sum(p.suffix.lower() in SUFFIXES for p in files_below(one)):,} pictures"
            for one in inside[:4]
        ]
        parts.append(f"{len(inside)} folders ({', '.join(counts)}{', …' if len(inside) > 4 else ''})")
    if files:
        kinds = Counter(path.suffix.lower() or "no ending" for path in files).most_common(3)
        parts.append(f"{len(files):,} files ({', '.join(f'{count:,} {kind}' for kind, count in kinds)})")
    return f"{folder.name}/ holds {' and '.join(parts)}"


# -- lists ------------------------------------------------------------------------------------------------------------


def _metadata(folder: Path, split: str | None = None, top: Path | None = None) -> Found | None:
    """Hugging Face's imagefolder: metadata.csv or metadata.jsonl beside the pictures, if it names the classes."""
    for name in ("metadata.csv", "metadata.jsonl"):
        path = folder / name
        if path.is_file() and _column(_rows(path)[0] if _rows(path) else {}, LABELS):
            return _listed(path, folder, split, top)
    return None


def _listed(path: Path, folder: Path, split: str | None, top: Path | None = None) -> Found:
    """A CSV, TSV or file of JSON lines with a path and a class in each row, and perhaps a split."""
    rows = _rows(path)
    if not rows:
        raise CuadernoError(f"{path} has no rows. Wanted is a first row `path,label` and one picture a row.")
    where, what = _column(rows[0], PATHS), _column(rows[0], LABELS)
    if not where or not what:
        wanted = "`path`" if not where else "`label`"
        raise CuadernoError(
            f"{path} has the columns {', '.join(map(str, rows[0])) or 'none'}; one called {wanted} is missing. "
            "Write a first row `path,label`."
        )
    part, found, met = _column(rows[0], ("split", "set", "subset", "fold")), Found("a list", []), set()
    keep = _column(rows[0], ("keep",))
    for number, row in enumerate(rows, 2):
        name, label = str(row.get(where) or "").strip(), _label(row.get(what))
        if not name or not label:
            found.left_out.append((name or f"{path.name}, row {number}", "no label" if name else "missing"))
            continue
        name = named(folder, name)
        source = _inside(folder, name)
        shown = name if not top else f"{folder.relative_to(top).as_posix()}/{name}"
        if source is None or shown in met:
            found.left_out.append((shown, "twice" if source else "outside"))
            continue
        met.add(shown)
        if keep and str(row.get(keep) or "").strip().lower() in LEAVE_OUT:
            found.left_out.append((shown, "not kept"))
            continue
        said = SPLITS.get(str(row.get(part) or "").strip().lower()) if part else None
        found.items.append(Item(shown, label, split or said, source))
    if not met and (out := next((name for name, why in found.left_out if why == "outside"), None)):
        raise CuadernoError(
            f"{path} names no picture in its own folder, which is all that is read: {out}, for example, lies outside. "
            "Write paths relative to the list, such as cat/1.jpg, and put it where the pictures are."
        )
    return found


def _rows(path: Path) -> list[dict[str, object]]:
    if path.stat().st_size > MOST_LIST_BYTES:
        raise CuadernoError(f"{path} has more than {MOST_LIST_BYTES >> 20} megabytes: not a list of pictures.")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise CuadernoError(f"{path} is not UTF-8 (byte {error.start:,}). Save it as UTF-8.") from error
    if path.suffix.lower() == ".jsonl":
        return [_object(path, number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    first = text.partition("\n")[0]
    between = "\t" if path.suffix.lower() == ".tsv" else max(",;\t", key=first.count)
    try:
        return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=between))
    except csv.Error as error:
        raise CuadernoError(f"{path} cannot be read as CSV: {error}.") from error


def _object(path: Path, number: int, line: str) -> dict[str, object]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise CuadernoError(f"{path}, line {number}, is not JSON: {error}.") from error
    if not isinstance(found, dict):
        raise CuadernoError(
            f'{path}, line {number}, has to be an object such as {{"file_name": "1.jpg", "label": "cat"}}.'
        )
    return found


def _column(row: dict[str, object], known: Iterable[str]) -> str | None:
    names = {str(name).strip().lower(): name for name in row if name is not None}
    return next((names[name] for name in known if name in names), None)


def _label(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return printable(str(value).strip()) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _inside(folder: Path, name: str) -> Path | None:
    """The file that a list means, unless it points out of the folder: a list may come from anywhere."""
    if "\0" in name:
        return None
    top = Path(os.path.normpath(folder.absolute()))
    name = name if os.path.lexists(top / name) else name.replace("\\", "/")  # as Windows writes it
    path = Path(os.path.normpath(top / name))
    return path if path.is_relative_to(top) else None
