"""Where one paragraph is written: the source on the left, the translation on the right, and what is to be minded."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any
from uuid import uuid4

import streamlit as st

from cuaderno.diary.anchors import differences, in_words
from cuaderno.diary.dates import spell_date
from cuaderno.diary.translating import drafts
from cuaderno.diary.translating.glossary import found_in, read_terms
from cuaderno.diary.translating.hint import open_hint
from cuaderno.diary.translating.translation import DONE, STALE, Overtaken, Paragraph, Translation, Unfit
from cuaderno.lab.errors import CuadernoError
from cuaderno.workbench import Place, writing
from cuaderno.workbench.desk import seat as seats
from cuaderno.workbench.desk import showing
from cuaderno.workbench.desk.seat import Gone, Seat, Taken
from cuaderno.workbench.desk.words import LANGUAGES, TEXT, kind
from cuaderno.workbench.frame import plain, told
from cuaderno.workbench.saying import spoken

CODE = ("fence", "code", "html", "formula", "table")


@dataclass
class Bench:
    """One translation on the desk, as one run of the page sees it."""

    place: Place
    translation: Translation
    drafts: dict[str, drafts.Draft]
    review: bool = False
    words: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.words = TEXT[self.place.lang]

    @property
    def language(self) -> str:
        return LANGUAGES[self.place.lang][self.translation.lang]

    def name(self, key: str) -> str:
        """What the browser and the session call the place of a paragraph: another diary has other ones."""
        path = f"{self.place.diary.resolve()}\0{self.translation.slug}\0{self.translation.lang}\0{key}\0{self.review}"
        return f"writing-{blake2b(path.encode(), digest_size=8).hexdigest()}"

    def seat(self, key: str, one: Paragraph | None) -> Seat:
        """The seat of a paragraph in this session, with what its file has by now."""
        name = f"seat {self.name(key)}"
        known = st.session_state.get(name)
        seat = seats.refreshed(known, one) if known else seats.sit(key, one, self.drafts.get(key))
        st.session_state[name] = seat
        return seat

    def reseat(self, seat: Seat) -> None:
        st.session_state[f"seat {self.name(seat.key)}"] = seat

    def say(self, text: str) -> None:
        """A message for the next run, which may be another paragraph's."""
        st.session_state.setdefault("said", []).append(text)


def spelt(day: datetime.date, lang: str) -> str:
    """A day as the site writes it."""
    return spell_date(datetime.datetime(day.year, day.month, day.day), lang)


def type_here(bench: Bench, seat: Seat, label: str, rows: int, focus: int, on_save: Callable[[], None]) -> None:
    """The place to type in, tied to its seat."""
    words = ("placeholder", "keeping", "kept", "not_kept", "as_saved", "only_here", "restored")

    def hear(payload: dict[str, Any]) -> None:
        if payload.get("restored"):
            seats.restored(seat, str(payload.get("base", "-")), str(payload.get("after", "")))
        try:
            aside = seats.typed(bench.place.diary, bench.translation, seat, payload["text"])
        except CuadernoError as error:
            bench.say(spoken(error, bench.place.lang))
        else:
            if aside:
                bench.say(bench.words["aside"].format(file=aside))

    def save(payload: dict[str, Any]) -> None:
        hear(payload)
        on_save()

    data = {
        "text": seat.text, "version": seat.version, "base": seat.base,
        "got": seat.text, "state": seat.state,
        "label": label, "lang": bench.translation.lang, "rows": rows, "focus": focus,
        "session": st.session_state.setdefault("session", uuid4().hex),
        "words": {name: bench.words[name] for name in words},
    }  # fmt: skip
    writing.area(bench.name(seat.key), data, hear, save)


def show(bench: Bench, key: str, one: Paragraph, focus: int) -> None:
    """One paragraph with all that belongs to it."""
    assert one.source
    left, right = st.columns(2, gap="medium")
    with left:
        show_source(bench, one)
    with right:
        seat = bench.seat(key, one)
        label = bench.words["mine"].format(language=bench.language)
        rows = max(4, seat.text.count("\n") + 2, one.source.text.count("\n") + 2)
        type_here(bench, seat, label, rows, focus, lambda: save(bench, seat, one))
        if seats.is_overtaken(seat, one):
            show_overtaken(bench, seat, one)
        else:
            show_check(bench, seat, one)
            show_buttons(bench, seat, one)
        if one.state == DONE and one.is_remembered and not seat.is_typed:
            show_hint(bench, one)


def show_source(bench: Bench, one: Paragraph) -> None:
    words, lang = bench.words, bench.translation.source.lang
    assert one.source
    label = words["source"].format(language=LANGUAGES[bench.place.lang][lang])
    st.html(showing.paper(one.source.text, lang, label, one.source.kind in CODE))
    if one.state == STALE and one.memory:
        st.html(f'<p class="over">{words["changed"]}</p>{showing.changed(one.memory.source, one.source.text, lang)}')
    if terms := found_in(read_terms(bench.place.diary), one.source.text, lang):
        st.html(showing.glossary(terms, lang, words["glossary"]))


def show_check(bench: Bench, seat: Seat, one: Paragraph) -> None:
    """Whether what is typed can stand here, and whether its anchors agree with the source's."""
    assert one.source
    if not seat.text.strip() or seat.text.strip() == one.source.marker.strip():
        return
    try:
        text = bench.translation.fitting(one, seat.text)
    except Unfit as error:
        st.warning(unfit(error, bench))
        return
    sides = bench.translation.source.lang, bench.translation.lang
    found = differences(one.source.text, text, *sides)
    accepted = one.memory.accepted if one.memory else ()
    lines = [in_words(line, bench.place.lang) for line in found if seat.is_typed or line not in accepted]
    st.html(showing.verdict(lines, bench.words["agree"], bench.words["differ"]))


def unfit(error: Unfit, bench: Bench) -> str:
    lang = bench.place.lang
    values = {name: kind(str(value), lang) if name != "n" else value for name, value in error.values.items()}
    return bench.words[error.reason if error.reason in ("blocks", "kind", "apart") else f"no_{error.reason}"].format(
        **values
    )


def show_buttons(bench: Bench, seat: Seat, one: Paragraph) -> None:
    words = bench.words
    with st.container(horizontal=True):
        st.button(
            words["save_change" if bench.review else "save"], type="primary", key=f"save {bench.name(seat.key)}",
            help=words["save_help"], disabled=not seat.is_typed, on_click=save, args=(bench, seat, one),
        )  # fmt: skip
        if bench.review:
            st.button(
                words["right"], key=f"right {bench.name(seat.key)}", help=words["right_help"], shortcut="Alt+K",
                disabled=seat.is_typed, on_click=look, args=(bench, one),
            )  # fmt: skip
        elif one.translation and (one.state == STALE or one.faults):
            st.button(
                words["dismiss"], key=f"dismiss {bench.name(seat.key)}", help=words["dismiss_help"], shortcut="Alt+K",
                disabled=seat.is_typed, on_click=dismiss, args=(bench, one),
            )  # fmt: skip


def save(bench: Bench, seat: Seat, one: Paragraph) -> None:
    """Write what is typed, or say why not; what is typed stays where it is then."""
    if not seat.is_typed:
        return
    where = bench.place.diary, bench.translation.slug, bench.translation.source.lang
    try:
        number = seats.save(*where, seat, bench.place.today, bench.review)
    except Unfit as error:
        bench.say(unfit(error, bench))
    except Gone:
        bench.say(bench.words["gone"])
    except Taken:
        pass  # the next run shows both texts
    except Overtaken:
        bench.say(bench.words["try_again"])
    except CuadernoError as error:
        bench.say(spoken(error, bench.place.lang))
    else:
        bench.reseat(Seat(seat.key, "", "", base="", version=seat.version))  # what the file has comes with the next run
        bench.say(bench.words["mended"] if bench.review else bench.words["saved"].format(n=number))


def dismiss(bench: Bench, one: Paragraph) -> None:
    with seats.ONE_AT_A_TIME:
        bench.translation.dismiss(one.number, bench.place.today)
    bench.say(bench.words["dismissed"].format(n=one.number))


def look(bench: Bench, one: Paragraph) -> None:
    """Note that a paragraph was looked at and is right."""
    with seats.ONE_AT_A_TIME:
        bench.translation.looked([one.number], bench.place.today)
        memory = one.memory.seen(bench.place.today, again=False) if one.memory else None
    if memory:
        bench.say(bench.words["looked"].format(day=spelt(memory.due, bench.place.lang)))


def show_overtaken(bench: Bench, seat: Seat, one: Paragraph) -> None:
    """Two texts for one place: the person decides, and neither is lost."""
    words = bench.words
    st.warning(words["overtaken"])
    st.html(showing.paper(seats.written(one), bench.translation.lang, words["theirs"]))
    with st.container(horizontal=True):
        name = bench.name(seat.key)
        st.button(words["write_mine"], key=f"mine {name}", on_click=write_mine, args=(bench, seat, one))
        st.button(words["take_theirs"], key=f"theirs {name}", on_click=take_theirs, args=(bench, seat, one))


def write_mine(bench: Bench, seat: Seat, one: Paragraph) -> None:
    save(bench, seats.over(seat, one), one)


def take_theirs(bench: Bench, seat: Seat, one: Paragraph) -> None:
    fresh, aside = seats.yield_to(bench.place.diary, bench.translation, seat, one)
    bench.reseat(fresh)
    if aside:
        bench.say(bench.words["kept_aside"].format(file=shown_path(aside, bench.place.diary)))


def shown_path(path: Path, diary: Path) -> str:
    return str(path.relative_to(diary)) if path.is_relative_to(diary) else str(path)


# -- a machine to compare with, afterwards -----------------------------------------------------------------------------


def show_hint(bench: Bench, one: Paragraph) -> None:
    """What a machine would have written, closed until the person opens it and asks."""
    name = st.session_state.get("hint model", "").strip()
    if not name or not one.source or not one.translation:
        return
    words, lang = bench.words, bench.translation.lang
    answers = st.session_state.setdefault("hints", {})
    mark = name, lang, one.source.digest
    with st.expander(words["hint_title"].format(name=plain(name)), key=f"hint {bench.name(one.source.digest)}"):
        label = words["hint_ask"].format(name=plain(name))
        if mark not in answers and st.button(label, key=f"ask {bench.name(one.source.digest)}"):
            with st.spinner(words["hint_asking"].format(name=plain(name))):
                ask(bench, one.source.text, name, answers, mark)
        if mark in answers:
            show_answer(bench, answers[mark], one.translation.text)


def ask(bench: Bench, text: str, name: str, answers: dict, mark: tuple) -> None:
    source, target = bench.translation.source.lang, bench.translation.lang
    try:
        hint = open_hint(name, bench.place.diary, source, target, read_terms(bench.place.diary))
        answers[mark] = hint(text)
    except CuadernoError as error:
        st.warning(told(error, bench.place.lang))


def show_answer(bench: Bench, said: str, mine: str) -> None:
    lang = bench.translation.lang
    if said.split() == mine.split():
        st.caption(bench.words["hint_same"])
        return
    st.html(showing.changed(mine, said, lang))
    st.caption(bench.words["hint_key"])
