"""What makes a cat and what makes a dog, as shapes: heads seen from the front and the side, bodies, tails.

The unit is the radius of the head, whose centre is 0. Side views look to the right. Everything that both kinds share
(coats, poses, collars, how they are lit) is drawn from the same chances for both; what differs is anatomy alone, and
none of it is certain: there are dogs with pointed ears and cats with folded ones, short and long muzzles on both sides.
"""

import random
from dataclasses import dataclass

import numpy as np

from cuaderno.studies.vision.brush import DEEP, FAR, FUR, PALE, Colour, Figure, limb, mirrored, oval, smooth

FACE = 1.4  # half of what a close view shows at least
PINK: Colour = (214, 138, 140)
WHITE: Colour = (246, 244, 238)
POSES = {"head": 56, "sitting": 19, "sitting sideways": 7, "standing": 9, "lying": 6, "curled up": 3}
CAT_IRIS: tuple[Colour, ...] = ((150, 180, 70), (215, 180, 60), (200, 130, 50), (120, 175, 200), (90, 150, 90))
DOG_IRIS: tuple[Colour, ...] = ((96, 60, 34), (70, 44, 28), (140, 92, 44), (50, 36, 30), (40, 30, 26), (130, 175, 205))
COLLARS: tuple[Colour, ...] = (
    (200, 50, 50),
    (50, 90, 180),
    (40, 140, 90),
    (230, 190, 60),
    (150, 70, 160),
    (30, 30, 30),
)


@dataclass
class Beast:
    """One animal: its kind and the measures that its shapes follow."""

    kind: str
    rng: random.Random
    ears: str
    muzzle: float  # how far it stands out, in radii of the head
    ear: float  # length
    width: float  # of the head
    iris: Colour
    nose: Colour
    eyes: str  # open, closed
    pupil: float  # width of the pupil in the eye
    tail: str
    stout: float  # of the body
    collar: Colour | None
    tongue: bool
    whiskers: float  # length

    @property
    def is_cat(self) -> bool:
        return self.kind == "cat"


def beast(kind: str, rng: random.Random) -> Beast:
    """Any cat or any dog."""
    chance, cat = rng.random, kind == "cat"
    ears = rng.choices(*(_CAT_EARS if cat else _DOG_EARS))[0]
    short = chance() < 0.16  # pugs and bulldogs, Persians
    muzzle = rng.uniform(0.1, 0.3) if cat else rng.uniform(0.38, 0.55) if short else rng.uniform(0.6, 1.15)
    return Beast(
        kind,
        rng,
        ears=ears,
        muzzle=muzzle,
        ear=rng.uniform(0.7, 1.25),
        width=rng.uniform(0.95, 1.12) if cat else rng.uniform(0.9, 1.1),
        iris=rng.choice(CAT_IRIS if cat and chance() < 0.92 else DOG_IRIS),
        nose=rng.choice([PINK, (60, 44, 44), (36, 30, 32)] if chance() < (0.6 if cat else 0.25) else [(36, 30, 32)]),
        eyes="closed" if chance() < 0.1 else "open",
        pupil=rng.uniform(0.2, 0.75) if cat else rng.uniform(0.6, 0.8),
        tail=rng.choices(*(_CAT_TAILS if cat else _DOG_TAILS))[0],
        stout=rng.uniform(0.85, 1.15),
        collar=rng.choice(COLLARS) if chance() < 0.3 else None,
        tongue=chance() < (0.03 if cat else 0.3),
        whiskers=0.0 if chance() < (0.35 if cat else 0.5) else rng.uniform(0.6, 1.1) if cat else rng.uniform(0.4, 0.75),
    )


_CAT_EARS = (("pointed", "wide", "folded"), (74, 19, 7))
_DOG_EARS = (("floppy", "pointed", "tipped", "folded"), (62, 16, 13, 9))
_CAT_TAILS = (("long", "curved", "bushy", "short"), (45, 38, 12, 5))
_DOG_TAILS = (("sickle", "curled", "bushy", "short", "long"), (34, 18, 20, 18, 10))


# -- heads ------------------------------------------------------------------------------------------------------------


def front_head(one: Beast, yaw: float = 0.0) -> Figure:
    """The head from the front; `yaw` from -1 to 1 turns it to the side."""
    figure = Figure()
    sides = (-1, 1) if yaw >= 0 else (1, -1)
    hanging = one.ears in ("floppy",)
    if not hanging:
        for side in sides:
            _front_ear(figure, one, side, yaw)
    figure.add(smooth(_front_outline(one, yaw)), FUR)
    if hanging:
        for side in sides:
            _front_ear(figure, one, side, yaw)
    if one.is_cat:
        _cat_face(figure, one, 0.34 * yaw)
    else:
        _dog_face(figure, one, 0.42 * yaw)
    return figure


def _front_outline(one: Beast, yaw: float) -> list[complex]:
    w = one.width
    if one.is_cat:
        half = [0.55 * w - 0.76j, 0.93 * w - 0.3j, 1.04 * w + 0.2j, 0.76 * w + 0.6j, 0.34 * w + 0.84j]
        chin = 0.88j + 0.15 * yaw
    else:
        low = 0.72 + 0.35 * min(one.muzzle, 0.9)
        half = [0.5 * w - 0.84j, 0.86 * w - 0.42j, 0.88 * w + 0.1j, 0.68 * w + 0.55j, 0.4 * w + low * 1j]
        chin = (low + 0.1) * 1j + 0.3 * yaw
    other = [-z.conjugate() for z in reversed(half)]
    return [-0.84j, *half, chin, *other]


def _front_ear(figure: Figure, one: Beast, side: int, yaw: float) -> None:
    """One ear; the one that is turned away is narrower."""
    rng, w, tall = one.rng, one.width, one.ear
    lean = rng.uniform(-0.08, 0.12)
    squeeze = 1 - 0.25 * max(0.0, side * yaw)
    inner = None
    if one.ears in ("pointed", "wide"):
        if one.is_cat:
            spread = 0.16 if one.ears == "wide" else 0.0
            tip = (0.86 + lean + spread) * w - (0.82 + 0.62 * tall) * 1j
            shape = [1.0 * w - 0.12j, (1.04 + spread / 2) * w - 0.75j, tip, tip, 0.5 * w - 1.05j, 0.14 * w - 0.72j]
            inner = [0.9 * w - 0.4j, tip * 0.93, tip * 0.93, 0.42 * w - 0.8j]
        else:
            tip = (0.66 + lean) * w - (0.8 + 0.85 * tall) * 1j
            shape = [0.86 * w - 0.3j, 0.92 * w - 0.9j, tip + 0.05, tip - 0.05, 0.36 * w - 1.15j, 0.16 * w - 0.72j]
            inner = [0.76 * w - 0.5j, tip * 0.92 + 0.03, tip * 0.92 - 0.03, 0.36 * w - 0.82j]
    elif one.ears == "floppy":
        low = 0.15 + 0.75 * tall
        shape = [0.42 * w - 0.84j, 0.9 * w - 0.8j, 1.22 * w - 0.2j, (1.22 + lean) * w + low * 1j]
        shape += [(0.98 + lean) * w + (low + 0.12) * 1j, 0.78 * w + 0.1j, 0.66 * w - 0.4j]
    elif one.ears == "tipped":  # upright below, the tip hangs forward
        top = -(0.95 + 0.35 * tall)
        shape = [0.9 * w - 0.3j, 0.98 * w - 0.8j, 0.78 * w + top * 1j, 0.45 * w + (top + 0.05) * 1j, 0.2 * w - 0.74j]
        inner = [0.5 * w + (top + 0.05) * 1j, 0.95 * w + (top + 0.1) * 1j, 1.06 * w - 0.42j, 0.78 * w - 0.5j]
    else:  # folded: small, close to the head
        shape = [0.95 * w - 0.3j, 0.98 * w - 0.62j, 0.7 * w - 0.98j, 0.3 * w - 0.84j, 0.5 * w - 0.6j]
        inner = [0.88 * w - 0.85j, 0.96 * w - 0.42j, 0.74 * w - 0.32j, 0.42 * w - 0.78j]
    for points, paint in ((shape, FAR if one.ears == "floppy" else FUR), (inner, None)):
        if points is None:
            continue
        if paint is None:
            paint = FAR if one.ears in ("tipped", "folded") else rng.choice([PINK, DEEP, DEEP])
        curve = smooth(points)
        curve = curve if side > 0 else mirrored(curve)
        figure.add(curve.real * squeeze + 1j * curve.imag - 0.08 * yaw, paint)


def _cat_face(figure: Figure, one: Beast, shift: float) -> None:
    rng = one.rng
    if rng.random() < 0.55:
        for side in (-1, 1):
            figure.add(oval(shift + side * 0.2 + 0.46j, 0.26, 0.2), PALE)
        figure.add(oval(shift + 0.64j, 0.2, 0.16), PALE)
    size = rng.uniform(0.24, 0.31)
    for side in (-1, 1):
        _eye(figure, one, shift + side * 0.43 - 0.06j, size, side, 0.78)
    half = rng.uniform(0.1, 0.15)
    figure.add([shift - half + 0.26j, shift + half + 0.26j, shift + 0.4j], one.nose)
    for side in (-1, 1):
        mouth = [shift + 0.38j, shift + side * 0.05 + 0.52j, shift + side * 0.2 + 0.55j, shift + side * 0.3 + 0.48j]
        figure.add(smooth(mouth, closed=False, parts=3), DEEP, 0.045)
    _whiskers(figure, one, shift + 0.46j)


def _dog_face(figure: Figure, one: Beast, shift: float) -> None:
    rng = one.rng
    long = min(one.muzzle, 0.9)
    low = 0.36 + 0.22 * long
    wide, tall = rng.uniform(0.38, 0.52), 0.28 + 0.24 * long
    figure.add(oval(shift + low * 1j, wide, tall), rng.choice([PALE, PALE, PALE, PALE, FUR, DEEP]))
    if rng.random() < 0.3:  # a blaze up the forehead
        figure.add(smooth([shift - 0.12 + 0.2j, -0.1 - 0.75j, 0.1 - 0.75j, shift + 0.12 + 0.2j]), PALE)
    size = rng.uniform(0.12, 0.165)
    for side in (-1, 1):
        at = shift * 0.8 + side * rng.uniform(0.36, 0.42) - 0.2j
        if rng.random() < 0.12:
            figure.add(oval(at, size * 1.9, size * 2), DEEP)
        _eye(figure, one, at, size, side, 0.95)
    top = low - 0.5 * tall
    nose = rng.uniform(0.24, 0.32)
    mouth = low + 0.5 * tall
    if one.tongue:
        _tongue(figure, shift + mouth * 1j)
    figure.add([shift + top * 1j, shift + mouth * 1j], DEEP, 0.05)
    for side in (-1, 1):
        lip = [shift + mouth * 1j, shift + side * 0.18 + (mouth + 0.08) * 1j, shift + side * 0.36 + (mouth - 0.06) * 1j]
        figure.add(smooth(lip, closed=False, parts=3), DEEP, 0.05)
    figure.add(oval(shift + top * 1j, nose, nose * 0.72), one.nose)
    figure.add(oval(shift - 0.3 * nose + (top - 0.3 * nose) * 1j, nose * 0.3, nose * 0.16), (150, 140, 140))
    _whiskers(figure, one, shift + low * 1j)


def _tongue(figure: Figure, at: complex) -> None:
    shape = [-0.14, 0.14, 0.15 + 0.34j, 0.46j, -0.15 + 0.34j]
    figure.add(smooth(shape) + at, (224, 110, 120))


def _eye(figure: Figure, one: Beast, at: complex, size: float, side: int, tall: float) -> None:
    if one.eyes == "closed":
        arc = [at - size, at + 0.45j * size, at + size]
        figure.add(smooth(arc, closed=False, parts=4), DEEP, 0.06)
        return
    tilt = 1 + (0.22j if one.is_cat else 0.05j) * -side
    figure.add(oval(at, size * 1.14, size * tall * 1.16, tilt), (40, 32, 32))
    figure.add(oval(at, size, size * tall, tilt), one.iris)
    if one.is_cat:
        figure.add(oval(at, size * one.pupil * 0.55, size * tall * 0.92), (16, 14, 16))
    else:
        figure.add(oval(at, size * one.pupil, size * one.pupil), (16, 14, 16))
    figure.add(oval(at - size * 0.3 - 0.3j * size, size * 0.24, size * 0.24), WHITE)


def _whiskers(figure: Figure, one: Beast, at: complex) -> None:
    if not one.whiskers:
        return
    paint = one.rng.choice([WHITE, WHITE, (70, 66, 66)])
    for side in (-1, 1):
        for rise in (-0.16, 0.02, 0.2):
            start = at + side * 0.26 + 0.4j * rise
            bend = start + side * 0.5 * one.whiskers + 1j * (rise * 0.8 - 0.06)
            figure.add([start, bend, bend + side * 0.4 * one.whiskers + 1j * rise], paint, 0.025)


def side_head(one: Beast) -> Figure:
    """The head from the side, looking to the right."""
    figure, rng, m = Figure(), one.rng, one.muzzle
    hanging = one.ears == "floppy"
    if not hanging:
        _side_ear(figure, one, 0.34, FAR)
    if one.is_cat:
        outline = [-0.9 + 0j, -0.6 - 0.68j, 0.02 - 0.86j, 0.52 - 0.62j, 0.76 - 0.2j, 0.86 + 0.3 * m + 0.04j]
        outline += [0.94 + 0.5 * m + 0.22j, 0.86 + 0.4 * m + 0.46j, 0.5 + 0.7j, -0.1 + 0.8j, -0.74 + 0.5j]
        nose, eye = 0.95 + 0.5 * m + 0.16j, 0.46 - 0.14j
    else:
        thick = rng.uniform(0.0, 0.12)
        outline = [-0.88 + 0.05j, -0.62 - 0.62j, -0.05 - 0.86j, 0.42 - 0.68j, 0.7 - 0.3j]
        outline += [0.78 + 0.5 * m - (0.14 + thick) * 1j, 0.8 + m - (0.1 + thick) * 1j, 0.92 + m + 0.1j]
        outline += [0.84 + m + (0.36 + thick) * 1j, 0.6 + 0.5 * m + (0.52 + thick) * 1j, 0.1 + 0.72j, -0.66 + 0.6j]
        nose, eye = 0.88 + m - (0.02 + thick) * 1j, 0.38 - 0.26j
    figure.add(smooth(outline), FUR)
    if rng.random() < 0.4:
        figure.add(oval(nose - 0.3 + 0.2j, 0.34 + 0.2 * m, 0.22), PALE)
    if one.tongue:
        root = nose - 0.25 * m + 0.38j
        figure.add(
            smooth([root - 0.1, root + 0.14, root + 0.2 + 0.42j, root + 0.5j, root - 0.1 + 0.36j]), (224, 110, 120)
        )
    big = 0.1 if one.is_cat else rng.uniform(0.14, 0.2)
    figure.add(oval(nose, big, big * 0.8), one.nose)
    back = 0.35 if one.is_cat else 0.25 + 0.6 * m
    lip = [nose + 0.14j, nose - 0.5 * back + 0.3j, nose - back + 0.24j]
    figure.add(smooth(lip, closed=False, parts=3), DEEP, 0.05)
    _eye(figure, one, eye, 0.2 if one.is_cat else 0.15, 1, 0.9)
    if one.whiskers:
        for rise in (-0.1, 0.06, 0.2):
            start = nose - 0.2 + 0.16j + 0.5j * rise
            figure.add([start, start - 0.35 + 1j * rise, start - 0.8 * one.whiskers + 2j * rise], WHITE, 0.025)
    _side_ear(figure, one, 0.0, FAR if hanging else FUR)
    return figure


def _side_ear(figure: Figure, one: Beast, ahead: float, paint: str) -> None:
    tall, inner = one.ear, None
    if one.ears in ("pointed", "wide"):
        if one.is_cat:
            tip = -0.4 - (0.85 + 0.62 * tall) * 1j
            shape = [-0.72 - 0.42j, -0.66 - 1.0j, tip, tip, 0.05 - 1.05j, 0.18 - 0.74j]
            inner = [-0.46 - 0.66j, tip * 0.92, tip * 0.92, 0.0 - 0.8j]
        else:
            tip = -0.36 - (0.85 + 0.85 * tall) * 1j
            shape = [-0.6 - 0.5j, -0.6 - 1.05j, tip - 0.04, tip + 0.05, -0.06 - 1.1j, 0.1 - 0.74j]
            inner = [-0.4 - 0.7j, tip * 0.92, tip * 0.92 + 0.05, -0.06 - 0.8j]
    elif one.ears == "floppy":
        low = 0.1 + 0.7 * tall
        shape = [
            -0.1 - 0.76j,
            0.06 - 0.4j,
            -0.08 + low * 1j,
            -0.34 + (low + 0.14) * 1j,
            -0.66 + low * 0.7j,
            -0.52 - 0.6j,
        ]
    elif one.ears == "tipped":
        top = -(1.0 + 0.35 * tall)
        shape = [-0.6 - 0.5j, -0.56 - 0.95j, -0.3 + top * 1j, 0.0 + (top + 0.1) * 1j, 0.08 - 0.74j]
        inner = [-0.34 + top * 1j, 0.05 + (top + 0.04) * 1j, 0.36 - 0.62j, -0.02 - 0.8j]
    else:
        shape = [-0.6 - 0.5j, -0.5 - 0.92j, -0.12 - 0.98j, 0.16 - 0.72j, -0.1 - 0.56j]
    figure.add(smooth(shape) + ahead, paint)
    if inner and not ahead:
        figure.add(smooth(inner), FAR if one.ears == "tipped" else DEEP)


# -- bodies -----------------------------------------------------------------------------------------------------------


def whole(one: Beast, pose: str) -> tuple[Figure, Figure, str]:
    """The animal in a pose, where its face is, and how the head is seen: from the front, turned, from the side.

    The place of the face is a circle, the same for both kinds, so that no ears or muzzle move or scale a close view.
    """
    rng = one.rng
    sideways = pose in ("sitting sideways", "standing", "lying")
    view = rng.choices(("front", "turned", "side"), (38, 32, 30) if sideways else (58, 34, 8))[0]
    yaw = 0.0 if view == "front" else rng.choice((-1, 1)) * rng.uniform(0.45, 1.0)
    head = side_head(one) if view == "side" else front_head(one, abs(yaw) if sideways else yaw)
    figure = Figure()
    at, tail, over = _BODIES[pose](figure, one)
    turn = complex(1, rng.uniform(-0.22, 0.22))
    face = Figure()
    face.add(oval(at - 0.1j, FACE, FACE), FUR)
    result = Figure()
    result.put(tail)
    result.put(figure)
    result.put(head, at, turn)
    result.put(over)
    return result, face, view


def _tail(one: Beast, root: complex, turn: complex = 1) -> Figure:
    """A tail that leaves the body to the left, and up."""
    figure, rng, kind = Figure(), one.rng, one.tail
    wave = rng.uniform(-0.3, 0.3)
    thick = rng.uniform(0.15, 0.22) if one.is_cat else rng.uniform(0.16, 0.26)
    last = thick * 0.75 if one.is_cat else thick * 0.35
    if kind == "long":
        points = [0.3 + 0.1j, -0.8 - 0.2j + wave * 1j, -1.8 + 0.3j - wave * 1j, -2.7 - 0.1j + wave * 1j]
    elif kind == "curved":
        points = [0.3 + 0.1j, -0.7 - 0.1j, -1.2 - 1.0j, -1.0 - 2.0j, -1.5 - 2.5j + wave, -2.0 - 2.3j]
    elif kind == "sickle":
        points = [0.3 + 0.2j, -0.5 - 0.5j, -0.85 - 1.3j + wave, -0.7 - 1.9j]
    elif kind == "curled":
        points = [0.2 + 0.2j, -0.25 - 0.7j, 0.3 - 1.15j, 0.85 - 0.8j, 0.6 - 0.4j]
        last = thick
    elif kind == "bushy":
        points = [0.3 + 0.1j, -0.6 + 0.0j, -1.3 + (0.5 + wave) * 1j, -2.0 + (0.9 + 2 * wave) * 1j]
        thick, last = thick * 1.3, thick * 1.6
    else:
        points = [0.3 + 0.2j, -0.25 - 0.35j, -0.45 - 0.6j]
    figure.add(limb([root + z * turn for z in points], thick, last), FUR)
    return figure


def _collar(figure: Figure, one: Beast, a: complex, b: complex, sag: float) -> None:
    if one.collar:
        curve = smooth([a, (a + b) / 2 + sag * 1j, b], closed=False, parts=4)
        figure.add(curve, one.collar, 0.2)
        if one.rng.random() < 0.5:
            figure.add(oval((a + b) / 2 + (sag + 0.16) * 1j, 0.13, 0.13), (226, 190, 80))


def _bust(figure: Figure, one: Beast) -> tuple[complex, Figure, Figure]:
    """Neck and shoulders, cut off below."""
    w = 0.72 * one.stout if one.is_cat else 0.78 * one.stout
    half = np.array([w + 0.2j, 1.05 * w + 0.9j, 1.75 * w + 1.7j, 2.0 * w + 3.2j, 2.1 * w + 7j])
    figure.add(smooth([*mirrored(half), *half[::-1]]), FUR)
    if one.rng.random() < 0.35:
        figure.add(oval(1.9j, 0.7 * w, 0.75), PALE)
    _collar(figure, one, -w * 1.05 + 0.95j, w * 1.05 + 0.95j, 0.34)
    return 0j, Figure(), Figure()


def _sitting(figure: Figure, one: Beast) -> tuple[complex, Figure, Figure]:
    """Sitting, seen from the front."""
    rng, s = one.rng, one.stout
    low = rng.uniform(3.3, 4.1)
    half = np.array([0.6 * s + 0.5j, 0.85 * s + 1.3j, 1.25 * s + 0.7j * low, 1.25 * s + 0.95j * low, 0.5 + low * 1j])
    figure.add(smooth([*mirrored(half), *half[::-1]]), FUR)
    for side in (-1, 1):
        figure.add(oval(side * 0.98 * s + (low - 0.55) * 1j, 0.52 * s, 0.66), FUR)
        figure.add(oval(side * 1.1 * s + (low + 0.04) * 1j, 0.42, 0.2), FAR)
    if rng.random() < 0.4:
        figure.add(oval(1.7j, 0.5 * s, 0.8), PALE)
    gap = rng.uniform(0.26, 0.38)
    for side in (-1, 1):
        figure.add(limb([side * (gap + 0.1) + 1.9j, side * gap + 2.8j, side * gap + (low - 0.05) * 1j], 0.3, 0.24), FUR)
        figure.add(oval(side * gap + (low + 0.05) * 1j, 0.3, 0.2), rng.choice([FUR, PALE]))
    figure.add([1j * low * 0.62, 1j * low], DEEP, 0.05)
    _collar(figure, one, -0.62 * s + 0.86j, 0.62 * s + 0.86j, 0.3)
    side = rng.choice((-1, 1))
    tail = Figure()
    tail.put(_tail(one, -1.1 * s + (low - 0.3) * 1j), mirror=side > 0)
    return 0j, tail, Figure()


def _sitting_sideways(figure: Figure, one: Beast) -> tuple[complex, Figure, Figure]:
    rng, s = one.rng, one.stout
    low = rng.uniform(3.4, 4.1)
    figure.add(limb([0.05 + 1.9j, 0.25 + 2.8j, 0.3 + low * 1j], 0.32, 0.22), FAR)
    back = [-0.55 + 0.3j, -1.05 * s + 1.2j, -1.75 * s + 2.2j, -2.15 * s + 3.0j, -2.0 * s + low * 0.97j]
    under = [-1.2 + low * 1j, -0.2 + low * 0.98j, 0.15 + 2.9j, 0.55 * s + 2.0j, 0.58 + 1.1j, 0.5 + 0.3j]
    figure.add(smooth([*back, *under]), FUR)
    if rng.random() < 0.4:
        figure.add(oval(0.32 + 1.5j, 0.3, 0.75), PALE)
    figure.add(limb([0.1 + 1.9j, 0.02 + 2.8j, 0.0 + (low - 0.02) * 1j], 0.34, 0.24), FUR)
    figure.add(oval(0.14 + (low + 0.02) * 1j, 0.32, 0.18), FUR)
    figure.add(oval(-1.25 * s + (low - 0.75) * 1j, 0.78 * s, 0.78), FUR)
    bend = smooth([-0.62 * s + (low - 1.2) * 1j, -0.5 * s + (low - 0.6) * 1j, -0.75 * s + (low - 0.2) * 1j], False, 4)
    figure.add(bend, DEEP, 0.06)
    figure.add(oval(-0.75 + (low + 0.02) * 1j, 0.48, 0.2), FUR)
    _collar(figure, one, -0.62 + 0.75j, 0.56 + 0.85j, 0.14)
    return 0j, _tail(one, -1.9 * s + (low - 0.2) * 1j), Figure()


def _standing(figure: Figure, one: Beast) -> tuple[complex, Figure, Figure]:
    rng, s = one.rng, one.stout
    long, high = rng.uniform(3.4, 4.6), rng.uniform(1.2, 1.9)
    lift = rng.uniform(-0.1, 0.35) if one.is_cat else rng.uniform(0.1, 0.8)
    top = 0.35 + lift
    floor = top + 1.75 * s + high
    strides = [rng.uniform(-0.5, 0.5) for _ in range(4)]
    hips = (-0.55 + (top + 1.1) * 1j, -long + 0.25 + (top + 0.9) * 1j)

    def leg(hip: complex, stride: float, hind: bool, paint: str) -> None:
        foot = hip.real + stride + floor * 1j
        bend = (-0.28 if hind else 0.06) + 0.55 * stride
        knee = hip.real + bend + (0.45 * hip.imag + 0.55 * floor) * 1j
        figure.add(limb([hip, knee, foot], 0.42 if hind else 0.36, 0.19), paint)
        figure.add(oval(foot + 0.1, 0.28, 0.16), paint)

    leg(hips[0], strides[0], False, FAR)
    leg(hips[1], strides[1], True, FAR)
    tuck = rng.uniform(0.0, 0.2) if one.is_cat else rng.uniform(0.0, 0.4)
    belly = (top + 1.75 * s) * 1j
    back = [-0.45 - 0.1j, -0.95 + top * 1j, -0.5 * long + (top + 0.08) * 1j, -long + 0.3 + (top - 0.02) * 1j]
    back += [-long - 0.12 + (top + 0.55) * 1j, -long + 0.2 + (top + 1.2) * 1j]
    under = [-0.62 * long + belly - 1j * tuck, -0.3 * long + belly, -0.3 + belly - 0.1j, 0.28 + (top + 0.9) * 1j]
    figure.add(smooth([*back, *under, 0.5 + 0.4j]), FUR)
    if rng.random() < 0.3:
        figure.add(oval(-0.5 * long + belly - (0.3 + tuck) * 1j, 0.28 * long, 0.24), PALE)
    leg(hips[0], strides[2], False, FUR)
    leg(hips[1], strides[3], True, FUR)
    _collar(figure, one, -0.66 + 0.42j, 0.5 + 0.7j, 0.12)
    return 0.2 + 0j, _tail(one, -long + 0.15 + (top + 0.35) * 1j), Figure()


def _lying(figure: Figure, one: Beast) -> tuple[complex, Figure, Figure]:
    rng, s = one.rng, one.stout
    long, floor = rng.uniform(3.2, 4.2), rng.uniform(1.7, 2.1)
    back = [-0.6 + 0.2j, -1.3 + 0.35j, -0.55 * long + 0.45j, -long + (0.75 / s) * 1j, -long - 0.3 + floor * 0.85j]
    under = [-long + 0.3 + floor * 1j, -1.5 + floor * 1.02j, 0.2 + floor * 1j, 0.6 + 1.1j, 0.5 + 0.3j]
    figure.add(smooth([*back, *under]), FUR)
    figure.add(oval(-long + 0.75 + (floor - 0.62) * 1j, 0.75, 0.62), FUR)
    arc = smooth(
        [-long + 1.3 + (floor - 1.0) * 1j, -long + 1.52 + (floor - 0.55) * 1j, -long + 1.3 + (floor - 0.15) * 1j],
        False,
        4,
    )
    figure.add(arc, DEEP, 0.06)
    figure.add(oval(-long + 1.4 + (floor - 0.06) * 1j, 0.5, 0.18), FUR)
    if rng.random() < 0.65:  # paws stretched out, else tucked under the chest
        reach = rng.uniform(0.7, 1.5)
        for paint, up in ((FAR, 0.16), (FUR, 0.0)):
            figure.add(
                limb(
                    [-0.4 + (floor - 0.4) * 1j, 0.3 + (floor - 0.2 - up) * 1j, reach + (floor - 0.12 - up) * 1j],
                    0.3,
                    0.19,
                ),
                paint,
            )
            figure.add(oval(reach + 0.1 + (floor - 0.12 - up) * 1j, 0.28, 0.18), paint)
    _collar(figure, one, -0.6 + 0.6j, 0.58 + 0.75j, 0.16)
    tail = _tail(one, -long - 0.1 + (floor - 0.5) * 1j)
    return 0.05 - rng.uniform(0.0, 0.3) * 1j, tail, Figure()


def _curled(figure: Figure, one: Beast) -> tuple[complex, Figure, Figure]:
    """Asleep in a ring: the body around, the head on it, the tail in front."""
    rng, s = one.rng, one.stout
    if rng.random() < 0.75:
        one.eyes = "closed"
    figure.add(
        smooth(
            [-0.3 - 0.9j, -1.6 - 1.15j, -3.0 - 0.7j, -3.6 * s + 0.3j, -3.1 + 1.1j, -1.5 + 1.4j, 0.3 + 1.25j, 0.8 + 0.4j]
        ),
        FUR,
    )
    figure.add(oval(-2.6 + 0.3j, 0.85, 0.8), FUR)
    arc = smooth([-2.0 - 0.3j, -1.75 + 0.3j, -2.1 + 0.8j], False, 4)
    figure.add(arc, DEEP, 0.06)
    over = Figure()
    if one.tail in ("long", "curved", "bushy", "sickle"):
        thick = 0.3 if one.tail == "bushy" else 0.19
        over.add(limb([-3.0 + 0.9j, -2.2 + 1.4j, -1.1 + 1.45j, -0.2 + 1.3j], thick, thick * 0.8), FUR)
    return 0.1 + 0.15j, Figure(), over


_BODIES = {
    "head": _bust,
    "sitting": _sitting,
    "sitting sideways": _sitting_sideways,
    "standing": _standing,
    "lying": _lying,
    "curled up": _curled,
}
