"""What was seen of photos, as pages that stand alone: where the network looked, and how it is fooled."""

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.files import disk_errors, write_atomic
from cuaderno.lab.pictures.files import read_picture
from cuaderno.lab.progress import Progress
from cuaderno.lab.run import Run
from cuaderno.studies.vision import explain, fool, inside, judge, prints
from cuaderno.studies.vision.augment import resized
from cuaderno.studies.vision.data import Pictures
from cuaderno.studies.vision.judge import Network
from cuaderno.studies.vision.train import Config, pictures_of

MOST = 40  # photos on a page: each of them holds pictures
ALIKE = 6  # training pictures beside each photo
UNITS = 4  # of each class
AMPLIFIED = 12  # times, so that a change of four 255ths can be seen
SIDE = 144  # pixels of the pictures on a page


class Album:
    """Collects what is seen of each photo while they are answered, and writes the pages at the end."""

    def __init__(self, run: Run, model: Network, explained: str, fooled: str):
        self.run, self.model, self.config = run, model, run.config(Config)
        self.classes: list[str] = run.data["classes"]
        self.folders = {"seen": explained, "fooled": fooled}
        self.entries: dict[str, list[dict[str, Any]]] = {"seen": [], "fooled": []}
        self.training: Pictures | None = None
        self.features: Tensor | None = None

    def __enter__(self) -> "Album":
        for folder in filter(None, self.folders.values()):
            with disk_errors(Path(folder)):
                Path(folder).mkdir(parents=True, exist_ok=True)
        if self.folders["seen"]:
            self._know_training()
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        if kind is None or kind is GeneratorExit:
            self._write()

    def add(self, answer: dict) -> None:
        """Look closely at one photo, and say in its answer which page shows it; beyond MOST none is shown."""
        if "error" in answer:
            return
        squashed = torch.from_numpy(read_picture(answer["input"], self.config.stored_size)).permute(2, 0, 1)
        pixels = resized(squashed[None], self.config.size)[0].to(self.model.mean.device)
        shares = list(answer["probabilities"].values())
        label = shares.index(max(shares))
        for page, look in (("seen", self._seen), ("fooled", self._fooled)):
            if self.folders[page] and len(self.entries[page]) < MOST:
                head = {
                    "name": "/".join(Path(answer["input"]).parts[-2:]),
                    "label": self.classes[label],
                    "said": answer["class"],
                }
                self.entries[page].append(head | {"sure": shares[label]} | look(squashed, pixels, label))
                answer["page"] = str(Path(self.folders[page]) / f"{page}.html")

    def _know_training(self) -> None:
        """The features of the training pictures, if those are still to be had."""
        try:
            pictures = pictures_of(self.config)
        except CuadernoError:  # the folder has moved: everything else can still be shown
            return
        if self.run.data["data"].get("pictures") != pictures.fingerprint:  # others lie there now
            return
        self.training = pictures.train
        found, step = [], judge.BATCH
        with Progress("look at the training pictures", len(self.training), unit="picture") as progress:
            for at in range(0, len(self.training), step):
                found.append(judge.embed(self.model, self.training.pixels[at : at + step], self.config.size))
                progress.update(min(at + step, len(self.training)))
        self.features = torch.cat(found)

    def _seen(self, squashed: Tensor, pixels: Tensor, label: int) -> dict[str, Any]:
        picture = prints.as_picture(squashed, SIDE)
        found = sorted(self._maps(picture, pixels, label), key=lambda one: -one[1])
        chance = explain.chance(self.model, pixels, label)
        knows_nothing = prints.spotlight(picture, explain.coarse(explain.random_map(self.model, pixels, label)))
        maps = [
            {"name": name, "trust": trust, "picture": prints.address(lit)}
            for name, trust, lit in [*found, ("random", chance, knows_nothing)]
        ]
        sheet = prints.row([picture, *(lit for _, _, lit in found)])
        return {"picture": prints.address(picture), "maps": maps, "sheet": sheet, "alike": self._alike(squashed)}

    def _maps(self, picture: Image.Image, pixels: Tensor, label: int) -> Iterator[tuple[str, float, Image.Image]]:
        """Each map with how far it can be believed."""
        for name, draw in explain.MAPS.items():
            if name == "random":
                continue
            try:
                found = draw(self.model, pixels, label)
            except CuadernoError:  # a transformer has no layer with places
                continue
            lit = prints.spotlight(picture, explain.coarse(found))
            yield name, explain.trust(self.model, pixels, label, found), lit

    def _alike(self, squashed: Tensor) -> list[dict[str, Any]]:
        if self.training is None or self.features is None:
            return []
        own = judge.embed(self.model, squashed[None], self.config.size)
        which, far = inside.nearest(own, self.features, ALIKE)
        return [
            {
                "picture": prints.address(prints.as_picture(self.training.pixels[i], SIDE)),
                "label": self.classes[int(self.training.labels[i])],
                "distance": distance,
            }
            for i, distance in zip(which[0].tolist(), far[0].tolist(), strict=True)
        ]

    def _fooled(self, squashed: Tensor, pixels: Tensor, label: int) -> dict[str, Any]:
        changed, trials = fool.fool(self.model, pixels, label)
        amplified = (0.5 + AMPLIFIED * (changed - pixels)).clamp(0, 1)
        pictures = [prints.as_picture(one, SIDE, sharp=True) for one in (pixels, amplified, changed)]
        with torch.no_grad():
            turned = int(self.model(changed[None]).argmax()) != label
        return {"pictures": [prints.address(one, "PNG") for one in pictures], "trials": trials, "turned": turned}

    def _write(self) -> None:
        for page, folder in self.folders.items():
            if folder and self.entries[page]:
                extra = self._network(Path(folder)) if page == "seen" else {"epsilon": fool.EPSILON * 255}
                self._sheets(Path(folder), self.entries[page])
                text = prints.page(f"{page}.html", entries=self.entries[page], run=self.run.id, **extra)
                write_atomic(Path(folder) / f"{page}.html", text)

    def _sheets(self, folder: Path, entries: list[dict[str, Any]]) -> None:
        """Each photo with its maps as a PNG of its own, numbered as on the page."""
        for number, entry in enumerate(entries, 1):
            if sheet := entry.pop("sheet", None):
                write_atomic(folder / f"seen-{number}.png", prints.png(sheet))

    def _network(self, folder: Path) -> dict[str, Any]:
        """What lies in the network, whatever the photo."""
        filters = [prints.as_picture(one, 48, sharp=True) for one in inside.first_filters(self.model)[:32]]
        units = [(label, unit) for label in range(len(self.classes)) for unit in self._telling(label)]
        dreams = [prints.as_picture(one, SIDE) for one in self._dreams([unit for _, unit in units])]
        write_atomic(folder / "filters.png", prints.png(prints.row(filters, columns=8)))
        write_atomic(folder / "units.png", prints.png(prints.row(dreams, columns=UNITS)))
        return {
            "filters": [prints.address(one, "PNG") for one in filters],
            "units": [
                {
                    "label": self.classes[label],
                    "unit": unit,
                    "picture": prints.address(dream),
                    "moved": self._moved(unit),
                }
                for (label, unit), dream in zip(units, dreams, strict=True)
            ],
            "has_training": self.training is not None,
        }

    def _telling(self, label: int) -> list[int]:
        return inside.telling_units(self.model, label, UNITS)

    def _dreams(self, units: list[int]) -> Tensor:
        return inside.dream(self.model, units, self.config.size)

    def _moved(self, unit: int) -> list[str]:
        """The training pictures that move a unit most."""
        if self.training is None or self.features is None:
            return []
        most = self.features[:, unit].topk(min(4, len(self.features))).indices.tolist()
        return [prints.address(_small(self.training.pixels[i])) for i in most]


def _small(pixels: Tensor) -> Image.Image:
    return prints.as_picture(pixels, SIDE // 2)
