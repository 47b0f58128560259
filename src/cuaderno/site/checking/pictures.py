"""Pictures: descriptions for those who cannot see them, places they give away, and those that nobody shows."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote

from cuaderno.site.checking.finding import Finding
from cuaderno.site.checking.subject import Subject
from cuaderno.site.checking.texts import Picture, Text
from cuaderno.site.edition import PICTURES

SAYS_NOTHING = re.compile(
    r"(?:the |an? |my |una? |la |el |mi )?(?:alt(?: text)?|image|picture|photo|figure|screenshot|untitled|img|pic|"
    r"imagen|foto|fotograf[ií]a|figura|captura(?: de pantalla)?|dibujo|texto alternativo|sin t[ií]tulo)[\s_.-]*\d*",
    re.I,
)
TEXTS = (".md", ".toml", ".html", ".css", ".svg", ".ipynb", ".json", ".js")
GPS = 0x8825  # the block of EXIF that tells where
MOST_TEXT = 8 << 20


def look(subject: Subject) -> Iterator[Finding]:
    for text in subject.texts:
        for picture in text.pieces.pictures:
            yield from _described(text, picture)
    yield from _placed(subject)
    yield from _unused(subject)


def _described(text: Text, picture: Picture) -> Iterator[Finding]:
    name = picture.src.rpartition("/")[2] or "a picture"
    if picture.alt is None or (not picture.alt.strip() and not picture.is_html):
        how = 'alt="…" in its tag, or alt="" for an ornament' if picture.is_html else f"![…]({picture.src})"
        cure = f"Say what it shows to those who cannot see it: {how}."
        yield Finding("no-alt", text.path, picture.line, f"the picture '{name}' has no description.", cure)
    elif picture.alt.strip() and _says_nothing(picture.alt.strip(), name):
        cure = "Say what one sees in it and what it means here, in a sentence."
        what = f"the description of '{name}' is '{picture.alt.strip()}', which says nothing."
        yield Finding("weak-alt", text.path, picture.line, what, cure)


def _says_nothing(alt: str, name: str) -> bool:
    stem = unquote(name).rpartition(".")[0]
    return bool(SAYS_NOTHING.fullmatch(alt)) or alt in (name, unquote(name)) or (alt == stem and " " not in alt)


# -- where it was taken ------------------------------------------------------------------------------------------------


def _placed(subject: Subject) -> Iterator[Finding]:
    """Photographs that tell where they were taken: often at home."""
    for path in sorted({page.source for page in subject.pages.values() if page.source}):
        if path.suffix.lower() in PICTURES and path.suffix.lower() != ".svg" and _tells_where(path):
            cure = "Take it out of the file, as `exiftool -gps:all= FILE` does, or save the picture without metadata."
            yield Finding("location", path, 0, "this picture tells where it was taken.", cure)


def _tells_where(path: Path) -> bool:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as picture:
            found = picture.getexif().get_ifd(GPS)
            return any(tag in found for tag in (2, 4)) or b"exif:GPSLatitude" in _xmp(picture)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError, KeyError):
        return False


def _xmp(picture) -> bytes:
    found = picture.info.get("xmp") or picture.info.get("XML:com.adobe.xmp") or b""
    return found.encode(errors="replace") if isinstance(found, str) else bytes(found)


# -- that nobody shows -------------------------------------------------------------------------------------------------


def _unused(subject: Subject) -> Iterator[Finding]:
    """Pictures beside posts that no text of the diary names, drafts and what was first written included."""
    beside = {
        post.path.parent / name
        for post in subject.edition.posts
        for name in post.beside
        if Path(name).suffix.lower() in PICTURES
    }
    if not beside:
        return
    said = "\n".join(_texts(subject))
    for path in sorted(beside):
        if path.name not in said and quote(path.name) not in said:
            cure = "Show it, or take it out of the folder: it is published all the same."
            yield Finding("unused-picture", path, 0, "no text names this picture.", cure)


def _texts(subject: Subject) -> Iterator[str]:
    for path in subject.own_files:
        in_records = path.relative_to(subject.folder).parts[:1] == ("records",)
        if path.suffix in TEXTS and not in_records and path.stat().st_size < MOST_TEXT:
            yield path.read_text(encoding="utf-8", errors="replace")
