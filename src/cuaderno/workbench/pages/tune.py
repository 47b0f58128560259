"""Refine: from a file of rows to a tuned model, and whether it beats simple counting."""

import shlex
from dataclasses import replace
from pathlib import Path

import streamlit as st

from cuaderno import studies
from cuaderno.cli.places import runs_beside
from cuaderno.lab import records
from cuaderno.site.runs import Cited
from cuaderno.site.studies import Study
from cuaderno.workbench import Place, form, tuning
from cuaderno.workbench.comparing import looking, tables
from cuaderno.workbench.examining import files
from cuaderno.workbench.frame import choose_from_address, plain, say_what_happened
from cuaderno.workbench.training import starting, watching
from cuaderno.workbench.tuning.words import TEXT

TITLE = {"en": "Refine", "es": "Refinar"}
ORDER = 25
OTHER = "other"


def show(place: Place) -> None:
    words = TEXT[place.lang]
    say_what_happened()
    names = tuning.names()
    if not names:
        st.info(words["none"])
        return
    study = names[0] if len(names) == 1 else choose_from_address("study", words["study"], names)
    command = ["train", study, *choose_file(place), *choose_model(place, study), *choose_settings(place, study)]
    st.button(words["start"], type="primary", key="start tuning", on_click=watching.begin, args=(place, command))
    st.code(shlex.join(["cuaderno", *command]), language="bash", wrap_lines=True)
    st.caption(words["more"])
    found = [one for one in starting.trainings(place.diary) if one.name and study in _study_of(one)]
    if found:
        watching.show(place, found[:1])
    show_newest(place, study)


def _study_of(one: starting.Training) -> tuple[str, ...]:
    return (one.run.study,) if one.run else one.start.words[:2] if one.start else ()


def choose_file(place: Place) -> list[str]:
    """The rows to learn from; the address remembers them."""
    words = TEXT[place.lang]
    if "rows file" not in st.session_state or st.query_params.get("file", "") != st.session_state.get("asked rows"):
        st.session_state["rows file"] = st.session_state["asked rows"] = st.query_params.get("file", "")
    with st.container(horizontal=True, vertical_alignment="bottom", key="file of rows"):
        typed = st.text_input(words["file"], key="rows file", placeholder=words["file_empty"]).strip()
        page = st.session_state.get("pages", {}).get("data")
        if page:
            st.page_link(page, label=words["from_data"], query_params={"file": typed, "lang": place.lang})
    if typed != st.query_params.get("file", ""):
        st.query_params["file"] = st.session_state["asked rows"] = typed
    return ["--data", str(files.found(place.diary, typed))] if typed else []


def choose_model(place: Place, study: str) -> list[str]:
    """What is to be given, and the models that can."""
    words, tune = TEXT[place.lang], tuning.read(study)
    st.markdown(plain(tune.why[place.lang]))
    left, right = st.columns(2, gap="large")
    with left:
        task = st.segmented_control(
            words["task"], list(tune.task), format_func=lambda one: tune.task[one][place.lang],
            default=next(iter(tune.task)), key=f"task {study}", required=True, persist_state="session",
        )  # fmt: skip
    models = tune.task[task]["models"]
    with right:
        model = st.selectbox(
            words["model"], [*models, OTHER], format_func=lambda one: words[OTHER] if one == OTHER else one,
            key=f"model {study} {task}", persist_state="session",
        )  # fmt: skip
        if model == OTHER:
            model = st.text_input(words["other_model"], key=f"other model {study}").strip()
    return ["--task", task, *(["--model", model] if model and model != models[0] else [])]


def choose_settings(place: Place, study: str) -> list[str]:
    """The few settings that matter most, under the study's own names."""
    kind, _ = studies.config(study)
    told = studies.told(study, "Config", place.lang)
    every = {one.name: one for one in form.settings(kind, Path(studies.folder(study) / "train.py"), told)}
    found = [replace(every[name], group="") for name in tuning.read(study).settings if name in every]
    values = {one.name: one.default for one in found}
    return form.words(found, form.ask(found, values, f"tuned {study}", place.lang), values)


def show_newest(place: Place, study: str) -> None:
    """The newest finished run: its metrics beside the baselines, and where each setting went."""
    words = TEXT[place.lang]
    every = records.runs_in(runs_beside(place.diary), place.diary / "records", damaged=lambda said: None)
    run = max((run for run in every if run.study == study and run.metrics), key=lambda run: run.id, default=None)
    st.html(f'<h2 class="part">{words["results"]}</h2>')
    if run is None:
        st.caption(words["no_results"])
        return
    st.caption(plain(run.id))
    looking.show_results(place, [Cited(run, Study(study))])
    looking.heading(words["effective"])
    st.html(tables.values(run.data["effective"], place.lang))
