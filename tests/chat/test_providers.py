"""Models that somebody serves, asked over real connections to a loopback server of both protocols."""

import pytest

from cuaderno.chat.providers import complete, open_model


def ask(text="hola"):
    return [{"role": "user", "content": text}]


@pytest.fixture
def folder(chat_server, tmp_path):
    return chat_server.write_env(tmp_path)


@pytest.fixture(params=["gemini", "openai"])
def model(request, folder):
    return open_model(request.param, folder)


def test_an_answer_comes_in_pieces(model, chat_server):
    chat_server.says("Good day to you")
    assert list(model.stream(ask())) == ["Good", " day", " to", " you"]


def test_complete_gives_the_whole_answer(model, chat_server):
    chat_server.says("Good day to you")
    assert complete(model, ask(), seconds=20) == "Good day to you"
