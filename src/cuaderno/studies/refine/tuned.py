"""What stays of a run: weights, tokenizer and all that is needed to use them without the rows."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.export import save_json
from cuaderno.lab.parallel import is_main, wait_for_all
from cuaderno.lab.run import Run
from cuaderno.studies.refine import families, phrasebook
from cuaderno.studies.refine.data import Table, as_script
from cuaderno.studies.refine.model import Pair
from cuaderno.studies.refine.start import Prepared, assemble, family_of

if TYPE_CHECKING:
    from cuaderno.studies.refine.train import Config


def save(run: Run, model: nn.Module, ready: Prepared, config: "Config") -> None:
    """Keep the weights, LoRA's merged into the others, and beside them all that is needed to use them without rows."""
    if hasattr(model, "merge_and_unload"):
        model = model.merge_and_unload()
    run.save_weights(untied(model))
    if is_main():
        folder = run.folder / "checkpoint" / "model"
        folder.mkdir(exist_ok=True)
        body = model.body if isinstance(model, Pair) else model
        body.config.save_pretrained(folder)
        ready.tokenizer.save_pretrained(folder)
        about = {
            "task": config.task,
            "is_pair": ready.is_pair,
            "labels": ready.table.labels,
            "context_length": ready.context_length,
            "pretrained": ready.pretrained,
            "family": family_of(config),
            "range": answer_range(ready.table, config.task),
            "examples": examples(config.task, ready.is_pair),
        }
        save_json(folder / "refine.json", about)
    wait_for_all()


def examples(task: str, is_pair: bool) -> list[list[str]]:
    """Made-up texts to show beside the model: rows of a table may be private, and are never published."""
    if task == "chat":
        return [[as_script([("user", question)])] for question in phrasebook.SHOWN_QUESTIONS]
    return [list(pair) for pair in phrasebook.SHOWN_PAIRS] if is_pair else [[text] for text in phrasebook.SHOWN]


def answer_range(table: Table, task: str) -> list[float]:
    """The lowest and the highest number among the answers."""
    numbers = [row.target for row in table.train] if task == "regress" else [0.0, 1.0]
    return [float(min(numbers)), float(max(numbers))]


def untied(model: nn.Module) -> dict[str, Tensor]:
    """The weights of a model, those that are one and the same only once."""
    seen: set[int] = set()
    kept = {}
    for name, weight in model.state_dict().items():
        if weight.data_ptr() not in seen or not weight.numel():
            kept[name] = weight
        seen.add(weight.data_ptr())
    return kept


@dataclass
class Tuned:
    """A finished run, ready to be used."""

    model: nn.Module
    tokenizer: Any
    task: str
    is_pair: bool
    labels: list[str]
    context_length: int
    pretrained: bool
    family: str
    range: list[float]
    examples: list[list[str]]

    @property
    def body(self) -> Any:
        """What turns tokens into vectors, below the last layer."""
        return self.model.body if isinstance(self.model, Pair) else self.model.base_model

    @property
    def model_type(self) -> str:
        """What transformers calls the family."""
        return self.body.config.model_type


def trained(run: Run) -> Tuned:
    """The model of a finished run and all that belongs to it.

    Raises:  CuadernoError when the training has not ended or a file is missing.
    """
    families.require_transformers()
    from transformers import AutoConfig

    weights, folder = run.load_weights(), run.folder / "checkpoint" / "model"
    if not (folder / "refine.json").is_file():
        raise CuadernoError(f"{folder}/refine.json is missing. Restore the file, or train the run again.")
    about = json.loads((folder / "refine.json").read_text(encoding="utf-8"))
    made = AutoConfig.from_pretrained(folder)
    model = assemble(made, about["task"], about["is_pair"], 0.0)
    missing, unexpected = model.load_state_dict(weights, strict=False)
    tied = set(model.state_dict()) - set(untied(model))
    if unexpected or set(missing) - tied:
        raise CuadernoError(f"{run.id}: the weights do not fit {folder}/config.json. Restore the file, or train again.")
    model.eval()
    return Tuned(model, opened_tokenizer(folder), **about)


def opened_tokenizer(folder: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder)
