"""Everything an edition consists of."""

from collections.abc import Iterator

from cuaderno.site import feeds, files, pages
from cuaderno.site.edition import Edition
from cuaderno.site.page import Page


def plan(edition: Edition) -> Iterator[Page]:
    """Every file of the site, posts first."""
    for part in (*pages.PARTS, feeds.feeds, feeds.maps, files.pictures, files.copies):
        yield from part(edition)
