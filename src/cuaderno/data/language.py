"""In which language a text is.

By py3langid: 5 MB, 50 microseconds a text; lingua, which knows short texts a little better in its large mode, weighs
100 MB, takes a gigabyte of memory and sixty times as long.
"""

from collections.abc import Callable
from functools import lru_cache

from cuaderno.data.extras import need

SHORTEST = 20  # characters; below it every identifier guesses
SURE = 0.9
LONGEST = 1000  # characters that are looked at


@lru_cache(maxsize=1)
def _classify() -> Callable[[str], tuple[str, float]]:
    need("py3langid")
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True).classify


def language_of(text: str) -> tuple[str, float] | None:
    """The code of the language (`es`) and how sure that is, between 0 and 1; None for a text too short to tell."""
    if len(text) < SHORTEST:
        return None
    code, probability = _classify()(text[:LONGEST])
    return code, float(probability)


def known() -> list[str]:
    """The codes that can be asked for."""
    need("py3langid")
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return sorted(LanguageIdentifier.from_model_file(MODEL_FILE).labels)
