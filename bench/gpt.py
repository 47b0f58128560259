"""Our GPT beside nanoGPT's CPU recipe: validation loss against CPU seconds, tokens a second, what int8 and mixing do.

    python bench/gpt.py --nanogpt DIR [--text FILE] [--seeds 0 1 2] [--steps 4400]

DIR is a checkout of https://github.com/karpathy/nanoGPT, FILE Tiny Shakespeare (default: text/shakespeare.txt in
CUADERNO_DATA). nanoGPT runs in a copy of its own, with the command that its README gives for a CPU and another seed
each time; the copy is changed in two places only: the seed, and a clock around its own evaluations, so that they are
not counted. Both sides: one thread, float32, no compilation, the same split of characters, the exact loss over all
windows of the validation text that do not overlap (nanoGPT's of 64 characters, as trained). Costs are `process_time`
from the first update to the last. For each seed all rows run one after another, so that a busy machine slows all alike.
Writes bench/results/gpt.md and gpt.json.
"""

import argparse
import json
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import mean, median

import numpy as np
import torch

from cuaderno.lab.device import processor
from cuaderno.lab.run import Run
from cuaderno.studies.gpt.evaluate import ORDER, as_int8
from cuaderno.studies.gpt.generate import Sampling, draw
from cuaderno.studies.gpt.judge import token_losses
from cuaderno.studies.gpt.mixture import fit_weight, mixed, surprise
from cuaderno.studies.gpt.model import GPT
from cuaderno.studies.gpt.ngram import KneserNey
from cuaderno.studies.gpt.train import QUICK, Config, corpus_of, train, trained

RESULTS = Path(__file__).parent / "results"
RECIPE = """config/train_shakespeare_char.py --device=cpu --compile=False --eval_iters=20 --log_interval=1
--block_size=64 --batch_size=12 --n_layer=4 --n_head=4 --n_embd=128 --max_iters=2000
--lr_decay_iters=2000 --dropout=0.0"""
NEW_TOKENS = 500  # that both sides write, as nanoGPT's sample.py does

# What runs inside the copy of nanoGPT: its training, its exact validation loss, its `generate`.
PEER = """
import json, runpy, sys, time
import numpy as np, torch
from torch.nn import functional as F
torch.set_num_threads(1)
clock = {"judging": 0.0}
start = time.process_time()
runpy.run_path("train.py", init_globals={"CLOCK": clock})
seconds = time.process_time() - start - clock["judging"]
from model import GPT, GPTConfig
kept = torch.load("out-shakespeare-char/ckpt.pt", weights_only=False)
model = GPT(GPTConfig(**kept["model_args"]))
model.load_state_dict(kept["model"])
model.eval()
tokens = torch.from_numpy(np.fromfile("data/shakespeare_char/val.bin", dtype=np.uint16).astype(np.int64))
number = (len(tokens) - 1) // 64
inputs, targets = tokens[: number * 64].view(-1, 64), tokens[1 : number * 64 + 1].view(-1, 64)
with torch.no_grad():
    total = sum(model(x, y)[1].item() * len(x) for x, y in zip(inputs.split(64), targets.split(64)))
weights = sum(weight.numel() for weight in model.parameters())
answer = {"steps": 2000, "weights": weights, "cpu_seconds": seconds, "loss": total / number}
print("RESULT", json.dumps(answer))
"""


# What writes inside a checkout of nanoGPT: an untrained model of the recipe's shape, as quick as a trained one.
WRITER = """
import time, torch
from model import GPT, GPTConfig
torch.set_num_threads(1)
model = GPT(GPTConfig(block_size=64, vocab_size=65, n_layer=4, n_head=4, n_embd=128, dropout=0.0, bias=False)).eval()
start = time.process_time()
model.generate(torch.zeros(1, 1, dtype=torch.long), NEW_TOKENS, temperature=0.8)
print("RESULT", NEW_TOKENS / (time.process_time() - start))
"""


def speeds(checkout: Path, repeats: int = 7) -> list[tuple[float, float, float]]:
    """Tokens a CPU second, in turns: nanoGPT's, ours with its length of context, ours as published."""
    rows = []
    for _ in range(repeats):
        command = [sys.executable, "-c", WRITER.replace("NEW_TOKENS", str(NEW_TOKENS))]
        answer = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=True)
        both = []
        for length in (64, 256):
            model = GPT(65, length)
            start = time.process_time()
            list(draw(model, [0], Sampling(max_tokens=NEW_TOKENS, seed=0)))
            both.append(NEW_TOKENS / (time.process_time() - start))
        rows.append((float(answer.stdout.split("RESULT ")[1]), *both))
    return rows


def nanogpt(checkout: Path, text: str, seed: int) -> dict:
    """One run of the recipe: cost and exact loss."""
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / "nanoGPT"
        shutil.copytree(checkout, copy, ignore=shutil.ignore_patterns(".git", "out*", "*.bin"))
        source = (copy / "train.py").read_text()
        judging = (
            "began = time.process_time(); losses = estimate_loss(); CLOCK['judging'] += time.process_time() - began"
        )
        for old, new in (("1337", str(1337 + seed)), ("losses = estimate_loss()", judging)):
            assert source.count(old) == 1, f"this nanoGPT has another train.py: {old!r} is not there once"
            source = source.replace(old, new)
        (copy / "train.py").write_text(source)
        letters = sorted(set(text))
        codes = np.array([letters.index(letter) for letter in text], dtype=np.uint16)
        data = copy / "data" / "shakespeare_char"
        data.mkdir(parents=True, exist_ok=True)
        codes[: int(0.9 * len(codes))].tofile(data / "train.bin")
        codes[int(0.9 * len(codes)) :].tofile(data / "val.bin")
        (data / "meta.pkl").write_bytes(pickle.dumps({"vocab_size": len(letters)}))
        command = [sys.executable, "-c", PEER.replace("NEW_TOKENS", str(NEW_TOKENS)), *RECIPE.split()]
        single = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        answer = subprocess.run(command, cwd=copy, capture_output=True, text=True, env=os.environ | single)
        if answer.returncode:
            sys.exit(f"nanoGPT failed:\n{answer.stderr[-2000:]}")
        return json.loads(answer.stdout.split("RESULT ")[1])


def ours(config: Config, folder: Path) -> dict:
    """One run of ours: cost, losses with and without int8 and the 7-gram."""
    run = Run.create("gpt", config, folder)
    train(config, run)
    model, _ = trained(run)
    corpus, length = corpus_of(run), model.context_length
    losses = token_losses(model, corpus.val, length)
    start = time.process_time()
    weight = fit_weight(model, corpus, ORDER)
    counts = KneserNey.count(corpus.train, model.embed.num_embeddings, ORDER)
    fitting = time.process_time() - start
    counting = surprise(counts, corpus.val, losses.shape)
    both = mixed(losses, counting, weight)
    return {
        "steps": config.steps,
        "weights": sum(weight.numel() for weight in model.parameters()),
        "cpu_seconds": run.data["cpu_seconds"],
        "loss": losses.mean(),
        "int8_cost": token_losses(as_int8(model), corpus.val, length).mean() - losses.mean(),
        "ngram": counting.mean(),
        "ngram_weight": weight,
        "mixed": both.mean(),
        "mixed_cpu_seconds": run.data["cpu_seconds"] + fitting,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nanogpt", type=Path, required=True, metavar="DIR")
    parser.add_argument("--text", type=Path, metavar="FILE")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--steps", type=int, default=Config.steps, help="of the long run")
    arguments = parser.parse_args()
    text = arguments.text or Path(os.environ.get("CUADERNO_DATA", "")) / "text" / "shakespeare.txt"
    if not text.is_file() or not (arguments.nanogpt / "train.py").is_file():
        sys.exit(f"Not there: {text} or {arguments.nanogpt / 'train.py'}. See --help.")

    torch.set_num_threads(1)
    whole = Config(text=str(text), looks=0)
    plans = {
        "quick": replace(QUICK, text=str(text), looks=0),
        "budget": replace(whole, steps=1000),
        "long": replace(whole, steps=arguments.steps),
    }
    rows: dict[str, list] = {name: [] for name in ("nanogpt", *plans)} | {"speeds": speeds(arguments.nanogpt)}
    with tempfile.TemporaryDirectory() as folder:
        for seed in arguments.seeds:
            rows["nanogpt"].append(nanogpt(arguments.nanogpt, text.read_text(encoding="utf-8"), seed))
            for name, config in plans.items():
                rows[name].append(ours(replace(config, seed=seed), Path(folder)))
            write(rows, arguments)
            print(
                f"seed {seed}:", {name: {k: round(float(v), 4) for k, v in r[-1].items()} for name, r in rows.items()}
            )


def write(rows: dict[str, list], arguments: argparse.Namespace) -> None:
    """The table so far, and every number behind it."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "gpt.json").write_text(json.dumps(rows, indent=1, default=float) + "\n", encoding="utf-8")

    def cell(name: str, key: str, digits: int) -> str:
        values = [float(row[key]) for row in rows[name]]
        return f"{mean(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"

    def ratio(name: str, key: str) -> str:
        pairs = zip(rows["nanogpt"], rows[name], strict=True)
        return f"{median(peer['cpu_seconds'] / own[key] for peer, own in pairs):.1f}"

    def row(label: str, name: str, cost: str = "cpu_seconds", loss: str = "loss", what: str = "") -> str:
        first = rows[name][0]
        what = what or f"{first['weights']:,}"
        cells = (label, what, f"{first['steps']:,}", cell(name, cost, 1), ratio(name, cost), cell(name, loss, 3))
        return f"| {' | '.join(cells)} |"

    def speed(column: int) -> str:
        values = [row[column] for row in rows["speeds"]]
        return f"{median(values):.0f} ({min(values):.0f}–{max(values):.0f})"

    def faster(column: int) -> str:
        return f"{median(row[column] / row[0] for row in rows['speeds']):.1f}"

    short, long = (f"{rows[name][0]['steps']:,} updates" for name in ("budget", "long"))
    n, machine = len(rows["nanogpt"]), f"{processor()}, one thread, float32, torch {torch.__version__}"
    text = f"""# GPT: beside nanoGPT's CPU recipe, on Tiny Shakespeare

`python bench/gpt.py --nanogpt DIR` on {machine}.
Mean over {n} seeds, with the least and the most. Losses are nats per character, exact over the validation text.

| model | weights | updates | CPU s | nanoGPT's CPU s / this one's | validation loss |
|---|---|---|---|---|---|
{row("nanoGPT, README recipe", "nanogpt")}
{row("ours, `--preset quick`", "quick")}
{row("ours", "budget")}
{row("ours", "long")}
| 7-gram, Kneser-Ney, nothing else | counts | – | – | – | {rows["budget"][0]["ngram"]:.3f} |
{row("ours + 7-gram", "budget", "mixed_cpu_seconds", "mixed", "with counts")}
{row("ours + 7-gram", "long", "mixed_cpu_seconds", "mixed", "with counts")}

The 7-gram's share is fitted on the first 2 % of the training text, which the network did not read:
{cell("budget", "ngram_weight", 2)} after {short}, {cell("long", "ngram_weight", 2)} after {long}.

Weights as 8-bit numbers add {cell("budget", "int8_cost", 5)} to the loss after {short},
{cell("long", "int8_cost", 5)} after {long}.

Writing {NEW_TOKENS} tokens from one, in tokens per CPU second, median of {len(rows["speeds"])} turns with the least and
the most; 4 layers of 128 channels everywhere: nanoGPT's `generate` {speed(0)}; ours with its cache, at nanoGPT's
context of 64, {speed(1)}, {faster(1)} times as many; at 256, as published, {speed(2)}, {faster(2)} times.
"""
    (RESULTS / "gpt.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
