"""A chat model as a corrector: whatever it answers, only edits are read of it."""

import json
import sys
import time
import types

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cuaderno.diary.proofreading import prompts
from cuaderno.diary.proofreading.chat import Chat, read_edits
from cuaderno.diary.proofreading.desk import Answers
from cuaderno.diary.proofreading.edits import Edit
from cuaderno.lab.errors import CuadernoError

from .conftest import FIXES, POST, Scripted, accept_all, opened

ONE = '[{"old": "a", "new": "b", "why": "c"}]'
READ = [
    ONE,
    f"Sure! Here you are:\n```json\n{ONE}\n```\nGood luck!",
    '{"edits": [{"old": "a", "new": "b", "why": "c", "confidence": 1}]}',
    '{"old": "a", "new": "b", "why": "c"}',
    f"[1] Here: {ONE}",
    '[{"old": "a", "new": "b", "why": "c"}, {"old": 7, "new": "x"}, "prose", {"old": "same", "new": "same"}, null]',
    "{broken [" + ONE,
]
NOTHING = ["", "I found no mistakes.", "[{old: a}]", '[{"old": "a", "new": ', "[1, 2]", "{}", "null", "\x00", None, 7]


@pytest.mark.parametrize("answer", READ)
def test_edits_are_found_whatever_stands_around_them(answer):
    assert read_edits(answer) == [Edit("a", "b", "c")]


@pytest.mark.parametrize("answer", NOTHING)
def test_what_is_no_list_is_nothing(answer):
    assert read_edits(answer) is None


def test_no_mistakes_is_an_answer():
    assert read_edits("[]") == [] and read_edits('{"edits": []}') == [] and read_edits("None:\n[]\n") == []


@pytest.mark.parametrize("answer", ["[" * 100_000, '{"a":' * 50_000, "[{" * 60_000, "x" * 5_000_000, '"' * 100_000])
def test_a_hostile_answer_costs_no_time(answer):
    started = time.monotonic()
    assert read_edits(answer) is None
    assert time.monotonic() - started < 5


@settings(deadline=None)
@given(
    st.text()
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["old", "new", "why", "edits"]), inner),
    ).map(json.dumps)
)
def test_any_answer_gives_edits_of_text_or_nothing(answer):
    found = read_edits(answer)
    assert found is None or all(isinstance(part, str) for one in found for part in (one.old, one.new, one.why))


def test_what_could_command_a_terminal_is_taken_out_of_the_reason():
    assert "\x1b" not in read_edits(json.dumps([{"old": "a", "new": "b", "why": "\x1b[31mred\n\nlines"}]))[0].why


def model(providers, *answers):
    providers.answers[:] = answers
    return Chat(providers.open_model("someone", None), prompts.Prompt("PROMPT", "en", None))


def test_it_is_asked_with_the_prompt_and_the_passage(providers):
    assert model(providers, ONE).correct("It has ⟦1:3⟧.", "en") == [Edit("a", "b", "c")]
    [messages] = providers.asked
    assert [message["role"] for message in messages] == ["user"] and messages[0]["content"] == "PROMPT\n\nIt has ⟦1:3⟧."


def test_a_broken_answer_is_asked_for_once_more(providers):
    assert model(providers, "Of course!", ONE).correct("x", "es") == [Edit("a", "b", "c")]
    assert len(providers.asked) == 2 and "JSON" in providers.asked[1][-1]["content"]
    with pytest.raises(CuadernoError, match="someone answered twice"):
        model(providers, "Of course!", "Sorry!").correct("x", "en")


@pytest.mark.parametrize(
    "error", [TimeoutError("late"), CuadernoError("no answer in 60 seconds"), ValueError("key=SECRET"), MemoryError()]
)
def test_a_model_that_fails_loses_nothing(diary, post, providers, error):
    providers.answers[:] = [error] * 100
    prompt = prompts.read_prompt(diary, "en")
    session = opened(diary, Chat(providers.open_model("m", None), prompt), prompt=prompt)
    accept_all(session)
    assert not session.finish() and post.read_text() == POST and len(session.failed) == len(session.numbers)
    assert not any("SECRET" in str(failure) for _, failure in session.failed)


def answers(passages):
    return [
        json.dumps([{"old": old, "new": new, "why": ""} for old, new in FIXES.items() if old in text])
        for text in passages
    ]


def test_the_same_question_is_not_asked_twice(diary, post, providers):
    prompt = prompts.read_prompt(diary, "en")

    def session():
        return opened(diary, Chat(providers.open_model("m", None), prompt), prompt=prompt)

    first = session()
    providers.answers[:] = answers(first.passage(number).text for number in first.numbers)
    for number in first.numbers[:2]:  # stopped after two, before anything was decided
        first.ask(number)
    assert len(providers.asked) == 2
    second = session()
    accept_all(second)
    assert len(providers.asked) == len(second.numbers) and second.finish() and "expect" in post.read_text()
    third = session()
    accept_all(third)  # what was looked through is not asked about again
    assert len(providers.asked) == len(second.numbers) and third.finish()


def test_without_a_dictionary_a_model_changes_no_letters_by_itself(diary, post, providers, monkeypatch):
    class Offline:
        def knows(self, word, lang):
            raise CuadernoError("the dictionaries are not installed")

    offline = types.ModuleType("cuaderno.diary.proofreading.offline")
    offline.Offline = Offline
    monkeypatch.setitem(sys.modules, offline.__name__, offline)
    prompt = prompts.read_prompt(diary, "en")
    session = opened(diary, Chat(providers.open_model("m", None), prompt), prompt=prompt)
    providers.answers[:] = answers(session.passage(number).text for number in session.numbers)
    found = {one.old: one.is_safe for number in session.numbers for one in session.ask(number).suggestions}
    assert found == {"frist": False, "except": False, "teh": False, "i": True, "modle": False, "alot": False}


class Other:
    name = "another"


@pytest.mark.parametrize("broken", ["", "[]", "{", '{"a": 3}', "\x00\xff"])
def test_a_broken_memory_of_answers_is_none(diary, post, broken):
    session = opened(diary)
    prompt = prompts.read_prompt(diary, "en")
    path = Answers(diary, session.post, session.corrector, prompt).path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(broken)
    memory = Answers(diary, session.post, session.corrector, prompt)
    assert memory.get("text") is None
    memory.put("text", [Edit("a", "b", "c")])
    assert Answers(diary, session.post, session.corrector, prompt).get("text") == [Edit("a", "b", "c")]
    assert Answers(diary, session.post, Other(), prompt).get("text") is None


def test_the_prompt_is_ours_until_the_diary_has_its_own(diary):
    assert "⟦" in prompts.read_prompt(diary, "en").text and "JSON" in prompts.read_prompt(diary, "es").text
    (diary / "prompts").mkdir()
    (diary / "prompts" / "proofread.md").write_text("\ufeffMine.\r\n")
    assert prompts.read_prompt(diary, "en").text == prompts.read_prompt(diary, "es").text == "Mine."
    (diary / "prompts" / "proofread.es.md").write_text("Mío.")
    assert prompts.read_prompt(diary, "es").text == "Mío."
    (diary / "prompts" / "proofread.es.md").write_text("  \n")
    with pytest.raises(CuadernoError, match="is empty"):
        prompts.read_prompt(diary, "es")


def test_the_prompt_that_was_used_stays_when_it_is_changed(diary, post, providers):
    prompt = prompts.read_prompt(diary, "en")
    session = opened(diary, Chat(providers.open_model("m", None), prompt), prompt=prompt)
    providers.answers[:] = answers(session.passage(number).text for number in session.numbers)
    accept_all(session)
    session.finish()
    (diary / "prompts" / "proofread.md").write_text("Another.")
    [used] = prompts.used_prompts(diary)
    assert used.text == prompt.text and used.digest == prompt.digest == session.record.corrections[0].prompt
    record = (post.parent / "proofreading.en.toml").read_text()
    assert 'with = "m"' in record and f'prompt = "{prompt.digest}"' in record


def test_another_server_with_a_model_of_the_same_name_is_asked_too(diary):
    from types import SimpleNamespace

    session, prompt = opened(diary), prompts.read_prompt(diary, "en")
    one, two = (
        SimpleNamespace(name="m", model=SimpleNamespace(server=SimpleNamespace(address=address)))
        for address in ("http://a.example/v1", "http://b.example/v1")
    )
    Answers(diary, session.post, one, prompt).put("text", [])
    assert Answers(diary, session.post, one, prompt).get("text") == []
    assert Answers(diary, session.post, two, prompt).get("text") is None


def test_what_was_refused_is_refused_again_in_the_next_run(diary):
    prompt = prompts.read_prompt(diary, "en")
    for _ in range(2):
        session = opened(diary, Scripted({"It has": "It never has"}), prompt=prompt)
        accept_all(session)
        assert [one.fault.code for one in session.refused] == ["meaning_added"]
