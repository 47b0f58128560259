"""What the network is given to go on from, where its speech ends, and that nothing a person sends breaks it."""

import json
import time

import pytest
import torch

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.run import Run
from cuaderno.studies.gpt import chat
from cuaderno.studies.gpt.chat import Imitator, cast
from cuaderno.studies.gpt.dialogue import Dialogue
from cuaderno.studies.gpt.generate import Sampling
from cuaderno.studies.gpt.model import GPT
from cuaderno.studies.gpt.tokens import encode, learn

ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ,.:\n�"
PLAY = Dialogue(("JULIET", "ROMEO", "NURSE"), own_line=True)
LINES = Dialogue(("Ana", "Bea"), own_line=False)


def imitator(dialogue=PLAY, context_length=128, kind="char", **options) -> Imitator:
    torch.manual_seed(0)
    tokenizer = learn(kind, ["ab ab"], ALPHABET)
    model = GPT(tokenizer.get_vocab_size(), context_length, num_layers=1, num_heads=1, embed_dim=8)
    return Imitator(model, tokenizer, dialogue, "gpt-1", **options)


def said(*contents):
    roles = ("user", "assistant")
    return [{"role": roles[i % 2], "content": content} for i, content in enumerate(contents)]


@pytest.fixture
def dictate(monkeypatch):
    """Let the network say given texts: `given = dictate(model, "first try", "second")` also tells what it was given."""

    def start(who, *texts):
        given, rest = [], list(texts)

        def draw(model, tokens, sampling, mix=None):
            given.append((who.tokenizer.decode(list(tokens), skip_special_tokens=False), sampling))
            yield from encode(who.tokenizer, rest.pop(0))

        monkeypatch.setattr(chat, "draw", draw)
        return given

    return start


def answer(who, messages) -> str:
    return "".join(who.stream(messages))


def test_a_conversation_is_written_as_the_play_writes_it(dictate):
    who = imitator()
    given = dictate(who, "Ay me.\n\nROMEO:\nmore")
    assert answer(who, said("She speaks.\n\n  Speak  again", "Who", "  I  ")) == "Ay me."
    assert given[0][0].endswith("ROMEO:\nShe speaks.\nSpeak  again\n\nJULIET:\nWho\n\nROMEO:\nI\n\nJULIET:\n")


def test_a_chat_in_lines(dictate):
    who = imitator(LINES)
    given = dictate(who, " Hi there\nBea: more")
    assert answer(who, said("Hello\nyou")) == "Hi there", "the space behind the colon is not part of the speech"
    assert given[0][0] == "Bea: Hello you\nAna:"


def test_the_next_name_ends_a_speech_even_without_a_gap(dictate):
    who = imitator(you="Nobody")
    for name in ("ROMEO", "NURSE", "JULIET", "Nobody"):
        dictate(who, f"So it is.\n{name}:\nmore")
        assert answer(who, said("a")) == "So it is."
    dictate(who, "So it is.\nROME is far")
    assert answer(who, said("a")) == "So it is.\nROME is far"


def test_the_newest_half_of_the_context_is_read(dictate):
    who = imitator(context_length=64)
    given = dictate(who, "a")
    answer(who, said("first words", "x" * 200, "last words"))
    assert given[0][0] == "xxx\n\nROMEO:\nlast words\n\nJULIET:\n", "32 characters of 64"


def test_system_messages_are_left_out(dictate):
    who = imitator()
    given = dictate(who, "a")
    answer(who, [{"role": "system", "content": "Be kind"}, *said("Hello")])
    assert given[0][0] == "ROMEO:\nHello\n\nJULIET:\n"


def test_only_white_space_gets_one_more_try_with_another_seed(dictate):
    who = imitator(sampling=Sampling(seed=4))
    given = dictate(who, " \n \n\n", "\n Well")
    assert answer(who, said("a")) == "Well" and given[0][1].seed != given[1][1].seed
    given = dictate(who, "\n\n", "", "never asked")
    assert answer(who, said("a")) == "" and len(given) == 2
    given = dictate(who, "Well")
    assert answer(who, said("a")) == "Well" and len(given) == 1


def test_a_text_without_speeches_goes_on_from_the_words(dictate):
    who = imitator(None)
    given = dictate(who, " upon a time\n\nthere", " lived")
    assert answer(who, said("Once")) == " upon a time\n\nthere"
    assert answer(who, said("Once", " upon", "who")) == " lived"
    assert [text for text, _ in given] == ["Once", "Once upon\nwho"]


@pytest.mark.parametrize(
    ("you", "they", "roles"),
    [
        (None, None, ("ROMEO", "JULIET")),
        ("juliet", None, ("JULIET", "ROMEO")),
        (None, "Romeo", ("JULIET", "ROMEO")),
        ("Don  Quijote:\n", None, ("Don Quijote", "JULIET")),
        ("nurse", "NURSE", ("NURSE", "NURSE")),
        ("", " : ", ("ROMEO", "JULIET")),
        ("x" * 1_000_000, None, ("x" * 40, "JULIET")),
    ],
)
def test_who_is_who(you, they, roles):
    assert cast(PLAY.speakers, you, they) == roles


@pytest.mark.parametrize("speakers", [(), ("A",)])
def test_a_play_of_few_people_still_has_two(speakers):
    you, they = cast(speakers, None, None)
    assert you and they and you != they


def test_the_introduction_is_plain_in_both_languages():
    assert chat.TEXT["en"].keys() == chat.TEXT["es"].keys()
    play, stranger, prose = imitator(), imitator(they="Yoda"), imitator(None)
    for lang, nothing, role in (
        ("en", "knows nothing", "You speak as ROMEO"),
        ("es", "No sabe nada", "hablas como ROMEO"),
    ):
        assert nothing in play.introduction(lang) and role in play.introduction(lang)
        assert "NURSE" in play.introduction(lang) and "64 tokens" in play.introduction(lang)
        assert "Yoda" in stranger.introduction(lang).splitlines()[-1] and "Yoda" not in play.introduction(lang)
    assert "goes on from your words" in prose.introduction("en") and "continúa tus palabras" in prose.introduction("es")


def test_the_introduction_names_the_usual_characters_that_it_cannot_read():
    who = imitator()
    for lang, lacks in (("en", "0 1 2"), ("es", "¡ « » ¿ Á É")):
        told = who.introduction(lang)
        assert lacks in told and " a " not in told.partition(lacks)[2].partition("\n")[0].partition(" y ")[0]
    assert "¿" not in who.introduction("en")
    assert "1" in imitator(None).introduction("en") and "alphabet" not in imitator(kind="bpe:256").introduction("en")


def test_names_are_marked_as_the_text_marks_them():
    dashed = imitator(Dialogue(("ANA", "BEA"), own_line=False, before="", after=".—"))
    assert "\nBEA.—" in dashed.sampling.stop and dashed.script(said("Hello")) == "BEA.—Hello\nANA.—"
    bold = imitator(Dialogue(("ANA", "BEA"), own_line=True, before="**", after=":**"))
    assert "\n**BEA:**" in bold.sampling.stop and bold.script(said("Hello")) == "**BEA:**\nHello\n\n**ANA:**\n"


HOSTILE = {
    "empty": "",
    "blank": " \n\n ",
    "surrogates": "\ud800 \udfff",
    "control": "\x00\x1b[2J\x07\r\n\x85\u2028",
    "unknown": "🙂سلام",
    "megabyte": "x" * 1_000_000,
    "blank megabyte": " \n" * 500_000,
    "names": "ROMEO:\n\nJULIET:",
}


@pytest.mark.parametrize("dialogue", [PLAY, LINES, None], ids=["play", "lines", "prose"])
@pytest.mark.parametrize("kind", ["char", "bpe:256"])
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_nothing_a_person_sends_breaks_it(dialogue, kind, text):
    who = imitator(dialogue, 32, kind, sampling=Sampling(seed=1, max_tokens=40), they=text if dialogue else None)
    start = time.process_time()
    for messages in ([], said(text), said(text, text, text), [{"role": "system", "content": text}]):
        assert isinstance(answer(who, messages), str)
    assert isinstance(who.introduction("es"), str)
    assert time.process_time() - start < 10


def test_one_seed_gives_one_answer():
    def once(seed):
        return answer(imitator(sampling=Sampling(seed=seed, max_tokens=30)), said("Hello"))

    assert once(1) == once(1) != once(2)
    assert isinstance(once(2**70), str) and isinstance(once(-1), str)


def test_every_answer_has_its_own_luck(dictate):
    who = imitator(sampling=Sampling(seed=4))
    given = dictate(who, *"abc")
    for messages in (said("Hi"), said("Hi", "a", "Hi"), said("Hi")):
        answer(who, messages)
    first, second, again = (sampling.seed for _, sampling in given)
    assert first == again != second


def test_a_stopped_answer_lets_go():
    pieces = imitator(None, sampling=Sampling(max_tokens=0)).stream(said("Hello"))
    next(pieces)
    pieces.close()
    assert next(pieces, "over") == "over"


# -- from a run on disk -----------------------------------------------------------------------------------------------


@pytest.fixture
def run(make_run, tmp_path, monkeypatch) -> Run:
    """A run with a dialogue beside its weights; the weights themselves are pretended."""
    who = imitator()
    monkeypatch.setattr(chat, "trained", lambda run: (who.model, who.tokenizer))
    run = Run.open(make_run(tmp_path, "gpt-20261121-101112-abcdef"))
    speech = {"speakers": ["JULIET", "ROMEO"], "own_line": True}
    (run.folder / "checkpoint" / "dialogue.json").write_text(json.dumps(speech))
    return run


def test_a_run_is_opened_with_its_dialogue(run):
    who = chat.open(run, they="romeo", temperature=0.0, max_tokens=5)
    assert (who.name, who.you, who.they) == (run.id, "JULIET", "ROMEO")
    assert who.sampling.temperature == 0 and "\n\n" in who.sampling.stop
    assert isinstance(answer(who, said("Hello")), str)


def test_a_run_remembers_how_names_are_marked(run):
    speech = Dialogue(("JULIET", "ROMEO"), own_line=False, before="", after=".—")
    (run.folder / "checkpoint" / "dialogue.json").write_text(json.dumps(speech.as_json()))
    assert chat.open(run).dialogue == speech


def test_a_run_without_dialogue_has_nobody_to_be(run):
    (run.folder / "checkpoint" / "dialogue.json").unlink()
    assert chat.open(run).dialogue is None
    with pytest.raises(CuadernoError, match="was no dialogue"):
        chat.open(run, you="ROMEO")


@pytest.mark.parametrize("text", ["{", "[]", '{"speakers": 3, "own_line": true}', '{"speakers": []}', "\xff"])
def test_a_damaged_dialogue_is_named(run, text):
    (run.folder / "checkpoint" / "dialogue.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(CuadernoError, match=r"dialogue.json is damaged"):
        chat.open(run)


@pytest.mark.parametrize("option", [{"temperature": -1.0}, {"top_p": float("nan")}, {"max_tokens": -1}])
def test_settings_out_of_bounds_are_named(run, option):
    with pytest.raises(CuadernoError, match=next(iter(option))):
        chat.open(run, **option)
