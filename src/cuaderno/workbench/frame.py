"""What is around every page: the look, the language switch, the list of pages, and errors in words."""

import datetime
import traceback
from collections.abc import Callable
from functools import partial
from html import escape
from pathlib import Path

import streamlit as st

from cuaderno.diary.settings import read_settings
from cuaderno.lab.errors import CuadernoError
from cuaderno.workbench import Place, pages, theme
from cuaderno.workbench.saying import spoken
from cuaderno.workbench.serving import is_loopback
from cuaderno.workbench.words import NAMES, TEXT, language


def show(diary: Path) -> None:
    """One run of the workbench: the frame, and in it the page that was chosen."""
    st.set_page_config(page_title="Cuaderno", page_icon=theme.ICON, layout="wide")
    st.html(theme.style())
    try:
        settings = read_settings(diary)
    except CuadernoError as error:
        st.error(told(error, language("en")))
        return
    with st.sidebar:
        mark = st.empty()
    lang = choose_language(settings.default)
    if own := theme.words(TEXT[lang]):
        st.html(own)
    title = settings.title.get(lang, next(iter(settings.title.values())))
    mark.html(f'<p class="mark">{escape(title)}</p>')
    place = Place(diary, lang, datetime.date.today())
    shown = [
        st.Page(body(page, place), title=page.title.get(lang, page.name), url_path=page.name, default=not index)
        for index, page in enumerate(pages.found())
    ]
    if not shown:
        st.info(TEXT[lang]["no_pages"])
        return
    st.session_state["pages"] = {page.name: one for page, one in zip(pages.found(), shown, strict=False)}
    chosen = st.navigation(shown)
    warn_of_network(lang)
    chosen.run()
    with st.sidebar:
        st.caption(TEXT[lang]["stops"])


def choose_language(default: str) -> str:
    """The switch in the sidebar; the address remembers the choice."""
    asked = st.query_params.get("lang", "")
    first = st.session_state.setdefault("first lang", asked if asked in TEXT else language(default))
    label = " / ".join(words["language"] for words in TEXT.values())
    with st.sidebar:
        chosen = st.segmented_control(
            label, list(TEXT), format_func=lambda lang: NAMES[lang], default=first, key="lang", required=True,
            label_visibility="collapsed",
        )  # fmt: skip
    if chosen != asked:
        st.query_params["lang"] = chosen
    return chosen


def warn_of_network(lang: str) -> None:
    """On every page, as long as others can reach the workbench."""
    if not is_loopback(str(st.get_option("server.address") or "127.0.0.1")):
        st.warning(TEXT[lang]["open_to_network"])


def body(page: pages.Page, place: Place) -> Callable[[], None]:
    return partial(show_page, page, place)


def show_page(page: pages.Page, place: Place) -> None:
    """A page, or what is wrong with it in its place."""
    words = TEXT[place.lang]
    st.html(f'<h1 class="page">{escape(page.title.get(place.lang, page.name))}</h1>')
    try:
        if page.fault:
            raise CuadernoError(page.fault)
        module = page.load()
        if not hasattr(module, "show"):
            raise CuadernoError(words["no_show"].format(file=f"{page.name}.py"))
        module.show(place)
    except CuadernoError as error:
        st.error(told(error, place.lang))
    except Exception as error:
        st.error(f"{words['broken']}\n\n{plain(f'{type(error).__name__}: {error}')}")
        with st.expander(words["what_happened"]):
            st.code("".join(traceback.format_exception(error)), language=None)


def choose_from_address(
    name: str, label: str, options: list[str], told: Callable[[str], str] = str, first: Callable[[], str] = str
) -> str:
    """A choice that the address remembers; `first` is what to begin with when it says nothing."""
    if st.session_state.get(name) not in options:
        asked = st.query_params.get(name)
        begun = asked if asked in options else first()
        st.session_state[name] = begun if begun in options else options[0]
    chosen = str(st.selectbox(label, options, format_func=told, key=name))
    if st.query_params.get(name) != chosen:
        st.query_params[name] = chosen
    return chosen


def say_what_happened() -> None:
    """The messages that the last run left for this one."""
    for text in st.session_state.pop("said", []):
        st.toast(plain(text))


def told(text: object, lang: str) -> str:
    """What the program says, as Markdown that shows it as it stands."""
    return plain(spoken(text, lang))


def plain(text: str) -> str:
    """A text that Markdown shows as it stands."""
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]()#+-.!|~$:<>&" else letter for letter in text)
