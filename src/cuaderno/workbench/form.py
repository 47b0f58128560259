"""A form drawn from a dataclass of settings: its trailing comments are the help, its lone comments the headings.

A lone comment that is a sentence, with a full stop, is the help of the setting below it.
"""

import ast
import io
import math
import tokenize
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args, get_origin

import streamlit as st

from cuaderno.workbench.words import TEXT

LARGEST = (1 << 53) - 1  # what a browser counts exactly
COLUMNS = 3


@dataclass(frozen=True)
class Setting:
    """One line of a dataclass: what it is called, which type it has, what its comment says, under which heading."""

    name: str
    kind: Any
    default: Any
    help: str = ""
    group: str = ""

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")

    @property
    def choices(self) -> tuple[Any, ...]:
        """All the values that there are, of a Literal; empty for anything else."""
        return get_args(self.kind) if get_origin(self.kind) is Literal else ()


def settings(kind: type, path: Path, told: Mapping[str, str] = MappingProxyType({})) -> list[Setting]:
    """The settings of a dataclass that is written in the file `path`.

    `told` says them in another language, by their names, and headings by `# ` and theirs.
    """
    code = path.read_text(encoding="utf-8")
    comments, alone = _comments(code)
    found: list[Setting] = []
    for field in fields(kind):
        first, last, before = _lines(code, kind.__name__, field.name)
        above = [comments[line] for line in alone if before < line < first]
        heading, *said = above if above and not above[0].endswith((".", ",", ":")) else ["", *above]
        said += [comments[line] for line in range(first, last + 1) if line in comments]
        group = told.get(f"# {heading}", heading) if heading else found[-1].group if found else ""
        default = field.default if field.default is not MISSING else None
        found.append(Setting(field.name, field.type, default, told.get(field.name, " ".join(said)), group))
    return found


def _comments(code: str) -> tuple[dict[int, str], list[int]]:
    """Every comment by its line, and the lines that have nothing else."""
    comments, alone = {}, []
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.COMMENT:
            comments[token.start[0]] = token.string.lstrip("# ").strip()
            if not token.line[: token.start[1]].strip():
                alone.append(token.start[0])
    return comments, alone


def _lines(code: str, kind: str, name: str) -> tuple[int, int, int]:
    """The first and last line of a field, and the last one of what stands before it."""
    for node in ast.parse(code).body:
        if isinstance(node, ast.ClassDef) and node.name == kind:
            before = node.lineno
            for line in node.body:
                if isinstance(line, ast.AnnAssign) and getattr(line.target, "id", "") == name:
                    return line.lineno, line.end_lineno or line.lineno, before
                before = line.end_lineno or line.lineno
    return 0, 0, 0


def ask(found: list[Setting], values: dict[str, Any], key: str, lang: str, columns: int = COLUMNS) -> dict[str, Any]:
    """What a person chooses, beginning with `values`; it is remembered while another page is open."""
    groups: dict[str, list[Setting]] = {}
    for one in found:
        groups.setdefault(one.group, []).append(one)
    chosen = {}
    for group, members in groups.items():
        if group:
            st.html(f'<h2 class="group">{_heading(group, lang)}</h2>')
        for start in range(0, len(members), columns):
            row = st.columns(columns, gap="medium")
            for column, one in zip(row, members[start : start + columns], strict=False):
                with column:
                    chosen[one.name] = _widget(one, values[one.name], f"{key} {one.name}")
    return chosen


def _heading(group: str, lang: str) -> str:
    word = TEXT[lang].get(f"group_{group}", group)
    return word[:1].upper() + word[1:]


def _widget(one: Setting, value: Any, key: str) -> Any:
    """The widget for one setting, its comment below it."""
    label = f"`{one.name}`"
    stays: dict[str, Any] = {"key": key, "persist_state": "session"}
    if one.choices:
        answer: Any = st.selectbox(label, one.choices, one.choices.index(value), **stays)
    elif one.kind is bool:
        answer = st.toggle(label, value, **stays)
    elif one.kind is int:
        answer = st.number_input(label, -LARGEST, LARGEST, value, 1, **stays)
    elif one.kind is float:
        answer = st.number_input(label, value=float(value), step=_step(value), format="%g", **stays)
    else:
        typed = st.text_input(label, _text(value), **stays)
        answer = value if typed == _text(value) else typed
    if one.help:
        st.caption(one.help)
    return value if answer is None else answer


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return " ".join(map(str, value))
    return "" if value is None else str(value)


def _step(value: Any) -> float:
    """How far one press of a button goes: a tenth of the usual value's power of ten, at most a tenth."""
    if not isinstance(value, int | float) or not value:
        return 0.1
    return min(0.1, 10.0 ** math.floor(math.log10(abs(value))))


def words(found: list[Setting], chosen: dict[str, Any], values: dict[str, Any]) -> list[str]:
    """The command line that says what is chosen, where that differs from `values`."""
    said = []
    for one in found:
        value = chosen[one.name]
        if value == values[one.name]:
            continue
        if one.kind is bool:
            said.append(one.flag if value else one.flag.replace("--", "--no-", 1))
        elif one.choices or one.kind in (int, float, str):
            said += _option(one.flag, repr(value) if one.kind is float else str(value))
        else:
            said += [one.flag, *str(value).split()]
    return said


def _option(flag: str, text: str) -> list[str]:
    return [f"{flag}={text}"] if text.startswith("-") else [flag, text]


def as_value(one: Setting, chosen: Any) -> Any:
    """What was typed as the dataclass wants it: words become a tuple where it holds several."""
    return tuple(chosen.split()) if isinstance(chosen, str) and isinstance(one.default, tuple) else chosen
