import datetime
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cuaderno.diary import front_matter
from cuaderno.diary.anchors import differences, number
from cuaderno.diary.blocks import Block, blocks
from cuaderno.diary.diary import Diary
from cuaderno.diary.translating import desk
from cuaderno.diary.translating.meaning import changed, distance
from cuaderno.diary.translating.memory import Memory, read_memories, write_memories
from cuaderno.diary.translating.pairing import pair
from cuaderno.diary.translating.translation import find
from cuaderno.lab.errors import CuadernoError

TODAY = datetime.date(2026, 11, 21)
HEAD = "---\ntitle: T\ndate: 2026-11-01\n---\n"
SPANISH_HEAD = HEAD.replace("title: T", "title: En español")
ENGLISH = """\
The network has 1,000 weights and no map.

## What it sees

It reads `state` and [the paper](https://example.org/x).

- five squares
- a wall

> Nobody knows why.

```{widget} maze
:title: Watch it
```
"""
SPANISH = """\
La red tiene 1.000 pesos y ningún mapa.

## Lo que ve

Lee `state` y [el artículo](https://example.org/x).

- cinco casillas
- una pared

> Nadie sabe por qué.

```{widget} maze
:title: Míralo
```
"""


@pytest.fixture
def folder(tmp_path):
    return make(tmp_path)


def make(home, **texts):
    (home / "cuaderno.toml").write_text('title = "Notes"\n')
    for lang, text in (texts or {"en": ENGLISH, "es": SPANISH}).items():
        write(home, lang, text)
    return home


def write(home, lang, text, head=None):
    head = head or (SPANISH_HEAD if lang == "es" else HEAD)
    path = home / "posts" / "a" / f"{lang}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(head + text, encoding="utf-8")


def states(home, post="a"):
    return [one.state for one in find(Diary.open(home), post).paragraphs]


def edit_source(home, old, new):
    path = home / "posts" / "a" / "en.md"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


# -- blocks ------------------------------------------------------------------------------------------------------------


def test_every_kind_of_block_and_its_lines():
    text = (
        ENGLISH
        + "\n| a | b |\n|---|---|\n| 1 | 2 |\n\n:::{note} N\nx\n\ny\n:::\n\n$$\nx^2\n$$\n\n[^n]: A note.\n\n[l]: x\n"
    )
    found = blocks(text)
    kinds = ["paragraph", "heading2", "paragraph", "item", "item", "quote", "fence", "table", "fence", "formula",
             "footnote", "rest"]  # fmt: skip
    assert [block.kind for block in found] == kinds
    lines = text.split("\n")
    assert all("\n".join(lines[block.start : block.end]) == block.text for block in found)


@given(st.text(alphabet="ab \n\r\t#->*`:{}[]|$1.^\ufeff", max_size=120))
@settings(max_examples=150, deadline=None)
def test_no_line_is_lost_or_in_two_blocks(text):
    found = blocks(text)
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    taken = [line for block in found for line in range(block.start, block.end)]
    assert len(taken) == len(set(taken))
    assert {index for index, line in enumerate(lines) if line.strip(" \t>")} <= set(taken)


# -- what must be equal on both sides ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("english", "spanish"),
    [
        ("0.5 and 1,000", "0,5 y 1.000"),
        ("1,234.5", "1 234,5"),
        ("93 %", "93%"),
        ("−1, 0 or 1", "-1, 0 o 1"),
        ("in 2026", "en 2026"),
        ("1e-4", "1e-4"),
        ("Python 3.11 is", "Python 3.11 es"),
        ("3.11.4", "3.11.4"),
        ("{num}`m.x` of them", "el {num}`m.x`"),
        ("{aside}`It is 5.`", "{aside}`Son 5.`"),
        ("[w](https://en.wikipedia.org/wiki/X)", "[w](https://es.wikipedia.org/wiki/X)"),
        ("[p](../b/en.md)", "[p](../b/es.md)"),
        ("[p](/journey/)", "[p](/es/journey/)"),
        ("$x_1$ costs $5", "$x_1$ cuesta $5"),
        ("- [x] done", "- [x] hecho"),
        ("```python\na = 1  # one\n```", "```python\na = 1  # uno\n```"),
        ("```{widget} m\n:title: Look\n```", "```{widget} m\n:title: Mira\n```"),
    ],
)
def test_the_same_in_each_notation(english, spanish):
    assert differences(english, spanish, "en", "es") == []
    assert differences(spanish, english, "es", "en") == []


@pytest.mark.parametrize(
    ("english", "spanish", "said"),
    [
        ("0.5", "0.5", "the number 0,5 is missing"),
        ("ten 10", "diez 11", "the number 11 is not in the source"),
        ("`a`", "`b`", "the code a is missing"),
        ("[x](https://a.b/c)", "x", "the link https://a.b/c is missing"),
        ("{num}`m.x`", "{num}`m.y`", "the role {num}`m.x` is missing"),
        ("```{widget} m\n```", "```{curve} m\n```", "the directive widget m is missing"),
        ("- [x] a", "- [ ] a", "the box [x] is missing"),
        ("```python\na = 1\n```", "```python\na = 2\n```", "the code a = 1 is missing"),
        ("![a](a.png)", "![a](b.png)", "the picture a.png is missing"),
    ],
)
def test_what_differs_is_said(english, spanish, said):
    assert said in differences(english, spanish, "en", "es")


@given(st.decimals(min_value=0, max_value=10**9, places=3, allow_nan=False))
def test_numbers_mean_the_same_in_both_notations(value):
    english = f"{value:,.3f}"
    spanish = english.translate(str.maketrans(",.", ".,"))
    assert number(english, "en")[0] == number(spanish, "es")[0]


# -- what a change means -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Teh network learns.", "The network learns"),
        ("It is definately alot.", "it is definitely a lot!"),
        ("Aprendio mas rapido", "Aprendió más rápido"),
        ("We saw the the wall", "We saw the wall"),
        ("a  line\nwrapped", "a line wrapped"),
        ("It has 1000 weights", "It has 1,000 weights"),
        ("*so*", "**so**"),
        ("planet planet garden", "plnet planet garden"),
        ("ahora hecho", "ahora echo"),
        ("ahora vamos", "ahora bamos"),
        ("hte end", "the end"),
    ],
)
def test_slips_do_not_count(old, new):
    lang = "es" if "rapido" in old else "en"
    assert not changed(old, new, lang) and not changed(new, old, lang)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("It can learn", "It cannot learn"),
        ("It can learn", "It can't learn"),
        ("It is now fast", "It is not fast"),
        ("stable", "unstable"),
        ("losses increase", "losses decrease"),
        ("0.5", "0.05"),
        ("9 of 10", "10 of 9"),
        ("a -1 b", "a 1 b"),
        ("use `a`", "use `b`"),
        ("[x](a.html)", "[x](b.html)"),
        ("a < b", "a > b"),
        ("- [ ] do it", "- [x] do it"),
        ("The cat sleeps", "The dog sleeps"),
        ("The cat sleeps", "The cat sleeps well"),
        ("more data", "less data"),
        ("the test run", "the best run"),
        ("a lower loss", "a slower loss"),
        ("the cost of it", "the lost of it"),
        ("planet planet garden", "garden planet planet"),
        ("{num}`a.x`", "{num}`a.y`"),
        ("```\nif a:\n    b\nc\n```", "```python\nif a:\n    b\nc\n```"),
    ],
)
def test_changes_of_meaning_count(old, new):
    assert changed(old, new, "en") and changed(new, old, "en")


@given(st.text("abcde", max_size=8), st.text("abcde", max_size=8))
def test_distance_is_one(old, new):
    assert distance(old, new) == distance(new, old)
    assert (distance(old, new) == 0) == (old == new)
    assert distance(old, new) <= max(len(old), len(new))


# -- states ------------------------------------------------------------------------------------------------------------


def test_done_missing_stale_and_extra(folder):
    desk.remember(folder, "a", TODAY)
    assert states(folder) == ["done"] * 7
    edit_source(folder, "no map", "a map")
    edit_source(folder, "## What it sees", "A new paragraph.\n\n## What it sees")
    edit_source(folder, "- a wall\n", "")
    assert states(folder) == ["stale", "missing", "done", "done", "done", "extra", "done", "done"]
    edit_source(folder, "a map", "no map")
    assert states(folder)[0] == "done"


def test_a_slip_is_not_stale_and_moved_paragraphs_stay_done(folder):
    desk.remember(folder, "a", TODAY)
    edit_source(folder, "The network", "the netwrok")
    edit_source(folder, "> Nobody knows why.\n\n", "")
    edit_source(folder, "## What it sees", "> Nobody knows why.\n\n## What it sees")
    assert states(folder) == ["done"] * 7


def test_dismiss_accepts_the_source_and_the_differences(folder):
    desk.remember(folder, "a", TODAY)
    edit_source(folder, "1,000 weights", "2,000 weights")
    translation = find(Diary.open(folder), "a")
    assert translation.paragraphs[0].state == "stale"
    assert translation.paragraphs[0].faults == ("the number 2.000 is missing", "the number 1.000 is not in the source")
    before = translation.path.read_bytes()
    desk.dismiss(folder, "a", 1, TODAY)
    translation = find(Diary.open(folder), "a")
    assert (translation.behind, translation.faulty, translation.path.read_bytes()) == ([], [], before)
    edit_source(folder, "2,000 weights", "3,000 weights")
    assert states(folder)[0] == "stale"


def test_what_cannot_be_dismissed_is_said(folder):
    edit_source(folder, "> Nobody", "New here.\n\n> Nobody")
    with pytest.raises(CuadernoError, match=r"Paragraph 6 cannot be dismissed, it has no translation yet\. Write it: "):
        desk.dismiss(folder, "a", 6, TODAY)
    with pytest.raises(CuadernoError, match="has no paragraph 99: they count from 1 to 8"):
        desk.dismiss(folder, "a", 99, TODAY)


def test_duplicate_paragraphs(tmp_path):
    make(tmp_path, en="Same.\n\nOther words here.\n\nSame.\n", es="Igual.\n\nOtras palabras aquí.\n\nIgual.\n")
    desk.remember(tmp_path, "a", TODAY)
    assert states(tmp_path) == ["done"] * 3
    write(tmp_path, "en", "Same.\n\nOther words here.\n\nSame.\n\nSame.\n")
    assert sorted(states(tmp_path)) == ["done", "done", "done", "missing"]


@pytest.mark.parametrize(("english", "spanish"), [("", ""), ("One.\n", ""), ("", "Uno.\n"), ("\n\n", "\n")])
def test_empty_texts(tmp_path, english, spanish):
    make(tmp_path, en=english, es=spanish)
    desk.remember(tmp_path, "a", TODAY)
    assert states(tmp_path) == ["missing"] * bool(english.strip()) + ["extra"] * bool(spanish.strip())


def test_crlf_and_the_mark_at_the_beginning_are_kept(tmp_path):
    make(tmp_path, en="One.\n\nTwo.\n")
    path = tmp_path / "posts" / "a" / "es.md"
    path.write_bytes(b"\xef\xbb\xbf" + (SPANISH_HEAD + "Uno.\n").replace("\n", "\r\n").encode())
    desk.remember(tmp_path, "a", TODAY)
    assert states(tmp_path) == ["done", "missing"]
    find(Diary.open(tmp_path), "a").write({2: "Dos."}, TODAY)
    assert path.read_bytes() == b"\xef\xbb\xbf" + (SPANISH_HEAD + "Uno.\n\nDos.\n").replace("\n", "\r\n").encode()
    assert states(tmp_path) == ["done", "done"]


@pytest.mark.parametrize("missing", range(1, 8))
def test_a_missing_paragraph_goes_into_its_place(folder, missing):
    """Take any one out of the translation, put it back, and the file is what it was."""
    desk.remember(folder, "a", TODAY)
    path = folder / "posts" / "a" / "es.md"
    whole = path.read_text()
    block = find(Diary.open(folder), "a").paragraph(missing).translation
    path.write_text(re.sub(r"\n{3,}", "\n\n", whole.replace(block.text + "\n", "")))
    translation = find(Diary.open(folder), "a")
    assert [one.number for one in translation.behind] == [missing]
    translation.write({missing: block.words if block.marker else block.text}, TODAY)
    assert path.read_text().replace("---\n\n", "---\n") == whole
    assert states(folder) == ["done"] * 7


def test_what_does_not_fit_is_refused_and_nothing_is_written(folder):
    edit_source(folder, "## What", "New.\n\n## What")
    before = (folder / "posts" / "a" / "es.md").read_bytes()
    for text, said in (
        ("Uno.\n\nDos.", "is one block in the source and 2"),
        ("```\nx\n```", "is a paragraph"),
        (" ", "no"),
    ):
        with pytest.raises(CuadernoError, match=said):
            find(Diary.open(folder), "a").write({2: text}, TODAY)
    assert (folder / "posts" / "a" / "es.md").read_bytes() == before


def test_somebody_else_wrote_meanwhile(folder):
    edit_source(folder, "## What", "New.\n\n## What")
    translation = find(Diary.open(folder), "a")
    write(folder, "es", SPANISH + "\nMás.\n")
    with pytest.raises(CuadernoError, match="has changed since it was read"):
        translation.write({2: "Nuevo."}, TODAY)
    assert "Más." in translation.path.read_text()


# -- either direction --------------------------------------------------------------------------------------------------


def test_born_in_spanish(tmp_path):
    make(tmp_path, es="Uno.\n\nDos.\n")
    translation = find(Diary.open(tmp_path), "a")
    assert (translation.source.lang, translation.lang) == ("es", "en")
    translation.write({1: "One."}, TODAY, ("A title", ""))
    diary = Diary.open(tmp_path)
    assert not diary.problems
    translation = find(diary, "a")
    assert (translation.source.lang, translation.target.title, translation.target.born) == ("es", "A title", "es")
    assert [one.state for one in translation.paragraphs] == ["done", "missing"]
    translation.sidecar.unlink()
    assert find(Diary.open(tmp_path), "a").source.lang == "es"


def test_a_single_file_is_translated_in_a_folder_of_its_own(tmp_path):
    (tmp_path / "cuaderno.toml").write_text('title = "Notes"\n')
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "b.md").write_text(HEAD + "One.\n")
    find(Diary.open(tmp_path), "posts/b.md").write({1: "Uno."}, TODAY)
    translation = find(Diary.open(tmp_path), "b")
    assert translation.target.body.strip() == "Uno." and translation.sidecar.parent.name == "b"
    assert [one.number for one in translation.behind] == [0]  # nobody has translated the title


def test_wrong_words_are_answered(folder):
    with pytest.raises(CuadernoError, match="There is no post 'b'"):
        find(Diary.open(folder), "b")
    write(folder, "en", ENGLISH, HEAD.replace("title", "born: fr\ntitle"))
    assert "born: 'fr' is not a language" in str(Diary.open(folder).problems[0])


# -- looking again -----------------------------------------------------------------------------------------------------


def test_paragraphs_come_back_after_days(folder):
    desk.remember(folder, "a", TODAY)

    def due(days):
        return [one.number for one in find(Diary.open(folder), "a").due(TODAY + datetime.timedelta(days))]

    assert due(0) == [] and due(1) == [1, 2, 3, 4, 5, 6, 7]
    find(Diary.open(folder), "a").looked([1, 2], TODAY + datetime.timedelta(1), mended=[2])
    assert due(1) == [3, 4, 5, 6, 7] and set(due(2)) == {2, 3, 4, 5, 6, 7} and 1 in due(4)
    day = 1
    for pause in (3, 7, 21, 60, 60):
        assert 1 not in due(day + pause - 1)
        day += pause
        assert 1 in due(day)
        find(Diary.open(folder), "a").looked([1], TODAY + datetime.timedelta(day))


# -- the sidecar -------------------------------------------------------------------------------------------------------

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60).map(lambda text: text.replace("\r", "\n"))
MEMORIES = st.builds(
    Memory, TEXTS, st.text("0123456789abcdef", max_size=16), st.dates(), st.dates(), st.integers(0, 9),
    st.lists(TEXTS, max_size=2).map(tuple),
)  # fmt: skip


@given(st.lists(MEMORIES, max_size=4))
@settings(max_examples=80, deadline=None)
def test_the_sidecar_gives_back_what_it_got(tmp_path_factory, memories):
    path = tmp_path_factory.mktemp("side") / "translation.es.toml"
    write_memories(path, "es", "en", memories)
    assert read_memories(path) == ("en", memories)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    if not any("\n" in text for memory in memories for text in memory.accepted):
        assert read_memories(path) == ("en", memories)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<<<<<<< HEAD\n", "both sides of a merge in line 1"),
        ("source = \n", "Invalid value"),
        ("", "'source' is missing"),
        ('source = "en"\n[[paragraph]]\nsource = "x"\ntranslation = "y"\nmade = 3\n', "3 is not a day"),
    ],
)
def test_a_broken_sidecar_says_what_is_wrong(folder, text, said):
    path = folder / "posts" / "a" / "translation.es.toml"
    path.write_text(text)
    with pytest.raises(CuadernoError, match=said) as caught:
        find(Diary.open(folder), "a")
    assert str(path) in str(caught.value) and "--remember" in str(caught.value)


# -- properties --------------------------------------------------------------------------------------------------------

WORDS = st.sampled_from(
    "network weather mountain kitchen violin garden teacher planet silver window harbour pocket".split()  # noqa: SIM905
)
SENTENCES = st.lists(WORDS, min_size=4, max_size=9).map(" ".join)
POSTS = st.lists(SENTENCES, min_size=1, max_size=7)


def paragraphs(texts):
    return blocks("\n\n".join(texts))


def spanish(text):
    return "la " + " ".join(word[::-1] + "o" for word in text.split())


def remembered(texts):
    return [
        Memory(block.text, Block("", spanish(block.text), 0, 1).digest, TODAY, TODAY) for block in paragraphs(texts)
    ]


@given(POSTS, POSTS, st.booleans())
@settings(deadline=None, max_examples=60)
def test_pairing_takes_every_block_once(ours, theirs, known):
    sources, translations = paragraphs(ours), paragraphs(theirs)
    found = pair(sources, translations, remembered(ours) if known else [])
    assert [one.source for one in found if one.source is not None] == list(range(len(sources)))
    taken = [one.translation for one in found if one.translation is not None]
    assert sorted(taken) == list(range(len(translations)))
    memories = [one.memory for one in found if one.memory is not None]
    assert len(memories) == len(set(memories))
    if not known:
        both = [one.translation for one in found if one.source is not None and one.translation is not None]
        assert both == sorted(both)


EDITS = st.sampled_from(["number", "negation", "code", "link", "word", "insert", "delete", "typo", "case", "wrap"])


@given(POSTS, st.data())
@settings(deadline=None, max_examples=250)
def test_only_what_was_touched_becomes_stale(texts, data):
    memories = remembered(texts)
    translations = paragraphs([spanish(text) for text in texts])
    place, kind = data.draw(st.integers(0, len(texts) - 1)), data.draw(EDITS)
    edited = list(texts)
    words = edited[place].split()
    at = data.draw(st.integers(0, len(words) - 1))
    additions = {"number": "17", "negation": "not", "code": "`x`", "link": "[x](y.html)", "insert": "elephants"}
    if kind in additions:
        words.insert(at, additions[kind])
    elif kind == "word":
        words[at] = "elephants"
    elif kind == "delete":
        del words[at]
    elif kind == "typo":
        words[at] = words[at][:2] + words[at][3:]
    elif kind == "case":
        words[at] = words[at].upper() + ","
    edited[place] = ("\n" if kind == "wrap" else " ").join(words)
    for one in pair(paragraphs(edited), translations, memories):
        assert one.source is not None
        assert one.translation == one.source or texts.count(texts[one.source]) > 1
        stale = changed(memories[one.memory].source, paragraphs(edited)[one.source].text, "en")
        if one.source != place or kind in ("typo", "case", "wrap"):
            assert not stale
        else:
            was = texts[place].split()
            said_twice = kind == "delete" and was[at] in (was[max(0, at - 1)] if at else "", *was[at + 1 : at + 2])
            assert stale or said_twice


@given(
    st.lists(SENTENCES, min_size=1, max_size=6, unique=True), st.lists(SENTENCES, max_size=3, unique=True), st.data()
)
@settings(deadline=None, max_examples=60)
def test_insertions_and_deletions_leave_the_rest_done(texts, added, data):
    memories = remembered(texts)
    translations = paragraphs([spanish(text) for text in texts])
    kept = [text for text in texts if data.draw(st.booleans())]
    whole = list(kept)
    for text in added:
        if text not in texts:
            whole.insert(data.draw(st.integers(0, len(whole))), text)
    found = pair(paragraphs(whole), translations, memories)
    for one in found:
        if one.source is not None and whole[one.source] in kept:
            assert one.translation == texts.index(whole[one.source])
            assert memories[one.memory].source == whole[one.source]


# -- title and description ---------------------------------------------------------------------------------------------


def head(home):
    return find(Diary.open(home), "a").head.state


def test_a_lent_title_is_missing_until_somebody_translates_it(tmp_path):
    folder = make(tmp_path, en="One.\n")
    find(Diary.open(folder), "a").write({1: "Uno."}, TODAY)
    assert (head(folder), states(folder)) == ("missing", ["done"])
    edit_source(folder, "title: T", "title: Another")
    assert head(folder) == "missing" and find(Diary.open(folder), "a").has_lent_title
    find(Diary.open(folder), "a").remember(TODAY)
    assert head(folder) == "missing"
    find(Diary.open(folder), "a").write({}, TODAY, ("Otro", ""))
    again = find(Diary.open(folder), "a")
    assert (again.target.title, again.target.body.strip(), again.behind) == ("Otro", "Uno.", [])


def test_a_changed_title_or_description_makes_the_head_stale(folder):
    find(Diary.open(folder), "a").remember(TODAY)
    assert head(folder) == "done"
    edit_source(folder, "title: T", "title: Something else")
    assert (
        head(folder) == "stale"
        and "Where the translation need not change: cuaderno translate a --dismiss 0"
        in (desk.status(folder, "a", TODAY)[2])
    )
    desk.dismiss(folder, "a", 0, TODAY)
    assert head(folder) == "done"
    edit_source(folder, "title: Something else", "title: Something else\ndescription: A plan of squares")
    assert head(folder) == "stale"
    translation = find(Diary.open(folder), "a")
    translation.write({}, TODAY, ("Otra cosa", "Un plano: «así»"))
    again = find(Diary.open(folder), "a")
    assert (again.target.title, again.target.description) == ("Otra cosa", "Un plano: «así»")
    assert again.target.body == translation.target.body and again.behind == []


def test_the_same_title_in_both_languages_is_accepted_and_an_old_memory_says_nothing_of_it(folder):
    path = folder / "posts" / "a" / "es.md"
    path.write_text(path.read_text(encoding="utf-8").replace("title: En español", "title: T"), encoding="utf-8")
    assert head(folder) == "missing"
    desk.dismiss(folder, "a", 0, TODAY)
    assert head(folder) == "done"
    sidecar = folder / "posts" / "a" / "translation.es.toml"
    old = re.sub(r"\n\[head\].*?(?=\n\[\[)", "", sidecar.read_text(encoding="utf-8"), flags=re.S)
    assert "[head]" not in old
    sidecar.write_text(old, encoding="utf-8")
    assert (head(folder), set(states(folder))) == ("missing", {"done"})


def test_the_editor_offers_the_title_alone(folder, filling, tmp_path):
    find(Diary.open(folder), "a").remember(TODAY)
    edit_source(folder, "title: T", "title: Something else")
    lines = desk.edit(folder, "a", TODAY, editor=filling({"title": "Otra cosa"}))
    assert (
        lines[0] == "Written: the title." and "%%% the title in en\nSomething else" in (tmp_path / "seen").read_text()
    )
    assert "the description" not in (tmp_path / "seen").read_text()
    assert find(Diary.open(folder), "a").target.title == "Otra cosa"


@pytest.mark.parametrize(
    "top",
    [
        "---\ntitle: >\n  An old\n  one\ntags: [a]\n---\n",
        "---\ntitle:   'Old' # mine\ndate: 2026-11-01\n---\n",
        "# Old\n",
        "---\ntitle: Old\n---\n# Old\n",
        "---\ndate: 2026-11-01\n---\n\n# Old #\n",
    ],
)
def test_title_and_description_are_changed_in_the_top_of_a_post(tmp_path, top):
    changed = front_matter.with_fields(top, {"title": 'A "new": one', "description": "What it is"})
    was, fields = front_matter.read(top + "\nText.\n", tmp_path), front_matter.read(changed + "\nText.\n", tmp_path)
    assert (fields.pop("title"), fields.pop("description")) == ('A "new": one', "What it is")
    assert (changed + "\nText.\n")[fields.pop("start") :].strip() == "Text."
    assert fields == {name: value for name, value in was.items() if name not in ("title", "start")}


@pytest.mark.parametrize(
    ("english", "spanish"),
    [
        ("`{metrics}`, `{curve}` and `{run}` print a table.", "`{metrics}`, `{curve}` y `{run}` imprimen una tabla."),
        ("`` {num}`a.b` `` is written so, see {num}`a.b`.", "Se escribe `` {num}`a.b` ``, mira {num}`a.b`."),
    ],
)
def test_a_role_in_code_is_code(english, spanish):
    assert differences(english, spanish, "en", "es") == []
    assert differences(english, spanish.replace("a.b`.", "a.c`.").replace("{run}", "{runs}"), "en", "es")
