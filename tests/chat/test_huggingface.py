"""A folder in the Hugging Face format is something to talk with."""

import time

import pytest

from cuaderno.chat import providers
from cuaderno.chat.conversation import Conversation
from cuaderno.chat.huggingface import is_folder
from cuaderno.lab.errors import CuadernoError

TEMPLATE = "{% for one in messages %}{{ one.role }}: {{ one.content }}\n{% endfor %}assistant: "


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """An untrained GPT-2 whose tokens are bytes."""
    transformers = pytest.importorskip("transformers")
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    path = tmp_path_factory.mktemp("hf") / "tiny-model"
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({char: number for number, char in enumerate(["<end>", *alphabet])}, []))
    tokenizer.pre_tokenizer, tokenizer.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<end>")
    fast.chat_template = TEMPLATE
    fast.save_pretrained(path)
    config = transformers.GPT2Config(
        vocab_size=len(fast), n_positions=128, n_embd=16, n_layer=1, n_head=2, bos_token_id=0, eos_token_id=0
    )
    transformers.GPT2LMHeadModel(config).save_pretrained(path)
    return path


def test_it_answers_the_same_with_the_same_seed_and_counts(folder):
    answers = []
    for _ in range(2):
        model = providers.open_model(str(folder), None, system="Be brief.", max_tokens=12, seed=3)
        conversation = Conversation(model)
        answers.append("".join(conversation.ask("¿Qué?")))
        asked = len("system: Be brief.\nuser: ¿Qué?\nassistant: ".encode())
        assert conversation.usage.read == asked and 0 < conversation.usage.written <= 12
    assert answers[0] == answers[1] and model.name == "tiny-model" and "se queda aquí" in model.introduction("es")


def test_a_long_conversation_fits_and_an_answer_can_be_stopped(folder):
    model = providers.open_model(str(folder), None)
    pieces = model.stream([{"role": "user", "content": "x" * 5000}])
    next(pieces)
    begun = time.monotonic()
    pieces.close()
    assert time.monotonic() - begun < 10 and model.usage[0] == 64


def test_what_is_no_such_folder_is_told(folder, tmp_path):
    assert is_folder(str(folder)) and not is_folder(str(tmp_path)) and not is_folder("a\0b")
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(CuadernoError, match="holds no model to talk with"):
        providers.open_model(str(tmp_path), None)
    with pytest.raises(CuadernoError, match="knows nothing of --you"):
        providers.open_model(str(folder), None, you="me")


def test_a_folder_that_holds_no_model_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "posts").mkdir()
    (tmp_path / "file.txt").write_text("")
    for name, said in (
        ("./posts", r"posts holds no model: there is no config\.json in it"),
        ("posts", "there is no config"),
        ("./nowhere", r"There is no folder \./nowhere"),
        (str(tmp_path / "file.txt"), "it is a file"),
        ("nobody", r"no provider 'nobody'.*a folder in the Hugging Face format"),
    ):
        with pytest.raises(CuadernoError, match=said):
            providers.open_model(name, tmp_path)
