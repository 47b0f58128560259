"""A sheet to draw on, square by square or freely; what is drawn comes as a PNG."""

import base64
import binascii
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

HERE = Path(__file__).parent
HTML = (
    '<div class="bar" role="toolbar"></div><div class="sheet"><canvas tabindex="0"></canvas></div><p class="note"></p>'
)
BEFORE = "data:image/png;base64,"
LARGEST = 8 * 1024 * 1024  # characters of a drawing


def sheet(name: str, inks: tuple[str, ...], squares: list[list[int]], words: dict[str, str]) -> bytes:
    """The drawing as it stands, empty before the first stroke of somebody; painted on squares when there are some."""
    result = renderer()(
        key=name,
        data={"inks": list(inks), "squares": squares, "words": words},
        on_picture_change=lambda: None,
    )
    return as_png(getattr(result, "picture", None))


def as_png(said: Any) -> bytes:
    """The bytes of a picture that a browser sent; nothing when it is none."""
    if not isinstance(said, str) or not said.startswith(BEFORE) or len(said) > LARGEST:
        return b""
    try:
        return base64.b64decode(said.removeprefix(BEFORE), validate=True)
    except binascii.Error:
        return b""


def renderer() -> Callable[..., Any]:
    """The component; registered again in each run, as Streamlit wants it."""
    read = partial(Path.read_text, encoding="utf-8")
    return st.components.v2.component(
        "cuaderno.drawing", html=HTML, css=read(HERE / "drawing.css"), js=read(HERE / "drawing.js")
    )
