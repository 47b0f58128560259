import pytest

from cuaderno.diary.settings import read_settings
from cuaderno.lab.errors import CuadernoError

GISCUS = 'repo = "ada/notes"\nrepo_id = "R_1"\ncategory = "Comments"\ncategory_id = "DIC_1"\n'


def comments(folder, table):
    text = f'title = "Notes"\nrepository = "https://ada.example/code"\n\n[comments]\n{table}'
    (folder / "cuaderno.toml").write_text(text, encoding="utf-8")
    return read_settings(folder).comments


def test_off_unless_asked_for(tmp_path):
    (tmp_path / "cuaderno.toml").write_text('title = "Notes"')
    assert read_settings(tmp_path).comments is None


def test_isso_needs_one_line(tmp_path):
    found = comments(tmp_path, 'kind = "isso"')
    assert found.mounted and found.moderation and found.address == "/comments/" and not found.notify
    assert found.database == "comments/comments.db" and found.proxies == ()


def test_an_isso_elsewhere_is_not_mounted(tmp_path):
    found = comments(tmp_path, 'kind = "isso"\naddress = "https://talk.example.org"')
    assert found.address == "https://talk.example.org/" and not found.mounted


def test_everything_isso_can_be_told(tmp_path):
    table = (
        'kind = "isso"\naddress = "/talk"\nmoderation = false\nnotify = ["mail", "webhook"]\n'
        'database = "/var/lib/notes/comments.db"\nproxies = ["127.0.0.1", "10.0.0.0/8", "::1"]\nper_minute = 2'
    )
    found = comments(tmp_path, table)
    assert found.address == "/talk/" and found.notify == ("mail", "webhook") and found.per_minute == 2
    assert comments(tmp_path, 'kind = "isso"\nnotify = "mail"').notify == ("mail",)


def test_giscus_asks_the_reader_first(tmp_path):
    found = comments(tmp_path, f'kind = "giscus"\n{GISCUS}')
    assert found.ask and not found.mounted and found.repo == "ada/notes"
    assert not comments(tmp_path, f'kind = "giscus"\n{GISCUS}ask = false').ask


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("", ":4: kind must be"),
        ('kind = "disqus"', ":5: kind must be"),
        ('kind = "isso"\nmoderated = true', ":6: .*Did you mean 'moderation'"),
        ('kind = "isso"\nmoderation = "yes"', ":6: moderation must be true or false"),
        ('kind = "isso"\naddress = "comments"', ":6: address = 'comments' is neither"),
        ('kind = "isso"\naddress = "/posts/"', ":6: .*taken by the site"),
        ('kind = "isso"\naddress = "ftp://x.example/"', ":6: .*not a web address"),
        ('kind = "isso"\naddress = "/"', ":6: .*neither"),
        ('kind = "isso"\nnotify = ["male"]', ":6: 'male' .*Did you mean 'mail'"),
        ('kind = "isso"\nnotify = 3', ":6: notify must be a list"),
        ('kind = "isso"\ndatabase = "_site/c.db"', ":6: .*never inside _site"),
        ('kind = "isso"\ndatabase = "../c.db"', ":6: .*never inside _site"),
        ('kind = "isso"\nproxies = "127.0.0.1"', ":6: proxies must be a list"),
        ('kind = "isso"\nproxies = ["my-proxy"]', ":6: 'my-proxy' is no address"),
        ('kind = "isso"\nper_minute = 0', ":6: per_minute must be"),
        ('kind = "isso"\nper_minute = true', ":6: per_minute must be"),
        ('kind = "isso"\nrepo = "ada/notes"', ":6: 'repo' belongs to giscus"),
        ('kind = "giscus"\nmoderation = true', ":6: 'moderation' belongs to isso"),
        ('kind = "giscus"\nrepo = "ada/notes"', ":5: giscus also needs repo_id, category, category_id"),
        ('kind = "giscus"\nrepo = "notes"', ":6: repo = 'notes' is not OWNER/NAME"),
        ('kind = "giscus"\nrepo_id = ""', ":6: repo_id must be a text"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path, table, says):
    with pytest.raises(CuadernoError, match=says):
        comments(tmp_path, table)


def test_a_switch_instead_of_a_table_is_named(tmp_path):
    (tmp_path / "cuaderno.toml").write_text('title = "Notes"\ncomments = true')
    with pytest.raises(CuadernoError, match=r":2: comments must be a table"):
        read_settings(tmp_path)
