"""Every word the chat itself says, in both languages. A test keeps the keys equal."""

import os

TEXT = {
    "en": {
        "prompt": "you> ",
        "hint": "/help shows the commands. Ctrl-C stops an answer, Ctrl-D ends the conversation.",
        "help": (
            "/new         forget the conversation and begin again\n"
            "/save FILE   write the conversation to a Markdown file, or add it to a training set (.jsonl)\n"
            "/tokens      what the conversation has cost so far\n"
            "/help        show this\n"
            "/quit        end (as Ctrl-D does)\n"
            "Ctrl-C       stop the answer and keep what was said; without one, end\n"
            "A question may begin with a slash when a space stands before it."
        ),
        "unknown_command": "There is no command {command}. /help shows those there are.",
        "new": "Forgotten. We begin again.",
        "save_where": "Say where: /save FILE",
        "save_nothing": "Nothing was said yet, so there is nothing to save.",
        "save_over": "{file} exists. Overwrite it? [y/N] ",
        "yes": "y yes",
        "saved": "Saved in {file}.",
        "not_saved": "Could not write {file}: {reason}. The conversation is still here; choose another place.",
        "is_folder": "it is a folder",
        "no_folder": "there is no such folder",
        "not_allowed": "you may not write there",
        "disk_full": "the disk is full",
        "title": "A conversation with {name}",
        "you": "You",
        "stopped": "(stopped)",
        "silent": "(The model said nothing.)",
        "waiting": "(Waiting for the answer. Ctrl-C stops it.)",
        "bye": "Goodbye.",
        "counted": "{read} tokens read, {written} written.",
        "cost": "Cost: {cost}.",
        "not_counted": "Nothing was counted: the model does not tell its tokens.",
    },
    "es": {
        "prompt": "tú> ",
        "hint": "/help muestra las órdenes. Ctrl-C detiene una respuesta, Ctrl-D termina la conversación.",
        "help": (
            "/new            olvidar la conversación y empezar de nuevo\n"
            "/save ARCHIVO   guardar la conversación en Markdown, o añadirla a un conjunto de entrenamiento (.jsonl)\n"
            "/tokens         lo que ha costado la conversación hasta ahora\n"
            "/help           mostrar esto\n"
            "/quit           terminar (como Ctrl-D)\n"
            "Ctrl-C          detener la respuesta y conservar lo dicho; si no hay ninguna, terminar\n"
            "Una pregunta puede empezar con una barra si lleva un espacio delante."
        ),
        "unknown_command": "No existe la orden {command}. /help muestra las que hay.",
        "new": "Olvidado. Empezamos de nuevo.",
        "save_where": "Di dónde: /save ARCHIVO",
        "save_nothing": "Aún no se ha dicho nada, así que no hay nada que guardar.",
        "save_over": "{file} ya existe. ¿Lo sobrescribo? [s/N] ",
        "yes": "s si sí",
        "saved": "Guardado en {file}.",
        "not_saved": "No se pudo escribir {file}: {reason}. La conversación sigue aquí; elige otro lugar.",
        "is_folder": "es una carpeta",
        "no_folder": "no existe esa carpeta",
        "not_allowed": "ahí no puedes escribir",
        "disk_full": "el disco está lleno",
        "title": "Una conversación con {name}",
        "you": "Tú",
        "stopped": "(detenido)",
        "silent": "(El modelo no dijo nada.)",
        "waiting": "(Esperando la respuesta. Ctrl-C la detiene.)",
        "bye": "Adiós.",
        "counted": "{read} tokens leídos, {written} escritos.",
        "cost": "Coste: {cost}.",
        "not_counted": "No se ha contado nada: el modelo no dice sus tokens.",
    },
}


def language() -> str:
    """The language of this terminal, as its locale says: `es` or, for every other one, `en`."""
    locale = next(filter(None, (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return "es" if locale.lower().startswith("es") else "en"
