"""A model in the Hugging Face format, from a folder on this computer, as something to talk with."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cuaderno.chat import Message
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.text import printable

LONGEST = 300  # tokens of an answer, unless somebody asks for another length
SILENCE = 180.0  # seconds for the next word
OPTIONS = ("temperature", "top_k", "top_p", "repetition_penalty", "max_tokens", "seed")
TEXT = {
    "en": "This is {name}, a language model from a folder on this computer: what you write stays here. It can be "
    "wrong, also where it sounds sure.",
    "es": "Este es {name}, un modelo de lenguaje de una carpeta de este ordenador: lo que escribes se queda aquí. "
    "Puede equivocarse, también cuando suena seguro.",
}


def is_folder(name: str) -> bool:
    """Whether a name is that of a folder with such a model."""
    return len(name) < 4096 and "\0" not in name and (Path(name).expanduser() / "config.json").is_file()


def must_be_model(name: str) -> None:
    """Let through what is no path.

    Raises:  CuadernoError for a path, with what is missing there.
    """
    if len(name) >= 4096 or "\0" in name:
        return
    path, shown = Path(name).expanduser(), printable(name)
    if not (path.exists() or name.startswith(("./", "../", "/", "~"))):
        return
    missing = "there is no config.json in it" if path.is_dir() else "it is a file" if path.exists() else ""
    said = f"{shown} holds no model: {missing}." if missing else f"There is no folder {shown}."
    raise CuadernoError(
        f"{said} A folder in the Hugging Face format has config.json, the weights (model.safetensors) and a tokenizer, "
        "as save_pretrained writes it and `cuaderno export RUN --huggingface DIR`."
    )


class Folder:
    """A causal language model. With a chat template it is asked as that says, without one it goes on from the words.

    Raises:  CuadernoError when transformers is missing, the folder holds no such model, or an option is unknown.
    """

    def __init__(self, folder: Path, system: str = "", **options: Any):
        if strangers := [name for name in options if name not in OPTIONS]:
            written = strangers[0].replace("_", "-")
            raise CuadernoError(f"A model in a folder knows nothing of --{written}. Leave it out.")
        try:
            from transformers import AutoModelForCausalLM, AutoTokenizer
        except ImportError:
            raise CuadernoError(
                "A folder of a model needs transformers. Install it: pip install transformers"
            ) from None
        self.name, self.system, self.options = folder.expanduser().resolve().name, system, options
        self.usage: tuple[int, int] | None = None
        try:
            self.tokenizer: Any = AutoTokenizer.from_pretrained(folder.expanduser(), local_files_only=True)
            self.model: Any = AutoModelForCausalLM.from_pretrained(folder.expanduser(), local_files_only=True).eval()
        except (OSError, ValueError, KeyError) as error:
            reason = str(error).strip().partition("\n")[0]
            raise CuadernoError(
                f"{folder} holds no model to talk with: {reason} It has to be a folder that save_pretrained wrote, "
                "with a causal language model and its tokenizer."
            ) from None

    def introduction(self, lang: str) -> str:
        return TEXT[lang].format(name=self.name)

    def stream(self, messages: list[Message]) -> Iterator[str]:
        from transformers import StoppingCriteriaList, TextIteratorStreamer

        tokens = self.tokens(messages)
        self.usage = int(tokens.shape[1]), 0
        streamer = TextIteratorStreamer(self.tokenizer, skip_prompt=True, timeout=SILENCE, skip_special_tokens=True)
        stopped, faults = threading.Event(), []

        def must_stop(ids: Any, scores: Any, **_: Any) -> bool:
            self.usage = int(tokens.shape[1]), int(ids.shape[1] - tokens.shape[1])
            return stopped.is_set()

        def write() -> None:
            try:
                criteria = StoppingCriteriaList([must_stop])
                self.model.generate(tokens, streamer=streamer, stopping_criteria=criteria, **self.settings())
            except Exception as error:  # whoever waits for the next piece shall have it
                faults.append(error)
                streamer.end()

        writing = threading.Thread(target=write, daemon=True)
        writing.start()
        try:
            yield from streamer
        finally:
            stopped.set()
            writing.join(SILENCE)
        if faults:
            raise CuadernoError(f"{self.name} could not go on: {faults[0]}. Ask for less, or begin anew.")

    def tokens(self, messages: list[Message]) -> Any:
        """The conversation as the model wants it, shape (1, T), without what no longer fits into its context."""
        said = [{"role": "system", "content": self.system}] * bool(self.system) + [dict(one) for one in messages]
        if self.tokenizer.chat_template:
            found = self.tokenizer.apply_chat_template(
                said, add_generation_prompt=True, return_tensors="pt", return_dict=True
            )["input_ids"]
        else:
            text = "\n".join(one["content"] for one in messages if one["role"] != "system") + "\n"
            found = self.tokenizer(text, return_tensors="pt")["input_ids"]
        context = getattr(self.model.config, "max_position_embeddings", None) or 1024
        return found[:, -max(1, context - self.longest(context)) :]

    def longest(self, context: int) -> int:
        """The tokens of an answer: as many as were asked for, and at most half of the context."""
        return max(1, min(self.options.get("max_tokens") or LONGEST, context // 2))

    def settings(self) -> dict[str, Any]:
        """The options as transformers calls them."""
        import torch

        if "seed" in self.options:
            torch.manual_seed(self.options["seed"])
        context = getattr(self.model.config, "max_position_embeddings", None) or 1024
        temperature = self.options.get("temperature", 1.0)
        found: dict[str, Any] = {"max_new_tokens": self.longest(context), "do_sample": temperature > 0}
        if temperature > 0:
            names = ("top_k", "top_p")
            found |= {
                "temperature": temperature,
                **{name: self.options[name] for name in names if name in self.options},
            }
        if "repetition_penalty" in self.options:
            found["repetition_penalty"] = self.options["repetition_penalty"]
        end = self.tokenizer.pad_token_id
        return found | {"pad_token_id": self.tokenizer.eos_token_id if end is None else end}
