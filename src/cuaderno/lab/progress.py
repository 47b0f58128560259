"""What a person sees while something runs: a bar in a terminal, a quiet line now and then in a pipe."""

import sys
import time
from typing import Any

from cuaderno.lab import parallel

LINE_EVERY_SECONDS = 15


class Progress:
    """Counts towards a total on standard error, with the newest numbers beside it.

    Used as a context manager; `update(done, values)` may be called as often as one likes.
    """

    def __init__(self, title: str, total: int, done: int = 0, unit: str = "step"):
        self.title, self.total, self.done, self.unit = title, total, done, unit
        self.first, self.started, self.last_line = done, time.monotonic(), time.monotonic()
        self.bar: Any = None  # rich is imported only when there is a terminal to draw on

    def __enter__(self) -> "Progress":
        if sys.stderr.isatty() and parallel.is_main():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            columns = (
                TextColumn("{task.description}"),
                BarColumn(bar_width=24),
                MofNCompleteColumn(),
                TextColumn("{task.fields[values]}"),
                TimeRemainingColumn(),
                TextColumn("left"),
            )
            self.bar = Bar(*columns, console=Console(stderr=True), refresh_per_second=4)
            self.task = self.bar.add_task(self.title, total=self.total, completed=self.done, values="")
            self.bar.start()
        return self

    def __exit__(self, *_) -> None:
        if self.bar:
            self.bar.stop()

    def update(self, done: int, values: dict[str, float] | None = None) -> None:
        """Move to `done` of the total and show the values, three significant digits each."""
        self.done = done
        text = " · ".join(f"{name.replace('_', ' ')} {value:.3g}" for name, value in (values or {}).items())
        if self.bar:
            self.bar.update(self.task, completed=done, values=text)
        elif parallel.is_main() and self._line_due():
            self.last_line = time.monotonic()
            parts = [f"{self.title}: {self.unit} {done}/{self.total}", text, f"{self._left()} left"]
            print(" · ".join(part for part in parts if part), file=sys.stderr, flush=True)

    def advance(self) -> None:
        """One more is done."""
        self.update(self.done + 1)

    def _line_due(self) -> bool:
        at_the_end = self.done == self.total and self.first < self.done
        return at_the_end or time.monotonic() - self.last_line > LINE_EVERY_SECONDS

    def _left(self) -> str:
        rate = (self.done - self.first) / max(time.monotonic() - self.started, 1e-9)
        seconds = round((self.total - self.done) / rate) if rate else 0
        return f"{seconds // 60}:{seconds % 60:02d}"
