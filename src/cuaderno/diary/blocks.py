"""A Markdown text as the blocks that a translator works on: paragraphs, list items, headings, tables, fences."""

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

LEAVES = {
    "paragraph_open": "paragraph",
    "heading_open": "heading",
    "table_open": "table",
    "fence": "fence",
    "colon_fence": "fence",
    "code_block": "code",
    "html_block": "html",
    "math_block": "formula",
    "math_block_label": "formula",
    "hr": "rule",
}
INSIDE = {"list_item_open": "item", "blockquote_open": "quote", "footnote_reference_open": "footnote"}
MARKER = re.compile(
    r"(?:[ \t]*(?:>[ \t]?|[-*+][ \t]+|\d{1,9}[.)][ \t]+|\[\^[^\]\s]+\]:[ \t]*))*"
    r"(?:[ \t]*\[[ xX]\][ \t]+|[ \t]*#{1,6}[ \t]+)?"
)


@dataclass(frozen=True)
class Block:
    """Lines `start` to `end` (not included) of a body. `kind` tells its place too: an item of a list, a quote."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def digest(self) -> str:
        return text_digest(self.text)

    @property
    def marker(self) -> str:
        """What stands before the words: `- [ ] `, `## `, `> `; nothing in most blocks."""
        return marker(self.text) if self.kind not in ("fence", "code", "html", "formula", "table") else ""

    @property
    def words(self) -> str:
        """The text without its marker, on one line."""
        return " ".join(self.text[len(self.marker) :].split())


def marker(text: str) -> str:
    found = MARKER.match(text)
    return found[0] if found else ""


def text_digest(text: str) -> str:
    """A mark that survives wrapping lines anew, but not in code."""
    fenced = re.match(r"\s*(```|~~~)", text)
    same = "\n".join(line.rstrip() for line in text.splitlines()) if fenced else " ".join(text.split())
    return hashlib.blake2b(same.encode(errors="replace"), digest_size=8).hexdigest()


def normal(text: str) -> str:
    """The text with the line ends that Markdown counts by."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def blocks(body: str) -> list[Block]:
    """Every line that says something, in blocks, in their order."""
    lines = normal(body).split("\n")
    found: list[Block] = []
    around: list[str] = []
    for token in _parser().parse("\n".join(lines), {}):
        if token.nesting == 1 and token.type in INSIDE:
            around.append(INSIDE[token.type])
        elif token.nesting == -1 and token.type.replace("_close", "_open") in INSIDE:
            around.pop()
        elif token.type in LEAVES and token.map:
            kind = LEAVES[token.type]
            if kind == "paragraph" and around:
                kind = around[-1]
            elif kind == "heading":
                kind += token.tag[1:]
            _add(found, lines, kind, token.map[0], token.map[1])
    _add_rest(found, lines)
    return sorted(found, key=lambda block: block.start)


def _add(found: list[Block], lines: list[str], kind: str, start: int, end: int) -> None:
    start = max([start, *(block.end for block in found[-1:])])
    end = min(end, len(lines))
    while end > start and not lines[end - 1].strip():
        end -= 1
    if end > start:
        found.append(Block(kind, "\n".join(lines[start:end]), start, end))


def _add_rest(found: list[Block], lines: list[str]) -> None:
    """What the parser keeps for itself, as `[name]: address`, and items without words; an empty `>` says nothing."""
    taken = {line for block in found for line in range(block.start, block.end)}
    rest = [index for index, line in enumerate(lines) if line.strip(" \t>") and index not in taken]
    while rest:
        start = end = rest[0]
        while end in rest:
            rest.remove(end)
            end += 1
        found.append(Block("rest", "\n".join(lines[start:end]), start, end))


@lru_cache(maxsize=1)
def _parser() -> Any:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.colon_fence import colon_fence_plugin
    from mdit_py_plugins.dollarmath import dollarmath_plugin
    from mdit_py_plugins.footnote import footnote_plugin

    parser = MarkdownIt("gfm-like", {"html": True, "linkify": False})
    parser.use(footnote_plugin).use(colon_fence_plugin)
    parser.use(dollarmath_plugin, allow_space=False, allow_digits=False, double_inline=True)
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser
