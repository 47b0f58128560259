"""Pieces of sentences to learn from and to be judged by: single words, a few words, whole sentences, several."""

import random
import unicodedata

from cuaderno.studies.language.data import LANGUAGES, NEEDED, Corpus, Sentences, words
from cuaderno.studies.language.letters import without_accents

SHARES = {"en": 0.3, "es": 0.3, "ar": 0.15, "other": 0.25}  # of what is learnt from
ACCENTS = dict(zip("aeiounAEIOUN", "áéíóúñÁÉÍÓÚÑ", strict=True))
STRANGE = (  # letters of scripts that no sentence is written in, for `other` to know
    "αβγδεζηθικλμνξοπρστυφχψωάέήίόύώς",
    "абвгдежзийклмнопрстуфхцчшщъыьэюя",
    "אבגדהוזחטיכלמנסעפצקרשת",
    "अआइईउऊएऐओकखगघचछजझटठडढतथदधनपफबभमयरलवशषसह",
    "กขคงจฉชซดตถทธนบปผฝพฟภมยรลวสหอ",
    "的一是不了人我在有他这中大来上国个到说们为子和你地出道也时年得就那要下以生会",
    "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん",
    "가나다라마바사아자차카타파하고노도로모보소오조초코토포호",
    "ბგდევზთიკლმნოპრსტუფქღყშჩცძწჭხჯ",
    "աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօ",
    "🙂😀🎉❤👍🌍🚀🐱★☆♥♪→✓",
)
PAPER_ALPHABETS = STRANGE[:2]  # those that common fonts can draw


class Teacher:
    """Draws what to learn from: which language, how much of it, and how it is written."""

    def __init__(self, corpus: Sentences):
        self.pools = {language: corpus.of(language) for language in NEEDED}
        self.others = [corpus.own[code] for code in corpus.others() if corpus.own[code]]
        self.words = {language: vocabulary(self.pools[language]) for language in NEEDED}
        self.other_words = [vocabulary(pool) for pool in self.others]

    def draw(self, rng: random.Random, room: float = 60, paper: bool = False) -> tuple[str, int]:
        """A piece of text of up to about `room` characters, and the number of its language."""
        language = rng.choices(LANGUAGES, [SHARES[one] for one in LANGUAGES])[0]
        if language == "other" and (not self.others or rng.random() < 0.06):
            return strange(rng, room, PAPER_ALPHABETS if paper else STRANGE), LANGUAGES.index(language)
        number = rng.randrange(len(self.others)) if language == "other" else 0
        pool = self.pools[language] if language in NEEDED else self.others[number]
        if rng.random() < (0.5 if room < 12 else 0.15 if room < 30 else 0.02):
            vocabulary_ = self.words[language] if language in NEEDED else self.other_words[number]
            text = rng.choice(vocabulary_)
        else:
            text = piece(
                rng, pool, room * rng.choice((0.6, 0.8, 1.0, 1.0) if paper else (0.2, 0.3, 0.5, 0.75, 1.0, 1.0))
            )
            if rng.random() < 0.03:
                text = fragment(rng, text)
        return written(rng, text, language), LANGUAGES.index(language)


def fragment(rng: random.Random, text: str) -> str:
    """One to three characters of a text, so that the network learns how little they say."""
    first = rng.randrange(len(text))
    return text[first : first + rng.choice((1, 2, 3))].strip() or text


def piece(rng: random.Random, pool: list[str], goal: float) -> str:
    """Some neighbouring words: two or three, a part of a sentence, a whole one, or more where there is room."""
    text = rng.choice(pool)
    while len(text) < goal and rng.random() < 0.8:
        text += " " + rng.choice(pool)
    if len(text) <= goal:
        return text
    parts = text.split()
    first = rng.choice((0, rng.randrange(len(parts))))
    taken, length = [], 0
    for part in parts[first:]:
        if taken and length + len(part) > goal:
            break
        taken.append(part)
        length += len(part) + 1
    return " ".join(taken)


def written(rng: random.Random, text: str, language: str) -> str:
    """The same text as people may write it: in capitals, without punctuation, without accents or with false ones."""
    if rng.random() < 0.3:
        text = text.strip(".?!¿¡,،؟۔;:\"'") or text
    if language == "ar":
        return text
    how = rng.random()
    if how < 0.12:
        text = text.upper()
    elif how < 0.27:
        text = text.lower()
    elif how < 0.31:
        text = text.title()
    if language != "en" and rng.random() < 0.35:
        text = without_accents(text) or text
    if language == "en" and rng.random() < 0.12:
        text = false_accents(rng, text)
    return text


def false_accents(rng: random.Random, text: str) -> str:
    """One or two letters get accents that do not belong there, so that an accent alone proves nothing."""
    places = [i for i, char in enumerate(text) if char in ACCENTS]
    chars = list(text)
    for place in rng.sample(places, min(len(places), rng.choice((1, 2)))):
        chars[place] = ACCENTS[chars[place]]
    return "".join(chars)


def strange(rng: random.Random, room: float, alphabets: tuple[str, ...]) -> str:
    """Letters of another script at random, in words."""
    alphabet = rng.choice(alphabets)
    length = rng.randint(3, max(4, int(room)))
    text = "".join(rng.choice(alphabet) if rng.random() > 0.17 else " " for _ in range(length)).strip()
    return (text.capitalize() if rng.random() < 0.5 else text) or alphabet[0]


def vocabulary(pool: list[str]) -> list[str]:
    """Every word of some sentences once, in alphabetical order, in the way it is written most often."""
    return sorted({word.lower() if word.istitle() else word for sentence in pool for word in words(sentence)})


def shuffled_letters(rng: random.Random, text: str) -> str:
    """Every word with its letters in another order: which letters there are is left, how they follow is not."""
    return " ".join("".join(rng.sample(word, len(word))) for word in text.split())


def bare_length(word: str) -> int:
    """The letters of a word, without vowel signs."""
    return sum(unicodedata.category(char) != "Mn" for char in word)


def texts_to_judge(corpus: Corpus, most: int, seed: int = 1) -> dict[str, list[tuple[str, str]]]:
    """What the model is judged by: (text, language) by the name of the test, `most` for each language.

    `word` are words of four letters or more that no other of the languages has; `new_word` those of them that the
    training sentences do not hold.
    """
    rng = random.Random(seed)
    tests: dict[str, list[tuple[str, str]]] = {"sentence": [], "few_words": [], "word": [], "new_word": []}
    everywhere = {language: _all_words(corpus, language) for language in NEEDED}
    taught = {language: {w.casefold() for s in corpus.train.of(language) for w in words(s)} for language in NEEDED}
    for language in NEEDED:
        sentences = sorted(corpus.test.of(language))
        rng.shuffle(sentences)
        tests["sentence"] += [(sentence, language) for sentence in sentences[:most]]
        pieces = [few for few in (_few_words(rng, sentence) for sentence in sentences) if few]
        tests["few_words"] += [(few, language) for few in pieces[:most]]
        strangers = set().union(*(everywhere[other] for other in NEEDED if other != language))
        found = sorted({w for s in sentences for w in words(s) if _is_plain(w) and _bare(w) not in strangers})
        rng.shuffle(found)
        tests["word"] += [(word, language) for word in found[:most]]
        new = [word for word in found if word.casefold() not in taught[language]]
        tests["new_word"] += [(word, language) for word in new[:most]]
    return tests


def _all_words(corpus: Corpus, language: str) -> set[str]:
    splits = (corpus.train, corpus.val, corpus.test)
    return {_bare(word) for split in splits for sentence in split.of(language) for word in words(sentence)}


def _bare(word: str) -> str:
    return without_accents(word).casefold()


def _is_plain(word: str) -> bool:
    return word == word.lower() and "'" not in word and "’" not in word and bare_length(word) >= 4


def _few_words(rng: random.Random, sentence: str) -> str:
    parts, count = sentence.split(), rng.choice((2, 3))
    if len(parts) <= count:
        return ""
    first = rng.randrange(len(parts) - count + 1)
    few = " ".join(parts[first : first + count])
    return few if len(few) >= 6 else ""
