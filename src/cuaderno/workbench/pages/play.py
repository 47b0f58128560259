"""Play: every study's model on your text, your picture or your drawing."""

from functools import partial
from html import escape
from pathlib import Path
from typing import Any

import streamlit as st

from cuaderno import studies
from cuaderno.cli.places import runs_beside
from cuaderno.lab import records
from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.run import Run
from cuaderno.site.studies import Study
from cuaderno.workbench import Place, form
from cuaderno.workbench.frame import choose_from_address, plain, told
from cuaderno.workbench.playing import answers, drawing, inputs
from cuaderno.workbench.playing.inputs import PICTURES, Play, Take
from cuaderno.workbench.playing.words import TEXT
from cuaderno.workbench.training import starting

TITLE = {"en": "Play", "es": "Jugar"}
ORDER = 40
DRAWN = ("undo", "clear", "again", "rubber", "canvas", "keys", "ink")


def show(place: Place) -> None:
    words = TEXT[place.lang]
    names = studies.names()
    if not names:
        st.info(words["no_studies"])
        return
    left, right = st.columns([1, 2])
    with left:
        study = choose_from_address("study", words["study"], names, first=partial(starting.newest_study, place.diary))
    runs = trained(place, study)
    if not runs:
        st.markdown(plain(Study(study).card(place.lang).description or studies.describe(study)))
        st.info(words["no_runs"])
        return
    with right:
        chosen = str(st.selectbox(words["run"], list(runs), key=f"asked of {study}", persist_state="session"))
    play = inputs.read_play(study)
    giving, answering = st.columns(2, gap="large")
    with giving:
        show_input(place, runs.get(chosen, next(iter(runs.values()))), play)
    with answering:
        show_answer(place, study, play)


def trained(place: Place, study: str) -> dict[str, Run]:
    """The runs of a study that can be asked, the kept ones first, trials of a sweep last, each the newest first."""
    kept = records.kept(place.diary / "records", study)
    others = records.runs_in(runs_beside(place.diary), damaged=lambda said: None)
    found: dict[str, Run] = {}
    for run in [*kept, *sorted((run for run in others if run.study == study), key=records.is_trial)]:
        if run.has_weights:
            found.setdefault(run.id, run)
    return found


def show_input(place: Place, run: Run, play: Play) -> None:
    """What is given to the model, and the button."""
    words = TEXT[place.lang]
    kinds = [take.kind for take in play.takes]
    kind = kinds[0]
    if len(kinds) > 1:
        kind = st.segmented_control(
            words["input"], kinds, format_func=lambda one: words[one], default=kind, key=f"kind {run.study}",
            required=True, persist_state="session",
        )  # fmt: skip
    take = next(one for one in play.takes if one.kind == kind)
    given, ending = give(place, run.study, take)
    options = choose_options(place, run.study, play) | take.options
    if st.button(words["ask"], type="primary", key=f"ask {run.study}"):
        ask(place, run, take, given, ending, options)


def give(place: Place, study: str, take: Take) -> tuple[str | bytes, str]:
    """What somebody typed, chose or drew, and how the name of such a file ends."""
    words, key = TEXT[place.lang], f"given {study} {take.kind}"
    label = take.says(place.lang) or words[take.kind]
    if take.kind == "drawing":
        st.caption(label)
        return drawing.sheet(key, take.inks, take.squares(), {name: words[name] for name in DRAWN}), "png"
    if take.kind == "picture":
        chosen = st.file_uploader(label, PICTURES, key=key)
        if chosen is None:
            return b"", ""
        ending = Path(chosen.name).suffix.lower().lstrip(".")
        if ending != "svg":
            st.image(chosen.getvalue(), width=320)
        return chosen.getvalue(), ending
    height = 24 * max(4, take.example.count("\n") + 2)
    with st.container(key=f"letters {study}" if take.kind == "file" else f"words {study}"):
        return st.text_area(label, take.example, height=height, key=key, persist_state="session"), "txt"


def choose_options(place: Place, study: str, play: Play) -> dict[str, Any]:
    """The study's own options, but for those that follow from the kind of input."""
    words, kind = TEXT[place.lang], studies.options(study)
    if kind is None:
        return {}
    found = form.settings(kind, studies.folder(study) / "predict.py", studies.told(study, "Options", place.lang))
    asked = [one for one in found if one.name not in play.options_of_kinds()]
    if not asked:
        return {}
    values = {one.name: one.default for one in asked}
    with st.expander(words["options"], key=f"options {study}"):
        st.caption(words["options_help"])
        chosen = form.ask(asked, values, f"option {study}", place.lang, columns=2)
    return {one.name: form.as_value(one, chosen[one.name]) for one in asked}


def ask(place: Place, run: Run, take: Take, given: str | bytes, ending: str, options: dict[str, Any]) -> None:
    """Ask the model; what it said stays until it is asked again."""
    words = TEXT[place.lang]
    if not given or (isinstance(given, str) and given.strip() in ("", "-")):
        st.warning(words["nothing"])
        return
    st.session_state.pop(f"answer {run.study}", None)
    with st.spinner(words["asking"].format(name=plain(run.id))):
        try:
            st.session_state[f"answer {run.study}"] = answers.ask(run, take, given, ending, options)
        except CuadernoError as error:
            st.error(told(error, place.lang))


def show_answer(place: Place, study: str, play: Play) -> None:
    words = TEXT[place.lang]
    answer = st.session_state.get(f"answer {study}")
    if answer is None:
        return
    st.html(f'<h2 class="group">{escape(words["answer"])}</h2>')
    if "error" in answer.said:
        st.warning(told(answer.said["error"], place.lang))
        return
    st.html(answers.shown(answer, play, place.lang))
    st.caption(words["answered_by"].format(run=plain(answer.run)))
