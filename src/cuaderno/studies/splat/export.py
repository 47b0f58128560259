"""Carry the scene into a page: splats in few bytes, the cameras, the way there, and pictures of it.

model.json
----------
    {"format": 1, "scene": what compact.py says of scene.bin, "background": [1, 1, 1],
     "cameras": [{"name", "matrix": three rows of world to camera, "fx", "fy", "cx", "cy", "width", "height", "test"}],
     "start": the camera to begin in, "target": what they look at, "up": what is up there,
     "steps": 3000, "psnr": of held-out views, "stages": [{"step", "psnr", "at": where in stages.bin, "scene"}],
     "licence", "scores": {metric: value}}

scene.bin is the scene, stages.bin moments of its training, loaded when somebody asks for them. view-fit.webp is a photo
of the scene to be fitted by flat Gaussians, and view-NAME.svg are still pictures of web/flat.js.

parity.json
-----------
    {"input": {"camera": …, "block": 8}, "output": {"blocks": [[red, green, blue], …]}}
    {"input": {"pixels": "<base64>", "width": 24, "height": 16, "count": 8, "grows": true, "steps": 30}, "output": {…}}

What a camera sees, as the mean colour of each block of pixels, and a small fit. Python answers with the packed splats.
"""

import base64
import io
from pathlib import Path

import numpy as np

from cuaderno.lab.export import save_json, save_parity
from cuaderno.lab.files import write_atomic
from cuaderno.lab.run import Run
from cuaderno.studies.splat import stills
from cuaderno.studies.splat.cameras import Camera
from cuaderno.studies.splat.compact import Packed, pack, unpack
from cuaderno.studies.splat.planar import Fit
from cuaderno.studies.splat.render import BLACK, render
from cuaderno.studies.splat.scene import Scene
from cuaderno.studies.splat.splats import Splats
from cuaderno.studies.splat.train import scene_of_run, snapshots, trained

Background = tuple[float, float, float]
BLOCK = 8  # pixels of a side whose mean is compared
COMPARED = 96  # pixels of the longer side of a picture that is compared
FLAT_SIDE, FLAT_COUNT, FLAT_STEPS = 24, 8, 30  # of the fit that is compared
FITTED = 192  # pixels of the longer side of the photo that readers fit


def export(run: Run, folder: Path) -> None:
    """Write the scene, its stages, parity.json, and pictures: poster, views, stages.png, beside.png."""
    scene = scene_of_run(run)
    packed = pack(trained(run), np.array([camera.position for camera in scene.cameras]))
    splats, background = unpack(packed), scene.background or BLACK
    moments = [(step, psnr, pack(moment)) for step, psnr, moment in snapshots(run)]
    last = moments.pop() if moments else None  # the end: the scene itself
    write_atomic(folder / "scene.bin", packed.data)
    write_atomic(folder / "stages.bin", b"".join(moment.data for *_, moment in moments))
    save_json(folder / "model.json", about(run, scene, packed, moments) | {"psnr": last and last[1]})
    save_parity(folder, cases(splats, scene, background), tolerance=2e-3)
    start = scene.cameras[beginning(scene)]
    seen = render(splats, start.scaled(stills.POSTER / max(start.width, start.height)), background).colour
    write_atomic(folder / "poster.svg", stills.framed(seen))
    write_atomic(folder / "stages.png", stills.row([*(unpack(one) for *_, one in moments), splats], start, background))
    write_atomic(folder / "beside.png", stills.beside(splats, scene, background))
    photo = scene.pictures[beginning(scene)]
    write_atomic(folder / "view-fit.webp", as_webp(photo))
    write_atomic(folder / "view-fit.svg", stills.fit(photo))
    write_atomic(folder / "view-one.svg", stills.one())
    write_atomic(folder / "view-order.svg", stills.order())


def about(run: Run, scene: Scene, packed: Packed, moments: list[tuple[int, float, Packed]]) -> dict:
    """What model.json says."""
    at, stages = 0, []
    for step, psnr, moment in moments:
        stages.append({"step": step, "psnr": psnr, "at": at, "scene": moment.about})
        at += len(moment.data)
    held = set(scene.test)
    return {
        "format": 1,
        "scene": packed.about,
        "background": list(scene.background or BLACK),
        "cameras": [said(camera) | {"test": number in held} for number, camera in enumerate(scene.cameras)],
        "start": beginning(scene),
        "target": [round(float(value), 5) for value in scene.focus],
        "up": [round(float(value), 5) for value in scene.up],
        "steps": run.data["steps"],
        "stages": stages,
        "later": ["stages.bin"],  # asked for when the slider of the training moves
        "licence": scene.licence,
        "scores": {name: metric.value for name, metric in run.metrics.items() if not name.startswith("baseline_")},
    }


def said(camera: Camera) -> dict:
    """A camera as model.json has it."""
    matrix = [[round(float(value), 6) for value in row] for row in camera.world_to_camera[:3]]
    lens = {name: round(float(getattr(camera, name)), 4) for name in ("fx", "fy", "cx", "cy")}
    return {"name": camera.name, "matrix": matrix, **lens, "width": camera.width, "height": camera.height}


def beginning(scene: Scene) -> int:
    """The view to begin in: a held-out one that looks slightly down, as one looks at a thing on a table."""
    heights = [-float(scene.cameras[index].forward @ scene.up) for index in scene.test]
    return scene.test[int(np.abs(np.array(heights) - 0.4).argmin())] if scene.test else 0


def as_webp(photo: np.ndarray) -> bytes:
    """A photo, small."""
    file = io.BytesIO()
    stills.shrunk(photo, FITTED).save(file, "WEBP", quality=85, method=6)
    return file.getvalue()


def cases(splats: Splats, scene: Scene, background: Background) -> list[dict]:
    """Three views with what Python sees, and a small fit with and without new Gaussians."""
    found = []
    for camera in (scene.cameras[0], scene.cameras[len(scene) // 2], scene.cameras[-1]):
        small = camera.scaled(COMPARED / max(camera.width, camera.height))
        picture = render(splats, small, background).colour.astype(float)
        given = {"camera": said(small), "block": BLOCK}
        found.append({"input": given, "output": {"blocks": blocks(picture)}})
    photo = np.asarray(stills.shrunk(scene.pictures[0], FLAT_SIDE))
    for grows in (True, False):
        fit = Fit(photo / 255, FLAT_COUNT, grows)
        losses = [fit.step() for _ in range(FLAT_STEPS)]
        given = {
            "pixels": base64.b64encode(photo.tobytes()).decode(),
            "width": photo.shape[1],
            "height": photo.shape[0],
        }
        given |= {"count": FLAT_COUNT, "grows": grows, "steps": FLAT_STEPS}
        output = {"losses": losses, "moved": fit.moved, "numbers": fit.numbers.ravel().tolist()}
        found.append({"input": given, "output": output})
    return found


def blocks(picture: np.ndarray) -> list[list[float]]:
    """The mean colour of each square of pixels, row by row."""
    down, across = picture.shape[0] // BLOCK, picture.shape[1] // BLOCK
    squares = picture[: down * BLOCK, : across * BLOCK].reshape(down, BLOCK, across, BLOCK, 3)
    return np.round(squares.mean((1, 3)).reshape(-1, 3), 5).tolist()
