"""Folders as Hugging Face's transformers keeps models: write a GPT as one, read GPT-2 and its relatives from one.

Nothing here needs transformers: a folder is JSON and tensors. The classic build is GPT-2 under other names. The modern
one is `NanoChat`, whose norms divide by the root mean square and do not subtract the mean. When everything that writes
into the residual stream writes with mean zero, and so do queries and keys, the two norms are the same, and a matrix can
be made to: subtract from each of its columns that column's mean. No answer changes, since our norms would have
subtracted it later.
"""

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from safetensors.torch import save as pack
from tokenizers import Tokenizer
from tokenizers.decoders import ByteLevel as ByteLevelDecoder
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel
from torch import Tensor

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.files import disk_errors, write_atomic
from cuaderno.lab.run import Run
from cuaderno.studies.gpt.model import GPT, ROPE_BASE, rotations
from cuaderno.studies.gpt.train import trained

ARCHITECTURES = {"gpt2": "GPT2LMHeadModel", "nanochat": "NanoChatForCausalLM"}
END_OF_TEXT = "<|endoftext|>"
MAX_JSON, MAX_WEIGHTS = 64 * 2**20, 8 * 2**30  # bytes: GPT-2 XL has 6.4 GB of weights, the largest tokenizers 30 MB
MAX_CONTEXT = 65_536

# What changes the answers, as (what we can do, what transformers takes for granted when config.json is silent).
GPT2_OPTIONS = {
    "activation_function": (("gelu_new", "gelu_pytorch_tanh"), "gelu_new"),
    "layer_norm_epsilon": ((1e-5,), 1e-5),
    "scale_attn_weights": ((True,), True),
    "scale_attn_by_inverse_layer_idx": ((False,), False),
    "add_cross_attention": ((False,), False),
    "quantization_config": ((None,), None),
}
NANOCHAT_OPTIONS = {
    "hidden_act": (("relu2",), "relu2"),
    "rms_norm_eps": ((1e-5,), 1e-6),
    "final_logit_softcapping": ((None,), 15.0),
    "attention_bias": ((False,), False),
    "rope_type": (("default",), None),
    "rope_theta": ((ROPE_BASE,), None),
    "quantization_config": ((None,), None),
}

# Our name in a block, theirs, and whether theirs is transposed (GPT-2 keeps its matrices with one row per input).
GPT2_BLOCK = [
    ("norm_1.weight", "ln_1.weight", False), ("norm_1.bias", "ln_1.bias", False),
    ("attention.qkv.weight", "attn.c_attn.weight", True), ("attention.qkv.bias", "attn.c_attn.bias", False),
    ("attention.project.weight", "attn.c_proj.weight", True), ("attention.project.bias", "attn.c_proj.bias", False),
    ("norm_2.weight", "ln_2.weight", False), ("norm_2.bias", "ln_2.bias", False),
    ("mlp.up.weight", "mlp.c_fc.weight", True), ("mlp.up.bias", "mlp.c_fc.bias", False),
    ("mlp.down.weight", "mlp.c_proj.weight", True), ("mlp.down.bias", "mlp.c_proj.bias", False),
]  # fmt: skip
GPT2_REST = [
    ("embed.weight", "wte.weight"), ("positions.weight", "wpe.weight"),
    ("norm.weight", "ln_f.weight"), ("norm.bias", "ln_f.bias"),
]  # fmt: skip


# -- write -----------------------------------------------------------------------------------------------------------


def save(model: GPT, tokenizer: Tokenizer, folder: Path) -> None:
    """Write a folder that `AutoModelForCausalLM` and `AutoTokenizer` open without remote code.

    Raises:  CuadernoError when the disk refuses.
    Traps:   trained further in transformers, a NanoChat is centred no more, and `load` refuses it.
    """
    folder, settings = Path(folder), model.settings
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    end = tokenizer.token_to_id(END_OF_TEXT)  # None for a tokenizer of ours: transformers' defaults mean other tokens
    ends = {"bos_token_id": end, "eos_token_id": end, "pad_token_id": None}
    config, tensors = to_gpt2(model) if settings["classic"] else to_nanochat(model)
    kind = "gpt2" if settings["classic"] else "nanochat"
    config |= {"model_type": kind, "architectures": [ARCHITECTURES[kind]], "dtype": "float32", **ends}
    tensors = {name: tensor.contiguous() for name, tensor in tensors.items()}
    write_atomic(folder / "model.safetensors", pack(tensors, metadata={"format": "pt"}))
    write_atomic(folder / "tokenizer.json", tokenizer.to_str(pretty=True))
    reading = {
        "tokenizer_class": "PreTrainedTokenizerFast",  # not GPT2Tokenizer, which would split characters into bytes
        "model_max_length": settings["context_length"],
        "clean_up_tokenization_spaces": False,
    }
    if end is not None:
        reading |= {"bos_token": END_OF_TEXT, "eos_token": END_OF_TEXT}
    for name, value in {"tokenizer_config": reading, "generation_config": ends, "config": config}.items():
        write_atomic(folder / f"{name}.json", json.dumps(value, indent=2) + "\n")


def to_gpt2(model: GPT) -> tuple[dict, dict[str, Tensor]]:
    """The classic build's configuration and tensors under GPT-2's names."""
    settings, weights = model.settings, plain(model)
    tied = model.head.weight is model.embed.weight
    config = {
        "vocab_size": settings["vocab_size"],
        "n_positions": settings["context_length"],
        "n_embd": settings["embed_dim"],
        "n_layer": settings["num_layers"],
        "n_head": settings["num_heads"],
        "activation_function": "gelu_new",
        "layer_norm_epsilon": 1e-5,
        "embd_pdrop": settings["dropout_rate"],
        "resid_pdrop": settings["dropout_rate"],
        "attn_pdrop": 0.0,
        "tie_word_embeddings": tied,
    }
    tensors = {f"transformer.{theirs}": weights[ours] for ours, theirs in GPT2_REST}
    for layer in range(settings["num_layers"]):
        for ours, theirs, transposed in GPT2_BLOCK:
            weight = weights[f"blocks.{layer}.{ours}"]
            tensors[f"transformer.h.{layer}.{theirs}"] = weight.t() if transposed else weight
    if not tied:
        tensors["lm_head.weight"] = weights["head.weight"]
    return config, tensors


def to_nanochat(model: GPT) -> tuple[dict, dict[str, Tensor]]:
    """The modern build's configuration and centred tensors under NanoChat's names."""
    settings, weights = model.settings, plain(model)
    config = {
        "vocab_size": settings["vocab_size"],
        "max_position_embeddings": settings["context_length"],
        "hidden_size": settings["embed_dim"],
        "intermediate_size": model.blocks[0].mlp.up.out_features,
        "num_hidden_layers": settings["num_layers"],
        "num_attention_heads": settings["num_heads"],
        "num_key_value_heads": settings["num_heads"],
        "hidden_act": "relu2",
        "rms_norm_eps": 1e-5,
        "rope_parameters": {"rope_type": "default", "rope_theta": ROPE_BASE},
        "final_logit_softcapping": None,
        "attention_bias": False,
        "tie_word_embeddings": False,
    }
    tensors = {"lm_head.weight": weights["head.weight"]}
    tensors["model.embed_tokens.weight"] = centred(weights["embed.weight"], 1)
    for layer in range(settings["num_layers"]):
        ours, theirs = f"blocks.{layer}.", f"model.layers.{layer}."
        q, k, v = weights[ours + "attention.qkv.weight"].chunk(3)
        tensors[theirs + "self_attn.q_proj.weight"] = pairs_apart(q, settings["num_heads"])
        tensors[theirs + "self_attn.k_proj.weight"] = pairs_apart(k, settings["num_heads"])
        tensors[theirs + "self_attn.v_proj.weight"] = v
        tensors[theirs + "self_attn.o_proj.weight"] = centred(weights[ours + "attention.project.weight"], 0)
        tensors[theirs + "mlp.fc1.weight"] = weights[ours + "mlp.up.weight"]
        tensors[theirs + "mlp.fc2.weight"] = centred(weights[ours + "mlp.down.weight"], 0)
    return config, tensors


def plain(model: GPT) -> dict[str, Tensor]:
    """A model's weights as float32 on the CPU."""
    return {name: tensor.detach().float().cpu() for name, tensor in model.state_dict().items()}


def centred(weight: Tensor, dim: int) -> Tensor:
    """The weights less their mean along `dim`."""
    weight = weight.double()
    return (weight - weight.mean(dim, keepdim=True)).float()


def pairs_apart(weight: Tensor, num_heads: int) -> Tensor:
    """Rows of queries or keys, centred per head, in the order in which NanoChat turns them.

    We turn (2i, 2i + 1) forwards; NanoChat turns (i, i + D/2) backwards, which is (i + D/2, i) forwards.
    It turns before it norms, we after: a turn changes no length, so both give the same.
    """
    heads = centred(weight.unflatten(0, (num_heads, -1)), 1)  # (H, D, C)
    return torch.cat([heads[:, 1::2], heads[:, 0::2]], dim=1).flatten(0, 1)


def pairs_together(weight: Tensor, num_heads: int) -> Tensor:
    """Back to our order: the inverse of `pairs_apart` for rows that are centred already."""
    odd, even = weight.unflatten(0, (num_heads, -1)).chunk(2, dim=1)
    return torch.stack([even, odd], dim=2).flatten(0, 2)


def export(run: Run, folder: Path) -> None:
    """A finished run as a save_pretrained folder."""
    save(*trained(run), folder)


# -- read ------------------------------------------------------------------------------------------------------------


def load(folder: Path) -> tuple[GPT, Tokenizer]:
    """The model and tokenizer of a folder with GPT-2 (or a relative of its size) or with a NanoChat that `save` wrote.

    Raises:  CuadernoError when a file is missing, broken or too large, or the model is one that our GPT cannot be.
    Differs: dropout is left at 0, whatever config.json says.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise CuadernoError(
            f"There is no folder {folder}. Give the one that holds config.json and model.safetensors, "
            "as save_pretrained writes it."
        )
    config = read_json(folder / "config.json")
    kind = str(config.get("model_type"))
    names = config.get("architectures") or [ARCHITECTURES.get(kind)]
    if kind not in ARCHITECTURES or names != [ARCHITECTURES[kind]]:
        name = names[0] if isinstance(names, list) and names[0] else kind
        raise CuadernoError(
            f"{folder.name} holds a {name}, and only these are read: {', '.join(ARCHITECTURES.values())}. "
            "Choose a model of the GPT-2 family, such as gpt2 or distilgpt2."
        )
    weights = Weights(folder)
    model = from_gpt2(config, weights) if kind == "gpt2" else from_nanochat(config, weights)
    return model, read_tokenizer(folder, model.settings["vocab_size"])


class Weights:
    """The tensors of a folder, by name, each checked when it is asked for."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.tensors = {re.sub(r"^transformer\.", "", name): tensor for name, tensor in read_tensors(folder).items()}
        if sum(tensor.numel() * tensor.element_size() for tensor in self.tensors.values()) > MAX_WEIGHTS:
            raise too_large(folder, MAX_WEIGHTS)  # a pickled tensor may claim more than the file has

    def __contains__(self, name: str) -> bool:
        return name in self.tensors

    def take(self, name: str, *shape: int | None) -> Tensor:
        """One tensor as float32, of this shape, where None stands for any size above 0."""
        tensor = self.tensors.get(name)
        if tensor is None:
            raise CuadernoError(f"{self.folder} has no tensor {name}. The files are incomplete: download them again.")
        fits = tensor.dim() == len(shape) and all(
            size == wanted if wanted else size > 0 for size, wanted in zip(tensor.shape, shape, strict=True)
        )
        if not fits or not tensor.is_floating_point() or tensor.element_size() < 2:
            kind = str(tensor.dtype).removeprefix("torch.")
            wanted = " × ".join(str(size or "any") for size in shape)
            raise CuadernoError(
                f"{self.folder}: the tensor {name} is {kind} {' × '.join(map(str, tensor.shape))}, not float {wanted}. "
                "It is damaged, quantized or of another model: download the model as it was published."
            )
        tensor = tensor.detach().to(torch.float32, copy=True)  # off the file, which may change or go
        if not tensor.isfinite().all():
            raise CuadernoError(f"{self.folder}: the tensor {name} holds infinities or NaN. Download the model again.")
        return tensor

    def layers(self, prefix: str) -> int:
        """How many blocks have tensors here; should one of the first so many be missing, `take` says so."""
        return len({found[1] for name in self.tensors if (found := re.match(prefix + r"(\d+)\.", name))})


def from_gpt2(config: dict, weights: Weights) -> GPT:
    """GPT-2 as our classic build."""
    check_options(config, GPT2_OPTIONS, weights.folder)
    embed = weights.take("wte.weight", None, None)
    vocab_size, embed_dim = embed.shape
    positions = weights.take("wpe.weight", None, embed_dim)
    context_length = len(positions)
    num_layers = weights.layers(r"h\.")
    sizes = {"vocab_size": vocab_size, "n_positions": context_length, "n_embd": embed_dim, "n_layer": num_layers}
    num_heads = check_sizes(config, sizes, "n_head", weights.folder)
    tied = config.get("tie_word_embeddings", True)
    if tied and "lm_head.weight" in weights:  # where the two differ, transformers does not tie them either
        tied = torch.equal(embed, weights.take("lm_head.weight", vocab_size, embed_dim))
    model = blank(vocab_size, context_length, num_layers, num_heads, embed_dim, classic=True, tied=tied)

    C, hidden = embed_dim, model.blocks[0].mlp.up.out_features
    check_options(config, {"n_inner": ((hidden, None), None)}, weights.folder)
    shapes = {"mlp.c_fc.weight": (C, hidden), "mlp.c_proj.weight": (hidden, C), "mlp.c_fc.bias": (hidden,)}
    shapes |= {"attn.c_attn.weight": (C, 3 * C), "attn.c_attn.bias": (3 * C,), "attn.c_proj.weight": (C, C)}
    state = {}
    for layer in range(num_layers):
        for ours, theirs, transposed in GPT2_BLOCK:
            weight = weights.take(f"h.{layer}.{theirs}", *shapes.get(theirs, (C,)))
            state[f"blocks.{layer}.{ours}"] = weight.t().contiguous() if transposed else weight
    state |= {"norm.weight": weights.take("ln_f.weight", C), "norm.bias": weights.take("ln_f.bias", C)}
    head = embed if tied else weights.take("lm_head.weight", vocab_size, C)
    return fill(model, state | {"embed.weight": embed, "positions.weight": positions, "head.weight": head})


def from_nanochat(config: dict, weights: Weights) -> GPT:
    """A centred NanoChat as our modern build."""
    rope = config.get("rope_parameters")
    rope = {name: rope.get(name) for name in ("rope_type", "rope_theta")} if isinstance(rope, dict) else {}
    check_options(config | rope, NANOCHAT_OPTIONS, weights.folder)
    embed = weights.take("model.embed_tokens.weight", None, None)
    vocab_size, embed_dim = embed.shape
    num_layers = weights.layers(r"model\.layers\.")
    sizes = {"vocab_size": vocab_size, "hidden_size": embed_dim, "num_hidden_layers": num_layers}
    num_heads = check_sizes(config, sizes, "num_attention_heads", weights.folder)
    context_length = config.get("max_position_embeddings")
    if type(context_length) is not int or not 1 <= context_length <= MAX_CONTEXT:
        raise CuadernoError(
            f"{weights.folder / 'config.json'}: max_position_embeddings is {context_length!r}. "
            f"Write the length of the context there, from 1 to {MAX_CONTEXT:,}."
        )
    model = blank(vocab_size, context_length, num_layers, num_heads, embed_dim, classic=False)
    hidden = model.blocks[0].mlp.up.out_features
    fixed = {"num_key_value_heads": num_heads, "head_dim": embed_dim // num_heads, "intermediate_size": hidden}
    check_options(config, {name: ((size, None), None) for name, size in fixed.items()}, weights.folder)
    if embed_dim // num_heads % 2:
        raise CuadernoError(f"{weights.folder}: heads of {embed_dim // num_heads} channels cannot be turned in pairs.")

    C, heads = embed_dim, num_heads
    tied = config.get("tie_word_embeddings", False) and "lm_head.weight" not in weights
    head = embed.clone() if tied else weights.take("lm_head.weight", vocab_size, C)
    state = {"embed.weight": check_centred(embed, 1, weights.folder), "head.weight": head}
    for layer in range(num_layers):
        ours, theirs = f"blocks.{layer}.", f"model.layers.{layer}."
        q, k, v, project = (weights.take(f"{theirs}self_attn.{name}_proj.weight", C, C) for name in "qkvo")
        for weight in (q, k):
            check_centred(weight.unflatten(0, (heads, -1)), 1, weights.folder)
        down = weights.take(theirs + "mlp.fc2.weight", C, hidden)
        state[ours + "attention.qkv.weight"] = torch.cat([pairs_together(q, heads), pairs_together(k, heads), v])
        state[ours + "attention.project.weight"] = check_centred(project, 0, weights.folder)
        state[ours + "mlp.up.weight"] = weights.take(theirs + "mlp.fc1.weight", hidden, C)
        state[ours + "mlp.down.weight"] = check_centred(down, 0, weights.folder)
    return fill(model, state)


def blank(*sizes: int, classic: bool, tied: bool = False) -> GPT:
    """A GPT without weights, of the sizes that it takes first: none are drawn and no memory is taken."""
    with torch.device("meta"):
        return GPT(*sizes, classic=classic, tied=tied)


def fill(model: GPT, state: dict[str, Tensor]) -> GPT:
    """The blank model around tensors that are there already; they are not copied."""
    model.load_state_dict(state, assign=True)
    if model.settings["tied"]:
        model.head.weight = model.embed.weight
    settings = model.settings
    model.rotations = rotations(settings["context_length"], settings["embed_dim"] // settings["num_heads"])
    return model


def check_options(config: dict, options: dict[str, tuple[tuple, Any]], folder: Path) -> None:
    """Refuse a model whose configuration asks for what our forward pass does not do."""
    odd = [
        f"{name} = {json.dumps(value)} (only {' or '.join(json.dumps(one) for one in known)})"
        for name, (known, silent) in options.items()
        if (value := config.get(name, silent)) not in known
    ]
    if odd:
        raise CuadernoError(
            f"{folder / 'config.json'} asks for what this GPT does not do: {'; '.join(odd)}. "
            "Its answers would be wrong: choose a model without it."
        )


def check_sizes(config: dict, sizes: dict[str, int], heads: str, folder: Path) -> int:
    """Refuse a configuration that disagrees with the tensors; give the number of heads, which no tensor shows."""
    for name, size in sizes.items():
        if size < 1 or config.get(name, size) != size:
            raise CuadernoError(
                f"{folder}: the tensors say {name} = {size}, config.json says {config.get(name, 'nothing')}. "
                "The files are not of one model, or some are missing: download all of them again."
            )
    num_heads, embed_dim = config.get(heads), sizes.get("n_embd") or sizes["hidden_size"]
    if type(num_heads) is not int or num_heads < 1 or embed_dim % num_heads:
        raise CuadernoError(
            f"{folder / 'config.json'}: {heads} is {num_heads!r}, which does not divide the {embed_dim} channels. "
            "Download config.json again."
        )
    return num_heads


def check_centred(weight: Tensor, dim: int, folder: Path) -> Tensor:
    """Refuse weights whose mean along `dim` is more than bfloat16 rounds away: our norms would subtract it."""
    if weight.mean(dim).abs().max() > 2e-3 * weight.abs().max():
        raise CuadernoError(
            f"{folder}: the weights of this NanoChat are not centred: its norms keep the mean that ours subtract, and "
            "the answers would be wrong. Only those that Cuaderno saved, and nothing trained since, are read."
        )
    return weight


# -- files -----------------------------------------------------------------------------------------------------------


def read_tensors(folder: Path) -> dict[str, Tensor]:
    """Every tensor of a folder: one safetensors file, several with an index, or else a pickle of tensors only."""
    whole, index, pickled = (
        folder / name for name in ("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin")
    )
    if whole.is_file():
        paths = [whole]
    elif index.is_file():
        paths = read_index(index)
    elif pickled.is_file():
        return read_pickle(pickled)
    else:
        raise CuadernoError(f"{folder} has no model.safetensors. Download it too, into the same folder.")
    if sum(path.stat().st_size for path in paths) > MAX_WEIGHTS:
        raise too_large(folder, MAX_WEIGHTS)
    tensors = {}
    for path in paths:
        try:
            tensors |= load_file(path)
        except (SafetensorError, OSError) as error:
            raise CuadernoError(
                f"{path} is no whole safetensors file ({first_line(error)}). Download it again."
            ) from error
    return tensors


def read_index(path: Path) -> list[Path]:
    """The files that an index names, all of them beside it."""
    names = read_json(path).get("weight_map")
    names = sorted(set(map(str, names.values()))) if isinstance(names, dict) else []
    if not names or any(Path(name).name != name or not name.endswith(".safetensors") for name in names):
        raise CuadernoError(f"{path} names no safetensors files beside it. Download it again.")
    missing = [name for name in names if not (path.parent / name).is_file()]
    if missing:
        raise CuadernoError(f"{path.parent} lacks {', '.join(missing)}. Download what is missing into the same folder.")
    return [path.parent / name for name in names]


def read_pickle(path: Path) -> dict[str, Tensor]:
    """The tensors of a pytorch_model.bin; anything else in it is refused, not run."""
    try:
        size = path.stat().st_size
        if zipfile.is_zipfile(path):  # what it unpacks to, since entries may be compressed
            with zipfile.ZipFile(path) as archive:
                size = max(size, sum(entry.file_size for entry in archive.infolist()))
        content = torch.load(path, map_location="cpu", weights_only=True) if size <= MAX_WEIGHTS else None
    except Exception as error:  # an unpickler may raise anything
        raise CuadernoError(
            f"{path} is not a file of tensors only: it is damaged or holds code. Look for the model as safetensors."
        ) from error
    if content is None:
        raise too_large(path, MAX_WEIGHTS)
    tensors = list(content.values()) if isinstance(content, dict) else [None]
    if not all(isinstance(one, Tensor) and one.layout == torch.strided and one.device.type == "cpu" for one in tensors):
        raise CuadernoError(f"{path} holds no table of tensors. Look for the same model as safetensors.")
    return {str(name): tensor for name, tensor in content.items()}


def read_tokenizer(folder: Path, vocab_size: int) -> Tokenizer:
    """The tokenizer of a folder, from tokenizer.json or GPT-2's old vocab.json and merges.txt.

    Raises:  CuadernoError when there is none, or it makes tokens that a model of this vocabulary does not know.
    """
    new, vocab, merges = (folder / name for name in ("tokenizer.json", "vocab.json", "merges.txt"))
    if not new.is_file() and not (vocab.is_file() and merges.is_file()):
        raise CuadernoError(
            f"{folder} has no tokenizer.json, nor vocab.json with merges.txt. Download it too, into the same folder."
        )
    try:
        tokenizer = Tokenizer.from_str(read_text(new)) if new.is_file() else old_tokenizer(vocab, merges)
    except BaseException as error:  # tokenizers raises bare Exceptions, and Rust's panics are not even that
        if isinstance(error, CuadernoError) or not (isinstance(error, Exception) or "Panic" in type(error).__name__):
            raise
        path = new if new.is_file() else vocab
        raise CuadernoError(f"{path} is not a tokenizer ({first_line(error)}). Download it again.") from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    last = max(tokenizer.get_vocab().values(), default=-1)
    if not 0 <= last < vocab_size:
        raise CuadernoError(
            f"{folder}: the tokenizer counts up to {last}, the model knows {vocab_size} tokens, from 0. "
            "They do not belong together: take the tokenizer that came with the model."
        )
    return tokenizer


def old_tokenizer(vocab: Path, merges: Path) -> Tokenizer:
    """GPT-2's byte pairs from the two files that its first tokenizer used."""
    options = vocab.with_name("tokenizer_config.json")
    lines = [line for line in read_text(merges).split("\n") if line.strip() and not line.startswith("#version")]
    pairs = [tuple(line.split()) for line in lines]
    if wrong := [line for line, pair in zip(lines, pairs, strict=True) if len(pair) != 2]:
        raise CuadernoError(f"{merges}: '{wrong[0][:40]}' is not two tokens with a space between. Download it again.")
    prefix_space = options.is_file() and read_json(options).get("add_prefix_space") is True
    tokenizer = Tokenizer(BPE(vocab=read_json(vocab), merges=pairs))
    tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=prefix_space)
    tokenizer.decoder = ByteLevelDecoder()
    if tokenizer.token_to_id(END_OF_TEXT) is not None:
        tokenizer.add_special_tokens([END_OF_TEXT])
    return tokenizer


def read_json(path: Path) -> dict:
    """A JSON object from a file that somebody else wrote."""
    try:
        value = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise CuadernoError(f"{path} is not JSON ({first_line(error)}). Download it again.") from error
    if not isinstance(value, dict):
        raise CuadernoError(f"{path} holds no JSON object. Download it again.")
    return value


def read_text(path: Path) -> str:
    """The text of a file that is there and is not too large."""
    try:
        if path.stat().st_size > MAX_JSON:
            raise too_large(path, MAX_JSON)
        return path.read_bytes().decode()
    except FileNotFoundError as error:
        raise CuadernoError(
            f"{path.parent} has no {path.name}. Give the folder that save_pretrained wrote, or download the file."
        ) from error
    except OSError as error:
        raise CuadernoError(f"Could not read {path}: {error.strerror}. Mend its permissions.") from error
    except UnicodeDecodeError as error:
        raise CuadernoError(f"{path} is not UTF-8 text. Download it again.") from error


def first_line(error: BaseException) -> str:
    """What a library says of a broken file, in one line."""
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def too_large(path: Path, limit: int) -> CuadernoError:
    return CuadernoError(f"{path} is larger than the {limit / 2**20:,.0f} MiB that are read. Choose a smaller model.")
