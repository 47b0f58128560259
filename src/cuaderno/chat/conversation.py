"""A conversation: what was said, as it was shown, whatever the model or the person sent."""

import re
from collections.abc import Generator

from cuaderno.chat import ChatModel, Message
from cuaderno.chat.usage import Usage, usage_of
from cuaderno.lab.text import printable


class Conversation:
    """One model and the messages so far, oldest first; `usage` is what they cost, None while nothing was counted."""

    def __init__(self, model: ChatModel, messages: list[Message] | None = None):
        self.model = model
        self.messages: list[Message] = list(messages or [])
        self.usage: Usage | None = None

    def ask(self, question: str) -> Generator[str, None, None]:
        """The answer as it comes. Close the iterator to stop it: what was said until then counts as the answer.

        Traps:   a question that got no answer, because it was stopped or failed before the first word, is forgotten.
        """
        asked: Message = {"role": "user", "content": printable(question)}
        said = ""
        pieces = self.model.stream([*self.messages, asked])
        try:
            for piece in map(printable, pieces):
                if piece:
                    said += piece
                    yield piece
        finally:
            if said.strip():
                self.messages += [asked, {"role": "assistant", "content": said}]
            if hasattr(pieces, "close"):
                pieces.close()
            if counted := usage_of(self.model):
                self.usage = counted + (self.usage or Usage())

    def to_markdown(self, title: str, names: dict[str, str]) -> str:
        """The conversation as a Markdown document; `names` says what to call each role."""
        parts = [f"# {title}"]
        for message in self.messages:
            parts.append(f"**{names[message['role']]}**\n\n{keep_lines(message['content'].strip())}")
        return "\n\n".join(parts) + "\n"


def keep_lines(text: str) -> str:
    """Markdown that breaks lines where the text does."""
    return re.sub(r"(?<=\S)\n(?=\S)", "  \n", text)
