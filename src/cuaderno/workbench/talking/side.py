"""One side of the page: a model and the conversation with it, kept on disk after every answer."""

import inspect
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cuaderno import studies
from cuaderno.chat import ChatModel, Message, saved
from cuaderno.chat.conversation import Conversation
from cuaderno.cli.answers import is_served, open_run, talkative
from cuaderno.cli.places import runs_beside
from cuaderno.lab import records
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.run import Run


@dataclass
class Side:
    """What is being talked about with whom; `model` is what opens it, `name` that of the file that keeps it."""

    name: str = field(default_factory=saved.new_name)
    model: str = ""
    messages: list[Message] = field(default_factory=list)
    conversation: Conversation | None = None

    def talk(self, model: ChatModel, reference: str) -> Conversation:
        """The conversation with this model; another model goes on with what was said."""
        if self.conversation is None or self.conversation.model is not model:
            before = self.conversation
            self.conversation = Conversation(model, self.messages)
            self.conversation.usage = before.usage if before else None
        self.model = reference
        return self.conversation

    def keep(self, diary: Path, conversation: Conversation, system: str) -> None:
        """Go on with this, and write it down when there is something to write.

        Raises:  CuadernoError when the disk does not take it.
        """
        self.conversation, self.messages = conversation, conversation.messages
        if self.messages:
            saved.save(diary, self.name, self.messages, self.model, system)


def runs_to_talk_with(diary: Path) -> list[Run]:
    """The runs that can talk, the kept ones first."""
    found: dict[str, Run] = {}
    for folder in (diary / "records", runs_beside(diary)):
        for run in records.runs_in(folder, damaged=lambda said: None):
            if studies.can_talk(run.study, run.data["config"]) and run.has_weights:
                found.setdefault(run.id, run)
    return list(found.values())


def open_model(diary: Path, reference: str, options: dict[str, Any]) -> ChatModel:
    """A run or a served model.

    Raises:  CuadernoError when there is none of that name, or it has no key.
    """
    if is_served(reference):
        from cuaderno.chat import providers

        return providers.open_model(reference, diary, **options)
    run = _run(diary, reference)
    if run.study not in talkative():
        raise CuadernoError(f"{run.id} cannot be talked with: its study '{run.study}' has no chat.py.")
    return open_run(run, options if obeys(run.study) else {name: options[name] for name in options if name != "system"})


def _run(diary: Path, reference: str) -> Run:
    return records.find(reference, diary / "records", runs_beside(diary), damaged=lambda said: None)


def obeys(study: str) -> bool:
    """Whether the runs of a study can be told what they are to be and to do."""
    known = inspect.signature(studies.load(study, "chat").open).parameters
    return "system" in known or any(one.kind is one.VAR_KEYWORD for one in known.values())


def can_be_told(diary: Path, reference: str) -> bool:
    """The same of a model by its name; a served one always can."""
    return is_served(reference) or obeys(_run(diary, reference).study)


def opened(diary: Path, asked: str) -> tuple[list[Side], str]:
    """The conversations that an address names, and the system prompt of the first; one that is not there is empty."""
    found, system = [], ""
    for name in (Path(one).name for one in asked.split(",") if one.strip()):
        path = diary / saved.FOLDER / f"{name}.jsonl"
        if not path.is_file():
            continue
        said = saved.read(path)
        system = system or "\n\n".join(one["content"] for one in said.messages if one["role"] == "system")
        messages = [one for one in said.messages if one["role"] != "system"]
        found.append(Side(said.name, said.model, messages))
    return found, system
