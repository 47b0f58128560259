"""How the site shows what a post said before it was corrected."""

import re
from datetime import date

import pytest
from axe_playwright_python.sync_playwright import Axe

from cuaderno.diary.diary import Diary
from cuaderno.diary.proofreading import prompts
from cuaderno.diary.proofreading.desk import Proofreading, find_post, revert
from cuaderno.diary.proofreading.edits import Edit
from cuaderno.lab.errors import CuadernoError
from cuaderno.site.build import build

FIXES = {
    "What do i want": "What do I want",
    "my plans with": "my plans for",
    "I don't expect anyone to read": "I do not expect anyone to read",
    "Talk about gaussian": "Talk about Gaussian",
    "First in english": "First in English",
    "no dice nada": "no te dice nada",
    "only looks at its": "looks only at its",
}
DRAWN = "posts/plans/original/index.html"


class Scripted:
    def __init__(self, name="offline", fixes=FIXES):
        self.name, self.fixes = name, fixes

    def correct(self, text, lang):
        return [Edit(old, new, "") for old, new in self.fixes.items() if old in text]


def correct(diary, slug, name="offline", fixes=FIXES, lang=None):
    found = Diary.open(diary)
    post = find_post(found, slug, lang)
    prompt = None if name == "offline" else prompts.read_prompt(diary, post.lang)
    session = Proofreading(found, post, Scripted(name, fixes), date(2026, 11, 22), prompt)
    for number in session.numbers:
        for one in session.ask(number).suggestions:
            assert session.accept(number, one) == []
    assert session.finish()
    return session


def printed(diary, search=False):
    return build(diary, search=search, report=lambda line: None)


def read(result, name):
    return (result.output / name).read_text(encoding="utf-8")


def test_a_diary_without_corrections_has_no_trace_of_them(diary):
    result = printed(diary)
    assert not (result.output / "proofreading").exists() and not list(result.output.rglob("original"))
    assert "proofreading" not in read(result, "sitemap.xml") and "As first written" not in read(
        result, "posts/plans/index.html"
    )


def test_a_corrected_post_shows_both_versions(diary):
    correct(diary, "plans", "gemini-2.5-flash")
    result = printed(diary)
    html = read(result, DRAWN)
    assert "<h1>What do <del>i</del><ins>I</ins> want to make with this?</h1>" in html
    assert "my plans <del>with</del><ins>for</ins> this notebook" in html
    assert "First in <del>english</del><ins>English</ins>, then corrected" in html
    assert "Corrected on 22 November 2026 with gemini-2.5-flash. 5 suggestions accepted." in html
    digest = prompts.read_prompt(diary, "en").digest
    assert f"proofreading/#prompt-{digest}" in html and f'id="prompt-{digest}"' in read(
        result, "proofreading/index.html"
    )
    assert 'href="/notebook/posts/plans/original/">As first written</a>' in read(result, "posts/plans/index.html")
    assert not list(result.output.rglob("proofreading.*.toml")) and not list(result.output.rglob("original*.md"))


def test_a_first_version_is_for_readers_not_for_robots(diary):
    correct(diary, "plans", "gemini")
    result = printed(diary)
    html = read(result, DRAWN)
    assert (
        '<meta name="robots" content="noindex">' in html
        and "canonical" not in html
        and "data-pagefind-body" not in html
    )
    for file in ("sitemap.xml", "feed.xml", "es/feed.xml"):
        assert "original/" not in read(result, file) and "<del>" not in read(result, file)
    assert "/notebook/proofreading/" in read(result, "sitemap.xml")
    assert prompts.AGAIN["en"] in read(result, "proofreading/index.html")


def test_the_language_link_of_a_first_version_leads_to_the_post(diary):
    correct(diary, "mazes", lang="en")
    html = read(printed(diary), "posts/mazes/original/index.html")
    assert 'class="language" href="/notebook/es/posts/mazes/"' in html
    assert "open square <ins>looks</ins> only <del>looks</del> at its" in html
    correct(diary, "plans")
    assert 'class="language" href="/notebook/es/"' in read(printed(diary), DRAWN)


def test_spanish_in_spanish(diary):
    correct(diary, "solo")
    html = read(printed(diary), "es/posts/solo/original/index.html")
    assert "no <ins>te</ins> dice nada" in html and "Corregida el 22 de noviembre de 2026 con los diccionarios" in html
    assert "Se aceptó 1 sugerencia." in html


def test_where_nothing_had_to_change_there_is_nothing_to_compare(diary):
    correct(diary, "plans", fixes={})
    result = printed(diary)
    assert not (result.output / DRAWN).exists()
    assert "corrected: nothing had to change" in read(result, "posts/plans/index.html")


def test_only_what_a_correction_touches_is_printed_again(diary):
    correct(diary, "plans")
    printed(diary)
    assert printed(diary).printed == 0
    original = diary / "posts" / "plans" / "original.en.md"
    original.write_text(original.read_text().replace("first page", "frist page"))
    result = printed(diary)
    assert "<del>frist</del><ins>first</ins>" in read(result, DRAWN) and 0 < result.printed < 5
    record = diary / "posts" / "plans" / "proofreading.en.toml"
    record.write_text(record.read_text().replace("offline", "somebody"))
    assert "with somebody" in read(printed(diary), DRAWN)
    (diary / "prompts").mkdir()
    (diary / "prompts" / "proofread.md").write_text("Mine & only mine.")
    assert "Mine &amp; only mine." in read(printed(diary), "proofreading/index.html")
    found = Diary.open(diary)
    revert(found, find_post(found, "plans"))
    result = printed(diary)
    assert not (result.output / DRAWN).exists() and not (result.output / "proofreading").exists()


def test_what_is_broken_in_a_first_version_breaks_nothing(diary):
    correct(diary, "plans")
    original = diary / "posts" / "plans" / "original.en.md"
    hostile = (
        "![no](gone.png) [no](gone.md) {num}`nobody.x` {nonsense}`x` <script>alert(1)</script>\n\n```{nonsense}\n```\n"
    )
    original.write_bytes(original.read_bytes() + b"\n" + hostile.encode() + b"\xff\xfe not text\n")
    result = printed(diary)
    assert "<script>alert" not in read(result, DRAWN) and "gone.png" not in read(result, DRAWN)
    original.write_text("---\ntitle: [broken\n---\n" + original.read_bytes().decode("utf-8", "replace"))
    assert "<del>" in read(printed(diary), DRAWN)
    original.write_text("")
    assert "<ins>" in read(printed(diary), DRAWN)


def test_who_corrected_cannot_write_into_the_page(diary):
    correct(diary, "plans", "<script>alert(1)</script>")
    assert "&lt;script&gt;alert" in read(printed(diary), DRAWN)


def test_a_broken_record_is_a_fault_of_the_diary(diary):
    correct(diary, "plans")
    (diary / "posts" / "plans" / "proofreading.en.toml").write_text("x")
    with pytest.raises(CuadernoError, match=r"proofreading\.en\.toml cannot be read"):
        printed(diary)


def test_a_draft_has_no_first_version_to_read(diary):
    path = diary / "posts" / "hello.md"
    path.write_text(path.read_text().replace("date:", "draft: true\ndate:"))
    correct(diary, "hello", fixes={"Hello, dear": "Hello, my dear"})
    assert not (printed(diary).output / "posts" / "hello").exists()


@pytest.mark.slow
def test_search_does_not_find_the_first_version(diary):
    """Pagefind says how many pages it knows."""
    counts = []
    for _ in range(2):
        text = (printed(diary, search=True).output / "pagefind" / "pagefind-entry.json").read_text()
        counts.append(re.findall(r'"page_count":(\d+)', text))
        correct(diary, "plans")
    assert sorted(counts[0]) == sorted(counts[1])


# -- in a browser ------------------------------------------------------------------------------------------------------

PAGES = (
    "posts/plans/original/",
    "posts/mazes/original/",
    "es/posts/solo/original/",
    "proofreading/",
    "es/proofreading/",
    "posts/plans/",
)


@pytest.fixture
def address(diary, tmp_path, serve_folder):
    correct(diary, "plans", "gemini-2.5-flash")
    correct(diary, "mazes", lang="en")
    correct(diary, "solo")
    build(diary, tmp_path / "www" / "notebook", search=False, report=lambda line: None)
    return serve_folder(tmp_path / "www") + "notebook/"


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(address, chromium, width, scheme):
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page, found = context.new_page(), []
    for path in PAGES:
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        for violation in Axe().run(page).response["violations"]:
            found.append((path, violation["id"], [node["html"][:120] for node in violation["nodes"]]))
    context.close()
    assert not found


@pytest.mark.browser
def test_the_toggle_needs_no_script(address, chromium):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + "posts/plans/")
    page.get_by_role("link", name="As first written").click()
    page.wait_for_url("**/posts/plans/original/")
    title = page.locator("h1")
    assert title.inner_text() == "What do iI want to make with this?"
    page.get_by_label("the first version only").check()
    assert title.inner_text() == "What do i want to make with this?"
    assert page.locator("ins").first.is_hidden() and page.locator("del").first.is_visible()
    page.get_by_label("the first version only").focus()
    page.keyboard.press("ArrowUp")
    assert page.locator("ins").first.is_visible()
    line = page.locator("del").first.evaluate("node => getComputedStyle(node).textDecorationLine")
    assert line == "line-through"  # not by colour alone
    page.get_by_role("link", name="As it reads now").click()
    page.wait_for_url("**/posts/plans/")
    assert page.locator("h1").inner_text() == "What do I want to make with this?"
    context.close()
