"""Links: broken ones, empty ones, addresses that cannot be any, and outside ones that do not answer."""

import re
from collections import defaultdict
from collections.abc import Iterator
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cuaderno.site.checking.finding import Finding
from cuaderno.site.checking.subject import Subject
from cuaderno.site.checking.texts import HOLE, Link, Text

LIKE_A_HOST = re.compile(
    r"(?:www\.|(?:[\w-]+\.)+(?:com|org|net|io|dev|edu|gov|ai|es|be|co|me|app|uk|de|fr|mx|ar)(?:/|\Z))"
)
SECURE = ("http", "https", "mailto")
FAR_TOO_LOCAL = (".local", ".internal", ".lan", ".localhost")


# -- what is found -----------------------------------------------------------------------------------------------------


def look(subject: Subject) -> Iterator[Finding]:
    for text in subject.texts:
        for link in text.pieces.links:
            yield from _in_itself(text, link)
    for entry in subject.edition.settings.nav:
        if fault := address_fault(entry["url"]):
            path = subject.folder / "cuaderno.toml"
            yield Finding("bad-address", path, _line_in(path, entry["url"]), f"[[nav]] {fault[0]}", fault[1])
    if subject.site:
        yield from _broken(subject, subject.followed[1])


def _in_itself(text: Text, link: Link) -> Iterator[Finding]:
    words = link.words.replace(HOLE, "").strip()
    shown = f"[{_short(words)}]({_short(link.href)})" if words else f"({_short(link.href)})"
    if not link.href.strip():
        cure = "Write the address between the parentheses, or take the brackets away."
        yield Finding("empty-link", text.path, link.line, f"the link {shown} has no address.", cure)
        return
    if not link.words:
        cure = "Say between the brackets where it leads: a screen reader reads those words only."
        yield Finding("wordless-link", text.path, link.line, f"the link {shown} has no words.", cure)
    if fault := address_fault(link.href):
        yield Finding("bad-address", text.path, link.line, *fault)
    elif host := _own_computer(link.href):
        cure = "Readers have nothing there. Name the page by its path, as in /posts/hello/, or its public address."
        yield Finding("local-link", text.path, link.line, f"the link {shown} leads to {host}, your own network.", cure)


def address_fault(href: str) -> tuple[str, str] | None:
    """What is wrong with an outside address, and the cure; None when nothing can be said without asking it."""
    shown = f"'{_short(href)}'"
    try:
        parts = urlsplit(href)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        return f"{shown} is no address: {error}.", "Copy it again from the browser."
    scheme = parts.scheme.lower()
    if not scheme or (not re.match(r"[\w+.-]+:(?!\d)", href)):
        return None
    if scheme in ("http", "https"):
        return _host_fault(shown, host, href)
    if scheme == "mailto" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+|", parts.path):
        return f"{shown} has no e-mail address.", "Write it as mailto:name@example.org."
    if scheme in ("file", "javascript", "vbscript"):
        return f"{shown} leads nowhere for a reader.", "Put the file beside the text and name it."
    if (near := get_close_matches(scheme, SECURE, n=1, cutoff=0.7)) and scheme != near[0]:
        return f"{shown} begins with '{scheme}:'.", f"Did you mean '{near[0]}:'?"
    return None


def _host_fault(shown: str, host: str, href: str) -> tuple[str, str] | None:
    if not host:
        return f"{shown} has no host.", "Write it whole, as in https://example.org/page."
    if host in ("http", "https"):
        return f"{shown} has its beginning twice.", "Take one 'https://' away."
    if re.search(r"[\s\\^`{}|<>\"]", unquote(host)) or ".." in host or host.startswith(".") or "%" in host:
        return f"{shown} has a host that cannot be.", "Copy it again from the browser."
    if "." not in host and ":" not in host and host != "localhost":
        return f"{shown} has a host without a dot.", "Write it whole, as in https://example.org/page."
    return None


def _own_computer(href: str) -> str:
    """The host of a link that only the author can reach; empty for all others."""
    host = urlsplit(href).hostname or ""
    if host == "localhost" or host.endswith(FAR_TOO_LOCAL):
        return host
    try:
        return host if ip_address(host).is_private else ""
    except ValueError:
        return ""


def _broken(subject: Subject, broken: list[tuple[str, str]]) -> Iterator[Finding]:
    """The site's links that lead nowhere, each where it was written."""
    nowhere: dict[str, list[str]] = defaultdict(list)  # found in no text: the pages by their link
    for page, target in broken:
        places = list(_places(subject, page, target))
        for text, link in places:
            what = f"the link '{_short(link.href)}' leads nowhere (on {page})."
            yield Finding("broken-link", text.path, link.line, what, _cure(subject, link.href))
        if not places:
            nowhere[target].append(page)
    for target, pages in nowhere.items():
        more = f" and on {len(pages) - 1} more" if len(pages) > 1 else ""
        what = f"the link '{_short(target)}' leads nowhere (on {pages[0]}{more})."
        path, line = _in_settings(subject, target) or ((subject.site or subject.folder) / pages[0], 0)
        yield Finding("broken-link", path, line, what, _cure(subject, target))


def _in_settings(subject: Subject, target: str) -> tuple[Path, int] | None:
    """File and line of a link that a TOML file of the diary has, as the navigation in cuaderno.toml does."""
    base = subject.edition.addresses.base
    written = {f'"{one}"' for one in (target, "/" + target.removeprefix(base))}
    written |= {f"({one.strip(chr(34))})" for one in written}
    for path in sorted(subject.folder.glob("*.toml")):
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if any(one in line for one in written):
                return path, number
    return None


def _places(subject: Subject, page: str, target: str) -> Iterator[tuple[Text, Link]]:
    """Where a page's link was written."""
    for text in subject.texts_on.get(page, ()):
        links = [*text.pieces.links, *(Link(one.src, "", one.line) for one in text.pieces.pictures if one.is_html)]
        found = [(text, link) for link in links if _same(subject, link.href, target, text)]
        if found:
            yield from found
            return


def _same(subject: Subject, href: str, target: str, text: Text | None = None) -> bool:
    """True when the site prints a text's link as this target."""
    if unquote(href) == unquote(target):
        return True
    if href.startswith("/") and unquote(subject.edition.addresses.base + href[1:]) == unquote(target):
        return True
    parts = urlsplit(href)
    post = subject.edition.linked(text.path, parts.path) if text and parts.path.endswith(".md") else None
    if post is None:
        return False
    address = subject.edition.addresses.page(post.lang, f"posts/{post.slug}/")
    return unquote(address + (f"#{parts.fragment}" if parts.fragment else "")) == unquote(target)


def _cure(subject: Subject, href: str) -> str:
    if LIKE_A_HOST.match(href):
        return f"It has no beginning: write https://{_short(href)}."
    parts = urlsplit(href)
    if parts.fragment and not parts.path:
        return "No heading of this page has that name: the browser shows a heading's link when you point at it."
    pages = [name.removesuffix("index.html") for name in subject.pages if name.endswith("/index.html")]
    by_last = {page.rstrip("/").rpartition("/")[2]: page for page in reversed(pages)}
    near = get_close_matches(unquote(parts.path).rstrip("/").rpartition("/")[2], by_last, n=1, cutoff=0.75)
    if near and not parts.fragment:
        return f"Did you mean /{by_last[near[0]]}?"
    return "Mend the address, put the file beside the text, or take the link away."


def _line_in(path: Path, text: str) -> int:
    """The first line of a file that has a text in it."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return next((number for number, line in enumerate(lines, 1) if text in line), 1)


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "…"


# -- outside -----------------------------------------------------------------------------------------------------------


def outside(subject: Subject) -> dict[str, list[tuple[Text, Link]]]:
    """The addresses elsewhere, without their fragments, and where each is linked."""
    found: dict[str, list[tuple[Text, Link]]] = defaultdict(list)
    for text in subject.texts:
        for link in text.pieces.links:
            if re.match(r"https?://", link.href) and not address_fault(link.href) and not _own_computer(link.href):
                found[link.href.partition("#")[0]].append((text, link))
    return found


def dead(subject: Subject, addresses: dict[str, list[tuple[Text, Link]]], answers: dict[str, str]) -> Iterator[Finding]:
    """`answers` tells for an address what is wrong with it; nothing for those that answered."""
    for address, places in addresses.items():
        if fault := answers.get(address):
            for text, link in places:
                cure = "Look whether it moved; the Internet Archive may have a copy."
                yield Finding("dead-link", text.path, link.line, f"{_short(address)} {fault}.", cure)
