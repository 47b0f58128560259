"""Talk with a GPT that has read a play: you are one of its people, the network writes on as another one.

Nothing taught it to answer. The conversation is written down the way the text writes its speeches, the last line is the
other one's name and a colon, and the network does the only thing it can: it goes on. After a text without speeches it
goes on from your own words.
"""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from tokenizers import Tokenizer

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.run import Run
from cuaderno.studies.gpt import mixture
from cuaderno.studies.gpt.dialogue import Dialogue
from cuaderno.studies.gpt.generate import Sampling, beginning, draw, until
from cuaderno.studies.gpt.mixture import Mixture
from cuaderno.studies.gpt.model import GPT
from cuaderno.studies.gpt.tokens import decode_stream, unknown
from cuaderno.studies.gpt.train import trained

ENGLISH = "".join(chr(code) for code in range(33, 127))
KEYBOARD = {"en": ENGLISH, "es": f"{ENGLISH}áéíóúüñÁÉÍÓÚÜÑ¡¿«»"}  # what people write without thinking
MAX_NAME = 40  # characters; a longer name would fill the context
TEXT = {
    "en": {
        "what": (
            "This is {name}, a small network that has read one text and imitates it. It knows nothing and understands "
            "nothing: whatever it says is made up, also where it sounds sure. It sees the last {memory} tokens of a "
            "conversation; what was said before is gone."
        ),
        "roles": "You speak as {you}, it answers as {they}.",
        "others": "It has also met: {names} (--you NAME, --they NAME).",
        "stranger": "It has never read the name {name}, and guesses how such a person would speak.",
        "goes_on": "Its text was no dialogue, so it does not answer: it goes on from your words.",
        "not_read": "Its alphabet is that of its text, so it skips while it reads: {characters} and whatever is rarer.",
    },
    "es": {
        "what": (
            "Esta es {name}, una red pequeña que ha leído un texto y lo imita. No sabe nada ni entiende nada: todo lo "
            "que dice es inventado, también cuando suena segura. Ve los últimos {memory} tokens de una conversación; "
            "lo que se dijo antes se ha perdido."
        ),
        "roles": "Tú hablas como {you} y ella responde como {they}.",
        "others": "También conoce a: {names} (--you NOMBRE, --they NOMBRE).",
        "stranger": "Nunca ha leído el nombre {name}: adivina cómo hablaría alguien así.",
        "goes_on": "Su texto no era un diálogo, así que no responde: continúa tus palabras.",
        "not_read": "Su alfabeto es el de su texto, así que al leer se salta: {characters} y todo lo que sea más raro.",
    },
}


def open(run: Run, you: str | None = None, they: str | None = None, **sampling) -> "Imitator":
    """The run as something to talk with; `sampling` are settings of `Sampling`.

    Raises:  CuadernoError when the run has no weights, a setting is out of bounds, or somebody is named who is to speak
             although the text was no dialogue.
    """
    dialogue = read_dialogue(run)
    if dialogue is None and (you or they):
        raise CuadernoError(f"The text of {run.id} was no dialogue, so nobody speaks in it: leave out --you, --they.")
    imitator = Imitator(*trained(run), dialogue, run.id, Sampling(**sampling), you, they)
    imitator.mix = mixture.load(run.folder / "checkpoint")
    return imitator


def read_dialogue(run: Run) -> Dialogue | None:
    """How the run's text writes who speaks, or None when it was no dialogue."""
    path = run.folder / "checkpoint" / "dialogue.json"
    if not path.is_file():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        marks = {name: str(found[name]) for name in ("before", "after") if name in found}  # older runs have none
        return Dialogue(tuple(map(str, found["speakers"])), bool(found["own_line"]), **marks)
    except (ValueError, KeyError, TypeError):
        raise CuadernoError(f"{path} is damaged. Restore it; without the file, {run.id} only goes on.") from None


class Imitator:
    """A trained GPT behind the interface of a chat.

    Units:   half of the context is for the conversation so far, its newest part, and half for the answer.
    Traps:   it obeys nobody: system messages are left out.
    """

    def __init__(
        self,
        model: GPT,
        tokenizer: Tokenizer,
        dialogue: Dialogue | None,
        name: str,
        sampling: Sampling = Sampling(),  # noqa: B008
        you: str | None = None,
        they: str | None = None,
    ):
        self.model, self.tokenizer, self.dialogue, self.name = model, tokenizer, dialogue, name
        self.sampling, self.memory = sampling, max(1, model.context_length // 2)
        self.mix: Mixture | None = None  # a counting model that has its share
        self.usage: tuple[int, int] | None = None  # tokens read and written for the last answer
        self.you = self.they = ""
        if dialogue:
            self.you, self.they = cast(dialogue.speakers, you, they)
            # It would go on with everybody's lines, yours too: a name at the beginning of a line ends the answer.
            people = (self.you, self.they, *dialogue.speakers)
            names = dict.fromkeys(f"\n{dialogue.opening(speaker)}" for speaker in people)
            self.sampling = replace(sampling, stop=(*dialogue.stops(), *names))

    def introduction(self, lang: str) -> str:
        words = TEXT[lang]
        lines = [words["what"].format(name=self.name, memory=self.memory)]
        if unread := unknown(self.tokenizer, KEYBOARD[lang]):
            lines.append(words["not_read"].format(characters=" ".join(unread)))
        if self.dialogue is None:
            return " ".join([*lines, words["goes_on"]])
        lines.append(words["roles"].format(you=self.you, they=self.they))
        speakers = self.dialogue.speakers
        if others := [name for name in speakers if name not in (self.you, self.they)]:
            lines.append(words["others"].format(names=", ".join(others)))
        strangers = dict.fromkeys(name for name in (self.you, self.they) if name not in speakers)
        return "\n".join([*lines, *(words["stranger"].format(name=name) for name in strangers)])

    def stream(self, messages: Sequence[Mapping[str, str]]) -> Iterator[str]:
        """The next speech, piece by piece; one that is only white space gets a second try with another seed."""
        tokens = beginning(self.model, self.tokenizer, self.script(messages))[-self.memory :]
        self.usage = len(tokens), 0
        for attempt in range(2):
            sampling = replace(self.sampling, seed=self.seed(len(messages), attempt))
            drawn = decode_stream(self.tokenizer, self.counted(draw(self.model, tokens, sampling, self.mix)))
            spoke = False
            for piece in from_first_word(until(drawn, sampling.stop), keep=self.dialogue is None):
                spoke = True
                yield piece
            if spoke:
                return

    def counted(self, tokens: Iterator[int]) -> Iterator[int]:
        for token in tokens:
            read, written = self.usage or (0, 0)
            self.usage = read, written + 1
            yield token

    def seed(self, turn: int, attempt: int) -> int | None:
        """One per answer: a small network that draws the same luck twice says the same words twice."""
        if self.sampling.seed is None:
            return None
        return random.Random(f"{self.sampling.seed} {turn} {attempt}").getrandbits(63)

    def script(self, messages: Sequence[Mapping[str, str]]) -> str:
        """The end of the conversation as the text would have it, up to where the network takes over."""
        room = 16 * self.memory  # characters; no token is longer on average, and a megabyte need not be read
        parts, length = [], 0
        for message in reversed(messages):
            if length >= room:
                break
            if message["role"] != "system":
                parts.append(self.part(message["role"], message["content"][-room:]))
                length += len(parts[-1])
        # Without the space behind the colon: to byte pairs it is the beginning of the next word.
        opening = self.dialogue.speech(self.they, "").rstrip(" ") if self.dialogue else ""
        return "".join(reversed(parts)) + opening

    def part(self, role: str, content: str) -> str:
        """One message as the text writes it: lines of a speech without gaps, since a gap ends a speech."""
        if self.dialogue is None:
            return content if role == "user" else f"{content}\n"
        lines = [line.strip() for line in content.splitlines() if line.strip()]
        words = ("\n" if self.dialogue.own_line else " ").join(lines)
        return self.dialogue.speech(self.you if role == "user" else self.they, words) if words else ""


def from_first_word(pieces: Iterator[str], keep: bool) -> Iterator[str]:
    """The pieces from the first one with more than white space in it; `keep` gives the white space before it too."""
    blank = ""
    for piece in pieces:
        blank += piece
        if blank.strip():
            yield blank if keep else blank.lstrip()
            yield from pieces


def cast(speakers: tuple[str, ...], you: str | None, they: str | None) -> tuple[str, str]:
    """Who is who: the named ones, else the two most talkative, of whom the first answers."""
    you, they = known(speakers, you), known(speakers, they)
    they = they or next((name for name in speakers if name != you), "THEY")
    return you or next((name for name in speakers if name != they), "YOU"), they


def known(speakers: tuple[str, ...], name: str | None) -> str:
    """A name as the text writes it, whatever its capitals; any other one as it is, but without what ends a name."""
    plain = " ".join((name or "").replace(":", " ").split())[:MAX_NAME]
    return next((speaker for speaker in speakers if speaker.casefold() == plain.casefold()), plain)
