"""What a post's page shows of the comments before any script runs: nothing when they are off."""

from typing import Any
from urllib.parse import quote

from cuaderno.diary.settings import Settings
from cuaderno.lab.errors import CuadernoError

HOW = 'Comments are not mounted in this diary. Write into cuaderno.toml:\n\n[comments]\nkind = "isso"'
# What Isso says in words of ours; its own catalogue has the rest.
OF_ISSO = {
    "postbox-text": "comments_field",
    "postbox-email": "comments_email",
    "postbox-website": "comments_website",
    "postbox-submit": "comments_send",
    "no-comments": "comments_none",
    "num-comments": "comments_count",
    "comment-anonymous": "comments_nobody",
    "comment-delete": "comments_delete",
    "comment-confirm": "desk_really",
    "comment-deleted": "comments_deleted",
    "comment-queued": "comments_queued",
    "comment-hidden": "comments_hidden",
}
NEWS = ("failed", "loading", "sent", "waiting", "many", "long", "full", "refused", "offline", "edited", "short",
        "long_name", "bad_email", "bad_website")  # fmt: skip


def address(settings: Settings) -> str:
    """The path below which comments live on the site's host, with a slash at both ends.

    Raises:  CuadernoError when the diary has none there.
    """
    if settings.comments is None or not settings.comments.mounted:
        raise CuadernoError(HOW)
    return settings.base + settings.comments.address.lstrip("/")


def values(settings: Settings, words: dict[str, str], lang: str, thread: str, title: str) -> dict[str, Any]:
    """What `parts/comments.html` needs."""
    comments = settings.comments
    assert comments
    giscus = [("repo", comments.repo), ("repo-id", comments.repo_id), ("category", comments.category),
              ("category-id", comments.category_id)] if comments.kind == "giscus" else []  # fmt: skip
    return {
        "comments": comments,
        "thread": thread,
        "title": title,
        "address": where(settings),
        "plain": plain(settings, lang, thread),
        "asks": comments.kind == "giscus" and comments.ask,
        "giscus": giscus,
        "words": {
            "isso": {name: words[key] for name, key in OF_ISSO.items()},
            "news": {name: words[f"comments_{name}"] for name in NEWS},
        },
    }


def where(settings: Settings) -> str:
    """The address of Isso, here or elsewhere; empty for giscus."""
    comments = settings.comments
    assert comments
    if comments.kind == "giscus":
        return ""
    return address(settings) if comments.mounted else comments.address


def plain(settings: Settings, lang: str, thread: str) -> str:
    """Where a reader without scripts finds the thread."""
    comments = settings.comments
    assert comments
    if comments.kind == "giscus":
        return f"https://github.com/{comments.repo}/discussions"
    found = "thread" if comments.mounted else ""
    return f"{where(settings)}{found}?uri={quote(thread, safe='')}" + (f"&lang={lang}" if comments.mounted else "")
