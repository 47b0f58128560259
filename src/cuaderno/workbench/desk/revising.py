"""The tab of spaced revision: what was translated some days ago comes back, one paragraph at a time."""

import streamlit as st

from cuaderno.diary.diary import Diary
from cuaderno.diary.translating import drafts
from cuaderno.diary.translating.translation import of_post
from cuaderno.workbench import Place
from cuaderno.workbench.desk import writing_place
from cuaderno.workbench.desk.survey import Row
from cuaderno.workbench.desk.words import TEXT
from cuaderno.workbench.desk.writing_place import Bench, spelt
from cuaderno.workbench.frame import plain


def show(place: Place, diary: Diary, rows: list[Row]) -> None:
    """The paragraph that has waited longest, and how many wait behind it."""
    words, today = TEXT[place.lang], place.today
    waiting = [row for row in rows if row.due_on(today)]
    if not waiting:
        st.success(words["nothing_due"])
        if later := min((day for row in rows for day, _ in row.due), default=None):
            st.caption(words["next_due"].format(day=spelt(later, place.lang)))
        return
    row = min(waiting, key=lambda row: row.due[0][0])
    translation = of_post(diary, row.slug, row.source)
    due = translation.due(today) if translation else []
    if not translation or not due:
        return
    one = due[0]
    key = next(key for key, other in drafts.keyed(translation).items() if other.number == one.number)
    made = spelt(one.memory.made, place.lang) if one.memory else ""
    st.markdown(words["look"].format(n=one.number, title=plain(row.title), made=made))
    bench = Bench(place, translation, drafts.kept(place.diary, translation), review=True)
    writing_place.show(bench, key, one, st.session_state.get("focus", 0))
