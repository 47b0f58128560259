"""Spanish nouns and adjectives: gender, number, and their other forms."""

import re
import tomllib
from functools import cache

from cuaderno.diary.proofreading.offline.tables import plain, table

FEMININE_ENDS = re.compile(
    r"(?:ión|[dt]ad|tud|umbre|[^aeiou]ez|eza|anza|encia|ancia|ía|ura|triz|sis|itis|ista_|dora|tora)$"
)
MASCULINE_ENDS = re.compile(r"(?:o|aje|or|án|én|ín|ón|ún|al|el|il|ol|ul|ar|er|és|ismo|miento|ete|ote|men|ejo|ado|ido)$")
ACCENTED = {
    "án": "an",
    "én": "en",
    "ín": "in",
    "ón": "on",
    "ún": "un",
    "és": "es",
    "ás": "as",
    "ís": "is",
    "ós": "os",
    "ús": "us",
}


@cache
def facts() -> dict[str, dict[str, str]]:
    """What the dictionary does not say of Spanish words."""
    return tomllib.loads(table("es_words.toml"))


@cache
def _set(part: str, name: str) -> frozenset[str]:
    return frozenset(word for word in facts()[part][name].split() if not word.endswith("_"))


def singular(word: str) -> str:
    """redes → red, luces → luz, canciones → canción, modelos → modelo."""
    if word in _set("gender", "invariable") or not word.endswith("s"):
        return word
    if word.endswith("ces") and len(word) > 4:
        return word[:-3] + "z"
    if re.search(r"[aeiouáéíóú]nes$|[aeiou]ses$", word):
        stem = word[:-2]
        ending = {plain_: accented for accented, plain_ in ACCENTED.items()}.get(stem[-2:])
        many_syllables = len(re.findall(r"[aeiouáéíóú]+", stem)) > 1
        if ending and many_syllables and not re.search(r"[áéíóú]", stem):
            return stem[:-2] + ending
        return stem
    if re.search(r"[rldjzy]es$", word):
        return word[:-2]
    return word[:-1]


def plural(word: str) -> str:
    """red → redes, luz → luces, canción → canciones."""
    if word in _set("gender", "invariable") or (word.endswith("s") and not word.endswith(tuple(ACCENTED))):
        return word
    if word.endswith("z"):
        return word[:-1] + "ces"
    for accented, bare in ACCENTED.items():
        if word.endswith(accented):
            return word[:-2] + bare + "es"
    if word[-1] in "aeiouáéó":
        return word + "s"
    if word.endswith("en") and len(word) > 4 and not re.search(r"[áéíóú]", word):
        return {
            "imagen": "imágenes",
            "orden": "órdenes",
            "joven": "jóvenes",
            "origen": "orígenes",
            "margen": "márgenes",
            "examen": "exámenes",
            "resumen": "resúmenes",
            "volumen": "volúmenes",
            "crimen": "crímenes",
        }.get(word, word + "es")
    if word in {
        "píxel",
        "token",
        "prompt",
        "batch",
        "dataset",
        "script",
        "blog",
        "bug",
        "chatbot",
        "post",
        "test",
        "link",
        "notebook",
    }:
        return word + ("es" if word == "píxel" else "s")
    return word + ("es" if word[-1] in "rldjnyíú" else "s")


PLURAL_FIXES = {
    "imágenes": "imagen",
    "órdenes": "orden",
    "jóvenes": "joven",
    "orígenes": "origen",
    "márgenes": "margen",
    "exámenes": "examen",
    "resúmenes": "resumen",
    "volúmenes": "volumen",
    "crímenes": "crimen",
    "regímenes": "régimen",
    "caracteres": "carácter",
}


def number(word: str) -> str | None:
    """s or p; None when the word looks the same in both."""
    if word in _set("gender", "invariable") or re.match(
        r"(?:guarda|pinta|para|quita|lava|rompe|salva|abre|saca|corta|cuenta|cubre)\w{4,}s$", word
    ):
        return None
    if word in PLURAL_FIXES:
        return "p"
    if word.endswith("s"):
        return "p" if re.search(r"[aeiouáéó]s$", word) and not word.endswith(("és", "ós", "ás")) else None
    return "s"


@cache
def gender(word: str) -> str | None:
    """m or f, where we are sure; None where both are possible or we do not know."""
    one = PLURAL_FIXES.get(word, singular(word) if number(word) == "p" else word)
    if one in _set("gender", "both") or word in _set("gender", "both"):
        return None
    for name, kind in (("masculine", "m"), ("feminine", "f"), ("with_el", "f")):
        if one in _set("gender", name) or word in _set("gender", name):
            return kind
    if one.endswith(("ista", "ante", "ente", "iente", "crata", "cida")):
        return None
    if FEMININE_ENDS.search(one) and one not in {"sofía"}:
        return "f"
    if MASCULINE_ENDS.search(one) and len(one) > 3:
        return "m"
    if one.endswith("a") and len(one) > 3:
        return "f"
    return None


def takes_el(word: str) -> bool:
    """agua, aula: feminine, with “el” in the singular."""
    return word in _set("gender", "with_el")


def is_listed_noun(word: str) -> bool:
    """Whether our own lists say that it is a noun."""
    one = PLURAL_FIXES.get(word, singular(word))
    return any(one in _set("gender", name) for name in ("masculine", "feminine", "with_el"))


def adjective_first(word: str) -> bool:
    """limpia, lleno: forms of verbs too, but seldom."""
    return word in _set("adjectives", "also") or singular(word) in _set("adjectives", "also")


def not_adjective(word: str) -> bool:
    return word in _set("adjectives", "not_adjectives") or singular(word) in _set("adjectives", "not_adjectives")


@cache
def same_form(word: str) -> bool:
    """An adjective with one form for both genders: grande, neuronales."""
    one = singular(word)
    listed = _set("adjectives", "same")
    if one in listed or word in listed:
        return True
    return (
        len(one) > 5
        and re.search(r"(?:[^o]nal|ral|tal|cial|tivo_|ible|able|iente|il_)$", one) is not None
        and not is_listed_noun(one)
        and (
            one
            not in {
                "señal",
                "cristal",
                "portal",
                "capital",
                "hospital",
                "metal",
                "canal",
                "personal",
                "material",
                "editorial",
                "postal",
                "animal",
                "cable",
                "ambiente",
                "cliente",
                "recipiente",
                "expediente",
                "paciente",
                "variable",
                "credencial",
                "terminal",
                "tribunal",
                "semental",
                "historial",
                "tutorial",
                "corral",
                "mineral",
                "cereal",
                "ingrediente",
            }
        )
    )


def agree(word: str, kind: str | None, many: bool) -> str:
    """An adjective or determiner in another gender and number: `agree("lento", "f", True)` is lentas."""
    one = singular(word)
    if same_form(word):
        return plural(one) if many else one
    if kind and one.endswith(("o", "a")):
        one = one[:-1] + ("o" if kind == "m" else "a")
    elif kind == "f" and re.search(r"(?:dor|tor|és|ón|án|ín)$", one):
        one = plain(one) + "a"
    elif kind == "m" and re.search(r"(?:dora|tora)$", one):
        one = one[:-1]
    return plural(one) if many else one


DETERMINERS = {
    "el": ("el", "la", "los", "las"),
    "un": ("un", "una", "unos", "unas"),
    "este": ("este", "esta", "estos", "estas"),
    "ese": ("ese", "esa", "esos", "esas"),
    "aquel": ("aquel", "aquella", "aquellos", "aquellas"),
    "nuestro": ("nuestro", "nuestra", "nuestros", "nuestras"),
    "mucho": ("mucho", "mucha", "muchos", "muchas"),
    "poco": ("poco", "poca", "pocos", "pocas"),
    "otro": ("otro", "otra", "otros", "otras"),
    "todo": ("todo", "toda", "todos", "todas"),
    "tanto": ("tanto", "tanta", "tantos", "tantas"),
    "demasiado": ("demasiado", "demasiada", "demasiados", "demasiadas"),
    "algún": ("algún", "alguna", "algunos", "algunas"),
    "ningún": ("ningún", "ninguna", "ningunos", "ningunas"),
    "cuánto": ("cuánto", "cuánta", "cuántos", "cuántas"),
    "al": ("al", "a la", "a los", "a las"),
    "del": ("del", "de la", "de los", "de las"),
    "mi": ("mi", "mi", "mis", "mis"),
    "tu": ("tu", "tu", "tus", "tus"),
    "su": ("su", "su", "sus", "sus"),
    "mismo": ("mismo", "misma", "mismos", "mismas"),
    "primer": ("primer", "primera", "primeros", "primeras"),
    "varios": ("varios", "varias", "varios", "varias"),
}


@cache
def determiner(word: str) -> tuple[str, str | None, bool] | None:
    """(its row, gender, many) of a determiner."""
    for row, forms in DETERMINERS.items():
        if word in forms:
            if row in {"mi", "tu", "su"}:
                return row, None, forms.index(word) > 1
            if row == "varios":
                return row, "f" if word == "varias" else "m", True
            return row, "f" if forms.index(word) % 2 else "m", forms.index(word) > 1
    return None


def determine(row: str, kind: str, many: bool, noun: str) -> str:
    """The form of a determiner that goes with a noun."""
    if kind == "f" and not many and takes_el(noun) and row in {"el", "un", "al", "del", "algún", "ningún"}:
        return DETERMINERS[row][0]
    return DETERMINERS[row][(1 if kind == "f" else 0) + (2 if many else 0)]
