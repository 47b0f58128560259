"""A budget is kept and ends with a learning rate of nothing, and what a run leaves behind serves all that follows."""

import dataclasses
import json
import time
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pytest
import torch

from cuaderno.lab import run as run_module
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.export import check_parity, find_node
from cuaderno.lab.run import Interrupted, Run
from cuaderno.studies.gpt import huggingface, train
from cuaderno.studies.gpt.evaluate import evaluate
from cuaderno.studies.gpt.export import export, export_onnx
from cuaderno.studies.gpt.model import GPT
from cuaderno.studies.gpt.predict import Options, predict, show
from cuaderno.studies.gpt.tokens import learn
from cuaderno.studies.gpt.train import TINY, corpus_of, length_at, trained
from cuaderno.studies.gpt.windows import Windows, read

PLAY = "".join(
    f"{one}:\nSpeak {word} again, bright <angel> & {word}!\n\n{other}:\nAy me, {word} number {i}.\n\n"
    for i, (one, other, word) in enumerate([("ROMEO", "JULIETA", "then"), ("NODRIZA", "ROMEO", "señor")] * 60)
)
SMALL = dataclasses.replace(TINY, num_layers=1, embed_dim=16, context_length=16, steps=12, batch_tokens=64)


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CUADERNO_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def play(tmp_path_factory):
    path = tmp_path_factory.mktemp("text") / "play.txt"
    path.write_text(PLAY, encoding="utf-8")
    return str(path)


@pytest.fixture(scope="module")
def ran(play, tmp_path_factory):
    """A run on a play, small but finished."""
    run = trained_on(play, tmp_path_factory.mktemp("run"), SMALL)
    run.finish(evaluate(run))
    return run


def trained_on(text, folder, config=SMALL, **changes) -> Run:
    config = dataclasses.replace(config, text=text, **changes)
    run = Run.create("gpt", config, folder)
    train.train(config, run)
    return run


def logged(run, name):
    return [row["step"] for row in run.history() if name in row]


@pytest.fixture
def alone(monkeypatch):
    """Without a counting model beside the network, which would only take time here."""
    monkeypatch.setattr(train.mixture, "fit", lambda *_: None)


# -- the budget --------------------------------------------------------------------------------------------------------


@pytest.fixture
def clock(monkeypatch, alone):
    """A clock that moves by one second with every update, and the learning rates of the updates."""
    clock = SimpleNamespace(now=1000.0, rates=[])
    set_rates = train.set_rates

    def tick(optimizers, progress):
        set_rates(optimizers, progress)
        clock.rates.append(max(group["lr"] for one in optimizers for group in one.param_groups))
        clock.now += 1

    fake = SimpleNamespace(monotonic=lambda: clock.now, process_time=time.process_time)
    monkeypatch.setattr(run_module, "time", fake)
    monkeypatch.setattr(train, "set_rates", tick)
    return clock


def test_minutes_end_on_time_and_decayed(play, tmp_path, clock):
    run = trained_on(play, tmp_path, minutes=0.5)
    assert run.data["steps"] == 31 and run.data["wall_seconds"] == pytest.approx(31)
    assert clock.rates[0] == pytest.approx(SMALL.matrix_learning_rate) and clock.rates[-1] == 0
    assert clock.rates == sorted(clock.rates, reverse=True)
    assert logged(run, "train_loss")[-1] == 31 and len(logged(run, "val_loss")) == SMALL.looks


def test_minutes_go_on_where_they_were_stopped(play, tmp_path, clock, monkeypatch):
    config = dataclasses.replace(SMALL, text=play, minutes=0.5)
    run, steps = Run.create("gpt", config, tmp_path), Run.steps

    def stopping(self, *budget):
        for step in steps(self, *budget):
            self._stop_asked |= step == 13
            yield step

    with monkeypatch.context() as patch:
        patch.setattr(Run, "steps", stopping)
        with pytest.raises(Interrupted, match=r"step 13 of 0\.5 minutes"):
            train.train(config, run)
    clock.now += 5000  # the night in between does not count
    again = Run.open(run.folder)
    again.resumed()
    train.train(again.config(train.Config), again)
    assert again.data["steps"] == 31 and len(clock.rates) == 31 and clock.rates[-1] == 0
    assert clock.rates == sorted(clock.rates, reverse=True)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"num_heads": 3}, "--embed-dim 32 cannot be shared by 3 heads .* Take --embed-dim 36"),
        ({"num_layers": 0}, "--num-layers is 0, and has to be at least 1"),
        ({"context_length": 0}, "--context-length"),
        ({"learning_rate": float("nan")}, "--learning-rate is nan"),
        ({"dropout_rate": 1.5}, "--dropout-rate is 1.5"),
        ({"looks": -1}, "--looks"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_built(changes, says):
    with pytest.raises(CuadernoError, match=says):
        train.check(dataclasses.replace(TINY, **changes))


def test_against_the_clock_a_look_costs_a_hundredth_of_the_budget():
    config = dataclasses.replace(TINY, minutes=1.0, context_length=32)
    assert train.tokens_to_judge(config, step=100, progress=0.1) == 0.02 * 100 * config.batch_tokens / 0.1
    assert train.tokens_to_judge(config, step=1, progress=0.99) == 32, "one window at least"
    assert train.tokens_to_judge(TINY, step=1, progress=0.5) == train.LOOK_TOKENS


@pytest.mark.parametrize("looks", [0, 1, 4])
def test_looks_and_samples(looks, play, tmp_path, alone):
    """As many as wished, the one after the last step included, which is the evaluation's."""
    run = trained_on(play, tmp_path, looks=looks)
    samples = json.loads((run.folder / "checkpoint" / "samples.json").read_text(encoding="utf-8"))
    steps = [sample["step"] for sample in samples]
    assert steps == (logged(run, "val_loss") or [12]) and len(steps) == max(1, looks) and steps[-1] == 12
    assert all(len(sample["text"]) == train.SAMPLE_TOKENS for sample in samples)


@pytest.mark.parametrize("setting", ["precision", "compile"])
def test_a_setting_there_is_not(setting, play, tmp_path):
    with pytest.raises(CuadernoError, match="'maybe' is none of"):
        trained_on(play, tmp_path, **{setting: "maybe"})


def test_pieces_of_an_update_are_the_update(play, tmp_path, alone):
    one, four = (trained_on(play, tmp_path, accumulation=n, steps=3, looks=1).load_weights() for n in (1, 4))
    for name in one:
        torch.testing.assert_close(one[name], four[name], atol=2e-3, rtol=1e-2)


# -- windows -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "length"), [(9, 8), (1000, 7), (50, 16)])
def test_windows_are_read_once_each_before_any_is_read_again(number, length):
    windows = Windows(number, 0)
    each = (number - length) // length or 1
    first, second = windows.take(length, each).tolist(), windows.take(length, each).tolist()
    for starts in (first, second):
        assert len(set(starts)) == each and min(starts) >= 0 and max(starts) + length < number
        assert len({start % length for start in starts}) == 1, "they do not overlap"
    assert len(windows.take(length, 5 * each)) == 5 * each, "more than there are begin again"
    inputs, targets = read(np.arange(number), np.array(first), length, torch.device("cpu"))
    assert torch.equal(inputs + 1, targets) and inputs.shape == (each, length)


def test_windows_grow_to_the_context():
    for context_length in (1, 7, 32, 256):
        lengths = [length_at(progress, context_length) for progress in np.linspace(0, 1, 50)]
        assert lengths == sorted(lengths) and lengths[-1] == context_length and lengths[0] >= min(8, context_length)


# -- what it is trained on ---------------------------------------------------------------------------------------------


def test_a_text_that_changed_is_not_judged(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text(PLAY[:4000], encoding="utf-8")
    run = trained_on(str(path), tmp_path, steps=2)
    assert len(corpus_of(run).val) == 400
    path.write_text(PLAY[:4000].replace("Speak", "Shout"), encoding="utf-8")
    with pytest.raises(CuadernoError, match="has changed since it was trained"):
        evaluate(run)
    path.unlink()
    with pytest.raises(CuadernoError, match="no file or folder"):
        evaluate(run)
    assert [answer["text"] for answer in predict(run, ["a"], Options(max_tokens=3))], "it still writes"


def test_the_cure_for_a_short_text_trains(tmp_path):
    path = tmp_path / "short.txt"
    path.write_text(PLAY[:40], encoding="utf-8")
    with pytest.raises(CuadernoError, match="too short") as error:
        trained_on(str(path), tmp_path, context_length=64)
    context_length = int(str(error.value).split("--context-length ")[1].split()[0].rstrip("."))
    run = trained_on(str(path), tmp_path, context_length=context_length)
    assert evaluate(run)["loss"].value > 0
    export(run, tmp_path)


def test_a_text_of_one_letter(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("a" * 3000)
    run = trained_on(str(path), tmp_path, steps=3)
    metrics = evaluate(run)
    assert metrics["loss"].value == pytest.approx(0, abs=1e-6) and metrics["baseline_uniform_loss"].value == 0
    export(run, tmp_path)


@pytest.mark.parametrize("kind", ["char", "bpe:300"])
def test_it_goes_on_from_a_hugging_face_folder(kind, play, tmp_path):
    tokenizer = learn(kind, [PLAY], set(PLAY))
    torch.manual_seed(5)
    model = GPT(tokenizer.get_vocab_size(), 16, 1, 2, 16, classic=kind != "char", tied=kind != "char")
    huggingface.save(model, tokenizer, tmp_path / "start")
    run = trained_on(play, tmp_path, start=str(tmp_path / "start"), steps=40)
    after, same = trained(run)
    assert same.get_vocab() == tokenizer.get_vocab() and after.settings["classic"] == (kind != "char")
    metrics = evaluate(run)
    assert metrics["loss"].value < metrics["baseline_uniform_loss"].value - 0.2
    export(run, tmp_path)


# -- what is left behind -----------------------------------------------------------------------------------------------


def test_a_run_can_be_used_without_its_text(ran):
    kept = ran.folder / "checkpoint"
    about = json.loads((kept / "text.json").read_text(encoding="utf-8"))
    assert sum(about["counts"]) == int(0.9 * len(PLAY)) and about["prompts"][0] == "ROMEO:\n"
    assert json.loads((kept / "dialogue.json").read_text(encoding="utf-8"))["speakers"][0] == "ROMEO"
    metrics = ran.metrics
    assert metrics["bits_per_character"].value == pytest.approx(metrics["loss"].value / np.log(2), rel=1e-6)
    assert abs(metrics["int8_cost"].value) < 0.05
    assert metrics["mixed_loss"].value < max(metrics["loss"].value, metrics["baseline_ngram_loss"].value)


HOSTILE = ["", " ", "\n\n", "\r\n\t", "漢字 🐈", "<script>", "{0}%s", "a" * 1_000_000, "ROMEO:" * 50_000]


def test_hostile_prompts_are_answered_in_their_places(ran):
    start = time.process_time()
    answers = list(predict(ran, HOSTILE, Options(max_tokens=20)))
    assert time.process_time() - start < 20
    assert [answer["input"] for answer in answers] == HOSTILE
    assert all(len(answer["text"]) == 20 for answer in answers)
    assert answers[4]["not_read"] == ["字", "漢", "🐈"] and "not_read" not in answers[0]
    assert all(show(answer).startswith(answer["input"] + answer["text"]) for answer in answers)
    for bad, name in (("\ud800", "ud800"), ("a\0b", "x00"), ("\x1b[2J", "x1b"), ("\x7f", "x7f"), ("\x85", "x85")):
        (answer,) = predict(ran, [bad])
        assert answer["input"] == bad and name in answer["error"] and "text" not in answer


def test_options_decide_what_is_written(ran):
    def say(**options):
        (answer,) = predict(ran, ["ROMEO:\n"], Options(**{"max_tokens": 40, **options}))
        return answer["text"]

    assert say() == say() and say(seed=1) != say(seed=2)
    assert say(temperature=0, seed=1) == say(temperature=0, seed=2)
    letter = say()[7]
    assert say(stop=(letter,)) == say()[: say().index(letter)]
    for wrong in ({"temperature": -1}, {"top_p": 0}, {"max_tokens": 0}, {"max_tokens": 0, "stop": ("",)}):
        with pytest.raises(CuadernoError):
            say(**wrong)


def test_an_export_is_whole_and_twice_the_same(ran, tmp_path):
    twice = [tmp_path / name for name in ("one", "two")]
    for folder in twice:
        folder.mkdir()
        export(ran, folder)
    files = {path.name: path.read_bytes() for path in twice[0].iterdir()}
    assert files == {path.name: path.read_bytes() for path in twice[1].iterdir()}
    assert {"model.json", "weights.bin", "parity.json", "inside.json", "samples.json", "poster.svg"} <= files.keys()
    for name in ("attention.svg", "heads.svg", "embeddings.svg", "poster.svg"):
        tags = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(files[name]).iter()}
        assert tags <= {"svg", "g", "path", "rect", "text"}
    about = json.loads(files["model.json"])
    assert about["scores"]["loss"] == ran.metrics["loss"].value and about["dialogue"]["own_line"] is True
    look = json.loads(files["inside.json"])
    assert len(look["attention"][0][0]) == len(look["tokens"]) and len(look["heads"]) == 2
    if find_node() is None:
        pytest.fail("Node.js is part of the development set-up: pip install 'cuaderno[dev]'")
    assert check_parity(Path(__file__).with_name("web"), twice[0]) == len(json.loads(files["parity.json"])["cases"])


@pytest.mark.slow
def test_onnx_answers_as_torch_for_every_length(play, tmp_path):
    import onnxruntime

    run = trained_on(play, tmp_path, context_length=80, steps=8)  # 31 and 33: where faster products begin
    export_onnx(run, tmp_path / "model.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "model.onnx"), providers=["CPUExecutionProvider"])
    model = trained(run)[0]
    for length in (2, 7, 31, 33, 80):
        tokens = torch.arange(length)[None] % model.settings["vocab_size"]
        (logits,) = session.run(None, {"tokens": tokens.numpy()})
        with torch.no_grad():
            np.testing.assert_allclose(logits, model(tokens).numpy(), atol=1e-4)
