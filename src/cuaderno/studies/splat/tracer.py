"""A small ray tracer: a table of shapes, marched by their distance, with soft shadows, gloss and painted textures.

Every shape answers how far away it is from a point. A ray walks as far as the nearest shape is away, again and again,
until it has arrived. What a walk towards the light nearly touches gives the soft edge of a shadow.

All that a point of a surface shows follows from the place alone, but for the gloss, which follows from where one
looks from: so every picture of it agrees with every other.
Source:  Hart 1996, "Sphere tracing"; soft shadows after Quilez, https://iquilezles.org/articles/rmshadows/.
"""

import math

import numpy as np
from numba import njit

SPHERE, EGG, BOX, CYLINDER, CAPSULE, PEAR, APPLE, VASE, CONE = range(9)
PLAIN, WOOD, CHECKS, PEEL, BLUSH, FRECKLES, BANDS, COVER, PETAL = range(9)
KIND, PAINT, GLOSS, REACH = 0, 1, 2, 3  # columns of the table of shapes
SIZE, COLOUR, OTHER, PLACE, TURN = slice(4, 8), slice(8, 11), slice(11, 14), slice(14, 17), slice(17, 26)
COLUMNS = 26
STEPS, FAR, CLOSE = 96, 14.0, 4e-4
SKY = (0.86, 0.92, 1.0)
BOUNCE = (0.62, 0.52, 0.44)  # what comes back from below
SUN = (1.0, 0.94, 0.84)

compiled = njit(cache=True, nogil=True, error_model="numpy")


@compiled
def hashed(x: int, y: int, z: int) -> float:
    """A number in [0, 1) that looks random, another one for each point of a grid."""
    h = np.uint32(x * 374761393 + y * 668265263 + z * 2147483647)
    h = (h ^ (h >> np.uint32(13))) * np.uint32(1274126177)
    return ((h ^ (h >> np.uint32(16))) & np.uint32(0xFFFFFF)) / 16777216.0


@compiled
def noise(x: float, y: float, z: float) -> float:
    """Smooth noise in [0, 1): `hashed` on the grid, and in between what lies between."""
    i, j, k = math.floor(x), math.floor(y), math.floor(z)
    u, v, w = x - i, y - j, z - k
    u, v, w = u * u * (3 - 2 * u), v * v * (3 - 2 * v), w * w * (3 - 2 * w)
    total = 0.0
    for corner in range(8):
        a, b, c = corner & 1, (corner >> 1) & 1, corner >> 2
        weight = (u if a else 1 - u) * (v if b else 1 - v) * (w if c else 1 - w)
        total += weight * hashed(int(i) + a, int(j) + b, int(k) + c)
    return total


@compiled
def smoothstep(low: float, high: float, x: float) -> float:
    t = min(1.0, max(0.0, (x - low) / (high - low)))
    return t * t * (3 - 2 * t)


@compiled
def vase_radius(z: float) -> float:
    """The outline of the vase: a foot, a belly and a neck; z runs from -1 to 1."""
    return (
        0.62
        + 0.38 * math.sin(2.2 * (z + 0.16) + 1.05)
        - 0.10 * smoothstep(0.55, 0.8, z)
        + 0.22 * smoothstep(0.8, 1.0, z)
    )


@compiled
def shape_distance(shape, x: float, y: float, z: float) -> float:
    """How far a point in a shape's own axes is away from it, or a little less; negative inside."""
    kind, a, b, c, r = int(shape[KIND]), shape[4], shape[5], shape[6], shape[7]
    if kind == SPHERE:
        return math.sqrt(x * x + y * y + z * z) - a
    if kind == EGG:
        near = math.sqrt((x / a) ** 2 + (y / b) ** 2 + (z / c) ** 2)
        steep = math.sqrt((x / a**2) ** 2 + (y / b**2) ** 2 + (z / c**2) ** 2)
        return near * (near - 1) / max(steep, 1e-9)
    if kind == BOX:
        u, v, w = abs(x) - a + r, abs(y) - b + r, abs(z) - c + r
        outside = math.sqrt(max(u, 0.0) ** 2 + max(v, 0.0) ** 2 + max(w, 0.0) ** 2)
        return outside + min(max(u, v, w), 0.0) - r
    across = math.sqrt(x * x + y * y)
    if kind == CYLINDER:
        u, w = across - a + r, abs(z) - b + r
        return math.sqrt(max(u, 0.0) ** 2 + max(w, 0.0) ** 2) + min(max(u, w), 0.0) - r
    if kind == CAPSULE:
        w = z - min(b, max(-b, z))
        return math.sqrt(across * across + w * w) - a
    if kind == PEAR:  # two balls that flow into each other
        low = math.sqrt(across * across + z * z) - a
        high = math.sqrt(across * across + (z - c) ** 2) - b
        h = min(1.0, max(0.0, 0.5 + 0.5 * (high - low) / r))
        return high + (low - high) * h - r * h * (1 - h)
    if kind == APPLE:  # a ring so thick that its hole is a dimple
        return math.sqrt((across - b) ** 2 + z * z * c) * (1 / math.sqrt(max(c, 1.0))) - a
    if kind == CONE:  # upright, its tip at z = b
        slope = a / (2 * b)
        side = (across - (b - z) * slope) / math.sqrt(1 + slope * slope)
        return max(side, -b - z)
    inside = across - a * vase_radius(max(-1.0, min(1.0, z / b)))
    return max(0.6 * inside, abs(z) - b)


@compiled
def nearest(shapes, x: float, y: float, z: float) -> tuple:
    """The distance to the nearest shape, and which one that is."""
    best, which = 1e9, -1
    for index in range(shapes.shape[0]):
        shape = shapes[index]
        u, v, w = x - shape[14], y - shape[15], z - shape[16]
        if u * u + v * v + w * w >= (best + shape[REACH]) ** 2:  # the ball about it is farther away than that
            continue
        p = shape[17] * u + shape[18] * v + shape[19] * w
        q = shape[20] * u + shape[21] * v + shape[22] * w
        s = shape[23] * u + shape[24] * v + shape[25] * w
        away = shape_distance(shape, p, q, s)
        if away < best:
            best, which = away, index
    return best, which


@compiled
def march(shapes, ox: float, oy: float, oz: float, dx: float, dy: float, dz: float, bounds) -> tuple:
    """How far a ray of length 1 goes before it meets a shape, and which; -1 for none. `bounds`: a ball round it all."""
    bx, by, bz = ox - bounds[0], oy - bounds[1], oz - bounds[2]
    along = bx * dx + by * dy + bz * dz
    inside = along * along - (bx * bx + by * by + bz * bz - bounds[3] ** 2)
    if inside <= 0:
        return FAR, -1
    t, end = max(0.0, -along - math.sqrt(inside)), -along + math.sqrt(inside)
    for _ in range(STEPS):
        away, which = nearest(shapes, ox + t * dx, oy + t * dy, oz + t * dz)
        if away < CLOSE * max(1.0, t):
            return t, which
        t += away
        if t > end:
            break
    return FAR, -1


@compiled
def sunlight(shapes, x: float, y: float, z: float, sun, softness: float) -> float:
    """How much of a wide sun a point sees, from 0 to 1."""
    light, t = 1.0, 0.012
    for _ in range(40):
        away, _which = nearest(shapes, x + t * sun[0], y + t * sun[1], z + t * sun[2])
        light = min(light, softness * away / t)
        if light < 0.004:
            return 0.0
        t += min(0.16, max(0.012, away))
        if t > 3.2:
            break
    return light * light * (3 - 2 * light)


@compiled
def openness(shapes, x: float, y: float, z: float, nx: float, ny: float, nz: float) -> float:
    """How much of the sky a point sees, guessed from how soon something comes when one walks straight up from it."""
    covered, weight = 0.0, 1.0
    for step in range(1, 6):
        ahead = 0.055 * step
        away, _which = nearest(shapes, x + ahead * nx, y + ahead * ny, z + ahead * nz)
        covered += weight * max(0.0, ahead - away)
        weight *= 0.72
    return max(0.0, 1.0 - 1.9 * covered)


@compiled
def paint(shape, x: float, y: float, z: float, nz: float) -> tuple:
    """The colour of a surface at a point in its shape's own axes, in linear light: a mixture of the shape's two."""
    kind, mix = int(shape[PAINT]), 0.0
    if kind == WOOD:
        grain = noise(1.6 * x, 9 * y, 7.0) + 0.5 * noise(4 * x, 31 * y, 3.0)
        plank = math.floor(y / 0.36 + 0.5)
        edge = abs(y / 0.36 + 0.5 - plank - 0.5)
        mix = 0.25 + 0.5 * grain + 0.35 * hashed(int(plank), 5, 1) - 0.3
        mix += 0.6 * smoothstep(0.47, 0.5, edge)
    elif kind == CHECKS:
        u, v = math.floor(x / 0.115), math.floor(y / 0.115)
        mix = 0.5 * (int(u) & 1) + 0.5 * (int(v) & 1)
        mix *= 0.9 + 0.1 * math.sin(90 * (x + y))
    elif kind == PEEL:
        mix = smoothstep(0.45, 0.75, noise(38 * x, 38 * y, 38 * z)) * 0.45 + 0.3 * noise(5 * x, 5 * y, 5 * z)
    elif kind == BLUSH:
        angle = math.atan2(y, x)
        streaks = noise(6 * angle, 4 * z, 2.0)
        mix = smoothstep(-0.2, 0.9, 0.8 * math.sin(angle + 0.6) + 1.2 * z + 0.7 * streaks)
    elif kind == FRECKLES:
        mix = 0.75 * smoothstep(0.68, 0.78, noise(30 * x, 30 * y, 30 * z)) + 0.35 * smoothstep(-0.1, 0.5, x)
    elif kind == BANDS:
        angle = math.atan2(y, x) / (2 * math.pi)
        saw = abs(2 * (10 * angle - math.floor(10 * angle)) - 1)
        high = z / shape[5]
        zigzag = abs(high - 0.02 + 0.22 * (saw - 0.5))
        mix = max(1 - smoothstep(0.055, 0.075, zigzag), 1 - smoothstep(0.018, 0.03, abs(abs(high - 0.02) - 0.30)))
        mix = max(mix, 1 - smoothstep(0.03, 0.05, abs(high + 0.82)))
    elif kind == COVER:
        side = abs(z) < 0.72 * shape[6]
        pages = side and x > -0.9 * shape[4]
        label = abs(x) < 0.5 * shape[4] and abs(y) < 0.34 * shape[5] and nz > 0.5
        line = label and abs(y) < 0.24 * shape[5] and abs(x) < 0.4 * shape[4] and math.sin(70 * y) > 0.45
        mix = 0.55 if line else (0.92 if pages or label else 0.0)
        if pages:
            mix -= 0.18 * (math.sin(520 * z) > 0)
    elif kind == PETAL:
        mix = smoothstep(-0.9, 0.9, z / shape[6]) * 0.8 + 0.2 * math.sin(6 * math.atan2(y, x)) ** 2
    mix = min(1.0, max(0.0, mix))
    return (
        shape[8] + mix * (shape[11] - shape[8]),
        shape[9] + mix * (shape[12] - shape[9]),
        shape[10] + mix * (shape[13] - shape[10]),
    )


@compiled
def look(shapes, origin, dx: float, dy: float, dz: float, sun, softness: float, bounds, colour) -> float:
    """What a ray of length 1 sees, written to `colour` in linear light; returns how far away that is, 0 for nothing."""
    t, which = march(shapes, origin[0], origin[1], origin[2], dx, dy, dz, bounds)
    if which < 0:
        colour[:] = 1.0
        return 0.0
    x, y, z = origin[0] + t * dx, origin[1] + t * dy, origin[2] + t * dz
    shape = shapes[which]
    u, v, w = x - shape[14], y - shape[15], z - shape[16]
    p = shape[17] * u + shape[18] * v + shape[19] * w
    q = shape[20] * u + shape[21] * v + shape[22] * w
    s = shape[23] * u + shape[24] * v + shape[25] * w
    a, b, c = 0.0, 0.0, 0.0  # the normal in the shape's own axes: the steepest way up from the corners of a tetrahedron
    for corner in range(4):
        u, v, w = 1.0 - 2 * (corner % 3 > 0), 1.0 - 2 * (corner < 2), 1.0 - 2 * (corner % 2 == 0)
        away = shape_distance(shape, p + 6e-4 * u, q + 6e-4 * v, s + 6e-4 * w)
        a, b, c = a + u * away, b + v * away, c + w * away
    length = max(math.sqrt(a * a + b * b + c * c), 1e-12)
    a, b, c = a / length, b / length, c / length
    nx, ny, nz = (
        shape[17] * a + shape[20] * b + shape[23] * c,
        shape[18] * a + shape[21] * b + shape[24] * c,
        shape[19] * a + shape[22] * b + shape[25] * c,
    )
    red, green, blue = paint(shape, p, q, s, c)

    facing = max(0.0, nx * sun[0] + ny * sun[1] + nz * sun[2])
    lit = facing
    if facing > 0:
        lit *= sunlight(shapes, x + 0.003 * nx, y + 0.003 * ny, z + 0.003 * nz, sun, softness)
    sky = openness(shapes, x, y, z, nx, ny, nz)
    above = 0.5 + 0.5 * nz
    hx, hy, hz = sun[0] - dx, sun[1] - dy, sun[2] - dz
    half = max(math.sqrt(hx * hx + hy * hy + hz * hz), 1e-9)
    shine = shape[GLOSS] * (max(0.0, (nx * hx + ny * hy + nz * hz) / half) ** 48) * (lit > 0) * min(1.0, 3 * lit)
    rim = 0.35 * shape[GLOSS] * (1 - max(0.0, -(nx * dx + ny * dy + nz * dz))) ** 4 * sky
    for channel in range(3):
        own_colour = red if channel == 0 else green if channel == 1 else blue
        ambient = sky * (above * SKY[channel] + (1 - above) * 0.55 * BOUNCE[channel])
        colour[channel] = own_colour * (0.92 * lit * SUN[channel] + 0.52 * ambient) + 0.5 * shine + rim * SKY[channel]
    return t


@compiled
def mark_rough(picture, rough) -> None:
    """Mark pixels that differ from one beside them."""
    for row in range(picture.shape[0]):
        for column in range(picture.shape[1]):
            for side in range(4):
                r, c = row + (side == 0) - (side == 1), column + (side == 2) - (side == 3)
                if 0 <= r < picture.shape[0] and 0 <= c < picture.shape[1]:
                    for channel in range(3):
                        if abs(picture[row, column, channel] - picture[r, c, channel]) > 0.03:
                            rough[row, column] = True


@compiled
def trace(shapes, origin, rays, sun, softness: float, bounds) -> tuple:
    """A picture in linear light, (H, W, 3), and depths along the camera's axis, (H, W), 0 where nothing is.

    `rays` (2 H, 2 W, 3) are unit-deep directions, four for each pixel. The first is traced everywhere, the others where
    a neighbour looks different.
    """
    height, width = rays.shape[0] // 2, rays.shape[1] // 2
    picture, depths, rough = (
        np.zeros((height, width, 3)),
        np.zeros((height, width)),
        np.zeros((height, width), np.bool_),
    )
    colour = np.zeros(3)
    for part in range(4):
        for row in range(height):
            for column in range(width):
                if part > 0 and not rough[row, column]:
                    continue
                ray = rays[2 * row + part // 2, 2 * column + part % 2]
                length = math.sqrt(ray[0] ** 2 + ray[1] ** 2 + ray[2] ** 2)
                t = look(
                    shapes, origin, ray[0] / length, ray[1] / length, ray[2] / length, sun, softness, bounds, colour
                )
                for channel in range(3):
                    picture[row, column, channel] += min(1.0, colour[channel])
                if part == 0:
                    depths[row, column] = t / length
        if part == 0:
            mark_rough(picture, rough)
    for row in range(height):
        for column in range(width):
            if rough[row, column]:
                picture[row, column] /= 4
    return picture, depths
