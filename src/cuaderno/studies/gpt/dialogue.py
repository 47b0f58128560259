"""Plays and chats: text of the form `NAME:` and what they say, so that one can talk with a model that has read it."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

# What stands before and behind a name at the beginning of a line; the dashes are those of Spanish plays.
MARKS = (("", ":"), ("**", ":**"), ("**", "**:"), ("", ".—"), ("", ".-"))
# A short name and nothing else: no verbs, no sentences, no addresses. A direction behind it is no part of the name.
NAME = r"([^\W\d_][^\n:!?;,*()\[\]\"“”]{0,30}?)"
DIRECTION = r"(?:[ \t]*[(\[][^\n:()\[\]]{0,60}[)\]])?"
ABBREVIATED = re.compile(r"(?<!\w)(?:\w{1,3}\.)+(?= |$)")  # the `D.` of `D. JUAN`
MIN_SPEECHES = 8  # of at least two speakers each, before a text counts as a dialogue
MAX_SPEAKERS = 12


@dataclass(frozen=True)
class Dialogue:
    """How a text writes down who speaks.

    Units:   own_line is True for a name on a line of its own with the speech below and an empty line behind it, as in
             plays; speakers come most talkative first; before and after stand around a name, with the space that
             follows when the speech is on the same line.
    """

    speakers: tuple[str, ...]
    own_line: bool
    before: str = ""
    after: str = ": "

    def opening(self, speaker: str) -> str:
        """A name as the text writes it when somebody begins to speak."""
        return f"{self.before}{speaker}{self.after.rstrip()}"

    def speech(self, speaker: str, words: str) -> str:
        """A speech as the text would have it; without words, up to where they begin."""
        start = f"{self.opening(speaker)}\n" if self.own_line else f"{self.before}{speaker}{self.after}"
        return start + (f"{words.strip()}\n{self._gap}" if words else "")

    def as_json(self) -> dict:
        return {
            "speakers": list(self.speakers),
            "own_line": self.own_line,
            "before": self.before,
            "after": self.after,
            "stops": list(self.stops()),
        }

    def stops(self) -> tuple[str, ...]:
        """What ends a speech."""
        return ("\n\n",) if self.own_line else ("\n",)

    @property
    def _gap(self) -> str:
        return "\n" if self.own_line else ""


def find_dialogue(pieces: Iterable[str]) -> Dialogue | None:
    """The dialogue that a text is, or None: two speakers or more who speak often, in a good part of its lines."""
    looks = [_Look(*marks) for marks in MARKS]
    num_lines = 0
    for piece in pieces:
        num_lines += sum(1 for line in piece.splitlines() if line.strip())
        for look in looks:
            look.read(piece)
    best = max(looks, key=lambda look: look.names.total())  # the first of equals
    often = [(name, count) for name, count in best.names.most_common(MAX_SPEAKERS) if count >= MIN_SPEECHES]
    total = best.names.total()
    if len(often) < 2 or total < num_lines / 25:
        return None
    own_line = 2 * best.alone > total
    space = "" if 2 * best.tight > total - best.alone else " "
    return Dialogue(tuple(name for name, _ in often), own_line, best.before, best.after + space)


class _Look:
    """One way to mark names, and the speeches that a text has in it."""

    def __init__(self, before: str, after: str):
        self.before, self.after = before, after
        self.dashed = ":" not in after
        space = "[ \t]*" if self.dashed else "[ \t]+"  # a colon without a space is one of an address or a time
        end = rf"(?:({space})(?=\S)|[ \t]*$)"
        self.pattern = re.compile(f"^{re.escape(before)}{NAME}{DIRECTION}{re.escape(after)}{end}", re.MULTILINE)
        self.names: Counter[str] = Counter()
        self.alone = self.tight = 0

    def read(self, piece: str) -> None:
        for found in self.pattern.finditer(piece):
            name = found[1].strip()
            if self._is_name(name):
                self.names[name] += 1
                self.alone += found[2] is None
                self.tight += found[2] == ""

    def _is_name(self, name: str) -> bool:
        """Capitals make a name of what would be the end of a sentence otherwise."""
        if not self.dashed and "." not in name:
            return True
        return name.isupper() and "." not in ABBREVIATED.sub("", name)
