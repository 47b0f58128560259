"""An answer that comes in a thread of its own, so that a model that says nothing does not hold the page."""

import threading
import time
from contextlib import closing

from cuaderno.chat.conversation import Conversation
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.text import printable

LET_GO = 1.0  # seconds that a stopped model has to end by itself


class Listener:
    """One question to one conversation; `said` grows, `fault` says what went wrong, `done` is set at the end."""

    def __init__(self, conversation: Conversation, question: str):
        self.conversation, self.question = conversation, printable(question)
        self.before = list(conversation.messages)
        self.said, self.fault = "", ""
        self.done, self.stopped = threading.Event(), threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        try:
            with closing(self.conversation.ask(self.question)) as pieces:
                for piece in pieces:
                    if self.stopped.is_set():
                        return
                    self.said += piece
        except CuadernoError as error:
            self.fault = str(error)
        except Exception as error:  # a study's own mistake must not leave the page waiting for ever
            self.fault = f"{type(error).__name__}: {error}"
        finally:
            self.done.set()

    def stop(self) -> Conversation:
        """End it if it has not ended; the conversation to go on with, with what was said until now.

        Traps:   a model that hangs is left to itself: the conversation that it still holds is nobody's any more.
        """
        self.stopped.set()
        if self.done.wait(LET_GO):
            return self.conversation
        other = Conversation(self.conversation.model, list(self.before))
        other.usage = self.conversation.usage
        if said := self.said.strip():
            other.messages += [{"role": "user", "content": self.question}, {"role": "assistant", "content": said}]
        return other


def wait(seconds: float = 0.06) -> None:
    """Give the threads a moment."""
    time.sleep(seconds)
