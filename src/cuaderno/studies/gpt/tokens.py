"""Text to tokens and back: single characters, or byte pairs, both as a `tokenizers.Tokenizer` in one JSON file."""

import codecs
import re
from collections.abc import Iterable, Iterator

from tokenizers import Tokenizer
from tokenizers.decoders import ByteLevel as ByteLevelDecoder
from tokenizers.decoders import Fuse
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel
from tokenizers.trainers import BpeTrainer

from cuaderno.lab.errors import CuadernoError, nearest

KINDS = ("char", "bpe")
BPE_SIZE = 1024  # of a vocabulary when nobody says
ENDLESS = re.compile(r"\S{60}(?=\S)|\s{60}(?=\s)")  # longer than words are: learning pairs from it would take hours
PRINTABLE = [*range(33, 127), *range(161, 173), *range(174, 256)]  # bytes that byte-level BPE writes as they are
BYTE_OF = {chr(b): b for b in PRINTABLE} | {
    chr(256 + i): b for i, b in enumerate(b for b in range(256) if b not in PRINTABLE)
}


def learn(wanted: str, pieces: Iterable[str], alphabet: Iterable[str]) -> Tokenizer:
    """A tokenizer for a text: "char" for every character of its alphabet, "bpe:1024" for byte pairs from `pieces`.

    Raises:  CuadernoError when there is no such kind, or the vocabulary has no room for the 256 bytes.
    Source:  byte-level BPE as in GPT-2, Radford et al. 2019.
    """
    kind, _, size = wanted.partition(":")
    vocab_size = int(size) if size.isdecimal() else BPE_SIZE if not size else 0
    if kind not in KINDS or (kind == "char" and size):
        raise CuadernoError(f"There is no tokenizer '{wanted}': write char, or bpe:1024.{nearest(kind, KINDS)}")
    if kind == "char":  # byte pairs that never pair: each character is a token of its own, others are left out
        tokenizer = Tokenizer(BPE(vocab={char: i for i, char in enumerate(sorted(alphabet))}, merges=[]))
        tokenizer.decoder = Fuse()
        return tokenizer
    if not 256 <= vocab_size <= 65_536:
        raise CuadernoError(f"A BPE vocabulary has 256 (the bytes) to 65,536 tokens, as in bpe:1024, not '{size}'.")
    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=False)
    tokenizer.decoder = ByteLevelDecoder()
    trainer = BpeTrainer(vocab_size=vocab_size, initial_alphabet=ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator((part for piece in pieces for part in _broken(piece)), trainer)
    return tokenizer


def _broken(piece: str) -> Iterator[str]:
    """A piece in parts, so that none of its words is endless."""
    start = 0
    for found in ENDLESS.finditer(piece):
        yield piece[start : found.end()]
        start = found.end()
    yield piece[start:]


def clean(text: str) -> str:
    """The text without what no UTF-8 file can hold: lone halves of surrogate pairs become U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def encode(tokenizer: Tokenizer, text: str) -> list[int]:
    """The text as tokens; characters that a character tokenizer never met are left out (`unknown` names them)."""
    return tokenizer.encode(clean(text)).ids


def unknown(tokenizer: Tokenizer, text: str) -> list[str]:
    """The characters of a text that the tokenizer has no token for."""
    if tokenizer.pre_tokenizer is not None:  # bytes spell everything
        return []
    return sorted({char for char in clean(text) if tokenizer.token_to_id(char) is None})


def decode_stream(tokenizer: Tokenizer, tokens: Iterable[int]) -> Iterator[str]:
    """The text of tokens as they come; a character whose bytes are not all there yet waits for the rest."""
    special = {i for i, token in tokenizer.get_added_tokens_decoder().items() if token.special}
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for token in tokens:
        name = "" if token in special else tokenizer.id_to_token(token) or ""
        text = name if tokenizer.pre_tokenizer is None else decoder.decode(_bytes(name))
        if text:
            yield text


def _bytes(name: str) -> bytes:
    """The bytes that a byte-level token stands for; an added token is written as it is."""
    return bytes(map(BYTE_OF.get, name)) if BYTE_OF.keys() >= set(name) else name.encode()


def spell(tokenizer: Tokenizer) -> list[str]:
    """Every token as text a person can read, in order of its number: for labels in pictures."""
    names = [tokenizer.id_to_token(i) or "" for i in range(tokenizer.get_vocab_size())]
    shown = names if tokenizer.pre_tokenizer is None else [tokenizer.decode([i]) for i in range(len(names))]
    visible = {" ": "␣", "\n": "↵", "\t": "⇥"}
    return ["".join(visible.get(char, char if char.isprintable() else "�") for char in name) for name in shown]
