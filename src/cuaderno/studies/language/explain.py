"""Where the network looks: each letter is covered in turn, and the answer asked again.

What covers a letter is the paper between words, at its place in the row of vectors, behind the entrance; so text and
picture are explained in the same way, and nothing has to be drawn again.
"""

import torch
from torch import Tensor

from cuaderno.studies.language.letters import SPACE
from cuaderno.studies.language.model import COLUMN, LanguageNet, gather_letters, segment


@torch.no_grad()
def letter_weights(model: LanguageNet, letters: Tensor, language: int) -> Tensor:
    """How much the evidence for a language falls when each letter is covered, in nats; below 0 it rises.

    Shapes:  letters (N, letter_dim) of one line -> (N,).
    """
    paper = model.letter_vectors()[SPACE]
    count = len(letters)
    covered = letters.repeat(count + 1, 1, 1)  # (N + 1, N, letter_dim), the last one as it is
    covered[torch.arange(count), torch.arange(count)] = paper
    logits = model.head(model.embed(covered, torch.ones(count + 1, count, dtype=torch.bool)))
    odds = evidence(logits, language)
    return odds[-1] - odds[:-1]


def evidence(logits: Tensor, language: int) -> Tensor:
    """The log-odds of one language against all others: (N, num_languages) -> (N,)."""
    others = [i for i in range(logits.size(1)) if i != language]
    return logits[:, language] - logits[:, others].logsumexp(dim=1)


@torch.no_grad()
def look_at_picture(model: LanguageNet, pixels: Tensor, language: int) -> list[tuple[int, int, float]]:
    """Where in a strip the evidence lies, as (left, right, nats) in pixels, from left to right.

    Shapes:  pixels (32, W).
    """
    columns, begins = model.eye(pixels[None])
    segments = segment(begins)
    letters, there = gather_letters(columns, segments)
    nats = letter_weights(model, letters[0][there[0]], language)
    starts = torch.unique_consecutive(segments[0], return_counts=True)[1].cumsum(0).tolist()
    edges = [0, *starts]
    return [(COLUMN * left, COLUMN * right, float(n)) for left, right, n in zip(edges, edges[1:], nats, strict=False)]
