"""Dates as people write them in front matter, read into one kind of value."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

ENGLISH = "January February March April May June July August September October November December"
SPANISH = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
MONTHS = {"en": ENGLISH.split(), "es": SPANISH.split()}
NUMBER_OF = {name.lower(): number for names in MONTHS.values() for number, name in enumerate(names, 1)}
DAY_FIRST = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|º|\.)?\s+(?:de\s+|of\s+)?([^\W\d]+)\.?,?\s+(?:de\s+|del\s+)?(\d{4})", re.I
)
MONTH_AND_YEAR = re.compile(r"([^\W\d]+)\.?,?\s+(?:de\s+|del\s+)?(\d{4})", re.I)
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


@dataclass(frozen=True, order=True)
class When:
    """A day, a month or a year: as exact as somebody remembers it. What is not known is 0."""

    year: int
    month: int = 0
    day: int = 0

    def __str__(self) -> str:
        parts = [f"{self.year:04}", f"{self.month:02}", f"{self.day:02}"]
        return "-".join(parts[: 3 if self.day else 2 if self.month else 1])

    def before(self, other: "When") -> bool:
        """Whether it is certainly earlier: 2024 is not before March 2024."""
        ours, theirs = (self.year, self.month, self.day), (other.year, other.month, other.day)
        known = next((number for number, parts in enumerate(zip(ours, theirs, strict=True)) if 0 in parts), 3)
        return ours[:known] < theirs[:known]

    def spell(self, lang: str) -> str:
        """`21 November 2026`, `noviembre de 2026`, `2026`."""
        if self.day:
            return spell_date(datetime(self.year, self.month, self.day), lang)
        of = " de " if lang == "es" else " "
        return f"{MONTHS[lang][self.month - 1]}{of}{self.year}" if self.month else str(self.year)


def parse_when(value: object) -> When:
    """A date as exact as it was written: also `2026`, `2026-11`, `November 2026` or `noviembre de 2026`.

    Raises:  ValueError when it is none of these.
    """
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if re.fullmatch(r"[12]\d{3}", text):
        return When(int(text))
    if found := re.fullmatch(r"([12]\d{3})[-/](\d{1,2})", text):
        month = int(found[2])
        if not 1 <= month <= 12:
            raise ValueError(f"there is no month {month}")
        return When(int(found[1]), month)
    if found := MONTH_AND_YEAR.fullmatch(text):
        return When(int(found[2]), _month(found[1]))
    if isinstance(value, int | float):
        raise ValueError(f"{value} is not a year")
    moment = parse_date(value)
    return When(moment.year, moment.month, moment.day)
