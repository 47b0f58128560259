"""The next token is drawn from exactly the tokens it should be, and a stop string never shows."""

from itertools import islice

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cuaderno.lab.errors import CuadernoError
from cuaderno.studies.gpt.dialogue import Dialogue, find_dialogue
from cuaderno.studies.gpt.generate import Sampling, beginning, choose, draw, odds, until, write
from cuaderno.studies.gpt.model import GPT
from cuaderno.studies.gpt.tokens import learn

logits_of_some = st.lists(st.floats(-8, 8, width=32), min_size=1, max_size=12)
few = settings(max_examples=80, deadline=None)
TOKENIZER = learn("char", [], set("abcdefgh \n"))


def everything(**changes) -> Sampling:
    """No rule but the given ones."""
    return Sampling(**{"temperature": 1.0, "min_p": 0.0} | changes)


def network(context_length: int = 16) -> GPT:
    torch.manual_seed(0)
    model = GPT(TOKENIZER.get_vocab_size(), context_length, num_layers=1, num_heads=2, embed_dim=8)
    with torch.no_grad():
        for weight in model.parameters():
            weight += 0.5 * torch.randn_like(weight)
    return model


def kept(logits, **rules) -> set[int]:
    return set(odds(torch.tensor(logits), [], everything(**rules)).nonzero()[:, 0].tolist())


def shares(logits) -> np.ndarray:
    powers = np.exp(np.float64(logits) - max(logits))
    return powers / powers.sum()


# -- the rules ---------------------------------------------------------------------------------------------------------


@given(logits_of_some, st.sampled_from([1e-320, 1e-9, 0.1, 0.5, 1.0, 3.0, 100.0]))
@few
def test_odds_are_those_of_the_temperature(logits, temperature):
    found = odds(torch.tensor(logits), [], everything(temperature=temperature)).numpy()
    with np.errstate(over="ignore"):
        wanted = shares((np.float64(logits) - max(logits)) / max(temperature, 1e-30))
    np.testing.assert_allclose(found, wanted, atol=2e-5)


@given(logits_of_some)
@few
def test_temperature_0_takes_the_likeliest(logits):
    generator = torch.Generator()
    for rules in ({}, {"top_k": 3, "top_p": 0.5, "min_p": 0.3}):
        taken = choose(torch.tensor(logits), [], everything(temperature=0, **rules), generator)
        assert taken == int(np.argmax(np.float32(logits)))


@given(logits_of_some, st.integers(0, 14))
@few
def test_top_k_keeps_the_k_likeliest_and_those_as_likely_as_the_last(logits, k):
    ordered = sorted(logits, reverse=True)
    least = ordered[min(k, len(ordered)) - 1] if k else -9
    assert kept(logits, top_k=k) == {i for i, logit in enumerate(logits) if logit >= least}


@given(logits_of_some, st.floats(0.01, 1))
@few
def test_top_p_keeps_the_fewest_that_reach_p(logits, p):
    probabilities = shares(logits)
    order = sorted(range(len(logits)), key=lambda i: -probabilities[i])
    sums = np.cumsum(probabilities[order])
    assume(p == 1 or np.abs(sums - p).min() > 1e-5)
    number = int(np.searchsorted(sums, p)) + 1 if p < 1 else len(order)
    values = sorted(probabilities[list(kept(logits, top_p=p))], reverse=True)
    np.testing.assert_allclose(values, probabilities[order[:number]], atol=1e-6)


@given(logits_of_some, st.floats(0, 1))
@few
def test_min_p_keeps_what_is_not_much_less_likely_than_the_likeliest(logits, p):
    probabilities = shares(logits)
    ratios = probabilities / probabilities.max()
    assume(all(abs(ratio - p) > 1e-5 or ratio == 1 for ratio in ratios))
    assert kept(logits, min_p=p) == {i for i, ratio in enumerate(ratios) if ratio >= p}


@given(logits_of_some, st.lists(st.integers(0, 11), max_size=9), st.sampled_from([0.5, 1.0, 1.3, 10.0]))
@few
def test_the_repetition_penalty_is_that_of_ctrl(logits, recent, penalty):
    """Once per token, however often it was there; towards less likely on both sides of zero."""
    recent = [token for token in recent if token < len(logits)]
    wanted = [x if i not in recent else x / penalty if x > 0 else x * penalty for i, x in enumerate(logits)]
    given_ = torch.tensor(logits)
    found = odds(given_, recent, everything(repetition_penalty=penalty))
    np.testing.assert_allclose(found.numpy(), shares(wanted), atol=1e-5)
    assert torch.equal(given_, torch.tensor(logits)), "the network's answer is left as it was"


def test_odds_sum_to_one_whatever_the_rules():
    logits = torch.randn(500, generator=torch.Generator().manual_seed(0)) * 4
    for rules in ({}, {"top_k": 7}, {"top_p": 0.3}, {"min_p": 1.0}, {"top_k": 9, "top_p": 0.9, "min_p": 0.1}):
        assert odds(logits, [1, 2], everything(repetition_penalty=1.2, **rules)).sum() == pytest.approx(1, abs=1e-5)
    assert (odds(logits, [], everything()).argmax() == logits.argmax()).item()


@pytest.mark.parametrize(
    "wrong",
    [
        {"temperature": -0.1}, {"temperature": float("nan")}, {"temperature": 1e9}, {"top_k": -1}, {"top_p": 0.0},
        {"top_p": 1.1}, {"min_p": -0.5}, {"min_p": 2}, {"repetition_penalty": 0}, {"repetition_penalty": float("inf")},
        {"max_tokens": -1},
    ],
)  # fmt: skip
def test_settings_out_of_bounds_are_refused_by_name(wrong):
    with pytest.raises(CuadernoError, match=f"{next(iter(wrong))} is .*give a number from"):
        Sampling(**wrong)


# -- writing -----------------------------------------------------------------------------------------------------------


def test_one_seed_writes_one_text():
    model = network()

    def text(seed, **rules):
        return "".join(write(model, TOKENIZER, "abc", everything(max_tokens=60, seed=seed, **rules)))

    assert text(1) == text(1) and len(text(1)) == 60 and len(text(2**70)) == len(text(-5)) == 60
    assert text(1) != text(2) and text(None) != text(None)
    assert text(1, temperature=0) == text(2, temperature=0) == text(1, top_k=1)


@pytest.mark.parametrize("context_length", [1, 2, 16])
def test_any_prompt_is_begun_from(context_length):
    model = network(context_length)
    for prompt in ("", "\0", "\ud800", "漢", "a" * 1_000_000, "漢" * 1_000_000, "abc"):
        tokens = beginning(model, TOKENIZER, prompt)
        assert 1 <= len(tokens) <= context_length
        assert len("".join(write(model, TOKENIZER, prompt, everything(max_tokens=5)))) == 5
    assert TOKENIZER.decode(beginning(model, TOKENIZER, "xyz")) == "\n"


def test_more_tokens_than_the_context_may_be_gone_on_from():
    assert len(list(draw(network(8), [1] * 100, everything(max_tokens=9)))) == 9


def test_without_a_number_of_tokens_it_writes_until_the_stop():
    """`max_tokens` 0 ends with a stop string, and otherwise with whoever listens."""
    model = network()
    text = "".join(write(model, TOKENIZER, "a", everything(max_tokens=0, stop=("b",), seed=0)))
    assert "b" not in text
    assert len(list(islice(draw(model, [1], everything(max_tokens=0)), 700))) == 700


def test_a_mixture_changes_what_is_drawn_and_is_told_all_tokens():
    told = []

    def only_a(tokens, probabilities):
        told.append(list(tokens))
        assert probabilities.sum() == pytest.approx(1, abs=1e-5)
        return np.eye(len(probabilities))[2]

    assert list(draw(network(4), [1, 3], everything(max_tokens=7), only_a)) == [2] * 7
    assert told == [[1, 3] + [2] * n for n in range(7)]


# -- stopping ----------------------------------------------------------------------------------------------------------


def stopped(text: str, stops) -> str:
    """Letter by letter: as soon as a stop string is complete, the text ends before it."""
    for end in range(len(text) + 1):
        complete = [len(stop) for stop in stops if stop and text[:end].endswith(stop)]
        if complete:
            return text[: end - max(complete)]
    return text


@given(
    st.text("ab\n", max_size=30),
    st.lists(st.integers(0, 5), min_size=30, max_size=30),
    st.lists(st.text("ab\n", max_size=4), max_size=4),
)
@settings(max_examples=250, deadline=None)
def test_stop_strings_never_show_however_the_pieces_come(text, sizes, stops):
    pieces, rest = [], text
    for size in sizes:
        pieces, rest = [*pieces, rest[:size]], rest[size:]
    said = list(until([*pieces, rest], tuple(stops)))
    assert "".join(said) == stopped(text, stops)
    assert all(said) and not any(stop and stop in "".join(said) for stop in stops)


def test_what_cannot_be_a_stop_any_more_is_said_at_once():
    def pieces():
        yield "one."
        yield "\n"
        raise AssertionError("nobody asked for more")

    assert next(until(pieces(), ("\n\n",))) == "one."


# -- dialogues ---------------------------------------------------------------------------------------------------------

PLAY = "ROMEO:\nSpeak again, bright angel.\nO speak!\n\nJULIET:\nAy me.\n\nNURSE:\nMadam!\n\nROMEO:\nShe speaks.\n\n"
CHAT = "Ana: ¿vienes?\nBea: sí\nAna: ¿cuándo?\nBea: a las 10:30, mira http://example.org/a:b\n"


def test_a_play_is_a_dialogue():
    play = find_dialogue([PLAY * 8])
    assert play == Dialogue(("ROMEO", "JULIET", "NURSE"), own_line=True)
    assert play.speech("ROMEO", " Hark! ") == "ROMEO:\nHark!\n\n" and play.speech("NURSE", "") == "NURSE:\n"
    assert play.as_json() == {
        "speakers": ["ROMEO", "JULIET", "NURSE"],
        "own_line": True,
        "before": "",
        "after": ": ",
        "stops": ["\n\n"],
    }


def test_a_chat_is_a_dialogue():
    chat = find_dialogue([CHAT * 4, CHAT * 4])
    assert chat == Dialogue(("Ana", "Bea"), own_line=False) and chat.stops() == ("\n",)
    assert chat.speech("Ana", "hola") == "Ana: hola\n" and chat.speech("Ana", "") == "Ana: "


@pytest.mark.parametrize("names", ["روميو جوليت", "ÁNGEL ÑUSTA", "Ромео Джульетта", "罗密欧 朱丽叶"])
def test_names_of_any_script(names):
    one, other = names.split()
    assert set(find_dialogue([f"{one}: ?\n{other}: !\n" * 9]).speakers) == {one, other}
    assert find_dialogue([f"EL {one}:\n?\n\n{other} 2º:\n!\n\n" * 9]).own_line


def test_names_with_spaces_behind_the_colon_stand_alone_too():
    assert find_dialogue([PLAY.replace(":\n", ": \t\n") * 8]).own_line


@pytest.mark.parametrize(
    ("written", "names", "opening", "own_line"),
    [
        ("D. JUAN: ¿Qué?\nDR. P. GIL: Nada.\n", {"D. JUAN", "DR. P. GIL"}, "{}: ", False),
        ("ÁNGELA (aparte, bajo.): ¿Qué?\nÁNGELA: Sí.\nANA [to him]: Nada.\n", {"ÁNGELA", "ANA"}, "{}: ", False),
        ("**ANA:** ¿Qué?\n\n**BEA (aside):** Nada.\n\n", {"ANA"}, None, False),
        ("**ANA:** ¿Qué?\n\n**BEA:** Nada.\n\n", {"ANA", "BEA"}, "**{}:** ", False),
        ("**Ana**: ¿Qué?\n**Bea**: Nada.\n", {"Ana", "Bea"}, "**{}**: ", False),
        ("**ANA:**\n¿Qué?\n\n**BEA:**\nNada.\n\n", {"ANA", "BEA"}, "**{}:**\n", True),
        ("DON JUAN.—¡Cuál gritan!\nD. LUIS.—Callad.\n", {"DON JUAN", "D. LUIS"}, "{}.—", False),
        ("JUAN (aparte).- ¡Cuál gritan!\nLUIS.- Callad.\n", {"JUAN", "LUIS"}, "{}.- ", False),
    ],
)
def test_other_ways_to_say_who_speaks(written, names, opening, own_line):
    found = find_dialogue([written * 9])
    if opening is None:  # a direction inside the marks
        opening, names = "**{}:** ", names | {"BEA"}
    assert set(found.speakers) == names and found.own_line == own_line
    assert found.speech("ANA", "") == opening.format("ANA")
    assert found.speech("ANA", "hola").startswith(opening.format("ANA") + "hola\n")


ADDRESSES = "http://example.org/one\nhttps://example.org/two\nand so on.\n"
PROSE = "He came late. She said: nothing at all, and the night went on as nights do.\nAnd so to bed.\n"


@pytest.mark.parametrize(
    "text",
    [
        "", PROSE * 50, ADDRESSES * 20, "std::vector\nnp::array\n" * 20, "12:30\n11:45\n" * 20, PLAY, "A: b\n" * 50,
        "THE NIGHT. SO IT IS: a\nONCE MORE. IT IS: b\n" * 20, "Fin.— Ya\nOtro.— No\n" * 20,
        "Sr. Gil: a\nSra. Gil: b\n" * 20,
        (PROSE * 3 + "Note: this is so.\n") * 30, ("word\n" * 60 + "Ann: a\nBob: b\n") * 9,
    ],
)  # fmt: skip
def test_other_texts_are_no_dialogue(text):
    assert find_dialogue([text]) is None


def test_the_text_that_every_python_carries_is_no_dialogue():
    from cuaderno.studies.gpt.data import pieces

    assert find_dialogue(pieces("")) is None
