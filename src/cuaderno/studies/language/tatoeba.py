"""Sentences out of the files that tatoeba.org offers for each language, as they come.

Source:  https://tatoeba.org/en/downloads, "Sentences" or "Detailed sentences" of one language: eng_sentences.tsv.bz2,
         packed or not, with a number, the language (ISO 639-3) and the sentence in each line, between tabs.
Licence: CC BY 2.0 FR, with attribution.
Kept:    sentences of 3 to 300 characters (from 12 on in English and Spanish, of which there are so many), in composed
         characters, without invisible marks and double spaces; in languages written in Latin letters none with another
         letter, in those in Arabic ones none with more than a tenth of them. Of more than 14,000 in English, Spanish
         and Arabic and of more than 4,000 in another language a part is drawn, the same one on every computer.
"""

import bz2
import hashlib
import heapq
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.progress import Progress

ENDINGS = ("_sentences.tsv", "_sentences_detailed.tsv")
CODES = {  # of Tatoeba's that have a shorter one; what is not here keeps its own
    "eng": "en", "spa": "es", "ara": "ar", "por": "pt", "glg": "gl", "cat": "ca", "ita": "it", "fra": "fr", "pes": "fa",
    "urd": "ur", "deu": "de", "nld": "nl", "ron": "ro",
}  # fmt: skip
IN_LATIN = {"en", "es", "pt", "gl", "ca", "it", "fr", "de", "nl", "ro"}
IN_ARABIC = {"ar", "fa", "ur"}
SHORTEST, LONGEST = 3, 300  # characters
PLENTY = {"en": 12, "es": 12}  # shortest where there are so many
MOST = {"en": 14_000, "es": 14_000, "ar": 14_000}
MOST_OTHERS = 4_000
INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
ARABIC_LETTER = re.compile("[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufeff]")
LATIN_LETTER = re.compile("[A-Za-zªºÀ-ÖØ-öø-\u024f\u1e00-\u1eff]")


def files_in(folder: Path) -> list[Path]:
    """Tatoeba's files in a folder, packed or not."""
    return sorted(path for path in folder.iterdir() if path.name.removesuffix(".bz2").endswith(ENDINGS))


def read(path: Path) -> dict[str, list[str]]:
    """The cleaned sentences of one file by language, in alphabetical order.

    Raises:  CuadernoError when it is damaged, not UTF-8, or laid out otherwise.
    """
    found: dict[str, set[str]] = {}
    try:
        for code, text in _rows(path):
            sentence = clean(text)
            if fits(sentence, code):
                found.setdefault(code, set()).add(sentence)
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise CuadernoError(f"{path} cannot be read: {error}. Download it from tatoeba.org once more.") from error
    return {code: sorted(draw(own, MOST.get(code, MOST_OTHERS))) for code, own in found.items()}


def _rows(path: Path) -> Iterator[tuple[str, str]]:
    """Every sentence with its language's code, and a bar while there is more to come."""
    size = path.stat().st_size // 1024
    with path.open("rb") as file, Progress(f"read {path.name}", size, unit="KB") as progress:
        lines = bz2.BZ2File(file) if path.suffix == ".bz2" else file
        for number, line in enumerate(lines, 1):
            fields = line.decode("utf-8").rstrip("\r\n").split("\t")
            if len(fields) < 3 or not fields[0].isdigit():
                raise CuadernoError(
                    f"{path}, line {number}: a number, a language and a sentence are expected, with tabs between "
                    'them, as in "Sentences" on tatoeba.org/en/downloads.'
                )
            yield CODES.get(fields[1], fields[1]), fields[2]
            if number % 20_000 == 0:
                progress.update(file.tell() // 1024)


def clean(text: str) -> str:
    """A sentence in composed characters, without invisible marks and double spaces."""
    return " ".join(INVISIBLE.sub("", unicodedata.normalize("NFC", text)).split())


def fits(sentence: str, code: str) -> bool:
    """Whether a sentence has a fair length, and the letters of its language."""
    if not PLENTY.get(code, SHORTEST) <= len(sentence) <= LONGEST:
        return False
    letters = sum(map(str.isalpha, sentence))
    if code in IN_LATIN:
        return letters >= SHORTEST and len(LATIN_LETTER.findall(sentence)) >= letters
    if code in IN_ARABIC:
        arabic = sum(1 for char in ARABIC_LETTER.findall(sentence) if char.isalpha())
        return letters >= SHORTEST and arabic >= 0.9 * letters
    return letters >= SHORTEST


def draw(sentences: set[str], most: int) -> list[str]:
    """All of the sentences, or as many as wanted: those whose hashes are smallest, which says nothing about them."""
    if len(sentences) <= most:
        return list(sentences)
    return heapq.nsmallest(most, sentences, key=lambda one: hashlib.md5(one.encode(), usedforsecurity=False).digest())
