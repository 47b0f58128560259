"""A form shows what a dataclass says of itself, and its words lead back to the same settings."""

import argparse
import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from cuaderno import cli, studies
from cuaderno.cli.training import parse_config
from cuaderno.workbench import form
from cuaderno.workbench.words import TEXT


@dataclass(frozen=True)
class Sample:
    """A dataclass to read."""

    # data
    name: str = ""  # a file, or nothing
    # optimizer
    learning_rate: float = 4e-3  # constant # or not
    steps: int = 10
    # Which way it goes down.
    # It matters little.
    way: Literal["sgd", "adamw"] = "adamw"
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
        ("way", "Which way it goes down. It matters little.", "optimizer"),
        ("shard", "over processes", "machine"),
        ("stop", "before any of these", "machine"),
    ]


def test_what_is_told_in_another_language_takes_the_place_of_the_comments():
    told = {"steps": "pasos", "# machine": "máquina", "machine": "", "nobody": "nadie"}
    found = {one.name: one for one in form.settings(Sample, Path(__file__), told)}
    assert (found["steps"].help, found["shard"].group, found["shard"].help) == ("pasos", "máquina", "over processes")


def test_a_choice_is_a_list_of_all_there_is():
    assert [one.name for one in READ if one.choices] == ["way"] and READ[3].choices == ("sgd", "adamw")
    assert form.words(READ, VALUES | {"way": "sgd"}, VALUES) == ["--way", "sgd"]


@pytest.mark.parametrize("study", studies.names())
def test_every_heading_has_a_word_in_spanish(study):
    told = studies.told(study, "Config", "es")
    found = form.settings(studies.config(study)[0], studies.folder(study) / "train.py")
    assert all(f"# {one.group}" in told or f"group_{one.group}" in TEXT["es"] for one in found)


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
    known = (int, float, bool, str)
    assert all(one.kind in known or one.choices or isinstance(one.default, tuple) for one in found)


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
    kinds |= {one.kind: some.sampled_from(one.choices) for one in found if one.choices}
    chosen = {one.name: data.draw(kinds[one.kind]) if one.kind in kinds else values[one.name] for one in found}
    words = ["train", study, *(["--preset", preset] if preset != "default" else [])]
    parsed = cli.parse([*words, *form.words(found, chosen, values)])
    assert isinstance(parsed, argparse.Namespace) and parsed.preset == preset
    assert dataclasses.asdict(parse_config(parsed, kind, presets)) == chosen
