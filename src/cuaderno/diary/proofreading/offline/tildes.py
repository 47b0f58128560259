"""Spanish accents that a dictionary cannot see: both spellings are words, and the sentence decides."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from cuaderno.diary.proofreading.offline import nouns
from cuaderno.diary.proofreading.offline.lexicon import Lexicon
from cuaderno.diary.proofreading.offline.patterns import Finding
from cuaderno.diary.proofreading.offline.tables import listed, plain, word_set
from cuaderno.diary.proofreading.offline.tokens import Token

if TYPE_CHECKING:
    from cuaderno.diary.proofreading.offline.spanish import Words

WHY = "Sin esa tilde es otra palabra."
MUCH = 8.0  # times as frequent with its accent: then the bare spelling is taken for a slip
PAST = word_set("ayer anoche anteayer antier pasado pasada entonces finalmente cuando")
SINGULAR = word_set(
    """el la un una este esta ese esa aquel mi tu su nuestro nuestra cada otro otra ningún ninguna algún alguna"""
)
CLITICS = word_set("me te se lo la los las le les nos os no ya también siempre nunca casi")
BEFORE_SUBJUNCTIVE = word_set("que cuando aunque ojalá como donde quien mientras si cuanto")
ONTO_ME = word_set(
    """encanto costo intereso sorprendo enseño ayudo fascino dejo tomo llevo asusto alegro emociono"""
) - {"tomo", "llevo", "dejo", "alegro"}
TIMES = word_set(
    """vez día noche mañana tarde año mes semana rato momento lunes martes miércoles jueves viernes sábado domingo
    verano"""
)
NOT_FIRST = frozenset(["que", "quien", "quienes"])


def lost(lexicon: Lexicon, tokens: Sequence[Token]) -> Iterator[tuple[Token, str]]:
    """Words that are hardly ever meant as they are written: musica, numero, ademas."""
    for number, token in enumerate(tokens):
        word = token.low
        if (
            token.kind != "word"
            or token.fixed
            or len(word) < 3
            or (token.capital and number)
            or word in listed("es_bare.txt")
        ):
            continue
        accented = _accented(lexicon, word)
        if accented is None:
            continue
        ratio = lexicon.frequency(accented) / max(lexicon.frequency(word), 1e-9)
        if (
            re.search(r"[aei]re$", word)
            and accented == word[:-1] + "é"
            and lexicon.verbs.analyse(accented)
            and not lexicon.verbs.analyse(word)
        ):
            yield token, accented
            continue
        if _noun_meant(lexicon, tokens, number, accented):
            yield token, accented
            continue
        past = accented[-1] in "óéí" and accented[-1] != word[-1] and accented[:-1] == word[:-1]
        if past or ratio < MUCH or lexicon.frequency(accented) < 1e-7:
            continue
        before = tokens[number - 1].low if number else ""
        if lexicon.verbs.analyse(word) and (
            before
            in {
                "yo",
                "tú",
                "me",
                "te",
                "lo",
                "los",
                "las",
                "se",
                "le",
                "les",
                "nos",
                "no",
                "siempre",
                "nunca",
                "ya",
                "también",
                "que",
                "si",
                "cuando",
            }
            or not number
        ):
            continue
        yield token, accented


def _noun_meant(lexicon: Lexicon, tokens: Sequence[Token], number: int, accented: str) -> bool:
    """el calculo, una practica, muy practico: behind an article it is the noun, not the verb."""
    word, before = tokens[number].low, tokens[number - 1].low if number else ""
    if (
        accented[-1] in "áéíóú"
        or accented[-2:] in {"ón", "ás", "án"}
        or not lexicon.verbs.analyse(word)
        or lexicon.verbs.analyse(accented)
    ):
        return False
    if lexicon.frequency(accented) < 0.3 * lexicon.frequency(word):
        return False
    if before in {"muy", "más", "tan", "es", "son", "fue", "era", "demasiado", "bastante", "poco"}:
        return True
    if word.endswith(("o", "os")):
        return before in {
            "el",
            "un",
            "este",
            "ese",
            "mi",
            "tu",
            "su",
            "del",
            "al",
            "cada",
            "otro",
            "ningún",
            "primer",
            "mismo",
            "estos",
            "unos",
            "mis",
            "muchos",
            "varios",
            "dos",
            "tres",
            "algún",
            "nuevo",
            "buen",
        }
    return before in {
        "una",
        "esta",
        "mi",
        "tu",
        "su",
        "cada",
        "otra",
        "ninguna",
        "misma",
        "primera",
        "alguna",
        "unas",
        "estas",
        "muchas",
        "varias",
        "nueva",
        "buena",
    } or (
        before in {"la", "las"}
        and number > 1
        and tokens[number - 2].low in {"de", "en", "por", "con", "a", "para", "sobre", "sin"}
    )


def _accented(lexicon: Lexicon, word: str) -> str | None:
    """The most frequent spelling with one accent more."""
    if plain(word) != word:
        return None
    best = None
    for index, letter in enumerate(word):
        if letter in "aeiou":
            other = word[:index] + {"a": "á", "e": "é", "i": "í", "o": "ó", "u": "ú"}[letter] + word[index + 1 :]
            if lexicon.frequency(other) > (lexicon.frequency(best) if best else 0.0) and lexicon.known(other):
                best = other
    return best


def findings(words: Words, tokens: Sequence[Token]) -> Iterator[Finding]:
    """entrene → entrené, explico → explicó: what happened, told without its accent."""
    past = _tells_past(words, tokens)
    for number, token in enumerate(tokens):
        if token.kind != "word" or len(token.low) < 4 or token.low in listed("es_bare.txt"):
            continue
        right = None
        if token.low.endswith("o"):
            right = _third_person(words, tokens, number, past)
        elif token.low.endswith("e"):
            right = _first_person(words, tokens, number, past)
        if right and right != token.low:
            new = right[:1].upper() + right[1:] if token.capital else right
            yield Finding(token.start, token.end, new, WHY, safe=False)


def _tells_past(words: Words, tokens: Sequence[Token]) -> bool:
    """Whether a sentence says that it is about the past."""
    lows = [token.low for token in tokens]
    if PAST & set(lows) - {"cuando"} or (
        "hace" in lows
        and any(unit in lows for unit in ("años", "días", "meses", "semanas", "horas", "año", "mes", "semana"))
    ):
        return True
    for day in ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"):
        if (
            day in lows
            and lows[max(0, lows.index(day) - 1)] == "el"
            and any(words.has(low, "pret") and not words.has(low, "pres") for low in lows)
        ):
            return True
    return any(words.has(low, "pret") and not words.has(low, "pres") for low in lows)


def _third_person(words: Words, tokens: Sequence[Token], number: int, past: bool) -> str | None:
    word = tokens[number].low
    right = word[:-1] + "ó"
    if (
        not words.has(word, "pres", "1s")
        or not words.has(right, "pret", "3s")
        or (words.is_adjective(word) and word != "tardo")
    ):
        return None
    if (words.is_noun(word) and word != "tardo" and not past) or not _is_written(words, word, right):
        return None
    at = number - 1
    while at >= 0 and tokens[at].low in CLITICS:
        at -= 1
    clitic = at < number - 1
    before = tokens[at] if at >= 0 else None
    if before is None or before.kind == "mark":
        return right if past and clitic and tokens[number - 1].low in {"me", "nos"} and word in ONTO_ME else None
    if before.low in {"él", "ella", "usted"} or (
        before.low in {"eso", "esto", "aquello", "nadie", "alguien"} and (at == 0 or tokens[at - 1].kind == "mark")
    ):
        return right
    if before.low in NOT_FIRST:
        return right if past and clitic and tokens[number - 1].low in {"me", "se"} else None
    if (
        before.low
        in SINGULAR
        | {"yo", "de", "en", "con", "por", "para", "a", "sin", "y", "o", "uno", "del", "al", "los", "las", "muy"}
        and not clitic
    ):
        return None
    if _singular_subject(words, tokens, at) and (word == "tardo" or not words.is_adjective(word)):
        return right
    return (
        right
        if past
        and clitic
        and word in ONTO_ME
        and tokens[number - 1].low in {"me", "nos"}
        and before.low in {"y", "pero", "todo"}
        else None
    )


def _singular_subject(words: Words, tokens: Sequence[Token], at: int) -> bool:
    """Whether one other person or thing ends at a word: El profesor …, Mi abuela …, El modelo de ayer …"""
    start = at
    while start > 0 and at - start < 5 and tokens[start - 1].kind == "word" and tokens[start].low not in SINGULAR:
        if (
            words.finite(tokens[start].low)
            and not words.is_noun(tokens[start].low)
            and tokens[start].low not in {"de"}
            and start != at
        ):
            return False
        start -= 1
    name = tokens[at].capital and at == 0 and tokens[at].low not in {"yo"} and not words.lexicon.known(tokens[at].low)
    if name:
        return True
    if tokens[start].low not in SINGULAR or start == at or tokens[start + 1].low in TIMES:
        return False
    if start and (
        tokens[start - 1].low in {"a", "de", "en", "con", "por", "para", "sin", "sobre", "y", "o"}
        or words.finite(tokens[start - 1].low)
    ):
        return False
    return (words.is_noun(tokens[start + 1].low) or words.is_noun(tokens[at].low)) and nouns.number(
        tokens[start + 1].low
    ) != "p"


def _is_written(words: Words, word: str, right: str) -> bool:
    """Whether the accented form is common enough to have been meant."""
    return words.lexicon.frequency(right) > 0.08 * words.lexicon.frequency(word)


def _first_person(words: Words, tokens: Sequence[Token], number: int, past: bool) -> str | None:
    word = tokens[number].low
    right = word[:-1] + "é"
    if (
        not words.has(right, "pret", "1s")
        or not words.has(word, "subj", "1s")
        or words.is_noun(word)
        or words.is_adjective(word)
    ):
        return None
    if (
        words.has(word, "pres")
        or not _is_written(words, word, right)
        or word.endswith(("arme", "arte", "arse", "erse", "irse"))
    ):
        return None
    at = number - 1
    while at >= 0 and tokens[at].low in CLITICS:
        at -= 1
    before = tokens[at].low if at >= 0 else ""
    if before == "yo":
        return None if at and tokens[at - 1].low in BEFORE_SUBJUNCTIVE else right
    if before in BEFORE_SUBJUNCTIVE:
        was = any(words.has(other.low, "imp") for other in tokens)
        return right if (past or was) and before == "cuando" and at == 0 else None
    if any(token.low in {"que", "ojalá", "aunque"} for token in tokens[max(0, number - 6) : number]):
        return None
    if at < 0 or tokens[at].kind == "mark":  # what one tells of oneself, not what one tells somebody to do
        own = any(words.has(other.low, "pret", "1s") for other in tokens) or any(other.low in PAST for other in tokens)
        return right if own else None
    return right if past else None
