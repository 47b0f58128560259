"""Keys, tokens and passwords in anything that would be published. What was found is never shown."""

import html
import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from cuaderno.site.checking.finding import Finding
from cuaderno.site.checking.subject import Subject

CHUNK, OVERLAP = 8 << 20, 8 << 10
CURE = "Take it out, and have its owner make a new one: what was shared once is known."
TEXTS = (
    ".md", ".txt", ".html", ".xml", ".json", ".jsonl", ".ipynb", ".toml", ".yaml", ".yml", ".js", ".mjs", ".css",
    ".svg", ".csv", ".tsv", ".py", ".sh", ".cfg", ".ini", ".env", ".log", ".bib", ".tex",
)  # fmt: skip
NAMES_A_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASS|PWD|CREDENTIAL|PRIVATE|AUTH|WEBHOOK|DSN|SALT|COOKIE", re.I)
PLACEHOLDER = re.compile(
    r"example|sample|your|change.?me|placeholder|dummy|redacted|insert|replace|x{4,}|\*{3,}|\.{3}|…|1234567", re.I
)
TO_FILL_IN = ("$", "{", "<", "&", "%", "[")  # how a text begins that stands for a password
WELL_KNOWN = re.compile(
    r"pass(?:word|wd)?|pwd|contraseña|clave|secret[oa]?|token|user|usuario|test|tu[-_]\w+|my[-_]?\w*|mi[-_]\w+", re.I
)
IN_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]{1,20}://[^\s/:@\"'<>`\\]{0,64}:([^\s/@\"'<>`\\]{3,128})@[\w.-]+", re.I)
ASSIGNED = re.compile(
    r"(?:api[_-]?key|secret(?:[_-]?key)?|access[_-]?token|auth[_-]?token|passwo?r?d|contraseña)[\"']?\s*[:=]\s*"
    r"[\"']([^\"'\s]{12,200})[\"']",
    re.I,
)


@dataclass(frozen=True)
class Shape:
    """What a kind of key looks like. It begins with one of `begins`, or has one somewhere `inside`."""

    name: str
    begins: tuple[str, ...]
    pattern: str
    inside: bool = False

    @property
    def compiled(self) -> re.Pattern[bytes]:
        return _compiled(self.pattern)

    def find(self, content: bytes) -> Iterator[re.Match[bytes]]:
        """Every such key: looked for where a beginning stands, which is much faster than everywhere."""
        seen = -1
        for position in sorted(at for begin in self.begins for at in _everywhere(content, begin.encode())):
            if self.inside:
                found = self.compiled.search(content, max(seen, position - 100, 0), position + 600)
            else:
                found = self.compiled.match(content, position)
            if found and found.start() > seen:
                seen = found.end()
                yield found


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[bytes]:
    return re.compile(rb"(?<![A-Za-z0-9_-])(?:" + pattern.encode() + rb")(?![A-Za-z0-9])")


PEM = r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----[\s\\nr\"',:A-Za-z0-9=.-]{0,300}?[A-Za-z0-9+/]{40,}"
SHAPES = (
    Shape("an Anthropic API key", ("sk-ant-",), r"sk-ant-[\w-]{24,}"),
    Shape("an OpenRouter API key", ("sk-or-",), r"sk-or-v1-[0-9a-f]{40,}"),
    Shape("an OpenAI API key", ("sk-",), r"sk-(?:proj|svcacct|admin|None)-[\w-]{32,}|sk-[A-Za-z0-9]{32,}"),
    Shape("a Google API key", ("AIza",), r"AIza[\w-]{35}"),
    Shape("a Google API key", ("AQ.",), r"AQ\.[\w-]{40,}"),
    Shape("a Google OAuth secret", ("GOCSPX-", "ya29."), r"GOCSPX-[\w-]{28}|ya29\.[\w-]{30,}"),
    Shape("a Hugging Face token", ("hf_", "api_org_"), r"hf_[A-Za-z0-9]{30,}|api_org_[A-Za-z0-9]{30,}"),
    Shape("a GitHub token", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), r"gh[pousr]_[A-Za-z0-9]{36,}"),
    Shape("a GitHub token", ("github_pat_",), r"github_pat_\w{50,}"),
    Shape("a GitLab token", ("glpat-",), r"glpat-[\w-]{20,}"),
    Shape("an AWS access key", ("AKIA", "ASIA"), r"(?:AKIA|ASIA)[0-9A-Z]{16}"),
    Shape("a Slack token", ("xox",), r"xox[abeoprs]-[A-Za-z0-9-]{16,}"),
    Shape("a Slack webhook", ("https://hooks.slack.com/",), r"https://hooks\.slack\.com/services/T\w+/B\w+/\w{16,}"),
    Shape("a Discord webhook", ("discord",), r"discord(?:app)?\.com/api/webhooks/\d+/[\w-]{30,}"),
    Shape("a Telegram bot token", (":AA",), r"\d{8,10}:AA[\w-]{33}", inside=True),
    Shape("a Stripe key", ("sk_live_", "rk_live_"), r"[sr]k_live_[A-Za-z0-9]{20,}"),
    Shape("a Groq API key", ("gsk_",), r"gsk_[A-Za-z0-9]{40,}"),
    Shape("an xAI API key", ("xai-",), r"xai-[A-Za-z0-9]{40,}"),
    Shape("a Replicate token", ("r8_",), r"r8_[A-Za-z0-9]{37}"),
    Shape("a Perplexity API key", ("pplx-",), r"pplx-[A-Za-z0-9]{40,}"),
    Shape("an NVIDIA API key", ("nvapi-",), r"nvapi-[\w-]{50,}"),
    Shape("a Kaggle token", ("KGAT_",), r"KGAT_[A-Za-z0-9]{30,}"),
    Shape("a PyPI token", ("pypi-",), r"pypi-[\w-]{60,}"),
    Shape("an npm token", ("npm_",), r"npm_[A-Za-z0-9]{36}"),
    Shape("a SendGrid key", ("SG.",), r"SG\.[\w-]{22}\.[\w-]{43}"),
    Shape("a private key", ("PRIVATE KEY",), PEM, inside=True),
)  # fmt: skip


@dataclass(frozen=True)
class Known:
    """A secret of an `.env` file: who names it, and how it may be written."""

    name: str
    value: str

    @property
    def writings(self) -> set[bytes]:
        escaped = json.dumps(self.value)[1:-1], json.dumps(self.value, ensure_ascii=False)[1:-1]
        writings = {
            self.value,
            html.escape(self.value),
            html.escape(self.value, quote=False),
            quote(self.value),
            *escaped,
        }
        return {writing.encode() for writing in writings}


def look(subject: Subject) -> Iterator[Finding]:
    """The diary's own files first; of the printed pages, what comes from none of them."""
    known = read_env(subject.folder)
    seen: set[str] = set()
    for path in _own(subject):
        for finding, secret in in_file(path, known):
            seen.add(secret)
            yield finding
    if subject.site:
        copies = {name for name, page in subject.pages.items() if page.source}
        for path in sorted(subject.site.rglob("*")):
            if path.is_file() and path.relative_to(subject.site).as_posix() not in copies:
                for finding, secret in in_file(path, known):
                    if secret not in seen:
                        seen.add(secret)
                        yield finding


def _own(subject: Subject) -> list[Path]:
    """What is shared with the diary's folder, and what the site copies from anywhere but an installed package."""
    copied = {page.source for page in subject.pages.values() if page.source}
    read = {text.path for text in subject.texts}
    return sorted({*subject.own_files, *read, *copied})


def in_file(path: Path, known: Iterable[Known]) -> Iterator[tuple[Finding, str]]:
    """What is found in a file, with the secret itself so that it is told once."""
    is_text = path.suffix.lower() in TEXTS or path.name.startswith(".")
    told: set[tuple[int, str]] = set()
    for start_line, content in _chunks(path):
        for kind, position, what, secret in [*_certain(content, known), *(_likely(content) if is_text else ())]:
            line = start_line + content.count(b"\n", 0, position) if is_text else 0
            if (line, what) not in told:
                told.add((line, what))
                yield Finding(kind, path, line, f"this is {what}.", CURE), secret
    if not is_text:
        yield from _in_metadata(path, known)


def _chunks(path: Path) -> Iterator[tuple[int, bytes]]:
    """A file in pieces that overlap, each with the line on which it begins."""
    line = 1
    try:
        with path.open("rb") as file:
            content = file.read(CHUNK)
            while content:
                yield line, content
                kept = content[-OVERLAP:] if len(content) > OVERLAP else b""
                more = file.read(CHUNK)
                line += content.count(b"\n", 0, len(content) - len(kept))
                content = kept + more if more else b""
    except OSError:
        return


def _certain(content: bytes, known: Iterable[Known]) -> Iterator[tuple[str, int, str, str]]:
    taken: list[tuple[int, int]] = []
    for one in known:
        for writing in one.writings:
            for position in _occurrences(content, writing):
                taken.append((position, position + len(writing)))
                yield "secret", position, f"the value of {one.name} in .env", one.value
    for shape in SHAPES:
        for found in shape.find(content):
            text = found[0].decode("ascii", "replace")
            overlaps = any(start < found.end() and found.start() < end for start, end in taken)
            if not overlaps and (shape.pattern == PEM or not is_placeholder(text)):
                taken.append(found.span())
                yield "secret", found.start(), shape.name, text
    for start, password in _in_addresses(content):
        if not any(first <= start < last for first, last in taken):
            yield "secret", start, "a password in an address", password


def _in_addresses(content: bytes) -> Iterator[tuple[int, str]]:
    for position in _everywhere(content, b"://"):
        start = max(0, position - 20)
        around = content[start : position + 220]
        if b"@" not in around:
            continue
        matches = IN_ADDRESS.finditer(around.decode("latin-1"))
        found = next((one for one in matches if one.start() <= position - start < one.end()), None)
        if found and not is_placeholder(found[1]) and not WELL_KNOWN.fullmatch(found[1]):
            yield position, found[1]


def _everywhere(content: bytes, wanted: bytes) -> Iterator[int]:
    position = content.find(wanted)
    while position >= 0:
        yield position
        position = content.find(wanted, position + len(wanted))


def _likely(content: bytes) -> Iterator[tuple[str, int, str, str]]:
    """Texts in quotes behind a name such as `password`, and signed tokens: often an example, so only a warning."""
    for start, text in _decoded(content, rb"eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"):
        yield "possible-secret", start, "a signed token (JWT)", text
    lowered = content.lower()
    if any(word in lowered for word in (b"key", b"secret", b"token", b"passw", b"contrase")):
        text = content.decode("utf-8", "surrogateescape")
        for found in ASSIGNED.finditer(text):
            if not is_placeholder(found[1]) and _is_random(found[1]) and not _is_known_shape(found[1]):
                position = len(text[: found.start()].encode("utf-8", "surrogateescape"))
                yield "possible-secret", position, "perhaps a password or a key", found[1]


def _decoded(content: bytes, pattern: bytes) -> Iterator[tuple[int, str]]:
    for found in re.finditer(pattern, content):
        yield found.start(), found[0].decode("utf-8", "replace")


def _occurrences(content: bytes, wanted: bytes) -> Iterator[int]:
    """Where a value stands, short ones only as whole words."""
    for position in _everywhere(content, wanted):
        around = content[max(position - 1, 0) : position] + content[position + len(wanted) : position + len(wanted) + 1]
        if len(wanted) >= 16 or not re.search(rb"[A-Za-z0-9]", around):
            yield position


def is_placeholder(text: str) -> bool:
    """True for what stands in documents where a key goes: words such as `your-key`, the same few letters."""
    return (
        text.startswith(TO_FILL_IN)
        or bool(PLACEHOLDER.search(text))
        or (len(text) >= 16 and len(set(text.lower())) < 10)
    )


def _is_random(text: str) -> bool:
    """True when a text has digits and letters in no order that words have."""
    counts = Counter(text)
    bits = -sum(count / len(text) * math.log2(count / len(text)) for count in counts.values())
    return bits > 3.2 and bool(re.search(r"\d", text)) and bool(re.search(r"[A-Za-z]", text)) and "/" not in text


def _is_known_shape(text: str) -> bool:
    return any(shape.compiled.search(text.encode()) for shape in SHAPES)


# -- .env --------------------------------------------------------------------------------------------------------------


def read_env(folder: Path) -> list[Known]:
    """The secrets in the `.env` files of the diary and of the folders around it, up to the repository's top."""
    found: dict[str, Known] = {}
    for place in _places(folder):
        for path in sorted(place.glob(".env*")):
            if path.is_file() and not path.name.endswith((".example", ".sample", ".template")):
                for name, value in _entries(path.read_text(encoding="utf-8", errors="replace")):
                    if _is_secret(name, value):
                        found.setdefault(value, Known(name, value))
    return list(found.values())


def _places(folder: Path) -> Iterator[Path]:
    folder = folder.resolve()
    yield folder
    for parent in folder.parents:
        if (folder / ".git").exists() or parent == Path.home():
            return
        yield parent
        if (parent / ".git").exists():
            return


def _entries(text: str) -> Iterator[tuple[str, str]]:
    """`NAME=value` lines, with `export` and quotes or without; a value in quotes may go over several lines."""
    lines = iter(text.replace("\r\n", "\n").split("\n"))
    for line in lines:
        found = re.match(r"[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*=[ \t]*(.*)", line)
        if not found:
            continue
        name, value = found[1], found[2]
        mark = value[:1]
        if mark in ("'", '"') and value:
            while _closing(value, mark) < 0 and (more := next(lines, None)) is not None:
                value += "\n" + more
            end = _closing(value, mark)
            yield name, value[1 : end if end > 0 else len(value)]
        else:
            yield name, re.split(r"(?:^|[ \t])#", value, maxsplit=1)[0].strip()


def _closing(value: str, mark: str) -> int:
    """Where the quote that opens a value is closed; -1 where it is not."""
    position = value.find(mark, 1)
    while position > 0 and mark == '"' and value[position - 1] == "\\":
        position = value.find(mark, position + 1)
    return position


def _is_secret(name: str, value: str) -> bool:
    if len(value) < 6 or re.fullmatch(r"true|false|none|null|[\d.]+", value, re.I):
        return False
    if PLACEHOLDER.search(value) or value.startswith(("${", "<")):
        return False
    if NAMES_A_SECRET.search(name) and not re.fullmatch(r"https?://[^@\s]*|/\S*", value):
        return True
    return bool(IN_ADDRESS.search(value)) or (len(value) >= 20 and not re.search(r"\s|/", value) and _is_random(value))


# -- inside pictures ---------------------------------------------------------------------------------------------------


def _in_metadata(path: Path, known: Iterable[Known]) -> Iterator[tuple[Finding, str]]:
    """The texts in a picture that are packed, so that its bytes do not show them."""
    if path.suffix.lower() not in (".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif", ".tif", ".tiff"):
        return
    from PIL import Image

    try:
        with Image.open(path) as picture:
            said = [value for value in picture.info.values() if isinstance(value, str | bytes)]
            said += [value for value in picture.getexif().values() if isinstance(value, str | bytes)]
    except Exception:  # a damaged picture raises whatever its reader stumbles over
        return
    content = b"\n".join(value.encode(errors="replace") if isinstance(value, str) else value for value in said)
    raw = path.read_bytes()
    for kind, _, what, secret in _certain(content, known):
        if secret.encode() not in raw:
            yield Finding(kind, path, 0, f"the metadata of this picture hold {what}.", CURE), secret
