"""What does the data doctor cost on 100,000 rows, step by step, and what does it find of dirt that was put there?

    python bench/data.py [--rows 100000]

The rows are sentences of $CUADERNO_DATA/languages (English and Spanish) joined to texts of 60 to 300 characters, with
their language as the label; without that folder they are made of invented words. They are spoiled as
`cuaderno data spoil --labels 0.05 --duplicates 0.25 --mojibake 0.1` does. Writes bench/results/data.md.
"""

import argparse
import csv
import json
import os
import platform
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DIRT = {"labels": 0.05, "duplicates": 0.25, "mojibake": 0.1}


def sentences() -> dict[str, list[str]]:
    """Texts of two classes."""
    folder = Path(os.environ.get("CUADERNO_DATA", "")) / "languages"
    if os.environ.get("CUADERNO_DATA") and folder.is_dir():
        return {name: (folder / f"{name}.txt").read_text(encoding="utf-8").split("\n") for name in ("en", "es")}
    draw = random.Random(0)
    made = {}
    for name, letters in {"en": "aeioutnshrdlw", "es": "aeiouáéíóñrlscm"}.items():
        words = ["".join(draw.choices(letters, k=draw.randint(2, 9))) for _ in range(5000)]
        made[name] = [" ".join(draw.choices(words, k=draw.randint(4, 10))) + "." for _ in range(14_000)]
    return made


def write_rows(path: Path, count: int) -> None:
    from cuaderno.data.formats import dump, read_table
    from cuaderno.data.spoil import spoil

    draw, texts = random.Random(1), sentences()
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label"])
        for _ in range(round(count / (1 + DIRT["duplicates"]))):
            label = draw.choice(("en", "es"))
            writer.writerow([" ".join(draw.sample(texts[label], draw.randint(2, 8))), label])
    spoiled, truth = spoil(read_table(path), **DIRT, seed=2)
    path.write_bytes(dump(spoiled))
    path.with_suffix(".truth").write_text(json.dumps(truth))


def clean(path: str, out: str) -> dict:
    """Clean in this process and say what it cost; the parent starts a fresh one for that."""
    from cuaderno.data import doctor, recipe

    seconds: dict[str, float] = {}
    for name, step in recipe.STEPS.items():
        recipe.STEPS[name] = timed(name, step, seconds)
    started = time.process_time()
    settings = recipe.Settings(shares={"train": 0.8, "val": 0.1, "test": 0.1})
    written = doctor.clean(Path(path), Path(out), doctor.Reading(), settings, "en")
    total = time.process_time() - started
    report = written.report
    return {
        "cpu": total,
        "steps": seconds,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "report": {step["name"]: [step["changed"], step["dropped"], step["flagged"]] for step in report["steps"]},
        "rows": report["rows"],
        "kept": report["kept"],
        "characters": sum(len(row) for row in Path(path).read_text(encoding="utf-8").split("\n")),
    }


def timed(name: str, step, seconds: dict[str, float]):
    def take(case):
        started = time.process_time()
        found = list(step(case))
        seconds[name] = time.process_time() - started
        return iter(found)

    return take


def datasketch_seconds(path: Path, rows: int) -> float | None:
    """The same search for near duplicates with datasketch's MinHash and LSH, on the first rows."""
    try:
        from datasketch import MinHash, MinHashLSH
    except ImportError:
        return None
    from cuaderno.data.duplicates import normalised, shingles
    from cuaderno.data.formats import read_table

    texts = [normalised(text) for text in read_table(path).texts[:rows]]
    started = time.process_time()
    index = MinHashLSH(num_perm=120, params=(20, 6))
    for number, text in enumerate(dict.fromkeys(texts)):
        signature = MinHash(num_perm=120)
        signature.update_batch([shingle.encode() for shingle in shingles(text)])
        index.query(signature)
        index.insert(number, signature)
    return time.process_time() - started


def our_seconds(path: Path, rows: int) -> float:
    from cuaderno.data.duplicates import clusters
    from cuaderno.data.formats import read_table

    texts = read_table(path).texts[:rows]
    started = time.process_time()
    clusters(texts)
    return time.process_time() - started


def label_errors(out: Path, truth: list[dict]) -> tuple[int, int, int]:
    """Wrong labels among the rows that stay: how many there are, were doubted, and how many doubts were right."""
    with out.with_name(f"{out.name}.review.csv").open(encoding="utf-8", newline="") as file:
        doubted = {int(row["row"]) for row in csv.DictReader(file) if row["suggested"]}
    gone = {one["row"] for one in json.loads(out.with_name(f"{out.name}.report.json").read_text())["dropped_rows"]}
    wrong = {fact["row"] for fact in truth if "label" in fact} - gone
    return len(wrong), len(wrong & doubted), len(doubted)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--clean", nargs=2, metavar=("FILE", "OUT"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.clean:
        print(json.dumps(clean(*arguments.clean)))
        return
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder) / "rows.csv", Path(folder) / "clean.csv"
        write_rows(path, arguments.rows)
        command = [sys.executable, __file__, "--clean", str(path), str(out)]
        measured = json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)
        wrong, found, doubted = label_errors(out, json.loads(path.with_suffix(".truth").read_text()))
        few = min(10_000, arguments.rows)
        ours, theirs = our_seconds(path, few), datasketch_seconds(path, few)
    print(json.dumps(measured, indent=1))
    steps = measured["steps"]
    lines = ["| step | changed | dropped | to look at | CPU s |", "|---|---|---|---|---|"]
    for name, counts in measured["report"].items():
        lines.append(f"| {name} | {counts[0]:,} | {counts[1]:,} | {counts[2]:,} | {steps[name]:.1f} |")
    rest = measured["cpu"] - sum(steps.values())
    lines.append(f"| reading, undo file, report, writing | | | | {rest:.1f} |")
    lines.append(f"| **all** | | | | **{measured['cpu']:.1f}** |")
    source = "sentences of Tatoeba" if os.environ.get("CUADERNO_DATA") else "invented sentences"
    text = [
        "# The data doctor",
        "",
        f"{measured['rows']:,} rows of {source} ({measured['characters'] / 1e6:.0f} million characters), spoiled with "
        f"{DIRT['labels']:.0%} wrong labels, {DIRT['duplicates']:.0%} more duplicates and {DIRT['mojibake']:.0%} "
        f"broken accents; the whole recipe with splits. {os.cpu_count()} cores, Python {platform.python_version()}.",
        "",
        *lines,
        "",
        f"Peak memory {measured['peak'] / 1e9:.2f} GB; {measured['kept']:,} rows stay. The goal: 90 CPU seconds, 2 GB.",
        "",
        f"Of {wrong:,} wrong labels among the rows that stay, {found:,} were doubted; {found / max(1, doubted):.0%} of "
        f"the {doubted:,} doubts were right.",
        "",
        f"Near duplicates among {few:,} rows: {ours:.2f} CPU seconds with ours, compared pair by pair and clustered"
        + (
            f"; {theirs:.2f} with datasketch's MinHash and LSH (120 permutations, 20 bands), candidates only."
            if theirs
            else "."
        ),
        "",
    ]
    target = Path(__file__).parent / "results" / "data.md"
    target.write_text("\n".join(text))
    print(f"written to {target}")


if __name__ == "__main__":
    main()
