"""Every example of docs/data.md is run, on a small file made here."""

import re
import shlex
from pathlib import Path

import pytest

from cuaderno import cli
from cuaderno.data.pictures import STEPS as PICTURE_STEPS
from cuaderno.data.recipe import STEPS

DOCUMENT = (Path(__file__).parents[2] / "docs" / "data.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", DOCUMENT, re.M | re.S)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for package in ("ftfy", "py3langid", "sklearn"):
        pytest.importorskip(package)
    words = "the service in this place was {} and we {} come back with {} friends of the number {} or so"
    lines = ["text,label"]
    for number in range(60):
        good = number % 2
        said = words.format("lovely" if good else "awful", "will" if good else "won't", number, number * 7919)
        lines.append(f"{said},{'good' if good else 'bad'}")
    lines += [lines[1] + "", lines[2].replace("lovely", "lovely!"), lines[3].replace("awful", "awful  ")]
    lines.insert(17, "write  to ana@example.org,good")
    (tmp_path / "reviews.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "ragged.csv").write_text("text,label\nfine,good\nwell, hardly,bad\nyes,good\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return tmp_path


def test_every_command_does_what_it_says(folder, capsys):
    ran = 0
    for kind, block in BLOCKS:
        for line in block.splitlines() if not kind else ():
            if line.startswith(("cuaderno ", "$ cuaderno ")):
                words = shlex.split(line.removeprefix("$ "), comments=True)[1:]
                with pytest.raises(SystemExit) as end:
                    cli.main(words)
                said = capsys.readouterr()
                assert bool(end.value.code) == line.startswith("$ "), (line, said.err)
                if line.startswith("$ "):
                    assert said.err.strip() == block.splitlines()[1]
                elif words[1:] == ["undo", "clean.csv"]:
                    assert (folder / "clean.csv").read_bytes() == (folder / "reviews.csv").read_bytes()
                ran += 1
    assert ran == 10


def test_the_python_runs(folder):
    code = next(block for kind, block in BLOCKS if kind == "python")
    space: dict = {}
    exec(code, space)
    assert set(space["names"]) == {"train", "test"} and len(space["names"]) == len(space["table"])


def test_every_step_is_described():
    described = set(
        re.findall(r"`(\w+)`", DOCUMENT[DOCUMENT.index("## The recipe") : DOCUMENT.index("## What it writes")])
    )
    assert set(STEPS) | set(PICTURE_STEPS) <= described
