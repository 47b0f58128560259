"""From plain photos or a video to cameras: looked over, brought to one size, and handed to pycolmap.

What takes minutes is kept in the cache: the same photos are asked only once.
Needs:   pip install 'cuaderno[splat]', which is pycolmap, and PyAV for videos.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from cuaderno.lab.data import cache_folder
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.files import alone, disk_errors, write_atomic
from cuaderno.lab.progress import Progress
from cuaderno.studies.splat import colmap
from cuaderno.studies.splat.colmap import Reconstruction
from cuaderno.studies.splat.develop import check_masks, listed, mask_for, pictures_in, read_mask, read_picture

FORMAT = 1  # of what is kept; a new number makes old ones unused
FEWEST, ENOUGH = 6, 30  # photos without which nothing comes of it, and with which something good may
LONGEST_SIDE = 1600  # pixels of what is looked at and learnt from
MOST_FEATURES = 4096  # of a photo
ALL_PAIRS = 100  # photos up to which each is compared with each
NEIGHBOURS, EVERY = 15, 5  # beyond that: with so many beside it, and every so many with each other
LOOKED_AT = 800  # pixels of the longer side, when sharpness is measured
BLURRED, HOPELESS = 0.45, 0.12  # sharpness against the median of the set, and by itself
NOISE = 0.25  # variance of a value, from rounding (1/12) and a good sensor
STOPS = 1.0  # of brightness away from the median, to be told of
FEW_FEATURES = 150
WORK = {"photos": 0.06, "features": 0.24, "matches": 0.30, "cameras": 0.40}  # shares of the time, as measured
HOW_TO = "Walk round it in small steps, so that each photo shows most of what the one before it shows"


@dataclass(frozen=True)
class Photo:
    """A photo that was looked over: where the copy is, its size, and what may be wrong with it.

    Units:   focal in pixels, 0 when the photo does not say; sharpness and brightness as below.
    """

    name: str
    copy: str
    width: int
    height: int
    focal: float
    sharpness: float
    brightness: float
    masked: bool


def reconstruct(place: Path) -> tuple[Reconstruction, list[str]]:
    """The cameras of a folder of photos or of a video, and sentences about photos that were left out.

    Raises:  CuadernoError when nothing can come of it: too few, blurred, without overlap, or a package is missing.
    """
    is_video = place.is_file()
    need("pycolmap")
    if is_video:
        need("av")
    work = cache_folder() / "splat" / f"photos-{_state(place)}"

    def wait() -> None:
        print(f"another process is finding the cameras of {place}; waiting for it", file=sys.stderr, flush=True)

    with alone(work.with_name(f"{work.name}.lock"), waiting=wait, patience=3600):
        if not (work / "found.json").is_file():
            with disk_errors(work):
                _work(place, is_video, work)
    found = json.loads((work / "found.json").read_text(encoding="utf-8"))
    reconstruction, _ = colmap.read(work, work / "pictures")
    names = {photo["copy"]: photo["name"] for photo in found["photos"]}
    shots = []
    for shot in reconstruction.shots:
        mask = mask_for(shot.path, work / "masks" / Path(shot.camera.name).parent)
        shots.append(replace(shot, camera=replace(shot.camera, name=names[shot.camera.name]), mask=mask))
    return replace(reconstruction, shots=shots), found["notes"]


def need(package: str) -> None:
    """Raise a CuadernoError unless a package is installed."""
    if find_spec(package) is None:
        raise CuadernoError(
            f"Scenes from photos and video need the package '{package}'. Install it with: pip install 'cuaderno[splat]'"
        )


def _state(place: Path) -> str:
    """What says that these are the photos of last time, without reading them: names, lengths and times."""
    files = [place] if place.is_file() else [*_photos_of(place), *sorted((place / "masks").glob("*"))]
    digest = hashlib.sha256(
        repr((FORMAT, LONGEST_SIDE, MOST_FEATURES, str(place.resolve()))).encode("utf-8", "replace")
    )
    for path in files:
        stat = path.stat()
        digest.update(f"{path.name}\0{stat.st_size} {stat.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:20]


def _photos_of(place: Path) -> list[Path]:
    folders = (place, place / "images", place / "input")
    return next((found for folder in folders if folder.is_dir() and (found := pictures_in(folder))), [])


def _work(place: Path, is_video: bool, work: Path) -> None:
    """Everything, into a folder that is whole or not there."""
    for killed in work.parent.glob(f"{work.name}.*.part"):  # nobody else works here: we hold the lock
        shutil.rmtree(killed, ignore_errors=True)
    partial = work.with_name(f"{work.name}.{os.getpid()}.part")
    partial.mkdir(parents=True)
    try:
        with Progress("photos to cameras", 1000, unit="part") as progress:
            spare = [] if is_video else _spare_masks(place)
            photos = _looked_over(place, is_video, partial, progress)
            good, notes = _judged(photos, place)
            notes += spare
            seen = _registered(good, partial, progress)
        notes += _outcome(good, seen, partial, place)
        for leftover in (partial / "database.db", partial / "pairs.txt", partial / "job.json"):
            leftover.unlink(missing_ok=True)
        spent = {name: value for name, value in seen.items() if name.endswith("_cpu_seconds")}
        told = {"photos": [vars(photo) for photo in photos], "notes": notes, **spent}
        write_atomic(partial / "found.json", json.dumps(told))
        shutil.rmtree(work, ignore_errors=True)
        partial.rename(work)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


# -- looked over ------------------------------------------------------------------------------------------------------


def _looked_over(place: Path, is_video: bool, work: Path, progress: Progress) -> list[Photo]:
    """Every photo or chosen frame upright and of a size that can be worked with, as copies in `work`."""
    if is_video:
        from cuaderno.studies.splat import video

        pictures: Iterator[tuple[str, Image.Image, Path | None, float]] = (
            (name, Image.fromarray(frame), None, 0.0) for name, frame in video.frames(place)
        )
        total = video.FRAMES
    else:
        paths = _photos_of(place)
        _enough(len(paths), place)
        pictures, total = ((path.name, *_opened(path, place)) for path in paths), len(paths)
    photos = []
    for number, (name, picture, mask, focal) in enumerate(pictures):
        photos.append(_copied(number, name, picture, mask, focal, work))
        _advance(progress, "photos", number + 1, total)
    _enough(len(photos), place)
    return photos


def _spare_masks(place: Path) -> list[str]:
    masks = place / "masks"
    return check_masks({path: mask_for(path, masks) for path in _photos_of(place)}, masks)


def _opened(path: Path, place: Path) -> tuple[Image.Image, Path | None, float]:
    """A photo, its mask, and its focal length for a film of 35 mm, 0 when it is not said."""
    picture = read_picture(path)
    if picture.mode == "RGBA":
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
    return picture, mask_for(path, place / "masks"), _focal_of(path)


def _focal_of(path: Path) -> float:
    try:
        with Image.open(path) as picture:
            said = float(picture.getexif().get_ifd(0x8769).get(0xA405, 0))
    except Exception:  # metadata of any kind of damage
        return 0.0
    return said if 5 <= said <= 1000 else 0.0


def _copied(number: int, name: str, picture: Image.Image, mask: Path | None, focal: float, work: Path) -> Photo:
    """A photo written to `work`, in a folder for all those that one camera may have taken."""
    whole = picture.size
    factor = min(1.0, LONGEST_SIDE / max(whole))
    size = (max(1, round(whole[0] * factor)), max(1, round(whole[1] * factor)))
    small = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0) if factor < 1 else picture
    copy = f"{size[0]}x{size[1]}-{focal:g}/{number:05}.jpg"
    _saved(small, work / "pictures" / copy, quality=95, subsampling=0)
    if mask:
        covered = read_mask(mask, whole).resize(size, Image.Resampling.NEAREST)
        _saved(covered, work / "masks" / f"{copy}.png")
    pixels = focal * float(np.hypot(*size)) / 43.27 if focal else 0.0  # 43.27 mm: the diagonal of that film
    grey = np.asarray(small.convert("L"), np.float32)
    brightness = float(np.log2(np.mean(grey / 255) ** 2.2 + 1e-4))
    return Photo(name, copy, *size, pixels, sharpness(small), brightness, mask is not None)


def _saved(picture: Image.Image, path: Path, **options) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, **options)


def sharpness(picture: Image.Image) -> float:
    """How much of what changes in a picture changes from one pixel to the next: near 0 where all edges are soft.

    What rounding and faint noise add to both is taken off, or a picture without any edge would be sharp.
    """
    factor = min(1.0, LOOKED_AT / max(picture.size))
    size = (max(8, round(picture.width * factor)), max(8, round(picture.height * factor)))
    grey = np.asarray(picture.convert("L").resize(size, Image.Resampling.BOX), np.float32)
    across, down = np.diff(grey, axis=1), np.diff(grey, axis=0)
    bends = (np.diff(across, axis=1) ** 2).mean() + (np.diff(down, axis=0) ** 2).mean() - 12 * NOISE
    slopes = (across**2).mean() + (down**2).mean() - 4 * NOISE
    return float(max(0.0, bends) / slopes) if slopes > NOISE else 0.0


def _enough(number: int, place: Path) -> None:
    if number < FEWEST:
        raise CuadernoError(
            f"{place} gives {number} photo{'s' if number != 1 else ''}, and at least {FEWEST} are needed, better "
            f"{ENOUGH} to 100. {HOW_TO}."
        )


def _judged(photos: Sequence[Photo], place: Path) -> tuple[list[Photo], list[str]]:
    """The photos worth comparing, and sentences about the rest and about what may go wrong.

    Raises:  CuadernoError when too few are sharp.
    """
    usual = float(np.median([photo.sharpness for photo in photos]))
    blurred = [photo for photo in photos if photo.sharpness < max(HOPELESS, BLURRED * usual)]
    good = [photo for photo in photos if photo not in blurred]
    names = listed([photo.name for photo in blurred]) if blurred else ""
    if len(good) < max(FEWEST, len(photos) / 3):
        raise CuadernoError(
            f"Most photos in {place} are blurred, or show nothing with an edge: {names}. Take them anew, in more light "
            "or with the camera held still; in the dark a lamp helps, and a video should be filmed slowly. In front of "
            "a bare wall, put something with texture, such as a newspaper."
        )
    notes = [f"Blurred, so left out: {names}."] if blurred else []
    return good, notes + _moving_exposure(good)


def _moving_exposure(photos: Sequence[Photo]) -> list[str]:
    usual = float(np.median([photo.brightness for photo in photos]))
    odd = [photo for photo in photos if abs(photo.brightness - usual) > STOPS]
    if not odd:
        return []
    said = listed([f"{photo.name} ({photo.brightness - usual:+.1f} stops)" for photo in odd])
    return [
        f"The exposure moves: {said}. The training evens it out as far as it can; next time lock exposure and white "
        "balance, which most phones do after a long touch."
    ]


# -- registered -------------------------------------------------------------------------------------------------------


def _registered(photos: Sequence[Photo], work: Path, progress: Progress) -> dict[str, Any]:
    """What pycolmap saw and found, {"features", "together", "found"}; the reconstructions lie in `work / "sparse"`.

    Raises:  CuadernoError when its process dies.
    """
    (work / "sparse").mkdir()
    job = {
        "database": str(work / "database.db"),
        "pictures": str(work / "pictures"),
        "masks": str(work / "masks") if all(photo.masked for photo in photos) else "",
        "output": str(work / "sparse"),
        "groups": _groups(photos),
        "pairs": pairs([photo.copy for photo in photos]),
        "threads": _threads(),
        "most_features": MOST_FEATURES,
    }
    write_atomic(work / "job.json", json.dumps(job))
    command = [sys.executable, "-m", "cuaderno.studies.splat.register", str(work / "job.json")]
    seen: dict[str, Any] = {}
    with (work / "log.txt").open("wb") as log:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL, env=_environment()
        )
        try:
            for line in process.stdout or ():
                seen |= _heard(line, progress)
            code = process.wait()
        finally:
            process.kill()  # when we are stopped, it stops too
            process.communicate()
    if code or "found" not in seen:
        last = (work / "log.txt").read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
        said = f": {last[0][:300]}" if last else ""
        raise CuadernoError(
            f"pycolmap, which finds the cameras, ended with code {code}{said}. Try once "
            "more; if it happens again, try fewer or smaller photos, or run COLMAP by hand and give its folder."
        )
    return seen


def _environment() -> dict[str, str]:
    """Ours, with the folder that this very package came from in front."""
    import cuaderno

    home = str(Path(cuaderno.__file__).parents[1])
    return {**os.environ, "PYTHONPATH": os.pathsep.join([home, *filter(None, [os.environ.get("PYTHONPATH")])])}


def _threads() -> int:
    """As many as `OMP_NUM_THREADS` allows, or as there are cores."""
    said = os.environ.get("OMP_NUM_THREADS", "")
    return int(said) if said.isdecimal() and int(said) else os.cpu_count() or 1


def _heard(line: bytes, progress: Progress) -> dict[str, Any]:
    """What a line of the other process says; its progress is shown."""
    try:
        said = json.loads(line)
    except ValueError:  # something that a library printed
        return {}
    if not isinstance(said, dict):
        return {}
    if "stage" in said:
        _advance(progress, said["stage"], said["done"], said["total"])
    spent = {f"{said.get('stage', 'found')}_cpu_seconds": said.get("cpu_seconds", 0.0)}
    return {**said.get("seen", {}), **({"found": said["found"]} if "found" in said else {}), **spent}


def _advance(progress: Progress, stage: str, done: int, total: int) -> None:
    """Move the one bar of the whole way, of which each stage takes its share."""
    before = sum(share for name, share in WORK.items() if list(WORK).index(name) < list(WORK).index(stage))
    progress.update(min(1000, round(1000 * (before + WORK[stage] * min(1.0, done / max(1, total))))))


def _groups(photos: Sequence[Photo]) -> list[dict[str, Any]]:
    """Photos of one size and one focal length, which share a lens."""
    folders: dict[str, list[Photo]] = {}
    for photo in photos:
        folders.setdefault(photo.copy.split("/")[0], []).append(photo)
    groups = []
    for some in folders.values():
        first = some[0]
        focal = first.focal or 1.2 * max(first.width, first.height)  # what COLMAP guesses
        size = {"width": first.width, "height": first.height, "focal": focal, "known": bool(first.focal)}
        groups.append({"names": [photo.copy for photo in some], **size})
    return groups


def pairs(names: Sequence[str]) -> list[tuple[str, str]]:
    """Which photos are compared: each with each, or of many those that follow one another, and some with all."""
    number, chosen = len(names), []
    for one in range(number):
        for other in range(one + 1, number):
            near = other - one <= NEIGHBOURS
            if number <= ALL_PAIRS or near or (one % EVERY == 0 and other % EVERY == 0):
                chosen.append((names[one], names[other]))
    return chosen


def _outcome(photos: Sequence[Photo], seen: dict[str, Any], work: Path, place: Path) -> list[str]:
    """Sentences about the photos that got no camera.

    Raises:  CuadernoError when hardly any got one, with the likeliest reason.
    """
    total = len(photos)
    found = [colmap.read_model(path, work, work / "pictures") for path in colmap.model_folders(work)]
    largest = max(found, key=lambda one: len(one.shots), default=None)
    placed = {shot.camera.name for shot in largest.shots} if largest else set()
    lost = [photo for photo in photos if photo.copy not in placed]
    if not lost:
        return []
    reasons = _reasons(lost, seen, len(found))
    if len(placed) < max(FEWEST, total / 3):
        raise CuadernoError(
            f"Of {total} photos in {place} {f'only {len(placed)}' if placed else 'none'} could be placed. {reasons} "
            f"{HOW_TO}, keep something with texture in view, and let nothing move meanwhile."
        )
    return [f"{len(placed)} of {total} photos could be placed. {reasons}"]


def _reasons(lost: Sequence[Photo], seen: dict[str, Any], models: int) -> str:
    """Why photos could not be placed, in sentences that name them."""
    beside = Counter(name for one, other, _ in seen.get("together", ()) for name in (one, other))
    blank = [photo.name for photo in lost if seen.get("features", {}).get(photo.copy, 0) < FEW_FEATURES]
    alone_ = [photo.name for photo in lost if photo.name not in blank and not beside[photo.copy]]
    apart = [photo.name for photo in lost if photo.name not in blank and photo.name not in alone_]
    said = []
    if blank:
        said.append(f"Too little to see in {listed(blank)}: bare, dark or out of focus.")
    if alone_:
        said.append(f"No overlap with any other photo: {listed(alone_)}.")
    if apart:
        other = "they belong to another part, which is not joined to it" if models > 1 else "too few matches agree"
        said.append(
            f"Too little overlap with the rest: {listed(apart)} ({other}). Photos from in between would join them."
        )
    return " ".join(said)
