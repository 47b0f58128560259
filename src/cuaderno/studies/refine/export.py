"""Carry a tuned model into the browser: 8-bit weights, its tokenizer, and cases to compare. Only a small BERT can.

model.json
----------
    {"format": 1, "runs": true, "task", "is_pair", "labels": […], "range": [lowest, highest answer],
     "examples": [[text]], "context_length", "num_layers", "num_heads", "tokens": […], "merges": [[left, right], …],
     "special": {"[CLS]": 1, …}, "lowercase": false, "long_numbers": true,
     "tensors": [{"name", "shape", "offset"}, …], "scores": {metric: value}}
    {"format": 1, "runs": false, "task", "family", "examples"}      any other model: it runs on the PC
    "map": true in both: map.json lies beside it, as cuaderno.lab.maps says

weights.bin holds each tensor as cuaderno.lab.quantize packs it: a matrix as float32 scales and int8 rows, a vector as
float32.

parity.json
-----------
    {"input": {"texts": ["…"]}, "output": {"probabilities": [numbers]}}     or {"score": number}, or {"runs": false}

Python answers with the same rounded weights.
"""

import html
import json
from pathlib import Path

import numpy as np

from cuaderno.lab.export import save_json, save_parity
from cuaderno.lab.files import write_atomic
from cuaderno.lab.quantize import pack
from cuaderno.lab.run import Run
from cuaderno.studies.refine import tokens
from cuaderno.studies.refine.judge import ask
from cuaderno.studies.refine.map import map_of
from cuaderno.studies.refine.quantize import in_page, named_weights
from cuaderno.studies.refine.tuned import Tuned, trained

ODD_TEXTS = (
    "",
    "a",
    "¿Dónde está? ¡Aquí! 12,50 €",
    "Call 07781 482378 or 0800123456789 now: 1000 won, 00000 left, code٣٤٥٦٧x",
    "n\u0303u   👍🏽 日本語 [SEP] Ελλάδα",
    "It was not bad, but I had hoped for more, much more. " * 12,
)


def export(run: Run, folder: Path) -> None:
    """Write model.json, parity.json, map.json and, for a small BERT, weights.bin and poster.svg."""
    tuned = trained(run)
    page = in_page(tuned)
    save_json(folder / "map.json", map_of(run.id, tuned, page is not None))
    if page is None:
        about = {"format": 1, "runs": False, "task": tuned.task, "family": tuned.model_type, "map": True}
        save_json(folder / "model.json", about | {"examples": shown(tuned)})
        save_parity(folder, [{"input": {"texts": texts}, "output": {"runs": False}} for texts in [["…"]]])
        return
    layout, data = pack(named_weights(page.model))
    write_atomic(folder / "weights.bin", data)
    save_json(folder / "model.json", describe(page, layout, run))
    save_parity(folder, cases(page))
    write_atomic(folder / "poster.svg", picture(page))


def shown(tuned: Tuned) -> list[list[str]]:
    """A few texts to try it on."""
    if tuned.task == "chat":
        return [[json.loads(texts[0])[-1]["content"]] for texts in tuned.examples]
    return tuned.examples


def describe(tuned: Tuned, layout: list[dict], run: Run) -> dict:
    """What model.json says."""
    tokenizer = json.loads(tuned.tokenizer.backend_tokenizer.to_str())
    vocabulary = tokenizer["model"]["vocab"]
    config = tuned.body.config
    return {
        "format": 1,
        "runs": True,
        "map": True,
        "task": tuned.task,
        "is_pair": tuned.is_pair,
        "labels": tuned.labels,
        "range": tuned.range,
        "examples": shown(tuned),
        "context_length": tuned.context_length,
        "num_layers": config.num_hidden_layers,
        "num_heads": config.num_attention_heads,
        "tokens": sorted(vocabulary, key=lambda token: vocabulary[token]),
        "merges": tokenizer["model"]["merges"],
        "special": {name: tuned.tokenizer.convert_tokens_to_ids(name) for name in tokens.READER},
        "lowercase": "Lowercase" in json.dumps(tokenizer["normalizer"]),
        "long_numbers": "Replace" in json.dumps(tokenizer["normalizer"]),
        "tensors": layout,
        "scores": {
            name: metric.value
            for name, metric in run.metrics.items()
            if name.endswith(("macro_f1", "pearson")) and not name.startswith("baseline_majority")
        },
    }


def cases(tuned: Tuned) -> list[dict]:
    """Texts and what Python answers."""
    odd = list(zip(ODD_TEXTS, ODD_TEXTS[1:] + ODD_TEXTS[:1], strict=True)) if tuned.is_pair else zip(ODD_TEXTS)
    texts = [*map(list, odd), *tuned.examples]
    tidy = [[" ".join(text.split()) for text in row] for row in texts]
    found = ask(tuned, tidy)
    return [
        {
            "input": {"texts": row},
            "output": {"score": float(one[0])} if tuned.task == "regress" else {"probabilities": one.tolist()},
        }
        for row, one in zip(texts, found, strict=True)
    ]


def picture(tuned: Tuned, most: int = 14) -> str:
    """A sentence as a sequence of vectors: a column for each token, a cell for each number."""
    text = tuned.examples[0][0]
    ids = tokens.encode(tuned.tokenizer, [text], tuned.context_length)[0][1:-1][:most]
    vectors = tuned.body.get_input_embeddings().weight.detach().numpy()[ids]
    size = np.abs(vectors).max() or 1.0
    cells, step = [], max(1, vectors.shape[1] // 32)
    for column, (token, vector) in enumerate(zip(ids, vectors, strict=True)):
        for row, value in enumerate(vector[::step][:32]):
            colour = "var(--blue, #1d4ed8)" if value > 0 else "var(--red, #c2373b)"
            place = f'x="{10 + 38 * column}" y="{64 + 6 * row}" width="34" height="5"'
            cells.append(f'<rect {place} fill="{colour}" fill-opacity="{abs(value) / size:.2f}"/>')
        word = html.escape(tuned.tokenizer.decode([token]).strip() or "␣")
        turned = f'transform="translate({27 + 38 * column} 56) rotate(-38)"'
        style = 'font-family="ui-monospace, monospace" font-size="12" fill="var(--ink, #222)"'
        cells.append(f"<text {turned} {style}>{word}</text>")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {40 + 38 * len(ids)} 262" role="img">\n'
        + "\n".join(cells)
        + "\n</svg>\n"
    )
