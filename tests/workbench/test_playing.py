"""The page *Play*: what a study takes, what is handed to it, and how its answer looks."""

import base64
from pathlib import Path
from types import SimpleNamespace

import pytest

from cuaderno import studies
from cuaderno.lab.errors import CuadernoError
from cuaderno.workbench.playing import answers, drawing, inputs
from cuaderno.workbench.playing.inputs import KINDS, Play, Take
from cuaderno.workbench.playing.words import TEXT


def test_both_languages_have_every_word():
    assert list(TEXT["en"]) == list(TEXT["es"]) and set(KINDS) <= set(TEXT["en"])


@pytest.mark.parametrize("study", studies.names())
def test_every_study_says_what_it_takes_in_both_languages(study):
    play = inputs.read_play(study)
    known = set(getattr(studies.options(study), "__dataclass_fields__", ()))
    for take in play.takes:
        assert (studies.folder(study) / "play.toml").is_file() == bool(take.says("en") and take.says("es"))
        assert take.options.keys() <= known and len({len(line) for line in take.squares()}) <= 1
        assert all(-1 <= ink < len(take.inks) for line in take.squares() for ink in line)
    assert all({"en", "es"} <= words.keys() for words in play.answer.values())


@pytest.fixture
def study(tmp_path, monkeypatch):
    """A study of one file, `said(text)` writes its play.toml."""
    monkeypatch.setattr(studies, "folder", lambda name: tmp_path)
    return lambda text: (tmp_path / "play.toml").write_text(text, encoding="utf-8")


def test_a_study_that_says_nothing_takes_text(study):
    assert inputs.read_play("new") == Play((Take("text"),))


@pytest.mark.parametrize(
    ("text", "words"),
    [("[pictures]", "Did you mean 'picture'"), ("[text", "cannot be read"), ("[text]\nhint = 1", "hint")],
)
def test_a_play_that_cannot_be_read_is_told(study, text, words):
    study(text)
    with pytest.raises(CuadernoError, match=words):
        inputs.read_play("new")


def test_a_text_is_handed_as_it_is_and_the_rest_as_files_for_a_while():
    with inputs.handed("text", "hola") as name:
        assert name == "hola"
    with inputs.handed("file", "#S \ud83d") as name:
        assert Path(name).suffix == ".txt" and Path(name).read_bytes() == b"#S ?"
    with inputs.handed("picture", b"\x89PNG", "webp") as name:
        assert Path(name).suffix == ".webp" and Path(name).read_bytes() == b"\x89PNG"
    assert not Path(name).exists()


@pytest.mark.parametrize(
    "said",
    [None, 3, "", "data:image/png;base64,%%%", "data:text/html;base64,QQ==", drawing.BEFORE + "A" * drawing.LARGEST],
)
def test_what_is_no_drawing_is_nothing(said):
    assert drawing.as_png(said) == b""
    assert drawing.as_png(drawing.BEFORE + base64.b64encode(b"png").decode()) == b"png"


@pytest.fixture
def part(monkeypatch):
    """A study's predict.py: `part.answer` is what it says."""
    module = SimpleNamespace(asked=[], answer={"y": 0.5})

    def predict(run, asked):
        module.asked += asked
        yield {"input": asked[0]} | module.answer

    module.predict = predict
    monkeypatch.setattr(studies, "load", lambda name, part: module)
    return module


RUN = SimpleNamespace(id="toy-1", study="toy")
PLAY = Play((Take("text"),), {"y": {"en": "Answer", "es": "Respuesta", "format": "percent"}})


def test_an_answer_is_shown_in_the_language_of_the_reader(part):
    answer = answers.ask(RUN, Take("text"), "0.5", "", {})
    assert part.asked == ["0.5"] and answer.said["y"] == 0.5
    assert "Respuesta</dt><dd>50,0 %" in answers.shown(answer, PLAY, "es")


def test_texts_chances_and_lists_have_their_place_and_nothing_becomes_html(part):
    part.answer = {
        "text": "<b>x",
        "chances": {"a": 0.25, "<i>": 3},
        "path": [[0, 1]] * 99,
        "sure": True,
        "more": "z" * 80,
    }
    shown = answers.shown(answers.ask(RUN, Take("text"), "<u>", "", {}), PLAY, "en")
    assert "<b>&lt;u&gt;</b>&lt;b&gt;x" in shown and "width:25.0%" in shown and "&lt;i&gt;" in shown
    assert "path" not in shown and ">yes<" in shown and f'tabindex="0">{"z" * 80}' in shown


def test_a_drawing_of_the_study_runs_nothing(part):
    part.draw = lambda said: (
        '<svg xmlns="http://www.w3.org/2000/svg" width="2" height="2"><script>1</script><rect/></svg>'
    )
    shown = answers.shown(answers.ask(RUN, Take("text"), "1", "", {}), PLAY, "en")
    assert "data:image/svg" in shown and "script" not in shown


def test_an_error_does_not_name_our_own_file(part):
    part.answer = {}
    part.predict = lambda run, asked: iter([{"input": asked[0], "error": f"{asked[0]} cannot be read. Draw more."}])
    assert answers.ask(RUN, Take("drawing"), b"1", "png", {}).said["error"] == "cannot be read. Draw more."


def test_the_page_asks_and_shows(one_page, folder, make_run, part, monkeypatch):
    name = studies.names()[0]
    id = f"{name}-20261121-101112-abcdef"
    path = make_run(folder.parent / "runs", id)
    (path / "checkpoint" / "weights.safetensors").write_bytes(b"")
    monkeypatch.setattr(inputs, "read_play", lambda study: PLAY)
    monkeypatch.setattr(studies, "options", lambda study: None)
    app = one_page("play", study=name)
    assert not app.exception and not app.error
    app.button(key=f"ask {name}").click().run()
    assert app.warning[0].value == "Give it something first."
    app.text_area(key=f"given {name} text").set_value("0.5").run()
    app.button(key=f"ask {name}").click().run()
    assert not app.exception and part.asked == ["0.5"] and "nothing was sent" in app.caption[-1].value


def test_without_a_run_it_says_where_one_comes_from(one_page):
    assert "page *Train*" in one_page("play").info[0].value
