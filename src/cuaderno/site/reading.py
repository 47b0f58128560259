"""What was read, as the site shows it: the page, citations in texts, the list of references below them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from markupsafe import Markup

from cuaderno.diary.citing.reading import MOST_STARS, STATES, Entry
from cuaderno.diary.citing.references import Reference
from cuaderno.diary.posts import IMAGE, Post
from cuaderno.lab.errors import CuadernoError, nearest
from cuaderno.site import citations
from cuaderno.site.edition import Assets, asset_name, asset_source
from cuaderno.site.markdown import Context
from cuaderno.site.page import file_state

if TYPE_CHECKING:
    from cuaderno.site.edition import Edition

PATH, ROLE = "reading/", "cite"
CITED = re.compile(r"\{cite\}(`+)([^`]+)\1")
OPTIONS = ("text", "page")


def cited_keys(edition: "Edition", text: str) -> list[str]:
    """The keys of the works that a text cites; names that nobody knows are left out."""
    found = []
    for _, content in CITED.findall(text) if "{cite}" in text else ():
        for name in content.partition("|")[0].split(","):
            try:
                found.append(_find(edition, name.strip()).key)
            except CuadernoError:
                continue
    return list(dict.fromkeys(found))


def _find(edition: "Edition", name: str) -> Reference:
    if edition.diary.reading is None:
        raise CuadernoError(
            f"there is no work '{name}': the diary has no references.bib and no reading.toml. "
            "Add it with: cuaderno reading add, and its arXiv id, its DOI or a BibTeX file."
        )
    return edition.diary.reading.find(name)


# -- in a text ---------------------------------------------------------------------------------------------------------


def cite(edition: "Edition", context: Context, content: str) -> str:
    """`` {cite}`key, key|page=7` ``: (Vaswani et al., 2017, p. 7); with `|text` the names are part of the sentence."""
    names, *settings = content.split("|")
    keys = [name.strip() for name in names.split(",") if name.strip()]
    if not keys:
        raise CuadernoError("which work? Write {cite}`key` with a key of references.bib or reading.toml.")
    in_text, page = _options(settings)
    found = [_find(edition, key) for key in keys]
    links = [_link(edition, context, one, in_text) for one in found]
    where = f", {Markup.escape(context.words['page'].format(n=page))}" if page else ""
    if in_text:
        return f'<span class="cite">{citations.joined(links, context.lang)}{where}</span>'
    return f'<span class="cite">({"; ".join(links)}{where})</span>'


def _options(settings: list[str]) -> tuple[bool, str]:
    in_text, page = False, ""
    for setting in filter(None, map(str.strip, settings)):
        name, _, value = (part.strip() for part in setting.partition("="))
        if name not in OPTIONS:
            raise CuadernoError(f"cite has no option '{name}'.{nearest(name, OPTIONS)} Write |text or |page=7.")
        in_text, page = in_text or name == "text", value if name == "page" else page
    return in_text, page


def _link(edition: "Edition", context: Context, reference: Reference, in_text: bool) -> str:
    """The short citation, leading to its place in the list below the text."""
    names = citations.names_short(reference, context.lang)
    year = citations.year(reference, edition.marks.get(reference.key, ""), context.lang)
    shown = f"{names} ({year})" if in_text else f"{names}, {year}"
    first = "" if reference.key in context.references else f' id="cited-{Markup.escape(reference.key)}"'
    context.references.setdefault(reference.key, reference)
    return f'<a{first} href="#ref-{Markup.escape(reference.key)}">{Markup.escape(shown)}</a>'


def references(edition: "Edition", context: Context, there: tuple[str, ...] = ()) -> str:
    """The list of what a text cites; what stands `there` on the page already is left out."""
    found = sorted((one for key, one in context.references.items() if key not in there), key=citations.order)
    if not found:
        return ""
    listed = {entry.key for entry in edition.diary.reading.entries} if edition.diary.reading else set()
    shown = [_said(edition, one, context.lang) for one in found]
    anchor = context.anchor(context.words["references"])
    return edition.part("references", context.lang, references=shown, listed=listed, anchor=anchor, path=PATH)


@dataclass(frozen=True)
class Said:
    """A work in the words of a language."""

    work: Reference
    names: str
    year: str

    @property
    def lang(self) -> str:
        """Of the title: what arXiv has is English."""
        return self.work.lang or ("en" if self.work.arxiv else "")

    @property
    def title(self) -> str:
        work = self.work
        return work.title or (f"arXiv:{work.arxiv}" if work.arxiv else work.doi or work.key)

    @property
    def place(self) -> str:
        """What the link to it says."""
        work = self.work
        if work.url:
            return urlsplit(work.url).netloc.removeprefix("www.") or work.url
        return f"arXiv:{work.arxiv}" if work.arxiv else f"doi:{work.doi}"


def _said(edition: "Edition", work: Reference, lang: str, in_full: bool = False) -> Said:
    names = citations.names_in_full(work, lang) if in_full else citations.names_turned(work, lang)
    return Said(work, names, citations.year(work, edition.marks.get(work.key, ""), lang))


# -- the page ----------------------------------------------------------------------------------------------------------


def values(edition: "Edition", lang: str) -> dict:
    """What the page shows: the entries by state, the newest first."""
    reading = edition.diary.reading
    assert reading
    assets, found = Assets(edition, reading.path, PATH, lang), []
    context = edition.context(reading.path, 1, lang, assets.link, assets.image)
    for state in STATES:
        of_state = sorted((one for one in reading.entries if one.state == state), key=_age)
        found.append((state, [_row(edition, context, entry, lang) for entry in of_state]))
    words = edition.words(lang)
    return {
        "picture": f"og/{lang}/pages/reading.png",
        "title": reading.title[lang] if reading.title else words["reading_title"],
        "lead": reading.lead[lang] if reading.lead else words["reading_lead"],
        "groups": [(state.replace(" ", "_"), rows) for state, rows in found if rows],
        "most": MOST_STARS,
        "references": Markup(references(edition, context, tuple(entry.key for entry in reading.entries))),
    }


def pictures(edition: "Edition") -> Iterator[tuple[Path, str]]:
    """Every picture that a note shows, and where it lies on the site."""
    reading = edition.diary.reading
    notes = [entry.note for entry in reading.entries if entry.note] if reading else []
    for src in dict.fromkeys(src for note in notes for text in note.texts.values() for src in IMAGE.findall(text)):
        path = edition.diary.folder / asset_source(src)
        if "://" not in src and file_state(path):
            for lang in edition.languages:
                home = edition.addresses.file(lang, PATH).removesuffix("index.html")
                yield path, home + asset_name(src)


def _age(entry: Entry) -> tuple:
    """The newest first; what has no date comes last, in the order of the file."""
    when = entry.date
    return (0, -when.year, -when.month, -when.day, entry.line) if when else (1, 0, 0, 0, entry.line)


def _row(edition: "Edition", context: Context, entry: Entry, lang: str) -> dict:
    spoken = entry.note.for_reader(lang) if entry.note else lang
    note = edition.passage(context, entry.note, lang) if entry.note else ""
    said = _said(edition, entry.reference, lang, in_full=True)
    return {"entry": entry, "said": said, "note": note, "note_lang": spoken, "posts": _citing(edition, entry.key, lang)}


def _citing(edition: "Edition", key: str, lang: str) -> list[Post]:
    """The posts that cite a work, each in the reader's language when it exists."""
    slugs = dict.fromkeys(post.slug for post in edition.posts if key in edition.cited.get((post.slug, post.lang), ()))
    found = [edition.post(slug, lang) or next(post for post in edition.posts if post.slug == slug) for slug in slugs]
    return sorted(found, key=lambda post: post.date)
