"""Text to tokens: byte pairs learnt from your rows for a new model, or the tokenizer that a pretrained one brings."""

from collections.abc import Iterable
from typing import Any

from tokenizers import Regex, Tokenizer
from tokenizers.decoders import ByteLevel as ByteLevelDecoder
from tokenizers.models import BPE
from tokenizers.normalizers import Lowercase, Prepend, Replace
from tokenizers.normalizers import Sequence as Normalizers
from tokenizers.pre_tokenizers import ByteLevel, Sequence, Split
from tokenizers.processors import TemplateProcessing
from tokenizers.trainers import BpeTrainer

# A word with the space before it, one digit, other marks, or white space. web/tokenizer.js cuts in the same way.
WORDS = r" ?\p{L}+| ?\p{N}| ?[^\s\p{L}\p{N}]+|\s+"
# Whoever only reads takes a number of five digits or more for its length: it is hardly met twice.
WORDS_TO_READ = r" ?0{5,}|" + WORDS
LONG_NUMBERS = ((r"(?<!\p{N})\p{N}{5,8}(?!\p{N})", "0" * 5), (r"\p{N}{9,}", "0" * 9))
READER = ("[PAD]", "[CLS]", "[SEP]", "[MASK]")
WRITER = ("<|pad|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>")
SPEECHES = (
    "{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
# For a model that has read plain text: names and colons, as a play has them. A gap or its own end token ends a speech.
PLAIN_SPEECHES = (
    "{% for m in messages %}"
    "{{ 'User: ' if m['role'] == 'user' else 'Assistant: ' if m['role'] == 'assistant' else '' }}"
    "{{ m['content'] }}{{ (eos_token or '\n\n') if m['role'] == 'assistant' else '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}Assistant:{% endif %}"
)


def learn(family: str, texts: Iterable[str], vocab_size: int, context_length: int, lowercase: bool) -> Any:
    """A tokenizer of byte pairs for a new model: no character is unknown to it.

    Source:  byte-level BPE as in GPT-2, Radford et al. 2019.
    Differs: each digit is a token of its own, and a long number is one, since numbers are rarely met twice.
    """
    from transformers import PreTrainedTokenizerFast

    writes = family in ("gpt2", "llama")
    special, words = (WRITER, WORDS) if writes else (READER, WORDS_TO_READ)
    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = Sequence(
        [Split(Regex(words), "isolated"), ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    tokenizer.decoder = ByteLevelDecoder()
    steps: list[Any] = [Lowercase()] if lowercase else []
    if not writes:
        steps += [Replace(Regex(number), zeros) for number, zeros in LONG_NUMBERS]
        steps.append(Prepend(" "))  # so that the first word is the same token as elsewhere
    if steps:
        tokenizer.normalizer = Normalizers(steps)
    trainer = BpeTrainer(
        vocab_size=vocab_size, special_tokens=list(special), initial_alphabet=ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    if not writes:
        ends = [("[CLS]", 1), ("[SEP]", 2)]
        single = "$A [SEP] [CLS]" if family == "xlnet" else "[CLS] $A [SEP]"
        tokenizer.post_processor = TemplateProcessing(single=single, special_tokens=ends)
        names = {"pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]", "mask_token": "[MASK]"}
    else:
        names = {"pad_token": "<|pad|>", "eos_token": "<|end|>", "bos_token": "<|end|>"}
    side = "left" if family == "xlnet" else "right"  # its summary is the last token
    made = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=context_length, padding_side=side, **names
    )
    if writes:
        made.chat_template = SPEECHES
    return made


def ready(tokenizer: Any, task: str) -> Any:
    """A pretrained model's tokenizer with all that we need: a token to pad with, and a form for conversations."""
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.convert_ids_to_tokens(0)
    if task == "chat" and not tokenizer.chat_template:
        tokenizer.chat_template = PLAIN_SPEECHES
    return tokenizer


def prompt_of(tokenizer: Any, messages: list[dict]) -> str:
    """A conversation up to where the model is to answer, in the form that it knows."""
    return tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)


def end_of(tokenizer: Any) -> str:
    """What ends an answer."""
    if tokenizer.chat_template in (SPEECHES, PLAIN_SPEECHES):
        return tokenizer.eos_token or "\n\n"
    marked = tokenizer.apply_chat_template(
        [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "\u241e"}], tokenize=False
    )
    return marked.rpartition("\u241e")[2].rstrip("\n") or tokenizer.eos_token or "\n\n"


def plain_ids(tokenizer: Any, text: str) -> list[int]:
    """The tokens of a text as it stands, without marks around it."""
    return tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]


def encode(tokenizer: Any, texts: list[str], context_length: int) -> list[list[int]]:
    """The tokens of each text with the marks that its family puts around it, cut to what the model sees at once."""
    if not texts:
        return []
    found = tokenizer(texts, truncation=True, max_length=context_length)["input_ids"]
    blank = [tokenizer.pad_token_id]
    return [ids or blank for ids in found]
