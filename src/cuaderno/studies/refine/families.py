"""Which family of models suits which task, and how one begins: small from a configuration, or pretrained from a folder.

BERT and XLNet read a text from both sides, so they are strong where the whole text is there: a label, a number. GPT-2
and Llama read from left to right and predict what comes next, so they can write: a chat. They can classify as well, but
each token has seen only what stands before it. BERT and XLNet cannot chat at all.
"""

import json
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cuaderno.lab.errors import CuadernoError, meant

SUITS = {"bert": ("classify", "regress"), "xlnet": ("classify", "regress"), "gpt2": ("chat",), "llama": ("chat",)}
WRITERS = ("gpt2", "llama", "nanochat")  # and every other model that is built to go on with a text
DROPOUTS = (  # what the families call the share of numbers that is left out
    "hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout", "dropout", "summary_last_dropout",
    "embd_pdrop", "attn_pdrop", "resid_pdrop", "attention_dropout", "hidden_dropout", "seq_classif_dropout",
)  # fmt: skip
WHY = (
    "BERT and XLNet read a text from both sides and suit labels and numbers (--task classify, --task regress); GPT-2 "
    "and Llama go on with a text from left to right and suit answers (--task chat)."
)


def check_pair(task: str, model: str) -> str:
    """A remark about a model for a task, or nothing when they suit each other.

    Raises:  CuadernoError when the model cannot do the task, or there is no such family.
    """
    if model not in SUITS:
        return ""
    if task == "chat" and "chat" not in SUITS[model]:
        raise CuadernoError(f"{model} cannot chat: it has no way to write. {WHY} Take --model gpt2 or --model llama.")
    if task not in SUITS[model]:
        return f"{model} can do this, but sees only what stands before each token; bert or xlnet suit better. {WHY}"
    return ""


def check_folder(task: str, model: str) -> None:
    """Look into a folder's config.json whether its model can do the task.

    Raises:  CuadernoError when it cannot.
    """
    try:
        kind = json.loads((Path(model).expanduser() / "config.json").read_text(encoding="utf-8"))["model_type"]
    except (OSError, ValueError, KeyError, TypeError):
        return  # whatever it is, opening it will tell
    if task == "chat" and kind in SUITS:
        check_pair(task, kind)


def require_transformers() -> None:
    """Raises:  CuadernoError when transformers is not installed."""
    if find_spec("transformers") is None:
        raise CuadernoError("This study needs transformers. Install it: pip install 'cuaderno[train,refine]'")


def is_family(model: str) -> bool:
    """Whether it names a family to build small and new, rather than a folder, a run or a model of the hub."""
    return model in SUITS


def configuration(family: str, vocab_size: int, num_layers: int, num_heads: int, embed_dim: int, context_length: int,
                  dropout_rate: float, special: dict[str, int]) -> Any:  # fmt: skip
    """The transformers configuration of a small, untrained model of a family."""
    from transformers import BertConfig, GPT2Config, LlamaConfig, XLNetConfig

    pad = special["pad"]
    if family == "bert":
        return BertConfig(
            vocab_size=vocab_size, num_hidden_layers=num_layers, num_attention_heads=num_heads, hidden_size=embed_dim,
            intermediate_size=2 * embed_dim, max_position_embeddings=context_length, type_vocab_size=1,
            hidden_act="gelu_new", hidden_dropout_prob=dropout_rate, attention_probs_dropout_prob=dropout_rate,
            classifier_dropout=dropout_rate, pad_token_id=pad,
        )  # fmt: skip
    if family == "xlnet":
        return XLNetConfig(
            vocab_size=vocab_size, n_layer=num_layers, n_head=num_heads, d_model=embed_dim, d_inner=2 * embed_dim,
            dropout=dropout_rate, summary_last_dropout=dropout_rate, pad_token_id=pad,
        )  # fmt: skip
    end = {"bos_token_id": special["end"], "eos_token_id": special["end"], "pad_token_id": pad}
    if family == "gpt2":
        return GPT2Config(
            vocab_size=vocab_size, n_layer=num_layers, n_head=num_heads, n_embd=embed_dim, n_positions=context_length,
            embd_pdrop=dropout_rate, attn_pdrop=dropout_rate, resid_pdrop=dropout_rate, **end,
        )  # fmt: skip
    return LlamaConfig(
        vocab_size=vocab_size, num_hidden_layers=num_layers, num_attention_heads=num_heads, hidden_size=embed_dim,
        num_key_value_heads=num_heads, intermediate_size=3 * embed_dim, max_position_embeddings=context_length,
        attention_dropout=dropout_rate, tie_word_embeddings=True, **end,
    )  # fmt: skip


def find_run(name: str) -> str:
    """The id of the run that a name stands for now, or its folder when it was named by that.

    Raises:  CuadernoError when there is none, or it has not ended.
    """
    if (Path(name) / "run.json").is_file():
        return str(Path(name).resolve())
    (found,) = json.loads(ask_cuaderno(f"run:{name}", "runs", name, "--json"))
    if found["status"] not in ("trained", "finished"):
        raise CuadernoError(f"--model run:{name} cannot be opened: {found['id']} is {found['status']}, not trained.")
    return found["id"]


def open_folder(model: str) -> str:
    """Where transformers finds a pretrained model: a folder of yours, a name on the hub, or the export of a run.

    Raises:  CuadernoError when a run cannot be exported.
    """
    if not model.startswith("run:"):
        return str(Path(model).expanduser()) if Path(model).expanduser().is_dir() else model
    folder = tempfile.mkdtemp(prefix="cuaderno-start-")
    ask_cuaderno(model, "export", model[4:], "--huggingface", folder)
    return folder


def ask_cuaderno(model: str, *words: str) -> str:
    """What another command of Cuaderno answers about a run, which may be of any study.

    Raises:  CuadernoError with what it said instead.
    """
    command = [sys.executable, "-m", "cuaderno", *words]
    answer = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    if answer.returncode:
        last = (answer.stderr.strip().splitlines() or ["no reason was given"])[-1]
        raise CuadernoError(f"--model {model} cannot be opened: {last}")
    return answer.stdout


def load(kind: Any, where: str, asked: str, **settings: Any) -> Any:
    """`kind.from_pretrained(where)`, and its errors in words."""
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        return kind.from_pretrained(where, **settings)
    except (OSError, ValueError, KeyError, TypeError, ImportError, AttributeError, RuntimeError) as error:
        first = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        raise CuadernoError(
            f"--model {asked} is no family ({', '.join(SUITS)}), and transformers cannot open it as a folder or as a "
            f"name on the hub: {first}{meant(asked, SUITS)} A folder needs config.json, model.safetensors and a "
            "tokenizer; a name needs the internet the first time."
        ) from error


def dropout_settings(config: Any, dropout_rate: float) -> dict[str, float]:
    """The settings of a pretrained model's configuration that leave numbers out, all at this rate."""
    return {name: dropout_rate for name in DROPOUTS if hasattr(config, name)}
