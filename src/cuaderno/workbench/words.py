"""The words of the frame around every page, in both languages. A page brings its own. A test keeps the keys equal."""

import os

NAMES = {"en": "English", "es": "Español"}
TEXT = {
    "en": {
        "workbench": "Workbench",
        "language": "Language",
        "broken": "This page could not be shown. The others are not touched by it.",
        "what_happened": "What happened",
        "no_show": "{file} has no function show(place), so there is nothing to show.",
        "no_pages": "There is no page here.",
        "in_english": "",
        "upload": "",  # of Streamlit, which says it in English by itself
        "upload_limit": "",
        "enter_applies": "",
        "number_applies": "",
        "area_applies": "",
        "stops": "Ctrl-C in the terminal ends the workbench.",
        "open_to_network": "The workbench is open to the network: whoever reaches this computer can write in the "
        "diary, train here and ask models with your keys.",
        "group_data": "data",
        "group_model": "model",
        "group_loss": "loss",
        "group_lessons": "lessons",
        "group_optimizer": "optimizer",
        "group_evaluation": "evaluation",
        "group_judging": "judging",
        "group_machine": "machine",
    },
    "es": {
        "workbench": "Mesa de trabajo",
        "language": "Idioma",
        "broken": "Esta página no se ha podido mostrar. A las demás no les afecta.",
        "what_happened": "Qué ha pasado",
        "no_show": "{file} no tiene una función show(place), así que no hay nada que mostrar.",
        "no_pages": "Aquí no hay ninguna página.",
        "in_english": "En inglés:",
        "upload": "Elegir archivo",
        "upload_limit": "o suéltalo aquí; 50 MB como máximo",
        "enter_applies": "Intro para aplicar",
        "number_applies": "Intro para aplicar",
        "area_applies": "Ctrl+Intro para aplicar",
        "stops": "Ctrl-C en la terminal cierra la mesa de trabajo.",
        "open_to_network": "La mesa de trabajo está abierta a la red: quien llegue a este ordenador puede escribir en "
        "el diario, entrenar aquí y preguntar a modelos con tus claves.",
        "group_data": "datos",
        "group_model": "modelo",
        "group_loss": "pérdida",
        "group_lessons": "lecciones",
        "group_optimizer": "optimizador",
        "group_evaluation": "evaluación",
        "group_judging": "valoración",
        "group_machine": "máquina",
    },
}


def language(default: str) -> str:
    """The language of the locale, when it is one of ours; else the diary's."""
    locale = next(filter(None, (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return locale[:2].lower() if locale[:2].lower() in TEXT else default
