"""What is special about attention: looks beside torch's, layers borrowed of a GPT, a record that needs it no longer."""

import json
import shutil

import pytest
import torch

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.quantize import pack
from cuaderno.lab.run import Run
from cuaderno.studies.concepts.export import export
from cuaderno.studies.concepts.parts import attention
from cuaderno.studies.concepts.train import Config, settle, train, trained

LETTERS = "\n abcdefghijklmnopqrstuvwxyz"


@pytest.fixture
def gpt(tmp_path):
    """An export folder as the study gpt writes it, of three layers that nobody has trained."""
    chance, C = torch.Generator().manual_seed(3), 16
    shapes = {"embed.weight": (len(LETTERS), C)}
    for layer in range(3):
        own = {"attention.qkv": (3 * C, C), "attention.project": (C, C), "mlp.up": (3 * C, C), "mlp.down": (C, 3 * C)}
        shapes |= {f"blocks.{layer}.{name}.weight": shape for name, shape in own.items()}
    shapes["head.weight"] = (len(LETTERS), C)
    layout, data = pack({name: torch.randn(shape, generator=chance) for name, shape in shapes.items()})
    about = {"settings": {"num_heads": 2, "classic": False}, "rope_base": 1000.0, "tensors": layout}
    folder = tmp_path / "gpt"
    folder.mkdir()
    (folder / "model.json").write_text(json.dumps(about | {"tokenizer": {"kind": "char", "tokens": list(LETTERS)}}))
    (folder / "weights.bin").write_bytes(data)
    return folder


def test_looks_are_those_of_torch():
    torch.manual_seed(0)
    q, k, v = torch.randn(3, 2, 4, 9, 8, dtype=torch.float64)
    wanted = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
    assert torch.allclose(attention.attend(q, k, "learnt") @ v, wanted)
    for way in attention.WAYS:
        looks = attention.attend(q, k, way)
        assert torch.allclose(looks.sum(-1), torch.ones(2, 4, 9, dtype=q.dtype)) and looks.triu(1).abs().max() == 0
    assert torch.equal(attention.attend(q, k, "even")[0, 0, 3, :4], torch.full((4,), 0.25, dtype=q.dtype))


def test_turning_tells_only_how_far_apart_letters_are():
    torch.manual_seed(1)
    q, k = torch.randn(2, 1, 1, 1, 8, dtype=torch.float64)
    fits = attention.turned(q.repeat(1, 1, 12, 1), 1000.0) @ attention.turned(k.repeat(1, 1, 12, 1), 1000.0).mT
    assert torch.allclose(fits[0, 0, 3, 1], fits[0, 0, 11, 9]) and not torch.allclose(
        fits[0, 0, 3, 1], fits[0, 0, 3, 2]
    )


def test_borrowed_layers_stay_and_a_record_does_without_the_gpt(gpt, tmp_path):
    config = settle(Config(part="attention", model=str(gpt), steps=4))
    before = attention.begin(config)
    assert before.learnt == ["head.weight"] and not any("blocks.2" in name for name in before.weights)
    run = Run.create("concepts", config, tmp_path / "runs")
    train(config, run)
    shutil.rmtree(gpt)
    after = trained(run)
    for name, weight in before.weights.items():
        assert torch.equal(after.weights[name], weight) == (name != "head.weight"), name
    (run.folder / "export").mkdir()
    export(run, run.folder / "export")
    assert (run.folder / "checkpoint" / "weights.safetensors").stat().st_size < 60_000
    with pytest.raises(CuadernoError, match="There is no folder"):
        train(config, Run.create("concepts", config, tmp_path / "more"))


def test_a_folder_that_is_no_gpt_and_heads_that_do_not_fit_are_refused(gpt):
    (gpt / "weights.bin").unlink()
    with pytest.raises(CuadernoError, match="not the export folder"):
        attention.begin(settle(Config(part="attention", model=str(gpt))))
    with pytest.raises(CuadernoError, match="multiple of 8"):
        attention.begin(settle(Config(part="attention", hidden_dim=20)))
