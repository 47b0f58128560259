"""Translations: what is behind, what differs from its source, and what nobody translated."""

from collections.abc import Iterator

from cuaderno.diary.translating.translation import MISSING, STALE, Translation, everyone
from cuaderno.lab.errors import CuadernoError
from cuaderno.site.checking.finding import Finding
from cuaderno.site.checking.subject import Subject


def look(subject: Subject) -> Iterator[Finding]:
    try:
        found = everyone(subject.edition.diary)
    except CuadernoError:  # a memory that cannot be read keeps the diary from building, too
        return
    for translation in found:
        if not translation.source.published:
            continue
        if translation.target is None:
            what = f"nobody has translated this post; readers of '{translation.lang}' see it as it is."
            cure = f"Begin with: cuaderno translate {translation.slug} --edit"
            yield Finding("untranslated", translation.source.path, 0, what, cure)
        elif translation.has_sidecar and translation.target.published:
            yield from _behind(translation)
            yield from _differing(translation)


def _behind(translation: Translation) -> Iterator[Finding]:
    missing = [one for one in translation.behind if one.state == MISSING]
    stale = [one for one in translation.behind if one.state == STALE]
    some = [f"{len(found)} {state}" for found, state in ((missing, "missing"), (stale, "stale")) if found]
    if some and translation.target:
        lines = [translation.target.line + one.translation.start for one in stale if one.translation and one.number]
        what = f"of this translation, title or paragraphs are behind: {' and '.join(some)}."
        cure = f"See: cuaderno translate {translation.slug}"
        yield Finding("behind", translation.path, min(lines, default=0), what, cure)


def _differing(translation: Translation) -> Iterator[Finding]:
    for one in translation.faulty:
        if one.state != STALE and one.translation and translation.target:
            line = translation.target.line + one.translation.start
            cure = f"Mend it, or accept it: cuaderno translate {translation.slug} --dismiss {one.number}"
            yield Finding("differs", translation.path, line, f"{'; '.join(one.faults)}.", cure)
