"""What a corrector answers, what a corrector is, and how it sees what it must not touch."""

import re
from dataclasses import dataclass
from typing import Protocol

# What is protected stands in the text as `⟦3⟧`; a number or a name shows itself, as in `⟦4:15⟧` or `⟦5:PyTorch⟧`.
PLACEHOLDER = re.compile(r"⟦\d+(?::[^⟦⟧]*)?⟧")


@dataclass(frozen=True)
class Edit:
    """One suggestion: put `new` where `old` stands. `why` says it to the writer, in the language of the text."""

    old: str
    new: str
    why: str


class Corrector(Protocol):
    """Anything that reads a paragraph and suggests edits. What it must not touch stands there as placeholders.

    A corrector that has a dictionary may also offer `knows(word, lang) -> bool`: with it, `--apply safe` tells a
    misspelling from another word.
    """

    name: str

    def correct(self, text: str, lang: str) -> list[Edit]:
        """The edits of one paragraph without line ends.

        Raises:  CuadernoError when there is no answer to be had.
        """
        ...
