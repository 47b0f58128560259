"""Any text becomes tokens and back, once and for all; what cannot is named to the byte."""

import codecs
import json
import os
import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cuaderno.lab.errors import CuadernoError
from cuaderno.studies.gpt import data
from cuaderno.studies.gpt.data import Corpus, open_corpus, pieces
from cuaderno.studies.gpt.tokens import clean, decode_stream, encode, learn, spell, unknown

TEXT = "¿Quién anda ahí? Answer me: stand!\n\n  أجب! قف 🐈‍⬛ ñ\t12\n" * 40
kinds = pytest.mark.parametrize("kind", ["char", "bpe:300"])
few = settings(max_examples=60, deadline=None)
BYTE_PAIRS = learn("bpe:400", [TEXT, "  \n\n \n  a b\t\tc!!! 's  \n"] * 9, set(TEXT))
CHARACTERS = learn("char", [], set("aé漢🐈 \n�"))


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("CUADERNO_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def write(tmp_path):
    def write(content: str | bytes, name: str = "text.txt") -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    return write


def refused(*arguments) -> str:
    with pytest.raises(CuadernoError) as error:
        open_corpus(*arguments)
    return str(error.value)


# -- tokens ------------------------------------------------------------------------------------------------------------


@kinds
def test_any_language_comes_back(kind):
    tokenizer = learn(kind, [TEXT], set(TEXT))
    for text in (TEXT, "¿Quién?", "أجب! قف", "🐈‍⬛", "\n\n  "):
        assert tokenizer.decode(encode(tokenizer, text)) == text
        assert "".join(decode_stream(tokenizer, encode(tokenizer, text))) == text
    assert len(spell(tokenizer)) == tokenizer.get_vocab_size()


@given(st.text(max_size=80))
@few
def test_byte_pairs_spell_every_text(text):
    tokens = encode(BYTE_PAIRS, text)
    assert BYTE_PAIRS.decode(tokens) == text and unknown(BYTE_PAIRS, text) == []
    assert "".join(decode_stream(BYTE_PAIRS, tokens)) == text


@given(st.text(st.sampled_from("aé漢🐈 \n�xЖ\u0301\0"), max_size=40))
@few
def test_characters_that_were_never_met_are_left_out_and_named(text):
    known = "".join(char for char in text if char in "aé漢🐈 \n�")
    assert CHARACTERS.decode(encode(CHARACTERS, text)) == known
    assert unknown(CHARACTERS, text) == sorted(set(text) - set(known))
    assert "".join(decode_stream(CHARACTERS, encode(CHARACTERS, text))) == known


@given(st.lists(st.integers(0, 399), max_size=20))
@few
def test_a_stream_says_what_the_whole_says_and_never_half_a_character(tokens):
    """Whatever a network draws: only the bytes of a last character that never came whole are missing."""
    said = list(decode_stream(BYTE_PAIRS, tokens))
    whole = BYTE_PAIRS.decode(tokens)
    assert whole.startswith("".join(said)) and whole[len("".join(said)) :] in ("", "�")
    assert all(said) and clean("".join(said)) == "".join(said)


def test_a_stream_of_broken_bytes_goes_on():
    invalid = BYTE_PAIRS.token_to_id("ÿ")
    said = decode_stream(BYTE_PAIRS, [invalid] * 5000 + encode(BYTE_PAIRS, "and on"))
    assert "".join(said) == "�" * 5000 + "and on"


def test_special_tokens_are_not_said():
    tokenizer = learn("bpe:300", [TEXT], set(TEXT))
    tokenizer.add_special_tokens(["<|end|>"])
    assert "".join(decode_stream(tokenizer, tokenizer.encode("ñ<|end|>o").ids)) == "ño"


def test_lone_surrogates_become_one_sign():
    assert clean("a\ud800b\udfff\ud83d\udc08") == "a�b�🐈"
    assert BYTE_PAIRS.decode(encode(BYTE_PAIRS, "\ud800\0")) == "�\0"
    assert encode(CHARACTERS, "\ud800") == encode(CHARACTERS, "�")


@pytest.mark.parametrize("text", ["a" * 1_000_000, "é\n" * 350_000], ids=["one word", "lines"])
def test_a_megabyte_is_read_in_bounded_time(text):
    start = time.process_time()
    assert len(encode(CHARACTERS, text)) == len(text)
    assert 300_000 < len(encode(BYTE_PAIRS, text)) <= len(text.encode())
    assert time.process_time() - start < 20


@pytest.mark.parametrize("long", ["ab" * 300_000, " " * 600_000, "ab\n" * 200_000])
def test_byte_pairs_are_learnt_from_endless_words_in_bounded_time(long):
    start = time.process_time()
    tokenizer = learn("bpe:300", [long], set(long))
    assert tokenizer.decode(encode(tokenizer, long[:999])) == long[:999]
    assert time.process_time() - start < 20


@pytest.mark.parametrize("wanted", ["chars", "", "char:3", "bpe:255", "bpe:70000", "bpe:x", "bpe:-1", "word"])
def test_a_tokenizer_there_is_not(wanted):
    with pytest.raises(CuadernoError, match="bpe:1024"):
        learn(wanted, [TEXT], set(TEXT))


# -- corpora -----------------------------------------------------------------------------------------------------------


@kinds
def test_nine_tenths_of_the_characters_are_to_learn(kind, write):
    corpus = open_corpus(write(TEXT), kind)
    split = int(0.9 * len(TEXT))
    assert corpus.train.tolist() == encode(corpus.tokenizer, TEXT[:split])
    assert corpus.val.tolist() == encode(corpus.tokenizer, TEXT[split:])
    assert corpus.val_chars == len(TEXT) - split
    assert isinstance(corpus.train, np.memmap) and corpus.train.dtype == np.uint16


@given(
    st.lists(st.sampled_from(["ab", "é!", "!\x1c!", "漢字", "'s", "12", "a\xa0b", "x\u3000y", "🐈"]), max_size=60),
    st.lists(st.sampled_from([" ", "\n", "\n\n", "  ", " \n", "\t", "\n "]), min_size=60, max_size=60),
    st.integers(24, 60),
)
@few
def test_pieces_have_the_tokens_of_the_whole(tmp_path_factory, words, gaps, size):
    """A cut before white space cuts no pair, wherever the blocks end."""
    text = "".join(word + gap for word, gap in zip(words, gaps, strict=False))
    path = tmp_path_factory.mktemp("text") / "text.txt"
    path.write_bytes(text.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data, "PIECE", size)
        parts = list(pieces(str(path)))
    assert "".join(parts) == text
    assert [token for part in parts for token in encode(BYTE_PAIRS, part)] == encode(BYTE_PAIRS, text)


@given(st.text(max_size=60), st.integers(1, 9), st.integers(0, 70))
@few
def test_pieces_make_up_any_text(tmp_path_factory, text, size, max_chars):
    path = tmp_path_factory.mktemp("text") / "text.txt"
    path.write_bytes(text.encode())
    plain = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data, "PIECE", size)
        assert "".join(pieces(str(path), max_chars)) == (plain[:max_chars] if max_chars else plain)


def test_line_ends_and_byte_order_marks_of_other_systems_are_not_part_of_the_text(write):
    lines = "ROMEO:\nÁy me.\n\n" * 30
    windows = open_corpus(write(codecs.BOM_UTF8 + lines.replace("\n", "\r\n").encode()))
    assert windows.tokenizer.decode(windows.train.tolist()) == lines[: int(0.9 * len(lines))]


def test_a_folder_is_its_texts_in_order_without_hidden_files(write, tmp_path):
    write("2", "books/b.txt")
    write("1", "books/a.MD")
    write("3", "books/sub/a.rst")
    write(b"\xff\xfe", "books/._b.txt")  # what a Mac leaves on a stick
    write("no", "books/.git/readme.md")
    write("no", "books/photo.jpg")
    assert "".join(pieces(str(tmp_path / "books"))) == "123"
    hidden = write("its own wish", ".secret/.diary.txt")
    assert "".join(pieces(hidden)) == "".join(pieces(str(tmp_path / ".secret" / ".diary.txt"))) == "its own wish"


def test_only_so_many_characters(write):
    corpus = open_corpus(write(TEXT), "char", 101)
    assert corpus.tokenizer.decode([*corpus.train.tolist(), *corpus.val.tolist()]) == TEXT[:101]
    assert (len(corpus.train), corpus.val_chars) == (90, 11)


def test_without_a_text_there_is_one_that_every_python_carries():
    corpus = open_corpus(max_chars=5000)
    assert len(corpus.train) == 4500 and "".join(pieces(""))[:4000].isprintable() is False
    assert len("".join(pieces(""))) > 300_000


def test_five_megabytes_without_a_line_end(write):
    text = "palabra, " * 560_000
    start = time.process_time()
    corpus = open_corpus(write(text))
    assert len(corpus.train) + len(corpus.val) == len(text)
    assert all(piece[-1] == "," for piece in list(pieces(write(text)))[:-1])
    assert time.process_time() - start < 30


# -- what cannot be read -----------------------------------------------------------------------------------------------


def test_texts_that_are_not_there(write, tmp_path):
    assert "no file or folder" in refused(str(tmp_path / "nothing.txt"))
    for odd in ("a\0b", "x" * 5000, "~nobody-of-this-name/text.txt"):
        assert len(refused(odd)) > 20
    (tmp_path / "bare").mkdir()
    assert "holds no text" in refused(str(tmp_path / "bare"))
    for content in ("", codecs.BOM_UTF8):
        assert "is empty" in refused(write(content))


def test_a_text_that_may_not_be_read(write, monkeypatch):
    path = write(TEXT)

    def denied(file):
        raise PermissionError(13, "Permission denied", str(file))

    monkeypatch.setattr(data, "fingerprint", denied)
    assert refused(path) == f"{path} cannot be read: Permission denied."


BLOCK = data.PIECE
BROKEN = {
    "first": (b"\xffabc", 0, 0xFF),
    "latin-1": (b"se\xf1or y se\xf1ora", 2, 0xF1),
    "behind a mark": (codecs.BOM_UTF8 + b"ab\xff", 5, 0xFF),
    "cut short": ("ñ🐈".encode()[:-1], 2, 0xF0),
    "second megabyte": (b"ab " * (BLOCK // 2) + b"\xc3(", BLOCK // 2 * 3, 0xC3),
    "between two blocks": (b"a" * (BLOCK - 2) + b"\xe2\x82(", BLOCK - 2, 0xE2),
    "cut short at a block": (b"a" * (BLOCK - 1) + b"\xe2", BLOCK - 1, 0xE2),
    "behind a mark, between": (codecs.BOM_UTF8 + b"a" * (BLOCK - 4) + b"\xf0\x9f", BLOCK - 1, 0xF0),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_what_is_not_utf8_is_named_to_the_byte(broken, write):
    content, at, byte = BROKEN[broken]
    path = write(content)
    assert content[at] == byte
    assert f"{path} is not UTF-8: byte {at:,} is 0x{byte:02x}" in refused(path)


def test_the_cure_for_utf16_is_another_one(write):
    assert "iconv -f UTF-16 " in refused(write(TEXT.encode("utf-16")))
    assert "iconv -f WINDOWS-1252 " in refused(write(TEXT[:9].encode("latin-1")))


@pytest.mark.parametrize("length", [2, 12, 19, 20, 21, 60, 300])
def test_the_cure_for_a_short_text_is_true(length, write):
    corpus = open_corpus(write(TEXT[:length]))
    with pytest.raises(CuadernoError, match="too short") as error:
        corpus.require(64)
    words = str(error.value)
    assert ("--context-length" in words) == (len(corpus.val) > 1)
    if "--context-length" in words:
        largest = int(words.split("--context-length ")[1].split()[0].rstrip("."))
        corpus.require(largest)
        with pytest.raises(CuadernoError):
            corpus.require(largest + 1)


def test_a_tokenizer_from_elsewhere_must_know_the_text(write, capfd):
    with pytest.raises(CuadernoError, match=r"60 of the 120 characters .* have no token \(Ω\)"):
        open_corpus(write("aΩ" * 60), CHARACTERS)
    corpus = open_corpus(write("a" * 999 + "Ω"), CHARACTERS)
    assert "Left out: 1 of the 1,000 characters" in capfd.readouterr().err
    assert corpus.val_chars == len(corpus.val) == 99, "bits per character count what was spelled"


# -- the cache ---------------------------------------------------------------------------------------------------------


def same(one: Corpus, other: Corpus) -> bool:
    equal = np.array_equal(one.train, other.train) and np.array_equal(one.val, other.val)
    return equal and one.fingerprint == other.fingerprint and one.tokenizer.to_str() == other.tokenizer.to_str()


def test_the_cache_is_used_again_and_knows_what_it_depends_on(write, monkeypatch):
    path = write(TEXT)
    first = open_corpus(path)
    others = [open_corpus(path, "bpe:300"), open_corpus(path, "char", 99), open_corpus(path, first.tokenizer)]
    moved = write(TEXT, "elsewhere.txt")
    monkeypatch.setattr(data, "_make", None)
    assert same(open_corpus(path), first) and same(open_corpus(moved), first), "the same text under another name"
    assert len({first.fingerprint, *(other.fingerprint for other in others)}) == 4
    monkeypatch.undo()
    write(TEXT + "!")
    assert open_corpus(path).fingerprint != first.fingerprint


def test_a_half_written_cache_is_made_again(write, cache):
    path = write(TEXT)
    first = open_corpus(path)
    (folder,) = (cache / "gpt").iterdir()
    (folder / "corpus.json").unlink()
    (folder / "train.bin").unlink()
    (folder / "train.bin").write_bytes(b"torn")
    assert same(open_corpus(path), first)
    assert [child.name for child in (cache / "gpt").iterdir()] == [folder.name], "nothing is left lying about"


def test_a_refused_text_leaves_nothing(write, cache):
    refused(write(b"abc\xff"))
    assert not list(cache.glob("gpt/*"))


def test_the_slower_of_two_makers_leaves_the_quicker_ones_files(tmp_path):
    folders = [tmp_path / name for name in ("done", "late.part")]
    for folder in folders:
        folder.mkdir()
        (folder / "corpus.json").write_text(json.dumps(folder.name))
    data._settle(folders[1], folders[0])
    assert json.loads((folders[0] / "corpus.json").read_text()) == "done"


def test_several_processes_make_one_cache(write, cache):
    path = write(TEXT * 50)
    code = (
        f"from cuaderno.studies.gpt.data import open_corpus as o; c = o({path!r}); print(c.fingerprint, c.train.sum())"
    )
    makers = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=os.environ) for _ in range(3)]
    said = {maker.communicate(timeout=60)[0] for maker in makers}
    assert len(said) == 1 and not any(maker.returncode for maker in makers)
    assert len(list((cache / "gpt").iterdir())) == 1
