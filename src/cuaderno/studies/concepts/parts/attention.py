"""Attention: each letter asks those before it, and what it hears from them is mixed by how well they fit the question.

Every letter makes a query, a key and a value. A query's dot products with the keys of the letters so far become shares
that add up to 1 (softmax), and by these shares the values are mixed. The model here has one such layer, learnt from a
text. Or it borrows the first two layers of a trained GPT, and learns only to read off them which letter comes next.

Source: Vaswani et al. 2017, arXiv:1706.03762; the layers are those of the study gpt.
"""

import json
import math
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.metrics import Metric, bootstrap
from cuaderno.lab.quantize import dequantize, pack, quantize, unpack
from cuaderno.studies.concepts import drawing
from cuaderno.studies.concepts.model import Adam
from cuaderno.studies.concepts.parts import Export
from cuaderno.studies.concepts.texts import fingerprint, read

SETTINGS = {"steps": 600, "learning_rate": 0.01, "hidden_dim": 64}
ALSO = ("text", "model")
SHORT = {"steps": 20, "hidden_dim": 16}
LAYERS, HEADS, ROPE_BASE = 1, 4, 1000.0  # of a model of our own
BORROWED = 2  # layers of a trained GPT
CONTEXT, BATCH = 64, 16  # letters in a window, windows in an update
TEST = 12_800  # letters at the end of the text that are never learnt from
LONGEST = 48  # letters of a sentence in the page
WAYS = ("learnt", "even", "before")  # to look: as learnt, at all alike, at the letter before only
SENTENCES = ("The king is the king", "the name of the name", "to be or not to be")

Weights = dict[str, Tensor]


def attend(q: Tensor, k: Tensor, way: str) -> Tensor:
    """How much each letter looks at each other one; never at those after it.

    Shapes:  queries and keys (B, H, T, D) -> (B, H, T, T), each row sums to 1.
    """
    T = q.size(-2)
    if way == "before":
        return torch.eye(T, dtype=q.dtype)[[0, *range(T - 1)]].expand(*q.shape[:2], T, T)
    if way == "even":
        q = torch.zeros_like(q)  # so that all fit alike
    fits = q @ k.transpose(-1, -2) / math.sqrt(q.size(-1))
    later = torch.ones(T, T, dtype=torch.bool).triu(1)
    return fits.masked_fill(later, -torch.inf).softmax(-1)


def turned(x: Tensor, base: float) -> Tensor:
    """Turn pairs of neighbouring channels by an angle that grows with the place: so keys tell how far away they are.

    Shapes:  (B, H, T, D) -> (B, H, T, D).
    """
    T, D = x.shape[-2:]
    angles = torch.outer(torch.arange(T).to(x), base ** (-torch.arange(0, D, 2).to(x) / D))
    (a, b), cos, sin = x.unflatten(-1, (-1, 2)).unbind(-1), angles.cos(), angles.sin()
    return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)


def forward(weights: Weights, tokens: Tensor, heads: int, base: float, way: str = "learnt") -> tuple[Tensor, Tensor]:
    """What comes next, and who looked at whom.  Shapes:  tokens (B, T) -> logits (B, T, V), (L, B, H, T, T)"""
    x, looks = norm(weights["embed.weight"][tokens]), []
    B, T, C = x.shape
    for layer in range(sum(name.endswith("qkv.weight") for name in weights)):
        own = {name.split(".", 2)[2]: weight for name, weight in weights.items() if name.startswith(f"blocks.{layer}.")}
        parts = norm(x) @ own["attention.qkv.weight"].T
        q, k, v = parts.view(B, T, 3, heads, C // heads).permute(2, 0, 3, 1, 4)  # (B, H, T, D) each
        look = attend(turned(norm(q), base), turned(norm(k), base), way)
        x = x + (look @ v).transpose(1, 2).reshape(B, T, C) @ own["attention.project.weight"].T
        x = x + (norm(x) @ own["mlp.up.weight"].T).relu().square() @ own["mlp.down.weight"].T
        looks.append(look)
    return norm(x) @ weights["head.weight"].T, torch.stack(looks)


def norm(x: Tensor) -> Tensor:
    """Mean 0, spread 1, along the last axis."""
    return F.layer_norm(x, x.shape[-1:])


class Looker:
    """A model that reads letters, and learns to say the next one."""

    def __init__(self, config, way: str = "learnt"):
        self.config, self.way = config, way
        self.base, self.heads = ROPE_BASE, HEADS
        self.letters, self.weights, self.frozen = "", {}, {}
        if not config.model:
            self.letters = "".join(sorted(set(self.text[0])))
            self._start()
        elif (folder := Path(config.model).expanduser()).is_dir():
            self._borrow(folder)
        if self.weights:
            self.optimizer = Adam([self.weights[name].numpy() for name in self.learnt], config.learning_rate)

    @cached_property
    def text(self) -> tuple[str, str]:
        """What is read, and whose it is."""
        text, whose = read(self.config.text)
        if len(text) < 4 * TEST:
            raise CuadernoError(f"The text has {len(text):,} letters; at least {4 * TEST:,} are needed here.")
        return text, whose

    @cached_property
    def tokens(self) -> Tensor:
        """The text as numbers; letters that the model does not know are left out."""
        number = {letter: at for at, letter in enumerate(self.letters)}
        return torch.tensor([number[letter] for letter in self.text[0] if letter in number])

    def _start(self) -> None:
        """A model of our own: what writes starts at 0, so that at first all letters are as likely."""
        C, V = self.config.hidden_dim, len(self.letters)
        if C % (2 * HEADS):
            raise CuadernoError(
                f"--hidden-dim is {C}, and has to be a multiple of {2 * HEADS}: {HEADS} heads share it."
            )
        chance = torch.Generator().manual_seed(self.config.seed)
        self.weights["embed.weight"] = torch.randn(V, C, generator=chance)
        for layer in range(LAYERS):
            block = f"blocks.{layer}"
            self.weights[f"{block}.attention.qkv.weight"] = torch.randn(3 * C, C, generator=chance) / C**0.5
            self.weights[f"{block}.attention.project.weight"] = torch.zeros(C, C)
            self.weights[f"{block}.mlp.up.weight"] = torch.randn(2 * C, C, generator=chance) / C**0.5
            self.weights[f"{block}.mlp.down.weight"] = torch.zeros(C, 2 * C)
        self.weights["head.weight"] = torch.zeros(V, C)

    def _borrow(self, folder: Path) -> None:
        """The first layers of a trained GPT, which stay as they are, and its last one, which learns to read them."""
        try:
            about = json.loads((folder / "model.json").read_text(encoding="utf-8"))
            weights = unpack(about["tensors"], (folder / "weights.bin").read_bytes())
            fits = about["tokenizer"]["kind"] == "char" and not about["settings"]["classic"]
            self.heads, self.base = about["settings"]["num_heads"], about["rope_base"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CuadernoError(f"{folder} is not the export folder of a trained GPT: {error}.") from error
        if not fits:
            raise CuadernoError("--model has to be a GPT that reads single letters, in the modern build.")
        self.letters = "".join(about["tokenizer"]["tokens"])
        kept = tuple(f"blocks.{layer}." for layer in range(BORROWED))
        names = [name for name in weights if name.startswith(("embed.", "head.", *kept))]
        self.weights = {name: weights[name] for name in names}
        self.frozen = {name: quantize(weights[name]) for name in names if name != "head.weight"}

    @property
    def learnt(self) -> list[str]:
        return [name for name in self.weights if name not in self.frozen]

    @property
    def data(self) -> str:
        return self.text[1]

    @property
    def used(self) -> dict[str, str]:
        return {"text": fingerprint(self.text[0])}

    @property
    def size(self) -> int:
        if not self.weights:
            raise CuadernoError(
                f"There is no folder {self.config.model}: --model is the export folder of a trained GPT."
            )
        return sum(weight.numel() for weight in self.weights.values())

    def loss(self, windows: Tensor, way: str = "learnt") -> Tensor:
        """The surprise at each letter, in nats.  Shapes:  (B, T + 1) -> (B, T)"""
        logits, _ = forward(self.weights, windows[:, :-1], self.heads, self.base, way)
        return F.cross_entropy(logits.transpose(1, 2), windows[:, 1:], reduction="none")

    def learn(self, step: int) -> dict[str, float]:
        chance = torch.Generator().manual_seed(1_000_003 * self.config.seed + step)
        starts = torch.randint(len(self.tokens) - TEST - CONTEXT, (BATCH, 1), generator=chance)
        for name in self.learnt:
            self.weights[name].requires_grad_()
        loss = self.loss(self.tokens[starts + torch.arange(CONTEXT + 1)], self.way).mean()
        slopes = torch.autograd.grad(loss, [self.weights[name] for name in self.learnt])
        for name in self.learnt:
            self.weights[name].requires_grad_(False)
        self.optimizer.learning_rate = self.config.learning_rate * max(1 - step / self.config.steps, 0.02)
        self.optimizer.step([slope.numpy() for slope in slopes], step)
        return {"loss": float(loss.detach())}

    def state(self) -> dict[str, np.ndarray]:
        """The weights, those that stay as 8-bit numbers; and all that is needed to do without the GPT's folder."""
        found = {name: self.weights[name].numpy() for name in self.learnt}
        found |= {f"mean.{name}": mean for name, mean in zip(self.learnt, self.optimizer.means, strict=True)}
        found |= {f"square.{name}": square for name, square in zip(self.learnt, self.optimizer.squares, strict=True)}
        for name, (numbers, scales) in self.frozen.items():
            found |= {f"numbers.{name}": numbers, f"scales.{name}": scales}
        letters = np.array([ord(letter) for letter in self.letters], dtype=np.int32)
        return found | {"letters": letters, "heads": np.array([self.heads]), "base": np.array([self.base])}

    def load(self, state: dict[str, np.ndarray]) -> None:
        self.letters = "".join(chr(int(letter)) for letter in state["letters"])
        self.heads, self.base = int(state["heads"][0]), float(state["base"][0])
        names = [name.removeprefix("numbers.") for name in state if name.startswith("numbers.")]
        self.frozen = {
            name: (state[f"numbers.{name}"].astype(np.int8), state[f"scales.{name}"].astype(np.float32))
            for name in names
        }
        own = [name.removeprefix("mean.") for name in state if name.startswith("mean.")]
        self.weights = {name: dequantize(*both) for name, both in self.frozen.items()}
        self.weights |= {name: torch.from_numpy(state[name].astype(np.float32)) for name in own}
        self.optimizer = Adam([self.weights[name].numpy() for name in own], self.config.learning_rate)
        self.optimizer.means = [state[f"mean.{name}"].astype(np.float32) for name in own]
        self.optimizer.squares = [state[f"square.{name}"].astype(np.float32) for name in own]


def begin(config) -> Looker:
    return Looker(config)


def evaluate(looker: Looker) -> dict[str, Metric]:
    """On text that it has not read: as it learnt to look, with its looks replaced, and learnt with other looks."""
    test = looker.tokens[-TEST:]
    windows = test.unfold(0, CONTEXT + 1, CONTEXT)
    counts = torch.bincount(looker.tokens[:-TEST], minlength=len(looker.letters)) + 1
    frequency = -(counts / counts.sum()).log()[windows[:, 1:]]
    losses = {"loss": looker.loss(windows), "baseline_frequency_loss": frequency}
    for way in WAYS[1:]:
        losses[f"baseline_{way}_loss"] = looker.loss(windows, way)
        if not looker.config.model:
            losses[f"baseline_{way}_learnt_loss"] = _taught(looker.config, way).loss(windows, way)
    means = {name: loss.mean(dim=1) for name, loss in losses.items()}
    found = {name: bootstrap(mean.tolist()) for name, mean in means.items()}
    if not looker.config.model:  # window by window, so that hard and easy ones do not blur it
        found["choosing_gain"] = bootstrap((means["baseline_before_learnt_loss"] - means["loss"]).tolist())
    return found


def _taught(config, way: str) -> Looker:
    """A model that learnt as long from the same text, and could look in this way only."""
    other = Looker(config, way)
    for step in range(1, config.steps + 1):
        other.learn(step)
    return other


def answer(looker: Looker, text: str) -> dict:
    """A sentence: at which letters its last one looks, as a mean of the last layer's heads, and what may come next."""
    if not text or (unknown := sorted(set(text) - set(looker.letters))):
        words = f"The model knows no {', '.join(map(repr, unknown[:5]))}" if text else "There is nothing to read"
        raise ValueError(f"{words}: write a sentence in the letters of its text.")
    text = text[-CONTEXT:]
    logits, looks = forward(looker.weights, numbers(looker, text)[None], looker.heads, looker.base)
    shares, odds = looks[-1, 0, :, -1].mean(dim=0), logits[0, -1].softmax(-1)
    first, best = shares.argsort(descending=True)[:5].tolist(), odds.argsort(descending=True)[:5].tolist()
    return {
        "looks_at": [f"{at + 1} {text[at]!r} {float(shares[at]):.3f}" for at in first],
        "next": {looker.letters[at]: round(float(odds[at]), 4) for at in best},
    }


def numbers(looker: Looker, text: str) -> Tensor:
    return torch.tensor([looker.letters.index(letter) for letter in text if letter in looker.letters])


def export(looker: Looker) -> Export:
    layout, data = pack(looker.weights)
    weights = {name: weight.double() for name, weight in unpack(layout, data).items()}
    sentences = [sentence for sentence in SENTENCES if len(numbers(looker, sentence)) > 2] or [looker.letters[:8]]
    about = {"letters": looker.letters, "heads": looker.heads, "base": looker.base, "tensors": layout}
    about |= {"layers": sum(one["name"].endswith("qkv.weight") for one in layout), "longest": LONGEST}
    about |= {"sentence": sentences[0], "start": start(looker, weights, sentences[0])}
    about |= {"file": "weights.bin", "bytes": len(data), "later": ["weights.bin"]}  # asked for when the reader writes
    asked = [(sentence, way) for sentence in sentences for way in WAYS]
    return Export(about, [_case(looker, weights, *one) for one in asked], poster(looker), 1e-5, {"weights.bin": data})


def start(looker: Looker, weights: Weights, sentence: str) -> dict:
    """What the page shows before it has the weights: the looks in hundredths, the likeliest letters, the surprise."""
    tokens, found = numbers(looker, sentence), {}
    for way in WAYS:
        logits, looks = forward(weights, tokens[None], looker.heads, looker.base, way)
        found[way] = {"loss": round(float(F.cross_entropy(logits[0, :-1], tokens[1:])), 4)}
        if way == "learnt":
            shares, letters = logits[0].softmax(-1).topk(3)
            places = [(100 * looks[:, 0, :, at, : at + 1]).round().int().tolist() for at in range(len(tokens))]
            behind = zip(letters.tolist(), (100 * shares).round().int().tolist(), strict=True)
            found[way] |= {"looks": places, "next": [list(zip(*one, strict=True)) for one in behind]}
    return found


def _case(looker: Looker, weights: Weights, sentence: str, way: str) -> dict:
    tokens = numbers(looker, sentence)
    logits, looks = forward(weights, tokens[None], looker.heads, looker.base, way)
    loss = F.cross_entropy(logits[0, :-1], tokens[1:])
    output = {"loss": float(loss), "logits": logits[0, -1].tolist(), "looks": looks[:, 0, :, -1].tolist()}
    return {"input": {"text": "".join(looker.letters[at] for at in tokens), "way": way}, "output": output}


def poster(looker: Looker) -> str:
    """A sentence, and where its last letter looks: one line of shades for each head of the first layer."""
    tokens = numbers(looker, SENTENCES[0])
    text = "".join(looker.letters[at] for at in tokens)
    _, looks = forward(looker.weights, tokens[None], looker.heads, looker.base)
    sheet = drawing.Sheet((0, 480), (20 + 30 * looker.heads, 0), 480, 20 + 30 * looker.heads)
    wide = 460 / max(len(text), 1)
    for head in range(looker.heads):
        for at, letter in enumerate(text):
            share = float(looks[0, 0, head, -1, at])
            if share > 0.02:
                sheet.box(10 + wide * at, 10 + 30 * head, wide - 1, 26, "var(--blue)", round(0.75 * share**0.5, 2))
            if letter not in " <>&":
                sheet.text(10 + wide * (at + 0.5), 28 + 30 * head, letter)
    return sheet.svg()
