"""Conversations that are kept: a file each in the diary's `conversations/`, and all of them as a training set.

A file is one line of JSON, `{"messages": […], "model": …, "created": …}`. The folder ignores itself in git, since what
somebody says to a model is nobody else's business before it is exported.
"""

import json
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cuaderno.chat import Message
from cuaderno.lab.errors import CuadernoError, nearest
from cuaderno.lab.files import disk_errors, write_atomic

FOLDER = "conversations"
ROLES = ("system", "user", "assistant")
TITLE = 60  # characters of the first question


@dataclass(frozen=True)
class Saved:
    """A conversation on disk."""

    path: Path
    messages: list[Message]
    model: str = ""
    created: str = ""

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def title(self) -> str:
        """Its first question, in one line."""
        first = next((one["content"] for one in self.messages if one["role"] == "user"), "")
        line = " ".join(first.split())
        return line if len(line) <= TITLE else line[: TITLE - 1].rsplit(" ", 1)[0] + " …"


def new_name() -> str:
    """A name for a conversation that begins now."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def save(diary: Path, name: str, messages: Sequence[Message], model: str, system: str = "") -> Path:
    """Write a conversation, whole or not at all; its file. A second time it takes the place of the first.

    Raises:  CuadernoError when the disk does not take it.
    """
    folder = diary / FOLDER
    with disk_errors(folder):
        folder.mkdir(exist_ok=True)
    if not (folder / ".gitignore").exists():
        write_atomic(folder / ".gitignore", "*\n")
    path = folder / f"{name}.jsonl"
    created = read(path).created if path.is_file() else datetime.now(UTC).isoformat(timespec="seconds")
    line = {"messages": with_system(messages, system), "model": model, "created": created}
    write_atomic(path, json.dumps(line, ensure_ascii=False) + "\n")
    return path


def with_system(messages: Sequence[Message], system: str) -> list[Message]:
    first: list[Message] = [{"role": "system", "content": system}] if system else []
    return [*first, *messages]


def read(path: Path) -> Saved:
    """One conversation.

    Raises:  CuadernoError when its file is none.
    """
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        messages = [as_message(one) for one in said["messages"]]
        return Saved(path, messages, str(said.get("model", "")), str(said.get("created", "")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CuadernoError(f"{path} is no conversation ({error}). Restore it, or take it away.") from error


def as_message(said: Any) -> Message:
    role, content = said["role"], said["content"]
    if role not in ROLES or not isinstance(content, str):
        raise ValueError(f"a message of {role!r}")
    return {"role": role, "content": content}


def all_saved(diary: Path, damaged: Callable[[str], None] | None = None) -> list[Saved]:
    """Every conversation of a diary, the newest first.

    Raises:  CuadernoError for a damaged one, unless `damaged` takes what there is to say about it.
    """
    found = []
    for path in sorted((diary / FOLDER).glob("*.jsonl"), reverse=True):
        try:
            found.append(read(path))
        except CuadernoError as error:
            if damaged is None:
                raise
            damaged(str(error))
    return found


def find(diary: Path, name: str, damaged: Callable[[str], None] | None = None) -> Saved:
    """A conversation by its name or the beginning of it.

    Raises:  CuadernoError with the nearest name when none or several fit.
    """
    known = {one.name: one for one in all_saved(diary, damaged)}
    fitting = [key for key in known if key == name] or [key for key in known if key.startswith(name)]
    if len(fitting) != 1:
        what = "Several conversations begin with" if fitting else "There is no conversation"
        raise CuadernoError(f"{what} '{name}'.{nearest(name, fitting or known)} See `cuaderno chats`.")
    return known[fitting[0]]


def training_set(conversations: Iterable[Saved]) -> str:
    """Conversations as lines of JSON to train with, `{"messages": […]}`, each up to its last answer."""
    lines = []
    for one in conversations:
        messages = list(one.messages)
        while messages and messages[-1]["role"] != "assistant":
            messages.pop()
        if any(message["role"] == "user" for message in messages):
            lines.append(json.dumps({"messages": messages}, ensure_ascii=False) + "\n")
    return "".join(lines)
