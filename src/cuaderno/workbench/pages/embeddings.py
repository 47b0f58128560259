"""Embeddings: texts as vectors, searched by meaning, on a map, and one of them token by token."""

from html import escape
from typing import Any

import streamlit as st

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.maps import FEWEST, draw_map, nearest_texts
from cuaderno.lab.run import Run
from cuaderno.site import numbers
from cuaderno.workbench import Place, figure
from cuaderno.workbench.comparing.looking import heading
from cuaderno.workbench.embedding import drawing, vectors
from cuaderno.workbench.embedding.vectors import Embedded
from cuaderno.workbench.embedding.words import TEXT
from cuaderno.workbench.examining.files import ENDINGS
from cuaderno.workbench.frame import choose_from_address, plain, told

TITLE = {"en": "Embeddings", "es": "Vectores"}
ORDER = 45
TOP = 6


def show(place: Place) -> None:
    words = TEXT[place.lang]
    runs = vectors.runs(place)
    if not runs:
        st.info(words["no_runs"])
        return
    run = runs[choose_from_address("run", words["run"], list(runs))]
    texts = give(place)
    if st.button(words["embed"], type="primary", key="embed"):
        embed(place, run, texts)
    known: Embedded | None = st.session_state.get("embedded")
    if known is None or known.run.id != run.id:
        return
    shape = {"n": numbers.decimal(len(known.texts), 0, place.lang), "d": known.vectors.shape[1]}
    st.caption(words["done"].format(**shape))
    found = search(place, known)
    if len(known.texts) >= FEWEST:
        show_map(place, known, found)
    show_sequence(place, known)


def give(place: Place) -> list[str]:
    """What was typed, or the texts of a file."""
    words = TEXT[place.lang]
    left, right = st.columns(2, gap="large")
    with left:
        typed = st.text_area(
            words["texts"], words["example"], height=200, key=f"lines {place.lang}", persist_state="session"
        )
    with right:
        dropped = st.file_uploader(words["drop"], ENDINGS, key="dropped texts")
        if dropped is None:
            return [line.strip() for line in typed.splitlines() if line.strip()]
        texts, column = vectors.texts_of(dropped.name, dropped.getvalue())
        said = words["from_file"].format(n=len(texts), file=dropped.name, column=column or "–")
        if len(texts) > vectors.MOST:
            said += " " + words["too_many"].format(n=vectors.MOST)
        st.caption(plain(said))
        return texts[: vectors.MOST]


def embed(place: Place, run: Run, texts: list[str]) -> None:
    words = TEXT[place.lang]
    if not texts:
        st.warning(words["nothing"])
        return
    with st.spinner(words["embedding"].format(n=len(texts), run=plain(run.id))):
        st.session_state["embedded"] = vectors.embed(run, texts)
    st.session_state.pop("sequence", None)


def search(place: Place, known: Embedded) -> set[str]:
    """The texts that are nearest to what is asked."""
    words = TEXT[place.lang]
    heading(words["search"])
    asked = st.text_input(
        words["search"], key="asked meaning", placeholder=words["search_example"], label_visibility="collapsed"
    ).strip()
    if not asked:
        return set()
    wanted = st.session_state.get("asked vector")
    if wanted is None or wanted[0] != (asked, known.run.id):
        wanted = (asked, known.run.id), vectors.embed(known.run, [asked]).vectors[0]
        st.session_state["asked vector"] = wanted
    found = nearest_texts(known.texts, known.vectors, wanted[1], TOP)
    st.html(drawing.neighbours(found, place.lang))
    st.caption(words["likeness_help"])
    return {text for _, text in found}


def show_map(place: Place, known: Embedded, found: set[str]) -> None:
    """Every text as a dot, and the neighbours of one of them."""
    words, lang = TEXT[place.lang], place.lang
    heading(words["map"])
    kind = st.segmented_control(
        words["map_kind"],
        ["pca", "tsne"],
        format_func=lambda one: words[one],
        default="pca",
        key="map kind",
        required=True,
    )
    if not known.drawn:
        with st.spinner(words["drawing"]):
            try:
                known.drawn = draw_map(known.texts, known.vectors)
            except CuadernoError as error:
                st.error(told(error, lang))
                return
    spec, rows = drawing.map_of(known.drawn["points"], kind, found)
    chosen = st.vega_lite_chart(rows, spec, key=f"map {kind}", on_select="rerun", selection_mode="point")
    share = numbers.quantity(sum(known.drawn["explained"]), "percent", lang)
    st.caption(words[f"{kind}_said"].format(share=share) + " " + words["map_help"])
    show_neighbours(place, known, clicked(chosen))


def clicked(chosen: Any) -> int:
    """The number of the dot that was clicked, else the first."""
    points = chosen.get("selection", {}).get("point", []) if chosen else []
    return int(points[0]["number"]) if points and "number" in points[0] else -1


def show_neighbours(place: Place, known: Embedded, number: int) -> None:
    """A text chosen by click or from the list, and what is near it."""
    if number >= 0 and st.session_state.get("clicked dot") != number:
        st.session_state["clicked dot"] = st.session_state["neighbours of"] = number
    if st.session_state.get("neighbours of", 0) >= len(known.texts):
        st.session_state["neighbours of"] = 0
    of = st.selectbox(
        TEXT[place.lang]["of"], range(len(known.texts)), format_func=lambda i: known.texts[i], key="neighbours of"
    )
    found = nearest_texts(known.texts, known.vectors, known.vectors[of], TOP + 1)
    st.html(drawing.neighbours([one for one in found if one[1] != known.texts[of]][:TOP], place.lang))


def show_sequence(place: Place, known: Embedded) -> None:
    """One text as rows of squares, a row a token."""
    words = TEXT[place.lang]
    heading(words["sequence"])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(words["sequence_of"], known.texts[0], key="sequence of")
        if st.button(words["show_sequence"], key="draw sequence") and text.strip():
            st.session_state["sequence"] = vectors.sequence(known.run, text)
    if not (found := st.session_state.get("sequence")):
        return
    tokens, numbers_of = found
    drawn = drawing.sequence(tokens, numbers_of)
    width = drawing.LABEL + numbers_of.shape[1] * drawing.WIDE
    st.html(
        f'<div class="frame"><div class="drawing" tabindex="0" style="--least:{min(width, 620)}px;--most:{width}px">'
        f'<img src="{figure.as_image(drawn)}" alt="{escape(" ".join(tokens))}"></div></div>'
    )
    st.caption(words["sequence_said"].format(d=numbers_of.shape[1]))
    if len(tokens) > drawing.MOST_TOKENS:
        st.caption(words["sequence_cut"].format(n=drawing.MOST_TOKENS))
