"""The network answers ln(vocabulary) before it has learnt, a cache changes nothing, and fast products are products."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from cuaderno.studies.gpt import kernels
from cuaderno.studies.gpt.generate import Sampling, draw
from cuaderno.studies.gpt.model import GPT, Cache
from cuaderno.studies.gpt.optimizer import Muon, orthogonalize
from cuaderno.studies.gpt.train import TINY, make_optimizers, set_rates

BUILDS = {"modern": {}, "classic": {"classic": True, "tied": True}}
every_build = pytest.mark.parametrize("build", BUILDS)
with_and_without_onednn = pytest.mark.parametrize("has_onednn", sorted({False, kernels.HAS_ONEDNN}))


def built(build: str, context_length: int = 24, random: bool = True) -> GPT:
    """A small model, each of whose weights says something."""
    torch.manual_seed(0)
    model = GPT(50, context_length, num_layers=2, num_heads=2, embed_dim=16, **BUILDS[build]).eval()
    with torch.no_grad():
        for weight in model.parameters():
            weight += 0.3 * torch.randn_like(weight) * random
    return model


# -- the model ---------------------------------------------------------------------------------------------------------


@every_build
def test_before_it_has_learnt_every_token_is_as_likely(build):
    model, tokens = built(build, random=False), torch.arange(24)[None]
    logits = model(tokens)
    loss = F.cross_entropy(logits[0], tokens[0].roll(-1)).item()
    assert logits.shape == (1, 24, 50)
    if build == "modern":
        assert not logits.any() and loss == pytest.approx(math.log(50), abs=1e-6)
    assert loss == pytest.approx(math.log(50), abs=0.1)


@every_build
@given(st.lists(st.integers(1, 9), min_size=1, max_size=8), st.integers(1, 3), st.integers(0, 1000))
@settings(max_examples=25, deadline=None)
def test_a_cache_changes_nothing_however_the_tokens_are_split(build, sizes, batch_size, seed):
    model = built(build)
    sizes = sizes[: next((i for i in range(len(sizes)) if sum(sizes[: i + 1]) > 24), len(sizes))]
    tokens = torch.randint(50, (batch_size, sum(sizes)), generator=torch.Generator().manual_seed(seed))
    with torch.inference_mode():
        cache = Cache(model, batch_size)
        parts = [model(part, cache) for part in tokens.split(sizes, dim=1)]
        assert cache.length == sum(sizes)
        torch.testing.assert_close(torch.cat(parts, 1), model(tokens), atol=2e-5, rtol=1e-4)


@every_build
def test_no_token_sees_a_later_one(build):
    model, tokens = built(build), torch.arange(20)[None]
    other = tokens.clone()
    other[0, 12:] = 49
    assert torch.equal(model(tokens)[0, :12], model(other)[0, :12])
    assert not torch.allclose(model(tokens)[0, 12:], model(other)[0, 12:])


@every_build
@pytest.mark.parametrize("context_length", [1, 2, 7, 8])
def test_a_full_context_goes_on_from_its_second_half(build, context_length):
    model = built(build, context_length)
    written = list(draw(model, [3, 1, 4], Sampling(temperature=0, max_tokens=25)))
    told, seen = [3, 1, 4], [3, 1, 4]
    for _ in range(25):
        if len(seen) > context_length:
            seen = told[-max(1, context_length // 2) :]  # and positions count from 0 again
        with torch.inference_mode():
            token = int(model(torch.tensor([seen]))[0, -1].argmax())
        told, seen = [*told, token], [*seen, token]
    assert written == told[3:] and len(set(written)) > 1


def test_more_tokens_than_the_context_are_refused():
    with pytest.raises(ValueError, match="25 tokens do not fit into a context of 24"):
        built("modern")(torch.zeros(1, 25, dtype=torch.long))


# -- products ----------------------------------------------------------------------------------------------------------


def gradients(function, *tensors, awkward: str):
    """What a function answers and its gradients, from a gradient that lies in memory as it does not expect."""
    tensors = [tensor.clone().requires_grad_() for tensor in tensors]
    answer = function(*tensors)
    weights = torch.randn(answer.shape, generator=torch.Generator().manual_seed(1))
    if awkward == "expanded":
        answer.sum().backward()
    elif awkward == "transposed":
        (answer.transpose(-1, -2) * weights.transpose(-1, -2).contiguous()).sum().backward()
    else:
        (answer * weights).sum().backward()
    return [answer.detach(), *(tensor.grad for tensor in tensors)]


@with_and_without_onednn
@pytest.mark.parametrize("awkward", ["plain", "transposed", "expanded"])
@pytest.mark.parametrize("shape", [(1, 12), (31, 12), (32, 12), (3, 17, 12)])
def test_products_and_their_gradients_are_those_of_torch(shape, awkward, has_onednn, monkeypatch):
    monkeypatch.setattr(kernels, "HAS_ONEDNN", has_onednn)
    torch.manual_seed(0)
    x, square, up, down = (torch.randn(s) for s in (shape, (20, 12), (36, 12), (12, 36)))

    def layer(x, weight):
        module = nn.Linear(12, 20, bias=False)
        del module.weight
        module.weight = weight
        return kernels.linear(x, module)

    pairs = [
        (gradients(layer, x, square, awkward=awkward), gradients(F.linear, x, square, awkward=awkward)),
        (
            gradients(kernels.squared_relu_mlp, x, up, down, awkward=awkward),
            gradients(lambda x, up, down: F.relu(x @ up.T) ** 2 @ down.T, x, up, down, awkward=awkward),
        ),
    ]
    for ours, plain in pairs:
        for one, other in zip(ours, plain, strict=True):
            torch.testing.assert_close(one, other, atol=2e-4, rtol=1e-4)


@with_and_without_onednn
@pytest.mark.parametrize("rows", [1, 40])
def test_a_product_takes_transposed_matrices(rows, has_onednn, monkeypatch):
    monkeypatch.setattr(kernels, "HAS_ONEDNN", has_onednn)
    x, y = torch.randn(8, rows).t(), torch.randn(8, 5).t()
    torch.testing.assert_close(kernels.product(x, y), x.contiguous() @ y.contiguous().t())


def test_biases_and_half_precision_go_the_plain_way():
    layer, x = nn.Linear(8, 4), torch.randn(64, 8)
    assert torch.equal(kernels.linear(x, layer), layer(x))
    plain = nn.Linear(8, 4, bias=False)
    with torch.autocast("cpu", torch.bfloat16):
        assert kernels.linear(x, plain).dtype == torch.bfloat16
    assert kernels.linear(x.double(), plain.double()).dtype == torch.float64


# -- the optimizer -----------------------------------------------------------------------------------------------------


@with_and_without_onednn
@pytest.mark.parametrize("shape", [(96, 32), (32, 96), (64, 64), (1, 8)])
def test_an_orthogonalized_matrix_has_singular_values_around_one(shape, has_onednn, monkeypatch):
    monkeypatch.setattr(kernels, "HAS_ONEDNN", has_onednn)
    torch.manual_seed(0)
    u, s, v = torch.linalg.svd(torch.randn(shape), full_matrices=False)
    s = torch.logspace(-3, -5, len(s))  # directions of very different weight, as gradients have
    matrix = u @ s.diag() @ v
    values = torch.linalg.svdvals(orthogonalize(matrix))
    assert 0.9 < values.max() < 1.9, "three steps do not bring them nearer"
    assert values.min() > 0.1
    directions = (u.t() @ orthogonalize(matrix) @ v.t()).fill_diagonal_(0)
    assert directions.abs().max() < 0.01, "only the singular values change"
    assert not orthogonalize(torch.zeros(shape)).any()


def test_queries_keys_and_values_learn_apart():
    torch.manual_seed(0)
    gradient = torch.randn(48, 16)
    updates = []
    for factor in (1.0, 1000.0):
        weight = nn.Parameter(torch.zeros(48, 16))
        weight.grad = gradient.clone()
        weight.grad[16:32] *= factor
        Muon([weight], lr=0.1).step()
        updates.append(weight.detach())
    torch.testing.assert_close(*updates, atol=1e-4, rtol=1e-3)
    for part in updates[0].split(16):
        assert 0.09 < torch.linalg.svdvals(part).max() < 0.19


@every_build
def test_every_weight_has_one_optimizer_and_learning_rates_fall_to_nothing(build):
    model = built(build)
    optimizers = make_optimizers(model, TINY)
    groups = [group for optimizer in optimizers for group in optimizer.param_groups]
    taken = [id(weight) for group in groups for weight in group["params"]]
    assert sorted(taken) == sorted({id(weight) for weight in model.parameters()})
    rates = []
    for progress in (0.0, 0.5, 1.0):
        set_rates(optimizers, progress)
        rates.append([group["lr"] for group in groups])
    assert rates[2] == [0.0] * len(groups) and all(rates[0])
    assert rates[1] == pytest.approx([rate / 2 for rate in rates[0]])
