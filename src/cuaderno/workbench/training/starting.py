"""A command as a process of its own: started here, it outlives the page and the workbench.

All that is known of it lies beside the runs in `.started/`: a paper that says what was started and as which process,
and what it printed. What it trains lies in the run's own folder.
"""

import json
import os
import re
import secrets
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cuaderno.cli.places import runs_beside
from cuaderno.lab import records
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.files import disk_errors, write_atomic
from cuaderno.lab.run import Run, is_alive, process_of

FOLDER = ".started"
TAIL = 40  # lines of what it printed that are shown
SOON = 5.0  # seconds in which the same command is the same click
STOPPING = "Stopping after this step"


@dataclass(frozen=True)
class Start:
    """What was started: its paper, the words of the command, and the process."""

    paper: Path
    words: tuple[str, ...]
    process: dict[str, Any]
    moment: float

    @property
    def is_alive(self) -> bool:
        return is_alive(self.process)

    def printed(self) -> str:
        """All that it has said so far."""
        log = self.paper.with_suffix(".log")
        return log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""

    def tail(self) -> str:
        return "\n".join(self.printed().strip().splitlines()[-TAIL:])

    @property
    def run_id(self) -> str:
        """The run that it trains, empty before it has said so."""
        found = re.search(r"^run (\S+) in ", self.printed(), re.M)
        return found[1] if found else ""


@dataclass(frozen=True)
class Training:
    """A run, a start of one, or both."""

    run: Run | None
    start: Start | None

    @property
    def name(self) -> str:
        return self.run.id if self.run else self.start.paper.stem if self.start else ""

    @property
    def stage(self) -> str:
        """`starting`, `training`, `stopping`, `measuring`, `stopped`, `finished`, or `failed`."""
        alive = self.start is not None and self.start.is_alive
        if self.run is None:
            return "starting" if alive else "failed"
        if self.run.status == "running":
            return "stopping" if self.start and STOPPING in self.start.printed() else "training"
        if self.run.status == "interrupted":
            return "starting" if alive else "stopped"
        if alive:
            return "measuring"
        exported = (self.run.folder / "export" / "model.json").is_file()
        return "finished" if self.run.status == "finished" and exported else "failed"

    @property
    def is_busy(self) -> bool:
        return self.stage in ("starting", "training", "stopping", "measuring")


def start(diary: Path, words: list[str]) -> Start:
    """Start `cuaderno WORDS` in the diary's folder, on its own from the first moment.

    Traps:   the same words once more within a few seconds are a double click, and start nothing.
    """
    for other in starts(diary):
        if list(other.words) == words and time.time() - other.moment < SOON and other.is_alive:
            return other
    folder = runs_beside(diary) / FOLDER
    paper = folder / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}.json"
    command = [sys.executable, "-P", "-m", "cuaderno", *words]
    with disk_errors(paper):
        folder.mkdir(parents=True, exist_ok=True)
        with paper.with_suffix(".log").open("wb") as log:
            process = subprocess.Popen(
                command, cwd=diary, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                env=os.environ | {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}, **apart(),
            )  # fmt: skip
    threading.Thread(target=process.wait, daemon=True).start()  # or it would stay as a zombie
    found = Start(paper, tuple(words), process_of(process.pid), time.time())
    content = {"schema_version": 1, "words": words, "process": found.process, "moment": found.moment}
    write_atomic(paper, json.dumps(content, indent=2) + "\n")
    return found


def apart() -> dict[str, Any]:
    """What makes a child independent of whoever started it: Ctrl-C in the terminal does not reach it."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.DETACHED_PROCESS}
    return {"start_new_session": True}


def starts(diary: Path) -> list[Start]:
    """What was started and not put away, the newest first; a paper that cannot be read is left out."""
    found = []
    for paper in sorted((runs_beside(diary) / FOLDER).glob("*.json"), reverse=True):
        try:
            said = json.loads(paper.read_text(encoding="utf-8"))
            found.append(Start(paper, tuple(map(str, said["words"])), dict(said["process"]), float(said["moment"])))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found


def trainings(diary: Path) -> list[Training]:
    """What is being trained, and what was started here and not put away: the newest first, each run once."""
    runs = {run.id: run for run in records.runs_in(runs_beside(diary), damaged=lambda said: None)}
    found: dict[str, Training] = {}
    for one in starts(diary):
        run = runs.get(one.run_id or named(one.words))
        training = Training(run, one)
        found.setdefault(training.name, training)
    others = {run.id: Training(run, None) for run in runs.values() if run.status == "running" and run.id not in found}
    return [*others.values(), *found.values()]


def named(words: tuple[str, ...]) -> str:
    """The run that a command names: the one to resume, or to measure."""
    return next((word for word in words if re.search(r"-\d{8}-\d{6}-[0-9a-f]{6}$", word)), "")


def stopped(diary: Path) -> list[Run]:
    """Runs that were stopped half-way and can go on."""
    return [run for run in records.runs_in(runs_beside(diary), damaged=lambda said: None) if can_go_on(run)]


def newest_study(diary: Path) -> str:
    """The study of the newest finished run; empty when there is none."""
    every = records.runs_in(runs_beside(diary), diary / "records", damaged=lambda said: None)
    found = [run for run in every if run.status == "finished"]
    return max(found, key=lambda run: str(run.data["created"])).study if found else ""


def can_go_on(run: Run) -> bool:
    return run.status == "interrupted" or (run.status in ("trained", "finished") and not run.has_weights)


def stop(training: Training) -> None:
    """Ask it to stop after this step and to save; asked again, or when it trains no more, it stops at once.

    Raises:  CuadernoError when it cannot be reached from here.
    """
    process = (training.run and training.run.data.get("process")) or (training.start and training.start.process)
    if not process or not is_alive(process):
        return
    gentle = training.stage in ("starting", "training")
    if sys.platform == "win32":
        number = signal.CTRL_BREAK_EVENT
    else:
        number = signal.SIGINT if gentle else signal.SIGTERM
    try:
        os.kill(process["id"], number)
    except ProcessLookupError:
        return
    except PermissionError:
        raise CuadernoError(f"{training.name} is another user's process. Ask who started it to stop it.") from None


def put_away(training: Training) -> None:
    """Show it no more; its run stays, and what it printed too."""
    if training.start:
        training.start.paper.unlink(missing_ok=True)


def progress(run: Run, history: list[dict[str, float]]) -> float | None:
    """The share that is trained, as far as the run has said what it plans, logged and saved how far it is."""
    planned, last = run.data.get("planned", {}), history[-1] if history else {}
    done = {"steps": last.get("step", run.data["steps"]), "seconds": last.get("seconds", run.data["wall_seconds"])}
    shares = [min(1.0, done[unit] / all) for unit, all in planned.items() if unit in done and all]
    return shares[0] if shares else None
