"""Network and counting model speaking together: a weighted mean of what the two expect.

Counting remembers rare phrases to the letter, the network generalises; their mean is better than either. The weight is
fitted on the slice of the training text that the network has not read, by a counting model that has not counted it.
What goes along with the network must fit into the reader's browser, so it is pruned, packed into bytes and compressed.
"""

import gzip
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cuaderno.lab.export import save_json
from cuaderno.lab.files import write_atomic
from cuaderno.lab.quantize import pack
from cuaderno.studies.gpt.data import Corpus
from cuaderno.studies.gpt.judge import token_losses
from cuaderno.studies.gpt.model import GPT
from cuaderno.studies.gpt.ngram import KneserNey

BROWSER_BYTES = 980_000  # of weights and counts together: with the words around them, under a megabyte
COUNTED_TOKENS = 20_000_000  # of a longer text only the end is counted, which takes about a gigabyte
# How many tokens the longest gram has, and how often a gram of each length must occur to be kept: large to small.
SIZES = (
    (7, (1, 1, 1, 1, 1, 2, 2)),
    (6, (1, 1, 2, 2, 2, 2)),
    (6, (1, 1, 2, 3, 4, 4)),
    (5, (1, 1, 2, 2, 2)),
    (5, (1, 1, 2, 4, 8)),
    (4, (1, 1, 2, 4)),
    (3, (1, 1, 4)),
)


@dataclass(frozen=True)
class Mixture:
    """A counting model and its share in what is expected, and its packed form when it came out of one."""

    ngram: KneserNey
    weight: float
    file: tuple[list[dict], bytes] | None = None

    def __call__(self, tokens: list[int], probabilities: np.ndarray) -> np.ndarray:
        """What both expect after `tokens`, given what the network expects.  Shapes:  (V,) -> (V,)."""
        counted = self.ngram.distributions([tokens[-(self.ngram.order - 1) :] if self.ngram.order > 1 else []])[0]
        return self.weight * counted + (1 - self.weight) * probabilities

    def save(self, folder: Path) -> None:
        """Write ngram.bin and the list of what lies where in it."""
        write_atomic(folder / "ngram.bin", self.packed()[1])
        save_json(folder / "ngram.json", self.about())

    def about(self) -> dict:
        """What one must know to read ngram.bin."""
        return {"weight": self.weight, "order": self.ngram.order, "arrays": self.packed()[0]}

    def packed(self) -> tuple[list[dict], bytes]:
        return self.file or packed(self.ngram)


def load(folder: Path) -> Mixture | None:
    """The mixture that lies beside a run's weights, or None."""
    if not (folder / "ngram.bin").is_file():
        return None
    about = json.loads((folder / "ngram.json").read_text(encoding="utf-8"))
    return unpacked(about["arrays"], (folder / "ngram.bin").read_bytes(), about["weight"])


def unpacked(layout: list[dict], data: bytes, weight: float) -> Mixture:
    """A mixture whose probabilities are rounded as in the packed file."""
    plain = gzip.decompress(data)
    arrays = {
        entry["name"]: np.frombuffer(
            plain, np.dtype(entry["dtype"]).newbyteorder("<"), entry["length"], entry["offset"]
        )
        for entry in layout
    }
    return Mixture(KneserNey.from_compact(arrays), weight, (layout, data))


def packed(ngram: KneserNey) -> tuple[list[dict], bytes]:
    """The compact arrays one after another, each from a multiple of 4 bytes on, compressed; and their places."""
    layout, data = [], bytearray()
    for name, array in ngram.compact().items():
        layout.append({"name": name, "dtype": array.dtype.name, "length": len(array), "offset": len(data)})
        data += array.astype(array.dtype.newbyteorder("<")).tobytes()
        data += bytes(-len(data) % 4)
    return layout, gzip.compress(bytes(data), 9, mtime=0)


def fit(model: GPT, corpus: Corpus) -> Mixture | None:
    """The best mixture that fits into a browser beside the network, or None when counting brings nothing.

    Raises:  ValueError when the text is shorter than two tokens.
    """
    whole = KneserNey.count(corpus.train[-COUNTED_TOKENS:], model.embed.num_embeddings, len(SIZES[0][1]))
    room = BROWSER_BYTES - len(pack(model.browser_weights())[1])
    for order, cutoffs in SIZES:
        layout, data = packed(whole.prune(order, cutoffs))
        if len(data) <= room:
            weight = fit_weight(model, corpus, order, cutoffs)
            return unpacked(layout, data, weight) if weight else None
    return None


def fit_weight(model: GPT, corpus: Corpus, order: int, cutoffs: tuple[int, ...] | int = 1) -> float:
    """The share of the counting model that suits the held-out slice of the training text best."""
    length = min(model.context_length, len(corpus.tune) - 1)
    if length < 1:
        return 0.0
    counted = KneserNey.count(corpus.learn[-COUNTED_TOKENS:], model.embed.num_embeddings, order)
    network = token_losses(model, corpus.tune, length)
    counting = surprise(counted.prune(order, cutoffs), corpus.tune, network.shape)
    weights = np.linspace(0, 1, 101)
    return float(weights[np.argmin([mixed(network, counting, weight).mean() for weight in weights])])


def surprise(ngram: KneserNey, tokens: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """The counting model's nats on the network's targets, tokens[1 : N * T + 1], as (N, T)."""
    probabilities = ngram.token_probabilities(np.asarray(tokens[: shape[0] * shape[1] + 1]))
    return -np.log(probabilities[1:]).reshape(shape)


def mixed(network: np.ndarray, counting: np.ndarray, weight: float) -> np.ndarray:
    """The nats of a mixture from those of its parts."""
    return -np.log(weight * np.exp(-counting) + (1 - weight) * np.exp(-network))
