import json
import subprocess

import pytest

from cuaderno.diary.settings import read_settings
from cuaderno.lab.errors import CuadernoError


def settings(folder, text):
    (folder / "cuaderno.toml").write_text(text, encoding="utf-8")
    return read_settings(folder)


def test_little_is_enough(tmp_path):
    found = settings(tmp_path, 'title = "Notes"')
    assert found.title == {"en": "Notes", "es": "Notes"} and found.headline["es"] == "Notes"
    assert (found.languages, found.default, found.base) == (("en", "es"), "en", "/")


def test_an_address_with_a_path(tmp_path):
    found = settings(tmp_path, 'url = "https://user.example/repo"')
    assert (found.origin, found.base) == ("https://user.example", "/repo/")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('titel = "x"', r":1: .*Did you mean 'title'"),
        ('title = "x"\nurl = "example.org"', ":2: .*not a web address"),
        ('languages = ["en", "fr"]', ":1: 'fr' is not a language"),
        ('default = "es"\nlanguages = ["en"]', ":1: default"),
        ("title = 3", ":1: title must be a text"),
        ("title = \nauthor = 1", "line 1"),
        ('[[nav]]\ntitle = "x"', "needs a title and a url"),
        ('title = "x"\n[publish]\nbranhc = "x"', r":3: \[publish\] has no setting 'branhc'. Did you mean 'branch'"),
        ("[publish]\nto = 3", ":2: to must be a text"),
        ('[publish]\nbranch = ""', ":2: branch is empty"),
        ('[publish]\nbranch = "--force"', ":2: branch = '--force' cannot be the name of a branch"),
        ('[publish]\nto = "github"\nremote = "--upload-pack=x"', ":3: remote = '--upload-pack=x' is an option"),
        ("publish = 3", r":1: publish is a table: write \[publish\]"),
        ('[check]\naccept = "no-alt"', ":2: accept must be a list"),
        ("[check]\naccept = [1]", ":2: accept is a list of texts"),
    ],
)
def test_what_is_wrong_is_named_with_a_cure(tmp_path, text, says):
    with pytest.raises(CuadernoError, match=says):
        settings(tmp_path, text)


def test_where_to_publish_and_what_is_accepted(tmp_path):
    found = settings(tmp_path, '[publish]\nto = "github"\nremote = "o"\n[check]\naccept = ["no-alt posts/x"]')
    assert (found.publish.to, found.publish.remote, found.publish.branch) == ("github", "o", "gh-pages")
    assert found.accept == ("no-alt posts/x",) and "gh-pages" not in repr(found), "no page depends on it"


def test_a_folder_that_is_no_diary(tmp_path):
    with pytest.raises(CuadernoError, match="cuaderno new"):
        read_settings(tmp_path)


GOOD = "gh-pages a/b ñandú v1.0 a.b @ @a a@b x.locked a/-b {a} a,b"
BAD = r"-a --force HEAD .a a/.b a.lock a/b.lock a..b a~b a^b a:b a?b a*b a[b a\b a@{b /a a/ a//b a."


@pytest.mark.parametrize("name", [*GOOD.split(), *BAD.split(), "a b", "a\tb", "a\x7fb"])
def test_a_branch_is_what_git_takes_for_one(tmp_path, name):
    taken = subprocess.run(["git", "check-ref-format", "--branch", name], cwd=tmp_path, capture_output=True)
    text = f"[publish]\nbranch = {json.dumps(name)}"
    if taken.returncode:
        with pytest.raises(CuadernoError, match="cannot be the name of a branch"):
            settings(tmp_path, text)
    else:
        assert settings(tmp_path, text).publish.branch == name
