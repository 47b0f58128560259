"""Comments leave and come back as they were; hostile and foreign files do no harm."""

import json
import time
from html import escape
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cuaderno.lab.errors import CuadernoError
from cuaderno.site.comments import exchange
from cuaderno.site.comments import thread as isso_thread
from cuaderno.site.comments.store import Comment, Store

WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
NAMES = st.none() | WORDS.map(lambda word: escape(word.strip(), quote=False) or None)


@pytest.fixture
def empty(diary):
    """Make empty stores: `empty()`."""
    folder, count = diary(), iter(range(100))

    def make() -> Store:
        path = folder / f"comments-{next(count)}.db"
        isso = isso_thread.load()
        with isso_thread.quiet():
            isso.db.SQLite3(str(path), isso.config.load(isso.config.default_file()))
        return Store(path)

    return make


@st.composite
def threads(draw) -> list[Comment]:
    """Comments of two threads, answers one level deep, as Isso has them."""
    found: list[Comment] = []
    for number in range(1, draw(st.integers(0, 7)) + 1):
        thread = draw(st.sampled_from(["posts/mazes/", "posts/short/"]))
        roots = [one.id for one in found if one.thread == thread and one.parent is None]
        parent = draw(st.none() | st.sampled_from(roots)) if roots else None
        created = draw(st.floats(1e9, 1.7e9))
        found.append(
            Comment(
                number, thread, thread.upper(), parent, created, draw(st.none() | st.floats(1e9, 1.7e9)),
                draw(st.sampled_from([1, 2])), "192.0.2.0", draw(WORDS) + f" {number}", draw(NAMES), draw(NAMES),
                draw(st.sampled_from([None, "https://ada.example/x?y=1&amp;z=%20"])), draw(st.integers(0, 9)),
                draw(st.integers(0, 9)), draw(st.binary(min_size=256, max_size=256)), draw(st.sampled_from([0, 1])),
            )
        )  # fmt: skip
    return found


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(comments=threads())
def test_there_and_back(empty, tmp_path, comments):
    first, second, path = empty_of(empty, comments), empty_of(empty, []), tmp_path / "c.json"
    assert exchange.export(first, path) == len(comments)
    report = exchange.import_file(second, path)
    assert report.added == len(comments) and by_number(second.all()) == by_number(first.all())
    again = exchange.import_file(second, path)
    assert (again.added, again.known) == (0, len(comments)) and by_number(second.all()) == by_number(first.all())


def by_number(comments: list[Comment]) -> dict[int, Comment]:
    return {one.id: one for one in comments}


_stores: dict[int, Store] = {}


def empty_of(empty, comments: list[Comment]) -> Store:
    """An emptied store with some comments; making a new file each time would take most of the test."""
    store = _stores.setdefault(hash((id(empty), bool(comments))), empty())
    with store.writing() as connection:
        connection.execute("DELETE FROM comments")
        connection.execute("DELETE FROM threads")
        for one in comments:
            exchange._insert(connection, one)
    return store


def test_isso_itself_reads_the_file(empty, tmp_path, monkeypatch):
    monkeypatch.setenv("TZ", "America/Bogota")
    time.tzset()
    try:
        store, path = empty(), tmp_path / "c.json"
        one = Comment(7, "posts/mazes/", "Mazes", None, 1.7e9, None, 1, "192.0.2.0", "Hi", "Bo", None, None, 0, 0,
                      bytes(256), 0)  # fmt: skip
        with store.writing() as connection:
            exchange._insert(connection, one)
        exchange.export(store, path)
        isso, target = isso_thread.load(), empty()
        kind = isso.migrate.autodetect(path.read_text()[:8192])
        assert kind is isso.migrate.Generic
        kind(isso.db.SQLite3(str(target.path), isso.config.load(isso.config.default_file())), str(path)).migrate()
        (found,) = target.all()
        assert (found.text, found.author, found.created, found.thread) == ("Hi", "Bo", 1.7e9, "posts/mazes/")
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_file_of_issos_own_layout_counts_inside_each_thread(empty, tmp_path):
    entry = {"email": "", "remote_addr": "0.0.0.0", "website": "", "created": "2005-02-24 04:03:37", "author": "A"}
    threads = [
        {"id": "/blog/mazes.html", "title": "Mazes", "comments": [entry | {"id": 0, "text": "a"}]},
        {"id": "/2005/05/short/", "title": "Short", "comments": [entry | {"id": 0, "text": "b"}]},
        {"id": "/old/", "title": "Old", "comments": [entry | {"id": 3, "text": "c"}]},
    ]
    (tmp_path / "c.json").write_text(json.dumps(threads))
    store = empty()
    report = exchange.import_file(store, tmp_path / "c.json", ["posts/mazes/", "posts/short/"])
    assert report.added == 3 and report.threads == ("/old/",)
    found = {one.text: one.thread for one in store.all()}
    assert found == {"a": "posts/mazes/", "b": "posts/short/", "c": "/old/"}


def test_taken_numbers_move_and_answers_with_them(empty, tmp_path):
    store, path = empty(), tmp_path / "c.json"
    with store.writing() as connection:
        exchange._insert(connection, Comment(1, "posts/mazes/", "M", None, 5.0, None, 1, "", "mine", None, None, None,
                                             0, 0, bytes(256), 0))  # fmt: skip
    more = [("root", 1, None), ("answer", 2, 1), ("to the answer", 3, 2), ("orphan", 4, 77)]
    comments = [
        {
            "id": number,
            "text": text,
            "created": "2020-01-01 00:00:00",
            "cuaderno": {"parent": parent, "state": "waiting"},
        }
        for text, number, parent in more
    ]
    path.write_text(json.dumps([{"id": "posts/mazes/", "title": "M", "comments": comments}]))
    exchange.import_file(store, path)
    found = {one.text: one for one in store.all()}
    root = found["root"].id
    assert found["mine"].id == 1 and root != 1 and found["answer"].parent == root
    assert found["to the answer"].parent == root and found["orphan"].parent is None
    assert {one.state for text, one in found.items() if text != "mine"} == {"waiting"}


def one_with(fields: str) -> str:
    """A file of one comment."""
    return '[{"id": "x", "comments": [{"id": 1, "text": "t", ' + fields + "}]}]"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no JSON"), ("{}", "list of threads"), ("[3]", "thread has no id"), ("<html>", "no export of"),
        ('[{"id": "x"}]', "no list of comments"), ('<xml xmlns="http://disqus.com"', "cannot be read by Isso"),
        ('[{"id": "x", "comments": [{"id": 1}]}]', "comment 1 cannot be read: 'created' is missing"),
        ('[{"id": "x", "comments": [{"id": 1, "text": "t", "created": "yesterday"}]}]', "comment 1 cannot be read"),
        ('[{"id": "x", "comments": [{"id": 1e99, "text": "t", "created": "2020-01-01 00:00:00"}]}]', "no possible"),
        ('[{"id": "x", "comments": [{"id": 1, "text": "t", "cuaderno": {"created": NaN}}]}]', "no possible"),
        ('[{"id": "x", "comments": [{"id": 1, "text": "\\ud800", "cuaderno": {"created": 5}}]}]', "cannot be read"),
        ("[" * 100_000, "no JSON"),
        (one_with('"created": 1700000000'), "thread 'x', comment 1: 'created' is 1700000000. It must be a text"),
        (one_with('"created": "3000-01-01 00:00:00"'), "comment 1: 'created' lies in the future, on 3000-01-01"),
        (one_with('"cuaderno": {"created": 5e10}'), "'created' lies in the future"),
        (one_with('"cuaderno": {"created": 5, "modified": 1e300}'), "'modified' lies in the future"),
        (one_with('"cuaderno": {"created": "5"}'), "'created' under 'cuaderno' is \"5\""),
        (one_with('"cuaderno": {"created": -1e300}'), "no possible date"),
        (one_with('"mode": 7, "cuaderno": {"created": 5}'), "comment 1: 'mode' is 7. It must be one of 1 .shown., 2"),
        (one_with('"mode": true, "cuaderno": {"created": 5}'), "'mode' is true"),
        (one_with('"cuaderno": {"created": 5, "state": "new"}'), "'state' is \"new\". It must be one of shown"),
    ],
)  # fmt: skip
def test_a_broken_file_changes_nothing(empty, tmp_path, text, says):
    store, path = empty(), tmp_path / "c.json"
    path.write_text(text)
    with pytest.raises(CuadernoError, match=says):
        exchange.import_file(store, path)
    assert store.all() == []


@pytest.mark.parametrize(
    ("website", "kept"),
    [
        ("javascript:alert(1)", None), ("JaVaScRiPt:alert(1)//.example", None),
        ("https://a.example/'x", "https://a.example/&#x27;x"), ("http://a.example:80#x", "http://a.example:80#x"),
        ("http://a.example/?a=1&b=2", "http://a.example/?a=1&amp;b=2"), ("data:text/html,x", None), ("", None),
        ("a.example", "http://a.example"), ("//a.example", None), ("http://user@evil.example", None), (3, "http://3"),
    ],
)  # fmt: skip
def test_only_web_addresses_come_in(website, kept):
    assert exchange.safe_website(website) == kept


def test_names_of_a_hostile_file_are_escaped(empty, tmp_path):
    comment = {"id": 1, "text": "t", "created": "2020-01-01 00:00:00", "author": "<img src=x onerror=alert(1)>"}
    (tmp_path / "c.json").write_text(json.dumps([{"id": "posts/mazes/", "comments": [comment]}]))
    store = empty()
    exchange.import_file(store, tmp_path / "c.json")
    assert store.all()[0].author == "&lt;img src=x onerror=alert(1)&gt;"


DISQUS = """<?xml version="1.0"?>
<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">
<thread dsq:id="2"><id>x</id><link>http://example.org/2012/mazes/</link><title>Mazes</title></thread>
<post dsq:id="4"><message><![CDATA[<p>Hello, <a href="http://a.example/">World</a>.</p>
<p>Two &amp; <b>three</b></p>]]></message>
<createdAt>2013-10-10T19:20:29Z</createdAt><isDeleted>false</isDeleted><author><name>peter</name></author>
<thread dsq:id="2"/></post>
<post dsq:id="5"><message>An answer</message><createdAt>2013-10-11T06:51:33Z</createdAt><isDeleted>false</isDeleted>
<author><email>a@b.example</email><name>user</name></author><thread dsq:id="2"/><parent dsq:id="4"/></post>
</disqus>
"""
WORDPRESS = """<?xml version="1.0"?>
<rss xmlns:wp="http://wordpress.org/export/1.2/"><channel><item><title>Short</title><link>http://example.org/?p=4/short</link>
<wp:comment><wp:comment_id>1</wp:comment_id><wp:comment_author>Ann</wp:comment_author>
<wp:comment_author_email>ann@example.org</wp:comment_author_email><wp:comment_author_url>javascript:x</wp:comment_author_url>
<wp:comment_author_IP>192.0.2.77</wp:comment_author_IP><wp:comment_date_gmt>2012-03-04 05:06:07</wp:comment_date_gmt>
<wp:comment_content>Line one
line two</wp:comment_content><wp:comment_approved>0</wp:comment_approved><wp:comment_parent>0</wp:comment_parent>
</wp:comment></item></channel></rss>
"""


def test_disqus_and_wordpress_come_in_through_isso(empty, tmp_path):
    store = empty()
    for name, text in (("d.xml", DISQUS), ("w.xml", WORDPRESS)):
        (tmp_path / name).write_text(text)
        exchange.import_file(store, tmp_path / name, ["posts/mazes/", "posts/short/"])
    found = {one.name: one for one in store.all()}
    assert found["peter"].text == "Hello, World <http://a.example/>.\n\nTwo & three"
    assert found["peter"].thread == "posts/mazes/" and found["user"].parent == found["peter"].id
    assert (found["Ann"].state, found["Ann"].website, found["Ann"].remote_addr) == ("waiting", None, "192.0.2.0")


def test_a_full_disk_keeps_the_old_file(empty, tmp_path, monkeypatch):
    path = tmp_path / "c.json"
    path.write_text("older")

    def full(self, *_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(CuadernoError, match="disk is full"):
        exchange.export(empty(), path)
    assert path.read_text() == "older"


def test_a_mode_is_kept(empty, tmp_path):
    comments = [{"id": n, "text": str(n), "mode": n, "created": "2020-01-01 00:00:00"} for n in (1, 2)]
    (tmp_path / "c.json").write_text(json.dumps([{"id": "posts/mazes/", "comments": comments}]))
    store = empty()
    exchange.import_file(store, tmp_path / "c.json")
    assert [one.state for one in store.all()] == ["shown", "waiting"]


def test_the_future_is_refused_in_xml_too(empty, tmp_path):
    (tmp_path / "w.xml").write_text(WORDPRESS.replace("2012-03-04", "2999-03-04"))
    with pytest.raises(CuadernoError, match="'created' lies in the future, on 2999"):
        exchange.import_file(empty(), tmp_path / "w.xml")
