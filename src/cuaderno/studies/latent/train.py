"""Teach a computer to dream pictures: first to fold them into a few numbers, then to find its way among those.

Six stages follow one another in one loop. A map: an autoencoder with two latents, to look at. Sight: a small network
that says how pictures differ to the eye. The autoencoder proper. A flow from noise to its latents. One step that goes
where the flow leads. And a last polish of that step and of the decoder.
"""

from dataclasses import dataclass

import torch

from cuaderno.lab.device import device, seed_everything, set_threads
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.parallel import average_gradients, rank, same_start
from cuaderno.lab.run import Run
from cuaderno.studies.latent import settings
from cuaderno.studies.latent.data import PictureSet, open_pictures
from cuaderno.studies.latent.lessons import Lessons
from cuaderno.studies.latent.model import Networks, Sight
from cuaderno.studies.latent.stages import rate_at, stage_at


@dataclass(frozen=True)
class Config:
    """Everything that decides what comes out of a run."""

    # data
    data: str = ""  # mnist, fashion-mnist, or a folder with a folder a class, also in CUADERNO_DATA; else drawn here
    num_train: int = 30000  # pictures to train with, at most
    num_val: int = 2000  # pictures by which settings are chosen, at most
    num_test: int = 5000  # pictures to judge by, at most
    size: int = 28  # side of a picture: a multiple of 4
    # model
    latent_dim: int = 24  # numbers into which a picture is folded
    width: int = 16  # channels of the widest picture inside the autoencoder
    hidden_dim: int = 256  # of the flow and of the decoder's first layer
    num_blocks: int = 3  # of the flow
    map_hidden_dim: int = 256  # of the autoencoder that draws the map
    # what is taught
    kl_weight: float = 0.2  # of the autoencoder: more keeps less, and leaves the flow an easier way
    feature_weight: float = 20.0  # how much it counts that reconstructions look alike; 0: only their pixels count
    map_warm_up: float = (
        0.3  # part of the map's time in which its KL divergence grows to count in full; 0: it does at once
    )
    label_drop: float = 0.1  # share of the latents that the flow sees without their class, for guidance
    num_pairs: int = 20000  # noises whose end the flow tells the one step
    # optimizer
    steps: int = 7000  # updates of the weights, of all stages together
    minutes: float = 0.0  # train for so long instead, whatever the number of steps
    batch_size: int = 128  # pictures per update
    learning_rate: float = 0.002  # of AdamW; each stage begins with a share of it and ends at 0
    # machine
    precision: str = "auto"  # inside the networks: bfloat16 where the processor has it, else float32
    seed: int = 0  # of the drawings, the first weights, the order and the noise
    device: str = "auto"  # cpu, cuda, mps, or auto for the best there is
    num_threads: int = 1  # of torch on the CPU; 0 leaves torch's choice


TINY = Config(
    num_train=96,
    num_val=32,
    num_test=64,
    latent_dim=6,
    width=4,
    hidden_dim=16,
    num_blocks=1,
    map_hidden_dim=16,
    num_pairs=64,
    steps=40,
    batch_size=16,
)
QUICK = Config(num_train=10000, num_test=2000, num_pairs=10000, steps=1600)


def settle(config: Config) -> Config:
    """The settings, refused before there is a run when they cannot be."""
    settings.check(config)
    return config


def build(config: Config, channels: int = 1, num_classes: int = 10) -> Networks:
    """The untrained networks."""
    return Networks(
        channels,
        config.size,
        num_classes,
        config.latent_dim,
        config.width,
        config.hidden_dim,
        config.num_blocks,
        config.map_hidden_dim,
    )


def train(config: Config, run: Run) -> None:
    """The whole training, from first weights to `weights.safetensors`."""
    settings.check(config)
    teach(config, run, pictures_of(config))


def teach(config: Config, run: Run, pictures: PictureSet) -> None:
    """The training with pictures that are here already."""
    settings.check(config)
    seed_everything(config.seed + rank())
    set_threads(config.num_threads)
    place = device(config.device)
    channels, num_classes = pictures.train.pixels.size(1), len(pictures.classes)
    lessons = Lessons(
        config,
        build(config, channels, num_classes),
        Sight(channels, num_classes),
        pictures.train.pixels,
        pictures.train.labels,
    )
    lessons.compute_on(place, settings.number_format(config.precision, place))
    same_start(lessons)
    run.data["classes"], run.data["channels"] = list(pictures.classes), channels
    _check_same(run, pictures)
    run.used("pictures", pictures.fingerprint)
    precision = str(lessons.number).split(".")[1]
    run.describe(lessons.networks, optimizer_for(lessons.networks, config), precision=precision, **pictures.describe())
    name, optimizer, average = "", None, []  # of the stage that the training is in
    state = run.restore()
    if state:
        lessons.load_state_dict(state["lessons"])
        name, average = state["stage"], state["average"]
        lessons.begin(name, anew=False)
        optimizer = optimizer_for(lessons.pupils(name), config)
        optimizer.load_state_dict(state["optimizer"])

    for step in run.steps(config.steps, config.minutes):
        stage, gone = stage_at((step - 1) / config.steps if not config.minutes else run.progress, bool(config.minutes))
        if stage.name != name:
            finish(lessons, name, average)
            name = stage.name
            lessons.begin(name, anew=True)
            optimizer = optimizer_for(lessons.pupils(name), config)
            average = [weight.detach().clone() for weight in lessons.pupils(name).parameters()]
        for group in optimizer.param_groups:
            group["lr"] = config.learning_rate * rate_at(stage, gone)
        batch_size = round(config.batch_size * stage.batch)
        chosen = batch_of(step, len(pictures.train.labels), batch_size, config.seed + rank())

        values = lessons.loss(name, chosen, gone)
        optimizer.zero_grad()
        values.pop("loss").backward()
        average_gradients(lessons.pupils(name))
        optimizer.step()
        weights = [weight.detach() for weight in lessons.pupils(name).parameters()]
        kept = min(stage.average, gone**0.1)  # in a short stage the first weights would weigh for ever
        torch._foreach_lerp_(average, weights, 1 - kept)

        if step % 20 == 0 or step == run.total:
            run.log(step, **{key: value.item() for key, value in values.items()})
        if run.checkpoint_due():
            run.checkpoint(lessons=lessons.state_dict(), optimizer=optimizer.state_dict(), stage=name, average=average)
    finish(lessons, name, average)
    run.save_weights({name: weight.half() for name, weight in lessons.networks.state_dict().items()})


def optimizer_for(networks: torch.nn.Module, config: Config) -> torch.optim.AdamW:
    """AdamW for all weights of some networks, in one kernel: a quarter of the time where networks are small."""
    weights = networks.parameters()
    return torch.optim.AdamW(weights, config.learning_rate, betas=(0.9, 0.99), weight_decay=0.0, fused=True)


@torch.no_grad()
def finish(lessons: Lessons, stage: str, average: list[torch.Tensor]) -> None:
    """Leave a stage with the running average of the weights, which is better than the last of them."""
    if stage:
        for weight, mean in zip(lessons.pupils(stage).parameters(), average, strict=True):
            weight.copy_(mean)


def pictures_of(config: Config) -> PictureSet:
    """The pictures that a run reads."""
    return open_pictures(config.data, config.num_train, config.num_val, config.num_test, config.size, config.seed)


def pictures_of_run(run: Run) -> PictureSet:
    """The very pictures that a run was trained on, in the same splits.

    Raises:  CuadernoError when they are not there any more, or are others by now.
    """
    pictures = pictures_of(run.config(Config))
    _check_same(run, pictures)
    return pictures


def _check_same(run: Run, pictures: PictureSet) -> None:
    """Raise a CuadernoError unless these are the pictures that the run read before, if it read any."""
    if run.data["data"].get("pictures", pictures.fingerprint) != pictures.fingerprint:
        raise CuadernoError(
            f"The pictures of {run.id} are others by now: files came, went or changed, or the code that draws or reads "
            "them is of another version. Training pictures would fall into the test. Put them back, or train a new run."
        )


def batch_of(step: int, many: int, batch_size: int, seed: int) -> torch.Tensor:
    """Which pictures an update sees: the next ones of an order that is another in every epoch.

    It depends on the seed and the step alone, so a resumed run goes on where it stopped.
    """
    epoch, place = divmod(step - 1, max(1, many // batch_size))
    order = torch.randperm(many, generator=torch.Generator().manual_seed(1_000_003 * seed + epoch))
    return order[place * batch_size : (place + 1) * batch_size]


def trained(run: Run) -> Networks:
    """The networks of a finished run, in float32; the run keeps 16 bits a weight, and a page 8."""
    networks = build(run.config(Config), run.data["channels"], len(run.data["classes"]))
    networks.load_state_dict(run.load_weights())
    return networks.eval()
