"""Chat: talk with a run or a served model, or with two side by side."""

from html import escape
from typing import Any

import streamlit as st

from cuaderno.chat import ChatModel, Message, saved
from cuaderno.chat.conversation import Conversation
from cuaderno.lab.errors import CuadernoError
from cuaderno.site import numbers
from cuaderno.workbench import Place
from cuaderno.workbench.frame import plain, told
from cuaderno.workbench.saying import spoken
from cuaderno.workbench.talking import side as sides
from cuaderno.workbench.talking.listening import Listener, wait
from cuaderno.workbench.talking.side import Side
from cuaderno.workbench.talking.words import TEXT

TITLE = {"en": "Chat", "es": "Charlar"}
ORDER = 50
SERVED = ("gemini", "openai")


def show(place: Place) -> None:
    words = TEXT[place.lang]
    begin(place)
    talks: list[Side] = st.session_state["talks"]
    names = choose_models(place, talks)
    options = choose_options(place)
    number = len(names)
    while len(talks) < number:
        talks.append(Side())
    models = [open_one(place, name, options) for name in names]
    columns = st.columns(number, gap="large") if number > 1 else [st.container()]
    slots = []
    for column, talk, model, name in zip(columns, talks, models, names, strict=False):
        with column:
            if model:
                introduce(place, model, name, options)
            said = talk.conversation.messages if talk.conversation else talk.messages
            if said:
                st.html("".join(bubble(one, place.lang) for one in said))
            slots.append(st.empty())
            show_usage(place, talk, model)
    ready = all(models) and bool(models)
    question = st.chat_input(words["ask"], key="question", disabled=not ready)
    if question and ready:
        answer(place, question, list(zip(talks, models, names, slots, strict=False)), options)  # type: ignore[arg-type]
    show_kept(place)


# -- who, and how ------------------------------------------------------------------------------------------------------


def begin(place: Place) -> None:
    """The conversations of this session, or those that the address names."""
    if "talks" in st.session_state:
        return
    try:
        found, system = sides.opened(place.diary, st.query_params.get("talk", ""))
    except CuadernoError as error:
        found, system = [], ""
        st.error(told(error, place.lang))
    st.session_state["talks"] = found or [Side()]
    st.session_state["system"] = system
    st.session_state["side by side"] = len(found) > 1


def choose_models(place: Place, talks: list[Side]) -> list[str]:
    """One or two names of models."""
    words = TEXT[place.lang]
    known = [*(run.id for run in sides.runs_to_talk_with(place.diary)), *SERVED]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        both = st.toggle(words["compare"], key="side by side", persist_state="session")
        st.button(words["new"], key="new conversation", on_click=forget)
    columns = st.columns(2 if both else 1, gap="large")
    chosen = []
    for number, (column, label) in enumerate(zip(columns, ("model", "second"), strict=False)):
        before = talks[number].model if number < len(talks) else ""
        options = list(dict.fromkeys([*filter(None, [before]), *known]))
        with column:
            name = st.selectbox(
                words[label], options, index=min(number, len(options) - 1) if not before else options.index(before),
                key=f"model {number}", accept_new_options=True, help=words["model_help"], persist_state="session",
            )  # fmt: skip
        chosen.append((name or "").strip())
    return chosen


def choose_options(place: Place) -> dict[str, Any]:
    """What the models are told besides; empty fields are left to them."""
    words = TEXT[place.lang]
    with st.expander(words["settings"], key="chat settings"):
        system = st.text_area(words["system"], key="system", height=80, persist_state="session")
        left, right = st.columns(2)
        with left:
            temperature = st.number_input(
                words["temperature"], 0.0, 5.0, None, 0.1, key="temperature", persist_state="session"
            )
        with right:
            longest = st.number_input(
                words["max_tokens"], 1, 1_000_000, None, 1, key="longest answer", persist_state="session"
            )
        st.caption(words["left_out"])
    found = {"system": system.strip(), "temperature": temperature, "max_tokens": longest}
    return {name: value for name, value in found.items() if value not in (None, "")}


def open_one(place: Place, name: str, options: dict[str, Any]) -> ChatModel | None:
    """The model, opened once for each way to ask it; what is wrong with it is said in its place."""
    words = TEXT[place.lang]
    if not name:
        st.info(words["no_model"])
        return None
    key = (name, *sorted(options.items()))
    models = st.session_state.setdefault("models", {})
    if key not in models:
        try:
            with st.spinner(words["opening"].format(name=plain(name))):
                models[key] = sides.open_model(place.diary, name, options)
        except CuadernoError as error:
            st.error(told(error, place.lang))
            return None
    return models[key]


def introduce(place: Place, model: ChatModel, name: str, options: dict[str, Any]) -> None:
    words = TEXT[place.lang]
    st.html(f'<h2 class="group">{escape(model.name)}</h2>')
    with st.container(key=f"about {name}"):
        st.caption(plain(model.introduction(place.lang)))
    if "system" in options and not sides.can_be_told(place.diary, name):
        st.caption(words["no_system"].format(name=plain(model.name)))


def forget() -> None:
    """Begin again; what was said is kept on disk."""
    before: list[Side] = st.session_state["talks"]
    st.session_state["talks"] = [Side(model=one.model) for one in before]
    st.query_params.pop("talk", None)


# -- what is said ------------------------------------------------------------------------------------------------------


def bubble(message: Message, lang: str, mark: str = "") -> str:
    """One message as it was said: nothing in it is Markdown or HTML, so it can load nothing."""
    who = TEXT[lang]["you"] if message["role"] == "user" else ""
    name = f"<b>{escape(who)}</b>" if who else ""
    return f'<div class="said {message["role"]}">{name}{escape(message["content"].strip())}{mark}</div>'


def answer(place: Place, question: str, asked: list[tuple[Side, ChatModel, str, Any]], options: dict[str, Any]) -> None:
    """Ask every model at once and show the answers as they come; however this ends, what was said is kept."""
    st.query_params["talk"] = ",".join(talk.name for talk, *_ in asked)
    listeners = [Listener(talk.talk(model, name), question) for talk, model, name, _ in asked]
    stopping = st.empty()
    stopping.button(TEXT[place.lang]["stop"], key="stop answer", type="primary")
    try:
        while not all(one.done.is_set() for one in listeners):
            for one, (*_, slot) in zip(listeners, asked, strict=True):
                slot.html(shown(place, one))
            wait()
    finally:  # also when somebody presses Stop, or asks something else, which ends this run of the page here and now
        unsaved = [keep(place, talk, one.stop(), options) for one, (talk, *_) in zip(listeners, asked, strict=True)]
    stopping.empty()
    faults = [*(one.fault for one in listeners), *unsaved]
    if not any(faults):
        st.rerun()
    for one, (*_, slot) in zip(listeners, asked, strict=True):
        with slot.container():
            st.html(shown(place, one))
            if one.fault:
                st.warning(told(one.fault, place.lang))
    for said in filter(None, unsaved):
        st.error(plain(said))


def shown(place: Place, one: Listener) -> str:
    """The question, and the answer as far as it has come."""
    mark = "" if one.done.is_set() else '<i class="caret"></i>'
    asked = bubble({"role": "user", "content": one.question}, place.lang)
    if not one.said and one.done.is_set():
        return asked
    return asked + bubble({"role": "assistant", "content": one.said}, place.lang, mark)


def keep(place: Place, talk: Side, conversation: Conversation, options: dict[str, Any]) -> str:
    """Write down what was said; why that was not possible, in words."""
    try:
        told = str(options.get("system", "")) if sides.can_be_told(place.diary, talk.model) else ""
        talk.keep(place.diary, conversation, told)
    except CuadernoError as error:
        return TEXT[place.lang]["not_saved"].format(reason=spoken(error, place.lang))
    return ""


def show_usage(place: Place, talk: Side, model: ChatModel | None) -> None:
    """Tokens, and money where somebody has said what they cost."""
    words, lang = TEXT[place.lang], place.lang
    usage = talk.conversation.usage if talk.conversation else None
    if usage is None:
        return
    counts = {"read": usage.read, "written": usage.written}
    told = words["counted"].format(**{name: numbers.decimal(count, 0, lang) for name, count in counts.items()})
    if usage.cost is not None:
        told += " · " + words["cost"].format(cost=numbers.significant(usage.cost, lang))
    elif setting := getattr(getattr(getattr(model, "server", None), "provider", None), "price_setting", ""):
        told += ". " + words["no_price"].format(setting=setting)
    st.caption(told)


# -- what was kept -----------------------------------------------------------------------------------------------------


def show_kept(place: Place) -> None:
    """Every kept conversation: open one, take some along as a training set."""
    words = TEXT[place.lang]
    damaged: list[str] = []
    found = {one.name: one for one in saved.all_saved(place.diary, damaged.append)}
    with st.expander(words["kept"].format(n=len(found)), key="kept conversations"):
        if damaged:
            st.caption(words["damaged"])
            st.code("\n".join(damaged), language=None, wrap_lines=True)
        if not found:
            st.caption(words["kept_none"])
            return

        def told(name: str) -> str:
            return f"{found[name].title} · {found[name].model}" if name in found else name

        with st.container(horizontal=True, vertical_alignment="bottom"):
            chosen = st.selectbox(words["which"], list(found), format_func=told, key="kept one")
            st.button(words["open"], key="open kept", on_click=reopen, args=(place, str(chosen)))
        some = st.multiselect(
            words["export_which"],
            list(found),
            list(found),
            format_func=told,
            key=f"to train with {len(found)}",
            placeholder=words["none_chosen"],
        )
        text = saved.training_set(found[name] for name in reversed(some))
        st.download_button(
            words["export"].format(n=text.count("\n")), text, "conversations.jsonl", "application/jsonl",
            disabled=not text, key="export kept", on_click="ignore",
        )  # fmt: skip
        st.caption(words["kept_where"].format(folder=f"{saved.FOLDER}/"))


def reopen(place: Place, name: str) -> None:
    """Go on with a conversation that was kept."""
    found, system = sides.opened(place.diary, name)
    if found:
        st.session_state["talks"] = found
        st.session_state["system"] = system
        st.session_state["side by side"] = False
        st.session_state["model 0"] = found[0].model
        st.query_params["talk"] = name
