"""The table [comments] of cuaderno.toml: whether readers may answer, and through what."""

import ipaddress
import re
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import urlsplit

from cuaderno.lab.errors import CuadernoError, nearest

KINDS = ("isso", "giscus")
CHANNELS = ("mail", "webhook")
TAKEN = ("posts", "archive", "tags", "studies", "runs", "about", "journey", "static", "og", "pagefind", "en", "es")
OF_ISSO = ("address", "moderation", "notify", "database", "proxies", "per_minute")
OF_GISCUS = ("repo", "repo_id", "category", "category_id", "ask")
WHERE_GISCUS = "giscus.app shows all four once you name the repository there"


@dataclass(frozen=True)
class Comments:
    """How readers comment. The first group belongs to Isso, the second to giscus."""

    kind: str
    address: str = "/comments/"  # below the site's own address, or the whole address of an Isso elsewhere
    moderation: bool = True  # nothing is shown before the author has read it
    notify: tuple[str, ...] = ()  # mail, webhook; what they need stands in .env
    database: str = "comments/comments.db"
    proxies: tuple[str, ...] = ()  # whose X-Forwarded-For is believed
    per_minute: int = 4  # comments from one address

    repo: str = ""
    repo_id: str = ""
    category: str = ""
    category_id: str = ""
    ask: bool = True  # nothing of giscus.app is loaded before the reader presses a button

    @property
    def mounted(self) -> bool:
        """Whether Isso runs in the same process as the site."""
        return self.kind == "isso" and self.address.startswith("/")


def read_comments(found: object) -> Comments:
    """The table, checked.

    Raises:  CuadernoError whose further arguments name the table and the key, so that the line can be found.
    """
    if not isinstance(found, dict):
        raise CuadernoError('comments must be a table: [comments], and below it kind = "isso".', "comments")
    known = [field.name for field in fields(Comments)]
    for name in found:
        if name not in known:
            raise _wrong(name, f"there is no setting '{name}' in [comments].{nearest(name, known)}")
    kind = found.get("kind")
    if kind not in KINDS:
        raise _wrong("kind", 'kind must be "isso" (with a server) or "giscus" (without one).')
    other, its_own = ("giscus", OF_GISCUS) if kind == "isso" else ("isso", OF_ISSO)
    for name in its_own:
        if name in found:
            raise _wrong(name, f"'{name}' belongs to {other}, and kind is \"{kind}\". Take the line out.")
    values: dict[str, Any] = {name: CHECKS[name](name, value) for name, value in found.items()}
    if kind == "giscus":
        _all_four(values)
    return Comments(**values)


def _wrong(name: str, message: str) -> CuadernoError:
    return CuadernoError(message, "comments", name)


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or re.search(r"[\x00-\x1f\x7f]", value):
        raise _wrong(name, f'{name} must be a text in quotes, as in {name} = "…".')
    return value.strip()


def _switch(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _wrong(name, f"{name} must be true or false.")
    return value


def _address(name: str, value: Any) -> str:
    address = _text(name, value).rstrip("/") + "/"
    if "://" in address:
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise _wrong(
                name, f"address = '{value}' is not a web address. Write it whole: https://comments.example.org/"
            )
        return address
    if not re.fullmatch(r"/[\w-]+(/[\w-]+)*/", address, re.ASCII):
        raise _wrong(name, f"address = '{value}' is neither a path such as \"/comments/\" nor a whole web address.")
    if address.split("/")[1] in TAKEN:
        raise _wrong(name, f"address = '{value}' is taken by the site's own pages. Use another, as in \"/comments/\".")
    return address


def _channels(name: str, value: Any) -> tuple[str, ...]:
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise _wrong(name, f'{name} must be a list, as in {name} = ["mail"].')
    for one in found:
        if one not in CHANNELS:
            raise _wrong(name, f"'{one}' is no way to be told.{nearest(one, CHANNELS)}")
    return tuple(dict.fromkeys(found))


def _database(name: str, value: Any) -> str:
    path = _text(name, value)
    parts = path.replace("\\", "/").split("/")
    if ".." in parts or "_site" in parts or path.endswith("/"):
        raise _wrong(name, f"database = '{path}' must be a file in the diary or a whole path, and never inside _site.")
    return path


def _proxies(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise _wrong(name, f'{name} must be a list of addresses, as in {name} = ["127.0.0.1"].')
    for one in value:
        try:
            ipaddress.ip_network(one if isinstance(one, str) else "", strict=False)
        except ValueError:
            raise _wrong(name, f'\'{one}\' is no address or network. Write "127.0.0.1" or "10.0.0.0/8".') from None
    return tuple(value)


def _pace(name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 600:
        raise _wrong(name, f"{name} must be a whole number from 1 to 600.")
    return value


def _repository(name: str, value: Any) -> str:
    repo = _text(name, value)
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repo, re.ASCII):
        raise _wrong(name, f"repo = '{repo}' is not OWNER/NAME of a GitHub repository.")
    return repo


def _all_four(values: dict[str, Any]) -> None:
    missing = [name for name in OF_GISCUS[:4] if name not in values]
    if missing:
        raise _wrong("kind", f"giscus also needs {', '.join(missing)}: {WHERE_GISCUS}.")


CHECKS = {
    "kind": _text,
    "address": _address,
    "moderation": _switch,
    "notify": _channels,
    "database": _database,
    "proxies": _proxies,
    "per_minute": _pace,
    "repo": _repository,
    "repo_id": _text,
    "category": _text,
    "category_id": _text,
    "ask": _switch,
}
