"""What a translation remembers: for each paragraph the source text it was made from, as text beside the post."""

import datetime
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cuaderno.diary.blocks import text_digest
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.files import write_atomic

HEAD = """\
# What each paragraph of {lang}.md was translated from. `cuaderno translate` writes this file; keep it in git.
source = "{source}"
"""
LENT = "-"  # in a translation's place: the source's own title stands there until somebody translates it
Day = datetime.date
AGAIN_AFTER = (1, 3, 7, 21, 60)  # days until a paragraph comes back for another look


@dataclass(frozen=True)
class Memory:
    """One translated paragraph: what it was made from, the digest of the translation, and when it was looked at."""

    source: str
    translation: str
    made: Day
    looked: Day
    looks: int = 0
    accepted: tuple[str, ...] = ()  # differences in numbers, links and so on that are meant

    @property
    def digest(self) -> str:
        return text_digest(self.source)

    @property
    def due(self) -> Day:
        """The day on which it comes back."""
        return self.looked + datetime.timedelta(days=AGAIN_AFTER[min(self.looks, len(AGAIN_AFTER) - 1)])

    def seen(self, today: Day, again: bool) -> "Memory":
        """After another look; when it needed a change it comes back soon `again`."""
        return replace(self, looked=today, looks=0 if again else self.looks + 1)


def sidecar_name(lang: str) -> str:
    return f"translation.{lang}.toml"


def read_memories(path: Path) -> tuple[str, list[Memory]] | None:
    """The source's language and the memories in a sidecar; None when there is none.

    Raises:  CuadernoError naming file and line of what cannot be read.
    """
    found = _read(path)
    return found[:2] if found else None


def read_head(path: Path) -> Memory | None:
    """What a sidecar remembers of title and description; older ones remember nothing of them."""
    found = _read(path)
    return found[2] if found else None


def _read(path: Path) -> tuple[str, list[Memory], Memory | None] | None:
    try:
        text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, str(error)) from None
    if found := re.search(r"^(<{7}|={7}$|>{7})", text, re.M):
        line = text.count("\n", 0, found.start()) + 1
        raise _unreadable(path, f"git left both sides of a merge in line {line}")
    try:
        data = tomllib.loads(text)
        head = _memory(data["head"]) if "head" in data else None
        return str(data["source"]), [_memory(entry) for entry in data.get("paragraph", ())], head
    except tomllib.TOMLDecodeError as error:
        raise _unreadable(path, str(error)) from None
    except KeyError as error:
        raise _unreadable(path, f"{error} is missing") from None
    except (TypeError, ValueError, AttributeError) as error:
        raise _unreadable(path, str(error)) from None


def _unreadable(path: Path, reason: str) -> CuadernoError:
    cure = "Mend it or take it from git; without it, `cuaderno translate POST --remember` begins anew."
    return CuadernoError(f"{path} cannot be read: {reason}. {cure}")


def _memory(entry: dict[str, Any]) -> Memory:
    made, looked = entry["made"], entry.get("looked", entry["made"])
    for day in (made, looked):
        if type(day) is not Day:
            raise ValueError(f"{day!r} is not a day such as 2026-11-21")
    accepted = entry.get("accepted", [])
    looks = entry.get("looks", 0)
    if not isinstance(looks, int) or not isinstance(accepted, list) or not isinstance(entry["source"], str):
        raise ValueError("looks is a number, accepted a list, source a text")
    return Memory(
        entry["source"], str(entry["translation"]), made, looked, max(0, looks), tuple(str(one) for one in accepted)
    )


def write_memories(
    path: Path, lang: str, source_lang: str, memories: Sequence[Memory], head: Memory | None = None
) -> None:
    """Write the sidecar, whole or not at all; one that would stay the same is not touched."""
    text = HEAD.format(lang=lang, source=source_lang)
    text += (_entry(head, "[head]") if head else "") + "".join(map(_entry, memories))
    if not path.is_file() or path.read_bytes() != text.encode():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, text)


def _entry(memory: Memory, table: str = "[[paragraph]]") -> str:
    lines = ["", table, f"digest = {_quoted(memory.digest)}", f"translation = {_quoted(memory.translation)}"]
    lines.append(f"made = {memory.made.isoformat()}")
    if memory.looks or memory.looked != memory.made:
        lines += [f"looked = {memory.looked.isoformat()}", f"looks = {memory.looks}"]
    if memory.accepted:
        lines.append(f"accepted = [{', '.join(map(_quoted, memory.accepted))}]")
    lines.append(f"source = {_long(memory.source)}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    def escape(found: re.Match) -> str:
        return "\\" + found[0] if found[0] in '"\\' else f"\\u{ord(found[0]):04X}"

    return '"' + re.sub(r'["\\\x00-\x1f\x7f]', escape, text) + '"'


def _long(text: str) -> str:
    """As it stands, between three quotes, where TOML can: a diff shows words and not escapes."""
    if "'''" in text or text.endswith("'") or re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text):
        return _quoted(text)
    return f"'''\n{text}'''"
