"""English: which part of speech each word is, its forms, and what the tables of rules may ask about it."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from cuaderno.diary.proofreading.offline import agreement, clauses, inflection, lints
from cuaderno.diary.proofreading.offline.checking import WHY, beginning, comma_after_subject, marks, names
from cuaderno.diary.proofreading.offline.lexicon import MISSING, Lexicon
from cuaderno.diary.proofreading.offline.patterns import Finding, Grammar, Test
from cuaderno.diary.proofreading.offline.spelling import Speller, misspelt
from cuaderno.diary.proofreading.offline.tables import listed, table, word_set
from cuaderno.diary.proofreading.offline.tokens import HELD, Token, sentences
from cuaderno.lab.errors import CuadernoError

CONTRACTION = re.compile(r"(.+)(n't|'s|'re|'ve|'ll|'d|'m)$")
AUXILIARIES = word_set(
    """be am is are was were been being have has had do does did will would shall should can could may might must"""
)
MODALS = word_set(
    """will would shall should can could may might must won't wouldn't shouldn't can't cannot couldn't mightn't
    mustn't 'll 'd"""
)
FINITE = word_set("VVZ VBZ VVD VBD VHZ VHD VBB VDD VM0")
BE = word_set("i'm you're we're they're it's that's he's she's isn't aren't wasn't weren't")


@cache
def _tagger() -> Callable[[list[str]], list[tuple[str, str, str]]]:
    try:
        from HanTa.HanoverTagger import HanoverTagger
    except ImportError:
        raise CuadernoError(MISSING) from None
    tagger = HanoverTagger("morphmodel_en.pgz")
    return tagger.tag_sent


def tag(tokens: Sequence[Token]) -> None:
    """Write the part of speech of each word into its token, in the letters of the BNC: NN1, VVZ, AJ0."""
    words, owners = [], []
    for token in tokens:
        found = CONTRACTION.fullmatch(token.low) if token.kind == "word" else None
        pieces = [found[1], found[2]] if found and token.low not in {"can't", "won't"} else [token.text]
        if token.low in {"can't", "won't"}:
            pieces = ["can" if token.low == "can't" else "will", "n't"]
        if token.kind == "held":
            pieces = [_bare(token)]
        if token.fixed:
            pieces = [token.fixed]
        if token.kind == "word" and token is tokens[0]:
            pieces[0] = pieces[0] if pieces[0] == "I" else pieces[0].lower()
        for number, piece in enumerate(pieces):
            words.append(piece)
            owners.append((token, number))
    if not words:
        return
    for (token, number), (_, _, found_tag) in zip(owners, _tagger()(words), strict=True):
        if number == 0:
            token.tag = found_tag
            if inflection.is_term(token.low) and not found_tag.startswith(("NN", "VV")):
                token.tag = "NN2" if inflection.is_plural(token.low) else "NN1"
        else:
            token.facts["second"] = found_tag


def has_lemma(token: Token, name: str) -> bool:
    """Whether a word is a form of this verb, noun or adjective."""
    if name == "be" and token.low in BE:
        return True
    return (
        token.low == name
        or name in inflection.lemmas(token.low, "VERB")
        or name in inflection.lemmas(token.low, "NOUN")
    )


def shape(token: Token, form: str) -> str | None:
    """A form of a word as rules ask for it; None when the word has no such form."""
    word = token.low
    if form.startswith("="):
        return like(word, form[1:])
    if form == "a":
        return "an" if _takes_an(token) else "a"
    if form == "low":
        return token.low
    if form == "question":
        return "questions" if word.endswith("s") else "question"
    if form == "cap":
        return token.text[:1].upper() + token.text[1:]
    if form == "singular":
        found = inflection.lemmas(word, "NOUN")
        return found[0] if found else None
    if form == "plural":
        return inflection.shape(word, "plural")
    if form in {"er", "est"}:
        return comparison(word, form)
    if form == "ly":
        return adverb(word)
    if form == "stem":  # it's → its, people's → people
        return re.sub(r"'s?$", "", word)
    found = inflection.lemmas(word, "VERB")
    if not found:
        return None
    lemma = max(found, key=len) if word.endswith("ing") and len(found) > 1 else found[0]
    return inflection.shape(lemma, form)


def like(word: str, lemma: str) -> str:
    """Another verb in the same form: `like("said", "tell")` is told."""
    forms = inflection.verb_forms(word)
    form = next((form for form in ("base", "s", "past", "pp", "ing") if form in forms), "base")
    return inflection.shape(lemma, form)


def comparison(word: str, form: str) -> str:
    odd = {
        "good": "better best",
        "bad": "worse worst",
        "far": "further furthest",
        "well": "better best",
        "badly": "worse worst",
    }
    if word in odd:
        return odd[word].split()[form == "est"]
    if re.search(r"[^aeiou]y$", word):
        return word[:-1] + "i" + form
    if word.endswith("e"):
        return word + form[1:]
    if re.search(r"[^aeiou][aeiou][bdgmnpt]$", word):
        return word + word[-1] + form
    return word + form


def adverb(word: str) -> str:
    odd = {"good": "well", "fast": "fast", "hard": "hard", "true": "truly", "whole": "wholly", "public": "publicly"}
    if word in odd:
        return odd[word]
    if re.search(r"[^aeiou]le$", word):
        return word[:-1] + "y"
    if word.endswith("y"):
        return word[:-1] + "ily"
    return word + ("ally" if word.endswith("ic") else "ly")


def _tagged(*starts: str) -> Test:
    return lambda token: token.kind != "mark" and token.tag.startswith(starts)


def _is_form(*forms: str) -> Test:
    wanted = frozenset(forms)
    return lambda token: token.kind == "word" and bool(wanted & inflection.verb_forms(token.low))


def _noun(token: Token) -> bool:
    return token.kind == "word" and (
        token.tag.startswith("NN") or (not token.tag and bool(inflection.lemmas(token.low, "NOUN")))
    )


def _plural(token: Token) -> bool:
    return token.kind == "word" and inflection.is_plural(token.low)


def _only_plural(token: Token) -> bool:
    """A plural noun that is not also a verb where it stands."""
    return _plural(token) and token.tag.startswith("NN")


def _countable(token: Token) -> bool:
    """One of a thing that can be counted, said to be a noun where it stands."""
    return token.kind == "word" and token.tag.startswith(("NN1", "NN0")) and inflection.is_countable_singular(token.low)


@cache
def _is_owner(word: str) -> bool:
    """A noun that is no pronoun, person or time: of photo's and model's a plural was probably meant."""
    persons = {
        "brother",
        "sister",
        "mother",
        "father",
        "mum",
        "mom",
        "dad",
        "friend",
        "teacher",
        "boss",
        "uncle",
        "aunt",
        "cousin",
        "man",
        "woman",
    }
    return (
        word not in persons
        and inflection.is_countable_singular(word)
        and word not in inflection.uncountable()
        and "VERB" not in _kinds(word) - {"VERB"}
    )


def _asks_back(tokens: Sequence[Token]) -> bool:
    """…, don't you?"""
    return any(
        one.text == "," and two.low.endswith("n't") and three.low in {"i", "you", "he", "she", "it", "we", "they"}
        for one, two, three in zip(tokens, tokens[1:], tokens[2:], strict=False)
    )


def _only_verb(token: Token) -> bool:
    """The base of a verb that is no noun and no adjective."""
    word = token.low
    return (
        token.kind == "word"
        and "base" in inflection.verb_forms(word)
        and not inflection.lemmas(word, "NOUN")
        and not inflection.lemmas(word, "ADJ")
        and word not in AUXILIARIES
    )


def _adjective(token: Token) -> bool:
    return token.kind == "word" and (
        token.tag.startswith("AJ") or (token.tag in {"VVN", "VVG"} and "ADJ" in _kinds(token.low))
    )


@cache
def _kinds(word: str) -> frozenset[str]:
    return frozenset(kind for kind in ("NOUN", "VERB", "ADJ", "ADV") if inflection.lemmas(word, kind))


def _short_adjective(token: Token) -> bool:
    """One that is compared with -er and -est."""
    word = token.low
    if "ADJ" not in _kinds(word):
        return False
    syllables = len(re.findall(r"[aeiouy]+", re.sub(r"e$", "", word)))
    return (syllables == 1 and not word.endswith(("ed", "ing")) and word not in LONG) or (
        syllables == 2 and (word.endswith("y") and word not in LONG)
    )


LONG = word_set(
    """real fun right wrong like more most less least true only ready likely daily early-stage sorry happy-go just
    due worth own very even still worn torn lone bored tired pleased"""
)


def grammar() -> Grammar:
    """What classes the English tables may name."""

    def past_only(token: Token) -> bool:
        forms = inflection.verb_forms(token.low) if token.kind == "word" else frozenset()
        return "past" in forms and "base" not in forms

    return Grammar(
        {
            "N": _noun,
            "N1": _countable,
            "NS": _only_plural,
            "PL": _plural,
            "ADJ": _adjective,
            "LADJ": lambda token: token.kind == "word" and "ADJ" in _kinds(token.low),
            "AJC": _tagged("AJC"),
            "AJS": _tagged("AJS"),
            "ADV": _tagged("AV"),
            "SHORT": _short_adjective,
            "V": _is_form("base", "s", "past", "pp", "ing"),
            "VB": _is_form("base"),
            "VS": _is_form("s"),
            "VED": past_only,
            "VPP": _is_form("pp"),
            "P": _is_form("past"),
            "VING": lambda token: (
                token.kind == "word" and token.low.endswith("ing") and "ing" in inflection.verb_forms(token.low)
            ),
            "VONLY": _only_verb,
            "TV": _tagged("VV", "VB", "VH", "VD"),
            "TVB": _tagged("VVB", "VVI", "VHB", "VHI", "VDB", "VDI"),
            "TVZ": _tagged("VVZ", "VHZ", "VDZ", "VBZ"),
            "TVD": _tagged("VVD", "VVN", "VHD", "VDD"),
            "TVN": _tagged("VVN", "VVD"),
            "MODAL": lambda token: token.low in MODALS,
            "AUX": lambda token: token.low in AUXILIARIES or token.low.removesuffix("n't") in AUXILIARIES,
            "DET": _tagged("AT", "DT", "DPS", "POS"),
            "OWNS": lambda token: token.low.endswith("'s") and token.text[:1].islower() and _is_owner(token.low[:-2]),
            "POSS": lambda token: token.low in {"my", "your", "his", "her", "its", "our", "their"},
            "PREP": _tagged("PRP", "PRF"),
            "CONJ": _tagged("CJ"),
            "PRON": lambda token: token.low in {"i", "you", "he", "she", "it", "we", "they"},
            "OBJ": lambda token: token.low in {"me", "you", "him", "her", "it", "us", "them"},
            "NAME": lambda token: (token.capital and token.kind == "word" and token.low != "i") or token.tag == "NP0",
            "WORD": lambda token: token.kind == "word",
            "YEAR": lambda token: re.fullmatch(r"(?:19|20)\d\d", token.low) is not None,
            "NUM": lambda token: token.tag in {"CRD"} or bool(re.match(r"\d", token.low)),
            "HELD": lambda token: token.kind == "held",
            "MARK": lambda token: token.kind == "mark",
            "PUNCT": lambda token: token.text in {",", ".", ";", ":", "!", "?", "(", ")", "—", "–", "…", '"', "”", "“"},
            "BARE": lambda token: inflection.stands_alone(token.low),
            "UNC": lambda token: token.low in inflection.uncountable(),
            "CAP": lambda token: token.capital,
            "LOW": lambda token: token.text[:1].islower(),
            "AN": lambda token: _takes_an(token) is True,
            "NOTAN": lambda token: _takes_an(token) is False,
        },
        has_lemma,
        shape,
    )


def _takes_an(token: Token) -> bool | None:
    """Whether `an` goes before it; None where one cannot tell, as before a mark or a link: the word comes after it."""
    return inflection.takes_an(_bare(token)) if re.match(r"\w", token.low) else None


def _bare(token: Token) -> str:
    return HELD.sub(r"\1", token.text) or "it"


class English:
    """Everything that is checked in English."""

    def __init__(self) -> None:
        self.lexicon = Lexicon("en")
        self.speller = Speller(self.lexicon)
        self.grammar = grammar()
        self.rules = self.grammar.read(table("en.toml"))

    def knows(self, word: str) -> bool:
        return self.lexicon.known(word.lower().replace("’", "'"))

    def findings(self, text: str) -> Iterator[Finding]:
        """All that is wrong in a paragraph, overlapping findings included."""
        for tokens in sentences(text):
            yield from self._sentence(text, tokens)
        yield from lints.findings(text)

    def _sentence(self, text: str, tokens: list[Token]) -> Iterator[Finding]:
        yield from marks(text, tokens, "en")
        slips = {id(token): (token, right) for token, right in misspelt(self.speller, tokens)}
        for token in tokens:
            if right := regular(token.low, self.lexicon):
                slips[id(token)] = (token, right)
        for token, right in slips.values():
            token.low, token.fixed = right, in_case_of(token, right)
            yield Finding(
                token.start, token.end, token.fixed, WHY["en"]["two" if " " in right else "spelling"], safe=True, rank=0
            )
        yield from _capitals(tokens)
        yield from beginning(text, tokens, "en", self.lexicon.terms)
        yield from names(tokens, "en")
        tag(tokens)
        words = frozenset(token.low for token in tokens if token.low != "?" or not _asks_back(tokens))
        for rule in self.rules:
            yield from self.grammar.apply(rule, tokens, words)
        yield from agreement.findings(tokens)
        yield from agreement.relatives(tokens)
        yield from agreement.pairs(tokens)
        yield from clauses.findings(tokens)
        yield from comma_after_subject(
            tokens,
            lambda token: token.tag in FINITE,
            frozenset({"that", "which", "who", "i", "we"}),
            "No comma before the verb.",
        )


def regular(word: str, lexicon: Lexicon) -> str | None:
    """writed, teached, runned: an irregular verb as if it were regular; the past that it has."""
    if not word.endswith("ed") or len(word) < 5 or (lexicon.known(word) and lexicon.frequency(word) > 1e-7):
        return None
    for base in (word[:-2], word[:-1], word[:-3] if word[-3:-2] == word[-4:-3] else ""):
        if base and base in inflection.lemmas(base, "VERB"):
            past = inflection.shape(base, "past")
            if past != word and not past.endswith("ed"):
                return past
    return None


def in_case_of(token: Token, word: str) -> str:
    """A word with a capital where the one in the text has one."""
    return word[:1].upper() + word[1:] if token.capital else word


def _capitals(tokens: Sequence[Token]) -> Iterator[Finding]:
    """I, days, months, languages and peoples."""
    for number, token in enumerate(tokens):
        if token.text in {"i", "i'm", "i've", "i'll", "i'd", "i’m", "i’ve", "i’ll", "i’d"}:
            before = tokens[number - 1].text if number else ""
            after = tokens[number + 1].text if number + 1 < len(tokens) else ""
            if before not in {"(", "=", "+", "-", "*", "/", "_"} and after not in {")", "=", "+", "-", "*", "_", "."}:
                yield Finding(token.start, token.end, "I" + token.text[1:], WHY["en"]["capital"], safe=True)
        elif token.kind == "word" and token.text.islower() and token.low in listed("en_capitals.txt"):
            yield Finding(token.start, token.end, token.text.capitalize(), WHY["en"]["capital"], safe=True)
