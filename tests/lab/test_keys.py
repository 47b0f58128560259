"""Keys are found where they may stand, the first place first, and errors about a file show nothing of it."""

import os
import pickle

import pytest

from cuaderno.lab import keys
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.keys import Secret, places


@pytest.fixture
def diary(tmp_path):
    (tmp_path / "diary").mkdir()
    return tmp_path / "diary"


def test_the_first_place_counts(diary, monkeypatch):
    monkeypatch.setenv("A", "environment")
    assert [place.name for place in places(None)] == ["the environment"]
    (diary.parent / ".env").write_text("A=repository\nB=repository\n")
    (diary / ".env").write_text("A=diary\n")
    names = [place.name for place in places(diary)]
    assert names == [str(diary / ".env"), str(diary.parent / ".env"), "the environment"]
    assert [place.get("A") for place in places(diary)] == [("diary", "A"), ("repository", "A"), ("environment", "A")]


def test_only_a_folder_called_diary_has_a_repository_around_it(tmp_path):
    (tmp_path / ".env").write_text("A=1\n")
    (tmp_path / "notebook").mkdir()
    assert len(places(tmp_path / "notebook")) == 1 and len(places(tmp_path)) == 2


def test_the_folder_may_be_relative(diary, monkeypatch):
    (diary.parent / ".env").write_text("A=1\n")
    monkeypatch.chdir(diary)
    assert places(keys.Path())[0].get("A") == ("1", "A")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A=plain", "plain"),
        ("A='in quotes'", "in quotes"),
        ('export A="x"  # a comment', "x"),
        ("\ufeffA=written on Windows\r\n", "written on Windows"),
        ("A=$B ${HOME}", "$B ${HOME}"),
        ("A=", ""),
        ("A", ""),
        ("A=  \n", ""),
        ("not a line\nA=still", "still"),
    ],
)
def test_a_file_is_taken_literally(tmp_path, text, value):
    (tmp_path / ".env").write_text(text, encoding="utf-8")
    assert places(tmp_path)[0].get("A")[0] == value


def test_an_empty_line_leaves_it_to_the_next_place(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("A=\n")
    monkeypatch.setenv("A", "environment")
    assert next(place.get("A")[0] for place in places(tmp_path) if any(place.get("A"))) == "environment"


def test_the_environment_stays_as_it_is(tmp_path):
    before = dict(os.environ)
    (tmp_path / ".env").write_text("CUADERNO_NEVER=1\n")
    assert places(tmp_path)[0].get("CUADERNO_NEVER") == ("1", "CUADERNO_NEVER") and dict(os.environ) == before


def test_a_file_that_cannot_be_read_shows_nothing(tmp_path, monkeypatch):
    (tmp_path / ".env").write_bytes(b"OPENAI_API_KEY=sk-secret\xff\xfe")
    with pytest.raises(CuadernoError, match=r"\.env cannot be read") as caught:
        places(tmp_path)
    shown = f"{caught.value} {caught.value.__cause__!r} {caught.value.__context__!r}"
    assert "secret" not in shown
    (tmp_path / ".env").unlink()
    (tmp_path / ".env").mkdir()
    assert len(places(tmp_path)) == 1


def test_where_to_write_a_key(diary):
    assert keys.where_to_write(None) == "the environment"
    assert keys.where_to_write(diary) == str(diary.parent / ".env")
    (diary / ".env").touch()
    assert keys.where_to_write(diary) == str(diary / ".env")
    assert keys.where_to_write(diary.parent) == str(diary.parent / ".env")


def test_a_secret_does_not_show(tmp_path):
    secret = Secret("sk-secret")
    assert f"{secret} {secret!r} {[secret]} {vars(Secret).keys()}".count("sk-secret") == 0
    assert secret.reveal() == "sk-secret" and secret and not Secret()
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    (tmp_path / ".env").write_text("A=sk-secret\n")
    assert "sk-secret" not in repr(places(tmp_path))
