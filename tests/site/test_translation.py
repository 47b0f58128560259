"""How the site shows a translation that is behind its source."""

import datetime
import re

import pytest

from cuaderno.diary.diary import Diary
from cuaderno.diary.translating import desk
from cuaderno.diary.translating.translation import find
from cuaderno.lab.errors import CuadernoError
from cuaderno.site.build import build
from cuaderno.site.check import check

TODAY = datetime.date(2026, 11, 21)
ENGLISH = """\
---
title: Late
description: A post.
date: 2026-11-20
runs: {mine: labyrinth-20261121-153012-ab12cd}
---
It solves {num}`mine.solved_loops` of them.

## A part

- one thing
- another thing

The end has 5 squares.
"""
SPANISH = """\
---
title: Tarde
description: Una entrada.
---
Resuelve el {num}`mine.solved_loops`.

## Una parte

- una cosa
- otra cosa

El final tiene 5 casillas.
"""


@pytest.fixture
def late(diary):
    """A diary with one more post, translated and remembered."""
    (diary / "posts" / "late").mkdir()
    write(diary, "en", ENGLISH)
    write(diary, "es", SPANISH)
    desk.remember(diary, "late", TODAY)
    return diary


def write(diary, lang, text):
    (diary / "posts" / "late" / f"{lang}.md").write_text(text, encoding="utf-8")


def printed(diary, lang="es"):
    result = build(diary, search=False, report=lambda line: None)
    path = "posts/late/index.html"
    return (result.output / (path if lang == "en" else f"es/{path}")).read_text(encoding="utf-8"), result


def test_a_translation_that_is_up_to_date_says_nothing(late):
    html, result = printed(late)
    assert 'class="behind"' not in html and 'class="lent"' not in html
    assert not list(result.output.rglob("translation.*.toml"))


def test_what_is_missing_stands_in_its_place_in_its_language(late):
    write(late, "en", ENGLISH.replace("## A part", "It took {num}`mine.loss`, *again*.\n\n## A part"))
    write(late, "es", SPANISH.replace("- otra cosa\n", ""))
    html, _ = printed(late)
    assert "Traducida el 21 de noviembre de 2026, faltan dos párrafos por poner al día" in html
    paragraph = re.search(r'<p lang="en" class="lent">It took .*?</p>', html, re.S)
    assert paragraph and "0.042" in paragraph[0] and "0,042" not in paragraph[0]
    assert '<li><span class="lent" lang="en">another thing</span></li>' in html
    order = [html.index(text) for text in ("Resuelve el", "It took", "Una parte", "una cosa", "another", "El final")]
    order[1:2] = [html.index('class="lent">It took')]
    order[4] = html.index('lent" lang="en">another thing')
    assert order == sorted(order)
    assert html.count("<ul>") == 2  # the list of the notice, and the post's own in one piece
    assert "sin traducir todavía, se muestra en inglés" in html
    assert 'hreflang="en"' in html and '<html lang="es"' in html
    english, _ = printed(late, "en")
    assert 'class="behind"' not in english


def test_a_box_to_tick_is_lent_as_one(late):
    write(late, "en", ENGLISH.replace("- one thing\n", "- one thing\n- [ ] **draw** `it`\n"))
    html, _ = printed(late)
    assert re.search(r'<li class="task"><input [^>]*> <span class="lent" lang="en"><strong>draw', html)
    assert '<span lang="en">draw it</span>' in html


def test_tables_notes_and_fences_are_lent_in_their_language(late):
    parts = "| a | b |\n|---|---|\n| yes | no |\n\n:::{note} Mind\nA word.\n:::\n\n```\nplain\n```\n\n"
    write(late, "en", ENGLISH.replace("The end", parts + "Said.[^n]\n\n[^n]: Below.\n\nThe end"))
    html, _ = printed(late)
    assert '<td><span class="lent" lang="en">yes</span></td>' in html
    assert html.count('<div class="lent" lang="en">') == 2 and "A word." in html
    assert re.search(r'<p lang="en" class="lent">Below', html)


def test_a_lent_paragraph_of_a_quote_stays_in_it(late):
    write(late, "en", ENGLISH.replace("The end", "> One.\n>\n> Two.\n\nThe end"))
    write(late, "es", SPANISH.replace("El final", "> Uno.\n\nEl final"))
    html, _ = printed(late)
    assert re.search(r'<blockquote>\s*<p>Uno\.</p>\s*<p lang="en" class="lent">Two\.</p>\s*</blockquote>', html)


def test_a_draft_lends_nothing(late):
    write(late, "en", ENGLISH.replace("title", "draft: true\ntitle").replace("## A part", "Secret.\n\n## A part"))
    write(late, "es", SPANISH.replace("title", "draft: false\ntitle"))
    html, _ = printed(late)
    assert "Secret" not in html and "El final" in html


def test_a_source_elsewhere_lends_no_pictures(diary):
    text = "---\ntitle: One\ndate: 2026-11-20\n---\n![p](mazes/strokes.png)\n\nPlain.\n\nLast.\n"
    (diary / "posts" / "late.md").write_text(text, encoding="utf-8")
    find(Diary.open(diary), "late").write({3: "Fin."}, TODAY)
    html, _ = printed(diary)
    assert '<p lang="en" class="lent">Plain.</p>' in html and "strokes.png" not in html


def test_a_paragraph_that_changed_stays_translated(late):
    write(late, "en", ENGLISH.replace("one thing", "one other idea"))
    html, _ = printed(late)
    assert "falta un párrafo por poner al día" in html and "ha cambiado desde que se tradujo" in html
    assert "una cosa" in html and 'class="lent"' not in html


def test_without_a_sidecar_nothing_changes(late):
    (late / "posts" / "late" / "translation.es.toml").unlink()
    before, _ = printed(late)
    write(late, "en", ENGLISH.replace("## A part", "New.\n\n## A part"))
    after, _ = printed(late)
    assert 'class="behind"' not in after and "New." not in after
    assert re.sub(r"\?v=\w+", "", before) == re.sub(r"\?v=\w+", "", after)


def test_the_other_direction(diary):
    (diary / "posts" / "late").mkdir()
    head = "date: 2026-11-20\nruns: {mine: labyrinth-20261121-153012-ab12cd}\ntitle"
    write(diary, "es", SPANISH.replace("title", head))
    find(Diary.open(diary), "late").write({5: "The end has 5 squares."}, TODAY, ("Late", "A post."))
    html, _ = printed(diary, "en")
    assert "Translated on 21 November 2026, four paragraphs behind" in html
    assert re.search(r'<h2 (?=[^>]*lang="es")(?=[^>]*class="lent")[^>]*id="una-parte"[^>]*>Una parte', html)
    assert '<p lang="es" class="lent">Resuelve el' in html and "not translated yet, shown in Spanish" in html
    assert html.count('<span class="lent" lang="es">') == 2 and "96,5" in html


def test_an_incremental_build_notices_the_sidecar(late):
    write(late, "en", ENGLISH.replace("one thing", "one other idea"))
    assert 'class="behind"' in printed(late)[0]
    assert printed(late)[1].printed == 0
    desk.dismiss(late, "late", 3, TODAY)
    html, result = printed(late)
    assert 'class="behind"' not in html and 0 < result.printed < 10


def test_faults_name_the_file_they_are_in(late):
    write(late, "en", ENGLISH.replace("## A part", "{num}`mine.nothing`\n\n## A part"))
    with pytest.raises(CuadernoError) as caught:
        printed(late)
    assert "late/en.md:9: " in str(caught.value)
    write(late, "en", ENGLISH.replace("## A part", "New.\n\n## A part"))
    write(late, "es", SPANISH + "\n{num}`mine.nothing`\n")
    with pytest.raises(CuadernoError, match=r"late/es\.md:14: ") as caught:
        printed(late)


def test_a_broken_sidecar_is_a_fault_of_the_diary(late):
    (late / "posts" / "late" / "translation.es.toml").write_text("<<<<<<< HEAD\n")
    with pytest.raises(CuadernoError, match="both sides of a merge"):
        printed(late)


def test_check_warns_of_what_is_stale_and_refuses_what_differs(late):
    (late / "posts" / "plans.md").unlink()  # its link leads nowhere, on purpose
    mazes = late / "posts" / "mazes" / "en.md"
    mazes.write_text(mazes.read_text().replace("[the plan](../plans.md)", "the plan"))
    said = []
    assert "links lead somewhere" in check(late, said.append) and said == []
    write(late, "en", ENGLISH.replace("one thing", "one other idea").replace("## A part", "New.\n\n## A part"))
    check(late, said.append)
    (line,) = said
    assert "posts/late/es.md:" in line and "1 missing and 1 stale. See: cuaderno translate late (behind)" in line
    write(late, "es", SPANISH.replace("5 casillas", "6 casillas"))
    with pytest.raises(CuadernoError, match=r"late/es\.md:12: the number 5 is missing; the number 6 is not in the"):
        check(late, said.append)
    (late / "posts" / "late" / "translation.es.toml").unlink()
    check(late, said.append)


def test_a_title_that_nobody_translated_says_its_language(late):
    path = late / "posts" / "late" / "es.md"
    path.write_text(SPANISH.replace("title: Tarde", "title: Late"), encoding="utf-8")
    (late / "posts" / "late" / "translation.es.toml").unlink()
    desk.remember(late, "late", TODAY)
    html = printed(late)[0]
    assert 'lang="en">Late</h1>' in html and "falta el título por poner al día" in html
    find(Diary.open(late), "late").write({}, TODAY, ("Tarde", "Una entrada."))
    html = printed(late)[0]
    assert ">Tarde</h1>" in html and 'lang="en">Tarde' not in html and "el título" not in html
