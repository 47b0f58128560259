"""What a post said before it was corrected, beside what it says now; and how posts are corrected here."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from markupsafe import Markup, escape

from cuaderno.diary import front_matter
from cuaderno.diary.posts import Post
from cuaderno.diary.proofreading.originals import Marks, compared, words_compared
from cuaderno.diary.proofreading.prompts import Prompt, read_prompt, used_prompts
from cuaderno.diary.proofreading.record import Record
from cuaderno.lab.errors import CuadernoError
from cuaderno.site.edition import Edition, digest
from cuaderno.site.page import Page, file_state
from cuaderno.site.pages import html, in_all, post_state

PATH = "proofreading/"


@dataclass(frozen=True)
class First:
    """The first version of a post next to the present one, in HTML."""

    title: Markup
    description: Markup
    body: Markup


def pages(edition: Edition) -> Iterator[Page]:
    """A page per corrected post, and one that says how it is done; nothing in a diary without corrections."""
    corrected = [post for post in edition.posts if edition.correction(post)]
    for post in corrected:
        correction = edition.correction(post)
        if correction and correction.differs:
            key = digest(edition.digest, post.lang, post_state(edition, post), _twins(edition, post))
            file = edition.addresses.file(post.lang, f"posts/{post.slug}/original/")
            yield Page(file, key, partial(_original, edition, post))
    if corrected:
        folder = edition.diary.folder / "prompts"
        files = [*folder.glob("proofread*.md"), *folder.glob("used/proofread-*.md")] if folder.is_dir() else []
        state = sorted((path.name, file_state(path)) for path in files)
        yield from in_all(edition, PATH, "proofreading.html", state, partial(_how, edition))


def _twins(edition: Edition, post: Post) -> list[str]:
    return [lang for lang in edition.languages if edition.post(post.slug, lang)]


def _original(edition: Edition, post: Post) -> bytes:
    correction = edition.correction(post)
    assert correction
    values = {"post": post, "record": correction.record or Record(), "first": first(edition, post, correction.text)}
    return html(edition, "original.html", post.lang, f"posts/{post.slug}/original/", (), **values)


def first(edition: Edition, post: Post, original: str) -> First:
    """The two versions in one; what was taken out is in `del`, what was put in is in `ins`."""
    title, description, body = _read(original, post.path)
    marks = Marks.for_texts(original, post.text)
    woven = compared(body, post.body, marks)

    def shown(old: str, new: str) -> Markup:
        return Markup(marks.html(str(escape(words_compared(old, new, marks)))))

    return First(
        shown(title, post.title),
        shown(description, post.description) if description else Markup(),
        Markup(marks.html(edition.original_body(post, woven))),
    )


def _read(original: str, path: Path) -> tuple[str, str, str]:
    """Title, description and body of a first version, even when its head cannot be read."""
    try:
        fields = front_matter.read(original, path)
    except CuadernoError:
        return "", "", original[front_matter.split(original)[1] :]
    return fields.get("title", ""), fields.get("description", ""), original[fields["start"] :]


def _how(edition: Edition, lang: str) -> dict:
    used = {prompt.digest: prompt for prompt in used_prompts(edition.diary.folder)}
    return {"title": edition.words(lang)["proofreading_title"], "prompts": list(used.values()) or _present(edition)}


def _present(edition: Edition) -> list[Prompt]:
    prompts: dict[str, Prompt] = {}
    for lang in edition.languages:
        try:
            prompt = read_prompt(edition.diary.folder, lang)
        except CuadernoError as error:
            edition.problems.append(error)
        else:
            prompts.setdefault(prompt.digest, prompt)
    return list(prompts.values())
