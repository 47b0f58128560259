"""What the program says in English is said in Spanish there; what nobody translated is said to be English."""

import ast
import re
import string
from pathlib import Path

import pytest

import cuaderno
from cuaderno.data.formats import parse
from cuaderno.lab.maps import draw_map
from cuaderno.workbench.saying import catalogue, said, spoken

SRC = Path(cuaderno.__file__).parent


def strings() -> str:
    """Every piece of text in our source, the pieces of each formatted one apart."""
    found = []
    for path in sorted(SRC.rglob("*.py")):
        if not path.name.startswith("test_"):
            nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            found += [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return "\0".join(found)


def test_every_translated_sentence_is_still_said_and_keeps_what_differs():
    source, every = strings(), catalogue("es")
    for key, translation in every.items():
        pieces = re.split(r"{n?}", key)
        gone = [piece for piece in pieces if piece.strip(" ,:;.()") not in source]  # lists are joined by commas
        assert not gone, f"{key}: nobody says {gone} any more"
        gaps = [name for _, name, _, _ in string.Formatter().parse(translation) if name is not None]
        wanted = len(pieces) - 1
        numbered = {str(number) for number in range(wanted)}
        assert set(gaps) == numbered or (len(gaps) == wanted and set(gaps) <= {"", "n"}), key


def test_a_sentence_is_translated_with_what_is_in_it():
    assert said("There is no run 'maz-1'. Did you mean 'maze-1'? See `cuaderno runs`.", "es") == (
        "No hay ninguna ejecución 'maz-1'. ¿Querías decir 'maze-1'? `cuaderno runs` las muestra todas."
    )
    assert said("There is no run 'x'.", "es") is None and said("There is no run 'x'.", "en") == "There is no run 'x'."
    assert spoken("Nobody has translated this.", "es") == "En inglés: Nobody has translated this."
    try:
        draw_map(["one"], [[1.0]])
    except Exception as error:
        assert spoken(error, "es") == "Un mapa tiene de 5 a 20.000 puntos, y estos son 1 textos. Da otros."


def test_hostile_words_stay_as_they_are():
    odd = "{0} {} {n} \\1 (.*)"
    assert odd in (said(f"There is no column '{odd}'. Known: a.", "es") or "")


def test_what_a_setting_really_did_is_said_in_spanish():
    rows = "train 3,047, val 353, test 855; 2 repeats left out, 79 rows kept beside their near twins"
    filas = "entrenamiento 3.047, validación 353, prueba 855; 2 repetidas fuera, 79 filas junto a sus casi gemelas"
    wanted = {
        "0.001 at its highest in AdamW: up over 77 steps, then down to 0": "0,001 en su punto más alto, en AdamW: sube",
        "32 of 3,067 rows, 96 steps an epoch, the last one of 27": "32 de 3.067 filas, 96 pasos por época, el último",
        "0.9 as beta1 of AdamW, which has no other momentum": "0,9 como beta1 de AdamW, que no tiene otro momento",
        "0.1 in BertEmbeddings, BertOutput": "0,1 en BertEmbeddings, BertOutput",
        f"{rows}, 20 left out for a near twin among the test rows": f"{filas}, 20 fuera por una casi gemela",
    }
    for english, spanish in wanted.items():
        assert (said(english, "es") or "").startswith(spanish), said(english, "es")


BROKEN = {
    "a.csv": (
        b'text,label\none,a,b\nca\xc3\xb1\xc3\xb3n,b\nthree,\xff\nthree\nfour,c\n"never closed,d\n',
        ["empiezan por «one,a,b», en vez de 2 columnas (text, label)", "por cada columna vacía", "el byte 0xFF"],
    ),
    "b.csv": (b'text,label\none,b\n"never closed,d\n', ["una comilla doble que se abre ahí, antes de «never"]),
    "c.jsonl": (
        b'{"text": "a"}\n{"text": "b"}\n{"text": "c"}\n{"text": 3}\n{"text": [1]}\n{"text": \n[1]\n{"x": "d"}\n',
        [
            "fila 4 (línea 4), columna 'text': hay un número (3)",
            "una lista ([1])",
            "JSON roto",
            "nada, en vez de un",
        ],
    ),
    "d.jsonl": (
        b'{"messages": [{"role": "user", "content": "a"}]}\n{"messages": [{"role": "bot", "content": "a"}]}\n'
        b'{"messages": []}\n{"messages": [{"role": "user"}]}\n{"messages": ["a"]}\n',
        [
            'quizá "role": "assistant"',
            "una lista vacía",
            "messages[0].content': hay nada",
            'un objeto {"role"',
        ],
    ),
    "e.json": (b'[{"text": "a"}, 1, {"text": "b"}]', ["fila 2: hay un número, en vez de un objeto JSON"]),
}


@pytest.mark.parametrize("name", BROKEN)
def test_rows_that_cannot_be_read_are_said_wholly_in_spanish(name):
    data, wanted = BROKEN[name]
    every = [said(str(row.error), "es") or f"not translated: {row.error}" for row in parse(data, name).broken]
    for one in every:
        assert not re.search(r"\b(found|wanted|row|line|column|leave|write|with|the|or|not)\b", one), one
    for part in wanted:
        assert any(part in one for one in every), every


def test_the_terminal_says_in_spanish_that_nobody_answers(capfd):
    from cuaderno.cli import main

    asked = ["chat", "--model", "http://127.0.0.1:9/v1#x", "--lang", "es", "--message", "hola"]
    with pytest.raises(SystemExit):
        main(asked)
    assert "Nada responde en http://127.0.0.1:9/v1. Arranca" in capfd.readouterr().err
