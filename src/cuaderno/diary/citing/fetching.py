"""Titles and authors from outside: arXiv's export API, and doi.org for everything that has a DOI."""

import json
import re
import socket
import ssl
import urllib.error
import urllib.parse
import urllib.request
from typing import Any
from xml.etree import ElementTree

from cuaderno.diary.citing.bibtex import plain, read_names
from cuaderno.diary.citing.references import Person, Reference, arxiv_id, doi_of
from cuaderno.lab.errors import CuadernoError

ARXIV, DOI = "https://export.arxiv.org", "https://doi.org"
SECONDS, LARGEST = 20, 2_000_000
ATOM, OWN = "{http://www.w3.org/2005/Atom}", "{http://arxiv.org/schemas/atom}"
CSL = "application/vnd.citationstyles.csl+json"
REASONS = (
    (socket.gaierror, "its name was not found, so this computer may be offline"),
    (TimeoutError, f"it said nothing for {SECONDS} seconds"),
    (ConnectionRefusedError, "it refused the connection"),
    (ConnectionError, "the connection broke off"),
    (ssl.SSLCertVerificationError, "its certificate is not one to trust"),
    (ssl.SSLError, "no safe connection came about"),
)
AGENT = "cuaderno (a learning diary; reads one work at a time)"


class Unreachable(CuadernoError):
    """The network, or who should answer, is not there."""


def fetch(arxiv: str = "", doi: str = "") -> Reference:
    """What arXiv, else doi.org, says of a work. The key stays empty.

    Raises:  Unreachable when nobody answers, CuadernoError when there is no such work or the answer makes no sense.
    """
    if arxiv:
        return read_atom(_answer(f"{ARXIV}/api/query?max_results=1&id_list={urllib.parse.quote(arxiv)}"), arxiv)
    return read_csl(_answer(f"{DOI}/{urllib.parse.quote(doi, safe='/')}", CSL), doi)


def _answer(address: str, accept: str = "*/*") -> bytes:
    host = urllib.parse.urlsplit(address).netloc
    request = urllib.request.Request(address, headers={"Accept": accept, "User-Agent": AGENT})
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            found = answer.read(LARGEST + 1)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 404:
            raise CuadernoError(f"{host} knows no such work. Look at the id again.") from None
        raise Unreachable(f"{host} answered with error {error.code}. Try again later.") from None
    except (OSError, ValueError) as error:
        raise Unreachable(f"{host} could not be reached: {_why(getattr(error, 'reason', error))}.") from None
    if len(found) > LARGEST:
        raise CuadernoError(f"{host} sent more than {LARGEST // 10**6} MB, which is no answer about one work.")
    return found


def _why(reason: object) -> str:
    """What kept an answer away, in words."""
    for kind, words in REASONS:
        if isinstance(reason, kind):
            return words
    return "the connection failed"


def read_atom(answer: bytes, arxiv: str) -> Reference:
    """The work in an answer of arXiv's export API.

    Raises:  CuadernoError when it holds none.
    """
    try:
        if b"<!" in answer:
            raise ValueError("a document type")  # entities could grow without end
        entry = ElementTree.fromstring(answer).find(f"{ATOM}entry")
    except (ElementTree.ParseError, ValueError, RecursionError):
        raise CuadernoError("arXiv sent an answer that cannot be read. Try again later.") from None
    said = lambda name: plain(entry.findtext(name, "") if entry is not None else "")  # noqa: E731
    if entry is None or not said(f"{ATOM}title") or said(f"{ATOM}title") == "Error":
        raise CuadernoError(f"arXiv knows no work '{arxiv}'. Look at the id again: it is written as 1706.03762.")
    names = [plain(one.findtext(f"{ATOM}name", "")) for one in entry.iter(f"{ATOM}author")]
    authors, others = read_names(tuple(name for name in names if name))
    year = re.match(r"\d{4}", said(f"{ATOM}published"))
    venue, doi = said(f"{OWN}journal_ref"), doi_of(said(f"{OWN}doi"))
    return Reference("", said(f"{ATOM}title"), authors, others, year[0] if year else "", venue, "", arxiv, doi)


def read_csl(answer: bytes, doi: str) -> Reference:
    """The work in doi.org's answer.

    Raises:  CuadernoError when it holds none.
    """
    try:
        found = json.loads(answer)
        title, year = _first(found.get("title")), _year(found.get("issued"))
        venue = _first(found.get("container-title")) or _first(found.get("publisher"))
        authors = tuple(filter(None, map(_person, found.get("author") or ())))
    except (ValueError, AttributeError, TypeError, RecursionError):
        raise CuadernoError("doi.org sent an answer that cannot be read. Add the work by its BibTeX file.") from None
    if not title:
        raise CuadernoError(f"doi.org knows no title for '{doi}'. Add the work by its BibTeX file.")
    arxiv = arxiv_id(doi.rpartition("arxiv.")[2]) if "arxiv." in doi else ""
    return Reference("", title, authors, False, year, "" if arxiv else venue, "", arxiv, doi)


def _first(value: Any) -> str:
    text = value[0] if isinstance(value, list) and value else value
    return plain(re.sub(r"<[^>]*>", "", text)) if isinstance(text, str) else ""


def _year(issued: Any) -> str:
    parts = issued.get("date-parts") if isinstance(issued, dict) else None
    found = str(parts[0][0]) if parts and parts[0] else ""
    return found if re.fullmatch(r"\d{4}", found) else ""


def _person(author: Any) -> Person | None:
    if family := _first(author.get("family")):
        particle = _first(author.get("non-dropping-particle"))
        return Person(f"{particle} {family}".strip(), _first(author.get("given")), _first(author.get("suffix")))
    name = _first(author.get("literal")) or _first(author.get("name"))
    return Person(name) if name else None
