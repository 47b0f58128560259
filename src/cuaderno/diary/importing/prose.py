"""The words of a Markdown text, apart from the code in it."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

BREAK = r"\n[ \t>]*(?:\n|```|~~~|:::|#|[-*+>|]|\d+[.)])"  # where another block begins, and no span goes on
EDGE = "\ue001"  # stands for a while on both sides of what became code
SPAN = re.compile(rf"{EDGE}[^{EDGE}]*{EDGE}|(?:(?<![`\\])|(?<=\\`))(`+)(?!`)(?:(?!{BREAK}).)+?(?<!`)\1(?!`)", re.S)
PROSE, CODE, BLOCK, FENCE = "prose", "code", "block", "fence"


def stretches(text: str) -> Iterator[tuple[str, str]]:
    """The text in pieces, each with its kind: prose, code in a line, a block of code, a block between fences."""
    at = 0
    for kind, start, end in _blocks(text):
        yield from _spans(text[at:start])
        yield kind, text[start:end]
        at = end
    yield from _spans(text[at:])


def _spans(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    for found in SPAN.finditer(text):
        yield PROSE, text[at : found.start()]
        yield CODE, found[0]
        at = found.end()
    yield PROSE, text[at:]


@lru_cache(maxsize=32)
def _blocks(text: str) -> list[tuple[str, int, int]]:
    """Kind, beginning and end of every block of code."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    found = []
    for token in _parser().parse(text, {}):
        if token.type not in ("fence", "code_block", "colon_fence") or not token.map:
            continue
        start, end = (min(starts[line], len(text)) for line in token.map)
        if token.type != "colon_fence":
            found.append((FENCE if token.type == "fence" else BLOCK, start, end))
        elif token.level == 0:  # what is in a box is a text of its own
            inside = min(starts[token.map[0] + 1], len(text))
            found += [(kind, inside + first, inside + last) for kind, first, last in _blocks(_within(text[inside:end]))]
    return found


def _within(box: str) -> str:
    """The lines of a box without the one that closes it."""
    before, _, last = box.rstrip("\n").rpartition("\n")
    return before if last.lstrip().startswith(":::") else box


@lru_cache(maxsize=1)
def _parser() -> Any:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.colon_fence import colon_fence_plugin

    parser = MarkdownIt("commonmark").enable("table").use(colon_fence_plugin)
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """The text with every stretch that is no code changed."""
    return "".join(change(part) if kind == PROSE else part for kind, part in stretches(text))


def outside_fences(text: str, change: Callable[[str], str]) -> str:
    """The same, but what is not between fences is changed in one piece, code in it too."""
    parts, at = [], 0
    for kind, start, end in _blocks(text):
        if kind == FENCE:
            parts += [change(text[at:start]), text[start:end]]
            at = end
    return "".join([*parts, change(text[at:])])


def in_fences(text: str, change: Callable[[str], str]) -> str:
    """The text with every block between fences changed."""
    return "".join(change(part) if kind == FENCE else part for kind, part in stretches(text))


def before_ticks(text: str, change: Callable[[str], str]) -> str:
    """The text with every stretch of prose changed, each with the backtick that it stands before."""
    pieces, changed = list(stretches(text)), []
    for (kind, part), (following, _) in zip(pieces, [*pieces[1:], ("", "")], strict=True):
        ticked = kind == PROSE and following == CODE
        changed.append(change(part + "`")[:-1] if ticked else change(part) if kind == PROSE else part)
    return "".join(changed)


def as_code(text: str) -> str:
    """A text that is shown as it stands: a block of code, or a span that gets its ticks when all is `settled`."""
    if re.search(BREAK, text) or text.count("\n") > 2:
        return f"\n\n{fenced(text)}\n"
    return f"{EDGE}{text}{EDGE}"


def settled(text: str) -> str:
    """The finished text: what became code between ticks that nothing else can join."""
    if EDGE not in text:
        return text
    loose = {len(run) for kind, part in stretches(text) if kind == PROSE for run in re.findall(r"`+", part)}
    text = re.sub(f"{EDGE}([^{EDGE}]*){EDGE}", lambda found: EDGE + _ticked(found[1], loose) + EDGE, text)
    return re.sub(f"(?<=[`\\\\]){EDGE}+(?=`)", " ", text).replace(EDGE, "")


def _ticked(code: str, loose: set[int]) -> str:
    taken, count = loose | {len(run) for run in re.findall(r"`+", code)}, 1
    while count in taken:
        count += 1
    inside = f" {code} " if code.startswith("`") or code.endswith("`") else code
    return "`" * count + inside + "`" * count


def fenced(code: str, language: str = "") -> str:
    """A block of code, whatever is in it."""
    longest = max((len(run) for run in re.findall(r"`{3,}", code)), default=2)
    ticks = "`" * max(3, longest + 1)
    return f"{ticks}{language}\n{code.rstrip(chr(10))}\n{ticks}\n"
