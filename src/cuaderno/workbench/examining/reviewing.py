"""The review queue, one row at a time: keep it, leave it out, or give it the right label."""

from pathlib import Path
from typing import Any

import streamlit as st

from cuaderno.data import doctor, report, review
from cuaderno.data.formats import read_table
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.files import write_atomic
from cuaderno.workbench import Place
from cuaderno.workbench.examining.words import TEXT
from cuaderno.workbench.frame import plain

Line = dict[str, Any]


def show(place: Place, out: Path) -> bool:
    """The queue beside a clean copy, if there is one of texts; whether it shall be cleaned once more with it."""
    lines = read_queue(doctor.queue_of(out))
    if not lines:
        return False
    words = TEXT[place.lang]
    waiting = [line for line in lines if not is_decided(line)]
    title = words["review"].format(n=len(waiting)) if waiting else words["review_done"]
    with st.expander(title, key=f"review of {out}", expanded=bool(st.session_state.get(f"order {out}"))):
        st.caption(plain(words["review_about"].format(file=doctor.queue_of(out).name)))
        if waiting:
            _show_row(place, out, _next(out, waiting), sorted({str(line["label"]) for line in lines} - {""}))
        with st.container(horizontal=True):
            decided = len(lines) - len(waiting)
            again = st.button(words["review_again"].format(n=decided), key="clean again", disabled=not decided)
            if last := st.session_state.get(f"order {out}"):
                st.button(
                    words["review_back"], key="take decision back", on_click=decide, args=(out, last[-1], "", "", -1)
                )
    return again


def read_queue(queue: Path) -> list[Line]:
    """The lines of a queue that can be decided about; none when there is no such file."""
    if not queue.is_file():
        return []
    try:
        lines = [line.record for line in read_table(queue, text=("id",)).rows]
    except CuadernoError:  # that of a folder of pictures, or one that was spoilt by hand: the cleaning says what it is
        return []
    return lines if lines and all(name in lines[0] for name in review.NEEDED) else []


def is_decided(line: Line) -> bool:
    return bool(str(line["decision"]).strip() or str(line["right_label"]).strip())


def _next(out: Path, waiting: list[Line]) -> Line:
    """The first that was not put off; when all were, the first again."""
    later = st.session_state.get(f"later {out}", [])
    return next((line for line in waiting if line["row"] not in later), waiting[0])


def _show_row(place: Place, out: Path, line: Line, labels: list[str]) -> None:
    words, row = TEXT[place.lang], int(line["row"])
    st.markdown(f"**{plain(words['review_row'].format(row=row, why=line['why']))}**")
    st.text(report.shown(str(line["text"])))
    suggested = str(line["suggested"])
    others = [one for one in dict.fromkeys([suggested, *labels]) if one and one != line["label"]]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(words["review_keep"], key="review keep", on_click=decide, args=(out, row, review.KEEP))
        st.button(words["review_drop"], key="review drop", on_click=decide, args=(out, row, review.DROP))
        st.button(words["review_later"], key="review later", on_click=put_off, args=(out, line["row"]))
    if others and line["label"]:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            right = st.selectbox(
                words["review_right"], others, key=f"right {out} {row}", accept_new_options=True, width=260
            )
            st.button(
                words["review_relabel"], key="review relabel", disabled=not right, on_click=decide,
                args=(out, row, review.RELABEL, str(right)),
            )  # fmt: skip


def decide(out: Path, row: int, verdict: str, right: str = "", step: int = 1) -> None:
    """Write a decision into the queue at once, or take one back; or say why not."""
    queue = doctor.queue_of(out)
    try:
        write_atomic(queue, review.decide(queue, row, verdict, right))
    except CuadernoError as error:
        st.session_state["clean fault"] = str(error)
        return
    order = st.session_state.setdefault(f"order {out}", [])
    st.session_state[f"order {out}"] = [*order, row] if step > 0 else order[:-1]


def put_off(out: Path, row: str) -> None:
    st.session_state.setdefault(f"later {out}", []).append(row)
