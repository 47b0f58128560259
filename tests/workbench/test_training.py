"""The page *Train*: a process of its own, and all that is known of it on disk."""

import json
import os
import signal
import subprocess
import sys
import time
from urllib.parse import unquote

import pytest

from cuaderno import studies
from cuaderno.lab.run import Run, is_alive, process_of
from cuaderno.site.runs import Cited
from cuaderno.site.studies import Study
from cuaderno.workbench import form
from cuaderno.workbench.training import starting
from cuaderno.workbench.training.starting import Start, Training, trainings
from cuaderno.workbench.training.watching import curves_of, last_words
from cuaderno.workbench.training.words import TEXT

SLEEPER = """
import signal, sys, time
def ask(number, frame):
    print("Stopping after this step; press Ctrl-C again to stop at once.", flush=True)
signal.signal(signal.SIGINT, ask)
print("run {id} in {folder}", flush=True)
while True: time.sleep(0.05)
"""


@pytest.fixture
def runs(folder):
    return folder.parent / "runs" if folder.name == "diary" else folder / "runs"


@pytest.fixture
def sleeper(runs, make_run):
    """A run that is being trained by a process which says that it stops, and does not."""
    processes = []

    def start(with_paper=True, **fields):
        id = "toy-20261126-101112-abcdef"
        (runs / starting.FOLDER).mkdir(parents=True, exist_ok=True)
        paper = runs / starting.FOLDER / "one.json"
        code = SLEEPER.replace("{id}", id).replace("{folder}", "…")
        with paper.with_suffix(".log").open("wb") as log:
            processes.append(subprocess.Popen([sys.executable, "-c", code], stdout=log, stderr=log))
        process = process_of(processes[0].pid)
        wait_until(lambda: paper.with_suffix(".log").read_text())
        said = {"words": ["train", "toy"], "process": process, "moment": time.time()}
        if with_paper:
            paper.write_text(json.dumps(said))
        fields = {"status": "running", "process": process, "planned": {"steps": 6}, "metrics": {}} | fields
        make_run(runs, id, **fields)
        return processes[0]

    yield start
    for process in processes:
        process.kill()
        process.wait()


def wait_until(true, seconds=20):
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it never came about"
        time.sleep(0.02)


def test_no_counter_is_a_curve_and_one_point_is_a_dot(runs, make_run):
    one = make_run(runs, "toy-20261126-101112-abcdef")
    (one / "metrics.jsonl").write_text('{"step": 1, "seconds": 0.5, "epoch": 1, "loss": 2.5}\n')
    cited = Cited(Run.open(one), Study("toy"))
    assert cited.curves() == ["loss"]
    drawn = unquote(curves_of(cited, "en"))
    assert drawn.count("<figure") == 1 and 'class="s1 dot"' in drawn and ".dot{stroke-width:9" in drawn


def test_it_begins_with_the_study_of_the_newest_finished_run(folder, runs, make_run, one_page):
    assert starting.newest_study(folder) == ""
    make_run(runs, "gpt-20261126-101112-abcdef", created="2026-11-26T10:11:12+00:00", study="gpt")
    make_run(runs, "maze-20261124-101112-abcdef", created="2026-11-27T10:11:12+00:00", study="maze")
    make_run(runs, "vision-20261129-101112-abcdef", created="2026-11-29T10:11:12+00:00", status="running")
    assert starting.newest_study(folder) == "maze"
    assert one_page("train").selectbox(key="study").value == one_page("play").selectbox(key="study").value == "maze"


def test_both_languages_have_every_word():
    assert list(TEXT["en"]) == list(TEXT["es"])


def test_a_command_runs_on_its_own_and_its_words_stay(folder, runs):
    begun = starting.start(folder, ["--version"])
    assert starting.start(folder, ["--version"]).paper == begun.paper, "a double click starts it once"
    wait_until(lambda: not begun.is_alive)
    [found] = trainings(folder)
    assert found.stage == "failed" and found.start.words == ("--version",)
    assert found.start.tail().startswith("cuaderno ") and last_words("a\n│ b │\n╰──╯\n") == "b"
    starting.put_away(found)
    assert trainings(folder) == [] and found.start.paper.with_suffix(".log").is_file()


def test_a_child_is_in_a_session_of_its_own(folder):
    if sys.platform == "win32":
        pytest.skip("Windows has no sessions")
    begun = starting.start(folder, ["serve", "--port", "0", "--diary", str(folder)])
    try:
        assert os.getsid(begun.process["id"]) == begun.process["id"] != os.getsid(0)
    finally:
        os.kill(begun.process["id"], signal.SIGKILL)
    wait_until(lambda: not begun.is_alive)


def test_a_dead_process_that_nobody_buried_is_dead():
    child = subprocess.Popen([sys.executable, "-c", ""])
    process = process_of(child.pid)
    wait_until(lambda: not is_alive(process))
    child.wait()
    assert not is_alive(process) and is_alive(process_of())


@pytest.mark.parametrize("with_paper", [True, False])
def test_it_is_asked_to_stop_and_then_made_to(folder, sleeper, with_paper):
    process = sleeper(with_paper)
    [one] = trainings(folder)
    assert one.stage == "training" and starting.progress(one.run, one.run.history()) == 0.5
    starting.stop(one)
    log = folder.parent / "runs" / starting.FOLDER / "one.log"
    wait_until(lambda: starting.STOPPING in log.read_text())
    if with_paper:
        assert trainings(folder)[0].stage == "stopping"
        starting.stop(trainings(folder)[0])
        assert process.wait(20) != 0
        [one] = trainings(folder)
        assert one.stage == "stopped" and [run.id for run in starting.stopped(folder)] == [one.run.id]


def test_a_process_with_the_same_number_is_left_alone(folder, sleeper):
    process = sleeper()
    [one] = trainings(folder)
    one.run.data["process"]["started"] -= 1000
    starting.stop(Training(one.run, None))
    assert process.poll() is None


@pytest.mark.parametrize("paper", ["", "[]", '{"words": 3}', '{"words": ["train"], "process": 1, "moment": "x"}'])
def test_a_paper_that_cannot_be_read_is_left_out(folder, runs, paper):
    (runs / starting.FOLDER).mkdir(parents=True)
    (runs / starting.FOLDER / "one.json").write_text(paper)
    assert trainings(folder) == []


@pytest.mark.parametrize(
    ("fields", "alive", "stage"),
    [
        ({"status": "trained"}, True, "measuring"),
        ({"status": "trained"}, False, "failed"),
        ({"status": "interrupted"}, False, "stopped"),
        ({"status": "interrupted"}, True, "starting"),
        ({"status": "finished"}, False, "finished"),
    ],
)
def test_the_stage_follows_from_what_is_on_disk(folder, runs, make_run, fields, alive, stage):
    run = Run.open(make_run(runs, **fields))
    process = process_of() if alive else {"id": os.getpid(), "started": 0}
    assert Training(run, Start(runs / "none.json", ("train",), process, 0.0)).stage == stage


def test_the_form_becomes_a_command(one_page, folder, monkeypatch):
    begun = []
    monkeypatch.setattr(starting, "start", lambda diary, words: begun.append(words))
    study = studies.names()[0]
    app = one_page("train", study=study)
    assert not app.exception and not app.error
    app.button_group(key=f"preset {study}").set_value("tiny").run()
    found = form.settings(studies.config(study)[0], studies.folder(study) / "train.py")
    one = next(one for one in found if one.kind is float)
    key = f"setting 0 {study} tiny {one.name}"
    app.number_input(key=key).set_value(0.5).run()
    assert app.code[0].value == f"cuaderno train {study} --preset tiny {one.flag} 0.5"
    app.button(key="start").click().run()
    assert begun == [["train", study, "--preset", "tiny", one.flag, "0.5"]]
    app.button(key="reset settings").click().run()
    assert app.code[0].value == f"cuaderno train {study} --preset tiny"


def test_what_is_being_trained_is_shown_with_its_curve(one_page, sleeper):
    sleeper()
    app = one_page("train", lang="es")
    assert not app.exception and "entrenando" in " ".join(one.value for one in app.markdown)
    app.button(key="stop toy-20261126-101112-abcdef").click().run()
    assert not app.exception
