"""What a corrector answers, and what a corrector is."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Edit:
    """One suggestion: put `new` where `old` stands. `why` says it to the writer, in the language of the text."""

    old: str
    new: str
    why: str


class Corrector(Protocol):
    """Anything that reads a paragraph and suggests edits. What it must not touch stands there as placeholders."""

    name: str

    def correct(self, text: str, lang: str) -> list[Edit]: ...
