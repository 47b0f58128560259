"""Carry the networks into the browser: 8-bit weights, answers to compare, places on the map, pictures for posts.

model.json
----------
    {"format": 1, "classes": ["0", …], "channels": 1, "size": 28,
     "latent_dim": 24, "width": 16, "hidden_dim": 256, "num_blocks": 3, "map_hidden_dim": 256,
     "drawn": true,                                  whether it learned from our glyphs
     "tensors": [{"name", "shape", "offset"}, …],
     "places": [[x, y, class], …],                   where pictures that it never learned from lie on the map
     "corners": [left, top, right, bottom],          the part of the map where pictures lie
     "source": "…", "licence": "ours (MIT)", "scores": {metric: value}}

weights.bin holds each tensor as cuaderno.lab.quantize packs it: a matrix as float32 scales and int8 rows, a vector as
float32. quantize.py says in which order the numbers lie. The whitening of the latents is folded into the encoder and
the decoder; of the encoders only the means are there.

parity.json
-----------
    {"input": {"ask": "decode", "latents": […]}, "output": {"pixels": […]}}, and so on for encode, place, map, velocity,
    dream and film: see `cases`. Pixels that are given are base64 of bytes, row by row. Python answers with the same
    rounded weights.
"""

import base64
from pathlib import Path

import torch
from torch import Tensor

from cuaderno.lab.export import save_json, save_parity
from cuaderno.lab.files import write_atomic
from cuaderno.lab.quantize import pack
from cuaderno.lab.run import Run
from cuaderno.studies.latent import atlas, prints, walks
from cuaderno.studies.latent.data import Pictures, PictureSet
from cuaderno.studies.latent.flow import integrate
from cuaderno.studies.latent.model import Networks
from cuaderno.studies.latent.quantize import rounded, weights
from cuaderno.studies.latent.train import Config, pictures_of_run, trained

MOST_PLACES = 800  # pictures that are placed on the map
DIGITS = 5  # behind the point, of answers to compare
DREAMS = 40  # pictures of the poster
FILMS, STOPS = 5, 11  # rows and pictures in a row of films and walks
SHOWN = (2, 7)  # the classes of walks, where there are so many
TOLD = 2000  # pictures of a class that say in which direction a factor grows


def export(run: Run, folder: Path) -> None:
    """Write model.json, weights.bin, parity.json, and the pictures poster, map, film, walk and factors."""
    pictures, page = pictures_of_run(run), rounded(trained(run))
    layout, data = pack(weights(page))
    write_atomic(folder / "weights.bin", data)
    places = places_of(page, pictures)
    save_json(folder / "model.json", about(run, pictures, layout, places))
    save_parity(folder, cases(page, pictures.test.pixels[:2], len(pictures.classes)), tolerance=1e-3)
    draw(page, pictures, folder)


def about(run: Run, pictures: PictureSet, layout: list[dict], places: list[list[float]]) -> dict:
    """What model.json says."""
    config = run.config(Config)
    shapes = ("size", "latent_dim", "width", "hidden_dim", "num_blocks", "map_hidden_dim")
    return {
        "format": 1,
        "classes": list(pictures.classes),
        "channels": pictures.channels,
        **{name: getattr(config, name) for name in shapes},
        "drawn": not config.data,
        "source": pictures.source,
        "licence": pictures.licence,
        "tensors": layout,
        "places": places,
        "corners": atlas.corners([place[:2] for place in places]),
        "scores": {name: metric.value for name, metric in run.metrics.items() if not name.startswith("baseline_")},
    }


@torch.no_grad()
def places_of(page: Networks, pictures: PictureSet) -> list[list[float]]:
    """Where the first test pictures lie on the map, with their classes."""
    pixels, labels = pictures.test.pixels[:MOST_PLACES], pictures.test.labels[:MOST_PLACES].tolist()
    found = page.map_encoder(pixels.float() / 255)[0]
    return [[round(x, 2), round(y, 2), label] for (x, y), label in zip(found.tolist(), labels, strict=True)]


# -- what the browser has to repeat -----------------------------------------------------------------------------------


@torch.no_grad()
def cases(page: Networks, pixels: Tensor, num_classes: int) -> list[dict]:
    """Questions with Python's answers.  Shapes:  pixels (2, C, S, S) uint8."""
    generator = torch.Generator().manual_seed(0)
    latent_dim = len(page.whitening.mean)
    noise = torch.randn(3, latent_dim, generator=generator)
    classes = torch.tensor([0, num_classes - 1, num_classes])
    given = [base64.b64encode(one.permute(1, 2, 0).contiguous().numpy().tobytes()).decode() for one in pixels]
    seen = pixels.float() / 255
    latents, places = page.encode(seen), page.map_encoder(seen)[0]
    flowed = integrate(page.flow, noise, classes, steps=3, guidance=1.5)
    told = {"noise": _flat(noise), "classes": classes.tolist()}
    now = torch.full((3,), 0.625)
    asked = [
        ({"ask": "encode", "pixels": given[0]}, {"latents": _flat(latents[0])}),
        ({"ask": "decode", "latents": _flat(latents[1])}, {"pixels": _picture(page.decode(_told(latents[1:])))}),
        ({"ask": "place", "pixels": given[1]}, {"place": _flat(places[1])}),
        ({"ask": "map", "places": _flat(places)}, {"pixels": _picture(page.map_decoder(_told(places)).sigmoid())}),
        ({"ask": "velocity", "time": 0.625, **told}, {"velocity": _flat(page.flow(_told(noise), now, classes))}),
        ({"ask": "dream", **told}, {"latents": _flat(page.one_step(_told(noise), classes))}),
        ({"ask": "film", "steps": 3, "guidance": 1.5, **told}, {"latents": _flat(flowed)}),
    ]
    return [{"input": question, "output": answer} for question, answer in asked]


def _flat(values: Tensor) -> list[float]:
    return [round(value, DIGITS) for value in values.flatten().tolist()]


def _told(values: Tensor) -> Tensor:
    """The numbers as they stand in parity.json."""
    return torch.tensor(_flat(values)).view_as(values)


def _picture(pixels: Tensor) -> list[float]:
    return _flat(pixels.permute(0, 2, 3, 1))


# -- pictures for the page and for posts ------------------------------------------------------------------------------


@torch.no_grad()
def draw(page: Networks, pictures: PictureSet, folder: Path) -> None:
    """Dreams of every class; the map; films from noise to pictures; two walks, each in three ways; known factors."""
    num_classes, latent_dim = len(pictures.classes), len(page.whitening.mean)
    classes = torch.arange(max(DREAMS, min(num_classes, 2 * DREAMS))) % num_classes
    noise = torch.randn(len(classes), latent_dim, generator=torch.Generator().manual_seed(1))
    dreamed = page.decode(page.one_step(noise, classes))
    write_atomic(folder / "poster.svg", prints.svg(dreamed, columns=10))
    part = atlas.corners(page.map_encoder(pictures.test.pixels[:MOST_PLACES].float() / 255)[0].tolist())
    write_atomic(folder / "map.png", prints.png(prints.grid(atlas.tiles(page, part, across=20), columns=20)))
    rows = torch.linspace(0, num_classes - 1, min(FILMS, num_classes)).long()
    film = integrate(page.flow, noise[: len(rows)], rows, steps=STOPS - 1, keep=True)  # (STOPS, rows, L)
    write_atomic(folder / "film.svg", prints.svg(page.decode(film.transpose(0, 1).flatten(0, 1)), columns=STOPS))
    label, one, twin, other = ends(page, pictures.test)
    walked = [way for end in (twin, other) for way in walks.between(page, one, end, STOPS).values()]
    write_atomic(folder / "walk.svg", prints.svg(torch.cat(walked), STOPS))
    if (factors := pictures.train.factors) is not None:
        own = (pictures.train.labels == label).nonzero()[:TOLD, 0]
        ways, _ = walks.directions(page, pictures.train.pixels[own].float() / 255, factors[own])
        leaning = torch.cat([walks.along_factor(page, one, way, STOPS) for way in ways])
        write_atomic(folder / "factors.svg", prints.svg(leaning, STOPS))


def ends(page: Networks, pictures: Pictures) -> tuple[int, Tensor, Tensor, Tensor]:
    """A class, a picture of it, the one of the same class that is least like it, and one of another class.

    Shapes:  three of (C, S, S) between 0 and 1
    """
    labels, known = pictures.labels, pictures.labels.unique()
    shown = known[list(SHOWN)] if len(known) > max(SHOWN) else known
    label, far = int(shown[0]), int(shown[-1])
    own = pictures.pixels[labels == label].float() / 255
    latents = page.encode(own)
    apart = (latents - latents[0]).norm(dim=1)
    return label, own[0], own[int(apart.argmax())], pictures.pixels[labels == far][0].float() / 255
