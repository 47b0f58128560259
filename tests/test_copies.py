"""`# Copied from <dotted name>` is a promise: the copy stays equal to its origin."""

import ast
import re
from pathlib import Path

SRC = Path(__file__).parents[1] / "src"
MARK = re.compile(r"^# Copied from ([\w.]+)\n(?:@.*\n)*(?:class|def) (\w+)", re.M)


def definition(dotted: str) -> str:
    module, name = dotted.rsplit(".", 1)
    tree = ast.parse((SRC / (module.replace(".", "/") + ".py")).read_text(encoding="utf-8"))
    return next(ast.dump(node) for node in tree.body if getattr(node, "name", None) == name)


def drifted(path: Path, text: str) -> list[str]:
    here = ".".join(path.relative_to(SRC).with_suffix("").parts)
    return [name for origin, name in MARK.findall(text) if definition(origin) != definition(f"{here}.{name}")]


def test_copies_equal_their_origins():
    for path in SRC.rglob("*.py"):
        assert not drifted(path, path.read_text(encoding="utf-8")), f"{path} has copies that drifted"


def test_a_copy_that_drifted_is_seen():
    path = SRC / "cuaderno" / "lab" / "metrics.py"
    fake = "# Copied from cuaderno.lab.errors.nearest\ndef wilson(successes, n):\n    pass\n"
    assert drifted(path, fake) == ["wilson"]
