import json

import pytest

from cuaderno.lab import records
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.run import Run


@pytest.fixture
def three(tmp_path, make_run):
    make_run(tmp_path, "toy-20261121-101112-aaaaaa", config={"seed": 0, "learning_rate": 0.1})
    make_run(tmp_path, "toy-20261121-101113-bbbbbb", config={"seed": 1, "learning_rate": 0.1}, created="2026-11-22")
    error = {"error": {"value": 0.1, "low": 0.0, "high": 0.2, "n": 5}}
    make_run(tmp_path, "other-20261121-101114-cccccc", metrics=error, status="trained", created="2026-11-20")
    return tmp_path


def ids(runs):
    return [run.id[-1] for run in runs]


def test_runs_are_listed_newest_first(three):
    assert ids(records.runs_in(three)) == ["b", "a", "c"]
    assert ids(records.kept(three, "toy")) == ["b", "a"]
    assert records.runs_in(three / "nowhere") == []


def test_a_run_is_found_by_folder_id_or_unique_beginning(three):
    assert records.find("other", three).id.endswith("c")
    assert records.find("toy-20261121-101113-bbbbbb", three).id.endswith("b")
    assert records.find(str(three / "toy-20261121-101112-aaaaaa")).id.endswith("a")
    assert records.find("toy", three).id.endswith("b"), "a study stands for its newest run"
    with pytest.raises(CuadernoError, match="Several runs"):
        records.find("toy-2026", three)
    with pytest.raises(CuadernoError, match="Did you mean 'toy-20261121-101113-bbbbbb'"):
        records.find("toy-20261121-101113-bbbbbx", three)


def test_the_name_of_a_study_means_its_measured_run_and_no_trial_of_a_sweep(tmp_path, make_run):
    make_run(tmp_path, "toy-1", created="2026-11-21", config={"task": "chat"})
    make_run(tmp_path, "toy-2", created="2026-11-22", status="trained")
    make_run(tmp_path, "toy-3", created="2026-11-23", status="trained", sweep="toy-aaaaaaaa")
    assert records.find("toy", tmp_path).id == "toy-2", "the newest, to be measured or gone on with"
    assert records.find("toy", tmp_path, measured=True).id == "toy-1"
    assert records.find("toy", tmp_path, fits=lambda run: "task" in run.data["config"]).id == "toy-1"
    assert records.find("toy-3", tmp_path, measured=True).id == "toy-3"
    with pytest.raises(CuadernoError, match="cuaderno runs --study toy"):
        records.find("toy", tmp_path, fits=lambda run: False)
    assert [run.id for run in sorted(records.runs_in(tmp_path), key=records.is_trial)] == ["toy-2", "toy-1", "toy-3"]
    make_run(tmp_path / "b", "toy-3", status="trained", sweep="toy-aaaaaaaa")
    with pytest.raises(CuadernoError, match=r"trials of a sweep.*toy-3"):
        records.find("toy", tmp_path / "b")


def test_a_run_that_is_not_there_names_the_newest_few(tmp_path, make_run):
    for number in range(9):
        make_run(tmp_path, f"toy-20261121-10111{number}-aaaaaa", created=f"2026-11-2{number}")
    with pytest.raises(CuadernoError) as error:
        records.find("x", tmp_path)
    assert [f"10111{number}" in str(error.value) for number in range(9)] == [False] * 4 + [True] * 5


def test_the_newest_kept_run_answers_or_its_absence_says_what_to_do(three):
    assert records.newest("toy", three).id.endswith("b")
    with pytest.raises(CuadernoError, match="cuaderno train maze"):
        records.newest("maze", three)


@pytest.mark.parametrize(
    ("tests", "left"),
    [
        (["seed=1"], ["b"]),
        (["error<0.2"], ["c"]),
        (["error >= 0.2", "seed!=0"], ["b"]),
        (["status=finished"], ["b", "a"]),
        (["study=OTHER"], ["c"]),
        (["cpu_seconds>100"], []),
    ],
)
def test_select(three, tests, left):
    assert ids(records.select(records.runs_in(three), tests)) == left


@pytest.mark.parametrize("test", ["seed", "=1", "sed=1", "seed<many"])
def test_a_test_that_makes_no_sense_is_explained(three, test):
    with pytest.raises(CuadernoError):
        records.select(records.runs_in(three), [test])


def test_sort(three):
    assert ids(records.sort(records.runs_in(three), "error"))[0] == "c"
    assert ids(records.sort(records.runs_in(three), "-seed"))[0] == "b"
    assert ids(records.sort(records.runs_in(three), "study")) == ["c", "b", "a"]


def test_differences_in_settings(three):
    runs = records.kept(three, "toy")
    assert records.config_differences(runs) == {"seed": [1, 0]}


def test_json_is_the_whole_truth(three):
    found = json.loads(records.as_json(records.runs_in(three)))
    assert [run["study"] for run in found] == ["toy", "toy", "other"] and found[0]["config"]["seed"] == 1


def test_keeping_copies_all_but_what_resuming_needs(tmp_path, make_run):
    run = Run.open(make_run(tmp_path / "runs"))
    kept = records.keep(run, tmp_path / "records")
    names = {path.relative_to(kept.folder).as_posix() for path in kept.folder.rglob("*") if path.is_file()}
    assert names == {"run.json", "metrics.jsonl", "export/model.json", "export/parity.json"}
    assert records.keep(run, tmp_path / "records").id == run.id  # twice is no harm


def test_what_cannot_be_kept_says_why(tmp_path, make_run):
    unfinished = Run.open(make_run(tmp_path, "toy-1", status="trained"))
    with pytest.raises(CuadernoError, match="cuaderno evaluate toy-1"):
        records.keep(unfinished, tmp_path / "records")
    without_export = Run.open(make_run(tmp_path, "toy-2"))
    (without_export.folder / "export" / "model.json").unlink()
    with pytest.raises(CuadernoError, match="cuaderno export toy-2"):
        records.keep(without_export, tmp_path / "records")


def test_a_record_is_never_changed(tmp_path, make_run):
    run = Run.open(make_run(tmp_path / "runs"))
    records.keep(run, tmp_path / "records")
    run.data["metrics"]["error"]["value"] = 0.0
    with pytest.raises(CuadernoError, match="never change"):
        records.keep(run, tmp_path / "records")


def test_a_copy_that_breaks_leaves_nothing(tmp_path, make_run, monkeypatch):
    run = Run.open(make_run(tmp_path / "runs"))
    monkeypatch.setattr("shutil.copytree", lambda *_, **__: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(CuadernoError, match="disk is full"):
        records.keep(run, tmp_path / "records")
    assert not list(tmp_path.glob("records/*"))


@pytest.mark.parametrize(
    "effective, licence",
    [({}, ""), ({"licence": "ours (MIT)"}, ""), ({"licence": "none"}, "none"), ({"licence": "CC BY 4.0"}, "CC BY 4.0")],
)
def test_whose_the_data_of_a_run_are(tmp_path, make_run, effective, licence):
    assert records.foreign_licence(Run.open(make_run(tmp_path, effective=effective))) == licence
