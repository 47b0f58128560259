"""Comments in a real browser: loaded when they come into view, usable, accessible, and nothing in them runs."""

import threading
from functools import partial

import pytest
from axe_playwright_python.sync_playwright import Axe

from cuaderno.diary.settings import read_settings
from cuaderno.site.serve import State, _mounted, listen

from .conftest import COMMENTS, OPEN, PASSWORD

pytestmark = pytest.mark.browser

MODERATED = COMMENTS + "per_minute = 600\n"
GISCUS = """
[comments]
kind = "giscus"
repo = "ada/notes"
repo_id = "R_1"
category = "Comments"
category_id = "DIC_1"
"""
RUN = "window.pwned=1"
HOSTILE = (
    f"<script>{RUN}</script>",
    f"<img src=x onerror={RUN}>",
    f"<svg/onload={RUN}>",
    "<iframe srcdoc='<script>parent.pwned=1</script>'></iframe>",
    f"<a href='javascript:{RUN}'>press</a>",
    f"[press](javascript:{RUN})",
    f"[press](JaVaScRiPt&#58;{RUN})",
    f"[press](java\tscript:{RUN})",
    "[press](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    f'![x](x"onerror="{RUN})',
    f"<javascript:{RUN}>",
    f"`<img src=x onerror={RUN}>`",
    f"<style>*{{background:url(javascript:{RUN})}}</style>",
    f"<details open ontoggle={RUN}>x</details>",
    f"<math><mtext></form><form><mglyph><style></math><img src onerror={RUN}>",
    f'<noscript><p title="</noscript><img src=x onerror={RUN}>">',
    f"[x]: javascript:{RUN}\n\n[x]",
    f"<form action=javascript:{RUN}><button>press</button></form>",
    f"<object data=javascript:{RUN}></object>",
    f"<x style='animation-name:isso-target-fade' onanimationstart={RUN}>",
    f"&lt;img src=x onerror={RUN}&gt;",
    "<base href=https://evil.example/>",
    f"<meta http-equiv=refresh content='0;url=javascript:{RUN}'>",
    f'```"><img src=x onerror={RUN}>\ncode\n```',
    "<div id=isso-thread data-isso-id=x></div>",
    f"^<img src=x onerror={RUN}>^",
)
WEBSITES = (f"javascript:{RUN}", f"http://a.example/'onmouseover='{RUN}", f'a.example/"onclick={RUN}//')


@pytest.fixture
def open_page(chromium):
    contexts = []

    def open_page(width: int = 1280, scheme: str = "light", **options):
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **options)
        contexts.append(context)
        page = context.new_page()
        page.faults = []
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.on("dialog", lambda dialog: page.faults.append("a dialog"))
        page.on("console", lambda said: page.faults.append(said.text) if "Security Policy" in said.text else None)
        return page

    yield open_page
    for context in contexts:
        context.close()


def show(page, address: str):
    """Open a post and scroll to its comments as a reader does."""
    page.goto(address)
    page.locator(".talk").scroll_into_view_if_needed()
    page.locator(".talk.arrived").wait_for()
    return page


def violations(page) -> list:
    return [(found["id"], found["nodes"][0]["html"][:160]) for found in Axe().run(page).response["violations"]]


def test_nothing_of_isso_loads_before_it_comes_into_view(serve, open_page):
    site, page, asked = serve(), open_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(site.address + "posts/mazes/", wait_until="networkidle")
    assert not [url for url in asked if "/comments/" in url]
    page.locator(".talk").scroll_into_view_if_needed()
    page.locator(".isso-postbox").wait_for()
    assert [url for url in asked if url.endswith("/comments/js/embed.min.js")]
    assert all(url.startswith(site.address) for url in asked) and not page.faults


@pytest.mark.parametrize(
    ("path", "send", "thanks", "count"),
    [
        ("posts/mazes/", "Send", "will appear once", "2 comments"),
        ("es/posts/mazes/", "Enviar", "aparecerá", "2 comentarios"),
    ],
)
def test_a_reader_writes_and_the_author_lets_it_in(serve, open_page, path, send, thanks, count):
    site, page = serve(MODERATED), open_page(390)
    show(page, site.address + path)
    page.locator(".isso-textarea").fill("I drew one **by hand**.")
    page.locator("[name=author]").fill("Bo O'Brien")
    page.get_by_role("button", name=send).click()
    page.locator(".news").filter(has_text=thanks).wait_for()
    assert page.locator(".isso-text strong").inner_text() == "by hand" and site.thread() == []
    site.store.approve(1)
    site.post("Well done!", parent=1, author="Ada")
    site.store.approve(2)
    show(page, site.address + ("" if path.startswith("es") else "es/") + "posts/mazes/")
    assert page.locator(".isso-follow-up .isso-text").inner_text().strip() == "Well done!"
    show(page, site.address + path)
    assert page.locator(".isso-thread-heading").inner_text() == count and not page.faults


def test_what_went_wrong_is_said_and_the_text_stays(serve, open_page):
    site, page = serve(COMMENTS + "per_minute = 1\n"), open_page()
    show(page, site.address + "es/posts/mazes/")
    field, send, news = page.locator(".isso-textarea"), page.get_by_role("button", name="Enviar"), page.locator(".news")
    for text, said in (("uno más", "Gracias"), ("dos más", "Espera un minuto")):
        field.fill(text)
        send.click()
        news.filter(has_text=said).wait_for()
    assert field.input_value() == "dos más"
    for code, said in ((413, "demasiado largo"), (507, "no se pueden guardar"), (403, "no se ha aceptado")):
        page.route("**/comments/new?*", partial(answer, code))
        send.click()
        news.filter(has_text=said).wait_for()
        page.unroute("**/comments/new?*")
    page.route("**/comments/new?*", lambda route: route.abort())
    send.click()
    news.filter(has_text="Comprueba la conexión").wait_for()
    assert field.input_value() == "dos más"


def answer(code: int, route) -> None:
    route.fulfill(status=code)


@pytest.mark.parametrize("part", ["js/embed.min.js", "config"])
def test_comments_that_do_not_come_say_so(serve, open_page, part):
    site, page = serve(), open_page()
    page.route(f"**/comments/{part}", lambda route: route.fulfill(status=500))
    page.goto(site.address + "posts/mazes/")
    page.locator(".talk").scroll_into_view_if_needed()
    page.locator(".news").filter(has_text="could not be loaded").wait_for()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(serve, open_page, scheme, width):
    site, page = serve(), open_page(width, scheme)
    site.post("x" * 300 + " https://example.org/" + "y" * 200, author="W" * 100, website="example.org")
    site.post("```\n" + "code " * 60 + "\n```\n\n> quoted\n\n1. one\n2. two", parent=1)
    show(page, site.address + "posts/mazes/")
    page.locator("a.isso-reply").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((node) => node.id)")
    assert len(ids) == len(set(ids)) and page.locator(".isso-postbox").count() == 2
    small = """[...document.querySelectorAll('.talk :is(input, textarea, button, .isso-comment-footer a)')]
        .filter((node) => node.offsetHeight && node.offsetHeight < 43.5).map((node) => node.outerHTML)"""
    assert page.evaluate(small) == []


def test_nothing_moves_when_the_comments_come(serve, open_page):
    site, page = serve(), open_page(390)
    for number in range(6):
        site.post(f"Comment {number}. " * 12)
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver((list) => { for (const entry of list.getEntries()) "
        "window.shift += entry.value }).observe({ type: 'layout-shift', buffered: true })"
    )
    for path in ("posts/mazes/", "es/posts/mazes/"):
        page.goto(site.address + path)
        for _ in range(200):
            if page.locator(".talk.arrived").count():
                break
            page.mouse.wheel(0, 150)
            page.wait_for_timeout(20)
        page.mouse.wheel(0, 600)
        page.wait_for_timeout(300)
        assert page.evaluate("window.shift") < 0.01, path


INSIDE = """[...document.querySelectorAll('#isso-root *, .said *')].flatMap((node) => [...node.attributes])
    .filter(({ name, value }) => name.startsWith('on') || /^\\s*(javascript|data|vbscript):/i.test(value))
    .map(({ name, value }) => `${name}=${value}`)"""
FORBIDDEN = ":is(.isso-text, .words) :is(script, iframe, object, form, style, img, base, meta, svg, math)"


def test_nothing_that_readers_write_runs(serve, open_page):
    site, page = serve(), open_page()
    for text in HOSTILE:
        assert site.post(text, author=text[:100])[0] == 201, text
        assert site.post(text, email=text[:200])[0] == 400, text
    for website in WEBSITES:
        site.post("has a page", website=website)
    show(page, site.address + "posts/mazes/")
    assert page.locator(".isso-comment").count() >= len(HOSTILE)
    expect_harmless(page)
    links = page.locator(".isso-text a, a.isso-author").evaluate_all("found => found.map((node) => node.href)")
    assert links and all(link.startswith(("http://", "https://", "mailto:")) for link in links)
    page.goto(site.address + "comments/thread?uri=posts/mazes/")
    expect_harmless(page)
    page.goto(site.address + "comments/admin/?state=shown")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Enter").click()
    page.get_by_role("link", name="Shown").click()
    assert page.locator(".said").count() >= len(HOSTILE)
    expect_harmless(page)


def expect_harmless(page):
    page.wait_for_timeout(200)
    assert page.evaluate(INSIDE) == [] and page.locator(FORBIDDEN).count() == 0
    assert page.evaluate("window.pwned") is None and not page.faults


def test_even_what_a_sanitizer_misses_cannot_run(serve, open_page):
    """The policy alone stops it: here the browser gets an answer that no sanitizer has seen."""
    site, page = serve(), open_page()
    text = f"<img src=x onerror={RUN}><a href='javascript:{RUN}' id=bad>press</a>"
    hostile = {
        "id": 1, "parent": None, "created": 1.7e9, "modified": None, "mode": 1, "author": None, "website": None,
        "hash": "abc", "likes": 0, "dislikes": 0, "replies": [], "total_replies": 0, "hidden_replies": 0, "text": text,
    }  # fmt: skip
    found = {"id": None, "total_replies": 1, "hidden_replies": 0, "replies": [hostile], "config": {}}
    page.route("**/comments/?uri=*", lambda route: route.fulfill(json=found))
    show(page, site.address + "posts/mazes/")
    page.locator("#bad").click()
    page.wait_for_timeout(200)
    assert page.evaluate("window.pwned") is None
    assert any("Security Policy" in fault for fault in page.faults)


def test_the_whole_site_lives_under_the_policy(serve, open_page):
    site, page = serve(), open_page()
    for path in ("", "es/", "archive/", "tags/", "studies/", "about/", "404.html", "posts/short/"):
        page.goto(site.address + path)
        page.wait_for_timeout(50)
        assert not page.faults, path


def test_without_scripts_there_is_a_sentence_and_a_way(serve, open_page):
    site, page = serve(), open_page(java_script_enabled=False)
    site.post("Read me without a script.")
    page.goto(site.address + "es/posts/mazes/")
    assert not page.locator(".talk").is_visible()
    page.get_by_role("link", name="Lee los comentarios").click()
    assert "Read me without a script." in page.locator("main").inner_text()
    assert page.locator("html").get_attribute("lang") == "es"


def test_giscus_is_asked_for_only_when_the_reader_wants(serve, open_page):
    site, page, asked = serve(GISCUS), open_page(), []
    script = (
        "const frame = document.createElement('iframe'); frame.className = 'giscus-frame'; frame.title = 'Comments';"
        "window.settings = { ...document.currentScript.dataset }; document.querySelector('.giscus').append(frame);"
    )

    def giscus(route):
        asked.append(route.request.url)
        route.fulfill(content_type="text/javascript", headers={"Access-Control-Allow-Origin": "*"}, body=script)

    page.route("https://giscus.app/**", giscus)
    page.goto(site.address + "es/posts/mazes/")
    button = page.get_by_role("button", name="Mostrar los comentarios")
    button.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    assert not asked and "giscus.app" in page.locator(".ask").inner_text()
    assert violations(page) == []
    button.press("Enter")
    page.locator(".talk.arrived").wait_for()
    said = page.evaluate("window.settings")
    assert asked and (said["term"], said["lang"], said["repo"]) == ("posts/mazes/", "es", "ada/notes")
    assert (said["repoId"], said["categoryId"]) == ("R_1", "DIC_1") and not page.faults


def test_the_desk_reads_well(serve, open_page):
    site, page = serve(MODERATED), open_page(360, "dark")
    site.post("Is it the `settling`?", author="Bo", email="bo@example.org")
    page.goto(site.address + "comments/admin/")
    assert violations(page) == []
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Enter").click()
    page.locator(".said").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360 and violations(page) == []
    page.get_by_role("button", name="Approve").click()
    page.get_by_text("There is nothing here.").wait_for()
    assert len(site.thread()) == 1 and not page.faults


def test_an_author_who_writes_has_comments_too(open_page, diary):
    """`cuaderno serve --comments`: the same page, and the inline script that reloads it runs."""
    folder, state = diary(OPEN), State()
    settings = read_settings(folder)
    server = listen(folder / "_site", settings.base, state, "127.0.0.1", None)
    address = f"http://127.0.0.1:{server.server_port}{settings.base}"
    server.comments = _mounted(settings, folder, folder / "_site", address)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        page = show(open_page(), address + "posts/mazes/")
        page.locator(".isso-textarea").fill("While it is being written")
        page.get_by_role("button", name="Send").click()
        page.locator(".isso-comment .isso-text").filter(has_text="being written").wait_for()
        assert not page.faults
        page.evaluate("window.still = true")
        with page.expect_navigation():  # the page reloads itself; polling it by a script is what its policy forbids
            state.tell(None)
        assert page.evaluate("window.still") is None
    finally:
        state.close()
        server.shutdown()
        server.server_close()


REFUSED = {
    "posts/mazes/": ("Send", "at least three", "no e-mail address", "no web address"),
    "es/posts/mazes/": ("Enviar", "al menos tres", "no es un correo", "no es una web"),
}


@pytest.mark.parametrize("path", REFUSED)
def test_a_refused_comment_says_why_in_its_form(serve, open_page, path):
    site, page = serve(), open_page(390)
    name, short, email, website = REFUSED[path]
    show(page, site.address + path)
    send, why = page.get_by_role("button", name=name), page.locator(".isso-postbox .why")
    for text in ("", "ab", "     "):
        page.locator(".isso-textarea").fill(text)
        send.click()
        why.filter(has_text=short).wait_for()
        assert page.evaluate("document.activeElement.matches('.isso-textarea[aria-invalid]')")
    page.locator(".isso-textarea").fill("Long enough")
    for field, value, said in (
        ("email", "not-an-email", email), ("website", "javascript:x", website), ("website", "ftp://x", website),
    ):  # fmt: skip
        page.locator(f"[name={field}]").fill(value)
        send.click()
        why.filter(has_text=said).wait_for()
        assert why.count() == 1 and page.locator(f"[name={field}][aria-invalid][aria-describedby]").count() == 1
        assert page.locator("[aria-invalid]").count() == 1 and page.locator(".news").inner_text() == ""
        assert violations(page) == []
        page.locator(f"[name={field}]").fill("")
    page.locator("textarea").evaluate("field => { field.maxLength = 20000; field.value = 'x'.repeat(10001) }")
    send.click()
    why.filter(has_text="demasiado largo" if path.startswith("es") else "too long").wait_for()
    page.locator(".isso-textarea").fill("Long enough")
    send.click()
    page.locator("#isso-root .isso-comment").wait_for()
    assert why.count() == 0 and len(site.thread()) == 1 and not page.faults


@pytest.mark.parametrize(
    ("path", "none", "one", "many"),
    [
        ("posts/mazes/", "Nobody has written yet.", "1 comment", "8 comments"),
        ("es/posts/mazes/", "Todavía no ha escrito nadie.", "1 comentario", "8 comentarios"),
    ],
)
def test_the_heading_counts_what_is_shown(serve, open_page, path, none, one, many):
    site, page = serve(MODERATED), open_page()
    heading, send = page.locator(".isso-thread-heading"), page.locator(".isso-postbox [type=submit]").first
    show(page, site.address + path)
    assert heading.inner_text() == none
    page.locator(".isso-textarea").fill("My own, and it waits")
    send.click()
    page.locator("#isso-root .isso-comment").wait_for()
    assert heading.inner_text() == one
    for number in range(7):  # six answers, of which Isso shows five at first
        site.post(f"Comment {number}", parent=1 if number else None)
    site.store.approve(*range(1, 9))
    show(page, site.address + path)
    assert page.locator(".isso-load-hidden").count() == 1 and heading.inner_text() == many
    page.locator(".isso-load-hidden").click()
    page.locator("#isso-8").wait_for()
    assert heading.inner_text() == many
    site.store.delete(1)
    show(page, site.address + path)
    assert heading.inner_text() == many.replace("8", "7") and not page.faults


def test_a_flood_is_deleted_page_by_page(serve, open_page):
    site, page = serve(MODERATED), open_page(390)
    for number in range(53):
        site.post(f"Buy pills {number}")
    page.goto(site.address + "comments/admin/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Enter").click()
    page.get_by_text("Delete all that wait").click()
    assert violations(page) == []
    site.post("Came after the page")
    page.get_by_role("button", name="Delete these 50 for good").click()
    page.get_by_text("Comments: 4").wait_for()
    assert [one.text for one in site.store.waiting()][-1] == "Came after the page" and not page.faults
