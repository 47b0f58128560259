"""What is a word, and how often it is written: dictionaries that come with pip, and our own lists."""

import re
import unicodedata
from functools import lru_cache

from cuaderno.diary.proofreading.offline.conjugation import Verbs
from cuaderno.diary.proofreading.offline.tables import listed, plain
from cuaderno.lab.errors import CuadernoError

MISSING = "the offline corrector needs its dictionaries: pip install 'cuaderno[proofread]'"
CLITICS = re.compile(r"(?:(?:[mts]e|[nv]?os|les?)(?:l[aoe]s?)|[mts]e|n?os|l[aoe]s?)$")
ACUTE = str.maketrans("aeiou", "áéíóú")
DERIVED = (
    (re.compile(r"(.{3,})mente$"), ("", "")),
    (re.compile(r"(.{3,})[íi]sim([oa])s?$"), ("o", "a", "e", "")),
    (re.compile(r"(.{3,})(?:e?c?it|ill)[oa]s?$"), ("o", "a", "e", "")),
)
PREFIXES = {
    "en": ("re", "un", "non", "pre", "over", "under", "sub", "multi", "mini", "micro", "auto", "meta", "hyper", "de"),
    "es": (
        "re",
        "des",
        "pre",
        "sobre",
        "sub",
        "super",
        "auto",
        "multi",
        "micro",
        "mini",
        "anti",
        "hiper",
        "meta",
        "inter",
        "pos",
        "pseudo",
        "semi",
        "bi",
        "co",
        "ex",
        "no",
    ),
}


class Lexicon:
    """The words of one language. `known` is strict: a word that merely occurs in the wild is not known."""

    def __init__(self, lang: str) -> None:
        try:
            import simplemma
            import wordfreq
        except ImportError:
            raise CuadernoError(MISSING) from None
        self.lang = lang
        self._in_dictionary = simplemma.is_known
        self._lemmatize = simplemma.lemmatize
        self._frequencies = wordfreq.get_frequency_dict(lang, "large")
        self.terms = listed("ml_words.txt") | listed(f"more_{lang}.txt")
        self.not_words = listed(f"not_{lang}.txt")
        self.known = lru_cache(100_000)(self._known)
        self.lemma = lru_cache(20_000)(self._lemma)
        self.no_verbs = listed("es_not_verbs.txt")
        self.verbs = Verbs(self.is_infinitive)

    def frequency(self, word: str) -> float:
        """How large a part of all words it is, in the wild."""
        return self._frequencies.get(word, 0.0)

    def _lemma(self, word: str) -> str:
        return str(self._lemmatize(word, self.lang))

    def listed(self, word: str) -> bool:
        """Whether it stands in the dictionary or in our lists as it is."""
        if word in self.not_words:
            return False
        return word in self.terms or self._in_dictionary(word, self.lang)

    def _known(self, word: str) -> bool:
        """Whether small letters spell a word, derived ones included."""
        word = unicodedata.normalize("NFC", word)
        if word in self.not_words:
            return False
        if self.lang == "es" and self._is_broken_verb(word):
            return False
        if self.listed(word) or (self.lang == "en" and self._english(word)):
            return True
        if self.lang == "es" and (self.verbs.analyse(word) or self._with_clitics(word) or self._spanish(word)):
            return True
        return any(
            word.startswith(prefix) and len(word) - len(prefix) > 4 and self.listed(word[len(prefix) :])
            for prefix in PREFIXES[self.lang]
        )

    def _english(self, word: str) -> bool:
        stem = re.sub(r"(?:'(?:ll|d|ve|re|m|s)|n't|s'|')$", "", word)
        if stem != word:
            return self.listed(stem) or self.listed(stem + "s")
        for suffix, back in (("ly", ("",)), ("ness", ("",)), ("less", ("",)), ("able", ("", "e")), ("like", ("",))):
            if re.search(f"[^cg]{suffix}$", word) and any(self.listed(word[: -len(suffix)] + end) for end in back):
                return len(word) > len(suffix) + 3
        return word.endswith("s") and len(word) > 4 and word[:-1] in self.terms

    def _with_clitics(self, word: str) -> bool:
        """hacerlo, dímelo, basándose, vámonos, asegúrese: a verb with pronouns behind it."""
        found = CLITICS.search(word)
        if not found or len(word) - len(found[0]) < 2:
            return False
        stem = word[: found.start()]
        bare = plain(stem)
        accented, double = bare != stem, len(found[0]) > 3
        if re.search(r"[aei]r$", bare):
            return (self.is_infinitive(bare) and accented == double) or self.is_infinitive(stem)
        if bare.endswith("ndo"):
            return accented and bool(self.verbs.analyse(bare))
        if bare.endswith(("mo", "monos")) and found[0].startswith("nos"):  # vámonos
            return accented and bool(self.verbs.analyse(bare + "s"))
        tenses = {(tense, person) for _, tense, person in self.verbs.analyse(bare)}
        if not tenses & {("order", "2s"), ("order", "2p"), ("subj", "3s"), ("subj", "3p"), ("subj", "1p")}:
            voseo = {("order", "vos")} & {(tense, person) for _, tense, person in self.verbs.analyse(bare + "d")}
            accent = self.verbs.analyse(bare[:-1] + bare[-1].translate(ACUTE))
            return not accented and not double and bool(voseo or any(person == "vos" for _, _, person in accent))
        if len(re.findall(r"[aeiou]+", bare)) == 1:  # dame, ponlo, dímelo
            return double == accented
        if accented:
            return True
        last = self.verbs.analyse(bare[:-1] + bare[-1].translate(ACUTE)) if bare[-1] in "aei" else ()
        return ("order", "2p") in tenses or (not double and any(person == "vos" for _, _, person in last))

    def _is_broken_verb(self, word: str) -> bool:
        """conta, empezé: the dictionary takes them for forms of contar and empezar, and they are none."""
        if not self._in_dictionary(word, "es") or word in self.terms or word.endswith("res"):
            return False
        verb = self.lemma(word)
        return (
            verb != word
            and re.search(r"[aei]r$", verb) is not None
            and self.is_infinitive(verb)
            and not self.verbs.analyse(word)
            and not self._with_clitics(word)
        )

    def is_english(self, word: str) -> bool:
        """Whether English has the word."""
        return bool(self._in_dictionary(word, "en"))

    def is_infinitive(self, word: str) -> bool:
        """Whether a verb is called so; very rare ones are not believed."""
        if not re.search(r"(?:[aei]r|ír)$", word) or word in self.no_verbs or not self.listed(word):
            return False
        return word in self.terms or (self.lemma(word) == word and self.frequency(word) > 2e-8)

    def _spanish(self, word: str) -> bool:
        for pattern, ends in DERIVED:
            for found in filter(
                None,
                (pattern.match(word), re.match(r"(.{3,})ec?it[oa]s?$", word), re.match(r"(.{3,})cit[oa]s?$", word)),
            ):
                stem = found[1]
                stems = {stem, plain(stem), re.sub("qu$", "c", stem), re.sub("gu$", "g", stem), re.sub("c$", "z", stem)}
                if "mente" in pattern.pattern:
                    return self.listed(stem)
                if any(self.listed(one + end) for one in stems for end in ends if len(one + end) > 2):
                    return True
        plurals = re.fullmatch(r"(.+?)(?:e?s)", word)
        if plurals and plurals[1] in self.terms:
            return True
        return bool(re.fullmatch(r"(?:dos|tres|cuatro|quin|seis|sete|ocho|nove)cient[oa]s|quinient[oa]s", word))
