"""Spanish: what each word may be, its forms, and what the tables of rules may ask about it."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from cuaderno.diary.proofreading.offline import concord, moods, nouns, tildes
from cuaderno.diary.proofreading.offline.checking import WHY, beginning, comma_after_subject, marks, names
from cuaderno.diary.proofreading.offline.conjugation import conjugate
from cuaderno.diary.proofreading.offline.lexicon import Lexicon
from cuaderno.diary.proofreading.offline.patterns import Finding, Grammar, Test
from cuaderno.diary.proofreading.offline.spelling import Speller, misspelt
from cuaderno.diary.proofreading.offline.tables import listed, table, word_set
from cuaderno.diary.proofreading.offline.tokens import Token, sentences

WORDS = {name: word_set(some) for name, some in nouns.facts()["closed"].items()}
FUNCTION = frozenset().union(*WORDS.values()) | word_set(
    """deprisa aprisa despacio ésta éste éstos éstas ése ésa ésos ésas aquél acerca uno unos sin embargo qué cómo
    cuándo dónde quién cuál cuáles por a sí mí ti nada nadie algo alguien esto eso aquello"""
)
FINITE = word_set("pres pret imp subj past past2 fut cond vos")


class Words:
    """What a word may be, whatever stands beside it."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.analyse = lexicon.verbs.analyse
        self.is_adjective = lru_cache(20_000)(self._is_adjective)
        self.is_noun = lru_cache(20_000)(self._is_noun)

    @staticmethod
    def is_function(word: str) -> bool:
        """Whether it is one of the small words that hold a sentence together."""
        return word in FUNCTION

    def finite(self, word: str) -> tuple[tuple[str, str, str], ...]:
        """The readings of a word as a conjugated verb."""
        return tuple(one for one in self.analyse(word) if one[1] in FINITE)

    def has(self, word: str, tense: str, person: str = "") -> bool:
        return any(one[1] == tense and (not person or one[2] == person) for one in self.analyse(word))

    def _is_adjective(self, word: str) -> bool:
        """lento, lentas, grande, neuronales, entrenada: something that goes with a noun."""
        if (
            word in FUNCTION
            or nouns.not_adjective(word)
            or nouns.is_listed_noun(word)
            or word.endswith(("mente", "ísimo"))
        ):
            return False
        if nouns.same_form(word) or nouns.adjective_first(word):
            return True
        if any(tense == "part" for _, tense, _ in self.analyse(word)):
            return True
        if not re.search(r"[oa]s?$", word) or len(word) < 4:
            return False
        one = nouns.singular(word)
        masculine, feminine = one[:-1] + "o", one[:-1] + "a"
        if self.finite(word):
            return False
        return self.lexicon.listed(feminine) and self.lexicon.lemma(feminine) == masculine

    def _is_noun(self, word: str) -> bool:
        """Likely a noun: known, no function word, not only a verb or an adjective."""
        if nouns.is_listed_noun(word) and word not in {"sobre", "este", "pie_"}:
            return True
        if word in FUNCTION or len(word) < 3 or word.endswith("mente") or not word.isalpha():
            return False
        if not self.lexicon.known(word) or self.is_adjective(word):
            return False
        if any(tense in {"inf", "ger"} for _, tense, _ in self.analyse(word)) and word not in {"deber", "poder", "ser"}:
            return False
        return not self.finite(word) or nouns.not_adjective(word) or self.lexicon.lemma(word) == nouns.singular(word)


class SpanishGrammar(Grammar):
    """The classes and forms of Spanish patterns."""

    def __init__(self, words: Words) -> None:
        self.words = words
        super().__init__(self._classes(), self._has_lemma, self._shape)

    def _has_lemma(self, token: Token, name: str) -> bool:
        if token.low == name:
            return True
        if any(verb == name for verb, _, _ in self.words.analyse(token.low)):
            return True
        return bool(re.search(r"[^aeií]r$", name)) and self.words.lexicon.lemma(token.low) == name

    def _classes(self) -> dict[str, Test]:
        words = self.words

        def closed(name: str) -> Test:
            return lambda token: token.low in WORDS[name]

        def verb(*tenses: str, person: str = "") -> Test:
            return lambda token: (
                token.kind == "word"
                and token.low not in FUNCTION
                and any(
                    tense in tenses and (not person or found == person) for _, tense, found in words.analyse(token.low)
                )
            )

        def noun(kind: str | None = None, many: str | None = None) -> Test:
            return lambda token: (
                token.kind == "word"
                and words.is_noun(token.low)
                and (not kind or nouns.gender(token.low) == kind)
                and (not many or nouns.number(token.low) == many)
            )

        return {
            **{name: closed(name) for name in WORDS},
            "V": verb(*FINITE),
            "INF": self._infinitive,
            "GER": verb("ger"),
            "PART": verb("part"),
            "PRES": verb("pres", "vos"),
            "PRET": verb("pret"),
            "IMP": verb("imp"),
            "SUBJ": verb("subj"),
            "COND": verb("cond"),
            "FUT": verb("fut"),
            "PASTSUBJ": verb("past", "past2"),
            "P1S": verb("pres", person="1s"),
            "P2S": verb("pres", "vos", person="2s"),
            "P3S": verb("pres", person="3s"),
            "P3P": verb("pres", person="3p"),
            "V1S": verb(*FINITE, person="1s"),
            "V2S": verb(*FINITE, person="2s"),
            "V3S": verb(*FINITE, person="3s"),
            "V1P": verb(*FINITE, person="1p"),
            "V3P": verb(*FINITE, person="3p"),
            "PART1": lambda token: token.low.endswith("o") and words.has(token.low, "part"),
            "ADJ": lambda token: token.kind == "word" and words.is_adjective(token.low),
            "SGADJ": lambda token: (
                token.kind == "word" and words.is_adjective(token.low) and nouns.number(token.low) == "s"
            ),
            "N": noun(),
            "NM": noun("m"),
            "NF": noun("f"),
            "NP": noun(None, "p"),
            "NS": noun(None, "s"),
            "NMS": noun("m", "s"),
            "NFS": noun("f", "s"),
            "NMP": noun("m", "p"),
            "NFP": noun("f", "p"),
            "NAME": lambda token: token.capital and token.kind != "mark",
            "NUM": lambda token: bool(re.match(r"\d", token.low)) or token.low in WORDS["NUMBER"],
            "FUNCTION": lambda token: token.low in FUNCTION,
            "AUX": lambda token: any(
                verb in {"ser", "estar", "haber", "ir"} for verb, _, _ in words.analyse(token.low)
            ),
            "WORD": lambda token: token.kind == "word",
            "HELD": lambda token: token.kind == "held",
            "MARK": lambda token: token.kind == "mark",
            "PUNCT": lambda token: (
                token.text in {",", ".", ";", ":", "!", "?", "(", ")", "—", "–", "…", "...", "»", '"', "”"}
            ),
            "LOW": lambda token: token.text[:1].islower(),
            "CAP": lambda token: token.capital,
            "ISOUND": lambda token: (
                re.match(r"h?i(?!$)(?![aeiou])", token.low) is not None and not re.match(r"hi[aeo]", token.low)
            ),
            "OSOUND": lambda token: re.match(r"h?[oó]", token.low) is not None and token.kind == "word",
        }

    def _infinitive(self, token: Token) -> bool:
        """An infinitive, with pronouns behind it or without."""
        if token.kind != "word" or token.low in FUNCTION:
            return False
        bare = re.sub(r"(?<=[aeií]r)(?:me|te|se|lo|la|los|las|le|les|nos|os)$", "", token.low)
        bare = re.sub(r"(?<=[áéí]r)(?:me|te|se|nos)(?:lo|la|los|las)$", "", bare)
        from cuaderno.diary.proofreading.offline.tables import plain

        return self.words.lexicon.is_infinitive(bare) or (
            bare != token.low and self.words.lexicon.is_infinitive(plain(bare))
        )

    def _shape(self, token: Token, form: str) -> str | None:
        word = token.low
        if form.startswith("="):
            return self.like(word, form[1:])
        if form in {"m", "f", "mp", "fp"}:
            return nouns.agree(word, form[0], form.endswith("p"))
        if form == "pl":
            return nouns.plural(word)
        if form == "sg":
            return nouns.singular(word)
        if form == "low":
            return word
        if form == "tilde":
            return ASKED_FOR.get(word)
        if form == "short":
            return {"primero": "primer", "tercero": "tercer", "alguno": "algún", "ninguno": "ningún"}.get(word)
        if form in {"elN", "unN"}:
            return self._with_article(word, form[:2])
        readings = self.words.analyse(word)
        if not readings:
            return None
        verb, tense, person = readings[0]
        forms = conjugate(verb)
        if form in {"inf", "ger", "part"}:
            return forms[form, ""][0] if form != "inf" else verb
        if form in {"1s", "2s", "3s", "1p", "2p", "3p"}:
            tense = "pres" if tense in {"order", "inf", "vos", "part", "ger"} else tense
            return forms[tense, form][0]
        if tense == "order":
            person = "3s"
        if (form, person) in forms:
            return forms[form, person][0]
        return None

    def like(self, word: str, verb: str) -> str | None:
        """Another verb in the same tense and person."""
        readings = self.words.analyse(word)
        if not readings:
            return None
        _, tense, person = next((one for one in readings if one[1] != "order"), readings[0])
        found = conjugate(verb).get((tense, person))
        return found[0] if found else None

    def _with_article(self, word: str, row: str) -> str | None:
        kind, many = nouns.gender(word), nouns.number(word) == "p"
        return f"{nouns.determine(row, kind, many, word)} {word}" if kind else None


class Spanish:
    """Everything that is checked in Spanish."""

    def __init__(self) -> None:
        self.lexicon = Lexicon("es")
        self.words = Words(self.lexicon)
        self.speller = Speller(self.lexicon)
        self.grammar = SpanishGrammar(self.words)
        self.rules = self.grammar.read(table("es.toml"))

    def knows(self, word: str) -> bool:
        return self.lexicon.known(word.lower())

    def findings(self, text: str) -> Iterator[Finding]:
        """All that is wrong in a paragraph, overlapping findings included."""
        for tokens in sentences(text):
            yield from self._sentence(text, tokens)

    def _sentence(self, text: str, tokens: list[Token]) -> Iterator[Finding]:
        yield from marks(text, tokens, "es")
        slips = [*misspelt(self.speller, tokens), *tildes.lost(self.lexicon, tokens)]
        foreign = sum(self.lexicon.is_english(token.low) and not self.lexicon.known(token.low) for token, _ in slips)
        for token, right in slips:
            if self._is_foreign(token, right) or (foreign > 1 and self.lexicon.is_english(token.low)):
                continue
            token.low, token.fixed = right, right[:1].upper() + right[1:] if token.capital else right
            yield Finding(
                token.start, token.end, token.fixed, WHY["es"]["two" if " " in right else "spelling"], safe=True, rank=0
            )
        for token in tokens[1:]:
            if token.capital and token.low in TONGUES:
                token.low = token.fixed = TONGUES[token.low]
        yield from _capitals(tokens)
        yield from beginning(text, tokens, "es", self.lexicon.terms)
        yield from names(tokens, "es")
        words = frozenset(token.low for token in tokens)
        for rule in self.rules:
            yield from self.grammar.apply(rule, tokens, words)
        yield from tildes.findings(self.words, tokens)
        yield from concord.findings(self.words, tokens)
        yield from moods.findings(self.words, tokens)
        yield from openers(text, tokens)
        yield from comma_after_subject(
            tokens,
            lambda token: (
                bool(self.words.finite(token.low))
                and not self.words.is_noun(token.low)
                and not self.words.is_function(token.low)
            ),
            frozenset({"que"}),
            "Entre el sujeto y el verbo no va coma.",
        )

    def _is_foreign(self, token: Token, right: str) -> bool:
        """An English word that Spanish texts about computers use, and not a Spanish one without its accent."""
        from cuaderno.diary.proofreading.offline.tables import plain

        if plain(right) == plain(token.low) and self.lexicon.frequency(right) > 1e-6:
            return False
        return self.speller.lexicon.is_english(token.low) and self.lexicon.frequency(right) < 3e-5


def _capitals(tokens: Sequence[Token]) -> Iterator[Finding]:
    """Days, months, languages and peoples with a small letter; countries with a capital."""
    small, large = listed("es_small.txt"), listed("es_capitals.txt")
    for number, token in enumerate(tokens):
        if token.kind != "word":
            continue
        if number and token.text.istitle() and token.low in small and tokens[number - 1].kind == "word":
            before = tokens[number - 1]
            following = tokens[number + 1] if number + 1 < len(tokens) else None
            if (before.capital and number > 1) or (following and following.capital and following.low not in small):
                continue
            yield Finding(token.start, token.end, token.low, "En español va con minúscula.", safe=True)
        elif token.text.islower() and token.low in large:
            yield Finding(token.start, token.end, token.text.capitalize(), WHY["es"]["capital"], safe=True)


TONGUES = {"ingles": "inglés", "frances": "francés", "aleman": "alemán", "japones": "japonés", "portugues": "portugués"}
ASKED_FOR = {
    "que": "qué",
    "como": "cómo",
    "cuando": "cuándo",
    "donde": "dónde",
    "quien": "quién",
    "quienes": "quiénes",
    "cual": "cuál",
    "cuales": "cuáles",
    "cuanto": "cuánto",
    "cuanta": "cuánta",
    "cuantos": "cuántos",
    "cuantas": "cuántas",
}
ASKING = word_set(
    """deprisa aprisa despacio ésta éste éstos éstas ése ésa ésos ésas aquél acerca uno unos sin embargo qué cómo
    cuándo dónde quién quiénes cuál cuáles cuánto cuánta cuántos cuántas que como cuando donde quien cual cuanto
    cuantos"""
)


def openers(text: str, tokens: Sequence[Token]) -> Iterator[Finding]:
    """¿ and ¡ where only ? and ! are written."""
    last = next((token for token in reversed(tokens) if token.text not in {'"', "»", "”", ")", "*", "_"}), None)
    if last is None or last.text not in {"?", "!"} or len(tokens) < 3:
        return
    opener = "¿" if last.text == "?" else "¡"
    if any(token.text in {"¿", "¡"} for token in tokens):
        return
    words = [number for number, token in enumerate(tokens) if token.kind in {"word", "held"}]
    if not words or (tokens[words[0]].kind == "held"):
        return
    start = words[0]
    tail = [token.low for token in tokens[words[-1] - 1 : words[-1] + 1]]
    if len(words) > 2 and tail[0] == "," and tail[1] in {"no", "verdad", "eh", "cierto"}:
        start = words[-1]
        words = []
    for number in words:
        before = tokens[number - 1].text if number else ""
        asks = tokens[number].low in ASKING or (
            number + 1 < len(tokens) and tokens[number].low in WORDS["PREP"] and tokens[number + 1].low in ASKING
        )
        if before == "," and asks:
            start = number
    first = tokens[start]
    if first.gap or first.start == 0 or not text[first.start - 1].isalnum():
        yield Finding(first.start, first.start, opener, "En español se abre también: ¿…?, ¡…!", safe=True)
