"""A small diary with everything in it: two languages, a study with a live model, two kept runs."""

import json
import math
import random
from pathlib import Path

import pytest

from cuaderno import studies

RUN = "labyrinth-20261121-153012-ab12cd"
OLDER = "labyrinth-20261119-101500-00ff00"

SETTINGS = """\
title = "Margin notes"
headline = { en = "I am learning AI, and this is my notebook", es = "Estoy aprendiendo IA y este es mi cuaderno" }
author = "Ada Núñez"
url = "https://ada.example/notebook/"
repository = "https://ada.example/code"

[description]
en = "Every number here comes from a model I trained on my own computer. The models run in the page: touch them."
es = "Cada número viene de un modelo que entrené en mi propio ordenador. Los modelos funcionan en la página: tócalos."
"""

MAZES_EN = """\
---
title: "A network that learned on 9 × 9 and walks 201 × 201"
description: "Thinking longer instead of being bigger: a few thousand weights follow every corridor of an unseen maze."
date: 2026-11-21
tags: [mazes, recurrence]
runs: {mine: labyrinth-20261121-153012-ab12cd}
---
The solver has no map and no memory of where it has been. Each open square only looks at its four neighbours, changes
its mind a little, and looks again. {aside}`The idea is older than deep learning: water poured into a maze finds the
exit too, one square at a time.` After training on small mazes it solves {num}`labyrinth.solved_large` of the 59 × 59
ones, and {num}`mine.solved_loops` when I knock ten holes in the walls. It took {num}`mine.cpu_seconds` of one
processor and has {num}`mine.effective.parameters` weights.[^weights]

```{widget} mine
:title: Watch it think
```

## What it does not do

On open fields with few walls it is worse, and a plain breadth-first search solves every one of them in a millisecond.
I say so in every table here.

```{metrics} mine
```

```{curve} mine
:y: loss
:log:
```

### The state is a small number

In one step every square reads itself and its four neighbours, and the new state is

$$h_{t+1} = h_t + z \\odot (c - h_t), \\qquad z = \\sigma(W x + b)$$

which settles when $h_{t+1} = h_t$ everywhere. In code:

```python
def think(state, maze, weights, limit=640):
    # one look at the neighbours per step, until nothing changes
    for step in range(limit):
        new = update(state, maze, weights)  # (H, W, C)
        if (new == state).all():
            return state, step
        state = new
    raise RuntimeError(f"not settled after {limit} steps")
```

![Two strokes on squared paper](strokes.png)

| Size | Solved | Steps |
|:-----|-------:|------:|
| 9 × 9 | 200 / 200 | 31 |
| 59 × 59 | 200 / 200 | 640 |

:::{note} A bet I lost
I thought it would need to be ~~deeper~~ bigger. See also [the plan](../plans.md) and https://en.wikipedia.org/wiki/Maze.
:::

- [x] train on small mazes
- [ ] draw a maze by hand

```{run} mine
```

[^weights]: Counted from the model itself, not from the paper.
"""

MAZES_ES = """\
---
title: "Una red que aprendió en 9 × 9 y camina por 201 × 201"
description: "Pensar más tiempo en lugar de ser más grande: unos miles de pesos siguen cada pasillo."
tags: [laberintos, recurrencia]
---
La red no tiene mapa ni memoria de dónde ha estado. Cada casilla libre solo mira a sus cuatro vecinas, cambia un poco de
opinión y vuelve a mirar. Resuelve {num}`mine.solved_large` de los laberintos de 59 × 59 y {num}`mine.solved_loops` de
los que tienen agujeros, con {num}`mine.effective.parameters` pesos.

```{widget} mine
```

```{metrics} mine
:only: solved_large, baseline_walk
```

![Dos trazos](strokes.png)
"""

PLANS = """\
---
title: "What do i want to make with this?"
description: "I have a brief idea of my plans with this notebook."
pubDate: "26 November 2023"
done: true
tags: ["personal"]
---

So this is the first page. I don't expect anyone to read it.

## Objectives

- [ ] Write about the BASIC concepts
- [ ] Train models to solve mazes
- [ ] Talk about gaussian splatting
      <br></br>

## How will it be written?

First in english, then corrected with the following [prompt]() that keeps all the content. <!-- accept: empty-link -->
"""

HELLO = """\
---
date: 2023-05-19
title: Welcome Readers
---
# Welcome Readers

Hello, dear readers! I’m starting a journey.

Why am I doing this, you might ask? To hold myself accountable.
"""

SOLO = """\
---
title: «¿Qué mide una pérdida?» y otras preguntas
date: 3 de marzo de 2024
lang: es
tags: personal, recurrencia
---
Una pérdida de {num}`labyrinth.loss|digits=2` no dice nada por sí sola: depende de con qué se compare.
"""

METRICS = """\
[solved_large]
en = "59 × 59, solved"
es = "59 × 59, resueltos"
format = "percent"

[solved_loops]
en = "59 × 59 with loops, solved"
es = "59 × 59 con bucles, resueltos"
format = "percent"

[baseline_walk]
en = "59 × 59, a random walk of the same length"
es = "59 × 59, un paseo al azar igual de largo"
format = "percent"
baseline = true

[loss]
en = "Loss on unseen mazes"
es = "Pérdida en laberintos nuevos"
better = "lower"
"""

CARD = """\
---
title: {title}
description: {description}
---
## {heading}

{text} [train.py](train.py) · `cuaderno train labyrinth`
"""


def record(folder: Path, run_id: str = RUN, **changes) -> Path:
    """Write one kept run, as the lab would."""
    home = folder / run_id
    (home / "export").mkdir(parents=True)
    day = run_id.split("-")[1]
    data = {
        "schema_version": 1, "id": run_id, "study": run_id.split("-")[0], "status": "finished",
        "created": f"{day[:4]}-{day[4:6]}-{day[6:]}T15:30:12+00:00", "seed": 0,
        "command": "cuaderno train labyrinth --learning-rate 0.003 --seed 0",
        "config": {"batch_size": 64, "learning_rate": 0.003, "seed": 0, "sizes": [9, 13], "loops": True},
        "effective": {"parameters": 11373, "optimizer": "AdamW", "learning_rate": 0.003, "betas": [0.9, 0.999]},
        "metrics": {
            "solved_large": {"value": 1.0, "low": 0.9811, "high": 1.0, "n": 200},
            "solved_loops": {"value": 0.965, "low": 0.929, "high": 0.986, "n": 200},
            "baseline_walk": {"value": 0.005, "low": 0.0009, "high": 0.0278, "n": 200},
            "loss": {"value": 0.0421, "low": 0.0402, "high": 0.0441, "n": 4096},
        },
        "steps": 1771, "wall_seconds": 151.4, "cpu_seconds": 150.2, "peak_memory_bytes": 412_000_000,
        "num_processes": 1, "git": {"commit": "4f1c2d9aa0b1c2d3", "dirty": False},
        "versions": {"python": "3.11.4", "torch": "2.13.0"}, "processor": "two cores", "platform": "Linux",
        "data": {"train": "9f86d081884c7d65"},
    } | changes  # fmt: skip
    (home / "run.json").write_text(json.dumps(data), encoding="utf-8")
    rng = random.Random(3)
    lines = [
        {"step": step, "seconds": step / 12, "loss": 1.8 * math.exp(-step / 300) + 0.04 * math.exp(rng.gauss(0, 0.3))}
        for step in range(1, 1772, 5)
    ]
    (home / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (home / "export" / "model.json").write_text(json.dumps({"weights": [rng.random() for _ in range(4000)]}))
    (home / "export" / "parity.json").write_text('{"tolerance": 0.0001, "cases": []}')
    (home / "export" / "poster.svg").write_text(poster(rng))
    return home


ATTENTION = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="120"><defs><linearGradient id="a">'
    '<stop stop-color="var(--blue)"/></linearGradient></defs><rect id="b" width="9" height="9" fill="url(#a)"/>'
    '<use href="#b" x="20"/><text x="40" y="40">who looks at whom</text></svg>'
)
SAMPLES = [
    {"step": 12500, "text": "Once upon a time\n\n    there was a fox.\nThe end."},
    {"step": 0, "text": "xq,zuh <img src=x onerror=alert(1)> {num}`mine.loss`\x00 \ud800"},
]


def poster(rng: random.Random, size: int = 15) -> str:
    """A maze and the way through it."""
    way, seen, walls = [(1, 1)], {(1, 1)}, set()
    goal, found = (2 * size - 1, 2 * size - 1), []
    while way:
        row, column = way[-1]
        if (row, column) == goal:
            found = list(way)
        steps = [(row + dr, column + dc) for dr, dc in ((0, 2), (2, 0), (0, -2), (-2, 0))]
        steps = [(r, c) for r, c in steps if 0 < r < 2 * size and 0 < c < 2 * size and (r, c) not in seen]
        if not steps:
            way.pop()
            continue
        r, c = rng.choice(steps)
        walls.add(((row + r) // 2, (column + c) // 2))
        seen.add((r, c))
        way.append((r, c))
    open_squares = seen | walls
    side = 2 * size + 1
    bricks = "".join(f"M{c} {r}h1v1h-1z" for r in range(side) for c in range(side) if (r, c) not in open_squares)
    line = " ".join(f"{c + 0.5},{r + 0.5}" for r, c in found)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}"><path fill="var(--ink)" d="{bricks}"/>'
        f'<polyline points="{line}" fill="none" stroke="var(--red)" stroke-width=".45"/></svg>'
    )


@pytest.fixture
def study(tmp_path, monkeypatch):
    """The one study there is while a test runs."""
    home = tmp_path / "studies" / "labyrinth"
    (home / "web").mkdir(parents=True)
    (home / "train.py").touch()
    (home / "metrics.toml").write_text(METRICS, encoding="utf-8")
    words = {
        "README.md": (
            "Labyrinths",
            "Can a small network find the way by thinking longer?",
            "Question",
            "Read in this order:",
        ),
        "README.es.md": (
            "Laberintos",
            "¿Puede una red pequeña hallar el camino pensando más?",
            "Pregunta",
            "Lee en este orden:",
        ),
    }
    for name, (title, description, heading, text) in words.items():
        card = CARD.format(title=title, description=description, heading=heading, text=text)
        (home / name).write_text(card, encoding="utf-8")
    (home / "web" / "model.js").write_text("export const load = async (read) => read('model.json');\n")
    (home / "web" / "widget.js").write_text(
        "import { load } from './model.js';\n"
        "export async function mount(element, { artifact, lang }) {\n"
        "  await load((name) => fetch(artifact + name).then((answer) => answer.arrayBuffer()));\n"
        "  element.innerHTML = `<p class='alive'>alive in ${lang}</p>`;\n"
        "  return () => element.replaceChildren();\n}\n"
    )
    monkeypatch.setattr(studies, "HERE", tmp_path / "studies")
    return home


@pytest.fixture
def diary(tmp_path, study):
    """A folder that `cuaderno build` takes."""
    return write_diary(tmp_path / "diary")


@pytest.fixture
def shown(diary):
    """The export of the newest run, with a drawing, a picture and samples in it."""
    from PIL import Image

    export = diary / "records" / RUN / "export"
    (export / "attention.svg").write_text(ATTENTION)
    Image.new("RGB", (900, 300), "#1d4ed8").save(export / "tent.png")
    (export / "samples.json").write_text(json.dumps(SAMPLES))
    return export


def write_diary(home: Path) -> Path:
    from PIL import Image, ImageDraw

    posts = home / "posts"
    (posts / "mazes").mkdir(parents=True)
    (home / "cuaderno.toml").write_text(SETTINGS, encoding="utf-8")
    files = {"mazes/en.md": MAZES_EN, "mazes/es.md": MAZES_ES, "plans.md": PLANS, "hello.md": HELLO, "solo.md": SOLO}
    for name, text in files.items():
        (posts / name).write_text(text, encoding="utf-8")
    picture = Image.new("RGB", (320, 120), "#fcfbf7")
    ImageDraw.Draw(picture).line([(20, 100), (160, 20), (300, 100)], "#1d4ed8", 6)
    picture.save(posts / "mazes" / "strokes.png")
    record(home / "records")
    record(home / "records", OLDER, seed=1)
    return home


@pytest.fixture
def site(diary):
    """The diary, printed, without search."""
    from cuaderno.site.build import build

    return build(diary, search=False, report=lambda line: None).output
