"""Any UTF-8 text, or a folder of texts, as two memory-mapped files of tokens: 90 % to learn, the rest to judge.

Without a text of yours the study reads the help pages that every Python carries (`pydoc_data.topics`, PSF licence). The
texts of the diary are Tiny Shakespeare (1.1 million characters of plays, public domain, as collected by Andrej
Karpathy) and Don Quijote (Project Gutenberg 2000, public domain).
"""

import codecs
import hashlib
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import IncrementalNewlineDecoder
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from cuaderno.lab.data import cache_folder, fingerprint
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.files import disk_errors
from cuaderno.lab.progress import Progress
from cuaderno.studies.gpt.tokens import clean, learn, unknown

TRAIN_SHARE = 0.9
MOST_TUNED = 1 << 18  # tokens: enough to fit one number on
MOST_LOST = 0.01  # of the characters, when a tokenizer from elsewhere does not know them all
PIECE = 1 << 20  # bytes that are read at a time: a text may be larger than memory
SUFFIXES = (".txt", ".md", ".rst", ".text")
CUT = re.compile(r".*\S(?=[ \t\n])", re.DOTALL)  # up to the last gap; no byte pair reaches over the beginning of one
FORMAT = 1  # of the cached token files; a new number makes old ones unused


@dataclass(frozen=True)
class Corpus:
    """A text as tokens.

    Shapes:  train (N,) and val (M,), memory-mapped uint16 or uint32, in the order of the text.
    Units:   val_chars are the characters that the M tokens spell, for losses per character.
    """

    train: np.ndarray
    val: np.ndarray
    val_chars: int
    tokenizer: Tokenizer
    fingerprint: str

    @property
    def tune(self) -> np.ndarray:
        """The first fiftieth of the training text (of a long one less), on which a mixture is fitted.

        Not the last: what comes just before the validation text is often the best there is to learn from.
        """
        return self.train[: self._tune_tokens]

    @property
    def learn(self) -> np.ndarray:
        """What the network reads: the rest of the training text."""
        return self.train[self._tune_tokens :]

    @property
    def _tune_tokens(self) -> int:
        return min(len(self.train) // 50, MOST_TUNED)

    def require(self, context_length: int) -> None:
        """Raise a CuadernoError when the text is too short for one window to learn from and one to judge by."""
        shortest = min(len(self.learn), len(self.val))
        if shortest < context_length + 1:
            words = f"{len(self.learn):,} tokens to learn from and {len(self.val):,} to judge by"
            cure = f", or --context-length {shortest - 1}{' or less' if shortest > 2 else ''}" if shortest > 1 else ""
            raise CuadernoError(
                f"The text is too short: it gives {words}, and a context of {context_length} needs at least "
                f"{context_length + 1} of each. Take a longer text{cure}."
            )


def open_corpus(text: str = "", tokenizer: str | Tokenizer = "char", max_chars: int = 0) -> Corpus:
    """The tokens of a text, from the cache or made now, one megabyte at a time.

    `text` is a file, a folder of files, or empty for Python's own help pages; `tokenizer` is "char", "bpe:1024" with
    any size of vocabulary, or a finished one.

    Raises:  CuadernoError when the text is missing, empty, or not UTF-8 (naming the file and the byte).
    """
    try:
        digest = _digest(text, tokenizer, max_chars)
    except OSError as error:
        raise CuadernoError(f"{error.filename or text} cannot be read: {error.strerror or error}.") from error
    folder = cache_folder() / "gpt" / digest[:20]
    if not (folder / "corpus.json").is_file():
        with disk_errors(folder):
            _make(folder, text, tokenizer, max_chars)
    about = json.loads((folder / "corpus.json").read_text(encoding="utf-8"))
    train, val = (_mapped(folder / f"{name}.bin", about["dtype"]) for name in ("train", "val"))
    return Corpus(train, val, about["val_chars"], Tokenizer.from_file(str(folder / "tokenizer.json")), digest)


def _make(folder: Path, text: str, tokenizer: str | Tokenizer, max_chars: int) -> None:
    """Read the text three times: for its alphabet and length, for its byte pairs, and to write its tokens."""
    alphabet: set[str] = set()
    length = 0
    for piece in pieces(text, max_chars):
        alphabet.update(piece)
        length += len(piece)
    if length < 2:
        raise CuadernoError(f"{_name(text)} is empty. Take a text of at least a few thousand characters.")
    split = int(TRAIN_SHARE * length)
    if isinstance(tokenizer, str):
        taught = (part for name, part in _parted(pieces(text, max_chars), split) if name == "train")
        tokenizer = learn(tokenizer, taught, alphabet)
    dtype = "uint16" if tokenizer.get_vocab_size() <= 1 << 16 else "uint32"

    partial = folder.with_name(f"{folder.name}.{os.getpid()}.part")
    partial.mkdir(parents=True, exist_ok=True)
    try:
        with (
            (partial / "train.bin").open("wb") as train,
            (partial / "val.bin").open("wb") as val,
            Progress("read the text", length, unit="character") as progress,
        ):
            chars = {"train": split, "val": length - split}
            for name, part in _parted(pieces(text, max_chars), split):
                tokens = np.asarray(tokenizer.encode(part).ids, dtype=dtype)
                (train if name == "train" else val).write(tokens.tobytes())
                progress.update(progress.done + len(part))
                if tokenizer.pre_tokenizer is None:  # a token is a character, and unknown ones are left out
                    chars[name] -= len(part) - len(tokens)
        _check_losses(text, length, sum(chars.values()), unknown(tokenizer, "".join(alphabet)))
        tokenizer.save(str(partial / "tokenizer.json"))
        (partial / "corpus.json").write_text(json.dumps({"dtype": dtype, "val_chars": chars["val"]}))
        _settle(partial, folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _check_losses(text: str, length: int, spelled: int, strangers: list[str]) -> None:
    """Refuse a text of which a tokenizer from elsewhere leaves out too much, and say so when it leaves out a little.

    Raises:  CuadernoError when more than one character in a hundred has no token.
    """
    lost = length - spelled
    if not lost:
        return
    what = f"{lost:,} of the {length:,} characters of {_name(text)} have no token ({' '.join(strangers[:20])})"
    if lost > MOST_LOST * length:
        raise CuadernoError(
            f"This tokenizer was made for another text: {what}. Train from random weights, or take a folder with a "
            "byte-level tokenizer, as GPT-2 has."
        )
    print(f"Left out: {what}.", file=sys.stderr)


def _settle(partial: Path, folder: Path) -> None:
    """Give a finished folder its name, unless another process was quicker; a half-written one has to go."""
    try:
        partial.rename(folder)  # all or nothing, and refused where a folder with something in it stands
    except OSError:
        if not (folder / "corpus.json").is_file():
            shutil.rmtree(folder, ignore_errors=True)
            partial.rename(folder)


def _mapped(path: Path, dtype: str) -> np.ndarray:
    if path.stat().st_size == 0:  # a tokenizer from elsewhere may know no character of the text
        return np.zeros(0, dtype=dtype)
    return np.memmap(path, dtype=dtype, mode="r")


def _parted(parts: Iterator[str], split: int) -> Iterator[tuple[str, str]]:
    """Each piece with the split that it belongs to; the one in which the border falls comes in two."""
    seen = 0
    for piece in parts:
        border = min(max(split - seen, 0), len(piece))
        if border:
            yield "train", piece[:border]
        if border < len(piece):
            yield "val", piece[border:]
        seen += len(piece)


def pieces(text: str, max_chars: int = 0) -> Iterator[str]:
    """The text in pieces of about a megabyte, cut before white space where there is any; all of it, or `max_chars`.

    Line ends of any system become "\\n". The tokens of such pieces, one after another, are those of the whole text.

    Raises:  CuadernoError as `open_corpus` does.
    """
    left = max_chars or float("inf")
    for piece in _default() if not text else _from_files(text):
        if left <= 0:
            return
        yield piece[: int(min(left, len(piece)))]
        left -= len(piece)


def files(text: str) -> list[Path]:
    """The file itself, or the texts below a folder in order of their names, hidden ones left out.

    Raises:  CuadernoError when there is nothing, or nothing that looks like text.
    """
    try:
        path = Path(text).expanduser()
        if path.is_file():
            return [path]
        texts = [p for p in sorted(path.rglob("*")) if p.suffix.lower() in SUFFIXES and p.is_file()]
        found = [p for p in texts if not any(part.startswith(".") for part in p.relative_to(path).parts)]
    except (OSError, ValueError, RuntimeError) as error:
        raise CuadernoError(f"{text!r} cannot be read: {error}. Name a UTF-8 file or a folder of them.") from error
    if not path.exists():
        raise CuadernoError(
            f"There is no file or folder {text} here. Name a UTF-8 text, or call from the folder where it lies."
        )
    if not found:
        raise CuadernoError(f"{text} holds no text: none of its files ends in {', '.join(SUFFIXES)}.")
    return found


def _from_files(text: str) -> Iterator[str]:
    for path in files(text):
        decoder = codecs.getincrementaldecoder("utf-8-sig")()  # a byte order mark is not part of the text
        decoder = IncrementalNewlineDecoder(decoder, translate=True)
        done, rest = 0, ""
        with path.open("rb") as file:
            while True:
                block = file.read(PIECE)
                try:
                    rest += decoder.decode(block, final=not block)
                except UnicodeDecodeError as error:
                    raise _not_utf8(path, done - (len(error.object) - len(block)), error) from None
                if not block:
                    break
                done += len(block)
                gap = CUT.match(rest)
                cut = gap.end() if gap else len(rest)
                yield rest[:cut]
                rest = rest[cut:]
        if rest:
            yield rest


def _not_utf8(path: Path, start: int, error: UnicodeDecodeError) -> CuadernoError:
    at, byte = start + error.start, error.object[error.start]
    with path.open("rb") as file:
        kind = "UTF-16" if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "WINDOWS-1252"
    return CuadernoError(
        f"{path} is not UTF-8: byte {at:,} is 0x{byte:02x} ({error.reason}). Convert it first, for example with: "
        f"iconv -f {kind} -t UTF-8 {path.name} > utf8.txt"
    )


def _default() -> Iterator[str]:
    from pydoc_data.topics import topics

    yield clean("\n\n".join(topics[name] for name in sorted(topics)))


def _name(text: str) -> str:
    return text or "Python's help text"


def _digest(text: str, tokenizer: str | Tokenizer, max_chars: int) -> str:
    """What the token files depend on, and nothing else."""
    if text:
        content = "".join(fingerprint(path) for path in files(text))
    else:
        content = hashlib.sha256("".join(_default()).encode()).hexdigest()
    kind = tokenizer if isinstance(tokenizer, str) else tokenizer.to_str()
    wanted = (FORMAT, content, kind, max_chars)
    return hashlib.sha256(repr(wanted).encode()).hexdigest()
