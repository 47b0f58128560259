"""Runs survive: kills, full disks, torn lines, Ctrl-C, damaged files."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from cuaderno.lab import run as run_module
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.metrics import Metric
from cuaderno.lab.run import Interrupted, Run


@dataclass(frozen=True)
class Config:
    num_steps: int = 5
    seed: int = 7


def test_a_new_run_says_what_it_is(tmp_path):
    run = Run.create("toy", Config(), tmp_path, "cuaderno train toy --seed 7")
    data = json.loads((run.folder / "run.json").read_text())
    assert data["config"] == {"num_steps": 5, "seed": 7} and data["seed"] == 7
    assert data["command"] == "cuaderno train toy --seed 7" and data["schema_version"] == 1
    assert {"git", "versions", "processor", "data", "peak_memory_bytes", "cpu_seconds"} <= data.keys()
    assert run.folder.name == run.id and run.id.startswith("toy-")
    assert Run.open(run.folder).config(Config) == Config()


def test_a_whole_life(tmp_path):
    run = Run.create("toy", Config(), tmp_path)
    for step in run.steps(5):
        run.log(step, loss=1 / step)
        if run.checkpoint_due():
            run.checkpoint(position=step)
    assert run.status == "trained"
    run.finish({"error": Metric(0.5, 0.4, 0.6, 10)})
    again = Run.open(run.folder)
    assert again.status == "finished" and again.metrics == {"error": Metric(0.5, 0.4, 0.6, 10)}
    assert [row["loss"] for row in again.history()] == [1, 1 / 2, 1 / 3, 1 / 4, 1 / 5]
    assert again.data["steps"] == 5 and "process" not in again.data


def test_two_runs_never_share_a_folder(tmp_path):
    assert len({Run.create("toy", Config(), tmp_path).id for _ in range(20)}) == 20


def test_nothing_that_is_not_a_number_is_logged(tmp_path):
    run = Run.create("toy", Config(), tmp_path)
    with pytest.raises(CuadernoError, match=r"loss became nan at step 3.*--learning-rate"):
        run.log(3, loss=float("nan"))
    assert run.history() == []


def test_a_torn_last_line_is_left_out_and_a_damaged_middle_is_named(tmp_path):
    run = Run.create("toy", Config(), tmp_path)
    log = run.folder / "metrics.jsonl"
    log.write_text('{"step": 1, "loss": 2.0}\n{"step": 2, "lo')
    assert run.history() == [{"step": 1, "loss": 2.0}]
    log.write_text('{"step": 1\n{"step": 2}\n')
    with pytest.raises(CuadernoError, match=r"metrics\.jsonl:1 is damaged"):
        run.history()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema_version": 1}', "null"])
def test_a_damaged_run_is_one_clear_paragraph(tmp_path, text):
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(CuadernoError, match="damaged"):
        Run.open(tmp_path)


def test_a_run_from_the_future_asks_for_an_upgrade(tmp_path, make_run):
    folder = make_run(tmp_path, schema_version=99)
    with pytest.raises(CuadernoError, match="newer Cuaderno"):
        Run.open(folder)


def test_a_full_disk_keeps_what_was_there(tmp_path, monkeypatch):
    run = Run.create("toy", Config(), tmp_path)
    before = (run.folder / "run.json").read_bytes()
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    run.data["seed"] = 8
    with pytest.raises(CuadernoError, match="disk is full"):
        run.save()
    assert (run.folder / "run.json").read_bytes() == before
    assert not list(run.folder.glob(".*tmp")), "no rubbish is left"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_log_on_a_full_disk_is_one_clear_paragraph(tmp_path):
    run = Run.create("toy", Config(), tmp_path)
    (run.folder / "metrics.jsonl").unlink()
    (run.folder / "metrics.jsonl").symlink_to("/dev/full")
    with pytest.raises(CuadernoError, match="disk is full"):
        run.log(1, loss=1.0)
    run._log.close()


@pytest.mark.parametrize(("number", "says"), [(13, "may not write"), (30, "read-only"), (28, "disk is full")])
def test_a_folder_one_may_not_write_is_one_clear_paragraph(tmp_path, monkeypatch, number, says):
    monkeypatch.setattr(Path, "mkdir", lambda *_, **__: (_ for _ in ()).throw(OSError(number, "as the system says")))
    with pytest.raises(CuadernoError, match=says):
        Run.create("toy", Config(), tmp_path)


def test_a_folder_that_cannot_be_made_is_one_clear_paragraph(tmp_path):
    (tmp_path / "runs").write_text("a file, where a folder should be")
    with pytest.raises(CuadernoError, match="Could not write"):
        Run.create("toy", Config(), tmp_path / "runs")


def test_ctrl_c_saves_the_step_and_says_how_to_go_on(tmp_path):
    run = Run.create("toy", Config(), tmp_path)
    with pytest.raises(Interrupted, match=rf"step 3 of 100.*--resume {run.id}"):
        for step in run.steps(100):
            run.log(step, loss=1.0)
            if step == 3:
                os.kill(os.getpid(), signal.SIGINT)
            if run.checkpoint_due():
                run.checkpoint(position=step)
    again = Run.open(run.folder)
    assert again.status == "interrupted"
    assert again.restore() == {"position": 3} and again.step == 3
    assert list(again.steps(5)) == [4, 5]


def test_resuming_forgets_the_lines_after_the_checkpoint(tmp_path, monkeypatch):
    run = Run.create("toy", Config(), tmp_path)
    for step in run.steps(5):
        run.log(step, loss=1.0)
        if step == 2:
            run.checkpoint()
    again = Run.open(run.folder)
    again.restore()
    assert [row["step"] for row in again.history()] == [1, 2]


def test_random_numbers_go_on_where_they_were(tmp_path):
    import random

    import numpy as np
    import torch

    def draw():
        return random.random(), np.random.rand(), torch.rand(()).item()

    run = Run.create("toy", Config(), tmp_path)
    run.checkpoint(weights=torch.ones(2))
    wanted = draw()
    draw()
    state = Run.open(run.folder).restore()
    assert draw() == wanted and state["weights"].tolist() == [1, 1]


# Importing torch takes two seconds: this does it once, and forks off a process for each folder that it is told.
LOOP = """
    import os, signal, sys
    from pathlib import Path
    import torch
    from cuaderno.lab import run as module

    module.CHECKPOINT_EVERY_SECONDS = 0
    for folder in sys.stdin:
        if child := os.fork():
            print(child, flush=True)
            print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
            continue
        signal.alarm(60)  # should nobody kill it
        run = module.Run.create("toy", {"seed": 0}, Path(folder.strip()))
        for step in run.steps(1_000_000):
            run.log(step, loss=1 / step)
            if run.checkpoint_due():
                run.checkpoint(position=step)
"""


def test_kill_9_at_any_moment_leaves_a_readable_run(tmp_path):
    from cuaderno.lab.records import runs_in

    command = [sys.executable, "-c", textwrap.dedent(LOOP)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, text=True, **pipes) as parent:
        for delay in (0.0, 0.07, 0.19, 0.4):
            folder = tmp_path / str(delay)
            parent.stdin.write(f"{folder}\n")
            parent.stdin.flush()
            child = int(parent.stdout.readline())
            while not list(folder.glob("*/checkpoint/training.pt")):
                os.kill(child, 0)
                time.sleep(0.01)
            time.sleep(delay)
            os.kill(child, signal.SIGKILL)
            assert int(parent.stdout.readline()) == -signal.SIGKILL
            (run,) = runs_in(folder)
            assert run.status == "interrupted"
            state = run.restore()
            assert state == {"position": run.step} and run.step >= 1
            assert [row["step"] for row in run.history()] == list(range(1, run.step + 1))


def test_effective_hyperparameters_are_read_back_from_the_objects(tmp_path, capsys):
    import torch

    model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.Dropout(0.25))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5, momentum=0.9)
    run = Run.create("toy", Config(), tmp_path)
    run.describe(model=model, optimizer=optimizer, extra=3)
    effective = Run.open(run.folder).data["effective"]
    assert effective["parameters"] == 8 and effective["dropout_rate"] == 0.25 and effective["extra"] == 3
    assert effective["learning_rate"] == 0.5 and effective["momentum"] == 0.9
    assert "momentum=0.9" in capsys.readouterr().err


def test_a_checkpoint_is_due_by_the_clock(tmp_path, monkeypatch):
    run = Run.create("toy", Config(), tmp_path)
    due = []
    for _ in run.steps(3):
        due.append(run.checkpoint_due())
        monkeypatch.setattr(run_module, "CHECKPOINT_EVERY_SECONDS", 0 if len(due) == 1 else 1e9)
    assert due == [False, True, True]  # the clock, then the last step


def test_weights_come_back_and_their_absence_says_how_to_go_on(tmp_path):
    import torch

    run = Run.create("toy", Config(), tmp_path)
    with pytest.raises(CuadernoError, match=f"--resume {run.id}"):
        run.load_weights()
    run.save_weights({"w": torch.arange(3.0)})
    assert run.load_weights()["w"].tolist() == [0, 1, 2]


def test_a_process_number_given_to_another_program_does_not_lock_the_run(tmp_path):
    run = Run.create("toy", Config(), tmp_path)
    run.data["process"] |= {"id": 1}  # alive, but not the one that trained
    run.save()
    assert Run.open(run.folder).status == "interrupted"


def test_a_training_of_no_steps_is_refused(tmp_path):
    with pytest.raises(CuadernoError, match="at least one step"):
        list(Run.create("toy", Config(), tmp_path).steps(-5))
