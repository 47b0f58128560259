"""Who serves a model, where, and with which key.

A key and the address it was written for stand in one place. A key from one place never goes to an address from another
one, so that neither a diary with a foreign `.env` nor an address typed in passing carries a key away.
"""

import ipaddress
import math
import re
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from cuaderno.lab.errors import CuadernoError, nearest
from cuaderno.lab.keys import Place, Secret, places, where_to_write
from cuaderno.lab.text import printable

Tokens = tuple[int, int]  # read and written
Replies = Generator[tuple[str, str, Tokens | None], None, None]  # pieces of an answer, how it ended, what was counted

HOW = (
    "gemini, gemini:MODEL, openai, openai:MODEL, the address of a server such as http://localhost:11434/v1#MODEL, or a "
    "folder in the Hugging Face format such as ./MODEL"
)


@dataclass(frozen=True)
class Provider:
    """Somebody who serves models, and what the settings are called."""

    name: str
    title: str
    address: str  # its own; GEMINI_BASE_URL and OPENAI_BASE_URL name another one
    model: str  # what answers there unless GEMINI_MODEL or OPENAI_MODEL say otherwise
    keys: tuple[str, ...]
    header: str  # what carries the key, and what stands before it
    prefix: str
    get_a_key: str
    options: tuple[str, ...]

    @property
    def base_url(self) -> str:
        return f"{self.name.upper()}_BASE_URL"

    @property
    def model_setting(self) -> str:
        return f"{self.name.upper()}_MODEL"

    @property
    def price_setting(self) -> str:
        return f"{self.name.upper()}_PRICE"

    def address_in(self, place: Place) -> str:
        """The address that a key written there is for."""
        found, name = place.get(self.base_url)
        return checked_address(found, f"{name} in {place.name}") if found else self.address


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
class Server:
    """Where one model is served, and the key for it; whether it needs one is for the server to say."""

    provider: Provider
    address: str
    model: str
    key: Secret = field(default_factory=Secret)
    key_from: str = ""  # which setting, and where it stands
    no_key: str = ""  # the cure when it wants a key and there is none
    naming: str = ""  # how to name another model
    price: tuple[float, float] | None = None  # of a million tokens read, and of a million written

    @property
    def is_own(self) -> bool:
        """Whether it is the provider's own server, and not another one that speaks in the same way."""
        return self.address == self.provider.address

    @property
    def title(self) -> str:
        """What to call it in a sentence."""
        return self.provider.title if self.is_own else self.address

    @property
    def host(self) -> str:
        return urlsplit(self.address).netloc


def find_server(name: str, folder: Path | None) -> Server:
    """The server that a name means, with the settings of the diary's folder or of the environment.

    Raises:  CuadernoError when there is no such provider, no model named, no key where one is needed, or one that would
             travel where anyone can read it.
    """
    found = places(folder)
    if name.startswith(("http://", "https://")):
        provider, (address, _, model) = OPENAI, name.partition("#")
        address = checked_address(address, "What --model names")
        naming = f"--model {address}#MODEL"
    else:
        kind, _, model = name.partition(":")
        if kind not in PROVIDERS:
            raise CuadernoError(f"There is no provider '{printable(kind)}'.{nearest(kind, PROVIDERS)} Name {HOW}.")
        provider = PROVIDERS[kind]
        decides = (place for place in found if any(place.get(*provider.keys, provider.base_url)))
        address = next((provider.address_in(place) for place in decides), provider.address)
        naming = f"--model {kind}:MODEL, or {provider.model_setting}=MODEL in .env"
    key, key_from = key_for(provider, address, found)
    needed = no_key(provider, address, folder)
    if not key and (address == provider.address or provider is not OPENAI):
        raise CuadernoError(needed)
    model = model.strip() or usual_model(provider, address, found)
    check_model(model, address, naming)
    price = price_for(provider, address, found)
    return Server(provider, address, model, key, key_from, needed, naming, price)


def key_for(provider: Provider, address: str, found: list[Place]) -> tuple[Secret, str]:
    """The key that was written for this address, and where; both empty when there is none.

    Raises:  CuadernoError when it cannot be a key, or the way there is not encrypted.
    """
    for place in found:
        key, name = place.get(*provider.keys)
        if key and provider.address_in(place) == address:
            if not (key.isascii() and key.isprintable()) or " " in key:
                raise CuadernoError(
                    f"{name} in {place.name} is no key: there is a space or a strange character in it. Copy it again."
                )
            if not is_private(address):
                raise CuadernoError(
                    f"{address} is not encrypted, so anyone on the way could read your key, and nothing was sent. "
                    f"Write https:// if that server can, or take {name} out of {place.name} if it needs no key."
                )
            return Secret(key), f"{name} in {place.name}"
    return Secret(), ""


def no_key(provider: Provider, address: str, folder: Path | None) -> str:
    """What to say when there is no key, and which line to write where."""
    where = where_to_write(folder)
    if address == provider.address:
        get = f"Get one at {provider.get_a_key} and write it into {where}"
        return f"{provider.title} wants a key, and there is none. {get}: {provider.keys[0]}=…"
    lines = f"{provider.base_url}={address} and below it {provider.keys[0]}=…"
    return f"{address} wants a key, and there is none that was written for this address. Write into {where}: {lines}"


def usual_model(provider: Provider, address: str, found: list[Place]) -> str:
    """The model that the settings name for this address; empty when they name none for somebody else's server."""
    named = (place.get(provider.model_setting)[0] for place in found if provider.address_in(place) == address)
    return next(filter(None, named), provider.model if address == provider.address else "")


def price_for(provider: Provider, address: str, found: list[Place]) -> tuple[float, float] | None:
    """What somebody has written down for this address, such as `0.30 2.50`; None when nobody has.

    Raises:  CuadernoError when it is no price.
    """
    for place in found:
        said, name = place.get(provider.price_setting)
        if not said or provider.address_in(place) != address:
            continue
        try:
            read, written = map(float, said.replace("/", " ").split())
        except ValueError:
            read = written = math.nan
        if not (0 <= read < math.inf and 0 <= written < math.inf):
            raise CuadernoError(
                f"{name} in {place.name} is no price. Write what a million tokens cost, read and written: "
                f"{name}=0.30 2.50"
            )
        return read, written
    return None


def check_model(model: str, address: str, naming: str) -> None:
    """Let through what can be the name of a model; Gemini's becomes a part of an address."""
    if not re.fullmatch(r"[\w.:/@+-]{1,200}", model) or ".." in model:
        what = (
            f"'{printable(model)}' is no name of a model" if model else f"Nothing says which model of {address} answers"
        )
        raise CuadernoError(f"{what}. Name one: {naming}.")


def checked_address(text: str, what: str) -> str:
    """An address as we compare it, without a slash at its end.

    Raises:  CuadernoError when it is none, or carries a password; it is not repeated then.
    """
    try:
        parts = urlsplit(text)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        whole = False
    if not whole or not text.isprintable() or re.search(r"[\s?#@\\]", text):
        raise CuadernoError(
            f"{what} is not the address of a server. Write it like http://localhost:11434/v1 or "
            "https://api.example.org/v1, without a name, a password or a question mark in it."
        )
    return text.rstrip("/")


def is_private(address: str) -> bool:
    """Whether nobody on the way can read along."""
    return address.startswith("https:") or is_loopback(address)


def is_loopback(address: str) -> bool:
    """Whether an address is this computer."""
    host = urlsplit(address).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
