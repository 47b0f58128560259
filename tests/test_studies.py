"""Every study keeps the same promises. A new folder is tested the day it appears."""

import dataclasses
import inspect
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import tomllib
from functools import partial
from pathlib import Path

import pytest

from cuaderno import scaffold, studies
from cuaderno.lab import run as run_module
from cuaderno.lab.export import check_parity, copy_web, find_node
from cuaderno.lab.metrics import Metric
from cuaderno.lab.run import Interrupted, Run

PARTS = {
    ("train", "build"): ["config"],
    ("train", "train"): ["config", "run"],
    ("evaluate", "evaluate"): ["run"],
    ("predict", "predict"): ["run", "inputs"],
    ("export", "export"): ["run", "folder"],
}
FILES = (
    "__init__.py",
    "README.md",
    "README.es.md",
    "data.py",
    "model.py",
    "metrics.toml",
    "web/model.js",
    "web/widget.js",
)
every_study = pytest.mark.parametrize("name", studies.names())


@pytest.fixture(scope="module")
def tiny(once):
    """A finished TINY run of each study, trained once for all the tests that read it."""
    finished = {}

    def train(name: str, folder: Path) -> None:
        part = studies.load(name, "train")
        run = Run.create(name, part.TINY, folder)
        part.train(part.TINY, run)
        run.finish(studies.load(name, "evaluate").evaluate(run))
        (run.folder / "export").mkdir()
        studies.load(name, "export").export(run, run.folder / "export")

    def get(name: str) -> Run:
        if name not in finished:
            (folder,) = once(f"tiny-{name}", partial(train, name)).iterdir()
            finished[name] = Run.open(folder)
        return finished[name]

    return get


def losses(run: Run) -> list[dict]:
    return [{key: value for key, value in row.items() if key != "seconds"} for row in run.history()]


def assert_equal_weights(first: Run, second: Run) -> None:
    one, two = first.load_weights(), second.load_weights()
    assert one.keys() == two.keys()
    assert all((one[key] == two[key]).all() for key in one)


@every_study
def test_contract(name):
    for (part, function), wanted in PARTS.items():
        signature = inspect.signature(getattr(studies.load(name, part), function))
        required = [key for key, p in signature.parameters.items() if p.default is p.empty]
        assert required == wanted, f"{name}.{part}.{function}{signature}"
    for file in FILES:
        assert (studies.folder(name) / file).is_file(), f"{name} lacks {file}"


@every_study
def test_config_is_flat_frozen_and_explained(name):
    kind, presets = studies.config(name)
    own = studies.load(name, "train")
    assert kind.__dataclass_params__.frozen and len(dataclasses.fields(kind)) <= 24
    assert {"default", "tiny"} <= presets.keys()
    for key, preset in presets.items():
        twin = own.Config() if key == "default" else getattr(own, key.upper())
        assert dataclasses.asdict(preset) == dataclasses.asdict(twin), "help and training must see the same settings"
    for value in dataclasses.asdict(presets["default"]).values():
        assert isinstance(value, int | float | str | bool | list | tuple | None)


@every_study
def test_help_shows_every_setting_without_torch(name):
    code = f"""
import sys
from cuaderno.cli import main
try:
    main(["train", "{name}", "--help"])
except SystemExit as end:
    assert end.code == 0
print([heavy for heavy in ("torch", "numba", "transformers") if heavy in sys.modules], file=sys.stderr)
"""
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stderr.strip() == "[]"
    for field in dataclasses.fields(studies.config(name)[0]):
        assert "--" + field.name.replace("_", "-") in answer.stdout


@every_study
def test_a_tiny_run_is_finite_and_says_what_it_did(name, tiny):
    run = tiny(name)
    assert run.history() and all(math.isfinite(value) for row in run.history() for value in row.values())
    assert run.data["effective"]["parameters"] > 0 and run.data["cpu_seconds"] > 0


@every_study
def test_one_seed_gives_the_same_run_twice(name, tiny, tmp_path):
    part = studies.load(name, "train")
    again = Run.create(name, part.TINY, tmp_path)
    part.train(part.TINY, again)
    assert losses(again) == losses(tiny(name))
    assert_equal_weights(again, tiny(name))


@every_study
def test_another_seed_gives_another_run(name, tiny, tmp_path):
    part = studies.load(name, "train")
    config = dataclasses.replace(part.TINY, seed=part.TINY.seed + 1)
    other = Run.create(name, config, tmp_path)
    part.train(config, other)
    assert losses(other) != losses(tiny(name))


@every_study
def test_stopped_and_resumed_is_bit_equal(name, tiny, tmp_path, monkeypatch):
    """Stopped by Ctrl-C at three odd steps, each time read from disk by a fresh Run, and trained to the end."""
    part = studies.load(name, "train")
    stops = {max(1, round(tiny(name).data["steps"] * share)) for share in (0.1, 0.5, 0.85)}
    steps = Run.steps

    def stopping(self, *budget):
        for step in steps(self, *budget):
            self._stop_asked |= step in stops
            yield step

    run = Run.create(name, part.TINY, tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(Run, "steps", stopping)
        for stop in sorted(stops):
            with pytest.raises(Interrupted, match=f"at step {stop} "):
                part.train(run.config(part.Config), run)
            run = Run.open(run.folder)
            run.resumed()
        part.train(run.config(part.Config), run)
    assert losses(run) == losses(tiny(name))
    assert_equal_weights(run, tiny(name))


# Importing what a study needs takes seconds: this does it once, and forks off a process for each command it is told.
NURSERY = """
import json, os, signal, sys
from cuaderno import cli, studies
from cuaderno.lab.device import seed_everything

for name in studies.names():
    studies.load(name, "train")
seed_everything(0)

for line in sys.stdin:
    words, before, said = json.loads(line)
    if os.fork() == 0:
        signal.alarm(900)  # should it hang
        paper = os.open(said, os.O_WRONLY | os.O_CREAT)
        os.dup2(paper, 1), os.dup2(paper, 2)
        exec(before)
        cli.main(words)
    print(os.waitstatus_to_exitcode(os.wait()[1]), flush=True)
"""


@pytest.fixture(scope="module")
def command(tmp_path_factory):
    """`command(words, before="")` runs `cuaderno WORDS` in a process of its own: how it ended, and what it said."""
    if not hasattr(os, "fork"):
        pytest.skip("needs a system that can fork")
    said = tmp_path_factory.mktemp("said")
    start = [sys.executable, "-c", NURSERY]
    with subprocess.Popen(start, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as nursery:

        def run(words: list[str], before: str = "") -> tuple[int, str]:
            file = said / str(len(list(said.iterdir())))
            nursery.stdin.write(json.dumps([words, before, str(file)]) + "\n")
            nursery.stdin.flush()
            return int(nursery.stdout.readline()), file.read_text(encoding="utf-8")

        yield run
        nursery.stdin.close()


KILLED = """
from cuaderno.lab import run as run_module

steps, run_module.CHECKPOINT_EVERY_SECONDS = run_module.Run.steps, 0

def killed(self, *budget):
    for step in steps(self, *budget):
        if step > {last}:
            os.kill(os.getpid(), signal.SIGKILL)
        yield step

run_module.Run.steps = killed
"""


@every_study
def test_killed_and_resumed_is_bit_equal(name, tiny, command, tmp_path):
    """kill -9 in the middle of `cuaderno train`; `--resume` ends where the undisturbed run ended."""
    words = ["train", name, "--no-evaluate", "--runs", str(tmp_path)]
    ended, said = command([*words, "--preset", "tiny"], KILLED.format(last=tiny(name).data["steps"] // 2))
    assert ended == -signal.SIGKILL, said
    (folder,) = tmp_path.iterdir()
    assert Run.open(folder).status == "interrupted"
    ended, said = command([*words, "--resume", str(folder)])
    assert ended == 0, said
    again = Run.open(folder)
    assert again.status == "trained" and losses(again) == losses(tiny(name))
    assert_equal_weights(again, tiny(name))


@every_study
def test_evaluation_keeps_intervals_and_a_baseline(name, tiny):
    metrics = studies.load(name, "evaluate").evaluate(tiny(name))
    assert all(isinstance(metric, Metric) and math.isfinite(metric.value) for metric in metrics.values())
    assert any(key.startswith("baseline_") for key in metrics), "a trivial baseline stands beside every model"
    measured = [m for m in metrics.values() if m.low is not None]
    assert measured and all(m.low <= m.value <= m.high and m.n >= 1 for m in measured)
    assert metrics == tiny(name).metrics, "evaluating twice gives the same"


@every_study
def test_every_metric_has_a_name_in_both_languages(name, tiny):
    labels = tomllib.loads((studies.folder(name) / "metrics.toml").read_text(encoding="utf-8"))
    assert tiny(name).metrics.keys() <= labels.keys()
    for key, label in labels.items():
        assert label["en"] and label["es"] and label["better"] in ("higher", "lower"), key
        assert label["format"] in ("percent", "number", "integer", "seconds", "bytes"), key
        assert label.get("baseline", False) == key.startswith("baseline_"), key


@every_study
def test_the_browser_agrees_with_python(name, tiny):
    if find_node() is None:
        pytest.fail("Node.js is part of the development set-up: pip install 'cuaderno[dev]'")
    cases = check_parity(studies.folder(name) / "web", tiny(name).folder / "export")
    assert cases and cases >= 3


@every_study
def test_the_export_is_small_and_plain(name, tiny):
    folder = tiny(name).folder / "export"
    assert sum(path.stat().st_size for path in folder.iterdir()) < 25 << 20
    json.loads((folder / "model.json").read_text(encoding="utf-8"))


@every_study
def test_a_bad_input_answers_in_its_place(name, tiny):
    bad = "/no/such/input \x00?"
    (answer,) = studies.load(name, "predict").predict(tiny(name), [bad])
    assert answer["input"] == bad and len(answer["error"]) > 10


@every_study
def test_both_languages_say_the_same_things(name, tmp_path):
    code = """
const { TEXT, mount } = await import(process.argv[1]);
const keys = (value) =>
  Object.entries(value).flatMap(([k, v]) => (v && typeof v === "object" ? keys(v).map((x) => `${k}.${x}`) : [k]));
if (typeof mount !== "function") throw new Error("no mount");
const [en, es] = [keys(TEXT.en).sort().join(), keys(TEXT.es).sort().join()];
if (!en || en !== es) throw new Error(`en has ${en}, es has ${es}`);
"""
    widget = (copy_web(studies.folder(name) / "web", tmp_path / "web") / "widget.js").as_uri()
    subprocess.run([find_node(), "--input-type=module", "-e", code, widget], check=True, capture_output=True, text=True)


@every_study
def test_every_setting_is_explained_in_spanish(name):
    """Config and Options, each setting and each heading that is not everybody's; nothing that is no longer there."""
    kinds = {"Config": studies.config(name)[0], "Options": studies.options(name)}
    written = tomllib.loads((studies.folder(name) / "settings.es.toml").read_text(encoding="utf-8"))
    assert written.keys() <= {"headings", "said", *kinds}
    for part, kind in kinds.items():
        fields = [field.name for field in dataclasses.fields(kind)] if kind else []
        assert list(written.get(part, {})) == fields, f"{part} in settings.es.toml"
        assert all(text.strip() for text in studies.told(name, part, "es").values())
    code = (studies.folder(name) / "train.py").read_text(encoding="utf-8")
    assert all(f"\n    # {heading}\n" in code for heading in written.get("headings", {}))
    assert studies.told(name, "Config", "en") == {}


@every_study
def test_the_card_exists_in_both_languages(name):
    for file in ("README.md", "README.es.md"):
        text = (studies.folder(name) / file).read_text(encoding="utf-8")
        assert text.startswith("---\ntitle: ") and "\ndescription: " in text and len(text) > 300


TRAIN = """
from cuaderno import cli
cli.main(["train", "{0}", "--preset", "tiny", "--no-evaluate", "--runs", "runs/{0}"])
"""


@pytest.fixture(scope="module")
def together(request, torchrun, once) -> tuple[Path, dict[str, str]]:
    """Runs of two processes under torchrun, of the studies that are asked for: their folder, and what each said."""

    def train(folder: Path) -> None:
        items = [item for item in request.session.items if "together" in getattr(item, "fixturenames", ())]
        names = [item.callspec.params["name"] for item in items]
        said = torchrun(folder, {name: TRAIN.format(name) for name in names})
        (folder / "said.json").write_text(json.dumps(said), encoding="utf-8")

    folder = once("together", train)
    return folder / "runs", json.loads((folder / "said.json").read_text(encoding="utf-8"))


@every_study
def test_two_processes_train_as_one(name, together):
    """The loop runs unchanged under torchrun; both processes end with one record."""
    runs, said = together
    assert not said[name].startswith("FAILED"), said[name]
    (folder,) = (runs / name).iterdir()
    run = Run.open(folder)
    assert run.status == "trained" and run.data["num_processes"] == 2
    assert run.load_weights() and run.history()[-1]["step"] == run.data["steps"]


def test_a_new_study_keeps_every_promise(tmp_path):
    """`cuaderno new-study` in a copy of the tree, and this very file over it."""
    top = Path(__file__).parents[1]
    shutil.copytree(top / "src", tmp_path / "src")
    for old in studies.names():
        shutil.rmtree(tmp_path / "src" / "cuaderno" / "studies" / old)  # the deletion test, by the way
    scaffold.new_study("spring", tmp_path / "src" / "cuaderno" / "studies")
    (tmp_path / "tests").mkdir()
    for file in ("test_studies.py", "test_architecture.py", "test_copies.py"):
        shutil.copy(Path(__file__).with_name(file), tmp_path / "tests")
    shutil.copy(top / "pyproject.toml", tmp_path)
    shutil.copy(top / "conftest.py", tmp_path)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "not new_study", "tests", "src"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "src")}
    answer = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=900)
    assert answer.returncode == 0, answer.stdout[-3000:]
    assert "skipped" not in answer.stdout


def test_the_checkpoint_clock_does_not_change_the_result(tmp_path, tiny, monkeypatch):
    """Saving after every step must give the run that saving once gives."""
    monkeypatch.setattr(run_module, "CHECKPOINT_EVERY_SECONDS", -1)
    for name in studies.names()[:1]:
        part = studies.load(name, "train")
        run = Run.create(name, part.TINY, tmp_path)
        part.train(part.TINY, run)
        assert losses(run) == losses(tiny(name))
