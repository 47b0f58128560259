"""Write the clean copy beside the original, take it away, and take back what was done."""

from dataclasses import replace
from pathlib import Path

import streamlit as st

from cuaderno.data import doctor, undo
from cuaderno.data.recipe import CHANGED, DROPPED
from cuaderno.data.words import say
from cuaderno.lab.errors import CuadernoError
from cuaderno.workbench import Place
from cuaderno.workbench.examining import reviewing
from cuaderno.workbench.examining.recipe import Wish
from cuaderno.workbench.examining.words import TEXT
from cuaderno.workbench.frame import plain

BELONGING = ("report.html", "review.csv", "undo.zip")
LARGEST = 200_000_000  # bytes that are handed to the browser


def show(place: Place, path: Path, wish: Wish) -> None:
    """The name of the copy, the button, and what was written already."""
    words = TEXT[place.lang]
    clean = f"{path.name}.clean" if path.is_dir() else f"{path.stem}.clean{path.suffix}"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        name = st.text_input(words["out"], clean, key=f"out {path}", width=360).strip()
        out = path.with_name(Path(name).name or clean)
        over = out.exists() and st.checkbox(words["over"], key=f"over {out}")
        st.button(
            words["clean"], type="primary", key="clean", disabled=out.exists() and not over,
            on_click=clean_it, args=(place, path, out, wish, over),
        )  # fmt: skip
    if undo.path_of(out).is_file():
        _show_written(place, path, out, wish)


def clean_it(place: Place, path: Path, out: Path, wish: Wish, over: bool) -> None:
    """Write it, with what was decided about doubtful rows; or say why not."""
    queue, reading = doctor.queue_of(out), wish.reading
    if any(map(reviewing.is_decided, reviewing.read_queue(queue))):
        reading = replace(reading, review=(str(queue),))
    try:
        doctor.clean(path, out, reading, wish.settings, place.lang, force=over)
        said = TEXT[place.lang]["cleaned"].format(file=out.name)
    except CuadernoError as error:
        st.session_state["clean fault"] = str(error)
        return
    st.session_state.setdefault("said", []).append(said)


def _show_written(place: Place, path: Path, out: Path, wish: Wish) -> None:
    words = TEXT[place.lang]
    st.html(f'<h2 class="group">{words["written"]}</h2>')
    st.caption(plain(words["lies"].format(file=out)))
    with st.container(horizontal=True):
        for index, file in enumerate([out, *(out.with_name(f"{out.name}.{ending}") for ending in BELONGING)]):
            if file.is_file() and file.stat().st_size <= LARGEST:
                label = words["file_out" if not index else f"file_{BELONGING[index - 1].split('.')[0]}"]
                st.download_button(
                    label, file.read_bytes(), file.name, "application/octet-stream", key=f"download {file.name}",
                    on_click="ignore", type="secondary" if index else "primary",
                )  # fmt: skip
    st.caption(words["undo_secret"])
    pages = st.session_state.get("pages", {})
    if out.is_file() and (page := pages.get("tune")):
        st.page_link(page, label=words["tune"], query_params={"file": str(out), "lang": place.lang})
    if reviewing.show(place, out):
        clean_it(place, path, out, wish, over=True)
        st.rerun()
    _show_undo(place, out)


def _show_undo(place: Place, out: Path) -> None:
    """What was done step by step, and a button to take some of it back, or all."""
    words = TEXT[place.lang]
    with st.expander(words["undo"], key=f"undo of {out}"):
        kept = undo.read(out)
        done: dict[str, int] = {}
        for finding in kept.findings:
            if finding.action in (CHANGED, DROPPED) and not kept.is_undone(finding.step, finding.row):
                done[finding.step] = done.get(finding.step, 0) + 1
        if not done:
            st.caption(words["nothing_to_undo"])
            return
        chosen = st.multiselect(
            words["undo_steps"], list(done), key=f"undo steps {out}", placeholder=words["undo_all"],
            format_func=lambda step: f"{say(place.lang, f'step_{step}')} ({done[step]})",
        )  # fmt: skip
        rows = st.text_input(words["undo_rows"], key=f"undo rows {out}", placeholder="17, 203")
        st.button(words["take_back"], key="take back", on_click=take_back, args=(place, out, chosen, rows))


def take_back(place: Place, out: Path, steps: list[str], rows: str) -> None:
    """Undo some steps, some rows, or everything; or say why not."""
    words = TEXT[place.lang]
    try:
        try:
            numbers = [int(word) for word in rows.replace(",", " ").split()]
        except ValueError:
            raise CuadernoError(words["no_numbers"].format(rows=rows)) from None
        done = doctor.restore(out, steps, numbers)
    except CuadernoError as error:
        st.session_state["clean fault"] = str(error)
        return
    st.session_state[f"undo steps {out}"], st.session_state[f"undo rows {out}"] = [], ""
    st.session_state.setdefault("said", []).append(words["taken_back"].format(n=done["restored"], all=done["rows"]))
