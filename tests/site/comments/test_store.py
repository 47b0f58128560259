import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

from cuaderno.diary.settings import read_settings
from cuaderno.lab.errors import CuadernoError
from cuaderno.site.comments import thread as isso_thread
from cuaderno.site.comments.store import Store, prepare


@pytest.fixture
def isso(diary):
    """Isso without a server: `add(text, …)` stores a comment as a reader's post would."""
    folder = diary()
    app = isso_thread.open_isso(read_settings(folder), folder)
    app.db.threads.new("posts/mazes/", "Mazes")

    def add(text="A comment.", mode=2, **fields):
        comment = {"text": text, "mode": mode, "remote_addr": "192.0.2.0", **fields}
        return app.db.comments.add("posts/mazes/", comment)["id"]

    app.add, app.store = add, Store(folder / "comments" / "comments.db")
    return app


def test_what_waits_is_approved_once(isso):
    first, second = isso.add("one", author="Bo &amp; Co"), isso.add("two")
    assert [one.id for one in isso.store.waiting()] == [first, second] and isso.store.get(first).name == "Bo & Co"
    isso.store.approve(first)
    assert [one.state for one in isso.store.all()] == ["shown", "waiting"]
    isso.store.hold_back(first)
    assert len(isso.store.waiting()) == 2


def test_what_was_answered_leaves_an_empty_place(isso):
    root = isso.add("root", 1, author="Bo", email="bo@example.org", website="http://bo.example")
    answer = isso.add("answer", 1, author="Ada", parent=root)
    isso.store.delete(root)
    gone = isso.store.get(root)
    assert (gone.state, gone.text, gone.author, gone.email, gone.website) == ("deleted", "", None, None, None)
    assert gone.remote_addr == "0.0.0.0" and gone.voters == bytes(256) and isso.store.get(answer).text == "answer"
    isso.store.delete(answer)
    assert isso.store.all() == []


def test_a_person_is_forgotten_down_to_the_bytes_of_the_file(isso):
    root = isso.add("my secret root", 1, author="Bo", email="Bo@Example.org")
    isso.add("somebody else’s answer", 1, parent=root)
    isso.add("my secret answer", 1, author="Bo", email="bo@example.org", parent=root)
    isso.add("another bo", 1, email="bob@example.org")
    found = isso.store.by_email(" BO@example.org ")
    assert len(found) == 2
    isso.store.delete(*(one.id for one in found))
    isso.store.compact()
    left = isso.store.path.read_bytes()
    assert b"secret" not in left and b"xample.org" in left and b"Bo@" not in left and b"bo@example" not in left
    assert [one.text for one in isso.store.all()] == ["", "somebody else’s answer", "another bo"]


def test_a_change_is_whole_or_not_at_all(isso):
    numbers = [isso.add(str(number)) for number in range(3)]
    with pytest.raises(RuntimeError), isso.store.writing() as connection:
        connection.execute("DELETE FROM comments")
        raise RuntimeError
    assert [one.id for one in isso.store.waiting()] == numbers


def test_while_somebody_else_writes_it_says_so(isso, monkeypatch):
    isso.add()
    monkeypatch.setattr("cuaderno.site.comments.store.PATIENCE", 0.05)
    with closing(sqlite3.connect(isso.store.path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(CuadernoError, match="Somebody else is writing"):
            isso.store.approve(1)


@pytest.mark.parametrize(
    ("content", "says"), [(None, "no file"), (b"", "no comments in it"), (b"x" * 5000, "no database of comments")]
)
def test_what_is_no_store_is_named(tmp_path, content, says):
    path = tmp_path / "comments.db"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CuadernoError, match=says):
        Store(path).all()


def test_a_folder_that_may_not_be_written_is_named(tmp_path):
    (tmp_path / "comments").write_text("a file")
    with pytest.raises(CuadernoError, match="Could not write"):
        prepare(tmp_path / "comments" / "comments.db")


WRITER = """
import sys
from pathlib import Path
from cuaderno.diary.settings import read_settings
from cuaderno.site.comments.thread import open_isso
folder = Path(sys.argv[1])
app = open_isso(read_settings(folder), folder)
for number in range(10**6):
    comment = {"text": f"comment {number} " + "x" * 3000, "mode": 1, "remote_addr": "192.0.2.0"}
    app.db.comments.add("posts/mazes/", comment)
    print(number, flush=True)
"""


def test_killed_while_writing_it_still_reads(isso):
    isso.add("stored before", 1)
    command = [sys.executable, "-c", WRITER, str(isso.store.path.parents[1])]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    said = [int(process.stdout.readline()) for _ in range(5)]
    time.sleep(0.05)
    process.kill()
    said += [int(line) for line in process.communicate()[0].splitlines() if line.strip()]
    stored = [one.text.split(" x")[0] for one in isso.store.all()]
    assert stored[0] == "stored before" and stored[1 : len(said) + 1] == [f"comment {number}" for number in said]
    with closing(sqlite3.connect(isso.store.path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert isso.add("afterwards")


@pytest.mark.parametrize(
    ("who", "found"),
    [
        ("203.0.113.9", ["a", "b"]), ("203.0.113.0", ["a", "b"]), ("2001:db8:1:ffff::7", ["c"]), ("192.0.2.1", ["d"]),
        ("::ffff:203.0.113.77", ["a", "b"]), ("BO@example.org", ["b"]), ("bo & co", ["c"]), ("Bo", []), ("", []),
        ("198.51.100.1", []),
    ],
)  # fmt: skip
def test_what_waits_is_found_by_who_wrote_it(isso, who, found):
    isso.add("a", remote_addr="203.0.113.0")
    isso.add("b", remote_addr="203.0.113.0", email="bo@example.org")
    isso.add("c", remote_addr="2001:0db8:0001:0000:0000:0000:0000:0000", author="Bo &amp; Co")
    isso.add("d", author="Ann")
    isso.add("shown", mode=1, remote_addr="203.0.113.0")
    assert [one.text for one in isso.store.waiting_by(who)] == found


def test_a_flood_goes_in_a_moment(isso):
    with isso.store.writing() as connection:
        connection.executemany(
            "INSERT INTO comments (tid, created, mode, remote_addr, text, voters) VALUES (1, 1.0, 2, '', ?, '')",
            [("spam",)] * 3000,
        )
    shown, started = isso.add("stays", mode=1), time.monotonic()
    isso.store.delete_waiting(shown, *(one.id for one in isso.store.waiting()))
    assert [one.text for one in isso.store.all()] == ["stays"] and time.monotonic() - started < 10
