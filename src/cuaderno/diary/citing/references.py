"""A work that can be cited, whatever it was read from, and the names by which the world knows it."""

import re
from dataclasses import dataclass

MONTH = "(?:0[1-9]|1[0-2])"
ARXIV = re.compile(
    rf"(?<![\w.])(\d\d{MONTH}\.\d{{4,5}}|[a-z-]+(?:\.[A-Z]{{2}})?/\d\d{MONTH}\d{{3}})(?:v\d+)?(?![\w.]*\d)"
)
DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>{}|\\^`]+")
IN_ARXIV = "10.48550/arxiv."


@dataclass(frozen=True)
class Person:
    """A name: `family` with what stands before it, as in van der Waals; an organisation has nothing else."""

    family: str
    given: str = ""
    suffix: str = ""

    @property
    def whole(self) -> str:
        return " ".join(filter(None, (self.given, self.family, self.suffix)))

    @property
    def initials(self) -> str:
        """`J.-P. M.` for Jean-Pierre Marie."""
        words = [[part[0] + "." for part in word.split("-") if part] for word in self.given.split()]
        return " ".join("-".join(word) for word in words)


@dataclass(frozen=True)
class Reference:
    """A paper, a book, a program. Everything but the key may be unknown."""

    key: str
    title: str = ""
    authors: tuple[Person, ...] = ()
    others: bool = False  # the list of authors ends with "and others"
    year: str = ""
    venue: str = ""  # the journal, the proceedings, the publisher
    part: str = ""  # where in it: 12(3), pp. 45–67
    arxiv: str = ""
    doi: str = ""
    url: str = ""
    lang: str = ""  # of the title, where it is known

    @property
    def address(self) -> str:
        """Where it can be read."""
        if self.url or not (self.arxiv or self.doi):
            return self.url
        return f"https://arxiv.org/abs/{self.arxiv}" if self.arxiv else f"https://doi.org/{self.doi}"

    @property
    def lacks(self) -> list[str]:
        """What a citation would need and nobody said."""
        needed = {"a title": self.title, "authors": self.authors, "a year": self.year}
        return [name for name, value in needed.items() if not value]


def arxiv_id(text: str) -> str:
    """The id in `1706.03762v5`, `arXiv:1706.03762` or an address of arXiv; empty when there is none."""
    text = re.sub(r"(?i)^\s*(?:https?://)?(?:www\.|export\.)?arxiv\.org/(?:abs|pdf|html)/|^\s*arxiv:\s*", "", text)
    found = ARXIV.fullmatch(text.strip().removesuffix(".pdf").strip("/"))
    return found[1] if found else ""


def doi_of(text: str) -> str:
    """The DOI in `doi:10.1000/x` or an address of doi.org; empty when there is none."""
    text = re.sub(r"(?i)^\s*(?:https?://)?(?:dx\.)?doi\.org/|^\s*doi:\s*", "", text).strip()
    found = DOI.fullmatch(text)
    return found[0].lower() if found else ""
