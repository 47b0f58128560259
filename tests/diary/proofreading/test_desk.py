"""A session: what is accepted is in the post at once, what is declined does not come again, nothing is lost."""

import re
import tomllib

import pytest

from cuaderno.diary.diary import Diary
from cuaderno.diary.progress import corrected
from cuaderno.diary.proofreading import desk
from cuaderno.diary.proofreading.edits import Edit
from cuaderno.lab.errors import CuadernoError

from .conftest import FIXES, POST, TODAY, Scripted, accept_all, opened


def right(text=POST):
    for old, new in FIXES.items():
        text = text.replace(old, new)
    return text


def test_what_is_accepted_is_in_the_post_and_the_first_version_beside_it(diary, post):
    session = opened(diary)
    accept_all(session)
    assert session.finish() and post.read_text() == right()
    assert (post.parent / "original.en.md").read_text() == POST
    record = tomllib.loads((post.parent / "proofreading.en.toml").read_text())
    assert record["finished"] == TODAY and record["correction"] == [{"date": TODAY, "with": "scripted", "accepted": 6}]
    assert corrected(Diary.open(diary).posts[0])


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_everything_else_stays_byte_for_byte(diary, post, end, mark):
    text = (mark + POST.replace("parts.\n", "parts.  \n\n\n\n")).replace("\n", end)
    post.write_bytes(text.encode())
    session = opened(diary)
    accept_all(session)
    session.finish()
    assert post.read_bytes() == right(text).encode()
    assert (post.parent / "original.en.md").read_bytes() == text.encode()


def test_each_acceptance_is_on_the_disk_before_the_next_question(diary, post):
    session = opened(diary)
    number = session.numbers[0]
    session.accept(number, session.ask(number).suggestions[0])
    assert "My first post" in post.read_text()
    again = opened(diary)  # as after a kill
    accept_all(again)
    assert again.finish() and post.read_text() == right()
    assert (post.parent / "original.en.md").read_text() == POST


def test_what_was_declined_does_not_come_again_even_when_the_text_around_changes(diary, post):
    session = opened(diary)
    for number in session.numbers:
        for one in session.ask(number).suggestions:
            session.decline(number, one)
    assert session.finish() and post.read_text() == POST and (post.parent / "original.en.md").read_text() == POST
    post.write_text(POST.replace("It has 3 parts.", "It has 3 parts. And one more."))
    session = opened(diary)
    assert not [one for number in session.numbers for one in session.ask(number).suggestions]


def test_the_same_slip_in_another_place_is_another_suggestion(diary, post):
    session = opened(diary)
    for number in session.numbers:
        for one in session.ask(number).suggestions:
            session.decline(number, one)
    post.write_text(POST + "\nNobody excepts this modle.\n")
    session = opened(diary)
    assert [one.old for number in session.numbers for one in session.ask(number).suggestions] == ["modle"]


def test_a_post_without_anything_to_correct_can_be_corrected_too(diary, post):
    session = opened(diary, Scripted({}))
    accept_all(session)
    assert session.finish() and (post.parent / "original.en.md").read_text() == POST
    assert corrected(Diary.open(diary).posts[0])


@pytest.mark.parametrize("left", ["open", "not asked", "failed"])
def test_a_session_with_something_left_is_not_finished(diary, post, left):
    session = opened(diary)
    if left == "open":
        for number in session.numbers:
            session.ask(number)
    if left == "failed":
        for number in session.numbers:
            session.fail(number, CuadernoError("no answer"))
    assert not session.finish() and not (post.parent / "original.en.md").exists()


def test_words_of_ones_own_are_right(diary, post):
    (diary / "words.txt").write_text("# mine\nmodle   # a word of ours\nfrist\n\n")
    session = opened(diary)
    accept_all(session)
    assert "modle" in post.read_text() and "frist" in post.read_text() and "expect" in post.read_text()
    assert desk.own_words(diary) == ["modle", "frist"]


def test_a_post_that_changes_meanwhile_is_not_overwritten(diary, post):
    session = opened(diary)
    number = session.numbers[0]
    one = session.ask(number).suggestions[0]
    post.write_text(POST + "\nA new line.\n")
    with pytest.raises(CuadernoError, match="changed since it was read"):
        session.accept(number, one)
    assert post.read_text() == POST + "\nA new line.\n"


def test_ones_own_words_warn_and_do_as_they_are_told(diary, post):
    session = opened(diary)
    number = next(number for number in session.numbers if "except" in session.passage(number).text)
    one = session.ask(number).suggestions[0]
    mine = session.by_hand(number, one, "hope that 4 people out of these are going to be anyone of those I expect")
    faults = session.accept(number, mine)
    assert [fault.code for fault in faults][:1] == ["added_number"] and post.read_text() == POST
    assert session.accept(number, mine, in_spite=True) == []
    assert "hope that 4 people" in post.read_text()
    other = next(one for one in session.ask(number).suggestions if one.old == "teh")
    assert session.accept(number, other) == []  # what was forgiven once is not asked again
    assert "[the course]" in post.read_text()


@pytest.mark.parametrize("typed", ["# a heading", "x\n\n- a list", "```", "<div>", '" : broken ['])
def test_ones_own_words_cannot_break_the_form_of_the_file(diary, post, typed):
    session = opened(diary)
    for number in session.numbers:
        for one in session.ask(number).suggestions:
            session.accept(number, session.by_hand(number, one, typed), in_spite=True)
    lines = post.read_text().splitlines()
    assert len(lines) == len(POST.splitlines()) and lines[2:5] == POST.splitlines()[2:5]
    assert not Diary.open(diary).problems
    assert [line[:6] for line in lines if line.startswith("- [")] == ["- [ ] ", "- [x] "]


def test_a_title_that_the_text_repeats_is_corrected_in_both_places(diary, post):
    post.write_text("---\ntitle: My frist post\ndate: 2026-11-20\n---\n# My frist post\n\nText.\n")
    session = opened(diary)
    accept_all(session)
    assert post.read_text() == "---\ntitle: My first post\ndate: 2026-11-20\n---\n# My first post\n\nText.\n"


@pytest.mark.parametrize(
    "title", ["'it''s my frist post'", '"my \\"frist\\" post"', ">-\n  my\n  frist post", "my frist post # really"]
)
def test_every_way_to_write_a_title_keeps_its_quotes(diary, post, title):
    post.write_text(f"---\ntitle: {title}\ndate: 2026-11-20\n---\nText.\n")
    session = opened(diary)
    accept_all(session)
    assert post.read_text() == f"---\ntitle: {title.replace('frist', 'first')}\ndate: 2026-11-20\n---\nText.\n"


@pytest.mark.parametrize("new", ["first: best", "first # no", 'it\'s "first"', "[first"])
@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_a_title_stays_one_that_yaml_can_read(diary, post, new, quote):
    post.write_text(f"---\ntitle: {quote}A frist post{quote}\ndate: 2026-11-20\n---\nText.\n")
    session = opened(diary, Scripted({"frist": new}))
    accept_all(session)
    title = Diary.open(diary).posts[0].title
    assert title in ("A frist post", f"A {new} post")


def test_a_single_file_has_its_first_version_in_a_folder_of_its_name(diary):
    path = diary / "posts" / "solo.md"
    path.write_text("---\ntitle: Solo\ndate: 2026-11-20\n---\nAlot of text.\n")
    session = opened(diary, Scripted({"Alot": "A lot"}), "solo")
    accept_all(session)
    assert session.finish() and "A lot" in path.read_text()
    assert "Alot" in (diary / "posts" / "solo" / "original.en.md").read_text()
    found = Diary.open(diary)
    assert not found.problems and {post.slug: corrected(post) for post in found.posts} == {"solo": True, "first": False}
    desk.revert(found, next(post for post in found.posts if post.slug == "solo"))
    assert "Alot" in path.read_text() and not (diary / "posts" / "solo").exists()


def test_going_back_gives_the_first_version_and_keeps_the_corrected_one(diary, post):
    session = opened(diary)
    accept_all(session)
    session.finish()
    found = Diary.open(diary)
    assert not desk.edited_since(found.posts[0])
    post.write_text(post.read_text() + "\nMore.\n")
    found = Diary.open(diary)
    assert desk.edited_since(found.posts[0])
    kept = desk.revert(found, found.posts[0])
    assert post.read_text() == POST and kept.read_text() == right() + "\nMore.\n"
    assert [path.name for path in post.parent.iterdir()] == ["en.md"]
    with pytest.raises(CuadernoError, match="was not corrected"):
        desk.revert(found, found.posts[0])


def test_what_was_written_after_a_correction_is_in_the_first_version_before_it_is_corrected(diary, post):
    session = opened(diary)
    accept_all(session)
    session.finish()
    post.write_text(post.read_text().replace("\n## What", "\nHere is alot more.\n\n## What") + "- [ ] Sleep alot\n")
    session = opened(diary)
    accept_all(session)
    assert session.finish() and "a lot more" in post.read_text()
    first = (post.parent / "original.en.md").read_text()
    assert first == POST.replace("\n## What", "\nHere is alot more.\n\n## What") + "- [ ] Sleep alot\n"


@pytest.mark.parametrize(
    "broken",
    [
        "finished = 7",
        "<<<<<<< ours\n",
        "[[correction]]\n",
        "x",
        '[[correction]]\nwith="a"\ndate=2026-01-01\naccepted="b"',
    ],
)
def test_a_broken_record_says_where(diary, post, broken):
    (post.parent / "proofreading.en.toml").write_text(broken)
    with pytest.raises(CuadernoError, match=r"proofreading\.en\.toml cannot be read"):
        opened(diary)


def test_hostile_words_survive_in_the_record(diary, post):
    session = opened(diary, Scripted({"modle": 'mo"d\\e\x7fl'}))
    number = next(number for number in session.numbers if "modle" in session.passage(number).text)
    session.ask(number)
    from cuaderno.diary.proofreading.record import Record, read_record, record_name, write_record

    path = post.parent / record_name("en")
    keys = (("a \"b\" '''", "c \\ \x7f \u2028 é\n"), ("", "⟦1⟧"))
    write_record(path, "en", Record(declined=keys))
    assert read_record(path).declined == keys


def test_finding_a_post(diary, post):
    (post.parent / "es.md").write_text("---\ntitle: Hola\ndate: 2026-11-20\nborn: es\n---\nHola.\n")
    found = Diary.open(diary)
    assert desk.find_post(found, "first").lang == "es"
    assert desk.find_post(found, "first", "en").lang == "en"
    assert desk.find_post(found, str(post)).lang == "en"
    with pytest.raises(CuadernoError, match="Did you mean 'first'"):
        desk.find_post(found, "frist")


def test_a_full_disk_leaves_the_post_whole(diary, post, monkeypatch):
    import errno

    session = opened(diary)
    number = session.numbers[0]
    one = session.ask(number).suggestions[0]

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(CuadernoError, match="disk is full"):
        session.accept(number, one)
    assert post.read_text() == POST and not list(post.parent.glob(".*"))


def test_an_edit_without_types_is_no_edit(diary, post):
    session = opened(diary, Scripted({}))
    session.corrector.correct = lambda text, lang: [None, 7, Edit(None, 3, None), Edit("a", "\ud800", ""), {"old": "a"}]
    accept_all(session)
    assert post.read_text() == POST and not re.search("None", post.read_text())


def test_refused_suggestions_leave_the_post_unfinished(diary, post):
    session = opened(diary, Scripted({"It has": "It never has"}))
    accept_all(session)
    assert len(session.refused) == 1 and session.is_through
    assert not session.finish() and not corrected(Diary.open(diary).posts[0])
    assert session.finish(is_done=True) and corrected(Diary.open(diary).posts[0])


def test_what_goes_together_is_offered_when_not_all_of_it_does(diary, post):
    words = ["alpha", "bravo", "charlie", "delta", "foxtrot", "golf", "hotel", "kilo", "lima", "mango"]
    others = ["quartz", "river", "summer", "timber", "uncle", "violet", "window", "yellow", "zebra", "orange"]
    post.write_text(POST[: POST.index("I don't")] + f"Thsi is a list of {' '.join(words)} here.\n")
    session = opened(diary, Scripted({"Thsi": "This", **dict(zip(words, others, strict=True))}))
    accept_all(session)
    assert "This is a list" in post.read_text() and "mango" in post.read_text() and session.refused


def test_a_paragraph_rewritten_by_hand_is_once_in_the_first_version(diary, post):
    session = opened(diary)
    accept_all(session)
    session.finish()
    start = post.read_text().index("I don't")
    end = post.read_text().index("\n\n## What")
    text = post.read_text()
    post.write_text(text[:start] + "Quite other words stand here today, alot of them." + text[end:])
    session = opened(diary)
    accept_all(session)
    assert session.finish() and (post.parent / "original.en.md").read_text() == POST
    found = Diary.open(diary).posts[0]
    assert not desk.edited_since(found)
    assert desk.changed_by_hand(found) == ["Quite other words stand here today, alot of them."]


def test_what_killed_writes_left_goes_when_it_is_old(diary, post):
    import os

    old, fresh, other = (post.parent / name for name in (".en.md.77.tmp", ".en.md.78.tmp", ".mine.77.tmp"))
    for path in (old, fresh, other):
        path.write_text("half")
    for path in (old, other):
        os.utime(path, (1, 1))
    opened(diary)
    assert not old.exists() and fresh.exists() and other.exists()


def test_the_next_sentence_is_as_it_is_now(diary, post):
    session = opened(diary)
    number = next(number for number in session.numbers if "except" in session.passage(number).text)
    session = opened(diary, Scripted({"except": "expect", "anyone": "anybody"}))
    one, two = session.ask(number).suggestions
    session.accept(number, one)
    assert session.sentence(number, two)[0] == "I don't expect "
