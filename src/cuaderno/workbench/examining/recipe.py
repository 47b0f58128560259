"""How the file is to be read, and which steps are to be taken."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from cuaderno.data import words as doctor_words
from cuaderno.data.doctor import Reading
from cuaderno.data.recipe import RECIPES, Settings
from cuaderno.workbench import Place
from cuaderno.workbench.examining.words import TEXT

PICTURE_STEPS = ("corrupt", "size", "leaks", "exact", "near", "balance")
ENCODINGS = ("utf-8", "cp1252", "latin-1", "utf-16", "shift_jis", "gb18030", "koi8-r")
SHARES = {"train": 0.8, "val": 0.1, "test": 0.1}


@dataclass(frozen=True)
class Wish:
    """What the person asked for."""

    reading: Reading
    settings: Settings


def ask(place: Place, name: str, columns: list[str], pictures: bool) -> Wish:
    """The recipe, its steps, and below them what is seldom changed."""
    words = TEXT[place.lang]
    stays: dict[str, Any] = {"persist_state": "session"}
    recipe = st.segmented_control(
        words["recipe"], list(RECIPES), default="standard", format_func=lambda one: words[f"recipe_{one}"],
        key="recipe", required=True, **stays,
    )  # fmt: skip
    steps = [step for step in (PICTURE_STEPS if pictures else RECIPES[recipe]) if step not in ("splits", "private")]
    taken = st.pills(
        words["steps"], steps, selection_mode="multi", default=steps, key=f"steps {recipe} {pictures}", width="stretch",
        format_func=lambda step: doctor_words.say(place.lang, f"step_{step}"), **stays,
    ) if steps else []  # fmt: skip
    skip = tuple(step for step in steps if step not in taken)
    if pictures:
        return Wish(Reading(), Settings(recipe=recipe, skip=skip))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        private = "keep"
        if "private" in RECIPES[recipe]:
            private = st.segmented_control(
                words["private"], ["mask", "drop", "keep"], default="mask", key="private", required=True,
                format_func=lambda one: words[f"private_{one}"], **stays,
            )  # fmt: skip
        is_split = st.toggle(words["split"], key="splits", help=words["split_help"], **stays)
    return _finer(place, name, columns, recipe, skip, private, is_split)


def _finer(
    place: Place, name: str, columns: list[str], recipe: str, skip: tuple[str, ...], private: str, is_split: bool
) -> Wish:
    words = TEXT[place.lang]
    with st.expander(words["finer"], key="finer"):
        left, middle, right = st.columns(3, gap="medium")
        with left:
            texts = st.multiselect(words["text_columns"], columns, key=f"texts {name}", placeholder=words["guessed"])
            label = st.selectbox(
                words["label_column"], columns, index=None, key=f"label {name}", placeholder=words["guessed"]
            )
        with middle:
            low = st.number_input(words["min_chars"], 0, 1_000_000, 2, key="min chars")
            high = st.number_input(words["max_chars"], 1, 10_000_000, 20_000, key="max chars")
        with right:
            likeness = st.number_input(words["likeness"], 0.6, 1.0, 0.8, 0.05, key="likeness")
            language = st.text_input(words["language"], key="wanted language", placeholder="es").strip().lower()
            encoding = st.selectbox(
                words["encoding"], ENCODINGS, index=None, key=f"encoding {name}", placeholder=words["guessed"],
                accept_new_options=True,
            )  # fmt: skip
        skip_broken = st.toggle(words["skip_broken"], key="skip broken")
    reading = Reading(tuple(texts), label, encoding or None, skip_broken)
    settings = Settings(
        recipe=recipe, skip=skip, private=private, language=language or None, min_chars=int(low), max_chars=int(high),
        likeness=float(likeness), shares=SHARES if is_split else None,
    )  # fmt: skip
    return Wish(reading, settings)
