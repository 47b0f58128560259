"""Markdown to HTML: GitHub's flavour, footnotes, formulas as MathML, highlighted code, roles and directives."""

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import escape
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.myst_role import myst_role_plugin

from cuaderno.lab.errors import CuadernoError

DIRECTIVE = re.compile(r"\{([\w-]+)\}\s*(.*)")
OPTION = re.compile(r":([\w-]+):[ \t]*(.*)")
TASK = re.compile(r"\[([ xX])\]\s+")
OBJECTIVE = "objective"  # the role that binds a task to the journey


@dataclass
class Directive:
    """```` ```{name} argument ```` with its `:option: value` lines and the text below them."""

    name: str
    argument: str
    options: dict[str, str]
    body: str
    line: int


@dataclass(frozen=True)
class Lent:
    """Which lines of a text were lent by its source in another language, and where each line really stands."""

    first: int  # the line that the text's first one counts as
    places: tuple[tuple[Path, int], ...]
    lines: frozenset[int]  # counted as the context counts
    lang: str
    words: dict[str, str]


@dataclass
class Context:
    """The text being printed: where it is, in which language, and what to do with the things only the site knows."""

    path: Path
    line: int  # of the file, on which the text begins
    lang: str
    words: dict[str, str]
    role: Callable[["Context", str, str], str]
    directive: Callable[["Context", Directive], str]
    link: Callable[["Context", str], str | None]
    image: Callable[["Context", str], dict[str, str]]
    reached: Callable[[str], bool] = lambda name: False  # whether an objective has every mark
    names: dict[str, str] = field(default_factory=dict)
    problems: list[CuadernoError] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)
    count: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    references: dict[str, Any] = field(default_factory=dict)  # the works that were cited, by key
    lent: Lent | None = None

    def lends(self, line: int) -> bool:
        """True where the text is the source's own, in its language."""
        return self.lent is not None and line in self.lent.lines

    def at(self, line: int) -> "Context":
        """This context in the language of a line."""
        return replace(self, lang=self.lent.lang, words=self.lent.words) if self.lent and self.lends(line) else self

    def place(self, line: int) -> str:
        """File and line of a line of the text."""
        if self.lent and 0 <= line - self.lent.first < len(self.lent.places):
            path, line = self.lent.places[line - self.lent.first]
            return f"{path}:{line}"
        return f"{self.path}:{line}"

    def problem(self, line: int, error: CuadernoError) -> str:
        """Note a fault with its place; the build reports all of them together."""
        self.problems.append(CuadernoError(f"{self.place(line)}: {error}"))
        return ""

    def anchor(self, text: str) -> str:
        """An anchor for a heading that the text has not used yet."""
        name = found = re.sub(r"[^\w]+", "-", text.lower()).strip("-") or "section"
        count = 1
        while found in self.anchors:
            count += 1
            found = f"{name}-{count}"
        self.anchors.add(found)
        return found

    def warn(self, line: int, message: str) -> None:
        self.warnings.append(f"{self.place(line)}: {message}")


def render(text: str, context: Context, part: str = "") -> str:
    """The HTML of a Markdown text. Faults are collected in the context; `part` tells texts of one page apart."""
    env = {"context": context} | ({"docId": part} if part else {})  # it goes into the anchors of footnotes
    return _parser().render(text.replace("\0", "\ufffd"), env)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = grammar()
    parser.core.ruler.push("finish", _finish)
    for name, rule in RULES.items():
        parser.add_render_rule(name, rule)
    return parser


def grammar() -> MarkdownIt:
    """What the site understands of Markdown, without the site: for those who only look at the tokens."""
    parser = MarkdownIt("gfm-like", {"html": True, "linkify": True, "highlight": None})
    _teach_autolinks(parser)
    parser.use(footnote_plugin).use(myst_role_plugin).use(colon_fence_plugin)
    parser.use(dollarmath_plugin, allow_space=False, allow_digits=False, double_inline=True)
    return parser


def _teach_autolinks(parser: MarkdownIt) -> None:
    """Link only what GitHub links: addresses with a scheme, `www.` and e-mail. A bare `train.py` stays a file."""
    likely = re.compile(r"(?<!\]\()(?<!<)(?:https?://|\bwww\.)|\w@\w", re.I)
    linkify: Any = parser.linkify
    linkify.set({"fuzzy_link": False, "fuzzy_ip": False})
    linkify.add("www.", {"validate": _www, "normalize": _with_scheme})
    linkify.pretest = lambda text: bool(likely.search(text))


def _www(linkify: Any, text: str, position: int) -> int:
    found = re.match(r"[\w-]+(?:\.[\w-]+)+(?:/[^\s<>]*[^\s<>.,;:!?)'\"*_~])?/?", text[position:])
    return found.end() if found else 0


def _with_scheme(linkify: Any, match: Any) -> None:
    match.url = "http://" + match.url


# -- one walk over the finished tokens ---------------------------------------------------------------------------------


def _finish(state: Any) -> None:
    context: Context = state.env["context"]
    tokens = state.tokens
    for index, token in enumerate(tokens):
        if token.type == "inline":
            line = context.line + (token.map[0] if token.map else 0)
            _finish_inline(token, context, line)
            if index >= 2 and tokens[index - 2].type == "list_item_open":
                _finish_task(tokens[index - 2], token, context, line)
            if context.lends(line):
                _finish_lent(tokens[index - 1], token, context)
        elif token.type == "heading_open":
            _finish_heading(token, tokens[index + 1], context)


def _finish_lent(opening: Token, inline: Token, context: Context) -> None:
    """Say in which language a paragraph is that the source lent."""
    lang = context.lent.lang if context.lent else context.lang
    if opening.type in ("paragraph_open", "heading_open") and not opening.hidden:
        opening.attrs["lang"] = lang
        opening.attrJoin("class", "lent")
    else:
        before = Token("html_inline", "", 0, content=f'<span class="lent" lang="{lang}">')
        after = Token("html_inline", "", 0, content="</span>")
        children = inline.children or []
        box = 1 if children and children[0].content.startswith("<input ") else 0  # its place in the list is its own
        inline.children = [*children[:box], before, *children[box:], after]


def _finish_inline(inline: Token, context: Context, line: int) -> None:
    dead: list[bool] = []
    for token in inline.children or ():
        if token.type in ("softbreak", "hardbreak"):
            line += 1
        elif token.type == "link_open":
            dead.append(_finish_link(token, context, line))
        elif token.type == "link_close" and dead.pop():
            token.tag = "span"
        elif token.type == "image":
            _finish_image(token, context, line)
        elif token.type == "myst_role":
            token.meta["line"] = line
            line += token.content.count("\n")
        elif token.type == "math_inline":
            token.meta["line"] = line


def _finish_link(token: Token, context: Context, line: int) -> bool:
    href = str(token.attrs.get("href", ""))
    try:
        address = context.link(context, href) if href else None
    except CuadernoError as error:
        context.problem(line, error)
        address = href
    if address is None:
        context.warn(line, f"a link leads nowhere and is shown as text: ({href})")
        token.tag, token.attrs = "span", {"class": "unlinked"}
        return True
    token.attrs["href"] = address
    return False


def _finish_image(token: Token, context: Context, line: int) -> None:
    try:
        token.attrs |= context.image(context, str(token.attrs.get("src", "")))
    except CuadernoError as error:
        context.problem(line, error)


def _finish_task(item: Token, inline: Token, context: Context, line: int) -> None:
    first = inline.children[0] if inline.children else None
    found = TASK.match(first.content) if first is not None and first.type == "text" else None
    if first is None or found is None:
        return
    done = _is_done(found[1] != " ", inline, context, line)
    first.content = first.content[found.end() :]
    item.attrJoin("class", "task done" if done else "task")
    checked = " checked" if done else ""
    label = escape(context.words["done" if done else "to_do"])
    box = Token("html_inline", "", 0, content=f'<input type="checkbox" disabled{checked} aria-label="{label}"> ')
    inline.children = [box, *(inline.children or ())]


def _is_done(typed: bool, inline: Token, context: Context, line: int) -> bool:
    """Whether a box is ticked: as typed, or where the task names an objective, as the journey says."""
    bound = [one.content for one in inline.children or () if one.type == "myst_role" and one.meta["name"] == OBJECTIVE]
    if not bound:
        return typed
    try:
        done = all(context.reached(name) for name in bound)
    except CuadernoError:
        return False  # the role itself reports it
    if typed and not done:
        context.warn(line, f"the box is ticked by hand, but the objective '{bound[0]}' lacks marks: it is shown open")
    return done


def _finish_heading(heading: Token, inline: Token, context: Context) -> None:
    text = "".join(child.content for child in inline.children or () if child.type in ("text", "code_inline"))
    anchor = heading.attrs["id"] = context.anchor(text)
    label = escape(context.words["permalink"])
    mark = f' <a class="anchor" data-pagefind-ignore href="#{escape(anchor)}" aria-label="{label}">#</a>'
    inline.children = [*(inline.children or ()), Token("html_inline", "", 0, content=mark)]


# -- how single tokens are printed -------------------------------------------------------------------------------------


def _fence(renderer: RendererHTML, tokens: list[Token], index: int, options: Any, env: dict) -> str:
    token, context = tokens[index], env["context"]
    line = _line(token, context)
    if context.lent is None or not context.lends(line):
        return _plain_fence(token, context)
    inner = replace(context.at(line), lent=replace(context.lent, lines=frozenset()))
    html = _plain_fence(token, inner)
    return f'<div class="lent" lang="{inner.lang}">\n{html}</div>\n' if html else ""


def _plain_fence(token: Token, context: Context) -> str:
    found = DIRECTIVE.match(token.info.strip())
    if found:
        return _directive(token, found, context)
    if token.type == "colon_fence":
        return render(token.content, replace(context, line=_line(token, context) + 1))
    return code_block(token.content, token.info.split()[0] if token.info.strip() else "")


def _directive(token: Token, found: re.Match, context: Context) -> str:
    lines, options = token.content.splitlines(), {}
    while lines and (option := OPTION.match(lines[0].strip())):
        options[option[1]] = option[2].strip()
        del lines[0]
    line = _line(token, context)
    directive = Directive(found[1], found[2].strip(), options, "\n".join(lines), line)
    try:
        return context.directive(context, directive)
    except CuadernoError as error:
        return context.problem(line, error)


def _line(token: Token, context: Context) -> int:
    return context.line + (token.map[0] if token.map else 0)


def _role(renderer: RendererHTML, tokens: list[Token], index: int, options: Any, env: dict) -> str:
    token, context = tokens[index], env["context"]
    try:
        return context.role(context.at(token.meta["line"]), token.meta["name"], token.content)
    except CuadernoError as error:
        return context.problem(token.meta["line"], error)


def _math(renderer: RendererHTML, tokens: list[Token], index: int, options: Any, env: dict) -> str:
    token = tokens[index]
    block = token.type != "math_inline"
    formula = mathml(token.content.strip(), block)
    if formula is None:
        line = token.meta["line"] if "line" in token.meta else _line(token, env["context"])
        env["context"].warn(line, f"this formula could not be read and is shown as text: {token.content.strip()[:60]}")
        formula = f'<code class="math">{escape(token.content)}</code>'
    return f'<div class="math scroll" tabindex="0">{formula}</div>\n' if block else formula


@lru_cache(maxsize=4096)
def mathml(formula: str, block: bool) -> str | None:
    """LaTeX as MathML; None when it cannot be read."""
    from latex2mathml.converter import convert

    try:
        return convert(formula, display="block" if block else "inline")
    except Exception:  # the converter raises whatever its parser stumbles over
        return None


@lru_cache(maxsize=4096)
def code_block(code: str, language: str) -> str:
    """A `<pre>` whose words carry Pygments classes; an unknown language stays plain."""
    body = _highlighted(code, language) if language else None
    name = f' class="language-{escape(language)}"' if language else ""
    return f'<pre tabindex="0"><code{name}>{escape(code) if body is None else body}</code></pre>\n'


def _highlighted(code: str, language: str) -> str | None:
    from pygments.formatters.html import HtmlFormatter
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        return None
    fragments: list[str] = []
    HtmlFormatter(nowrap=True).format(lexer.get_tokens(code), _Sink(fragments))
    return "".join(fragments)


class _Sink:
    """The writing half of a file, over a list."""

    def __init__(self, fragments: list[str]):
        self.write = fragments.append


def _table_open(renderer: RendererHTML, tokens: list[Token], index: int, options: Any, env: dict) -> str:
    return '<div class="scroll" tabindex="0"><table>\n'


def _table_close(renderer: RendererHTML, tokens: list[Token], index: int, options: Any, env: dict) -> str:
    return "</table></div>\n"


def _image(renderer: RendererHTML, tokens: list[Token], index: int, options: Any, env: dict) -> str:
    token = tokens[index]
    token.attrs["alt"] = renderer.renderInlineAsText(token.children or [], options, env)
    return renderer.renderToken(tokens, index, options, env)


RULES = {
    "fence": _fence,
    "colon_fence": _fence,
    "myst_role": _role,
    "math_inline": _math,
    "math_inline_double": _math,
    "math_block": _math,
    "math_block_label": _math,
    "table_open": _table_open,
    "table_close": _table_close,
    "image": _image,
}
