"""What a correction does to the memory of a translation: it goes along, so that spelling makes nothing stale."""

from dataclasses import replace
from pathlib import Path

from cuaderno.diary.blocks import blocks, text_digest
from cuaderno.diary.proofreading.passages import Lines, body_line
from cuaderno.diary.translating.meaning import changed
from cuaderno.diary.translating.memory import read_head, read_memories, sidecar_name, write_memories


def follow(home: Path, lang: str, languages: tuple[str, ...], before: str, after: str) -> None:
    """Bring the memories of a post's translations up to its corrected text.

    A paragraph that still says the same counts as the one that was translated. One that says something else is left to
    become stale, as after any other change. A corrected translation is still the translation of the same source.

    Raises:  CuadernoError when a memory cannot be read or written.
    """
    changes = _changes(before, after)
    if not changes:
        return
    for other in languages:
        path = home / sidecar_name(other)
        known = read_memories(path)
        if known is None:
            continue
        source, memories = known
        if source == lang and other != lang:
            same = {digest: new for digest, (old, new) in changes.items() if not changed(old, new, lang)}
            fresh = [replace(one, source=same.get(one.digest, one.source)) for one in memories]
        elif other == lang:
            made = {digest: text_digest(new) for digest, (_, new) in changes.items()}
            fresh = [replace(one, translation=made.get(one.translation, one.translation)) for one in memories]
        else:
            continue
        if fresh != memories:
            write_memories(path, other, source, fresh, read_head(path))


def _changes(before: str, after: str) -> dict[str, tuple[str, str]]:
    """The blocks that differ, by the mark of the old one. Nothing when the two do not have the same blocks."""
    old, new = (_blocks(text) for text in (before, after))
    if [one.kind for one in old] != [one.kind for one in new]:
        return {}
    return {one.digest: (one.text, two.text) for one, two in zip(old, new, strict=True) if one.digest != two.digest}


def _blocks(text: str) -> list:
    lines = Lines(text)
    return blocks("\n".join(lines.normal.split("\n")[body_line(lines) :]))
