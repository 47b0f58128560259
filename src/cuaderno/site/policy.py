"""The headers that tell a browser what a page of ours may do, so that a comment that slips through can do nothing."""

import base64
import hashlib
import re
from urllib.parse import urlsplit

from cuaderno.diary.settings import Settings

INLINE = re.compile(rb"<script(?![^>]*\ssrc\s*=)[^>]*>(.*?)</script\s*>", re.I | re.S)
GISCUS = "https://giscus.app"


def headers(settings: Settings, html: bytes = b"") -> list[tuple[str, str]]:
    """For a page that was printed (`html`), whose own inline scripts may run, or for anything else."""
    return [
        ("Content-Security-Policy", policy(settings, html)),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "strict-origin-when-cross-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    ]


def policy(settings: Settings, html: bytes = b"") -> str:
    """The content security policy.

    Scripts come from the site itself; what its author wrote into a page runs because its hash is named here. Comments
    come later and from elsewhere, so nothing in them is named. WebAssembly is for the search and the models, blobs are
    for their workers. Pictures and frames of an author may lie on other hosts.
    """
    scripts, styles, answers = ["'self'", "'wasm-unsafe-eval'", *_hashes(html)], [], []
    comments = settings.comments
    if comments and comments.kind == "giscus":
        scripts.append(GISCUS)
        styles.append(GISCUS)
        answers.append(GISCUS)
    elif comments and not comments.mounted:
        parts = urlsplit(comments.address)
        scripts.append(f"{parts.scheme}://{parts.netloc}")
        answers.append(f"{parts.scheme}://{parts.netloc}")
    rules = {
        "default-src": ["'self'"],
        "script-src": scripts,
        "worker-src": ["'self'", "blob:"],
        "style-src": ["'self'", "'unsafe-inline'", *styles],
        "img-src": ["'self'", "data:", "blob:", "https:"],
        "media-src": ["'self'", "data:", "blob:", "https:"],
        "font-src": ["'self'", "data:"],
        "connect-src": ["'self'", "data:", "blob:", *answers],
        "frame-src": ["'self'", "https:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'self'"],
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in rules.items())


def _hashes(html: bytes) -> list[str]:
    found = dict.fromkeys(INLINE.findall(html))
    return [f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'" for script in found]
