"""The study `refine` on real tables, from scratch, beside counted words: what it reaches and what it costs.

    python bench/refine.py [--seeds 0,1,2] [--only sms] [--again]

Tables are those of CUADERNO_DATA: `finetune/sms_spam.tsv` (spam or ham) and `finetune/stsb_train.tsv` (how alike two
sentences are, 0 to 5). Repeats are taken out and near twins stay on one side of the split; the split is the same for
all seeds. No pretrained weights: the tokenizer and the model know nothing but the training rows. Each training is one
thread, costs are `process_time` of training and evaluation. A result that is in bench/results/refine.json already is
not measured again unless asked. Writes bench/results/refine.json and refine.md.
"""

import argparse
import json
import tempfile
import time
from dataclasses import asdict, replace
from pathlib import Path

from cuaderno.lab.device import calm_threads, processor
from cuaderno.lab.files import write_atomic
from cuaderno.lab.metrics import Metric
from cuaderno.lab.run import Run

RESULTS = Path(__file__).parent / "results"


def settings() -> dict:
    """The recipe of each table."""
    from cuaderno.studies.refine.train import Config

    pairs = {"lowercase": True, "vocab_size": 6000, "embed_dim": 256, "num_layers": 1, "context_length": 48}
    return {
        "sms": Config(data="finetune/sms_spam.tsv"),
        "sms-cut": Config(data="finetune/sms_spam.tsv", epochs=4, context_length=64),
        "sts": Config(
            task="regress", data="finetune/stsb_train.tsv", epochs=2, learning_rate=5e-4, mask_rate=0.05,
            dropout_rate=0.3, **pairs,
        ),
    }  # fmt: skip


def measure(config, folder: Path) -> dict:
    """One training and its evaluation."""
    from cuaderno.studies.refine.evaluate import evaluate
    from cuaderno.studies.refine.train import train

    began = time.process_time()
    run = Run.create("refine", config, folder)
    train(config, run)
    metrics = evaluate(run)
    return {
        "seconds": round(time.process_time() - began, 1),
        "rows": run.data["effective"]["rows"],
        "val_loss": [row["val_loss"] for row in run.history() if "val_loss" in row],
        "metrics": {name: asdict(metric) for name, metric in metrics.items()},
    }


TITLES = {
    "sms": "Spam or ham, the default settings of the study",
    "sms-cut": "Spam or ham, half the epochs, texts cut at 64 tokens: 42 % of spam is longer",
    "sts": "How alike two sentences are",
}
GOALS = {
    "sms": ("macro_f1", "baseline_linear_macro_f1", "F1 over the labels", "TF-IDF + logistic regression"),
    "sms-cut": ("macro_f1", "baseline_linear_macro_f1", "F1 over the labels", "TF-IDF + logistic regression"),
    "sts": ("pearson", "baseline_cosine_pearson", "Pearson", "cosine of TF-IDF"),
}


BEFORE = (
    "Measured before rows were parted by `cuaderno.data`: the split is another one now. Measure it again with --again."
)


def table(results: dict) -> str:
    """refine.md: a row for each seed."""
    lines = ["# Tuning from scratch beside counted words", "", (__doc__ or "").split("\n\n")[2].strip(), ""]
    for name, (main, rival, title, rival_title) in GOALS.items():
        own = {key: one for key, one in results.items() if key.split()[0] == name}
        if not own:
            continue
        first = next(iter(own.values()))
        lines += [f"## {TITLES[name]}: {title}", "", f"Rows: {first['rows']}.", ""]
        if "→" not in first["rows"]:
            lines += [BEFORE, ""]
        others = [key for key in first["metrics"] if key.startswith("baseline_") and key.endswith(main.split("_")[-1])]
        lines += ["| | value | 95 % interval | n | CPU seconds |", "|---|---|---|---|---|"]
        lines += [line(f"ours, seed {key.split()[1]}", Metric(**one["metrics"][main]), one["seconds"])
                  for key, one in own.items()]  # fmt: skip
        lines += [line(key, Metric(**first["metrics"][key])) for key in others]
        values = [one["metrics"][main]["value"] for one in own.values()]
        beaten = first["metrics"][rival]["value"]
        verdict = "above it with every seed" if min(values) > beaten else "NOT above it with every seed: it wins there"
        best = max(others, key=lambda key: first["metrics"][key]["value"])
        top, mean = first["metrics"][best]["value"], sum(values) / len(values)
        if top >= mean:
            verdict += f"; but {best}, {top:.4f}, is at least as good as ours on average: here counted words win"
        lines += ["", f"Mean of {len(values)} seeds {mean:.4f}; {rival_title} {beaten:.4f}: "
                  f"{verdict} (smallest difference {min(values) - beaten:+.4f}).", ""]  # fmt: skip
    return "\n".join([*lines, f"Measured on {processor()}, one thread.", ""])


def line(name: str, metric: Metric, seconds: float | None = None) -> str:
    cost = "" if seconds is None else f"{seconds:.0f}"
    return f"| {name} | {metric.value:.4f} | {metric.low:.4f} to {metric.high:.4f} | {metric.n} | {cost} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--only", choices=tuple(GOALS))
    parser.add_argument("--again", action="store_true")
    arguments = parser.parse_args()
    calm_threads()
    path = RESULTS / "refine.json"
    results = json.loads(path.read_text()) if path.is_file() else {}
    for seed in map(int, arguments.seeds.split(",")):
        for name, config in settings().items():
            key = f"{name} {seed}"
            if arguments.only not in (None, name) or (key in results and not arguments.again):
                continue
            with tempfile.TemporaryDirectory() as folder:
                results[key] = measure(replace(config, seed=seed), Path(folder))
            results = dict(sorted(results.items()))
            write_atomic(path, json.dumps(results, indent=1) + "\n")
            write_atomic(RESULTS / "refine.md", table(results))
    print(table(results))


if __name__ == "__main__":
    main()
