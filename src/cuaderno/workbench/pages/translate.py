"""The translation desk: translate a post by hand, and look again at what was translated some days ago."""

import streamlit as st

from cuaderno.diary.diary import Diary
from cuaderno.workbench import Place
from cuaderno.workbench.desk import revising, translating
from cuaderno.workbench.desk.survey import survey
from cuaderno.workbench.desk.words import TEXT
from cuaderno.workbench.frame import plain, say_what_happened

TITLE = {"en": "Translate by hand", "es": "Traducir a mano"}
ORDER = 10


def show(place: Place) -> None:
    words = TEXT[place.lang]
    diary = Diary.open(place.diary, st.session_state.setdefault("texts", {}))
    if len(diary.settings.languages) < 2:
        st.info(plain(words["one_language"]))
        return
    with st.spinner(words["reading"]):
        rows, problems = survey(diary, st.session_state.setdefault("survey", {}))
    say_what_happened()
    show_hint_choice(words)
    if problems:
        with st.expander(words["problems"]):
            for problem in problems:
                st.code(str(problem), language=None, wrap_lines=True)
    if not rows:
        st.info(words["no_posts"])
        return
    due = sum(len(row.due_on(place.today)) for row in rows)
    if due:
        st.caption(words["due"].format(n=due))
    labels = [words["translate"], words["revise"]]  # they stay as they are, or the choice would be forgotten
    writing, looking = st.tabs(labels, on_change="rerun", key=f"tab {place.lang}")
    with writing:
        if writing.open:
            translating.show(place, diary, rows)
    with looking:
        if looking.open:
            revising.show(place, diary, rows)


def show_hint_choice(words: dict[str, str]) -> None:
    """Off until somebody names a model."""
    with st.sidebar, st.expander(words["hint"]):
        st.text_input(words["hint_model"], key="hint model", placeholder="gemini")
        st.caption(words["hint_help"])
