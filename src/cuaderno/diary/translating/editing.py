"""The translator's round trip through an editor: source, what changed, glossary and a place to write, in one file.

Whatever happens to the editor or to us, what was written stays: the file lies in the diary's `.cache/translate/` until
the translation holds its text, and one that cannot be read is set aside under a name of its own.
"""

import datetime
import difflib
import os
import shlex
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cuaderno.diary.translating import drafts
from cuaderno.diary.translating.drafts import BAR, HEADS, draft_path, escape, read_form, set_aside
from cuaderno.diary.translating.glossary import Terms, found_in
from cuaderno.diary.translating.translation import HEAD, STALE, Paragraph, Translation
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.files import disk_errors, write_atomic

HELP = """\
%%% {slug}: {source} → {target}. Write below each line that begins with `%%% write`; all other lines are for you to
%%% read and are thrown away. Save and close the editor to keep it; leave a paragraph empty to do it another day.
"""
AGAIN = """\
%%% These come back for another look. Mend what you like; a paragraph that you leave as it is counts as right. Take out
%%% the ones you did not get to: they are there again tomorrow.
"""
Opener = Callable[[], Translation]


@dataclass
class Outcome:
    """What an edit did: the paragraphs that were written, as they were, those looked at, and words for the person."""

    written: list[int] = field(default_factory=list)
    looked: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    pairs: list[tuple[int, str, str]] = field(default_factory=list)  # what was written: number, source, translation


def edit(
    diary: Path,
    reopen: Opener,
    choose: Callable[[Translation], list[Paragraph]],
    terms: Terms,
    today: datetime.date,
    *,
    review: bool = False,
    editor: str | None = None,
) -> Outcome:
    """Let a person translate the chosen paragraphs in their editor, and put what they wrote in its place.

    Raises:  CuadernoError saying where the text lies when the editor fails or its file cannot be read.
    """
    translation = reopen()
    chosen = choose(translation)
    draft = draft_path(diary, translation)
    notes: list[str] = []
    typed = drafts.texts(drafts.kept(diary, translation))
    left = _left(draft, translation, chosen, notes, typed)
    if not chosen:
        return Outcome(notes=notes)
    form = write_form(translation, chosen, terms, left, review)
    with disk_errors(draft):
        draft.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(draft, form)
    run_editor(editor or find_editor(), draft)
    translation = reopen()
    outcome = take(translation, draft, form, chosen, left, today, review)
    outcome.notes[:0] = notes
    _forget(diary, translation, outcome, typed, left)
    return outcome


def _forget(
    diary: Path, translation: Translation, outcome: Outcome, typed: dict[str, str], left: dict[str, str]
) -> None:
    """Drop what was typed at the desk and has been seen in the editor, or says what was written."""
    written = {number: text for number, _, text in outcome.pairs}
    for key, one in drafts.keyed(translation).items():
        if key in typed and one.number in written:
            drafts.drop(diary, translation, key, typed[key] if left.get(key) == typed[key] else written[one.number])
    for key in set(HEADS) & set(typed):
        if HEAD in outcome.written or (translation.target is None and translation.path.is_file()):
            drafts.drop(diary, translation, key)


def find_editor() -> str:
    """$VISUAL or $EDITOR.

    Raises:  CuadernoError when neither is set.
    """
    for name in ("VISUAL", "EDITOR"):
        if os.environ.get(name, "").strip():
            return os.environ[name]
    raise CuadernoError("There is no editor: neither VISUAL nor EDITOR is set. Name yours, as in: export EDITOR=nano")


def run_editor(command: str, path: Path) -> None:
    """Open a file and wait until the editor is closed.

    Raises:  CuadernoError when it cannot be started or fails; the file stays.
    """
    kept = f"What you wrote is kept in {path}; the same command opens it again."
    try:
        code = subprocess.run([*shlex.split(command, posix=os.name != "nt"), str(path)]).returncode
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CuadernoError(f"The editor '{command}' could not be started: {reason}. Set EDITOR. {kept}") from None
    if code:
        raise CuadernoError(f"The editor '{command}' ended with an error ({code}). {kept}")


# -- the form ----------------------------------------------------------------------------------------------------------


def write_form(
    translation: Translation, chosen: Sequence[Paragraph], terms: Terms, left: dict[str, str], review: bool = False
) -> str:
    """The text of the file that the editor shows. `left` is what an earlier edit had, by the paragraph's key."""
    source, target = translation.source.lang, translation.lang
    parts = [HELP.format(slug=translation.slug, source=source, target=target) + (AGAIN if review else "")]
    if any(one.number == HEAD for one in chosen):
        for name, one in translation.heads().items():
            known = one.translation.text if one.translation else ""
            parts.append(
                f"{BAR} the {name} in {source}\n{escape(one.source.text if one.source else '')}\n"
                f"{BAR} write {name} - in {target}\n{escape(left.get(name, known))}\n"
            )
    keys = {one.number: key for key, one in drafts.keyed(translation).items()}
    for one in chosen:
        if one.source and one.number != HEAD:
            parts.append(_section(one, source, target, terms, left.get(keys[one.number])))
    return "\n".join(parts) + f"\n{BAR} end\n"


def _section(one: Paragraph, source: str, target: str, terms: Terms, left: str | None) -> str:
    assert one.source
    lines = [f"{BAR} paragraph {one.number}, {one.state}, in {source}", escape(one.source.text)]
    if one.state == STALE and one.memory:
        lines += [f"{BAR} what changed since you translated it", escape(word_diff(one.memory.source, one.source.text))]
    if found := found_in(terms, one.source.text, source):
        side = 0 if source == "en" else 1
        words = [f"{row[side]} = {row[1 - side]}" + (f" ({row[2]})" if row[2] else "") for row in found]
        lines.append(f"{BAR} glossary: " + " · ".join(words))
    for fault in one.faults:
        lines.append(f"{BAR} mind: {fault}")
    known = one.translation.text if one.translation else one.source.marker
    text = known if left is None else left
    if one.translation and text.strip() != known.strip():
        lines += [f"{BAR} the translation has now, and below is what you had begun", escape(known)]
    lines += [f"{BAR} write {one.number} {one.source.digest} in {target}", escape(text), ""]
    return "\n".join(lines)


def word_diff(old: str, new: str) -> str:
    """Old and new words in one text: `[-gone-]` and `{+come+}`."""
    shown = {"equal": "{}", "gone": "[-{}-]", "come": "{{+{}+}}"}
    return " ".join(shown[kind].format(text) for kind, text in changes(old.split(), new.split()))


def changes(before: list[str], after: list[str]) -> Iterator[tuple[str, str]]:
    """What two lists of words share and do not: `equal`, `gone` or `come`, each with its words."""
    for tag, start, end, other, other_end in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield "equal", " ".join(before[start:end])
            continue
        if end > start:
            yield "gone", " ".join(before[start:end])
        if other_end > other:
            yield "come", " ".join(after[other:other_end])


# -- after the editor --------------------------------------------------------------------------------------------------


def take(
    translation: Translation,
    draft: Path,
    form: str,
    chosen: list[Paragraph],
    left: dict[str, str],
    today: datetime.date,
    review: bool,
) -> Outcome:
    """Put what the editor left into the translation. The draft goes away when nothing in it is needed any more."""
    try:
        content = draft.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise CuadernoError(f"The editor took the file away ({draft}). The translation is as it was.") from None
    except UnicodeDecodeError:
        kept = set_aside(draft)
        raise CuadernoError(
            f"What the editor saved is not UTF-8 text. It is kept in {kept}; nothing changed."
        ) from None
    if not content.strip():
        return _emptied(draft, form, left)
    try:
        texts = read_form(content)
        if not texts:
            raise CuadernoError("no line that begins with `%%% write` is left")
    except CuadernoError as error:
        kept = set_aside(draft)
        raise CuadernoError(f"The edit could not be used: {error}. It is kept in {kept}; nothing changed.") from None
    return _save(translation, draft, texts, chosen, today, review)


def _emptied(draft: Path, form: str, left: dict[str, str]) -> Outcome:
    if left:
        write_atomic(draft, form)
        return Outcome(notes=[f"The file came back empty: nothing changed. What was in it before is in {draft}."])
    draft.unlink()
    return Outcome(notes=["The file came back empty: nothing changed."])


def _save(
    translation: Translation,
    draft: Path,
    texts: dict[str, tuple[str, str]],
    chosen: list[Paragraph],
    today: datetime.date,
    review: bool,
) -> Outcome:
    outcome = Outcome()
    mended: dict[int, str] = {}
    lost = False
    was = {str(one.number): one for one in chosen}
    for key, (name, text) in texts.items():
        if name in HEADS:
            continue
        one = _present(translation, key.split("/")[0], was.get(name), set(mended))
        before = was[name].translation if name in was else None
        said = text.strip() and not (one and one.source and text.strip() == one.source.marker.strip())
        if not said:
            if before:
                outcome.notes.append(f"Paragraph {name} came back empty: its translation stays as it was.")
        elif before and text.rstrip() == before.text.rstrip():
            if one and not review and one.state == STALE:
                outcome.notes.append(
                    f"Paragraph {name} is as it was. If it is right: cuaderno translate {translation.slug} "
                    f"--dismiss {one.number}"
                )
            if one and review:
                outcome.looked.append(one.number)
        elif one is None or (one.translation and one.translation.text) != (before and before.text):
            outcome.notes.append(f"Paragraph {name} changed on disk while you were writing: it was not replaced.")
            lost = True
        else:
            mended[one.number] = text
    head = _head_written(translation, texts, outcome)
    if any(head) and "0" in was and _text_of(was["0"]) != _text_of(translation.head):
        outcome.notes.append("The title changed on disk while you were writing: it was not replaced.")
        head, lost = ("", ""), True
    if mended or any(head):
        try:
            translation.write(mended, today, head)
        except CuadernoError as error:
            raise CuadernoError(
                f"{error} What you wrote is kept in {draft}; the same command opens it again."
            ) from None
        if translation.target is None:
            outcome.notes.append(f"The translation has begun: {translation.path}")
    outcome.written = [*([HEAD] if any(head) else []), *sorted(mended)]
    outcome.pairs = [(number, _source_text(translation, number), mended[number]) for number in sorted(mended)]
    if lost:
        outcome.notes.append(f"What you wrote is kept in {set_aside(draft)}.")
    else:
        draft.unlink(missing_ok=True)
    return outcome


def _text_of(one: Paragraph) -> str | None:
    return one.translation.text if one.translation else None


def _head_written(translation: Translation, texts: dict[str, tuple[str, str]], outcome: Outcome) -> tuple[str, str]:
    """Title and description where they were written: the title stays with a description that is new."""
    said = {name: " ".join(texts.get(name, ("", ""))[1].split()) for name in HEADS}
    had = {name: one.translation.text if one.translation else "" for name, one in translation.heads().items()}
    if translation.target and all(text in ("", had.get(name, "")) for name, text in said.items()):
        if translation.head.translation and any(said.values()):
            outcome.notes.append(
                f"The title is as it was. If it is right: cuaderno translate {translation.slug} --dismiss {HEAD}"
            )
        return "", ""
    return said["title"] or had["title"], said["description"]


def _source_text(translation: Translation, number: int) -> str:
    source = translation.paragraph(number).source
    return source.text if source else ""


def _present(translation: Translation, digest: str, was: Paragraph | None, taken: set[int]) -> Paragraph | None:
    """The paragraph with the same source now; of equal ones, that with the same number."""
    same = [
        one for one in translation.paragraphs
        if one.source and one.source.digest == digest and one.number not in taken
    ]  # fmt: skip
    if was:
        same.sort(key=lambda one: abs(one.number - was.number))
    return same[0] if same else None


def _left(
    draft: Path, translation: Translation, chosen: list[Paragraph], notes: list[str], typed: dict[str, str]
) -> dict[str, str]:
    """What an unfinished edit, here or at the desk, had for these paragraphs; what they do not need is set aside."""
    keys = drafts.keyed(translation)
    wanted = {key for key, one in keys.items() if one.number in {other.number for other in chosen}}
    if any(one.number == HEAD for one in chosen):
        wanted |= set(HEADS)
    left = _unfinished(draft, keys, wanted, notes)
    at_desk = {key: text for key, text in typed.items() if key in wanted and key not in left}
    if at_desk:
        notes.append("What was typed at the desk and not saved was opened too.")
    return left | at_desk


def _unfinished(draft: Path, keys: dict[str, Paragraph], wanted: set[str], notes: list[str]) -> dict[str, str]:
    if not draft.is_file():
        return {}
    try:
        texts = read_form(draft.read_bytes().decode("utf-8-sig"))
    except (UnicodeDecodeError, CuadernoError):
        notes.append(f"An unfinished edit could not be read. It is kept in {set_aside(draft)}.")
        return {}
    left: dict[str, str] = {}
    others = False
    for mark, (number, text) in texts.items():
        key = _key(keys, mark.split("/")[0], number, set(left))
        one = keys.get(key)
        empty = not text.strip() or (one and one.source and text.strip() == one.source.marker.strip())
        old = one.translation.text.strip() if one and one.translation else None
        if empty or text.strip() == old:
            continue
        if key in wanted:
            left[key] = text
        else:
            others = True
    if others:
        notes.append(f"An unfinished edit had other paragraphs too. It is kept in {set_aside(draft)}.")
    elif left:
        notes.append("An unfinished edit was found and opened again.")
    return left


def _key(keys: dict[str, Paragraph], digest: str, number: str, taken: set[str]) -> str:
    """The paragraph that a section of a form is about: of those that say the same, the one with its number."""
    same = [key for key in keys if key.split("-")[0] == digest and key not in taken]
    return next((key for key in same if str(keys[key].number) == number), same[0] if same else digest)
