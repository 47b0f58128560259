"""A place to type in that forgets nothing: every pause goes to the workbench, and until it answers to the browser."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

HERE = Path(__file__).parent
Heard = Callable[[dict[str, Any]], None]
HTML = '<label></label><textarea spellcheck="true"></textarea><p class="note" role="status"></p>'


def area(name: str, data: dict[str, Any], on_text: Heard, on_save: Heard) -> None:
    """A text area. `on_text` hears what was typed at every pause, `on_save` at Ctrl+Enter.

    `data` is `text` and `version` (another version replaces what is shown), `base` (given back with what was typed),
    `got` (the last text that was heard), `state` (the word for what became of it), `session`, `label`, `lang`, `rows`,
    `focus` (another number takes the focus) and `words`.
    """
    renderer()(
        key=name,
        data=data | {"id": name},
        on_text_change=partial(_tell, name, "text", on_text),
        on_save_change=partial(_tell, name, "save", on_save),
    )


def _tell(name: str, what: str, hear: Heard) -> None:
    state = st.session_state.get(name)
    payload = getattr(state, what, None)
    if isinstance(payload, dict) and isinstance(payload.get("text"), str):
        hear(payload)


def renderer() -> Callable[..., Any]:
    """The component; registered again in each run, as Streamlit wants it."""
    read = partial(Path.read_text, encoding="utf-8")
    return st.components.v2.component(
        "cuaderno.writing", html=HTML, css=read(HERE / "writing.css"), js=read(HERE / "writing.js")
    )
