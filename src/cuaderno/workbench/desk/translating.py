"""The tab in which a post is translated."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from cuaderno.diary.diary import Diary
from cuaderno.diary.translating import drafts
from cuaderno.diary.translating.translation import DONE, MISSING, STALE, Paragraph, Translation, of_post, sources_of
from cuaderno.lab.errors import CuadernoError
from cuaderno.workbench import Place
from cuaderno.workbench.desk import seat as seats
from cuaderno.workbench.desk import showing, writing_place
from cuaderno.workbench.desk.survey import Row, to_do
from cuaderno.workbench.desk.words import LANGUAGES, STATES, TEXT
from cuaderno.workbench.desk.writing_place import Bench
from cuaderno.workbench.frame import plain
from cuaderno.workbench.saying import spoken

HEAD = "head"  # title and description
ALL, OPEN = "all", "open"


def show(place: Place, diary: Diary, rows: list[Row]) -> None:
    """Choose a post, see its paragraphs, write one."""
    translation = choose(place, diary, rows)
    if translation is None:
        return
    bench = Bench(place, translation, drafts.kept(place.diary, translation))
    st.html(showing.progress(translation.paragraphs, place.lang))
    show_remember(bench)
    listing, work = st.columns([2, 5], gap="medium")
    with listing:
        at = list_paragraphs(bench)
    with work:
        walk(bench, at)
        show_place(bench, at)
        show_orphans(bench, at)


def choose(place: Place, diary: Diary, rows: list[Row]) -> Translation | None:
    """The post and the direction; the address remembers both."""
    words = TEXT[place.lang]
    by_slug = {row.slug: row for row in rows}
    remember_from_address("post", by_slug)

    def told(slug: str) -> str:
        row = by_slug[slug]
        return words["to_do"].format(title=row.title, n=row.open) if row.open else row.title

    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        slug = st.selectbox(words["post"], list(by_slug), format_func=told, key="post")
    sources = sources_of(diary, slug)
    with right:
        source = choose_direction(place, diary, slug, sources)
    if st.query_params.get("post") != slug:
        st.query_params["post"] = slug
    try:
        return of_post(diary, slug, source)
    except CuadernoError as error:
        st.error(plain(spoken(error, place.lang)))
        return None


def choose_direction(place: Place, diary: Diary, slug: str, sources: list[str]) -> str:
    languages = LANGUAGES[place.lang]
    others = diary.settings.languages

    def told(source: str) -> str:
        return f"{languages[source]} → {languages[next(lang for lang in others if lang != source)]}"

    key = f"direction {slug}"
    if st.session_state.get(key) not in sources:
        st.session_state[key] = sources[0]
    return str(st.selectbox(TEXT[place.lang]["direction"], sources, format_func=told, key=key))


def remember_from_address(name: str, known: dict) -> None:
    if st.session_state.get(name) not in known:
        asked = st.query_params.get(name)
        st.session_state[name] = asked if asked in known else next(iter(known))


def show_remember(bench: Bench) -> None:
    """For a translation that nobody remembers yet: a change of its source would go unseen."""
    unknown = [one for one in bench.translation.paragraphs if one.state == DONE and not one.is_remembered]
    if unknown:
        words, n = bench.words, len(unknown)
        text = words["remember_help"].format(n=n)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(text)
            st.button(words["remember"].format(n=n), key="remember", on_click=remember, args=(bench,))


def remember(bench: Bench) -> None:
    with seats.ONE_AT_A_TIME:
        bench.translation.remember(bench.place.today)
    bench.say(bench.words["remembered"].format(file=bench.translation.sidecar.name))


# -- the list ----------------------------------------------------------------------------------------------------------


def entries(bench: Bench) -> dict[str, Paragraph]:
    """What can be chosen, in order: the head, the paragraphs, and what only the translation has."""
    keys = {one.number: key for key, one in drafts.keyed(bench.translation).items()}
    return {HEAD: bench.translation.head} | {
        keys.get(one.number, f"extra-{one.number}"): one for one in bench.translation.paragraphs
    }


def open_entries(bench: Bench) -> list[str]:
    open_numbers = {one.number for one in to_do(bench.translation)}
    return [key for key, one in entries(bench).items() if one.number in open_numbers]


def list_paragraphs(bench: Bench) -> str:
    """The paragraphs with their states; the one that is chosen."""
    words, lang = bench.words, bench.place.lang
    found, undone = entries(bench), open_entries(bench)
    name = f"at {bench.translation.slug} {bench.translation.lang}"
    at = st.session_state.get(name) or st.query_params.get("at")
    if at not in found:
        at = undone[0] if undone else list(found)[:2][-1]
    st.session_state[name] = at
    shown = st.segmented_control(
        words["paragraphs"], [ALL, OPEN], format_func=lambda one: words[one], key="shown", default=ALL, required=True
    )
    options = [key for key in found if shown != OPEN or key in undone or key == at]
    with st.container(height=560, key="paragraphs", border=False):
        chosen = st.radio(
            words["paragraphs"], options, key=name, label_visibility="collapsed",
            format_func=lambda key: title_of(bench, found[key]),
            captions=[caption_of(found[key], has_draft(bench, key), lang) for key in options],
        )  # fmt: skip
    if st.query_params.get("at") != chosen:
        st.query_params["at"] = chosen
    return str(chosen)


def has_draft(bench: Bench, key: str) -> bool:
    return key in bench.drafts or (key == HEAD and any(name in bench.drafts for name in drafts.HEADS))


def title_of(bench: Bench, one: Paragraph) -> str:
    if one.number == 0:
        return f":{showing.COLORS[one.state]}[{showing.MARKS[one.state]}] {bench.words['head']}"
    text = one.plain if len(one.plain) <= 44 else one.plain[:43].rsplit(" ", 1)[0] + " …"
    return f":{showing.COLORS[one.state]}[{showing.MARKS[one.state]}] **{one.number}** {plain(text)}"


def caption_of(one: Paragraph, has_draft: bool, lang: str) -> str:
    marks = [STATES[lang][one.state]]
    if one.faults:
        marks.append(TEXT[lang]["count_faulty"].format(n=len(one.faults)))
    if has_draft:
        marks.append(TEXT[lang]["draft"])
    return plain(" · ".join(marks))


# -- walking -----------------------------------------------------------------------------------------------------------


def walk(bench: Bench, at: str) -> None:
    """Buttons to the neighbours and to the next that is to be done."""
    words, order = bench.words, list(entries(bench))
    place = order.index(at) if at in order else 0
    ahead = next((key for key in order[place + 1 :] + order[:place] if key in open_entries(bench)), None)
    steps = (
        ("previous", "Alt+Up", order[place - 1] if place else None),
        ("following", "Alt+Down", order[place + 1] if place + 1 < len(order) else None),
        ("next_open", "Alt+N", ahead),
    )
    with st.container(horizontal=True, key="walk"):
        for name, shortcut, key in steps:
            st.button(words[name], key=name, shortcut=shortcut, disabled=key is None, on_click=go, args=(bench, key))
    if ahead is None and at not in open_entries(bench):
        st.caption(words["nothing_open"])


def go(bench: Bench, key: str | None) -> None:
    st.session_state[f"at {bench.translation.slug} {bench.translation.lang}"] = key
    st.session_state["focus"] = st.session_state.get("focus", 0) + 1


def show_place(bench: Bench, at: str) -> None:
    one = entries(bench).get(at)
    focus = st.session_state.get("focus", 0)
    if at == HEAD:
        show_head(bench, focus)
    elif one and one.source:
        writing_place.show(bench, at, one, focus)
    elif one and one.translation:
        label = bench.words["mine"].format(language=bench.language)
        st.html(showing.paper(one.translation.text, bench.translation.lang, label))
        file = writing_place.shown_path(bench.translation.path, bench.place.diary)
        st.info(bench.words["extra"].format(file=plain(file)))


def show_head(bench: Bench, focus: int) -> None:
    """Title and description, with which a translation begins; a description only where its author wrote one."""
    heads, one = bench.translation.heads(), bench.translation.head
    found = {name: bench.seat(name, part) for name, part in heads.items()}
    source = bench.translation.source

    def save() -> None:
        begin(bench, found)

    for name, seat in found.items():
        left, right = st.columns(2, gap="large")
        with left:
            st.html(showing.paper(getattr(source, name), source.lang, bench.words[name]))
        with right:
            label = f"{bench.words[name]} · {bench.language}"
            writing_place.type_here(bench, seat, label, 2, focus if name == "title" else 0, save)
    has_title = bool(found["title"].text.strip()) and any(seat.is_typed for seat in found.values())
    st.button(
        bench.words["save"], type="primary", key="save head", help=bench.words["save_help"], disabled=not has_title,
        on_click=save,
    )  # fmt: skip
    if one.state == STALE or (one.state == MISSING and bench.translation.target):
        is_typed = any(seat.is_typed for seat in found.values())
        button(bench, "dismiss", HEAD, partial(accept, bench), disabled=is_typed)


def accept(bench: Bench) -> None:
    with seats.ONE_AT_A_TIME:
        bench.translation.dismiss(0, bench.place.today)
    bench.say(bench.words["dismissed_head"])


def begin(bench: Bench, found: dict[str, seats.Seat]) -> None:
    if not found["title"].text.strip():
        return
    where = bench.place.diary, bench.translation.slug, bench.translation.source.lang
    bases = {name: seat.base for name, seat in found.items()}
    description = found["description"].text if "description" in found else ""
    try:
        path = seats.begin(*where, found["title"].text, description, bench.place.today, bases)
    except CuadernoError as error:
        bench.say(spoken(error, bench.place.lang))
    else:
        name = "saved_title" if bench.translation.target else "saved_head"
        bench.say(bench.words[name].format(file=writing_place.shown_path(path, bench.place.diary)))
        for seat in found.values():
            bench.reseat(seats.Seat(seat.key, "", "", base="", version=seat.version))
        go(bench, next((key for key in open_entries(bench) if key != HEAD), HEAD))


def show_orphans(bench: Bench, at: str) -> None:
    """What was typed for paragraphs whose source has changed since."""
    keys = drafts.keyed(bench.translation)
    lost = {key: draft for key, draft in bench.drafts.items() if key not in keys and key not in drafts.HEADS}
    if not lost:
        return
    with st.expander(bench.words["orphans"].format(n=len(lost)), expanded=True):
        for key, draft in lost.items():
            st.html(showing.paper(draft.source, bench.translation.source.lang, bench.words["source_then"]))
            st.code(draft.text, language=None, wrap_lines=True)
            with st.container(horizontal=True):
                one = keys.get(at)
                button(bench, "put_here", key, partial(put_here, bench, at, one, draft), disabled=one is None)
                button(bench, "set_aside", key, partial(put_aside, bench, draft))


def button(bench: Bench, name: str, key: str, act: Callable[[], None], disabled: bool = False) -> None:
    st.button(bench.words[name], key=f"{name} {key}", on_click=act, disabled=disabled)


def put_here(bench: Bench, at: str, one: Paragraph | None, draft: drafts.Draft) -> None:
    seat = bench.seat(at, one)
    seats.typed(bench.place.diary, bench.translation, seat, draft.text)
    seat.version += 1
    drafts.drop(bench.place.diary, bench.translation, draft.key, draft.text)


def put_aside(bench: Bench, draft: drafts.Draft) -> None:
    path = writing_place.shown_path(drafts.set_aside(draft.path), bench.place.diary)
    bench.say(bench.words["kept_aside"].format(file=path))
