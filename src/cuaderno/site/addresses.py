"""Where each page lives: the diary's default language at the root, the other below its code."""

from functools import lru_cache
from urllib import parse

from cuaderno.diary.settings import Settings


@lru_cache(maxsize=8192)  # every page asks for the same dozen
def quote(path: str) -> str:
    """A path as an address writes it; a query and a fragment stay."""
    return parse.quote(path, safe="/?=#")


class Addresses:
    """Turns `("es", "posts/mazes/")` into an address path, a file and a whole address."""

    def __init__(self, settings: Settings):
        self.base, self.origin, self.default = settings.base, settings.origin, settings.default

    def page(self, lang: str, path: str = "") -> str:
        """The address of a page, from the root of its host."""
        return self.base + quote(self._prefix(lang) + path)

    def file(self, lang: str, path: str = "") -> str:
        """The file of a page, from the root of the site."""
        return f"{self._prefix(lang)}{path}index.html"

    def shared(self, path: str) -> str:
        """The address of a file that all languages share."""
        return self.base + quote(path)

    def whole(self, address: str) -> str:
        """With scheme and host."""
        return self.origin + address

    def _prefix(self, lang: str) -> str:
        return "" if lang == self.default else f"{lang}/"
