"""The page *Chat*: one model or two, what was said is kept, and a silent model does not hold the page."""

import json
import threading
from types import SimpleNamespace

import pytest

from cuaderno.chat import saved
from cuaderno.chat.conversation import Conversation
from cuaderno.cli.answers import is_served
from cuaderno.lab.errors import CuadernoError
from cuaderno.workbench.talking import listening
from cuaderno.workbench.talking import side as sides
from cuaderno.workbench.talking.listening import Listener
from cuaderno.workbench.talking.words import TEXT


class Stand:
    """A model that says what it is told to; a piece may be an event to wait for, or an error."""

    def __init__(self, name="stand-in", *answers):
        self.name, self.answers, self.asked, self.usage = name, list(answers), [], None

    def introduction(self, lang):
        return "<b>Hello</b>"

    def stream(self, messages):
        self.asked.append([dict(one) for one in messages])
        for piece in self.answers.pop(0) if self.answers else ["re: ", messages[-1]["content"]]:
            if isinstance(piece, Exception):
                raise piece
            if isinstance(piece, threading.Event):
                piece.wait(20)
                continue
            yield piece
        self.usage = 10, 2


@pytest.fixture
def models(monkeypatch):
    """The models that the page opens, by name."""
    found = {"gemini": Stand("gemini-x"), "openai": Stand("gpt-x")}

    def open_model(diary, reference, options):
        if reference not in found:
            raise CuadernoError(f"There is no model '{reference}'.")
        found[reference].options = options
        return found[reference]

    monkeypatch.setattr(sides, "open_model", open_model)
    return found


def kept(folder):
    return [json.loads(path.read_text()) for path in sorted((folder / saved.FOLDER).glob("*.jsonl"))]


def test_both_languages_have_every_word():
    assert list(TEXT["en"]) == list(TEXT["es"])


def test_a_conversation_is_kept_and_goes_on_after_a_reload(one_page, folder, models):
    app = one_page("chat")
    app.text_area(key="system").set_value("Be brief.").run()
    app.chat_input[0].set_value("¿Quién <b>eres?").run()
    assert not app.exception and not app.error
    [one] = kept(folder)
    assert [said["role"] for said in one["messages"]] == ["system", "user", "assistant"] and one["model"] == "gemini"
    assert models["gemini"].options == {"system": "Be brief."}
    assert "10 tokens read, 2 written" in " ".join(said.value for said in app.caption)
    assert "&lt;b&gt;eres" in " ".join(str(said.proto.body) for said in app.get("html"))

    address = app.query_params["talk"]
    again = one_page("chat", talk=address if isinstance(address, str) else address[0])
    assert again.text_area(key="system").value == "Be brief."
    again.chat_input[0].set_value("y?").run()
    [one] = kept(folder)
    assert len(one["messages"]) == 5 and len(models["gemini"].asked[-1]) == 3

    again.button(key="new conversation").click().run()
    again.chat_input[0].set_value("new").run()
    assert len(kept(folder)) == 2 and len(models["gemini"].asked[-1]) == 1


def test_two_side_by_side_and_one_that_fails(one_page, folder, models):
    models["openai"].answers = [["half", CuadernoError("It *broke*.")]]
    app = one_page("chat")
    app.toggle(key="side by side").set_value(True).run()
    app.chat_input[0].set_value("hola").run()
    assert not app.exception and app.warning[0].value.replace("\\", "") == "It *broke*."
    assert sorted(one["messages"][-1]["content"] for one in kept(folder)) == ["half", "re: hola"]


def test_a_model_that_is_not_there_is_told(one_page, models):
    del models["gemini"]
    app = one_page("chat", lang="es")
    assert "There is no model" in app.error[0].value and app.chat_input[0].disabled


def test_a_kept_one_is_opened_again(one_page, folder, models):
    messages = [{"role": "user", "content": "first"}, {"role": "assistant", "content": "one"}]
    saved.save(folder, "20261101-000000-aaaaaa", messages, "openai")
    app = one_page("chat")
    app.button(key="open kept").click().run()
    app.chat_input[0].set_value("second").run()
    assert not app.exception and [one["content"] for one in models["openai"].asked[0]] == ["first", "one", "second"]
    assert "20261101-000000-aaaaaa" in app.query_params["talk"]


def test_a_silent_model_is_left_and_what_it_said_stays(monkeypatch):
    monkeypatch.setattr(listening, "LET_GO", 0.05)
    hang = threading.Event()
    listener = Listener(Conversation(Stand("s", ["one ", hang, "two"])), "count")
    while listener.said != "one ":
        listening.wait(0.01)
    found = listener.stop()
    assert [one["content"] for one in found.messages] == ["count", "one"] and found is not listener.conversation
    hang.set()
    assert listener.done.wait(20) and len(found.messages) == 2


def test_a_stopped_answer_stays_as_far_as_it_came():
    more = threading.Event()
    listener = Listener(Conversation(Stand("s", ["one ", more, "two ", "three"])), "count")
    threading.Timer(0.05, more.set).start()
    while listener.said != "one ":
        listening.wait(0.01)
    found = listener.stop()
    assert found is listener.conversation and found.messages[-1]["content"] in ("one two ", "one ")


def test_a_mistake_of_a_study_is_told_and_ends():
    listener = Listener(Conversation(Stand("s", [ZeroDivisionError("0")])), "?")
    assert listener.done.wait(20) and listener.fault == "ZeroDivisionError: 0" and listener.stop().messages == []


@pytest.mark.parametrize("name", ["../../cuaderno", "none", ",,", "a/b"])
def test_an_address_leads_out_of_no_folder(folder, name):
    assert sides.opened(folder, name) == ([], "")


@pytest.mark.parametrize(
    ("name", "served"),
    [("gemini", True), ("openai:x", True), ("http://x/v1#m", True), ("toy-2026", False), ("", False)],
)
def test_a_served_model_is_told_from_a_run(name, served):
    assert is_served(name) == served


def test_only_runs_that_can_talk_are_offered(folder, make_run):
    labels, answers = {"task": "classify"}, {"task": "chat"}
    for name, day, config in (("refine", 21, answers), ("refine", 22, labels), ("maze", 23, {}), ("gpt", 24, {})):
        id = f"{name}-202611{day}-101112-abcdef"
        path = make_run(folder.parent / "runs", id, config=config)
        (path / "checkpoint" / "weights.safetensors").write_bytes(b"")
    offered = {run.id for run in sides.runs_to_talk_with(folder)}
    assert offered == {"refine-20261121-101112-abcdef", "gpt-20261124-101112-abcdef"}


def test_a_run_that_obeys_is_told_what_to_be_and_another_is_not(monkeypatch, make_run, folder):
    """As its study's chat.py says."""
    make_run(folder.parent / "runs", "toy-20261121-101112-abcdef")
    told = []
    parts = {
        True: SimpleNamespace(open=lambda run, system="", seed=0: told.append(system)),
        False: SimpleNamespace(open=lambda run, seed=0: told.append(None)),
    }
    monkeypatch.setattr(sides, "talkative", lambda: ["toy"])
    for obeys, part in parts.items():
        monkeypatch.setattr(sides.studies, "load", lambda name, part_name, part=part: part)
        sides.open_model(folder, "toy", {"system": "Be brief.", "seed": 1})
        assert sides.can_be_told(folder, "toy") == obeys
    assert told == ["Be brief.", None] and sides.can_be_told(folder, "gemini")
