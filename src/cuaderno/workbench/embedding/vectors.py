"""Ask a run for vectors, and keep them for as long as run and texts are the same."""

from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cuaderno import studies
from cuaderno.cli.places import runs_beside
from cuaderno.data.formats import read_table
from cuaderno.lab import records
from cuaderno.lab.device import calm_threads
from cuaderno.lab.run import Run
from cuaderno.workbench import Place

MOST = 5_000  # texts of a file: a map of more takes minutes


@dataclass
class Embedded:
    """Texts and their vectors; the map is drawn when it is asked for."""

    run: Run
    texts: list[str]
    vectors: Any
    drawn: dict[str, Any] = field(default_factory=dict)


def runs(place: Place) -> dict[str, Run]:
    """The trained runs whose study gives vectors, trials of a sweep last, each the newest first."""
    every = records.runs_in(place.diary / "records", runs_beside(place.diary), damaged=lambda said: None)
    able = {name for name in studies.names() if (studies.folder(name) / "embed.py").is_file()}
    found = (run for run in every if run.study in able and run.has_weights)
    return {run.id: run for run in sorted(found, key=records.is_trial)}


def embed(run: Run, texts: list[str]) -> Embedded:
    calm_threads()
    return Embedded(run, texts, studies.load(run.study, "embed").embed(run, texts))


def sequence(run: Run, text: str) -> tuple[list[str], Any] | None:
    """The tokens of a text and their vectors, when the study gives them."""
    calm_threads()
    part = studies.load(run.study, "embed")
    return part.embed_sequence(run, text) if hasattr(part, "embed_sequence") else None


def texts_of(name: str, content: bytes) -> tuple[list[str], str]:
    """The texts of a file that was dropped, and the columns they stand in.

    Raises:  CuadernoError when it cannot be read.
    """
    with TemporaryDirectory(prefix="cuaderno-") as folder:
        path = Path(folder) / Path(name.replace("\\", "/")).name
        path.write_bytes(content)
        table = read_table(path)
    return [text for text in table.texts if text.strip()], ", ".join(table.format.text_columns)
