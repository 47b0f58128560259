"""Our language network beside language identifiers of text, and beside reading a picture first: accuracy and cost.

    python bench/language.py RUN [RUN …] [--sentences languages] [--pictures 300] [--ablation 700]

RUN are kept runs of the study, one per seed, all trained on the same sentences. Everybody gets the same test texts, in
one process and one thread, after a warm-up that is not counted; costs are `process_time`. Peers, where installed (pip
install lingua-language-detector py3langid): lingua and py3langid, limited to English, Spanish and Arabic, since with
all languages allowed they answer a harder question. Ours answers between the same three here; `other` takes no part.
The ceiling of a picture is read by Tesseract, where it is installed, and named by lingua, on the same pictures that
ours sees. `--ablation STEPS` also trains the recipe that many updates with one thing changed at a time, and judges it
by pictures of validation sentences, unseen fonts and no accents; without it the last one measured stays. Writes
bench/results/language.json and language.md.
"""

import argparse
import importlib
import json
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from cuaderno.lab.device import calm_threads, processor
from cuaderno.lab.files import write_atomic
from cuaderno.lab.metrics import Metric, wilson
from cuaderno.lab.run import Run
from cuaderno.studies.language import fonts as fonts_here
from cuaderno.studies.language.data import LANGUAGES, Corpus, open_corpus
from cuaderno.studies.language.excerpts import texts_to_judge
from cuaderno.studies.language.judge import draw_pictures, embed_pictures, embed_texts, probabilities
from cuaderno.studies.language.letters import without_accents
from cuaderno.studies.language.train import Config, train, trained

RESULTS = Path(__file__).parent / "results"
TESTS = ("sentence", "few_words", "word")
THREE = LANGUAGES[:3]
WARM_UP = 64
CHANGES: dict[str, dict] = {
    "the recipe": {},
    "no lessons about letters": {"letters_weight": 0.0},
    "always the true ends of letters": {"own_ends_from": 1.0},
    "half the texts": {"texts": 32},
    "slow Muon": {"matrix_learning_rate": 0.01},
}
Answers = Callable[[list[str]], list[str]]


def lingua() -> Answers:
    """lingua in its accurate mode, its models loaded beforehand."""
    package = importlib.import_module("lingua")
    codes = [getattr(package.IsoCode639_1, code.upper()) for code in THREE]
    detector = package.LanguageDetectorBuilder.from_iso_codes_639_1(*codes).with_preloaded_language_models().build()

    def answer(texts: list[str]) -> list[str]:
        found = [detector.detect_language_of(text) for text in texts]
        return [one.iso_code_639_1.name.lower() if one else "" for one in found]

    return answer


def py3langid() -> Answers:
    """py3langid, limited to the three."""
    package = importlib.import_module("py3langid.langid")
    identifier = package.LanguageIdentifier.from_model_file(package.MODEL_FILE)
    identifier.set_languages(list(THREE))
    return lambda texts: [identifier.classify(text)[0] for text in texts]


def ours(run: Run) -> Answers:
    """A run's text entrance, between the three."""
    model = trained(run)

    def answer(texts: list[str]) -> list[str]:
        chances = probabilities(model, embed_texts(model, texts))
        return [THREE[i] for i in chances[:, :3].argmax(axis=1)]

    return answer


def judge_texts(answer: Answers, tests: dict[str, list[tuple[str, str]]]) -> dict:
    """Accuracy among the three and between English and Spanish, and texts per CPU second, for each test."""
    result = {}
    for name in TESTS:
        texts, wanted = [text for text, _ in tests[name]], [language for _, language in tests[name]]
        answer(texts[:WARM_UP])
        began = time.process_time()
        found = answer(texts)
        spent = time.process_time() - began
        latin = [i for i, language in enumerate(wanted) if language != "ar"]
        result[name] = {
            "three": plain(wilson(sum(map(str.__eq__, found, wanted)), len(wanted))),
            "es_vs_en": plain(wilson(sum(found[i] == wanted[i] for i in latin), len(latin))),
            "per_second": len(texts) / spent,
        }
    return result


def judge_pictures(runs: list[Run], corpus: Corpus, most: int) -> dict:
    """The same pictures of sentences without accents for our runs, and for Tesseract with lingua behind it."""
    sentences = texts_to_judge(corpus, most)["sentence"]
    tests = [(without_accents(text), language) for text, language in sentences if language != "ar"]
    pool = fonts_here.pools(fonts_here.find_fonts())["unseen"]
    pictures = draw_pictures([text for text, _ in tests], pool)
    wanted = [language for _, language in tests]
    result = {}
    for run in runs:
        model = trained(run)
        began = time.process_time()
        chances = probabilities(model, embed_pictures(model, pictures))
        spent = time.process_time() - began
        right = sum(THREE[i] == language for i, language in zip(chances[:, :2].argmax(axis=1), wanted, strict=True))
        of_four = sum(LANGUAGES[i] == language for i, language in zip(chances.argmax(axis=1), wanted, strict=True))
        result[named(run)] = {
            "es_vs_en": plain(wilson(right, len(tests))),
            "of_four": plain(wilson(of_four, len(tests))),
            "milliseconds": 1000 * spent / len(tests),
        }
    if shutil.which("tesseract") and importlib.util.find_spec("lingua"):
        began = time.perf_counter()  # another program does the work
        found = lingua()([read_out(picture) for picture in pictures])
        spent = time.perf_counter() - began
        right = sum(map(str.__eq__, found, wanted))
        result["tesseract and lingua"] = {
            "es_vs_en": plain(wilson(right, len(tests))),
            "milliseconds": 1000 * spent / len(tests),
        }
    return result


def read_out(picture: np.ndarray) -> str:
    """What Tesseract reads in a picture, dark on light and three times as large, as it likes them."""
    if np.median(picture) < picture.mean():
        picture = 1 - picture
    image = Image.fromarray((255 * picture).astype(np.uint8))
    image = image.resize((3 * image.width, 3 * image.height), Image.Resampling.BICUBIC)
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        image.save(file.name)
        command = ["tesseract", file.name, "-", "-l", "eng+spa", "--psm", "7"]
        environment = {"OMP_THREAD_LIMIT": "1", "PATH": "/usr/bin:/bin:/usr/local/bin:/opt/homebrew/bin"}
        return subprocess.run(command, capture_output=True, text=True, env=environment).stdout.strip()


def ablation(sentences: str, steps: int, corpus: Corpus) -> list[dict]:
    """The recipe with one thing changed at a time, all with the same seed and as many updates."""
    pools = fonts_here.pools(fonts_here.find_fonts())
    tests = [(without_accents(text), language) for language in THREE[:2] for text in corpus.val.of(language)]
    pictures = draw_pictures([text for text, _ in tests], pools["unseen"])
    rows = []
    for name, change in CHANGES.items():
        config = replace(Config(sentences=sentences, steps=steps, val_every=steps), **change)
        with tempfile.TemporaryDirectory() as folder:
            run = Run.create("language", config, Path(folder))
            began = time.process_time()
            train(config, run)
            spent = time.process_time() - began
            model = trained(run)
        chances = probabilities(model, embed_pictures(model, pictures, own_ends=config.letters_weight > 0))
        right = sum(THREE[i] == language for i, (_, language) in zip(chances[:, :2].argmax(axis=1), tests, strict=True))
        rows.append({"name": name, "seconds": spent, "es_vs_en": plain(wilson(right, len(tests)))})
        print(rows[-1], flush=True)
    return rows


def named(run: Run) -> str:
    """A run by its id and how long it was trained."""
    return f"{run.id}, {run.data['steps']:,} updates"


def plain(metric: Metric) -> dict:
    return vars(metric)


def percent(value: dict) -> str:
    return f"{100 * value['value']:.2f} ({100 * value['low']:.2f}–{100 * value['high']:.2f})"


def write_table(result: dict) -> None:
    """language.md: the same figures for people."""
    counts = {name: next(iter(result["texts"].values()))[name]["es_vs_en"]["n"] for name in TESTS}
    lines = [
        "# Naming a language: accuracy and cost",
        "",
        f"`{result['command']}` on {result['processor']}, one thread, torch {torch.__version__}.",
        "Percent right with 95 % intervals. One of three: English, Spanish, Arabic.",
        "",
        "## Text",
        "",
        "| | test | one of three | English or Spanish | texts a CPU second |",
        "|---|---|---|---|---|",
    ]
    for who, rows in result["texts"].items():
        for name in TESTS:
            row = rows[name]
            lines.append(
                f"| {who} | {name.replace('_', ' ')} | {percent(row['three'])} | {percent(row['es_vs_en'])} "
                f"| {row['per_second']:,.0f} |"
            )
    lines += [
        "",
        "English and Spanish tests: " + ", ".join(f"{n.replace('_', ' ')} {c:,}" for n, c in counts.items()) + ".",
    ]
    lines += ["", "## Pictures of sentences without accents, unseen fonts", ""]
    lines += ["| | English or Spanish | right of all four answers | n | ms a picture |", "|---|---|---|---|---|"]
    for who, row in result["pictures"].items():
        value, four = row["es_vs_en"], percent(row["of_four"]) if "of_four" in row else "–"
        lines.append(f"| {who} | {percent(value)} | {four} | {value['n']:,} | {row['milliseconds']:.1f} |")
    lines += [
        "",
        "Python and torch, not the page. The faults of the pictures are those that our training makes, and Tesseract "
        "gets them three times as large, without other preparation: on clean scans it would do better.",
    ]
    if result["ablation"]:
        lines += ["", f"## One thing changed at a time, {result['steps']:,} updates, one seed", ""]
        lines += [f"Measured with `--ablation {result['steps']}`. Differences of less than two points say nothing.", ""]
        lines += ["| | English or Spanish, pictures of validation sentences | CPU s |", "|---|---|---|"]
        lines += [f"| {r['name']} | {percent(r['es_vs_en'])} | {r['seconds']:.0f} |" for r in result["ablation"]]
    write_atomic(RESULTS / "language.md", "\n".join(lines) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--sentences", default="languages")
    parser.add_argument("--pictures", type=int, default=300, help="sentences of each language that are drawn")
    parser.add_argument("--ablation", type=int, default=0, help="updates of each changed recipe; 0 for none")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    runs, corpus = [Run.open(folder) for folder in arguments.runs], open_corpus(arguments.sentences)
    tests = texts_to_judge(corpus, 10**6)
    competitors: dict[str, Answers] = {named(run): ours(run) for run in runs}
    for name, make in (("lingua", lingua), ("py3langid", py3langid)):
        try:
            competitors[name] = make()
        except ModuleNotFoundError:
            print(f"{name} is not installed and left out")
    before = json.loads((RESULTS / "language.json").read_text()) if (RESULTS / "language.json").exists() else {}
    result = {
        "command": shlex.join(["python", "bench/language.py", *sys.argv[1:]]),
        "processor": processor(),
        "texts": {name: judge_texts(answer, tests) for name, answer in competitors.items()},
        "pictures": judge_pictures(runs, corpus, arguments.pictures),
        "steps": arguments.ablation or before.get("steps", 0),
        "ablation": ablation(arguments.sentences, arguments.ablation, corpus)
        if arguments.ablation
        else before.get("ablation", []),
    }
    write_atomic(RESULTS / "language.json", json.dumps(result, indent=1) + "\n")
    write_table(result)
    print((RESULTS / "language.md").read_text())


if __name__ == "__main__":
    calm_threads()
    main()
