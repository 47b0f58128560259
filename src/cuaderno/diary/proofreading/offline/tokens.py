"""Words, marks and placeholders of a paragraph, sentence by sentence."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from cuaderno.diary.proofreading.offline.tables import word_set

HELD = re.compile(r"⟦\d+:?([^⟧]*)⟧")  # how a placeholder shows what it stands for
WORD = r"[^\W\d_]+(?:['’\-][^\W\d_]+)*(?:['’](?=\s|[.,;:!?)]|$))?"
PIECES = re.compile(
    r"(?P<held>⟦[^⟧\n]*⟧|\{[\w-]+\}`[^`\n]*`|`+[^`\n]*`+|\$[^$\n]+\$|https?://\S+|www\.\S+|\]\([^)\s]*\)|<[^>\n]+>|:[\w+-]+:"
    r"|[\w.+-]+@[\w-]+\.[\w.]+|[\w./\\-]*[./\\_][\w./\\_-]*[\w]|\w*\d\w*(?:[.,:]\d+)*(?:\s?%)?|[^\W\d_]+[\w]*_\w+)"
    rf"|(?P<word>{WORD})"
    r"|(?P<break>\n[ \t]*(?:\n|[-*+>#|]|\d+[.)])\s*)"
    r"|(?P<space>\s+)|(?P<mark>\.{2,}|…|.)",
    re.S,
)
ABBREVIATIONS = word_set(
    """e.g i.e etc vs mr mrs ms dr prof st fig eq no cf al approx p pp sr sra dra ej pág núm aprox ee uu"""
)


@dataclass
class Token:
    """A piece of text. `low` is how rules see it: small letters, straight apostrophes."""

    text: str
    start: int
    end: int
    kind: str  # word, held (a placeholder, a number, code), mark
    gap: bool  # whether white space stands before it
    low: str = ""
    fixed: str = ""  # how it is spelled, where that is not how it is written
    tag: str = ""
    facts: dict = field(default_factory=dict)

    @property
    def capital(self) -> bool:
        return HELD.sub(r"\1", self.text)[:1].isupper()


def sentences(text: str) -> Iterator[list[Token]]:
    """The tokens of each sentence, in order."""
    found: list[Token] = []
    gap = False
    for piece in PIECES.finditer(text):
        kind = str(piece.lastgroup)
        if kind == "space":
            gap = True
            continue
        if kind == "break":
            if found:
                yield found
            found, gap = [], False
            continue
        if found and gap and _ends(found) and not (piece[0][0].islower() and _unsure(found)):
            yield found
            found = []
        low = HELD.sub(r"\1", piece[0]).lower().replace("’", "'")
        found.append(Token(piece[0], piece.start(), piece.end(), kind, gap, low))
        gap = False
    if found:
        yield found


def _ends(tokens: list[Token]) -> bool:
    """Whether a sentence may end here."""
    last = tokens[-1]
    if last.text in {'"', "”", "»", ")", "*", "_", "'", "’"} and len(tokens) > 1:
        return _ends(tokens[:-1])
    if last.text not in {".", "!", "?", "…", "..."}:
        return False
    return not (last.text == "." and len(tokens) > 1 and tokens[-2].low in ABBREVIATIONS)


def _unsure(tokens: list[Token]) -> bool:
    """An end that a small letter may follow: an ellipsis, a question in quotation marks, a short word and a point."""
    return tokens[-1].text != "." or len(tokens) < 2 or len(tokens[-2].text) < 3
