"""Dream pictures and walk between them: `cuaderno predict latent --class 7 --n 64 -o grid.png`; inputs are pictures."""

import base64
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from PIL import Image
from torch import Tensor

from cuaderno.lab.device import set_threads
from cuaderno.lab.errors import CuadernoError, meant
from cuaderno.lab.pictures.files import Unreadable, printable, read_picture
from cuaderno.lab.run import Run
from cuaderno.studies.latent import atlas, prints, search, walks
from cuaderno.studies.latent.flow import integrate
from cuaderno.studies.latent.model import Networks
from cuaderno.studies.latent.settings import LARGEST_SEED
from cuaderno.studies.latent.train import Config, pictures_of_run, trained

ALONE = True  # it answers without an input, too
MOST = 10_000  # pictures that are dreamed at once
TOLD = 2000  # pictures that say which class another has, and in which direction a factor grows in it
INK = 0.5  # mean brightness above which a grey picture is thought to be dark on light
GROUND = 24  # the mean of the pictures a run learned from is asked of so many


@dataclass(frozen=True)
class Options:
    """What to do, and where to write what came of it. Options go behind the pictures."""

    # dream
    class_: str = ""  # dream pictures of this class; "all" for each in turn, "any" for whatever comes
    n: int = 16  # how many pictures, or how many stops of a walk
    steps: int = 1  # 1: the network that needs one step; more, as guidance and method need: so many of the flow
    guidance: float = 1.0  # of the flow: above 1 it insists on the class, at the cost of variety
    method: Literal["euler", "heun"] = "euler"  # of the flow: Heun's steps cost twice as much and bend with the way
    seed: int = 0  # of the noise
    # walk
    between: tuple[str, ...] = ()  # two pictures: walk between them by latents, by noise and by pixels
    arithmetic: tuple[str, ...] = ()  # three pictures: the first without the second and with the third
    traverse: str = ""  # change each input along one latent, by its number, or along a known factor, by its name
    # search
    invert: bool = False  # look for the latents of each input by descent, instead of asking the encoder
    fill: str = ""  # take the left, right, top, bottom or middle of each input as hidden, and fill it in n ways
    # look
    map: str = ""  # write the map of the latent space as a picture here, and as data beside it
    latents: bool = False  # give the latents too
    picture: bool = False  # give the picture that came of it too, a PNG in lines of base64
    output: str = ""  # the picture to write


def predict(run: Run, inputs: list[str], options: Options = Options()) -> Iterator[dict]:
    """One answer per input, in order, and one for each thing that needs none: a dream, a walk, a sum, the map.

    A picture is answered with its place on the map, and what is left of it after 24 numbers: the mean squared error.

    Raises:  CuadernoError when there is nothing to do, or an option cannot be.
    """
    _check(inputs, options)
    set_threads(run.config(Config).num_threads)
    easel = Easel(run, options)
    if options.map:
        yield easel.map()
    if options.class_:
        yield easel.dream()
    if options.between:
        yield easel.between()
    if options.arithmetic:
        yield easel.arithmetic()
    for name in inputs:
        yield easel.answer(name)


def show(answer: dict) -> str:
    """An answer for people, in a line or two."""
    hidden = {"input", "picture", "corners"} | ({"latents"} if len(answer.get("latents", [])) > 1 else set())
    facts = {key: value for key, value in answer.items() if key not in hidden}
    words = [f"{key.replace('_', ' ')} {_plain(value)}" for key, value in facts.items()]
    return f"{answer['input']}  {', '.join(words)}" if words else str(answer["input"])


def draw(answer: dict) -> str:
    """What came of it as an SVG, when the answer has its picture."""
    if "picture" not in answer:
        return ""
    data = "".join(answer["picture"])
    width, height = Image.open(io.BytesIO(base64.b64decode(data))).size
    wide, sides = min(640, max(96, 4 * width)), f'width="{width}" height="{height}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{wide}">'
        f'<image {sides} style="image-rendering:pixelated" href="data:image/png;base64,{data}"/></svg>'
    )


def _plain(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return " ".join(_plain(one) for one in value) if isinstance(value, list) else str(value)


def _check(inputs: list[str], options: Options) -> None:
    _check_values(options)
    kinds = [bool(options.traverse), options.invert, bool(options.fill)]
    if sum(kinds) > 1:
        raise CuadernoError("--traverse, --invert and --fill exclude one another: ask for one at a time.")
    if sum(kinds) and not inputs:
        raise CuadernoError("--traverse, --invert and --fill need a picture: give one before the options.")
    alone = [bool(options.class_), bool(options.between), bool(options.arithmetic)]
    if not (inputs or any(alone) or options.map):
        raise CuadernoError("There is nothing to do: give pictures, or one of --class, --between, --arithmetic, --map.")
    if options.map and (any(alone) or options.output):
        raise CuadernoError("--map is drawn into a file of its own: ask for it without -o and without other pictures.")
    many = options.class_ or options.between or options.traverse or options.fill
    if options.n != Options.n and not many:
        raise CuadernoError("--n counts dreams, stops and ways to fill, and none of these is asked for: leave it out.")
    if options.n == 1 and (options.between or options.traverse):
        raise CuadernoError("--n is 1, and a walk has two ends: ask for 2 stops or more.")
    makes = any(alone) or options.traverse or options.fill
    if makes and not (options.output or options.picture or options.latents):
        raise CuadernoError("Say where the picture is to go: -o grid.png.")
    given = {Path(name) for name in (*inputs, *options.between, *options.arithmetic)}
    for name in filter(None, (options.map, options.output)):
        if Path(name) in given:
            raise CuadernoError(f"{name} is one of the pictures given, and would be lost: name another file to write.")
    things = len(inputs) + sum(alone)
    if options.output and things > 1:
        raise CuadernoError(f"{things} answers cannot be one picture: ask for one of them at a time, or leave out -o.")


def _check_values(options: Options) -> None:
    for name, wanted in (("between", 2), ("arithmetic", 3)):
        given = getattr(options, name)
        if given and len(given) != wanted:
            raise CuadernoError(f"--{name} takes {wanted} pictures, not {len(given)}.")
    for name, low, high in (("n", 1, MOST), ("steps", 1, 1000), ("guidance", 0, 20), ("seed", 0, LARGEST_SEED)):
        if not low <= (value := getattr(options, name)) <= high:
            raise CuadernoError(f"--{name} is {value}, and has to be from {low} to {high:,}.")
    if options.steps == 1 and (options.guidance != 1 or options.method != "euler"):
        raise CuadernoError("--guidance and --method are the flow's, which needs more than one step: add --steps 8.")
    if options.fill:
        search.mask_of(options.fill, 8)


class Easel:
    """A run's networks, with what was asked of them."""

    def __init__(self, run: Run, options: Options):
        self.run, self.options = run, options
        self.networks: Networks = trained(run)
        self.classes: list[str] = run.data["classes"]
        self.size, self.channels = run.config(Config).size, run.data["channels"]

    # -- without an input

    def map(self) -> dict:
        """The map of the test pictures."""
        pictures = pictures_of_run(self.run)
        written = atlas.write(self.networks, pictures.test, pictures.classes, Path(self.options.map))
        return {"input": "--map", **written}

    @torch.no_grad()
    def dream(self) -> dict:
        """Pictures of a class, from noise."""
        options = self.options
        classes = self._numbers(options.class_, options.n)
        noise = torch.randn(
            options.n, len(self.networks.whitening.mean), generator=torch.Generator().manual_seed(options.seed)
        )
        if options.steps == 1:
            latents = self.networks.one_step(noise, classes)
        else:
            latents = integrate(self.networks.flow, noise, classes, options.steps, options.guidance, options.method)
        pixels = self.networks.decode(latents)
        more = {"n": options.n, "steps": options.steps}
        return self._written(
            {"input": f"--class {options.class_}", **more}, pixels, math.ceil(math.sqrt(options.n)), latents
        )

    def between(self) -> dict:
        """Three ways from one picture to another, a row each."""
        ends = [self._opened(name) for name in self.options.between]
        stops = self.options.n
        found = walks.between(self.networks, ends[0], ends[1], stops)
        said = {"input": " ".join(map(printable, self.options.between)), "rows": list(found), "stops": stops}
        return self._written(said, torch.cat(list(found.values())), stops)

    def arithmetic(self) -> dict:
        """A picture without another and with a third."""
        given = torch.stack([self._opened(name) for name in self.options.arithmetic])
        total = walks.sums(self.networks, given)
        first, second, third = map(printable, self.options.arithmetic)
        return self._written({"input": f"{first} - {second} + {third}"}, torch.cat([given, total]), 4)

    def _numbers(self, name: str, count: int) -> Tensor:
        """The classes of so many dreams."""
        if name == "any":
            return torch.full((count,), len(self.classes))
        if name == "all":
            return torch.arange(count) % len(self.classes)
        if name not in self.classes:
            known = ", ".join(self.classes[:30])
            raise CuadernoError(
                f"There is no class '{name}'.{meant(name, self.classes)} There are: {known}; or all, any."
            )
        return torch.full((count,), self.classes.index(name))

    # -- a picture

    def answer(self, name: str) -> dict:
        """What is asked of one picture."""
        try:
            picture = self._seen(name)
        except Unreadable as error:
            return {"input": printable(name), "error": f"cannot be read as a picture: {error}."}
        said: dict[str, Any] = {"input": printable(name)}
        if self.options.traverse:
            return self._traversed(said, picture)
        if self.options.fill:
            return self._filled(said, picture)
        if self.options.invert:
            latents, (before,), (after,) = search.invert(self.networks, picture[None])
            said |= {"encoder_mse": before, "found_mse": after}
        else:
            with torch.no_grad():
                latents = self.networks.encode(picture[None])
        return self._kept(said, picture, latents)

    @torch.no_grad()
    def _kept(self, said: dict, picture: Tensor, latents: Tensor) -> dict:
        """A picture beside what latents keep of it, and where it lies on the map."""
        left = self.networks.decode(latents)
        place = self.networks.map_encoder(picture[None])[0]
        flat = self.networks.map_decoder(place).sigmoid()
        said |= {"place": [round(value, 4) for value in place[0].tolist()]}
        said |= {
            "mse": float((left[0] - picture).square().mean()),
            "map_mse": float((flat[0] - picture).square().mean()),
        }
        return self._written(said, torch.cat([picture[None], left, flat]), 3, latents)

    def _filled(self, said: dict, picture: Tensor) -> dict:
        """What is known of a picture, and how it may go on."""
        options = self.options
        filled, mask, errors = search.fill(self.networks, picture, options.fill, options.n, options.seed)
        given = picture * mask + 0.5 * (1 - mask)
        return self._written(said | {"mse": errors.tolist()[0]}, torch.cat([given[None], filled]), 9)

    def _traversed(self, said: dict, picture: Tensor) -> dict:
        """One latent or one known factor, from little to much."""
        pictures = pictures_of_run(self.run) if not self.options.traverse.isdecimal() else None
        names = pictures.factor_names if pictures else ()
        what, stops = walks.number_of(self.options.traverse, names), self.options.n
        if isinstance(what, int):
            return self._written(
                said | {"latent": what}, walks.along_latent(self.networks, picture, what, stops), stops
            )
        assert pictures is not None
        train, number = pictures.train, names.index(what)
        assert train.factors is not None
        kind = walks.alike(self.networks, picture, train.pixels[:TOLD].float() / 255, train.labels[:TOLD])
        own = (train.labels == kind).nonzero()[:TOLD, 0]
        ways, told = walks.directions(self.networks, train.pixels[own].float() / 255, train.factors[own])
        said |= {"factor": what, "class": pictures.classes[kind], "r2": told[number]}
        return self._written(said, walks.along_factor(self.networks, picture, ways[number], stops), stops)

    def _opened(self, name: str) -> Tensor:
        """One of several pictures without which there is no answer.

        Raises:  CuadernoError with what is wrong with which file.
        """
        try:
            return self._seen(name)
        except Unreadable as error:
            raise CuadernoError(f"{printable(name)} cannot be read as a picture: {error}.") from error

    def _seen(self, name: str) -> Tensor:
        """A picture as the networks know them.  Shapes:  (C, S, S) between 0 and 1.

        A grey one that is dark on light, as on paper, is turned where the run learned light on dark.

        Raises:  Unreadable with what is wrong with the file.
        """
        pixels = torch.from_numpy(read_picture(name, self.size)).permute(2, 0, 1).float() / 255
        if self.channels == 3:
            return pixels
        grey = pixels.mean(0, keepdim=True)
        return 1 - grey if grey.mean() > INK and self._is_dark() else grey

    def _is_dark(self) -> bool:
        """Whether the pictures it learned from are light on dark: those in the middle of the latent space are."""
        with torch.no_grad():
            noise = torch.randn(GROUND, len(self.networks.whitening.mean), generator=torch.Generator().manual_seed(0))
            return bool(self.networks.decode(noise).mean() < INK)

    def _written(self, said: dict, pixels: Tensor, columns: int, latents: Tensor | None = None) -> dict:
        """The answer, with its picture written where that was asked."""
        if self.options.output:
            prints.save(prints.grid(pixels, columns, gap=prints.GAP), Path(self.options.output))
            said["output"] = self.options.output
        if self.options.latents and latents is not None:
            said["latents"] = [[round(value, 5) for value in row] for row in latents.tolist()]
        if self.options.picture:
            lines = base64.encodebytes(prints.png(prints.grid(pixels, columns, gap=prints.GAP))).decode().split()
            said["picture"] = lines
        return said
