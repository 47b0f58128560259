"""Broken accents, control characters and spaces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cuaderno.data.characters import tidy, without_mojibake
from cuaderno.data.spoil import misread


@pytest.mark.parametrize("text", ["mañana será otro día", "¿Qué tal, Íñigo?", "it’s “fine” — really"])
def test_what_was_misread_is_read_right(text):
    pytest.importorskip("ftfy")
    assert misread(text) != text
    assert without_mojibake(misread(text)) == (text, ["mojibake"])
    assert without_mojibake(text) == (text, [])


def test_control_characters_and_spaces_go_and_indentation_stays():
    text, reasons = tidy("a\0b\u200bc  d\u00a0e \n    return  1\t\n")
    assert text == "abc d e\n    return 1" and reasons == ["control", "spaces"]
    assert tidy("می\u200cروم 👨\u200d👩") == ("می\u200cروم 👨\u200d👩", [])
    assert tidy("man\u0303ana") == ("mañana", ["composed"])


@given(st.text(max_size=60))
def test_tidying_twice_changes_nothing_more(text):
    once = tidy(text)[0]
    assert tidy(once)[0] == once
