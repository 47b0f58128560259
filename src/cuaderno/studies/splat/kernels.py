"""The renderer for the processor: splats onto a picture, and the picture's gradient back to the splats.

1. `project`   every splat becomes an ellipse in the picture, a row of 16 numbers; those out of sight are left out
2. `sort`      the ellipses, nearest first
3. `scatter`   which 4×2 blocks of pixels in which 16×16 tiles does each ellipse reach? None that it does not
4. `gather`    the same by tiles, still nearest first
5. `paint`     each tile by itself, each block's 8 pixels at a time
6. `blame`     backwards: what each ellipse did to the loss in each tile
7. `learn`     that, back to the splat's own numbers, and Adam's update of them while they are at hand

Every function does its share, `part` of `parts`, so that threads work side by side without a lock. Whatever the share,
a number comes out of the same operations in the same order: two threads train what one trains.

The splats are one flat float32 table, a row of `stride` numbers (a multiple of 16) for each of: mean x y z, log scale
x y z, rotation w x y z, opacity logit, and 3 K colours: red, green, blue of each spherical harmonic.
The camera is one array, see `viewpoint` in render.py. Ellipses are rows of 16 float32, see below.

Source:  Kerbl et al. 2023, arXiv:2308.04079; the derivatives after Ye et al. 2024, arXiv:2409.06765.
Differs: a block stops when none of its 8 pixels lets more than 1/100,000 of the light through, not each by itself;
         and not at once: every 16th ellipse asks.
         What an ellipse covers is 2^(s - t² - d²) with t = a (dx - r dy), d = c dy: no difference of large numbers,
         however thin the ellipse, and a circle of radius √(s - log₂ 1/255) in t and d is all that it reaches.
"""

from math import floor

import numpy as np

from cuaderno.studies.splat.compiled import inner, kernel
from cuaderno.studies.splat.vectors import (
    WIDTH,
    bits_of,
    exp2,
    lane_numbers,
    lanes,
    larger,
    load,
    load_block,
    log2,
    lowest_bit,
    smaller,
    square_root,
    store,
    store_block,
    totals,
    where_less,
    which_less,
)

f32, i32 = np.float32, np.int32
TILE = 16  # pixels of a side
ROW = 16  # numbers of an ellipse, and of its gradient
SLOTS = 14  # of them are used: centre, shape, opacity, colour, depth; how far it reaches; log₂ of its opacity
X, Y, SHEAR, ACROSS, DOWN, OPACITY, RED, GREEN, BLUE, DEPTH, WIDE, HIGH, TILT, STRENGTH = range(SLOTS)
GEOMETRY = 11  # rows of the table before the colours
BOUNDLESS = 0x7F800000  # the bits of infinity; those of what is no number are larger
FAINTEST = f32(1 / 255)  # a pixel that is covered less does not feel the ellipse
FAINT = f32(np.log2(1 / 255))
OPAQUE = f32(0.99)  # nothing covers more
DARK = f32(1e-5)  # so little light left is none
NEAR = f32(0.05)  # closer to the camera than this, in units of the scene, nothing is seen
BLUR = f32(0.3)  # pixels², added to every ellipse: none is thinner than a pixel
LOG2E, LN2 = f32(1.4426950408889634), f32(0.6931471805599453)
SLACK = f32(1e-2)  # by which the test of a block is generous, so that rounding leaves out no pixel
SH0, SH1 = f32(0.28209479177387814), f32(0.4886025119029199)
SH2 = tuple(map(f32, (1.0925484305920792, 0.31539156525252005, 0.5462742152960396)))
SH3 = tuple(
    map(f32, (0.5900435899266435, 2.890611442640554, 0.4570457994644658, 0.3731763325901154, 1.445305721320277))
)
RANK_BITS = 11  # that one pass of the sort looks at
BLOCKS = TILE**2 // WIDTH  # of a tile: four columns of eight, 4×2 pixels each
LOOK = 16  # ellipses after which it is looked where light still comes
# Where a block's pixels are, from the middle of the tile:
COLUMNS = np.float32([block // 8 * 4 + lane % 4 - 7.5 for block in range(BLOCKS) for lane in range(WIDTH)])
ROWS = np.float32([block % 8 * 2 + lane // 4 - 7.5 for block in range(BLOCKS) for lane in range(WIDTH)])
# What is known of a tile's pixels while it is worked on, block by block. In REDS, GREENS and BLUES `paint` has colours,
# and `blame` the gradients by them.
AREA = TILE**2 + WIDTH  # a little more than there is: the cache confuses what lies a power of 2 apart
SLATE = 9 * AREA
LIGHT, COMING, REDS, GREENS, BLUES, ERRORS, COVERS, WEIGHTS, POWERS = range(0, SLATE, AREA)


@inner
def share(part, parts, count):
    """The first of the splats that a part works on, and the first that it does not; both begin a vector."""
    vectors = (count + WIDTH - 1) // WIDTH
    return vectors * part // parts * WIDTH, vectors * (part + 1) // parts * WIDTH


@inner
def take(array, slot):
    """A vector of an array of vectors."""
    return load(array, slot * WIDTH)


@inner
def put(array, slot, value):
    store(array, slot * WIDTH, value)


@inner
def exp(x):
    """e to the power of each lane, which must be below 88."""
    return exp2(larger(x * LOG2E, f32(-126)))


# -- 1: from splats to ellipses ----------------------------------------------------------------------------------------


@inner
def in_camera(table, stride, i, view):
    """8 splats as the camera has them: x to the right, y down, z ahead."""
    x, y, z = load(table, i), load(table, stride + i), load(table, 2 * stride + i)
    return (
        x * view[4] + y * view[5] + z * view[6] + view[7],
        x * view[8] + y * view[9] + z * view[10] + view[11],
        x * view[12] + y * view[13] + z * view[14] + view[15],
    )


@inner
def turned(table, stride, i):
    """The rotation matrices of 8 splats, row by row, their unit quaternions, and one over those's lengths."""
    w, x = load(table, 6 * stride + i), load(table, 7 * stride + i)
    y, z = load(table, 8 * stride + i), load(table, 9 * stride + i)
    inverse = 1 / square_root(larger(w * w + x * x + y * y + z * z, f32(1e-20)))
    w, x, y, z = w * inverse, x * inverse, y * inverse, z * inverse
    return (
        1 - (y * y + z * z) * 2, (x * y - w * z) * 2, (x * z + w * y) * 2,
        (x * y + w * z) * 2, 1 - (x * x + z * z) * 2, (y * z - w * x) * 2,
        (x * z - w * y) * 2, (y * z + w * x) * 2, 1 - (x * x + y * y) * 2,
        w, x, y, z, inverse,
    )  # fmt: skip


@inner
def onto_picture(x, y, z, view):
    """How the picture moves when the point does: the lens, flattened at the point.

    A point far outside the picture is flattened as if it stood at the edge, where the approximation still holds.
    """
    ahead = 1 / z
    right, below = x * ahead, y * ahead
    near_right = smaller(larger(right, view[16]), view[17])
    near_below = smaller(larger(below, view[18]), view[19])
    fx, fy = ahead * view[0], ahead * view[1]
    gone = 0 - near_right * fx, 0 - near_below * fy
    a = fx * view[4] + gone[0] * view[12], fx * view[5] + gone[0] * view[13], fx * view[6] + gone[0] * view[14]
    b = fy * view[8] + gone[1] * view[12], fy * view[9] + gone[1] * view[13], fy * view[10] + gone[1] * view[14]
    return a, b, right, below, near_right, near_below, ahead


@inner
def axes(row, q):
    """A row of the lens times the rotation: how far each axis of the splat reaches in the picture, by its scale."""
    return (
        row[0] * q[0] + row[1] * q[3] + row[2] * q[6],
        row[0] * q[1] + row[1] * q[4] + row[2] * q[7],
        row[0] * q[2] + row[1] * q[5] + row[2] * q[8],
    )


@inner
def spread(va, vb):
    """The covariance of the ellipse, and its determinant as a sum of squares, so that needles stay exact."""
    aa = va[0] * va[0] + va[1] * va[1] + va[2] * va[2]
    ab = va[0] * vb[0] + va[1] * vb[1] + va[2] * vb[2]
    bb = vb[0] * vb[0] + vb[1] * vb[1] + vb[2] * vb[2]
    c0, c1 = va[1] * vb[2] - va[2] * vb[1], va[2] * vb[0] - va[0] * vb[2]
    c2 = va[0] * vb[1] - va[1] * vb[0]
    determinant = c0 * c0 + c1 * c1 + c2 * c2 + (aa + bb) * BLUR + BLUR * BLUR
    return aa + BLUR, ab, bb + BLUR, determinant


@inner
def direction(table, stride, i, view):
    """Unit vectors from the camera to 8 splats, and one over their distances."""
    x = load(table, i) - view[20]
    y = load(table, stride + i) - view[21]
    z = load(table, 2 * stride + i) - view[22]
    inverse = 1 / square_root(larger(x * x + y * y + z * z, f32(1e-20)))
    return x * inverse, y * inverse, z * inverse, inverse


@inner
def harmonics(x, y, z, degree, basis):
    """The spherical harmonics in 8 directions, 8 numbers each.  Source:  Sloan 2013, with INRIA's signs."""
    put(basis, 0, lanes(SH0))
    if degree > 0:
        put(basis, 1, y * -SH1)
        put(basis, 2, z * SH1)
        put(basis, 3, x * -SH1)
    if degree > 1:
        put(basis, 4, x * y * SH2[0])
        put(basis, 5, y * z * -SH2[0])
        put(basis, 6, (z * z * 2 - x * x - y * y) * SH2[1])
        put(basis, 7, x * z * -SH2[0])
        put(basis, 8, (x * x - y * y) * SH2[2])
    if degree > 2:
        xx, yy, zz = x * x, y * y, z * z
        put(basis, 9, y * (xx * 3 - yy) * -SH3[0])
        put(basis, 10, x * y * z * SH3[1])
        put(basis, 11, y * (zz * 4 - xx - yy) * -SH3[2])
        put(basis, 12, z * (zz * 2 - xx * 3 - yy * 3) * SH3[3])
        put(basis, 13, x * (zz * 4 - xx - yy) * -SH3[2])
        put(basis, 14, z * (xx - yy) * SH3[4])
        put(basis, 15, x * (xx - yy * 3) * -SH3[0])


@inner
def slopes(x, y, z, degree, weight):
    """The gradient of the sum of weight × harmonic, by the direction; `weight` has 8 numbers for each of K."""
    w = take(weight, 1)
    dx, dy, dz = take(weight, 3) * -SH1, w * -SH1, take(weight, 2) * SH1
    if degree > 1:
        xy, yz, up = take(weight, 4) * SH2[0], take(weight, 5) * -SH2[0], take(weight, 6) * SH2[1] * 2
        xz, flat = take(weight, 7) * -SH2[0], take(weight, 8) * SH2[2] * 2
        dx = dx + xy * y - up * x + xz * z + flat * x
        dy = dy + xy * x + yz * z - up * y - flat * y
        dz = dz + yz * y + up * z * 2 + xz * x
    if degree > 2:
        xx, yy, zz = x * x, y * y, z * z
        a, b, c = take(weight, 9) * -SH3[0], take(weight, 10) * SH3[1], take(weight, 11) * -SH3[2]
        d, e, f = take(weight, 12) * SH3[3], take(weight, 13) * -SH3[2], take(weight, 14) * SH3[4]
        g = take(weight, 15) * -SH3[0]
        dx = dx + a * x * y * 6 + b * y * z - c * x * y * 2 - d * x * z * 6
        dx = dx + e * (zz * 4 - xx * 3 - yy) + f * x * z * 2 + g * (xx - yy) * 3
        dy = dy + a * (xx - yy) * 3 + b * x * z + c * (zz * 4 - xx - yy * 3)
        dy = dy - d * y * z * 6 - e * x * y * 2 - f * y * z * 2 - g * x * y * 6
        dz = dz + b * x * y + c * y * z * 8 + d * (zz * 2 - xx - yy) * 3 + e * x * z * 8 + f * (xx - yy)
    return dx, dy, dz


@inner
def ellipses(table, stride, i, degree, view, scratch, basis):
    """8 splats as ellipses into `scratch`, slot by slot."""
    x, y, z = in_camera(table, stride, i, view)
    put(scratch, DEPTH, z)
    z = larger(z, NEAR)
    q = turned(table, stride, i)
    a, b, right, below, _, _, _ = onto_picture(x, y, z, view)
    s0, s1 = exp(load(table, 3 * stride + i)), exp(load(table, 4 * stride + i))
    s2 = exp(load(table, 5 * stride + i))
    ua, ub = axes(a, q), axes(b, q)
    aa, ab, bb, determinant = spread((ua[0] * s0, ua[1] * s1, ua[2] * s2), (ub[0] * s0, ub[1] * s1, ub[2] * s2))
    put(scratch, X, right * view[0] + view[2])
    put(scratch, Y, below * view[1] + view[3])
    put(scratch, SHEAR, ab / bb)
    put(scratch, TILT, ab / aa)
    put(scratch, ACROSS, square_root(bb / determinant * (LOG2E / 2)))
    put(scratch, DOWN, square_root(lanes(LOG2E / 2) / bb))
    opacity = 1 / (1 + exp(0 - load(table, 10 * stride + i)))
    strength = log2(opacity)
    strength = strength + (opacity * exp2(0 - strength) - 1) * LOG2E  # Newton's step makes it exact
    reach = larger(strength - FAINT, f32(0)) * (LN2 * 2)  # squared, in standard deviations, where it is too faint
    put(scratch, OPACITY, opacity)
    put(scratch, STRENGTH, strength)
    put(scratch, WIDE, square_root(reach * aa))
    put(scratch, HIGH, square_root(reach * bb))
    dx, dy, dz, _ = direction(table, stride, i, view)
    harmonics(dx, dy, dz, degree, basis)
    for channel in range(3):
        colour = lanes(f32(0.5))
        for k in range((degree + 1) ** 2):
            colour = colour + load(table, (GEOMETRY + 3 * k + channel) * stride + i) * take(basis, k)
        put(scratch, RED + channel, larger(colour, f32(0)))


@kernel
def project(part, parts, table, stride, count, degree, view, seen, ids, tiles, tally):
    """Write the ellipses that are in sight, packed, from the row on at which the part's own splats begin.

    Gives, in tally[part], how many there are; in `tiles`, in how many tiles each of them may be.
    """
    scratch, basis = np.empty(ROW * WIDTH, np.float32), np.empty(16 * WIDTH, np.float32)
    first, last = share(part, parts, count)
    wide, high = view[23], view[24]
    k = first
    for i in range(first, last, WIDTH):
        x, y, z = in_camera(table, stride, i, view)
        if which_less(NEAR, z) == 0:
            continue
        ellipses(table, stride, i, degree, view, scratch, basis)
        for lane in range(min(WIDTH, count - i)):
            x, dx = scratch[X * WIDTH + lane], scratch[WIDE * WIDTH + lane]
            y, dy = scratch[Y * WIDTH + lane], scratch[HIGH * WIDTH + lane]
            if not (scratch[DEPTH * WIDTH + lane] > NEAR and scratch[OPACITY * WIDTH + lane] > FAINTEST):
                continue
            if not (x + dx > 0 and x - dx < wide and y + dy > 0 and y - dy < high):
                continue
            everything = f32(0)
            for slot in range(SLOTS):
                everything += abs(scratch[slot * WIDTH + lane])
            if bits_of(everything) >= BOUNDLESS:  # infinite, or no number: fast arithmetic cannot ask in another way
                continue
            row = k * ROW
            for slot in range(SLOTS):
                seen[row + slot] = scratch[slot * WIDTH + lane]
            left, right, top, bottom = box(seen, row, wide, high)
            tiles[k] = (right - left) * (bottom - top)
            ids[k] = i + lane
            k += 1
    tally[part] = k - first


@inner
def box(seen, row, wide, high):
    """The columns and rows of tiles in which an ellipse may be: from the first to before the last."""
    across, down = (i32(wide) + TILE - 1) // TILE, (i32(high) + TILE - 1) // TILE
    x, y, dx, dy = seen[row + X], seen[row + Y], seen[row + WIDE], seen[row + HIGH]
    left = max(i32(floor(max(x - dx, f32(0)) / TILE)), i32(0))
    right = min(i32(floor(min(x + dx, wide) / TILE)) + 1, across)
    top = max(i32(floor(max(y - dy, f32(0)) / TILE)), i32(0))
    bottom = min(i32(floor(min(y + dy, high) / TILE)) + 1, down)
    return left, right, top, bottom


# -- 2: nearest first --------------------------------------------------------------------------------------------------


@kernel
def sort(parts, count, seen, tally, tiles, order, spare, starts):
    """The rows in sight, nearest first, in `order`; and in starts[part] how many places the parts before it may need.

    Gives how many rows there are. Two passes over the upper bits of the depth put everything nearly right; what is
    still out of order is a neighbour, and moves by itself.
    """
    many, nearest, farthest = 0, i32(2**31 - 1), i32(0)
    for part in range(parts):
        first, _ = share(part, parts, count)
        for k in range(first, first + tally[part]):
            bits = bits_of(seen[k * ROW + DEPTH])
            nearest, farthest = min(nearest, bits), max(farthest, bits)
            order[many] = k
            many += 1
    shift = i32(0)
    while many and (farthest - nearest) >> shift >= 1 << 2 * RANK_BITS:
        shift += i32(1)
    ranks = np.zeros((2, (1 << RANK_BITS) + 1), np.int32)
    low = (1 << RANK_BITS) - 1
    for n in range(many):
        rank = (bits_of(seen[order[n] * ROW + DEPTH]) - nearest) >> shift
        ranks[0, (rank & low) + 1] += 1
        ranks[1, (rank >> RANK_BITS) + 1] += 1
    for rank in range(1, (1 << RANK_BITS) + 1):
        ranks[0, rank] += ranks[0, rank - 1]
        ranks[1, rank] += ranks[1, rank - 1]
    for n in range(many):
        rank = ((bits_of(seen[order[n] * ROW + DEPTH]) - nearest) >> shift) & low
        spare[ranks[0, rank]] = order[n]
        ranks[0, rank] += 1
    for n in range(many):
        rank = ((bits_of(seen[spare[n] * ROW + DEPTH]) - nearest) >> shift) >> RANK_BITS
        order[ranks[1, rank]] = spare[n]
        ranks[1, rank] += 1
    for n in range(1, many):
        k, m = order[n], n
        depth = seen[k * ROW + DEPTH]
        while m > 0 and seen[order[m - 1] * ROW + DEPTH] > depth:
            order[m] = order[m - 1]
            m -= 1
        order[m] = k
    place = 0
    for part in range(parts):
        starts[part] = place
        for n in range(many * part // parts, many * (part + 1) // parts):
            place += tiles[order[n]]
    starts[parts] = place
    return many


# -- 3 and 4: what is where --------------------------------------------------------------------------------------------


@inner
def bands(seen, row, top):
    """From where to where an ellipse reaches in each of the 8 rows of blocks of a tile; an empty range if it does not.

    It is widest at one height to the right and at the opposite one to the left: or as near to it as the row goes.
    """
    x, shear, across, down = seen[row + X], seen[row + SHEAR], seen[row + ACROSS], seen[row + DOWN]
    room, widest = seen[row + STRENGTH] - FAINT + SLACK, seen[row + TILT] * seen[row + WIDE]
    first = lane_numbers() * 2 + (top + f32(0.5) - seen[row + Y])
    last = first + 1
    low, high = smaller(larger(first, 0 - widest), last), smaller(larger(first, widest), last)
    left, right = room - low * low * (down * down), room - high * high * (down * down)
    outwards = 1 / across
    begin = low * shear - square_root(larger(left, f32(0))) * outwards + (x - SLACK)
    end = high * shear + square_root(larger(right, f32(0))) * outwards + (x + SLACK)
    return begin, where_less(right, f32(0), begin - 4, end)  # by more than a block is wide


@inner
def reached(begin, end, left):
    """Which blocks of a tile lie in those ranges, as bits."""
    blocks = 0
    for column in range(4):
        x = left + f32(4 * column + 0.5)
        blocks |= (which_less(begin, lanes(x + 3)) & which_less(lanes(x), end)) << 8 * column
    return blocks


@kernel
def scatter(part, parts, many, order, seen, wide, high, starts, found, first, last, counts):
    """Each pair of an ellipse and a tile that meet, in `found` from starts[part] on: tile, row, blocks.

    Gives, in `first` and `last`, where an ellipse's own pairs are, and in counts[part] how many each tile has.
    """
    across = (i32(wide) + TILE - 1) // TILE
    for tile in range(counts.shape[1]):
        counts[part, tile] = 0
    place = starts[part]
    for n in range(many * part // parts, many * (part + 1) // parts):
        k = order[n]
        first[k] = place
        left, right, top, bottom = box(seen, k * ROW, wide, high)
        for y in range(top, bottom):
            begin, end = bands(seen, k * ROW, f32(y * TILE))
            for x in range(left, right):
                blocks = reached(begin, end, f32(x * TILE))
                if blocks:
                    tile = y * across + x
                    found[place, 0], found[place, 1], found[place, 2] = tile, k, blocks
                    counts[part, tile] += 1
                    place += 1
        last[k] = place


@kernel
def gather(part, parts, counts, starts, found, entries, bounds, cursors):
    """The pairs of each tile side by side in `entries`: row, blocks, and where in `found` it is.

    Gives bounds[tile], where those of a tile begin; every part works out the same bounds for itself.
    """
    tiles = counts.shape[1]
    place = 0
    for tile in range(tiles):
        if part == 0:
            bounds[tile] = place
        for other in range(parts):
            if other == part:
                cursors[part, tile] = place
            place += counts[other, tile]
    if part == 0:
        bounds[tiles] = place
    mine = 0
    for tile in range(tiles):
        mine += counts[part, tile]
    for place in range(starts[part], starts[part] + mine):
        tile = found[place, 0]
        here = cursors[part, tile]
        cursors[part, tile] += 1
        entries[here, 0], entries[here, 1], entries[here, 2] = found[place, 1], found[place, 2], place


# -- 5: the picture ----------------------------------------------------------------------------------------------------


@inner
def placed(seen, row, left, top):
    """An ellipse as a tile has it: t and d in its middle; how t grows to the right, how t and d downwards; strength."""
    across, down = seen[row + ACROSS], seen[row + DOWN]
    slant = seen[row + SHEAR] * across
    dx, dy = left + f32(TILE / 2) - seen[row + X], top + f32(TILE / 2) - seen[row + Y]
    return dx * across - dy * slant, dy * down, across, slant, down, seen[row + STRENGTH]


@inner
def spot(ellipse, at):
    """t and d of a block's pixels."""
    t, d, across, slant, down, _ = ellipse
    rows = load(ROWS, at)
    return t + (load(COLUMNS, at) * across - rows * slant), d + rows * down


@inner
def cover(slate, blocks, ellipse):
    """How much an ellipse would cover of each block's pixels, were there no bounds.

    A loop of its own, as are those after it: of a short one, the processor has many turns under way at the same time.
    """
    while blocks:
        at = lowest_bit(blocks) * WIDTH
        blocks &= blocks - 1
        t, d = spot(ellipse, at)
        store(slate, COVERS + at, exp2((ellipse[5] - d * d) - t * t))


@inner
def bounded(full):
    """What is covered, never all of it, and nothing where it is too little to be seen."""
    return where_less(full, FAINTEST, f32(0), smaller(full, OPAQUE))


@inner
def lit(slate):
    """The blocks that some light still comes to, as bits."""
    alive = 0
    for block in range(BLOCKS):
        if which_less(DARK, load(slate, LIGHT + block * WIDTH)):
            alive |= 1 << block
    return alive


@inner
def lay(slate, blocks, red, green, blue):
    """A colour over what lies farther away, by as much as COVERS says."""
    while blocks:
        at = lowest_bit(blocks) * WIDTH
        blocks &= blocks - 1
        light = load(slate, LIGHT + at)
        weight = bounded(load(slate, COVERS + at)) * light
        store(slate, LIGHT + at, light - weight)
        store(slate, REDS + at, load(slate, REDS + at) + weight * red)
        store(slate, GREENS + at, load(slate, GREENS + at) + weight * green)
        store(slate, BLUES + at, load(slate, BLUES + at) + weight * blue)


@inner
def pixel_of(block):
    """The column and the row in a tile at which a block begins."""
    return block // 8 * 4, block % 8 * 2


@kernel
def paint(part, parts, seen, entries, bounds, across, picture, stride, plane, background):
    """Every tile, its nearest ellipse first: `picture` has planes red, green, blue, and the light that comes through.

    Leaves in `entries` the blocks that an ellipse was painted in, without those to which no light came any more.

    Shapes:  picture (4 × plane,): rows of `stride` pixels, a multiple of 16
    """
    slate = np.empty(SLATE, np.float32)
    for tile in range(part, bounds.shape[0] - 1, parts):
        left, top = tile % across * TILE, tile // across * TILE
        slate[:] = f32(0)
        slate[LIGHT : LIGHT + TILE**2] = f32(1)
        for entry in range(bounds[tile], bounds[tile + 1]):
            if (entry - bounds[tile]) % LOOK == 0:
                alive = lit(slate)
            blocks = entries[entry, 1] & alive
            entries[entry, 1] = blocks
            row = entries[entry, 0] * ROW
            cover(slate, blocks, placed(seen, row, f32(left), f32(top)))
            lay(slate, blocks, seen[row + RED], seen[row + GREEN], seen[row + BLUE])
        for block in range(BLOCKS):
            x, y = pixel_of(block)
            pixel, at = (top + y) * stride + left + x, block * WIDTH
            light = load(slate, LIGHT + at)
            store_block(picture, 3 * plane + pixel, stride, light)
            for channel in range(3):
                colour = load(slate, REDS + channel * AREA + at) + light * background[channel]
                store_block(picture, channel * plane + pixel, stride, colour)


# -- 6 and 7: back -----------------------------------------------------------------------------------------------------


@kernel
def blame(part, parts, seen, entries, bounds, across, picture, slope, stride, plane, shares):
    """What every ellipse did to the loss in every tile that it is in.

    `slope` has the planes of the loss's gradient by red, green and blue, and one of errors to be shared out. For each
    pair that `scatter` found, gives a row of 16 sums over pixels: of g, g t, g d, g t², g t d, g d², with g by the
    power; of the gradients by red, green and blue; and of the errors.
    """
    slate = np.empty(SLATE, np.float32)
    for tile in range(part, bounds.shape[0] - 1, parts):
        left, top = tile % across * TILE, tile // across * TILE
        for block in range(BLOCKS):
            x, y = pixel_of(block)
            pixel, at = (top + y) * stride + left + x, block * WIDTH
            coming = lanes(f32(0))
            for channel in range(3):
                here = load_block(slope, channel * plane + pixel, stride)
                coming = coming + here * load_block(picture, channel * plane + pixel, stride)
                store(slate, REDS + channel * AREA + at, here)
            store(slate, ERRORS + at, load_block(slope, 3 * plane + pixel, stride))
            store(slate, COMING + at, coming)
            store(slate, LIGHT + at, f32(1))
        for entry in range(bounds[tile], bounds[tile + 1]):
            blocks, row = np.int64(entries[entry, 1]), entries[entry, 0] * ROW
            ellipse = placed(seen, row, f32(left), f32(top))
            cover(slate, blocks, ellipse)
            weigh(slate, blocks, seen[row + RED], seen[row + GREEN], seen[row + BLUE])
            add_up(slate, blocks, ellipse, shares, entries[entry, 2] * ROW)


@inner
def weigh(slate, blocks, red, green, blue):
    """How much of a pixel's colour is the ellipse's, and the gradient by the power.

    Its own colour gains, and what lies behind, whose gradients are in COMING, loses in proportion.
    """
    while blocks:
        at = lowest_bit(blocks) * WIDTH
        blocks &= blocks - 1
        full, light = load(slate, COVERS + at), load(slate, LIGHT + at)
        alpha = bounded(full)
        weight = alpha * light
        store(slate, LIGHT + at, light - weight)
        store(slate, WEIGHTS + at, weight)
        own = load(slate, REDS + at) * red + load(slate, GREENS + at) * green + load(slate, BLUES + at) * blue
        own = own * weight
        coming = load(slate, COMING + at) - own
        store(slate, COMING + at, coming)
        store(slate, POWERS + at, where_less(full, OPAQUE, own - alpha * coming / (1 - alpha), f32(0)))


@inner
def add_up(slate, blocks, ellipse, shares, share):
    """The sums over an ellipse's pixels in a tile."""
    zero = lanes(f32(0))
    g, gt, gd, gtt, gtd, gdd = zero, zero, zero, zero, zero, zero
    red, green, blue, errors = zero, zero, zero, zero
    while blocks:
        at = lowest_bit(blocks) * WIDTH
        blocks &= blocks - 1
        weight, by_power = load(slate, WEIGHTS + at), load(slate, POWERS + at)
        red, green = red + weight * load(slate, REDS + at), green + weight * load(slate, GREENS + at)
        blue, errors = blue + weight * load(slate, BLUES + at), errors + weight * load(slate, ERRORS + at)
        t, d = spot(ellipse, at)
        by_t, by_d = by_power * t, by_power * d
        g, gt, gd = g + by_power, gt + by_t, gd + by_d
        gtt, gtd, gdd = gtt + by_t * t, gtd + by_t * d, gdd + by_d * d
    store(shares, share, totals(g, gt, gd, gtt, gtd, gdd, red, green))
    store(shares, share + WIDTH, totals(blue, errors))


@inner
def back(table, stride, i, degree, view, d, gradient, basis, weight):
    """8 splats: from the sums in `d`, as `blame` has them, to the gradient of each of their numbers."""
    x, y, z = in_camera(table, stride, i, view)
    z = larger(z, NEAR)
    q = turned(table, stride, i)
    a, b, right, below, near_right, near_below, ahead = onto_picture(x, y, z, view)
    s0, s1 = exp(load(table, 3 * stride + i)), exp(load(table, 4 * stride + i))
    s2 = exp(load(table, 5 * stride + i))
    ua, ub = axes(a, q), axes(b, q)
    va, vb = (ua[0] * s0, ua[1] * s1, ua[2] * s2), (ub[0] * s0, ub[1] * s1, ub[2] * s2)
    _, ab, bb, determinant = spread(va, vb)
    # The power is -(t² + d²) ln 2, with t² ln 4 = p (dx - r dy)², d² ln 4 = c dy².
    p, r, c = bb / determinant, ab / bb, 1 / bb
    root_p, root_c = square_root(p * (LN2 * 2)), square_root(c * (LN2 * 2))
    gtt, gtd, gdd = take(d, 3), take(d, 4), take(d, 5)
    by_x = root_p * take(d, 1)
    by_y = root_c * take(d, 2) - r * by_x
    by_s = p * gtt * LN2  # s = 1 / p = aa - ab² / bb
    by_r = root_p * root_c * bb * gtd
    by_aa = by_s
    by_ab = c * by_r - r * by_s * 2
    by_bb = r * r * by_s - r * c * by_r + c * gdd * LN2
    wa = tuple_sum(va, by_aa * 2, vb, by_ab)
    wb = tuple_sum(va, by_ab, vb, by_bb * 2)
    put(gradient, 3, va[0] * wa[0] + vb[0] * wb[0])
    put(gradient, 4, va[1] * wa[1] + vb[1] * wb[1])
    put(gradient, 5, va[2] * wa[2] + vb[2] * wb[2])
    wa, wb = (wa[0] * s0, wa[1] * s1, wa[2] * s2), (wb[0] * s0, wb[1] * s1, wb[2] * s2)
    quaternion(a, b, wa, wb, q, gradient)
    # By the lens: rows of the flattened lens are a and b, each a mixture of the camera's rows.
    ea, eb = unturned(wa, q), unturned(wb, q)
    by_fx, by_gone_x = along(ea, view, 4), along(ea, view, 12)
    by_fy, by_gone_y = along(eb, view, 8), along(eb, view, 12)
    fx, fy = ahead * view[0], ahead * view[1]
    inside_x = where_less(view[16], right, where_less(right, view[17], f32(1), f32(0)), f32(0))
    inside_y = where_less(view[18], below, where_less(below, view[19], f32(1), f32(0)), f32(0))
    cx = by_x * fx - by_gone_x * fx * ahead * inside_x
    cy = by_y * fy - by_gone_y * fy * ahead * inside_y
    cz = by_gone_x * fx * near_right * (inside_x + 1) + by_gone_y * fy * near_below * (inside_y + 1)
    cz = (cz - by_fx * fx - by_fy * fy) * ahead - by_x * fx * right - by_y * fy * below
    mx = cx * view[4] + cy * view[8] + cz * view[12]
    my = cx * view[5] + cy * view[9] + cz * view[13]
    mz = cx * view[6] + cy * view[10] + cz * view[14]
    opacity = 1 / (1 + exp(0 - load(table, 10 * stride + i)))
    put(gradient, 10, take(d, 0) * (1 - opacity))
    dx, dy, dz, inverse = direction(table, stride, i, view)
    harmonics(dx, dy, dz, degree, basis)
    for k in range((degree + 1) ** 2):
        pull = lanes(f32(0))
        for channel in range(3):
            by_colour = take(d, 6 + channel)
            number = GEOMETRY + 3 * k + channel
            put(gradient, number, by_colour * take(basis, k))
            pull = pull + by_colour * load(table, number * stride + i)
        put(weight, k, pull)
    if degree > 0:  # a splat that moves is seen from elsewhere
        ux, uy, uz = slopes(dx, dy, dz, degree, weight)
        ahead = ux * dx + uy * dy + uz * dz
        mx, my, mz = (
            mx + (ux - ahead * dx) * inverse,
            my + (uy - ahead * dy) * inverse,
            mz + (uz - ahead * dz) * inverse,
        )
    put(gradient, 0, mx)
    put(gradient, 1, my)
    put(gradient, 2, mz)


@inner
def tuple_sum(one, factor, other, second):
    return (
        one[0] * factor + other[0] * second,
        one[1] * factor + other[1] * second,
        one[2] * factor + other[2] * second,
    )


@inner
def along(row, view, first):
    """The product of a row with a row of the camera's rotation."""
    return row[0] * view[first] + row[1] * view[first + 1] + row[2] * view[first + 2]


@inner
def unturned(row, q):
    return (
        row[0] * q[0] + row[1] * q[1] + row[2] * q[2],
        row[0] * q[3] + row[1] * q[4] + row[2] * q[5],
        row[0] * q[6] + row[1] * q[7] + row[2] * q[8],
    )


@inner
def quaternion(a, b, wa, wb, q, gradient):
    """The gradient by the quaternion, from that by the matrix, which is the outer product a wa + b wb."""
    w, x, y, z, inverse = q[9], q[10], q[11], q[12], q[13]
    d00, d01, d02 = a[0] * wa[0] + b[0] * wb[0], a[0] * wa[1] + b[0] * wb[1], a[0] * wa[2] + b[0] * wb[2]
    d10, d11, d12 = a[1] * wa[0] + b[1] * wb[0], a[1] * wa[1] + b[1] * wb[1], a[1] * wa[2] + b[1] * wb[2]
    d20, d21, d22 = a[2] * wa[0] + b[2] * wb[0], a[2] * wa[1] + b[2] * wb[1], a[2] * wa[2] + b[2] * wb[2]
    gw = (x * (d21 - d12) + y * (d02 - d20) + z * (d10 - d01)) * 2
    gx = (y * (d01 + d10) + z * (d02 + d20) + w * (d21 - d12) - x * (d11 + d22) * 2) * 2
    gy = (x * (d01 + d10) + z * (d12 + d21) + w * (d02 - d20) - y * (d00 + d22) * 2) * 2
    gz = (x * (d02 + d20) + y * (d12 + d21) + w * (d10 - d01) - z * (d00 + d11) * 2) * 2
    outwards = w * gw + x * gx + y * gy + z * gz  # its length changes nothing
    put(gradient, 6, (gw - w * outwards) * inverse)
    put(gradient, 7, (gx - x * outwards) * inverse)
    put(gradient, 8, (gy - y * outwards) * inverse)
    put(gradient, 9, (gz - z * outwards) * inverse)


@kernel
def learn(
    part, parts, table, stride, count, degree, view, seen, ids, tally, first, last, shares, means, squares, rates, pull,
    score, gradients
):  # fmt: skip
    """Sum up what `blame` found for each splat, go back to its numbers, and update them by Adam.

    Splats out of sight stay as they are, Adam's averages too. `rates` has the learning rate of each row of the table,
    then: Adam's two decays, one minus each to the power of the step, and epsilon. `pull` draws opacities, then scales,
    towards zero. `score` collects errors. Where `gradients` has room, they go there, and nothing is updated.
    """
    numbers = GEOMETRY + 3 * (degree + 1) ** 2
    row, d, gradient = np.empty(ROW, np.float32), np.zeros(11 * WIDTH, np.float32), np.empty(64 * WIDTH, np.float32)
    basis, weight = np.empty(16 * WIDTH, np.float32), np.empty(16 * WIDTH, np.float32)
    begin, end = share(part, parts, count)
    k, stop = begin, begin + tally[part]
    for i in range(begin, end, WIDTH):
        if k >= stop or ids[k] >= i + WIDTH:
            continue
        for slot in range(11):
            put(d, slot, f32(0))
        while k < stop and ids[k] < i + WIDTH:
            sums, others = lanes(f32(0)), lanes(f32(0))
            for place in range(first[k], last[k]):
                sums, others = sums + load(shares, place * ROW), others + load(shares, place * ROW + WIDTH)
            store(row, 0, sums)
            store(row, WIDTH, others)
            lane = ids[k] - i
            for slot in range(10):
                d[slot * WIDTH + lane] = row[slot]
            for channel in range(3):
                if seen[k * ROW + RED + channel] <= 0:  # cut off at black, where it feels nothing
                    d[(6 + channel) * WIDTH + lane] = f32(0)
            d[10 * WIDTH + lane] = f32(1)
            score[i + lane] += d[9 * WIDTH + lane]
            k += 1
        back(table, stride, i, degree, view, d, gradient, basis, weight)
        here = take(d, 10)
        if gradients.shape[0] > 0:
            for number in range(numbers):
                store(gradients, number * stride + i, where_less(f32(0), here, take(gradient, number), f32(0)))
        else:
            adam(table, stride, i, numbers, gradient, here, means, squares, rates, pull)


@inner
def adam(table, stride, i, numbers, gradient, here, means, squares, rates, pull):
    """One update of 8 splats.  Source:  Kingma and Ba 2015."""
    first, second, whole_first, whole_second, epsilon = (
        rates[64], rates[65], rates[66], rates[67], rates[68],
    )  # fmt: skip
    for number in range(numbers):
        if rates[number] == 0:
            continue
        at = number * stride + i
        old = load(table, at)
        g = take(gradient, number)
        if number == 10:
            opacity = 1 / (1 + exp(0 - old))
            g = g + opacity * (1 - opacity) * pull[0]
        elif number >= 3 and number < 6:
            g = g + exp(old) * pull[1]
        m, v = load(means, at), load(squares, at)
        new_m, new_v = m * first + g * (1 - first), v * second + g * g * (1 - second)
        new = old - new_m * (rates[number] / whole_first) / (square_root(new_v / whole_second) + epsilon)
        store(means, at, where_less(f32(0), here, new_m, m))
        store(squares, at, where_less(f32(0), here, new_v, v))
        store(table, at, where_less(f32(0), here, new, old))
