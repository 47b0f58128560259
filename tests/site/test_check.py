import json
import os
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from cuaderno.lab.errors import CuadernoError
from cuaderno.scaffold import new_diary
from cuaderno.site.check import check, examine
from cuaderno.site.checking import leaks, typed
from cuaderno.site.checking.finding import KINDS, NEVER_ACCEPTED
from cuaderno.site.checking.links import address_fault

HEAD = "---\ntitle: Links\ndate: 2026-11-21\n---\n\n## A part\n\n"
FIRST = HEAD.count("\n") + 1  # the line on which the text of `write` begins


@pytest.fixture
def mine(tmp_path, study):
    """A diary with an address, and one study."""
    folder = new_diary(tmp_path / "mine")
    toml = folder / "cuaderno.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace("http://localhost:8000/", "https://ada.example/notes/"))
    return folder


def write(diary, text: str, name: str = "links.md"):
    path = diary / "posts" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(HEAD + text + "\n", encoding="utf-8")
    return path


def accept(diary, *entries: str) -> None:
    toml = diary / "cuaderno.toml"
    lists = ", ".join(json.dumps(entry) for entry in entries)
    toml.write_text(toml.read_text(encoding="utf-8").split("[check]")[0] + f"\n[check]\naccept = [{lists}]\n")


def found(diary, *without: str, **options) -> list[tuple[str, str, int]]:
    """Kind, file and line of every finding, but the kinds that a test is not about."""
    report = examine(diary, **({"compare": False} | options))
    names = [finding.as_dict(finding.path.name)["file"] for finding in report.findings]
    all_ = [(one.kind, name, one.line) for one, name in zip(report.findings, names, strict=True)]
    return [one for one in all_ if one[0] not in ("untranslated", "uncommitted", *without)]


def messages(diary, **options) -> str:
    return "\n".join(examine(diary, compare=False, **options).lines)


def test_a_new_diary_is_whole_and_nothing_is_left_behind(mine):
    assert "links lead somewhere" in check(mine, report=pytest.fail)
    assert not (mine / "_site").exists() and found(mine) == []


def test_every_kind_is_told_in_the_documents():
    text = (Path(__file__).parents[2] / "docs" / "publishing.md").read_text(encoding="utf-8")
    assert [kind for kind in KINDS if f"`{kind}`" not in text] == []


# -- links -------------------------------------------------------------------------------------------------------------


def test_links_that_lead_somewhere(mine):
    links = (
        "/posts/first-page/",
        "../first-page/",
        "#a-part",
        "https://example.org/x",
        "mailto:a@b.c",
        "first-page/en.md",
    )
    write(mine, "\n".join(f"[here]({link})" for link in links))
    write(mine, "[the data](data.csv) and [all](deep/more%20data.csv)", "files/en.md")
    (mine / "posts" / "files" / "deep").mkdir()
    for name in ("data.csv", "deep/more data.csv"):
        (mine / "posts" / "files" / name).write_text("1,2")
    assert found(mine) == []
    (mine / "posts" / "files" / "data.csv").unlink()
    assert found(mine) == [("broken-link", "en.md", FIRST)]


def test_links_that_lead_nowhere_are_named_where_they_are_written(mine):
    links = ["/posts/nothing/", "../frist-page/", "#no-part", "/posts/first-page/#nothing", "/no.pdf"]
    write(mine, "Some words.\n\n- one\n- two\n" + "\n".join(f"  [here]({link})" for link in links))
    assert found(mine) == [("broken-link", "links.md", FIRST + 4 + number) for number in range(len(links))]
    said = messages(mine)
    assert (
        all(f"the link '{link}' leads nowhere" in said for link in links) and "Did you mean /posts/first-page/?" in said
    )
    with pytest.raises(CuadernoError, match=rf"links\.md:{FIRST + 4}: the link"):
        check(mine)
    write(mine, "One.\n\nTwo [here](first-page/en.md#no).")
    assert found(mine) == [("broken-link", "links.md", FIRST + 2)]


def test_links_in_html_in_directives_and_in_the_navigation(mine):
    write(mine, 'A <a\nhref="gone/">tag</a>.\n\n:::{note} A note\nwords\n[x](nowhere/)\n:::\n')
    assert found(mine) == [("broken-link", "links.md", FIRST), ("broken-link", "links.md", FIRST + 5)]
    (mine / "posts" / "links.md").unlink()
    toml = mine / "cuaderno.toml"
    toml.write_text(toml.read_text(encoding="utf-8") + '\n[[nav]]\ntitle = "Gone"\nurl = "/gone/"\n', encoding="utf-8")
    line = toml.read_text(encoding="utf-8").splitlines().index('url = "/gone/"') + 1
    assert found(mine) == [("broken-link", "cuaderno.toml", line)]


def test_the_empty_link_of_the_first_post(mine):
    write(mine, "I will use AI to correct mistakes\nwith the following [prompt]() that keeps all.\n\n<a href=''>x</a>")
    assert found(mine) == [("empty-link", "links.md", FIRST + 1), ("empty-link", "links.md", FIRST + 3)]
    assert "the link [prompt]() has no address. Write the address" in messages(mine)


def test_a_link_without_words_or_to_the_own_computer(mine):
    write(mine, "[](/about/) [![Two cats](cat.png)](/about/) [mine](http://localhost:8000/) [x](http://192.168.1.2/y)")
    Image.new("RGB", (9, 9)).save(mine / "posts" / "cat.png")
    kinds = [kind for kind, *_ in found(mine)]
    assert kinds == ["local-link", "local-link", "wordless-link"]


@pytest.mark.parametrize(
    "href",
    ["http://", "https:///x", "htps://a.b", "http:/a.b", "https://https://a.b", "http://astro", "https://a..b/",
     "mailto:nobody", "https://a b.c", "http://[::1", "https://a.b:port/"],
)  # fmt: skip
def test_addresses_that_cannot_be(href):
    assert address_fault(href)


@pytest.mark.parametrize(
    "href",
    ["https://a.b", "http://a.b:80/x?y=https://z#t", "https://es.wikipedia.org/wiki/Año_(tiempo)", "mailto:a@b.c", "/x",
     "x.md", "#y", "tel:+34123", "https://user.github.io/a/", "//cdn.example/x", "https://ñandú.example/", "c:3",
     "https://arxiv.org/abs/2304.02643", "doi:10.1000/182", "http://[2001:db8::1]/", "https://1.1.1.1/"],
)  # fmt: skip
def test_addresses_that_can_be(href):
    assert address_fault(href) is None


def test_an_address_without_its_beginning_gets_the_right_cure(mine):
    write(mine, "[astro](www.astro.build)")
    assert "write https://www.astro.build" in messages(mine)


class Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response({"/gone": 404, "/robots": 403, "/error": 500}.get(self.path.rstrip("?"), 200))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def test_outside_links_are_asked_only_when_told_to(mine, monkeypatch):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    host = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr("cuaderno.site.checking.links._own_computer", lambda href: "")
    shutil.rmtree(mine / "about")  # it links to the world
    write(mine, f"[a]({host}/ok#part) [b]({host}/gone)\n[c]({host}/robots) [d]({host}/error) [e](http://127.0.0.1:9/)")
    try:
        assert found(mine) == []
        assert found(mine, ask=True) == [("dead-link", "links.md", FIRST), ("dead-link", "links.md", FIRST + 1)]
    finally:
        server.shutdown()
        server.server_close()
    assert "answers 404" not in messages(mine)


# -- licences ----------------------------------------------------------------------------------------------------------


def test_a_kept_run_that_learned_from_data_of_others(mine, make_run):
    """Warned of, whatever its study; what is ours, or says nothing, is not."""
    for number, effective in enumerate(({"licence": "ours (MIT)"}, {"parameters": 2}, {"licence": "none"})):
        run = make_run(mine / "records", f"spring-2026112{number}-101112-abcdef", effective=effective)
    assert [one for one in found(mine) if one[0] == "licence"] == [("licence", "run.json", 0)]
    assert f"{run.name}/run.json: warning: this run learned from" in messages(mine)
    assert "Their licence: none." in messages(mine)


# -- pictures ----------------------------------------------------------------------------------------------------------


def test_pictures_need_words(mine):
    folder = mine / "posts" / "cats"
    folder.mkdir()
    for name in ("a.png", "b.png", "c.png"):
        Image.new("RGB", (9, 9)).save(folder / name)
    write(mine, "![](a.png)\n![Alt text](b.png)\n![a.png](a.png)\n\n<img src='c.png'>\n<img src='c.png' alt=''>"
          "\n\n![Two cats on a wall](a.png)", "cats/en.md")  # fmt: skip
    assert found(mine) == [
        ("no-alt", "en.md", FIRST),
        ("no-alt", "en.md", FIRST + 4),
        ("weak-alt", "en.md", FIRST + 1),
        ("weak-alt", "en.md", FIRST + 2),
    ]


def test_a_picture_that_no_text_shows(mine):
    folder = mine / "posts" / "cats"
    folder.mkdir()
    for name in ("shown.png", "first.png", "lost.png", "with space.png"):
        Image.new("RGB", (9, 9)).save(folder / name)
    write(mine, "![Cats](shown.png) ![Dogs](with%20space.png)", "cats/en.md")
    (folder / "original.en.md").write_text("As first written: ![Cats](first.png)")
    assert found(mine) == [("unused-picture", "lost.png", 0)]


def test_what_was_first_written_is_neither_a_post_nor_checked_as_one(mine):
    write(mine, "Corrected.", "cats/en.md")
    (mine / "posts" / "cats" / "original.en.md").write_text(HEAD + "With a [link]() and ![](no.png)")
    assert found(mine) == []


def photograph(path, **gps) -> None:
    exif = Image.Exif()
    exif[0x010F] = "A camera"
    if gps:
        exif.get_ifd(0x8825).update({1: "N", 2: (41.0, 23.0, 6.0), 3: "E", 4: (2.0, 10.0, 12.0)})
    Image.new("RGB", (9, 9)).save(path, exif=exif)


def test_photographs_that_tell_where(mine):
    folder = mine / "posts" / "home"
    folder.mkdir()
    photograph(folder / "home.jpg", gps=True)
    photograph(folder / "quiet.jpg")
    write(mine, "![My desk](home.jpg) ![My plant](quiet.jpg)", "home/en.md")
    assert found(mine) == [("location", "home.jpg", 0)]


# -- numbers typed by hand ---------------------------------------------------------------------------------------------

TYPED = {
    "en": [
        "It has an accuracy of 91.5 % on the test set.",
        "Test accuracy: 91.5%.",
        "The loss fell to 0.42 in the end.",
        "We got 91.5 % accuracy at last.",
        "It solves 96.4 % of the mazes.",
        "the accuracy is now about **91.5 %**",
        "an F1 score of 0.873",
        "validation loss = 1.234",
    ],
    "es": [
        "Tiene una exactitud del 91,5 %.",
        "La pérdida bajó a 0,42.",
        "Llegó a un 91,5 % de exactitud.",
        "Resuelve el 96,4 % de los laberintos.",
        "La exactitud en el conjunto de prueba es de 91,5 por ciento.",
    ],
}
NOT_TYPED = {
    "en": [
        "I want an accuracy of 91.5 %.",
        "Smith et al. report an accuracy of 99.2 % on MNIST.",
        "A learning rate of 0.001 and a dropout of 0.5.",
        "It has {num}`mine.solved_large` of accuracy.",
        "The bars are 95 % confidence intervals.",
        "With an accuracy of 50 % one might as well throw a coin.",
        "In 1948 Claude Shannon opened a book with 300 pages.",
        "Python 3.11 and torch 2.13.0 were used.",
        "It took 3.5 hours and 4.2 GB.",
        "`accuracy = 91.5 %` is code.",
        "My bet: an accuracy of 91.5 %.",
        "The accuracy is high, and 12.5 % of the time it sleeps.",
        "A loss in 201 × 201 mazes, at 9.5 x the cost.",
    ],
    "es": [
        "Quiero una exactitud del 91,5 %.",
        "Según el artículo, la exactitud es del 99,2 %.",
        "Una tasa de aprendizaje de 0,001.",
        "Los intervalos de confianza son del 95 %.",
        "En 1948 Shannon abrió un libro.",
    ],
}


@pytest.mark.parametrize("lang", ["en", "es"])
def test_results_that_look_typed(diary, lang):
    for number, sentence in enumerate(TYPED[lang]):
        write(diary, f"Some words\nbefore it.\n\n{sentence}", f"typed-{number}/{lang}.md")
    kinds = [one for one in found(diary) if one[0] == "typed-number"]
    assert kinds == [("typed-number", f"{lang}.md", FIRST + 3)] * len(TYPED[lang])
    assert "Bind it to a kept run" in messages(diary)


@pytest.mark.parametrize("lang", ["en", "es"])
def test_numbers_that_are_no_results(diary, lang):
    for number, sentence in enumerate(NOT_TYPED[lang]):
        write(diary, sentence.replace("mine.", "labyrinth."), f"typed-{number}/{lang}.md")
    assert [one for one in found(diary) if "typed" in one[0]] == []


def test_a_typed_number_that_a_cited_run_has(diary):
    metrics = diary.parent / "studies" / "labyrinth" / "metrics.toml"
    metrics.write_text(metrics.read_text(encoding="utf-8").replace("[solved_loops]", "[solved_loops]\nmain = true"))
    sentences = {
        "It is right for 96.5 % of them.": True,  # a main metric, three digits
        "It has 0.965.": True,
        "It ends at 0.0421 after an hour.": False,  # three digits of a metric that is not the main one
        "It is right for 96 % of them.": False,
        "It is right for 97.5 % of them.": False,
        "In the paper, the authors publish 96.5 %.": False,
    }
    write(diary, "\n\n".join(["{num}`labyrinth.solved_large` is cited.", *sentences]), "typed/en.md")
    mine = [one for one in found(diary) if one[0].startswith("typed")]
    wanted = [FIRST + 2 * number for number, is_typed in enumerate(sentences.values(), 1) if is_typed]
    assert mine == [("typed-result", "en.md", line) for line in wanted]
    said = messages(diary)
    assert "{num}`labyrinth-20261121-153012-ab12cd.solved_loops`" in said and "solved_loops|digits=3`" in said


def test_a_table_of_typed_results_is_told_once(diary):
    write(diary, "| model | accuracy |\n|---|---|\n| mine | 91.5 % |\n| yours | 88.2 % |\n\n"
          "| size | seconds |\n|---|---|\n| 9 | 1.5 |", "typed/en.md")  # fmt: skip
    assert [one for one in found(diary) if "typed" in one[0]] == [("typed-number", "en.md", FIRST + 2)]
    assert "'91.5 %' and 1 more in this table stands beside 'accuracy'" in messages(diary)


@settings(max_examples=200, deadline=None)
@given(st.floats(0.001, 99_999, allow_nan=False), st.integers(0, 4), st.sampled_from(["en", "es"]), st.booleans())
def test_a_number_is_read_as_its_language_writes_it(value, digits, lang, percent):
    from cuaderno.site.numbers import decimal

    shown = decimal(value, digits, lang)
    read = list(typed.numbers(f"an accuracy of {shown}{' %' if percent else ''} at last", lang))
    if digits or percent:
        (one,) = read
        assert one.percent == percent and one.decimals == digits
        assert float(one.value) == pytest.approx(round(value, digits), abs=10**-digits)


# -- translations, the journey, what is not ready ----------------------------------------------------------------------


def test_drafts_days_to_come_and_posts_in_one_language_are_notes(mine):
    (mine / "posts" / "new.md").write_text("---\ntitle: New\ndate: 2026-11-21\ndraft: true\n---\n[x]()\n")
    (mine / "posts" / "later.md").write_text("---\ntitle: Later\ndate: 2999-11-21\n---\nx\n")
    report = examine(mine, compare=False)
    assert [(one.kind, one.path.name) for one in report.findings] == [
        ("future", "later.md"), ("untranslated", "later.md"), ("draft", "new.md"),
    ]  # fmt: skip
    assert report.summary.endswith("3 notes") and not report.errors and check(mine)


def test_the_address_is_missing_in_a_new_diary(tmp_path):
    folder = new_diary(tmp_path / "new")
    line = (folder / "cuaderno.toml").read_text(encoding="utf-8").splitlines().index('url = "http://localhost:8000/"')
    assert found(folder) == [("no-url", "cuaderno.toml", line + 1)]


BET = """
[[objective]]
id = "mazes"
title = {{ en = "Mazes", es = "Laberintos" }}
study = "labyrinth"
evidence = "solved_large > 0.5"
post = "{post}"

[[bet]]
id = "close"
says = {{ en = "Close.", es = "Por poco." }}
made = 2026-11-01
study = "labyrinth"
condition = "solved_loops < 0.95"
"""


def test_bets_that_are_undecided_and_objectives_at_odds(diary):
    (diary / "journey.toml").write_text('planned = ["labyrinth"]\n' + BET.format(post="hello"), encoding="utf-8")
    assert found(diary, "future") == [
        ("objective", "journey.toml", 1), ("objective", "journey.toml", 8), ("bet-undecided", "journey.toml", 15),
    ]  # fmt: skip
    assert "shows no run that reaches the bar" in messages(diary)
    (diary / "journey.toml").write_text(BET.format(post="mazes").replace("2026-11-01", "2026-11-20"), encoding="utf-8")
    report = examine(diary, compare=False)
    assert [one.kind for one in report.errors] == ["journey"] and "is refused" in report.errors[0].what


def test_a_record_that_git_does_not_have(diary):
    subprocess.run(["git", "init", "-q", str(diary)], check=True)
    (diary / ".gitignore").write_text(".cache/\n")
    names = sorted(path.name for path in (diary / "records").iterdir())
    report = examine(diary, compare=False)
    assert [one.path.name for one in report.findings if one.kind == "uncommitted"] == names
    commit = ["-c", "user.name=A", "-c", "user.email=a@b.c", "commit", "-qm", "all"]
    for words in (["add", "-A"], commit):
        subprocess.run(["git", "-C", str(diary), *words], check=True)
    assert "uncommitted" not in messages(diary)
    (diary / "records" / names[0] / "metrics.jsonl").write_text("changed")
    assert f"{names[0]}: warning: git does not have this record" in messages(diary)


def test_large_files(mine, monkeypatch):
    monkeypatch.setattr("cuaderno.site.checking.publication.LARGE", 500_000)
    monkeypatch.setattr("cuaderno.site.checking.publication.TOO_LARGE", 900_000)
    write(mine, "x", "big/en.md")
    (mine / "posts" / "big" / "a.bin").write_bytes(bytes(600_000))
    (mine / "posts" / "big" / "b.bin").write_bytes(bytes(1_000_000))
    assert found(mine) == [("too-large", "b.bin", 0), ("large", "a.bin", 0)]


def test_a_formula_that_cannot_be_read(mine):
    write(mine, "Good $a^2$, bad $\\frac{$ here.")
    assert found(mine) == [("formula", "links.md", FIRST)]


def test_everything_is_told_at_once_although_the_diary_does_not_build(mine):
    (mine / "posts" / "bad.md").write_text("---\ntitle: a: b\n---\n")
    write(mine, "[x]() {num}`nothing.here`")
    report = examine(mine)
    assert [(one.kind, one.path.name, one.line) for one in report.errors] == [
        ("fault", "bad.md", 2), ("empty-link", "links.md", FIRST), ("fault", "links.md", FIRST),
    ]  # fmt: skip
    assert report.summary == "the diary does not build. 3 errors, 1 note"


def test_models_that_disagree_are_told_and_those_that_agree_are_remembered(diary, monkeypatch):
    from cuaderno.site.checking import models

    asked = []

    def compare(web, export):
        asked.append(export.parent.name)
        if "00ff00" in str(export):
            raise CuadernoError("case 3 differs")
        return 7

    monkeypatch.setattr(models, "check_parity", compare)
    report = examine(diary)
    assert [(one.kind, "case 3 differs" in one.what) for one in report.errors] == [("parity", True)]
    assert list(report.compared.values()) == [7] and len(asked) == 2
    examine(diary)
    assert len(asked) == 3, "only the one that disagreed is asked again"
    monkeypatch.setattr(models, "find_node", lambda: None)
    assert [one.kind for one in examine(diary).findings if one.kind in ("parity", "no-node")] == ["no-node"]


# -- secrets -----------------------------------------------------------------------------------------------------------

PEM = "-----BEGIN OPENSSH PRIVATE KEY-----\n" + "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gt\n"
SECRETS = [
    "sk-" + "proj-" + "Ab3dEf6hIj9kLmN0pQrS7uVwXyZ1b2C4d5E6f7G8",
    "sk-" + "ant-api03-" + "Ab3dEf6hIj9kLmN0pQrS7uVwXyZ1b2C4d5E6f7G8",
    "AIza" + "SyD3fG7hJ1kL5mN9pQ2rS6tU0vW4xY8zA1b",
    "hf_" + "aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeF12",
    "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",
    "github_pat_" + "11ABCDEFG0" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7dE9",
    "gsk_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1V2",
    "AKIA" + "2E4G6I8K0M2O4Q6S",
    "xoxb-" + "2468013579-2468013579-AbCdEfGhIjKl",
    "sk-" + "or-v1-" + "9f0e7d6c5b4a3f21" * 4,
    "sk-" + "1f2e3d4c5b6a79880f1e2d3c4b5a6978",
    "AQ." + "Ab8RN6L3k9PqZ1xYvW2uT4sR7oM0nJ5iH6gF8dC1bA2",
    "GOCSPX-" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9v",
    "glpat-" + "aB3dE5fG7hJ9kL1mN3pQ",
    "https://hooks.slack.com/services/" + "T0A1B2C3D/B0E1F2G3H/aB3dE5fG7hJ9kL1mN3pQ5rS7",
    "https://discord.com/api/webhooks/" + "246801357924680135/aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7dE9",
    "9876543210" + ":AAaB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3",
    "rk_live_" + "aB3dE5fG7hJ9kL1mN3pQ5rS7",
    "xai-" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7dE9fG2",
    "r8_" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5b",
    "pplx-" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7dE9fG2",
    "nvapi-" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7dE9fG2hJ4kL6mN8",
    "KGAT_" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY",
    "pypi-" + "AgEIcHlwaS5vcmcCJGFiM2Q1ZmczLWhqOWstbDFtbi0zcHE1LXJzN3R1OXZ3MXh5AAIqWzN9",
    "npm_" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5",
    "SG." + "aB3dE5fG7hJ9kL1mN3pQ5r.sT7uV9wX1yZ3aB5cD7eF9gH1jK3lM5nP7qR9sT1uV3w",
    "https://ada:" + "correct-horse-9@db.example.org/x",
    PEM,
]
NO_SECRETS = [
    "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "sk-your-key", "AKIAIOSFODNN7EXAMPLE", "sk-estimator-item-id-1",
    "https://user:password@example.org/", "https://user:$TOKEN@example.org/", "https://user:<token>@example.org/",
    "-----BEGIN PRIVATE KEY-----", "hf_xxx", "ghp_000000000000000000000000000000000000", "https://example.org:8080/a@b",
    "task-list-0123456789abcdef", "risk-ab12cd34ef56ab12cd34ef56ab12cd34ef56",
]  # fmt: skip


def test_secrets_are_found_and_never_shown_nor_accepted(mine):
    code = "\n".join(f"key = '{secret.strip()}'" for secret in SECRETS)
    write(mine, f"Some words.\n\n```\n{code}\n```\n")
    accept(mine, "secret")
    report = examine(mine, compare=False)
    lines = [one.line for one in report.findings if one.kind == "secret" and one.path.name == "links.md"]
    assert lines == [FIRST + 3 + number for number in range(len(SECRETS))]
    assert {one.path.name for one in report.errors} == {"links.md"}, "and not again in each page that prints them"
    assert "'secret' cannot be accepted" in "\n".join(report.lines)
    everything = "\n".join(report.lines) + json.dumps(report.as_dict())
    assert [secret for secret in SECRETS if secret[14:30] in everything] == []


def test_what_only_looks_like_a_secret(mine):
    write(mine, "```\n" + "\n".join(NO_SECRETS) + "\n```\n")
    assert found(mine) == []


def test_the_values_of_dot_env_are_found_wherever_they_are(diary):
    (diary / ".env").write_text(
        "# mine\nexport GEMINI_API_KEY='pa$$ \"w\" & more'\nMODEL=gpt-4o-mini\nSMTP_PASSWORD=hunter22 # old\n"
        "EMPTY_KEY=\n"
        "OLLAMA_URL=http://localhost:11434\nOPENAI_API_KEY=your-key-here\nDEBUG_TOKEN=true\n"
    )
    assert {one.name for one in leaks.read_env(diary)} == {"GEMINI_API_KEY", "SMTP_PASSWORD"}
    write(diary, 'gpt-4o-mini at http://localhost:11434 with pa$$ "w" & more.', "one/en.md")
    run = diary / "records" / "labyrinth-20261121-153012-ab12cd"
    text = (run / "run.json").read_text().replace("two cores", "hunter22 cores")
    (run / "run.json").write_text(text)
    (run / "checkpoint").mkdir()
    (run / "checkpoint" / "weights.safetensors").write_bytes(os.urandom(1000) + b"\0hunter22\0" + os.urandom(1000))
    notebook = {"cells": [{"source": 'KEY = pa$$ "w" & more'}]}
    (diary / "posts" / "one" / "work.ipynb").write_text(json.dumps(notebook))
    (diary / "posts" / "two").mkdir()
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "made with hunter22", zip=True)
    Image.new("RGB", (9, 9)).save(diary / "posts" / "two" / "shot.png", pnginfo=info)
    write(diary, "![A shot of hunter22x](shot.png)", "two/en.md")
    seen = {(path, line) for kind, path, line in found(diary) if kind == "secret"}
    assert seen == {("en.md", FIRST), ("run.json", 1), ("weights.safetensors", 0), ("shot.png", 0), ("work.ipynb", 1)}
    assert "hunter22" not in messages(diary).replace(
        "two/en.md", ""
    ) and "the value of SMTP_PASSWORD in .env" in messages(diary)


def test_a_secret_that_only_the_printed_page_has_is_found(mine):
    toml = mine / "cuaderno.toml"
    key = SECRETS[3]
    toml.write_text(toml.read_text(encoding="utf-8").replace('author = ""', f'author = "{key}"'), encoding="utf-8")
    assert [one[:2] for one in found(mine)] == [("secret", "cuaderno.toml")]


def test_a_secret_across_the_pieces_of_a_long_file(tmp_path, monkeypatch):
    monkeypatch.setattr(leaks, "CHUNK", 4096)
    monkeypatch.setattr(leaks, "OVERLAP", 512)
    for start in (4000, 4090, 8150):
        path = tmp_path / f"{start}.txt"
        path.write_text("word\n" * (start // 5) + SECRETS[4] + "\nend\n" * 2000)
        findings = list(leaks.in_file(path, []))
        assert [(one.kind, one.line) for one, _ in findings] == [("secret", start // 5 + 1)]


def test_words_in_quotes_behind_a_name_are_a_warning_that_can_be_accepted(mine):
    write(mine, "```python\napi_key = 'q8Zr2Lw9Xc4Vb7Nm1Kj5'\npassword = os.environ['PASSWORD']\n```\n")
    assert found(mine) == [("possible-secret", "links.md", FIRST + 1)]
    accept(mine, "possible-secret posts/links.md")
    assert found(mine) == []


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.from_regex(r"[A-Z][A-Z_]{0,8}KEY", fullmatch=True),
        st.text(
            st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters="'\"\\#$`<"), min_size=9
        ),
        max_size=4,
    ),
    st.sampled_from(["{name}={value}", "export {name}='{value}'", '{name} = "{value}"  # why', "{name}={value} # why"]),
)
def test_any_env_file_is_read(tmp_path, entries, form):
    text = "\n".join(form.format(name=name, value=value) for name, value in entries.items())
    assert dict(leaks._entries(text)) == entries


# -- what is accepted --------------------------------------------------------------------------------------------------


def test_a_comment_accepts_what_its_paragraph_has(mine):
    write(
        mine,
        "One [x]()\nand [y](). <!-- accept: empty-link -->\n\nTwo [z]().\n\n"
        "<!-- accept: empty-link; not yet -->\n\nThree [w]().",
    )
    assert found(mine) == [("empty-link", "links.md", FIRST + 3)]
    assert examine(mine, compare=False).summary.endswith("1 error, 1 note, 3 accepted")


def test_settings_accept_by_kind_file_and_words(mine):
    write(mine, "[x]()")
    write(mine, "[y]()", "other/en.md")
    for entries, left in (
        (["empty-link"], []),
        (["empty-link posts/links.md"], ["en.md"]),
        (["empty-link posts/other"], ["links.md"]),
        (["empty-link posts/*/en.md"], ["links.md"]),
        (["empty-link posts/*: [y]()"], ["links.md"]),
    ):
        accept(mine, *entries)
        assert [name for _, name, _ in found(mine)] == left, entries


def test_an_acceptance_of_nothing_is_told(mine):
    accept(mine, "no-alt posts/links.md", "emty-link")
    write(mine, "Nothing. <!-- accept: empty-link, what -->\n\n```\n<!-- accept: empty-link -->\n```\n")
    report = examine(mine, compare=False)
    said = "\n".join(report.lines)
    assert [one.kind for one in report.findings if one.severity == "warning"] == ["accept"] * 4
    assert (
        "there is no 'no-alt' to accept" in said
        and "Did you mean 'empty-link'?" in said
        and "'what' is no kind" in said
    )


def test_some_kinds_are_never_accepted(mine):
    assert set(NEVER_ACCEPTED) == {"secret", "fault", "journey"}
    write(mine, "x {num}`nothing.here`")
    accept(mine, "fault")
    assert ("fault", "links.md", FIRST) in found(mine)


# -- anything a person may type ----------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(
        st.one_of(st.characters(codec="utf-8"), st.sampled_from("`{}[]()$#*|:\n-<>!%.,0123456789=\"'/")), max_size=200
    )
)
def test_any_text_can_be_taken_apart(text):
    from cuaderno.site.checking.texts import Text

    one = Text(Path("any.md"), "en", 5, text)
    last = 5 + text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    assert all(5 <= link.line <= last for link in [*one.pieces.links, *one.pieces.pictures])
    for prose in one.pieces.prose:
        assert all(5 <= prose.line(number.start) <= last for number in typed.numbers(prose.text, "en"))


def test_a_project_that_is_silent_in_one_language_is_told(mine):
    project = '[[project]]\ntitle = { en = "Mazes", es = "Laberintos" }\ntext = { en = "It solves them." }\n'
    (mine / "portfolio.toml").write_text(project, encoding="utf-8")
    found = [one for one in examine(mine, compare=False).findings if one.kind == "lacking"]
    assert [(one.path.name, one.severity) for one in found] == [("portfolio.toml", "warning")] and "es" in found[0].what


def test_a_bet_or_a_bar_that_git_saw_after_its_run_is_told(diary):
    """A date is soon typed: what counts is when the condition came into the history."""
    journey = diary / "journey.toml"
    bet = """[[bet]]
id = "sure"
says = { en = "It will.", es = "Lo hará." }
made = 2026-11-01
study = "labyrinth"
condition = "loss < 0.5"
"""
    bar = """[[objective]]
id = "mazes"
title = { en = "Mazes", es = "Laberintos" }
study = "labyrinth"
evidence = "solved_large > 0.5"
"""

    def git(*words: str) -> None:
        who = ["-c", "user.name=Ada", "-c", "user.email=ada@ada.example"]
        subprocess.run(["git", "-C", str(diary), *who, *words], check=True)

    def late() -> list[int]:
        return [one.line for one in examine(diary, compare=False).findings if one.kind == "late"]

    journey.write_text(bet + bar, encoding="utf-8")
    assert late() == []  # no git, no history
    git("init", "-q")
    assert late() == [6, 11]  # git does not have them at all
    git("add", "journey.toml")
    git("commit", "-qm", "bets", "--date=2026-11-02T10:00:00+00:00")
    assert late() == []
    journey.write_text(bet.replace("0.5", "0.05") + bar, encoding="utf-8")
    git("commit", "-qam", "another bet", "--date=2026-11-25T10:00:00+00:00")
    assert late() == [6]
