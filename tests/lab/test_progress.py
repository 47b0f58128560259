import io
import sys

from cuaderno.lab import progress as module
from cuaderno.lab.progress import Progress


def test_a_pipe_gets_a_line_now_and_then_and_one_at_the_end(capsys, monkeypatch):
    monkeypatch.setattr(module, "LINE_EVERY_SECONDS", 1e9)
    with Progress("train toy", 100) as progress:
        for step in range(1, 101):
            progress.update(step, {"solve_rate": step / 100})
    assert capsys.readouterr().err == "train toy: step 100/100 · solve rate 1 · 0:00 left\n"


def test_a_terminal_gets_a_bar_with_the_numbers(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    with Progress("train toy", 10) as progress:
        progress.update(5, {"loss": 0.1234})
    assert "train toy" in sys.stderr.getvalue() and "5/10" in sys.stderr.getvalue()
    assert "loss 0.123" in sys.stderr.getvalue() and "left" in sys.stderr.getvalue()


def test_a_resumed_run_counts_time_from_where_it_began(monkeypatch):
    progress = Progress("train toy", 100, done=90)
    progress.started -= 10
    progress.done = 95
    assert progress._left() == "0:10"
