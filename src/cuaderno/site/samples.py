"""What a model wrote at several moments of its training, as its run's export keeps it."""

import json
from dataclasses import dataclass
from pathlib import Path

from cuaderno.lab.errors import CuadernoError

SHAPE = 'It is a list such as [{"step": 100, "text": "…"}, {"step": 200, "text": "…"}].'
# What no screen shows becomes a sign that says so: control characters, and halves of characters that JSON lets through.
VISIBLE = (
    {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n"}
    | {0x7F: 0x2421}
    | dict.fromkeys([*range(0x80, 0xA0), *range(0xD800, 0xE000)], 0xFFFD)
)


@dataclass(frozen=True)
class Sample:
    """A text and the step of the training after which it was written."""

    step: int
    text: str


def read_samples(path: Path, run_id: str) -> list[Sample]:
    """All samples of a file, in the order of their steps.

    Raises:  CuadernoError that says which entry is not as it should be.
    """
    name = f"{path.name} of run {run_id}"
    try:
        found = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise CuadernoError(f"{name} is no JSON. {SHAPE}") from None
    if not isinstance(found, list) or not found:
        raise CuadernoError(f"{name} holds no samples. {SHAPE}")
    samples = []
    for number, entry in enumerate(found, 1):
        step, text = (entry.get("step"), entry.get("text")) if isinstance(entry, dict) else (None, None)
        if not isinstance(step, int) or isinstance(step, bool) or not 0 <= step < 10**15:
            raise CuadernoError(f"entry {number} of {name} has no step, which is a whole number. {SHAPE}")
        if not isinstance(text, str):
            raise CuadernoError(f"entry {number} of {name} has no text. {SHAPE}")
        samples.append(Sample(step, text))
    return sorted(samples, key=lambda sample: sample.step)


def shown_text(text: str, lines: int = 0) -> tuple[str, bool]:
    """A text with what is invisible made visible, at most so many lines of it (0: all), and whether there were more."""
    found = text.replace("\r\n", "\n").translate(VISIBLE).split("\n")
    kept = found[: lines or None]
    return "\n".join(kept), any(line.strip() for line in found[len(kept) :])
