"""Carry the network into the browser: 8-bit weights, answers to compare, drawings to try it on.

model.json
----------
    {"format": 1, "classes": ["cat", "dog"], "drawn": true,      whether it learned from our drawings
     "size": 84, "stored": 84,                                   a picture is squashed to the second, then to the first
     "stem": {"window": 4, "stride": 2}, "filters": 16, "channels": [32, 32, 64, …],
     "threshold": 0.8,                                           of the likeliest class; below it the answer is neither
     "tensors": [{"name", "shape", "offset"}, …],
     "licence": "ours (MIT)",                                    of the pictures it learned from; older exports lack it
     "samples": {"file": "drawings.webp", "side": 192, "kinds": ["cat", …]} or null, "scores": {metric: value}}

weights.bin holds each tensor as cuaderno.lab.quantize packs it: a matrix as float32 scales and int8 rows, a vector as
float32. Rows of convolutions run over height, width and channel. Batch norms, mean and deviation of the pixels are
folded into the convolutions, the temperature into the head. `filters` of the first layer come before their negatives.

parity.json
-----------
    {"input": {"size": 84, "pixels": "<base64>"}, "output": {"probabilities": [0.9, 0.1], "features": [192 numbers]}}

Pixels are bytes, size × size × RGB; features are what the head reads. Python answers with the same rounded weights.
"""

import base64
import io
import random
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.export import save_json, save_parity
from cuaderno.lab.files import write_atomic
from cuaderno.lab.quantize import pack
from cuaderno.lab.run import Run
from cuaderno.studies.vision import explain, inside, prints
from cuaderno.studies.vision.augment import resized
from cuaderno.studies.vision.drawings import CLASSES, draw, seed_of
from cuaderno.studies.vision.model import PictureNet
from cuaderno.studies.vision.quantize import PageNet, rounded
from cuaderno.studies.vision.train import Config, trained

KINDS = ("cat", "dog", "dog", "cat", "other", "cat", "dog", "other")  # of the drawings to try it on
SIDE = 192  # pixels of each
PAGE = "page"  # their split: drawings that no run has learned from or was measured on
ACROSS, DOWN = 8, 3  # drawings of the poster
SMALL, GAP, BAR = 56, 8, 5  # pixels of each, between them, and of the bar below
SHOWN, FILTER = 112, 56  # pixels of a drawing and of a filter in pictures for posts
PALETTE = 256  # colours of those pictures, which makes them small


def export(run: Run, folder: Path) -> None:
    """Write model.json, weights.bin, parity.json, and the pictures drawings, poster, filters and where-it-looks."""
    config, model = run.config(Config), network_of(run)
    net = rounded(PageNet(model))
    layout, data = pack(net.weights())
    write_atomic(folder / "weights.bin", data)
    save_json(folder / "model.json", about(run, model, layout))
    save_parity(folder, cases(net, config), tolerance=1e-3)
    squares = [prints.as_picture(one, FILTER, sharp=True) for one in inside.first_filters(model)]
    write_atomic(folder / "filters.png", prints.png(prints.row(squares, columns=8)))
    if knows_drawings(run):
        write_atomic(folder / "drawings.webp", sheet())
        write_atomic(folder / "where-it-looks.png", where_it_looks(net, config))
        write_atomic(folder / "poster.svg", poster(net, run.data["classes"], float(model.threshold[0]), config))


def network_of(run: Run) -> PictureNet:
    """The run's network, if it is one that a page can run.

    Raises:  CuadernoError for a fine-tuned backbone.
    """
    model = trained(run)
    if isinstance(model, PictureNet):
        return model
    raise CuadernoError(
        f"{run.id} fine-tuned a backbone, which is too large for a page: only networks from scratch run there. "
        "Train one without --backbone, or ask this one with: cuaderno predict vision PHOTOS"
    )


def knows_drawings(run: Run) -> bool:
    """Whether the classes are those of our drawings, learned from them."""
    return not run.config(Config).data and set(run.data["classes"]) == set(CLASSES)


def about(run: Run, model: PictureNet, layout: list[dict]) -> dict:
    """What model.json says."""
    config, samples = run.config(Config), None
    if knows_drawings(run):
        samples = {"file": "drawings.webp", "side": SIDE, "kinds": list(KINDS)}
    return {
        "format": 1,
        "classes": run.data["classes"],
        "drawn": knows_drawings(run),
        "licence": run.data["effective"].get("licence", ""),
        "size": config.size,
        "stored": config.stored_size,
        "stem": {"window": model.stem.kernel_size[0], "stride": model.stem.stride[0]},
        "filters": model.num_filters,
        "channels": [model.stem.out_channels, *config.widths],
        "threshold": float(model.threshold[0]),
        "tensors": layout,
        "samples": samples,
        "scores": {name: metric.value for name, metric in run.metrics.items() if not name.startswith("baseline_")},
    }


# -- drawings ---------------------------------------------------------------------------------------------------------


def drawing(number: int, kind: str, side: int) -> np.ndarray:
    """One of the drawings for the page.  Shapes:  (side, side, 3) uint8."""
    return draw(random.Random(seed_of(0, PAGE, number)), kind, side)[0]


def sheet() -> bytes:
    """The drawings to try the network on, side by side in one file."""
    whole = np.concatenate([drawing(number, kind, SIDE) for number, kind in enumerate(KINDS)], axis=1)
    file = io.BytesIO()
    Image.fromarray(whole).save(file, "WEBP", quality=82, method=6)
    return file.getvalue()


def as_pixels(pictures: list[np.ndarray], size: int) -> Tensor:
    """Shapes:  N of (S, S, 3) uint8 -> (N, 3, size, size) between 0 and 1."""
    return resized(torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2), size)


@torch.no_grad()
def ask(net: PageNet, pictures: list[np.ndarray], size: int) -> list[list[float]]:
    """The probabilities of the classes for pictures of one size."""
    return net(as_pixels(pictures, size)).softmax(dim=1).tolist()


@torch.no_grad()
def cases(net: PageNet, config: Config) -> list[dict]:
    """Drawings and what Python answers: two as they are stored, four as the network gets them."""
    found = []
    for number, kind in enumerate(KINDS[:6]):
        picture = drawing(number, kind, config.stored_size if number < 2 else config.size)
        features = net.embed(as_pixels([picture], config.size))
        output = {
            "probabilities": net.classify(features).softmax(dim=1)[0].tolist(),
            "features": [round(value, 5) for value in features[0].tolist()],
        }
        pixels = base64.b64encode(picture.tobytes()).decode()
        found.append({"input": {"size": len(picture), "pixels": pixels}, "output": output})
    return found


def poster(net: PageNet, classes: list[str], threshold: float, config: Config) -> str:
    """Drawings in rows. The bar below each is how sure the network is: blue if right, red if wrong, grey if neither."""
    kinds = [CLASSES[(number + number // ACROSS) % len(CLASSES)] for number in range(ACROSS * DOWN)]
    pictures = [drawing(100 + number, kind, config.stored_size) for number, kind in enumerate(kinds)]
    parts = []
    for number, (kind, shares) in enumerate(zip(kinds, ask(net, pictures, config.size), strict=True)):
        left, top = number % ACROSS * (SMALL + GAP) + GAP, number // ACROSS * (SMALL + GAP + BAR + 3) + GAP
        colour = "var(--blue, #1d4ed8)" if classes[shares.index(max(shares))] == kind else "var(--red, #c2373b)"
        colour = colour if max(shares) >= threshold else "var(--ink-2, #5b6069)"
        parts.append(_bitmap(pictures[number], left, top))
        bar = f'x="{left}" y="{top + SMALL + 3}" height="{BAR}"'
        parts.append(f'<rect {bar} width="{SMALL}" fill="var(--grid, #dfe6ee)"/>')
        parts.append(f'<rect {bar} width="{SMALL * max(shares):.1f}" fill="{colour}"/>')
    width, height = ACROSS * (SMALL + GAP) + GAP, DOWN * (SMALL + GAP + BAR + 3) + GAP
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">\n'
        f'<path fill="var(--paper, #fff)" d="M0 0h{width}v{height}H0z"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def where_it_looks(net: PageNet, config: Config) -> bytes:
    """The drawings of the page in a row, and below each where the network looked when each part was covered."""
    above, below = [], []
    for number, kind in enumerate(KINDS):
        picture = drawing(number, kind, config.stored_size)
        (pixels,) = as_pixels([picture], config.size)
        shares = net(pixels[None])[0]
        found = explain.occlusion_map(net, pixels, int(shares.argmax()))
        above.append(prints.as_picture(picture, SHOWN))
        below.append(prints.spotlight(above[-1], explain.coarse(found)))
    return prints.png(prints.row([*above, *below], columns=len(KINDS)).quantize(PALETTE))


def _bitmap(pixels: np.ndarray, left: int, top: int) -> str:
    """A drawing as an image element, in few colours, so that a page with many stays small."""
    file = io.BytesIO()
    small = Image.fromarray(pixels).resize((SMALL, SMALL), Image.Resampling.BOX)
    small.quantize(24, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    data = base64.b64encode(file.getvalue()).decode()
    return f'<image x="{left}" y="{top}" width="{SMALL}" height="{SMALL}" href="data:image/png;base64,{data}"/>'
