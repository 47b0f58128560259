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
        "stops": "Ctrl-C in the terminal ends the workbench.",
    },
    "es": {
        "workbench": "Mesa de trabajo",
        "language": "Idioma",
        "broken": "Esta página no se ha podido mostrar. A las demás no les afecta.",
        "what_happened": "Qué ha pasado",
        "no_show": "{file} no tiene una función show(place), así que no hay nada que mostrar.",
        "no_pages": "Aquí no hay ninguna página.",
        "stops": "Ctrl-C en la terminal cierra la mesa de trabajo.",
    },
}


def language(default: str) -> str:
    """The language of the locale, when it is one of ours; else the diary's."""
    locale = next(filter(None, (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return locale[:2].lower() if locale[:2].lower() in TEXT else default
