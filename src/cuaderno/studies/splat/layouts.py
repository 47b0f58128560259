"""What lies in a folder or file: a reconstruction, a list of cameras, plain photos, or a video."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from cuaderno.lab.errors import CuadernoError, meant
from cuaderno.studies.splat import colmap, transforms
from cuaderno.studies.splat.cameras import Camera
from cuaderno.studies.splat.develop import Developed, check_masks, develop, pictures_in
from cuaderno.studies.splat.scene import Scene, held_out

VIDEOS = (".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi", ".3gp", ".mts")
NO_POINTS = np.empty((0, 3), np.float32), np.empty((0, 3), np.uint8)
KNOWN = (
    "A scene is a folder with COLMAP's sparse/ and images/, one with a transforms.json (NeRF, instant-ngp, "
    "nerfstudio), a folder of photos, or a video file."
)


def check_scale(scale: float) -> None:
    """Raise a CuadernoError unless pictures can be scaled so."""
    if not 0.01 <= scale <= 1:
        raise CuadernoError(f"--scale is {scale}, and has to be a number from 0.01 to 1: that of the pictures' sides.")


def read(data: str, scale: float = 1.0) -> Scene:
    """The scene at a path, which is also looked for in the folder that CUADERNO_DATA names.

    Raises:  CuadernoError when there is none, with what is wrong and what to do.
    """
    place = find(data)
    if files := _transforms_in(place):
        return _from_transforms(files, scale, place)
    home = _home_of(place)
    if place.is_dir() and colmap.model_folders(home):
        return _from_colmap(home, scale)
    if place.is_dir():
        colmap.check_whole(home)
    if (place.is_dir() and photo_folder(place)) or place.suffix.lower() in VIDEOS:
        return _from_photos(place, scale)
    raise CuadernoError(f"{place} is no scene. {KNOWN}{_instead(place)}")


def find(data: str) -> Path:
    """The path that `data` names, as it is or below CUADERNO_DATA.

    Raises:  CuadernoError with the nearest name when nothing is there.
    """
    try:
        given, own = Path(data).expanduser(), os.environ.get("CUADERNO_DATA")
        for place in (given, Path(own) / data) if own else (given,):
            if place.exists():
                return place
        beside = [path.name for path in given.parent.iterdir()] if given.parent.is_dir() else []
        shelves = sorted(Path(own).iterdir()) if own and Path(own).is_dir() else []
    except (OSError, ValueError, RuntimeError):  # a name that no file can have
        raise CuadernoError(f"{data!r} cannot be the name of a folder. {KNOWN}") from None
    if deeper := [shelf.name for shelf in shelves if not given.is_absolute() and (shelf / data).exists()]:
        raise CuadernoError(f"There is no {data}, but in {own} (CUADERNO_DATA) there is {deeper[0]}/{data}.")
    elsewhere = "" if given.is_absolute() else f" It is not in {own} (CUADERNO_DATA) either."
    if not own and elsewhere:
        elsewhere = " It would be looked for in the folder CUADERNO_DATA too, but that is not set."
    raise CuadernoError(f"There is no {data}.{meant(given.name, beside)}{elsewhere} {KNOWN}")


def photo_folder(place: Path) -> Path | None:
    """Where in a folder the plain photos are: in itself, or in its images/ or input/."""
    return next((one for one in (place, place / "images", place / "input") if one.is_dir() and pictures_in(one)), None)


def check_places(cameras: list[Camera], source: str) -> None:
    """Raise a CuadernoError when all pictures were taken from one place, from which nobody can tell what is far."""
    places = np.array([camera.position for camera in cameras])
    if len(places) > 1 and np.ptp(places, axis=0).max() <= 1e-6 * max(1.0, np.abs(places).max()):
        raise CuadernoError(
            f"All {len(cameras)} cameras of {source} stand in the same place, and from one place nobody can tell what "
            "is near and what is far. Walk around the thing while you take photos; turning the camera is not enough. "
            "If you did walk, the poses in the file are wrong."
        )


def _instead(place: Path) -> str:
    """What is there, for someone who took the wrong folder."""
    if not place.is_dir():
        return f" {place.name} is a file of another kind."
    inside = sorted(path.name for path in place.iterdir())
    scenes = [
        name
        for name in inside
        if (place / name).is_dir() and (photo_folder(place / name) or colmap.model_folders(place / name))
    ]
    if scenes:
        return f" Perhaps one of its folders is: {', '.join(scenes[:5])}."
    return f" It has {', '.join(inside[:5])}{', …' if len(inside) > 5 else ''}." if inside else " It is empty."


def _transforms_in(place: Path) -> list[Path]:
    if place.is_file() and place.suffix.lower() == ".json":
        return [place]
    return transforms.files_in(place) if place.is_dir() else []


def _home_of(place: Path) -> Path:
    """The folder of a COLMAP scene, also when its `sparse/` or `sparse/0/` was given."""
    if place.parent.name == "sparse":
        return place.parent.parent
    return place.parent if place.name == "sparse" else place


def _from_transforms(files: list[Path], scale: float, place: Path) -> Scene:
    shots, test, points = transforms.read(files)
    notes = check_masks({shot.path: shot.mask for shot in shots}, files[0].parent / "masks")
    developed = develop(shots, scale, " and ".join(file.name for file in files))
    developed.notes.extend(notes)
    known = NO_POINTS
    if points is not None:
        if points.is_file():
            from cuaderno.studies.splat.ply import read_points

            known = read_points(points)
        else:
            developed.notes.append(f"The file of points {points.name} is not there, so the scene begins without it.")
    kind = "transforms.json" if len(files) == 1 else "transforms of Blender"
    return _scene(place, developed, known, test, f"{place} ({kind})")


def _from_colmap(home: Path, scale: float) -> Scene:
    found, notes = colmap.read(home)
    notes += check_masks({shot.path: shot.mask for shot in found.shots}, home / "masks")
    if not len(found.points):
        notes.append(f"{found.folder} has no points (points3D), so the scene begins without any.")
    developed = develop(found.shots, scale, str(found.folder))
    return _scene(
        home, replace(developed, notes=notes + developed.notes), (found.points, found.colours), [], f"{home} (COLMAP)"
    )


def _from_photos(place: Path, scale: float) -> Scene:
    from cuaderno.studies.splat import photos

    found, notes = photos.reconstruct(place)
    developed = develop(found.shots, scale, str(place))
    known = found.points, found.colours
    return _scene(place, replace(developed, notes=notes + developed.notes), known, [], f"{place} (cameras found here)")


def _scene(
    place: Path, developed: Developed, known: tuple[np.ndarray, np.ndarray], test: list[str], source: str
) -> Scene:
    """A scene of developed pictures; `test` names the pictures that the data keep for the test, if they do."""
    cameras = developed.cameras
    tested = [index for index, camera in enumerate(cameras) if camera.name in set(test)]
    if len(tested) == len(cameras):
        raise CuadernoError(
            f"All {len(cameras)} pictures of {source} are kept for the test, and none is left to learn from. Take some "
            "out of 'test_filenames', or all: then every eighth is held out."
        )
    check_places(cameras, source)
    return Scene(
        name=place.stem if place.is_file() else place.resolve().name,
        cameras=cameras,
        pictures=developed.pictures,
        masks=developed.masks,
        points=known[0],
        colours=known[1],
        background=developed.background,
        test=tested or held_out(len(cameras)),
        source=source,
        notes=developed.notes,
    )
