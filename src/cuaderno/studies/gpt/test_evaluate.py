"""Losses are what a slow loop finds, the look inside is what the network does, small weights are nearly the weights."""

import math
from itertools import chain
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from cuaderno.lab.quantize import dequantize, pack, quantize, unpack
from cuaderno.studies.gpt import inside, judge
from cuaderno.studies.gpt.data import Corpus
from cuaderno.studies.gpt.evaluate import MEMORISED_GAP, as_int8, warn_if_memorised
from cuaderno.studies.gpt.judge import bits_per_character, spread, token_losses, windows
from cuaderno.studies.gpt.mixture import fit_weight, mixed, surprise
from cuaderno.studies.gpt.model import GPT
from cuaderno.studies.gpt.ngram import KneserNey
from cuaderno.studies.gpt.tokens import learn, spell

BUILDS = {"modern": {}, "classic": {"classic": True, "tied": True}}
every_build = pytest.mark.parametrize("build", BUILDS)
few = settings(max_examples=60, deadline=None)


def built(build: str = "modern", vocab_size: int = 20, context_length: int = 16) -> GPT:
    torch.manual_seed(0)
    model = GPT(vocab_size, context_length, num_layers=2, num_heads=2, embed_dim=16, **BUILDS[build]).eval()
    with torch.no_grad():
        for weight in model.parameters():
            weight += 0.3 * torch.randn_like(weight)
    return model


def numbers(length: int, vocab_size: int = 20) -> np.ndarray:
    """Tokens with some order in them, for counting to find."""
    random = np.random.default_rng(0)
    return np.where(random.random(length) < 0.7, np.arange(length) % 7, random.integers(vocab_size, size=length))


# -- losses ------------------------------------------------------------------------------------------------------------


@given(st.integers(2, 300), st.integers(1, 20))
@few
def test_every_token_is_counted_once_but_the_last_few(number, length):
    tokens = np.arange(number)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judge, "BATCH_TOKENS", 50)
        parts = list(windows(tokens, length))
    whole = (number - 1) // length
    inputs, targets = ([part[i].flatten().tolist() for part in parts] for i in (0, 1))
    assert [*chain(*inputs)] == list(range(whole * length))
    assert [*chain(*targets)] == list(range(1, whole * length + 1))


@every_build
def test_losses_are_those_of_a_slow_loop(build, monkeypatch):
    monkeypatch.setattr(judge, "BATCH_TOKENS", 40)
    model, tokens = built(build), numbers(120).astype(np.uint16)
    losses = token_losses(model, tokens, 16)
    assert losses.shape == (7, 16)
    for window in range(7):
        for place in range(16):
            start = 16 * window
            with torch.no_grad():
                logits = model(torch.from_numpy(tokens[start : start + place + 1].astype(np.int64))[None])[0, -1]
            target = int(tokens[start + place + 1])
            assert losses[window, place] == pytest.approx(-F.log_softmax(logits, 0)[target].item(), abs=1e-4)


def test_bits_per_character():
    assert bits_per_character(math.log(2), 100, 100) == pytest.approx(1)
    assert bits_per_character(math.log(256), 50, 100) == pytest.approx(4), "two characters per token"


@given(st.integers(9, 900), st.integers(1, 8), st.integers(1, 60))
@few
def test_what_was_read_is_judged_on_true_next_tokens_from_all_over(number, length, wanted):
    parts = list(spread(np.arange(number), wanted, length))
    assert all((np.diff(part) == 1).all() and (len(part) - 1) % length == 0 for part in parts)
    assert sum((len(part) - 1) // length for part in parts) == min(wanted, (number - 1) // length)
    assert parts[0][0] == 0 and (len(parts) == 1 or parts[-1][-1] >= number - 1 - length)


def test_counting_is_judged_on_the_same_targets():
    text, judged = numbers(400), numbers(100)
    ngram = KneserNey.count(text, 20, 4)
    nats = surprise(ngram, judged, (6, 16))
    for i in (0, 1, 2, 17, 95):
        target = judged[i + 1]
        wanted = ngram.distributions([judged[: i + 1]])[0][target]
        assert nats.flatten()[i] == pytest.approx(-math.log(wanted), rel=1e-6)


def test_a_mixture_is_never_worse_than_both_where_it_was_fitted():
    model, tokens = built(), numbers(3000)
    corpus = Corpus(tokens, tokens[:50], 50, learn("char", [], "ab"), "")
    weight = fit_weight(model, corpus, 4)
    network = token_losses(model, corpus.tune, 16)
    counting = surprise(KneserNey.count(corpus.learn, 20, 4), corpus.tune, network.shape)
    assert 0 <= weight <= 1
    assert mixed(network, counting, weight).mean() <= min(network.mean(), counting.mean()) + 1e-12
    np.testing.assert_allclose(mixed(network, counting, 0.0), network)
    np.testing.assert_allclose(mixed(network, counting, 1.0), counting)
    assert len(corpus.learn) + len(corpus.tune) == len(tokens)


def test_a_memorised_text_is_said_and_what_to_do(capsys):
    warn_if_memorised(1.0, 1.0 + MEMORISED_GAP)
    warn_if_memorised(2.0, 1.0)
    assert not capsys.readouterr().err
    warn_if_memorised(0.2, 3.4)
    words = capsys.readouterr().err
    assert "memorised" in words and "0.20" in words and "3.40" in words and "--dropout-rate" in words


# -- small weights -----------------------------------------------------------------------------------------------------


@given(st.integers(1, 6), st.integers(1, 40), st.floats(1e-6, 1e4), st.integers(0, 99))
@few
def test_rounding_errs_by_half_a_step_at_most(rows, columns, size, seed):
    weight = size * torch.randn(rows, columns, generator=torch.Generator().manual_seed(seed))
    weight[0] = 0
    whole, scales = quantize(weight)
    assert whole.dtype == np.int8 and np.abs(whole.astype(int)).max() <= 127
    error = (dequantize(whole, scales) - weight).abs()
    assert (error <= torch.from_numpy(scales)[:, None] * 0.5001).all() and not error[0].any()


@every_build
def test_packed_weights_come_back_exactly(build):
    model = built(build)
    weights = model.browser_weights()
    layout, data = pack(weights)
    back = unpack(layout, data)
    assert back.keys() == weights.keys() and all(entry["offset"] % 4 == 0 for entry in layout)
    for name, weight in weights.items():
        wanted = dequantize(*quantize(weight.detach())) if weight.dim() == 2 else weight
        assert torch.equal(back[name], wanted)
    assert pack(back) == (layout, data), "packing what was packed changes nothing"
    tokens = torch.arange(12)[None]
    assert 0 < (as_int8(model)(tokens) - model(tokens)).abs().max() < 0.5


# -- the look inside ---------------------------------------------------------------------------------------------------


@every_build
@pytest.mark.parametrize("length", [1, 2, 16])
def test_attention_maps_are_what_the_network_does(build, length):
    """With the maps alone, and no attention of its own, the network gives its answer."""
    model, tokens = built(build), [int(x) for x in numbers(length)]
    maps = inside.attention_maps(model, tokens)
    assert maps.shape == (2, 2, length, length)
    torch.testing.assert_close(maps.sum(-1), torch.ones(2, 2, length))
    assert not maps.triu(1).any() and (maps >= 0).all()
    with torch.inference_mode():
        x = model.enter(torch.tensor([tokens]))
        for block, layer in zip(model.blocks, maps, strict=True):
            _, _, v = block.attention.queries_keys_values(block.norm_1(x), model.rotations[:length])
            x = x + block.attention.project((layer @ v).transpose(1, 2).reshape(x.shape))
            x = x + block.mlp(block.norm_2(x))
        torch.testing.assert_close(model.head(model.norm(x)), model(torch.tensor([tokens])), atol=1e-4, rtol=1e-4)


def test_profiles_measure_what_they_say():
    tokens = torch.tensor([1, 2, 1, 3])
    previous = torch.eye(4)[[0, 0, 1, 2]]
    copies = torch.eye(4)[[0, 1, 0, 3]]
    behind = torch.eye(4)[[0, 1, 1, 3]]
    measured = inside._measure(torch.stack([previous, copies, behind])[None], tokens)
    assert measured["by_distance"][0, 0, :3].tolist() == [0.25, 0.75, 0] and measured["mean_distance"][0, 0] == 0.75
    assert measured["same_token"][0].tolist() == [0, 0.25, 0]
    assert measured["after_same"][0].tolist() == [0.25, 0, 0.25]
    assert measured["entropy"][0].abs().max() < 1e-6
    heads = inside.profiles(built(), numbers(100), 16)
    assert [(head["layer"], head["head"]) for head in heads] == [(1, 1), (1, 2), (2, 1), (2, 2)]
    assert all(sum(head["by_distance"]) == pytest.approx(1, abs=0.01) for head in heads)
    assert len(inside.profiles(built(), numbers(3), 16)[0]["by_distance"]) == inside.FARTHEST + 1


@pytest.mark.parametrize("vocab_size", [1, 2, 20, 300])
def test_the_map_of_tokens_holds_the_frequent_ones(vocab_size):
    counts = np.arange(vocab_size)[::-1].copy()
    counts[0] += 1
    places = inside.embedding_map(built(vocab_size=vocab_size), [str(i) for i in range(vocab_size)], counts)
    assert [place["count"] for place in places] == sorted(counts[counts > 0].tolist(), reverse=True)[:160]
    assert all(-1 <= place[axis] <= 1 for place in places for axis in ("x", "y"))


def test_drawings_are_plain_svg_whatever_the_tokens_are():
    tokenizer = learn("char", [], set("<&>\"'aé漢🐈\0\u202e\ufffe \n]"))
    labels, model = spell(tokenizer), built(vocab_size=tokenizer.get_vocab_size())
    tokens = [i % tokenizer.get_vocab_size() for i in range(16)]
    drawings = [
        inside.draw_attention(inside.attention_maps(model, tokens), [labels[token] for token in tokens]),
        inside.draw_profiles(inside.profiles(model, np.array(tokens), 16)),
        inside.draw_embeddings(inside.embedding_map(model, labels, np.ones(len(labels), dtype=int))),
    ]
    for drawing in drawings:
        plain(drawing)
    words = [element.text for element in ElementTree.fromstring(drawings[2]).iter() if element.text]
    assert sorted(words) == sorted(labels)


@pytest.mark.parametrize(
    "labels", [["<", "&", "é", "␣"], ["the", "<b>&", "longerthan", ""], ["ا", "ب", "🐈", "\u0301"]]
)
def test_every_map_is_lettered_along_the_left_and_the_foot(labels):
    maps = torch.eye(4).expand(2, 3, 4, 4)
    drawing = inside.draw_attention(maps, labels)
    plain(drawing)
    root = ElementTree.fromstring(drawing)
    words = [element.text or "" for element in root.iter() if element.tag.endswith("text")]
    shown = [label if len(label) <= 6 else f"{label[:5]}…" for label in labels]
    for number in range(6):
        name, *rest = words[number * (len(words) // 6) :][: len(words) // 6]
        assert name == f"{number // 3 + 1}.{number % 3 + 1}" and "".join(rest) == 2 * "".join(shown)
    assert 'font-size="11"' in drawing


def test_maps_of_characters_take_few_bytes():
    maps = torch.rand(4, 4, 28, 28).tril().softmax(-1).tril()
    assert len(inside.draw_attention(maps, list("abcdefghijklmnopqrstuvwxyz␣↵"))) < 70_000


def plain(drawing: str) -> None:
    """Well-formed, with nothing in it that runs, loads or changes the page around it."""
    root = ElementTree.fromstring(drawing)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    for element in root.iter():
        assert element.tag.rpartition("}")[2] in ("svg", "g", "path", "rect", "text")
        assert not any(name == "style" or "href" in name or name.startswith("on") for name in element.attrib)
