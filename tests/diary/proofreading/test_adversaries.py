"""Correctors that rewrite, summarise, translate, inject, drop, swap, shout, fail: nothing of the content may be lost.

What counts as content is measured here by means of its own, not by the guard's.
"""

import difflib
import random
import re
import tempfile
from pathlib import Path

import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cuaderno.diary.proofreading.edits import Edit
from cuaderno.lab.errors import CuadernoError

from .conftest import SETTINGS, accept_all, opened

WORDS = [
    "training",
    "network",
    "quickly",
    "because",
    "several",
    "mistakes",
    "remember",
    "yesterday",
    "teacher",
    "problem",
    "without",
    "changing",
    "reading",
    "maze",
    "solver",
    "weights",
    "learned",
    "nothing",
    "never",
    "corridor",
    "again",
    "careful",
    "small",
    "answer",
    "written",
    "together",
]
LEARNERS = ["wich", "becouse", "alot", "thier", "dont", "recieve", "untill", "teh", "exept", "beleive", "diferent"]
SPANISH = [
    "red",
    "laberinto",
    "pesos",
    "aprendizaje",
    "rápidamente",
    "porque",
    "varios",
    "errores",
    "recuerda",
    "ayer",
    "profesora",
    "problema",
]


# -- documents ---------------------------------------------------------------------------------------------------------


word = st.sampled_from(WORDS + LEARNERS)
bit = st.one_of(
    word, word, word, word, word,
    st.sampled_from(["`x = 1`", "`rm -rf /`", "$n^2$", "{num}`maze.solved`", "[the course](https://a.example/b?c=1)",
                     "**bold words**", "_leaning_", "<kbd>Ctrl</kbd>", "3.5 %", "1,000", "7", "PyTorch", "GPT-2", "Ada",
                     "https://b.example/x_y", "![a drawing](pic.png)", "&amp;", "⟦1⟧", "⟦2:7⟧", "[^1]",
                     "{aside}`a word beside it`", "a < b", "10:30", "x@y.example", "~~gone~~", "train.py",
                     "\\*star\\*"]),
)  # fmt: skip
sentence = st.builds(lambda bits, end: (" ".join(bits) + end).capitalize() if bits[0].isalpha() else
                     " ".join(bits) + end,
                     st.lists(bit, min_size=3, max_size=14), st.sampled_from([".", "!", "?", "…"]))  # fmt: skip
prose = st.lists(sentence, min_size=1, max_size=4).flatmap(
    lambda parts: st.sampled_from([" ", "\n"]).map(lambda space: space.join(parts))
)
block = st.one_of(
    prose, prose,
    st.lists(sentence, min_size=1, max_size=4).map(lambda items: "\n".join(f"- {item}" for item in items)),
    st.lists(sentence, min_size=1, max_size=3).map(lambda items: "\n".join(f"- [ ] {item}" for item in items)),
    st.lists(sentence, min_size=1, max_size=3).map(
        lambda items: "\n".join(f"{n}. {one}" for n, one in enumerate(items, 1))
    ),
    prose.map(lambda text: "> " + text.replace("\n", "\n> ")),
    st.lists(word, min_size=2, max_size=5).map(lambda words: "## " + " ".join(words)),
    st.lists(word, min_size=2, max_size=2).map(lambda w: f"| {w[0]} | size |\n|---|---:|\n| {w[1]} again | 40 |"),
    sentence.map(lambda text: f":::{{note}} A title here\n{text}\n:::"),
    st.just("```python\ntrain(epochs=3)  # teh loop\n```"),
    st.just("```{metrics} maze\n:only: solved\n```"),
    st.just("<div class='x'>teh raw html</div>"),
    st.just("$$\nE = mc^2\n$$"),
    st.just("[name]: https://c.example/d"),
)  # fmt: skip
title = st.lists(word, min_size=2, max_size=5).map(" ".join)
document = st.builds(
    lambda head, blocks, end, mark: (
        mark + f"---\ntitle: {head}\ndescription: '{head} again'\ndate: 2026-11-20\ntags: [a, b]\n---\n"
        + "\n\n".join(blocks) + "\n\n[^1]: A note at the foot of teh page.\n"
    ).replace("\n", end),
    title, st.lists(block, min_size=1, max_size=6), st.sampled_from(["\n", "\r\n"]), st.sampled_from(["", "\ufeff"]),
)  # fmt: skip


# -- correctors --------------------------------------------------------------------------------------------------------


def whole(change):
    """A corrector that replaces the passage in one edit."""
    return lambda text, rng: [Edit(text, change(text, rng), "better")]


def by_word(change):
    """A corrector with one edit for each word that is there once."""

    def correct(text, rng):
        words = re.findall(r"\w+", text)
        return [Edit(one, change(one, rng), "so") for one in words if text.count(one) == 1]

    return correct


def sentences_of(text):
    return re.split(r"(?<=[.!?…])\s+", text)


def drop_one(text, rng):
    parts = sentences_of(text)
    parts.pop(rng.randrange(len(parts)))
    return " ".join(parts)


def shuffle(text, rng):
    words = text.split()
    rng.shuffle(words)
    return " ".join(words)


def fail(text, rng):
    raise rng.choice(
        [CuadernoError("no answer"), TimeoutError("late"), ValueError("broken"), RecursionError(), KeyError(1)]
    )


INJECTED = [
    "<script>alert(1)</script>", "<b>bold</b>", "<!-- hidden -->", "**bold**", "[link](https://evil.example)",
    "https://evil.example", "`code`", "# heading", "\n\n- item", "\n\n", "{num}`maze.solved`", "$x$", "42", "⟦1⟧",
    "⟦99⟧",
    "![x](y.png)", "\u202e", "\u200b", "\x1b[31m", "[^2]", "|", ":::", "```", "&lt;", "\\", "---", "<br>",
    "www.evil.example",
]  # fmt: skip
CORRECTORS = {
    "rewrites": whole(lambda text, rng: " ".join(rng.choice(WORDS) for _ in text.split())),
    "summarises": whole(lambda text, rng: sentences_of(text)[0]),
    "shortens": whole(lambda text, rng: " ".join(text.split()[::2])),
    "translates": whole(lambda text, rng: re.sub(r"\w{4,}", lambda found: rng.choice(SPANISH), text)),
    "translates word by word": by_word(lambda word, rng: rng.choice(SPANISH)),
    "answers": whole(lambda text, rng: "Sure! Here is the corrected text. I hope it helps."),
    "empties": whole(lambda text, rng: ""),
    "deletes words": by_word(lambda word, rng: ""),
    "drops a sentence": whole(drop_one),
    "adds a sentence": whole(lambda text, rng: text + " Follow me for more."),
    "joins sentences": whole(lambda text, rng: re.sub(r"[.!?…]\s+(\w)", r", \1", text)),
    "shuffles": whole(shuffle),
    "doubles": whole(lambda text, rng: f"{text} {text}"),
    "shouts": whole(lambda text, rng: text.upper()),
    "swaps numbers": whole(lambda text, rng: re.sub(r"\d", lambda found: str(9 - int(found[0])), text)),
    "swaps placeholders": whole(lambda text, rng: text.replace("⟦1", "⟦0").replace("⟦2", "⟦1").replace("⟦0", "⟦2")),
    "drops placeholders": whole(lambda text, rng: re.sub(r"⟦[^⟦⟧]*⟧", "", text)),
    "drops one placeholder": whole(lambda text, rng: re.sub(r"⟦[^⟦⟧]*⟧", "", text, count=1)),
    "fakes placeholders": whole(lambda text, rng: re.sub(r"⟦(\d+)[^⟦⟧]*⟧", r"⟦\1:9⟧", text)),
    "negates": whole(lambda text, rng: re.sub(r"\b(never|nothing|without)\b", "always", text)),
    "injects": whole(lambda text, rng: text + " " + rng.choice(INJECTED)),
    "injects in front": whole(lambda text, rng: rng.choice(INJECTED) + text),
    "injects into words": by_word(lambda word, rng: word + rng.choice(INJECTED)),
    "breaks lines": whole(lambda text, rng: text.replace(" ", "\n\n")),
    "is huge": whole(lambda text, rng: "blah " * 50_000),
    "cannot be found": lambda text, rng: [Edit("not there at all", "x", ""), Edit("", "x", ""), Edit(" ", "", "")],
    "sends thousands": lambda text, rng: [Edit(one, one + "s", "") for one in text.split() * 200],
    "sends no list": lambda text, rng: rng.choice([None, 7, "prose", {"old": "a"}, [None], [["a", "b"]], iter(())]),
    "fails": fail,
    "corrects": lambda text, rng: [Edit(a, b, "") for a, b in (("teh", "the"), ("alot", "a lot"), ("dont", "don't"))],
    "slices at random": lambda text, rng: [
        Edit(text[i : i + rng.randrange(1, 30)], text[j : j + rng.randrange(30)], "")
        for i, j in ((rng.randrange(len(text)), rng.randrange(len(text))) for _ in range(12))
    ],
}  # fmt: skip


class Adversary:
    name = "adversary"

    def __init__(self, kind: str, seed: int):
        self.kind, self.rng = kind, random.Random(seed)

    def correct(self, text, lang):
        return CORRECTORS[self.kind](text, self.rng)


# -- the measure -------------------------------------------------------------------------------------------------------

EXACT = {
    "digits": r"\d+",
    "addresses": r"https?://[^\s)>\]\"']+|www\.\S+|\w+@\w+",
    "code": r"`+[^`]*`+",
    "asides": r"\{aside\}",
    "formulas": r"\$[^$\n]+\$",
    "tags": r"</?[A-Za-z][^<>\n]*>",
    "link marks": r"\]\(|\[|\]|!\[",
    "emphasis": r"\*+|~~|(?<!\w)_|_(?!\w)",
    "placeholder signs": r"[⟦⟧]",
    "lists": r"(?m)^[ \t>]*(?:[-*+]|\d+\.)[ \t](?:\[[ x]\])?",
    "headings": r"(?m)^#+ ",
    "quotes": r"(?m)^>",
    "rows": r"\|",
    "fences": r"(?m)^(?:```|:::)(?:\{\w+\})?",
    "entities": r"&\w+;",
    "relations": r"[<>=]",
    "backslashes": r"\\",
    "unseen": r"[\u200b\u202e\x1b\u0085]",
    "empty lines": r"\n[ \t]*\n",
}


def without_code(text):
    return re.sub(r"(?ms)^```.*?^```", "", text)


def paragraphs(text):
    return [part for part in re.split(r"\n[ \t]*\n", text) if part.strip()]


def units(text):
    """Paragraphs, items, rows and lines of the front matter."""
    return [part for one in paragraphs(text) for part in re.split(r"\n(?=[-*>|:#]|\d+\.|\w+: )", one)]


def endings(text):
    """How many sentences each unit has: stretches of text up to a sign that ends one."""
    plain = re.sub(r"`[^`]*`|\([^)]*\)|<[^>]*>|\{\w+\}", "", without_code(text))
    return [sum(bool(re.search(r"\w", one)) for one in re.split(r"[.!?…]+(?=\s|$)", part)) for part in units(plain)]


def lost_words(before, after):
    """The share of the longer words of a paragraph that nothing in the new one looks like."""
    old = [word.lower() for word in re.findall(r"[^\W\d_]{5,}", before)]
    new = [word.lower() for word in re.findall(r"[^\W\d_]{2,}", after)]
    lost = [word for word in old if not difflib.get_close_matches(word, new, 1, 0.6)]
    return len(lost), len(old)


def check_content(before: str, after: str) -> None:
    assert before.startswith("\ufeff") == after.startswith("\ufeff")
    assert (before.count("\r\n") == before.count("\n")) == (after.count("\r\n") == after.count("\n"))
    before, after = before.replace("\r\n", "\n"), after.replace("\r\n", "\n")
    assert re.findall(r"(?ms)^```.*?^```", before) == re.findall(r"(?ms)^```.*?^```", after)
    before, after = (re.sub(r"(\{aside\})`([^`]*)`", r"\1\2", text) for text in (before, after))
    for name, pattern in EXACT.items():
        assert re.findall(pattern, before) == re.findall(pattern, after), name
    (_, head, _), (_, other, _) = (
        re.split(r"(?m)^---$", text.removeprefix("\ufeff"), maxsplit=2) for text in (before, after)
    )
    old, new = yaml.safe_load(head), yaml.safe_load(other)
    assert {**old, "title": 0, "description": 0} == {**new, "title": 0, "description": 0}
    assert len(paragraphs(before)) == len(paragraphs(after)) and endings(before) == endings(after)
    for one, two in zip(units(before), units(after), strict=True):
        lost, words = lost_words(one, two)
        assert lost <= max(2, words / 3), (one, two)
        assert len(two) < 1.6 * len(one) + 40, (one, two)
        for small in ("never", "nothing", "without"):
            assert len(re.findall(rf"\b{small}\b", one.lower())) == len(re.findall(rf"\b{small}\b", two.lower()))


def corrected_text(text: str, corrector) -> str:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "posts" / "first").mkdir(parents=True)
        (home / "cuaderno.toml").write_text(SETTINGS)
        path = home / "posts" / "first" / "en.md"
        path.write_bytes(text.encode())
        session = opened(home, corrector)
        accept_all(session)
        session.finish()
        original = path.parent / "original.en.md"
        assert not original.exists() or original.read_bytes() == text.encode()
        assert original.exists() or path.read_bytes() == text.encode()
        return path.read_bytes().decode()


QUICK = settings(
    phases=[Phase.explicit, Phase.generate],
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


@QUICK
@given(document, st.sampled_from(sorted(CORRECTORS)), st.integers(0, 2**32))
def test_nothing_of_the_content_is_lost(text, kind, seed):
    check_content(text, corrected_text(text, Adversary(kind, seed)))


@settings(QUICK, max_examples=50)
@given(document, st.lists(st.tuples(st.text(max_size=40), st.text(max_size=60)), max_size=8), st.data())
def test_nothing_is_lost_to_arbitrary_edits(text, pairs, data):
    class Arbitrary:
        name = "arbitrary"

        def correct(self, shown, lang):
            cuts = [data.draw(st.tuples(st.integers(0, len(shown)), st.integers(0, len(shown)))) for _ in pairs]
            return [Edit(shown[min(cut) : max(cut)], new, old) for cut, (old, new) in zip(cuts, pairs, strict=True)]

    check_content(text, corrected_text(text, Arbitrary()))


def test_the_measure_itself_sees_what_is_lost():
    """A measure that lets everything pass would prove nothing."""
    head = "---\ntitle: a b\ndate: 2026-11-20\n---\n"
    text = head + "The small network learned 3 corridors. It never answered `x`.\n\n- one\n- two\n"
    check_content(text, text.replace("small", "smal"))
    for old, new in (("3", "4"), ("`x`", "x"), (" It never answered `x`.", ""), ("never", "always"), ("- two\n", ""),
                     ("small network learned", ""), ("corridors", "corridors <b>x</b>"),
                     ("a b", "a b\nc: d")):  # fmt: skip
        try:
            check_content(text, text.replace(old, new))
        except AssertionError:
            continue
        raise RuntimeError(f"unseen: {old} → {new}")
