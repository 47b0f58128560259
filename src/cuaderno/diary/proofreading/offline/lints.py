"""What Harper says about English, as far as we ask it: hundreds of small rules about phrases."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from cuaderno.diary.proofreading.offline.lexicon import MISSING
from cuaderno.diary.proofreading.offline.patterns import Finding
from cuaderno.diary.proofreading.offline.tables import listed
from cuaderno.diary.proofreading.offline.tokens import HELD
from cuaderno.lab.errors import CuadernoError

LAST = -2  # of two findings that overlap, ours stays


@cache
def _linter() -> Any:
    try:
        from harper import Linter
    except ImportError:
        raise CuadernoError(MISSING) from None
    linter = Linter()
    off = listed("harper_off.txt")
    linter.set_lint_config({name: on and name not in off for name, on in linter.get_default_lint_config().items()})
    return linter


def findings(text: str) -> Iterator[Finding]:
    """The first suggestion of every lint. A placeholder is a name to Harper, as long as it is."""
    shown = HELD.sub(lambda found: "X" + "x" * (len(found[0]) - 1), text)
    for lint in _linter().lint(shown, language="plaintext"):
        start, end = lint.span.start, lint.span.end
        if not lint.suggestions or shown[start:end] != text[start:end]:
            continue
        suggestion = lint.suggestions[0]
        kind, new = suggestion.kind.name, suggestion.replacement_text
        new = {"REPLACE": new, "REMOVE": "", "INSERT_AFTER": text[start:end] + new}[kind]
        yield Finding(start, end, new, lint.message, rank=LAST)
