"""The head of a post written for another program: YAML, TOML or JSON, and what it needs to be one of ours."""

import json
import re
import tomllib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from cuaderno.diary import front_matter
from cuaderno.diary.dates import parse_date
from cuaderno.diary.settings import LANGUAGES
from cuaderno.lab.errors import CuadernoError

TOML = re.compile(r"\A\ufeff?\+\+\+[ \t]*\r?\n(.*?)^\+\+\+[ \t]*(?:\r?\n|\Z)", re.S | re.M)
DATES = ("pubDate", "date", "publishDate", "pubDatetime", "publishedAt", "datePublished", "published_at", "created")
OURS = ("pubDate", "date")  # the names that a post of ours may give its day
SAID = ("description", "summary", "excerpt", "subtitle", "abstract")
PICTURES = (
    "heroImage",
    "image",
    "cover",
    "featured_image",
    "featuredImage",
    "thumbnail",
    "banner",
    "header",
    "ogImage",
)
TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True)
class Head:
    """What stands above a text, as its author wrote it and as it was understood. No head has no kind."""

    kind: str = ""
    text: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    end: int = 0  # where the body begins


def read_head(text: str, path: Path) -> Head:
    """The head of a text.

    Raises:  CuadernoError naming file and line of what cannot be read.
    """
    if found := TOML.match(text):
        return Head("toml", found[1], _toml(found[1], path), found.end())
    if re.match(r"\ufeff?\+\+\+[ \t]*\r?$", text.partition("\n")[0]):
        raise CuadernoError(f"{path}:1: the front matter never ends. Close it with a line of three plus signs.")
    if re.match(r"\ufeff?\{\s*(\r?\n|\")", text):
        return _json(text, path)
    head, end = front_matter.split(text)
    if end:
        return Head("yaml", head, {str(name): value for name, value in front_matter.load(head, path).items()}, end)
    if re.match(r"\ufeff?---\s*$", text.partition("\n")[0]) and re.match(r"\ufeff?---\s*\n\s*[\w-]+\s*:", text):
        raise CuadernoError(f"{path}:1: the front matter never ends. Close it with a line of three dashes.")
    return Head(end=1 if text.startswith("\ufeff") else 0)


def _toml(head: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(head.replace("\r\n", "\n"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise CuadernoError(
            f"{path}: the front matter is not TOML: {str(error) or 'it is nested too deeply'}."
        ) from None


def _json(text: str, path: Path) -> Head:
    start = text.index("{")
    try:
        fields, end = json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError) as error:
        raise CuadernoError(f"{path}: the front matter is not JSON: {error}.") from None
    rest = re.compile(r"[ \t]*\r?\n?").match(text, end)
    return Head("json", text[start:end], fields, rest.end() if rest else end)


# -- what our posts need -----------------------------------------------------------------------------------------------


def text_of(value: object) -> str:
    """One line of text from whatever stands there; nothing from lists and tables."""
    if value is None or isinstance(value, dict | list | bool):
        return ""
    return " ".join(str(value).split())


def day_of(value: object, lang: str = "en") -> datetime | None:
    """A moment from a date as these programs write it; None when it is none."""
    if isinstance(value, dict | list | bool | int | float | None):
        return None
    try:
        return parse_date(value)
    except (ValueError, OverflowError):
        return _loose_day(str(value).strip(), lang)


def _loose_day(text: str, lang: str) -> datetime | None:
    formats = ["%Y-%m-%d %H:%M:%S %z", "%Y-%m-%d %H:%M %z", "%a, %d %b %Y %H:%M:%S %z", "%Y%m%d"]
    formats += ["%d/%m/%Y", "%m/%d/%Y"] if lang == "es" else ["%m/%d/%Y", "%d/%m/%Y"]
    for pattern in formats:
        try:
            found = datetime.strptime(text, pattern)
        except ValueError:
            continue
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    return None


@dataclass
class Needs:
    """What the head of a post has to become: names with new values, None for a name that goes; and why."""

    changes: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    date: datetime | None = None
    wrong: str = ""  # what stands where the date should, when no date can be read


def needs(head: Head, lang: str, jekyll: bool = False, hidden: bool = False) -> Needs:
    """What has to change so that our own reader takes the head; most often nothing."""
    found = Needs()
    _title(head.fields, found)
    _date(head.fields, found, lang)
    _description(head.fields, found)
    _tags(head.fields, found, jekyll)
    _draft(head.fields, found, hidden)
    for name, check in front_matter.CHECKS.items():
        if head.fields.get(name) is not None and name not in found.changes:
            try:
                check(head.fields[name])
            except (ValueError, OverflowError):
                found.changes[name] = None
                found.notes.append(f"{name} means something else in a diary, and was left out")
    if head.fields.get("born") and head.fields["born"] not in LANGUAGES:
        found.changes["born"] = None
    return found


def _title(fields: dict[str, Any], found: Needs) -> None:
    if "title" in fields and fields["title"] is not None and not text_of(fields["title"]):
        found.changes["title"] = None


def _date(fields: dict[str, Any], found: Needs, lang: str) -> None:
    for name in DATES:
        moment = day_of(fields.get(name), lang)
        if moment is None:
            continue
        found.date = moment
        if all(_ours(fields.get(ours)) for ours in OURS) and name in OURS:
            return
        found.changes |= dict.fromkeys((ours for ours in OURS if ours in fields), None)
        found.changes["date"] = moment.date() if moment == moment.replace(hour=0, minute=0, second=0) else moment
        if not _ours(fields[name]):
            found.notes.append(f"{name}: {fields[name]} was read as {spelled(found.changes['date'])}")
        return
    for name in OURS:
        if not _ours(fields.get(name)):
            found.changes[name] = None
    said = ((name, text_of(fields.get(name))) for name in DATES if name != "created")  # which may be a person
    found.wrong = next((f"{name}: {text}" for name, text in said if text), "")


def spelled(day: date) -> str:
    return day.isoformat(" ") if isinstance(day, datetime) else day.isoformat()


def _ours(value: object) -> bool:
    """Whether our own reader takes this for a day, or there is nothing to take."""
    if value is None:
        return True
    try:
        parse_date(value)
    except (ValueError, OverflowError):
        return False
    return True


def _description(fields: dict[str, Any], found: Needs) -> None:
    said = next((text for name in SAID if (text := text_of(fields.get(name)))), "")
    if said and said != text_of(fields.get("description")):
        found.changes["description"] = said
    elif not said and fields.get("description") is not None:
        found.changes["description"] = None


def _tags(fields: dict[str, Any], found: Needs, jekyll: bool) -> None:
    tags, more = names_in(fields.get("tags"), jekyll), []
    for name in ("categories", "category"):
        more += [one for one in names_in(fields.get(name), jekyll) if one not in tags]
    said = fields.get("tags")
    kept = said is None or (isinstance(said, str) and tags == names_in(said, False))
    kept = kept or (isinstance(said, list) and not any(isinstance(one, dict | list) for one in said))
    if more or not kept:
        found.changes["tags"] = [*tags, *dict.fromkeys(more)]
    if more:
        found.notes.append(f"categories became tags: {', '.join(dict.fromkeys(more))}")


def names_in(value: object, spaces: bool) -> list[str]:
    """The names in a list or in a text with commas; with `spaces` between them where the program says so."""
    if isinstance(value, str):
        value = value.split() if spaces and "," not in value else value.split(",")
    if not isinstance(value, list):
        return []
    return list(dict.fromkeys(text for one in value if re.search(r"\w", text := text_of(one))))


def _draft(fields: dict[str, Any], found: Needs, hidden: bool) -> None:
    """`published: false` and drafts are ours too; a truth in quotes is a truth."""
    for name in ("draft", "done"):
        value = fields.get(name)
        if value is not None and not isinstance(value, bool):
            found.changes[name] = TRUTHS.get(str(value).lower())
    if (hidden or str(fields.get("published")).lower() == "false") and fields.get("draft") is not True:
        found.changes["draft"] = True
        found.notes.append("it is a draft, as it was")


# -- writing it --------------------------------------------------------------------------------------------------------


def write_head(head: Head, changes: dict[str, Any]) -> str:
    """The head with its changes, fences included. Lines that need none stay as they were, comments too."""
    if not changes and head.kind == "yaml":
        return f"---\n{head.text}---\n"
    kept = _without(head.text, set(changes)) if head.kind == "yaml" else ""
    fields = {} if head.kind == "yaml" else {k: v for k, v in head.fields.items() if k not in changes}
    new = fields | {name: value for name, value in changes.items() if value is not None}
    text = f"---\n{kept}{_dumped(new)}---\n"
    try:
        front_matter.load(front_matter.split(text)[0], Path("head"))
        return text
    except CuadernoError:
        rest = {name: value for name, value in head.fields.items() if name not in changes}
        return f"---\n{_dumped(rest | {k: v for k, v in changes.items() if v is not None})}---\n"


def _without(head: str, names: set[str]) -> str:
    """The lines of a head, without those that say one of these names."""
    kept, skipping = [], False
    for line in head.splitlines(keepends=True):
        if top := re.match(r"(['\"]?)([^\s'\":#-][^'\":]*)\1\s*:(?:\s|$)", line):
            skipping = top[2].strip() in names
        if not skipping:
            kept.append(line if line.endswith("\n") else line + "\n")
    return "".join(kept)


def _dumped(fields: dict[str, Any]) -> str:
    return "".join(_line(name, value if isinstance(value, date) else _plain(value)) for name, value in fields.items())


def _line(name: str, value: Any) -> str:
    """`name: value`; a list on one line, as people write tags."""
    import yaml

    how: dict[str, Any] = {"allow_unicode": True, "sort_keys": False, "width": 10_000}
    if isinstance(value, list) and not any(isinstance(one, dict | list) for one in value):
        left = yaml.safe_dump({name: None}, **how).partition(": null")[0]
        return f"{left}: {yaml.safe_dump(value, default_flow_style=True, **how).strip()}\n"
    return yaml.safe_dump({name: value}, default_flow_style=False, **how)


def _plain(value: Any) -> Any:
    """Only what YAML writes without a tag of Python's."""
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value if isinstance(value, str | int | float | bool | date | None) else str(value)
