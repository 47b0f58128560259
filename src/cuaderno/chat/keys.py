"""Where a provider's key and address come from: a `.env` file or the environment, and never anywhere else.

A key and the address it was written for stand in one place. A key from one place never goes to an address from another
one, so that neither a diary with a foreign `.env` nor an address typed in passing carries a key away.
"""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from cuaderno.lab.errors import CuadernoError


class Secret:
    """A text that prints as ***, and that nothing copies or stores; `reveal` gives it to whoever sends it."""

    __slots__ = ("_text",)

    def __init__(self, text: str = ""):
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __repr__(self) -> str:
        return "***"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not stored")


@dataclass(frozen=True)
class Provider:
    """Who serves models, and what its settings are called."""

    name: str
    title: str
    address: str  # its own; GEMINI_BASE_URL and OPENAI_BASE_URL name another one
    model: str  # what it answers with unless GEMINI_MODEL or OPENAI_MODEL say otherwise
    keys: tuple[str, ...]
    header: str  # what carries the key, and how
    prefix: str
    get_a_key: str
    options: tuple[str, ...]

    @property
    def base_url(self) -> str:
        return f"{self.name.upper()}_BASE_URL"

    @property
    def model_name(self) -> str:
        return f"{self.name.upper()}_MODEL"


GEMINI = Provider(
    name="gemini",
    title="Gemini",
    address="https://generativelanguage.googleapis.com",
    model="gemini-3.8-flash",
    keys=("GEMINI_API_KEY", "GOOGLE_API_KEY"),
    header="x-goog-api-key",
    prefix="",
    get_a_key="https://aistudio.google.com/apikey",
    options=("temperature", "top_k", "top_p", "max_tokens", "seed"),
)
OPENAI = Provider(
    name="openai",
    title="OpenAI",
    address="https://api.openai.com/v1",
    model="gpt-5.4-mini",
    keys=("OPENAI_API_KEY",),
    header="authorization",
    prefix="Bearer ",
    get_a_key="https://platform.openai.com/api-keys",
    options=("temperature", "top_p", "max_tokens", "seed"),
)
PROVIDERS = {provider.name: provider for provider in (GEMINI, OPENAI)}


@dataclass(frozen=True)
class Place:
    """Settings that stand together: one `.env` file, or the environment."""

    name: str
    values: Mapping[str, str | None] = field(repr=False)

    def get(self, *names: str) -> tuple[str, str]:
        """The first of these settings that has a value, and its name; both empty when none has."""
        for name in names:
            if value := (self.values.get(name) or "").strip():
                return value, name
        return "", ""

    def address(self, provider: Provider) -> str:
        """The address that a key written here is for."""
        found, name = self.get(provider.base_url)
        return checked_address(found, f"{name} in {self.name}") if found else provider.address


def places(folder: Path | None) -> list[Place]:
    """The diary's `.env`, that of the repository around a `diary/`, then the environment: the first one counts."""
    return [*(read(file) for file in files(folder) if file.is_file()), Place("the environment", os.environ)]


def files(folder: Path | None) -> list[Path]:
    if folder is None:
        return []
    folder = folder.absolute()
    return [folder / ".env", *([folder.parent / ".env"] if folder.name == "diary" else [])]


def read(file: Path) -> Place:
    """A `.env` file, taken literally: a `$` in a key is a `$`.

    Raises:  CuadernoError, without a word of what is in the file.
    """
    try:
        from dotenv import dotenv_values
    except ImportError:
        raise CuadernoError("Reading a .env needs python-dotenv. Install it: pip install 'cuaderno[chat]'") from None
    try:
        values: dict[str, str | None] | None = dotenv_values(file, interpolate=False, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        values = None  # raised below: what went wrong may hold a piece of the file
    if values is None:
        raise CuadernoError(f"{file} cannot be read. It has to be a text file in UTF-8 that belongs to you.")
    return Place(str(file), values)


def key_for(provider: Provider, address: str, found: list[Place]) -> tuple[Secret, str]:
    """The key that was written for this address, and where; both empty when there is none.

    Raises:  CuadernoError when it cannot be a key, or would travel where anyone can read it.
    """
    for place in found:
        key, name = place.get(*provider.keys)
        if key and place.address(provider) == address:
            if not (key.isascii() and key.isprintable()) or " " in key:
                raise CuadernoError(
                    f"{name} in {place.name} is no key: there is a space or a strange character in it. Copy it again."
                )
            if address.startswith("http:") and not is_loopback(address):
                raise CuadernoError(
                    f"{address} is not encrypted, so anyone on the way could read your key, and nothing was sent. "
                    f"Write https:// if that server can, or take {name} out of {place.name} if it needs no key."
                )
            return Secret(key), f"{name} in {place.name}"
    return Secret(), ""


def no_key(provider: Provider, address: str, folder: Path | None) -> str:
    """What to say when there is no key, and which line to write where."""
    lines = [f"{provider.keys[0]}=…"]
    if address != provider.address:
        lines.insert(0, f"{provider.base_url}={address}")
    where = f"into {files(folder)[-1]}" if folder else "into the environment"
    title, get = (provider.title, f" Get one at {provider.get_a_key} and write")
    if address != provider.address:
        title, get = address, " Write"
    return f"{title} wants a key, and there is none for it.{get} {where}: {' and '.join(lines)}"


def checked_address(text: str, what: str) -> str:
    """An address as we compare it, without a slash at its end.

    Raises:  CuadernoError when it is none, or carries a password; it is not repeated then.
    """
    try:
        parts = urlsplit(text)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
        whole = whole and text.isprintable() and " " not in text
    except ValueError:
        whole = False
    if not whole or parts.query or parts.fragment or "@" in parts.netloc:
        raise CuadernoError(
            f"{what} is not the address of a server. Write it like http://localhost:11434/v1 or "
            "https://api.example.org/v1, without a name, a password or a question mark in it."
        )
    return text.rstrip("/")


def is_loopback(address: str) -> bool:
    """Whether an address is this computer."""
    host = urlsplit(address).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
