"""Both languages say the same things with the same gaps."""

import re

import pytest

from cuaderno.chat.words import TEXT, language


def test_both_languages_have_every_word():
    assert list(TEXT["en"]) == list(TEXT["es"])
    for key, text in TEXT["en"].items():
        assert re.findall(r"\{\w+\}", text) == re.findall(r"\{\w+\}", TEXT["es"][key]), key
        assert re.findall(r"/\w+", text) == re.findall(r"/\w+", TEXT["es"][key]) or key == "save_over", key


@pytest.mark.parametrize(
    ("environment", "lang"),
    [
        ({}, "en"),
        ({"LANG": "es_MX.UTF-8"}, "es"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "es_ES.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "de_DE", "LC_ALL": "es"}, "es"),
        ({"LANG": "es_ES", "LC_ALL": ""}, "es"),
    ],
)
def test_the_language_is_that_of_the_locale(monkeypatch, environment, lang):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert language() == lang
