"""Sentences in English, Spanish, Arabic and languages that look like them, split so that nothing is met twice.

Source:  a folder with en.txt, es.txt, ar.txt and a file for each further language, one sentence a line, or with the
         files of tatoeba.org as they are: see tatoeba.py. The published runs read sentences of Tatoeba (tatoeba.org and
         manythings.org/anki), `languages` in CUADERNO_DATA. Without a folder the study makes sentences up: see
         phrasebook.py.
Licence: Tatoeba CC BY 2.0 FR, with attribution; the made-up ones are ours (MIT).
Splits:  by a hash of the sentence without accents, capitals and punctuation, so that no variant of a training sentence
         is ever a test; test sentences of four words or more that differ from a training sentence in a single word are
         taken out as well.
"""

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from cuaderno.lab.errors import CuadernoError
from cuaderno.studies.language import phrasebook, tatoeba
from cuaderno.studies.language.letters import tidy, without_accents

LANGUAGES = ("en", "es", "ar", "other")  # what the network answers, in this order
NEEDED = LANGUAGES[:3]
SPLITS = {"test": 12, "val": 4, "train": 84}  # hundredths
SHORTEST = 3  # characters of a sentence
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


@dataclass(frozen=True)
class Sentences:
    """The sentences of one split: `own["pt"]` a list for each language's own code."""

    own: dict[str, list[str]]

    def of(self, language: str) -> list[str]:
        """The sentences of one answer, `other` being all that are none of the first three."""
        if language in NEEDED:
            return self.own[language]
        return [sentence for code in self.others() for sentence in self.own[code]]

    def others(self) -> list[str]:
        """The codes of the further languages."""
        return sorted(code for code in self.own if code not in NEEDED)


@dataclass(frozen=True)
class Corpus:
    """All sentences by split, and what identifies them."""

    train: Sentences
    val: Sentences
    test: Sentences
    fingerprint: str
    made_up: bool = False

    def describe(self) -> dict[str, str]:
        """How many sentences there are, in words for the terminal and the record."""
        counts = ", ".join(f"{code} {len(own):,}" for code, own in sorted(self.train.own.items()))
        if not self.made_up:
            return {"sentences": counts}
        return {
            "sentences": f"made up, a few hundred words in all ({counts}): enough to see it work. For a network that "
            "knows languages give real ones: --sentences FOLDER"
        }


def open_corpus(folder: str = "") -> Corpus:
    """The sentences of a folder, or made-up ones.

    Raises:  CuadernoError when a file is missing, is not UTF-8 or holds too little.
    """
    lines = read_folder(find(folder)) if folder else phrasebook.sentences()
    owners: dict[str, set[str]] = {}
    for code, sentences in lines.items():
        for sentence in sentences:
            owners.setdefault(key(sentence), set()).add(code)
    splits: dict[str, dict[str, list[str]]] = {name: {code: [] for code in lines} for name in SPLITS}
    digest, met = hashlib.sha256(), set()
    for code in sorted(lines):
        for sentence in lines[code]:
            this = key(sentence)
            if len(owners[this]) > 1 or this in met:
                continue  # what two languages write alike belongs to neither
            met.add(this)
            splits[split_of(this)][code].append(sentence)
            digest.update(f"{code}\t{sentence}\n".encode())
    taught = {mask for code in lines for sentence in splits["train"][code] for mask in masks(sentence)}
    for code in lines:
        splits["test"][code] = [one for one in splits["test"][code] if not taught.intersection(masks(one))]
    too_few = [code for code in NEEDED if min(len(splits[name][code]) for name in SPLITS) < 2]
    if too_few:
        raise CuadernoError(f"{folder} holds too few different sentences of {too_few[0]}: give at least a hundred.")
    parts = {name: Sentences(own) for name, own in splits.items()}
    return Corpus(**parts, fingerprint=digest.hexdigest(), made_up=not folder)


def find(folder: str) -> Path:
    """The folder of that name here, or in CUADERNO_DATA.

    Raises:  CuadernoError when there is none.
    """
    places = [Path(folder).expanduser(), Path(os.environ.get("CUADERNO_DATA") or ".") / folder]
    for place in places:
        if place.is_dir():
            return place
    raise CuadernoError(
        f"There is no folder {folder} here, nor in CUADERNO_DATA. Give one with en.txt, es.txt, ar.txt and further "
        "languages, one sentence a line, or with eng_sentences.tsv.bz2 and its like from tatoeba.org; or leave "
        "--sentences out, and the study makes some up."
    )


def read_folder(folder: Path) -> dict[str, list[str]]:
    """The sentences of every LANGUAGE.txt of a folder, and of every file of Tatoeba's.

    Raises:  CuadernoError as `open_corpus` does.
    """
    lines: dict[str, list[str]] = {}
    for path in sorted(folder.glob("*.txt")):
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise CuadernoError(f"{path} cannot be read: {error}. It must be UTF-8, one sentence a line.") from error
        sentences = (tidy(line) for line in text.splitlines())
        lines[path.stem.lower()] = [sentence for sentence in sentences if len(sentence) >= SHORTEST]
    for path in tatoeba.files_in(folder):
        for code, sentences in tatoeba.read(path).items():
            lines[code] = lines.get(code, []) + [tidy(sentence) for sentence in sentences]
    missing = [code for code in NEEDED if not lines.get(code)]
    if missing:
        raise CuadernoError(
            f"{folder} has no sentences in {missing[0]}.txt. Needed are en.txt, es.txt and ar.txt, one sentence a "
            "line, or eng_sentences.tsv.bz2, spa_… and ara_… from tatoeba.org; every further file, for example "
            "pt.txt, teaches what is none of the three."
        )
    return lines


def key(sentence: str) -> str:
    """What is left of a sentence without accents, capitals and punctuation."""
    return " ".join(WORD.findall(without_accents(sentence).casefold())) or sentence


def masks(sentence: str) -> list[str]:
    """The sentence with each of its words in turn left open: two that share a mask differ in one word at most."""
    words = key(sentence).split()
    if len(words) < 4:
        return [" ".join(words)]
    return [" ".join((*words[:i], "*", *words[i + 1 :])) for i in range(len(words))]


def split_of(this: str) -> str:
    """Where a sentence of this key belongs, the same on every machine."""
    place = int.from_bytes(hashlib.md5(this.encode(), usedforsecurity=False).digest()[:4], "big") % 100
    for name, share in SPLITS.items():
        place -= share
        if place < 0:
            return name
    raise AssertionError("shares add up to a hundred")


def words(sentence: str) -> list[str]:
    """The words of a sentence, without numbers and punctuation."""
    return WORD.findall(sentence)
