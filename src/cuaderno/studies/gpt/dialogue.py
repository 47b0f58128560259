"""Plays and chats: text of the form `NAME:` and what they say, so that one can talk with a model that has read it."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

# A short name alone before a colon, at the beginning of a line: no verbs, no sentences, no addresses.
SPEECH = re.compile(r"^([^\W\d_][^\n:.!?;,\"“”]{0,30}):(?:[ \t]+(\S)|[ \t]*$)", re.MULTILINE)
MIN_SPEECHES = 8  # of at least two speakers each, before a text counts as a dialogue
MAX_SPEAKERS = 12


@dataclass(frozen=True)
class Dialogue:
    """How a text writes down who speaks.

    Units:   own_line is True for a name on a line of its own with the speech below and an empty line behind it, as in
             plays; speakers come most talkative first.
    """

    speakers: tuple[str, ...]
    own_line: bool

    def speech(self, speaker: str, words: str) -> str:
        """A speech as the text would have it; without words, up to where they begin."""
        start = f"{speaker}:\n" if self.own_line else f"{speaker}: "
        return start + (f"{words.strip()}\n{self._gap}" if words else "")

    def as_json(self) -> dict:
        return {"speakers": list(self.speakers), "own_line": self.own_line, "stops": list(self.stops())}

    def stops(self) -> tuple[str, ...]:
        """What ends a speech."""
        return ("\n\n",) if self.own_line else ("\n",)

    @property
    def _gap(self) -> str:
        return "\n" if self.own_line else ""


def find_dialogue(pieces: Iterable[str]) -> Dialogue | None:
    """The dialogue that a text is, or None: two speakers or more who speak often, in a good part of its lines."""
    names: Counter[str] = Counter()
    alone = num_lines = 0
    for piece in pieces:
        num_lines += sum(1 for line in piece.splitlines() if line.strip())
        for found in SPEECH.finditer(piece):
            names[found[1].strip()] += 1
            alone += found[2] is None
    often = [(name, count) for name, count in names.most_common(MAX_SPEAKERS) if count >= MIN_SPEECHES]
    if len(often) < 2 or sum(names.values()) < num_lines / 25:
        return None
    return Dialogue(tuple(name for name, _ in often), own_line=2 * alone > sum(names.values()))
