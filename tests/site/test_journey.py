"""The journey on the site: its page, its cards in posts, its news in the feeds, printed again when something moves."""

import json
import re
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest

from cuaderno.diary import progress
from cuaderno.lab.errors import CuadernoError
from cuaderno.site.build import build
from cuaderno.site.check import check, follow

from .conftest import OLDER, RUN, record

ATOM = "{http://www.w3.org/2005/Atom}"
JOURNEY = """\
title = { en = "Three things to learn", es = "Tres cosas por aprender" }
since = 2026-08-01
planned = ["speech"]

[[objective]]
id = "mazes"
title = { en = "Mazes <of> any size", es = "Laberintos <de> cualquier tamaño" }
study = "labyrinth"
evidence = "solved_large.low > 90 %"

[[objective]]
id = "loops"
title = { en = "Mazes with loops", es = "Laberintos con bucles" }
study = "labyrinth"
evidence = "solved_loops.low > 99 %"

[[objective]]
id = "speech"
title = { en = "Speech", es = "Habla" }
study = "speech"
"""
BETS = {
    "won": ("solved_large > 0.95", "labyrinth"),
    "lost": ("loss.low > 0.05", "labyrinth"),
    "undecided": ("solved_loops > 0.95", "labyrinth"),
    "open": ("accuracy > 0.5", "speech"),
}
BET = """
[[bet]]
id = "{name}"
says = {{ en = "It will be {name}.", es = "Será {name}." }}
made = 2026-11-18
study = "{study}"
condition = "{condition}"
"""
SHOWN = "---\ntitle: Plans & bets\ndate: 2026-11-20\nlang: {lang}\n---\n```{{journey}}\n:only: mazes, speech\n```\n\n"


def text() -> str:
    return JOURNEY + "".join(
        BET.format(name=name, condition=condition, study=study) for name, (condition, study) in BETS.items()
    )


@pytest.fixture
def moment(monkeypatch):
    """What time it is; put another in its place with `moment[0] = …`."""
    found = [datetime(2026, 11, 22, tzinfo=UTC)]
    monkeypatch.setattr(progress, "now", lambda: found[0])
    return found


@pytest.fixture
def travelled(diary, moment):
    """The diary with a journey, and a post that shows some of it."""
    (diary / "journey.toml").write_text(text(), encoding="utf-8")
    (diary / "posts" / "mazes" / "original.en.md").write_text("As first written.")
    cards = "".join(f"```{{bet}} {name}\n```\n\n" for name in BETS)
    (diary / "posts" / "shown.md").write_text(SHOWN.format(lang="es") + cards, encoding="utf-8")
    return diary


def printed(diary, **options):
    return build(diary, search=False, report=lambda line: None, **options)


def pages(diary, path: str = "journey/") -> tuple[str, str]:
    site = printed(diary).output
    return tuple((site / home / path / "index.html").read_text(encoding="utf-8") for home in ("", "es"))


def plain(html: str) -> str:
    html = re.sub(r'<span class="stamp".*?</span>', "", html, flags=re.S)
    return " ".join(re.sub(r"<[^>]*>", " ", html.partition("<main")[2]).split())


def test_the_page_shows_states_and_what_is_missing(travelled):
    english, spanish = pages(travelled)
    assert "Mazes &lt;of&gt; any size" in english and "<of>" not in english
    assert english.count('class="sq done"') == 1 and english.count('class="sq"') == 2
    assert english.count('<i class="on">') == 5
    words = plain(english)
    assert "Written down on 1 August 2026." in words and "published · all five marks" in words
    assert "59 × 59, solved: 100.0 % [98.1–100]" in words and "Post: A network that learned" in words
    assert "planned The bar: solved_loops.low &gt; 99 %" in words and "Speech planned The bar is not set yet." in words
    words = plain(spanish)
    assert "Tres cosas por aprender" in words and "publicado · las cinco marcas" in words
    assert "59 × 59, resueltos: 100,0 % [98,1–100]" in words and "Entrada: Una red que aprendió" in words


def test_missing_marks_are_named(travelled):
    (travelled / "posts" / "mazes" / "original.en.md").unlink()
    english, spanish = pages(travelled)
    assert "written · still missing: corrected" in plain(english)
    assert "escrito · falta: corregido" in plain(spanish)


def test_a_bet_is_a_card_with_the_numbers_that_decided(travelled):
    english, spanish = pages(travelled)
    for name in BETS:
        assert f'<div class="card bet {name}" id="bet-{name}">' in english
    words = plain(english)
    assert "Bet · won It will be won. 59 × 59, solved: 100.0 % [98.1–100] Made on 18 November 2026." in words
    assert f"Settled on 19 November 2026 by {OLDER} . Won if solved_large &gt; 0.95" in words
    assert "Not everything measured lies on one side of the line" in words
    assert "No kept run of “speech” has measured it yet. Won if accuracy &gt; 0.5" in words
    assert "Apuesta · perdida Será lost." in plain(spanish) and "Apuesta · sin decidir" in plain(spanish)


def test_what_moved_and_what_stands_still(travelled, moment):
    english, spanish = pages(travelled)
    words = plain(english)
    assert "What moved in November 2 posts · 2 kept runs" in words
    assert f"19 November Mazes &lt;of&gt; any size a kept run reaches the bar: {OLDER}" in words
    assert "What stands still Speech (it has never moved) When posts came out" in words
    assert "Habla (no se ha movido nunca)" in plain(spanish)
    moment[0] = datetime(2027, 2, 1, tzinfo=UTC)
    words = plain(pages(travelled)[0])
    assert "What moved in February 0 posts · 0 kept runs Nothing has moved this month." in words
    assert "Mazes with loops (last moved on 21 November 2026)" in words and "Mazes &lt;of&gt; any size (" not in words


def test_the_calendar_is_also_a_table(travelled, moment):
    english, _ = pages(travelled)
    assert english.count('<i class="both">') == 1 and english.count('<i class="one">') == 1
    assert english.count("<div><span>") == 12  # the first post is older than that
    table = english.partition('<figure class="frame calendar"')[2]
    assert '<th scope="row"><a href="/notebook/posts/mazes/">' in table and "<td>en, es</td>" in table
    assert 'hreflang="es">Plans &amp; bets</a></th><td>es</td>' in table and "Welcome" not in table
    moment[0] = datetime(2023, 5, 20, tzinfo=UTC)
    assert pages(travelled)[0].count("<div><span>") == 1


def test_the_menu_the_map_and_every_link(travelled):
    site = printed(travelled).output
    assert 'href="/notebook/journey/" aria-current="page">Journey</a>' in (site / "journey/index.html").read_text()
    assert 'href="/notebook/es/journey/">Recorrido</a>' in (site / "es/index.html").read_text()
    assert "https://ada.example/notebook/es/journey/" in (site / "sitemap.xml").read_text()
    assert not follow(site, "/notebook/")[1]


def test_without_a_journey_there_is_no_trace_of_one(travelled):
    (travelled / "journey.toml").unlink()
    (travelled / "posts" / "shown.md").unlink()
    site = printed(travelled).output
    assert not (site / "journey").exists() and "journey/" not in (site / "sitemap.xml").read_text()
    assert "/journey/" not in (site / "index.html").read_text()


def test_posts_show_objectives_and_bets(travelled):
    page = (printed(travelled).output / "es" / "posts" / "shown" / "index.html").read_text(encoding="utf-8")
    assert page.count('class="sq') == 2 and "Laberintos con bucles" not in page and 'id="objective-' not in page
    assert page.count('<div class="card bet ') == 4 and "Apuesta · <b" in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids)) and "stamp-4" in ids


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("```{bet}\n```", "which bet?"),
        ("```{bet} wno\n```", "journey.toml has no bet 'wno'. Did you mean 'won'?"),
        ("```{journey}\n:only: maze\n```", "journey.toml has no objective 'maze'. Did you mean 'mazes'?"),
        ("```{journey}\n:ony: mazes\n```", "journey has no option 'ony'. Did you mean 'only'?"),
    ],
)
def test_a_directive_that_names_nothing(travelled, body, says):
    (travelled / "posts" / "bad.md").write_text(f"---\ntitle: Bad\ndate: 2026-11-20\n---\n{body}\n")
    with pytest.raises(CuadernoError, match=r"bad\.md:5: ") as caught:
        printed(travelled)
    assert says in str(caught.value)


def test_a_directive_without_a_journey_says_where_to_write_one(diary):
    (diary / "posts" / "bad.md").write_text("---\ntitle: Bad\ndate: 2026-11-20\n---\n```{journey}\n```\n")
    with pytest.raises(CuadernoError, match=r"bad\.md:5: the diary has no journey yet.*journey\.toml"):
        printed(diary)


def test_the_feed_tells_what_moved_and_its_ids_stay(travelled, moment):
    def entries(home: str) -> dict[str, ElementTree.Element]:
        feed = ElementTree.parse(printed(travelled).output / home / "feed.xml").getroot()
        return {entry.findtext(f"{ATOM}id"): entry for entry in feed.findall(f"{ATOM}entry")}

    found = entries("")
    news = {name.partition("#")[2]: entry for name, entry in found.items() if "#" in name}
    made = {f"bet-{name}-made" for name in BETS}
    assert news.keys() == {"mazes-trained", *made, *(f"bet-{name}-settled" for name in BETS if name != "open")}
    settled = news["bet-won-settled"]
    assert settled.findtext(f"{ATOM}title") == "It will be won. · the bet is won"
    assert settled.findtext(f"{ATOM}published") == "2026-11-19T15:30:12+00:00"
    assert settled.find(f"{ATOM}link").get("href") == "https://ada.example/notebook/journey/#bet-won"
    assert "100.0 %" in settled.findtext(f"{ATOM}content")
    assert any("la apuesta está perdida" in entry.findtext(f"{ATOM}title") for entry in entries("es").values())
    dates = [entry.findtext(f"{ATOM}published") for entry in found.values()]
    assert dates == sorted(dates, reverse=True)
    record(travelled / "records", "labyrinth-20261201-153012-000001", seed=2)
    moment[0] = datetime(2027, 2, 1, tzinfo=UTC)
    assert [name for name in entries("") if "#" in name] == [name for name in found if "#" in name]


def test_only_what_changed_is_printed_again(travelled, moment, tmp_path):
    def again() -> set[str]:
        """What a change prints anew; the result is what a cold build gives."""
        before = {path: path.stat().st_mtime_ns for path in (travelled / "_site").rglob("*") if path.is_file()}
        site = printed(travelled).output
        cold = printed(travelled, output=tmp_path / f"cold{len(list(tmp_path.glob('cold*')))}").output
        files = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
        assert files == {path.relative_to(cold).as_posix() for path in cold.rglob("*") if path.is_file()}
        assert [name for name in files if (site / name).read_bytes() != (cold / name).read_bytes()] == []
        return {name for name in files if before.get(site / name) != (site / name).stat().st_mtime_ns}

    printed(travelled)
    assert again() == set()
    shown = {"journey/index.html", "es/journey/index.html", "es/posts/shown/index.html", "feed.xml", "es/feed.xml"}
    journey = travelled / "journey.toml"
    journey.write_text(journey.read_text(encoding="utf-8").replace("It will be open", "It shall be open"))
    assert shown <= again() and "shall be open" in (travelled / "_site/journey/index.html").read_text()
    (travelled / "posts" / "mazes" / "original.en.md").unlink()
    assert shown <= again()
    run = travelled / "records" / OLDER / "run.json"
    data = json.loads(run.read_text())
    data["metrics"]["loss"] |= {"value": 0.06, "low": 0.055, "high": 0.065}
    run.write_text(json.dumps(data))
    assert shown <= again() and "bet lost" not in (travelled / "_site/journey/index.html").read_text()
    moment[0] = datetime(2026, 12, 1, tzinfo=UTC)
    assert "journey/index.html" in again()
    journey.unlink()
    (travelled / "posts" / "shown.md").unlink()
    assert "index.html" in again() and not (travelled / "_site" / "journey").exists()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("solved_loops > 0.95", "solved_lops > 0.95"), "has no metric 'solved_lops'. Did you mean 'solved_loops'?"),
        (
            ('study = "speech"\n\n[[bet', 'study = "spech"\n\n[[bet'),
            "there is no study 'spech'. Did you mean 'speech'?",
        ),
        (("made = 2026-11-18", "made = 2026-11-20"), "the bet 'won' is refused"),
        (("since = 2026-08-01", "since = yesterday"), "journey.toml cannot be read"),
    ],
)
def test_check_refuses_what_is_wrong(travelled, change, says):
    journey = travelled / "journey.toml"
    content = journey.read_text(encoding="utf-8")
    assert "links lead somewhere" in check(travelled)
    assert change[0] in content
    journey.write_text(content.replace(*change, 1), encoding="utf-8")
    with pytest.raises(CuadernoError) as caught:
        check(travelled)
    assert says in str(caught.value)


@pytest.mark.browser
@pytest.mark.parametrize("scheme, widths", [("light", (1280, 320)), ("dark", (390,))])
def test_it_can_be_read_by_everybody(travelled, tmp_path, serve_folder, chromium, scheme, widths):
    from axe_playwright_python.sync_playwright import Axe

    printed(travelled, output=tmp_path / "www" / "notebook")
    address = serve_folder(tmp_path / "www") + "notebook/"
    for width in widths:
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page = context.new_page()
        for path in ("journey/", "es/journey/", "es/posts/shown/"):
            page.goto(address + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
            if path.endswith("journey/"):
                page.locator(".calendar summary").click()
            assert not [found["id"] for found in Axe().run(page).response["violations"]], (path, width)
        context.close()


def test_the_newest_run_is_not_the_one_that_settles(travelled):
    english, _ = pages(travelled)
    assert RUN not in english.partition('id="bets"')[2].partition('id="moved"')[0]


def tasks(html: str) -> list[str]:
    return re.findall(r'<li class="task[^>]*>.*?</li>', html, re.S)


def test_a_task_bound_to_an_objective_is_ticked_by_the_journey_and_not_by_hand(travelled):
    list_of = "- [ ] Solve mazes {objective}`mazes`\n- [x] Hear speech {objective}`speech`\n- [x] By hand\n"
    head = "---\ntitle: Tasks\ndate: 2026-11-20\n---\n"
    (travelled / "posts" / "tasks.md").write_text(head + list_of, encoding="utf-8")
    warnings: list[str] = []
    site = build(travelled, search=False, report=warnings.append).output
    page = site / "posts" / "tasks" / "index.html"
    mazes, speech, by_hand = tasks(page.read_text())
    assert " checked" in mazes and "#objective-mazes" in mazes and "published" in mazes and mazes.count('"on"') == 5
    assert " checked" not in speech and "planned" in speech and '"on"' not in speech
    assert " checked" in by_hand and "objective" not in by_hand
    assert any("tasks.md:6" in line and "ticked by hand" in line for line in warnings)
    (travelled / "posts" / "mazes" / "original.en.md").unlink()  # one mark less: the page is printed again
    build(travelled, search=False, report=warnings.append)
    assert " checked" not in tasks(page.read_text())[0]


def test_a_task_bound_to_nothing_is_refused(travelled):
    (travelled / "posts" / "tasks.md").write_text(
        "---\ntitle: Tasks\ndate: 2026-11-20\n---\n- [ ] Mazes {objective}`maze`\n", encoding="utf-8"
    )
    with pytest.raises(CuadernoError, match=r"tasks\.md:5: .*no objective 'maze'\. Did you mean 'mazes'"):
        printed(travelled)
