"""What every part promises, in Python and in Node; a new file in parts/ is tested the day it appears."""

import gzip
import json
import math
import re
import subprocess
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.export import SHARED, check_parity, find_node
from cuaderno.lab.metrics import Metric
from cuaderno.lab.run import Run
from cuaderno.studies.concepts import parts
from cuaderno.studies.concepts.data import KINDS, Chance, points
from cuaderno.studies.concepts.evaluate import evaluate
from cuaderno.studies.concepts.export import export
from cuaderno.studies.concepts.predict import predict
from cuaderno.studies.concepts.train import Config, build, settle, train

HERE = Path(__file__).parent
WEB = HERE / "web"
LARGEST = 25_000  # bytes, compressed, of all that one part loads besides what it has learnt
LEARNT = {"latent": 14_000}  # and of what it has learnt, at the start; else
LITTLE = 4_000
every_part = pytest.mark.parametrize("name", parts.names())


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A short run of each part with its export, made once."""
    runs = {}

    def get(name: str) -> Run:
        if name not in runs:
            config = settle(Config(part=name, steps=12))
            run = Run.create("concepts", config, tmp_path_factory.mktemp(name))
            train(config, run)
            run.finish(evaluate(run))
            (run.folder / "export").mkdir()
            export(run, run.folder / "export")
            runs[name] = run
        return runs[name]

    return get


@every_part
def test_a_part_learns_and_is_measured_beside_a_baseline(name, finished):
    run = finished(name)
    assert run.history() and all(math.isfinite(value) for row in run.history() for value in row.values())
    assert run.metrics and all(isinstance(metric, Metric) for metric in run.metrics.values())
    assert any(key.startswith("baseline_") for key in run.metrics)
    labels = tomllib.loads((HERE / "metrics.toml").read_text(encoding="utf-8"))
    assert run.metrics.keys() <= labels.keys()
    assert run.data["effective"]["parameters"] > 0 and run.data["effective"]["licence"]


@every_part
def test_the_page_computes_as_python_does(name, finished):
    cases = check_parity(WEB, finished(name).folder / "export")
    assert cases and cases >= 3


@every_part
def test_a_part_stops_and_goes_on_bit_by_bit(name, tmp_path):
    config = settle(Config(part=name, steps=6))
    whole, again = parts.load(name).begin(config), parts.load(name).begin(config)
    for step in range(1, 7):
        whole.learn(step)
        if step == 3:
            again.load({key: value.copy() for key, value in whole.state().items()})
    assert all(again.learn(step) for step in range(4, 7))
    for key, value in whole.state().items():
        assert (again.state()[key] == value).all(), key


@every_part
def test_what_cannot_be_asked_says_what_can(name, finished):
    (answer,) = predict(finished(name), ["\x00 no number, no formula ("])
    assert len(answer["error"]) > 10


def loaded_by(name: str) -> set[Path]:
    """All modules that a part makes the browser load."""
    found: set[Path] = set()
    waiting = [WEB / "widget.js", WEB / "parts" / f"{name}.js", WEB / "parts" / f"{name}-model.js"]
    while waiting:
        path = waiting.pop().resolve()
        path = path if path.is_file() else SHARED / path.name
        if path not in found:
            found.add(path)
            waiting += [path.parent / other for other in re.findall(r'from "(\..+?)";', path.read_text())]
    return found


@every_part
def test_what_a_part_has_learnt_is_small_or_comes_later(name, finished):
    folder = finished(name).folder / "export"
    later = json.loads((folder / "model.json").read_text(encoding="utf-8")).get("later", [])
    at_start = [path for path in folder.iterdir() if path.name not in ("parity.json", "poster.svg", *later)]
    assert all((folder / one).is_file() for one in later)
    assert sum(len(gzip.compress(path.read_bytes(), 6)) for path in at_start) <= LEARNT.get(name, LITTLE)


@every_part
def test_a_part_is_small(name):
    code = sum(len(gzip.compress(path.read_bytes(), 6)) for path in loaded_by(name))
    assert code <= LARGEST, f"{name} makes the browser load {code:,} bytes"


@every_part
def test_every_part_speaks_both_languages(name):
    code = """
const { TEXT, open } = await import(process.argv[1]);
const keys = (value) => Object.entries(value).flatMap(([k, v]) =>
  [`${k}:${typeof v}`, ...(v && typeof v === "object" ? keys(v).map((x) => `${k}.${x}`) : [])]);
if (typeof open !== "function") throw new Error("no open");
const [en, es] = [keys(TEXT.en).sort().join(), keys(TEXT.es).sort().join()];
if (!en || en !== es) throw new Error(`en has ${en}, es has ${es}`);
const shared = Object.keys((await import(process.argv[2])).TEXT.en).filter((key) => key in TEXT.en);
if (shared.length) throw new Error(`words.js has ${shared}, too: the part would speak for all`);
"""
    files = [(WEB / "parts" / f"{name}.js").as_uri(), (WEB / "words.js").as_uri()]
    answer = subprocess.run([find_node(), "--input-type=module", "-e", code, *files], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr


def test_an_unknown_part_is_told_the_nearest():
    with pytest.raises(CuadernoError, match="Did you mean 'descent'"):
        settle(Config(part="decent"))


@pytest.mark.parametrize("wrong", [{"noise": -1.0}, {"momentum": 1.0}, {"steps": -1}, {"learning_rate": math.nan}])
def test_settings_that_cannot_be_are_refused(wrong):
    with pytest.raises(CuadernoError, match=r"has to be at least|is a share"):
        settle(replace(Config(), **wrong))


def test_a_setting_that_does_nothing_in_a_part_is_refused():
    with pytest.raises(CuadernoError, match="dropout-rate does nothing in the part descent, which takes"):
        build(Config(part="descent", dropout_rate=0.2))


@every_part
def test_a_part_says_which_settings_it_takes(name):
    used = set(re.findall(r"config\.([a-z_]+)", Path(parts.load(name).__file__).read_text(encoding="utf-8")))
    assert used | {"part", "seed", "steps"} == parts.takes(name)


def test_a_zero_stands_for_the_parts_own_choice():
    assert settle(Config(part="descent")).steps == parts.load("descent").SETTINGS["steps"]
    assert settle(Config(part="descent", steps=3)).steps == 3


# -- random numbers ---------------------------------------------------------------------------------------------------


def test_chance_is_even_and_the_splits_differ():
    chance = Chance(7)
    numbers = [chance.number() for _ in range(20_000)]
    assert min(numbers) >= 0 and max(numbers) < 1 and abs(sum(numbers) / 20_000 - 0.5) < 0.01
    assert abs(Chance(3).normals(20_000).std() - 1) < 0.02
    places = points("circle", 200, 0.1, chance)[0]
    assert len({tuple(place) for place in places.tolist()}) == 200


@pytest.mark.parametrize("kind", KINDS)
def test_points_have_two_colours_and_lie_on_the_sheet(kind):
    places, colours = points(kind, 400, 0.05, Chance(1))
    assert colours.mean() == 0.5 and abs(places).max() < 1.6


def test_node_draws_the_same_numbers():
    code = f"""
const {{ Chance }} = await import({json.dumps((WEB / "chance.js").as_uri())});
const chance = new Chance(-5);
console.log(JSON.stringify(Array.from({{ length: 8 }}, (_, i) => (i % 2 ? chance.normal() : chance.number()))));
"""
    answer = subprocess.run(
        [find_node(), "--input-type=module", "-e", code], capture_output=True, text=True, check=True
    )
    chance = Chance(-5)
    wanted = [chance.normal() if i % 2 else chance.number() for i in range(8)]
    assert json.loads(answer.stdout) == pytest.approx(wanted, abs=1e-12)
