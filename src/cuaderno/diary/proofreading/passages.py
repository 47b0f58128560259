"""The passages of a post's file that can be corrected, each with its place: all between them stays byte for byte."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cuaderno.diary import front_matter
from cuaderno.diary.blocks import Block, blocks, marker

FLOWING = ("paragraph", "item", "quote", "footnote")
DIRECTIVE = re.compile(r"(`{3,}|:{3,}|~{3,})\{([\w-]+)\}([ \t]*)(.*)")
PROSE_DIRECTIVES = ("note", "aside")
OPTION = re.compile(r":[\w-]+:")
LINE = re.compile(r"\r\n|\r|\n")
FIELDS = ("title", "description")
STYLES = {'"': "double", "'": "single", ">": "block", "|": "block", None: "plain", "": "plain"}


@dataclass(frozen=True)
class Passage:
    """Characters `start` to `end` (not included) of a file. `kind` is that of its block, `title` or `description`.

    `style` tells how YAML quotes it, for a field of the front matter; `twin` is the heading that repeats a title.
    """

    number: int
    kind: str
    line: int
    start: int
    end: int
    text: str
    style: str = ""
    twin: tuple[int, int] | None = None


@dataclass(frozen=True)
class Place:
    """A passage that has no number yet."""

    start: int
    end: int
    kind: str
    style: str = ""
    twin: tuple[int, int] | None = None


class Lines:
    """A text by its lines, whatever ends them, and where each begins."""

    def __init__(self, text: str):
        self.text = text
        self.starts = [0, *(found.end() for found in LINE.finditer(text))]
        self.normal = LINE.sub("\n", text)

    def __len__(self) -> int:
        return len(self.starts)

    def end(self, line: int) -> int:
        """Where a line ends, without what ends it."""
        stop = self.starts[line + 1] if line + 1 < len(self.starts) else len(self.text)
        found = LINE.search(self.text, self.starts[line], stop)
        return found.start() if found else stop

    def line(self, place: int) -> int:
        """The line of a character, counted from 1."""
        return bisect_right(self.starts, place)


def read_passages(text: str) -> list[Passage]:
    """Every passage of a file in its order: title, description, and the blocks that are words."""
    mark = len(text) - len(text.removeprefix("\ufeff"))
    lines = Lines(text[mark:])
    body = body_line(lines)
    places = sorted([*_fields(lines, body), *_of_body(lines, body, len(lines))], key=lambda place: place.start)
    passages = []
    for number, place in enumerate(places, 1):
        start, end = place.start + mark, place.end + mark
        twin = (place.twin[0] + mark, place.twin[1] + mark) if place.twin else None
        line = lines.line(place.start)
        passages.append(Passage(number, place.kind, line, start, end, text[start:end], place.style, twin))
    return passages


def body_line(lines: Lines) -> int:
    """The number of lines that the front matter takes."""
    _, start = front_matter.split(lines.normal)
    return lines.normal.count("\n", 0, start)


# -- the front matter --------------------------------------------------------------------------------------------------


def _fields(lines: Lines, body: int) -> Iterator[Place]:
    """Title and description, where YAML has them as one plain text."""
    head, _ = front_matter.split(lines.normal)
    if not head.strip():
        return
    offset = lines.normal.index(head, 1)
    raw = _places_in(lines)
    heading = _heading(lines, body)
    for name, node in _scalars(head):
        if name not in FIELDS or node.style not in STYLES or not node.value.strip():
            continue
        inside = _inside(head, node)
        if inside is None:
            continue
        start, end = raw[offset + inside[0]], raw[offset + inside[1]]
        twin = heading if name == "title" and heading and _squashed(lines, heading) == _words(node.value) else None
        yield Place(start, end, name, STYLES[node.style], twin)


def _scalars(head: str) -> Iterator[tuple[str, Any]]:
    import yaml

    try:
        node = yaml.compose(head, yaml.SafeLoader)
    except yaml.YAMLError:
        return
    for key, value in getattr(node, "value", ()) if isinstance(node, yaml.MappingNode) else ():
        if isinstance(value, yaml.ScalarNode) and isinstance(key, yaml.ScalarNode):
            yield key.value, value


def _inside(head: str, node: Any) -> tuple[int, int] | None:
    """The words of a scalar, without quotes and indicators; None when it has empty lines."""
    start, end = node.start_mark.index, node.end_mark.index
    text = head[start:end]
    if text[:1] in ("&", "*", "!"):
        return None
    if node.style in ("'", '"'):
        start, end = start + 1, end - 1
    elif node.style in (">", "|"):
        first = text.find("\n")
        if first < 0:
            return None
        start += first + 1
    text = head[start:end]
    start, end = start + len(text) - len(text.lstrip()), end - len(text) + len(text.rstrip())
    return None if start >= end or re.search(r"\n[ \t]*\n", head[start:end]) else (start, end)


def _heading(lines: Lines, body: int) -> tuple[int, int] | None:
    """The words of a `# Title` at the top of the body."""
    rest = "\n".join(lines.normal.split("\n")[body:])
    found = front_matter.TITLE.match(rest)
    if not found:
        return None
    line = body + rest.count("\n", 0, found.start(1))
    start = lines.starts[line] + found.start(1) - (rest.rfind("\n", 0, found.start(1)) + 1)
    return start, start + len(found[1])


def _squashed(lines: Lines, place: tuple[int, int]) -> str:
    return _words(lines.text[slice(*place)])


def _words(text: str) -> str:
    return " ".join(text.split())


def _places_in(lines: Lines) -> list[int]:
    """For each character of the text with plain line ends, its place in the text itself."""
    places: list[int] = []
    place = 0
    for found in LINE.finditer(lines.text):
        places += range(place, found.start() + 1)
        place = found.end()
    return [*places, *range(place, len(lines.text) + 1)]


# -- the body ----------------------------------------------------------------------------------------------------------


def _of_body(lines: Lines, first: int, last: int) -> Iterator[Place]:
    """The passages of some lines, of which `first` is the first one."""
    inside = lines.normal.split("\n")[first:last]
    twin = _heading(lines, first) if first == body_line(lines) else None
    title = next(
        (_words(node.value) for name, node in _scalars(front_matter.split(lines.normal)[0]) if name == "title"), ""
    )
    for block in blocks("\n".join(inside)):
        start, end = first + block.start, first + block.end
        if twin and lines.starts[start] <= twin[0] < lines.end(end - 1) and _squashed(lines, twin) == title:
            continue  # it is corrected together with the title that it repeats
        if block.kind in FLOWING or block.kind.startswith("heading"):
            yield from _flowing(lines, block, start, end)
        elif block.kind == "table":
            yield Place(lines.starts[start], lines.end(end - 1), "table")
        elif block.kind == "fence":
            yield from _of_directive(lines, start, end)


def _flowing(lines: Lines, block: Block, start: int, end: int) -> Iterator[Place]:
    left, right = words_of(block)
    if right > left:
        left, right = _in_file(lines, start, block, left), _in_file(lines, start, block, right)
        yield Place(left, right, "quote" if ">" in marker(block.text) else block.kind)


def words_of(block: Block) -> tuple[int, int]:
    """Where the words of a paragraph, item, quote or heading begin and end in its text."""
    text = block.text
    if block.kind.startswith("heading"):
        if "\n" in text:
            text = text.rpartition("\n")[0]  # without the line of dashes below
        text = re.sub(r"(?:^|[ \t]+)#+[ \t]*\Z", "", text) if marker(text).strip() else text
    left = len(marker(block.text))
    inside = text[left:]
    left += len(inside) - len(inside.lstrip())
    return left, max(left, left + len(inside.strip()))


def _in_file(lines: Lines, start: int, block: Block, place: int) -> int:
    """Where a character of a block lies in the file, of which the block begins in line `start`."""
    before = block.text[:place]
    return lines.starts[start + before.count("\n")] + place - (before.rfind("\n") + 1)


def _of_directive(lines: Lines, start: int, end: int) -> Iterator[Place]:
    """The words of a note or an aside: its title and the blocks in it."""
    head = lines.text[lines.starts[start] : lines.end(start)]
    found = DIRECTIVE.fullmatch(head.rstrip())
    if not found or found[2] not in PROSE_DIRECTIVES:
        return
    if found[4]:
        left = lines.starts[start] + found.start(4)
        yield Place(left, left + len(found[4]), "note")
    inside = lines.normal.split("\n")
    first, last = start + 1, end
    while first < last and OPTION.match(inside[first]):
        first += 1
    if last > first and re.fullmatch(rf"{re.escape(found[1][0])}{{{len(found[1])},}}[ \t]*", inside[last - 1]):
        last -= 1
    if first < last:
        yield from _of_body(lines, first, last)
