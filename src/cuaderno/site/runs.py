"""Kept runs as the site cites them: by id, by a name the post gave them, or by study, which means its newest."""

import gzip
import hashlib
import json
import re
from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from cuaderno.diary.dates import parse_date
from cuaderno.lab.errors import CuadernoError, nearest
from cuaderno.lab.records import kept
from cuaderno.lab.run import Run
from cuaderno.site.studies import Study

NOT_LOADED = re.compile(r"parity\.json|samples.*\.json|.*\.(svg|png)|.*\.onnx.*")  # what a widget does not need
VIEW = re.compile(r"view-[a-z]")  # what one of the study's other live pictures is made of
COUNTERS = ("step", "seconds", "epoch")  # of what is logged, no measures
COMPRESSES = (".js", ".mjs", ".json", ".css", ".svg", ".wasm", ".txt", ".bin")


class Cited:
    """A kept run with what the site derives from it."""

    def __init__(self, run: Run, study: Study):
        self.run, self.study = run, study
        self.id, self.data, self.metrics = run.id, run.data, run.metrics

    @cached_property
    def history(self) -> list[dict[str, float]]:
        return self.run.history()

    @cached_property
    def files(self) -> list[Path]:
        """The export, in the order of names."""
        folder = self.run.folder / "export"
        return [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith(".")]

    @property
    def day(self) -> datetime:
        return parse_date(self.data["created"])

    @property
    def sizes(self) -> list[tuple[str, int]]:
        """The files of the export below the run, with their bytes."""
        return [(path.relative_to(self.run.folder).as_posix(), path.stat().st_size) for path in self.files]

    @cached_property
    def export_bytes(self) -> int:
        """What the browser downloads of the export, compressed."""
        return sum(_wire_bytes(path) for path in self.files if _loaded(path))

    @cached_property
    def widget_bytes(self) -> int:
        """What pressing Start costs: the study's web files and the export, compressed; not what is asked for later."""
        at_once = (path for path in self.files if not VIEW.match(path.name) and path.name not in self._named("later"))
        return sum(_wire_bytes(path) for path in at_once if _loaded(path)) + self._web_bytes

    @cached_property
    def _web_bytes(self) -> int:
        return sum(_wire_bytes(path) for path in self.study.loaded(self.modules))

    @cached_property
    def views(self) -> dict[str, str]:
        """Other live pictures that the study's widget can show, by name, with the still picture of each."""
        stills = (path for path in self.files if VIEW.match(path.name) and path.suffix == ".svg")
        return {path.stem.removeprefix("view-"): path.read_text(encoding="utf-8", errors="replace") for path in stills}

    def view_bytes(self, view: str) -> int:
        """What pressing Start costs for one of those: the study's web files and the view's own, compressed."""
        own = [path for path in self.files if path.stem == f"view-{view}" and _loaded(path)]
        return sum(_wire_bytes(path) for path in own) + self._web_bytes

    @cached_property
    def modules(self) -> list[str] | None:
        """The modules that the widget imports for this run besides its own, if model.json names them."""
        return self._named("modules") or None

    def _named(self, what: str) -> list[str]:
        """The names that model.json lists as "modules" or, of the files that the start can do without, as "later"."""
        try:
            said = json.loads((self.run.folder / "export" / "model.json").read_text(encoding="utf-8"))
            return [str(name) for name in said[what]]
        except (OSError, ValueError, KeyError, TypeError):
            return []

    @cached_property
    def poster(self) -> str | None:
        path = self.run.folder / "export" / "poster.svg"
        return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else None

    def exported(self, name: str, *endings: str) -> Path:
        """A file of the export, by its name there.

        Raises:  CuadernoError with the nearest name when there is none that ends so.
        """
        home = self.run.folder / "export"
        known = {path.relative_to(home).as_posix(): path for path in self.files if path.suffix.lower() in endings}
        if name not in known:
            raise CuadernoError(f"the export of run {self.id} has no '{name}'.{nearest(name, known)}")
        return known[name]

    @cached_property
    def digest(self) -> str:
        """Changes when anything that a page shows of this run may have changed."""
        paths = [self.run.folder / "metrics.jsonl", *self.files, *self.study.web, *self.study.shared_web]
        if self.study.folder:
            paths += [self.study.folder / name for name in ("metrics.toml", "README.md", "README.es.md")]
        stats = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in paths if path.is_file()]
        return hashlib.blake2b(json.dumps([self.data, stats]).encode(), digest_size=8).hexdigest()

    def ordered_metrics(self) -> list[str]:
        """The metrics in the order of the study's metrics.toml, then the others."""
        return [name for name in self.study.labels if name in self.metrics] + [
            name for name in self.metrics if name not in self.study.labels
        ]

    def main_metrics(self) -> list[str]:
        """The ones that metrics.toml calls `main`; without such a mark all of them."""
        names = self.ordered_metrics()
        return [name for name in names if self.study.label(name).main] or names

    def main_metric(self) -> str | None:
        """The one to show when there is room for one: the first that is no baseline."""
        return next((name for name in self.main_metrics() if not self.study.label(name).baseline), None)

    def judging_metric(self) -> str | None:
        """The one by which the run is weighed against its baselines."""
        return next((name for name in self.ordered_metrics() if self.study.label(name).judges), self.main_metric())

    def main_curve(self) -> str | None:
        """The logged value to draw when nobody chose one: the loss, else one with a bar across it, else the first."""
        names = self.curves()
        return next((name for name in names if name == "loss" or self.bars([name])), next(iter(names), None))

    def bars(self, names: list[str]) -> list[str]:
        """The metrics that metrics.toml wants across the curves of these logged values."""
        return [metric for metric in self.metrics if self.study.label(metric).across in names]

    def curves(self) -> list[str]:
        """What was logged while training, except the counters."""
        names = dict.fromkeys(name for row in self.history for name in row)
        return [name for name in names if name not in COUNTERS]

    def field(self, path: str) -> Any:
        """A value of run.json by its dotted path: `cpu_seconds`, `effective.parameters`, `config.batch_size`.

        Raises:  CuadernoError with the nearest name when the run has no such thing.
        """
        found: Any = self.data
        for part in path.split("."):
            if not isinstance(found, dict) or part not in found:
                known = [*self.metrics, *_paths(self.data)]
                raise CuadernoError(f"run {self.id} has no '{path}'.{nearest(path, known)}")
            found = found[part]
        return found


class Records:
    """All kept runs of a diary, newest first."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._studies: dict[str, Study] = {}
        self.all = [Cited(run, self.study(run.study)) for run in kept(folder)] if folder.is_dir() else []
        self._by_id = {cited.id: cited for cited in self.all}

    def study(self, name: str) -> Study:
        return self._studies.setdefault(name, Study(name))

    def of(self, study: str) -> list[Cited]:
        return [cited for cited in self.all if cited.run.study == study]

    def resolve(self, reference: str, names: dict[str, str]) -> Cited:
        """The run that a post means.

        Raises:  CuadernoError with the nearest name when there is none.
        """
        wanted = names.get(reference, reference)
        if wanted in self._by_id:
            return self._by_id[wanted]
        newest = next((cited for cited in self.all if cited.run.study == wanted), None)
        if newest is None:
            known = {*self._by_id, *names, *(cited.run.study for cited in self.all)}
            raise CuadernoError(
                f"there is no kept run '{wanted}'.{nearest(wanted, known)} Keep one with: cuaderno keep RUN"
            )
        return newest

    def digests(self, references: Iterable[str], names: dict[str, str]) -> list[str]:
        """The state of every run cited; one that does not exist counts as itself."""
        found = []
        for reference in references:
            try:
                found.append(self.resolve(reference, names).digest)
            except CuadernoError:
                found.append(reference)
        return found


def _paths(data: dict, prefix: str = "") -> list[str]:
    names = []
    for name, value in data.items():
        names += _paths(value, f"{prefix}{name}.") if isinstance(value, dict) else [prefix + str(name)]
    return names


def _loaded(path: Path) -> bool:
    return not NOT_LOADED.fullmatch(path.name)


def _wire_bytes(path: Path) -> int:
    content = path.read_bytes()
    return len(gzip.compress(content, 6)) if path.suffix in COMPRESSES else len(content)
