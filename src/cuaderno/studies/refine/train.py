"""Tune a model to the rows of a table, in so many epochs, and say what each hyperparameter did.

Which family for which task: bert and xlnet read a text from both sides, for classify and regress; gpt2 and llama go on
with a text, for chat. A model that is pretrained learns to chat by LoRA: small matrices beside the large ones.
"""

import json
import math
import shutil
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cuaderno.lab.device import device, seed_everything, set_threads
from cuaderno.lab.errors import CuadernoError, nearest
from cuaderno.lab.export import save_json
from cuaderno.lab.parallel import average_gradients, gather, is_main, rank, same_start, wait_for_all, world_size
from cuaderno.lab.run import Run
from cuaderno.studies.refine import effective, families, memory, phrasebook, tokens
from cuaderno.studies.refine.data import TASKS, Row, Table, as_script, open_table, say
from cuaderno.studies.refine.model import Pair, answers, start_at_mean, start_at_rarity, start_at_words

WARM_UP = 0.1  # of the steps, in which the learning rate rises
LARGEST_GRADIENT = 1.0  # norm; a longer one is shortened
SORTED_BATCHES = 8  # whose rows are sorted by length together, so that little is padded
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


@dataclass
class Prepared:
    """A model before its first step, its tokenizer and the rows."""

    model: nn.Module
    tokenizer: Any
    table: Table
    context_length: int
    pretrained: bool = False

    @property
    def is_pair(self) -> bool:
        return isinstance(self.model, Pair)


def build(config: Config) -> nn.Module:
    """The untuned model for the rows of a config."""
    return prepare(config).model


def family_of(config: Config) -> str:
    """The model that was asked for, or the one that suits the task."""
    return config.model or ("gpt2" if config.task == "chat" else "bert")


def prepare(config: Config) -> Prepared:
    """The rows, the tokenizer and the model.

    Raises:  CuadernoError when rows or model cannot be used, or do not suit the task.
    """
    name = family_of(config)
    if remark := families.check_pair(config.task, name):
        say(remark)
    table = open_table(config.data, config.task, config.text_column, config.target_column, config.test_data)
    is_pair = config.task != "chat" and len(table.train[0].texts) == 2
    start = new if families.is_family(name) else pretrained
    ready = start(config, name, table, is_pair)
    if config.task == "regress":
        numbers = np.array([row.target for row in table.train], float)
        start_at_mean(ready.model, float(numbers.mean()), float(numbers.std()))
    if isinstance(ready.model, Pair):
        texts = [text for row in table.train for text in row.texts]
        encoded = tokens.encode(ready.tokenizer, texts, ready.context_length)
        start_at_rarity(ready.model, encoded, set(ready.tokenizer.all_special_ids))
    return ready


def texts_of(table: Table, task: str) -> Iterator[str]:
    """What a tokenizer learns from."""
    for row in table.train:
        if task == "chat":
            yield from (message["content"] for message in json.loads(row.texts[0]))
            yield str(row.target)
        else:
            yield from (f" {text}" for text in row.texts)


def new(config: Config, family: str, table: Table, is_pair: bool) -> Prepared:
    """A small model from its configuration, with a tokenizer learnt from the rows."""
    tokenizer = tokens.learn(
        family, texts_of(table, config.task), config.vocab_size, config.context_length, config.lowercase
    )
    special = {"pad": tokenizer.pad_token_id, "end": tokenizer.eos_token_id or 0}
    made = families.configuration(
        family, len(tokenizer), config.num_layers, config.num_heads, config.embed_dim, config.context_length,
        config.dropout_rate, special,
    )  # fmt: skip
    say_labels(made, config.task, table)
    model = assemble(made, config.task, is_pair, config.dropout_rate)
    if isinstance(model, Pair):
        start_at_words(model.body)
    return Prepared(model, tokenizer, table, config.context_length)


def say_labels(made: Any, task: str, table: Table) -> None:
    """Write into a configuration what the answers are."""
    if task == "classify":
        made.id2label = dict(enumerate(table.labels))
        made.label2id = {label: number for number, label in enumerate(table.labels)}
    elif task == "regress":
        made.num_labels = 1
        made.problem_type = "regression"


def assemble(made: Any, task: str, is_pair: bool, dropout_rate: float) -> nn.Module:
    """An untrained model of a transformers configuration, for a task."""
    from transformers import AutoModel, AutoModelForCausalLM, AutoModelForSequenceClassification

    if task == "chat":
        return AutoModelForCausalLM.from_config(made)
    if is_pair:
        return compare(AutoModel.from_config(made), dropout_rate)
    return AutoModelForSequenceClassification.from_config(made)


def compare(body: nn.Module, dropout_rate: float) -> Pair:
    """Two texts through one body."""
    if hasattr(body, "pooler"):
        body.pooler = None  # nothing would teach it
    made = body.config
    return Pair(body, made.vocab_size, made.hidden_size, max(1, made.num_labels), dropout_rate)


def pretrained(config: Config, name: str, table: Table, is_pair: bool) -> Prepared:
    """A model that knows a language already, from a folder, the hub or a run."""
    from transformers import (
        AutoConfig,
        AutoModel,
        AutoModelForCausalLM,
        AutoModelForSequenceClassification,
        AutoTokenizer,
    )

    where = families.open_folder(name)
    tokenizer = tokens.ready(families.load(AutoTokenizer, where, name), config.task)
    made = families.load(AutoConfig, where, name)
    for setting, value in families.dropout_settings(made, config.dropout_rate).items():
        setattr(made, setting, value)
    say_labels(made, config.task, table)
    made.pad_token_id = tokenizer.pad_token_id
    kind = AutoModelForCausalLM if config.task == "chat" else AutoModel
    if config.task != "chat" and not is_pair:
        model = families.load(
            AutoModelForSequenceClassification, where, name, config=made, ignore_mismatched_sizes=True,
            dtype=torch.float32,
        )  # fmt: skip
    else:
        model = families.load(kind, where, name, config=made, dtype=torch.float32)
    if config.task == "chat" and not model.can_generate():
        raise CuadernoError(f"--model {name} cannot chat: it has no way to write. {families.WHY}")
    if is_pair:
        model = compare(model, config.dropout_rate)
    sizes = ("num_layers", "num_heads", "embed_dim", "vocab_size")
    if unused := [option(one) for one in sizes if getattr(config, one) != getattr(Config(), one)]:
        say(f"The model is as it is in {name}: {', '.join(unused)} are not used.")
    if name.startswith("run:"):
        shutil.rmtree(where, ignore_errors=True)
    seen = getattr(made, "max_position_embeddings", None) or getattr(made, "n_positions", None) or config.context_length
    return Prepared(model, tokenizer, table, min(config.context_length, int(seen)), pretrained=True)


# -- the loop --------------------------------------------------------------------------------------------------------


def train(config: Config, run: Run) -> None:
    """The whole training, from the first weights to `weights.safetensors`."""
    families.require_transformers()
    check(config)
    seed_everything(config.seed)
    set_threads(config.num_threads)
    place = device(config.device)
    ready = prepare(config)
    run.used("rows", ready.table.fingerprint)
    model = with_lora(ready, config).to(place)
    same_start(model)
    optimizer = make_optimizer(model, config)
    rows = encode_rows(ready, config, ready.table.train)
    judged = encode_rows(ready, config, ready.table.val)
    spread = float(np.var([row.target for row in ready.table.train])) if config.task == "regress" else 1.0
    loss_of = partial(loss, model, ready, config.task, spread or 1.0, place)
    per_epoch = math.ceil(len(rows) / config.batch_size)
    total = per_epoch * config.epochs
    warm_up = max(1, round(WARM_UP * total))
    longest = max(rows, key=lambda row: sum(map(len, row.ids)))
    needed = memory.estimate(model, lambda: loss_of([longest]), min(config.batch_size, len(rows)))
    say(f"memory: {memory.in_words(needed)}")
    memory.warn_if_too_large(needed, place, config.batch_size)
    words = effective.in_words(model, optimizer, config, total, per_epoch, len(rows), warm_up)
    run.describe(model=model, optimizer=optimizer, rows=ready.table.describe(), **prefixed(words))

    state = run.restore()
    if state:
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])

    for step in run.steps(total):
        epoch, place_in_epoch = divmod(step - 1, per_epoch)
        batches = order(rows, config.batch_size, config.seed, epoch)
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


@dataclass(frozen=True)
class Encoded:
    """A row in tokens: one or two texts, or one conversation with where its answer begins."""

    ids: tuple[list[int], ...]
    target: Any
    answer_from: int = 0


def encode_rows(ready: Prepared, config: Config, rows: list[Row]) -> list[Encoded]:
    """Rows as the model reads them."""
    if config.task == "chat":
        return [encode_speech(ready.tokenizer, row, ready.context_length) for row in rows]
    labels = {label: number for number, label in enumerate(ready.table.labels)}
    flat = tokens.encode(ready.tokenizer, [text for row in rows for text in row.texts], ready.context_length)
    wide = 2 if ready.is_pair else 1
    return [
        Encoded(
            tuple(flat[wide * i : wide * i + wide]),
            labels[str(row.target)] if config.task == "classify" else float(row.target),
        )
        for i, row in enumerate(rows)
    ]


def encode_speech(tokenizer: Any, row: Row, context_length: int) -> Encoded:
    """A conversation and its answer; of what does not fit, the oldest part is left out."""
    end, answer = tokens.end_of(tokenizer), str(row.target)
    if end == "\n\n":  # a gap ends a speech, so there can be none inside
        answer = "\n".join(line for line in answer.splitlines() if line.strip())
    lead = " " if tokenizer.chat_template == tokens.PLAIN_SPEECHES else ""
    said = tokens.plain_ids(tokenizer, f"{lead}{answer}{end}")[: max(1, context_length - 8)]
    asked = tokens.plain_ids(tokenizer, tokens.prompt_of(tokenizer, json.loads(row.texts[0])))
    asked = asked[-max(1, context_length - len(said)) :]
    return Encoded((asked + said,), row.target, len(asked))


def order(rows: list[Encoded], batch_size: int, seed: int, epoch: int) -> list[np.ndarray]:
    """The batches of an epoch: a permutation that is a function of seed and epoch, with similar lengths together."""
    rng = np.random.default_rng([seed, epoch])
    shuffled, batches = rng.permutation(len(rows)), []
    for start in range(0, len(rows), SORTED_BATCHES * batch_size):
        some = shuffled[start : start + SORTED_BATCHES * batch_size]
        lengths = np.array([sum(map(len, rows[i].ids)) for i in some])
        some = some[np.argsort(lengths, kind="stable")]
        batches += [some[at : at + batch_size] for at in range(0, len(some), batch_size)]
    return [batches[i] for i in rng.permutation(len(batches))]


def pad(lists: list[list[int]], blank: int, left: bool, place: torch.device) -> tuple[Tensor, Tensor]:
    """Token lists as one rectangle and where tokens are.  Shapes:  (N, T), (N, T)"""
    width = max(map(len, lists))
    ids = torch.full((len(lists), width), blank, dtype=torch.long)
    there = torch.zeros(len(lists), width, dtype=torch.long)
    for i, own in enumerate(lists):
        at = slice(width - len(own), width) if left else slice(0, len(own))
        ids[i, at], there[i, at] = torch.tensor(own), 1
    return ids.to(place), there.to(place)


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


def with_lora(ready: Prepared, config: Config) -> nn.Module:
    """A pretrained model that learns to chat gets small matrices beside its own; any other is taught whole.

    Source:  LoRA, Hu et al. 2021, arXiv:2106.09685, as peft does it.
    """
    if config.task != "chat" or not ready.pretrained or not config.lora_rank:
        return ready.model
    try:
        from peft import LoraConfig, get_peft_model
    except ImportError as error:
        raise CuadernoError(
            "LoRA needs peft. Install it: pip install 'cuaderno[refine]', or teach all weights: --lora-rank 0"
        ) from error
    is_turned = any(type(module).__name__ == "Conv1D" for module in ready.model.modules())  # GPT-2's matrices
    settings = LoraConfig(
        r=config.lora_rank, lora_alpha=2 * config.lora_rank, lora_dropout=config.dropout_rate,
        target_modules="all-linear", task_type="CAUSAL_LM", fan_in_fan_out=is_turned,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # peft still calls what transformers renames
        return get_peft_model(ready.model, settings)


def check(config: Config) -> None:
    """Say what cannot be, before anything is built.

    Raises:  CuadernoError with the setting in question and what to do.
    """
    for name, known in (("task", TASKS), ("optimizer", ("adamw", "sgd"))):
        if getattr(config, name) not in known:
            raise CuadernoError(
                f"{option(name)} is '{getattr(config, name)}', and has to be one of: {', '.join(known)}."
                f"{nearest(getattr(config, name), known)}"
            )
    least = {"num_layers": 1, "num_heads": 1, "embed_dim": 2, "vocab_size": 270, "context_length": 10, "batch_size": 1}
    for name, bound in (least | {"epochs": 1, "weight_decay": 0, "lora_rank": 0}).items():
        if not getattr(config, name) >= bound:
            raise CuadernoError(f"{option(name)} is {getattr(config, name)}, and has to be at least {bound}.")
    if not 0 < config.learning_rate < math.inf:
        raise CuadernoError(f"--learning-rate is {config.learning_rate}, and has to be a number above 0.")
    for name in ("dropout_rate", "momentum", "mask_rate"):
        if not 0 <= getattr(config, name) < 1:
            raise CuadernoError(f"{option(name)} is {getattr(config, name)}, and has to be from 0 to below 1.")
    if config.embed_dim % (2 * config.num_heads):
        fits = -(-config.embed_dim // (2 * config.num_heads)) * 2 * config.num_heads
        raise CuadernoError(
            f"--embed-dim {config.embed_dim} cannot be shared by {config.num_heads} heads with an even number of "
            f"channels each. Take --embed-dim {fits}, for example."
        )


def option(name: str) -> str:
    return "--" + name.replace("_", "-")


def prefixed(words: dict[str, str]) -> dict[str, str]:
    """The words about each hyperparameter, under names that do not hide the values themselves."""
    return {f"effective {name}": text for name, text in words.items()}


# -- what stays of a run ---------------------------------------------------------------------------------------------


def save(run: Run, model: nn.Module, ready: Prepared, config: Config) -> None:
    """Keep the weights, LoRA's merged into the others, and beside them all that is needed to use them without rows."""
    if hasattr(model, "merge_and_unload"):
        model = model.merge_and_unload()
    run.save_weights(untied(model))
    if is_main():
        folder = run.folder / "checkpoint" / "model"
        folder.mkdir(exist_ok=True)
        body = model.body if isinstance(model, Pair) else model
        body.config.save_pretrained(folder)
        ready.tokenizer.save_pretrained(folder)
        about = {
            "task": config.task,
            "is_pair": ready.is_pair,
            "labels": ready.table.labels,
            "context_length": ready.context_length,
            "pretrained": ready.pretrained,
            "family": family_of(config),
            "range": answer_range(ready.table, config.task),
            "examples": examples(config.task, ready.is_pair),
        }
        save_json(folder / "refine.json", about)
    wait_for_all()


def examples(task: str, is_pair: bool) -> list[list[str]]:
    """Made-up texts to show beside the model: rows of a table may be private, and are never published."""
    if task == "chat":
        return [[as_script([("user", question)])] for question in phrasebook.SHOWN_QUESTIONS]
    return [list(pair) for pair in phrasebook.SHOWN_PAIRS] if is_pair else [[text] for text in phrasebook.SHOWN]


def answer_range(table: Table, task: str) -> list[float]:
    """The lowest and the highest number among the answers."""
    numbers = [row.target for row in table.train] if task == "regress" else [0.0, 1.0]
    return [float(min(numbers)), float(max(numbers))]


def untied(model: nn.Module) -> dict[str, Tensor]:
    """The weights of a model, those that are one and the same only once."""
    seen: set[int] = set()
    kept = {}
    for name, weight in model.state_dict().items():
        if weight.data_ptr() not in seen or not weight.numel():
            kept[name] = weight
        seen.add(weight.data_ptr())
    return kept


@dataclass
class Tuned:
    """A finished run, ready to be used."""

    model: nn.Module
    tokenizer: Any
    task: str
    is_pair: bool
    labels: list[str]
    context_length: int
    pretrained: bool
    family: str
    range: list[float]
    examples: list[list[str]]

    @property
    def body(self) -> Any:
        """What turns tokens into vectors, below the last layer."""
        return self.model.body if isinstance(self.model, Pair) else self.model.base_model

    @property
    def model_type(self) -> str:
        """What transformers calls the family."""
        return self.body.config.model_type


def trained(run: Run) -> Tuned:
    """The model of a finished run and all that belongs to it.

    Raises:  CuadernoError when the training has not ended or a file is missing.
    """
    families.require_transformers()
    from transformers import AutoConfig

    weights, folder = run.load_weights(), run.folder / "checkpoint" / "model"
    if not (folder / "refine.json").is_file():
        raise CuadernoError(f"{folder}/refine.json is missing. Restore the file, or train the run again.")
    about = json.loads((folder / "refine.json").read_text(encoding="utf-8"))
    made = AutoConfig.from_pretrained(folder)
    model = assemble(made, about["task"], about["is_pair"], 0.0)
    missing, unexpected = model.load_state_dict(weights, strict=False)
    tied = set(model.state_dict()) - set(untied(model))
    if unexpected or set(missing) - tied:
        raise CuadernoError(f"{run.id}: the weights do not fit {folder}/config.json. Restore the file, or train again.")
    model.eval()
    return Tuned(model, opened_tokenizer(folder), **about)


def opened_tokenizer(folder: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder)
