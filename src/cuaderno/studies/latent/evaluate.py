"""How good are the dreams, judged so that no single number can be won by cheating.

Class accuracy alone is won by a generator that always dreams the same seven; so Fréchet distance, precision and recall
stand beside it, and beside the one step the same flow asked once without having been taught, which cheats in just that
way. What the same measures say about real training pictures is the floor.
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from cuaderno.lab.device import seed_everything, set_threads
from cuaderno.lab.metrics import Metric, bootstrap, wilson
from cuaderno.lab.progress import Progress
from cuaderno.lab.run import Run
from cuaderno.studies.latent import judge as judging
from cuaderno.studies.latent.data import Pictures, PictureSet
from cuaderno.studies.latent.flow import integrate
from cuaderno.studies.latent.judge import Judge, judge_of
from cuaderno.studies.latent.lessons import CHUNK
from cuaderno.studies.latent.model import Networks
from cuaderno.studies.latent.settings import number_format
from cuaderno.studies.latent.train import Config, pictures_of_run, trained

FLOW_STEPS = 20  # of Heun's method, where the flow may take its time
NEIGHBOURS = 5  # of a place on the map that vote on its class
MOST_ON_MAP = 20_000  # training pictures that are looked for on the map
MOST_COPIES, MOST_LIKE = 500, 60_000  # dreams, and training pictures, between which copies are looked for
NEAR = 0.01  # share of reconstructed test pictures that are nearer to a training picture than "near"
DRAWS = 1  # of latents for each picture, in the evidence bound


def evaluate(run: Run) -> dict[str, Metric]:
    """Dreams in one step and in many, the autoencoder and the map, with the floor and simpler ways beside them."""
    config = run.config(Config)
    set_threads(config.num_threads)
    seed_everything(config.seed)
    pictures, networks = pictures_of_run(run), trained(run)
    number = number_format(config.precision, torch.device("cpu"))
    judge = judge_of(run, pictures.train, len(pictures.classes), number)
    with Progress("judge the dreams", total=5, unit="part") as progress:
        metrics, dreams = dreamed(networks, judge, pictures)
        progress.advance()
        metrics |= folded(networks, pictures)
        progress.advance()
        metrics |= mapped(networks, pictures)
        progress.advance()
        metrics |= copied(networks, pictures, dreams)
        progress.advance()
        metrics |= factors(networks, pictures)
        progress.advance()
    metrics["parameters"] = Metric(sum(weight.numel() for weight in networks.parameters()))
    return metrics


# -- dreams ------------------------------------------------------------------------------------------------------------


@torch.no_grad()
def dreamed(networks: Networks, judge: Judge, pictures: PictureSet) -> tuple[dict[str, Metric], Tensor]:
    """Every way to dream, as many pictures of each class as the test has; and the one step's dreams.

    Reconstructions and the floor are of training pictures: those of test pictures would each lie beside their own
    original, and look better than any dream can.
    """
    test, seen = pictures.test, some_of(pictures.train, len(pictures.test))
    latent_dim, labels = networks.whitening.mean.numel(), test.labels
    noise = torch.randn(len(labels), latent_dim, generator=torch.Generator().manual_seed(1))
    one = painted(networks, networks.one_step(noise, labels))
    ways = {
        "one_step": one,
        "flow": painted(networks, integrate(networks.flow, noise, labels, FLOW_STEPS, method="heun")),
        "baseline_untaught": painted(networks, integrate(networks.flow, noise, labels, 1)),
        "baseline_prior": painted(networks, networks.whitening(noise)),
        "reconstructed": painted(networks, encoded(networks, seen.pixels)),
        "floor": seen.pixels.float() / 255,
    }
    real, said = judge.see(test.pixels.float() / 255)
    metrics = {"judge_accuracy": wilson(int((said == labels).sum()), len(labels))}
    told = {"one_step": labels, "flow": labels, "baseline_untaught": labels}
    told |= {"reconstructed": seen.labels, "floor": seen.labels}
    for name, shown in ways.items():
        metrics |= judged(name, judge, real, shown, told.get(name))
    return metrics, one


def judged(name: str, judge: Judge, real: Tensor, shown: Tensor, labels: Tensor | None) -> dict[str, Metric]:
    """The four measures of one crowd of pictures; without labels there is no class to be right about."""
    seen, said = judge.see(shown)
    found = {f"{name}_frechet": judging.frechet_metric(real, seen)}
    if labels is not None:
        found[f"{name}_accuracy"] = wilson(int((said == labels).sum()), len(labels))
    most = judging.MOST_COMPARED
    one, other = (spread_out(features, most) for features in (real, seen))
    precise, recalled = judging.precision_recall(one, other)
    found[f"{name}_precision"] = wilson(int(precise.sum()), len(precise))
    found[f"{name}_recall"] = wilson(int(recalled.sum()), len(recalled))
    return found


def spread_out(rows: Tensor, most: int) -> Tensor:
    """So many rows, taken at chance, always the same."""
    return rows[torch.randperm(len(rows), generator=torch.Generator().manual_seed(2))[:most]]


def some_of(pictures: Pictures, number: int) -> Pictures:
    """So many training pictures, taken at chance, always the same."""
    chosen = torch.randperm(len(pictures), generator=torch.Generator().manual_seed(3))[:number]
    return Pictures(pictures.pixels[chosen], pictures.labels[chosen])


def painted(networks: Networks, white: Tensor) -> Tensor:
    """Pictures at whitened latents, a part at a time."""
    return torch.cat([networks.decode(some) for some in white.split(CHUNK)])


def encoded(networks: Networks, pixels: Tensor) -> Tensor:
    """Whitened latents of pictures, a part at a time."""
    return torch.cat([networks.encode(some.float() / 255) for some in pixels.split(CHUNK)])


# -- the autoencoder and the map ---------------------------------------------------------------------------------------


def folded(networks: Networks, pictures: PictureSet) -> dict[str, Metric]:
    """What the autoencoder loses; beside it, as many principal components as it has latents."""
    train, test = (part.pixels.float().flatten(1) / 255 for part in (pictures.train, pictures.test))
    with torch.no_grad():
        back = painted(networks, encoded(networks, pictures.test.pixels)).flatten(1)
    flat = components(train, test, networks.whitening.mean.numel())
    return {
        "reconstruction_error": bootstrap((back - test).square().mean(dim=1).tolist()),
        "baseline_components_error": bootstrap((flat - test).square().mean(dim=1).tolist()),
    }


def components(train: Tensor, test: Tensor, number: int) -> Tensor:
    """Test pictures as the first principal components of training pictures show them.  Shapes:  (M, D) -> (M, D)."""
    mean, axes = principal(train, number)
    return (test - mean) @ axes @ axes.t() + mean


def principal(rows: Tensor, number: int) -> tuple[Tensor, Tensor]:
    """The mean of rows, and the directions in which they differ most.  Shapes:  (N, D) -> (D,), (D, number)."""
    mean = rows.mean(dim=0)
    _, vectors = torch.linalg.eigh(torch.cov(rows.t()))
    return mean, vectors[:, -number:]


@torch.no_grad()
def mapped(networks: Networks, pictures: PictureSet) -> dict[str, Metric]:
    """What a test picture costs by the map, and how often its neighbours on the map are of its class."""
    generator = torch.Generator().manual_seed(4)
    train = some_of(pictures.train, MOST_ON_MAP)
    costs, kls = [], []
    for some in pictures.test.pixels.split(CHUNK):
        x = some.float() / 255
        mean, log_variance = networks.map_encoder(x)
        places = mean + (log_variance / 2).exp() * torch.randn(mean.shape, generator=generator)
        bce = F.binary_cross_entropy_with_logits(networks.map_decoder(places), x, reduction="none").flatten(1).sum(1)
        kl = -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).sum(dim=1)
        costs += (bce + kl).tolist()
        kls += kl.tolist()
    flat, test_flat = (part.pixels.float().flatten(1) / 255 for part in (train, pictures.test))
    mean, axes = principal(flat, 2)
    ways = {
        "map": tuple(places_of(networks, part.pixels) for part in (train, pictures.test)),
        "baseline_components": ((flat - mean) @ axes, (test_flat - mean) @ axes),
    }
    chances = mean.clamp(1e-3, 1 - 1e-3).expand_as(test_flat)
    found = {
        "map_nelbo": bootstrap(costs),
        "map_kl": bootstrap(kls),
        "baseline_mean_nelbo": bootstrap(F.binary_cross_entropy(chances, test_flat, reduction="none").sum(1).tolist()),
    }
    for name, (there, asked) in ways.items():
        right = neighbours_agree(there, train.labels, asked, pictures.test.labels)
        found[f"{name}_neighbours"] = wilson(int(right.sum()), len(right))
    return found


def places_of(networks: Networks, pixels: Tensor) -> Tensor:
    """Where pictures lie on the map.  Shapes:  (N, C, S, S) uint8 -> (N, 2)."""
    return torch.cat([networks.map_encoder(some.float() / 255)[0] for some in pixels.split(CHUNK)])


def neighbours_agree(there: Tensor, labels: Tensor, asked: Tensor, truth: Tensor) -> Tensor:
    """Whether the nearest five vote for the right class.  Shapes:  (N, 2), (N,), (M, 2), (M,) -> bool (M,)."""
    said = []
    for some in asked.split(CHUNK):
        near = torch.cdist(some, there).topk(min(NEIGHBOURS, len(there)), largest=False).indices
        said.append(labels[near].mode(dim=1).values)
    return torch.cat(said) == truth


# -- copies and factors ------------------------------------------------------------------------------------------------


@torch.no_grad()
def copied(networks: Networks, pictures: PictureSet, dreams: Tensor) -> dict[str, Metric]:
    """Whether dreams are nearer to a training picture than unseen pictures are.

    Those are shown as the decoder paints them: its blur alone brings any picture nearer to every other.
    """
    train = pictures.train.pixels[:MOST_LIKE].float().flatten(1) / 255
    back = painted(networks, encoded(networks, spread_out(pictures.test.pixels, MOST_COPIES))).flatten(1)
    dreamed_of = spread_out(dreams, MOST_COPIES).flatten(1)
    own, others = judging.nearest(dreamed_of, train), judging.nearest(back, train)
    near = int((own < others.quantile(NEAR)).sum())
    return {
        "copy_distance": bootstrap(own.tolist(), np.median),
        "baseline_unseen_distance": bootstrap(others.tolist(), np.median),
        "near_copies": wilson(near, len(own)),
    }


@torch.no_grad()
def factors(networks: Networks, pictures: PictureSet) -> dict[str, Metric]:
    """How much of what is known about drawings a matrix reads off latents; beside it, off principal components."""
    if pictures.test.factors is None or pictures.train.factors is None:
        return {}
    train = Pictures(pictures.train.pixels[:MOST_ON_MAP], pictures.train.labels[:MOST_ON_MAP])
    known, truth = pictures.train.factors[:MOST_ON_MAP], pictures.test.factors
    flat, test_flat = (part.pixels.float().flatten(1) / 255 for part in (train, pictures.test))
    mean, axes = principal(flat, networks.whitening.mean.numel())
    return {
        "factors_read": explained(
            encoded(networks, train.pixels), known, encoded(networks, pictures.test.pixels), truth
        ),
        "baseline_components_factors": explained((flat - mean) @ axes, known, (test_flat - mean) @ axes, truth),
    }


def explained(seen: Tensor, known: Tensor, asked: Tensor, truth: Tensor) -> Metric:
    """The share of the factors' variance that ridge regression explains, the mean over factors.

    Shapes:  (N, L), (N, F), (M, L), (M, F).
    """
    one, other = (torch.cat([x, torch.ones(len(x), 1)], dim=1).double() for x in (seen, asked))
    matrix = torch.linalg.solve(one.t() @ one + 1e-3 * len(one) * torch.eye(one.size(1)), one.t() @ known.double())
    errors = (other @ matrix - truth.double()).square() / truth.double().var(dim=0, correction=0).clamp_min(1e-9)
    return bootstrap((1 - errors.mean(dim=1)).tolist())
