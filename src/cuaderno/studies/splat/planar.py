"""One flat picture made of Gaussians, short enough to read before train.py: the same idea without a camera.

A Gaussian is nine numbers: where (x, y, in pixels), how long and how wide (logarithms), at what angle, how thick a veil
(a logit), and its colour. They lie in a pile, the first on top. Every step paints the pile, compares it with the
picture, and moves all numbers a little downhill. A quarter of the Gaussians begin; every few steps more come in where
the picture is worst, and those that nobody sees any more move there, too.

web/planar.js does the same with the same numbers, and parity.json proves it. Everything is float64 here and there.
"""

import numpy as np

X, Y, LONG, WIDE, ANGLE, VEIL, RED = range(7)
NUMBERS = 9
PAPER = 1.0  # white, below the pile
LEAST, THICKEST = 1 / 255, 0.99  # a thinner veil is none, a thicker one would hide all below for good
RATES = np.array([0.4, 0.4, 0.04, 0.04, 0.04, 0.08, 0.03, 0.03, 0.03])  # of a step, for pictures of 64 pixels
FADING = 2e-4  # what a thick veil costs: what is not needed becomes thin, and can be put elsewhere
GROW_EVERY = 20  # steps
FEW = 0.25  # of the Gaussians begin
GROWTH = 0.2  # of those that are there, at a time
SEEN = 0.8  # pixels' worth of light that a Gaussian must give to stay where it is
APART = 2  # pixels between two new places


class Fit:
    """Gaussians on their way to a picture.

    Shapes:  target (H, W, 3) between 0 and 1; numbers (count, 9)
    """

    def __init__(self, target: np.ndarray, count: int, grows: bool = True):
        height, width, _ = target.shape
        self.target, self.count, self.grows = target.astype(float), count, grows
        begin = max(1, int(FEW * count)) if grows else count
        self.numbers = np.zeros((begin, NUMBERS))
        turn = np.arange(1, begin + 1)  # spread evenly, at random to the eye, alike on every machine
        self.numbers[:, X] = (0.5 + 0.7548776662466927 * turn) % 1 * width
        self.numbers[:, Y] = (0.5 + 0.5698402909980532 * turn) % 1 * height
        self.numbers[:, [LONG, WIDE]] = np.log(0.5 * np.sqrt(width * height / begin))
        self.numbers[:, RED:] = 0.5
        self.means, self.squares = np.zeros((2, begin, NUMBERS))  # Adam's
        self.ages = np.zeros(begin)  # steps since a Gaussian was put where it is
        self.rates = RATES * np.where(np.arange(NUMBERS) < 2, np.sqrt(width * height) / 64, 1)
        self.steps = self.moved = 0

    def step(self) -> float:
        """One step of gradient descent; the mean squared error before it."""
        if self.grows and self.steps and self.steps % GROW_EVERY == 0:
            self.grow()
        picture, _ = self.paint()
        error = picture - self.target
        slopes = self.slopes(picture, 2 * error / error.size)
        veils = 1 / (1 + np.exp(-self.numbers[:, VEIL]))
        slopes[:, VEIL] += FADING / len(self.numbers) * veils * (1 - veils)
        self.steps += 1
        self.ages += 1
        self.means += 0.1 * (slopes - self.means)
        self.squares += 0.01 * (slopes**2 - self.squares)
        fresh = 1 - 0.9 ** self.ages[:, None], 1 - 0.99 ** self.ages[:, None]
        self.numbers -= self.rates * (self.means / fresh[0]) / (np.sqrt(self.squares / fresh[1]) + 1e-12)
        self.numbers[:, [LONG, WIDE]] = np.maximum(self.numbers[:, [LONG, WIDE]], np.log(0.4))
        return float((error**2).mean())

    def paint(self) -> tuple[np.ndarray, np.ndarray]:
        """The picture, and how many pixels' worth of light each Gaussian gives."""
        picture, light = np.zeros_like(self.target), np.ones(self.target.shape[:2])
        seen = np.zeros(len(self.numbers))
        for i, numbers in enumerate(self.numbers):
            if (found := self.veil(numbers)) is None:
                continue
            window, alpha, *_ = found
            share = alpha * light[window]
            picture[window] += share[..., None] * numbers[RED:]
            light[window] -= share
            seen[i] = share.sum()
        return picture + light[..., None] * PAPER, seen

    def slopes(self, picture: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        """How the loss changes with every number, given how it changes with every pixel (`wanted`)."""
        slopes, light = np.zeros_like(self.numbers), np.ones(self.target.shape[:2])
        below = (picture * wanted).sum(-1)  # what everything from here on down adds to the loss
        for i, numbers in enumerate(self.numbers):
            if (found := self.veil(numbers)) is None:
                continue
            window, alpha, a, b, free = found
            share = alpha * light[window]
            own = (wanted[window] * numbers[RED:]).sum(-1)
            below[window] -= share * own
            bent = (share * own - alpha * below[window] / (1 - alpha)) * free  # by how much the exponent matters
            long, wide = np.exp(numbers[[LONG, WIDE]])
            cos, sin = np.cos(numbers[ANGLE]), np.sin(numbers[ANGLE])
            slopes[i, X] = (bent * (a * cos / long - b * sin / wide)).sum()
            slopes[i, Y] = (bent * (a * sin / long + b * cos / wide)).sum()
            slopes[i, LONG], slopes[i, WIDE] = (bent * a * a).sum(), (bent * b * b).sum()
            slopes[i, ANGLE] = (bent * a * b).sum() * (long / wide - wide / long)
            slopes[i, VEIL] = bent.sum() / (1 + np.exp(numbers[VEIL]))
            slopes[i, RED:] = (share[..., None] * wanted[window]).sum((0, 1))
            light[window] -= share
        return slopes

    def veil(self, numbers: np.ndarray):
        """Where one Gaussian can be seen and how thick it is there.

        Returns the window, alpha, the places along and across the Gaussian in its own lengths, and where alpha may
        still change; None outside the picture or when it is too thin.
        """
        thick = 1 / (1 + np.exp(-numbers[VEIL]))
        if thick <= LEAST:
            return None
        long, wide = np.exp(numbers[[LONG, WIDE]])
        cos, sin = np.cos(numbers[ANGLE]), np.sin(numbers[ANGLE])
        reach = np.sqrt(2 * np.log(thick / LEAST))
        across = reach * np.sqrt((long * cos) ** 2 + (wide * sin) ** 2)
        down = reach * np.sqrt((long * sin) ** 2 + (wide * cos) ** 2)
        height, width, _ = self.target.shape
        left, right = _pixels(numbers[X], across, width)
        top, bottom = _pixels(numbers[Y], down, height)
        if left >= right or top >= bottom:
            return None
        dx = np.arange(left, right)[None, :] + 0.5 - numbers[X]
        dy = np.arange(top, bottom)[:, None] + 0.5 - numbers[Y]
        a, b = (cos * dx + sin * dy) / long, (cos * dy - sin * dx) / wide
        raw = thick * np.exp(-0.5 * (a * a + b * b))
        alpha = np.where(raw < LEAST, 0, np.minimum(raw, THICKEST))
        return (slice(top, bottom), slice(left, right)), alpha, a, b, (raw >= LEAST) & (raw < THICKEST)

    def grow(self) -> None:
        """Put new Gaussians, and those that give hardly any light, on top of the pile where the picture is worst."""
        picture, seen = self.paint()
        kept = np.flatnonzero(seen >= SEEN)
        unseen = len(seen) - len(kept)
        new = unseen + min(self.count - len(seen), int(GROWTH * len(seen)) + 1)
        error = _smooth(((picture - self.target) ** 2).sum(-1))
        small = np.log(0.02 * np.sqrt(error.size) + 0.5)
        rows = np.zeros((new, NUMBERS))
        for row in rows:
            y, x = divmod(int(error.argmax()), error.shape[1])
            error[max(0, y - APART) : y + APART + 1, max(0, x - APART) : x + APART + 1] = -1
            row[:] = [x + 0.5, y + 0.5, small, small, 0, 0, *self.target[y, x]]
        self.numbers = np.concatenate([rows, self.numbers[kept]])
        self.means = np.concatenate([0 * rows, self.means[kept]])
        self.squares = np.concatenate([0 * rows, self.squares[kept]])
        self.ages = np.concatenate([np.zeros(new), self.ages[kept]])
        self.moved += unseen


def _pixels(middle: float, reach: float, end: int) -> tuple[int, int]:
    """The pixels whose centres lie within reach, from the first up to before the last."""
    return max(0, int(np.ceil(middle - reach - 0.5))), min(end, int(np.floor(middle + reach - 0.5)) + 1)


def _smooth(values: np.ndarray) -> np.ndarray:
    """The sum over the 3 x 3 neighbours, of which there are fewer at the edges."""
    height, width = values.shape
    wide = np.pad(values, 1)
    return sum(wide[dy : dy + height, dx : dx + width] for dy in range(3) for dx in range(3))
