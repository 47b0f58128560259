"""The architecture only: what stands on top of a family's body, and the small bodies themselves come from transformers.

One text goes through transformers' own `…ForSequenceClassification`, a chat through `…ForCausalLM`: whatever opens
these opens a tuned model. Two texts to compare go through `Pair`.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Pair(nn.Module):
    """Read two texts apart with one body and compare their vectors.

    Each vector is the mean of its tokens' vectors, in which rare tokens count more; the score starts as the cosine.

    Shapes:  input_ids, attention_mask (2B, T), the two texts of a pair one after the other -> (B, K).
    Source:  Sentence-BERT, Reimers and Gurevych 2019, arXiv:1908.10084.
    Differs: learnt weights of tokens in the mean, which begin at the logarithm of their rarity.
    """

    def __init__(
        self, body: nn.Module, vocab_size: int, embed_dim: int, num_answers: int = 1, dropout_rate: float = 0.0
    ):
        super().__init__()
        self.body = body
        self.weights = nn.Embedding(vocab_size, 1)  # logarithms
        nn.init.zeros_(self.weights.weight)
        self.dropout = nn.Dropout(dropout_rate)
        self.cosine = nn.Linear(1, num_answers)
        self.details = nn.Linear(2 * embed_dim, num_answers, bias=False)
        nn.init.ones_(self.cosine.weight)
        nn.init.zeros_(self.cosine.bias)
        nn.init.zeros_(self.details.weight)

    def embed(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """The vector of each text.  Shapes:  (N, T) -> (N, D)"""
        hidden = self.body(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        weights = self.weights(input_ids)[..., 0].exp() * attention_mask  # (N, T)
        return (hidden * weights[..., None]).sum(1) / weights.sum(1, keepdim=True).clamp_min(1e-6)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        one, other = self.embed(input_ids, attention_mask).unflatten(0, (-1, 2)).unbind(1)
        details = torch.cat([(one - other).abs(), one * other], dim=1)
        return self.cosine(F.cosine_similarity(one, other)[:, None]) + self.details(self.dropout(details))


def start_at_rarity(model: Pair, encoded: list[list[int]], marks: set[int]) -> None:
    """Let rare tokens count more from the start: by the logarithm of how few texts hold them; marks count nothing.

    Source:  inverse document frequency, Spärck Jones 1972.
    """
    counts = torch.ones(model.weights.num_embeddings)
    for ids in encoded:
        counts[list(set(ids))] += 1
    rarity = torch.log(len(encoded) / counts).clamp_min(0) + 1
    with torch.no_grad():
        model.weights.weight[:, 0] = rarity.log()
        model.weights.weight[list(marks)] = -10.0


def start_at_words(model: nn.Module) -> None:
    """Let a new reader begin with what the tokens are, and hardly with where they stand: few rows show much of that."""
    for name, weight in model.named_parameters():
        if "position_embeddings" in name or "token_type_embeddings" in name:
            with torch.no_grad():
                weight.mul_(0.1)


def start_at_mean(model: nn.Module, mean: float, spread: float) -> None:
    """Let a regression begin at the mean of its answers, where its last layer has a bias."""
    with torch.no_grad():
        if isinstance(model, Pair):
            model.cosine.weight.fill_(spread)
            model.cosine.bias.fill_(mean)
            return
        for name in ("classifier", "logits_proj", "score"):
            bias = getattr(getattr(model, name, None), "bias", None)
            if bias is not None:
                bias.fill_(mean)


def answers(model: nn.Module, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
    """Logits or scores, whichever kind of model it is."""
    found: Any = model(input_ids=input_ids, attention_mask=attention_mask)
    return found if isinstance(found, Tensor) else found.logits
