"""A published diary with comments, asked over real HTTP."""

import json
import sqlite3
import stat
import threading
import time
from contextlib import closing
from types import SimpleNamespace

import pytest

from cuaderno.diary.settings import read_settings
from cuaderno.lab.errors import CuadernoError
from cuaderno.site.comments import thread as isso_thread
from cuaderno.site.comments.mount import Comments
from cuaderno.site.wsgi import make

MODERATED = '\n[comments]\nkind = "isso"\nper_minute = 600\n'


def test_one_thread_for_both_languages(serve):
    site = serve()
    english, spanish = (site.ask(path)[2].decode() for path in ("posts/mazes/", "es/posts/mazes/"))
    for page in (english, spanish):
        assert 'data-isso-id="posts/mazes/"' in page and 'data-address="/notebook/comments/"' in page
    assert 'data-title="Mazes &amp; “more”"' in english and ">Comentarios</h2>" in spanish
    assert site.post("One **bold** word")[0] == 201
    assert site.thread()[0]["text"].strip() == "<p>One <strong>bold</strong> word</p>"


def test_nothing_is_shown_before_it_was_read(serve):
    site = serve(MODERATED)
    status, said = site.post("Let me in", author="Bo", email="bo@example.org")
    assert status == 202 and said["mode"] == 2 and site.thread() == []
    (waiting,) = site.store.waiting()
    site.store.approve(waiting.id)
    assert [one["author"] for one in site.thread()] == ["Bo"]
    assert "bo@example.org" not in json.dumps(site.thread())


def test_what_was_approved_waits_again_when_it_is_changed(serve):
    site = serve(MODERATED)
    headers = {"Content-Type": "application/json"}
    _, found, content = site.ask(
        "comments/new?uri=posts/mazes/", "POST", b'{"text": "harmless", "title": "x"}', **headers
    )
    number, cookie = json.loads(content)["id"], found["Set-Cookie"].split(";")[0]
    assert "SameSite=Strict" in found["Set-Cookie"] and "Max-Age=900" in found["Set-Cookie"]
    site.store.approve(number)
    changed = site.ask(f"comments/id/{number}", "PUT", b'{"text": "buy my pills"}', Cookie=cookie, **headers)
    assert changed[0] == 200 and site.thread() == [] and site.store.get(number).state == "waiting"
    assert site.ask(f"comments/id/{number}", "PUT", b'{"text": "not mine"}', **headers)[0] == 403


def test_the_database_belongs_to_its_owner_and_not_to_the_site(serve):
    site = serve()
    site.post()
    assert stat.S_IMODE(site.store.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(site.store.path.parent.stat().st_mode) == 0o700
    assert not site.store.path.is_relative_to(site.folder / "_site")
    for path in ("comments/comments.db", "../comments/comments.db", "comments/../comments/comments.db", ".env"):
        assert site.ask(path)[0] == 404


def test_only_posts_have_threads(serve):
    site = serve()
    assert [site.post(thread=thread)[0] for thread in ("posts/mazes/", "posts/short/")] == [201, 201]
    strange = ("posts/none/", "/posts/mazes/", "", "posts/../", "posts/mazes/../../", "about/", "http://evil.example/")
    assert {thread: site.post(thread=thread)[0] for thread in strange} == dict.fromkeys(strange, 404)


def test_what_our_pages_do_not_need_is_not_there(serve):
    site = serve()
    paths = (
        "info", "demo/", "latest?limit=5", "login/", "feed?uri=posts/mazes/", "js/embed.dev.js", "js/../isso.cfg",
        "css/isso.css", "id/1/activate/x", "id/99999999999999999999", "nothing", "id/1/unsubscribe/a@b.c/x",
    )  # fmt: skip
    assert {path: site.ask(f"comments/{path}")[0] for path in paths} == dict.fromkeys(paths, 404)


def test_isso_comes_from_the_package_itself(serve):
    status, headers, script = serve().ask("comments/js/embed.min.js")
    assert status == 200 and "javascript" in headers["Content-Type"] and len(script) > 10_000


UNREADABLE = (
    b"", b"{", b"[]", b"null", b'"text"', b'{"text": 3}', b'{"text": "\\ud800 half"}',
    b'{"text": "nul \\u0000 inside"}',
    b'{"text": "fine", "parent": 99999999999999999999999}', b'{"text": "fine", "parent": "1"}',
    b'{"text": "fine", "author": ["x"]}', b'{"text": "' + b"x" * 10_001 + b'"}', b"\xff\xfe",
    b'{"text": "fine", "author": "' + b"x" * 101 + b'"}', b"[" * 40_000,
)  # fmt: skip


def test_what_isso_would_stumble_over_is_turned_away(serve):
    site = serve()
    for body in UNREADABLE:
        answer = site.ask("comments/new?uri=posts/mazes/", "POST", body, Content_Type="application/json")
        assert answer[0] == 400, body[:60]
    assert site.post()[0] == 201 and len(site.thread()) == 1


def test_deep_nesting_kills_no_thread(serve):
    site = serve()
    for text in ("> " * 4000, "- " * 4000, "[" * 9000, "*a_" * 3000, "".join("  " * n + "- a\n" for n in range(95))):
        started = time.monotonic()
        assert site.post(text)[0] in (201, 400)
        assert time.monotonic() - started < 5
    assert site.ask("comments/?uri=posts/mazes/")[0] == 200


def test_another_site_may_change_nothing(serve):
    site = serve()
    for headers in ({"Origin": "https://evil.example"}, {"Sec_Fetch_Site": "cross-site"}, {"Origin": "null"}):
        assert site.post(headers=headers)[0] == 403
    assert site.post(headers={"Content_Type": "text/plain"})[0] == 403  # what a <form> could send
    assert site.post(headers={"Origin": site.address.removesuffix("/notebook/")})[0] == 201
    assert site.post(headers={"Origin": "http://localhost:8000"})[0] == 201  # the diary's own url


def test_foreign_names_get_nothing(serve):
    site = serve()
    assert site.ask("posts/mazes/", Host="evil.example")[0] == 421
    assert site.ask("comments/?uri=posts/mazes/", Host="evil.example")[0] == 421
    assert site.ask("posts/mazes/", Host="localhost:8000")[0] == 200


def test_a_thousand_posts_a_minute_from_one_address_leave_the_others_alone(serve):
    site = serve('\n[comments]\nkind = "isso"\nmoderation = false\nproxies = ["127.0.0.1"]\nper_minute = 5\n')
    answers: list[int] = []

    def flood():
        for number in range(125):
            answers.append(site.post(f"spam {number}", headers={"X_Forwarded_For": "203.0.113.9"})[0])

    crowd = [threading.Thread(target=flood) for _ in range(8)]
    started = time.monotonic()
    for one in crowd:
        one.start()
    status, _ = site.post("I am somebody else", headers={"X_Forwarded_For": "198.51.100.7"})
    page = site.ask("posts/mazes/", X_Forwarded_For="198.51.100.7")[0]
    for one in crowd:
        one.join()
    taken = time.monotonic() - started
    assert (status, page) == (201, 200) and len(answers) == 1000
    assert 5 <= answers.count(201) <= 5 + 5 * taken / 60 + 1 and answers.count(429) == 1000 - answers.count(201)
    assert site.ask("comments/new?uri=posts/mazes/", "POST", b"{}", X_Forwarded_For="203.0.113.9")[1]["Retry-After"]


def test_only_a_trusted_proxy_may_say_who_asks(serve):
    site = serve('\n[comments]\nkind = "isso"\nper_minute = 1\n')
    answers = [site.post(headers={"X_Forwarded_For": f"203.0.113.{number}"})[0] for number in range(3)]
    assert answers == [202, 429, 429]


def test_a_password_is_asked_for_and_guessing_is_slow(serve):
    site = serve(MODERATED)
    site.post("Read <b>me</b>", author="Bo", email="bo@example.org")
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    assert b'type="password"' in site.ask("comments/admin/")[2]
    answers = [site.ask("comments/admin/", "POST", b"action=enter&password=guess", **form)[0] for _ in range(6)]
    assert answers == [403] * 5 + [429]


def test_the_desk_lists_approves_and_deletes(serve):
    site = serve(MODERATED)
    for text in ("First", "Second"):
        site.post(text, author="Bo <i>", email="bo@example.org")
    status, headers, _ = site.ask(
        "comments/admin/", "POST", b"action=enter&password=the+cat+sat+on+it",
        Content_Type="application/x-www-form-urlencoded",
    )  # fmt: skip
    assert status == 303 and "HttpOnly" in headers["Set-Cookie"] and "SameSite=Strict" in headers["Set-Cookie"]
    cookie = {"Cookie": headers["Set-Cookie"].split(";")[0]}
    page = site.ask("comments/admin/", **cookie)[2].decode()
    assert "bo@example.org" in page and "Bo &lt;i&gt;" in page and page.count("/moderate/") == 4
    first, second = (site.store.waiting()[index] for index in (0, 1))
    keys = list(dict.fromkeys(part.split('"')[0] for part in page.split("/moderate/")[1:]))
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    assert site.ask(f"comments/moderate/{keys[0]}", "POST", b"action=approve", **form, **cookie)[0] == 303
    assert b"is deleted" in site.ask(f"comments/moderate/{keys[1]}", "POST", b"action=delete", **form)[2]
    assert site.store.get(first.id).state == "shown" and site.store.get(second.id) is None
    assert b"not there any more" in site.ask(f"comments/moderate/{keys[1]}", "GET")[2]
    assert site.ask(f"comments/moderate/{keys[0][:-2]}xx", "POST", b"action=delete", **form)[0] == 403
    foreign = {"Origin": "https://evil.example"}
    assert site.ask(f"comments/moderate/{keys[0]}", "POST", b"action=delete", **form, **foreign)[0] == 403
    assert site.ask("comments/admin/?state=shown&lang=es", **cookie)[2].decode().count("A la vista") == 1
    assert b'type="password"' in site.ask("comments/admin/", Cookie="cuaderno-author=forged")[2]


def test_a_key_is_for_the_text_that_was_read(serve):
    site = serve(MODERATED)
    _, said = site.post("harmless")
    again = Comments(read_settings(site.folder), site.folder, site.folder / "_site")  # after a restart, say
    key = again.desk.key(said["id"], "harmless")
    with closing(sqlite3.connect(site.store.path)) as connection, connection:
        connection.execute("UPDATE comments SET text = 'buy my pills'")
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    answer = site.ask(f"comments/moderate/{key}", "POST", b"action=approve", **form)[2].decode()
    assert "Read it again" in answer and "pills" in answer and site.store.get(said["id"]).state == "waiting"


def test_without_a_password_there_is_no_desk(diary, serve):
    folder = diary(MODERATED)
    (folder / ".env").unlink()
    site = serve(folder=folder)
    status, _, page = site.ask("comments/admin/")
    assert status == 404 and b"ISSO_ADMIN_PASSWORD" in page
    assert site.ask("comments/admin/", "POST", b"action=enter&password=")[0] == 404


def test_a_short_password_is_refused_and_never_repeated(diary):
    folder = diary()
    (folder / ".env").write_text("ISSO_ADMIN_PASSWORD=hunter2\n")
    with pytest.raises(CuadernoError, match="too short") as caught:
        make(folder)
    assert "hunter2" not in str(caught.value)


def test_readers_without_scripts_read_the_thread(serve):
    site = serve()
    _, said = site.post("A question?", author="Bo")
    site.post("An answer.", author="Ada", parent=said["id"])
    page = site.ask("comments/thread?uri=posts/mazes/&lang=es")[2].decode()
    assert page.index("A question?") < page.index("An answer.") and 'lang="es"' in page and "<script" not in page
    assert site.ask("comments/thread?uri=posts/none/")[0] == 404


def test_a_full_disk_says_so_and_loses_nothing(serve, monkeypatch, caplog):
    site = serve()
    site.post("Stored before")
    isso = isso_thread.load()
    with closing(sqlite3.connect(site.store.path)) as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]

    def connect_without_room(path):
        connection = sqlite3.connect(path)
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    monkeypatch.setattr(isso.db, "sqlite3", SimpleNamespace(connect=connect_without_room, Error=sqlite3.Error))
    status, said = site.post("No room " * 1200)
    assert status == 507 and b"no room left" in said and b"intact" in said
    assert "The disk is full" in caplog.text and "Traceback" not in caplog.text
    monkeypatch.undo()
    assert [one["text"] for one in site.thread()] == ["<p>Stored before</p>"] and site.post("Room again")[0] == 201


def test_no_isso_no_comments_and_a_cure(diary, monkeypatch):
    import builtins

    folder, real = diary(), builtins.__import__

    def without(name, *arguments):
        if name.split(".")[0] == "isso":
            raise ModuleNotFoundError("No module named 'isso'", name="isso")
        return real(name, *arguments)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(CuadernoError, match=r"pip install 'cuaderno\[comments\]'"):
        make(folder)


def test_a_damaged_database_is_named_and_left_alone(diary):
    folder = diary()
    (folder / "comments").mkdir()
    database = folder / "comments" / "comments.db"
    database.write_text("this is no database" * 100)
    with pytest.raises(CuadernoError, match="no database of comments"):
        make(folder)
    assert database.read_text().startswith("this is no database")


def test_a_page_of_what_waits_is_deleted_by_its_author_only(serve):
    site = serve(MODERATED)
    for text in ("First", "Second", "Third"):
        site.post(text)
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    _, headers, _ = site.ask("comments/admin/", "POST", b"action=enter&password=the+cat+sat+on+it", **form)
    cookie = {"Cookie": headers["Set-Cookie"].split(";")[0]}
    page = site.ask("comments/admin/", **cookie)[2].decode()
    keys = [part.split('"')[0] for part in page.split('name="key" value="')[1:]]
    body = ("action=delete-all&" + "&".join(f"key={key}" for key in keys)).encode()
    assert len(keys) == 3 and b'type="password"' in site.ask("comments/admin/", "POST", body, **form)[2]
    for foreign in ({"Origin": "https://evil.example"}, {"Sec_Fetch_Site": "cross-site"}):
        assert site.ask("comments/admin/", "POST", body, **form, **cookie, **foreign)[0] == 403
    assert site.ask("comments/admin/", "POST", body + b"x", **form, **cookie)[0] == 403
    assert len(site.store.waiting()) == 3
    site.store.approve(1)
    with closing(sqlite3.connect(site.store.path)) as connection, connection:
        connection.execute("UPDATE comments SET text = 'changed' WHERE id = 2")
    assert site.ask("comments/admin/", "POST", body, **form, **cookie)[0] == 303
    assert [(one.id, one.state) for one in site.store.all()] == [(1, "shown"), (2, "waiting")]
    assert b"delete-all" not in site.ask("comments/admin/?state=shown", **cookie)[2]
