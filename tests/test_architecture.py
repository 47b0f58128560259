"""Who may import whom. These tables are the architecture; docs/architecture.md only draws it."""

import ast
import functools
import subprocess
import sys
from pathlib import Path

import pytest

SRC = Path(__file__).parents[1] / "src" / "cuaderno"
EVERYTHING = {"lab", "data", "studies", "chat", "diary", "site", "scaffold", "cli", "workbench"}
MAY_IMPORT = {
    "lab": {"lab"},
    "data": {"lab", "data"},
    "studies": {"lab", "data"},  # plus its own folder, below
    "chat": {"lab", "chat"},
    "diary": {"lab", "diary", "chat"},
    "site": {"lab", "diary", "site"},  # plus the finder of studies, below
    "scaffold": {"lab"},
    "cli": EVERYTHING,
    "workbench": EVERYTHING,
    "__main__": {"cli"},
}
HEAVY = (
    "torch",
    "transformers",
    "streamlit",
    "numba",
    "gymnasium",
    "onnxruntime",
    "PIL",
    "tyro",
    "rich",
    "isso",
    "werkzeug",
    "optuna",
    "peft",
    "sklearn",
    "pyarrow",
    "ftfy",
    "py3langid",
)
SOURCES = sorted(path for path in SRC.rglob("*.py") if "scaffold/study" not in path.as_posix())
ROOMS = sorted({path.relative_to(SRC).with_suffix("").parts[0] for path in SOURCES})


@functools.cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def sources(room: str) -> list[tuple[Path, list[str]]]:
    """The files of a room, each with the way to it from there."""
    found = [(path, path.relative_to(SRC).with_suffix("").parts) for path in SOURCES]
    return [(path, list(inside)) for path, (first, *inside) in found if first == room]


def modules_imported(path: Path):
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write imports in full, `from cuaderno.lab.run import Run`"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("room", [room for room in ROOMS if room != "__init__"])
def test_imports_point_inwards(room):
    for path, inside in sources(room):
        for module in modules_imported(path):
            parts = module.split(".")
            if parts[0] != "cuaderno" or len(parts) == 1 or parts[1].startswith("__"):
                continue
            target = parts[1]
            own_study = room == "studies" and parts[1:3] == ["studies", inside[0]]
            finder = room == "site" and module == "cuaderno.studies"
            assert own_study or finder or target in MAY_IMPORT[room], f"{path} may not import {module}"


EVERYDAY_WORDS = {"language"}  # studies whose names mean something else outside: only naming them as studies counts


@pytest.mark.parametrize("room", [room for room in ROOMS if room != "studies"])
def test_nothing_outside_names_a_study(room):
    """Deleting any studies/NAME/ leaves the rest whole."""
    names = {folder.parent.name for folder in (SRC / "studies").glob("*/train.py")}
    for path, _ in sources(room):
        for node in nodes(path):
            assert not names.intersection(asked_for_as_a_study(node)), f"{path}:{node.lineno} names a study"
            text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            assert text not in names - EVERYDAY_WORDS, f"{path}:{node.lineno} names the study '{text}'"
            assert not any(f"studies.{name}" in text or f"studies/{name}" in text for name in names), (
                f"{path}:{node.lineno}"
            )


def asked_for_as_a_study(node: ast.AST) -> set[str]:
    """The strings in a call such as `studies.load("maze", "train")`, or beside `run.study` in a comparison."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        inside: list[ast.AST] = node.args if getattr(node.func.value, "id", "") == "studies" else []
    elif isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        inside = sides if any(getattr(side, "attr", getattr(side, "id", "")) == "study" for side in sides) else []
    else:
        inside = []
    constants = (part for side in inside for part in ast.walk(side) if isinstance(part, ast.Constant))
    return {part.value for part in constants if isinstance(part.value, str)}


@pytest.mark.parametrize(
    "code, named",
    [
        ('studies.load("maze", "train")', {"maze", "train"}),
        ('run.study in ("maze", "gpt")', {"maze", "gpt"}),
        ('words["language"]', set()),
    ],
)
def test_a_study_that_is_named_is_noticed(code, named):
    assert set().union(*map(asked_for_as_a_study, ast.walk(ast.parse(code)))) == named


def test_the_light_half_loads_without_the_heavy_libraries():
    """In a fresh interpreter: the command line, the site, the diary and the chat."""
    code = f"""
import sys
import cuaderno.cli, cuaderno.lab.run, cuaderno.lab.records, cuaderno.lab.data, cuaderno.lab.export
import cuaderno.diary, cuaderno.site.build, cuaderno.site.serve, cuaderno.scaffold
import cuaderno.site.wsgi, cuaderno.site.comments.mount, cuaderno.site.comments.exchange
import cuaderno.chat.terminal, cuaderno.chat.words
import cuaderno.data.formats, cuaderno.data.splits
print([name for name in {HEAVY} if name in sys.modules])
"""
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


@pytest.mark.parametrize("arguments", [["--help"], ["train", "--help"], ["list"], ["runs", "--help"]])
def test_help_does_not_load_the_heavy_libraries(arguments):
    code = f"""
import sys
from cuaderno.cli import main
try:
    main({arguments})
except SystemExit as end:
    assert not end.code, end.code
print([name for name in {HEAVY[:6]} if name in sys.modules], file=sys.stderr)
"""
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stderr.strip() == "[]" and len(answer.stdout) > 50
