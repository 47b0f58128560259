"""The model before its first step: small and new, or pretrained from a folder, the hub or a run."""

import json
import shutil
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from cuaderno.lab.errors import CuadernoError
from cuaderno.studies.refine import families, tokens
from cuaderno.studies.refine.data import Table, open_table, say
from cuaderno.studies.refine.model import Pair, start_at_mean, start_at_rarity, start_at_words

if TYPE_CHECKING:
    from cuaderno.studies.refine.train import Config


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


def family_of(config: "Config") -> str:
    """The model that was asked for, or the one that suits the task."""
    return config.model or ("gpt2" if config.task == "chat" else "bert")


def prepare(config: "Config") -> Prepared:
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


def new(config: "Config", family: str, table: Table, is_pair: bool) -> Prepared:
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
    if config.task != "chat":
        start_at_words(model)
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


def pretrained(config: "Config", name: str, table: Table, is_pair: bool) -> Prepared:
    """A model that knows a language already, from a folder, the hub or a run."""
    from transformers import AutoConfig, AutoTokenizer

    where = families.open_folder(name)
    try:
        tokenizer = tokens.ready(families.load(AutoTokenizer, where, name), config.task)
        made = families.load(AutoConfig, where, name)
        for setting, value in families.dropout_settings(made, config.dropout_rate).items():
            setattr(made, setting, value)
        say_labels(made, config.task, table)
        made.pad_token_id = tokenizer.pad_token_id
        model = load_model(made, where, name, config.task, is_pair)
    finally:
        if name.startswith("run:"):
            shutil.rmtree(where, ignore_errors=True)
    if config.task == "chat" and not model.can_generate():
        raise CuadernoError(f"--model {name} cannot chat: it has no way to write. {families.WHY}")
    if is_pair:
        model = compare(model, config.dropout_rate)
    seen = getattr(made, "max_position_embeddings", None) or getattr(made, "n_positions", None) or config.context_length
    return Prepared(model, tokenizer, table, min(config.context_length, int(seen)), pretrained=True)


def load_model(made: Any, where: str, name: str, task: str, is_pair: bool) -> Any:
    """The pretrained weights of a folder under what the task wants on top."""
    from transformers import AutoModel, AutoModelForCausalLM, AutoModelForSequenceClassification

    settings: dict[str, Any] = {"config": made, "dtype": torch.float32}
    if task == "chat":
        return families.load(AutoModelForCausalLM, where, name, **settings)
    if is_pair:
        return families.load(AutoModel, where, name, **settings)
    return families.load(AutoModelForSequenceClassification, where, name, ignore_mismatched_sizes=True, **settings)


def with_lora(ready: Prepared, config: "Config") -> nn.Module:
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
