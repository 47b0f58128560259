"""A run: one folder that remembers what was tried, how to repeat it, and what came out."""

import contextlib
import hashlib
import json
import math
import os
import platform
import random
import secrets
import shlex
import signal
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import Any, Self

from cuaderno.lab import parallel
from cuaderno.lab.device import peak_memory_bytes, processor
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.files import disk_errors, write_atomic
from cuaderno.lab.metrics import Metric
from cuaderno.lab.progress import Progress
from cuaderno.lab.provenance import git_state, versions
from cuaderno.lab.text import printable

SCHEMA_VERSION = 1
CHECKPOINT_EVERY_SECONDS = float(os.environ.get("CUADERNO_CHECKPOINT_SECONDS", "20"))


class Interrupted(CuadernoError):
    """The user stopped the run, and it was saved."""


class Run:
    """One folder under `runs/` or `diary/records/`; `data` is its run.json.

    A study's loop uses `describe`, `restore`, `steps`, `log`, `checkpoint_due`, `checkpoint` and `save_weights`;
    its evaluation and export use `config`, `load_weights` and `folder`.
    """

    def __init__(self, folder: Path, data: dict[str, Any]):
        self.folder, self.data = Path(folder), data
        self.step = 0
        self.total: int | None = None  # unknown while a clock decides
        self.progress = 0.0  # the share of the budget that is gone, when a step begins
        self._values: dict[str, float] = {}
        self._log: FileIO | None = None
        self._spent = {"wall_seconds": 0.0, "cpu_seconds": 0.0}
        self._start_clock()
        self._last_checkpoint = time.monotonic()
        self._saved_step: int | None = None
        self._stop_asked = False

    # -- making and opening ------------------------------------------------------------------------------------------

    @classmethod
    def create(cls, study: str, config, folder: Path = Path("runs"), command: str | None = None) -> Self:
        """Start a new run of a study in its own folder under `folder`."""
        created = datetime.now(UTC)
        settings = dict(config) if isinstance(config, dict) else asdict(config)
        digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode() + secrets.token_bytes(8)).hexdigest()
        run_id = f"{study}-{created:%Y%m%d-%H%M%S}-{digest[:6]}"
        run_id = parallel.gather(run_id)[0]
        data = {
            "schema_version": SCHEMA_VERSION,
            "id": run_id,
            "study": study,
            "status": "running",
            "created": created.isoformat(timespec="milliseconds"),
            "seed": settings.get("seed"),
            "command": command or f"cuaderno train {study}",
            "config": settings,
            "effective": {},
            "metrics": {},
            "steps": 0,
            "wall_seconds": 0.0,
            "cpu_seconds": 0.0,
            "peak_memory_bytes": 0,
            "num_processes": parallel.world_size(),
            "git": git_state(),
            "versions": versions(),
            "processor": processor(),
            "platform": platform.platform(),
            "process": process_of(),
            "data": {},
        }
        run = cls(Path(folder) / run_id, data)
        if parallel.is_main():
            with disk_errors(run.folder):
                (run.folder / "checkpoint").mkdir(parents=True)
                (run.folder / "metrics.jsonl").touch()
            run.save()
        parallel.wait_for_all()
        return run

    @classmethod
    def open(cls, folder: Path) -> "Run":
        """Read a run that is on disk.

        Raises:  CuadernoError when the folder holds no run, a damaged one, or one from a newer Cuaderno.
        """
        path = Path(folder) / "run.json"
        if not path.is_file():
            raise CuadernoError(f"{folder} is not a run: it has no run.json. `cuaderno runs` lists the runs there are.")
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            version = data["schema_version"]
            data["id"], data["study"], data["config"], data["metrics"]
        except (ValueError, KeyError, TypeError) as error:
            raise CuadernoError(f"{path} is damaged ({error}). Delete the folder, or restore the file.") from error
        if version > SCHEMA_VERSION:
            raise CuadernoError(
                f"{path} was written by a newer Cuaderno (schema {version}). Upgrade cuaderno to read it."
            )
        return cls(Path(folder), data)

    # -- what is known -----------------------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        return self.data["id"]

    @property
    def study(self) -> str:
        return self.data["study"]

    @property
    def metrics(self) -> dict[str, Metric]:
        return {name: Metric(**values) for name, values in self.data["metrics"].items()}

    @property
    def status(self) -> str:
        """running, trained, finished or interrupted; a run whose process is gone counts as interrupted."""
        status, process = self.data["status"], self.data.get("process", {})
        if status == "running" and process.get("host") == platform.node() and process.get("id") != os.getpid():
            return status if is_alive(process) else "interrupted"
        return status

    @property
    def has_weights(self) -> bool:
        """Whether the finished model is there; a kill right after the last step may have come before it was saved."""
        return (self.folder / "checkpoint" / "weights.safetensors").is_file()

    def history(self) -> list[dict[str, float]]:
        """Every line of metrics.jsonl; a last line torn by a kill is left out."""
        path = self.folder / "metrics.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        rows = []
        for number, line in enumerate(lines, 1):
            try:
                rows.append(json.loads(line))
            except ValueError:
                if number < len(lines):
                    raise CuadernoError(f"{path}:{number} is damaged. Restore the file, or delete that line.") from None
        return rows

    def config(self, kind: type):
        """The settings as the study's own Config."""
        return kind(**self.data["config"])

    # -- the training loop -------------------------------------------------------------------------------------------

    def describe(self, model=None, optimizer=None, **values) -> None:
        """Record the hyperparameters in force, read back from the objects that use them, and print them.

        `optimizer` may be a list of several, and every further value is recorded under its name.
        """
        effective = dict(values)
        if model is not None:
            effective["parameters"] = sum(p.numel() for p in model.parameters())
            effective["device"] = str(next(model.parameters()).device)
            rates = sorted({m.p for m in model.modules() if type(m).__name__.startswith("Dropout")})
            effective |= {"dropout_rate": rates[0] if len(rates) == 1 else rates} if rates else {}
        optimizers = optimizer if isinstance(optimizer, list) else [optimizer] if optimizer is not None else []
        if optimizers:
            effective["optimizer"] = ", ".join(type(one).__name__ for one in optimizers)
            groups = [group for one in optimizers for group in one.param_groups]
            for number, group in enumerate(groups):
                prefix = f"group_{number}." if len(groups) > 1 else ""
                plain = {k: v for k, v in group.items() if isinstance(v, int | float | tuple) and v is not None}
                plain.pop("initial_lr", None)  # a schedule's own note
                renamed = {"lr": "learning_rate"}
                effective |= {prefix + renamed.get(k, k): v for k, v in plain.items() if not isinstance(v, bool)}
        self.data["effective"] = json.loads(json.dumps(effective))
        self.data["versions"], self.data["processor"] = versions(), processor()  # torch is loaded by now
        if parallel.is_main():
            self.save()
            words = "\n".join(f"{name}: {value}" for name, value in values.items())
            settings = "  ".join(f"{name}={value}" for name, value in effective.items() if name not in values)
            print(printable("\n".join(filter(None, [words, textwrap.fill(settings, 118)]))), file=sys.stderr)

    def used(self, name: str, fingerprint: str) -> None:
        """Record which data the run read, by content."""
        self.data["data"][name] = fingerprint
        if parallel.is_main():
            self.save()

    def steps(self, total: int, minutes: float = 0) -> Iterator[int]:
        """Count optimizer updates 1…total, on from the restored one, with a progress bar and a clean Ctrl-C.

        With `minutes` the clock decides instead of `total`: the first step that begins after them is the last. Either
        way `progress` says how much of the budget is gone, and a schedule that follows it ends where it should.

        Raises:  Interrupted after the loop has saved the step in which Ctrl-C came.
        """
        if total < 1 or minutes < 0:
            raise CuadernoError(f"A training needs at least one step, not {total}, and no negative time.")
        budget = 60 * minutes
        self.total = None if budget else total
        self._start_clock()
        self._last_checkpoint = time.monotonic()
        self.data["planned"] = {"seconds": budget} if budget else {"steps": total}  # what a bar elsewhere counts to
        if parallel.is_main():
            self.save()
        unit = {"total": round(budget), "unit": "second"} if budget else {"total": total, "done": self.step}
        with self._catch_signals(), Progress(f"train {self.study}", **unit) as progress:
            while self.total is None or self.step < self.total:
                self.progress = self._clock()["wall_seconds"] / budget if budget else self.step / total
                self.step += 1
                if budget and parallel.any_process(self.progress >= 1):
                    self.progress, self.total = 1.0, self.step
                yield self.step
                spent = min(round(self._clock()["wall_seconds"]), round(budget))
                progress.update(spent if budget else self.step, self._values)
                if self._saved_step == self.step and self._stop_asked:
                    self._end("interrupted")
                    whole = f"{minutes:g} minutes" if budget else f"{total}"
                    raise Interrupted(
                        f"Stopped and saved at step {self.step} of {whole}. "
                        f"Go on with: cuaderno train {self.study} --resume {self.id}"
                    )
        self._end("trained")

    def log(self, step: int, **values: float) -> None:
        """Append one line to metrics.jsonl and show the values on the bar.

        Raises:  CuadernoError when a value is not finite: nothing that follows a NaN is worth keeping.
        """
        values = {name: float(value) for name, value in values.items()}
        bad = [name for name, value in values.items() if not math.isfinite(value)]
        if bad:
            raise CuadernoError(
                f"{bad[0]} became {values[bad[0]]} at step {step}. The learning rate is the usual cause: try a lower "
                f"--learning-rate. The last checkpoint of {self.id} is intact."
            )
        self._values |= values
        if not parallel.is_main():
            return
        path = self.folder / "metrics.jsonl"
        with disk_errors(path):
            self._log = self._log or path.open("ab", buffering=0)  # a line is one write: whole, or torn at the end
            line = {"step": step, "seconds": round(self._clock()["wall_seconds"], 3), **values}
            self._log.write(json.dumps(line).encode() + b"\n")

    # -- checkpoints -------------------------------------------------------------------------------------------------

    def checkpoint_due(self) -> bool:
        """True every 20 seconds (or `CUADERNO_CHECKPOINT_SECONDS`), when a stop was asked for, and at the last step."""
        waited = time.monotonic() - self._last_checkpoint > CHECKPOINT_EVERY_SECONDS
        self._stop_asked = parallel.any_process(self._stop_asked)
        return parallel.any_process(waited or self._stop_asked or self.step == self.total)

    def checkpoint(self, **state: Any) -> None:
        """Save all that is needed to go on from here bit by bit: your state and every process's random numbers."""
        import torch

        state = {"step": self.step, "random": _random_state(), "state": state, "spent": self._clock()}
        everyone = parallel.gather(state)
        if parallel.is_main():
            path = self.folder / "checkpoint" / "training.pt"
            temporary = path.with_suffix(".tmp")
            with disk_errors(path):
                try:
                    with temporary.open("wb") as file:
                        torch.save(everyone, file)
                        file.flush()
                        os.fsync(file.fileno())
                    temporary.replace(path)
                finally:
                    temporary.unlink(missing_ok=True)
            self.data["steps"] = self.step
            self.save()
        parallel.wait_for_all()
        self._last_checkpoint, self._saved_step = time.monotonic(), self.step

    def restore(self) -> dict[str, Any] | None:
        """Go back to the last checkpoint and give what the loop put there; None at a first start.

        Raises:  CuadernoError when the number of processes is not the one that saved it.
        """
        path = self.folder / "checkpoint" / "training.pt"
        if not path.is_file():
            self._rewind_log(0)
            return None
        import torch

        everyone = torch.load(path, weights_only=True, map_location="cpu")
        if len(everyone) != parallel.world_size():
            raise CuadernoError(f"{self.id} was trained by {len(everyone)} processes: resume it with as many.")
        mine = everyone[parallel.rank()]
        self.step, self._spent = mine["step"], mine["spent"]
        _set_random_state(mine["random"])
        self._rewind_log(self.step)
        return mine["state"]

    def save_weights(self, weights: dict) -> None:
        """Keep the finished model's tensors as `checkpoint/weights.safetensors`."""
        if parallel.is_main():
            from safetensors.torch import save

            plain = {name: tensor.detach().cpu().contiguous() for name, tensor in weights.items()}
            write_atomic(self.folder / "checkpoint" / "weights.safetensors", save(plain))

    def load_weights(self) -> dict:
        """The finished model's tensors, on the CPU.

        Raises:  CuadernoError when training has not ended.
        """
        path = self.folder / "checkpoint" / "weights.safetensors"
        if not path.is_file():
            raise CuadernoError(
                f"{self.id} has no weights yet: its training has not ended. "
                f"Go on with: cuaderno train {self.study} --resume {self.id}"
            )
        from safetensors.torch import load_file

        return load_file(path)

    # -- on disk -----------------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Write run.json, whole or not at all."""
        self.data |= {name: round(seconds, 3) for name, seconds in self._clock().items()} if self._live() else {}
        if self._live():
            self.data["peak_memory_bytes"] = max(self.data["peak_memory_bytes"], peak_memory_bytes())
        text = json.dumps(self.data, indent=2, ensure_ascii=False) + "\n"
        write_atomic(self.folder / "run.json", text)

    def finish(self, metrics: dict[str, Metric]) -> None:
        """Keep the evaluation's results; the run is finished."""
        self.data["metrics"] = {name: asdict(metric) for name, metric in metrics.items()}
        self.data["status"] = "finished"
        self.save()

    def resumed(self) -> None:
        """Mark a stopped run as running again, in this process."""
        self.data |= {"status": "running", "process": process_of()}
        if parallel.is_main():
            self.save()

    def _live(self) -> bool:
        return self.data["status"] == "running"

    def _end(self, status: str) -> None:
        self.data["steps"] = self.step
        if parallel.is_main():
            self.save()  # the clock stops here
        self.data["status"] = status
        self.data.pop("process", None)
        if self._log:
            self._log.close()
            self._log = None
        if parallel.is_main():
            self.save()

    def _start_clock(self) -> None:
        self._zero = {"wall_seconds": time.monotonic(), "cpu_seconds": time.process_time()}

    def _clock(self) -> dict[str, float]:
        now = {"wall_seconds": time.monotonic(), "cpu_seconds": time.process_time()}
        return {name: self._spent[name] + now[name] - self._zero[name] for name in now}

    def _rewind_log(self, step: int) -> None:
        """Forget the lines after the checkpoint: the resumed loop writes them again, the same."""
        if not parallel.is_main():
            return
        kept = [json.dumps(row) + "\n" for row in self.history() if row["step"] <= step]
        write_atomic(self.folder / "metrics.jsonl", "".join(kept))

    @contextlib.contextmanager
    def _catch_signals(self):
        """Ctrl-C and SIGTERM ask for a clean stop; the second Ctrl-C stops at once."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def ask(number, frame):
            if self._stop_asked:
                raise KeyboardInterrupt
            self._stop_asked = True
            print("\nStopping after this step; press Ctrl-C again to stop at once.", file=sys.stderr)

        before = {name: signal.signal(name, ask) for name in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for name, handler in before.items():
                signal.signal(name, handler)


def process_of(number: int | None = None) -> dict[str, Any]:
    """What tells a process from every other, also from a later one with the same number; this one unless told."""
    import psutil

    number = number or os.getpid()
    try:
        started = psutil.Process(number).create_time()
    except psutil.NoSuchProcess:
        started = 0.0  # it is over already
    return {"id": number, "host": platform.node(), "started": started}


def is_alive(process: dict[str, Any]) -> bool:
    """Whether that very process runs; another one that was given its number later does not count, nor a dead one."""
    import psutil

    try:
        found = psutil.Process(process["id"])
        return abs(found.create_time() - process["started"]) < 2 and found.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, KeyError, TypeError, ValueError):
        return False


def repeat_command(arguments: list[str]) -> str:
    """The shell line that repeats a command, without what only this start needed."""
    return shlex.join(["cuaderno", *arguments])


def _random_state() -> dict[str, Any]:
    import numpy as np
    import torch

    kind, keys, position, has_gauss, gauss = np.random.get_state(legacy=True)  # type: ignore[misc]
    state = {
        "python": random.getstate(),
        "numpy": [kind, np.asarray(keys).tolist(), int(position), int(has_gauss), float(gauss)],
        "torch": torch.get_rng_state(),
    }
    if torch.cuda.is_available():
        state["cuda"] = torch.cuda.get_rng_state_all()
    return state


def _set_random_state(state: dict[str, Any]) -> None:
    import numpy as np
    import torch

    version, internal, gauss = state["python"]
    random.setstate((version, tuple(internal), gauss))
    np.random.set_state(tuple(state["numpy"]))
    torch.set_rng_state(state["torch"])
    if torch.cuda.is_available() and "cuda" in state:
        torch.cuda.set_rng_state_all(state["cuda"])
