"""Tune a model to the rows of a table, in so many epochs, and say what each hyperparameter did.

Which family for which task: bert and xlnet read a text from both sides, for classify and regress; gpt2 and llama go on
with a text, for chat. A model that is pretrained learns to chat by LoRA: small matrices beside the large ones.
"""

import math
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cuaderno.lab.device import device, seed_everything, set_threads
from cuaderno.lab.parallel import average_gradients, gather, rank, same_start, world_size
from cuaderno.lab.run import Run
from cuaderno.studies.refine import effective, families, memory, settings
from cuaderno.studies.refine.batches import Encoded, encode_rows, order, pad
from cuaderno.studies.refine.cuts import LooseCuts
from cuaderno.studies.refine.data import say
from cuaderno.studies.refine.model import answers
from cuaderno.studies.refine.start import Prepared, prepare, with_lora
from cuaderno.studies.refine.tuned import save

WARM_UP = 0.1  # of the steps, in which the learning rate rises
LARGEST_GRADIENT = 1.0  # norm; a longer one is shortened
NOT_ASKED = -100  # a place that the loss leaves out


@dataclass(frozen=True)
class Config:
    """Everything that decides what comes out of a run."""

    # task
    task: Literal["classify", "regress", "chat"] = (
        "classify"  # classify (a label), regress (a number) or chat (an answer)
    )
    # bert, xlnet: read a text from both sides, for classify and regress. gpt2, llama: go on with a text, for chat.
    # These are small and new; a folder, a name on the hub or run:RUN (a GPT of yours) is a pretrained model.
    model: str = ""
    data: str = ""  # .csv, .tsv, .jsonl (also chat messages, Alpaca) or .parquet; without one, made-up rows
    test_data: str = ""  # judge by the rows of this table, instead of by a part of --data
    text_column: str = ""  # where the text is, if its name is unusual; two, FIRST,SECOND, are compared
    target_column: str = ""  # where the label or number is, if its name is unusual
    # model, when it is new
    num_layers: int = 2  # how often tokens look at one another
    num_heads: int = 4  # ways of looking, side by side
    embed_dim: int = 128  # numbers per token
    vocab_size: int = 2000  # byte pairs that the tokenizer learns from your rows
    lowercase: bool = False  # read capitals as small letters: fewer tokens to learn, and shouting goes unnoticed
    context_length: int = 96  # tokens that the model sees at once; longer texts are cut
    dropout_rate: float = 0.1  # share of numbers left out while training; Llama has it in its attention only
    # optimizer
    learning_rate: float = 1e-3  # at its highest; for pretrained models 2e-5 to 2e-4 is usual
    batch_size: int = 32  # rows per update
    epochs: int = 8  # how often every row is read
    momentum: float = 0.9  # of SGD; for AdamW its beta1
    optimizer: Literal["adamw", "sgd"] = "adamw"  # sgd is plain, with momentum
    weight_decay: float = 0.01  # pull of the weights towards 0
    mask_rate: float = 0.15  # share of tokens hidden while training, for models that know a mask
    lora_rank: int = 8  # width of LoRA's matrices when a pretrained model learns to chat; 0 teaches all weights
    # machine
    seed: int = 0  # of the first weights and the order of the rows
    device: str = "auto"  # cpu, cuda, mps, or auto for the best there is
    num_threads: int = 1  # of torch on the CPU; 0 leaves torch's choice


TINY = Config(num_layers=1, num_heads=2, embed_dim=16, vocab_size=400, context_length=24, batch_size=64, epochs=2)
QUICK = Config(embed_dim=64, vocab_size=1000, context_length=48, epochs=4)


def settle(config: Config) -> Config:
    """The settings with their names written out, refused before there is a run when they cannot be."""
    return settings.settle(config)


def build(config: Config) -> nn.Module:
    """The untuned model for the rows of a config."""
    return prepare(config).model


def train(config: Config, run: Run) -> None:
    """The whole training, from the first weights to `weights.safetensors`."""
    families.require_transformers()
    settings.check(config)
    seed_everything(config.seed)
    set_threads(config.num_threads)
    place = device(config.device)
    ready = prepare(config)
    run.used("rows", ready.table.fingerprint)
    model = with_lora(ready, config).to(place)
    same_start(model)
    optimizer = make_optimizer(model, config)
    rows = encode_rows(ready, config.task, ready.table.train)
    judged = encode_rows(ready, config.task, ready.table.val)
    spread = float(np.var([row.target for row in ready.table.train])) if config.task == "regress" else 1.0
    loss_of = partial(loss, model, ready, config.task, spread or 1.0, place)
    per_epoch = math.ceil(len(rows) / config.batch_size)
    total = per_epoch * config.epochs
    warm_up = max(1, round(WARM_UP * total))
    say_needs(model, loss_of, rows, config.batch_size, place)
    words = effective.in_words(model, optimizer, config, total, per_epoch, len(rows), warm_up)
    words |= effective.unused(ready, config)
    run.describe(model=model, optimizer=optimizer, rows=ready.table.describe(), **effective.prefixed(words))

    cuts = LooseCuts.of(ready, config.task)
    batches: list[np.ndarray] = []
    begun = -1  # the epoch that the batches are of
    state = run.restore()
    if state:
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])

    for step in run.steps(total):
        epoch, place_in_epoch = divmod(step - 1, per_epoch)
        if epoch != begun:  # also after a restart in its midst
            rows = cuts.recut(rows, config.seed, epoch) if cuts else rows
            begun, batches = epoch, order(rows, config.batch_size, config.seed, epoch)
        mine = batches[place_in_epoch][rank() :: world_size()]
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"] * min(step / warm_up, 1.0) * (1 - (step - 1) / total)
        model.train()
        optimizer.zero_grad()
        value = 0.0
        if len(mine):
            found = loss_of([rows[i] for i in mine], mask_rate=config.mask_rate)
            found.backward()
            value = found.item()
        average_gradients(model)
        nn.utils.clip_grad_norm_(model.parameters(), LARGEST_GRADIENT)
        optimizer.step()

        if step % 10 == 0 or step == total:
            values = gather(value)
            run.log(step, train_loss=sum(values) / len(values))
        if place_in_epoch + 1 == per_epoch:
            run.log(step, epoch=epoch + 1, **look(model, loss_of, judged, config.task))
        if run.checkpoint_due():
            run.checkpoint(model=model.state_dict(), optimizer=optimizer.state_dict())
    save(run, model, ready, config)


def say_needs(model: nn.Module, loss_of: Any, rows: list[Encoded], batch_size: int, place: torch.device) -> None:
    """How much memory a step will take, before the first one."""
    longest = max(rows, key=lambda row: sum(map(len, row.ids)))
    needed = memory.estimate(model, lambda: loss_of([longest]), min(batch_size, len(rows)))
    say(f"memory: {memory.in_words(needed)}")
    memory.warn_if_too_large(needed, place, batch_size)


def loss(model: nn.Module, ready: Prepared, task: str, spread: float, place: torch.device, rows: list[Encoded],
         mask_rate: float = 0.0) -> Tensor:  # fmt: skip
    """The mean loss of some rows; for a regression in shares of what always answering the mean would cost."""
    tokenizer = ready.tokenizer
    ids, there = pad([own for row in rows for own in row.ids], tokenizer.pad_token_id,
                     tokenizer.padding_side == "left" and task != "chat", place)  # fmt: skip
    if task == "chat":
        targets = ids.clone()
        for i, row in enumerate(rows):
            targets[i, : row.answer_from] = NOT_ASKED
        targets = targets.masked_fill(there == 0, NOT_ASKED)[:, 1:]
        logits = model(input_ids=ids, attention_mask=there).logits[:, :-1]
        return F.cross_entropy(logits.flatten(0, 1).float(), targets.flatten(), ignore_index=NOT_ASKED)
    if mask_rate and tokenizer.mask_token_id is not None:
        special = torch.tensor(tokenizer.all_special_ids, device=place)
        hidden = (torch.rand(ids.shape) < mask_rate).to(place) & ~torch.isin(ids, special)
        ids = ids.masked_fill(hidden, tokenizer.mask_token_id)
    found = answers(model, ids, there).float()
    if task == "classify":
        return F.cross_entropy(found, torch.tensor([row.target for row in rows], device=place))
    return F.mse_loss(found[:, 0], torch.tensor([row.target for row in rows], device=place)) / spread


@torch.no_grad()
def look(model: nn.Module, loss_of: Any, rows: list[Encoded], task: str) -> dict[str, float]:
    """The loss on the validation rows."""
    model.eval()
    parts = [rows[at : at + 64] for at in range(0, len(rows), 64)]
    mean = sum(loss_of(part).item() * len(part) for part in parts) / len(rows)
    model.train()
    return {"val_loss": mean}


def make_optimizer(model: nn.Module, config: Config) -> torch.optim.Optimizer:
    """AdamW or SGD over all weights that are taught."""
    taught = [weight for weight in model.parameters() if weight.requires_grad]
    if config.optimizer == "sgd":
        optimizer: torch.optim.Optimizer = torch.optim.SGD(
            taught, lr=config.learning_rate, momentum=config.momentum, weight_decay=config.weight_decay
        )
    else:
        optimizer = torch.optim.AdamW(
            taught, lr=config.learning_rate, betas=(config.momentum, 0.999), weight_decay=config.weight_decay
        )
    for group in optimizer.param_groups:
        group["initial_lr"] = group["lr"]
    return optimizer
