"""What the documents say is so: commands exist, runs exist, links lead somewhere, both languages are there."""

import re
import shlex
from pathlib import Path

import pytest

from cuaderno import cli, studies
from cuaderno.lab.run import Run

TOP = Path(__file__).parents[1]
DOCUMENTS = [TOP / "README.md", TOP / "CONTRIBUTING.md", *sorted((TOP / "docs").glob("*.md"))]
CARDS = [studies.folder(name) / file for name in studies.names() for file in ("README.md", "README.es.md")]
POSTS = sorted((TOP / "diary" / "posts").rglob("*.md"))
COMMAND = re.compile(r"^\s*(?:\$ )?(cuaderno [^\n#`]*)", re.M)
INLINE = re.compile(r"`(cuaderno [^`\n]+)`")


def commands(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8")
    blocks = re.findall(r"^```(?:bash|sh|console|)\n(.*?)^```", text, re.M | re.S)
    return [command.strip() for block in blocks for command in COMMAND.findall(block)] + INLINE.findall(text)


def pages():
    return [*DOCUMENTS, *CARDS, *POSTS]


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.relative_to(TOP).as_posix())
def test_every_command_is_one_that_exists(path):
    for command in commands(path):
        words = shlex.split(command.replace("…", ""))[1:]
        if not words or words[0].isupper() or words == ["COMMAND", "--help"]:
            continue
        words = [word for word in words if word not in ("--help", "-h")]
        parsed = cli.parse(words) if words[0] != "train" or len(words) > 1 else cli.parse([*words, "NAME"])
        if words[0] in ("train", "predict") and not parsed.study.isupper():
            studies.folder(parsed.study)
        if words[0] == "train" and not parsed.study.isupper():
            kind, presets = studies.config(parsed.study)
            assert parsed.preset in presets, command
            settings = {"--" + name.replace("_", "-") for name in kind.__dataclass_fields__}
            assert {word for word in parsed.options if word.startswith("--")} <= settings, command


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_relative_link_leads_to_a_file(path):
    for target in re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8")):
        if "://" not in target and not target.startswith("mailto:"):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_make_target_exists(path):
    targets = set(re.findall(r"^([a-z]+):", (TOP / "Makefile").read_text(), re.M))
    assert set(re.findall(r"`make ([a-z]+)`|^make ([a-z]+)", path.read_text(encoding="utf-8"), re.M)) <= {
        (a, b) for a in [*targets, ""] for b in [*targets, ""]
    }


def test_every_post_exists_in_both_languages():
    for path in POSTS:
        assert {"en.md", "es.md"} <= {other.name for other in path.parent.glob("*.md")}, path


@pytest.mark.parametrize("path", POSTS, ids=lambda path: "/".join(path.parts[-2:]))
def test_every_cited_run_is_kept(path):
    text = path.read_text(encoding="utf-8")
    for run_id in re.findall(r"\b[a-z]\w*-\d{8}-\d{6}-[0-9a-f]{6}\b", text):
        assert (TOP / "diary" / "records" / run_id / "run.json").is_file(), f"{path} cites {run_id}, which is not kept"


def test_every_record_is_whole():
    for path in sorted((TOP / "diary" / "records").glob("*/run.json")):
        run = Run.open(path.parent)
        assert run.folder.name == run.id and run.status == "finished" and run.metrics
        assert (path.parent / "checkpoint" / "weights.safetensors").is_file()
        assert (path.parent / "export" / "model.json").is_file() and (path.parent / "export" / "parity.json").is_file()


def test_both_languages_have_a_word_for_every_term():
    rows = re.findall(
        r"^\| ([^|]+) \| ([^|]*) \| [^|]*\|$", (TOP / "docs" / "terms.md").read_text(encoding="utf-8"), re.M
    )
    assert len(rows) > 30 and all(english.strip() and spanish.strip() for english, spanish in rows)
