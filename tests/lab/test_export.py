"""Parity is a proof only if it can fail."""

import base64
import json
import re

import numpy as np
import pytest
import torch

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.export import SHARED, check_parity, copy_web, save_json, save_onnx, save_parity

MODEL_JS = """
export async function load(read) { return JSON.parse(new TextDecoder().decode(await read("model.json"))); }
export function predict({ w }, x) { return { y: w * x, label: x > 0 ? "up" : "down", path: [[0, x]] }; }
"""


@pytest.fixture
def web(tmp_path):
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "model.js").write_text(MODEL_JS)
    save_json(tmp_path / "model.json", {"w": 2.0})
    return tmp_path / "web"


def case(x=3.0, **changes):
    return {"input": x, "output": {"y": 2 * x, "label": "up", "path": [[0, x]]} | changes}


def test_agreement_is_counted(web, tmp_path):
    save_parity(tmp_path, [case(), case(1.0, y=2.00001)], tolerance=1e-4)
    assert check_parity(web, tmp_path) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"y": 6.001},
        {"label": "down"},
        {"path": [[0, 3.0], [1, 1]]},
        {"extra": 1},
        {"y": "6"},
        {"y": None},
        {"path": []},
    ],
)
def test_every_kind_of_difference_is_found_and_named(web, tmp_path, changes):
    save_parity(tmp_path, [case(1.0), case(**changes)], tolerance=1e-4)
    with pytest.raises(CuadernoError, match=f"case 1: output.{next(iter(changes))}"):
        check_parity(web, tmp_path)


def test_an_empty_or_missing_proof_is_none(web, tmp_path):
    with pytest.raises(CuadernoError):
        check_parity(web, tmp_path)
    save_parity(tmp_path, [])
    with pytest.raises(CuadernoError, match="no case"):
        check_parity(web, tmp_path)


def test_shared_modules_come_along_when_they_are_asked_for(web, tmp_path):
    assert [path.name for path in copy_web(web, tmp_path / "none").iterdir()] == ["model.js"]
    (web / "widget.js").write_text('import { Frame } from "./frame.js";\nawait import("./model.js");\n')
    copied = copy_web(web, tmp_path / "some")
    assert sorted(path.name for path in copied.iterdir()) == ["clothes.js", "frame.js", "model.js", "widget.js"]
    assert (copied / "clothes.js").read_bytes() == (SHARED / "clothes.js").read_bytes()


def test_a_shared_module_may_compute_the_proof(web, tmp_path):
    (web / "model.js").write_text('import { countWeights } from "./weights.js";\n' + MODEL_JS)
    save_parity(tmp_path, [case()])
    assert check_parity(web, tmp_path) == 1


def test_the_bytes_of_the_kernel_are_its_source():
    """After a change of kernel.wat paste what this says into kernel.js."""
    import wasmtime

    wanted = base64.b64encode(wasmtime.wat2wasm((SHARED / "kernel.wat").read_text(encoding="utf-8"))).decode()
    written = (SHARED / "kernel.js").read_text(encoding="utf-8").split("const VECTORS")[1].split(";")[0]
    assert "".join(re.findall(r'"([A-Za-z0-9+/=]+)"', written)) == wanted


def test_no_study_hides_a_shared_module(web, tmp_path):
    (web / "frame.js").write_text("// the study's own")
    with pytest.raises(CuadernoError, match=r"frame\.js"):
        copy_web(web, tmp_path / "two")


def test_json_cannot_hold_a_nan(tmp_path):
    with pytest.raises(ValueError):
        save_json(tmp_path / "model.json", {"w": float("nan")})


class Scale(torch.nn.Module):
    def forward(self, x):
        return torch.tanh(x) * 2, x.amax(dim=1)


def test_onnx_answers_as_torch_at_other_sizes_too(tmp_path):
    import onnxruntime

    path = tmp_path / "model.onnx"
    shapes = {"x": {0: torch.export.Dim("n", min=2, max=100)}}
    save_onnx(Scale(), (torch.randn(3, 4),), path, ["x"], ["y", "top"], shapes)
    x = np.random.default_rng(0).normal(size=(7, 4)).astype(np.float32)
    y, top = onnxruntime.InferenceSession(str(path)).run(None, {"x": x})
    assert np.allclose(y, np.tanh(x) * 2, atol=1e-5) and np.allclose(top, x.max(1))
    assert not list(tmp_path.glob("*.data")), "one file"
    assert b"test_export" not in path.read_bytes(), "no stack trace tells where it was made"


def test_parity_is_readable_json(tmp_path):
    save_parity(tmp_path, [case()], tolerance=0.5)
    assert json.loads((tmp_path / "parity.json").read_text())["tolerance"] == 0.5
