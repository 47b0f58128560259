"""Look inside: where each head looks, which tokens lie near one another, as numbers and as drawings.

The drawings are SVG in the colours of the page they stand on, and hold no words but the text's own, so that one serves
both languages.
"""

import unicodedata
from html import escape

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from cuaderno.studies.gpt.model import GPT

FARTHEST = 16  # tokens back that a head's profile shows
MOST_LETTERS = 6  # of a token, beside an attention map
SHOWN_TOKENS = 160  # of a large vocabulary, the most frequent


@torch.inference_mode()
def attention_maps(model: GPT, tokens: list[int]) -> Tensor:
    """How much each token looks at each: (L, H, T, T), rows sum to one, nothing above the diagonal."""
    model.eval()
    place, T = model.embed.weight.device, len(tokens)
    x, turns = model.enter(torch.tensor([tokens], device=place)), model.rotations[:T]
    hidden = torch.ones(T, T, dtype=torch.bool, device=place).triu(1)
    maps = []
    for block in model.blocks:
        q, k, _ = block.attention.queries_keys_values(block.norm_1(x), turns)
        scores = (q @ k.mT) / q.size(-1) ** 0.5
        maps.append(scores.masked_fill(hidden, -torch.inf).softmax(-1)[0].cpu())
        x = block(x, turns)
    return torch.stack(maps)


def profiles(model: GPT, tokens: np.ndarray, length: int, num_windows: int = 16) -> list[dict]:
    """What each head looks at, averaged over windows of a text, in order of layer and head.

    Units:   `by_distance` is the share of attention on the token itself, one back, … FARTHEST back; `mean_distance` in
             tokens; `same_token` the share on earlier copies of the token that asks, `after_same` on the tokens behind
             those copies (an induction head's mark); `entropy` in nats.
    """
    places = np.linspace(0, max(0, len(tokens) - length), num_windows).astype(int)
    sums: dict[str, Tensor] = {}
    for start in sorted(set(places.tolist())):
        part = [int(token) for token in tokens[start : start + length]]
        for name, value in _measure(attention_maps(model, part), torch.tensor(part)).items():
            sums[name] = sums.get(name, 0) + value / len(set(places.tolist()))
    L, H = sums["entropy"].shape
    return [
        {"layer": layer + 1, "head": head + 1} | {name: _plain(value[layer, head]) for name, value in sums.items()}
        for layer in range(L)
        for head in range(H)
    ]


def _measure(maps: Tensor, tokens: Tensor) -> dict[str, Tensor]:
    """The profile of each head in one window: tensors (L, H) or (L, H, FARTHEST + 1)."""
    T = len(tokens)
    back = torch.arange(T)[:, None] - torch.arange(T)  # how far a column lies before a row
    same = (tokens[:, None] == tokens) & (back > 0)
    behind = F.pad(same, (1, 0))[:, :T] & (back > 0)
    reach = [torch.diagonal(maps, -d, 2, 3).sum(-1) / T for d in range(min(FARTHEST + 1, T))]
    return {
        "by_distance": F.pad(torch.stack(reach, -1), (0, FARTHEST + 1 - len(reach))),
        "mean_distance": (maps * back.clamp_min(0)).sum((2, 3)) / T,
        "same_token": (maps * same).sum((2, 3)) / T,
        "after_same": (maps * behind).sum((2, 3)) / T,
        "entropy": -(maps * maps.clamp_min(1e-12).log()).sum((2, 3)) / T,
    }


def _plain(value: Tensor):
    return [round(x, 4) for x in value.tolist()] if value.dim() else round(value.item(), 4)


def embedding_map(model: GPT, labels: list[str], counts: np.ndarray) -> list[dict]:
    """The tokens on a plane: the two directions in which their embeddings differ most, the most frequent tokens only.

    Units:   x and y between -1 and 1; `count` is how often the training text has the token.
    """
    vectors = F.layer_norm(model.embed.weight.detach().float().cpu(), (model.embed.embedding_dim,))
    chosen = np.argsort(-counts, kind="stable")[:SHOWN_TOKENS]
    chosen = chosen[counts[chosen] > 0]
    centred = vectors[chosen] - vectors[chosen].mean(0)
    _, _, directions = torch.linalg.svd(centred, full_matrices=False)
    directions = F.pad(directions, (0, 0, 0, 2))[:2]  # a vocabulary of one token has no two directions
    directions = directions * directions.sum(1, keepdim=True).sign()  # SVD leaves the signs open
    places = centred @ directions.T
    places = places / places.abs().amax(0).clamp_min(1e-9)
    return [
        {"token": labels[i], "x": round(float(x), 4), "y": round(float(y), 4), "count": int(counts[i])}
        for i, (x, y) in zip(chosen.tolist(), places, strict=True)
    ]


# -- drawings ----------------------------------------------------------------------------------------------------------

INK, BLUE, RED = "var(--ink, #222)", "var(--blue, #36c)", "var(--red, #b33)"


def draw_attention(maps: Tensor, labels: list[str], columns: int = 2) -> str:
    """Every head's map as a triangle of squares, darker where it looks more, two heads side by side.

    Units:   rows ask, columns are looked at; `labels`, one per token, letter both.
    """
    L, H, T, _ = maps.shape
    cell = 10  # so that letters of 11 fit, which a page shrinks to 8 pixels at most
    side, (axes, room) = T * cell, _axes(labels, cell)
    wide, tall = room + side + 14, 24 + side + room
    parts = []
    for number, grid in enumerate(maps.flatten(0, 1).numpy()):
        row, column = divmod(number, columns)
        x, y = room + column * wide, 24 + row * tall
        name = f"{number // H + 1}.{number % H + 1}"
        parts.append(f'<g transform="translate({x} {y})"><text y="-6" font-size="13">{name}</text>{axes}')
        parts.append(f'<path fill="none" stroke="{INK}" stroke-opacity=".3" d="M0 0V{side}H{side}z"/>')
        parts += [
            f'<g fill="none" stroke="{BLUE}" transform="scale({cell})translate(0 .5)">',
            *_shades(grid),
            "</g></g>",
        ]
    width, height = min(columns, L * H) * wide, -(-L * H // columns) * tall
    return _svg(width, height, f'font-size="11" fill="{INK}"', parts)


def _axes(labels: list[str], cell: int) -> tuple[str, int]:
    """The tokens along the left and the foot of a map, and how much room they take on each side."""
    side, middles = len(labels) * cell, [i * cell + cell // 2 for i in range(len(labels))]
    if all(len(label) == 1 and _stands_alone(label) for label in labels):  # one text with a place for each letter
        text, places = escape("".join(labels)), " ".join(map(str, middles))
        lefts, lows = " ".join(["-7"] * len(labels)), " ".join(str(middle + 4) for middle in middles)
        left = f'<text x="{lefts}" y="{lows}">{text}</text>'
        return f'<g text-anchor="middle">{left}<text x="{places}" y="{side + 12}">{text}</text></g>', 18
    shown = [escape(label if len(label) <= MOST_LETTERS else f"{label[: MOST_LETTERS - 1]}…") for label in labels]
    parts = [f'<text x="-5" y="{at + 4}">{label}</text>' for at, label in zip(middles, shown, strict=True)]
    turned = [f"translate({at + 4} {side + 5})rotate(-90)" for at in middles]
    parts += [f'<text transform="{turn}">{label}</text>' for turn, label in zip(turned, shown, strict=True)]
    longest = max(min(len(label), MOST_LETTERS) for label in labels)
    return f'<g text-anchor="end">{"".join(parts)}</g>', 10 + 7 * longest


def _stands_alone(letter: str) -> bool:
    """Whether a letter keeps its shape and place beside others: no accent that joins, no script from right to left."""
    left_to_right = unicodedata.bidirectional(letter) not in ("R", "AL", "NSM")
    return left_to_right and ord(letter) < 0x10000 and unicodedata.category(letter)[0] != "M"


def _shades(grid: np.ndarray, levels: int = 8) -> list[str]:
    """One path per shade, whose squares are strokes of one by one: far fewer bytes than a square each."""
    shade = np.round(np.sqrt(grid) * levels).astype(int)  # the root shows small shares too
    paths = []
    for level in range(1, levels + 1):
        squares = "".join(f"M{c} {r}h1" for r, c in np.argwhere(shade == level))
        if squares:
            paths.append(f'<path stroke-opacity="{level / levels:.3g}" d="{squares}"/>')
    return paths


def draw_profiles(heads: list[dict]) -> str:
    """For every head the share of its attention that lies 0, 1, 2, … tokens back."""
    H = max(head["head"] for head in heads)
    bar, tall, gap = 9, 64, 30
    wide, highest = bar * (FARTHEST + 1), max(max(head["by_distance"]) for head in heads)
    parts = []
    for head in heads:
        x, y = 8 + (head["head"] - 1) * (wide + gap), 20 + (head["layer"] - 1) * (tall + gap)
        best = max(range(FARTHEST + 1), key=head["by_distance"].__getitem__)
        bars = "".join(
            f'<rect x="{d * bar}" y="{tall - high:.1f}" width="{bar - 2}" height="{high:.1f}" fill="{BLUE}"'
            f' fill-opacity="{1 if d == best else 0.35}"/>'
            for d, share in enumerate(head["by_distance"])
            for high in [max(0.5, tall * share / highest)]
        )
        label = f"{head['layer']}.{head['head']}"
        note = f"{'−' if best else ''}{best} · {100 * head['by_distance'][best]:.0f}%"
        parts.append(
            f'<g transform="translate({x} {y})"><text y="-5">{label}</text>'
            f'<text y="-5" x="{wide}" text-anchor="end">{note}</text>'
            f'<path d="M0 {tall}H{wide}" stroke="{INK}" stroke-opacity=".3"/>{bars}</g>'
        )
    height = 20 + max(head["layer"] for head in heads) * (tall + gap)
    return _svg(8 + H * (wide + gap), height, f'font-size="11" fill="{INK}"', parts)


def draw_embeddings(places: list[dict]) -> str:
    """The tokens where their embeddings lie, vowels red, other letters blue, the rest in ink."""
    side, margin = 560, 26
    half = side / 2 - margin
    parts = []
    for place in places:
        x, y = side / 2 + half * place["x"], side / 2 - half * place["y"]
        plain = place["token"].strip().lower()
        colour = RED if plain[:1] in tuple("aeiouáéíóúü") and plain else BLUE if plain[:1].isalpha() else INK
        parts.append(f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}">{escape(place["token"])}</text>')
    cross = f"M{margin} {side / 2}H{side - margin}M{side / 2} {margin}V{side - margin}"
    axes = f'<path d="{cross}" stroke="{INK}" stroke-opacity=".2"/>'
    return _svg(side, side, 'font-size="15" text-anchor="middle" dominant-baseline="central"', [axes, *parts])


def _svg(width: float, height: float, look: str, parts: list[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img">'
        f'<g font-family="ui-monospace, monospace" font-weight="600" {look}>{"".join(parts)}</g></svg>\n'
    )
