"""Compiling templates takes longer than printing a small diary: it is done once."""

import pytest
from jinja2 import DictLoader, Environment

from cuaderno.site import compiled
from cuaderno.site.compiled import Compiled


@pytest.fixture
def say(monkeypatch):
    """`say(folder, words)` prints a template in an environment of its own; `say.compiled` lists what was compiled."""
    monkeypatch.setattr(compiled, "KNOWN", {})
    compile_ = Environment.compile

    def counting(self, source, *arguments, **options):
        say.compiled.append(str(source))
        return compile_(self, source, *arguments, **options)

    def say(folder, words):
        return Environment(loader=DictLoader({"a": words}), bytecode_cache=Compiled(folder)).get_template("a").render()

    monkeypatch.setattr(Environment, "compile", counting)
    say.compiled = []
    return say


def test_once_in_a_process_whatever_the_folder(say, tmp_path):
    assert say(tmp_path / "one", "{{ 1 + 1 }}") == say(tmp_path / "other", "{{ 1 + 1 }}") == "2"
    assert say(tmp_path / "one", "{{ 1 + 2 }}") == "3", "other words are another template"
    assert say.compiled == ["{{ 1 + 1 }}", "{{ 1 + 2 }}"]


def test_the_next_process_finds_it_on_disk(say, tmp_path):
    say(tmp_path / "cache", "{{ 1 + 1 }}")
    compiled.KNOWN.clear()
    assert say(tmp_path / "cache", "{{ 1 + 1 }}") == "2" and len(say.compiled) == 1


def test_without_a_disk_it_is_still_printed(say, tmp_path):
    (tmp_path / "file").touch()
    assert say(tmp_path / "file" / "cache", "{{ 1 + 1 }}") == say(tmp_path / "file" / "cache", "{{ 1 + 1 }}") == "2"
    assert len(say.compiled) == 1
