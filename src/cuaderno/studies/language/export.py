"""Carry the network into the browser: 8-bit weights, cases to compare, and pictures of where it looks.

model.json
----------
    {"format": 1, "languages": ["en", "es", "ar", "other"], "alphabet": "…",
     "strangers": [[first code point, number], …], "tensors": [{"name", "shape", "offset"}, …],
     "shapes": {name: shape}, "convolutions": [{"kernel": [height, width], "stride", "padding"}, …],
     "piece", "most_pieces", "least_letters": as in predict.py,
     "parts": {"least_part", "most_parts", "long_part", "sure": as in parts.py}, "scores": {metric: value}}

weights.bin holds each tensor as cuaderno.lab.quantize packs it: a matrix as float32 scales and int8 rows, a vector as
float32. Rows of convolutions run over height, width and channel. Batch norms are folded into the convolutions.

parity.json
-----------
    {"input": {"text": "…"},                        "output": {"probabilities": [4 numbers]}}
    {"input": {"width": 160, "pixels": "<base64>"}, "output": {"probabilities": [4 numbers], "letters": 21}}

Pixels are bytes, 32 rows of `width`. Python answers with the same rounded weights.
"""

import base64
import io
import json
import random
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from cuaderno.lab.export import save_json, save_parity
from cuaderno.lab.files import write_atomic
from cuaderno.lab.quantize import pack
from cuaderno.lab.run import Run
from cuaderno.studies.language import fonts as fonts_here
from cuaderno.studies.language.data import LANGUAGES
from cuaderno.studies.language.explain import look_at_picture
from cuaderno.studies.language.fonts import Pool
from cuaderno.studies.language.judge import draw_pictures, drawable
from cuaderno.studies.language.letters import ALPHABET, SCRIPTS, STRANGERS
from cuaderno.studies.language.model import HEIGHT, LanguageNet, gather_letters, segment
from cuaderno.studies.language.parts import LEAST_PART, LONG_PART, MOST_PARTS, SURE, judge_lines
from cuaderno.studies.language.pictures import draw_line
from cuaderno.studies.language.predict import LEAST_LETTERS, MOST_PIECES, PIECE, text_answers
from cuaderno.studies.language.quantize import folded, rounded, weights_of
from cuaderno.studies.language.train import Config, trained

EXAMPLES = (  # sentences of the drawings and of the comparison
    ("The train leaves at half past seven.", "en"),
    ("Mi abuela guarda las fotos en una caja.", "es"),
    ("القطار يغادر في الساعة السابعة", "ar"),
    ("O menino já sabia a resposta.", "other"),
    ("Nobody believed what the child had seen", "en"),
    ("Manana compraremos pan y queso", "es"),
    ("PROHIBIDO FIJAR CARTELES", "es"),
    ("MIND THE GAP", "en"),
)
TEXTS = (
    "",
    "a",
    "¿Dónde está la biblioteca?",
    "Where is the library?",
    "أين المكتبة؟ 12.5 %",
    "Ελλάδα и Россия 日本 🙂",
    "n\u0303andu\u0301 caf\u00e9   con\u00a0leche",
    "The rain in Spain, la lluvia en Sevilla. " * 20,
    "The library is closed today, la biblioteca está cerrada hoy.",
    "The train leaves in ten minutes, tout le monde est déjà monté dans la voiture.",
)


def export(run: Run, folder: Path) -> None:
    """Write model.json, weights.bin, parity.json, and the drawings poster, where-it-looks and confusions."""
    config = run.config(Config)
    model = folded(trained(run))
    pools = fonts_here.pools(fonts_here.find_fonts(config.max_designs))
    weights = weights_of(model)
    layout, data = pack(weights)
    plain = rounded(model)
    cases = [*text_cases(plain), *picture_cases(plain, pictures_to_compare(run, pools["seen"]))]
    write_atomic(folder / "weights.bin", data)
    save_json(folder / "model.json", about(model, layout, run))
    save_parity(folder, cases)
    write_atomic(folder / "poster.svg", poster(model, pools["seen"]))
    write_atomic(folder / "where-it-looks.svg", where_it_looks(model, pools["unseen"]))
    if (measured := run.folder / "confusions.json").is_file():
        write_atomic(folder / "confusions.svg", confusions(json.loads(measured.read_text())))


def about(model: LanguageNet, layout: list[dict], run: Run) -> dict:
    """What model.json says."""
    numbers = [[start, 1 + len(ALPHABET) + SCRIPTS.index(name)] for start, name in STRANGERS]
    convolutions = [getattr(model.eye, f"conv_{number}") for number in range(1, 6)]
    return {
        "format": 1,
        "languages": list(LANGUAGES),
        "alphabet": ALPHABET,
        "strangers": numbers,
        "tensors": layout,
        "shapes": {entry["name"]: entry["shape"] for entry in layout},
        "convolutions": [
            {"kernel": list(conv.kernel_size), "stride": list(conv.stride), "padding": list(conv.padding)}
            for conv in convolutions
        ],
        "piece": PIECE,
        "most_pieces": MOST_PIECES,
        "least_letters": LEAST_LETTERS,
        "parts": {"least_part": LEAST_PART, "most_parts": MOST_PARTS, "long_part": LONG_PART, "sure": SURE},
        "scores": {
            name: run.metrics[name].value for name in ("image_es_vs_en", "text_sentence") if name in run.metrics
        },
    }


def text_cases(model: LanguageNet) -> list[dict]:
    """Texts and what Python answers."""
    texts = [*TEXTS, *(text for text, _ in EXAMPLES)]
    answers = text_answers(model, texts)
    return [
        {"input": {"text": text}, "output": {"probabilities": answer.tolist()}}
        for text, answer in zip(texts, answers, strict=True)
    ]


def pictures_to_compare(run: Run, pool: Pool) -> list[np.ndarray]:
    """Pictures of real text as bytes (32, W): on noise, the two would part at a hair's breadth.

    Those of the run's first export stay, since another computer has other fonts.
    """
    if (before := run.folder / "export" / "parity.json").is_file():
        inputs = [case["input"] for case in json.loads(before.read_text())["cases"]]
        bytes_ = [(base64.b64decode(one["pixels"]), one["width"]) for one in inputs if "pixels" in one]
        return [np.frombuffer(pixels, np.uint8).reshape(HEIGHT, width) for pixels, width in bytes_]
    texts = [text for text, _ in drawable(list(EXAMPLES), pool)]
    return [np.round(picture * 255).astype(np.uint8) for picture in draw_pictures(texts, pool)]


@torch.no_grad()
def picture_cases(model: LanguageNet, pictures: list[np.ndarray]) -> list[dict]:
    """Pictures and what Python answers."""
    cases = []
    for pixels in pictures:
        columns, begins = model.eye(torch.from_numpy(pixels.astype(np.float32) / 255)[None])
        letters, there = gather_letters(columns, segment(begins))
        answer = judge_lines(model, model.trunk.places(model.trunk.windows(letters, there), there), there)[0]
        cases.append(
            {
                "input": {"width": pixels.shape[1], "pixels": base64.b64encode(pixels.tobytes()).decode()},
                "output": {"probabilities": answer.tolist(), "letters": int(there.sum())},
            }
        )
    return cases


def poster(model: LanguageNet, pool: Pool) -> str:
    """Three lines in three scripts or fonts, and what spoke for their languages."""
    return _drawing(model, pool, drawable(list(EXAMPLES), pool)[:3], seed=4)


def where_it_looks(model: LanguageNet, pool: Pool) -> str:
    """More lines, in fonts that it never saw."""
    return _drawing(model, pool, drawable(list(EXAMPLES), pool), seed=9)


def confusions(shares: dict[str, dict[str, list[float]]]) -> str:
    """What is taken for what, in hundredths: a row per language, on the left its texts, on the right its pictures."""
    parts = []
    for row, code in enumerate(shares["texts"]):
        parts.append(_words(30, 48 + 22 * row, code, "end"))
        for left, name in ((40, "texts"), (230, "pictures")):
            parts += _cells(left, 33 + 22 * row, shares[name].get(code, []), code)
    for left in (40, 230):
        names = (*LANGUAGES[:3], "≠")  # none of the three, in no language
        parts += [_words(left + 20 + 42 * i, 24, name, "middle") for i, name in enumerate(names)]
    height = 44 + 22 * len(shares["texts"])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 410 {height}" role="img">\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _cells(left: int, top: int, shares: list[float], code: str) -> list[str]:
    """One row of four cells: the share of each answer, the darker the larger; what is wrong is red."""
    right = LANGUAGES.index(code) if code in LANGUAGES else len(LANGUAGES) - 1
    parts = []
    for i, share in enumerate(shares):
        colour = "var(--blue, #1d4ed8)" if i == right else "var(--red, #c2373b)"
        place = f'x="{left + 42 * i}" y="{top}" width="40" height="20"'
        parts.append(f'<rect {place} fill="{colour}" fill-opacity="{0.06 + 0.5 * share:.2f}"/>')
        parts.append(_words(left + 20 + 42 * i, top + 15, f"{100 * share:.0f}", "middle"))
    return parts


def _words(x: float, y: float, words: str, anchor: str) -> str:
    style = 'font-family="ui-monospace, monospace" font-size="12" fill="var(--ink, #222)"'
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" {style}>{words}</text>'


def _drawing(model: LanguageNet, pool: Pool, examples: list[tuple[str, str]], seed: int) -> str:
    """Lines one below the other, each letter's evidence as a bar under it: blue for the language, red against it."""
    rng, parts, top, widest = random.Random(seed), [], 8, 0
    for text, language in examples:
        strip = draw_line(rng, text, pool, size=20)
        looks = look_at_picture(model, torch.from_numpy(strip.astype(np.float32) / 255), LANGUAGES.index(language))
        most = max(0.5, *(abs(nats) for _, _, nats in looks))
        ink = Image.merge("LA", (Image.new("L", strip.shape[::-1]), Image.fromarray(strip)))
        parts.append(_bitmap(ink, 8, top))
        for left, right, nats in looks:
            tall = 12 * min(1.0, abs(nats) / most)
            colour = "var(--blue, #1d4ed8)" if nats > 0 else "var(--red, #c2373b)"
            place = f'x="{8 + left + 0.4:.1f}" y="{top + 34:.1f}" width="{right - left - 0.8:.1f}" height="{tall:.1f}"'
            if tall > 0.4:
                parts.append(f'<rect {place} fill="{colour}"/>')
        top, widest = top + 56, max(widest, strip.shape[1])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="0 0 {widest + 16} {top}" role="img">\n'
        f'<path fill="var(--paper, #fff)" d="M0 0h{widest + 16}v{top}H0z"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _bitmap(ink: Image.Image, left: int, top: int) -> str:
    """Ink on nothing as an image element, in a mask's colour that suits light pages and dark ones."""
    file = io.BytesIO()
    ink.save(file, "PNG", optimize=True)
    data = base64.b64encode(file.getvalue()).decode()
    name = f"line-{top}"
    place = f'x="{left}" y="{top}" width="{ink.width}" height="{ink.height}"'
    image = f'<image {place} style="filter:invert(1)" xlink:href="data:image/png;base64,{data}"/>'
    return (
        f'<mask id="{name}" style="mask-type:alpha">{image}</mask>'
        f'<rect {place} fill="var(--ink, #222)" mask="url(#{name})"/>'
    )
