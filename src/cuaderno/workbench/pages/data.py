"""Data: what is wrong with a file, a clean copy of it, and the way back."""

from pathlib import Path

import streamlit as st

from cuaderno.data import doctor
from cuaderno.data.report import notices, remarks, summary
from cuaderno.data.words import say
from cuaderno.lab.errors import CuadernoError
from cuaderno.workbench import Place
from cuaderno.workbench.comparing.looking import heading
from cuaderno.workbench.examining import cleaning, files, finding, recipe, showing
from cuaderno.workbench.examining.finding import Found
from cuaderno.workbench.examining.recipe import Wish
from cuaderno.workbench.examining.words import TEXT, in_our_words
from cuaderno.workbench.frame import plain, say_what_happened
from cuaderno.workbench.saying import spoken

TITLE = {"en": "Data", "es": "Datos"}
ORDER = 15


def show(place: Place) -> None:
    """The page; what the doctor calls an option of its command is named as the control that is here."""
    try:
        show_doctor(place)
    except CuadernoError as error:
        st.error(plain(in_our_words(spoken(error, place.lang), place.lang)))


def show_doctor(place: Place) -> None:
    words = TEXT[place.lang]
    say_what_happened()
    st.caption(words["promise"])
    path = files.choose(place)
    if path is None:
        st.info(words["nothing_yet"])
        return
    pictures = doctor.is_pictures(path)
    wish = recipe.ask(place, str(path), finding.columns_of(path), pictures)
    found = examined(place, path, wish)
    if found is None:
        return
    if not pictures and not finding.columns_of(path):
        st.session_state["examined"] = found
        st.rerun()  # now its columns are known, for the choice above
    st.session_state["examined"] = found
    show_findings(place, found)
    heading(words["clean_title"])
    if fault := st.session_state.pop("clean fault", ""):
        st.error(plain(in_our_words(spoken(fault, place.lang), place.lang)))
    cleaning.show(place, path, wish)
    show_details(place, found)


def examined(place: Place, path: Path, wish: Wish) -> Found | None:
    """What the doctor says; a large file waits for the button, and so does its next recipe."""
    words = TEXT[place.lang]
    known: Found | None = st.session_state.get("examined")
    if known and known.key == finding.key_of(path, wish):
        return known
    if not (finding.is_small(path) or st.button(words["examine"], type="primary", key="examine")):
        st.caption(words["large"])
        return None
    with st.spinner(words["examining"].format(file=plain(path.name))):
        return finding.examine(path, wish)


def show_findings(place: Place, found: Found) -> None:
    """How it was read, what would happen, and what the balance of the classes means."""
    words, lang, report = TEXT[place.lang], place.lang, found.report
    heading(words["findings"])
    st.markdown(f"**{plain(summary(report, lang, written=False))}.**")
    if report["kind"] == "table":
        form = report["format_es" if lang == "es" else "format"]
        label = report["label"] or say(lang, "none")
        st.caption(plain(say(lang, "format", format=form, text=", ".join(report["text"]), label=label)) + ".")
    for notice in notices(report, lang):
        st.caption(plain(in_our_words(notice, lang)))
    if report["unreadable"]["count"]:
        st.html(f'<p class="over">{say(lang, "broken")}: {report["unreadable"]["count"]}</p>')
        st.html(showing.unreadable(report, lang))
    st.html(showing.steps(report, lang))
    for remark in remarks(report, lang):
        st.caption(plain(remark))


def show_details(place: Place, found: Found) -> None:
    """Classes, examples, and the rows that go."""
    words, lang, report = TEXT[place.lang], place.lang, found.report
    if bars := showing.classes(report, lang):
        heading(say(lang, "balance_title", report["kind"]))
        st.html(bars)
    if drawn := showing.examples(report, lang):
        heading(say(lang, "examples"))
        st.caption(words["masked"])
        st.html(drawn)
    if found.gone:
        with st.expander(words["gone_all"].format(n=len(found.gone)), key="rows that go"):
            show_gone(place, found)


def show_gone(place: Place, found: Found) -> None:
    words, lang = TEXT[place.lang], place.lang
    every = list(dict.fromkeys(one.step for one in found.gone))
    step = every[0]
    if len(every) > 1:
        step = st.selectbox(
            say(lang, "step").capitalize(), every, format_func=lambda one: say(lang, f"step_{one}"), width=320,
            key="step that drops",
        )  # fmt: skip
    rows = [one for one in found.gone if one.step == step]
    st.html(showing.gone(rows, lang))
    if len(rows) > showing.SHOWN:
        st.caption(words["gone_more"].format(n=len(rows) - showing.SHOWN))
