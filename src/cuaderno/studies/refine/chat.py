"""Talk with a model that was tuned to chat."""

from collections.abc import Iterator, Mapping, Sequence

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.run import Run
from cuaderno.studies.refine.tuned import Tuned, trained
from cuaderno.studies.refine.write import write

ONLY = {"task": "chat"}  # the runs that can talk
TEXT = {
    "en": (
        "This is {name}, a {family} of {millions} million weights, tuned to answer like the rows it was given. What it "
        "says away from them is made up, also where it sounds sure. It sees the last {memory} tokens."
    ),
    "es": (
        "Este es {name}, un {family} de {millions} millones de pesos, ajustado para responder como las filas que se le "
        "dieron. Lo que diga fuera de ellas es inventado, también cuando suena seguro. Ve los últimos {memory} tokens."
    ),
}


def open(run: Run, system: str = "", temperature: float = 0.0, max_tokens: int = 0, seed: int | None = None) -> "Tutor":
    """The run as something to talk with.

    Raises:  CuadernoError when it was not tuned to chat.
    """
    tuned = trained(run)
    if tuned.task != "chat":
        raise CuadernoError(
            f"{run.id} was tuned to {tuned.task}, not to chat. Ask it with: cuaderno predict refine TEXT --run {run.id}"
        )
    if temperature < 0 or max_tokens < 0:
        raise CuadernoError("--temperature and --max-tokens are 0 or more.")
    return Tutor(run.id, tuned, system, temperature, max_tokens, seed)


class Tutor:
    """A tuned model in a conversation."""

    def __init__(self, name: str, tuned: Tuned, system: str, temperature: float, max_tokens: int, seed: int | None):
        self.name, self.tuned, self.system = name, tuned, system
        self.temperature, self.max_tokens, self.seed = temperature, max_tokens, seed

    def introduction(self, lang: str) -> str:
        weights = sum(weight.numel() for weight in self.tuned.model.parameters())
        millions = f"{weights / 1e6:.2g}"
        return TEXT[lang].format(
            name=self.name, family=self.tuned.model_type, memory=self.tuned.context_length,
            millions=millions.replace(".", ",") if lang == "es" else millions,
        )  # fmt: skip

    def stream(self, messages: Sequence[Mapping[str, str]]) -> Iterator[str]:
        """The answer to the last message; always the likeliest words unless a temperature is given."""
        first = [{"role": "system", "content": self.system}] if self.system else []
        seed = None if self.seed is None else self.seed + len(messages)
        yield from write(self.tuned, [*first, *map(dict, messages)], self.temperature, self.max_tokens, seed)
