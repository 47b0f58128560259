"""Models that somebody serves: Gemini, OpenAI, and any server that speaks as OpenAI's does, also one on this computer.

`open_model` opens one by name, `complete` gets one whole answer from any model within a time.
"""

import math
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cuaderno.chat import ChatModel, Message
from cuaderno.chat.huggingface import Folder, is_folder, must_be_model
from cuaderno.chat.servers import OPENAI, PROVIDERS, Provider, Replies, Server, Tokens, find_server, is_loopback
from cuaderno.lab.errors import CuadernoError

TRIES = 3
FIRST_WAIT = 0.5  # seconds before the second try, twice as many before the third
SILENCE_SECONDS, ANSWER_SECONDS = 180.0, 900.0  # for the next word, and for the whole answer
LONGEST_ANSWER = 1_000_000  # characters
NO_BOUND = ("max_tokens", "top_k")  # options that at 0 are none
TEXT = {
    "en": {
        "what": "This is {model}, a language model. It can be wrong, also where it sounds sure.",
        "far": "What you write goes to {host}, may be kept there and may cost money.",
        "plain": "What you write goes to {host}, and anyone on the way can read it.",
        "near": "It runs on this computer ({host}): what you write stays here unless that server passes it on.",
    },
    "es": {
        "what": "Este es {model}, un modelo de lenguaje. Puede equivocarse, también cuando suena seguro.",
        "far": "Lo que escribes viaja a {host}, puede quedarse allí y puede costar dinero.",
        "plain": "Lo que escribes viaja a {host}, y por el camino puede leerlo cualquiera.",
        "near": "Funciona en este ordenador ({host}): lo que escribes se queda aquí si ese servidor no lo reenvía.",
    },
}

Speak = Callable[[Any, Server, list[Message], dict[str, Any]], Replies]


def open_model(name: str, folder: Path | None = None, *, system: str = "", **options: Any) -> ChatModel:
    """A model by name: `gemini`, `gemini:MODEL`, `openai:MODEL`, `http://localhost:11434/v1#MODEL`, or a folder of one.

    Its key is in the `.env` of `folder`, the diary, or of the repository around it, or in the environment. `system` is
    what it is to be and to do, `options` are temperature, top_k, top_p, max_tokens and seed.

    Raises:  CuadernoError when there is no such provider, no key for it, or it does not take an option.
    """
    if is_folder(name):
        return Folder(Path(name), system, **options)
    if name.partition(":")[0] not in (*PROVIDERS, "http", "https"):
        must_be_model(name)
    server = find_server(name, folder)
    title, known = server.title, server.provider.options
    for option, value in options.items():
        written = f"--{option.replace('_', '-')}"
        if option not in known:
            raise CuadernoError(f"{title} knows nothing of {written}. Leave it out.")
        if not math.isfinite(value):
            raise CuadernoError(f"{written} has to be a number, such as 1.")
    asked = {name: value for name, value in options.items() if value or name not in NO_BOUND}
    return Served(server, protocol(server.provider), system, asked)


def protocol(provider: Provider) -> Speak:
    """What speaks a provider's language; its library takes a second or two to load."""
    try:
        if provider is OPENAI:
            from cuaderno.chat.openai import speak
        else:
            from cuaderno.chat.gemini import speak
    except ImportError as error:
        missing = error.name or "a library"
        raise CuadernoError(
            f"Talking with {provider.title} needs {missing}. Install it: pip install 'cuaderno[chat]'"
        ) from None
    return speak


@dataclass
class Served:
    """A model behind a server. Each answer has a connection of its own, closed with the iterator."""

    name: str = field(init=False)
    server: Server
    speak: Speak
    system: str = ""
    options: dict[str, Any] | None = None
    silence: float = SILENCE_SECONDS
    seconds: float = ANSWER_SECONDS
    usage: Tokens | None = field(init=False, default=None)  # of the last answer, where the server counted

    def __post_init__(self) -> None:
        self.name = self.server.model

    @property
    def price(self) -> tuple[float, float] | None:
        """What a million tokens cost, read and written, as far as somebody has written it down."""
        return self.server.price

    def within(self, seconds: float) -> "Served":
        """The same model, which gives up sooner."""
        return replace(self, silence=min(seconds, self.silence), seconds=min(seconds, self.seconds))

    def introduction(self, lang: str) -> str:
        words, address = TEXT[lang], self.server.address
        where = "near" if is_loopback(address) else "plain" if address.startswith("http:") else "far"
        return f"{words['what']} {words[where]}".format(model=self.name, host=self.server.host)

    def stream(self, messages: list[Message]) -> Iterator[str]:
        length, ending = 0, ""
        self.usage = None
        with closing(self.replies(self.clean(messages))) as replies:
            for text, end, tokens in replies:
                ending, self.usage = end or ending, tokens or self.usage
                length += len(text)
                if length > LONGEST_ANSWER:
                    raise CuadernoError(f"{self.server.title} does not stop talking, and was stopped. Ask for less.")
                if text:
                    yield text
                if ending.startswith("blocked"):
                    break
        self.check_end(length, ending)

    def clean(self, messages: list[Message]) -> list[Message]:
        """What can be sent: with what the model is told to be, and without halves of characters."""
        first: list[Message] = [{"role": "system", "content": self.system}] if self.system else []
        return [
            {"role": message["role"], "content": message["content"].encode(errors="replace").decode()}
            for message in [*first, *messages]
        ]

    def replies(self, messages: list[Message]) -> Replies:
        """What the server sends; a try that fails for a passing reason before the first word is made again."""
        from cuaderno.chat.connection import Patience, connect
        from cuaderno.chat.faults import Problem, explain

        patience = Patience(self.silence, time.monotonic() + self.seconds)
        problem = Problem("")
        for attempt in range(TRIES):
            begun = ended = False
            try:
                with (
                    connect(self.server, patience) as http,
                    closing(self.speak(http, self.server, messages, self.options or {})) as replies,
                ):
                    for reply in replies:
                        begun, ended = begun or any(reply[:2]), ended or bool(reply[1])
                        yield reply
                return
            except Exception as error:
                problem = explain(error, self.server)
            if ended:
                return  # what broke came after the last word
            wait = max(problem.asked, FIRST_WAIT * 2**attempt)
            if begun or not problem.passing or wait >= patience.left:
                break
            if attempt < TRIES - 1:
                time.sleep(wait)
        raise CuadernoError(problem.says)  # here, and not above, so that no error that knows more hangs on it

    def check_end(self, length: int, ending: str) -> None:
        """Tell an answer that is whole from one that is not."""
        title = self.server.title
        if ending.startswith("blocked"):
            raise CuadernoError(f"{title} broke the answer off ({ending.partition(' ')[2]}). Ask in other words.")
        if not ending:
            raise CuadernoError(f"The connection to {title} was cut before the answer was whole. Try again.")
        if not length:
            more = " All it may say went into thinking: raise --max-tokens." if ending == "length" else " Ask again."
            raise CuadernoError(f"{title} gave an empty answer.{more}")
        if ending == "length" and "max_tokens" not in (self.options or {}):
            raise CuadernoError(f"The answer ends here: {title} says no more at once. Ask it to go on, or for less.")


def complete(model: ChatModel, messages: list[Message], *, seconds: float) -> str:
    """One whole answer within `seconds`, from whatever model, also one that hangs.

    Raises:  CuadernoError when there is none, it is empty, endless or late.
    """
    patient = model.within(seconds) if isinstance(model, Served) else model
    results: queue.SimpleQueue[tuple[str, BaseException | None]] = queue.SimpleQueue()
    stopped = threading.Event()
    listen = threading.Thread(target=put_answer, args=(patient, messages, results, stopped), daemon=True)
    listen.start()
    try:
        answer, error = results.get(timeout=seconds)
    except queue.Empty:
        answer, error = "", CuadernoError(f"{model.name} gave no whole answer within {seconds:g} seconds. Try again.")
    finally:
        stopped.set()
    if error is not None:
        raise error
    if not answer.strip():
        raise CuadernoError(f"{model.name} gave an empty answer. Ask again, or choose another model.")
    return answer


def put_answer(model: ChatModel, messages: list[Message], results: queue.SimpleQueue, stopped: threading.Event) -> None:
    """Listen to an answer in a thread of its own, until it ends or nobody waits for it any more."""
    pieces, length = [], 0
    try:
        answer = model.stream(messages)
        try:
            for piece in answer:
                pieces.append(piece)
                length += len(piece)
                if length > LONGEST_ANSWER:
                    raise CuadernoError(f"{model.name} does not stop talking, and was stopped. Ask for less.")
                if stopped.is_set():
                    return
        finally:
            if hasattr(answer, "close"):
                answer.close()
        results.put(("".join(pieces), None))
    except BaseException as error:  # whoever waits shall have it
        results.put(("", error))
