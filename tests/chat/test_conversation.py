"""What is kept is what was shown, and an answer may end at any piece."""

import pytest

from cuaderno.chat.conversation import Conversation
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.text import printable


def roles(conversation):
    return [(message["role"], message["content"]) for message in conversation.messages]


def test_questions_and_answers_are_remembered(parrot):
    model = parrot(["Good ", "", "day"])
    conversation = Conversation(model)
    assert list(conversation.ask("hello")) == ["Good ", "day"]
    assert list(conversation.ask("bye")) == ["re: ", "bye"]
    assert [len(asked) for asked in model.asked] == [1, 3]
    assert roles(conversation)[:2] == [("user", "hello"), ("assistant", "Good day")]


def test_a_stopped_answer_stays_as_far_as_it_came(parrot):
    model = parrot(["one ", "two ", "three"])
    conversation = Conversation(model)
    answer = conversation.ask("count")
    assert next(answer) + next(answer) == "one two "
    answer.close()
    assert roles(conversation) == [("user", "count"), ("assistant", "one two ")] and model.closed == 1


@pytest.mark.parametrize("error", [CuadernoError("no network"), KeyboardInterrupt()])
def test_an_error_keeps_what_was_said_before_it(parrot, error):
    conversation = Conversation(parrot(["half", error], [error]))
    for _ in range(2):  # the second question fails before the first word: it is forgotten
        with pytest.raises(type(error)):
            list(conversation.ask("why?"))
    assert roles(conversation) == [("user", "why?"), ("assistant", "half")]


def test_an_answer_without_words_leaves_no_trace(parrot):
    conversation = Conversation(parrot([" ", "\n"], []))
    assert list(conversation.ask("a")) == [" ", "\n"] and list(conversation.ask("b")) == []
    assert conversation.messages == []


def test_a_model_may_answer_with_any_iterator(parrot):
    model = parrot()
    model.stream = lambda messages: iter(["a", "b"])
    assert list(Conversation(model).ask("?")) == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b]0;title\x07", "�[31mred�]0;title�"),
        ("a\r\nb\tc\x00\x7f\x9b2J", "a\nb\tc���2J"),
        ("half \ud83d, end\u202egnol", "half �, end�gnol"),
        ("¿Qué? سلام 👋🏽\u200f", "¿Qué? سلام 👋🏽\u200f"),
    ],
)
def test_nothing_that_commands_a_terminal_is_shown_or_kept(parrot, text, shown):
    assert printable(text) == shown and shown.encode()
    conversation = Conversation(parrot())
    assert "".join(conversation.ask(text)) == f"re: {shown}"
    assert roles(conversation)[0] == ("user", shown)


def test_a_sequence_split_over_two_pieces_is_caught_too(parrot):
    assert list(Conversation(parrot(["\x1b", "[31m"])).ask("?")) == ["�", "[31m"]


def test_a_megabyte_is_a_question_like_any_other(parrot):
    conversation = Conversation(parrot())
    assert len("".join(conversation.ask("x\x1b" * 500_000))) == 1_000_004


def test_markdown_breaks_lines_where_the_text_does(parrot):
    conversation = Conversation(parrot(["To be,\nor not.\n\n- a\n"]))
    list(conversation.ask("And?"))
    text = conversation.to_markdown("Talk", {"user": "You", "assistant": "Parrot"})
    assert text == "# Talk\n\n**You**\n\nAnd?\n\n**Parrot**\n\nTo be,  \nor not.\n\n- a\n"
