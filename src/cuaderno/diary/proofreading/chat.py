"""A chat model as a corrector: it is asked with the public prompt and answers in JSON, of which only edits are read."""

import json
import re
from typing import Any

from cuaderno.chat import ChatModel, Message
from cuaderno.diary.proofreading.edits import Edit
from cuaderno.diary.proofreading.prompts import AGAIN, Prompt
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.text import printable

SECONDS = 60.0  # for one paragraph
LONGEST_ANSWER, MOST_TRIES = 100_000, 60  # letters read of an answer, and places tried at which its JSON may begin
LONGEST_TEXT, MOST_EDITS = 4_000, 200


class Chat:
    """Whatever can be talked with, asked to correct."""

    def __init__(self, model: ChatModel, prompt: Prompt, seconds: float = SECONDS):
        self.model, self.prompt, self.seconds = model, prompt, seconds
        self.name = model.name

    def correct(self, text: str, lang: str) -> list[Edit]:
        """The edits of one paragraph; asked once more when the answer is no JSON.

        Raises:  CuadernoError when the model gives no answer in time, or twice one that cannot be read.
        """
        from cuaderno.chat.providers import complete

        asked: list[Message] = [{"role": "user", "content": f"{self.prompt.text}\n\n{text}"}]
        answer = complete(self.model, asked, seconds=self.seconds)
        found = read_edits(answer)
        if found is None:
            said: Message = {"role": "assistant", "content": printable(answer[:LONGEST_TEXT]) or "…"}
            again: Message = {"role": "user", "content": AGAIN.get(lang, AGAIN["en"])}
            found = read_edits(complete(self.model, [*asked, said, again], seconds=self.seconds))
        if found is None:
            raise CuadernoError(
                f"{self.name} answered twice with something that is no list of edits. Try another model with --with."
            )
        return found


def read_edits(answer: object) -> list[Edit] | None:
    """The edits in an answer, whatever stands around them; None when there is no list of any kind."""
    if not isinstance(answer, str):
        return None
    answer = answer[:LONGEST_ANSWER]
    decoder = json.JSONDecoder()
    starts = [found.start() for found in re.finditer(r"\[|\{", answer)]
    for start in starts[:MOST_TRIES]:
        try:
            value, _ = decoder.raw_decode(answer, start)
        except (ValueError, RecursionError):
            continue
        found = _edits(value)
        if found is not None:
            return found
    return None


def _edits(value: Any) -> list[Edit] | None:
    """The edits in a list, in `{"edits": […]}`, or in a single entry; None when it is something else."""
    if isinstance(value, dict):
        lists = [inside for inside in value.values() if isinstance(inside, list)]
        value = [value] if {"old", "new"} <= value.keys() else lists[0] if len(lists) == 1 else None
    if not isinstance(value, list) or (value and not any(isinstance(entry, dict) for entry in value)):
        return None
    return [edit for entry in value[:MOST_EDITS] if (edit := _edit(entry)) is not None]


def _edit(entry: Any) -> Edit | None:
    """One entry; None when it lacks a text, is no change, or is too long to be one."""
    if not isinstance(entry, dict):
        return None
    old, new, why = entry.get("old"), entry.get("new"), entry.get("why", "")
    if not isinstance(old, str) or not isinstance(new, str) or old == new:
        return None
    if max(len(old), len(new)) > LONGEST_TEXT:
        return None
    return Edit(old, new, " ".join(printable(why).split())[:300] if isinstance(why, str) else "")
