"""One run to look at, or several to compare."""

from functools import partial
from html import escape
from pathlib import Path

import streamlit as st

from cuaderno.cli.runs import keep_run
from cuaderno.lab import records
from cuaderno.lab.errors import CuadernoError
from cuaderno.site.posters import drawn_size, safe_svg
from cuaderno.site.runs import Cited
from cuaderno.site.samples import read_samples
from cuaderno.workbench import Place, figure
from cuaderno.workbench.comparing import tables
from cuaderno.workbench.comparing.words import TEXT
from cuaderno.workbench.frame import plain, told
from cuaderno.workbench.saying import said, spoken

MOST = 16  # metrics that are shown unasked
LARGEST = 1_000_000  # bytes of a picture that is shown


def show_one(place: Place, cited: Cited) -> None:
    """Its results, its curves, its pictures and its card."""
    words = TEXT[place.lang]
    st.html(f'<h2 class="part">{escape(cited.id)}</h2>')
    left, right = st.columns([3, 2], gap="large")
    with left:
        show_results(place, [cited])
        _show_keep(place, cited)
    with right:
        heading(words["card"])
        st.html(tables.facts(cited, place.lang))
        st.caption(words["repeat"])
        st.code(cited.data["command"], language="bash", wrap_lines=True)
    show_curves(place, [cited])
    _show_pictures(place, cited)
    _show_samples(place, cited)
    for name, key in (("settings", "config"), ("effective", "effective")):
        if cited.data.get(key):
            with st.expander(words[name], key=f"{name} {cited.id}"):
                st.html(tables.values(cited.data[key], place.lang))


def show_several(place: Place, runs: list[Cited]) -> None:
    """Metrics with their intervals side by side, the settings that differ, the curves over one another."""
    words = TEXT[place.lang]
    show_results(place, runs)
    st.caption(words["apart"])
    heading(words["differ"])
    st.html(tables.differences(runs, place.lang) or f'<p class="over">{escape(words["same"])}</p>')
    show_curves(place, runs)


def show_results(place: Place, runs: list[Cited]) -> None:
    """The main metrics, or on demand all of them."""
    words = TEXT[place.lang]
    heading(words["results"])
    main = list(dict.fromkeys(name for cited in runs for name in cited.main_metrics()))
    every = list(dict.fromkeys(name for cited in runs for name in cited.ordered_metrics()))
    if not every:
        st.caption(words["no_results"])
        return
    whole = len(every) <= MOST or st.toggle(words["every_metric"].format(n=len(every)), key="every metric")
    if not whole and len(main) == len(every):
        main = every[:MOST]
    if len(runs) == 1:
        show_verdict(place, runs[0])
    st.html(tables.metrics(runs, every if whole else main, place.lang))


def show_verdict(place: Place, cited: Cited) -> None:
    """Whether a baseline wins, which is the first thing to know of a run."""
    is_beaten, said = tables.verdict(cited, place.lang)
    if said:
        (st.warning if is_beaten else st.caption)(plain(said))


def heading(text: str) -> None:
    st.html(f'<h2 class="group">{escape(text)}</h2>')


def _show_keep(place: Place, cited: Cited) -> None:
    words = TEXT[place.lang]
    if licence := records.foreign_licence(cited.run):
        st.warning(words["foreign"].format(licence=plain(said(licence, place.lang) or licence)))
    if cited.run.folder.parent == place.diary / "records":
        st.caption(words["is_kept"])
        name = cited.main_metric()
        if name:
            st.caption(words["cite"])
            st.code(f"{{num}}`{cited.id}.{name}`", language=None, wrap_lines=True)
        return
    ready = cited.run.status == "finished" and (cited.run.folder / "export" / "model.json").is_file()
    st.button(
        words["keep"], type="primary", key=f"keep {cited.id}", disabled=not ready, on_click=keep, args=(place, cited),
        help=None if ready else words["not_kept_yet"],
    )  # fmt: skip


def keep(place: Place, cited: Cited) -> None:
    """Copy it into the diary's records, or say why not."""
    try:
        folder = keep_run(cited.run, place.diary).folder
        message = TEXT[place.lang]["kept"].format(file=folder.relative_to(place.diary))
    except CuadernoError as error:
        message = spoken(error, place.lang)
    st.session_state.setdefault("said", []).append(message)


def show_curves(place: Place, runs: list[Cited]) -> None:
    """One logged value of every run, over steps or seconds."""
    words, lang = TEXT[place.lang], place.lang
    heading(words["curves"])
    names = list(dict.fromkeys(name for cited in runs for name in cited.curves()))
    if not names:
        st.caption(words["no_curve"])
        return
    main = next(filter(None, (cited.main_curve() for cited in runs)), names[0])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            words["curve"], names, names.index(main), format_func=partial(figure.spoken, lang=lang), width=260,
            key=f"curve {' '.join(names)}",
        )  # fmt: skip
        x = st.segmented_control(
            words["across"], ["step", "seconds"], format_func=partial(figure.spoken_axis, lang=lang), default="step",
            key="across", required=True,
        )  # fmt: skip
        log = st.toggle(words["log"], key="logarithmic")
    series = {cited.id: [(row[x], row[name]) for row in cited.history if name in row and x in row] for cited in runs}
    try:
        drawn = figure.figure(figure.spoken(name, lang), {key: one for key, one in series.items() if one}, lang, x, log)
    except ValueError as error:
        st.warning(told(error, lang))
        return
    st.html(f'<div class="wide">{drawn}</div>')


def _show_pictures(place: Place, cited: Cited) -> None:
    """The drawings of its export."""
    files = [path for path in cited.files if path.suffix.lower() in (".svg", ".png") and path.stat().st_size < LARGEST]
    if not files:
        return
    heading(TEXT[place.lang]["pictures"])
    for path in files:
        label = path.stem.replace("_", " ")
        if path.suffix.lower() == ".png":
            st.image(path.read_bytes(), caption=label)
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        if drawn := safe_svg(text, label, standalone=True):
            width, _ = drawn_size(drawn) or (600, 0)
            style = f"--least:{min(0.75 * width, 900):.0f}px;--most:{max(width, 400):.0f}px"
            st.html(
                f'<figure class="frame"><div class="drawing" tabindex="0" style="{style}">'
                f'<img src="{figure.as_image(drawn)}" alt="{escape(label)}"></div>'
                f"<figcaption>{escape(label)}</figcaption></figure>"
            )


def _show_samples(place: Place, cited: Cited) -> None:
    """What a model that writes wrote at several moments of its training."""
    path = Path(cited.run.folder) / "export" / "samples.json"
    if not path.is_file():
        return
    words = TEXT[place.lang]
    with st.expander(words["samples"], key=f"samples {cited.id}"):
        for sample in read_samples(path, cited.id):
            step = escape(words["step"].format(n=sample.step))
            st.html(f'<p class="over">{step}</p><div class="paper code" tabindex="0">{escape(sample.text)}</div>')
