"""Rows to learn from: a table of texts with what is to be said about each, or conversations.

Source:  a file of yours, as cuaderno.data reads it, or made-up rows that need no download: see phrasebook.py.
Licence: that of your file; the made-up rows are ours (MIT).
Splits:  repeats are taken out, and cuaderno.data parts the rest: texts that are nearly the same go together to train,
         val or test, so that no test row has a twin among those that were learnt from, and each split has the same
         mixture of answers. The split depends on the rows alone, not on a seed. With a table of test rows, all of these
         judge, and what is nearly one of them is not learnt from.
"""

import hashlib
import json
import math
import os
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cuaderno.data import table as tables
from cuaderno.data.duplicates import clusters
from cuaderno.data.splits import split
from cuaderno.data.texts import place, read_named, tidy, whole
from cuaderno.lab.errors import CuadernoError
from cuaderno.studies.refine import phrasebook

TASKS = ("classify", "regress", "chat")
SHARES = {"train": 0.7, "val": 0.1, "test": 0.2}
SHARES_TO_LEARN = {"train": 0.9, "val": 0.1}  # where another table judges
QUESTIONS = (("instruction", "output"), ("prompt", "response"), ("question", "answer"), ("pregunta", "respuesta"))
ROLES = ("system", "user", "assistant")
LEAST_ROWS, MOST_LABELS = 20, 100


@dataclass(frozen=True)
class Row:
    """One text, a pair of texts or a conversation, with its answer: a label, a number, or the last speech."""

    texts: tuple[str, ...]
    target: Any = None

    def key(self) -> str:
        return "\t".join(self.texts)


@dataclass(frozen=True)
class Table:
    """All rows by split, and what identifies them."""

    train: list[Row]
    val: list[Row]
    test: list[Row]
    labels: list[str]  # of a classification, in alphabetical order; else empty
    fingerprint: str
    dropped: int  # repeats
    grouped: int  # rows that have a near twin
    columns: str = ""  # which were read, if it is a file
    made_up: bool = False
    judged: int = 0  # rows left out because they are nearly among the test rows of another table

    def describe(self) -> str:
        """How many rows there are, in words for the terminal and the record."""
        counts = f"train {len(self.train):,}, val {len(self.val):,}, test {len(self.test):,}"
        columns = f" ({self.columns})" if self.columns else ""
        words = (
            f"{counts}{columns}; {self.dropped:,} repeats left out, {self.grouped:,} rows kept beside their near twins"
        )
        if self.judged:
            words += f", {self.judged:,} left out for a near twin among the test rows"
        return f"made up, to see it work ({words}). Give your own: --data FILE" if self.made_up else words


def open_table(file: str, task: str, text: str = "", target: str = "", test: str = "") -> Table:
    """The rows of a file, or made-up ones, parted so that near twins stay together; `test` names a table that judges.

    Raises:  CuadernoError when a file cannot be read as such rows, with the place and what to do.
    """
    rows, columns = read_rows(find(file), task, text, target) if file else (phrasebook_rows(task), "")
    asked = read_rows(find(test), task, text, target)[0] if test else []
    digest = hashlib.sha256("\n".join(f"{row.key()}\t{row.target}" for row in rows + asked).encode("utf-8", "replace"))
    distinct, asked = without_repeats(rows, task), without_repeats(asked, task)
    if len(distinct) < LEAST_ROWS:
        raise CuadernoError(f"{file or 'The data'} holds {len(distinct)} different rows: give at least {LEAST_ROWS}.")
    compared = [spoken(row) if task == "chat" else without_digits(row) for row in distinct + asked]
    groups = clusters(compared)
    known = set(groups[len(distinct) :])  # those of the test rows of another table
    learnt = [i for i, group in enumerate(groups[: len(distinct)]) if group not in known]
    answers = None if task == "chat" else [distinct[i].target for i in learnt]
    parts: dict[str, list[Row]] = {name: [] for name in SHARES} | {"test": asked}
    shares, near = SHARES_TO_LEARN if test else SHARES, [groups[i] for i in learnt]
    names = split([compared[i] for i in learnt], answers, shares, near=near)
    for i, name in zip(learnt, names, strict=True):
        parts[name].append(distinct[i])
    labels = sorted({str(row.target) for row in distinct + asked}) if task == "classify" else []
    check(parts, labels, task, file)
    twins = sum(size for size in Counter(groups[: len(distinct)]).values() if size > 1)
    return Table(**parts, labels=labels, fingerprint=digest.hexdigest(), dropped=len(rows) - len(distinct),
                 grouped=twins, columns=columns, made_up=not file, judged=len(distinct) - len(learnt))  # fmt: skip


def without_repeats(rows: list[Row], task: str) -> list[Row]:
    """Each text once; of a conversation, each with its answer."""
    return list({tidy_key(row.key()) if task != "chat" else (row.key(), row.target): row for row in rows}.values())


def check(parts: dict[str, list[Row]], labels: list[str], task: str, file: str) -> None:
    """Refuse what cannot be learnt or judged.

    Raises:  CuadernoError with the cure.
    """
    if empty := [name for name, rows in parts.items() if len(rows) < 2]:
        raise CuadernoError(
            f"{file}: nearly all rows are alike, so that none are left for the {empty[0]} split. Add other rows."
        )
    if task == "classify" and len(labels) < 2:
        raise CuadernoError(f"{file}: every row has the same label, '{labels[0]}'. There is nothing to tell apart.")
    if task == "classify" and len(labels) > MOST_LABELS:
        raise CuadernoError(
            f"{file} has {len(labels):,} different labels, such as '{labels[0]}' and '{labels[1]}'. For numbers take "
            f"--task regress; a classification has at most {MOST_LABELS}. Is --target-column the right one?"
        )
    if missing := set(labels) - {str(row.target) for row in parts["train"]}:
        raise CuadernoError(
            f"{file}: no row with the label '{min(missing)}' is left to learn from. Add rows of it, or take it out."
        )


def phrasebook_rows(task: str) -> list[Row]:
    """The made-up rows of a task."""
    if task == "chat":
        return [Row((as_script([("user", question)]),), answer) for question, answer in phrasebook.questions()]
    opinions = phrasebook.opinions()
    if task == "classify":
        return [Row((text,), label) for text, label, _ in opinions]
    return [Row((text,), stars) for text, _, stars in opinions]


def find(file: str) -> Path:
    """The file of that name here, or in CUADERNO_DATA.

    Raises:  CuadernoError when there is none.
    """
    for path in (Path(file).expanduser(), Path(os.environ.get("CUADERNO_DATA") or ".") / file):
        if path.exists():
            return path
    raise CuadernoError(
        f"There is no file {file} here, nor in CUADERNO_DATA. Give a .csv, .tsv, .jsonl or .parquet with a row for "
        "each text; or leave --data out, and the study makes rows up."
    )


# -- files -----------------------------------------------------------------------------------------------------------


def read_rows(path: Path, task: str, text: str = "", target: str = "") -> tuple[list[Row], str]:
    """The rows of a file for a task, and which columns they are from; a row without a text or an answer is an error."""
    named = [name.strip() for name in text.split(",")] if text and task != "chat" else []
    table = read_named(path, named, target if task != "chat" and target else None, "--text-column")
    if task == "chat":
        return list(conversations(path, table)), ""
    names, answer = table.format.text_columns, table.format.label_column
    columns = ", ".join(table.format.columns)
    if len(names) not in (1, 2):
        raise CuadernoError(
            f"{path}: which column is the text? It has: {columns}. Name it: --text-column NAME, or two for pairs: "
            "--text-column FIRST,SECOND. For conversations take --task chat."
        )
    if not answer:
        raise CuadernoError(f"{path}: which column is the answer? It has: {columns}. Name it: --target-column NAME")
    rows = []
    for row in table:
        values = tuple(
            tidy(value, f"{place(path, row)}, column '{name}'") for name, value in zip(names, row.texts, strict=True)
        )
        rows.append(Row(values, as_target(row.label or "", task, f"{place(path, row)}, column '{answer}'")))
    return rows, f"{' and '.join(names)} → {answer}"


def as_target(value: str, task: str, where: str) -> Any:
    """A label, or a number for a regression."""
    text = whole(value).strip()
    if task == "regress":
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise CuadernoError(
                f"{where} is '{text}'; wanted is a number such as 3.5. For labels take --task classify."
            )
        return number
    if not text:
        raise CuadernoError(f"{where} is empty; wanted is a label. Fill it, or drop the row.")
    return text


# -- conversations ---------------------------------------------------------------------------------------------------


def conversations(path: Path, table: tables.Table) -> Iterator[Row]:
    """Each speech of the assistant with all that came before: from `messages`, or from a question and an answer."""
    columns = table.format.columns
    pair = next((pair for pair in QUESTIONS if set(pair) <= set(columns)), None)
    if table.format.shape != "chat" and pair is None:
        raise CuadernoError(
            f"{path} holds no conversations; its columns are: {', '.join(columns)}. Wanted is `messages` (a list of "
            "role and content), or instruction and output, or prompt and response."
        )
    for row in table:
        turns = speeches(row.record, place(path, row)) if table.format.shape == "chat" else exchange(row.record, pair)
        for number, (role, content) in enumerate(turns):
            if role == "assistant" and number and content:
                yield Row((as_script(turns[:number]),), content)


def exchange(record: dict[str, Any], pair: tuple[str, str] | None) -> list[tuple[str, str]]:
    """A question, with what it is about, and its answer."""
    question, answer, more = (whole(str(record.get(name) or "")).strip() for name in (*(pair or ()), "input"))
    return [("user", f"{question}\n{more}".strip()), ("assistant", answer)]


def speeches(record: dict[str, Any], where: str) -> list[tuple[str, str]]:
    """The turns of one conversation.

    Raises:  CuadernoError when somebody speaks in it whom the models do not know.
    """
    turns = [(message["role"], whole(message["content"]).strip()) for message in record["messages"]]
    if strangers := {role for role, _ in turns} - set(ROLES):
        raise CuadernoError(
            f"{where}, column 'messages': found the role '{min(strangers)}'; the models here know {', '.join(ROLES)}. "
            "Take such messages out."
        )
    return turns


def as_script(turns: Iterable[tuple[str, str]]) -> str:
    """Turns as JSON, so that a conversation is a text like any other row's."""
    return json.dumps([{"role": role, "content": content} for role, content in turns], ensure_ascii=False)


# -- twins -----------------------------------------------------------------------------------------------------------


def tidy_key(text: str) -> str:
    """What is left of a text without capitals and doubled spaces: rows that share it are repeats."""
    return " ".join(text.casefold().split())


def without_digits(row: Row) -> str:
    """The texts of a row with all digits the same: one advertisement with two telephone numbers is twins."""
    return re.sub(r"\d", "0", "\n".join(row.texts))


def spoken(row: Row) -> str:
    """What was said in a conversation, with its answer."""
    said = [message["content"] for message in json.loads(row.texts[0])]
    return "\n".join([*said, str(row.target)])


def say(words: str) -> None:
    """For the person; standard output is for results."""
    print(words, file=sys.stderr)
