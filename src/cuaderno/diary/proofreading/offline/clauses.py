"""English tenses that a time in the sentence asks for, and sentences that only a comma holds together."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from cuaderno.diary.proofreading.offline import inflection
from cuaderno.diary.proofreading.offline.patterns import Finding
from cuaderno.diary.proofreading.offline.tables import word_set
from cuaderno.diary.proofreading.offline.tokens import Token

PERIODS = word_set(
    """week month year night weekend summer winter spring autumn monday tuesday wednesday thursday friday saturday
    sunday semester"""
)
SUBJECTS = word_set("i we he she they you it")
HAVE = {"have", "has", "haven't", "hasn't", "i've", "we've", "they've", "you've"}
JOINING = word_set(
    """if when while although though because since after before as unless until that which who what where how why
    whether once to for not only either neither both and or but so than like whatever whenever said says say
    told think thought know hope guess see please maybe"""
)
LINK = "Two sentences: a comma alone does not join them."
PAST = "A time that is over takes the past tense."


def findings(tokens: Sequence[Token]) -> Iterator[Finding]:
    """Both."""
    if _is_over(tokens):
        yield from _present_perfect(tokens)
        yield from _present(tokens)
    yield from _splice(tokens)


def _is_over(tokens: Sequence[Token]) -> bool:
    """Whether a sentence names a time that is over: yesterday, two years ago, last week."""
    lows = [token.low for token in tokens]
    if "since" in lows or "until" in lows:
        return False
    if "yesterday" in lows or "ago" in lows:
        return True
    return any(
        one == "last"
        and two in PERIODS
        and (not at or lows[at - 1] not in {"the", "over", "during", "from", "than", "of", "in"})
        for at, (one, two) in enumerate(pairwise(lows))
    )


def _present_perfect(tokens: Sequence[Token]) -> Iterator[Finding]:
    """Yesterday I have trained → trained."""
    if any(token.tag == "VVD" for token in tokens):
        return
    for number, token in enumerate(tokens):
        if token.low not in HAVE:
            continue
        after = number + 1
        while after < len(tokens) and tokens[after].tag.startswith(("AV", "XX")):
            after += 1
        if after != number + 1 or after >= len(tokens) or "pp" not in inflection.verb_forms(tokens[after].low):
            continue
        before = tokens[number - 1].low if number else ""
        if token.low in {"have", "has"} and (
            before in {"to", "will", "would", "could", "should", "must", "might", "may", "not"} or "n't" in before
        ):
            continue
        if (
            tokens[after].low in {"been", "got", "had"}
            and after + 1 < len(tokens)
            and tokens[after + 1].low in {"to", "a"}
        ):
            continue
        past = inflection.shape(inflection.lemmas(tokens[after].low, "VERB")[0], "past")
        who = token.low.removesuffix("'ve")
        if token.low.endswith("'ve"):
            yield Finding(token.start, tokens[after].end, f"{'I' if who == 'i' else _cased(token, who)} {past}", PAST)
        elif token.low in {"have", "has"}:
            yield Finding(
                token.start,
                tokens[after].end,
                past if past != "was" or before in {"i", "he", "she", "it"} else "were",
                PAST,
            )


def _cased(token: Token, word: str) -> str:
    return word.capitalize() if token.capital else word


def _present(tokens: Sequence[Token]) -> Iterator[Finding]:
    """Yesterday I train a model → trained."""
    for number, token in enumerate(tokens[:-1]):
        alone = number == 0 and not any(
            other.tag.startswith(("VV", "VM", "VB", "VD", "VH", "TO")) for other in tokens[3:]
        )
        if token.low not in SUBJECTS or not (alone or _after_time(tokens, number)):
            continue
        adverb = number + 2 < len(tokens) and tokens[number + 1].low in {
            "almost",
            "already",
            "finally",
            "just",
            "also",
            "only",
        }
        verb = tokens[number + 1 + adverb]
        forms = inflection.verb_forms(verb.low)
        if verb.low in HAVE and number + 2 < len(tokens) and "pp" in inflection.verb_forms(tokens[number + 2].low):
            continue
        if (
            forms & {"base", "s"}
            and not forms & {"past"}
            and verb.low not in {"think", "hope", "guess", "know", "be", "can", "will", "may", "must", "should"}
        ):
            lemma = inflection.lemmas(verb.low, "VERB")[0]
            past = {"am": "was", "is": "was", "are": "were"}.get(verb.low, inflection.shape(lemma, "past"))
            yield Finding(verb.start, verb.end, past, PAST, rank=2)


def _after_time(tokens: Sequence[Token], number: int) -> bool:
    """Whether only the time stands before a subject."""
    before = [token.low for token in tokens[:number] if token.kind == "word" or token.kind == "held"]
    if before == ["yesterday"] or (len(before) == 2 and before[0] == "last" and before[1] in PERIODS):
        return True
    return len(before) == 3 and before[-1] == "ago"


def _splice(tokens: Sequence[Token]) -> Iterator[Finding]:
    """The training took nine hours, I went to sleep."""
    commas = [number for number, token in enumerate(tokens) if token.text == ","]
    if (
        len(commas) != 1
        or tokens[-1].text == "?"
        or any(token.text in {'"', "“", ":", ";", "(", "—"} for token in tokens)
    ):
        return
    comma = commas[0]
    first, second = tokens[:comma], tokens[comma + 1 :]
    if (
        len(first) < 4
        or len(second) < 3
        or second[0].low not in SUBJECTS - {"you"}
        or second[0].low == first[0].low == "it"
    ):
        return
    if any(token.low in JOINING for token in first[:1]) or first[0].tag.startswith(
        ("PRP", "AV", "TO", "VV", "CJ", "VB", "VD", "VM", "VH", "XX")
    ):
        return
    if any(
        token.low in JOINING - {"to", "for", "not", "only", "and", "or", "like", "as", "so", "that"} for token in first
    ):
        return
    finite = ("VVD", "VVZ", "VBZ", "VBD", "VBB", "VHD", "VHZ", "VDD", "VM0", "VVB", "VHB")
    said = {"said", "says", "think", "thought", "know", "told", "say", "guess", "believe", "suppose"}
    if any(token.low in {"afraid", "suppose", "guess", "mean"} for token in second[:4]) or second[-1].low in {
        "too",
        "either",
    }:
        return
    if (
        not second[1].tag.startswith(finite)
        or second[1].low in said
        or not any(token.tag.startswith(finite) for token in first[1:])
    ):
        return
    if first[1].low in {"moment", "instant", "minute", "time", "day", "more", "less", "better", "sooner", "way"}:
        return
    if first[0].low in SUBJECTS | {"the", "my", "this", "his", "her", "our", "their", "there", "that"}:
        yield Finding(tokens[comma].start, tokens[comma].end, ";", LINK)
