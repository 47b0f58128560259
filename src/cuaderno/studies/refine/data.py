"""Rows to learn from: a table of texts with what is to be said about each, or conversations.

Source:  a file of yours (.csv, .tsv, .jsonl), or made-up rows that need no download: see phrasebook.py.
Licence: that of your file; the made-up rows are ours (MIT).
Splits:  repeats are taken out, rows that are nearly the same become one group, and a group goes as a whole to train,
         val or test: no test row has a twin among those that were learnt from. The split depends on the texts alone.
         With a table of test rows, all of these judge, and what is nearly one of them is not learnt from.
"""

import csv
import hashlib
import io
import json
import os
import re
import sys
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cuaderno.lab.errors import CuadernoError, nearest
from cuaderno.studies.refine import phrasebook

TASKS = ("classify", "regress", "chat")
SHARES = {"test": 20, "val": 10, "train": 70}  # hundredths of the groups
TEXTS = ("text", "sentence", "message", "review", "body", "texto", "frase", "mensaje", "comentario")
PAIRS = (("sentence1", "sentence2"), ("text1", "text2"), ("frase1", "frase2"), ("premise", "hypothesis"))
TARGETS = ("label", "score", "target", "class", "rating", "stars", "etiqueta", "clase", "puntuacion", "nota")
QUESTIONS = (("instruction", "output"), ("prompt", "response"), ("question", "answer"), ("pregunta", "respuesta"))
ROLES = ("system", "user", "assistant")
LEAST_ROWS, MOST_LABELS = 20, 100
# Near duplicates: as many equal shingles as this, of groups of five characters.
ALIKE, SHINGLE, HASHES, BAND = 0.7, 5, 64, 4


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
    made_up: bool = False
    judged: int = 0  # rows left out because they are nearly among the test rows of another table

    def describe(self) -> str:
        """How many rows there are, in words for the terminal and the record."""
        counts = f"train {len(self.train):,}, val {len(self.val):,}, test {len(self.test):,}"
        words = f"{counts}; {self.dropped:,} repeats left out, {self.grouped:,} rows kept beside their near twins"
        if self.judged:
            words += f", {self.judged:,} left out for a near twin among the test rows"
        return f"made up, to see it work ({words}). Give your own: --data FILE" if self.made_up else words


def open_table(file: str, task: str, text: str = "", target: str = "", test: str = "") -> Table:
    """The rows of a file, or made-up ones, parted so that near twins stay together; `test` names a table that judges.

    Raises:  CuadernoError when a file cannot be read as such rows, with the line and what to do.
    """
    rows = list(read_file(find(file), task, text, target)) if file else phrasebook_rows(task)
    asked = list(read_file(find(test), task, text, target)) if test else []
    digest = hashlib.sha256("\n".join(f"{row.key()}\t{row.target}" for row in rows + asked).encode("utf-8", "replace"))
    distinct, asked = without_repeats(rows, task), without_repeats(asked, task)
    if len(distinct) < LEAST_ROWS:
        raise CuadernoError(f"{file or 'The data'} holds {len(distinct)} different rows: give at least {LEAST_ROWS}.")
    answers = [row.target for row in distinct + asked] if task == "chat" else None
    groups = near_groups([spoken(row) if task == "chat" else row.key() for row in distinct + asked], answers)
    known = set(groups[len(distinct) :])
    parts: dict[str, list[Row]] = {name: [] for name in SHARES} | {"test": asked}
    firsts: dict[int, str] = {}
    for row, group in zip(distinct, groups, strict=False):
        firsts.setdefault(group, row.key())
        part = split_of(firsts[group])
        if group not in known:
            parts["train" if test and part == "test" else part].append(row)
    labels = sorted({str(row.target) for row in distinct + asked}) if task == "classify" else []
    check(parts, labels, task, file)
    twins = sum(size for size in Counter(groups[: len(distinct)]).values() if size > 1)
    return Table(**parts, labels=labels, fingerprint=digest.hexdigest(), dropped=len(rows) - len(distinct),
                 grouped=twins, made_up=not file, judged=sum(group in known for group in groups[: len(distinct)]),
                 )  # fmt: skip


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
    for place in (Path(file).expanduser(), Path(os.environ.get("CUADERNO_DATA") or ".") / file):
        if place.is_file():
            return place
    raise CuadernoError(
        f"There is no file {file} here, nor in CUADERNO_DATA. Give a .csv, .tsv or .jsonl with a row for each text; or "
        "leave --data out, and the study makes rows up."
    )


# -- files -----------------------------------------------------------------------------------------------------------


def read_file(path: Path, task: str, text: str = "", target: str = "") -> Iterator[Row]:
    """The rows of a file for a task; rows without a text or an answer are an error, not a silent gap."""
    records = list(read_records(path))
    if not records:
        raise CuadernoError(f"{path} has no rows.")
    columns = list(dict.fromkeys(name for _, record in records for name in record))
    if task == "chat":
        yield from conversations(path, records, columns)
        return
    texts, answer = choose_columns(path, columns, text, target)
    for line, record in records:
        values = tuple(tidy(record.get(name), path, line, name) for name in texts)
        yield Row(values, as_target(record.get(answer), task, path, line, answer))


def read_records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each row with its line number.

    Raises:  CuadernoError with the line, what was found there and what is wanted.
    """
    try:
        content = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise CuadernoError(
            f"{path} is not UTF-8 (byte {error.start:,}). Save it as UTF-8, or clean it with: cuaderno data clean"
        ) from error
    except OSError as error:
        raise CuadernoError(f"{path} cannot be read: {error.strerror or error}.") from error
    kind = path.suffix.lower()
    if kind == ".jsonl":
        yield from read_jsonl(path, content)
    elif kind in (".csv", ".tsv"):
        yield from read_table(path, content, "\t" if kind == ".tsv" else separator(content))
    else:
        raise CuadernoError(f"{path} is of no kind that is read here. Wanted: .csv, .tsv or .jsonl.")


def separator(content: str) -> str:
    """The separator of a .csv: what its first line has most of."""
    first = content.partition("\n")[0]
    return max(",;\t", key=first.count)


def read_table(path: Path, content: str, mark: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a table. Quotes of a .tsv are text; those of a .csv hold separators and line breaks together."""
    quoting = csv.QUOTE_NONE if mark == "\t" else csv.QUOTE_MINIMAL
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=mark, quoting=quoting, strict=True)
    try:
        header = next(reader, [])
        for values in reader:
            if not any(values):
                continue
            if len(values) != len(header):
                raise CuadernoError(
                    f"{path}:{reader.line_num} has {len(values)} values, but the first line names {len(header)} "
                    f"columns ({', '.join(header)}). Put a text that holds the separator between quotes, or save the "
                    "table as .tsv."
                )
            yield reader.line_num, dict(zip(header, values, strict=True))
    except csv.Error as error:
        raise CuadernoError(f"{path}:{reader.line_num}: {error}. Is a quote left open there?") from error


def read_jsonl(path: Path, content: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """One object a line."""
    for number, line in enumerate(content.split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError as error:
            raise CuadernoError(f"{path}:{number} is not JSON: {error}. Wanted is one object a line.") from error
        if not isinstance(record, dict):
            raise CuadernoError(
                f"{path}:{number} is {type(record).__name__}, wanted is an object, {{…}}, on each line."
            )
        yield number, record


def choose_columns(path: Path, columns: list[str], text: str, target: str) -> tuple[tuple[str, ...], str]:
    """Which columns hold the text (two for a pair) and the answer: the named ones, else those with a usual name."""
    lower = {name.lower(): name for name in reversed(columns)}
    wanted = tuple(name.strip() for name in text.split(",")) if text else ()
    for name in (*wanted, *([target] if target else [])):
        if name not in columns:
            raise CuadernoError(f"{path} has no column '{name}'.{nearest(name, columns)}")
    pairs = [tuple(lower[name] for name in pair) for pair in PAIRS if set(pair) <= lower.keys()]
    singles = [(lower[name],) for name in TEXTS if name in lower]
    answers = [lower[name] for name in TARGETS if name in lower]
    found = [*([wanted] if wanted else []), *pairs, *singles]
    if not found or len(found[0]) > 2:
        raise CuadernoError(
            f"{path}: which column is the text? It has: {', '.join(columns)}. Name it: --text-column NAME, or two for "
            "pairs: --text-column FIRST,SECOND"
        )
    if not (target or answers):
        raise CuadernoError(
            f"{path}: which column is the answer? It has: {', '.join(columns)}. Name it: --target-column NAME"
        )
    return found[0], target or answers[0]


def tidy(value: Any, path: Path, line: int, column: str) -> str:
    """A text with single spaces."""
    text = " ".join(str(value if value is not None else "").split())
    if not text:
        raise CuadernoError(f"{path}:{line}, column '{column}' is empty; wanted is a text. Fill it, or drop the row.")
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def as_target(value: Any, task: str, path: Path, line: int, column: str) -> Any:
    """A label, or a number for a regression."""
    text = str(value if value is not None else "").strip()
    if task == "regress":
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        if not np.isfinite(number):
            raise CuadernoError(
                f"{path}:{line}, column '{column}' is '{text}'; wanted is a number such as 3.5. For labels take "
                "--task classify."
            )
        return number
    if not text:
        raise CuadernoError(f"{path}:{line}, column '{column}' is empty; wanted is a label. Fill it, or drop the row.")
    return text


# -- conversations ---------------------------------------------------------------------------------------------------


def conversations(path: Path, records: list[tuple[int, dict]], columns: list[str]) -> Iterator[Row]:
    """Each speech of the assistant with all that came before: from `messages`, or from a question and an answer."""
    pair = next((pair for pair in QUESTIONS if set(pair) <= set(columns)), None)
    if "messages" not in columns and pair is None:
        raise CuadernoError(
            f"{path} holds no conversations; its columns are: {', '.join(columns)}. Wanted is `messages` (a list of "
            "role and content), or instruction and output, or prompt and response."
        )
    for line, record in records:
        if "messages" in columns:
            turns = speeches(record.get("messages"), path, line)
        else:
            question, answer = (str(record.get(name) or "").strip() for name in pair or ())
            more = str(record.get("input") or "").strip()
            turns = [("user", f"{question}\n{more}".strip()), ("assistant", answer)]
        for number, (role, content) in enumerate(turns):
            if role == "assistant" and number and content:
                yield Row((as_script(turns[:number]),), content)


def speeches(messages: Any, path: Path, line: int) -> list[tuple[str, str]]:
    """The turns of one conversation.

    Raises:  CuadernoError with the line when it is none.
    """
    turns = []
    for message in messages if isinstance(messages, list) else [None]:
        role = message.get("role") if isinstance(message, dict) else None
        if role not in ROLES or not isinstance(message.get("content"), str):
            raise CuadernoError(
                f"{path}:{line}, column 'messages': found {json.dumps(message, ensure_ascii=False)[:80]}; wanted is a "
                'list such as [{"role": "user", "content": "…"}, {"role": "assistant", "content": "…"}].'
            )
        turns.append((role, message["content"].strip()))
    return turns


def as_script(turns: Iterable[tuple[str, str]]) -> str:
    """Turns as JSON, so that a conversation is a text like any other row's."""
    return json.dumps([{"role": role, "content": content} for role, content in turns], ensure_ascii=False)


# -- twins -----------------------------------------------------------------------------------------------------------


def tidy_key(text: str) -> str:
    """What is left of a text without capitals and doubled spaces: rows that share it are repeats."""
    return " ".join(text.casefold().split())


def spoken(row: Row) -> str:
    """What was said in a conversation before its answer."""
    return "\n".join(message["content"] for message in json.loads(row.texts[0]))


def near_groups(texts: list[str], answers: list | None = None) -> list[int]:
    """The group of each text: those that are nearly the same share one; with answers, only if these are equal too.

    Source:  MinHash with banding, Broder 1997; pairs that share a band are compared before they are joined.
    """
    shingled = [shingles(text, keep_digits=answers is not None) for text in texts]
    rng = np.random.default_rng(0)
    factors, offsets = (rng.integers(1, 1 << 31, HASHES, dtype=np.uint64) for _ in range(2))
    parent = list(range(len(texts)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    firsts: dict[tuple[int, bytes], int] = {}
    for i, own in enumerate(shingled):
        numbers = np.fromiter(own, np.uint64, len(own))
        least = ((numbers[:, None] * factors + offsets) % np.uint64((1 << 61) - 1)).min(axis=0)
        for band in range(0, HASHES, BAND):
            first = firsts.setdefault((band, least[band : band + BAND].tobytes()), i)
            same = answers is None or answers[first] == answers[i]
            if first != i and same and root(first) != root(i) and alike(own, shingled[first]):
                parent[root(i)] = root(first)
    return [root(i) for i in range(len(texts))]


def shingles(text: str, keep_digits: bool = False) -> frozenset[int]:
    """Numbers for the groups of characters in a text; digits are all the same unless they matter."""
    plain = re.sub(r"[\W_]+", " ", text.casefold()).strip() or text
    data = (plain if keep_digits else re.sub(r"\d", "0", plain)).encode("utf-8", "replace")
    return frozenset(zlib.crc32(data[i : i + SHINGLE]) for i in range(max(1, len(data) - SHINGLE + 1)))


def alike(one: frozenset[int], other: frozenset[int]) -> bool:
    return len(one & other) >= ALIKE * len(one | other)


def split_of(text: str) -> str:
    """Where a group belongs whose first row has this text, the same on every machine."""
    place = int.from_bytes(hashlib.md5(text.encode(), usedforsecurity=False).digest()[:4], "big") % 100
    for name, share in SHARES.items():
        place -= share
        if place < 0:
            return name
    raise AssertionError("shares add up to a hundred")


def say(words: str) -> None:
    """For the person; standard output is for results."""
    print(words, file=sys.stderr)
