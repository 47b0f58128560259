"""One network with two entrances: for characters, and for grey pixels of a line of text. What comes in through either
is a row of vectors, one per letter, and all that follows is the same trunk and the same head.

The picture's entrance finds out for itself where a letter ends and what vector it deserves; no character is ever chosen
on the way, and nothing in the network can spell.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

HEIGHT = 32  # pixels of a line
COLUMN = 2  # pixels, the finest step at which a letter can end
STRIDE = 4  # pixels: pictures are padded to a multiple of it
WINDOW = 5  # letters that the trunk's first layer sees at once
NUM_POOLS = 4  # ways of looking over the whole line


class LanguageNet(nn.Module):
    """Texts or pictures of a line -> how likely each language is, as logits.

    Shapes:  text: characters (B, N) from `letters.encode`, 0 is padding -> (B, num_languages);
             picture: pixels (B, 32, W), W a multiple of 4, of any brightness and contrast -> the same.
    """

    def __init__(
        self,
        vocab_size: int,
        num_languages: int = 4,
        letter_dim: int = 64,
        hidden_dim: int = 256,
        trunk_dim: int = 128,
        embed_dim: int = 128,
        picture_dims: tuple[int, ...] = (16, 32, 64, 128),
    ):
        super().__init__()
        self.letters = nn.Embedding(vocab_size, letter_dim)
        self.eye = Eye(picture_dims, letter_dim)
        self.trunk = Trunk(letter_dim, hidden_dim, trunk_dim, embed_dim)
        self.head = nn.Linear(embed_dim, num_languages)

    def letter_vectors(self) -> Tensor:
        """The vector of every character: (vocab_size, letter_dim), each with mean 0 and variance 1."""
        return F.layer_norm(self.letters.weight, (self.letters.embedding_dim,))

    def read_text(self, characters: Tensor) -> tuple[Tensor, Tensor]:
        """The row of vectors that a text is, and where there is one: (B, N, letter_dim), (B, N)."""
        return self.letter_vectors()[characters], characters != 0

    def read_picture(self, pixels: Tensor, segments: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """The same for a picture; `segments` (B, T) says which letter each column belongs to, if not the network."""
        columns, ends = self.eye(pixels)
        if segments is None:
            segments = segment(ends)
        return gather_letters(columns, segments)

    def embed(self, letters: Tensor, there: Tensor) -> Tensor:
        """What a whole line looks like to the head, from either entrance: (B, embed_dim)."""
        return self.trunk(letters, there)

    def text(self, characters: Tensor) -> Tensor:
        return self.head(self.embed(*self.read_text(characters)))

    def picture(self, pixels: Tensor) -> Tensor:
        return self.head(self.embed(*self.read_picture(pixels)))


class Eye(nn.Module):
    """From pixels to columns: what each 2 pixels of width show, and whether a letter begins there.

    Shapes:  pixels (B, 32, W) -> columns (B, W / 2, letter_dim), begins (B, W / 2) logits.
    """

    def __init__(self, dims: tuple[int, ...], letter_dim: int):
        super().__init__()
        a, b, c, d = dims
        self.conv_1 = nn.Conv2d(1, a, 5, stride=2, padding=2, bias=False)  # 16 x W / 2
        self.conv_2 = nn.Conv2d(a, b, 3, stride=2, padding=1, bias=False)  # 8 x W / 4
        self.conv_3 = nn.Conv2d(b, c, 3, stride=(2, 1), padding=1, bias=False)  # 4 x W / 4
        self.conv_4 = nn.Conv2d(c, d, (4, 3), padding=(0, 1), bias=False)  # 1 x W / 4
        self.conv_5 = nn.Conv2d(d, d, (1, 5), padding=(0, 2), bias=False)
        self.norms = nn.ModuleList(nn.BatchNorm2d(width) for width in (a, b, c, d, d))
        self.out = nn.Linear(d, 2 * (letter_dim + 1))  # two columns out of each four pixels

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        x = normalize(pixels)[:, None].contiguous(memory_format=torch.channels_last)
        for conv, norm in zip((self.conv_1, self.conv_2, self.conv_3, self.conv_4), self.norms, strict=False):
            x = F.relu(norm(conv(x)))
        x = x + F.relu(self.norms[4](self.conv_5(x)))
        x = self.out(x.squeeze(2).transpose(1, 2))  # (B, W / 4, 2 * (letter_dim + 1))
        x = x.reshape(x.size(0), 2 * x.size(1), -1)
        return x[..., :-1], x[..., -1]


class Trunk(nn.Module):
    """What follows what, in windows of five letters and then of seven; then the whole line at a glance.

    Shapes:  letters (B, N, letter_dim), there (B, N) -> (B, embed_dim).
    """

    def __init__(self, letter_dim: int, hidden_dim: int, trunk_dim: int, embed_dim: int):
        super().__init__()
        self.window = nn.Conv1d(letter_dim, hidden_dim, WINDOW, padding=WINDOW // 2)
        self.narrow = nn.Conv1d(hidden_dim, trunk_dim, 1)
        self.wider = nn.Conv1d(trunk_dim, trunk_dim, 3, padding=1)
        self.norm = nn.LayerNorm(trunk_dim, elementwise_affine=False)
        self.attention = nn.Linear(trunk_dim, NUM_POOLS)
        self.join = nn.Linear(2 * trunk_dim, embed_dim)
        self.dropout = nn.Dropout(0.1)

    def forward(self, letters: Tensor, there: Tensor) -> Tensor:
        return self.glance(self.places(self.windows(letters, there), there), there)

    def windows(self, letters: Tensor, there: Tensor) -> Tensor:
        """The first layer alone, which sees five letters: (B, N, letter_dim) -> (B, N, hidden_dim)."""
        return F.relu(self.window(letters.transpose(1, 2) * there[:, None])).transpose(1, 2)

    def places(self, windows: Tensor, there: Tensor) -> Tensor:
        """What stands at each place, and around it: windows (B, N, hidden_dim), there (B, N) -> (B, N, trunk_dim)."""
        x = F.linear(windows, self.narrow.weight[:, :, 0], self.narrow.bias) * there[:, :, None]
        before, here, after = (x @ self.wider.weight[:, :, place].t() for place in range(3))
        wider = here + self.wider.bias  # a convolution by hand: with the letters in rows it is three products
        wider[:, 1:] += before[:, :-1]
        wider[:, :-1] += after[:, 1:]
        return self.norm(x + F.relu(wider))

    def glance(self, places: Tensor, there: Tensor) -> Tensor:
        """A whole line, or a part of one, in one vector: places (B, N, trunk_dim), there (B, N) -> (B, embed_dim)."""
        missing = ~there[:, :, None]
        shares = self.attention(places).masked_fill(missing, -1e4).softmax(dim=1)  # (B, N, pools)
        looked = (places.unflatten(2, (NUM_POOLS, -1)) * shares[..., None]).sum(dim=1).flatten(1)
        most = places.masked_fill(missing, -1e4).amax(dim=1)
        return F.relu(self.join(self.dropout(torch.cat([looked, most], dim=1))))


def normalize(pixels: Tensor) -> Tensor:
    """Ink high whatever its colour: ink covers less than paper, so the longer tail of the brightnesses is ink.

    Shapes:  (B, 32, W) -> the same, each picture with mean 0 and variance 1.
    """
    x = pixels - pixels.mean(dim=(1, 2), keepdim=True)
    variance = (x * x).mean(dim=(1, 2), keepdim=True)
    skew = (x * x * x).mean(dim=(1, 2), keepdim=True)
    return x * torch.where(skew < 0, -1.0, 1.0) / (variance + 1e-6).sqrt()


def segment(begins: Tensor) -> Tensor:
    """Number the letters of a line: a new one begins at a peak of likelihood that is high enough with its neighbours.

    Shapes:  begins (B, T) logits -> segments (B, T) int64, from 0 upwards.
    """
    likely = begins.detach().sigmoid()
    before, after = F.pad(likely, (1, 0))[:, :-1], F.pad(likely, (0, 1))[:, 1:]
    peak = (likely >= before) & (likely > after) & (before + likely + after > 0.5)
    peak[:, 0] = False
    return peak.long().cumsum(dim=1)


def gather_letters(columns: Tensor, segments: Tensor) -> tuple[Tensor, Tensor]:
    """The mean of each letter's columns: (B, T, C), (B, T) -> letters (B, N, C) of variance 1, there (B, N)."""
    count = int(segments.max()) + 1
    members = F.one_hot(segments, count).to(columns.dtype)  # (B, T, N)
    sizes = members.sum(dim=1)  # (B, N)
    letters = members.transpose(1, 2) @ columns / sizes.clamp_min(1)[..., None]
    return F.layer_norm(letters, (letters.size(-1),)), sizes > 0
