"""Characters as the text entrance meets them: one number each, in the order in which they stand on paper.

What is not among the letters of the alphabet below still has a number: one for each of a dozen other scripts, one for
pictograms. So any text can be read, in any language; about most of them the network then has little to say but `other`.
"""

import re
import unicodedata

import numpy as np

PADDING = 0  # before the beginning and behind the end
LATIN = (
    " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"
    "¡¢£§©ª«°·º»¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿŒœŞşĞğİıŠšŽžČčĆćĐđŁłŃńŚśŻżŹźĄąĘęŐőŰűĂăȘșȚț"
    "‐–—‘’“”„…€"
)
ARABIC = "،؛؟ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيٱٹٺٻپٿڀڃڄچڇڈڌڍڎڑژڙڤڦکڪګگڳڱںڻھہۀۂۃۆۇۈۋیېےۓ۔٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٪٫٬"
ALPHABET = LATIN + ARABIC
STRANGERS = (  # where other scripts begin; a character belongs to the last one that is not above it
    (0x0000, "latin"),
    (0x0370, "greek"),
    (0x0400, "cyrillic"),
    (0x0530, "armenian"),
    (0x0590, "hebrew"),
    (0x0600, "arabic"),
    (0x0700, "indic"),
    (0x0E00, "southeast"),
    (0x10A0, "georgian"),
    (0x1100, "hangul"),
    (0x1200, "elsewhere"),
    (0x1E00, "latin"),
    (0x1F00, "greek"),
    (0x2000, "signs"),
    (0x2E80, "han"),
    (0x3040, "kana"),
    (0x3100, "han"),
    (0xA000, "elsewhere"),
    (0xAC00, "hangul"),
    (0xD7B0, "elsewhere"),
    (0xF900, "han"),
    (0xFB50, "arabic"),
    (0xFE00, "signs"),
    (0xFE70, "arabic"),
    (0xFF00, "han"),
    (0x10000, "elsewhere"),
    (0x1F000, "signs"),
    (0x20000, "han"),
    (0x30000, "elsewhere"),
)
SCRIPTS = tuple(dict.fromkeys(name for _, name in STRANGERS))
VOCAB_SIZE = 1 + len(ALPHABET) + len(SCRIPTS)
SPACE = 1 + ALPHABET.index(" ")
MOST_CHARACTERS = 4000  # that are read of one text; of a longer one, pieces from all over it

IGNORED = re.compile("[\u00ad\u0640\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]")
RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
NUMBER = re.compile(r"[0-9٠-٩۰-۹]+(?:[.,:٫٬][0-9٠-٩۰-۹]+)*")
WHITE = re.compile(r"\s+")


def _numbers() -> np.ndarray:
    table = np.zeros(0x110000, dtype=np.int16)
    starts = [start for start, _ in STRANGERS] + [0x110000]
    for (start, name), end in zip(STRANGERS, starts[1:], strict=True):
        table[start:end] = 1 + len(ALPHABET) + SCRIPTS.index(name)
    for number, char in enumerate(ALPHABET, 1):
        table[ord(char)] = number
    return table


NUMBERS = _numbers()


def tidy(text: str) -> str:
    """The text in composed characters, white space folded; vowel signs, stretching strokes and invisible marks gone."""
    if text.isascii():
        return " ".join(text.split())
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    text = IGNORED.sub("", text)
    if RIGHT_TO_LEFT.search(text):
        text = "".join(char for char in text if unicodedata.category(char) != "Mn")
    return " ".join(text.split())


def on_paper(text: str) -> str:
    """A tidied text from left to right as it is drawn: turned round when most of it is written from right to left."""
    if text.isascii():
        return text
    turned = len(RIGHT_TO_LEFT.findall(text))
    if 2 * turned <= sum(map(str.isalpha, text)):
        return text
    return NUMBER.sub(lambda match: match[0][::-1], text)[::-1]


def encode(text: str) -> np.ndarray:
    """A tidied text as the numbers of its characters, in the order on paper.

    Shapes:  a text of N characters -> int16 (N,).
    """
    points = np.frombuffer(on_paper(text).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    return NUMBERS[points]


def without_accents(text: str) -> str:
    """A text of which no accent, ñ, ¿ or ¡ is left, only the letters under them."""
    text = "".join(char for char in unicodedata.normalize("NFD", text) if unicodedata.category(char) != "Mn")
    for marked, plain in (("¿", ""), ("¡", ""), ("ª", "a"), ("º", "o"), ("«", '"'), ("»", '"')):
        text = text.replace(marked, plain)
    return unicodedata.normalize("NFC", WHITE.sub(" ", text).strip())
