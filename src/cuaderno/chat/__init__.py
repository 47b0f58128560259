"""Talking with a model, whichever it is: a network from a study, or one that somebody else serves.

Whatever can be talked with is a `ChatModel`. The terminal and every later page know no more of it than that.
"""

from collections.abc import Iterator
from typing import Literal, Protocol, TypedDict


class Message(TypedDict):
    """What one side said. A system message says how to behave; a model that cannot obey it leaves it out."""

    role: Literal["user", "assistant", "system"]
    content: str


class ChatModel(Protocol):
    """Something that answers.  `name` says which model it is: a run's id, or what its provider calls it.

    A model that counts has `usage` after an answer, the tokens it read and wrote, or None when it does not know; one
    that costs has `price`, for a million of each. See usage.py.
    """

    name: str

    def introduction(self, lang: str) -> str:
        """What a person should know before the first word, in `en` or `es`; empty when there is nothing to say."""
        ...

    def stream(self, messages: list[Message]) -> Iterator[str]:
        """The answer to the last message, piece by piece as it comes; the history is the caller's and stays as it is.

        Raises:  CuadernoError, at any piece, when there is no answer to be had.
        Traps:   a caller may stop listening at any piece: let go of connections when the iterator is closed.
        """
        ...
