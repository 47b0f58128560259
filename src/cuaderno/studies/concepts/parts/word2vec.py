"""Words as vectors: guess which words stand near a word, and words that are used alike come to lie together.

Each word has two vectors: one for when it stands in the middle, one for when it stands near another. Where two words
were seen together their vectors are drawn towards each other, and away from a few words that were drawn by chance.
Nobody says what a word means.

Source: Mikolov et al. 2013, arXiv:1310.4546, skip-gram with negative sampling.
"""

import json
import re
from collections import Counter
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from cuaderno.lab.errors import CuadernoError, nearest
from cuaderno.lab.metrics import Metric, bootstrap, wilson
from cuaderno.studies.concepts import drawing
from cuaderno.studies.concepts.parts import Export, counting, likeness
from cuaderno.studies.concepts.texts import as_numbers, as_text, fingerprint, read

SETTINGS = {"steps": 20_000, "learning_rate": 0.025, "hidden_dim": 64}
SHORT = {"steps": 300}
ALSO = ("text",)
LEAST, MOST = 5, 8000  # how often a word has to occur, and how many words get a vector
WINDOW = 5  # words to either side that count as near, at most
RARE = 1e-3  # share of the text above which a word is left out at times: the commonest say least
PLACES = 256  # in the text, looked at in one update
DRAWN, WORTH = 64, 5  # words drawn by chance for an update, and for how many each pair counts them
SHOWN = 1500  # words that the page gets
NEAR, CLOUD = 8, 300  # of those: neighbours of the first sum, and points of the map before all are there
FAMOUS = (("king", "man", "woman"), ("rey", "hombre", "mujer"))  # queen, they say
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def words_of(text: str) -> list[str]:
    """The words of a text, in lower case and in order."""
    return WORD.findall(text.lower())


class Reader:
    """Reads a text again and again, and moves the vectors of its words."""

    def __init__(self, config, words: list[str]):
        self.config, self.words = config, words
        self.number = {word: number for number, word in enumerate(words)}
        start = torch.Generator().manual_seed(config.seed)
        self.middle = (torch.rand(len(words), config.hidden_dim, generator=start) - 0.5) / config.hidden_dim
        self.near = torch.zeros(len(words), config.hidden_dim)

    @classmethod
    def of_a_text(cls, config) -> "Reader":
        """Everything new, with the words of the text that is to be read."""
        text, whose = read(config.text)
        counts = Counter(words_of(text))
        words = [word for word, many in counts.most_common(MOST) if many >= LEAST]
        if len(words) < 50:
            raise CuadernoError(
                f"Only {len(words)} words occur {LEAST} times or more in this text, too few to be alike. "
                "Give a longer text with --text: a whole book is best."
            )
        reader = cls(config, words)
        reader.data, reader.used = whose, {"text": fingerprint(text)}
        return reader

    @cached_property
    def text(self) -> Tensor:
        """The numbers of the words that have a vector, in the order of the text: (N,)."""
        return torch.tensor([self.number[word] for word in words_of(read(self.config.text)[0]) if word in self.number])

    @cached_property
    def often(self) -> Tensor:
        """How often each word occurs: (words,)."""
        return torch.bincount(self.text, minlength=len(self.words)).double()

    @cached_property
    def kept(self) -> Tensor:
        """How likely it is that a word of the text is looked at: (words,)."""
        return (RARE / (self.often / self.often.sum())).sqrt().clamp(max=1)

    @property
    def size(self) -> int:
        return self.middle.numel() + self.near.numel()

    def learn(self, step: int) -> dict[str, float]:
        """Look at some places of the text, each with the words around it."""
        chance = torch.Generator().manual_seed(1_000_003 * self.config.seed + step)
        centre, context = self._pairs(chance)
        wrong = torch.multinomial(self.often**0.75, DRAWN, replacement=True, generator=chance)
        rate = self.config.learning_rate * max(1 - step / self.config.steps, 1e-3)
        return {"loss": self._move(centre, context, wrong, rate)}

    def _pairs(self, chance: torch.Generator) -> tuple[Tensor, Tensor]:
        """A word and a word near it, (P,) each: all that an update learns from."""
        places = torch.randint(len(self.text), (PLACES, 1), generator=chance)
        reach = torch.randint(1, WINDOW + 1, (PLACES, 1), generator=chance)  # so the nearest are seen most
        offsets = torch.cat([torch.arange(-WINDOW, 0), torch.arange(1, WINDOW + 1)])
        around = places + offsets
        inside = (offsets.abs() <= reach) & (around >= 0) & (around < len(self.text))
        centre, context = self.text[places.expand_as(around)], self.text[around.clamp(0, len(self.text) - 1)]
        luck = torch.rand(2, PLACES, 2 * WINDOW, generator=chance, dtype=torch.float64)
        inside &= (luck[0, :, :1] < self.kept[centre]) & (luck[1] < self.kept[context])
        return centre[inside], context[inside]

    def _move(self, centre: Tensor, context: Tensor, wrong: Tensor, rate: float) -> float:
        """One step of gradient descent by hand; returns the loss of a pair before it."""
        u, v, w = self.middle[centre], self.near[context], self.near[wrong]  # (P, D), (P, D), (W, D)
        right, false = (u * v).sum(1), u @ w.T  # how alike: (P,), (P, W)
        share = WORTH / DRAWN
        loss = -torch.nn.functional.logsigmoid(right) - share * torch.nn.functional.logsigmoid(-false).sum(1)
        pull, push = 1 - right.sigmoid(), -share * false.sigmoid()
        self.middle.index_add_(0, centre, rate * (pull[:, None] * v + push @ w))
        self.near.index_add_(0, context, rate * pull[:, None] * u)
        self.near.index_add_(0, wrong, rate * push.T @ u)
        return float(loss.mean()) if len(loss) else 0.0

    def state(self) -> dict[str, np.ndarray]:
        words = as_numbers(" ".join(self.words))
        return {"middle": self.middle.numpy(), "near": self.near.numpy(), "words": words}

    def load(self, state: dict[str, np.ndarray]) -> None:
        for name in ("middle", "near"):
            getattr(self, name).copy_(torch.from_numpy(state[name]))


def begin(config) -> Reader:
    return Reader.of_a_text(config)


def again(config, state: dict[str, np.ndarray]) -> Reader:
    """What has been learnt; the text is read again only where something is counted in it."""
    reader = Reader(config, as_text(state["words"]).split(" "))
    reader.load(state)
    return reader


def unit(vectors: np.ndarray) -> np.ndarray:
    """Vectors from their middle, all as long as one: their products are cosines."""
    vectors = vectors - vectors.mean(axis=0)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def nearest_to(wanted: np.ndarray, vectors: np.ndarray, many: int, without: list[int]) -> list[tuple[int, float]]:
    """The rows that point most where `wanted` points, with the cosine; some left out."""
    cosines = vectors @ (wanted / max(float(np.linalg.norm(wanted)), 1e-9))
    cosines[without] = -2
    return [(int(row), float(cosines[row])) for row in np.argsort(-cosines, kind="stable")[:many]]


def evaluate(reader: Reader) -> dict[str, Metric]:
    """Groups of words and pairs written by us, asked of the vectors and of folded counts."""
    counted = counting.fold(counting.table(reader.text.numpy(), len(reader.words), WINDOW), reader.config.hidden_dim)
    learned, counted = unit(reader.middle.numpy().astype(float)), unit(counted.astype(float))
    groups = [[reader.number[word] for word in group] for group in likeness.groups(reader.number)]
    asked = [[reader.number[word] for word in words] for words in likeness.analogies(reader.number)]
    found = {"words": Metric(len(reader.words))}
    for name, vectors in (("", learned), ("baseline_counting_", counted)):
        if groups:
            found[f"{name}neighbours"] = bootstrap(ahead_of_strangers(vectors, groups))
        if asked:
            found[f"{name}analogies"] = wilson(sum(completes(vectors, four) for four in asked), len(asked))
    if asked:  # without king and man: is queen simply the word next to woman?
        found["baseline_nearest_analogies"] = wilson(sum(completes(learned, four, 0) for four in asked), len(asked))
    found["baseline_chance_neighbours"] = Metric(0.5)
    return found


def ahead_of_strangers(vectors: np.ndarray, groups: list[list[int]]) -> list[float]:
    """For each word: how many of all other words are farther from it than one of its group, on average."""
    shares = []
    for group in groups:
        stranger = np.ones(len(vectors), dtype=bool)
        stranger[group] = False
        for word in group:
            cosines = vectors @ vectors[word]
            strangers = np.sort(cosines[stranger])
            friends = [cosines[other] for other in group if other != word]
            shares.append(float(np.searchsorted(strangers, friends).mean() / len(strangers)))
    return shares


def completes(vectors: np.ndarray, four: list[int], strength: float = 1.0) -> bool:
    """Whether b - a + c is nearest to d, when a, b and c themselves are left out."""
    a, b, c, d = four
    wanted = vectors[c] + strength * (vectors[b] - vectors[a])
    return nearest_to(wanted, vectors, 1, [a, b, c])[0][0] == d


def answer(reader: Reader, text: str) -> dict:
    """`WORD` for its neighbours, or `WORD - WORD + WORD`."""
    signs = re.findall(r"([+-]?)\s*([^\s+-]+)", text.lower())
    if not signs or re.sub(r"[+-]?\s*[^\s+-]+", "", text).strip():
        raise ValueError("Write a word, or a sum of words such as: king - man + woman")
    for _, word in signs:
        if word not in reader.number:
            raise ValueError(f"'{word}' occurs too seldom in the text.{nearest(word, reader.words)}")
    vectors = unit(reader.middle.numpy().astype(float))
    rows = [reader.number[word] for _, word in signs]
    wanted = sum((-1 if sign == "-" else 1) * vectors[row] for (sign, _), row in zip(signs, rows, strict=True))
    found = nearest_to(np.asarray(wanted), vectors, 8, rows)
    return {"nearest": [reader.words[row] for row, _ in found], "cosine": [round(like, 4) for _, like in found]}


def export(reader: Reader) -> Export:
    """The commonest words with their vectors in 8 bits; a sum with its answer, to begin with before those are there."""
    words = reader.words[:SHOWN]
    vectors = unit(reader.middle.numpy()[: len(words)].astype(float))
    scale = float(abs(vectors).max()) / 127
    numbers = np.round(vectors / scale).astype(np.int8)
    seen = unit_as_page(numbers)
    pairs = [list(four) for four in likeness.analogies({word: row for row, word in enumerate(words)})]
    chart = {"words": words, "flat": flat(seen), "pairs": pairs}
    file = json.dumps(chart, ensure_ascii=False, separators=(",", ":")).encode()
    start = _case(seen, words, first_terms(pairs, words), NEAR)
    start["all"] = _nearest_of_all(seen, words, start["input"])
    own = [word for _, word in start["input"]] + [one["word"] for one in start["output"]]
    about = {"dims": numbers.shape[1], "first": first_words(reader), "sums": len(pairs), "start": start}
    about |= {"cloud": chart["flat"][:CLOUD], "places": {word: chart["flat"][words.index(word)] for word in own}}
    about |= {"bytes": len(file) + numbers.nbytes, "later": ["words.json", "vectors.bin"]}
    cases = [_case(seen, words, terms) for terms in _asked(words, pairs)]
    return Export(about, cases, poster(about | chart), 1e-5, {"vectors.bin": numbers.tobytes(), "words.json": file})


def first_terms(pairs: list[list[str]], words: list[str]) -> list[list]:
    """The famous sum where the book has its words, else another of ours, else the word with the most to say."""
    for king, man, woman in FAMOUS:
        if {king, man, woman} <= set(words):
            return [[1, king], [-1, man], [1, woman]]
    return [[1, pairs[0][1]], [-1, pairs[0][0]], [1, pairs[0][2]]] if pairs else [[1, words[20]]]


def unit_as_page(numbers: np.ndarray) -> np.ndarray:
    """The vectors as the page has them: whole numbers, made as long as one."""
    vectors = numbers.astype(float)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def flat(vectors: np.ndarray) -> list[list[float]]:
    """The two directions in which the words differ most, as a map; 64 of them do not fit on paper."""
    _, _, directions = np.linalg.svd(vectors - vectors.mean(axis=0), full_matrices=False)
    places = (vectors - vectors.mean(axis=0)) @ directions[:2].T
    places = np.sign(places) * np.abs(places) ** 0.75  # so that the crowd in the middle gets room
    return (places / np.abs(places).max(axis=0)).round(2).tolist()


def first_words(reader: Reader) -> list[str]:
    """A word to begin with from each group of ours that the text knows, else the commonest ones of some length."""
    ours = [group[0] for group in likeness.groups({word: row for row, word in enumerate(reader.words[:SHOWN])})]
    return (ours + [word for word in reader.words[20:] if len(word) > 4])[:8]


def _nearest_of_all(vectors: np.ndarray, words: list[str], terms: list[list]) -> str:
    """The nearest word to a sum, when the words of the sum are let in."""
    wanted = sum(sign * vectors[words.index(word)] for sign, word in terms)
    return words[nearest_to(np.asarray(wanted), vectors, 1, [])[0][0]]


def _asked(words: list[str], pairs: list[list[str]]) -> list[list[list]]:
    single = [[[1, word]] for word in (words[5], words[20], words[40])]
    sums = [[[1, b], [-1, a], [1, c]] for a, b, c, _ in pairs[:3]]
    return [*single, *(sums or [[[1, words[8]], [-1, words[9]], [1, words[10]]]])]


def _case(vectors: np.ndarray, words: list[str], terms: list[list], many: int = 4) -> dict:
    rows = [words.index(word) for _, word in terms]
    wanted = sum(sign * vectors[row] for (sign, _), row in zip(terms, rows, strict=True))
    found = nearest_to(np.asarray(wanted), vectors, many, rows)
    return {"input": terms, "output": [{"word": words[row], "like": like} for row, like in found]}


def poster(about: dict) -> str:
    """The words to begin with and their neighbourhood, on the map."""
    sheet = drawing.Sheet((-1.1, 1.1), (-1.05, 1.05), 480, 300)
    sheet.cloud(about["flat"][:600], 2.4, "var(--grid)")
    for word in about["first"]:
        place = about["flat"][about["words"].index(word)]
        sheet.dot(*place, 3, "var(--blue)")
        sheet.text(place[0], place[1] + 0.05, word)
    return sheet.svg()
