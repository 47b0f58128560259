"""The page *Refine*: from a file of rows to the command that tunes a model to it."""

import pytest

from cuaderno import studies
from cuaderno.lab.errors import CuadernoError
from cuaderno.workbench import tuning
from cuaderno.workbench.tuning.words import TEXT


def test_both_languages_have_every_word():
    assert list(TEXT["en"]) == list(TEXT["es"])


@pytest.mark.parametrize("study", tuning.names())
def test_what_a_study_asks_for_are_settings_of_its_own(study):
    found, (kind, _) = tuning.read(study), studies.config(study)
    assert set(found.settings) <= set(kind.__dataclass_fields__) and {"data", "task", "model"} <= set(
        kind.__dataclass_fields__
    )
    assert {"en", "es"} <= found.why.keys()


def test_a_page_that_cannot_be_read_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(studies, "folder", lambda name: tmp_path)
    (tmp_path / "tune.toml").write_text("settings = []\nwhy = {}\ntask = {a = {en = 'A'}}\n")
    with pytest.raises(CuadernoError, match="each task needs"):
        tuning.read("toy")


@pytest.mark.skipif(not tuning.names(), reason="no study here is tuned to a file")
def test_a_file_a_model_and_a_setting_become_a_command(one_page, folder, monkeypatch):
    started = []
    monkeypatch.setattr("cuaderno.workbench.training.starting.start", lambda diary, words: started.append(words))
    (folder / "rows.csv").write_text("text,label\n")
    study = tuning.names()[0]
    app = one_page("tune", file="rows.csv")
    assert not app.exception and not app.error
    [setting] = [one for one in app.number_input if one.key.endswith(" epochs")]
    setting.set_value(3).run()
    app.button(key="start tuning").click().run()
    assert not app.exception
    task = next(iter(tuning.read(study).task))
    assert started == [["train", study, "--data", str(folder / "rows.csv"), "--task", task, "--epochs", "3"]]


def test_a_file_that_is_not_there_is_told(one_page):
    assert "No existe no" in one_page("tune", lang="es", file="no.csv").error[0].value
