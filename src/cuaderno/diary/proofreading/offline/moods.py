"""Spanish moods and tenses that a word before them asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from cuaderno.diary.proofreading.offline import nouns
from cuaderno.diary.proofreading.offline.conjugation import conjugate
from cuaderno.diary.proofreading.offline.patterns import Finding
from cuaderno.diary.proofreading.offline.tables import word_set
from cuaderno.diary.proofreading.offline.tokens import Token

if TYPE_CHECKING:
    from cuaderno.diary.proofreading.offline.spanish import Words

SUBJUNCTIVE = "Después de un deseo, una duda o un fin va el subjuntivo."
IF = "Después de «si» no va el condicional: «si tuviera»."
FUTURE = "Con «cuando» y un futuro va el subjuntivo."
WISHES = word_set(
    """querer esperar desear necesitar preferir pedir recomendar sugerir exigir dudar permitir evitar conseguir
    lograr aconsejar gustar encantar molestar alegrar sorprender temer preocupar fastidiar impedir dejar
    prohibir intentar procurar"""
)
JUDGED = word_set(
    """importante necesario posible imposible probable mejor peor increíble normal raro lógico bueno malo
    fundamental conveniente difícil fácil preciso suficiente imprescindible curioso triste extraño recomendable
    esencial"""
)
PHRASES = (
    ("para", "que"),
    ("antes", "de", "que"),
    ("sin", "que"),
    ("a", "menos", "que"),
    ("con", "tal", "de", "que"),
    ("a", "fin", "de", "que"),
    ("ojalá", "que"),
    ("puede", "que"),
    ("puede", "ser", "que"),
    ("lástima", "que"),
    ("no", "es", "que"),
    ("nadie", "que"),
    ("con", "que_"),
    ("a", "pesar", "de", "que_"),
    ("lo", "mejor", "es", "que"),
    ("esperar", "a", "que"),
    ("ayuda", "a", "que"),
    ("ayudar", "a", "que"),
    ("en", "caso", "de", "que"),
    ("hace", "falta", "que"),
    ("una", "pena", "que"),
    ("tal", "vez_"),
)
SKIPPED = word_set(
    """no me te se lo la los las le les nos os ya también siempre nunca todo todos mañana hoy nadie alguien solo
    sólo"""
)
ASKED = word_set("saber preguntar ver comprobar mirar decidir averiguar dudar decir importar recordar")


def findings(words: Words, tokens: Sequence[Token]) -> Iterator[Finding]:
    """Indicatives that should be subjunctives, and conditionals after “si”."""
    for number, token in enumerate(tokens):
        if token.low in {"que", "ojalá"} and (past := _asks(words, tokens, number)):
            yield from _subjunctive(words, tokens, number + 1, past == "past")
    yield from _after_if(words, tokens)
    yield from _after_when(words, tokens)
    yield from _as_a_child(words, tokens)
    yield from _as_if(words, tokens)
    yield from _believed(words, tokens)


def _asks(words: Words, tokens: Sequence[Token], at: int) -> str | None:
    """Whether the words before “que” ask for the subjunctive, now or in the past."""
    lows = [token.low for token in tokens[: at + 1]]
    if lows[at] == "ojalá":
        return None if at + 1 < len(tokens) and tokens[at + 1].low == "que" else "now"
    if any(tuple(lows[-len(phrase) :]) == phrase for phrase in PHRASES):
        return None if lows[-2:] == ["nadie", "que"] and "no" not in lows else "now"
    if at and (verb := tokens[at - 1]).kind == "word":
        for lemma, tense, _ in words.finite(verb.low):
            if lemma in WISHES and not words.is_noun(verb.low):
                if lemma in {"esperar", "conseguir", "lograr", "dudar"} and tense in {"fut"}:
                    return None
                if lemma == "temer" and at > 1 and tokens[at - 2].low in {"me", "nos"}:
                    return None
                if lemma in {"preocupar", "dejar", "temer"} and tense not in {"pres", "subj", "order"}:
                    return None
                if lemma in {"pedir", "recomendar"} and at > 1 and tokens[at - 2].low == "lo":
                    return None
                return "past" if tense in {"imp", "pret", "cond"} else "now"
            if lemma in {"creer", "pensar", "parecer"} and tense == "pres" and _denied(tokens, at - 1):
                return "now"
    if at > 1 and tokens[at - 1].low in JUDGED:
        start = at - 2
        if tokens[start].low == "lo":
            return None
        while start >= 0 and tokens[start].low in {"muy", "más", "tan", "lo", "bastante", "súper", "super"}:
            start -= 1
        if start >= 0:
            for lemma, tense, _ in words.finite(tokens[start].low):
                if lemma in {"ser", "parecer", "ver"} and not (tokens[at - 1].low in {"bueno"} and start < at - 2):
                    return "past" if tense in {"imp", "pret", "cond"} else "now"
    return None


def _denied(tokens: Sequence[Token], at: int) -> bool:
    before = [token.low for token in tokens[max(0, at - 2) : at]]
    return "no" in before and tokens[-1].text != "?"


def _subjunctive(words: Words, tokens: Sequence[Token], at: int, past: bool) -> Iterator[Finding]:
    """Put the first conjugated verb into the subjunctive, when it is in the present or the past indicative."""
    for number in range(at, min(at + 7, len(tokens))):
        token = tokens[number]
        if token.kind == "mark" and token.text not in {"*", "_", '"', "«"}:
            return
        if token.low in SKIPPED or token.kind != "word" or nouns.determiner(token.low):
            continue
        if number == at and words.has(token.low, "subj"):  # sin que pase nada: a noun as well, but not here
            return
        if (
            words.is_noun(token.low)
            or words.is_function(token.low)
            or (number > at and nouns.determiner(tokens[number - 1].low) and tokens[number - 1].low not in SKIPPED)
        ):
            continue
        readings = words.finite(token.low)
        if not readings:
            if token.low in {"que", "si", "cuando", "como"} or words.has(token.low, "inf"):
                return
            continue
        if any(tense in {"subj", "past", "past2", "fut", "cond"} for _, tense, _ in readings):
            return
        wanted = [one for one in readings if one[1] in ({"pres", "imp", "pret"} if past else {"pres"})]
        if not wanted or any(tense == "vos" for _, tense, _ in readings):
            return
        lemma, _, person = next((one for one in wanted if one[2] == "3s"), wanted[0])
        right = conjugate(lemma)["past" if past else "subj", person][0]
        if right != token.low:
            yield Finding(token.start, token.end, right, SUBJUNCTIVE)
        return


def _after_if(words: Words, tokens: Sequence[Token]) -> Iterator[Finding]:
    """Si tendría más tiempo, leería más."""
    for number, token in enumerate(tokens):
        if token.low != "si" or token.fixed == "sí":
            continue
        if number and any(
            lemma in ASKED
            for before in tokens[max(0, number - 4) : number]
            for lemma, _, _ in words.analyse(before.low)
        ):
            continue
        if number and tokens[number - 1].low in {"como", "duda", "pregunta", "ver"}:
            continue
        others = [
            other
            for other in tokens
            if other is not token and any(tense == "cond" for _, tense, _ in words.analyse(other.low))
        ]
        for following in tokens[number + 1 : number + 6]:
            if following.kind == "mark":
                break
            readings = [one for one in words.finite(following.low) if one[1] == "cond"]
            if readings and (
                len(others) > 1 or number == 0 or any(other.low.startswith("hubiera") for other in tokens)
            ):
                lemma, _, person = next((one for one in readings if one[2] == "1s"), readings[0])
                yield Finding(following.start, following.end, conjugate(lemma)["past", person][0], IF)
                break
            if following.low in {"fuera", "estuviera", "es", "está"}:
                break
            if (
                words.finite(following.low)
                and not words.is_noun(following.low)
                and not words.is_function(following.low)
            ):
                break
        if number + 1 < len(tokens):
            place = number + 1
            while place < len(tokens) - 1 and tokens[place].low in SKIPPED | {"tú", "yo", "él"}:
                place += 1
            following = tokens[place]
            said = words.finite(following.low)
            plain_ = not words.is_noun(following.low) and not words.is_function(following.low)
            if said and all(tense == "subj" for _, tense, _ in said) and plain_:
                lemma, _, person = said[-1]
                yield Finding(
                    following.start,
                    following.end,
                    conjugate(lemma)["pres", person][0],
                    "Después de «si» no va el presente de subjuntivo.",
                )


def _as_if(words: Words, tokens: Sequence[Token]) -> Iterator[Finding]:
    """Como si es → como si fuera."""
    for number, token in enumerate(tokens[:-2]):
        if token.low != "como" or tokens[number + 1].low != "si":
            continue
        if any(one.low in {"tanto", "lo"} and two.low in {"si", "mismo"} for one, two in pairwise(tokens[:number])):
            continue  # tanto si llueve como si nieva
        for following in tokens[number + 2 : number + 6]:
            readings = words.finite(following.low)
            if following.kind == "mark" or words.has(following.low, "inf"):
                break
            if (
                not readings
                or following.low in SKIPPED
                or words.is_noun(following.low)
                or words.is_function(following.low)
            ):
                continue
            if all(tense in {"pres", "imp", "subj"} for _, tense, _ in readings):
                lemma, _, person = readings[0]
                yield Finding(
                    following.start,
                    following.end,
                    conjugate(lemma)["past", person][0],
                    "«Como si» pide el imperfecto de subjuntivo.",
                )
            break


def _believed(words: Words, tokens: Sequence[Token]) -> Iterator[Finding]:
    """Creo que sea → creo que es."""
    for number, token in enumerate(tokens[:-2]):
        if (
            token.low not in {"creo", "pienso", "creemos", "sabemos", "supongo", "sé"}
            or tokens[number + 1].low != "que"
        ):
            continue
        if (number and tokens[number - 1].low in {"no", "ni"}) or tokens[-1].text == "?":
            continue
        place = number + 2
        while place < len(tokens) - 1 and tokens[place].low in SKIPPED | {"yo", "tú", "él", "ella", "esto", "eso"}:
            place += 1
        readings = words.finite(tokens[place].low)
        if words.is_function(tokens[place].low) or nouns.determiner(tokens[place].low):
            continue
        if readings and all(tense == "subj" for _, tense, _ in readings) and not words.is_noun(tokens[place].low):
            lemma, _, person = readings[-1]
            yield Finding(
                tokens[place].start,
                tokens[place].end,
                conjugate(lemma)["pres", person][0],
                "Con «creo que» va el indicativo.",
            )


def _as_a_child(words: Words, tokens: Sequence[Token]) -> Iterator[Finding]:
    """Cuando era niño, mi familia fue a la playa cada verano: what was usual goes into the imperfect."""
    lows = [token.low for token in tokens]
    child = any(one == "era" and two in {"niño", "niña", "pequeño", "pequeña", "joven"} for one, two in pairwise(lows))
    usual = any(one in {"cada", "todos", "todas"} for one in lows) or "siempre" in lows
    before = bool(lows) and lows[0] == "antes" and lows[1:2] != ["de"] and usual
    if not before and (not child or lows[0] != "cuando" or "," not in lows or not usual):
        return
    for token in tokens[0 if before else lows.index(",") :]:
        readings = words.finite(token.low)
        if (
            token.kind == "word"
            and readings
            and all(tense == "pret" for _, tense, _ in readings)
            and not words.is_noun(token.low)
        ):
            lemma, _, person = readings[0]
            yield Finding(
                token.start, token.end, conjugate(lemma)["imp", person][0], "Lo que era costumbre va en imperfecto."
            )


def _after_when(words: Words, tokens: Sequence[Token]) -> Iterator[Finding]:
    """Cuando termino el curso, haré una demo."""
    future = any(
        any(tense == "fut" for _, tense, _ in words.finite(token.low))
        or (
            token.low in {"voy", "vas", "va", "vamos", "van"}
            and number + 2 < len(tokens)
            and tokens[number + 1].low == "a"
            and words.has(tokens[number + 2].low, "inf")
        )
        for number, token in enumerate(tokens)
    )
    if not future:
        return
    for number, token in enumerate(tokens[:-1]):
        once = number > 1 and tokens[number - 1].low == "vez" and tokens[number - 2].low == "una"
        after_that = token.low == "que" and number and (tokens[number - 1].low == "hasta" or once)
        if not (
            token.low == "cuando" or after_that or (token.low == "cuanto" and number and tokens[number - 1].low == "en")
        ):
            continue
        if token.low == "cuando" and number and tokens[number - 1].low in {"de", "desde", "hasta"}:
            continue
        if any(
            lemma in ASKED
            for before in tokens[max(0, number - 4) : number]
            for lemma, _, _ in words.analyse(before.low)
        ):
            continue
        for following in tokens[number + 1 : number + 5]:
            if following.kind == "mark":
                break
            if (
                following.low in SKIPPED
                or following.low in {"yo", "tú", "él", "ella"}
                or nouns.determiner(following.low)
                or words.is_noun(following.low)
            ):
                continue
            readings = words.finite(following.low)
            present = [one for one in readings if one[1] in {"pres", "fut"}]
            if present and not any(tense == "subj" for _, tense, _ in readings):
                lemma, _, person = next((one for one in present if one[2] == "1s"), present[0])
                yield Finding(following.start, following.end, conjugate(lemma)["subj", person][0], FUTURE)
            break
