"""The command as a person uses it: right exit codes, one clear paragraph, readable in a pipe."""

import io
import json
import re
import shutil
import sys

import numpy as np
import pytest
from safetensors.numpy import save_file

from cuaderno import cli, scaffold, studies
from cuaderno.cli import training
from cuaderno.lab.run import Run


@pytest.fixture
def cuaderno(capsys, monkeypatch):
    """Run a command in this process: `code, out, err = cuaderno("list")`."""

    def call(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            cli.main(list(words))
        captured = capsys.readouterr()
        return end.value.code or 0, captured.out, captured.err

    return call


@pytest.fixture
def diary(tmp_path, monkeypatch):
    """A new diary that is the current folder, and a study of its own to train."""
    scaffold.new_diary(tmp_path / "mine")
    monkeypatch.chdir(tmp_path / "mine")
    scaffold.new_study("spring", tmp_path / "studies")
    monkeypatch.setattr(studies, "HERE", tmp_path / "studies")
    monkeypatch.setattr(studies, "__path__", [*studies.__path__, str(tmp_path / "studies")])
    yield tmp_path / "mine"
    for name in [name for name in sys.modules if name.startswith("cuaderno.studies.spring")]:
        del sys.modules[name]


def test_help_has_every_command_and_examples(cuaderno):
    code, out, _ = cuaderno("--help")
    assert code == 0 and "examples:" in out
    commands = [
        "new",
        "new-study",
        "list",
        "train",
        "evaluate",
        "predict",
        "chat",
        "export",
        "keep",
        "runs",
        "build",
        "serve",
        "journey",
        "check",
        "comments",
        "publish",
    ]
    for command in commands:
        assert re.search(rf"^    {command}\b", out, re.M)
        code, help_text, _ = cuaderno(command, "--help")
        assert code == 0 and f"cuaderno {command}" in help_text and "examples:" in help_text


def test_no_command_shows_the_help(cuaderno):
    assert cuaderno()[:2] == cuaderno("--help")[:2]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["trian"], 2, "Did you mean 'train'?"),
        (["train"], 2, "STUDY"),
        (["train", "sprin"], 1, "Did you mean 'spring'?"),
        (["train", "spring", "--preset", "tinny"], 1, "Did you mean 'tiny'?"),
        (["train", "spring", "--resume", "nothing"], 1, "There is no run 'nothing'"),
        (["predict", "spring", "1"], 1, "cuaderno train spring"),
        (["predict", "sprng", "1"], 1, "Did you mean 'spring'?"),
        (["predict", "no-such", "1"], 1, "There is no study 'no-such'"),
        (["predict", "spring"], 2, "INPUT"),
        (["chat"], 1, "Train one and keep it"),
        (["chat", "--run", "nothing"], 1, "There is no run 'nothing'"),
        (["chat", "--lang", "fr"], 2, "invalid choice"),
        (["chat", "--top-k", "many"], 2, "invalid int value"),
        (["keep", "nothing"], 1, "There is no run"),
        (["evaluate", "nothing"], 1, "There is no run"),
        (["runs", "--where", "what"], 1, "is not a test"),
        (["new", "."], 1, "not empty"),
        (["new-study", "Not A Name"], 1, "lower-case"),
        (["new-study", "class"], 1, "lower-case"),
        (["build", "--diary", "nowhere"], 1, "no diary in nowhere"),
        (["serve", "--port", "many"], 2, "invalid int value"),
    ],
)
def test_what_goes_wrong_is_one_paragraph_with_a_cure(cuaderno, diary, words, code, says):
    got, out, err = cuaderno(*words)
    assert got == code and says in err and not out
    assert "Traceback" not in err and len(err.strip().splitlines()) == 1


def test_debug_shows_the_traceback(diary, capsys):
    with pytest.raises(cli.CuadernoError):
        cli.main(["keep", "nothing", "--debug"])


def test_a_misspelt_setting_names_the_nearest(cuaderno, diary):
    code, _, err = cuaderno("train", "spring", "--learning-rat", "1")
    assert code == 2 and "--learning-rate" in err


def test_outside_a_diary_it_says_how_to_start_one(cuaderno, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, _, err = cuaderno("build")
    assert code == 1 and "cuaderno new DIR" in err


def test_from_training_to_a_kept_run_and_its_answers(cuaderno, diary):
    code, _, err = cuaderno("train", "spring", "--preset", "tiny", "--seed", "5", "--keep")
    assert code == 0, err
    assert "answers equal Python's" in err and "learning_rate=" in err and "kept as" in err
    (folder,) = (diary / "runs").iterdir()
    run = Run.open(folder)
    assert run.data["command"] == "cuaderno train spring --preset tiny --seed 5" and run.data["config"]["seed"] == 5
    assert (diary / "records" / run.id / "checkpoint" / "weights.safetensors").is_file()
    assert not (diary / "records" / run.id / "checkpoint" / "training.pt").exists()

    code, out, err = cuaderno("predict", "spring", "0.5", "what", "-1", "--json")
    answers = [json.loads(line) for line in out.splitlines()]
    assert code == 1, "one input was bad"
    assert [answer["input"] for answer in answers] == ["0.5", "what", "-1"]
    assert "y" in answers[0] and "error" in answers[1] and "y" in answers[2]
    assert cuaderno("predict", "spring", "0.5")[0] == 0

    assert cuaderno("evaluate", str(folder))[0] == 0
    code, _, err = cuaderno("evaluate", str(diary / "records" / run.id))
    assert code == 1 and "stay as they are" in err
    code, _, err = cuaderno("train", "spring", "--resume", run.id)
    assert code == 1 and "nothing left to train" in err

    code, out, _ = cuaderno("export", run.id, "-o", "page")
    assert code == 0 and (diary / "page" / "index.html").is_file() and (diary / "page" / "model.json").is_file()


def test_runs_are_listed_filtered_and_compared(cuaderno, diary):
    assert "cuaderno train" in cuaderno("runs")[1]
    for seed in "01":
        cuaderno("train", "spring", "--preset", "tiny", "--seed", seed)
    code, out, _ = cuaderno("runs", "--sort", "seed")
    assert code == 0 and out.count("spring-") == 2 and "\x1b" not in out
    found = json.loads(cuaderno("runs", "--json", "--where", "seed=1")[1])
    assert [run["seed"] for run in found] == [1]
    ids = [run["id"] for run in json.loads(cuaderno("runs", "--json")[1])]
    out = cuaderno("runs", *ids)[1]
    assert re.search(r"^seed +1 +0", out, re.M) and re.search(r"^error +0\.\d+ +0\.\d+", out, re.M)
    assert json.loads(cuaderno("runs", "--json", "--kept")[1]) == []


def test_list(cuaderno, diary):
    assert "spring" in cuaderno("list")[1]
    assert json.loads(cuaderno("list", "--json")[1])[0]["name"] == "spring"


def test_resume_refuses_changed_settings(cuaderno, diary, make_run):
    make_run(diary / "runs", "spring-20261121-101112-abcdef", status="interrupted")
    code, _, err = cuaderno("train", "spring", "--resume", "spring", "--seed", "2")
    assert code == 1 and "keeps its settings" in err


def test_a_run_folder_from_another_program_is_named(cuaderno, diary):
    (diary / "runs" / "odd").mkdir(parents=True)
    (diary / "runs" / "odd" / "run.json").write_text("not json")
    code, out, err = cuaderno("runs")
    assert code == 0 and "odd" in err and "damaged" in err and "No runs here yet" in out


def test_a_run_killed_before_its_weights_were_saved_can_be_resumed(cuaderno, diary):
    cuaderno("train", "spring", "--preset", "tiny", "--no-evaluate")
    (folder,) = (diary / "runs").iterdir()
    weights = folder / "checkpoint" / "weights.safetensors"
    before = weights.read_bytes()
    weights.unlink()
    code, _, err = cuaderno("evaluate", "spring")
    assert code == 1 and "--resume" in err
    assert cuaderno("train", "spring", "--resume", folder.name)[0] == 0
    assert weights.read_bytes() == before


def test_options_may_come_before_the_study(cuaderno, diary):
    assert cuaderno("train", "--preset", "tiny", "--no-evaluate", "spring", "--seed", "3")[0] == 0
    assert json.loads(cuaderno("runs", "--json")[1])[0]["seed"] == 3


def test_export_writes_over_an_export_only_when_it_is_asked_for_nothing_else(cuaderno, diary):
    cuaderno("train", "spring", "--preset", "tiny", "--keep")
    ((scratch,), (kept,)) = ((diary / place).iterdir() for place in ("runs", "records"))
    for run in (scratch, kept):
        before = {path.name: path.stat().st_mtime_ns for path in (run / "export").iterdir()}
        code, out, err = cuaderno("export", str(run), "-o", f"page-{run.parent.name}")
        assert code == 0 and "index.html runs the model" in out and "stays as it is" in err and "exported" not in err
        assert {path.name: path.stat().st_mtime_ns for path in (run / "export").iterdir()} == before
    assert "stays as it is" in cuaderno("export", str(kept))[2]
    assert "exported to" in cuaderno("export", str(scratch))[2]
    (scratch / "export" / "parity.json").unlink()  # an export that was stopped half-way
    assert "exported to" in cuaderno("export", str(scratch), "-o", "page")[2]


@pytest.mark.parametrize("error", ["CuadernoError('the text is too short')", "RuntimeError('boom')"])
def test_a_training_that_fails_before_its_first_step_leaves_nothing(cuaderno, diary, error):
    train = diary.parent / "studies" / "spring" / "train.py"
    code = train.read_text().replace("def train(", f"def build(*_):\n    raise {error}\n\n\ndef train(")
    assert "build(config)" in code
    train.write_text(code.replace("import torch\n", "import torch\nfrom cuaderno.lab.errors import CuadernoError\n", 1))
    if "Runtime" in error:
        with pytest.raises(RuntimeError):
            cli.main(["train", "spring", "--preset", "tiny"])
    else:
        code, _, err = cuaderno("train", "spring", "--preset", "tiny")
        assert code == 1 and "too short" in err
    assert not list((diary / "runs").iterdir())


def test_a_training_that_fails_later_stays(cuaderno, diary, make_run):
    run = Run.create("spring", {"seed": 0}, diary / "runs")
    (run.folder / "metrics.jsonl").write_text('{"step": 1, "loss": 1.0}\n')
    with pytest.raises(RuntimeError), training.nothing_left_behind(run):
        raise RuntimeError
    assert run.folder.is_dir()


def test_a_run_is_resumed_from_the_folder_that_is_named(cuaderno, diary, tmp_path, make_run):
    make_run(tmp_path / "far", "spring-20261121-101112-abcdef", status="interrupted")
    assert "no run 'spring-2026'" in cuaderno("train", "spring", "--resume", "spring-2026")[2]
    words = ("train", "spring", "--resume", "spring-2026", "--runs", str(tmp_path / "far"), "--seed", "2")
    assert "keeps its settings" in cuaderno(*words)[2]


OPTIONS = """
@dataclass(frozen=True)
class Options:
    \"\"\"How it answers.\"\"\"

    loudness: float = 0.5  # how loud it says it
"""


def test_a_study_shows_its_own_predict_options_without_an_input(cuaderno, diary):
    first = "Answer one number for each number"
    code, out, _ = cuaderno("predict", "spring", "--help")
    assert code == 0 and first in out and "no options of its own" in out
    path = diary.parent / "studies" / "spring" / "predict.py"
    path.write_text(
        path.read_text().replace("import math\n", "import math\nfrom dataclasses import dataclass\n") + OPTIONS
    )
    del sys.modules["cuaderno.studies.spring.predict"]
    for words in (("spring", "--help"), ("-h", "spring"), ("spring", "1", "--help")):
        code, out, _ = cuaderno("predict", *words)
        assert code == 0 and "--loudness" in out and "how loud it says it" in out and first in out
    for words in (("--help",), ("--run", "x", "--help")):
        code, out, _ = cuaderno("predict", *words)
        assert code == 0 and "--run RUN" in out and first in out and "--loudness" not in out


ALONE = """
from dataclasses import dataclass

ALONE = True


@dataclass(frozen=True)
class Options:
    class_: str = ""  # of what
    output: str = ""  # where to


def predict(run, inputs, options=Options()):
    yield {"input": " ".join(inputs), "class": options.class_, "output": options.output}
"""


def test_only_a_study_that_says_so_is_asked_without_an_input(cuaderno, diary, make_run):
    folder = make_run(diary / "runs", "spring-20261121-101112-abcdef")
    asked = ("predict", "spring", "--run", str(folder), "--json")
    assert cuaderno(*asked)[0] == 2  # INPUT is missing
    (diary.parent / "studies" / "spring" / "predict.py").write_text(ALONE)
    sys.modules.pop("cuaderno.studies.spring.predict", None)
    for words, wanted in (
        (("--class", "7", "-o", "a.png"), ("", "7", "a.png")),
        (("-o", "a.png", "--class=7", "--", "-1"), ("-1", "7", "a.png")),
    ):
        code, out, err = cuaderno(*asked, *words)
        assert code == 0, err
        assert tuple(json.loads(out).values()) == wanted
    code, out, _ = cuaderno("predict", "spring", "2", "--class", "7", "--json", f"--run={folder}")
    assert code == 0 and json.loads(out) == {"input": "2", "class": "7", "output": ""}
    assert cuaderno(*asked, "--loud", "7")[0] == 2


def test_the_options_of_some_studies_stand_without_an_input(cuaderno, diary, make_run):
    make_run(diary / "runs", "spring-20261121-101112-abcdef")
    answers = """

def predict(run, inputs, options=Options()):
    yield {"input": ",".join(inputs), "loudness": options.loudness}
"""
    path = diary.parent / "studies" / "spring" / "predict.py"
    path.write_text(f"from dataclasses import dataclass\n\nALONE = True\n{OPTIONS}{answers}")
    for words, said in (
        (["--loudness", "3", "--run", "spring"], ["", 3.0]),
        (["--run", "spring", "--loudness", "3"], ["", 3.0]),
        (["--run", "spring"], ["", 0.5]),
        (["a", "b", "--loudness=3", "--run", "spring"], ["a,b", 3.0]),
    ):
        code, out, err = cuaderno("predict", "spring", "--json", *words)
        assert code == 0 and list(json.loads(out).values()) == said, err


def test_a_run_in_the_place_of_a_study_is_told(cuaderno, diary, make_run):
    folder = make_run(diary / "runs", "spring-20261121-101112-abcdef")
    for run in ("spring-20261121", str(folder)):
        code, _, err = cuaderno("predict", run, "0 5")
        assert code == 1 and f"cuaderno predict spring '0 5' --run {run}" in err


def test_a_run_that_was_named_by_its_study_is_said(cuaderno, diary, make_run, monkeypatch):
    (diary.parent / "studies" / "spring" / "chat.py").write_text(
        'ONLY = {"task": "chat"}\n\n\ndef open(run):\n    raise SystemExit(run.id)\n'
    )
    settings = {"learning_rate": 0.1, "seed": 0}
    make_run(diary / "runs", "spring-1", config=settings | {"task": "chat"}, created="2026-11-21")
    make_run(diary / "runs", "spring-2", config=settings, created="2026-11-22")
    make_run(diary / "runs", "spring-3", config=settings, created="2026-11-23", status="trained")
    _, out, err = cuaderno("predict", "spring", "1", "--run", "spring")
    assert "run spring-2, finished" in err and "spring-3" not in out + err
    code, _, err = cuaderno("chat", "--run", "spring", "--message", "?")
    assert code == "spring-1" and "run spring-1, finished" in err
    assert "finished" not in cuaderno("predict", "spring", "1", "--run", "spring-2")[2]


def test_what_was_asked_cannot_command_the_terminal(cuaderno, diary, make_run, monkeypatch):
    cuaderno("train", "spring", "--preset", "tiny", "--keep")
    code, _, err = cuaderno("predict", "spring", "\x1b[2J\u202e")
    assert code == 1 and "\x1b" not in err and "\u202e" not in err and "\ufffd[2J" in err
    code, out, _ = cuaderno("predict", "spring", "\x9b2J\udc80", "--json")
    assert json.loads(out)["input"] == "\x9b2J\udc80" and out.isascii()


def test_the_examples_of_the_help_are_in_columns(cuaderno):
    _, _, examples = cuaderno("--help")[1].partition("examples:\n")
    lines = examples.partition("\n\n")[0].splitlines()
    ends = {len(line) - len(re.split(r" {2,}", line.strip())[1]) for line in lines}
    assert len(lines) == 7 and len(ends) == 1 and "STUDY" not in examples


def test_export_touches_no_page_of_the_user(cuaderno, diary):
    cuaderno("train", "spring", "--preset", "tiny")
    (diary / "page").mkdir()
    (diary / "page" / "index.html").write_text("mine")
    code, _, err = cuaderno("export", "spring", "-o", "page")
    assert code == 1 and "nothing there was touched" in err and (diary / "page" / "index.html").read_text() == "mine"


def test_a_page_takes_folders_of_modules_along(tmp_path):
    web, export = tmp_path / "web", tmp_path / "export"
    (web / "parts").mkdir(parents=True)
    export.mkdir()
    (web / "widget.js").write_text("//")
    (web / "parts" / "one.js").write_text("//")
    (export / "model.json").write_text("{}")
    for _ in range(2):  # the second time over what the first one wrote
        page = scaffold.standalone_page(web, export, tmp_path / "page", {"en": "A", "es": "B"}, "C")
        assert page.is_file() and (tmp_path / "page" / "parts" / "one.js").is_file()


def test_a_filter_that_leaves_nothing_says_so(cuaderno, diary, make_run):
    make_run(diary / "runs", "spring-20261121-101112-abcdef")
    assert "No run passes" in cuaderno("runs", "--where", "cpu_seconds<0")[1]
    assert "Did you mean 'spring'" in cuaderno("runs", "--study", "sprin")[2]


@pytest.mark.parametrize("name", ["sample2", "resample"])
def test_a_study_may_have_the_template_in_its_name(tmp_path, name):
    folder = scaffold.new_study(name, tmp_path)
    assert f"from cuaderno.studies.{name}.data import" in (folder / "train.py").read_text()


CHAT = """
class Echo:
    def __init__(self, name, they):
        self.name, self.they = name, they
    def introduction(self, lang):
        return {"en": "An echo.", "es": "Un eco."}[lang]
    def stream(self, messages):
        yield f"{self.they}: {messages[-1]['content']}"

def open(run, they="echo"):
    run.load_weights()
    return Echo(run.id, they)
"""


@pytest.fixture
def echo(diary, make_run):
    """A study that can be talked with, and two kept runs of it."""
    (diary.parent / "studies" / "spring" / "chat.py").write_text(CHAT)
    for run_id in ("spring-20261121-101112-abcdef", "spring-20261122-101112-fedcba"):
        created = f"2026-11-{run_id[13:15]}T10:11:12+00:00"
        folder = make_run(diary / "records", run_id, created=created)
        save_file({"w": np.zeros(1)}, folder / "checkpoint" / "weights.safetensors")
    return diary / "records"


NEWEST = "run spring-20261122-101112-fedcba, finished\n"


def test_chat_asks_the_newest_kept_run_or_the_named_one(cuaderno, echo, make_run):
    make_run(echo, "other-20261123-101112-abcdef", created="2026-11-23T10:11:12+00:00")  # newer, but it cannot talk
    assert cuaderno("chat", "--message", "hola", "--lang", "es") == (0, "echo: hola\n", f"{NEWEST}Un eco.\n")
    for reference, end in [
        ("spring", "fedcba"),
        ("spring-20261121", "abcdef"),
        (str(echo / "spring-20261122-101112-fedcba"), "fedcba"),
    ]:
        code, out, err = cuaderno("chat", "--run", reference, "--message=-x", "--they", "me", "--json")
        answer = json.loads(out)
        assert (
            code == 0
            and err == (NEWEST if reference == "spring" else "")
            and answer["model"].endswith(end)
            and answer["answer"] == "me: -x"
        )


def test_chat_passes_over_runs_whose_settings_do_not_talk(cuaderno, echo, diary):
    (diary.parent / "studies" / "spring" / "chat.py").write_text(f'ONLY = {{"seed": 1}}\n{CHAT}')
    code, _, err = cuaderno("chat", "--message", "?")
    assert code == 1 and "No kept run here can be talked with" in err
    path = echo / "spring-20261121-101112-abcdef" / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"config": {"seed": 1}}))
    assert cuaderno("chat", "--message", "hola", "--json")[1].count("abcdef") == 1


def test_chat_reads_a_pipe_and_the_locale(cuaderno, echo, monkeypatch):
    monkeypatch.setenv("LC_ALL", "es_ES.UTF-8")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"uno\n\ndos")))
    assert cuaderno("chat") == (0, "echo: uno\necho: dos\n", f"{NEWEST}Un eco.\n")


def test_chat_says_what_is_missing(cuaderno, echo, make_run):
    make_run(echo, "other-20261123-101112-abcdef")
    code, _, err = cuaderno("chat", "--run", "other")
    assert code == 1 and "has no chat.py" in err and "spring" in err
    code, _, err = cuaderno("chat", "--top-k", "3", "--message", "?")
    assert code == 1 and "knows nothing of --top-k" in err
    (echo / "spring-20261122-101112-fedcba" / "checkpoint" / "weights.safetensors").unlink()
    code, _, err = cuaderno("chat", "--message", "?")
    assert code == 1 and "no weights" in err and "--resume" in err


# -- the journey ------------------------------------------------------------------------------------------------------

JOURNEY = """
planned = ["speech"]

[[objective]]
id = "springs"
title = { en = "Springs", es = "Muelles" }
study = "spring"
evidence = "error.high < 0.35"

[[objective]]
id = "speech"
title = { en = "Speech", es = "Habla" }
study = "speech"

[[bet]]
id = "small"
says = { en = "It will be small.", es = "Será pequeño." }
made = 2026-11-20
study = "spring"
condition = "error < 0.3"
"""


@pytest.fixture
def journey(diary, make_run):
    make_run(diary / "records", id="spring-20261121-101112-abcdef")
    (diary / "journey.toml").write_text(JOURNEY, encoding="utf-8")
    return diary / "journey.toml"


def test_the_journey_in_the_terminal(cuaderno, journey):
    code, out, _ = cuaderno("journey")
    assert code == 0
    assert re.search(r"springs +■□□□□ +trained +written, corrected, translated, published +spring-20261121-", out)
    assert re.search(r"speech +□□□□□ +planned +trained, ", out)
    assert re.search(r"small +undecided +2026-11-20 +error < 0.3 +spring-2026", out)
    assert re.search(r"no movement for 30 days: .*speech", out)
    code, out, _ = cuaderno("journey", "--lang", "es")
    assert code == 0 and re.search(r"springs +■□□□□ +entrenado +escrito, corregido, traducido, publicado +spring-", out)
    assert re.search(r"small +sin decidir", out) and "sin movimiento desde hace 30 días: speech" in out


def test_the_journey_as_json(cuaderno, journey):
    found = json.loads(cuaderno("journey", "--json", "--lang", "es")[1])
    springs, speech = found["objectives"]
    assert springs["title"] == "Muelles" and springs["state"] == "trained" and speech["evidence"] is None
    assert found["bets"][0]["verdict"] == "undecided" and found["bets"][0]["numbers"]["error"]["high"] == 0.3
    code, _, err = cuaderno("journey", "--json", "--lang", "fr")
    assert code == 1 and "'fr' is not a language of this diary" in err


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("error <", "eror <"), "has no metric 'eror'. Did you mean 'error'?"),
        (("made = 2026-11-20", "made = 2026-11-22"), "the bet 'small' is refused"),
        (("error < 0.3", "error < "), "journey.toml:20: condition: the condition `error <`, character 8"),
        (('study = "speech"', 'study = "speach"'), "there is no study 'speach'. Did you mean 'speech'?"),
        ((JOURNEY, "# nothing yet"), "says nothing yet. Write down there what you want to learn"),
        ((JOURNEY, "[["), "journey.toml cannot be read"),
    ],
)
def test_a_wrong_journey_is_named_in_the_terminal(cuaderno, journey, change, says):
    assert change[0] in JOURNEY
    journey.write_text(JOURNEY.replace(*change), encoding="utf-8")
    code, out, err = cuaderno("journey")
    assert code == 1 and out == "" and says in err
    if "says nothing" not in says:
        code, _, err = cuaderno("check")
        assert code == 1 and says in err


def test_a_new_diary_has_a_journey_to_uncomment(cuaderno, diary):
    journey = diary / "journey.toml"
    assert cuaderno("journey")[0] == 1
    lines = journey.read_text(encoding="utf-8").splitlines()
    settings = [line.removeprefix("# ") for line in lines if re.match(r"# (\[\[|planned|\w+ = )", line)]
    journey.write_text("\n".join(settings).replace('"maze"', '"speech"') + "\n", encoding="utf-8")
    code, out, err = cuaderno("journey")
    assert code == 0 and re.search(r"whispers +open", out), err


def test_a_bet_is_refused_while_its_run_lies_in_the_scratch_folder(cuaderno, journey, make_run):
    """A run that nobody kept yet has been seen all the same."""
    shutil.rmtree(journey.parent / "records" / "spring-20261121-101112-abcdef")
    run = make_run(journey.parent / "runs", id="spring-20261119-101112-abcdef", created="2026-11-19T10:11:12+00:00")
    for words in (["journey"], ["keep", run.name]):
        code, out, err = cuaderno(*words)
        assert code == 1 and not out and "the bet 'small' is refused: spring-20261119-101112-abcdef was there" in err
    assert "Keep a run that was trained after the bet" in err and not list((journey.parent / "records").iterdir())


def test_keeping_a_run_that_learned_from_data_of_others_is_warned_of(cuaderno, diary, make_run):
    for day, licence in ((21, "ours (MIT)"), (22, "none granted")):
        run = make_run(diary / "runs", f"spring-202611{day}-101112-abcdef", effective={"licence": licence})
        code, out, err = cuaderno("keep", run.name)
        assert code == 0 and "kept as" in out
        assert ("Their licence: none granted." in err) == (day == 22) and err.count("warning") == (day == 22)
