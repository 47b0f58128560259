"""What an answer cost: as the server counted it, at the price that somebody wrote down."""

import pytest

from cuaderno.chat import providers
from cuaderno.chat.both import Both
from cuaderno.chat.conversation import Conversation
from cuaderno.chat.usage import Usage, usage_of
from cuaderno.lab.errors import CuadernoError

OPENAI = b'data: {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [], '
OPENAI += b'"usage": {"prompt_tokens": 1000, "completion_tokens": 20, "total_tokens": 1020}}\n\n'
GEMINI = b'data: {"candidates": [], "usageMetadata": {"promptTokenCount": 1000, "candidatesTokenCount": 15, '
GEMINI += b'"thoughtsTokenCount": 5}}\n\n'


@pytest.fixture
def folder(chat_server, tmp_path, monkeypatch):
    for name in ("GEMINI", "OPENAI"):
        monkeypatch.delenv(f"{name}_PRICE", raising=False)
    return chat_server.write_env(tmp_path)


@pytest.mark.parametrize(("kind", "event"), [("openai", OPENAI), ("gemini", GEMINI)])
def test_the_servers_count_is_taken_and_priced(folder, chat_server, kind, event):
    with (folder / ".env").open("a") as file:
        file.write(f"{kind.upper()}_PRICE=0.5 / 10\n")
    chat_server.says(["Good", "day", event], ["not", "counted"], ["again", event])
    conversation = Conversation(providers.open_model(kind, folder))
    assert "".join(conversation.ask("hello")) == "Good day"
    assert conversation.usage == Usage(1000, 20, pytest.approx(0.0007))
    list(conversation.ask("?"))
    assert usage_of(conversation.model) is None and conversation.usage.read == 1000
    list(conversation.ask("?"))
    assert conversation.usage.as_json() == {"tokens_read": 2000, "tokens_written": 40, "cost": pytest.approx(0.0014)}


def test_without_a_price_there_is_no_cost(folder, chat_server):
    chat_server.says(["Good", OPENAI])
    conversation = Conversation(providers.open_model("openai", folder))
    list(conversation.ask("hello"))
    assert conversation.usage == Usage(1000, 20) and "cost" not in conversation.usage.as_json()
    assert chat_server.requests[0]["body"]["stream_options"] == {"include_usage": True}


def test_a_server_that_cannot_count_is_asked_again_without(folder, chat_server):
    chat_server.says(
        {"status": 400, "body": {"error": {"message": "Unrecognized argument: stream_options"}}}, "Good day"
    )
    model = providers.open_model("openai", folder)
    assert "".join(model.stream([{"role": "user", "content": "?"}])) == "Good day" and model.usage is None
    assert ["stream_options" in request["body"] for request in chat_server.requests] == [True, False]


@pytest.mark.parametrize("price", ["much", "1", "1 2 3", "-1 2", "nan 1", "inf 1"])
def test_what_is_no_price_is_told_with_an_example(folder, price):
    with (folder / ".env").open("a") as file:
        file.write(f"OPENAI_PRICE={price}\n")
    with pytest.raises(CuadernoError, match=r"OPENAI_PRICE=0\.30 2\.50"):
        providers.open_model("openai", folder)


def test_a_price_is_for_the_address_beside_it(folder, chat_server):
    with (folder / ".env").open("a") as file:
        file.write("OPENAI_PRICE=1 2\n")
    assert providers.open_model("openai", folder).price == (1, 2)
    assert providers.open_model(f"{chat_server.gemini}/v2#m", folder).price is None


def test_two_models_answer_one_question_each_with_its_own_history(parrot):
    first, second = parrot(["one"], ["two"]), parrot(["uno"], [CuadernoError("Not today.")])
    both = Both(first, second)
    conversation = Conversation(both)
    assert "".join(conversation.ask("count")) == "[parrot-1 1]\none\n\n[parrot-1 2]\nuno"
    assert both.answers == {"parrot-1 1": "one", "parrot-1 2": "uno"} and both.introduction("es") == "Un loro."
    assert "".join(conversation.ask("more")).endswith("[parrot-1 2]\nNot today.")
    assert [one["content"] for one in first.asked[1]] == ["count", "one", "more"]
    assert both.answers == {"parrot-1 1": "two", "parrot-1 2": None} and both.faults == {"parrot-1 2": "Not today."}
    list(Conversation(both).ask("new"))
    assert [one["content"] for one in first.asked[2]] == ["new"]


def test_when_neither_answers_that_is_an_error(parrot):
    both = Both(parrot([CuadernoError("No.")]), parrot([CuadernoError("No.")]))
    with pytest.raises(CuadernoError, match="Neither"):
        list(both.stream([{"role": "user", "content": "?"}]))
