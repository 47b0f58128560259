"""Citations as each language writes them: (Vaswani et al., 2017), Núñez and Ibáñez, Núñez e Ibáñez."""

import re
from collections.abc import Iterable, Sequence

from cuaderno.diary.citing.references import Person, Reference
from cuaderno.site.words import TEXT

MOST_NAMES, FIRST_NAMES = 6, 3
SOUNDS_LIKE_Y = re.compile(r"h?[ií](?![aeoáéó])", re.I)  # before it, Spanish says e for y


def joined(names: Sequence[str], lang: str) -> str:
    """`A, B and C`, `A, B y C`."""
    if len(names) < 2:
        return "".join(names)
    and_ = "e" if lang == "es" and SOUNDS_LIKE_Y.match(names[-1]) else TEXT[lang]["and"]
    return f"{', '.join(names[:-1])} {and_} {names[-1]}"


def _listed(names: list[str], others: bool, lang: str) -> str:
    if len(names) > MOST_NAMES:
        names, others = names[:FIRST_NAMES], True
    return f"{', '.join(names)} et al." if others else joined(names, lang)


def names_in_full(reference: Reference, lang: str) -> str:
    """`Ashish Vaswani, Noam Shazeer and Niki Parmar`; of many, the first three."""
    return _listed([person.whole for person in reference.authors], reference.others, lang)


def names_turned(reference: Reference, lang: str) -> str:
    """`Vaswani, A., Shazeer, N. and Parmar, N.`, as a list of references is sorted."""
    return _listed([_turned(person) for person in reference.authors], reference.others, lang)


def _turned(person: Person) -> str:
    return ", ".join(filter(None, (person.family, person.initials, person.suffix)))


def names_short(reference: Reference, lang: str) -> str:
    """`Vaswani et al.`, `Núñez e Ibáñez`; without authors the first words of the title."""
    families = [person.family for person in reference.authors]
    if not families:
        words = (reference.title or reference.arxiv or reference.doi or reference.key).split()
        return " ".join(words[:4]) + (" …" if len(words) > 4 else "")
    if len(families) > 2 or reference.others:
        return f"{families[0]} et al."
    return joined(families, lang)


def year(reference: Reference, mark: str, lang: str) -> str:
    """`2017`, `2017a`, `n.d.`."""
    return f"{reference.year or TEXT[lang]['no_date']}{mark and ('' if reference.year else '-') + mark}"


def marks(references: Iterable[Reference]) -> dict[str, str]:
    """The letter that tells two works of the same people and year apart, by key; most have none."""
    groups: dict[tuple[str, str], list[Reference]] = {}
    for one in references:
        groups.setdefault((names_short(one, "en"), one.year), []).append(one)
    found: dict[str, str] = {}
    for group in groups.values():
        ordered = sorted(group, key=lambda one: (one.title.lower(), one.key)) if len(group) > 1 else []
        found |= {one.key: _letters(number) for number, one in enumerate(ordered)}
    return found


def _letters(number: int) -> str:
    """a to z, then aa, ab, …"""
    text = chr(ord("a") + number % 26)
    return _letters(number // 26 - 1) + text if number >= 26 else text


def order(reference: Reference) -> tuple:
    """The place in a list of references: by family, then by year."""
    first = reference.authors[0].family if reference.authors else reference.title
    return first.lower(), reference.year, reference.title.lower(), reference.key
