"""Runs: a list, one to look at and keep, several to compare."""

import streamlit as st

from cuaderno.cli.places import runs_beside
from cuaderno.lab import records
from cuaderno.site.runs import Cited
from cuaderno.site.studies import Study
from cuaderno.workbench import Place, figure
from cuaderno.workbench.comparing import looking, tables
from cuaderno.workbench.comparing.words import TEXT
from cuaderno.workbench.frame import plain, say_what_happened

TITLE = {"en": "Runs", "es": "Ejecuciones"}
ORDER = 30
LISTED = 40


def show(place: Place) -> None:
    words = TEXT[place.lang]
    say_what_happened()
    damaged: list[str] = []
    with st.spinner(words["reading"]):
        runs = records.runs_in(place.diary / "records", runs_beside(place.diary), damaged=damaged.append)
    if damaged:
        with st.expander(words["damaged"]):
            for said in damaged:
                st.code(said, language=None, wrap_lines=True)
    if not runs:
        st.info(words["none"])
        return
    known: dict[str, Study] = {}
    found = {run.id: Cited(run, known.setdefault(run.study, Study(run.study))) for run in runs}
    chosen = choose(place, narrowed(place, found), found)
    if len(chosen) == 1:
        looking.show_one(place, chosen[0])
    elif chosen:
        looking.show_several(place, chosen)


def narrowed(place: Place, found: dict[str, Cited]) -> dict[str, Cited]:
    """The runs of one study, or the kept ones only."""
    words = TEXT[place.lang]
    every = [words["all"], *sorted({cited.run.study for cited in found.values()})]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        study = st.selectbox(words["study"], every, key=f"runs of {place.lang}", width=260)
        only = st.toggle(words["kept_only"], key="kept only")
    return {
        key: cited
        for key, cited in found.items()
        if study in (every[0], cited.run.study) and (not only or cited.run.folder.parent == place.diary / "records")
    }


def choose(place: Place, some: dict[str, Cited], found: dict[str, Cited]) -> list[Cited]:
    """The list of runs, and those of them that are to be looked at; the address remembers them."""
    words = TEXT[place.lang]
    if "chosen runs" not in st.session_state:
        asked = [name for name in st.query_params.get("run", "").split(",") if name in found]
        st.session_state["chosen runs"] = asked or list(some)[:1]
    st.session_state["chosen runs"] = [name for name in st.session_state["chosen runs"] if name in found]
    options = [*some, *(name for name in st.session_state["chosen runs"] if name not in some)]
    chosen = st.multiselect(
        words["chosen"], options, key="chosen runs", help=words["chosen_help"], max_selections=figure.LINES,
        placeholder=words["none_chosen"],
        format_func=lambda name: f"{name} · {tables.state(found[name], place.lang)}",
    )  # fmt: skip
    if ",".join(chosen) != st.query_params.get("run", ""):
        st.query_params["run"] = ",".join(chosen)
    with st.expander(words["list"].format(n=len(some)), expanded=not chosen):
        st.html(tables.listing(list(some.values())[:LISTED], place.lang))
        if len(some) > LISTED:
            st.caption(plain(words["more"].format(n=LISTED)))
    return [found[name] for name in chosen]
