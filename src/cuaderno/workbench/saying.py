"""What the program says in English, said in the language of the workbench, as far as somebody has translated it.

Errors and effective values are written where they arise, in English. Here each is found again by its words:
`said.LANG.toml` beside this file has the sentences of the house, a study's `settings.LANG.toml` in the table `said` its
own, with `{}` where something differs from time to time, and `{n}` where that is a number.
"""

import re
import tomllib
from functools import lru_cache
from pathlib import Path

from cuaderno import studies
from cuaderno.lab.errors import CuadernoError
from cuaderno.workbench.words import TEXT

HERE = Path(__file__).parent
NUMBER = r"-?\d{1,3}(?:,\d{3})*(?:\.\d+)?(?:e[-+]?\d+)?"
GAP = {"{}": "(.*?)", "{n}": f"({NUMBER})"}
DEEPEST = 3  # sentences inside sentences


def spoken(text: object, lang: str) -> str:
    """What the program says in another language, or said to be English."""
    found = said(str(text), lang)
    return f"{TEXT[lang]['in_english']} {text}" if found is None else found


def said(text: str, lang: str, depth: int = 0) -> str | None:
    """A sentence in another language, None when nobody has translated it; what differs in it is translated as well."""
    if lang == "en":
        return text
    for pattern, translation in _sentences(lang):
        if found := pattern.fullmatch(text):
            return translation.format(*(_part(part, lang, depth) for part in found.groups()))
    return None


def _part(text: str, lang: str, depth: int) -> str:
    if lang == "es" and re.fullmatch(NUMBER, text):
        return text.translate(str.maketrans(",.", ".,"))
    return (said(text, lang, depth + 1) if depth < DEEPEST and text else None) or text


@lru_cache(maxsize=4)
def _sentences(lang: str) -> list[tuple[re.Pattern[str], str]]:
    """Every sentence as a pattern with its translation, those with the most words of their own first.

    What is only an ending, `{}; or leave such rows out`, comes last, as it fits sentences that have their own.
    """
    every = catalogue(lang)

    def rank(key: str) -> tuple[bool, int]:
        return key.startswith("{}") and key.count("{") == 1, -len(re.sub(r"{n?}", "", key))

    longest_first = sorted(every, key=rank)
    return [(_pattern(key), every[key].replace("{n}", "{}")) for key in longest_first]


def _pattern(key: str) -> re.Pattern[str]:
    parts = re.split(r"({n?})", key)
    return re.compile("".join(GAP.get(part) or re.escape(part) for part in parts), re.DOTALL)


def catalogue(lang: str) -> dict[str, str]:
    """English sentences with their translations, of the house and of every study.

    Raises:  CuadernoError naming the file that cannot be read.
    """
    found: dict[str, str] = {}
    for name in studies.names():
        spoken_there = studies.told(name, "said", lang).items()
        found |= {key: text for key, text in spoken_there if not key.startswith("# ")}  # those are headings
    path = HERE / f"said.{lang}.toml"
    try:
        return found | (tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {})
    except ValueError as error:
        raise CuadernoError(f"{path} cannot be read: {error}.") from error
