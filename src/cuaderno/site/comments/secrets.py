"""What comments need to know and nobody else may: from the diary's .env, or from the environment."""

import hashlib
import hmac
import os
from dataclasses import dataclass, field
from pathlib import Path

from cuaderno.diary.comments import Comments
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.keys import places

PASSWORD, SHORTEST = "ISSO_ADMIN_PASSWORD", 12
MAIL = ("COMMENTS_SMTP_HOST", "COMMENTS_MAIL_FROM", "COMMENTS_MAIL_TO")
WEBHOOK = "COMMENTS_WEBHOOK"
SECURITY = {"starttls": 587, "ssl": 465, "none": 25}  # and the usual port of each


@dataclass(frozen=True)
class Mailbox:
    """A mail server and two addresses."""

    host: str
    sender: str
    recipient: str
    security: str = "starttls"
    port: int = 587
    user: str = ""
    password: str = field(default="", repr=False)


class Password:
    """The author's password for the moderation page, kept only as slow hashes.

    `seal` is the same in every process and after every start: sessions are signed with it, and end when the password
    changes.
    """

    def __init__(self, text: str):
        self._salt = os.urandom(16)
        self._hash = slow_hash(text, self._salt)
        self.seal = slow_hash(text, b"cuaderno: sessions")

    def is_right(self, text: str) -> bool:
        return hmac.compare_digest(self._hash, slow_hash(text, self._salt))


def slow_hash(text: str, salt: bytes) -> bytes:
    return hashlib.scrypt(text.encode(errors="replace"), salt=salt, n=1 << 14, r=8, p=1)


@dataclass(frozen=True)
class Secrets:
    """What was found; None for what is switched off."""

    password: Password | None = None
    mailbox: Mailbox | None = None
    webhook: str | None = field(default=None, repr=False)


def read_secrets(folder: Path, comments: Comments) -> Secrets:
    """Everything that `comments` asks for.

    Raises:  CuadernoError naming the lines that .env lacks, never what it holds.
    """
    found = _environment(folder)
    password = found.get(PASSWORD, "")
    if password and len(password) < SHORTEST:
        raise CuadernoError(f"{PASSWORD} in .env is too short: take {SHORTEST} characters or more.")
    return Secrets(
        Password(password) if password else None,
        _mailbox(found) if "mail" in comments.notify else None,
        _webhook(found) if "webhook" in comments.notify else None,
    )


def _environment(folder: Path) -> dict[str, str]:
    """The settings of comments: from the environment, else from .env."""
    *files, environment = places(Path(folder))
    names = (PASSWORD, WEBHOOK, *MAIL, *(f"COMMENTS_SMTP_{name}" for name in ("PORT", "USER", "PASSWORD", "SECURITY")))
    found = {name: next(filter(None, (place.get(name)[0] for place in (environment, *files))), "") for name in names}
    return {name: value for name, value in found.items() if value}


def _mailbox(found: dict[str, str]) -> Mailbox:
    missing = [name for name in MAIL if name not in found]
    if missing:
        raise CuadernoError(f'notify has "mail", and .env lacks {", ".join(missing)}. Write one line for each.')
    security = found.get("COMMENTS_SMTP_SECURITY", "starttls")
    if security not in SECURITY:
        raise CuadernoError(f"COMMENTS_SMTP_SECURITY in .env must be one of {', '.join(SECURITY)}.")
    port = found.get("COMMENTS_SMTP_PORT", str(SECURITY[security]))
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise CuadernoError("COMMENTS_SMTP_PORT in .env must be a port such as 587.")
    for name in MAIL[1:]:
        if "@" not in found[name] or any(letter.isspace() for letter in found[name]):
            raise CuadernoError(f"{name} in .env must be one e-mail address.")
    host, sender, recipient = (found[name] for name in MAIL)
    user, password = (found.get(f"COMMENTS_SMTP_{name}", "") for name in ("USER", "PASSWORD"))
    return Mailbox(host, sender, recipient, security, int(port), user, password)


def _webhook(found: dict[str, str]) -> str:
    address = found.get(WEBHOOK, "")
    if not address.startswith(("https://", "http://")):
        raise CuadernoError(f'notify has "webhook", and .env lacks {WEBHOOK}=https://… . Write that line.')
    return address
