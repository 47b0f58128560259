"""English subjects and their verbs: who does it, one or many, and the form of the verb that goes with that."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from cuaderno.diary.proofreading.offline import inflection
from cuaderno.diary.proofreading.offline.patterns import Finding
from cuaderno.diary.proofreading.offline.tables import word_set
from cuaderno.diary.proofreading.offline.tokens import Token

WHY = "One does, many do: the verb goes with its subject."
ONE, MANY = "one", "many"
CLAUSE = word_set(
    """but because that when if so while although though since as where than think know thinks say says said
    thought means until unless before after"""
)
SINGULAR = word_set("a an this that each every another")
PLURAL = word_set("these those many several few both two three four five six seven eight nine ten")
OPEN = word_set("the my your his her its our their some no any most all")
PRONOUNS = {
    "he": ONE,
    "she": ONE,
    "it": ONE,
    "everybody": ONE,
    "everyone": ONE,
    "nobody": ONE,
    "somebody": ONE,
    "someone": ONE,
    "everything": ONE,
    "nothing": ONE,
    "something": ONE,
    "they": MANY,
    "we": MANY,
    "you": MANY,
    "i": "i",
}
EITHER = word_set(
    """people police data staff family team majority number lot couple rest half most none series media group class
    crowd band pair bunch variety government audience committee army faculty crew statistics politics
    mathematics economics physics ethics company public kind sort type percent part amount range set all any
    some plenty dozen hundred thousand remainder handful means species headquarters"""
)
SUBJUNCTIVE = word_set(
    """advise advised advises suggest suggested suggests recommend recommended recommends demand demanded insist
    insisted propose proposed proposes request requested wish lest"""
)
ASKS_FOR = word_set("""important essential necessary vital better require requires required ask asks asked crucial""")
BETWEEN = word_set(
    """always never often usually also only really just still sometimes already probably even rarely actually
    generally normally almost now"""
)
PREPOSITIONS = word_set("of in on for from with about at to between inside behind near")
PAIRS = {
    ONE: {
        "are": "is",
        "were": "was",
        "have": "has",
        "do": "does",
        "don't": "doesn't",
        "aren't": "isn't",
        "weren't": "wasn't",
        "haven't": "hasn't",
        "am": "is",
    },
    MANY: {
        "is": "are",
        "was": "were",
        "has": "have",
        "does": "do",
        "doesn't": "don't",
        "isn't": "aren't",
        "wasn't": "weren't",
        "hasn't": "haven't",
        "am": "are",
    },
    "i": {
        "is": "am",
        "are": "am",
        "were": "was",
        "has": "have",
        "does": "do",
        "doesn't": "don't",
        "isn't": "am not",
        "weren't": "wasn't",
        "hasn't": "haven't",
    },
}
FIXED = word_set(
    """be been being is was has does had did can could will would shall should may might must well over like last"""
)
AMOUNTS = word_set(
    """maths states dollars euros pounds years months weeks days hours minutes seconds miles kilometres meters
    metres percent times points pages"""
)
KNOWN_VERBS = word_set(
    """live take look work use show help need change start run cost play love like want think know get make go come
    say give"""
)


def findings(tokens: Sequence[Token]) -> Iterator[Finding]:
    """Verbs that do not go with their subjects, clause by clause."""
    if _is_wished(tokens):
        return
    for start in range(len(tokens)):
        if not _begins(tokens, start):
            continue
        subject = _subject(tokens, start)
        if not subject:
            continue
        at, number, head = subject
        if start and tokens[start - 1].low in {"and", ","} and number != MANY and head.low not in PRONOUNS:
            continue
        while at < len(tokens) and tokens[at].low in BETWEEN:
            at += 1
        if at >= len(tokens):
            continue
        if (
            number == ONE
            and head.low in {"somebody", "someone", "everybody", "everyone", "nobody"}
            and start == 0
            and tokens[-1].text != "?"
            and (
                tokens[at].low
                in {"say", "help", "stop", "do", "come", "take", "get", "tell", "call", "go", "listen", "look"}
            )
        ):
            continue
        if tokens[at].low in {"were", "weren't"} and any(
            token.low in {"if", "though", "wish", "unless", "were"} for token in tokens[:at]
        ):
            continue
        right = _right_form(tokens, at, number, sure=head.low in PRONOUNS)
        if right and right != tokens[at].low and not _excused(tokens, start, head):
            yield Finding(tokens[at].start, tokens[at].end, right, WHY)


def _is_wished(tokens: Sequence[Token]) -> bool:
    """Whether a sentence may have a subjunctive: I suggest that he take; it is important that she be there."""
    if any(token.low in SUBJUNCTIVE for token in tokens):
        return True
    return any(one.low in ASKS_FOR and two.low == "that" for one, two in pairwise(tokens))


def relatives(tokens: Sequence[Token]) -> Iterator[Finding]:
    """A function that take; libraries that makes."""
    if _is_wished(tokens) or any(token.low == "one" for token in tokens):
        return
    for number, token in enumerate(tokens[1:-1], 1):
        if token.low not in {"that", "which", "who"}:
            continue
        head = tokens[number - 1]
        if (
            head.kind != "word"
            or not head.tag.startswith("NN")
            or head.low in EITHER | {"way", "time", "day", "fact", "reason", "moment", "year", "place", "thing", "idea"}
        ):
            continue
        if number > 2 and tokens[number - 2].low in {"of", "in", "for", "with", "and", "or"}:
            continue
        at = number + 1
        while at < len(tokens) - 1 and tokens[at].low in BETWEEN:
            at += 1
        verb = tokens[at]
        plural = inflection.is_plural(head.low)
        if verb.low in PAIRS[MANY if plural else ONE]:
            right = PAIRS[MANY if plural else ONE][verb.low]
        else:
            right = _right_form(tokens, at, MANY if plural else ONE, sure=False) or ""
        if (
            right
            and right != verb.low
            and not (token.low == "that" and verb.low in {"are", "were", "is", "was"} and tokens[at - 1] is not token)
        ):
            yield Finding(verb.start, verb.end, right, WHY)


def pairs(tokens: Sequence[Token]) -> Iterator[Finding]:
    """He trains and test; I opened the file and read it."""
    for number, token in enumerate(tokens[2:-1], 2):
        if token.low not in {"and", "or", "then"} or tokens[number + 1].kind != "word":
            continue
        verb = tokens[number + 1]
        if (
            not verb.tag.startswith(("VVB", "VVI"))
            or inflection.verb_forms(verb.low) & {"past", "pp"}
            or "base" not in inflection.verb_forms(verb.low)
        ):
            continue
        before = next(
            (
                one
                for one in reversed(tokens[max(0, number - 5) : number])
                if one.tag.startswith(("VV", "VM", "TO", "VD", "VB", "VH"))
            ),
            None,
        )
        if (
            before is None
            or before.tag != "VVZ"
            or any(one.tag.startswith(("VM", "TO", "VD")) or one.text in {",", ";"} for one in tokens[:number])
        ):
            continue
        following = tokens[number + 2] if number + 2 < len(tokens) else None
        if (
            following is not None
            and following.tag.startswith(("AT", "DPS", "PNP", "PRP", "AV", "AJ", "DT"))
            and not inflection.is_plural(verb.low)
        ):
            yield Finding(verb.start, verb.end, inflection.shape(verb.low, "s"), WHY)


def _begins(tokens: Sequence[Token], at: int) -> bool:
    """Whether a subject may begin here: at the start of a sentence or a clause."""
    if at == 0:
        return True
    before = tokens[at - 1]
    if before.low in CLAUSE:
        return not (before.low in {"than", "as", "so"} and tokens[at].low not in PRONOUNS)
    if before.low in {"and", "or"} or before.text in {",", ";", ":", "(", "—", "–"}:
        return before.low != "or" and (
            tokens[at].low in PRONOUNS or (before.low in {"and", ","} and tokens[at].low in OPEN | PLURAL)
        )
    if (
        before.low in {"also", "then", "now", "today", "sometimes", "maybe", "usually"}
        and at > 1
        and tokens[at].low in PRONOUNS
    ):
        return tokens[at - 2].low in {"and", "but", "so"} or tokens[at - 2].kind == "mark"
    if before.text in {'"', "“", "«", "*", "_"}:
        return True
    return before.tag.startswith("AV") and at == 1 and tokens[at].low in PRONOUNS


def _subject(tokens: Sequence[Token], start: int) -> tuple[int, str, Token] | None:
    """Where the subject ends, whether it is one or many, and its main word."""
    first = tokens[start]
    if first.low in PRONOUNS:
        at = start + 1
        if first.low not in {"i", "you", "we", "they", "he", "she", "it"}:
            at = _past_phrase(tokens, at)
        joined = (
            start > 0
            and tokens[start - 1].low in {"and", "or"}
            and first.low in {"i", "he", "she"}
            and 1 < start <= 4
            and (tokens[start - 2].tag.startswith(("NN", "NP", "PN")))
        )
        return None if joined else (at, PRONOUNS[first.low], first)
    if first.low in {"each", "one", "neither", "either"} and start + 2 < len(tokens) and tokens[start + 1].low == "of":
        at = _past_phrase(tokens, start + 1)
        return (at, ONE, first) if at > start + 1 else None
    if first.low.endswith("ing") and first.tag.startswith(("VVG", "NN1")) and "ing" in inflection.verb_forms(first.low):
        at = start + 1
        if at >= len(tokens) or not tokens[at].tag.startswith(("AT", "DPS", "PR", "DT")):
            return None
        while at < len(tokens) and tokens[at].tag.startswith(("AT", "DPS", "AJ", "NN", "NP", "DT")):
            at += 1
        end = _past_phrase(tokens, at)
        return (end, ONE, first) if end > start + 1 else None
    if first.low not in SINGULAR | PLURAL | OPEN:
        return _bare_plural(tokens, start)
    at = start + 1
    if first.low in {"all", "both", "most", "some"} and at < len(tokens) and tokens[at].low in OPEN | PLURAL | {"of"}:
        at += 2 if tokens[at].low == "of" else 1
    while (
        at < len(tokens)
        and tokens[at].kind == "word"
        and (
            tokens[at].tag.startswith(("AJ", "NN", "NP", "ORD", "CRD"))
            or (tokens[at].tag in {"VVN", "VVG"} and at + 1 < len(tokens) and tokens[at + 1].tag.startswith("NN"))
        )
    ):
        at += 1
    while at < len(tokens) and tokens[at].kind == "held" and tokens[at].tag.startswith(("NN", "NP")):
        at += 1
    head = tokens[at - 1]
    if at - 1 <= start or not head.tag.startswith(("NN", "NP")):
        return None
    if head.low in {"week", "year", "month", "night", "summer", "time"} and at - 2 > start:
        return None
    number = _number(head, first.low)
    if number is None or _ends_relative(tokens, start, at):
        return None
    following = _past_phrase(tokens, at)
    return following, number, head


def _ends_relative(tokens: Sequence[Token], start: int, end: int) -> bool:
    """Whether the last word may be the verb of a relative clause: a change that no eye notices."""
    if start < 2 or end - start < 3 or tokens[start - 1].low not in {"that", "which"}:
        return False
    named = tokens[start - 2].tag.startswith(("NN", "NP", "PN"))
    return named and "s" in inflection.verb_forms(tokens[end - 1].low) and tokens[end - 2].tag.startswith("NN")


def _bare_plural(tokens: Sequence[Token], start: int) -> tuple[int, str, Token] | None:
    """Models, big models: many without an article."""
    at = start
    while at < len(tokens) and tokens[at].tag.startswith("AJ"):
        at += 1
    if (
        at < len(tokens)
        and tokens[at].kind == "word"
        and tokens[at].tag.startswith("NN2")
        and inflection.is_plural(tokens[at].low)
    ):
        if tokens[at].low in EITHER:
            return None
        return at + 1, MANY, tokens[at]
    return None


def _number(head: Token, determiner: str) -> str | None:
    word = head.low
    if word in EITHER or word in AMOUNTS:
        return None
    if inflection.is_plural(word) and determiner not in SINGULAR:
        return MANY
    if re.fullmatch(r".*\d+s", word):
        return MANY
    if (
        head.tag.startswith(("NN1", "NN0", "NP"))
        and not inflection.is_plural(word)
        and determiner not in PLURAL | {"all", "some", "most", "both"}
    ):
        return ONE
    return None


def _past_phrase(tokens: Sequence[Token], at: int) -> int:
    """Behind “in my class”, “of the models”, “that I got”: what belongs to the subject."""
    after = at + 1 if at < len(tokens) and tokens[at].low in {"that", "which"} else at
    if after + 2 < len(tokens) and tokens[after].low in {"i", "we", "you", "they", "he", "she"}:
        verb = after + 1
        while verb < len(tokens) - 1 and tokens[verb].tag.startswith(("AV", "VH")):
            verb += 1
        if tokens[verb].tag.startswith(("VVD", "VVN", "VVB")) and (after > at or tokens[verb].tag != "VVB"):
            return verb + 1
    while at < len(tokens) and tokens[at].low in PREPOSITIONS and tokens[at].low != "to":
        end = at + 1
        while end < len(tokens) and (
            tokens[end].tag.startswith(("AT", "DT", "DPS", "AJ", "NN", "NP", "CRD", "ORD"))
            or tokens[end].low in {"us", "them"}
        ):
            end += 1
        if end == at + 1 or not (tokens[end - 1].tag.startswith(("NN", "NP")) or tokens[end - 1].low in {"us", "them"}):
            return at
        at = end
    return at


def _right_form(tokens: Sequence[Token], at: int, number: str, sure: bool) -> str | None:
    """The form that a verb should have; None when it is no verb or already right."""
    token = tokens[at]
    if token.kind != "word":
        return None
    if token.low in PAIRS[number]:
        return PAIRS[number][token.low]
    forms = inflection.verb_forms(token.low)
    if not forms or token.low in FIXED:
        return None
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    if number == ONE and "base" in forms and not forms & {"past", "pp"}:
        certain = sure or (not inflection.lemmas(token.low, "NOUN") and not inflection.lemmas(token.low, "ADJ"))
        if certain or (token.tag in {"VVB", "VVI", "VHB", "VDB", "VHI"} and _fits(token, following)):
            return inflection.shape(token.low, "s")
    if number != ONE and "s" in forms and token.tag in {"VVZ", "VHZ", "VDZ", "VBZ"}:
        lemma = inflection.lemmas(token.low, "VERB")[0]
        if sure or not inflection.lemmas(token.low, "NOUN") or _fits(token, following):
            return lemma
    return None


def _fits(token: Token, following: Token | None) -> bool:
    """Whether what follows is what follows verbs."""
    if following is None:
        return False
    return following.tag.startswith(("AT", "DPS", "PNP", "TO", "PRP", "AV", "CJT", "CJS", "CRD", "AJ")) or (
        following.text in {",", "."} and token.low in KNOWN_VERBS
    )


def _excused(tokens: Sequence[Token], start: int, head: Token) -> bool:
    """Let, make, help, see and questions take the plain verb."""
    before = [token.low for token in tokens[max(0, start - 2) : start]]
    if any(
        word
        in {
            "let",
            "make",
            "makes",
            "made",
            "help",
            "helps",
            "see",
            "watch",
            "did",
            "does",
            "do",
            "can",
            "will",
            "should",
            "would",
        }
        for word in before
    ):
        return True
    return start == 1 and tokens[0].tag.startswith(("VM", "VDD", "VDB", "VDZ"))
