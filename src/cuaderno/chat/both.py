"""Two models behind the interface of one, to compare what they say to the same question."""

from collections.abc import Iterator
from contextlib import closing

from cuaderno.chat import ChatModel, Message
from cuaderno.chat.conversation import Conversation
from cuaderno.chat.usage import usage_of
from cuaderno.lab.errors import CuadernoError


class Both:
    """One after the other, each with its own history; what one cannot answer the other still may.

    `answers` is what each said last, by name; where one failed it is None, and `faults` says why.
    """

    def __init__(self, first: ChatModel, second: ChatModel):
        self.models = (first, second)
        self.names = names_of(first, second)
        self.name = f"{self.names[0]} / {self.names[1]}"
        self.answers: dict[str, str | None] = {}
        self.faults: dict[str, str] = {}
        self.usage: tuple[int, int] | None = None
        self.begin()

    def begin(self) -> None:
        self.conversations = tuple(map(Conversation, self.models))

    def introduction(self, lang: str) -> str:
        return "\n".join(dict.fromkeys(model.introduction(lang) for model in self.models))

    def stream(self, messages: list[Message]) -> Iterator[str]:
        """Both answers to the last message, each under its name.

        Raises:  CuadernoError when neither has one.
        """
        if not any(message["role"] == "assistant" for message in messages):
            self.begin()  # the conversation was begun anew
        self.answers, self.faults, self.usage = {}, {}, None
        for name, conversation in zip(self.names, self.conversations, strict=True):
            yield f"{'' if name == self.names[0] else chr(10) * 2}[{name}]\n"
            said = ""
            try:
                with closing(conversation.ask(messages[-1]["content"])) as pieces:
                    for piece in pieces:
                        said += piece
                        yield piece
            except CuadernoError as error:
                self.faults[name] = str(error)
                yield f"{chr(10) if said else ''}{error}"
            self.answers[name] = said or None
            if counted := usage_of(conversation.model):
                before = self.usage or (0, 0)
                self.usage = before[0] + counted.read, before[1] + counted.written
        if len(self.faults) == len(self.models):
            raise CuadernoError("Neither of the two could answer.")


def names_of(first: ChatModel, second: ChatModel) -> tuple[str, str]:
    """What to call two models; the same one twice gets a number."""
    return (first.name, second.name) if first.name != second.name else (f"{first.name} 1", f"{second.name} 2")
