"""The version before the correction: kept beside the post, brought along when the post grows, and compared with it."""

import re
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher

from cuaderno.diary.blocks import Block, blocks, normal
from cuaderno.diary.proofreading.passages import Lines, body_line

ALIKE = 0.4  # share of equal words from which two blocks count as one, before and after
MOST_PAIRS = 40_000  # blocks of one side times those of the other that are compared word by word


def pair(ours: Sequence[Block], theirs: Sequence[Block]) -> list[tuple[int | None, int | None]]:
    """Positions on both sides, in order: each block once, with its partner or alone."""
    matcher = SequenceMatcher(None, [one.digest for one in ours], [one.digest for one in theirs], autojunk=False)
    found: list[tuple[int | None, int | None]] = []
    for tag, start, end, other, other_end in matcher.get_opcodes():
        if tag == "equal":
            found += zip(range(start, end), range(other, other_end), strict=True)
        else:
            found += _alike(ours, theirs, range(start, end), range(other, other_end))
    return found


def _alike(ours: Sequence[Block], theirs: Sequence[Block], left: range, right: range) -> list:
    """The pairs in order that have most words in common."""
    if len(left) * len(right) > MOST_PAIRS:
        return [*((one, None) for one in left), *((None, one) for one in right)]
    share = [[_share(ours[one], theirs[two]) for two in right] for one in left]
    best = [[0.0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for i in range(len(left) - 1, -1, -1):
        for j in range(len(right) - 1, -1, -1):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], best[i + 1][j + 1] + share[i][j])
    found: list[tuple[int | None, int | None]] = []
    i = j = 0
    while i < len(left) or j < len(right):
        if i < len(left) and j < len(right) and share[i][j] and best[i][j] == best[i + 1][j + 1] + share[i][j]:
            found.append((left[i], right[j]))
            i, j = i + 1, j + 1
        elif i < len(left) and (j == len(right) or best[i][j] == best[i + 1][j]):
            found.append((left[i], None))
            i += 1
        else:
            found.append((None, right[j]))
            j += 1
    return found


def _share(one: Block, two: Block) -> float:
    if one.kind != two.kind:
        return 0.0
    if one.kind in ("fence", "code", "html", "formula", "rule", "rest", "table") and _first(one) == _first(two):
        return 0.5
    some, others = (Counter(re.findall(r"\w+", block.text.casefold())) for block in (one, two))
    letters = Counter(one.text), Counter(two.text)
    size = sum(some.values()) + sum(others.values())
    share = 2 * sum((some & others).values()) / max(1, size)
    if size <= 12:  # a heading of three words with two mistakes in it
        share = max(share, 2 * sum((letters[0] & letters[1]).values()) / max(1, len(one.text) + len(two.text)) - 0.3)
    return share if share >= ALIKE else 0.0


def _first(block: Block) -> str:
    return block.text.strip().partition("\n")[0]


def brought_along(original: str, current: str) -> str:
    """The first version with the blocks that were written since: they are about to be corrected too.

    Nothing of the first version is ever taken away or changed.
    """
    ours, theirs = Lines(original), Lines(current)
    first, other_first = body_line(ours), body_line(theirs)
    old = blocks("\n".join(ours.normal.split("\n")[first:]))
    new = blocks("\n".join(theirs.normal.split("\n")[other_first:]))
    end = "\r\n" if original.count("\r\n") * 2 > original.count("\n") else "\n"
    after: dict[int, list[str]] = {}  # at the character of the first version behind which they stand
    top = place = ours.starts[first] if first < len(ours) else len(original)
    for one, two in pair(old, new):
        if one is not None:
            place = ours.end(first + old[one].end - 1)
        elif two is not None:
            after.setdefault(place, []).append(_apart(new, two, end))
    parts, at = [], 0
    for place, added in sorted(after.items()):
        rest = original[place:]
        parts += [original[at:place], *added]
        close = added[-1].startswith(end * 2) and rest.strip() and not re.match(r"(?:[ \t]*(?:\r\n|\n|\r)){2}", rest)
        parts.append(end * 2 if place == top and rest.strip() else end if close or not rest else "")
        at = place
    return "".join(parts) + original[at:]


def _apart(found: Sequence[Block], index: int, end: str) -> str:
    """A block with the line ends that part it from the one before it."""
    block = found[index]
    tight = index > 0 and found[index - 1].end == block.start and found[index - 1].kind == block.kind == "item"
    return end * (1 if tight else 2) + normal(block.text).replace("\n", end)
