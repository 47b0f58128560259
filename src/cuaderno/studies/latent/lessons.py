"""What each stage teaches: the networks it moves, and its loss."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cuaderno.studies.latent.flow import integrate, matching
from cuaderno.studies.latent.model import Networks, Sight

if TYPE_CHECKING:
    from cuaderno.studies.latent.train import Config

PAIR_STEPS = 6  # of Heun's method, by which the flow tells its pupil where a noise leads
SMOOTHING = 0.05  # of the labels that sight learns from
SHIFT = 2  # pixels by which it sees them moved
AGAIN = 64  # pairs, and pictures, that the last stage goes on with so that nothing is forgotten
FAITH = 2.5e-3  # how much that counts against the spread of the dreams
CHUNK = 1000  # pictures that are encoded at once
Values = dict[str, Tensor]


class Lessons(nn.Module):
    """The networks, and training pictures to teach them with."""

    def __init__(self, config: "Config", networks: Networks, sight: Sight, pixels: Tensor, labels: Tensor):
        super().__init__()
        self.networks, self.sight = networks, sight
        self.config, self.pixels, self.labels = config, pixels, labels
        self.prepared: Values = {}
        self.place, self.number = torch.device("cpu"), torch.float32

    def compute_on(self, place: torch.device, number: torch.dtype) -> None:
        """Where to compute, and with what kind of numbers inside the networks."""
        self.place, self.number = place, number
        self.to(place, memory_format=torch.channels_last)

    def pupils(self, stage: str) -> nn.ModuleList:
        """The networks that a stage moves."""
        n = self.networks
        moved = {
            "map": [n.map_encoder, n.map_decoder],
            "sight": [self.sight],
            "autoencoder": [n.encoder, n.decoder],
            "flow": [n.flow],
            "one_step": [n.one_step],
            "polish": [n.one_step, n.decoder],
        }
        return nn.ModuleList(moved[stage])

    def begin(self, stage: str, anew: bool) -> None:
        """Make ready what a stage needs of those before it, the same whenever it is made: also when a run is resumed.

        `anew` is False for a run that goes on in the middle of the stage, whose networks have moved already.
        """
        self.requires_grad_(False)
        self.pupils(stage).requires_grad_(True)
        self.eval()  # only the batch norms of sight know a difference
        self.pupils(stage).train()
        if stage in ("autoencoder", "polish"):
            self.prepared |= self._scales()
        if stage in ("flow", "one_step", "polish") and "mean" not in self.prepared:
            self.prepared |= self._latents(set_whitening=stage == "flow" and anew)
        if stage in ("one_step", "polish") and "noise" not in self.prepared:
            self.prepared |= self._pairs()
        if stage == "one_step" and anew:
            self.networks.one_step.flow.load_state_dict(self.networks.flow.state_dict())

    def loss(self, stage: str, chosen: Tensor, gone: float) -> Values:
        """What a batch says about a stage's networks, of whose time a part is gone; `loss` is to be small."""
        return getattr(self, f"_{stage}")(chosen, gone)

    # -- the six stages ------------------------------------------------------------------------------------------------

    def _map(self, chosen: Tensor, gone: float) -> Values:
        """The evidence bound of a variational autoencoder with two latents.

        Its KL divergence counts little at first: where it counts in full from the first update on, saying nothing is
        the cheapest, and the map may stay empty (Bowman et al. 2015, arXiv:1511.06349).
        """
        x = self.batch(chosen)
        with self.fast():
            mean, log_variance = self.networks.map_encoder(x)
        places = drawn(mean.float(), log_variance.float())
        with self.fast():
            logits = self.networks.map_decoder(places)
        bce, kl = reconstruction(logits.float(), x), divergence(mean.float(), log_variance.float())
        weight = min(1.0, 0.1 + gone / self.config.map_warm_up) if self.config.map_warm_up else 1.0
        return {"loss": bce + weight * kl, "map_nelbo": bce + kl, "map_kl": kl}

    def _sight(self, chosen: Tensor, gone: float) -> Values:
        """Classes told apart: what is learned on the way is how pictures differ to the eye."""
        x = moved(self.batch(chosen), SHIFT)
        with self.fast():
            logits = self.sight(x)
        loss = F.cross_entropy(logits.float(), self.classes(chosen), label_smoothing=SMOOTHING)
        return {"loss": loss, "sight_loss": loss}

    def _autoencoder(self, chosen: Tensor, gone: float) -> Values:
        """A small weight on the KL divergence, so that much is kept; and reconstructions that look alike to `sight`."""
        x = self.batch(chosen)
        with self.fast():
            mean, log_variance = self.networks.encoder(x)
        latents = drawn(mean.float(), log_variance.float())
        with self.fast():
            logits = self.networks.decoder(latents)
        bce, kl = reconstruction(logits.float(), x), divergence(mean.float(), log_variance.float())
        loss = bce + self.config.kl_weight * kl
        said = {"bce": bce, "kl": kl}
        if self.config.feature_weight:
            said["feature_loss"] = self.unlike(logits.float().sigmoid(), x)
            loss = loss + self.config.feature_weight * said["feature_loss"]
        return {"loss": loss} | said

    def _flow(self, chosen: Tensor, gone: float) -> Values:
        """The straight way from latents to noise, sometimes without the class, so that guidance has both."""
        latents = self.latents(chosen)
        classes = self.classes(chosen)
        dropped = torch.rand(len(chosen)).to(self.place) < self.config.label_drop
        classes = torch.where(dropped, self.networks.flow.num_classes, classes)
        time, noise = torch.rand(len(chosen)).to(self.place), self.noise(len(chosen))
        with self.fast():
            loss = matching(self.networks.flow, latents, classes, noise, time)
        return {"loss": loss, "flow_loss": loss}

    def _one_step(self, chosen: Tensor, gone: float) -> Values:
        """In one step where the flow leads in many.  Source: Luhman and Luhman 2021, arXiv:2101.02388."""
        pairs = self.prepared
        some = torch.randint(len(pairs["noise"]), (len(chosen),)).to(self.place)
        with self.fast():
            said = self.networks.one_step(pairs["noise"][some], pairs["classes"][some])
        loss = (said.float() - pairs["arrived"][some]).square().mean()
        return {"loss": loss, "one_step_loss": loss}

    def _polish(self, chosen: Tensor, gone: float) -> Values:
        """Dreams, as `sight` sees them, spread like pictures: the energy distance between a batch of each.

        Classes count as features, so that dreams of a class are compared with pictures of that class. The decoder
        goes on reconstructing and the dreamer goes on imitating, so that neither forgets.

        Source:  Székely and Rizzo 2013, https://doi.org/10.1016/j.jspi.2013.03.018; as a loss: Li et al. 2015,
                 arXiv:1502.02761 (a kernel's distance) and dos Santos et al. 2019, arXiv:1904.02762 (in features).
        """
        x, classes = self.batch(chosen), self.classes(chosen)
        noise = self.noise(len(chosen))
        with self.fast():
            white = self.networks.one_step(noise, classes)
        dreams = self.painted(white.float())
        with torch.no_grad():
            real = self.summary(x)
        pairs = zip(self.summary(dreams), real, strict=True)
        apart = torch.stack([energy_distance(a, b, classes) for a, b in pairs]).sum()
        imitation = self._one_step(chosen[:AGAIN], gone)["loss"]
        with self.fast():
            logits = self.networks.decoder(self.networks.whitening.back(self.latents(chosen[:AGAIN])))
        bce = reconstruction(logits.float(), x[:AGAIN])
        loss = apart + FAITH * (imitation + 0.01 * bce)
        return {"loss": loss, "energy_distance": apart, "imitation": imitation, "polish_bce": bce}

    # -- what they share -----------------------------------------------------------------------------------------------

    def fast(self) -> torch.autocast:
        """Inside of it networks compute in bfloat16, where the run does."""
        return torch.autocast(self.place.type, self.number, enabled=self.number != torch.float32)

    def batch(self, chosen: Tensor) -> Tensor:
        """Training pictures.  Shapes:  (B,) -> (B, C, S, S) in [0, 1]."""
        return self.pixels[chosen].to(self.place).float() / 255

    def classes(self, chosen: Tensor) -> Tensor:
        return self.labels[chosen].to(self.place)

    def noise(self, number: int) -> Tensor:
        """Drawn on the CPU, so that every device dreams from the same."""
        return torch.randn(number, self.config.latent_dim).to(self.place)

    def latents(self, chosen: Tensor) -> Tensor:
        """Whitened latents, each drawn from where its picture may lie."""
        mean, std = self.prepared["mean"][chosen], self.prepared["std"][chosen]
        return mean + std * self.noise(len(chosen))

    def painted(self, white: Tensor) -> Tensor:
        with self.fast():
            logits = self.networks.decoder(self.networks.whitening.back(white))
        return logits.float().sigmoid()

    def unlike(self, first: Tensor, second: Tensor) -> Tensor:
        """How differently two batches look to `sight`, layer by layer, in units of how much pictures differ."""
        with self.fast():
            seen = self.sight.look(first)
        with self.fast(), torch.no_grad():
            wanted = self.sight.look(second)
        parts = zip(seen, wanted, self.prepared["scales"], strict=True)
        return torch.stack([F.mse_loss(a.float(), b.float()) / scale.square() for a, b, scale in parts]).sum()

    def summary(self, pixels: Tensor) -> list[Tensor]:
        """What `sight` sees of a batch, in three ways, each with a spread of 1: two without places, one with few.

        Shapes:  (B, C, S, S)  ->  three of (B, features).
        """
        scales = self.prepared.get("summary_scales", torch.ones(3))
        return [seen / scale for seen, scale in zip(self._summary(pixels), scales, strict=True)]

    def _summary(self, pixels: Tensor) -> list[Tensor]:
        with self.fast():
            seen = self.sight.look(pixels)
        _, two, three = (layer.float() for layer in seen)
        without = [torch.cat([layer.mean(dim=(2, 3)), layer.flatten(2).std(dim=2)], dim=1) for layer in (two, three)]
        return [*without, F.avg_pool2d(three, 2).flatten(1)]

    @torch.no_grad()
    def _scales(self) -> Values:
        """How much training pictures differ in each layer of `sight`."""
        x = self.batch(torch.arange(min(CHUNK, len(self.pixels))))
        with self.fast():
            layers = self.sight.look(x)
        spread = torch.stack([seen.std(dim=0).norm() for seen in self._summary(x)])
        scales = torch.stack([layer.float().std() for layer in layers])
        return {"scales": scales.clamp_min(1e-3), "summary_scales": spread.clamp_min(1e-3)}

    @torch.no_grad()
    def _latents(self, set_whitening: bool) -> Values:
        """Where every training picture may lie, whitened."""
        parts = [self.networks.encoder(self.batch(some)) for some in torch.arange(len(self.pixels)).split(CHUNK)]
        mean, log_variance = (torch.cat(part).float() for part in zip(*parts, strict=True))
        if set_whitening:
            spread = mean.var(dim=0, correction=0) + log_variance.exp().mean(dim=0)
            self.networks.whitening.mean.copy_(mean.mean(dim=0))
            self.networks.whitening.std.copy_(spread.sqrt().clamp_min(1e-4))
        return {"mean": self.networks.whitening(mean), "std": (log_variance / 2).exp() / self.networks.whitening.std}

    @torch.no_grad()
    def _pairs(self) -> Values:
        """Noises, and where the flow leads from them."""
        generator = torch.Generator().manual_seed(self.config.seed)
        noise = torch.randn(self.config.num_pairs, self.config.latent_dim, generator=generator)
        drawn_from = torch.randint(len(self.labels), (self.config.num_pairs,), generator=generator)
        noise, classes = noise.to(self.place), self.classes(drawn_from)
        with self.fast():
            arrived = integrate(self.networks.flow, noise, classes, PAIR_STEPS, method="heun").float()
        return {"noise": noise, "classes": classes, "arrived": arrived}


def drawn(mean: Tensor, log_variance: Tensor) -> Tensor:
    """A point from where a picture may lie: what makes the latent space one without holes."""
    return mean + (log_variance / 2).exp() * torch.randn(mean.shape).to(mean.device)


def reconstruction(logits: Tensor, pixels: Tensor) -> Tensor:
    """Nats that a picture costs, its pixels being chances: the mean over the batch."""
    return F.binary_cross_entropy_with_logits(logits, pixels, reduction="sum") / len(pixels)


def divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Nats that its latents cost: the Kullback-Leibler divergence from the standard normal, the mean over the batch."""
    return -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).sum(dim=1).mean()


def moved(pixels: Tensor, most: int) -> Tensor:
    """A batch moved by up to so many pixels, all of it alike; what comes in is black."""
    down, right = torch.randint(0, 2 * most + 1, (2,)).tolist()
    side = pixels.size(-1)
    return F.pad(pixels, (most,) * 4)[:, :, down : down + side, right : right + side]


def energy_distance(dreams: Tensor, real: Tensor, classes: Tensor) -> Tensor:
    """How differently two batches are spread: 0, but for chance, when they come from one distribution.

    Both have the same classes; another class is as far away as two pictures usually are.

    Shapes:  two of (B, F), classes (B,)  ->  a number.
    """
    other = (classes[:, None] != classes[None]).float()
    across = distances(dreams, real, other).mean()
    return 2 * across - among(distances(dreams, dreams, other)) - among(distances(real, real, other))


def among(distances: Tensor) -> Tensor:
    """The mean distance between two of a crowd, nobody's from itself counted.  Shapes:  (B, B)  ->  a number."""
    number = len(distances)
    return (distances * (1 - torch.eye(number, device=distances.device))).sum() / max(1, number * (number - 1))


def distances(a: Tensor, b: Tensor, other: Tensor) -> Tensor:
    """Between all rows of two matrices, with `other` added to the squares."""
    squares = a.square().sum(dim=1)[:, None] + b.square().sum(dim=1)[None] - 2 * a @ b.t()
    return (squares + other).clamp_min(1e-6).sqrt()
