"""`cuaderno import` from the outside: what it writes builds, and what it says is so."""

import json
import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from cuaderno import cli
from cuaderno.diary.importing import dialects
from cuaderno.diary.importing.arriving import arrive, write
from cuaderno.diary.importing.finding import find
from cuaderno.diary.settings import read_settings
from cuaderno.site.build import build
from cuaderno.site.edition import Edition

POST = "---\ntitle: Hello\ndate: 2023-05-19\n---\n![a](a.png) and [b](b.md)\n"
ALONE = POST.replace("[b](b.md)", "`[b](b.md)`")  # as it is without the other one
OTHER = "---\ntitle: Other\ndate: 2023-05-20\n---\nBack to [a](hello.md).\n"


@pytest.fixture
def diary(tmp_path):
    folder = tmp_path / "diary"
    folder.mkdir()
    (folder / "cuaderno.toml").write_text('title = "Mine"\nurl = "https://ada.example/"\n')
    return folder


@pytest.fixture
def old(tmp_path):
    folder = tmp_path / "old"
    folder.mkdir()
    for name, text in (("hello.md", POST), ("b.md", OTHER), ("broken.md", '---\ntitle: "x\n---\n')):
        (folder / name).write_text(text)
    Image.new("RGB", (4, 3)).save(folder / "a.png")
    return folder


@pytest.fixture
def run(diary, capsys):
    def run(*words) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            cli.main(["import", *map(str, words), "--diary", str(diary)])
        return (end.value.code, *capsys.readouterr())

    return run


def state(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_it_brings_posts_and_says_what_it_did(run, old, diary):
    before = state(old)
    code, out, _ = run(old)
    assert code == 1, "one file could not be read"
    assert "posts/hello/en.md  imported" in out and "pictures      a.png" in out
    assert "not imported" in out and "line 2: the front matter is not YAML" in out
    assert "2 imported, 1 not imported. Look at them: cuaderno serve" in out
    assert state(old) == before, "nothing there is changed"
    assert (diary / "posts/hello/en.md").read_text() == POST.replace("(b.md)", "(../b/en.md)").replace("b/en", "b/en")
    assert build(diary, search=False, report=lambda line: None).pages > 4


def test_a_dry_run_writes_nothing(run, old, diary):
    before = state(diary)
    code, out, _ = run(old / "hello.md", "--dry-run")
    assert code == 0 and "would be imported" in out and "Nothing was written." in out and state(diary) == before


def test_what_is_there_stays(run, old, diary, monkeypatch):
    run(old / "hello.md")
    path = diary / "posts/hello/en.md"
    assert "1 unchanged" in run(old / "hello.md")[1]
    path.write_text("mine")
    code, out, _ = run(old / "hello.md")
    assert code == 1 and "was left as it is" in out and path.read_text() == "mine"
    assert "--yes" in run(old / "hello.md", "--force")[2] and path.read_text() == "mine"
    assert "would be overwritten" in run(old / "hello.md", "--force", "--dry-run")[1] and path.read_text() == "mine"
    code, out, _ = run(old / "hello.md", "--force", "--yes")
    assert code == 0 and "overwritten" in out and path.read_text() == ALONE
    assert (diary / ".cache/replaced/hello/en.md").read_text() == "mine"
    for answer, kept in (("n", "again"), ("y", ALONE)):
        path.write_text("again")
        monkeypatch.setattr("builtins.input", lambda _, answer=answer: answer)
        monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
        run(old / "hello.md", "--force")
        assert path.read_text() == kept


def test_json_for_a_program(run, old):
    found = json.loads(run(old, "--json", "--dry-run")[1])
    assert [post["state"] for post in found["posts"]] == ["would be imported"] * 2
    assert found["not_imported"][0]["fault"] and found["posts"][1]["pictures"] == ["a.png"]


def test_a_date_may_be_given(run, old, diary):
    (old / "notes.md").write_text("# Notes\n\nNothing.\n")
    assert run(old / "notes.md", "--date", "3 de marzo de 2024")[0] == 0
    assert (diary / "posts/notes/en.md").read_text().startswith("---\ndate: 2024-03-03\n---\n")
    assert run(old / "notes.md", "--date", "soon")[0] == 1


def test_what_would_stop_a_build_is_told(run, old, monkeypatch):
    (old / "odd.md").write_text("---\ntitle: Odd\ndate: 2020-01-01\n---\nIt has {num}`a.b` of them.\n")
    monkeypatch.setattr(dialects, "ours", lambda text: None)
    code, out, _ = run(old / "odd.md")
    assert code == 0 and "line 5: there is no kept run 'a'" in out and "This stops every build" in out


@pytest.mark.parametrize("words", [["nothing-there"], ["."], ["cuaderno.toml"]])
def test_what_cannot_be_imported_is_an_error(run, diary, monkeypatch, words):
    monkeypatch.chdir(diary)
    code, _, err = run(*words)
    assert code == 1 and err and "Traceback" not in err and len(err) < 1000


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_a_date_is_asked_for_in_a_terminal(old, diary):
    pexpect = pytest.importorskip("pexpect")
    (old / "notes.md").write_text("# Notes\n\nNothing.\n")
    command = f"-m cuaderno import {old / 'notes.md'} --diary {diary}"
    child = pexpect.spawn(
        sys.executable, command.split(), encoding="utf-8", timeout=60, env=os.environ | {"TERM": "dumb"}
    )
    child.expect("says no date")
    child.expect(r"its date \[\d{4}-\d\d-\d\d\]: ")
    child.sendline("2021-02-03")
    child.expect("1 imported")
    child.expect(pexpect.EOF)
    assert "date: 2021-02-03" in (diary / "posts/notes/en.md").read_text()


PIECES = """{num}`a.b`|{x}`y`|```{metrics} m~|```{note} a~:class: b~|```~|:::{bet} x~:::~|:::{note}~:a: b~:::~
:::~|:::tip[x]~|![a](b.png)|![a][r]~~[r]: b.png~|[a](b.md)|[a](/x/b.md)|<img src='b.png'>|{{< figure src="b.png" >}}
$x^2$|- [ ] {objective}`x`~|{cite}`k`|word |~~|> |`|# H~|<X a={1}/>|[^1]|![a]|[b][]~~[b]: c.md~|    |- |![a](<c.png>)
{% include x %}|[a](b.md "t")"""
KNOWN = [piece.replace("~", "\n") for line in PIECES.split("\n") for piece in line.split("|")]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.lists(st.sampled_from(KNOWN), max_size=14).map("".join), ending=st.sampled_from(["md", "mdx"]))
def test_no_import_stops_a_build(diary, old, body, ending):
    path = old / f"some-text.{ending}"
    path.write_text(f"---\ntitle: T\ndate: 2020-01-01\n---\n{body}")
    (post,), refused = arrive(find([path]), diary, read_settings(diary), lambda text, alt: None)
    write(diary, post)
    edition = Edition(diary, {})
    for found in edition.posts:
        edition.body(found)
    assert not refused and not edition.problems
