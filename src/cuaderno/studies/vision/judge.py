"""How sure a trained network may be, and which pictures it would not have believed."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from cuaderno.studies.vision.augment import resized, views
from cuaderno.studies.vision.backbone import Backbone
from cuaderno.studies.vision.data import Pictures
from cuaderno.studies.vision.model import ENOUGH, PictureNet

Network = PictureNet | Backbone

BATCH = 250
ANSWERED = 0.9  # share of the validation pictures that are sure enough for an answer
LIGHT_SHARPENING = -3.0  # logarithm of that from which fitting begins
NEIGHBOURS = 5  # known pictures to which a distance is taken
TEXTURE_SIZE = 64  # side at which textures are looked at


@torch.no_grad()
def ask(model: Network, pixels: Tensor, size: int, with_views: bool = False) -> Tensor:
    """What the network says of pictures, uncalibrated; with views the mean over twelve looks at each.

    Shapes:  pixels (N, 3, S, S) uint8 -> logits (N, num_classes) on the CPU.
    """
    model.eval()
    place = next(model.parameters()).device
    said = []
    for some in pixels.split(BATCH):
        looks = views(some, size) if with_views else [resized(some, size)]
        logits = [model(x.to(place, memory_format=torch.channels_last)).float() for x in looks]
        said.append(torch.stack(logits).mean(dim=0).cpu())
    return torch.cat(said)


@torch.no_grad()
def embed(model: Network, pixels: Tensor, size: int) -> Tensor:
    """Each picture as a direction in the space of features.  Shapes:  (N, 3, S, S) uint8 -> (N, features)."""
    model.eval()
    place = next(model.parameters()).device
    looks = (resized(some, size).to(place, memory_format=torch.channels_last) for some in pixels.split(BATCH))
    return torch.cat([F.normalize(model.embed(x).float(), dim=1).cpu() for x in looks])


def probabilities(model: Network, logits: Tensor, with_views: bool = False) -> Tensor:
    """Calibrated probabilities.  Shapes:  (N, num_classes) -> the same."""
    which = int(with_views)
    return calibrated(logits, float(model.temperature[which]), float(model.sharpening[which])).softmax(dim=1)


def calibrated(logits: Tensor, temperature: float | Tensor, sharpening: float | Tensor) -> Tensor:
    """Logits that mean what they say: the further those of a picture are apart, the more they are believed.

    Shapes:  (N, num_classes) -> the same.
    Differs: with a sharpening of 0 this is the usual temperature. Label smoothing keeps a network from going far even
             where it is sure, which no single temperature undoes.
    """
    return logits / temperature * (1 + sharpening * logits.var(dim=1, correction=0, keepdim=True))


def calibrate(model: Network, val: Pictures, size: int) -> None:
    """Write temperature, sharpening and threshold into the model, where they travel with it: for one look, for views.

    The threshold is the probability that nine in ten validation pictures reach; below it the answer is "neither".
    """
    for which, with_views in enumerate((False, True)):
        logits = ask(model, val.pixels, size, with_views)
        if with_views:
            model.temperature[which], model.sharpening[which] = fit(logits, val.labels)
        else:  # a temperature alone folds into the head, so a page needs nothing else
            model.temperature[which] = fit_temperature(logits, val.labels)
        sure = probabilities(model, logits, with_views).amax(dim=1)
        model.threshold[which] = torch.quantile(sure, 1 - ANSWERED)


def fit(logits: Tensor, labels: Tensor) -> tuple[float, float]:
    """The temperature and the sharpening with which the labels are as likely as can be.

    Traps:   from few pictures anything could be read; a light pull towards no sharpening keeps it from that.
    """
    logits = logits.double()
    begin = torch.tensor([np.log(fit_temperature(logits, labels)), LIGHT_SHARPENING], dtype=torch.double)
    numbers = begin.clone().requires_grad_()  # logarithms: both stay positive, so the order of the classes stays
    optimizer = torch.optim.LBFGS([numbers], max_iter=60, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        temperature, sharpening = numbers.exp()
        value = F.cross_entropy(calibrated(logits, temperature, sharpening), labels)
        value = value + 0.05 * (numbers - begin).square().sum() / len(labels)
        value.backward()
        return value

    optimizer.step(loss)
    if not numbers.isfinite().all():  # logits that no probabilities fit
        return float(begin[0].exp()), 0.0
    temperature, sharpening = numbers.detach().clamp(-5, 5).exp().tolist()
    return temperature, sharpening


def fit_temperature(logits: Tensor, labels: Tensor) -> float:
    """By how much to divide logits so that the labels are as likely as can be.

    Source:  Guo et al. 2017, arXiv:1706.04599.
    """
    logits = logits.double()
    low, high = -5.0, 5.0  # its logarithm; the loss has one valley
    for _ in range(40):
        left, right = low + (high - low) / 3, high - (high - low) / 3
        if F.cross_entropy(logits / np.exp(left), labels) < F.cross_entropy(logits / np.exp(right), labels):
            high = right
        else:
            low = left
    return float(np.exp((low + high) / 2))


def calibration_error(probabilities: Tensor, labels: Tensor, num_bins: int = 15) -> float:
    """How far sureness and accuracy are apart, on average over bins of equal width (ECE).

    Shapes:  probabilities (N, num_classes), labels (N,).
    Source:  Naeini et al. 2015; Guo et al. 2017, arXiv:1706.04599.
    Traps:   never 0 for few pictures: in a bin of 20, accuracy is off by a tenth by chance.
    """
    sure, said = probabilities.max(dim=1)
    right = (said == labels).double()
    bins = (sure * num_bins).long().clamp(max=num_bins - 1)
    error = 0.0
    for number in range(num_bins):
        inside = bins == number
        if inside.any():
            error += float((right[inside].mean() - sure[inside].double().mean()).abs() * inside.sum() / len(labels))
    return error


def area_under_curve(probabilities: Tensor, labels: Tensor) -> float:
    """How often a picture of a class looks more like it than one of another class does, the mean over classes (AUC).

    Shapes:  probabilities (N, num_classes), labels (N,).
    """
    areas = []
    for number in range(probabilities.size(1)):
        inside = probabilities[labels == number, number].double().numpy()
        outside = np.sort(probabilities[labels != number, number].double().numpy())
        if len(inside) and len(outside):
            below, up_to = np.searchsorted(outside, inside), np.searchsorted(outside, inside, side="right")
            areas.append(float((below + up_to).mean() / 2 / len(outside)))
    return float(np.mean(areas)) if areas else 0.5


class Textures:
    """What surfaces and edges the known pictures have, to see which picture is like none of them.

    It asks no trained network, which has learned to overlook what makes an advert an advert. Each picture is described
    by how weakly, usually and strongly it answers the whitened filters that are computed from the known ones.
    """

    def __init__(self, known: Tensor):
        """Shapes:  known (N, 3, S, S) uint8"""
        state = torch.get_rng_state()
        self.net = PictureNet(2, (), stem_stride=2).eval()
        torch.set_rng_state(state)  # its head, which nobody asks, was drawn at random
        self.net.get_ready(resized(known[:ENOUGH], TEXTURE_SIZE))
        described = self._describe(known)
        self.mean, self.std = described.mean(dim=0), described.std(dim=0) + 1e-6
        self.known = (described - self.mean) / self.std

    def distances(self, pixels: Tensor) -> Tensor:
        """How far pictures are from the known ones nearest to them.  Shapes:  (M, 3, S, S) uint8 -> (M,)."""
        return self._distances((self._describe(pixels) - self.mean) / self.std, itself=False)

    def own_distances(self) -> Tensor:
        """How far each known picture is from the others.  Shapes:  -> (N,)."""
        return self._distances(self.known, itself=True)

    @torch.no_grad()
    def _describe(self, pixels: Tensor) -> Tensor:
        found = []
        for some in pixels.split(BATCH):
            x = (resized(some, TEXTURE_SIZE) - self.net.mean) / self.net.std
            strong = self.net.stem(x)[:, : self.net.num_filters].abs().flatten(2)  # the others are their negatives
            found.append(strong.quantile(torch.tensor([0.1, 0.5, 0.9]), dim=2).permute(1, 2, 0).flatten(1))
        return torch.cat(found).clamp_min(1e-3).log()

    def _distances(self, described: Tensor, itself: bool) -> Tensor:
        count = min(NEIGHBOURS, len(self.known) - itself)
        found = []
        for some in described.split(500):
            nearest = torch.cdist(some, self.known).topk(count + itself, largest=False).values
            found.append(nearest[:, int(itself) :].mean(dim=1))
        return torch.cat(found)


def margin(logits: Tensor, labels: Tensor) -> Tensor:
    """How far the right class is ahead of the best other one.  Shapes:  (N, num_classes), (N,) -> (N,)."""
    own = logits.gather(1, labels[:, None])[:, 0]
    return own - logits.scatter(1, labels[:, None], -torch.inf).amax(dim=1)


def suspicion(margins: Tensor, far: Tensor) -> Tensor:
    """How suspicious each picture's label is: because the network says otherwise, or because it is like nothing else.

    Two lists are made, by each sign alone, and a picture counts by its better place. A wrong label shows in the margin;
    an advert or a logo, in a class where it does not belong, often only in the distance.
    """
    by_margin, by_distance = (order.argsort().argsort().double() for order in (-margins, far))
    return torch.maximum(by_margin, by_distance) / len(margins)
