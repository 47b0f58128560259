"""Conversations on disk: whole or not there, ignored by git, and lines to train with."""

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as some

from cuaderno.chat import saved
from cuaderno.cli import main
from cuaderno.lab.errors import CuadernoError

ASKED, SAID = {"role": "user", "content": "¿Qué?\nY más"}, {"role": "assistant", "content": "Nada"}


def test_it_comes_back_as_it_was_said(tmp_path):
    path = saved.save(tmp_path, "one", [ASKED, SAID], "gemini", "Be brief.")
    one = saved.read(path)
    assert one.messages == [{"role": "system", "content": "Be brief."}, ASKED, SAID] and one.model == "gemini"
    assert one.title == "¿Qué? Y más" and (tmp_path / saved.FOLDER / ".gitignore").read_text() == "*\n"
    again = saved.read(saved.save(tmp_path, "one", [ASKED, SAID, ASKED, SAID], "openai"))
    assert again.created == one.created and len(again.messages) == 4 and len(saved.all_saved(tmp_path)) == 1


@given(some.lists(some.tuples(some.sampled_from(saved.ROLES), some.text(some.characters(codec="utf-8")))))
def test_a_training_set_ends_with_answers_and_loses_none(said):
    messages = [{"role": role, "content": text} for role, text in said]
    text = saved.training_set([saved.Saved(None, messages)])
    roles = [role for role, _ in said]
    if "assistant" in roles and "user" in roles[: len(roles) - roles[::-1].index("assistant")]:
        assert text.count("\n") == 1 and text.endswith("\n")
        found = json.loads(text)["messages"]
        assert found == messages[: len(found)] and found[-1]["role"] == "assistant"
        assert all(role != "assistant" for role in roles[len(found) :])
    else:
        assert text == ""


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"messages": 3}', '{"messages": [{"role": "robot", "content": ""}]}', '{"messages": [3]}',
             '{"messages": [{"role": "user", "content": 3}]}']
)  # fmt: skip
def test_a_damaged_one_is_told_and_the_others_stay(tmp_path, text):
    saved.save(tmp_path, "one", [ASKED, SAID], "m")
    (tmp_path / saved.FOLDER / "two.jsonl").write_text(text)
    told = []
    assert [one.name for one in saved.all_saved(tmp_path, told.append)] == ["one"] and "is no conversation" in told[0]
    with pytest.raises(CuadernoError, match="is no conversation"):
        saved.all_saved(tmp_path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_disk_that_does_not_take_it_is_told(tmp_path):
    (tmp_path / saved.FOLDER).mkdir(mode=0o500)
    with pytest.raises(CuadernoError, match="may not write"):
        saved.save(tmp_path, "one", [ASKED, SAID], "m")


def command(capsys, *words):
    with pytest.raises(SystemExit) as end:
        main(["chats", *map(str, words)])
    return end.value.code, *capsys.readouterr()


def test_the_command_lists_shows_and_exports(tmp_path, capsys):
    (tmp_path / "cuaderno.toml").write_text('title = "Notebook"\n')
    assert "No conversation is kept" in command(capsys, "--diary", tmp_path)[1]
    out = tmp_path / "talks.jsonl"
    assert command(capsys, "--diary", tmp_path, "--export", out)[0] == 1 and not out.exists()
    saved.save(tmp_path, "2026-a", [ASKED, SAID], "gemini")
    saved.save(tmp_path, "2026-b", [ASKED, SAID, ASKED], "gemini", "Be brief.")
    code, listed, _ = command(capsys, "--diary", tmp_path)
    assert code == 0 and "2026-a" in listed and "¿Qué? Y más" in listed
    assert "assistant: Nada" in command(capsys, "2026-a", "--diary", tmp_path)[1]
    assert "Several" in command(capsys, "2026", "--diary", tmp_path)[2]
    code, said, _ = command(capsys, "--export", out, "--diary", tmp_path)
    lines = [json.loads(line)["messages"] for line in out.read_text().splitlines()]
    assert code == 0 and said.startswith("2 conversations") and [len(line) for line in lines] == [2, 3]
    assert "stays as it is" in command(capsys, "--export", out, "--diary", tmp_path)[2]
