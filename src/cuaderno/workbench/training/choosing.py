"""The upper half of the page *Train*: a study, a preset, the settings, and one button."""

import shlex
from dataclasses import asdict
from functools import partial
from pathlib import Path

import streamlit as st

from cuaderno import studies
from cuaderno.site.studies import Study
from cuaderno.workbench import Place, form
from cuaderno.workbench.frame import choose_from_address, plain
from cuaderno.workbench.training import starting, watching
from cuaderno.workbench.training.starting import Training
from cuaderno.workbench.training.words import TEXT


def show(place: Place, found: list[Training]) -> None:
    """Choose, start, watch, and below that the settings."""
    words = TEXT[place.lang]
    names = studies.names()
    if not names:
        st.info(words["no_studies"])
        return
    left, right = st.columns([1, 2], vertical_alignment="top")
    with left:
        study = choose_from_address("study", words["study"], names, first=partial(starting.newest_study, place.diary))
    kind, presets = studies.config(study)
    with right:
        preset = st.segmented_control(
            words["preset"], list(presets), default="default", key=f"preset {study}", required=True,
            persist_state="session",
        )  # fmt: skip
    st.markdown(plain(Study(study).card(place.lang).description or studies.describe(study)))
    top, middle = st.container(), st.container()
    told = studies.told(study, "Config", place.lang)
    settings = form.settings(kind, Path(studies.folder(study) / "train.py"), told)
    changed = _ask(place, study, preset, settings, asdict(presets[preset]))  # type: ignore[call-overload]
    with top:
        _show_start(place, study, preset, changed, any(one.is_busy for one in found))
    with middle:
        watching.show(place, found)


def _ask(place: Place, study: str, preset: str, found: list[form.Setting], values: dict) -> list[str]:
    """The settings, and as words of a command those that differ from the preset."""
    words = TEXT[place.lang]
    turn = st.session_state.setdefault("settings turn", 0)
    with st.expander(words["settings"], expanded=True):
        st.caption(words["settings_help"])
        chosen = form.ask(found, values, f"setting {turn} {study} {preset}", place.lang)
        number = sum(chosen[one.name] != values[one.name] for one in found)
        if number:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.caption(words["changed"].format(n=number))
                st.button(words["reset"], key="reset settings", on_click=_reset)
    return form.words(found, chosen, values)


def _reset() -> None:
    st.session_state["settings turn"] += 1


def _show_start(place: Place, study: str, preset: str, changed: list[str], is_busy: bool) -> None:
    words = TEXT[place.lang]
    keep = st.checkbox(words["keep"], key="keep when finished")
    command = ["train", study, *([] if preset == "default" else ["--preset", preset]), *changed]
    command += ["--keep"] if keep else []
    st.button(words["start"], type="primary", key="start", on_click=watching.begin, args=(place, command))
    if is_busy:
        st.caption(words["busy"])
    st.code(shlex.join(["cuaderno", *command]), language="bash", wrap_lines=True)
