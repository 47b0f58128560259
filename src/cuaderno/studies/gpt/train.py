"""Teach a GPT a text of yours within a budget of steps or minutes, and end with a learning rate of nothing either way.

Each update reads a few windows of the text and asks for every token: what comes next? Windows begin short, since near
things are learnt first and short windows cost less, and grow to the whole context.
"""

import json
import math
import sys
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from tokenizers import Tokenizer
from torch.nn import functional as F

from cuaderno.lab.device import device, seed_everything, set_threads
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.export import save_json
from cuaderno.lab.parallel import (
    average_gradients,
    gather,
    is_main,
    load_state,
    rank,
    same_start,
    shard,
    unshard,
    whole_state,
    world_size,
)
from cuaderno.lab.run import Run
from cuaderno.studies.gpt import kernels, memory, mixture
from cuaderno.studies.gpt.data import Corpus, open_corpus, pieces
from cuaderno.studies.gpt.dialogue import Dialogue, find_dialogue
from cuaderno.studies.gpt.generate import Sampling, write
from cuaderno.studies.gpt.judge import quick_loss
from cuaderno.studies.gpt.model import GPT
from cuaderno.studies.gpt.optimizer import Muon
from cuaderno.studies.gpt.windows import Windows, read

HEAD_RATE = 0.4  # of the head, as a share of the embeddings'
LOOK_TOKENS = 1 << 17  # of the validation text at most, in a look while training
SAMPLE_TOKENS = 200


@dataclass(frozen=True)
class Config:
    """Everything that decides what comes out of a run."""

    # data
    text: str = ""  # a UTF-8 file or a folder of them; without one, the help pages that every Python carries
    tokenizer: str = "char"  # char, or bpe:1024 for byte pairs with so many tokens
    max_chars: int = 0  # read only so many characters; 0 reads all
    # model
    num_layers: int = 4  # how often tokens look at one another
    num_heads: int = 4  # ways of looking, side by side
    embed_dim: int = 128  # numbers per token
    context_length: int = 256  # tokens that the model sees at once
    dropout_rate: float = 0.0  # share of numbers left out at random while training
    start: str = ""  # go on from a Hugging Face folder (GPT-2 family) instead of random weights
    # optimizer
    steps: int = 4400  # updates of the weights
    minutes: float = 0.0  # train for so long instead, whatever the number of steps
    batch_tokens: int = 1536  # tokens per update, whatever the length of the windows
    accumulation: int = 1  # pieces that an update is computed in, to save memory
    matrix_learning_rate: float = 0.03  # of Muon, for the matrices inside the blocks; falls linearly to 0
    learning_rate: float = 0.02  # of AdamW, for embeddings; 0.4 of it for the head; falls linearly to 0
    weight_decay: float = 0.0  # of both
    # judging
    looks: int = 11  # times that the validation text is judged while training
    # machine
    seed: int = 0  # of the first weights and the order of the windows
    device: str = "auto"  # cpu, cuda, mps, or auto for the best there is
    precision: Literal["auto", "fp32", "bf16"] = "auto"  # auto takes bf16 on a GPU
    compile: Literal["auto", "yes", "no"] = (
        "auto"  # auto compiles on a GPU, since on a CPU it pays only after some 2,300 steps
    )
    num_threads: int = 1  # of torch on the CPU; 0 leaves torch's choice
    shard: bool = False  # under torchrun: split weights and optimizer over the processes (FSDP2)


TINY = Config(
    max_chars=20_000, num_layers=2, num_heads=2, embed_dim=32, context_length=32, steps=60, batch_tokens=256, looks=3
)
QUICK = Config(
    num_layers=2, num_heads=2, context_length=64, steps=350, batch_tokens=768, matrix_learning_rate=0.04, looks=4
)


def build(config: Config) -> GPT:
    """The untrained model for the text of a config, or the one that it goes on from."""
    return prepare(config)[0]


def prepare(config: Config) -> tuple[GPT, Corpus]:
    """The model before its first step and the text in its tokens.

    Raises:  CuadernoError when the text or the folder to start from cannot be used.
    """
    if config.start:
        from cuaderno.studies.gpt import huggingface

        model, tokenizer = huggingface.load(Path(config.start))
        corpus = open_corpus(config.text, tokenizer, config.max_chars)
    else:
        corpus = open_corpus(config.text, config.tokenizer, config.max_chars)
        model = GPT(
            corpus.tokenizer.get_vocab_size(),
            config.context_length,
            config.num_layers,
            config.num_heads,
            config.embed_dim,
            config.dropout_rate,
        )
    corpus.require(model.context_length)
    return model, corpus


def train(config: Config, run: Run) -> None:
    """The whole training, from first weights to `weights.safetensors`."""
    check(config)
    seed_everything(config.seed)
    set_threads(config.num_threads)
    place = device(config.device)
    model, corpus = prepare(config)
    run.used("text", corpus.fingerprint)
    model = shard(model, model.blocks, place) if config.shard else model.to(place)
    same_start(model)
    optimizers = make_optimizers(model, config)
    on_gpu = place.type == "cuda"
    may_compile = on_gpu and kernels.has_compiler(place)
    forward = kernels.compiled(model, place) if choice(config.compile, may_compile) else model
    has_bf16 = on_gpu and torch.cuda.is_bf16_supported(including_emulation=False)
    in_bf16 = choice(config.precision, has_bf16, yes="bf16", no="fp32")
    mixed = torch.autocast(place.type, torch.bfloat16) if in_bf16 else nullcontext()
    needed = memory.estimate(model, config.batch_tokens, config.accumulation, in_bf16)
    run.describe(model=model, optimizer=optimizers, memory=memory.in_words(needed))
    memory.warn_if_too_large(needed, place, config.accumulation)

    windows, samples, looked = Windows(len(corpus.learn), config.seed), [], 0
    state = run.restore()
    if state:
        load_state(state, model, optimizers)
        windows.epoch, windows.length, windows.used = state["windows"]
        samples, looked = state["samples"], state["looked"]

    for step in run.steps(config.steps, config.minutes):
        set_rates(optimizers, run.progress)
        length = length_at(run.progress, model.context_length)
        shares = config.accumulation * world_size()
        starts = windows.take(length, max(shares, config.batch_tokens // length // shares * shares))
        model.train()
        loss = 0.0
        for part in starts.reshape(shares, -1)[rank() :: world_size()]:
            inputs, targets = read(corpus.learn, part, length, place)
            with mixed:
                logits = forward(inputs)
            part_loss = F.cross_entropy(logits.float().flatten(0, 1), targets.flatten()) / config.accumulation
            part_loss.backward()
            loss += part_loss.item()
        average_gradients(model)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()

        if step % 10 == 0 or step == run.total:
            run.log(step, train_loss=mean(loss), context_length=length)
        if config.looks and (int(run.progress * config.looks) > looked or step == run.total):
            looked = int(run.progress * config.looks)
            run.log(step, val_loss=quick_loss(model, corpus.val, length, tokens_to_judge(config, step, run.progress)))
            samples = [*samples, {"step": step, "text": sample(model, corpus.tokenizer)}]
        if run.checkpoint_due():
            run.checkpoint(
                **whole_state(model, optimizers),
                windows=[windows.epoch, windows.length, windows.used],
                samples=samples,
                looked=looked,
            )
    save(run, model, corpus, samples or [{"step": run.step, "text": sample(model, corpus.tokenizer)}])


def check(config: Config) -> None:
    """Say what cannot be, before anything is built.

    Raises:  CuadernoError with the settings in question and what to do.
    """
    least = {"num_layers": 1, "num_heads": 1, "embed_dim": 2, "context_length": 1, "batch_tokens": 1, "accumulation": 1}
    least |= {"looks": 0, "max_chars": 0, "steps": 1, "minutes": 0, "weight_decay": 0, "dropout_rate": 0}
    for name, bound in least.items():
        if not getattr(config, name) >= bound:
            raise CuadernoError(f"{option(name)} is {getattr(config, name)}, and has to be at least {bound}.")
    for name in ("learning_rate", "matrix_learning_rate"):
        if not 0 < getattr(config, name) < math.inf:
            raise CuadernoError(f"{option(name)} is {getattr(config, name)}, and has to be a number above 0.")
    if not config.dropout_rate < 1:
        raise CuadernoError(f"--dropout-rate is {config.dropout_rate}, and has to be below 1.")
    if config.embed_dim % (2 * config.num_heads):
        fits = -(-config.embed_dim // (2 * config.num_heads)) * 2 * config.num_heads
        raise CuadernoError(
            f"--embed-dim {config.embed_dim} cannot be shared by {config.num_heads} heads with an even number of "
            f"channels each. Take --embed-dim {fits}, for example."
        )
    sizes = ("num_layers", "num_heads", "embed_dim", "context_length", "dropout_rate", "tokenizer")
    unused = [option(name) for name in sizes if getattr(config, name) != getattr(Config(), name)]
    if config.start and unused:
        print(f"The model is as it is in {config.start}: {', '.join(unused)} are not used.", file=sys.stderr)


def option(name: str) -> str:
    return "--" + name.replace("_", "-")


def tokens_to_judge(config: Config, step: int, progress: float) -> int:
    """How much of the validation text a look may read: against the clock, what takes a hundredth of the budget.

    Reading costs at most half as much as learning, and so many tokens were learnt from in `progress` of the budget.
    """
    by_clock = int(0.02 * step * config.batch_tokens / max(progress, 1e-9)) if config.minutes else LOOK_TOKENS
    return max(config.context_length, min(LOOK_TOKENS, by_clock))


def make_optimizers(model: GPT, config: Config) -> list[torch.optim.Optimizer]:
    """Muon for the matrices inside the blocks, AdamW for embeddings, head, norms and biases."""
    matrices = [weight for weight in model.blocks.parameters() if weight.dim() == 2]
    known = {id(weight) for weight in matrices} | {id(model.head.weight)}
    rest = [weight for weight in model.parameters() if id(weight) not in known]
    groups = [{"params": rest}, {"params": [model.head.weight], "lr": HEAD_RATE * config.learning_rate}]
    if model.head.weight is model.embed.weight:
        groups = [{"params": [*rest, model.head.weight]}]
    adam = torch.optim.AdamW(
        groups, lr=config.learning_rate, betas=(0.9, 0.95), eps=1e-10, weight_decay=config.weight_decay, fused=True
    )
    optimizers = [Muon(matrices, lr=config.matrix_learning_rate, weight_decay=config.weight_decay), adam]
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["initial_lr"] = group["lr"]
    return optimizers


def set_rates(optimizers: list[torch.optim.Optimizer], progress: float) -> None:
    """Learning rates fall in a straight line to 0; Muon's momentum first rises from 0.85 to 0.95."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"] * (1 - progress)
            if "momentum" in group:
                group["momentum"] = min(0.95, 0.85 + 0.5 * progress)


def length_at(progress: float, context_length: int) -> int:
    """The length of the windows: a quarter of the context at first, half of it from 40 %, all of it from 75 % on.

    Windows of less than 64 tokens teach too little of what comes from further back.
    """
    share = 4 if progress < 0.4 else 2 if progress < 0.75 else 1
    return min(context_length, max(64, context_length // share))


def mean(loss: float) -> float:
    """The average over all processes."""
    values = gather(loss)
    return sum(values) / len(values)


def choice(setting: str, automatic: bool, yes: str = "yes", no: str = "no") -> bool:
    """A setting that may be left to us.

    Raises:  CuadernoError when it is neither yes, no nor auto.
    """
    if setting not in (yes, no, "auto"):
        raise CuadernoError(f"'{setting}' is none of: {yes}, {no}, auto.")
    return automatic if setting == "auto" else setting == yes


def sample(model: GPT, tokenizer: Tokenizer) -> str:
    """What the model writes by itself, always with the same random numbers."""
    unshard(model)  # the cache is made like the embedding's weights
    return "".join(write(model, tokenizer, "", Sampling(max_tokens=SAMPLE_TOKENS, seed=0)))


# -- what stays of a run ----------------------------------------------------------------------------------------------


def save(run: Run, model: GPT, corpus: Corpus, samples: list[dict]) -> None:
    """Keep the weights, and beside them all that is needed to use them without the text."""
    weights = whole_state(model, [])["model"]
    run.save_weights(
        {name: weight for name, weight in weights.items() if name != "head.weight" or not model.settings["tied"]}
    )
    if not is_main():
        return
    config, folder = run.config(Config), run.folder / "checkpoint"
    first = list(islice(pieces(config.text, config.max_chars), 32))  # megabytes, or files
    dialogue = find_dialogue(first)
    if dialogue:
        save_json(folder / "dialogue.json", dialogue.as_json())
        print(f"a dialogue; its speakers: {', '.join(dialogue.speakers)}", file=sys.stderr)
    else:
        print("no dialogue, which would be lines that begin with NAME: so in a chat it only writes on", file=sys.stderr)
    corpus.tokenizer.save(str(folder / "tokenizer.json"))
    save_json(folder / "architecture.json", model.settings)
    save_json(folder / "samples.json", samples)
    mix = mixture.fit(trained(run)[0], corpus)
    if mix:
        mix.save(folder)
    counts = np.zeros(corpus.tokenizer.get_vocab_size(), dtype=np.int64)
    for start in range(0, len(corpus.train), 1 << 20):  # the text may be larger than memory
        counts += np.bincount(corpus.train[start : start + (1 << 20)], minlength=len(counts))
    save_json(folder / "text.json", {"counts": counts.tolist(), "prompts": beginnings(first[0], dialogue)})


def beginnings(text: str, dialogue: Dialogue | None, number: int = 4) -> list[str]:
    """A few prompts that suit a text: its speakers, or how its lines begin most often."""
    if dialogue:
        return [dialogue.speech(speaker, "") for speaker in dialogue.speakers[:number]]
    firsts = Counter(" ".join(line.split()[:2]) for line in text.splitlines() if len(line.split()) > 4)
    return [f"{words} " for words, _ in firsts.most_common(number)]


def corpus_of(run: Run) -> Corpus:
    """The text that a run was trained on.

    Raises:  CuadernoError when it is not there any more, or is another one by now.
    """
    config = run.config(Config)
    corpus = open_corpus(config.text, trained(run)[1] if config.start else config.tokenizer, config.max_chars)
    if corpus.fingerprint != run.data["data"].get("text"):
        raise CuadernoError(f"The text of {run.id} has changed since it was trained, so it cannot be judged by it.")
    return corpus


def trained(run: Run) -> tuple[GPT, Tokenizer]:
    """The model of a finished run, and its tokenizer."""
    weights, folder = run.load_weights(), run.folder / "checkpoint"
    model = GPT(**json.loads((folder / "architecture.json").read_text(encoding="utf-8")))
    model.load_state_dict(weights, strict=not model.settings["tied"])
    return model.eval(), Tokenizer.from_file(str(folder / "tokenizer.json"))
