"""Judge both entrances on sentences and fonts that training never met, and look for ways to be right by cheating.

Every test of pictures draws with fonts whose designs were kept back, decorative ones among them. English against
Spanish is judged between the two: which is the likelier? So chance is a half. Arabic against the rest likewise, among
the three. Where the right one of four is asked for, `other` is an answer too.
"""

import random

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from cuaderno.lab.export import save_json
from cuaderno.lab.metrics import Metric, bootstrap, wilson
from cuaderno.lab.progress import Progress
from cuaderno.lab.run import Run
from cuaderno.studies.language import fonts as fonts_here
from cuaderno.studies.language.data import LANGUAGES, Corpus, open_corpus
from cuaderno.studies.language.declaration import lines
from cuaderno.studies.language.excerpts import false_accents, shuffled_letters, texts_to_judge
from cuaderno.studies.language.fonts import Pool
from cuaderno.studies.language.judge import (
    draw_pictures,
    drawable,
    embed_pictures,
    embed_texts,
    probabilities,
    windows_of_pictures,
    windows_of_texts,
)
from cuaderno.studies.language.letters import without_accents
from cuaderno.studies.language.model import LanguageNet
from cuaderno.studies.language.quantize import folded, rounded
from cuaderno.studies.language.train import Config, trained

SURE = 0.9
LOOK_ALIKES = ("ca", "fa", "fr", "gl", "it", "pt", "ur")
CROWD = 300  # texts among which a picture has to find its own
BINS = 10
CONFUSED = 200  # test sentences of each language in the table of confusions

Tests = list[tuple[str, str]]


def evaluate(run: Run) -> dict[str, Metric]:
    """All that the card shows: what it gets right, the controls, and trivial answers beside it."""
    config = run.config(Config)
    corpus = open_corpus(config.sentences)
    judge = Judge(config, trained(run), fonts_here.pools(fonts_here.find_fonts(config.max_designs)))
    texts = texts_to_judge(corpus, 10**6)
    own = {name: first_of(tests, config.num_test) for name, tests in texts.items()}
    with Progress("judge texts and pictures", 5, unit="part") as progress:
        metrics = text_metrics(judge, texts)
        progress.advance()
        metrics |= picture_metrics(judge, own)
        progress.advance()
        metrics |= control_metrics(judge, first_of(own["sentence"], max(1, config.num_test // 2)))
        progress.advance()
        metrics |= look_alike_metrics(judge, corpus, config.num_test)
        save_json(run.folder / "confusions.json", confusions(judge, corpus, min(config.num_test, CONFUSED)))
        progress.advance()
        metrics |= baselines(judge, corpus, own["sentence"]) | browser_metrics(config, judge, own["sentence"])
        progress.advance()
    metrics["parameters"] = Metric(sum(parameter.numel() for parameter in judge.model.parameters()))
    return metrics


class Judge:
    """A network with the fonts to try it on."""

    def __init__(self, config: Config, model: LanguageNet, pools: dict[str, Pool]):
        self.model, self.pools, self.own_ends = model, pools, config.letters_weight > 0

    def texts(self, tests: Tests) -> np.ndarray:
        """Probabilities (N, 4) for texts."""
        return probabilities(self.model, embed_texts(self.model, [text for text, _ in tests]))

    def pictures(self, tests: Tests, kind: str = "unseen", seed: int = 5, spoilt: float = 0.7) -> np.ndarray:
        """Probabilities (N, 4) for pictures of texts in fonts of one kind."""
        pictures = draw_pictures([text for text, _ in tests], self.pools[kind], seed, spoilt)
        return probabilities(self.model, embed_pictures(self.model, pictures, self.own_ends))


def text_metrics(judge: Judge, texts: dict[str, Tests]) -> dict[str, Metric]:
    """The text entrance: the three languages, and English against Spanish alone."""
    metrics = {}
    for name in ("sentence", "few_words", "word", "new_word"):
        tests = texts[name]
        if not tests:
            continue
        answers = judge.texts(tests)
        metrics[f"text_{name}"] = share_right(answers, tests)
        metrics |= two_way(f"text_{name}_es_vs_en", answers, tests)
        if name == "sentence":
            metrics["text_calibration"] = calibration(answers, tests)
    formal = lines()
    metrics |= two_way("text_formal_es_vs_en", judge.texts(formal), formal)
    return metrics


def picture_metrics(judge: Judge, own: dict[str, Tests]) -> dict[str, Metric]:
    """The picture entrance, and the two sides of the bet."""
    metrics = {}
    tests = drawable(own["sentence"], judge.pools["unseen"])
    answers = judge.pictures(tests)
    metrics["image_sentence"] = share_right(answers, tests)
    metrics["image_calibration"] = calibration(answers, tests)
    metrics |= two_way("image_sentence_es_vs_en", answers, tests)
    if any(language == "ar" for _, language in tests):
        metrics["image_arabic_vs_rest"] = arabic_or_not(answers, tests)
        fancy = drawable(first_of(own["sentence"], 300), judge.pools["fancy"])
        metrics["image_arabic_vs_rest_fancy"] = arabic_or_not(judge.pictures(fancy, "fancy"), fancy)
    plain = [(without_accents(text), language) for text, language in own["sentence"] if language != "ar"]
    metrics |= two_way("image_es_vs_en", judge.pictures(plain), plain)
    for name in ("few_words", "word", "new_word"):
        latin = [test for test in own[name] if test[1] != "ar"]
        if latin:
            metrics |= two_way(f"image_{name}_es_vs_en", judge.pictures(latin), latin)
    formal = lines()
    metrics |= two_way("image_formal_es_vs_en", judge.pictures(formal), formal)
    metrics |= retrieval(judge, own["sentence"])
    return metrics


def control_metrics(judge: Judge, sentences: Tests) -> dict[str, Metric]:
    """The same sentences written or drawn otherwise: what does it go by?"""
    rng = random.Random(11)
    latin = [test for test in sentences if test[1] != "ar"]
    capitals = [(text.upper(), language) for text, language in latin]
    shuffled = [(shuffled_letters(rng, without_accents(text)), language) for text, language in latin]
    accented = [(false_accents(rng, text), language) for text, language in latin if language == "en"]
    return {
        **two_way("image_capitals_es_vs_en", judge.pictures(capitals), capitals),
        **two_way("image_fancy_es_vs_en", judge.pictures(latin, "fancy"), latin),
        **two_way("image_seen_fonts_es_vs_en", judge.pictures(latin, "seen"), latin),
        **two_way("image_clean_es_vs_en", judge.pictures(latin, spoilt=0.0), latin),
        **two_way("image_spoilt_es_vs_en", judge.pictures(latin, spoilt=1.3), latin),
        **two_way("image_shuffled_es_vs_en", judge.pictures(shuffled), shuffled),
        **two_way("image_false_accents_en", judge.pictures(accented), accented),
        **two_way("text_shuffled_es_vs_en", judge.texts(shuffled), shuffled),
    }


def look_alike_metrics(judge: Judge, corpus: Corpus, most: int) -> dict[str, Metric]:
    """Other languages, and how often the network is sure that they are one of the three."""
    metrics = {}
    for code in LOOK_ALIKES:
        tests = [(text, "other") for text in corpus.test.own.get(code, [])[:most]]
        if not tests:
            continue
        metrics[f"text_sure_{code}"] = taken_for_one_of_three(judge.texts(tests))
        tests = drawable(tests, judge.pools["unseen"])
        if tests:
            metrics[f"image_sure_{code}"] = taken_for_one_of_three(judge.pictures(tests))
    return metrics


def confusions(judge: Judge, corpus: Corpus, most: int) -> dict[str, dict[str, list[float]]]:
    """The shares of the four answers, for the texts and for the pictures of each language of its own."""
    shares: dict[str, dict[str, list[float]]] = {"texts": {}, "pictures": {}}
    for code in (*LANGUAGES[:3], *corpus.test.others()):
        tests = [(text, code) for text in corpus.test.own[code][:most]]
        drawn = drawable(tests, judge.pools["unseen"])
        for name, some, answer in (("texts", tests, judge.texts), ("pictures", drawn, judge.pictures)):
            if some:
                given = np.bincount(answer(some).argmax(axis=1), minlength=len(LANGUAGES))
                shares[name][code] = (given / len(some)).tolist()
    return shares


def browser_metrics(config: Config, judge: Judge, tests: Tests) -> dict[str, Metric]:
    """The network as the page has it, with 8-bit weights."""
    page = Judge(config, rounded(folded(judge.model)), judge.pools)
    plain = [(without_accents(text), language) for text, language in tests if language != "ar"]
    metrics = two_way("browser_image_es_vs_en", page.pictures(plain), plain)
    return metrics | {"browser_text_sentence": share_right(page.texts(tests), tests)}


def baselines(judge: Judge, corpus: Corpus, tests: Tests) -> dict[str, Metric]:
    """Chance, and what the width of a picture or its ink per row give away about English and Spanish."""
    latin = [test for test in tests if test[1] != "ar"]
    lessons = [(text, language) for language in LANGUAGES[:2] for text in corpus.train.of(language)[: len(latin)]]
    drawn = {}
    for name, some, seed in (("train", lessons, 21), ("test", latin, 22)):
        drawn[name] = draw_pictures([text for text, _ in some], judge.pools["unseen"], seed)
    wanted = {
        name: np.array([language == "es" for _, language in some])
        for name, some in (("train", lessons), ("test", latin))
    }
    most = max(int(wanted["test"].sum()), int((~wanted["test"]).sum()))
    metrics = {"baseline_chance_es_vs_en": wilson(most, len(latin))}
    for name, look in (("width", by_width), ("rows", by_rows)):
        given = {split: np.stack([look(picture) for picture in pictures]) for split, pictures in drawn.items()}
        right = nearest(given["train"], wanted["train"], given["test"]) == wanted["test"]
        metrics[f"baseline_{name}_es_vs_en"] = wilson(int(right.sum()), len(latin))
    return metrics


def retrieval(judge: Judge, tests: Tests) -> dict[str, Metric]:
    """How often a picture's own text is the most alike among some hundred of the same language.

    Not the vector of the whole line is compared, which knows little but the language, but what the trunk's first layer
    makes of each place: every place of the one looks for its like in the other, and both ways count.
    """
    found, total = 0, 0
    for language in LANGUAGES[:3]:
        crowd = [text for text, own in drawable(tests, judge.pools["unseen"]) if own == language][:CROWD]
        if not crowd:
            continue
        read = windows_of_texts(judge.model, crowd)
        seen = windows_of_pictures(judge.model, draw_pictures(crowd, judge.pools["unseen"]), judge.own_ends)
        found += sum(int(own == best) for own, best in enumerate(most_alike(seen, read)))
        total += len(crowd)
    return {"image_finds_text": wilson(found, total)} if total else {}


def most_alike(rows: list[Tensor], others: list[Tensor]) -> list[int]:
    """For each of some rows of vectors, which of the others is the most like it."""
    centre = torch.cat(others).mean(dim=0)
    sizes = [len(other) for other in others]
    every = F.normalize(torch.cat(others) - centre, dim=1)
    best = []
    for row in rows:
        likeness = F.normalize(row - centre, dim=1) @ every.t()
        scores = [part.amax(dim=1).mean() + part.amax(dim=0).mean() for part in likeness.split(sizes, dim=1)]
        best.append(int(torch.stack(scores).argmax()))
    return best


# --- counting


def first_of(tests: Tests, most: int) -> Tests:
    """The first so many of each language."""
    return [test for language in LANGUAGES for test in [one for one in tests if one[1] == language][:most]]


def share_right(answers: np.ndarray, tests: Tests) -> Metric:
    """How often the likeliest of all four is right."""
    wanted = np.array([LANGUAGES.index(language) for _, language in tests])
    return wilson(int((answers.argmax(axis=1) == wanted).sum()), len(tests))


def two_way(name: str, answers: np.ndarray, tests: Tests) -> dict[str, Metric]:
    """English or Spanish, whichever is the likelier; nothing when there is no test of either."""
    rows = [i for i, (_, language) in enumerate(tests) if language in LANGUAGES[:2]]
    wanted = np.array([LANGUAGES.index(tests[i][1]) for i in rows])
    return {name: wilson(int((answers[rows, :2].argmax(axis=1) == wanted).sum()), len(rows))} if rows else {}


def arabic_or_not(answers: np.ndarray, tests: Tests) -> Metric:
    """Arabic is likelier than English and Spanish, and it is Arabic; or neither. `other` takes no part."""
    wanted = np.array([language == "ar" for _, language in tests])
    return wilson(int(((answers[:, :3].argmax(axis=1) == LANGUAGES.index("ar")) == wanted).sum()), len(tests))


def taken_for_one_of_three(answers: np.ndarray) -> Metric:
    """How often English, Spanish or Arabic is given more than nine tenths."""
    return wilson(int((answers[:, :3].max(axis=1) > SURE).sum()), len(answers))


def calibration(answers: np.ndarray, tests: Tests) -> Metric:
    """The mean distance between how sure it is and how often it is right, in ten bins of sureness."""
    wanted = np.array([LANGUAGES.index(language) for _, language in tests])
    sure, right = answers.max(axis=1), (answers.argmax(axis=1) == wanted).astype(float)

    def gap(rows: np.ndarray) -> float:
        bins = np.minimum((sure[rows] * BINS).astype(int), BINS - 1)
        sums = [np.bincount(bins, weights=values[rows], minlength=BINS) for values in (sure, right)]
        return float(np.abs(sums[0] - sums[1]).sum() / len(rows))

    rows = np.arange(len(tests), dtype=float)
    return bootstrap(rows, lambda some, axis: np.apply_along_axis(lambda r: gap(r.astype(int)), axis, some), 200)


def by_width(picture: np.ndarray) -> np.ndarray:
    return np.array([picture.shape[1]], dtype=float)


def by_rows(picture: np.ndarray) -> np.ndarray:
    """Ink in each of the 32 rows, light on dark or dark on light alike."""
    away = np.abs(picture - np.median(picture))
    return away.mean(axis=1) / max(float(away.mean()), 1e-6)


def nearest(given: np.ndarray, wanted: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """What the majority of the 25 most alike lessons would answer."""
    scale = given.std(axis=0) + 1e-9
    answers = []
    for row in asked / scale:
        distances = np.square(given / scale - row).sum(axis=1)
        close = np.argpartition(distances, min(25, len(distances) - 1))[:25]
        answers.append(wanted[close].mean() > 0.5)
    return np.array(answers)
