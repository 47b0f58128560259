"""Text from anywhere, made fit to be shown."""

import pytest

from cuaderno.cli.shell import tell
from cuaderno.lab.text import printable

UNFIT = [
    ("\x1b[31mred\x1b]0;title\x07", "�[31mred�]0;title�"),
    ("a\r\nb\tc\x00\x7f\x9b2J", "a\nb\tc���2J"),
    ("half \ud83d, end\u202egnol", "half �, end�gnol"),
    ("¿Qué? سلام 👋🏽\u200f", "¿Qué? سلام 👋🏽\u200f"),
]


@pytest.mark.parametrize(("text", "shown"), UNFIT)
def test_nothing_commands_a_terminal(text, shown, capsys):
    assert printable(text) == shown and shown.encode()
    tell(text)
    assert capsys.readouterr().err == f"{shown}\n"
