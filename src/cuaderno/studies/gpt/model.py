"""A small GPT: tokens look back at one another, four times or so, and guess what comes next.

Two builds of one plan. The modern one is what learns fastest on a PC: positions are rotations, layer norms have no
weights, queries and keys are normalised, the MLP squares its ReLU, and everything that writes into the residual stream
starts at zero. `classic=True, tied=True` is GPT-2 as published, so that its weights can be read.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cuaderno.studies.gpt.kernels import linear, squared_relu_mlp

ROPE_BASE = 1000.0  # wavelengths from 6 to some 6,000 tokens, enough for contexts of a few hundred


class GPT(nn.Module):
    """A decoder-only transformer.

    Shapes:  tokens (B, T) -> logits (B, T, vocab_size), for T up to context_length, the cached ones included.
    Source:  Radford et al. 2019 (GPT-2); rotations: Su et al. 2021, arXiv:2104.09864; ReLU²: So et al. 2021,
             arXiv:2109.08668; normalised queries and keys: Henry et al. 2020, arXiv:2010.04245.
    Differs: the modern build has no biases and no weights in its norms, and does not tie the head to the embedding.
    """

    def __init__(
        self,
        vocab_size: int,
        context_length: int,
        num_layers: int = 4,
        num_heads: int = 4,
        embed_dim: int = 128,
        dropout_rate: float = 0.0,
        classic: bool = False,
        tied: bool = False,
    ):
        super().__init__()
        self.settings = {name: value for name, value in locals().items() if name not in ("self", "__class__")}
        self.context_length = context_length
        self.embed = nn.Embedding(vocab_size, embed_dim)
        self.positions = nn.Embedding(context_length, embed_dim) if classic else None
        self.dropout = nn.Dropout(dropout_rate)
        blocks = [Block(embed_dim, num_heads, dropout_rate, classic) for _ in range(num_layers)]
        self.blocks = nn.ModuleList(blocks)
        self.norm = Norm(embed_dim, classic)
        self.head = nn.Linear(embed_dim, vocab_size, bias=False)
        if tied:
            self.head.weight = self.embed.weight
        self.register_buffer("rotations", rotations(context_length, embed_dim // num_heads), persistent=False)
        self.initialize()

    def initialize(self) -> None:
        """Random first weights; the modern build answers ln(vocab_size) exactly, the classic one nearly."""
        classic, num_layers = self.positions is not None, len(self.blocks)
        for name, weight in self.named_parameters():
            if weight.dim() < 2:
                continue  # biases are zero and norms one already
            if classic:
                writes = name.endswith(("attention.project.weight", "mlp.down.weight"))
                nn.init.normal_(weight, std=0.02 / (2 * num_layers) ** 0.5 if writes else 0.02)
            elif name.endswith(("project.weight", "down.weight", "head.weight")):
                nn.init.zeros_(weight)
            else:
                nn.init.normal_(weight, std=1.0 if name == "embed.weight" else weight.size(1) ** -0.5)

    def forward(self, tokens: Tensor, cache: "Cache | None" = None) -> Tensor:
        start = cache.length if cache else 0
        stop = start + tokens.size(1)
        if stop > self.context_length:
            raise ValueError(f"{stop} tokens do not fit into a context of {self.context_length}")
        x = self.dropout(self.enter(tokens, start))
        for layer, block in enumerate(self.blocks):
            x = block(x, self.rotations[start:stop], cache.layer(layer) if cache else None)
        if cache:
            cache.length = stop
        return self.head(self.norm(x))

    def browser_weights(self) -> dict[str, Tensor]:
        """The weights by name, a tied head only once."""
        weights = self.state_dict()
        if self.settings["tied"]:
            weights.pop("head.weight")
        return weights

    def enter(self, tokens: Tensor, start: int = 0) -> Tensor:
        """What the first block sees of tokens that stand at `start` and after: (B, T) -> (B, T, C)."""
        x = self.embed(tokens)
        if self.positions is not None:
            return x + self.positions.weight[start : start + tokens.size(1)]
        return F.layer_norm(x, (x.size(-1),))


class Block(nn.Module):
    """One layer: look around, then think, each added to what was there.

    Shapes:  x (B, T, C) -> (B, T, C); turns (T, C / num_heads / 2, 2).
    """

    def __init__(self, embed_dim: int, num_heads: int, dropout_rate: float, classic: bool):
        super().__init__()
        self.norm_1, self.norm_2 = Norm(embed_dim, classic), Norm(embed_dim, classic)
        self.attention = Attention(embed_dim, num_heads, classic)
        self.mlp = MLP(embed_dim, classic)
        self.dropout = nn.Dropout(dropout_rate)

    def forward(self, x: Tensor, turns: Tensor, cache: "LayerCache | None" = None) -> Tensor:
        seen = self.attention(self.norm_1(x), turns, cache)
        x = x + (self.dropout(seen) if self.training else seen)  # a call that changes nothing still costs a token time
        thought = self.mlp(self.norm_2(x))
        return x + (self.dropout(thought) if self.training else thought)


class Attention(nn.Module):
    """Every token asks those before it, H heads side by side.

    Shapes:  x (B, T, C) -> (B, T, C); queries, keys, values (B, H, T, D) with H * D = C.
    """

    def __init__(self, embed_dim: int, num_heads: int, classic: bool):
        super().__init__()
        self.num_heads, self.classic = num_heads, classic
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim, bias=classic)
        self.project = nn.Linear(embed_dim, embed_dim, bias=classic)

    def queries_keys_values(self, x: Tensor, turns: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        B, T, C = x.shape
        heads = linear(x, self.qkv).view(B, T, 3 * self.num_heads, C // self.num_heads)
        qk, v = heads.split([2 * self.num_heads, self.num_heads], dim=2)
        if not self.classic:
            qk = rotate(F.layer_norm(qk, (qk.size(-1),)), turns)
        q, k = qk.chunk(2, dim=2)
        return q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)

    def forward(self, x: Tensor, turns: Tensor, cache: "LayerCache | None" = None) -> Tensor:
        q, k, v = self.queries_keys_values(x, turns)
        if cache:
            k, v = cache.append(k, v)
        mask, T, S = None, q.size(2), k.size(2)
        from_start = cache is None or cache.length == 0
        if not from_start and T > 1:  # new tokens behind old ones: each sees the old ones and the new ones before it
            mask = torch.ones(T, S, dtype=torch.bool, device=x.device).tril(S - T)
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=from_start)
        return linear(y.transpose(1, 2).reshape(x.shape), self.project)


class MLP(nn.Module):
    """Three times wider (four in the classic build), a bend, and back.  Shapes:  x (B, T, C) -> (B, T, C)."""

    def __init__(self, embed_dim: int, classic: bool):
        super().__init__()
        self.classic, hidden_dim = classic, (4 if classic else 3) * embed_dim
        self.up = nn.Linear(embed_dim, hidden_dim, bias=classic)
        self.down = nn.Linear(hidden_dim, embed_dim, bias=classic)

    def forward(self, x: Tensor) -> Tensor:
        if self.classic:
            return self.down(F.gelu(self.up(x), approximate="tanh"))
        return squared_relu_mlp(x, self.up.weight, self.down.weight)


class Norm(nn.LayerNorm):
    """Layer norm, with weights only in the classic build."""

    def __init__(self, embed_dim: int, classic: bool):
        # Without weights it is one fused kernel on the CPU; F.rms_norm is made of several and slower.
        super().__init__(embed_dim, elementwise_affine=classic)


def rotations(length: int, dim: int) -> Tensor:
    """The cosine and sine of every position's angle for every pair of channels: (length, dim / 2, 2)."""
    frequencies = ROPE_BASE ** (-torch.arange(0, dim, 2).float() / dim)
    angles = torch.outer(torch.arange(length).float(), frequencies)
    return torch.stack([angles.cos(), angles.sin()], dim=-1)


def rotate(x: Tensor, turns: Tensor) -> Tensor:
    """Turn every pair of neighbouring channels by its position's angle.

    Shapes:  x (B, T, H, D), turns (T, D / 2, 2) -> (B, T, H, D).
    """
    pairs = x.unflatten(-1, (-1, 2))
    if torch.compiler.is_compiling():  # compilers and ONNX know no complex numbers
        (a, b), (cos, sin) = pairs.unbind(-1), turns[:, None].unbind(-1)
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2).type_as(x)
    turned = torch.view_as_complex(pairs.float()) * torch.view_as_complex(turns)[:, None]  # ten times faster on a CPU
    return torch.view_as_real(turned).flatten(-2).type_as(x)


class Cache:
    """Keys and values of the tokens so far, so that a new token costs one step and not a whole pass.

    Shapes:  keys, values (L, B, H, context_length, D), filled up to `length`.
    """

    def __init__(self, model: GPT, batch_size: int = 1):
        attention = model.blocks[0].attention
        head_dim = attention.project.in_features // attention.num_heads
        shape = (len(model.blocks), batch_size, attention.num_heads, model.context_length, head_dim)
        self.keys, self.values = model.embed.weight.new_zeros(2, *shape)
        self.length = 0

    def layer(self, number: int) -> "LayerCache":
        return LayerCache(self.keys[number], self.values[number], self.length)


class LayerCache:
    """The part of a cache that one layer sees."""

    def __init__(self, keys: Tensor, values: Tensor, length: int):
        self.keys, self.values, self.length = keys, values, length

    def append(self, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Write new keys and values behind the old ones and give all of them."""
        stop = self.length + k.size(2)
        self.keys[:, :, self.length : stop] = k
        self.values[:, :, self.length : stop] = v
        return self.keys[:, :, :stop], self.values[:, :, :stop]
