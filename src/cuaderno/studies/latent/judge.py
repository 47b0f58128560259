"""Who judges the dreams: a network that no training has looked at, and how far apart two crowds are in its eyes.

It is trained anew for every set of pictures, always from the same seed, so that all runs with these pictures have one
judge. It has batch norms, ReLUs and pooling, which nothing that is judged has; its features never guide a training.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cuaderno.lab.files import write_atomic
from cuaderno.lab.metrics import Metric
from cuaderno.lab.progress import Progress
from cuaderno.lab.run import Run
from cuaderno.studies.latent.data import Pictures

SEED = 2718
MOST_LOOKS, MOST_EPOCHS, BATCH = 240_000, 24, 192  # how long it learns: whichever comes first
LEARNING_RATE, WEIGHT_DECAY, SMOOTHING, SHIFT = 4e-3, 0.02, 0.05, 2
NEIGHBOURS = 3  # k of precision and recall, as in the paper
MOST_COMPARED = 3000  # pictures of each kind, for precision and recall
RESAMPLES = 60
CHUNK = 500


class Judge(nn.Module):
    """Four convolutions and a head.  Shapes:  pixels (B, C, S, S) in [0, 1]  ->  logits (B, num_classes)."""

    def __init__(self, channels: int, num_classes: int, widths: tuple[int, ...] = (24, 48, 64, 64)):
        super().__init__()
        first, second, third, fourth = widths
        self.body = nn.Sequential(
            *convolution(channels, first, stride=2),
            *convolution(first, second),
            nn.MaxPool2d(2),
            *convolution(second, third),
            *convolution(third, fourth),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
        )
        self.head = nn.Linear(fourth, num_classes)

    def forward(self, pixels: Tensor) -> Tensor:
        return self.head(self.body(pixels.contiguous(memory_format=torch.channels_last)))

    @torch.no_grad()
    def see(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Features and what class each picture is taken for.  Shapes:  (N, C, S, S)  ->  (N, 64), (N,)."""
        parts = [self.body(some.contiguous(memory_format=torch.channels_last)) for some in pixels.split(CHUNK)]
        features = torch.cat(parts)
        return features, self.head(features).argmax(dim=1)


def convolution(channels: int, width: int, stride: int = 1) -> list[nn.Module]:
    return [nn.Conv2d(channels, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]


def judge_of(run: Run, train: Pictures, num_classes: int, number: torch.dtype = torch.float32) -> Judge:
    """The judge of a run's pictures, kept beside the run as `judge.safetensors` when it has been trained."""
    from safetensors.torch import load_file, save

    path = run.folder / "judge.safetensors"
    channels = train.pixels.size(1)
    if not path.is_file():
        pupil = Judge(channels, num_classes)
        teach(pupil, train, number)
        write_atomic(path, save({name: weight.contiguous() for name, weight in pupil.state_dict().items()}))
    judge = Judge(channels, num_classes)  # read back, so that the first evaluation computes as all others do
    judge.load_state_dict(load_file(path))
    return judge.eval()


def teach(judge: Judge, train: Pictures, number: torch.dtype = torch.float32) -> None:
    """Train it to tell classes apart, from pictures moved by up to two pixels; colour pictures are mirrored, too."""
    generator = torch.Generator().manual_seed(SEED)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        for layer in judge.modules():
            if isinstance(layer, nn.Conv2d | nn.Linear):
                layer.reset_parameters()
    judge.to(memory_format=torch.channels_last).train()
    many, colour = len(train), train.pixels.size(1) > 1
    batch_size = min(BATCH, max(8, many // 8))
    steps = max(8, min(MOST_LOOKS, MOST_EPOCHS * many) // batch_size)
    optimizer = torch.optim.AdamW(judge.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY, betas=(0.9, 0.99))
    with Progress("train the judge", total=steps, unit="step") as progress:
        for step in range(steps):
            gone = step / steps
            optimizer.param_groups[0]["lr"] = LEARNING_RATE * min(1.0, (gone + 1e-3) / 0.03) * (1 - gone)
            chosen = torch.randint(many, (batch_size,), generator=generator)
            x = F.pad(train.pixels[chosen].float() / 255, (SHIFT,) * 4)
            down, right, mirror = torch.randint(0, 2 * SHIFT + 1, (3,), generator=generator).tolist()
            x = x[:, :, down : down + train.pixels.size(2), right : right + train.pixels.size(3)]
            x = x.flip(-1) if colour and mirror % 2 else x
            with torch.autocast("cpu", number, enabled=number != torch.float32):
                logits = judge(x)
            loss = F.cross_entropy(logits.float(), train.labels[chosen], label_smoothing=SMOOTHING)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            progress.advance()
    judge.eval()


def frechet(first: Tensor, second: Tensor) -> float:
    """The Fréchet distance between the normal distributions that fit two crowds of features best.

    Shapes:  (N, F), (M, F).
    Source:  Heusel et al. 2017, arXiv:1706.08500, with this judge's features instead of Inception's.
    Traps:   it falls as N grows, also for the real thing: compare it with `floor`, measured with as many pictures.
    """
    first, second = first.double(), second.double()
    a, b = torch.cov(first.t()), torch.cov(second.t())
    values, vectors = torch.linalg.eigh(a)
    root = (vectors * values.clamp_min(0).sqrt()) @ vectors.t()
    common = torch.linalg.eigvalsh(root @ b @ root).clamp_min(0).sqrt().sum()
    between = (first.mean(dim=0) - second.mean(dim=0)).square().sum()
    return max(0.0, float(between + a.trace() + b.trace() - 2 * common))


def frechet_metric(first: Tensor, second: Tensor) -> Metric:
    """The Fréchet distance, with the interval in which it would lie for other crowds of as many pictures.

    A bootstrap of both crowds, moved so that its mean is the value: drawing again adds noise, and with it distance, so
    the resampled distances as they are would lie too high. Nothing is below 0. Runs that were evaluated before
    27 November 2026 keep the interval that was not moved.
    """
    value = frechet(first, second)
    generator = torch.Generator().manual_seed(0)
    found = torch.zeros(RESAMPLES, dtype=torch.float64)
    for number in range(RESAMPLES):
        i, j = (torch.randint(len(crowd), (len(crowd),), generator=generator) for crowd in (first, second))
        found[number] = frechet(first[i], second[j])
    moved = found - found.mean() + value
    low, high = moved.quantile(torch.tensor([0.025, 0.975], dtype=torch.float64)).tolist()
    return Metric(value, max(0.0, min(low, value)), max(high, value), len(second))


def precision_recall(real: Tensor, dreams: Tensor) -> tuple[Tensor, Tensor]:
    """Which dreams lie where real pictures do, and which real pictures lie where dreams do.

    "Where" is within the distance of somebody's third nearest neighbour among its own kind.

    Shapes:  (N, F), (M, F)  ->  bool (M,), bool (N,).
    Source:  Kynkäänniemi et al. 2019, arXiv:1904.06991.
    """
    across = torch.cdist(real, dreams)
    precise = (across <= radius(real)[:, None]).any(dim=0)
    recalled = (across <= radius(dreams)[None]).any(dim=1)
    return precise, recalled


def radius(features: Tensor) -> Tensor:
    """How far each row's third nearest neighbour is.  Shapes:  (N, F) -> (N,)."""
    k = min(NEIGHBOURS + 1, len(features))  # the nearest is itself
    return torch.cdist(features, features).kthvalue(k, dim=1).values


def nearest(queries: Tensor, among: Tensor) -> Tensor:
    """How far the nearest row of another matrix is.  Shapes:  (N, D), (M, D) -> (N,)."""
    found = [torch.cdist(some, among).amin(dim=1) for some in queries.split(CHUNK)]
    return torch.cat(found)
