"""The study `refine` on real tables, beside counted words: what it reaches, what it was worth before, what it costs.

    python bench/refine.py [--seeds 0,1,2] [--only sms] [--again]
    python bench/refine.py --only sms --folds 3 --settings "--epochs 16"      # to choose settings: no test row is read

Tables are those of CUADERNO_DATA: `finetune/sms_spam.tsv` (spam or ham), `finetune/stsb_train.tsv` (how alike two
sentences are, 0 to 5) and `finetune/chat_es.jsonl` (questions and answers in Spanish). Repeats are taken out and near
twins stay on one side of the split; the split is the same for all seeds. Labels and numbers have no pretrained weights:
tokenizer and model know nothing but the training rows. The chat starts from the diary's GPT that has read Don Quixote,
letter by letter. Each training is one thread, costs are `process_time` of training and evaluation. A result that is in
bench/results/refine.json already is not measured again unless asked. Writes bench/results/refine.json and refine.md.
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
QUIXOTE = "run:gpt-20261121-092353-7bdcf5"
SWEEP = (
    "--preset quick --epochs 3 --data finetune/sms_spam.tsv --learning-rate 3e-4..1e-2 --dropout-rate 0..0.5 "
    "--batch-size 16,32,64 --trials 10"
)


def settings() -> dict:
    """The recipe of each table."""
    from cuaderno.studies.refine.train import Config

    pairs = {"lowercase": True, "vocab_size": 6000, "embed_dim": 256, "num_layers": 1, "context_length": 48}
    return {
        "sms": Config(data="finetune/sms_spam.tsv"),
        "sts": Config(
            task="regress", data="finetune/stsb_train.tsv", epochs=2, learning_rate=5e-4, mask_rate=0.05,
            dropout_rate=0.3, **pairs,
        ),
        "chat": Config(
            task="chat", model=QUIXOTE, data="finetune/chat_es.jsonl", context_length=256, lora_rank=16, epochs=6,
            learning_rate=5e-3, dropout_rate=0.05, batch_size=16,
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


def measure_folds(config, number: int, folder: Path) -> list[dict[str, float]]:
    """Train on the rows that are not for the test, but for a fold, and judge by that fold; near twins stay together."""
    from cuaderno.data.splits import split
    from cuaderno.studies.refine.data import open_table, without_digits

    table = open_table(config.data, config.task, config.text_column, config.target_column)
    rows = table.train + table.val
    shares = {str(fold): 1 / number for fold in range(number)}
    places = split([without_digits(row) for row in rows], [row.target for row in rows], shares, seed=1)
    names = ("sentence1", "sentence2") if len(rows[0].texts) == 2 else ("text",)
    lines = [json.dumps({"label": row.target, **dict(zip(names, row.texts, strict=True))}) for row in rows]
    found = []
    for fold in shares:
        for name, inside in (("learn", False), ("judge", True)):
            own = [line for line, place in zip(lines, places, strict=True) if (place == fold) == inside]
            (folder / f"{name}.jsonl").write_text("\n".join(own) + "\n")
        tried = replace(config, data=str(folder / "learn.jsonl"), test_data=str(folder / "judge.jsonl"))
        metrics = measure(tried, folder)["metrics"]
        found.append({name: metric["value"] for name, metric in metrics.items() if name.endswith(("f1", "pearson"))})
        print(fold, found[-1], flush=True)
    return found


def measure_sweep(folder: Path) -> dict:
    """A search by `cuaderno sweep`, and what each of its trials was worth on the validation rows."""
    from cuaderno import cli
    from cuaderno.lab import sweep

    began = time.process_time()
    arguments = cli.parse(["sweep", "refine", *SWEEP.split(), "--name", "bench", "--runs", str(folder)])
    arguments.action(arguments)
    found = sweep.finished(sweep.open_sweep("bench", f"sqlite:///{(folder / 'sweeps.db').resolve()}", "minimize"))
    trials = [{"trial": one.number, "val_loss": one.value, **one.params} for one in found]
    return {"seconds": round(time.process_time() - began, 1), "trials": trials}


TITLES = {"sms": "Spam or ham, the default settings of the study", "sts": "How alike two sentences are"}
GOALS = {
    "sms": ("macro_f1", "baseline_linear_macro_f1", "F1 over the labels", "TF-IDF + logistic regression"),
    "sts": ("pearson", "baseline_cosine_pearson", "Pearson", "cosine of TF-IDF"),
}


def page(results: dict) -> str:
    """refine.md: what was measured, a part for each table."""
    lines = ["# Tuning beside counted words", "", (__doc__ or "").split("\n\n")[2].strip(), ""]
    for name in GOALS:
        if own := {key: one for key, one in results.items() if key.split()[0] == name}:
            lines += table(name, own)
            lines += earlier(name, results)
    if "chat 0" in results:
        lines += chat(results["chat 0"])
    if "sweep" in results:
        lines += search(results["sweep"])
    return "\n".join([*lines, f"Measured on {processor()}, one thread.", ""])


def table(name: str, own: dict) -> list[str]:
    """A row for each seed and each baseline."""
    main, rival, title, rival_title = GOALS[name]
    first = next(iter(own.values()))
    others = [key for key in first["metrics"] if key.startswith("baseline_") and key.endswith(main.split("_")[-1])]
    lines = [f"## {TITLES[name]}: {title}", "", f"Rows: {first['rows']}.", "", *HEAD]
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
    return [*lines, "", f"Mean of {len(values)} seeds {mean:.4f}; {rival_title} {beaten:.4f}: "
            f"{verdict} (smallest difference {min(values) - beaten:+.4f}).", ""]  # fmt: skip


def earlier(name: str, results: dict) -> list[str]:
    """The old numbers beside the new ones."""
    own = [
        one["metrics"][GOALS[name][0]]["value"] for key, one in results.items() if key.split()[0] == f"{name}-before"
    ]
    values = ", ".join(f"{value:.4f}" for value in own)
    return [f"Before (words always cut alike, a long number a token a digit): {values}; mean "
            f"{sum(own) / len(own):.4f}.", ""] if own else []  # fmt: skip


HEAD = ["| | value | 95 % interval | n | CPU seconds |", "|---|---|---|---|---|"]


def line(name: str, metric: Metric, seconds: float | None = None) -> str:
    cost = "" if seconds is None else f"{seconds:.0f}"
    return f"| {name} | {metric.value:.4f} | {metric.low:.4f} to {metric.high:.4f} | {metric.n} | {cost} |"


def chat(one: dict) -> list[str]:
    """Before and after, on the same questions."""
    lines = ["## A chat by LoRA, from a GPT of one's own: before and after", "", f"Rows: {one['rows']}.", "", *HEAD]
    for kind in ("perplexity", "exact_match"):
        names = [kind, *(name for name in one["metrics"] if name.startswith("baseline_") and name.endswith(kind))]
        lines += [line(name, Metric(**one["metrics"][name]), one["seconds"] if name == kind == "perplexity" else None)
                  for name in names]  # fmt: skip
    return [*lines, "", "Perplexity is by letter, as this GPT reads: lower is better.", ""]


def search(one: dict) -> list[str]:
    """The trials of a sweep, the best one first."""
    names = [name for name in one["trials"][0] if name not in ("trial", "val_loss")]
    lines = ["## A search for settings", "", f"`cuaderno sweep refine {SWEEP}`, {one['seconds']:.0f} CPU seconds; ",
             "judged on the validation rows, no test row is touched:", "",
             f"| trial | val_loss | {' | '.join(names)} |", "|" + "---|" * (len(names) + 2)]  # fmt: skip
    lines += [f"| {trial['trial']} | {trial['val_loss']:.4f} | {' | '.join(f'{trial[name]:.4g}' for name in names)} |"
              for trial in one["trials"]]  # fmt: skip
    return [*lines, ""]


def choose(arguments: argparse.Namespace) -> None:
    """The means over the folds of some settings."""
    import tyro

    from cuaderno.studies.refine.train import Config

    config = tyro.cli(Config, args=arguments.settings.split(), default=settings()[arguments.only or "sms"])
    with tempfile.TemporaryDirectory() as folder:
        found = measure_folds(config, arguments.folds, Path(folder))
    print({name: round(sum(one[name] for one in found) / len(found), 4) for name in found[0]})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--only", choices=("sms", "sts", "chat", "sweep"))
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--folds", type=int, default=0, help="of the rows that are not for the test; writes nothing")
    parser.add_argument("--settings", default="", help="of `cuaderno train refine`, with --folds")
    arguments = parser.parse_args()
    calm_threads()
    if arguments.folds:
        choose(arguments)
        return
    path = RESULTS / "refine.json"
    results = json.loads(path.read_text()) if path.is_file() else {}
    wanted = [(f"{name} {seed}", name, seed) for seed in map(int, arguments.seeds.split(",")) for name in settings()
              if name != "chat" or seed == 0]  # fmt: skip
    for key, name, seed in [*wanted, ("sweep", "sweep", 0)]:
        if arguments.only not in (None, name) or (key in results and not arguments.again):
            continue
        with tempfile.TemporaryDirectory() as folder:
            if name == "sweep":
                results[key] = measure_sweep(Path(folder))
            else:
                results[key] = measure(replace(settings()[name], seed=seed), Path(folder))
        results = dict(sorted(results.items()))
        write_atomic(path, json.dumps(results, indent=1) + "\n")
        write_atomic(RESULTS / "refine.md", page(results))
    print(page(results))


if __name__ == "__main__":
    main()
