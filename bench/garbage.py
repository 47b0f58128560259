"""The tables of the posts on garbage and on refinement, and what the data doctor found in them.

    python bench/garbage.py FOLDER

From $CUADERNO_DATA/finetune/sms_spam.tsv (SMS Spam Collection, Almeida and Gómez Hidalgo, UCI, CC BY 4.0) the doctor
makes a whole clean table, with private things masked. Numbers that it leaves are masked as well. A fifth of the rows,
apart from near twins, are test.tsv; the rest is clean.tsv, its spoiled copy dirty.tsv, that copy cleaned mended.tsv,
and the same without the rows that the doctor doubts reviewed.tsv. FOLDER gets them below sms/. Writes
bench/results/garbage.md. Keep *.undo.zip to yourself: it holds what was masked.
"""

import argparse
import csv
import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

from cuaderno.lab.files import write_atomic

RESULTS = Path(__file__).parent / "results"
SPOILED = ("--labels", "0.3", "--duplicates", "0.3", "--mojibake", "0.3")
LONG_NUMBER, ADDRESS = re.compile(r"[0-9]{5,}"), re.compile(r"[^ \t]+@ ?[a-z]+\.[a-z]+")
# Rows without a name in them, which judge and are also shown as examples in the page.
SHOWN = ("awarded with a £2000 prize GUARANTEED. Call [PHONE] from land line. Claim 3030", "Nah I don't think he goes",
         "Ringtone Club: Get the UK singles", "U dun say so early hor")  # fmt: skip

OF_THE_POST = "## The tables that the kept runs of the post learned from"

Rows = list[tuple[str, str]]


def doctor(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "cuaderno", "data", *words, "--force"], check=True, stdout=subprocess.DEVNULL)


def read(path: Path) -> Rows:
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").rstrip("\n").split("\n")[1:]]
    return [(row[0], row[1]) for row in rows]


def write(path: Path, rows: Rows) -> None:
    write_atomic(path, "\n".join(["label\ttext", *map("\t".join, rows)]) + "\n")


def divide(folder: Path) -> int:
    """Write clean.tsv and test.tsv; how many rows held a long number or an address that the doctor had left."""
    whole = folder / "whole.tsv"
    source = Path(os.environ["CUADERNO_DATA"]) / "finetune" / "sms_spam.tsv"
    doctor("clean", str(source), "-o", str(whole), "--lang", "en", "--split", "0.7,0.1,0.2")
    parts: dict[bool, Rows] = {True: [], False: []}
    left = 0
    for line in whole.read_text(encoding="utf-8").rstrip("\n").split("\n")[1:]:
        label, text, split = line.split("\t")
        masked = LONG_NUMBER.sub("[NUMBER]", text)
        masked = masked if split == "test" else ADDRESS.sub("[EMAIL]", masked)
        left += masked != text
        parts[split == "test"].append((label, masked))
    first = [next(row for row in parts[True] if words in row[1]) for words in SHOWN]
    write(folder / "test.tsv", first + [row for row in parts[True] if row not in first])
    write(folder / "clean.tsv", parts[False])
    return left


def spoil_and_mend(folder: Path) -> tuple[int, int]:
    """Write the other three tables; how many rows the doctor doubts, and how many of those labels are really wrong."""
    dirty, mended = folder / "dirty.tsv", folder / "mended.tsv"
    doctor("spoil", str(folder / "clean.tsv"), "-o", str(dirty), *SPOILED)
    doctor("clean", str(dirty), "-o", str(mended), "--lang", "en")
    with Path(f"{mended}.review.csv").open(encoding="utf-8", newline="") as file:
        doubts = list(csv.DictReader(file))
    truth = {one["row"]: one for one in map(json.loads, Path(f"{dirty}.truth.jsonl").read_text().splitlines())}
    doubted = {(one["label"], one["text"]) for one in doubts}
    write(folder / "reviewed.tsv", [row for row in read(mended) if row not in doubted])
    return len(doubts), sum("label" in truth.get(int(one["row"]), {}) for one in doubts)


def table(folder: Path) -> list[str]:
    """A line for each table: its rows, how many are spam, and which share of the labels is wrong."""
    right = {text: label for label, text in read(folder / "clean.tsv")}
    lines = ["| table | rows | spam | wrong labels, of the rows whose text is as it was |", "|---|---|---|---|"]
    for name in ("clean", "dirty", "mended", "reviewed", "test"):
        rows = read(folder / f"{name}.tsv")
        known = [label != right[text] for label, text in rows if text in right]
        share = f"{sum(known) / len(known):.1%}" if known else ""
        lines.append(f"| {name} | {len(rows):,} | {Counter(label for label, _ in rows)['spam']:,} | {share} |")
    return lines


def counting(folder: Path) -> list[str]:
    """F1 of counted words on the test rows for each strength, with the one that validation rows chose in bold."""
    from sklearn.linear_model import LogisticRegression

    from cuaderno.studies.refine.baselines import STRENGTHS, f1_of, joined, vectorizer
    from cuaderno.studies.refine.data import open_table

    lines = [f"| counting, by C | {' | '.join(map(str, STRENGTHS))} |", "|---|" + "---|" * len(STRENGTHS)]
    for name in ("clean", "dirty", "mended", "reviewed"):
        rows = open_table(str(folder / f"{name}.tsv"), "classify", test=str(folder / "test.tsv"))
        words = vectorizer()
        inputs, right = words.fit_transform(joined(rows.train)), [str(row.target) for row in rows.train]
        models = [LogisticRegression(C=c, max_iter=1000).fit(inputs, right) for c in STRENGTHS]
        scores = {
            part: [
                f1_of(model.predict(words.transform(joined(own))), [str(row.target) for row in own]) for model in models
            ]
            for part, own in (("val", rows.val), ("test", rows.test))
        }
        best = scores["val"].index(max(scores["val"]))
        cells = [f"**{score:.3f}**" if at == best else f"{score:.3f}" for at, score in enumerate(scores["test"])]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder / "sms"
    folder.mkdir(parents=True, exist_ok=True)
    left = divide(folder)
    doubts, hits = spoil_and_mend(folder)
    report = json.loads(Path(f"{folder / 'whole.tsv'}.report.json").read_text(encoding="utf-8"))
    wrong = round(0.3 * len(read(folder / "clean.tsv")))
    marks = Counter(label for label, text in read(folder / "clean.tsv") if "[PHONE]" in text or "[NUMBER]" in text)
    said = [
        "# Garbage in, garbage out: the tables",
        __doc__.partition("FOLDER\n\n")[2].strip(),
        "\n".join(table(folder)),
        f"Of {report['rows']:,} messages the doctor kept {report['kept']:,}. Masked after it, since it had left them: "
        f"long numbers or addresses in {left:,} rows, short codes of firms among them.",
        f"In clean.tsv a mark for a number stands in {marks['spam']:,} texts of spam and in {marks['ham']:,} of ham.",
        f"Spoiled with `{' '.join(SPOILED)}`: {wrong:,} labels made wrong, before rows were doubled. Of those copies, "
        f"the doctor doubts {doubts:,} rows; {hits:,} of these labels are really wrong, the others are right.",
        "Counted words (TF-IDF, logistic regression): F1 on the test rows, with the strength that validation rows "
        "chose in bold; their labels are as wrong as the others.",
        "\n".join(counting(folder)),
    ]
    target = RESULTS / "garbage.md"
    _, heading, before = target.read_text(encoding="utf-8").partition(OF_THE_POST)  # of older tables; it stays
    write_atomic(target, "\n\n".join(said) + "\n" + (f"\n{heading}{before}" if heading else ""))
    print("\n\n".join(said))


if __name__ == "__main__":
    main()
