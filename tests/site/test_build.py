import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cuaderno.lab.errors import CuadernoError
from cuaderno.site import search
from cuaderno.site.build import build
from cuaderno.site.check import follow
from cuaderno.site.output import MARK, Target, names_below, names_in

SEEDS = Path(os.environ.get("CUADERNO_SEEDS", Path(__file__).parents[3] / "shared" / "seeds"))
ATOM = "{http://www.w3.org/2005/Atom}"
POST = "---\ntitle: New\ndate: 2026-12-01\n---\nfresh words\n"


def quietly(diary, **options):
    return build(diary, report=lambda line: None, **({"search": False} | options))


def snapshot(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# -- what is printed ---------------------------------------------------------------------------------------------------


def test_every_link_leads_somewhere(site):
    followed, broken = follow(site, "/notebook/")
    assert followed > 300 and not broken


def test_the_pages_there_are(site):
    for name in ("", "archive/", "tags/", "studies/", "studies/labyrinth/", "about/", "posts/mazes/"):
        assert (site / name / "index.html").is_file() and (site / "es" / name / "index.html").is_file(), name
    assert (site / "404.html").is_file() and (site / "favicon.svg").is_file()
    assert (site / "posts/hello/index.html").is_file() and not (site / "es/posts/hello").exists()


def test_a_post_without_translation_is_listed_with_its_language(site):
    home = (site / "index.html").read_text(encoding="utf-8")
    assert 'href="/notebook/es/posts/solo/" lang="es" hreflang="es"' in home and "only in Spanish" in home
    spanish = (site / "es" / "index.html").read_text(encoding="utf-8")
    assert 'href="/notebook/posts/hello/" lang="en"' in spanish and "solo en inglés" in spanish


def test_the_switch_leads_to_the_same_post_and_hreflang_only_to_what_exists(site):
    both = (site / "posts/mazes/index.html").read_text(encoding="utf-8")
    assert '<a class="language" href="/notebook/es/posts/mazes/"' in both
    assert 'rel="alternate" hreflang="es" href="https://ada.example/notebook/es/posts/mazes/"' in both
    assert 'rel="canonical" href="https://ada.example/notebook/posts/mazes/"' in both
    alone = (site / "posts/hello/index.html").read_text(encoding="utf-8")
    assert 'rel="alternate" hreflang' not in alone and '<a class="language" href="/notebook/es/"' in alone


def test_the_title_is_not_printed_twice(site):
    assert (site / "posts/hello/index.html").read_text(encoding="utf-8").count("<h1") == 1


def test_pictures_have_sizes_and_load_late(site):
    page = (site / "es/posts/mazes/index.html").read_text(encoding="utf-8")
    assert 'src="/notebook/es/posts/mazes/strokes.png" alt="Dos trazos" loading="lazy"' in page
    assert 'width="320" height="120"' in page and (site / "es/posts/mazes/strokes.png").is_file()


def test_one_feed_per_language_with_whole_posts(site):
    for lang, home, count in (("en", "", 3), ("es", "es/", 2)):
        feed = ElementTree.parse(site / home / "feed.xml").getroot()
        entries = feed.findall(f"{ATOM}entry")
        assert len(entries) == count and feed.find(f"{ATOM}updated").text
        ids = [entry.find(f"{ATOM}id").text for entry in entries]
        assert len(set(ids)) == count and all(name.startswith("https://ada.example/notebook/") for name in ids)
        content = entries[0].find(f"{ATOM}content").text
        assert 'href="/' not in content and 'src="/' not in content and "<button" not in content, lang
        assert "100.0 %" in content or "100,0 %" in content


def test_sitemap_and_robots(site):
    places = [
        node.text for node in ElementTree.parse(site / "sitemap.xml").getroot().iter() if node.tag.endswith("loc")
    ]
    assert len(places) == len(set(places))
    for place in places:
        assert (site / place.removeprefix("https://ada.example/notebook/") / "index.html").is_file(), place
    assert "Sitemap: https://ada.example/notebook/sitemap.xml" in (site / "robots.txt").read_text()


def test_a_page_is_light(site):
    import gzip

    parts = ["posts/mazes/index.html", "static/style.css", "static/site.js", "favicon.svg"]
    assert sum(len(gzip.compress((site / name).read_bytes())) for name in parts) < 60_000
    assert (site / "static/site.js").stat().st_size <= 1536


def test_two_real_posts_build_as_they_are(diary):
    if not SEEDS.is_dir():
        pytest.skip(f"the two real posts are not at {SEEDS}; point CUADERNO_SEEDS at them")
    for path in SEEDS.iterdir():
        if path.read_text(encoding="utf-8").startswith("---"):
            (diary / "posts" / f"{path.stem}.md").write_bytes(path.read_bytes())
    site = quietly(diary).output
    pages = "".join(page.read_text(encoding="utf-8") for page in site.glob("posts/0*/index.html"))
    assert pages.count('<input type="checkbox" disabled aria-label="to do">') == 7
    assert '<span class="unlinked">prompt</span>' in pages and pages.count("<h1") == 2


def test_drafts_are_left_out_unless_asked_for(diary):
    (diary / "posts" / "new.md").write_text(POST.replace("title", "draft: true\ntitle"))
    assert not (quietly(diary).output / "posts/new").exists()
    assert (quietly(diary, drafts=True).output / "posts/new/index.html").is_file()
    assert not (quietly(diary).output / "posts/new").exists()


def test_the_search_knows_both_languages(diary):
    site = build(diary, report=lambda line: None).output
    languages = json.loads((site / "pagefind" / "pagefind-entry.json").read_text())["languages"]
    assert languages["en"]["page_count"] >= 3 and languages["es"]["page_count"] >= 2
    again = build(diary, report=lambda line: None)
    assert again.printed == 0 and (site / "pagefind" / "pagefind.js").is_file()


def test_without_pagefind_there_is_a_warning_and_a_site(diary, monkeypatch):
    monkeypatch.setattr(search, "_program", lambda: None)
    result = build(diary, report=lambda line: None)
    assert any("pip install" in warning for warning in result.warnings) and not (result.output / "pagefind").exists()


@pytest.mark.parametrize(
    "settings",
    ["", 'languages = ["en"]', 'languages = ["es"]', 'default = "es"', 'url = "https://a.example"'],
)
def test_a_diary_with_little_in_it_is_whole(tmp_path, study, settings):
    home = tmp_path / "little"
    (home / "posts" / "dos palabras").mkdir(parents=True)
    (home / "cuaderno.toml").write_text(settings + "\n")
    for round_ in range(2):
        site = quietly(home).output
        assert follow(site, "/")[1] == [] and (site / "index.html").is_file()
        for name in ("feed.xml", "sitemap.xml"):
            ElementTree.parse(site / name)
        lang = "es" if '"es"' in settings else "en"
        text = f"---\ntitle: Ñ\ndate: 2026-01-0{round_ + 1}\ntags: [C++, C#, ¿qué?]\n---\nx"
        (home / "posts" / "dos palabras" / f"{lang}.md").write_text(text, encoding="utf-8")
    assert (quietly(home).output / "tags" / "c-sharp" / "index.html").is_file()


# -- only what changed -------------------------------------------------------------------------------------------------


def test_an_incremental_build_equals_a_cold_one(diary, tmp_path):
    quietly(diary)
    steps = [
        lambda: (diary / "posts" / "new.md").write_text(POST),
        lambda: (diary / "posts" / "new.md").write_text(POST + "more"),
        lambda: (diary / "posts" / "hello.md").unlink(),
        lambda: (diary / "posts" / "mazes" / "es.md").unlink(),
        lambda: (diary / "cuaderno.toml").write_text((diary / "cuaderno.toml").read_text().replace("Margin", "Other")),
        lambda: shutil.rmtree(diary / "records" / "labyrinth-20261119-101500-00ff00"),
    ]
    for number, step in enumerate(steps):
        step()
        warm = snapshot(quietly(diary).output)
        cold = snapshot(quietly(diary, output=tmp_path / f"cold{number}").output)
        assert warm.keys() == cold.keys(), number
        assert [name for name in warm if warm[name] != cold[name]] == [], number


def test_nothing_is_printed_again_without_a_reason(diary):
    assert quietly(diary).printed > 40
    assert quietly(diary).printed == 0
    with (diary / "posts" / "plans.md").open("a") as file:
        file.write("\nMore.\n")
    assert quietly(diary).printed <= 2  # the post and its feed


def test_a_new_run_reprints_what_cites_it(diary):
    quietly(diary)
    path = diary / "records" / "labyrinth-20261121-153012-ab12cd" / "run.json"
    path.write_text(path.read_text().replace("0.965", "0.5"))
    assert "50.0 %" in (quietly(diary).output / "posts/mazes/index.html").read_text(encoding="utf-8")


def test_a_page_that_somebody_changed_is_printed_again(diary):
    page = quietly(diary).output / "about" / "index.html"
    before = page.read_bytes()
    page.write_bytes(b"changed")
    quietly(diary)
    assert page.read_bytes() == before


def test_a_lost_or_damaged_cache_costs_only_time(diary):
    before = snapshot(quietly(diary).output)
    [cache] = (diary / ".cache").glob("site-*.json")
    for content in (b"", b"{", b"[]", b'{"version": 99}'):
        cache.write_bytes(content)
        assert snapshot(quietly(diary).output) == before


# -- faults of disks and kills -----------------------------------------------------------------------------------------


def test_a_fault_leaves_the_old_site(diary):
    site = quietly(diary).output
    before = snapshot(site)
    (diary / "posts" / "bad.md").write_text("---\ntitle: a: b\n---\n")
    with pytest.raises(CuadernoError, match=r"bad\.md:2"):
        quietly(diary)
    assert snapshot(site) == before


def test_a_full_disk_is_one_clear_sentence_and_leaves_the_old_site(diary, monkeypatch):
    site = quietly(diary).output
    before = snapshot(site)
    (diary / "posts" / "new.md").write_text(POST)

    def full(self, name, content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Target, "write", full)
    with pytest.raises(CuadernoError, match=r"disk is full.*intact"):
        quietly(diary)
    assert snapshot(site) == before
    assert not [path for path in (diary / ".cache").iterdir() if path.name.endswith(".new")]


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="needs root on Linux to mount a tiny disk")
def test_a_disk_that_is_really_full(diary, tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(small)], capture_output=True).returncode:
        pytest.skip("this machine does not let tests mount a disk")
    try:
        with pytest.raises(CuadernoError, match="disk is full"):
            quietly(diary, output=small / "site")
        assert not (small / "site").exists()
    finally:
        subprocess.run(["umount", str(small)], check=True)


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_target(diary, tmp_path):
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(CuadernoError, match="may not write"):
            quietly(diary, output=tmp_path / "new" / "site")
    finally:
        tmp_path.chmod(0o755)


def test_a_read_only_disk(diary, monkeypatch):
    site = quietly(diary).output
    before = snapshot(site)
    (diary / "posts" / "new.md").write_text(POST)

    def refuse(self, *arguments):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Target, "write", refuse)
    with pytest.raises(CuadernoError, match="read-only"):
        quietly(diary)
    assert snapshot(site) == before


def test_a_folder_of_somebody_else_is_not_touched(diary, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(CuadernoError, match="did not print"):
        quietly(diary, output=tmp_path / "mine")
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"


def test_files_that_somebody_put_into_the_site_are_not_taken_away(diary, tmp_path):
    site = tmp_path / "site"
    quietly(diary, output=site)
    page = next((diary / "posts").rglob("*.md"))
    for edition in ("first", "second", "third"):  # from the third on, an older edition is filled again
        page.write_text(page.read_text(encoding="utf-8") + f"\n{edition}\n", encoding="utf-8")
        quietly(diary, output=site)
    (site / "cv").mkdir()
    (site / "cv" / "me.pdf").write_text("mine")
    page.write_text(page.read_text(encoding="utf-8") + "\nfourth\n", encoding="utf-8")
    with pytest.raises(CuadernoError, match=r"cv/me\.pdf\. Nothing was changed"):
        quietly(diary, output=site)
    assert (site / "cv" / "me.pdf").read_text() == "mine"
    shutil.rmtree(site / "cv")
    (site / MARK).write_bytes(b"")  # as older editions have it
    quietly(diary, output=site)
    assert names_in((site / MARK).read_bytes()) == frozenset(names_below(site))


def test_nothing_is_printed_among_the_files_of_a_diary_or_around_it(diary, tmp_path):
    before = sorted(path for path in diary.rglob("*") if ".cache" not in path.parts)
    for place in ("posts", "posts/x", "records", "_site/x", "."):
        with pytest.raises(CuadernoError, match=r"(is inside the|is a) diary.*Choose .*_site"):
            quietly(diary, output=diary / place)
    with pytest.raises(CuadernoError, match="holds the diary"):
        quietly(diary, output=diary.parent)
    assert sorted(path for path in diary.rglob("*") if ".cache" not in path.parts) == before


BUILD = """
import sys
from pathlib import Path
from cuaderno import studies
studies.HERE = Path(sys.argv[2])
from cuaderno.site.build import build
build(Path(sys.argv[1]), search=False, report=lambda line: None)
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs kill -9")
def test_a_kill_at_any_moment_leaves_the_old_or_the_new_site(diary, study):
    """Killed again and again at other moments: what is served is always one whole edition."""
    for number in range(60):
        (diary / "posts" / f"many-{number}.md").write_text(POST.replace("New", f"New {number}"))
    site = quietly(diary).output
    editions = [snapshot(site)]
    (diary / "cuaderno.toml").write_text((diary / "cuaderno.toml").read_text().replace("Margin", "Other"))
    editions.append(snapshot(quietly(diary, output=diary.parent / "other").output))
    command = [sys.executable, "-c", BUILD, str(diary), str(study.parent)]
    started = time.monotonic()
    subprocess.run(command, check=True)
    whole = time.monotonic() - started
    assert snapshot(site) == editions[1]
    for attempt in range(12):
        wanted = ("Margin", "Other") if attempt % 2 else ("Other", "Margin")
        (diary / "cuaderno.toml").write_text((diary / "cuaderno.toml").read_text().replace(*wanted))
        process = subprocess.Popen(command)
        time.sleep(whole * (0.3 + 0.06 * attempt))
        process.kill()
        process.wait()
        if site.exists():
            assert snapshot(site) in editions
    quietly(diary)
    assert snapshot(site) in editions
    left = [path.name for path in (diary / ".cache").iterdir() if path.name.endswith((".new", ".old"))]
    assert not left


def test_a_kill_between_the_two_renames_is_mended(diary):
    site = quietly(diary).output
    before = snapshot(site)
    mark = next((diary / ".cache").glob("site-*.json")).stem.removeprefix("site-")
    site.rename(diary / ".cache" / f".site-{mark}.999999.old")
    assert quietly(diary).printed == 0
    assert snapshot(site) == before


# -- anything a person may type ----------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from("`{}[]()$#*|:\n-<>!")), max_size=200),
    title=st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=60),
)
def test_any_text_builds_or_is_refused_in_words(diary, text, title):
    (diary / "posts" / "any.md").write_text(
        f"---\ntitle: {json.dumps(title)}\ndate: 2026-01-01\n---\n{text}", encoding="utf-8", newline=""
    )
    try:
        site = quietly(diary).output
    except CuadernoError as error:
        assert "any.md:" in str(error)
    else:
        ElementTree.parse(site / "feed.xml")
