"""Texts, fonts, pictures and photos: nothing gives a language away that should not, and what is drawn is said."""

import bz2
import io
import json
import os
import random
import struct
import subprocess
import sys
from collections import defaultdict
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, features

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.export import check_parity, find_node, save_json, save_parity
from cuaderno.lab.metrics import wilson
from cuaderno.lab.quantize import pack
from cuaderno.lab.run import Run
from cuaderno.studies.language import fonts as fonts_here
from cuaderno.studies.language import parts, pictures, tatoeba
from cuaderno.studies.language.data import key, masks, open_corpus, split_of
from cuaderno.studies.language.declaration import lines as formal_lines
from cuaderno.studies.language.evaluate import Judge, by_rows, by_width, calibration, confusions, most_alike, nearest
from cuaderno.studies.language.excerpts import Teacher, false_accents, shuffled_letters, strange, texts_to_judge
from cuaderno.studies.language.explain import letter_weights, look_at_picture
from cuaderno.studies.language.export import about, export
from cuaderno.studies.language.fonts import Font, Pool
from cuaderno.studies.language.judge import draw_pictures, embed_pictures, embed_texts, probabilities
from cuaderno.studies.language.letters import ALPHABET, SPACE, VOCAB_SIZE, encode, on_paper, tidy, without_accents
from cuaderno.studies.language.model import LanguageNet, gather_letters, normalize, segment
from cuaderno.studies.language.parts import contradict, cut, judge_lines
from cuaderno.studies.language.photos import open_picture, strips
from cuaderno.studies.language.pictures import Lines, bend, columns_of, covered, draw, draw_batch, draw_line, spoil
from cuaderno.studies.language.predict import Options, doubt, pieces_of, predict, show, text_answers, vote
from cuaderno.studies.language.quantize import folded, rounded, weights_of
from cuaderno.studies.language.train import TINY, Config, as_batch, build, draw_lesson

WEB = Path(__file__).parent / "web"
ARABIC = "القطار يغادر في الساعة السابعة"


@pytest.fixture(scope="module")
def pool():
    """The font that every Pillow carries, and nothing else."""
    return fonts_here.pools(fonts_here.find_fonts(1))["seen"]


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return build(TINY).eval()


@pytest.fixture(scope="module")
def arabic_font():
    """A font of this computer that writes Arabic; most development machines have one, a bare one may not."""
    found = [font for font in fonts_here.find_fonts() if font.arabic]
    if not found:
        pytest.skip("no Arabic font here: apt-get install fonts-dejavu or fonts-hosny-amiri")
    return found[0]


@pytest.fixture
def run(model, tmp_path):
    """A finished run of untrained weights."""
    run = Run.create("language", TINY, tmp_path)
    run.save_weights(model.state_dict())
    run.finish({})
    return run


# --- characters


def test_numbers_name_every_character_of_the_alphabet_once():
    assert len(set(ALPHABET)) == len(ALPHABET)
    assert encode("aé ñ").tolist() == [1 + ALPHABET.index(char) for char in "aé ñ"]
    assert encode(" ").tolist() == [SPACE]


@given(st.text(max_size=40))
def test_any_text_has_numbers_and_tidying_twice_changes_nothing(text):
    once = tidy(text)
    assert tidy(once) == once
    numbers = encode(once)
    assert len(numbers) == len(once) and ((numbers > 0) & (numbers < VOCAB_SIZE)).all()


@given(st.text(alphabet="abcñÑé¿¡. ", max_size=30))
def test_without_accents_only_letters_of_english_are_left(text):
    assert without_accents(text).isascii()


def test_arabic_stands_on_paper_from_the_other_side_with_numbers_as_they_are():
    assert on_paper("في 25 يوم") == "موي 25 يف"
    assert on_paper("Hotel فندق California") == "Hotel فندق California"  # mostly Latin: left as it is
    assert tidy("كِتَابٌ\u200f ـ") == "كتاب"  # vowel signs, a direction mark and a stretching stroke


def test_node_reads_texts_as_python_does(tmp_path):
    texts = [
        "",
        " a\u00a0 b\t\n",
        "n\u0303o",
        "Ελλάδα 日本 🙂 \u200f",
        "في 25.5 يوم",
        ARABIC,
        "x" * 700,
        "uno dos tres " * 60,
        "١٢٣ أ",
    ]
    code = """
import { makeAlphabet, piecesOf, countLetters, tidy } from %s;
const { alphabet, strangers, texts, size, most } = JSON.parse(process.argv[1]);
const a = makeAlphabet(alphabet, strangers);
console.log(JSON.stringify(texts.map((t) => [tidy(t), a.encode(t), piecesOf(t, size, most), countLetters(t, 3)])));
"""
    from cuaderno.studies.language.letters import SCRIPTS, STRANGERS
    from cuaderno.studies.language.predict import MOST_PIECES, PIECE, count_letters

    strangers = [[start, 1 + len(ALPHABET) + SCRIPTS.index(name)] for start, name in STRANGERS]
    given_ = {"alphabet": ALPHABET, "strangers": strangers, "texts": texts, "size": PIECE, "most": MOST_PIECES}
    command = [
        find_node(),
        "--input-type=module",
        "-e",
        code % json.dumps((WEB / "letters.js").as_uri()),
        json.dumps(given_),
    ]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    expected = [[tidy(t), encode(tidy(t)).tolist(), pieces_of(t), count_letters(t)] for t in texts]
    assert json.loads(answer.stdout) == expected


# --- sentences


def test_no_variant_of_a_training_sentence_is_a_test():
    corpus = open_corpus()
    taught = {key(one) for code in corpus.train.own for one in corpus.train.own[code]}
    near = {mask for code in corpus.train.own for one in corpus.train.own[code] for mask in masks(one)}
    for code, sentences in corpus.test.own.items():
        assert sentences, code
        assert not taught & {key(one) for one in sentences}
        assert not any(near.intersection(masks(one)) for one in sentences)
    assert split_of(key("¿QUÉ ES ESO?")) == split_of(key("que es eso"))


def test_a_folder_of_sentences_is_read_and_a_bad_one_says_what_is_wrong(tmp_path, monkeypatch):
    with pytest.raises(CuadernoError, match="There is no folder"):
        open_corpus(str(tmp_path / "nowhere"))
    for code in ("en", "es"):
        made = (" ".join(f"{code}{chr(97 + int(digit))}" * 2 for digit in str(7 * i)) for i in range(999))
        (tmp_path / f"{code}.txt").write_text("\n".join(made))
    with pytest.raises(CuadernoError, match=r"ar\.txt"):
        open_corpus(str(tmp_path))
    (tmp_path / "ar.txt").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(CuadernoError, match="UTF-8"):
        open_corpus(str(tmp_path))
    (tmp_path / "ar.txt").write_text("واحد\nاثنان")
    with pytest.raises(CuadernoError, match="too few"):
        open_corpus(str(tmp_path))
    (tmp_path / "ar.txt").write_text("\n".join(f"كلمة {'ابتثجح'[i % 6] * (i // 6 + 1)} أخرى" for i in range(200)))
    monkeypatch.setenv("CUADERNO_DATA", str(tmp_path.parent))
    assert open_corpus(tmp_path.name).train.others() == []


def tatoeba_rows(code: str, sentences: list[str]) -> bytes:
    """A file in the layout of tatoeba.org's downloads."""
    return "".join(f"{1000 + i}\t{code}\t{sentence}\n" for i, sentence in enumerate(sentences)).encode()


def test_files_of_tatoeba_are_read_as_they_come(tmp_path, monkeypatch):
    for code in ("eng", "spa", "por"):
        made = [" ".join(f"{code}{chr(97 + int(digit))}" for digit in str(77777 + 7 * i)) for i in range(300)]
        (tmp_path / f"{code}_sentences.tsv.bz2").write_bytes(bz2.compress(tatoeba_rows(code, made)))
    arabic = [" ".join(f"كلم{'ابتثجحخدذر'[int(digit)]}" for digit in str(77777 + 7 * i)) for i in range(300)]
    detailed = tatoeba_rows("ara", arabic).replace(b"\n", b"\tsomebody\t2020-01-01 00:00:00\t\\N\r\n")
    (tmp_path / "ara_sentences_detailed.tsv").write_bytes(detailed)
    monkeypatch.setattr(tatoeba, "MOST_OTHERS", 120)
    corpus = open_corpus(str(tmp_path))
    assert corpus.train.others() == ["pt"] and not corpus.made_up
    own = {
        code: sum(len(split.own[code]) for split in (corpus.train, corpus.val, corpus.test)) for code in ("ar", "pt")
    }
    assert own["ar"] > 200 and 90 < own["pt"] <= 120
    assert open_corpus(str(tmp_path)).fingerprint == corpus.fingerprint


@pytest.mark.parametrize(
    "code, text, kept",
    [
        ("spa", " La\u200f  man\u0303ana\u00ad es\tazul. ", ["La mañana es"]),  # what is behind a tab is another field
        ("spa", "¡Sí!", []),  # there are enough longer ones
        ("por", "Sim!", ["Sim!"]),
        ("por", "?! 12", []),
        ("eng", "She said «мир» and left.", []),
        ("ara", "هذا الفيلم من شركة BBC", []),
        ("ara", "قرأت هذا الخبر القديم أمس في جريدة الصباح بـ A", ["قرأت هذا الخبر القديم أمس في جريدة الصباح بـ A"]),
        ("rus", "Мир вам.", ["Мир вам."]),
        ("eng", "much too long " * 30, []),
    ],
)
def test_sentences_of_tatoeba_are_cleaned(code, text, kept, tmp_path):
    path = tmp_path / f"{code}_sentences.tsv"
    path.write_bytes(tatoeba_rows(code, [text, text]))
    assert [sentence for own in tatoeba.read(path).values() for sentence in own] == kept


@pytest.mark.parametrize(
    "name, data, words",
    [
        ("eng_sentences.tsv", b"no tabs here\n", "line 1: a number"),
        ("eng_sentences.tsv", b"1\teng\tfine line of text\n\xff\xfe\teng\tx\n", "once more"),
        ("eng_sentences.tsv.bz2", b"no archive", "once more"),
        ("eng_sentences.tsv.bz2", bz2.compress(tatoeba_rows("eng", ["a line of text"] * 99))[:-20], "once more"),
    ],
)
def test_a_damaged_file_of_tatoeba_is_named(name, data, words, tmp_path):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(CuadernoError, match=words) as error:
        tatoeba.read(tmp_path / name)
    assert name in str(error.value)


def test_the_teacher_repeats_itself_and_teaches_all_four():
    teacher = Teacher(open_corpus().train)
    draws = [teacher.draw(random.Random(i), 30) for i in range(400)]
    assert draws == [teacher.draw(random.Random(i), 30) for i in range(400)]
    assert {language for _, language in draws} == {0, 1, 2, 3} and all(text for text, _ in draws)
    assert all(not any("\u0600" < c < "\u0700" for c in text) for text, language in draws if language < 2)


def test_tests_of_words_hold_no_word_of_another_language():
    tests = texts_to_judge(open_corpus(), 50)
    assert all(len(word) >= 4 and " " not in word for word, _ in tests["word"])
    words = {language: {w for w, own in tests["word"] if own == language} for language in ("en", "es", "ar")}
    assert not words["en"] & words["es"]


def test_controls_change_what_they_say_they_do():
    rng = random.Random(1)
    assert sorted(shuffled_letters(rng, "the house")) == sorted("the house")
    accented = false_accents(rng, "the house")
    assert accented != "the house" and without_accents(accented) == "the house"
    assert strange(rng, 12, ("абв",)).lower().strip("абв ") == ""
    assert {language for _, language in formal_lines()} == {"en", "es"} and len(formal_lines()) > 100


# --- fonts and pictures


def test_the_font_inside_pillow_is_always_there_but_has_no_accents(pool):
    (font,) = pool.latin[0]
    assert not pool.arabic
    assert covered("¿Año 日本?", font) == "Ano ?"  # no empty box gives a script away
    words = fonts_here.describe([font])
    assert "no Arabic font" in words["what few fonts cost"] and "1 Latin design," in words["fonts"]


def test_a_folder_of_fonts_is_searched_and_damaged_ones_are_passed_over(tmp_path, monkeypatch):
    monkeypatch.setenv("CUADERNO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(fonts_here, "_folders", lambda: [tmp_path])
    (tmp_path / "broken.ttf").write_bytes(b"\0\1\0\0" + os.urandom(200))
    (tmp_path / "empty.otf").write_bytes(b"")
    found = fonts_here.find_fonts()
    assert [font.path for font in found] == [fonts_here.BUILT_IN]
    assert fonts_here.find_fonts() == found  # from the cache
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CUADERNO_CACHE", str(tmp_path / "file"))  # nothing can be written below a file
    assert fonts_here.find_fonts() == found


def test_cmap_is_read_in_both_formats():
    four = struct.pack(">HHHHHHH", 4, 0, 0, 4, 0, 0, 0) + struct.pack(">HH", 67, 0xFFFF) + b"\0\0"
    four += struct.pack(">HH", 65, 0xFFFF) + struct.pack(">hh", -60, 1) + struct.pack(">HH", 0, 0)
    twelve = struct.pack(">HHIII", 12, 0, 28, 0, 1) + struct.pack(">III", 0x1F600, 0x1F602, 5)
    for table, expected in ((four, {65, 66, 67}), (twelve, {0x1F600, 0x1F601, 0x1F602})):
        data = struct.pack(">HH", 0, 1) + struct.pack(">HHI", 3, 10 if table is twelve else 1, 12) + table
        assert fonts_here._cmap(data) == expected


def test_seen_and_unseen_fonts_share_no_design():
    fonts = fonts_here.find_fonts()
    pools = fonts_here.pools(fonts)
    designs = {name: {font.design for group in pools[name].latin for font in group} for name in ("seen", "unseen")}
    if any(font.unseen for font in fonts if font.latin):
        assert not designs["seen"] & designs["unseen"]
    assert set(fonts_here.licences(fonts)) and len(fonts_here.fingerprint(fonts)) == 64


def test_letters_are_where_they_are_drawn(pool):
    (font,) = pool.latin[0]
    ink, borders = draw("illW", font, 24)
    assert len(borders) == 5 and (np.diff(borders) > 0).all()
    whole = ink.shape[1]
    alone, _ = draw("W", font, 24)
    assert abs((borders[4] - borders[3]) - alone.shape[1]) < 4 and abs(borders[-1] - whole) < 4
    letters, segments = columns_of(encode("illW"), borders + 10, 80)
    assert letters[0] == letters[-1] == SPACE and segments[0] == 0 and segments.max() == 5
    assert ALPHABET[letters[int((10 + borders[3] + 4) / 2)] - 1] == "W"


def test_arabic_joins_its_letters(arabic_font):
    assert features.check("raqm")
    joined, borders = draw("سلام", arabic_font, 24)
    apart = sum(draw(char, arabic_font, 24)[0].shape[1] for char in "سلام")
    assert joined.shape[1] < 0.98 * apart
    assert len(borders) == 5 and (np.diff(borders) >= 0).all()


def test_training_pictures_carry_their_letters(pool):
    lines = draw_batch(random.Random(2), ["una frase", "another one", "illegal"], pool, 160)
    assert lines.pixels.shape == (3, 32, 160) and lines.letters.shape == lines.segments.shape == (3, 80)
    text = "".join(ALPHABET[n - 1] for n in torch.unique_consecutive(lines.letters[2]).tolist())
    assert text.strip() == "ilegal"  # two equal letters side by side are two segments of one number
    assert lines.segments[2].max() == 8
    bent = bend(lines, torch.Generator().manual_seed(1))
    assert bent.segments.min() == 0 and ((bent.segments[:, 1:] - bent.segments[:, :-1]) >= 0).all()
    straight = bend(lines, torch.Generator().manual_seed(1), strength=0.0)
    assert (straight.pixels - lines.pixels).abs().max() < 0.02
    spoilt = spoil(bent.pixels, torch.Generator().manual_seed(1))
    assert spoilt.shape == bent.pixels.shape and torch.isfinite(spoilt).all()


def test_colours_of_ink_and_paper_carry_nothing(pool):
    strip = torch.from_numpy(draw_line(random.Random(0), "Colour of the ink", pool)).float()[None] / 255
    for other in (1 - strip, 0.3 + 0.4 * strip, 0.9 - 0.5 * strip):
        assert (normalize(other) - normalize(strip)).abs().max() < 1e-3


@pytest.fixture(scope="module")
def lessons():
    """How some 2,000 lines of training in English and Spanish are drawn: language, design, size, and the picture.

    One and the same bar stands for every text, so all that is in a picture is what was done to it: where the bar
    stands, how it is bent and spoilt, and whether it is light on dark.
    """
    designs = [[Font(fonts_here.BUILT_IN, f"Design {i}", "", True, False, False, f"{i}")] for i in range(8)]
    pool, teacher, drawn = Pool(latin=designs, arabic=designs), Teacher(open_corpus().train), []

    def bar(text: str, font: Font, size: int):
        drawn.append((font.design, size))
        return np.full((12, 40), 255, np.uint8), np.linspace(0, 40, 1 + len(tidy(text)))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pictures, "draw", bar)
        patch.setattr("cuaderno.studies.language.train.WIDTHS", (96,))
        batches = [draw_lesson(random.Random(step), teacher, pool, Config(), torch.device("cpu")) for step in range(52)]
    languages = torch.cat([own for _, _, own in batches]).numpy()
    rows = np.flatnonzero(languages < 2)
    seen = torch.cat([pixels for pixels, _, _ in batches]).numpy()[rows]
    assert len(drawn) == len(languages) and len(rows) > 1900
    return languages[rows] == 1, [drawn[i] for i in rows], seen


def majority(values: list, wanted: np.ndarray) -> np.ndarray:
    """For each of the later half, what most of the earlier half with the same value are."""
    half, counts = len(values) // 2, defaultdict(list)
    for value, one in zip(values[:half], wanted[:half], strict=True):
        counts[value].append(one)
    return np.array([np.mean(counts.get(value) or [0.0]) > 0.5 for value in values[half:]])


@pytest.mark.parametrize("what", ["design", "size", "polarity", "picture"])
def test_how_a_lesson_is_drawn_does_not_give_its_language_away(lessons, what):
    is_spanish, drawn, seen = lessons
    half = len(seen) // 2
    if what == "picture":
        small = seen.reshape(len(seen), 4, 8, 12, 8).mean(axis=(2, 4)).reshape(len(seen), -1)
        noise = np.abs(np.diff(seen, axis=2)).mean(axis=(1, 2))[:, None]
        given_ = np.concatenate([small, noise], axis=1)
        answers = nearest(given_[:half], is_spanish[:half], given_[half:])
    else:
        light_on_dark = [bool(np.median(picture) < picture.mean()) for picture in seen]
        values = {"design": [d for d, _ in drawn], "size": [s for _, s in drawn], "polarity": light_on_dark}[what]
        assert len(set(values)) > 1
        answers = majority(values, is_spanish)
    chance = max(is_spanish[half:].mean(), 1 - is_spanish[half:].mean())
    right = wilson(int((answers == is_spanish[half:]).sum()), len(answers))
    assert right.low <= chance, f"{what}: {right}, where chance is {chance}"


# --- the network


def test_a_letter_begins_at_a_peak():
    begins = torch.tensor([[9.0, -9, 3, -9, -0.2, 0.0, -9, -1, -9]])
    assert segment(begins)[0].tolist() == [0, 0, 1, 1, 1, 2, 2, 2, 2]
    letters, there = gather_letters(torch.arange(8.0).view(1, 4, 2), torch.tensor([[0, 0, 1, 1]]))
    assert letters.shape == (1, 2, 2) and there.all()


def test_company_changes_no_answer(model, pool):
    """Neither other texts in a batch nor wider pictures beside it."""
    texts = ["hola", "a much longer line of text than the other", ARABIC]
    together = probabilities(model, embed_texts(model, texts))
    for text, row in zip(texts, together, strict=True):
        assert np.allclose(probabilities(model, embed_texts(model, [text]))[0], row, atol=1e-5)
    pictures = draw_pictures(texts[:2] * 2, pool)
    together = probabilities(model, embed_pictures(model, pictures))
    assert np.allclose(probabilities(model, embed_pictures(model, pictures[1:2]))[0], together[1], atol=1e-4)


def test_lines_find_their_like():
    rows = [torch.randn(size, 16, generator=torch.Generator().manual_seed(size)) for size in range(4, 12)]
    assert most_alike([row + 0.05 for row in rows[::-1]], rows) == list(range(8))[::-1]


def test_width_and_ink_per_row_are_judged_as_shortcuts():
    rng = np.random.default_rng(0)
    given_ = rng.normal(size=(200, 1))
    assert (nearest(given_, given_[:, 0] > 0, given_) == (given_[:, 0] > 0)).mean() > 0.95
    light, dark = np.zeros((32, 8)), np.ones((32, 8))
    light[5], dark[5] = 1, 0
    assert by_rows(light).argmax() == by_rows(dark).argmax() == 5 and by_width(light) == 8


def test_calibration_is_the_gap_between_sureness_and_truth():
    sure = np.tile([0.9, 0.1, 0, 0], (100, 1))
    honest = [("x", "en")] * 90 + [("x", "es")] * 10
    assert calibration(sure, honest).value == pytest.approx(0, abs=1e-9)
    assert calibration(sure, [("x", "es")] * 100).value == pytest.approx(0.9)


def test_folding_changes_nothing_and_rounding_little(pool):
    torch.manual_seed(1)
    model = build(TINY)
    pixels = torch.from_numpy(np.stack([np.resize(p, (32, 160)) for p in draw_pictures(["uno", "two", "tres"], pool)]))
    model.train()
    for _ in range(3):
        model.picture(pixels)  # batch norms that are no longer as made
    model.eval()
    with torch.no_grad():
        plain = model.picture(pixels)
        assert torch.allclose(folded(model).picture(pixels), plain, atol=1e-4)
        assert (rounded(folded(model)).text(as_batch(["uno"])) - model.text(as_batch(["uno"]))).abs().max() < 0.1


def test_covering_letters_weighs_them(model, pool):
    letters, _ = model.read_text(as_batch(["una frase"]))
    assert letter_weights(model, letters[0], 1).shape == (11,)
    strip = torch.from_numpy(draw_line(random.Random(0), "una frase", pool)).float() / 255
    looks = look_at_picture(model, strip, 1)
    assert looks[0][0] == 0 and looks[-1][1] == strip.shape[1]
    assert all(before[1] == after[0] for before, after in pairwise(looks))


def test_without_lessons_about_letters_it_trains_too(tmp_path):
    import dataclasses

    from cuaderno.studies.language.train import train

    config = dataclasses.replace(TINY, letters_weight=0.0, steps=2, val_every=2)
    run = Run.create("language", config, tmp_path)
    train(config, run)
    assert run.load_weights() and len(run.history()) == 2


# --- photos


def photo(words: list[str], pool, angle: float = 0, size: int = 30) -> Image.Image:
    """A page with lines, turned, lit from one side."""
    page = np.full((90 + 60 * len(words), 760), 210.0)
    for i, text in enumerate(words):
        ink, _ = draw(text, pool.latin[0][0], size)
        page[50 + 60 * i : 50 + 60 * i + ink.shape[0], 50 : 50 + ink.shape[1]] -= 0.7 * ink
    page = np.asarray(
        Image.fromarray(page.astype(np.uint8)).rotate(angle, Image.Resampling.BICUBIC, fillcolor=210)
    ).astype(float)
    page += np.linspace(-50, 30, page.shape[1])[None]
    return Image.fromarray(page.clip(0, 255).astype(np.uint8))


@pytest.mark.parametrize("angle", [0, 3, -5])
@pytest.mark.parametrize("inverted", [False, True])
def test_lines_are_found_in_a_photo(angle, inverted, pool):
    page = photo(["Prohibido el paso a toda", "persona ajena a la obra", "obligatorio el casco"], pool, angle)
    if inverted:
        page = Image.fromarray(255 - np.asarray(page))
    found = strips(page)
    assert len(found) == 3
    for strip in found:
        assert strip.shape[0] == 32 and strip.shape[1] % 4 == 0 and 150 < strip.shape[1] < 600
        assert strip.max() > 0.7 and np.median(strip) < 0.1  # ink is light, whatever it was


@pytest.mark.parametrize(
    "page, words",
    [
        (Image.new("L", (300, 200), 255), "blank"),
        (Image.new("L", (300, 200), 0), "blank"),
        (Image.new("L", (3, 200), 255), "too small"),
    ],
)
def test_a_picture_without_text_says_so(page, words):
    with pytest.raises(CuadernoError, match=words):
        strips(page)


def test_pictures_that_cannot_be_read_say_why(tmp_path):
    (tmp_path / "torn.png").write_bytes(b"\x89PNG\r\n\x1a\n" + os.urandom(50))
    (tmp_path / "words.jpg").write_text("no picture")
    file = io.BytesIO()
    Image.new("1", (20000, 20000)).save(file, "PNG")
    (tmp_path / "huge.png").write_bytes(file.getvalue())
    for name, words in (
        ("torn.png", "read"),
        ("words.jpg", "not a picture"),
        ("none.png", "no file"),
        ("huge.png", "million"),
    ):
        with pytest.raises(CuadernoError, match=words):
            open_picture(str(tmp_path / name))
    transparent = Image.new("RGBA", (60, 40), (0, 0, 0, 0))
    transparent.save(tmp_path / "clear.png")
    with pytest.raises(CuadernoError, match="blank"):
        strips(open_picture(str(tmp_path / "clear.png")))


# --- answers


def test_texts_and_pictures_are_told_apart_and_answered_in_order(run, pool, tmp_path):
    photo(["una línea de texto"], pool).save(tmp_path / "page.png")
    inputs = ["hola", str(tmp_path / "page.png"), "nowhere.jpg", "two words", "bad \0 text"]
    answers = list(predict(run, inputs))
    assert [answer["input"] for answer in answers] == inputs
    assert [answer.get("read_as") for answer in answers] == ["text", "picture", None, "text", None]
    assert "no file" in answers[2]["error"] and "x00" in answers[4]["error"]
    for answer in answers:
        if "error" not in answer:
            assert abs(sum(answer["probabilities"].values()) - 1) < 1e-4
            assert (
                answer["confidence"] == max(answer["probabilities"].values())
                and answer["language"] in show(answer) + answer["language"]
            )
    assert next(predict(run, ["nowhere.jpg"], Options(text=True)))["read_as"] == "text"
    assert "no file" in next(predict(run, ["hola"], Options(image=True)))["error"]
    with pytest.raises(CuadernoError, match="contradict"):
        list(predict(run, ["hola"], Options(image=True, text=True)))


def test_files_and_folders_are_not_taken_for_texts(run, tmp_path):
    (tmp_path / "notes.txt").write_text("una nota")
    (tmp_path / "album.png").mkdir()
    names = [str(tmp_path), str(tmp_path / "notes.txt"), str(tmp_path / "album.png"), "nowhere/at.all", "Eso es. Ya."]
    answers = list(predict(run, names))
    assert ["is a folder" in answer.get("error", "") for answer in answers] == [True, False, True, False, False]
    assert "--text for its name" in answers[1]["error"] and answers[3]["read_as"] == answers[4]["read_as"] == "text"
    assert next(predict(run, names[:1], Options(text=True)))["read_as"] == "text"


def test_what_says_little_is_answered_with_little_confidence(run):
    for text in ("", "   ", "🙂🙂", "12345", "…"):
        (answer,) = predict(run, [text])
        assert answer["language"] == "other" and answer["confidence"] == pytest.approx(0.4)
    assert doubt(np.array([[1.0, 0, 0, 0]]), np.array([1])).max() < 0.5
    assert vote(np.array([[1.0, 0], [0, 1]]), [30, 10]).tolist() == [0.75, 0.25]


def test_ten_megabytes_are_read_in_pieces(model):
    text = "una frase cualquiera " * 500_000
    pieces = pieces_of(text)
    assert len(pieces) <= 64 and all(len(piece) <= 240 for piece in pieces)
    assert text_answers(model, [text]).shape == (1, 4)


def test_standard_input_is_answered_as_it_comes(run):
    """Line by line, while whoever writes keeps the pipe open."""
    command = [sys.executable, "-m", "cuaderno", "predict", "language", "-", "--run", str(run.folder), "--json"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        for line in ("hola\n", "¿qué tal?\n", "I saved it as photo.png\n"):
            process.stdin.write(line)
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
            assert answer["input"] == line.strip() and answer["read_as"] == "text"
        process.stdin.close()
        assert process.wait(timeout=60) == 0


def test_exports_draw_where_it_looks(run, model, tmp_path):
    corpus = open_corpus()
    shares = confusions(Judge(TINY, model, fonts_here.pools(fonts_here.find_fonts(1))), corpus, 6)
    assert list(shares["texts"]) == ["en", "es", "ar", *corpus.test.others()]
    assert "ar" not in shares["pictures"] and "fa" not in shares["pictures"]  # no Arabic letters in this font
    assert all(sum(row) == pytest.approx(1) for part in shares.values() for row in part.values())
    save_json(run.folder / "confusions.json", shares)
    export(run, tmp_path)
    for name in ("poster.svg", "where-it-looks.svg"):
        drawing = (tmp_path / name).read_text()
        assert drawing.startswith("<svg") and "data:image/png;base64," in drawing
    table = (tmp_path / "confusions.svg").read_text()
    assert table.count("<rect") == 4 * sum(map(len, shares.values()))
    about = json.loads((tmp_path / "model.json").read_text())
    assert about["languages"] == ["en", "es", "ar", "other"]


def test_a_run_is_exported_anew_without_its_sentences_and_fonts(model, tmp_path, monkeypatch):
    monkeypatch.delenv("CUADERNO_DATA", raising=False)
    run = Run.create("language", replace(TINY, sentences="not-here"), tmp_path)
    run.save_weights(model.state_dict())
    run.finish({})
    (run.folder / "export").mkdir()
    export(run, run.folder / "export")
    first = (run.folder / "export" / "parity.json").read_text()
    find_fonts = fonts_here.find_fonts
    monkeypatch.setattr(fonts_here, "find_fonts", lambda most: find_fonts(0))
    (tmp_path / "elsewhere").mkdir()
    export(run, tmp_path / "elsewhere")
    assert (tmp_path / "elsewhere" / "parity.json").read_text() == first


def test_the_published_network_is_small(tmp_path):
    _, data = pack(weights_of(folded(build(Config()))))
    assert len(data) < 1.5 * 2**20


def test_shapes_of_the_net_say_what_they_are():
    net = LanguageNet(VOCAB_SIZE, letter_dim=8, hidden_dim=8, trunk_dim=8, embed_dim=8)
    assert net.text(as_batch(["a", "bcd"])).shape == (2, 4)
    assert net.picture(torch.rand(2, 32, 40)).shape == (2, 4)


def test_lines_hold_what_bends_with_them():
    lines = Lines(torch.rand(1, 32, 40), torch.full((1, 20), SPACE), torch.zeros(1, 20, dtype=torch.long))
    assert bend(lines, torch.Generator().manual_seed(0)).letters.unique().tolist() == [SPACE]


# --- two languages in one line


@pytest.mark.parametrize(
    "each, letters, against",
    [
        ([[0.6, 0.4, 0, 0], [0.4, 0.6, 0, 0]], 12, True),
        ([[0.6, 0.4, 0, 0], [0.9, 0.1, 0, 0]], 12, False),
        ([[0.95, 0, 0, 0.05], [0, 0.02, 0, 0.98]], 12, False),  # so short a piece may well look like another language
        ([[0.95, 0, 0, 0.05], [0, 0.02, 0, 0.98]], 20, True),
        ([[0.95, 0, 0, 0.05], [0, 0.2, 0, 0.8]], 20, False),
        ([[0, 0, 0.1, 0.9], [0, 0, 0.4, 0.6]], 20, False),
    ],
)
def test_parts_contradict_each_other_when_they_name_different_languages(each, letters, against):
    assert contradict(torch.tensor([each]), torch.tensor([letters])).tolist() == [against]


def test_a_line_in_two_languages_is_answered_by_the_vote_of_its_parts(monkeypatch):
    """Places here are the languages themselves, and a glance sees the last of them only, as a network may."""
    monkeypatch.setattr(parts, "ask", lambda _, places, there: places[torch.arange(len(places)), there.sum(1) - 1])
    english, spanish = torch.eye(4)[0], torch.eye(4)[1]
    rows = [[english] * 30 + [spanish] * 30, [spanish] * 60, [english] * 10 + [spanish] * 10, [english] * 40]
    places, there = torch.zeros(4, 60, 4), torch.zeros(4, 60, dtype=torch.bool)
    for i, row in enumerate(rows):
        places[i, : len(row)], there[i, : len(row)] = torch.stack(row), True
    answers = judge_lines(None, places, there)
    assert answers.tolist() == [[0.5, 0.5, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0], [1, 0, 0, 0]]  # 20 letters are too few
    lengths = torch.tensor([29, 30])
    pieces, inside = cut(torch.arange(60.0).view(1, 30, 2).expand(2, -1, -1), lengths, 2)
    assert inside.sum(dim=(1, 2)).tolist() == [29, 30]
    assert pieces[0][inside[0]].tolist() == torch.arange(60.0).view(30, 2)[:29].tolist()


def test_the_browser_lets_parts_vote_as_python_does(run, model, tmp_path):
    """With a loud head, so that nearly every part has an opinion of its own."""
    loud = rounded(folded(model))
    loud.head.weight.data *= 60
    layout, data = pack(weights_of(loud))
    (tmp_path / "weights.bin").write_bytes(data)
    save_json(tmp_path / "model.json", about(loud, layout, run))
    loud = rounded(loud)
    rng = random.Random(4)
    texts = [
        "".join(rng.choice("abcdefghijklmnñopqrstuvwxyzسشص ") for _ in range(rng.choice((20, 30, 50, 90, 300))))
        for _ in range(60)
    ]
    answers = text_answers(loud, texts)
    short = [i for i, text in enumerate(texts) if len(text) < 240]
    alone = probabilities(loud, embed_texts(loud, [texts[i] for i in short]))
    assert (abs(alone - answers[short]).max(axis=1) > 0.01).sum() > 5, "some lines are answered by a vote"
    cases = [
        {"input": {"text": t}, "output": {"probabilities": a.tolist()}} for t, a in zip(texts, answers, strict=True)
    ]
    save_parity(tmp_path, cases)
    assert check_parity(WEB, tmp_path) == len(texts)
    old = json.loads((tmp_path / "model.json").read_text())
    del old["parts"]  # as exports were before lines had parts
    save_json(tmp_path / "model.json", old)
    cases = [
        {"input": {"text": texts[i]}, "output": {"probabilities": answer.tolist()}}
        for i, answer in zip(short, alone, strict=True)
    ]
    save_parity(tmp_path, cases)
    assert check_parity(WEB, tmp_path) == len(short)
