"""A tuned model as a folder that transformers opens: the same answers, without Cuaderno."""

from pathlib import Path

from cuaderno.lab.files import disk_errors, write_atomic
from cuaderno.lab.run import Run
from cuaderno.studies.refine.model import Pair
from cuaderno.studies.refine.tuned import Tuned, trained

PAIR_README = """A model that compares two texts: its body is in Hugging Face's format, its top in pair.safetensors.

    model = AutoModel.from_pretrained(".")        # then, for the tokens of each text:
    w = exp(weights.weight[ids]) * mask           # how much each token counts
    v = (last_hidden_state * w).sum(1) / w.sum(1)
    score = cosine.weight * cos(v1, v2) + cosine.bias + details.weight @ [|v1 - v2|, v1 * v2]
"""


def export(run: Run, folder: Path) -> None:
    """A finished run as a save_pretrained folder; LoRA's matrices are merged already."""
    write_folder(trained(run), folder)


def write_folder(tuned: Tuned, folder: Path) -> None:
    """Weights, configuration with the labels' names, tokenizer and chat template."""
    from transformers.utils import logging

    logging.disable_progress_bar()
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        model = tuned.model
        (model.body if isinstance(model, Pair) else model).save_pretrained(folder)
        tuned.tokenizer.save_pretrained(folder)
    if isinstance(model, Pair):
        from safetensors.torch import save

        top = {name: weight.contiguous() for name, weight in model.state_dict().items() if not name.startswith("body.")}
        write_atomic(folder / "pair.safetensors", save(top))
        write_atomic(folder / "README.md", PAIR_README)
