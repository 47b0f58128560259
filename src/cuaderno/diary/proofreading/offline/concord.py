"""Spanish words that go together: articles and nouns, nouns and adjectives, subjects and verbs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from cuaderno.diary.proofreading.offline import nouns
from cuaderno.diary.proofreading.offline.conjugation import conjugate
from cuaderno.diary.proofreading.offline.patterns import Finding
from cuaderno.diary.proofreading.offline.tables import word_set
from cuaderno.diary.proofreading.offline.tokens import Token

if TYPE_CHECKING:
    from cuaderno.diary.proofreading.offline.spanish import Words

GENDER = "El género no concuerda."
NUMBER = "El número no concuerda."
PERSON = "El verbo no concuerda con su sujeto."
COPULAS = frozenset(["ser", "estar", "parecer", "quedar", "resultar"])
DEGREE = word_set(
    """muy más menos tan demasiado bastante poco algo un casi siempre ya también realmente mucho totalmente tanto"""
)
ORDINALS = word_set(
    """gran buen mal nuevo nueva nuevos nuevas mejor peor mismo misma primera segunda último última pequeño pequeña
    propio propia único única"""
)
PRONOUNS = {
    "yo": "1s",
    "tú": "2s",
    "él": "3s",
    "ella": "3s",
    "usted": "3s",
    "nosotros": "1p",
    "nosotras": "1p",
    "vosotros": "2p",
    "vosotras": "2p",
    "ellos": "3p",
    "ellas": "3p",
    "ustedes": "3p",
}
CLITICS = word_set("me te se lo la los las le les nos os no ya también siempre nunca casi solo nunca")
PREPOSITIONS = word_set("a de en con por para sin sobre entre hasta desde según contra del al como que y o ni")
TIMES = word_set(
    """lunes martes miércoles jueves viernes sábados domingos días veces años meses noches mañanas tardes semanas
    horas minutos fines segundos momentos épocas inviernos veranos"""
)
GROUPS = word_set(
    """mayoría mitad resto parte serie montón grupo conjunto par número tipo cantidad docena multitud infinidad
    centenar millar total porcentaje"""
)
MASS = word_set(
    """gente información tiempo dinero agua memoria ayuda música trabajo energía suerte paciencia ruido calor frío"""
)
CHAIN = word_set("de del con y e para en por a al")
ALONE = word_set(
    """justo oscuro claro harto solo sola solos solas mismo misma mismos mismas juntos juntas entero entera
    incluido incluida incluidos incluidas"""
)
STARTS = word_set("que porque si cuando aunque pero mientras donde pues como")


def findings(words: Words, tokens: Sequence[Token]) -> Iterator[Finding]:
    """Everything that does not agree, in no order."""
    for number, token in enumerate(tokens):
        if token.kind != "word":
            continue
        yield from _determined(words, tokens, number)
        yield from _before_noun(words, tokens, number)
        yield from _described(words, tokens, number)
        yield from _said_of(words, tokens, number)
        yield from _subject_and_verb(words, tokens, number)
        yield from _pronoun_and_verb(words, tokens, number)
        yield from _many_are(words, tokens, number)


def _put(token: Token, new: str, why: str) -> Finding:
    return Finding(token.start, token.end, new[:1].upper() + new[1:] if token.capital else new, why)


def _determined(words: Words, tokens: Sequence[Token], at: int) -> Iterator[Finding]:
    """la problema, el función, muchas datos, los modelo."""
    found = nouns.determiner(tokens[at].low)
    if not found:
        return
    row, kind, many = found
    after = at + 1
    while after < len(tokens) and tokens[after].low in ORDINALS:
        after += 1
    if after >= len(tokens) or tokens[after].kind != "word":
        return
    noun = tokens[after]
    if not words.is_noun(noun.low) or (noun.capital and after) or not _is_determiner(words, tokens, at, noun):
        return
    if row in {"mucho", "poco", "tanto", "demasiado"} and (
        words.is_function(noun.low) or (tokens[at].low in {"demasiado", "tanto"} and nouns.number(noun.low) == "p")
    ):
        return
    if tokens[at].low == "demasiado" and not nouns.FEMININE_ENDS.search(noun.low):
        return
    if row == "cuánto" and (noun.low == "hay" or words.finite(noun.low)):
        return
    if (
        row in {"mucho", "poco", "tanto", "demasiado"}
        and words.lexicon.lemma(noun.low).endswith("o")
        and not noun.low.endswith(("o", "os"))
    ):
        return
    right_kind, right_many = nouns.gender(noun.low), nouns.number(noun.low)
    if right_many is None or (right_kind is None and kind is not None and row not in {"mi", "tu", "su"}):
        right_many = right_many or ("p" if many else "s")
        if right_kind is None and (right_many == "p") == many:
            return
    if (
        many
        and right_many == "s"
        and noun.low in MASS
        and right_kind
        and row in {"mucho", "poco", "tanto", "demasiado", "todo", "algún"}
    ):
        yield _put(tokens[at], nouns.determine(row, right_kind, False, noun.low), NUMBER)
        return
    if (right_many == "p") != many:
        if many and right_many == "s" and right_kind in {kind, None} and after == at + 1 and row != "todo":
            yield _put(noun, nouns.plural(noun.low), NUMBER)
        elif not many and right_kind and row != "todo":
            yield _put(tokens[at], nouns.determine(row, right_kind, True, noun.low), NUMBER)
        return
    if right_kind is None or kind is None:
        return
    right = nouns.determine(row, right_kind, many, noun.low)
    if right == tokens[at].low or (
        nouns.takes_el(noun.low) and not many and row in {"algún", "ningún", "el", "un"} and after > at + 1
    ):
        return
    if nouns.takes_el(noun.low) and tokens[at].low in {"el", "un", "al", "del", "algún", "ningún"}:
        return
    if row == "un" and tokens[at].low == "uno":
        return
    yield _put(tokens[at], right, GENDER)


def _is_determiner(words: Words, tokens: Sequence[Token], at: int, noun: Token) -> bool:
    """Not the pronouns la, los, las before a verb, nor mucho, poco, todo, tanto as adverbs."""
    word = tokens[at].low
    if word in {"la", "los", "las"} and words.finite(noun.low):
        return (at == 0 and nouns.is_listed_noun(noun.low)) or (
            at > 0 and tokens[at - 1].low in PREPOSITIONS - {"que", "como", "y", "o", "ni"}
        )
    if word in {"mucho", "poco", "tanto", "demasiado", "todo", "otro", "mismo", "primer"}:
        before = tokens[at - 1].low if at else ""
        if word == "poco" and before in {"un", "muy"}:
            return False
        return word != "todo"
    if word in {"este", "esta", "esto"} and at and tokens[at - 1].low in {"día", "año"}:
        return False
    if word in {"un", "una"} and at and tokens[at - 1].low in {"cada"}:
        return False
    return not (word == "la" and noun.low in {"uno", "una"})


BEFORE = {
    "nuevo": ("nuevo", "nueva", "nuevos", "nuevas"),
    "pequeño": ("pequeño", "pequeña", "pequeños", "pequeñas"),
    "mismo": ("mismo", "misma", "mismos", "mismas"),
    "último": ("último", "última", "últimos", "últimas"),
    "propio": ("propio", "propia", "propios", "propias"),
    "único": ("único", "única", "únicos", "únicas"),
    "primer": ("primer", "primera", "primeros", "primeras"),
    "segundo": ("segundo", "segunda", "segundos", "segundas"),
    "tercer": ("tercer", "tercera", "terceros", "terceras"),
    "buen": ("buen", "buena", "buenos", "buenas"),
    "mal": ("mal", "mala", "malos", "malas"),
    "próximo": ("próximo", "próxima", "próximos", "próximas"),
    "largo": ("largo", "larga", "largos", "largas"),
    "verdadero": ("verdadero", "verdadera", "verdaderos", "verdaderas"),
    "bueno": ("buen", "buena", "buenos", "buenas"),
    "malo": ("mal", "mala", "malos", "malas"),
    "primero": ("primer", "primera", "primeros", "primeras"),
    "tercero": ("tercer", "tercera", "terceros", "terceras"),
    "viejo": ("viejo", "vieja", "viejos", "viejas"),
    "varios": ("varios", "varias", "varios", "varias"),
}


def _before_noun(words: Words, tokens: Sequence[Token], at: int) -> Iterator[Finding]:
    """el primera modelo, una nuevo red, la primer vez."""
    word = tokens[at].low
    forms = next((forms for row, forms in BEFORE.items() if word == row or word in forms), None)
    if forms is None or at == 0 or at + 1 >= len(tokens):
        return
    noun = tokens[at + 1]
    if (
        nouns.determiner(tokens[at - 1].low) is None
        or noun.kind != "word"
        or noun.capital
        or not words.is_noun(noun.low)
        or words.finite(noun.low)
    ):
        return
    kind, many = nouns.gender(noun.low), nouns.number(noun.low)
    if kind is None or many is None or (tokens[at - 1].low in {"lo", "un"} and word == "poco"):
        return
    right = forms[(1 if kind == "f" else 0) + (2 if many == "p" else 0)]
    if right != word and not (
        word in {"segundos", "segundo", "mal", "bueno"}
        and tokens[at - 1].low in {"los", "unos", "el"}
        and right[:3] != word[:3]
    ):
        if tokens[at - 1].low == "lo" or nouns.takes_el(noun.low):
            return
        yield _put(tokens[at], right, GENDER if (many == "p") == word.endswith("s") else NUMBER)


def _described(words: Words, tokens: Sequence[Token], at: int) -> Iterator[Finding]:
    """redes neuronal, los modelos grande, una función conocido."""
    if at + 1 >= len(tokens) or at == 0 or (tokens[at].capital and at):
        return
    noun, adjective = tokens[at], tokens[at + 1]
    step = 1
    if (
        nouns.same_form(adjective.low)
        and at + 2 < len(tokens)
        and nouns.number(adjective.low) == nouns.number(noun.low)
    ):
        further = tokens[at + 2]
        if further.low in {"muy", "más", "tan"} or (
            words.is_adjective(further.low) and not nouns.same_form(further.low)
        ):
            adjective, step = further, 2
    if adjective.low in {"muy", "más", "tan", "demasiado", "bastante"} and at + step + 1 < len(tokens):
        adjective, step = tokens[at + step + 1], step + 1
    if (
        adjective.low in ALONE
        or adjective.kind != "word"
        or adjective.capital
        or not words.is_noun(noun.low)
        or not words.is_adjective(adjective.low)
    ):
        return
    kind, many = nouns.gender(noun.low), nouns.number(noun.low)
    if many is None or not _has_determiner(words, tokens, at) or words.finite(adjective.low):
        return
    after = tokens[at + step + 1] if at + step + 1 < len(tokens) else None
    if after is not None and (
        (after.low in {"y", "o", "e"} and step == 1)
        or (
            words.is_noun(after.low)
            and nouns.number(after.low) == nouns.number(adjective.low)
            and after.low != noun.low
        )
    ):
        return
    if noun.low in {"vez", "veces"} or (
        noun.low in TIMES | {"año", "día", "mes"}
        and adjective.low in {"mayor", "menor", "mejor", "peor", "mayores", "menores"}
    ):
        return
    if nouns.number(adjective.low) != many and any(tense == "part" for _, tense, _ in words.analyse(adjective.low)):
        return
    right = nouns.agree(adjective.low, kind, many == "p")
    if kind is None and not nouns.same_form(adjective.low):
        right = nouns.plural(nouns.singular(adjective.low)) if many == "p" else nouns.singular(adjective.low)
        if many == "s" and adjective.low.endswith("s") and False:
            return
    if right == adjective.low or not _is_written(words, adjective.low, right):
        return
    if _fits_earlier(words, tokens, at, adjective.low):
        return
    yield _put(adjective, right, GENDER if nouns.number(right) == nouns.number(adjective.low) else NUMBER)


def _is_written(words: Words, adjective: str, right: str) -> bool:
    """Whether people write the other form too: of mamíferos, a noun, they do not."""
    return words.lexicon.known(right) and words.lexicon.frequency(right) > 0.04 * words.lexicon.frequency(adjective)


def _has_determiner(words: Words, tokens: Sequence[Token], at: int) -> bool:
    """An article, a number, a preposition or a quantity before a noun, an adjective between them or not."""
    before = tokens[at - 1]
    if before.low in ORDINALS and at > 1:
        before = tokens[at - 2]
    return (
        nouns.determiner(before.low) is not None
        or before.low
        in {
            "de",
            "con",
            "sin",
            "para",
            "sobre",
            "en",
            "dos",
            "tres",
            "cuatro",
            "cinco",
            "cada",
            "y",
            "varios",
            "varias",
            "entre",
            "hay",
            "tengo",
            "tiene",
        }
        or before.kind == "held"
    )


def _fits_earlier(words: Words, tokens: Sequence[Token], at: int, adjective: str) -> bool:
    """Whether an adjective goes with a noun farther back: un modelo de lenguaje pequeño, imágenes de gatos negras."""
    for token in reversed(tokens[max(0, at - 6) : at]):
        if token.low in CHAIN or nouns.determiner(token.low) or words.is_adjective(token.low):
            continue
        if token.kind != "word" or not words.is_noun(token.low):
            return False
        if token.low:
            kind, many = nouns.gender(token.low), nouns.number(token.low)
            if nouns.agree(adjective, kind, many == "p") == adjective:
                return True
    return False


def _subject(words: Words, tokens: Sequence[Token], at: int) -> tuple[int, Token] | None:
    """The noun phrase that begins at a word: (where it ends, its noun). With “de …” behind it."""
    found = nouns.determiner(tokens[at].low)
    if not found or found[0] in {"al", "del", "cuánto"}:
        return None
    before = tokens[at - 1] if at else None
    if (
        before is not None
        and not (before.kind == "mark" and before.text not in {"-", "/"})
        and before.low not in STARTS
    ):
        return None
    after = at + 1
    while after < len(tokens) and (tokens[after].low in ORDINALS or nouns.determiner(tokens[after].low)):
        after += 1
    if after >= len(tokens) or not words.is_noun(tokens[after].low) or tokens[after].low in TIMES | GROUPS:
        return None
    if before is not None and before.text == "," and any(token.text == "," for token in tokens[after:]) and False:
        return None
    many = nouns.number(tokens[after].low)
    if many is not None and (many == "p") != found[2]:
        return None
    noun, end = tokens[after], after + 1
    while end < len(tokens) and tokens[end].kind == "word":
        if words.is_adjective(tokens[end].low) and not words.finite(tokens[end].low):
            end += 1
        elif tokens[end].low in {"de", "del", "para", "en", "con", "sobre"} and end + 1 < len(tokens):
            inner = end + 1
            while inner < len(tokens) and nouns.determiner(tokens[inner].low):
                inner += 1
            if tokens[end + 1].low in {"quien", "quienes"}:  # a clause with a verb of its own
                return None
            if inner < len(tokens) and (
                words.is_noun(tokens[inner].low) or tokens[inner].capital or tokens[inner].low in {"ayer", "hoy"}
            ):
                end = inner + 1
            else:
                break
        else:
            break
    return end, noun


def _said_of(words: Words, tokens: Sequence[Token], at: int) -> Iterator[Finding]:
    """El modelo es muy lenta; los resultados son malo."""
    subject = _subject(words, tokens, at) if tokens[at].low not in PRONOUNS else _pronoun(tokens, at)
    if not subject:
        return
    verb, noun = subject
    while verb < len(tokens) and tokens[verb].low in CLITICS - {"se"} | {"se"}:
        verb += 1
    if verb >= len(tokens) or not any(
        one in COPULAS and person[0] == "3" for one, _, person in words.finite(tokens[verb].low)
    ):
        return
    if noun.low in {"noche", "semana", "mañana", "tarde", "vez", "año", "mes", "día", "verano"}:
        return
    last = verb + 1
    while last < len(tokens) and tokens[last].low in DEGREE:
        last += 1
    if last >= len(tokens) or tokens[last].kind != "word":
        return
    adjective = tokens[last]
    if not words.is_adjective(adjective.low) or words.has(adjective.low, "ger"):
        return
    following = tokens[last + 1] if last + 1 < len(tokens) else None
    if following is not None and words.is_noun(following.low):
        return
    if noun.low in PRONOUNS:
        kind, many = {
            "él": ("m", "s"),
            "ella": ("f", "s"),
            "ellos": ("m", "p"),
            "ellas": ("f", "p"),
            "nosotros": ("m", "p"),
            "nosotras": ("f", "p"),
        }.get(noun.low, (None, None))
        if kind is None:
            return
    else:
        kind, many = nouns.gender(noun.low), nouns.number(noun.low)
    if many is None:
        return
    right = nouns.agree(adjective.low, kind, many == "p")
    if kind is None and not nouns.same_form(adjective.low):
        return
    if right != adjective.low and _is_written(words, adjective.low, right):
        yield _put(adjective, right, GENDER if nouns.number(right) == nouns.number(adjective.low) else NUMBER)


def _joined(words: Words, tokens: Sequence[Token], at: int) -> bool:
    """Mi hermano y yo: the noun before “y yo” begins the clause, so it is no object of an earlier verb."""
    start = at - 2
    while start > 0 and nouns.determiner(tokens[start - 1].low) is not None:
        start -= 1
    begins = start == 0 or tokens[start - 1].kind == "mark" or tokens[start - 1].low in STARTS
    return begins and (words.is_noun(tokens[at - 2].low) or tokens[at - 2].capital)


def _many_are(words: Words, tokens: Sequence[Token], at: int) -> Iterator[Finding]:
    """estamos muy feliz, son muy rápido: more than one, whoever it is."""
    if not any(
        lemma in {"ser", "estar"} and person in {"1p", "3p"} for lemma, _, person in words.finite(tokens[at].low)
    ):
        return
    last = at + 1
    while last < len(tokens) and tokens[last].low in DEGREE - {"poco", "algo", "un", "mucho", "tanto"}:
        last += 1
    if last >= len(tokens) or tokens[last].kind != "word" or tokens[last].low in ALONE | {"mejor", "peor"}:
        return
    adjective, following = tokens[last], tokens[last + 1] if last + 1 < len(tokens) else None
    if not words.is_adjective(adjective.low) or nouns.number(adjective.low) != "s" or words.has(adjective.low, "ger"):
        return
    if (
        following is None
        or following.kind == "mark"
        or following.low in PREPOSITIONS | {"porque", "pero", "cuando", "si"}
    ):
        yield _put(adjective, nouns.plural(adjective.low), NUMBER)


def _pronoun(tokens: Sequence[Token], at: int) -> tuple[int, Token] | None:
    before = tokens[at - 1] if at else None
    if before is not None and before.kind != "mark" and before.low not in STARTS:
        return None
    return at + 1, tokens[at]


def _subject_and_verb(words: Words, tokens: Sequence[Token], at: int) -> Iterator[Finding]:
    """Mis padres trabaja; la gente piensan; los datos es."""
    subject = _subject(words, tokens, at)
    if not subject:
        return
    verb, noun = subject
    many = nouns.number(noun.low)
    if many is None:
        return
    clitics = []
    while verb < len(tokens) and tokens[verb].low in CLITICS:
        clitics.append(tokens[verb].low)
        verb += 1
    if (
        verb >= len(tokens)
        or tokens[verb].kind != "word"
        or {"le", "les", "me", "te", "nos", "lo", "la", "los", "las"} & set(clitics)
    ):
        return
    word = tokens[verb].low
    readings = words.finite(word)
    if (
        not readings
        or words.is_function(word)
        or words.is_noun(word)
        or (words.is_adjective(word) and verb == subject[0])
    ):
        return
    wanted, wrong = ("3p", "3s") if many == "p" else ("3s", "3p")
    if any(person == wanted for _, _, person in readings) or not any(person == wrong for _, _, person in readings):
        return
    lemma, tense, _ = next(one for one in readings if one[2] == wrong)
    if (
        lemma == "ser"
        and many == "s"
        and any(nouns.number(token.low) == "p" and words.is_noun(token.low) for token in tokens[verb + 1 : verb + 4])
    ):
        return
    if lemma in {"gustar", "encantar", "haber", "hacer"} and wanted == "3p" and not clitics:
        return
    if any(token.low in {"y", "e", "ni", "o"} for token in tokens[at : subject[0]]):
        return
    yield _put(tokens[verb], conjugate(lemma)[tense, wanted][0], PERSON)


def _pronoun_and_verb(words: Words, tokens: Sequence[Token], at: int) -> Iterator[Finding]:
    """yo tiene, ellos quiere, nosotros van."""
    wanted = PRONOUNS.get(tokens[at].low)
    if tokens[at].low == "yo" and at > 1 and tokens[at - 1].low == "y" and _joined(words, tokens, at):
        wanted = "1p"
    elif not wanted or (
        at and (tokens[at - 1].low in PREPOSITIONS - {"que", "como", "y"} or tokens[at - 1].low in {"y", "ni"})
    ):
        return
    verb = at + 1
    while verb < len(tokens) and tokens[verb].low in CLITICS:
        if tokens[verb].low in {"le", "les"} or (tokens[verb].low == "me" and wanted != "1s"):
            pass
        verb += 1
    if verb >= len(tokens) or tokens[verb].kind != "word":
        return
    readings = words.finite(tokens[verb].low)
    if (
        not readings
        or any(person == wanted for _, _, person in readings)
        or words.is_noun(tokens[verb].low)
        or any(tense == "vos" for _, tense, _ in readings)
    ):
        return
    lemma, tense, person = readings[0]
    if (tokens[at].low in {"tú", "usted"} and person in {"1s"}) or (tense in {"subj"} and tokens[at].low in {"tú"}):
        return
    if lemma in {"gustar", "encantar", "parecer"} or words.is_function(tokens[verb].low):
        return
    if tokens[at].low == "tú" and words.has(tokens[verb].low, "order", "2s"):
        return
    yield _put(tokens[verb], conjugate(lemma)[tense, wanted][0], PERSON)
