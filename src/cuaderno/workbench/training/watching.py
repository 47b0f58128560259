"""The middle of the page *Train*: what is being trained, as its folder tells it, anew every two seconds."""

from html import escape

import streamlit as st

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.run import Run
from cuaderno.site import numbers
from cuaderno.site.runs import Cited
from cuaderno.site.studies import Study
from cuaderno.workbench import Place, figure
from cuaderno.workbench.frame import plain
from cuaderno.workbench.saying import spoken
from cuaderno.workbench.training import starting
from cuaderno.workbench.training.starting import Training
from cuaderno.workbench.training.words import TEXT

EVERY = 2.0  # seconds between two looks
MOST = 8  # trainings that are shown, and curves of one
COLORS = {"failed": "red", "finished": "green", "stopped": "orange", "stopping": "orange"}


def show(place: Place, found: list[Training]) -> None:
    """Every training; the look is renewed as long as one is busy."""
    words = TEXT[place.lang]
    if not found:
        st.caption(words["nothing"])
    else:
        st.html(f'<h2 class="part">{escape(words["now"])}</h2>')
    is_busy = any(one.is_busy for one in found)

    def look() -> None:
        now = starting.trainings(place.diary)
        for one in now[:MOST]:
            _show_one(place, one)
        if is_busy != any(one.is_busy for one in now):
            st.rerun()  # of the whole page: the clock of this part begins or ends

    st.fragment(look, run_every=EVERY if is_busy else None)()
    _show_others(place, found)


def _show_one(place: Place, one: Training) -> None:
    words, stage = TEXT[place.lang], one.stage
    with st.container(border=True, key=f"training {one.name}"):
        color = COLORS.get(stage, "blue")
        command = " ".join(one.start.words[:2]) if one.start else ""
        name = plain(one.run.id if one.run else command)
        st.markdown(f"**{name}** &ensp;:{color}[{plain(words[stage])}]")
        if one.run:
            _show_run(place, one.run, one.is_busy)
        _show_words(place, one)
        with st.container(horizontal=True):
            _show_buttons(place, one)


def _show_run(place: Place, run: Run, is_busy: bool) -> None:
    words, lang = TEXT[place.lang], place.lang
    try:
        cited = Cited(run, Study(run.study))
        history = cited.history
    except CuadernoError as error:
        st.error(plain(spoken(error, lang)))
        return
    share = starting.progress(run, history)
    step = numbers.decimal(history[-1]["step"] if history else run.data["steps"], 0, lang)
    planned = run.data.get("planned", {}).get("steps")
    told = words["step_of"].format(step=step)
    if planned:
        told = words["step_of_all"].format(step=step, all=numbers.decimal(planned, 0, lang))
    if is_busy and share is not None:
        st.progress(share, text=told)
    else:
        spent = numbers.quantity(run.data["cpu_seconds"], "seconds", lang)
        st.caption(f"{told} · {words['spent'].format(seconds=spent)}")
    st.html(curves_of(cited, lang, MOST if is_busy else 2) or f'<p class="over">{escape(words["no_curve"])}</p>')


def curves_of(cited: Cited, lang: str, most: int = MOST) -> str:
    """A small curve for everything that was logged, or the first of them; the main one comes first."""
    names = cited.curves()
    main = cited.main_curve()
    drawn = []
    for name in sorted(names, key=lambda name: name != main)[:most]:
        points = [(row["step"], row[name]) for row in cited.history if name in row and "step" in row]
        drawn.append(figure.figure(figure.spoken(name, lang), {name: points}, lang))
    return f'<div class="curves">{"".join(drawn)}</div>' if drawn else ""


def _show_words(place: Place, one: Training) -> None:
    """What it printed: in plain sight when that is an error, else in a box."""
    words = TEXT[place.lang]
    tail = one.start.tail() if one.start else ""
    if one.stage == "failed":
        st.error(plain(spoken(last_words(tail), place.lang)) if last_words(tail) else plain(words["no_words"]))
    elif one.stage == "stopped" and tail:
        st.caption(plain(spoken(last_words(tail), place.lang)))
    if tail:
        with st.expander(words["printed"], key=f"printed {one.name}"):
            st.code(tail, language=None, wrap_lines=True)


def last_words(tail: str) -> str:
    """The last line that says something, which is an error when there was one."""
    lines = [line.strip() for line in tail.splitlines() if line.strip(" ╭╰─│╯╮")]
    return lines[-1].strip(" │") if lines else ""


def _show_buttons(place: Place, one: Training) -> None:
    words, stage = TEXT[place.lang], one.stage
    if one.is_busy:
        gentle = stage in ("starting", "training")
        st.button(words["stop" if gentle else "stop_now"], key=f"stop {one.name}", on_click=_stop, args=(place, one))
        return
    run = one.run
    if run and starting.can_go_on(run):
        st.button(words["go_on"], key=f"go on {run.id}", type="primary", on_click=_go_on, args=(place, run))
    elif run and stage == "failed":  # trained, and not measured or not exported
        command = ["evaluate", run.id, "--export"]
        st.button(words["measure"], key=f"measure {run.id}", on_click=begin, args=(place, command))
    page = st.session_state.get("pages", {}).get("runs")
    if run and run.metrics and page:
        st.page_link(page, label=words["look"], query_params={"run": run.id, "lang": place.lang})
    if one.start:
        st.button(
            words["put_away"], key=f"put away {one.name}", help=words["put_away_help"],
            on_click=starting.put_away, args=(one,),
        )  # fmt: skip


def _stop(place: Place, one: Training) -> None:
    try:
        starting.stop(one)
    except CuadernoError as error:
        st.session_state.setdefault("said", []).append(spoken(error, place.lang))


def begin(place: Place, command: list[str]) -> None:
    """Start a command, and say so or why not."""
    words = TEXT[place.lang]
    try:
        starting.start(place.diary, command)
        said = words["started"]
    except (CuadernoError, OSError) as error:
        said = words["not_started"].format(reason=spoken(error, place.lang))
    st.session_state.setdefault("said", []).append(said)


def _go_on(place: Place, run: Run) -> None:
    begin(place, ["train", run.study, "--resume", run.id])


def _show_others(place: Place, found: list[Training]) -> None:
    """Stopped runs that were not started here, or put away."""
    words = TEXT[place.lang]
    shown = {one.run.id for one in found if one.run}
    others = {run.id: run for run in starting.stopped(place.diary) if run.id not in shown}
    if not others:
        return
    with st.expander(words["others"]), st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(words["run"], list(others), key="stopped run")
        if chosen in others:
            st.button(words["go_on"], key="go on with it", on_click=_go_on, args=(place, others[chosen]))
