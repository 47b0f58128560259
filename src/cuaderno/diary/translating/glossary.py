"""The diary's own words in both languages, from `docs/terms.md`."""

import re
from pathlib import Path

from cuaderno.diary.translating.meaning import fold

Terms = list[tuple[str, str, str]]  # English, Spanish, a note
ROW = re.compile(r"^\|(.+?)\|(.+?)\|(?:(.*?)\|)?\s*$", re.M)


def read_terms(diary: Path) -> Terms:
    """The rows of the table in the diary's `docs/terms.md`, or in that of the project around it."""
    for folder in (diary, diary.parent):
        path = folder / "docs" / "terms.md"
        if path.is_file():
            text = path.read_bytes().decode("utf-8-sig", errors="replace").replace("\r\n", "\n")
            rows = [tuple((cell or "").strip() for cell in row) for row in ROW.findall(text)]
            return [(one, two, note) for one, two, note in rows[1:] if one and two and set(one) - set("-: ")]
    return []


def found_in(terms: Terms, text: str, lang: str) -> Terms:
    """The terms that a text in a language has, the longest first; a term within a longer one is left out."""
    plain = " " + " ".join(fold(word) for word in re.findall(r"[\w-]+", text)) + " "
    found = []
    for term in sorted(terms, key=lambda row: -len(row[0 if lang == "en" else 1])):
        variants = re.sub(r"\(.*?\)|[*_]", "", term[0 if lang == "en" else 1]).split(",")
        hits = [hit for variant in variants if variant.strip() and (hit := _hit(variant, plain))]
        if hits:
            found.append(term)
            for hit in hits:
                plain = plain.replace(hit, " \x00 ")
    return found


def _hit(variant: str, plain: str) -> str | None:
    words = " ".join(fold(word) for word in re.findall(r"[\w-]+", variant))
    found = re.search(rf" {re.escape(words)}(?:s|es)? ", plain) if words else None
    return found[0] if found else None
