"""`cuaderno comments` as an author uses it."""

import io
import json
import sys

import pytest

from cuaderno import cli, scaffold
from cuaderno.diary.settings import read_settings
from cuaderno.site.comments import thread as isso_thread


@pytest.fixture
def cuaderno(capsys):
    def call(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            cli.main(list(words))
        captured = capsys.readouterr()
        return end.value.code or 0, captured.out, captured.err

    return call


@pytest.fixture
def diary(tmp_path, monkeypatch):
    """A new diary with comments that is the current folder."""
    scaffold.new_diary(tmp_path / "mine")
    monkeypatch.chdir(tmp_path / "mine")
    with (tmp_path / "mine" / "cuaderno.toml").open("a") as file:
        file.write('\n[comments]\nkind = "isso"\n')
    return tmp_path / "mine"


@pytest.fixture
def said(diary):
    """Three comments: one shown, its answer and one more waiting."""
    app = isso_thread.open_isso(read_settings(diary), diary)
    app.db.threads.new("posts/first-page/", "First page")
    usual = {"remote_addr": "192.0.2.0"}
    for comment in (
        {"text": "Shown", "mode": 1, "author": "Bo", "email": "bo@example.org"},
        {"text": "Waits \x1b[31mred\x1b]0;title\x07 \u202egnp.exe", "mode": 2, "author": "Ada &amp; Co", "parent": 1},
        {"text": "[bold]Waits[/bold] too", "mode": 2, "email": "bo@example.org"},
    ):
        app.db.comments.add("posts/first-page/", usual | comment)
    return diary


def answer(monkeypatch, text):
    stream = io.StringIO(text)
    stream.isatty = lambda: True
    monkeypatch.setattr(sys, "stdin", stream)


def test_the_list_shows_what_waits_and_commands_no_terminal(cuaderno, said):
    code, out, _ = cuaderno("comments")
    assert code == 0 and "Ada & Co" in out and "[bold]Waits[/bold] too" in out and "Shown" not in out
    assert not set("\x1b\x07\u202e") & set(out)
    assert "Shown" in cuaderno("comments", "--all")[1]
    found = json.loads(cuaderno("comments", "--json")[1])
    assert [one["id"] for one in found] == [2, 3] and found[0]["parent"] == 1 and found[1]["email"] == "bo@example.org"


def test_approve_and_delete(cuaderno, said, monkeypatch):
    assert "Comment 2 by Ada & Co" in cuaderno("comments", "approve", "2")[2]
    assert "it was shown" in cuaderno("comments", "approve", "2")[2]
    answer(monkeypatch, "n\n")
    code, _, err = cuaderno("comments", "delete", "1", "3")
    assert (
        code == 1 and "Nothing was deleted" in err and len(json.loads(cuaderno("comments", "--all", "--json")[1])) == 3
    )
    answer(monkeypatch, "y\n")
    assert cuaderno("comments", "delete", "1", "3")[0] == 0
    left = json.loads(cuaderno("comments", "--all", "--json")[1])
    assert [(one["id"], one["state"], one["author"]) for one in left] == [(1, "deleted", ""), (2, "shown", "Ada & Co")]


def test_forget_asks_first(cuaderno, said, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    code, _, err = cuaderno("comments", "forget", "bo@example.org")
    assert code == 1 and "add --yes" in err
    assert "Forgotten" in cuaderno("comments", "forget", "BO@example.org", "--yes")[2]
    assert "bo@example.org" not in cuaderno("comments", "--all", "--json")[1]
    assert "Nothing here came from" in cuaderno("comments", "forget", "bo@example.org")[2]


def test_out_and_in_again(cuaderno, said, tmp_path):
    path = str(tmp_path / "comments.json")
    assert "3 comments" in cuaderno("comments", "export", path)[2]
    before = cuaderno("comments", "--all", "--json")[1]
    for file in (said / "comments").iterdir():
        file.unlink()
    assert "3 comments added" in cuaderno("comments", "import", path)[2]
    assert cuaderno("comments", "--all", "--json")[1] == before
    assert "0 comments added; 3 were there already" in cuaderno("comments", "import", path)[2]


def test_threads_without_a_post_are_told(cuaderno, diary, tmp_path):
    comment = {"id": 1, "text": "t", "created": "2020-01-01 00:00:00"}
    (tmp_path / "c.json").write_text(json.dumps([{"id": "/gone/", "comments": [comment]}]))
    _, _, err = cuaderno("comments", "import", str(tmp_path / "c.json"))
    assert "1 comment added" in err and "/gone/" in err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["approve"], "Say which"), (["approve", "x"], "no comment 'x'"), (["approve", "9" * 30], "no comment '999"),
        (["export"], "cuaderno comments export FILE"), (["import", "nothing.json"], "cannot be read"),
        (["exprot", "x"], "Did you mean 'export'?"), (["list", "x"], "cuaderno comments list"),
    ],
)  # fmt: skip
def test_what_is_misused_is_told(cuaderno, said, words, says):
    code, _, err = cuaderno("comments", *words)
    assert code == 1 and says in err and "Traceback" not in err


def test_a_diary_without_comments_or_before_the_first(cuaderno, diary):
    code, _, err = cuaderno("comments")
    assert code == 1 and "cuaderno serve --comments" in err
    (diary / "cuaderno.toml").write_text('title = "Notes"')
    for words in (["comments"], ["serve", "--comments", "--port", "0"]):
        code, _, err = cuaderno(*words)
        assert code == 1 and 'kind = "isso"' in err


def test_comments_are_kept_out_of_git_and_of_the_site(cuaderno, said):
    assert "comments/" in (said / ".gitignore").read_text()
    assert cuaderno("build")[0] == 0
    assert not [path for path in (said / "_site").rglob("*") if path.suffix == ".db"]
    assert cuaderno("check")[0] == 0


def left(cuaderno) -> list[tuple[int, str]]:
    return [(one["id"], one["state"]) for one in json.loads(cuaderno("comments", "--all", "--json")[1])]


def test_a_flood_is_deleted_at_once(cuaderno, said, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    code, _, err = cuaderno("comments", "delete", "--waiting")
    assert code == 1 and "Delete all 2 comments that wait for good?" in err and "add --yes" in err
    answer(monkeypatch, "n\n")
    assert "Nothing was deleted" in cuaderno("comments", "delete", "--waiting")[2] and len(left(cuaderno)) == 3
    assert "1 comment deleted" in cuaderno("comments", "delete", "--waiting", "--by", "bo@example.org", "--yes")[2]
    assert left(cuaderno) == [(1, "shown"), (2, "waiting")]
    assert "Nothing waits that came from Zoe" in cuaderno("comments", "delete", "--waiting", "--by", "Zoe", "--yes")[2]
    answer(monkeypatch, "y\n")
    assert "1 comment deleted" in cuaderno("comments", "delete", "--waiting")[2]
    assert left(cuaderno) == [(1, "shown")]
    assert "Nothing waits." in cuaderno("comments", "delete", "--waiting", "--yes")[2]


def test_all_that_waits_is_shown_at_once(cuaderno, said, monkeypatch):
    assert len(json.loads(cuaderno("comments", "--by", "192.0.2.44", "--json")[1])) == 2
    answer(monkeypatch, "n\n")
    code, _, err = cuaderno("comments", "approve", "--waiting")
    assert code == 1 and "Nothing was changed" in err and not set("\x1b\x07\u202e") & set(err)
    assert "1 comment shown now" in cuaderno("comments", "approve", "--waiting", "--by", "ada & co", "--yes")[2]
    assert left(cuaderno) == [(1, "shown"), (2, "shown"), (3, "waiting")]


@pytest.mark.parametrize(
    "words",
    [
        ["delete", "3", "--waiting"], ["delete", "--by", "Ada"], ["delete", "--waiting", "--by", " "],
        ["export", "x.json", "--waiting"], ["forget", "bo@example.org", "--waiting"], ["--all", "--by", "Ada"],
    ],
)  # fmt: skip
def test_half_an_order_deletes_nothing(cuaderno, said, words):
    code, _, err = cuaderno("comments", *words, "--yes")
    assert code == 1 and err and len(left(cuaderno)) == 3
