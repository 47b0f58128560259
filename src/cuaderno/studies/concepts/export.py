"""One idea for the page: what was learnt, answers that the page has to repeat, and a still picture."""

from pathlib import Path

from cuaderno.lab.export import save_json, save_parity
from cuaderno.lab.files import write_atomic
from cuaderno.lab.run import Run
from cuaderno.studies.concepts import parts
from cuaderno.studies.concepts.train import trained


def export(run: Run, folder: Path) -> None:
    learner = trained(run)
    name = learner.config.part
    found = parts.load(name).export(learner)
    modules = [f"parts/{name}.js", f"parts/{name}-model.js"]  # all that the page loads besides widget.js
    save_json(folder / "model.json", {"part": name, "modules": modules, **found.about})
    save_parity(folder, found.cases, found.tolerance)
    write_atomic(folder / "poster.svg", found.poster)
    for file, content in (found.files or {}).items():
        write_atomic(folder / file, content)
