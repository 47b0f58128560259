"""Dates as people write them in front matter, read into one kind of value."""

import re
from datetime import UTC, date, datetime, time

ENGLISH = "January February March April May June July August September October November December"
SPANISH = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
MONTHS = {"en": ENGLISH.split(), "es": SPANISH.split()}
NUMBER_OF = {name.lower(): number for names in MONTHS.values() for number, name in enumerate(names, 1)}
DAY_FIRST = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|º|\.)?\s+(?:de\s+|of\s+)?([^\W\d]+)\.?,?\s+(?:de\s+|del\s+)?(\d{4})", re.I
)
MONTH_FIRST = re.compile(r"([^\W\d]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})", re.I)


def parse_date(value: object) -> datetime:
    """A moment in UTC from an ISO date, with a time or not, `26 November 2023`, `Nov 26, 2023`, `26 de enero de 2023`.

    Raises:  ValueError when it is none of these.
    """
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime.combine(value, time(), UTC)
    text = str(value).strip()
    if found := DAY_FIRST.fullmatch(text):
        day, month, year = found.groups()
    elif found := MONTH_FIRST.fullmatch(text):
        month, day, year = found.groups()
    else:
        return parse_date(datetime.fromisoformat(text.replace("/", "-")))
    return datetime(int(year), _month(month), int(day), tzinfo=UTC)


def _month(word: str) -> int:
    word = word.lower().replace("setiembre", "septiembre")
    for name, number in NUMBER_OF.items():
        if len(word) >= 3 and name.startswith(word):
            return number
    raise ValueError(f"'{word}' is not a month")


def spell_date(moment: datetime, lang: str, year: bool = True) -> str:
    """`21 November 2026`, `21 de noviembre de 2026`; without the year when asked."""
    of = " de " if lang == "es" else " "
    return f"{moment.day}{of}{MONTHS[lang][moment.month - 1]}" + (f"{of}{moment.year}" if year else "")
