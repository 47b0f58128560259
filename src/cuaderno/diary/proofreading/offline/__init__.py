"""The offline corrector: dictionaries, rules and nothing that leaves the machine."""

from collections.abc import Iterator
from functools import cache
from typing import Protocol

from cuaderno.diary.proofreading.edits import Edit
from cuaderno.diary.proofreading.offline.checking import edits, twice
from cuaderno.diary.proofreading.offline.patterns import Finding


class Checker(Protocol):
    """What there is for each language."""

    def findings(self, text: str) -> Iterator[Finding]: ...

    def knows(self, word: str) -> bool: ...


@cache
def checker(lang: str) -> Checker:
    """The checker of a language, loaded once."""
    if lang == "es":
        from cuaderno.diary.proofreading.offline.spanish import Spanish

        return Spanish()
    from cuaderno.diary.proofreading.offline.english import English

    return English()


class Offline:
    """Suggests corrections with what is installed: no key, no server."""

    name = "offline"

    def correct(self, text: str, lang: str) -> list[Edit]:
        """The edits of one paragraph."""
        return edits(text, twice(text, checker(lang).findings))

    def knows(self, word: str, lang: str) -> bool:
        """Whether a word is spelled as words of the language are."""
        return checker(lang).knows(word)
