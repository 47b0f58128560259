"""What was written and is not in the translation yet: text files in the diary's `.cache/translate/`.

The terminal keeps one for a whole edit, the workbench one for each paragraph that somebody is typing in. All have the
same form; a file is written whole or not at all, and never over what somebody else wrote.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cuaderno.diary.translating.translation import Paragraph, Translation
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.files import disk_errors, write_atomic

BAR = "%%%"
SECTION = re.compile(r"^%%% write (\w+) ([0-9a-f]+|-) .*$", re.M)
AFTER_TEXT = re.compile(r"%%% (?:end\b|write \w|paragraph \d+, |the (?:title|description) in )")
OVER = re.compile(r" over ([0-9a-f]+|-)$")
HEADS = ("title", "description")
ONE = """\
%%% {slug}: {source} → {target}. Typed at the desk and not saved yet. The desk shows it again, and so does the command
%%% `cuaderno translate {slug} --edit` when the paragraph is still to be done.

%%% paragraph {number}, in {source}
{shown}
%%% write {number} {digest} in {target} over {base}
{text}

%%% end
"""


@dataclass(frozen=True)
class Draft:
    """A paragraph as it was being typed. `base` is the digest of the translation it began from, `-` for none."""

    key: str
    source: str
    text: str
    base: str
    path: Path


def folder(diary: Path) -> Path:
    return diary / ".cache" / "translate"


def draft_path(diary: Path, translation: Translation) -> Path:
    """Where an edit lies while it is not in the translation."""
    return folder(diary) / f"{translation.slug}.{translation.lang}.md"


def set_aside(draft: Path) -> Path:
    """Give a file a name that nothing writes to."""
    number = 1
    while (kept := draft.with_suffix(f".kept-{number}.md")).exists():
        number += 1
    with disk_errors(kept):
        draft.rename(kept)
    return kept


# -- the form ----------------------------------------------------------------------------------------------------------


def escape(text: str) -> str:
    """A text none of whose lines can be taken for a line of the form."""
    return re.sub(r"^([ \t]*)(\\*%%%)", r"\1\\\2", text, flags=re.M)


def unescape(text: str) -> str:
    return re.sub(r"^([ \t]*)\\(\\*%%%)", r"\1\2", text, flags=re.M)


def read_form(text: str) -> dict[str, tuple[str, str]]:
    """What was written: digest of the source, or `title` and `description` → its number and the text.

    Raises:  CuadernoError when a line of the form was damaged, or one of the text looks like one.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    found: dict[str, tuple[str, str]] = {}
    marks = list(SECTION.finditer(text))
    begun = [line for line in text.split("\n") if re.match(r"\s*%%%\s*write\b", line)]
    if len(begun) != len(marks):
        broken = next(line for line in begun if not SECTION.fullmatch(line))
        raise CuadernoError(f"this line was changed and cannot be read: {broken.strip()}")
    for mark in marks:
        following = re.compile(rf"^{BAR}.*", re.M).search(text, mark.end())
        if following is None:
            raise CuadernoError(f"its end is missing, after: {mark[0]}")
        if not AFTER_TEXT.match(following[0]):
            raise CuadernoError(f"a line of a text begins with {BAR}, write it as \\{BAR}: {following[0]}")
        key = mark[1] if mark[2] == "-" else mark[2]
        if key in found and found[key][0] == mark[1]:
            raise CuadernoError(f"this line is there twice: {mark[0]}")
        if key in found:
            key = f"{key}/{mark[1]}"  # two paragraphs that say the same
        found[key] = mark[1], unescape(text[mark.end() + 1 : following.start()].strip("\n"))
    return found


# -- one paragraph at a time -------------------------------------------------------------------------------------------


def keyed(translation: Translation) -> dict[str, Paragraph]:
    """The paragraphs that have a source, each by a name that stays when paragraphs around it come and go."""
    found: dict[str, Paragraph] = {}
    for one in translation.paragraphs:
        if one.source:
            key, twin = one.source.digest, 2
            while key in found:
                key, twin = f"{one.source.digest}-{twin}", twin + 1
            found[key] = one
    return found


def keep(diary: Path, translation: Translation, key: str, text: str, base: str, known: str | None) -> Path | None:
    """Write what is being typed. `known` is what this writer last saw in the draft, None for no draft.

    What another writer has put there meanwhile is set aside under a name of its own, and that file is returned.

    Raises:  CuadernoError when the disk does not take it.
    """
    one = keyed(translation).get(key)
    shown = one.source.text if one and one.source else getattr(translation.source, key, "")
    number = str(one.number) if one else key
    path = _path(diary, translation, key)
    there = _read(path)
    if there and there.text == text and there.base == base:
        return None
    lost = there is not None and there.text != known and not text.startswith(there.text.rstrip())
    aside = set_aside(path) if lost else None
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    form = ONE.format(
        slug=translation.slug, source=translation.source.lang, target=translation.lang, number=number,
        shown=escape(shown), digest=key.split("-")[0] if one else "-", base=base, text=escape(text),
    )  # fmt: skip
    write_atomic(path, form)
    return aside


def kept(diary: Path, translation: Translation) -> dict[str, Draft]:
    """What was being typed for this translation, by paragraph; what has lost its paragraph is there too."""
    name = re.compile(
        rf"{re.escape(f'{translation.slug}.{translation.lang}.')}([0-9a-f]{{16}}(?:-\d+)?|{'|'.join(HEADS)})\.md"
    )
    found = {}
    for path in sorted(folder(diary).glob("*.md")):
        if (match := name.fullmatch(path.name)) and (draft := _read(path, match[1])):
            found[match[1]] = draft
    return found


def drop(diary: Path, translation: Translation, key: str, text: str | None = None) -> None:
    """Forget a draft; with `text`, only when it says just that."""
    path = _path(diary, translation, key)
    there = _read(path, key)
    if there and (text is None or there.text.strip() == text.strip()):
        path.unlink(missing_ok=True)


def texts(drafts: Mapping[str, Draft]) -> dict[str, str]:
    return {key: draft.text for key, draft in drafts.items() if draft.text.strip()}


def _path(diary: Path, translation: Translation, key: str) -> Path:
    return folder(diary) / f"{translation.slug}.{translation.lang}.{key}.md"


def _read(path: Path, key: str = "") -> Draft | None:
    """A draft; one that cannot be read is set aside."""
    try:
        content = path.read_bytes().decode("utf-8-sig")
        [(_, text)] = read_form(content).values()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (UnicodeDecodeError, CuadernoError, ValueError):
        set_aside(path)
        return None
    mark = SECTION.search(content)
    over = OVER.search(mark[0]) if mark else None
    shown = re.search(rf"^{BAR} paragraph .*\n(.*?)\n{BAR} write ", content, re.M | re.S)
    return Draft(key, unescape(shown[1]) if shown else "", text, over[1] if over else "-", path)
