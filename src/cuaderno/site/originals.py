"""What a post said before it was corrected, beside what it says now; and how posts are corrected here."""

from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from cuaderno.diary import front_matter
from cuaderno.diary.posts import Post
from cuaderno.diary.progress import corrected, original_path
from cuaderno.diary.proofreading.originals import Marks, compared, words_compared
from cuaderno.diary.proofreading.prompts import AGAIN, Prompt, read_prompt, used_prompts
from cuaderno.diary.proofreading.record import Record, read_record, record_name
from cuaderno.lab.errors import CuadernoError
from cuaderno.site.page import file_state

if TYPE_CHECKING:
    from cuaderno.site.edition import Edition

PATH = "proofreading/"


@dataclass(frozen=True)
class Correction:
    """What a post said before it was corrected, and whether it says something else now."""

    text: str
    differs: bool


@dataclass(frozen=True)
class First:
    """The first version of a post next to the present one, in HTML."""

    title: Markup
    description: Markup
    body: Markup


def state(post: Post) -> tuple | None:
    """What changes with the first version of a post and with what is known of its correction."""
    original = file_state(original_path(post))
    return (original, file_state(post.home / record_name(post.lang))) if original else None


def correction(post: Post) -> Correction | None:
    """The first version of a post; None when it was not corrected."""
    if not corrected(post):
        return None
    text = original_path(post).read_bytes().decode("utf-8-sig", "replace").replace("\r\n", "\n")
    return Correction(text, text.rstrip() != post.text.rstrip())


def values(edition: "Edition", post: Post, found: Correction) -> dict:
    """What the page of a first version is printed from.

    Raises:  CuadernoError when the record of the correction cannot be read.
    """
    record = read_record(post.home / record_name(post.lang)) or Record()
    return {"post": post, "record": record, "first": first(edition, post, found.text)}


def first(edition: "Edition", post: Post, original: str) -> First:
    """The two versions in one; what was taken out is in `del`, what was put in is in `ins`."""
    title, description, body = _read(original, post.path)
    marks = Marks.for_texts(original, post.text)

    def shown(old: str, new: str) -> Markup:
        return Markup(marks.html(str(escape(words_compared(old, new, marks)))))

    return First(
        shown(title, post.title),
        shown(description, post.description) if description else Markup(),
        Markup(marks.html(_printed(edition, post, compared(body, post.body, marks)))),
    )


def _read(original: str, path: Path) -> tuple[str, str, str]:
    """Title, description and body of a first version, even when its head cannot be read."""
    try:
        fields = front_matter.read(original, path)
    except CuadernoError:
        return "", "", original[front_matter.split(original)[1] :]
    return fields.get("title", ""), fields.get("description", ""), original[fields["start"] :]


def _printed(edition: "Edition", post: Post, text: str) -> str:
    """The HTML of both versions in one. What is wrong in it the page of the post tells; here nobody hears of it."""
    from cuaderno.site.edition import Assets

    quiet = copy(edition)
    quiet.problems, quiet.warnings = [], []
    assets = Assets(quiet, post.path, f"posts/{post.slug}/", post.lang)
    return quiet.prose(text, post.path, post.line, post.lang, assets.link, assets.image, post.runs)


# -- the prompt --------------------------------------------------------------------------------------------------------


def prompt_state(edition: "Edition") -> list:
    """What changes when a prompt does."""
    folder = edition.diary.folder / "prompts"
    files = [*folder.glob("proofread*.md"), *folder.glob("used/proofread-*.md")] if folder.is_dir() else []
    return sorted((path.name, file_state(path)) for path in files)


def how(edition: "Edition", lang: str) -> dict:
    """What the page about correction is printed from: the prompts that were used, else those that would be."""
    used = {prompt.digest: prompt for prompt in used_prompts(edition.diary.folder)}
    prompts = list((used or _present(edition)).values())
    return {"title": edition.words(lang)["proofreading_title"], "prompts": prompts, "again": AGAIN}


def _present(edition: "Edition") -> dict[str, Prompt]:
    found = [read_prompt(edition.diary.folder, lang) for lang in edition.languages]
    return {prompt.digest: prompt for prompt in reversed(found)}
