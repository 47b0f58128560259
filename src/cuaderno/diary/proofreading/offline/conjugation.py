"""Spanish verbs: every form of a verb, and the verbs that a form may belong to."""

import re
import tomllib
from collections.abc import Callable, Iterator
from functools import cache

from cuaderno.diary.proofreading.offline.tables import plain, table

PERSONS = ("1s", "2s", "3s", "1p", "2p", "3p")
ENDINGS = {
    "ar": {
        "pres": "o as a amos áis an",
        "pret": "é aste ó amos asteis aron",
        "imp": "aba abas aba ábamos abais aban",
        "subj": "e es e emos éis en",
        "past": "ara aras ara áramos arais aran",
        "past2": "ase ases ase ásemos aseis asen",
        "vos": "ás",
        "order_vos": "á",
        "subj_vos": "és",
        "order_2p": "ad",
        "ger": "ando",
        "part": "ado",
    },
    "er": {
        "pres": "o es e emos éis en",
        "pret": "í iste ió imos isteis ieron",
        "imp": "ía ías ía íamos íais ían",
        "subj": "a as a amos áis an",
        "past": "iera ieras iera iéramos ierais ieran",
        "past2": "iese ieses iese iésemos ieseis iesen",
        "vos": "és",
        "order_vos": "é",
        "subj_vos": "ás",
        "order_2p": "ed",
        "ger": "iendo",
        "part": "ido",
    },
    "ir": {
        "pres": "o es e imos ís en",
        "pret": "í iste ió imos isteis ieron",
        "imp": "ía ías ía íamos íais ían",
        "subj": "a as a amos áis an",
        "past": "iera ieras iera iéramos ierais ieran",
        "past2": "iese ieses iese iésemos ieseis iesen",
        "vos": "ís",
        "order_vos": "í",
        "subj_vos": "ás",
        "order_2p": "id",
        "ger": "iendo",
        "part": "ido",
    },
}
FUTURE = {"fut": "é ás á emos éis án", "cond": "ía ías ía íamos íais ían"}
STRONG = "e iste o imos isteis ieron"
STRESSED = {"1s", "2s", "3s", "3p"}
BACK = (("ie", "e"), ("ue", "o"), ("üe", "o"), ("ue", "u"), ("i", "e"), ("u", "o"), ("í", "i"), ("ú", "u"))


@cache
def _tables() -> dict:
    return tomllib.loads(table("es_verbs.toml"))


@cache
def _changes() -> dict[str, str]:
    found: dict[str, str] = {}
    for change, verbs in _tables()["change"].items():
        for verb in verbs.split():
            found.setdefault(verb, change)
    return found


@cache
def _irregular(verb: str) -> dict:
    """What the table says of a verb, or of the verb it is made of."""
    tables = _tables()
    if verb in tables and verb not in {"change", "prefixed"}:
        return dict(tables[verb])
    for base, prefixes in tables["prefixed"].items():
        prefix = verb.removesuffix(base)
        if verb != base and verb.endswith(base) and prefix in prefixes.split():
            made = {"_prefix": prefix}
            for key, forms in tables.get(base, {}).items():
                made[key] = " ".join(prefix + form for form in forms.split())
            for key in ("order",):
                if key in made and len(re.findall("[aeiou]+", made[key])) > 1:
                    made[key] = _accent_last(made[key])
            return made
    return {}


def _accent_last(word: str) -> str:
    """mantén, propón, prevé: the last vowel gets the accent."""
    index = max(word.rfind(vowel) for vowel in "aeo")
    return word if index < 0 else word[:index] + word[index].translate(str.maketrans("aeo", "áéó")) + word[index + 1 :]


def _change_of(verb: str) -> str:
    found = _changes().get(verb, "")
    if found:
        return found
    for base, prefixes in _tables()["prefixed"].items():
        if verb.endswith(base) and verb.removesuffix(base) in prefixes.split():
            return _changes().get(base, "")
    return ""


def _stressed(stem: str, change: str) -> str:
    """pens → piens, cont → cuent, ped → pid, envi → enví."""
    vowel = {"ie": "e", "ue": "o", "i": "e", "í": "i", "ú": "u"}.get(change)
    if not vowel:
        return stem
    index = stem.rfind(vowel)
    if change == "ue" and stem == "jug":
        return "jueg"
    if change == "í" and index < 0:  # reunir: reúno
        return re.sub("u(?=[^aeiou]*$)", "ú", stem)
    if index < 0:
        return stem
    if change == "ue" and stem[index - 1 : index] == "g":
        return stem[:index] + "üe" + stem[index + 1 :]
    return stem[:index] + change + stem[index + 1 :]


def _weak(stem: str, change: str) -> str:
    """The lighter change of -ir verbs: sint, durm, pid."""
    if change in {"ie", "i"}:
        index = stem.rfind("e")
        return stem if index < 0 else stem[:index] + "i" + stem[index + 1 :]
    if change == "ue":
        index = stem.rfind("o")
        return stem if index < 0 else stem[:index] + "u" + stem[index + 1 :]
    return stem


def join(stem: str, ending: str, kind: str) -> str:
    """Put them together so that the sound stays: busc + é → busqué, le + ió → leyó."""
    soft = ending[:1] in "eéií"
    if kind == "ar" and soft:
        for hard, written in (("gu", "gü"), ("c", "qu"), ("g", "gu"), ("z", "c")):
            if stem.endswith(hard):
                stem = stem[: -len(hard)] + written
                break
    if kind != "ar" and ending[:1] in "aoáó":
        for written, hard in (("gu", "g"), ("qu", "c"), ("g", "j"), ("c", "z")):
            if stem.endswith(written):
                stem = stem[: -len(written)] + hard
                break
    if kind != "ar" and stem and stem[-1] in "aeiouñ" and not stem.endswith(("gu", "qu")):
        if stem.endswith(("ñ", "ll")) and re.match(r"i[eéó]", ending):
            return stem + ending[1:]
        if not stem.endswith("ñ"):
            if re.match(r"i[eéó]", ending):
                return stem + "y" + ending[1:]
            if kind == "ir" and stem.endswith("u") and ending[:1] in "oaeáé" and not stem.endswith("gü"):
                return stem + "y" + ending
            if ending in {"iste", "imos", "isteis", "ido"} and stem[-1] in "aeo":
                return stem + "í" + ending[1:]
    return stem + ending


@cache
def conjugate(verb: str) -> dict[tuple[str, str], tuple[str, ...]]:
    """Every form of a verb by tense (pres pret imp subj past past2 fut cond order ger part vos) and person."""
    kind = plain(verb[-2:])
    stem, endings, odd, change = verb[:-2], ENDINGS[kind], _irregular(verb), _change_of(verb)
    forms: dict[tuple[str, str], tuple[str, ...]] = {}

    def put(tense: str, person: str, *words: str) -> None:
        forms[tense, person] = words

    weak = _weak(stem, change) if kind == "ir" else stem
    zc = (
        kind != "ar"
        and re.search(r"[aeou]c$", stem)
        and verb not in _tables()["change"]["zc_not"].split()
        and not odd.get("first")
    )
    for tense in ("pres", "subj"):
        for person, ending in zip(PERSONS, endings[tense].split(), strict=True):
            base = _stressed(stem, change) if person in STRESSED else stem
            if tense == "subj" and person not in STRESSED and kind == "ir":
                base = weak
            word = base[:-1] + "zc" + ending if zc and ending[:1] in "aoá" else join(base, ending, kind)
            if tense == "subj" and odd.get("subj_stem"):
                word = odd["subj_stem"] + ending
            put(tense, person, word)
        if tense in odd:
            for person, word in zip(PERSONS, odd[tense].split(), strict=True):
                put(tense, person, word)
    if odd.get("first"):
        put("pres", "1s", odd["first"])
    for tense in ("pret", "imp", "past", "past2"):
        for person, ending in zip(PERSONS, endings[tense].split(), strict=True):
            light = kind == "ir" and re.match(r"i[eéó]", ending)
            put(tense, person, join(weak if light else stem, ending, kind))
    if "past_stem" in odd:
        strong = odd["past_stem"]
        for person, ending in zip(PERSONS, STRONG.split(), strict=True):
            word = strong + (ending[1:] if strong.endswith("j") and ending == "ieron" else ending)
            put("pret", person, re.sub("co$", "zo", word) if strong.endswith("c") else word)
    for tense in ("pret", "imp"):
        if tense in odd:
            for person, word in zip(PERSONS, odd[tense].split(), strict=True):
                put(tense, person, word)
    third = forms["pret", "3p"][0]
    if third.endswith("ron"):
        for tense, ends in (("past", "ra ras ra ramos rais ran"), ("past2", "se ses se semos seis sen")):
            for person, ending in zip(PERSONS, ends.split(), strict=True):
                base = third[:-3]
                put(tense, person, (_accent_last(base) if person == "1p" else base) + ending)
    for tense, ends in FUTURE.items():
        base = odd.get("future_stem", plain(verb) if verb.endswith("ír") else verb)
        for person, ending in zip(PERSONS, ends.split(), strict=True):
            put(tense, person, base + ending)
    put("ger", "", odd.get("ger", join(weak, endings["ger"], kind)))
    put("part", "", odd.get("part", join(stem, endings["part"], kind)))
    put("order", "2s", odd.get("order", forms["pres", "3s"][0]))
    put("order", "2p", join(stem, endings["order_2p"], kind))
    put("order", "vos", join(stem, endings["order_vos"], kind))
    put("vos", "2s", join(stem, endings["vos"], kind))
    put("subj", "vos", join(stem, "és" if kind == "ar" else "ás", kind))
    put("inf", "", verb)
    return forms


@cache
def as_if_regular(verb: str) -> dict[str, tuple[str, str]]:
    """Forms that a verb would have if it were regular, or if its vowel changed everywhere: {form: (tense, person)}."""
    kind = plain(verb[-2:])
    right = {word for words in conjugate(verb).values() for word in words}
    found: dict[str, tuple[str, str]] = {}
    stems = {verb[:-2]}
    if change := _change_of(verb):
        stems |= {_stressed(verb[:-2], change), _weak(verb[:-2], change)}
    odd = _irregular(verb)
    if "first" in odd:
        stems.add(odd["first"][:-1])
    for stem in stems:
        for tense, ends in [*ENDINGS[kind].items(), *FUTURE.items()]:
            if tense.endswith("vos") or tense == "past2":
                continue
            people = PERSONS if len(ends.split()) == 6 else ("2p",) if tense == "order_2p" else ("",)
            name = "order" if tense == "order_2p" else tense
            for person, ending in zip(people, ends.split(), strict=True):
                for word in (stem + verb[-2:] + ending if tense in FUTURE else join(stem, ending, kind), stem + ending):
                    if word not in right and (name, person) in conjugate(verb):
                        found.setdefault(word, (name, person))
    if "past_stem" in odd:
        strong = odd["past_stem"]
        for person, ending in zip(PERSONS, ("é", "istes", "ió", "imos", "isteis", "ieron"), strict=True):
            word = strong + ending
            if word not in right:
                found.setdefault(word, ("pret", person))
    return found


@cache
def _index() -> dict[str, tuple[str, ...]]:
    """The verbs of every form that an irregular verb has."""
    found: dict[str, set[str]] = {}
    verbs = [verb for verb in _tables() if verb not in {"change", "prefixed"}]
    for base, prefixes in _tables()["prefixed"].items():
        verbs += [prefix + base for prefix in prefixes.split()]
    for verb in verbs:
        for words in conjugate(verb).values():
            for word in words:
                found.setdefault(word, set()).add(verb)
    return {word: tuple(sorted(some)) for word, some in found.items()}


@cache
def _strippable() -> tuple[tuple[str, str], ...]:
    """Every ending with the kind of verb that has it, long ones first."""
    found = set()
    for kind, tenses in ENDINGS.items():
        for ends in tenses.values():
            for ending in ends.split():
                found.add((ending, kind))
                if ending.startswith("i"):
                    found.add(("y" + ending[1:], kind))
                    found.add((ending[1:], kind))
                    found.add(("í" + ending[1:], kind))
        for ends in FUTURE.values():
            found |= {(kind + ending, kind) for ending in ends.split()}
        found.add((kind, kind))
    return tuple(sorted(found, key=lambda pair: -len(pair[0])))


class Verbs:
    """Finds the verbs of a form, among the infinitives that a dictionary knows."""

    def __init__(self, is_infinitive: Callable[[str], bool]) -> None:
        self._is_infinitive = is_infinitive
        self.analyse = cache(self._analyse)

    def _analyse(self, word: str) -> tuple[tuple[str, str, str], ...]:
        """(verb, tense, person) of every form that the word may be."""
        found = []
        for verb in dict.fromkeys([*_index().get(word, ()), *self._guesses(word)]):
            for (tense, person), words in conjugate(verb).items():
                if word in words:
                    found.append((verb, tense, person))
        if re.search(r"[aeioíu][dt][oa]s?$|(?:cho|to|so)s?$|(?:cha|ta|sa)s?$", word) and not found:
            masculine = re.sub(r"as?$|os$", "o", word)
            if masculine != word:
                found += [(verb, "part", "") for verb, tense, _ in self.analyse(masculine) if tense == "part"]
        return tuple(found)

    def meant(self, word: str) -> str | None:
        """andé → anduve, escribido → escrito, prefero → prefiero: the right form of a verb formed wrongly."""
        for verb in dict.fromkeys([*self._guesses(word), *self._of_strong(word)]):
            wrong = as_if_regular(verb).get(word)
            if wrong:
                return conjugate(verb)[wrong][0]
        return None

    def _of_strong(self, word: str) -> Iterator[str]:
        for verb, table_ in _tables().items():
            if "past_stem" in table_ and word.startswith(table_["past_stem"]):
                yield verb

    def _guesses(self, word: str) -> Iterator[str]:
        for ending, kind in _strippable():
            if not word.endswith(ending) or len(word) <= len(ending):
                continue
            stem = word[: -len(ending)]
            for one in _stems(stem):
                for last in (kind, "ír") if kind == "ir" else (kind,):
                    verb = one + last
                    if self._is_infinitive(verb):
                        yield verb


def _stems(stem: str) -> Iterator[str]:
    """The stems of infinitives that a stem may come from."""
    ends = [stem]
    for written, meant in (
        ("qu", "c"),
        ("gu", "g"),
        ("gü", "gu"),
        ("c", "z"),
        ("z", "c"),
        ("j", "g"),
        ("g", "gu"),
        ("zc", "c"),
        ("y", ""),
    ):
        if stem.endswith(written):
            ends.append(stem[: -len(written)] + meant)
    for one in ends:
        yield one
        for changed, original in BACK:
            index = one.rfind(changed)
            if index >= 0:
                yield one[:index] + original + one[index + len(changed) :]
