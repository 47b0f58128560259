"""What machines read: one Atom feed per language, the sitemap, robots.txt."""

import re
from collections.abc import Iterator
from functools import partial
from urllib.parse import urljoin

from cuaderno.diary.posts import Post
from cuaderno.diary.progress import corrected
from cuaderno.site import journey, originals, portfolio, reading
from cuaderno.site.edition import Edition, digest
from cuaderno.site.page import Page
from cuaderno.site.pages import post_state, tagged

MOST = 20
ONLY_IN_PAGES = re.compile(r'<span class="stamp".*?</span>|<a class="anchor".*?</a>|<button.*?</button>', re.S)
NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def feeds(edition: Edition) -> Iterator[Page]:
    """The newest posts of each language, whole, and what moved on the journey."""
    for lang in edition.languages:
        mine = [post for post in edition.posts if post.lang == lang][:MOST]
        name = edition.addresses.file(lang).replace("index.html", "feed.xml")
        key = digest(edition.digest, lang, edition.journey_state, [post_state(edition, post) for post in mine])
        yield Page(name, key, partial(_feed, edition, lang, mine))


def maps(edition: Edition) -> Iterator[Page]:
    """sitemap.xml and robots.txt."""
    posts = [(post.slug, post.lang, post.date) for post in edition.posts]
    everywhere = [f"studies/{name}/" for name in edition.study_names()]
    everywhere += [f"runs/{cited.id}/" for cited in edition.records.all]
    everywhere += [journey.PATH] if edition.progress else []
    everywhere += [portfolio.PATH] if edition.diary.portfolio else []
    everywhere += [reading.PATH] if edition.reads else []
    everywhere += [originals.PATH] if any(map(corrected, edition.posts)) else []
    tags = {lang: list(tagged(edition, lang)) for lang in edition.languages}
    values = {"posts": edition.posts, "everywhere": everywhere, "tags": tags}
    key = digest(edition.digest, posts, everywhere, tags)
    yield Page("sitemap.xml", key, partial(_xml, edition, "sitemap.xml", values))
    place = edition.addresses.whole(edition.addresses.shared("sitemap.xml"))
    robots = f"User-agent: *\nAllow: /\nSitemap: {place}\n"
    yield Page("robots.txt", digest(robots), robots.encode)


def _feed(edition: Edition, lang: str, found: list[Post]) -> bytes:
    entries = [_entry(edition, post) for post in found]
    for told in journey.news(edition, lang)[:MOST]:
        entries.append(told | {"tags": (), "content": content(told["html"], told["link"])})
    entries.sort(key=lambda entry: entry["date"], reverse=True)
    return _xml(edition, "feed.xml", {"lang": lang, "t": edition.words(lang), "entries": entries})


def _entry(edition: Edition, post: Post) -> dict:
    address = edition.addresses.whole(edition.addresses.page(post.lang, f"posts/{post.slug}/"))
    return {
        "id": address, "link": address, "lang": post.lang, "date": post.date, "title": post.title,
        "summary": post.description, "tags": post.tags, "content": content(str(edition.body(post)), address),
    }  # fmt: skip


def _xml(edition: Edition, template: str, values: dict) -> bytes:
    return NOT_XML.sub("\ufffd", edition.templates.get_template(template).render(values)).encode()


def content(html: str, address: str) -> str:
    """A post for feed readers: whole addresses, and without what only works in the page."""
    html = ONLY_IN_PAGES.sub("", html)
    return re.sub(r'\b(href|src)="([^"]*)"', lambda found: f'{found[1]}="{_join(address, found[2])}"', html)


def _join(address: str, link: str) -> str:
    try:
        return urljoin(address, link)
    except ValueError:
        return link
