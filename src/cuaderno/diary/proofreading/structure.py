"""The skeleton of a Markdown file: all that a reader gets of it besides its words."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from cuaderno.diary import front_matter
from cuaderno.diary.anchors import PROSE_ROLES
from cuaderno.diary.blocks import normal
from cuaderno.diary.proofreading.passages import DIRECTIVE, FIELDS, OPTION, PROSE_DIRECTIVES

WHOLE = ("code_inline", "html_inline", "math_inline", "math_inline_double", "html_block", "code_block", "math_block")


def skeleton(text: str) -> list[Any]:
    """Blocks, marks, addresses, code, formulas, HTML and front matter in their order, without the words.

    Two texts with the same skeleton differ in words only.
    """
    text = normal(text)
    head, start = front_matter.split(text)
    return [_fields(head), *_of_body(text[start:])]


def _fields(head: str) -> Any:
    """The front matter without the words of title and description."""
    import yaml

    try:
        found = yaml.load(head, yaml.BaseLoader) if head.strip() else {}
    except yaml.YAMLError:
        return head
    if not isinstance(found, dict):
        return head
    return [(name, type(value).__name__ if name in FIELDS else value) for name, value in found.items()]


def _of_body(body: str) -> Iterator[Any]:
    for token in _parser().parse(body, {}):
        if token.type == "inline":
            yield list(_inline(token.children or ()))
        elif token.type in ("fence", "colon_fence"):
            yield from _fence(token)
        else:
            content = token.content if token.type in WHOLE or "math" in token.type else ""
            attributes = {name: value for name, value in token.attrs.items() if name != "id"}
            yield token.type, token.tag, token.hidden, token.info, content, sorted(attributes.items())


def _fence(token: Any) -> Iterator[Any]:
    """A fence is kept to the letter, but for the words of a note or an aside."""
    lines = token.content.split("\n")
    found = DIRECTIVE.fullmatch(token.markup + token.info.strip())
    if not found or found[2] not in PROSE_DIRECTIVES:
        yield token.type, token.info, token.content
        return
    options = 0
    while options < len(lines) and OPTION.match(lines[options]):
        options += 1
    yield token.type, token.markup, found[2], bool(found[4]), lines[:options]
    yield from _of_body("\n".join(lines[options:]))


def _inline(tokens: Iterable[Any]) -> Iterator[Any]:
    for token in tokens:
        if token.type in ("text", "softbreak", "text_special"):
            continue
        if token.type == "image":
            yield token.type, sorted(token.attrs.items()), list(_inline(token.children or ()))
        elif token.type == "myst_role":
            name = token.meta["name"]
            yield token.type, name, "" if name in PROSE_ROLES else token.content
        else:
            content = token.content if token.type in WHOLE else ""
            yield token.type, token.tag, token.markup, content, sorted(token.attrs.items()), token.meta or {}


@lru_cache(maxsize=1)
def _parser() -> Any:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.colon_fence import colon_fence_plugin
    from mdit_py_plugins.dollarmath import dollarmath_plugin
    from mdit_py_plugins.footnote import footnote_plugin
    from mdit_py_plugins.myst_role import myst_role_plugin

    parser = MarkdownIt("gfm-like", {"html": True, "linkify": False})
    parser.use(footnote_plugin).use(myst_role_plugin).use(colon_fence_plugin)
    return parser.use(dollarmath_plugin, allow_space=False, allow_digits=False, double_inline=True)
