"""English words and their forms."""

import re
import tomllib
from functools import cache

from cuaderno.diary.proofreading.offline.lexicon import MISSING
from cuaderno.diary.proofreading.offline.tables import table
from cuaderno.lab.errors import CuadernoError

FORMS = {"base": "VB", "s": "VBZ", "past": "VBD", "pp": "VBN", "ing": "VBG", "plural": "NNS", "er": "JJR", "est": "JJS"}


@cache
def _library():
    try:
        import lemminflect
    except ImportError:
        raise CuadernoError(MISSING) from None
    return lemminflect


@cache
def _own() -> dict[str, dict[str, str]]:
    return tomllib.loads(table("en_words.toml"))


@cache
def lemmas(word: str, kind: str) -> tuple[str, ...]:
    """The words that a form may come from, as a VERB, NOUN, ADJ or ADV."""
    own = _own()["verbs"]
    if kind == "VERB":
        for lemma, forms in own.items():
            if word == lemma or word in forms.split():
                return (lemma,)
    if kind == "NOUN" and (word in _terms() or word.removesuffix("s") in _terms()):
        return (word if word in _terms() else word.removesuffix("s"),)
    return tuple(_library().getAllLemmas(word).get(kind, ()))


@cache
def _terms() -> frozenset[str]:
    return frozenset(_own()["nouns"]["countable"].split())


@cache
def shape(lemma: str, form: str) -> str:
    """A form of a lemma: `shape("go", "past")` is went."""
    own = _own()["verbs"].get(lemma)
    if own and form in FORMS and form not in {"plural", "er", "est"}:
        return [lemma, *own.split()][["base", "s", "past", "pp", "ing"].index(form)]
    if form == "past" and lemma == "be":
        return "was"
    found = _library().getInflection(lemma, FORMS[form], inflect_oov=True)
    return str(found[0]) if found else lemma


@cache
def verb_forms(word: str) -> frozenset[str]:
    """Which forms of a verb a word may be: base, s, past, pp, ing."""
    found: set[str] = set()
    if word in {"third", "well", "like", "then"} - {"like"}:
        return frozenset()
    for lemma in lemmas(word, "VERB"):
        if word == lemma:
            found.add("base")
        for form in ("s", "past", "pp", "ing"):
            own = _own()["verbs"].get(lemma)
            every = (shape(lemma, form),) if own else _library().getInflection(lemma, FORMS[form], inflect_oov=False)
            if word in every:
                found.add(form)
    if word in {"were", "was"}:
        found.add("past")
    return frozenset(found)


def is_countable_singular(word: str) -> bool:
    """A noun of which there may be one: it stands in the singular and has a plural of its own."""
    return word in lemmas(word, "NOUN") and not is_plural(word) and word not in uncountable()


def is_term(word: str) -> bool:
    """A noun of our own list, or its plural."""
    return word in _terms() or (word.endswith("s") and word[:-1] in _terms())


def is_plural(word: str) -> bool:
    return word in irregular_plurals() or (
        word.endswith("s")
        and not word.endswith(("ss", "us", "is", "ics"))
        and any(lemma != word for lemma in lemmas(word, "NOUN"))
    )


@cache
def irregular_plurals() -> frozenset[str]:
    return frozenset(_own()["nouns"]["plurals"].split())


@cache
def uncountable() -> frozenset[str]:
    return frozenset(_own()["nouns"]["uncountable"].split())


def stands_alone(word: str) -> bool:
    """A noun that may stand without an article in the singular."""
    return word in uncountable() or word in _own()["nouns"]["bare"].split()


def takes_an(word: str) -> bool | None:
    """Whether `an` goes before a word; None when one cannot tell from its letters."""
    low = word.lower()
    articles = _own()["articles"]
    if re.match(articles["an"], low):
        return True
    if re.match(articles["a"], low):
        return False
    if len(word) > 1 and word.isupper():
        if low in articles["spoken"].split():
            return low[0] in "aeiou"
        return word[0] in "AEFHILMNORSX" if len(word) <= 4 else None
    if re.match(r"[A-Z]{2,}", word):
        return word[0] in "AEFHILMNORSX" if re.fullmatch(r"[A-Z]{2,4}s", word) else None
    if re.match(r"\d", low):
        return low.startswith("8") or re.match(r"1[18](?!\d)", low) is not None
    if re.match(r"[a-z]-\w", low):  # an n-gram, a t-test: the letter is said alone
        low = word = low[0]
    if len(word) == 1:
        return low in "aefhilmnñorsxáéíó"
    return low[0] in "aeiou"
