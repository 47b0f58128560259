"""In a real Chromium, as a reader does it: each part is moved, and what it says is what Python computes."""

import json
from pathlib import Path

import pytest

from cuaderno.lab.export import copy_web
from cuaderno.lab.run import Run
from cuaderno.studies.concepts import parts
from cuaderno.studies.concepts.evaluate import evaluate
from cuaderno.studies.concepts.export import export
from cuaderno.studies.concepts.train import Config, settle, train

WEB = Path(__file__).parent / "web"
READY = ".concepts-widget[data-state=ready]"
QUESTIONS = (2, 3)  # fewest and most of a part
HEAR = """
window.heard = [];
for (const kind of ["computed", "checked"]) addEventListener(kind, ({ detail }) => heard.push({ kind, ...detail }));
"""
every_part = pytest.mark.parametrize("name", parts.names())


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A run of each part as it is published, exported once; parts that learn long may say how short will do here."""
    made: dict[str, Run] = {}

    def get(name: str) -> Run:
        if name not in made:
            short = getattr(parts.load(name), "SHORT", {})
            config = settle(Config(part=name, **short))
            run = Run.create("concepts", config, tmp_path_factory.mktemp(name))
            train(config, run)
            run.finish(evaluate(run))
            (run.folder / "export").mkdir()
            export(run, run.folder / "export")
            made[name] = run
        return made[name]

    return get


@pytest.fixture
def opened(runs, tmp_path, serve_folder, open_page):
    """`opened("descent", lang="es")` gives a page with the part, and the run behind it."""

    def get(name: str, lang: str = "en", **context):
        run = runs(name)
        folder = copy_web(WEB, tmp_path / f"{name}-{lang}")
        for path in (run.folder / "export").iterdir():
            (folder / path.name).write_bytes(path.read_bytes())
        html = '<!doctype html><html lang="LANG"><meta name="viewport" content="width=device-width"><title>t</title>'
        html += '<link rel="icon" href="data:,"><body style="margin:0"><main><h1>t</h1></main>'
        (folder / "blank.html").write_text(html.replace("LANG", lang))
        page = open_page(f"{serve_folder(folder)}blank.html", **context)
        page.evaluate(HEAR)
        page.evaluate(
            """async (lang) => {
              const { mount } = await import("./widget.js"), place = document.querySelector("main");
              window.gone = mount(place.appendChild(document.createElement("div")), { artifact: "./", lang });
            }""",
            lang,
        )
        page.wait_for_selector(READY)
        return page, run

    return get


def last(page, kind: str = "computed") -> dict:
    return page.evaluate(f"heard.findLast((one) => one.kind === {json.dumps(kind)})")


def about(run: Run) -> dict:
    return json.loads((run.folder / "export" / "model.json").read_text(encoding="utf-8"))


def fetched(page, name: str) -> int:
    """How often the page has asked for a file."""
    asked = "performance.getEntriesByType('resource').map((one) => one.name)"
    return sum(address.endswith(name) for address in page.evaluate(asked))


def slide(page, label: str, value: float) -> None:
    page.get_by_label(label, exact=False).first.fill(str(value))


def check(page, index: int, choice: int | None = None, number: float | None = None) -> dict:
    """Answer a question and have it checked; what the page computed."""
    question = page.locator(".cc-question").nth(index)
    if choice is None:
        question.locator("input").fill(str(number))
    else:
        question.locator("input").nth(choice).check()
    before = page.evaluate("heard.length")
    question.get_by_role("button").click()
    page.wait_for_function(f"heard.slice({before}).some((one) => one.kind === 'checked')")
    said = last(page, "checked")
    assert said["question"] == index and len(question.locator(".cc-verdict").inner_text()) > 20
    return said


# -- what every part keeps --------------------------------------------------------------------------------------------


@pytest.mark.browser
@every_part
def test_a_part_is_for_everybody_and_judges_its_own_questions(name, opened):
    """Nothing that axe finds, no sideways scroll on a phone, questions that the page answers itself, no trace."""
    from axe_playwright_python.sync_playwright import Axe

    page, _ = opened(name, "es", color_scheme="dark", viewport={"width": 390, "height": 800})
    found = Axe().run(page).response["violations"]
    assert found == [], json.dumps(found, indent=1)[:2000]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    small = "[...document.querySelectorAll('button')].filter((one) => one.offsetParent && one.offsetHeight < 44).length"
    assert page.evaluate(small) == 0
    count = page.locator(".cc-question").count()
    assert QUESTIONS[0] <= count <= QUESTIONS[1]
    for index in range(count):
        answer_rightly_and_wrongly(page, index)
    page.evaluate("gone()")
    assert page.locator(".concepts-widget").count() == 0
    assert page.evaluate("document.adoptedStyleSheets.length") == 0


def answer_rightly_and_wrongly(page, index: int) -> None:
    question = page.locator(".cc-question").nth(index)
    choices = question.locator("input[type=radio]").count()
    question.get_by_role("button").click()
    assert "Primero responde" in question.locator(".cc-verdict").inner_text(), "an empty answer is no answer"
    said = check(page, index, choice=0) if choices else check(page, index, number=-987.0)
    if choices:
        assert 0 <= said["answer"] < choices and said["right"] == (said["answer"] == 0)
        assert said["right"] or check(page, index, choice=said["answer"])["right"]
    else:
        assert not said["right"] and check(page, index, number=said["answer"])["right"]


# -- what a reader does -----------------------------------------------------------------------------------------------


@pytest.mark.browser
def test_descent(opened):
    from cuaderno.studies.concepts.parts import descent

    page, run = opened("descent")
    page.get_by_role("slider", name="Start of the walk").press("ArrowRight")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("heard.some((one) => one.ending === 'rest')")
    said = last(page)
    places, ending = descent.walk("valley", tuple(said["start"]), 0.5, 0.7)
    assert (said["ending"], said["steps"]) == (ending, len(places) - 1) and said["start"] == [-2.4, 2.0]
    assert said["place"] == pytest.approx(places[-1], abs=1e-9)
    page.wait_for_function("document.querySelector('[aria-live]').textContent.startsWith('At rest')")
    slide(page, "Learning rate", 1.9)
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("heard.some((one) => one.ending === 'lost')")
    assert check(page, 0, number=1)["answer"] == pytest.approx(run.metrics["highest_rate"].value, abs=1e-6)


@pytest.mark.browser
def test_network(opened):
    page, run = opened("network")
    for _ in range(3):
        page.get_by_role("button", name="One step").click()
    wanted = {row["step"]: row["loss"] for row in run.history()}
    assert last(page)["steps"] == 3 and last(page)["loss"] == pytest.approx(wanted[3], abs=1e-6)
    asked = check(page, 0, choice=0)
    verdict = page.locator(".cc-verdict").nth(0).inner_text()
    assert asked["right"] and f"{100 * run.metrics['baseline_neuron'].value:.1f} %" in verdict
    page.get_by_label("None: draw them").check()
    assert last(page)["points"] == 0
    page.locator(".cc-plane svg").first.click(position={"x": 60, "y": 60})
    page.get_by_label("red", exact=True).check()
    page.get_by_role("slider", name="Pen").press("ArrowRight")
    page.get_by_role("slider", name="Pen").press("Enter")
    assert last(page)["points"] == 2 and last(page)["accuracy"] is not None
    slide(page, "Hidden neurons", 0)
    assert page.locator(".cc-neurons canvas").count() == 0


@pytest.mark.browser
def test_backprop(opened):
    from cuaderno.studies.concepts.parts import backprop

    page, _ = opened("backprop")
    assert last(page)["value"] == pytest.approx(backprop.slopes(backprop.NEURON, backprop.NUMBERS)[0])
    page.get_by_role("textbox", name="Formula").fill("exp(a)*b - a/b")
    page.get_by_label("a", exact=True).fill("0.5")
    value, slopes = backprop.slopes("exp(a)*b - a/b", {"a": 0.5, "b": 0.2})
    assert last(page)["value"] == pytest.approx(value) and last(page)["slopes"] == pytest.approx(slopes)
    while last(page)["step"] < last(page)["steps"]:
        page.get_by_role("button", name="One step").click()
    assert "All slopes are there" in page.locator(".cc-said").inner_text()
    page.get_by_role("textbox", name="Formula").fill("1/(a-a)")
    assert "comes to nothing" in page.locator(".cc-said").inner_text()
    formula = page.get_by_role("textbox", name="Formula")
    for typed, value in (("constructor × 2 − 1,5", 0.5), ("__proto__ + 1", 2)):
        formula.fill(typed)
        assert last(page)["value"] == value
    formula.fill("a*(")
    assert "cannot be read" in page.locator(".cc-said").inner_text()


@pytest.mark.browser
def test_overfitting(opened):
    page, run = opened("overfitting")
    for _ in range(4):
        page.get_by_role("button", name="One step").click()
    rows = {row["step"]: row for row in run.history()}
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("heard.some((one) => one.steps >= 24)")
    said = page.evaluate("heard.filter((one) => one.steps)")
    shared = [one for one in said if one["steps"] in rows]
    assert shared and all(one["val"] == pytest.approx(rows[one["steps"]]["val_loss"], rel=1e-4) for one in shared)
    slide(page, "Share that sits out", 0.4)
    assert last(page)["steps"] == 0 and last(page)["dropout"] == 0.4


@pytest.mark.browser
def test_vectors(opened):
    import numpy as np

    from cuaderno.studies.concepts.parts.vectors import rising

    page, run = opened("vectors")
    picture = np.array(about(run)["picture"]).reshape(3, 12, 16)
    for shape in ((12, 1), (16,), (3, 1, 1), ()):
        page.get_by_label("Shape of B").fill(",".join(map(str, shape)))
        assert last(page)["result"] == [3, 12, 16]
        assert last(page)["sum"] == pytest.approx((picture * rising(shape)).sum())
    page.get_by_label("Shape of B").fill("3")
    assert last(page)["axis"] == -1 and last(page)["result"] is None
    page.get_by_label("What the run has learnt").check()
    weight, shift = (np.array(about(run)[name]).reshape(3, 1, 1) for name in ("weight", "shift"))
    assert last(page)["sum"] == pytest.approx((picture * weight + shift).sum())
    for refused in ("64,64,64,64", "no shape"):
        page.get_by_label("Shape of B").fill(refused)
        assert "Write lengths" in page.locator(".cc-said").inner_text()


@pytest.mark.browser
def test_dot(opened):
    from cuaderno.studies.concepts.parts import dot

    page, run = opened("dot")
    page.get_by_role("slider", name="Tip of arrow b").press("Shift+ArrowLeft")
    said = page.evaluate("heard.findLast((one) => 'dot' in one)")
    assert said["dot"] == pytest.approx(2 * 0.5 + 1 * 2.2)
    assert said["cosine"] == pytest.approx(dot.cosine([2, 1], [0.5, 2.2]))
    page.get_by_role("button", name="O", exact=True).click()
    page.get_by_role("slider", name="Pen").press("Enter")
    templates = about(run)["templates"]
    picture = dot.letter("O")
    picture[24] = 1.0
    assert last(page)["products"] == pytest.approx([dot.dot(picture, template) for template in templates])
    page.get_by_role("button", name="Empty").click()
    assert last(page)["letter"] is None


@pytest.mark.browser
def test_convolution(opened):
    import numpy as np

    from cuaderno.studies.concepts.parts import convolution

    page, run = opened("convolution")
    cells = np.array([float(sign == "#") for sign in about(run)["picture"]]).reshape(24, 24)
    window = page.get_by_role("slider", name="The window")
    for key, change in (("ArrowRight", 0), ("ArrowUp", 0), ("Enter", 1)):
        window.press(key)
        said = page.evaluate("heard.findLast((one) => 'sum' in one)")
        if change:
            cells[tuple(said["at"])] = 1 - cells[tuple(said["at"])]
        wanted = convolution.convolve(cells, np.array(convolution.KERNELS["edges"]))
        assert said["sum"] == pytest.approx(wanted[tuple(said["at"])]) and said["ink"] == cells.sum()
    page.get_by_label("Row 1, column 1").fill("2.5")
    kernel = np.array(convolution.KERNELS["edges"])
    kernel[0, 0] = 2.5
    assert page.get_by_role("radio", name="Own", exact=True).is_checked()
    said = page.evaluate("heard.findLast((one) => 'sum' in one)")
    assert said["sum"] == pytest.approx(convolution.convolve(cells, kernel)[tuple(said["at"])])
    for none in ("0x10", "1e1", "", "Infinity"):
        page.get_by_label("Row 1, column 1").fill(none)
        assert page.get_by_label("Row 1, column 1").get_attribute("aria-invalid") == "true"
    assert page.evaluate("heard.findLast((one) => 'sum' in one)") == said
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("heard.some((one) => one.steps >= 40)")
    assert last(page)["kernel"] == pytest.approx(kernel.flatten(), abs=0.3)
    page.get_by_role("button", name="Empty").click()
    assert "nothing to learn from" in page.locator(".cc-said").inner_text()


@pytest.mark.browser
def test_garbage(opened):
    import math

    page, run = opened("garbage")
    said, nothing = page.locator(".cc-said"), math.log(len(about(run)["letters"]))
    assert last(page)["loss"] < nothing and "worse than knowing nothing" not in said.inner_text()
    page.get_by_role("slider", name="Garbage").fill("100")
    page.wait_for_function("heard.at(-1).share === 1")
    assert last(page)["loss"] > nothing and "worse than knowing nothing" in said.inner_text()


@pytest.mark.browser
def test_latent(opened):
    import numpy as np

    from cuaderno.studies.concepts.parts import latent
    from cuaderno.studies.concepts.train import trained

    page, run = opened("latent")
    page.get_by_role("slider", name="Place on the map").press("Shift+ArrowRight")
    said, squeezer = last(page), trained(run)
    wanted = squeezer.draw(np.array([said["place"]]))[0]
    assert said["picture"] == pytest.approx(wanted, abs=2e-3) and len(wanted) == latent.SIDE**2
    page.get_by_label("Pictures all over the map").check()
    painted = "[...document.querySelector('canvas').getContext('2d').getImageData(0, 0, 72, 72).data].some(Boolean)"
    assert page.evaluate(painted)


@pytest.mark.browser
def test_attention(opened):
    import torch

    from cuaderno.studies.concepts.parts import attention
    from cuaderno.studies.concepts.train import trained

    page, run = opened("attention")
    looker = trained(run)
    assert not fetched(page, "weights.bin") and last(page)["text"] == about(run)["sentence"]
    _, first = attention.forward(
        looker.weights, attention.numbers(looker, last(page)["text"])[None], looker.heads, looker.base
    )
    assert last(page)["shares"] == pytest.approx(first[0, 0, 0, -1].tolist(), abs=0.02)
    sentence = "the cat and the hat"
    page.get_by_label("A sentence of yours").fill(sentence)
    page.wait_for_function(f"heard.some((one) => one.text === {json.dumps(sentence)})")
    assert fetched(page, "weights.bin")
    page.get_by_role("group", name="Head", exact=True).get_by_label("2").check()
    page.get_by_role("slider", name="Letter that looks").press("ArrowLeft")
    said = last(page)
    _, looks = attention.forward(looker.weights, attention.numbers(looker, sentence)[None], looker.heads, looker.base)
    assert (said["text"], said["head"], said["chosen"]) == (sentence, 1, len(sentence) - 2)
    assert torch.tensor(said["shares"]).numpy() == pytest.approx(looks[0, 0, 1, said["chosen"], :-1].numpy(), abs=0.02)
    page.get_by_role("group", name="How it looks").get_by_label("At the one before").check()
    page.wait_for_function("heard.at(-1).way === 'before'")
    assert last(page)["shares"][-2:] == [1, 0]
    page.get_by_label("A sentence of yours").fill("t")
    assert "three letters" in page.locator(".cc-said").inner_text()


@pytest.mark.browser
def test_word2vec(opened):
    from cuaderno.studies.concepts.parts import word2vec
    from cuaderno.studies.concepts.train import trained

    page, run = opened("word2vec")
    assert not fetched(page, "vectors.bin") and last(page)["near"] == about(run)["start"]["output"]
    word = about(run)["first"][0]
    page.get_by_label("A word, a sum of words, or a phrase").fill(word)
    page.wait_for_function(f"heard.at(-1).terms[0][1] === {json.dumps(word)}")
    assert fetched(page, "vectors.bin") == 1
    wanted = word2vec.answer(trained(run), word)
    mine = {one["word"]: one["like"] for one in last(page)["near"]}
    shared = [(mine[word], like) for word, like in zip(*wanted.values(), strict=True) if word in mine]
    assert len(shared) >= 4 and all(one == pytest.approx(other, abs=0.02) for one, other in shared)
    page.get_by_label("A word, a sum of words, or a phrase").fill("xyzzy")
    page.wait_for_function("document.querySelector('.cc-said').textContent.includes('xyzzy')")
    assert page.locator(".cc-near li").count() == 0
    page.get_by_label("A word, a sum of words, or a phrase").fill(f"- {word}")
    page.wait_for_function("heard.at(-1).terms[0][0] < 0")
    assert f"− {word}" in page.locator(".cc-said").inner_text()
