"""The head of a post: YAML between two lines of dashes, checked field by field."""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from cuaderno.diary.dates import parse_date
from cuaderno.lab.errors import CuadernoError

FENCE = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.S | re.M)
TITLE = re.compile(r"\A\s*# +([^\r\n]*\w[^\r\n]*?)[ \t]*#*[ \t]*(?:\r?\n|\Z)")
EXAMPLE = 'Write for example:\n---\ntitle: "My first post"\ndate: 2026-11-21\n---'


class FrontMatterError(CuadernoError):
    """What is wrong in the head of a post, with file, line and cure."""

    def __init__(self, path: Path, line: int, message: str):
        super().__init__(f"{path}:{line}: {message}")


def split(text: str) -> tuple[str, int]:
    """The YAML of the head and the position where the body begins; no head gives `("", 0)`."""
    found = FENCE.match(text)
    return (found[1], found.end()) if found else ("", 0)


def read(text: str, path: Path) -> dict[str, Any]:
    """The checked fields that the head of a post has, ready for JSON; `start` is where its body begins.

    Raises:  CuadernoError naming file and line.
    """
    head, start = split(text)
    if not start and re.match(r"\ufeff?---\s*$", text.partition("\n")[0]):
        raise FrontMatterError(path, 1, f"the front matter never ends. Close it with a line of three dashes. {EXAMPLE}")
    found = load(head, path)
    fields: dict[str, Any] = {"start": start}
    for name, check in CHECKS.items():
        if found.get(name) is not None:
            try:
                fields[name] = check(found[name])
            except (ValueError, OverflowError) as error:
                raise FrontMatterError(path, _line(head, name), f"{name}: {error}") from None
    if "pubDate" in fields:
        fields["date"] = fields.pop("pubDate")
    title = TITLE.match(text[start:])
    if title and fields.get("title", _text(title[1])) == _text(title[1]):
        fields["title"] = _text(title[1])
        fields["start"] = start + title.end()
    return fields


def with_fields(text: str, fields: Mapping[str, str]) -> str:
    """The top of a post, up to its body, with other texts for some fields; all other lines stay as they are.

    A title that stands as a heading is changed there.
    """
    import yaml

    head, start = split(text)
    heading = TITLE.match(text[start:])
    if heading and "title" in fields:
        at, end = start + heading.start(1), start + heading.end(1)
        text = text[:at] + fields["title"] + text[end:]
    node: Any = yaml.compose(head, _loader()) if head.strip() else None
    values = {key.value: value for key, value in node.value} if node else {}
    missing = [name for name in fields if name not in values and not (name == "title" and heading)]
    added = "".join(f"{name}: {_quoted(fields[name])}\n" for name in missing)
    if not start:
        return f"---\n{added}---\n\n{text.lstrip()}" if added else text
    changed = sorted((values[name].start_mark.index, name) for name in fields if name in values)
    whole = head
    for at, name in reversed(changed):
        end = values[name].end_mark.index
        space = "" if whole[:at].endswith((" ", "\n")) else " "
        line_end = "\n" if whole[at:end].endswith("\n") else ""
        whole = whole[:at] + space + _quoted(fields[name]) + line_end + whole[end:]
    place = text.index(head, text.index("\n"))
    return text[:place] + whole + added + text[place + len(head) :]


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


@lru_cache(maxsize=1)
def _loader() -> type:
    """YAML's safe loader, which leaves dates to us: it would refuse most of the styles that people write."""
    import yaml

    fastest: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    resolvers = {
        first: [(tag, pattern) for tag, pattern in found if not tag.endswith(":timestamp")]
        for first, found in fastest.yaml_implicit_resolvers.items()
    }
    return type("Loader", (fastest,), {"yaml_implicit_resolvers": resolvers})


def load(head: str, path: Path) -> dict[str, Any]:
    """The YAML of a head as it stands, dates as texts.

    Raises:  FrontMatterError naming file and line.
    """
    import yaml

    try:
        found = yaml.load(head, _loader()) if head.strip() else {}
    except yaml.MarkedYAMLError as error:
        unclosed = error.context_mark if "quoted" in (error.context or "") else None
        mark = unclosed or error.problem_mark or error.context_mark
        cure = 'A text with a colon or a quote in it needs quotes: title: "One: two".'
        message = f"the front matter is not YAML: {error.problem or error.context}. {cure}"
        raise FrontMatterError(path, 2 + (mark.line if mark else 0), message) from None
    except (yaml.YAMLError, ValueError, TypeError, OverflowError, RecursionError) as error:
        reason = str(error).splitlines()[0] if str(error) else "it is nested too deeply"
        raise FrontMatterError(path, 2, f"the front matter cannot be read: {reason}. {EXAMPLE}") from None
    if not isinstance(found, dict):
        raise FrontMatterError(path, 2, f"the front matter must be `name: value` lines. {EXAMPLE}")
    return found


def _line(head: str, name: str) -> int:
    for number, line in enumerate(head.splitlines(), 2):
        if re.match(rf"['\"]?{re.escape(name)}['\"]?\s*:", line):
            return number
    return 2


def _text(value: object) -> str:
    if isinstance(value, dict | list):
        raise ValueError("this must be one text. Put it in quotes.")
    return " ".join(str(value).split())


def _date(value: object) -> str:
    try:
        return parse_date(value).isoformat()
    except (ValueError, OverflowError):
        raise ValueError(
            f"'{value}' is not a date. Write 2026-11-21, 21 November 2026 or 21 de noviembre de 2026."
        ) from None


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"'{value}' must be true or false.")
    return value


def _tags(value: object) -> list[str]:
    values = value.split(",") if isinstance(value, str) else value
    if not isinstance(values, list):
        raise ValueError('tags are a list: tags: ["mazes", "recurrence"].')
    tags = [_text(tag).strip() for tag in values if tag is not None]
    return list(dict.fromkeys(tag for tag in tags if re.search(r"\w", tag)))


def _runs(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueError("runs are names for runs: runs: {maze: maze-20261121-153012-ab12cd}.")
    return {str(name): _text(run) for name, run in value.items()}


CHECKS = {
    "title": _text,
    "description": _text,
    "date": _date,
    "pubDate": _date,
    "done": _truth,
    "draft": _truth,
    "tags": _tags,
    "lang": _text,
    "born": _text,
    "runs": _runs,
}
