"""One edition of the site: the diary, its runs and its addresses together, and how texts and parts are printed."""

import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from markupsafe import Markup

from cuaderno import studies
from cuaderno.diary.dates import spell_date
from cuaderno.diary.diary import Diary
from cuaderno.diary.posts import Post
from cuaderno.diary.progress import Progress
from cuaderno.diary.sheets import Prose
from cuaderno.diary.translating.memory import sidecar_name
from cuaderno.diary.translating.translation import Paragraph, Translation, home, of_post
from cuaderno.lab.errors import CuadernoError, nearest
from cuaderno.site import numbers
from cuaderno.site.addresses import Addresses
from cuaderno.site.page import file_state
from cuaderno.site.posters import safe_svg
from cuaderno.site.runs import Cited, Records
from cuaderno.site.studies import Card
from cuaderno.site.words import TEXT

HERE = Path(__file__).parent
CODE = (HERE, HERE.parent / "diary", HERE.parent / "lab" / "metrics.py")
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".svg")


class Edition:
    """All that a page may ask for. `memory` keeps what was learnt of texts between builds."""

    def __init__(self, folder: Path, memory: dict[str, Any], drafts: bool = False):
        self.diary = Diary.open(folder, memory)
        self.settings = self.diary.settings
        self.drafts = drafts
        self.addresses = Addresses(self.settings)
        self.records = Records(self.diary.records)
        self.problems: list[CuadernoError] = list(self.diary.problems)
        self.warnings: list[str] = []
        self.posts = [post for post in self.diary.posts if post.published or drafts]
        self._post = {(post.slug, post.lang): post for post in self.posts}
        self._bodies: dict[tuple[str, str], str] = {}
        self._translations: dict[tuple[str, str], Translation | None] = {}
        self.progress = self._measured()
        self._check_portfolio()

    def _measured(self) -> Progress | None:
        """How far the journey has come, when the diary has one; what it says wrongly is a problem of the diary."""
        if self.diary.journey is None:
            return None
        runs, posts = [cited.run for cited in self.records.all], self.diary.posts
        progress = Progress(self.diary.journey, runs, posts, self._declared, studies.names())
        self.problems += progress.faults
        return progress

    def _declared(self, study: str) -> list[str]:
        """The metrics that an installed study says it measures."""
        try:
            return list(self.records.study(study).labels)
        except CuadernoError:
            return []

    def _check_portfolio(self) -> None:
        """What portfolio and reading list say wrongly is a problem of the diary, what they lack is told."""
        if self.diary.portfolio:
            from cuaderno.site import portfolio

            self.problems += portfolio.faults(self)
        for found in (self.diary.portfolio, self.diary.reading):
            self.warnings += found.lacks if found else ()

    @cached_property
    def _by_path(self) -> dict[str, Post]:
        return {os.path.abspath(post.path): post for post in self.posts}  # noqa: PTH100 - resolve() is slow

    @cached_property
    def versions(self) -> dict[str, list[str]]:
        """The digests of each post's texts, drafts too."""
        found: dict[str, list[str]] = {}
        for post in self.diary.posts:
            found.setdefault(post.slug, []).append(post.digest)
        return found

    def linked(self, text: Path, href: str) -> Post | None:
        """The post whose file a link in a text names."""
        return self._by_path.get(os.path.abspath(text.parent / unquote(href)))  # noqa: PTH100

    # -- what there is -------------------------------------------------------------------------------------------------

    @property
    def languages(self) -> tuple[str, ...]:
        return self.settings.languages

    @property
    def reads(self) -> bool:
        """Whether there is a reading list to show."""
        return bool(self.diary.reading and self.diary.reading.entries)

    def words(self, lang: str) -> dict[str, str]:
        return TEXT[lang]

    def post(self, slug: str, lang: str) -> Post | None:
        return self._post.get((slug, lang))

    def listed(self, lang: str) -> list[Post]:
        """What a reader of one language is shown, newest first: their own posts, and those nobody translated yet."""
        return [post for post in self.posts if post.lang == lang or (post.slug, lang) not in self._post]

    # -- translations --------------------------------------------------------------------------------------------------

    def sidecar(self, post: Post) -> Path | None:
        """The memory of a translation, when it has one."""
        path = home(post, self.diary.folder / "posts") / sidecar_name(post.lang)
        return path if path.is_file() else None

    def translation(self, post: Post) -> Translation | None:
        """How far a translated post is, when a sidecar remembers what it was made from."""
        key = post.slug, post.lang
        if key not in self._translations:
            found = None
            try:
                found = of_post(self.diary, post.slug) if self.sidecar(post) else None
            except CuadernoError as error:
                self.problems.append(error)
            known = found and found.lang == post.lang and found.has_sidecar and self.post(post.slug, found.source.lang)
            self._translations[key] = found if known else None
        return self._translations[key]

    def behind(self, post: Post) -> list[Paragraph]:
        """The paragraphs of a translated post that are missing or older than their source."""
        translation = self.translation(post)
        return translation.behind if translation else []

    def title_lang(self, post: Post) -> str:
        """The language of a post's title: its source's while nobody has translated it."""
        translation = self.translation(post)
        return translation.source.lang if translation and translation.has_lent_title else post.lang

    def widget_of(self, post: Post) -> Cited | None:
        """The run whose live model a post shows, when it has a picture."""
        if not post.widget:
            return None
        try:
            cited = self.records.resolve(post.widget, post.runs)
        except CuadernoError:
            return None
        return cited if cited.poster else None

    def study_names(self) -> list[str]:
        """Installed studies and those of kept runs; studies with a run first, the newest foremost."""
        with_runs = list(dict.fromkeys(cited.run.study for cited in self.records.all))
        return with_runs + [name for name in studies.names() if name not in with_runs]

    # -- identities of what goes into a page ---------------------------------------------------------------------------

    @cached_property
    def digest(self) -> str:
        """Changes with the code, the templates, the words and the settings: everything that every page depends on."""
        files = [path for top in CODE for path in (sorted(top.rglob("*")) if top.is_dir() else [top])]
        content = [(path.name, path.read_bytes()) for path in files if path.is_file() and path.suffix != ".pyc"]
        menu = self.progress is not None, bool(self.diary.portfolio), self.reads
        return digest(content, self.settings, self.drafts, menu)

    @cached_property
    def journey_state(self) -> str:
        """Changes when anything that is shown of the journey may have changed."""
        if self.progress is None:
            return ""
        runs = [cited.digest for cited in self.records.all]
        posts = [(post.slug, post.lang, post.title, post.date, post.published) for post in self.diary.posts]
        return digest(self.diary.journey, self.progress.state, runs, posts)

    @cached_property
    def cited(self) -> dict[tuple[str, str], list[str]]:
        """The works that each post cites, by slug and language; posts without any are left out."""
        from cuaderno.site.reading import cited_keys

        found = {(post.slug, post.lang): cited_keys(self, post.text) for post in self.posts}
        return {post: keys for post, keys in found.items() if keys}

    @cached_property
    def marks(self) -> dict[str, str]:
        """The letters that tell works of the same people and year apart, among those that a page may show."""
        from cuaderno.site import citations

        if (reading := self.diary.reading) is None:
            return {}
        shown = {entry.key: entry.reference for entry in reading.entries}
        shown |= {key: reading.find(key) for keys in self.cited.values() for key in keys}
        return citations.marks(shown.values())

    @cached_property
    def reading_state(self) -> str:
        """Changes when anything that is shown of the reading list, or cited, may have changed."""
        if self.diary.reading is None:
            return ""
        from cuaderno.site.reading import pictures

        return digest(self.diary.reading, self.marks, [(name, file_state(path)) for path, name in pictures(self)])

    @cached_property
    def bound_state(self) -> str:
        """Changes when anything that a text may be bound to has changed: runs, posts, the journey, the reading list."""
        runs = [cited.digest for cited in self.records.all]
        shown = ("slug", "lang", "title", "date", "tags", "published", "widget")
        posts = [[getattr(post, name) for name in shown] for post in self.posts]
        return digest(runs, posts, self.journey_state, self.reading_state)

    @cached_property
    def portfolio_state(self) -> str:
        """Changes when anything that is shown of the portfolio may have changed."""
        from cuaderno.site.portfolio import pictures

        if self.diary.portfolio is None:
            return ""
        return digest(self.diary.portfolio, [(name, file_state(path)) for path, name in pictures(self)])

    @cached_property
    def version(self) -> dict[str, str]:
        """A short mark per static file, so that a changed one is loaded anew."""
        return {path.name: digest(path.read_bytes())[:8] for path in self.static_files}

    @cached_property
    def static_files(self) -> list[Path]:
        """The site's own styles and scripts; those of comments only where there are any."""
        of_comments = HERE / "comments" / "web"
        folders = [HERE / "static", *([of_comments] if self.settings.comments else [])]
        return [path for folder in folders for path in sorted(folder.iterdir()) if path.is_file()]

    # -- printing ------------------------------------------------------------------------------------------------------

    @cached_property
    def templates(self) -> Any:
        """The templates, with the few filters they need."""
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        from cuaderno.site.compiled import Compiled

        environment = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True, auto_reload=False,
            bytecode_cache=Compiled(self.diary.folder / ".cache" / "templates"),
        )  # fmt: skip
        environment.globals |= {"site": self, "settings": self.settings, "href": self.addresses.page,
                                "shared": self.addresses.shared, "whole": self.addresses.whole,
                                "static": self.static, "numbers": numbers}  # fmt: skip
        environment.filters |= {"day": spell_date, "tag_slug": tag_slug}
        return environment

    @cached_property
    def _parts(self) -> dict[str, Any]:
        return {}

    def part(self, name: str, lang: str, **values: Any) -> Markup:
        """One piece of a page from `templates/parts/`."""
        template = self._parts.get(name) or self._parts.setdefault(
            name, self.templates.get_template(f"parts/{name}.html")
        )
        return Markup(template.render(lang=lang, t=TEXT[lang], **values).strip())

    def static(self, name: str) -> str:
        return self.addresses.shared(f"static/{name}?v={self.version[name]}")

    def poster(self, cited: Cited, lang: str) -> Markup:
        """The still picture of a run's model, ready to stand in the page."""
        label = f"{cited.study.card(lang).title}. {TEXT[lang]['still']}"
        return Markup(safe_svg(cited.poster or "", label) or "")

    def comments(self, lang: str, thread: str, title: str) -> Markup:
        """The place for readers' comments below a post."""
        from cuaderno.site.comments.section import values

        return self.part("comments", lang, **values(self.settings, TEXT[lang], lang, thread, title))

    def body(self, post: Post) -> Markup:
        """The HTML of a post, printed once. Its faults go to `problems`."""
        if (post.slug, post.lang) not in self._bodies:
            assets = Assets(self, post.path, f"posts/{post.slug}/", post.lang)
            text, lent = self._lent(post) if self.behind(post) else (post.body, None)
            self._bodies[post.slug, post.lang] = self.prose(
                text, post.path, post.line, post.lang, assets.link, assets.image, post.runs, lent
            )
        return Markup(self._bodies[post.slug, post.lang])

    def _lent(self, post: Post) -> tuple[str, Any]:
        """The text of a translation with the paragraphs it lacks in the language of its source."""
        from cuaderno.site.markdown import Lent

        translation = self.translation(post)
        assert translation
        source, lines = translation.source, translation.lent()
        places, lent = [], set()
        for number, line in enumerate(lines, post.line):
            origin = source if line.lent else post
            places.append((shown_path(origin.path), origin.line + line.at))
            if line.lent:
                lent.add(number)
        words = TEXT[source.lang]
        text = "\n".join(line.text for line in lines)
        return text, Lent(post.line, tuple(places), frozenset(lent), source.lang, words)

    def card_body(self, card: Card) -> Markup:
        """The HTML of a study's card; links into its folder become plain text, or lead to the repository."""
        name = card.path.parent.name
        assets = Assets(self, card.path, f"studies/{name}/", card.lang)
        return Markup(self.prose(card.body, card.path, card.line, card.lang, assets.code_link, assets.image, {}))

    def prose(
        self,
        text: str,
        path: Path,
        line: int,
        lang: str,
        link: Callable,
        image: Callable,
        names: dict,
        lent: Any = None,
    ) -> str:
        """Any Markdown of the diary as HTML, with the list of what it cites."""
        from cuaderno.site import reading
        from cuaderno.site.markdown import render

        context = self.context(path, line, lang, link, image, names, lent)
        return render(text, context) + str(reading.references(self, context))

    def context(
        self,
        path: Path,
        line: int,
        lang: str,
        link: Callable | None = None,
        image: Callable | None = None,
        names: dict | None = None,
        lent: Any = None,
    ) -> Any:
        """What the printing of a text needs to know of the site. Links and pictures are sought beside the text."""
        from cuaderno.site import journey, results
        from cuaderno.site.markdown import Context

        assets = Assets(self, path, "", lang)
        return Context(
            shown_path(path), line, lang, TEXT[lang],
            role=lambda *found: results.role(self, *found), directive=lambda *found: results.directive(self, *found),
            link=link or assets.link, image=image or assets.image, reached=lambda name: journey.reached(self, name),
            names=names or {}, problems=self.problems, warnings=self.warnings, lent=lent,
        )  # fmt: skip

    def passage(self, context: Any, prose: Prose, lang: str) -> Markup:
        """One of several texts of a page, in the reader's language when it was written in it."""
        from cuaderno.site.markdown import render

        spoken = prose.for_reader(lang)
        of_text = replace(context, line=prose.lines[spoken], lang=spoken, words=TEXT[spoken])
        return Markup(render(prose.texts[spoken], of_text, part=str(next(context.count))))

    def about(self, lang: str) -> tuple[str, Markup, str]:
        """Title, HTML and language of the about page: the other one's where it was not translated."""
        spoken = next((code for code in (lang, *self.languages) if self.diary.about(code)), lang)
        path = self.diary.about(spoken)
        fields: dict[str, Any] = {"start": 0}
        text, fields = self._about(path) if path else (TEXT[lang]["about_text"], fields)
        where = path or Path("about")
        assets = Assets(self, where, "about/", spoken)
        line = text.count("\n", 0, fields["start"]) + 1
        names = fields.get("runs", {})
        html = self.prose(text[fields["start"] :], where, line, spoken, assets.link, assets.image, names)
        return fields.get("title", TEXT[spoken]["about_title"]), Markup(html), spoken

    def _about(self, path: Path) -> tuple[str, dict[str, Any]]:
        from cuaderno.diary import front_matter

        try:
            text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError:
            raise CuadernoError(f"{shown_path(path)}:1: this is not UTF-8 text. Save the file as UTF-8.") from None
        return text, front_matter.read(text, path)


class Assets:
    """Links and pictures of one text: checked, sized, and led to where they will lie."""

    def __init__(self, edition: Edition, path: Path, home: str, lang: str):
        self.edition, self.path, self.home, self.lang = edition, path, home, lang

    def link(self, context: Any, href: str) -> str | None:
        """The address behind a link: other posts by their file, the site's own pages by their path."""
        parts = urlsplit(href)
        if parts.scheme or parts.netloc or not parts.path:
            return href
        if parts.path.startswith("/"):
            return self.edition.addresses.base + href[1:]
        if not parts.path.endswith(".md"):
            return href
        post = self.edition.linked(self.path, parts.path)
        if post is None:
            known = [os.path.relpath(post.path, self.path.parent).replace(os.sep, "/") for post in self.edition.posts]
            raise CuadernoError(f"the link '{href}' leads to no post.{nearest(parts.path, known)}")
        fragment = f"#{parts.fragment}" if parts.fragment else ""
        return self.edition.addresses.page(post.lang, f"posts/{post.slug}/") + fragment

    def code_link(self, context: Any, href: str) -> str | None:
        """A link of a study's card: into the repository when the diary names one, else no link."""
        parts = urlsplit(href)
        if parts.scheme or parts.netloc or not parts.path:
            return href
        repository = self.edition.settings.repository.rstrip("/")
        study = self.path.parent.name
        return f"{repository}/blob/main/src/cuaderno/studies/{study}/{href}" if repository else ""

    def image(self, context: Any, src: str) -> dict[str, str]:
        """The attributes of a picture: its address, its size, loaded when it comes into view."""
        attributes = {"loading": "lazy", "decoding": "async"}
        if urlsplit(src).scheme or src.startswith(("//", "data:")):
            return attributes
        path = self.path.parent / asset_source(src)
        if src.startswith("/") or not path.is_file():
            beside = [item.name for item in self.path.parent.iterdir() if item.suffix.lower() in PICTURES]
            raise CuadernoError(f"there is no picture '{src}' beside the text.{nearest(src, beside)}")
        return {"src": self.place(src)} | attributes | picture_size(path)

    def place(self, src: str) -> str:
        """The address at which a picture beside the text will lie."""
        return self.edition.addresses.page(self.lang, self.home + asset_name(src))


def asset_source(src: str) -> str:
    """The file that a picture's address means, relative to the text."""
    return unquote(urlsplit(src).path)


def asset_name(src: str) -> str:
    """Where a picture lies below its post: its path, without a way out of it."""
    return "/".join(part for part in asset_source(src).split("/") if part not in ("", ".", ".."))


def picture_size(path: Path) -> dict[str, str]:
    """Width and height in pixels, so that nothing jumps while the page loads; empty when the file does not say."""
    if path.suffix.lower() == ".svg":
        found = re.search(r"viewBox\s*=\s*['\"]\s*\S+\s+\S+\s+([\d.]+)\s+([\d.]+)", path.read_text(errors="replace"))
        return {"width": f"{float(found[1]):.0f}", "height": f"{float(found[2]):.0f}"} if found else {}
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as picture:
            return {"width": str(picture.width), "height": str(picture.height)}
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError) as error:
        raise CuadernoError(f"the picture '{path.name}' cannot be read. Save it again as PNG, JPEG or WebP.") from error


def shown_path(path: Path) -> Path:
    """A path as a person types it: below the working directory when it is there."""
    try:
        return path.resolve().relative_to(Path.cwd())
    except ValueError:
        return path


def tag_slug(tag: str) -> str:
    """The part of an address that stands for a tag; C, C++ and C# stay apart."""
    return re.sub(r"[^\w]+", "-", tag.lower().replace("+", "-plus").replace("#", "-sharp")).strip("-")


def digest(*parts: Any) -> str:
    """A short mark that changes when any part does."""
    return hashlib.blake2b(repr(parts).encode(errors="replace"), digest_size=10).hexdigest()
