"""Fine-tune a network of timm that has seen other pictures before, instead of beginning from nothing."""

import enum
import importlib
import importlib.util
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from cuaderno.lab.errors import CuadernoError, nearest

FROZEN_PART = 0.25  # of the budget, in which only the new head learns
HEAD_RATE, BODY_RATE = 1 / 240, 1 / 2400  # of `learning_rate`: 1e-3 and 1e-4 of AdamW by default
SECONDS = 10  # to wait for the hub's first word
FROM_SCRATCH = "none"  # as the name of a file with weights


class Backbone(nn.Module):
    """A network of timm with a new head, and the same methods as `PictureNet`.

    Shapes:  pixels (B, 3, H, W) -> logits (B, num_classes).
    Units:   pixels in RGB between 0 and 1.
    Raises:  CuadernoError when timm, the network, or its weights are not to be had.
    """

    mean: Tensor
    std: Tensor
    temperature: Tensor
    sharpening: Tensor
    threshold: Tensor

    def __init__(self, name: str, num_classes: int, weights: str = "", size: int = 64):
        super().__init__()
        timm = find_timm()
        if name not in timm.list_models():
            known = timm.list_models()
            raise CuadernoError(
                f"timm has no network '{name}'.{nearest(name, known)} It has {len(known):,}; "
                "`python -c \"import timm; print(timm.list_models('*resnet*'))\"` shows some."
            )
        self.body: Any = create(timm, name, num_classes, weights, size)
        for weight in self.body.get_classifier().parameters():
            nn.init.zeros_(weight)  # a new head has no opinion yet
        about = self.body.pretrained_cfg
        self.register_buffer("mean", torch.tensor(about["mean"])[:, None, None])
        self.register_buffer("std", torch.tensor(about["std"])[:, None, None])
        self.register_buffer("temperature", torch.ones(2))  # for one look and for views; see judge.calibrate
        self.register_buffer("sharpening", torch.zeros(2))
        self.register_buffer("threshold", torch.zeros(2))

    def look(self, pixels: Tensor) -> Tensor:
        """What each place of the picture shows.  Shapes:  (B, 3, H, W) -> (B, features, H', W')."""
        return as_grid(self._features(pixels), self.body)

    def embed(self, pixels: Tensor) -> Tensor:
        """What the head sees of the picture.  Shapes:  (B, 3, H, W) -> (B, features)."""
        return self.body.forward_head(self._features(pixels), pre_logits=True)

    def classify(self, features: Tensor) -> Tensor:
        """The head alone.  Shapes:  (B, features) -> (B, num_classes)."""
        return self.body.get_classifier()(features)

    def forward(self, pixels: Tensor) -> Tensor:
        return self.classify(self.embed(pixels))

    def _features(self, pixels: Tensor) -> Tensor:
        return self.body.forward_features((pixels - self.mean) / self.std)


def create(timm: ModuleType, name: str, num_classes: int, weights: str, size: int) -> Any:
    """The network with its weights: from a file, from nowhere (`none`), or as the hub has them."""
    about = timm.get_pretrained_cfg(name)
    fixed = {"img_size": size, "dynamic_img_size": True} if about is not None and about.fixed_input_size else {}
    try:
        if not weights:
            return from_hub(timm, name, num_classes=num_classes, **fixed)
        body = timm.create_model(name, pretrained=False, num_classes=num_classes, **fixed)
    except TypeError as error:  # it knows nothing of `dynamic_img_size`
        raise CuadernoError(
            f"'{name}' is built for pictures of one size only, and a training here shows several. Take another "
            "network, such as resnet18 or vit_tiny_patch16_224."
        ) from error
    return body if weights == FROM_SCRATCH else with_weights(body, Path(weights))


def from_hub(timm: ModuleType, name: str, **how: Any) -> Any:
    """The network with the weights that were downloaded once, or else are on the hub.

    Raises:  CuadernoError when they are not to be had, at once where there is no network.
    """
    hub = importlib.import_module("timm.models._hub")
    with quiet():
        try:
            with replaced(hub, "hf_hub_download", partial(hub.hf_hub_download, local_files_only=True)):
                return timm.create_model(name, pretrained=True, **how)
        except TypeError:
            raise
        except Exception:  # whatever the hub's client raises where there is nothing yet
            pass
        try:
            reach_hub()
            return timm.create_model(name, pretrained=True, **how)
        except TypeError:
            raise
        except Exception as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise CuadernoError(
                f"The weights of '{name}' could not be had from the hub ({reason}). Give a file that you have with "
                "--backbone-weights model.safetensors, or start from random ones with --backbone-weights none."
            ) from error


def reach_hub() -> None:
    """Ask the hub for anything, once: its client would try for a minute and say so in a dozen lines."""
    from huggingface_hub import constants, utils

    utils.get_session().head(constants.ENDPOINT, timeout=SECONDS)


@contextmanager
def replaced(place: Any, name: str, value: Any) -> Iterator[None]:
    """Another thing under this name for a while."""
    before = getattr(place, name)
    setattr(place, name, value)
    try:
        yield
    finally:
        setattr(place, name, before)


@contextmanager
def quiet() -> Iterator[None]:
    """Without the lines that the hub's client writes for every try."""
    logger = logging.getLogger("huggingface_hub")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


def with_weights(body: Any, path: Path) -> Any:
    """The network with the weights of a file, apart from its head, whose classes are others."""
    there = read_weights(path)
    own = body.state_dict()
    fitting = {name: value for name, value in there.items() if name in own and own[name].shape == value.shape}
    classifier = {f"{name}.{part}" for name in ("fc", "head", "head.fc", "classifier") for part in ("weight", "bias")}
    missing = [name for name in own if name not in fitting and name not in classifier]
    if missing:
        raise CuadernoError(
            f"{path} does not hold the weights of this network: {len(missing)} of {len(own)} tensors are missing or of "
            f"another shape, for example {missing[0]}. Name the --backbone that they were saved from."
        )
    body.load_state_dict({name: value for name, value in fitting.items() if name not in classifier}, strict=False)
    return body


def read_weights(path: Path) -> dict[str, Tensor]:
    """The tensors in a file of weights; nothing in it is executed."""
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            return load_file(path)
        there = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # each format has its own
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CuadernoError(f"{path} cannot be read as weights ({reason}). Give a .safetensors or a .pth.") from error
    tensors: dict = there.get("state_dict", there.get("model", there)) if isinstance(there, dict) else {}
    return {name.removeprefix("module."): value for name, value in tensors.items() if isinstance(value, Tensor)}


def make_optimizers(model: Backbone, learning_rate: float) -> list:
    """AdamW, with a low rate for what was learned before and a higher one for the new head."""
    head = list(model.body.get_classifier().parameters())
    inside = {id(weight) for weight in head}
    body = [weight for weight in model.body.parameters() if id(weight) not in inside]
    groups = [
        {"params": body, "lr": learning_rate * BODY_RATE},
        {"params": head, "lr": learning_rate * HEAD_RATE},
    ]
    return [torch.optim.AdamW(groups, weight_decay=0.02)]


def thaw(model: Backbone, progress: float) -> None:
    """Keep all but the head as it came until the head means something; then let everything learn."""
    whole = progress >= FROZEN_PART
    head = {id(weight) for weight in model.body.get_classifier().parameters()}
    for weight in model.body.parameters():
        weight.requires_grad = whole or id(weight) in head
    model.body.train(whole)  # a frozen batch norm keeps its averages, too


def as_grid(features: Tensor, body: Any) -> Tensor:
    """Features by place, whatever order the network has them in.  Shapes:  (B, features, H', W')."""
    if features.dim() == 3:  # a transformer's tokens, perhaps with one that belongs to no place
        tokens = features[:, getattr(body, "num_prefix_tokens", 0) :]
        side = round(tokens.size(1) ** 0.5)
        return tokens.transpose(1, 2).reshape(len(tokens), -1, side, side)
    return features if features.size(1) == body.num_features else features.permute(0, 3, 1, 2)


def find_timm() -> ModuleType:
    """timm, also where the torchvision that it insists on is missing or was built for another torch.

    Raises:  CuadernoError when timm is not installed.
    Traps:   timm imports torchvision for its own loaders of pictures, which are not used here. On a machine without a
             GPU the usual torchvision does not even load, so stand-ins take its place while timm is imported.
    """
    if "timm" in sys.modules:
        return sys.modules["timm"]
    if importlib.util.find_spec("timm") is None:
        raise CuadernoError("A backbone needs timm, which is not installed: pip install 'cuaderno[vision]'")
    try:
        import torchvision  # noqa: F401
    except (ImportError, RuntimeError):  # a build for another torch says: operator torchvision::nms does not exist
        forget("torchvision")
        stand_ins = {name: StandIn(name) for name in STAND_INS}
        sys.modules.update(stand_ins)
        try:
            return importlib.import_module("timm")
        finally:
            forget("torchvision")
    return importlib.import_module("timm")


INTERPOLATIONS = "NEAREST NEAREST_EXACT BILINEAR BICUBIC BOX HAMMING LANCZOS"
STAND_INS = (
    "torchvision",
    "torchvision.datasets",
    "torchvision.ops",
    "torchvision.ops.misc",
    "torchvision.transforms",
    "torchvision.transforms.functional",
)


class StandIn(ModuleType):
    """A module of torchvision that has every name asked of it, with nothing behind."""

    def __init__(self, name: str):
        super().__init__(name)
        self.__path__: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if f"{self.__name__}.{name}" in STAND_INS:
            return sys.modules[f"{self.__name__}.{name}"]
        is_mode = name == "InterpolationMode"  # the only one whose members are looked up during the import
        found = enum.Enum(name, INTERPOLATIONS) if is_mode else type(name, (nn.Module,), {})
        setattr(self, name, found)
        return found


def forget(package: str) -> None:
    """Take a package and its parts out of the imported modules."""
    for name in [name for name in sys.modules if name.split(".")[0] == package]:
        del sys.modules[name]
