"""A form shows what a dataclass says of itself, and its words lead back to the same settings."""

import argparse
import dataclasses
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from cuaderno import cli, studies
from cuaderno.cli.training import parse_config
from cuaderno.workbench import form


@dataclass(frozen=True)
class Sample:
    """A dataclass to read."""

    # data
    name: str = ""  # a file, or nothing
    # optimizer
    learning_rate: float = 4e-3  # constant # or not
    steps: int = 10
    # machine
    shard: bool = False  # over processes
    stop: tuple[str, ...] = ()  # before any of these


READ = form.settings(Sample, Path(__file__))
VALUES = dataclasses.asdict(Sample())


def test_comments_become_help_and_headings():
    assert [(one.name, one.help, one.group) for one in READ] == [
        ("name", "a file, or nothing", "data"),
        ("learning_rate", "constant # or not", "optimizer"),
        ("steps", "", "optimizer"),
        ("shard", "over processes", "machine"),
        ("stop", "before any of these", "machine"),
    ]


def test_only_what_differs_is_said():
    assert form.words(READ, VALUES, VALUES) == []
    chosen = VALUES | {"name": "-h", "learning_rate": 1e-5, "shard": True, "stop": "a b"}
    words = ["--name=-h", "--learning-rate", "1e-05", "--shard", "--stop", "a", "b"]
    assert form.words(READ, chosen, VALUES) == words
    assert form.as_value(READ[-1], "a b") == ("a", "b") and form.as_value(READ[0], "a b") == "a b"
    assert form.words(READ, VALUES, VALUES | {"shard": True}) == ["--no-shard"]


@pytest.mark.parametrize("study", studies.names())
def test_every_study_explains_itself(study):
    found = form.settings(studies.config(study)[0], studies.folder(study) / "train.py")
    assert all(one.group for one in found) and sum(bool(one.help) for one in found) >= len(found) - 1


@pytest.mark.parametrize("study", studies.names())
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=some.data())
def test_the_words_of_a_form_lead_back_to_its_settings(study, data):
    kind, presets = studies.config(study)
    preset = data.draw(some.sampled_from(sorted(presets)))
    found = form.settings(kind, studies.folder(study) / "train.py")
    kinds = {
        int: some.integers(-form.LARGEST, form.LARGEST),
        float: some.floats(allow_nan=False, allow_infinity=False, width=32),
        bool: some.booleans(),
        str: some.text(some.characters(codec="utf-8", exclude_characters="\0"), max_size=12),
    }
    values = dataclasses.asdict(presets[preset])
    chosen = {one.name: data.draw(kinds[one.kind]) if one.kind in kinds else values[one.name] for one in found}
    words = ["train", study, *(["--preset", preset] if preset != "default" else [])]
    parsed = cli.parse([*words, *form.words(found, chosen, values)])
    assert isinstance(parsed, argparse.Namespace) and parsed.preset == preset
    assert dataclasses.asdict(parse_config(parsed, kind, presets)) == chosen
