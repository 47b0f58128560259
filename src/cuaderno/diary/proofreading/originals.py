"""The version before the correction: kept beside the post, brought along when the post grows, and compared with it."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from cuaderno.diary.blocks import Block, blocks, normal
from cuaderno.diary.posts import MARKS, ROLE
from cuaderno.diary.proofreading.passages import DIRECTIVE, FLOWING, PROSE_DIRECTIVES, Lines, body_line, words_of
from cuaderno.diary.proofreading.protection import BREAK, NAME, OPEN, View, protect

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

    Nothing of the first version is ever taken away or changed. A paragraph that was written anew is there once, as it
    was first.
    """
    ours, theirs = Lines(original), Lines(current)
    first, other_first = body_line(ours), body_line(theirs)
    old = blocks("\n".join(ours.normal.split("\n")[first:]))
    new = blocks("\n".join(theirs.normal.split("\n")[other_first:]))
    end = "\r\n" if original.count("\r\n") * 2 > original.count("\n") else "\n"
    after: dict[int, list[str]] = {}  # at the character of the first version behind which they stand
    top = place = ours.starts[first] if first < len(ours) else len(original)
    for one, two in _rewritten(pair(old, new), old, new):
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


def _rewritten(
    pairs: Sequence[tuple[int | None, int | None]], old: Sequence[Block], new: Sequence[Block]
) -> list[tuple[int | None, int | None]]:
    """The pairs, with blocks without a partner that stand in the same gap, and are of one kind, put together.

    What was written before such a pair stays before it, so that bringing along once more finds the same pairs.
    """
    found: list[tuple[int | None, int | None]] = []
    gone: list[int] = []
    come: list[int] = []
    for one, two in [*pairs, (-1, -1)]:
        if one is None and two is not None:
            come.append(two)
        elif two is None and one is not None:
            gone.append(one)
        else:
            found += [*_gap(gone, come, old, new), (one, two)]
            gone, come = [], []
    return found[:-1]


def _gap(
    gone: Sequence[int], come: Sequence[int], old: Sequence[Block], new: Sequence[Block]
) -> Iterator[tuple[int | None, int | None]]:
    """What went and what came between two pairs; a block that was written anew is there once, as it was first."""
    partner: dict[int, int] = {}
    at = 0
    for two in come:
        fit = next((place for place in range(at, len(gone)) if old[gone[place]].kind == new[two].kind), None)
        if fit is not None:
            partner[two], at = gone[fit], fit + 1
    at = 0
    for number, two in enumerate(come):
        following = next((partner[other] for other in come[number:] if other in partner), None)
        while at < len(gone) and (following is None or gone[at] < following):
            yield gone[at], None
            at += 1
        if two not in partner:
            yield None, two
    yield from ((one, None) for one in gone[at:])


def _apart(found: Sequence[Block], index: int, end: str) -> str:
    """A block with the line ends that part it from the one before it."""
    block = found[index]
    tight = index > 0 and found[index - 1].end == block.start and found[index - 1].kind == block.kind == "item"
    return end * (1 if tight else 2) + normal(block.text).replace("\n", end)


# -- side by side ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Marks:
    """Four signs that neither text has: where what was taken out and what was put in begin and end."""

    out: str
    out_end: str
    into: str
    into_end: str

    @classmethod
    def for_texts(cls, *texts: str) -> "Marks":
        taken = set("".join(texts))
        free = [chr(code) for code in range(0xE000, 0xF8FF) if chr(code) not in taken]
        return cls(*free[:4])

    def html(self, html: str) -> str:
        """The marks as `del` and `ins`; in the attributes of a tag they say nothing."""
        html = re.sub(r"<[^>]*>", lambda tag: tag[0].translate(dict.fromkeys(map(ord, self))), html)
        for sign, tag in zip(self, ("<del>", "</del>", "<ins>", "</ins>"), strict=True):
            html = html.replace(sign, tag)
        return html

    def __iter__(self) -> Iterator[str]:
        return iter((self.out, self.out_end, self.into, self.into_end))


def compared(original: str, current: str, marks: Marks) -> str:
    """The body of a post as Markdown, with what the correction took out and put in between marks.

    What has no words (code, formulas, HTML) stands as it is now. The form of the Markdown is that of the current text.
    """
    lines = normal(current).split("\n")
    old, new = blocks(original), blocks(current)
    texts: dict[int, str] = {}
    gone: dict[int, list[Block]] = {}  # by the new block behind which they stood; -1 at the top
    last = -1
    for one, two in pair(old, new):
        if two is None:
            assert one is not None
            gone.setdefault(last, []).append(old[one])
        else:
            last = two
            texts[two] = _beside(old[one] if one is not None else None, new[two], marks)
    parts: list[str] = []
    at = 0
    for index in range(-1, len(new)):
        if index >= 0:
            parts += [*lines[at : new[index].start], texts[index]]
            at = new[index].end
        following = new[index + 1] if index + 1 < len(new) else None
        for block in gone.get(index, ()):
            parts += _gone(block, new[index] if index >= 0 else None, following, marks)
    return "\n".join([*parts, *lines[at:]])


def words_compared(old: str, new: str, marks: Marks) -> str:
    """Two plain texts in one."""
    return _woven(re.findall(r"\s+|\w+|[^\w\s]", old), re.findall(r"\s+|\w+|[^\w\s]", new), marks)


def _beside(old: Block | None, new: Block, marks: Marks) -> str:
    """A block of the current text with what it said first."""
    if old is not None and old.text == new.text:
        return new.text
    if new.kind == "table":
        return (old and _inline(old.text, new.text, "table", marks)) or new.text
    if new.kind == "fence":
        return (old and _directive(old.text, new.text, marks)) or new.text
    if not _has_words(new):
        return new.text
    start, end = words_of(new)
    words = new.text[start:end]
    if old is None:
        said = f"{marks.into}{words}{marks.into_end}"
    else:
        kind = "quote" if ">" in new.marker else ""
        before = old.text[slice(*words_of(old))]
        said = _inline(before, words, kind, marks) or (
            f"{marks.out}{_plain(old)}{marks.out_end} {marks.into}{words}{marks.into_end}"
        )
    return new.text[:start] + said + new.text[end:]


def _has_words(block: Block) -> bool:
    return block.kind in FLOWING or block.kind.startswith("heading")


def _inline(old: str, new: str, kind: str, marks: Marks) -> str | None:
    """Both texts in one, when all that is protected is the same in both; None when it is not."""
    ours, theirs = protect(old, kind=kind), protect(new, kind=kind)
    if ours.kept != theirs.kept:
        return None
    parts = []
    for (some, kept), (others, same) in zip(_segments(ours), _segments(theirs), strict=True):
        assert bool(kept) == bool(same)
        parts += [_woven(some, others, marks), same]
    return "".join(parts)


def _segments(view: View) -> Iterator[tuple[list[str], str]]:
    """The words between two protected things, and the second of these."""
    words: list[str] = []
    for piece in view.pieces:
        if piece.kind in (*OPEN, NAME):
            words += [piece.raw] if piece.kind == BREAK else re.findall(r"\s+|\w+(?:['’]\w+)*|[^\w\s]", piece.raw)
        else:
            yield words, piece.raw
            words = []
    yield words, ""


def _woven(old: list[str], new: list[str], marks: Marks) -> str:
    matcher = SequenceMatcher(None, [_same(one) for one in old], [_same(one) for one in new], autojunk=False)
    parts = []
    for tag, start, end, other, other_end in _joined(matcher.get_opcodes(), old):
        if tag == "equal":
            parts += new[other:other_end]
            continue
        out, into = re.sub(r"\s*\n[\s>]*", " ", "".join(old[start:end])), "".join(new[other:other_end])
        kept = into or out
        parts.append(kept[: len(kept) - len(kept.lstrip())])
        parts += [f"{marks.out}{out.strip()}{marks.out_end}"] if out.strip() else []
        parts += [f"{marks.into}{into.strip()}{marks.into_end}"] if into.strip() else []
        parts.append(kept[len(kept.rstrip()) :] if kept.strip() else "")
    return "".join(parts)


def _same(token: str) -> str:
    return " " if token.isspace() else token


def _joined(codes: Sequence, old: Sequence[str]) -> list[tuple[str, int, int, int, int]]:
    """Changes that only a space parts are one: `for living` → `in life` is easier to read than two words twice."""
    found: list[tuple[str, int, int, int, int]] = []
    for index, (tag, start, end, other, other_end) in enumerate(codes):
        is_space = tag == "equal" and 0 < index < len(codes) - 1 and all(one.isspace() for one in old[start:end])
        if found and found[-1][0] != "equal" and (tag != "equal" or is_space):
            found[-1] = ("replace", found[-1][1], end, found[-1][3], other_end)
        else:
            found.append((tag, start, end, other, other_end))
    return found


def _directive(old: str, new: str, marks: Marks) -> str | None:
    """A note or an aside with what it said first; None for a fence of another kind, or with another head."""
    (head, _, body), (other, _, rest) = (text.partition("\n") for text in (old, new))
    one, two = DIRECTIVE.fullmatch(head.rstrip()), DIRECTIVE.fullmatch(other.rstrip())
    if not one or not two or two[2] not in PROSE_DIRECTIVES or (one[1], one[2]) != (two[1], two[2]):
        return None
    close = rest.rpartition("\n")
    inside = close[0] if close[2].strip() and set(close[2].strip()) == {two[1][0]} else rest
    end = rest[len(inside) :]
    before = body.rpartition("\n")[0] if end and body.rstrip().endswith(two[1]) else body
    title = words_compared(one[4], two[4], marks)
    return f"{two[1]}{{{two[2]}}}{two[3]}{title}\n{compared(before, inside, marks)}{end}"


def _gone(block: Block, before: Block | None, after: Block | None, marks: Marks) -> list[str]:
    """The lines for a block that is not there any more: its words, without their form."""
    words = _plain(block)
    if not words or not (_has_words(block) or block.kind == "table"):
        return []
    said = f"{marks.out}{words}{marks.out_end}"
    in_list = block.kind == "item" and any(near is not None and near.kind == "item" for near in (before, after))
    return [block.marker + said] if in_list else ["", said, ""]


def _plain(block: Block) -> str:
    """The words of a block in such a way that Markdown finds nothing in them."""
    words = " ".join(MARKS.sub("", ROLE.sub("…", block.words)).split())
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", words)
