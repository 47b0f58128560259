"""The renderer for the processor: splats onto a picture, and the picture's gradient back to the splats.

1. `project`   every splat becomes an ellipse in the picture, a row of 16 numbers; those out of sight are left out
2. `sort`      the ellipses, nearest first
3. `scatter`   which 4×4 blocks of pixels in which 16×16 tiles does each ellipse reach? All 16 are tested at once
4. `gather`    the same by tiles, still nearest first
5. `paint`     each tile by itself, each block 16 pixels at a time
6. `blame`     backwards: what each ellipse did to the loss in each tile
7. `learn`     that, back to the splat's own numbers, and Adam's update of them while they are at hand

Every function does its share, `part` of `parts`, so that threads work side by side without a lock. Whatever the share,
a number comes out of the same operations in the same order: two threads train what one trains.

The splats are one flat float32 table, a row of `stride` numbers (a multiple of 16) for each of: mean x y z, log scale
x y z, rotation w x y z, opacity logit, and 3 K colours: red, green, blue of each spherical harmonic.
The camera is one array, see `viewpoint` in render.py. Ellipses are rows of 16 float32, see below.

Source:  Kerbl et al. 2023, arXiv:2308.04079; the derivatives after Ye et al. 2024, arXiv:2409.06765.
Differs: a block stops when none of its 16 pixels lets more than 1/10,000 of the light through, not each one by itself.
         What an ellipse weighs is a (dx - r dy)² + c dy²: no difference of large numbers, however thin the ellipse.
"""

from math import floor

import numpy as np

from cuaderno.studies.splat.compiled import inner, kernel
from cuaderno.studies.splat.vectors import (
    bits_of,
    block_columns,
    block_rows,
    exp2,
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
SLOTS = 14  # of them are used: centre, shape, opacity, colour, depth; how far it reaches; the logarithm of its opacity
X, Y, SHEAR, ACROSS, DOWN, OPACITY, RED, GREEN, BLUE, DEPTH, WIDE, HIGH, TILT, STRENGTH = range(SLOTS)
GEOMETRY = 11  # rows of the table before the colours
BOUNDLESS = 0x7F800000  # the bits of infinity; those of what is no number are larger
FAINTEST = f32(1 / 255)  # a pixel that is covered less does not feel the ellipse
FAINT = f32(np.log2(1 / 255))
OPAQUE = f32(0.99)  # nothing covers more
DARK = f32(1e-4)  # so little light left is none
NEAR = f32(0.05)  # closer to the camera than this, in units of the scene, nothing is seen
BLUR = f32(0.3)  # pixels², added to every ellipse: none is thinner than a pixel
LOG2E, LN2 = f32(1.4426950408889634), f32(0.6931471805599453)
SLACK = f32(1e-3)  # by which the test of a block is generous, so that rounding leaves out no pixel
SH0, SH1 = f32(0.28209479177387814), f32(0.4886025119029199)
SH2 = tuple(map(f32, (1.0925484305920792, 0.31539156525252005, 0.5462742152960396)))
SH3 = tuple(
    map(f32, (0.5900435899266435, 2.890611442640554, 0.4570457994644658, 0.3731763325901154, 1.445305721320277))
)
RANK_BITS = 11  # that one pass of the sort looks at


@inner
def share(part, parts, count):
    """The first and last-but-one of the 16s that a part works on."""
    blocks = (count + 15) // 16
    return blocks * part // parts * 16, blocks * (part + 1) // parts * 16


# -- 1: from splats to ellipses ----------------------------------------------------------------------------------------


@inner
def in_camera(table, stride, i, view):
    """16 splats as the camera has them: x to the right, y down, z ahead."""
    x, y, z = load(table, i), load(table, stride + i), load(table, 2 * stride + i)
    return (
        x * view[4] + y * view[5] + z * view[6] + view[7],
        x * view[8] + y * view[9] + z * view[10] + view[11],
        x * view[12] + y * view[13] + z * view[14] + view[15],
    )


@inner
def turned(table, stride, i):
    """The rotation matrices of 16 splats, row by row, their unit quaternions, and one over those's lengths."""
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
    """Unit vectors from the camera to 16 splats, and one over their distances."""
    x = load(table, i) - view[20]
    y = load(table, stride + i) - view[21]
    z = load(table, 2 * stride + i) - view[22]
    inverse = 1 / square_root(larger(x * x + y * y + z * z, f32(1e-20)))
    return x * inverse, y * inverse, z * inverse, inverse


@inner
def harmonics(x, y, z, degree, basis):
    """The spherical harmonics in 16 directions, 16 numbers each.  Source:  Sloan 2013, with INRIA's signs."""
    store(basis, 0, lanes(SH0))
    if degree > 0:
        store(basis, 16, y * -SH1)
        store(basis, 32, z * SH1)
        store(basis, 48, x * -SH1)
    if degree > 1:
        store(basis, 64, x * y * SH2[0])
        store(basis, 80, y * z * -SH2[0])
        store(basis, 96, (z * z * 2 - x * x - y * y) * SH2[1])
        store(basis, 112, x * z * -SH2[0])
        store(basis, 128, (x * x - y * y) * SH2[2])
    if degree > 2:
        xx, yy, zz = x * x, y * y, z * z
        store(basis, 144, y * (xx * 3 - yy) * -SH3[0])
        store(basis, 160, x * y * z * SH3[1])
        store(basis, 176, y * (zz * 4 - xx - yy) * -SH3[2])
        store(basis, 192, z * (zz * 2 - xx * 3 - yy * 3) * SH3[3])
        store(basis, 208, x * (zz * 4 - xx - yy) * -SH3[2])
        store(basis, 224, z * (xx - yy) * SH3[4])
        store(basis, 240, x * (xx - yy * 3) * -SH3[0])


@inner
def slopes(x, y, z, degree, weight):
    """The gradient of the sum of weight × harmonic, by the direction; `weight` has 16 numbers for each of K."""
    w = load(weight, 16)
    dx, dy, dz = load(weight, 48) * -SH1, w * -SH1, load(weight, 32) * SH1
    if degree > 1:
        xy, yz, up = load(weight, 64) * SH2[0], load(weight, 80) * -SH2[0], load(weight, 96) * SH2[1] * 2
        xz, flat = load(weight, 112) * -SH2[0], load(weight, 128) * SH2[2] * 2
        dx = dx + xy * y - up * x + xz * z + flat * x
        dy = dy + xy * x + yz * z - up * y - flat * y
        dz = dz + yz * y + up * z * 2 + xz * x
    if degree > 2:
        xx, yy, zz = x * x, y * y, z * z
        a, b, c = load(weight, 144) * -SH3[0], load(weight, 160) * SH3[1], load(weight, 176) * -SH3[2]
        d, e, f = load(weight, 192) * SH3[3], load(weight, 208) * -SH3[2], load(weight, 224) * SH3[4]
        g = load(weight, 240) * -SH3[0]
        dx = dx + a * x * y * 6 + b * y * z - c * x * y * 2 - d * x * z * 6
        dx = dx + e * (zz * 4 - xx * 3 - yy) + f * x * z * 2 + g * (xx - yy) * 3
        dy = dy + a * (xx - yy) * 3 + b * x * z + c * (zz * 4 - xx - yy * 3)
        dy = dy - d * y * z * 6 - e * x * y * 2 - f * y * z * 2 - g * x * y * 6
        dz = dz + b * x * y + c * y * z * 8 + d * (zz * 2 - xx - yy) * 3 + e * x * z * 8 + f * (xx - yy)
    return dx, dy, dz


@inner
def ellipses(table, stride, i, degree, view, scratch, basis):
    """16 splats as ellipses into `scratch`, slot by slot."""
    x, y, z = in_camera(table, stride, i, view)
    store(scratch, DEPTH * 16, z)
    z = larger(z, NEAR)
    q = turned(table, stride, i)
    a, b, right, below, _, _, _ = onto_picture(x, y, z, view)
    s0, s1 = exp2(load(table, 3 * stride + i) * LOG2E), exp2(load(table, 4 * stride + i) * LOG2E)
    s2 = exp2(load(table, 5 * stride + i) * LOG2E)
    ua, ub = axes(a, q), axes(b, q)
    aa, ab, bb, determinant = spread((ua[0] * s0, ua[1] * s1, ua[2] * s2), (ub[0] * s0, ub[1] * s1, ub[2] * s2))
    store(scratch, X * 16, right * view[0] + view[2])
    store(scratch, Y * 16, below * view[1] + view[3])
    store(scratch, SHEAR * 16, ab / bb)
    store(scratch, TILT * 16, ab / aa)
    store(scratch, ACROSS * 16, bb / determinant * (-LOG2E / 2))
    store(scratch, DOWN * 16, lanes(-LOG2E / 2) / bb)
    opacity = 1 / (1 + exp2(load(table, 10 * stride + i) * -LOG2E))
    strength = log2(opacity)
    reach = larger(strength - FAINT, f32(0)) * (LN2 * 2)  # squared, in standard deviations, where it is too faint
    store(scratch, OPACITY * 16, opacity)
    store(scratch, STRENGTH * 16, strength)
    store(scratch, WIDE * 16, square_root(reach * aa))
    store(scratch, HIGH * 16, square_root(reach * bb))
    dx, dy, dz, _ = direction(table, stride, i, view)
    harmonics(dx, dy, dz, degree, basis)
    for channel in range(3):
        colour = lanes(f32(0.5))
        for k in range((degree + 1) ** 2):
            colour = colour + load(table, (GEOMETRY + 3 * k + channel) * stride + i) * load(basis, 16 * k)
        store(scratch, (RED + channel) * 16, larger(colour, f32(0)))


@kernel
def project(part, parts, table, stride, count, degree, view, seen, ids, tiles, tally):
    """Write the ellipses that are in sight, packed, from the row on at which the part's own splats begin.

    Gives, in tally[part], how many there are; in `tiles`, in how many tiles each of them may be.
    """
    scratch, basis = np.empty(16 * ROW, np.float32), np.empty(256, np.float32)
    first, last = share(part, parts, count)
    wide, high = view[23], view[24]
    k = first
    for i in range(first, last, 16):
        x, y, z = in_camera(table, stride, i, view)
        if which_less(NEAR, z) == 0:
            continue
        ellipses(table, stride, i, degree, view, scratch, basis)
        for lane in range(min(16, count - i)):
            x, dx = scratch[X * 16 + lane], scratch[WIDE * 16 + lane]
            y, dy = scratch[Y * 16 + lane], scratch[HIGH * 16 + lane]
            if not (scratch[DEPTH * 16 + lane] > NEAR and scratch[OPACITY * 16 + lane] > FAINTEST):
                continue
            if not (x + dx > 0 and x - dx < wide and y + dy > 0 and y - dy < high):
                continue
            everything = f32(0)
            for slot in range(SLOTS):
                everything += abs(scratch[slot * 16 + lane])
            if bits_of(everything) >= BOUNDLESS:  # infinite, or no number: fast arithmetic cannot ask in another way
                continue
            row = k * ROW
            for slot in range(SLOTS):
                seen[row + slot] = scratch[slot * 16 + lane]
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
def reached(seen, row, left, top):
    """Which of the 16 blocks of a tile an ellipse reaches, as bits.

    The pixel of a block that feels it most lies on one of the two sides towards its centre, or is the centre.
    """
    x, y, shear, tilt = seen[row + X], seen[row + Y], seen[row + SHEAR], seen[row + TILT]
    across, down = seen[row + ACROSS], seen[row + DOWN]
    x0, y0 = block_columns() * 4 + (left + f32(0.5) - x), block_rows() * 4 + (top + f32(0.5) - y)
    x1, y1 = x0 + 3, y0 + 3
    near_x, near_y = smaller(larger(x0, f32(0)), x1), smaller(larger(y0, f32(0)), y1)
    slant = smaller(larger(near_y * shear, x0), x1) - near_y * shear
    one = slant * slant * across + near_y * near_y * down
    along = smaller(larger(near_x * tilt, y0), y1)
    slant = near_x - along * shear
    other = slant * slant * across + along * along * down
    return which_less(FAINT - SLACK - seen[row + STRENGTH], larger(one, other))


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
            for x in range(left, right):
                blocks = reached(seen, k * ROW, f32(x * TILE), f32(y * TILE))
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


@kernel
def paint(part, parts, seen, entries, bounds, across, picture, stride, plane, background):
    """Every tile, its nearest ellipse first: `picture` has planes red, green, blue, and the light that comes through.

    Shapes:  picture (4 × plane,): rows of `stride` pixels, a multiple of 16
    """
    kept = np.empty(4 * 256, np.float32)  # the tile: 16 blocks of red, of green, of blue and of light
    columns, downwards = block_columns() + f32(0.5), block_rows() + f32(0.5)
    for tile in range(part, bounds.shape[0] - 1, parts):
        corner = (tile // across) * TILE * stride + (tile % across) * TILE
        for block in range(16):
            for channel in range(3):
                store(kept, channel * 256 + block * 16, f32(0))
            store(kept, 768 + block * 16, f32(1))
        left, top = f32((tile % across) * TILE), f32((tile // across) * TILE)
        alive = 65535
        for entry in range(bounds[tile], bounds[tile + 1]):
            blocks = entries[entry, 1] & alive
            if blocks == 0:
                if alive == 0:
                    break
                continue
            row = entries[entry, 0] * ROW
            x, y = columns + (left - seen[row + X]), downwards + (top - seen[row + Y])
            shear, wide, high, opacity = seen[row + SHEAR], seen[row + ACROSS], seen[row + DOWN], seen[row + OPACITY]
            red, green, blue = seen[row + RED], seen[row + GREEN], seen[row + BLUE]
            while blocks:
                block = lowest_bit(blocks)
                blocks &= blocks - 1
                at = block * 16
                dy = y + f32((block >> 2) * 4)
                slant = x + f32((block & 3) * 4) - dy * shear
                full = exp2(slant * slant * wide + dy * dy * high) * opacity
                alpha = where_less(full, FAINTEST, f32(0), smaller(full, OPAQUE))
                light = load(kept, 768 + at)
                weight = alpha * light
                light = light - weight
                store(kept, 768 + at, light)
                store(kept, at, load(kept, at) + weight * red)
                store(kept, 256 + at, load(kept, 256 + at) + weight * green)
                store(kept, 512 + at, load(kept, 512 + at) + weight * blue)
                if which_less(DARK, light) == 0:
                    alive &= ~(1 << block)
        for block in range(16):
            pixel = corner + (block >> 2) * 4 * stride + (block & 3) * 4
            light = load(kept, 768 + block * 16)
            store_block(picture, 3 * plane + pixel, stride, light)
            for channel in range(3):
                colour = load(kept, channel * 256 + block * 16) + light * background[channel]
                store_block(picture, channel * plane + pixel, stride, colour)


# -- 6 and 7: back -----------------------------------------------------------------------------------------------------


@kernel
def blame(part, parts, seen, entries, bounds, across, picture, slope, stride, plane, shares):
    """What every ellipse did to the loss in every tile that it is in.

    `slope` has the planes of the loss's gradient by red, green and blue, and one of errors to be shared out. Gives rows
    of 16 for each pair that `scatter` found: sums over pixels of g, g t, g dy, g t², g t dy, g dy² (g by the power; t =
    dx - shear dy), of the gradients by red, green and blue, and of the errors.
    """
    kept = np.empty(6 * 256, np.float32)  # the tile: light; what is still to come × gradient; gradients; errors
    columns, downwards = block_columns() + f32(0.5), block_rows() + f32(0.5)
    zero = lanes(f32(0))
    for tile in range(part, bounds.shape[0] - 1, parts):
        corner = (tile // across) * TILE * stride + (tile % across) * TILE
        for block in range(16):
            pixel, at = corner + (block >> 2) * 4 * stride + (block & 3) * 4, block * 16
            coming = zero
            for channel in range(3):
                here = load_block(slope, channel * plane + pixel, stride)
                coming = coming + here * load_block(picture, channel * plane + pixel, stride)
                store(kept, (2 + channel) * 256 + at, here)
            store(kept, 5 * 256 + at, load_block(slope, 3 * plane + pixel, stride))
            store(kept, 256 + at, coming)
            store(kept, at, f32(1))
        left, top = f32((tile % across) * TILE), f32((tile // across) * TILE)
        alive = 65535
        for entry in range(bounds[tile], bounds[tile + 1]):
            blocks = entries[entry, 1] & alive
            if blocks == 0:
                store(shares, entries[entry, 2] * ROW, zero)
                continue
            row = entries[entry, 0] * ROW
            x, y = columns + (left - seen[row + X]), downwards + (top - seen[row + Y])
            shear, wide, high, opacity = seen[row + SHEAR], seen[row + ACROSS], seen[row + DOWN], seen[row + OPACITY]
            red, green, blue = seen[row + RED], seen[row + GREEN], seen[row + BLUE]
            g, gt, gy, gtt, gty, gyy = zero, zero, zero, zero, zero, zero
            by_red, by_green, by_blue, errors = zero, zero, zero, zero
            while blocks:
                block = lowest_bit(blocks)
                blocks &= blocks - 1
                at = block * 16
                dy = y + f32((block >> 2) * 4)
                slant = x + f32((block & 3) * 4) - dy * shear
                full = exp2(slant * slant * wide + dy * dy * high) * opacity
                alpha = where_less(full, FAINTEST, f32(0), smaller(full, OPAQUE))
                light = load(kept, at)
                weight = alpha * light
                light = light - weight
                store(kept, at, light)
                red_slope, green_slope, blue_slope = load(kept, 512 + at), load(kept, 768 + at), load(kept, 1024 + at)
                own = weight * (red_slope * red + green_slope * green + blue_slope * blue)
                coming = load(kept, 256 + at) - own
                store(kept, 256 + at, coming)
                by_red, by_green = by_red + weight * red_slope, by_green + weight * green_slope
                by_blue, errors = by_blue + weight * blue_slope, errors + weight * load(kept, 1280 + at)
                # By the power: its own colour gains, and what lies behind loses in proportion.
                slope_here = where_less(full, OPAQUE, own - alpha * coming / (1 - alpha), f32(0))
                g, across_slope, down_slope = g + slope_here, slope_here * slant, slope_here * dy
                gt, gy, gtt = gt + across_slope, gy + down_slope, gtt + across_slope * slant
                gty, gyy = gty + across_slope * dy, gyy + down_slope * dy
                if which_less(DARK, light) == 0:
                    alive &= ~(1 << block)
            store(shares, entries[entry, 2] * ROW, totals(g, gt, gy, gtt, gty, gyy, by_red, by_green, by_blue, errors))


@inner
def back(table, stride, i, degree, view, d, gradient, basis, weight):
    """16 splats: from the sums in `d`, as `blame` has them, to the gradient of each of their numbers."""
    x, y, z = in_camera(table, stride, i, view)
    z = larger(z, NEAR)
    q = turned(table, stride, i)
    a, b, right, below, near_right, near_below, ahead = onto_picture(x, y, z, view)
    s0, s1 = exp2(load(table, 3 * stride + i) * LOG2E), exp2(load(table, 4 * stride + i) * LOG2E)
    s2 = exp2(load(table, 5 * stride + i) * LOG2E)
    ua, ub = axes(a, q), axes(b, q)
    va, vb = (ua[0] * s0, ua[1] * s1, ua[2] * s2), (ub[0] * s0, ub[1] * s1, ub[2] * s2)
    _, ab, bb, determinant = spread(va, vb)
    # The power is -(p t² + c dy²) / 2 with p = bb / det, t = dx - r dy, r = ab / bb, c = 1 / bb.
    p, r, c = bb / determinant, ab / bb, 1 / bb
    gt, gy, gtt, gty, gyy = load(d, 16), load(d, 32), load(d, 48), load(d, 64), load(d, 80)
    by_x = p * gt
    by_y = c * gy - r * by_x
    by_s = p * p * gtt * f32(0.5)  # s = 1 / p = aa - ab² / bb
    by_r = p * gty
    by_aa = by_s
    by_ab = c * by_r - r * by_s * 2
    by_bb = r * r * by_s - r * c * by_r + c * c * gyy * f32(0.5)
    wa = tuple_sum(va, by_aa * 2, vb, by_ab)
    wb = tuple_sum(va, by_ab, vb, by_bb * 2)
    store(gradient, 3 * 16, va[0] * wa[0] + vb[0] * wb[0])
    store(gradient, 4 * 16, va[1] * wa[1] + vb[1] * wb[1])
    store(gradient, 5 * 16, va[2] * wa[2] + vb[2] * wb[2])
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
    opacity = 1 / (1 + exp2(load(table, 10 * stride + i) * -LOG2E))
    store(gradient, 10 * 16, load(d, 0) * (1 - opacity))
    dx, dy, dz, inverse = direction(table, stride, i, view)
    harmonics(dx, dy, dz, degree, basis)
    for k in range((degree + 1) ** 2):
        pull = lanes(f32(0))
        for channel in range(3):
            by_colour = load(d, (6 + channel) * 16)
            number = GEOMETRY + 3 * k + channel
            store(gradient, number * 16, by_colour * load(basis, 16 * k))
            pull = pull + by_colour * load(table, number * stride + i)
        store(weight, 16 * k, pull)
    if degree > 0:  # a splat that moves is seen from elsewhere
        ux, uy, uz = slopes(dx, dy, dz, degree, weight)
        ahead = ux * dx + uy * dy + uz * dz
        mx, my, mz = (
            mx + (ux - ahead * dx) * inverse,
            my + (uy - ahead * dy) * inverse,
            mz + (uz - ahead * dz) * inverse,
        )
    store(gradient, 0, mx)
    store(gradient, 16, my)
    store(gradient, 32, mz)


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
    store(gradient, 6 * 16, (gw - w * outwards) * inverse)
    store(gradient, 7 * 16, (gx - x * outwards) * inverse)
    store(gradient, 8 * 16, (gy - y * outwards) * inverse)
    store(gradient, 9 * 16, (gz - z * outwards) * inverse)


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
    d, gradient = np.zeros(16 * ROW, np.float32), np.empty(64 * 16, np.float32)
    basis, weight = np.empty(256, np.float32), np.empty(256, np.float32)
    begin, end = share(part, parts, count)
    k, stop = begin, begin + tally[part]
    for i in range(begin, end, 16):
        if k >= stop or ids[k] >= i + 16:
            continue
        for slot in range(11):
            store(d, slot * 16, f32(0))
        while k < stop and ids[k] < i + 16:
            sums = lanes(f32(0))
            for place in range(first[k], last[k]):
                sums = sums + load(shares, place * ROW)
            store(d, 15 * 16, sums)
            lane = ids[k] - i
            for slot in range(10):
                d[slot * 16 + lane] = d[15 * 16 + slot]
            for channel in range(3):
                if seen[k * ROW + RED + channel] <= 0:  # cut off at black, where it feels nothing
                    d[(6 + channel) * 16 + lane] = f32(0)
            d[10 * 16 + lane] = f32(1)
            score[i + lane] += d[9 * 16 + lane]
            k += 1
        back(table, stride, i, degree, view, d, gradient, basis, weight)
        here = load(d, 10 * 16)
        if gradients.shape[0] > 0:
            for number in range(numbers):
                store(gradients, number * stride + i, where_less(f32(0), here, load(gradient, number * 16), f32(0)))
        else:
            adam(table, stride, i, numbers, gradient, here, means, squares, rates, pull)


@inner
def adam(table, stride, i, numbers, gradient, here, means, squares, rates, pull):
    """One update of 16 splats.  Source:  Kingma and Ba 2015."""
    first, second, whole_first, whole_second, epsilon = (
        rates[64], rates[65], rates[66], rates[67], rates[68],
    )  # fmt: skip
    for number in range(numbers):
        if rates[number] == 0:
            continue
        at = number * stride + i
        old = load(table, at)
        g = load(gradient, number * 16)
        if number == 10:
            opacity = 1 / (1 + exp2(old * -LOG2E))
            g = g + opacity * (1 - opacity) * pull[0]
        elif number >= 3 and number < 6:
            g = g + exp2(old * LOG2E) * pull[1]
        m, v = load(means, at), load(squares, at)
        new_m, new_v = m * first + g * (1 - first), v * second + g * g * (1 - second)
        new = old - new_m * (rates[number] / whole_first) / (square_root(new_v / whole_second) + epsilon)
        store(means, at, where_less(f32(0), here, new_m, m))
        store(squares, at, where_less(f32(0), here, new_v, v))
        store(table, at, where_less(f32(0), here, new, old))
