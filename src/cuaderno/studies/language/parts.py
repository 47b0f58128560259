"""A line in two languages: its parts are asked too, and where they contradict each other, their vote is the answer.

A line of 24 letters or more is cut into two, three or four parts of the same length, whatever stands there. They
contradict each other when two of them name different ones of English, Spanish and Arabic; where each has 20 letters or
more, also when one is sure of one of the three and another is sure of `other`. A shorter part of Spanish passes too
easily for Portuguese to count as that. All that is new is the glance at each part: what stands at each place has been
worked out for the whole line.
"""

import torch
from torch import Tensor

from cuaderno.studies.language.data import LANGUAGES
from cuaderno.studies.language.model import LanguageNet

LEAST_PART = 12  # letters of a part, the spaces between words and at both ends among them
MOST_PARTS = 4
LONG_PART = 20  # letters from which on `other` may contradict one of the three
SURE = 0.9


def judge_lines(model: LanguageNet, places: Tensor, there: Tensor) -> Tensor:
    """How likely each language is for each line, or what its parts make of it where they contradict each other.

    Shapes:  places (B, N, trunk_dim), there (B, N), in each row from the left on -> (B, num_languages).
    """
    answers = ask(model, places, there)
    sizes = there.sum(dim=1)
    counts = (sizes // LEAST_PART).clamp(max=MOST_PARTS)
    for count in range(2, MOST_PARTS + 1):
        rows = (counts == count).nonzero().flatten()
        if len(rows):
            parts, inside = cut(places[rows], sizes[rows], count)
            each = ask(model, parts.flatten(0, 1), inside.flatten(0, 1)).unflatten(0, (-1, count))
            against = contradict(each, sizes[rows] // count)
            lengths = inside.sum(dim=2)[..., None]
            votes = (each * lengths).sum(dim=1) / lengths.sum(dim=1)
            answers[rows] = torch.where(against[:, None], votes, answers[rows])
    return answers


def ask(model: LanguageNet, places: Tensor, there: Tensor) -> Tensor:
    """How likely each language is by one glance at all places: (B, num_languages)."""
    return model.head(model.trunk.glance(places, there)).softmax(dim=1)


def cut(places: Tensor, sizes: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Every line in so many parts: places (B, N, C), sizes (B,) -> parts (B, count, L, C), inside (B, count, L)."""
    edges = sizes[:, None] * torch.arange(count + 1, device=sizes.device) // count  # (B, count + 1)
    starts, ends = edges[:, :-1, None], edges[:, 1:, None]
    among = starts + torch.arange(int((ends - starts).max()), device=sizes.device)  # (B, count, L)
    rows = torch.arange(len(places), device=sizes.device)[:, None, None]
    return places[rows, among.clamp(max=places.size(1) - 1)], among < ends


def contradict(each: Tensor, lengths: Tensor) -> Tensor:
    """Which lines have parts that name different languages: each (B, count, num_languages), lengths (B,) -> (B,)."""
    chance, named = each.max(dim=2)
    own = named != LANGUAGES.index("other")
    sure = (chance > SURE) & (lengths >= LONG_PART)[:, None]
    return differ(named, own) | differ(named, sure)


def differ(named: Tensor, count: Tensor) -> Tensor:
    """Whether those that count are not all the same: (B, count), (B, count) -> (B,)."""
    most = named.masked_fill(~count, -1).amax(dim=1)
    least = named.masked_fill(~count, len(LANGUAGES)).amin(dim=1)
    return most > least
