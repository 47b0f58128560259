"""Talk with a model in a terminal, or through a pipe: one question a line."""

import errno
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from cuaderno.chat import ChatModel
from cuaderno.chat.both import Both
from cuaderno.chat.conversation import Conversation
from cuaderno.chat.usage import usage_of
from cuaderno.chat.words import TEXT
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.files import write_atomic
from cuaderno.lab.text import UNSAFE, printable

REASONS = {
    errno.EISDIR: "is_folder",
    errno.ENOENT: "no_folder",
    errno.ENOTDIR: "no_folder",
    errno.EACCES: "not_allowed",
    errno.EPERM: "not_allowed",
    errno.EROFS: "not_allowed",
    errno.ENOSPC: "disk_full",
}
SOON = 2.0  # seconds without a word after which a person is told that we wait
TOO_LATE = 1.0  # seconds after an answer in which Ctrl-C was still meant for it, and not for the conversation


Keep = Callable[[Conversation], None]
Tongue = Callable[[str], str]  # says what went wrong in the language of the terminal


def talk(
    model: ChatModel,
    lang: str = "en",
    message: str | None = None,
    as_json: bool = False,
    keep: Keep | None = None,
    tongue: Tongue = str,
) -> int:
    """Hold a conversation and give the exit code: 1 when a question could not be answered; `keep` gets it after each.

    With a `message` it is one question; without a terminal, or as JSON, one question a line of standard input; else a
    person types, and may use the commands of `/help`.
    """
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # what cannot be read or shown here must not end the conversation
    if message is None and not as_json and sys.stdin.isatty() and sys.stdout.isatty():
        Person(model, lang, keep, tongue).talk()
        return 0
    if not as_json:
        tell(model.introduction(lang))
    piped = (line.rstrip("\r\n") for line in sys.stdin if line.strip())
    return answer_all(Conversation(model), piped if message is None else [message], as_json, keep, tongue)


def answer_all(
    conversation: Conversation,
    questions: Iterable[str],
    as_json: bool,
    keep: Keep | None = None,
    tongue: Tongue = str,
) -> int:
    """Answer one question after another on standard output, all in one conversation."""
    failed = 0
    for question in questions:
        try:
            if as_json:
                answer = "".join(conversation.ask(question))
                print_json({"input": question, "answer": answer, "model": conversation.model.name} | more(conversation))
            else:
                show(conversation, question)
        except CuadernoError as error:
            failed = 1
            print_json({"input": question, "error": str(error)}) if as_json else tell(tongue(str(error)))
        if keep:
            keep(conversation)
    return failed


def more(conversation: Conversation) -> dict:
    """What a program may want to know besides: the tokens of the answer, and each of two answers by itself."""
    counted, model = usage_of(conversation.model), conversation.model
    return (counted.as_json() if counted else {}) | ({"answers": model.answers} if isinstance(model, Both) else {})


class Person:
    """A conversation with somebody at the keyboard."""

    def __init__(self, model: ChatModel, lang: str, keep: Keep | None = None, tongue: Tongue = str):
        self.conversation, self.words = Conversation(model), TEXT[lang]
        self.lang, self.keep, self.tongue = lang, keep, tongue
        self.answered = -float("inf")

    def talk(self) -> None:
        with suppress(ImportError):  # Windows has none
            import readline  # input() then edits lines and remembers them

            if os.environ.get("TERM", "dumb") != "dumb":
                readline.parse_and_bind("set enable-bracketed-paste on")  # pasted lines are one question
        self.say(printable(self.conversation.model.introduction(self.lang)), self.words["hint"])
        with suppress(KeyboardInterrupt):
            while self.turn():
                pass
        print(self.words["bye"])

    def turn(self) -> bool:
        """One line from the person and what follows; False at the end of the conversation."""
        try:
            line = input(self.words["prompt"])
        except EOFError:
            print()
            return False
        except KeyboardInterrupt:
            print()
            return time.monotonic() - self.answered < TOO_LATE
        if line.startswith("/"):
            return self.command(*line.split(maxsplit=1))
        if line.strip():
            self.answer(line.strip())
        return True

    def answer(self, question: str) -> None:
        try:
            if not show(self.conversation, question, self.words["waiting"]):
                print(self.words["silent"])
        except KeyboardInterrupt:
            print(f" {self.words['stopped']}")
        except CuadernoError as error:
            print(printable(self.tongue(str(error))))
        print()
        if self.keep:
            self.keep(self.conversation)
        self.answered = time.monotonic()

    def command(self, name: str, rest: str = "") -> bool:
        if name == "/quit":
            return False
        if name == "/help":
            self.say(self.words["help"])
        elif name == "/new":
            self.conversation = Conversation(self.conversation.model)
            self.say(self.words["new"])
        elif name == "/save":
            self.save(printable(rest.strip()))
        elif name == "/tokens":
            self.say(told_usage(self.conversation, self.words))
        else:
            self.say(self.words["unknown_command"].format(command=printable(name)))
        return True

    def save(self, file: str) -> None:
        if not file or not self.conversation.messages:
            self.say(self.words["save_nothing" if file else "save_where"])
            return
        try:
            path = Path(file).expanduser()
            if path.is_dir():
                raise IsADirectoryError(errno.EISDIR, "")
            if path.suffix == ".jsonl":
                self.append(path)
                self.say(self.words["saved"].format(file=file))
                return
            if path.exists() and not self.agrees(self.words["save_over"].format(file=file)):
                return
            name = self.conversation.model.name
            title = self.words["title"].format(name=name)
            text = self.conversation.to_markdown(title, {"user": self.words["you"], "assistant": name})
            write_atomic(path, printable(text))
        except (OSError, RuntimeError, CuadernoError) as error:  # RuntimeError: ~somebody who has no home
            self.say(self.words["not_saved"].format(file=file, reason=self.reason(error)))
        else:
            self.say(self.words["saved"].format(file=file))

    def append(self, path: Path) -> None:
        """Add the conversation to a training set, as one line more."""
        line = json.dumps({"messages": self.conversation.messages}, ensure_ascii=False) + "\n"
        before = path.read_bytes() if path.exists() else b""
        gap = b"\n" if before and not before.endswith(b"\n") else b""
        write_atomic(path, before + gap + line.encode())

    def reason(self, error: Exception) -> str:
        cause = error.__cause__ if isinstance(error, CuadernoError) else error
        number = errno.ENOENT if isinstance(cause, RuntimeError) else getattr(cause, "errno", None)
        return self.words[REASONS[number]] if number in REASONS else str(cause)

    def agrees(self, question: str) -> bool:
        try:
            return input(question).strip().lower() in self.words["yes"].split()
        except (EOFError, KeyboardInterrupt):
            print()
            return False

    @staticmethod
    def say(*paragraphs: str) -> None:
        print("\n\n".join(filter(None, paragraphs)), end="\n\n")


def show(conversation: Conversation, question: str, waiting: str = "") -> bool:
    """Print an answer as it comes; False when there was none. Ctrl-C and errors come through, the answer kept.

    `waiting` is what to say when nothing has come for a while.
    """
    last = ""
    with closing(conversation.ask(question)) as pieces, told(waiting) as enough:
        try:
            for last in pieces:
                enough()
                print(last, end="", flush=True)
        except CuadernoError:
            print(end="\n" if last else "", flush=True)
            raise
    if not last.endswith("\n"):
        print(flush=True)
    return bool(last)


def told_usage(conversation: Conversation, words: dict[str, str]) -> str:
    """What a conversation cost so far, in words."""
    found = conversation.usage
    if found is None:
        return words["not_counted"]
    said = words["counted"].format(read=found.read, written=found.written)
    return said if found.cost is None else f"{said} {words['cost'].format(cost=f'{found.cost:.6f}')}"


@contextmanager
def told(waiting: str) -> Iterator[Callable[[], None]]:
    """Say once that we wait, unless what this gives is called soon."""
    timer = threading.Timer(SOON, print, (waiting,), {"flush": True})
    timer.daemon = True

    def enough() -> None:
        timer.cancel()
        if timer.is_alive():
            timer.join()  # it may just be printing

    if waiting:
        timer.start()
    try:
        yield enough
    finally:
        enough()


def print_json(answer: dict) -> None:
    """One line; what could command a terminal is escaped, so that nothing is lost."""
    print(UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(answer, ensure_ascii=False)), flush=True)


def tell(text: str) -> None:
    """For the person; standard output is for answers."""
    if text:
        print(printable(text), file=sys.stderr, flush=True)
