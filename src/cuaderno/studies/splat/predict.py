"""Look at a scene: `cuaderno predict splat 3 0012.jpg`, views by number or name, or no INPUT and --turntable o.gif."""

import base64
import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from cuaderno.lab.errors import CuadernoError, meant
from cuaderno.lab.files import disk_errors
from cuaderno.lab.progress import Progress
from cuaderno.lab.run import Run
from cuaderno.studies.splat.develop import SUFFIXES

SHOWN, GAP = 320, 12  # pixels of the longer side of a picture in an answer, and between two that are drawn
ALONE = True  # its options do something without any INPUT


@dataclass(frozen=True)
class Options:
    """What to make of a scene. Options may stand alone: then the views are those that were held out."""

    turntable: str = ""  # a .gif or .mp4: the camera goes round the scene
    seconds: float = 6.0  # that a turn takes
    size: int = 400  # pixels of the longer side of a turn
    view: str = ""  # a folder, or a .png for a single view: write what the scene looks like from there
    depth: str = ""  # the same for how far away everything is
    normal: str = ""  # the same for which way surfaces face
    ply: str = ""  # a .ply file for other viewers
    pixels: bool = False  # put the picture and the photo into the answer, as rows of colours in hexadecimal


def predict(run: Run, inputs: list[str], options: Options = Options()) -> Iterator[dict]:
    """One answer per view, in order: how near it comes to the photo; and one for each file that was asked for.

    Units:   psnr in decibels; ssim up to 1; held_out tells whether the view was never trained on; near and far in units
             of the scene.
    """
    from cuaderno.studies.splat.train import scene_of_run, trained

    _check(options)
    splats = trained(run)
    wants_views = bool(inputs or options.view or options.depth or options.normal)
    if options.ply:
        yield _ply(splats, Path(options.ply))
    if not (wants_views or options.turntable) and options.ply:
        return
    scene = scene_of_run(run)
    look = _Looking(run, scene, splats)
    if wants_views or not options.turntable:
        yield from look.views(inputs or [scene.cameras[index].name for index in scene.test], options)
    if options.turntable:
        yield look.turn(Path(options.turntable), options)


def show(answer: dict) -> str:
    """An answer for people: how near the view comes, and what was written."""
    if "psnr" in answer:
        kind = "held out" if answer["held_out"] else "trained on"
        files = "".join(f"  {answer[key]}" for key in ("picture", "depth", "normal") if key in answer)
        return f"{answer['view']}  {answer['psnr']:.2f} dB, SSIM {answer['ssim']:.3f} ({kind}){files}"
    note = f"  {answer['note']}" if "note" in answer else ""
    what = f"{answer['splats']:,} splats" if "splats" in answer else f"{answer['frames']} pictures"
    return f"{answer['written']}  {what}, {answer['bytes'] / 1e6:.1f} MB{note}"


class _Looking:
    """A trained scene with what painting it needs, kept from one picture to the next."""

    def __init__(self, run: Run, scene, splats):
        from cuaderno.studies.splat.painter import Painter
        from cuaderno.studies.splat.render import threads
        from cuaderno.studies.splat.train import Config

        self.scene, self.splats = scene, splats
        self.painter = Painter(threads(run.config(Config).num_threads))

    def paint(self, camera, with_normals: bool = False):
        from cuaderno.studies.splat.render import render

        return render(self.splats, camera, self.scene.background, with_normals=with_normals, painter=self.painter)

    def views(self, inputs: list[str], options: Options) -> Iterator[dict]:
        from cuaderno.studies.splat.judge import judged

        for given in inputs:
            try:
                index = view_named(given, [camera.name for camera in self.scene.cameras])
            except CuadernoError as error:
                yield {"input": given, "error": str(error)}
                continue
            camera = self.scene.cameras[index]
            painted = self.paint(camera, bool(options.normal))
            mask = self.scene.masks[index] if self.scene.masks else None
            psnr, ssim = judged(painted.colour, self.scene.pictures[index], mask)
            answer = {"input": given, "view": camera.name, "held_out": index in self.scene.test}
            answer |= {"psnr": round(psnr, 4), "ssim": round(ssim, 6)}
            yield answer | self._written(painted, self.scene.pictures[index], camera.name, len(inputs), options)

    def _written(self, painted, photo: np.ndarray, name: str, number: int, options: Options) -> dict:
        """The pictures of one view that were asked for, in the answer or where they are."""
        from cuaderno.studies.splat.turntable import as_bytes, depth_picture, normal_picture

        answer: dict = {}
        file = file_name(name, [camera.name for camera in self.scene.cameras])
        if options.pixels:
            answer |= {"painted": as_rows(as_bytes(painted.colour)), "photo": as_rows(photo)}
        if options.view:
            answer["picture"] = _save(as_bytes(painted.colour), options.view, file, number, "")
        if options.depth:
            picture, near, far = depth_picture(painted.depth, painted.alpha)
            answer["depth"] = _save(picture, options.depth, file, number, "-depth")
            answer |= {"near": round(near, 6), "far": round(far, 6)}
        if options.normal:
            answer["normal"] = _save(normal_picture(painted.normal), options.normal, file, number, "-normal")
        return answer

    def turn(self, path: Path, options: Options) -> dict:
        """Write the film of a camera that goes round."""
        from cuaderno.studies.splat import turntable

        written = turntable.film_path(path)
        number = max(2, round(options.seconds * turntable.rate_of(written)))
        cameras = turntable.path_round(self.scene, number, options.size)
        with Progress("turntable", number, unit="picture") as progress:

            def pictures() -> Iterator[np.ndarray]:
                for camera in cameras:
                    yield turntable.as_bytes(self.paint(camera).colour)
                    progress.advance()

            turntable.write_film(written, pictures())
        answer = {"input": str(path), "written": str(written), "frames": number, "bytes": written.stat().st_size}
        if written != path:
            answer["note"] = "An MP4 needs the package 'av': pip install 'cuaderno[splat]'. This is a GIF instead."
        return answer


def draw(answer: dict) -> str:
    """What the scene looks like from a view, and beside it the photo that was taken there."""
    shown = [from_rows(answer[name]) for name in ("painted", "photo") if name in answer]
    height, width = shown[0].shape[:2] if shown else (0, 0)
    images = "".join(
        f'<image x="{number * (width + GAP)}" width="{width}" height="{height}" href="{_address(picture)}"/>'
        for number, picture in enumerate(shown)
    )
    whole = max(0, len(shown) * (width + GAP) - GAP)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {height}" width="{whole}">{images}</svg>'


def as_rows(picture: np.ndarray) -> list[str]:
    """A picture (H, W, 3), made smaller if it is large, as one line of hexadecimal colours for each row."""
    small = Image.fromarray(picture)
    small.thumbnail((SHOWN, SHOWN), Image.Resampling.LANCZOS)
    return [row.tobytes().hex() for row in np.asarray(small)]


def from_rows(rows: list[str]) -> np.ndarray:
    return np.stack([np.frombuffer(bytes.fromhex(row), np.uint8).reshape(-1, 3) for row in rows])


def _address(picture: np.ndarray) -> str:
    """A picture as an address that holds it."""
    memory = io.BytesIO()
    Image.fromarray(picture).save(memory, "PNG")
    return f"data:image/png;base64,{base64.b64encode(memory.getvalue()).decode()}"


def view_named(given: str, names: list[str]) -> int:
    """The index of a view that is given by its name, by the end of its name, or by its number, from 0 on.

    Raises:  CuadernoError with the nearest name when there is none, or there are several.
    """
    if given in names:
        return names.index(given)
    found = [
        index
        for index, name in enumerate(names)
        if given and (name.endswith(f"/{given}") or given in (plain(name), Path(plain(name)).name))
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise CuadernoError(f"Several views are called '{given}': {', '.join(names[index] for index in found[:5])}.")
    if given.isdecimal() and given.isascii() and len(given) < 9 and int(given) < len(names):
        return int(given)
    raise CuadernoError(
        f"There is no view '{given}'. There are {len(names)}, by number from 0 to {len(names) - 1} or by name."
        f"{meant(given, names)}"
    )


def plain(name: str) -> str:
    """A view's name without the suffix of a picture; that of a moment of a video, "0.35 s", has none."""
    path = Path(name)
    return path.with_suffix("").as_posix() if path.suffix.lower() in SUFFIXES else name


def file_name(name: str, names: list[str]) -> str:
    """What a file for a view is called, one that no other view has, also where capitals do not count."""

    def safe(one: str) -> str:
        return re.sub(r"[^\w.-]+", "-", plain(one)).lstrip(".") or "view"

    alike = [safe(one).casefold() == safe(name).casefold() for one in names]
    return safe(name) if sum(alike) == 1 else f"{safe(name)}-view{names.index(name)}"


def _check(options: Options) -> None:
    """Refuse before anything is painted what could not be written."""
    if not (0 < options.seconds <= 600 and 16 <= options.size <= 4096):
        raise CuadernoError("A turn takes up to 600 seconds (--seconds), in pictures of 16 to 4096 pixels (--size).")
    if options.ply and Path(options.ply).suffix.lower() != ".ply":
        raise CuadernoError(f"--ply writes a .ply file, and {options.ply} does not end so. Name it scene.ply.")
    if options.turntable:
        from cuaderno.studies.splat.turntable import film_path

        film_path(Path(options.turntable))
    for place in filter(None, (options.view, options.depth, options.normal)):
        if Path(place).suffix.lower() in {*SUFFIXES, ".gif"} - {".png"}:
            raise CuadernoError(f"Pictures are written as .png, and {place} does not end so. Name a .png, or a folder.")
    for path in filter(None, (options.ply, options.turntable)):
        if Path(path).is_dir():
            raise CuadernoError(f"{path} is a folder. Name a file in it.")


def _ply(splats, path: Path) -> dict:
    from cuaderno.studies.splat.ply import write_ply

    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    write_ply(splats, path)
    return {"input": str(path), "written": str(path), "splats": len(splats), "bytes": path.stat().st_size}


def _save(picture: np.ndarray, place: str, file: str, number: int, kind: str) -> str:
    """Write a picture into a folder, as `file`, or into the .png that is named, and say where.

    Raises:  CuadernoError when one file was named for several views.
    """
    path = Path(place)
    if path.suffix.lower() == ".png":
        if number > 1:
            raise CuadernoError(f"{place} is one picture, and there are {number} views. Name a folder instead.")
    else:
        path = path / f"{file}{kind}.png"
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            Image.fromarray(picture).save(partial, "PNG")
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    return str(path)
