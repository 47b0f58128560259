"""What the notes on the language study say beside its metrics: loud letters, the typefaces of mistakes, two languages.

    python bench/language_claims.py RUN [RUN …] [--sentences languages]

RUN are kept runs, all trained on the same sentences. Three things are looked at, on test sentences:

- which pairs of letters speak loudest for English and for Spanish: each letter is covered in turn, as in explain.py, a
  pair counts what its two letters say, and the mean over all its places in 600 sentences of each language is compared,
  of pairs that stand in 25 places or more;
- in which design of unseen fonts the Arabic pictures are drawn that are taken for one of the other two, and the other
  way round, on the pictures of the metric `image_arabic_vs_rest`;
- lines half in one language and half in another: how many are answered with more than 90 % with and without the vote of
  their parts, how many answers about pure sentences that changes, and what it costs.

Writes bench/results/language-claims.md.
"""

import argparse
import os
import random
import shlex
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from cuaderno.lab.device import calm_threads, processor
from cuaderno.lab.files import write_atomic
from cuaderno.lab.run import Run
from cuaderno.studies.language import fonts as fonts_here
from cuaderno.studies.language import pictures
from cuaderno.studies.language.data import LANGUAGES, Corpus, open_corpus
from cuaderno.studies.language.evaluate import first_of
from cuaderno.studies.language.excerpts import texts_to_judge
from cuaderno.studies.language.explain import letter_weights
from cuaderno.studies.language.judge import draw_pictures, drawable, embed_pictures, embed_texts, probabilities
from cuaderno.studies.language.letters import tidy
from cuaderno.studies.language.model import LanguageNet
from cuaderno.studies.language.predict import TOGETHER, text_answers
from cuaderno.studies.language.train import Config, as_batch, trained

RESULTS = Path(__file__).parent / "results"
EXPLAINED = 600  # sentences of each language whose letters are covered
LEAST_PLACES = 25
LOUDEST = 12
PAIRS = (("en", "es"), ("en", "ar"), ("es", "ar"), ("en", "other"), ("es", "other"))
LENGTHS = (30, 40, 60, 100)  # characters of a line in two languages
MIXED = 400  # such lines of each kind
SURE = 0.9


def loud_pairs(model: LanguageNet, corpus: Corpus, language: str) -> list[tuple[str, float, int]]:
    """The pairs of letters that speak loudest for a language: each with its mean in nats, and in how many places."""
    said: dict[str, list[float]] = defaultdict(list)
    for sentence in sorted(corpus.test.of(language))[:EXPLAINED]:
        text = tidy(sentence).lower()
        with torch.no_grad():
            letters, _ = model.read_text(as_batch([text]))
        nats = letter_weights(model, letters[0], LANGUAGES.index(language)).tolist()[1:-1]
        for i in range(len(text) - 1):
            if " " not in text[i : i + 2]:
                said[text[i : i + 2]].append(nats[i] + nats[i + 1])
    means = [(pair, float(np.mean(own)), len(own)) for pair, own in said.items() if len(own) >= LEAST_PLACES]
    return sorted(means, key=lambda one: -one[1])[:LOUDEST]


def drawn_with(texts: list[str], pool: fonts_here.Pool) -> tuple[list[np.ndarray], list[fonts_here.Font]]:
    """The pictures that `evaluate` draws of these texts, and the font of each."""
    choose, chosen = pictures.choose, []

    def remember(*given) -> fonts_here.Font:
        chosen.append(choose(*given))
        return chosen[-1]

    pictures.choose = remember
    try:
        return draw_pictures(texts, pool), chosen
    finally:
        pictures.choose = choose


def mistakes_by_design(models: list[LanguageNet], corpus: Corpus, most: int) -> list[str]:
    """A row for each design with a mistake about Arabic, as `image_arabic_vs_rest` counts them, over all runs."""
    pool = fonts_here.pools(fonts_here.find_fonts())["unseen"]
    tests = drawable(first_of(texts_to_judge(corpus, 10**6)["sentence"], most), pool)
    drawn, chosen = drawn_with([text for text, _ in tests], pool)
    is_arabic = np.array([language == "ar" for _, language in tests])
    names = [("Arabic, " if own else "Latin, ") + font.design for own, font in zip(is_arabic, chosen, strict=True)]
    asked, wrong = Counter(names), Counter()
    for model in models:
        answers = probabilities(model, embed_pictures(model, drawn))[:, :3].argmax(axis=1)
        wrong.update(names[i] for i in np.flatnonzero((answers == LANGUAGES.index("ar")) != is_arabic))
    total = sum(wrong.values())
    rows = [f"| {name} | {asked[name]} | {count} | {100 * count / total:.0f} |" for name, count in wrong.most_common()]
    return [*rows, f"| all {len(asked)} | {len(tests)} | {total} | 100 |"]


def mixed_lines(corpus: Corpus, one: str, other: str, length: int) -> list[str]:
    """Lines of about so many characters, the first half in one language and the second in another, or the other way."""
    rng, lines = random.Random(length), []
    for i in range(MIXED):
        halves = [half_of(rng, corpus.test.of(language), length // 2) for language in (one, other)]
        lines.append(" ".join(halves[:: 1 if i % 2 else -1]))
    return lines


def half_of(rng: random.Random, pool: list[str], length: int) -> str:
    """The first words of sentences, of about so many characters."""
    text = rng.choice(pool)
    while len(text) < length:
        text += " " + rng.choice(pool)
    first, *rest = text.split()
    for word in rest:
        if len(first) + 1 + len(word) > length:
            break
        first += " " + word
    return first


def in_groups(answer: Callable[[list[str]], np.ndarray], texts: list[str]) -> np.ndarray:
    """Answers to texts, as many together as `cuaderno predict` answers."""
    return np.concatenate([answer(texts[at : at + TOGETHER]) for at in range(0, len(texts), TOGETHER)])


def per_second(answer: Callable[[list[str]], np.ndarray], texts: list[str]) -> float:
    """Texts a CPU second, the best of five times: neighbours on a shared machine only make it slower."""
    best = 0.0
    for _ in range(5):
        began = time.process_time()
        in_groups(answer, texts)
        best = max(best, len(texts) / (time.process_time() - began))
    return best


def two_languages(model: LanguageNet, corpus: Corpus) -> list[str]:
    """What the vote of parts changes, for one run."""
    ways = {
        "without": lambda texts: probabilities(model, embed_texts(model, texts)),
        "with": lambda texts: text_answers(model, texts),
    }
    lines = ["| line | characters | sure without, % | sure with the vote, % |", "|---|---|---|---|"]
    for one, other in PAIRS:
        for length in LENGTHS:
            texts = mixed_lines(corpus, one, other, length)
            sure = [100 * float((in_groups(way, texts).max(axis=1) > SURE).mean()) for way in ways.values()]
            lines.append(f"| half {one}, half {other} | {length} | {sure[0]:.1f} | {sure[1]:.1f} |")
    pure = [(text, i) for i, language in enumerate(LANGUAGES) for text in corpus.test.of(language) if len(text) > 5]
    texts, wanted = [text for text, _ in pure], np.array([i for _, i in pure])
    before, after = (in_groups(way, texts) for way in ways.values())
    changed = int((abs(before - after).max(axis=1) > 1e-4).sum())
    other_answers = int((before.argmax(axis=1) != after.argmax(axis=1)).sum())
    right = [int((answers.argmax(axis=1) == wanted).sum()) for answers in (before, after)]
    speeds = [per_second(way, texts) for way in ways.values()]
    return [
        *lines,
        "",
        f"Of {len(pure):,} test sentences in one language, {changed} are answered with another confidence, "
        f"{other_answers} of them with another language; right of all four answers {right[0]:,} without, "
        f"{right[1]:,} with the vote. Sentences a CPU second: {speeds[0]:,.0f} without, {speeds[1]:,.0f} with the vote "
        "and all else that `cuaderno predict` does to a text.",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--sentences", default="languages")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    runs, corpus = [Run.open(folder) for folder in arguments.runs], open_corpus(arguments.sentences)
    models = [trained(run) for run in runs]
    command = shlex.join(["python", "bench/language_claims.py", *sys.argv[1:]])
    lines = [
        "# What the notes on the language study say",
        "",
        f"`{command}` on {processor()}, one thread, beside others (load average {os.getloadavg()[0]:.0f}).",
        "",
    ]
    lines += ["## The loudest pairs of letters", "", "Mean nats, and in how many places.", ""]
    for run, model in zip(runs, models, strict=True):
        for language in LANGUAGES[:2]:
            loud = ", ".join(f"*{pair}* {nats:.1f} ({n})" for pair, nats, n in loud_pairs(model, corpus, language))
            lines += [f"- {run.id}, {language}: {loud}"]
    lines += ["", "## Mistakes about Arabic in pictures, by the design of the font, over all these runs", ""]
    lines += ["| script, design | pictures | mistakes | % of all |", "|---|---|---|---|"]
    lines += mistakes_by_design(models, corpus, runs[0].config(Config).num_test)
    for run, model in zip(runs, models, strict=True):
        lines += ["", f"## Lines in two languages, {run.id}", "", *two_languages(model, corpus)]
    write_atomic(RESULTS / "language-claims.md", "\n".join(lines) + "\n")
    print((RESULTS / "language-claims.md").read_text())


if __name__ == "__main__":
    calm_threads()
    main()
