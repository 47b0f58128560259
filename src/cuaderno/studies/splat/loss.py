"""How far a painted picture is from the photo, and how that changes with every pixel.

The loss is (1 - λ) |x - y| + λ (1 - SSIM): the first term sees how much a pixel is off, the second whether neighbours
rise and fall together, in a soft window of 11×11 pixels.

Source:  Kerbl et al. 2023, arXiv:2308.04079; Wang et al. 2004, https://doi.org/10.1109/TIP.2003.819861.
"""

import numpy as np

from cuaderno.studies.splat.compiled import inner, kernel
from cuaderno.studies.splat.vectors import WIDTH, lanes, load, load_bytes, store, total, where_less

f32 = np.float32
REACH = 5  # of the window, to either side
WINDOW = np.exp(-0.5 * (np.arange(-REACH, REACH + 1) / 1.5) ** 2)
W0, W1, W2, W3, W4, W5 = (f32(weight / WINDOW.sum()) for weight in WINDOW[REACH:])
C1, C2 = f32(0.01**2), f32(0.03**2)
BYTE = f32(1 / 255)
PAD = 16  # zeros at either end of a row, so that the window may lean out
RING = 32  # rows that are remembered, each twice, 16 rows apart: so any 11 of them lie one below the other
SUMS = 5  # that a row of a channel gives: |x - y|, (x - y)², SSIM, and the slopes by gain and by offset


@inner
def smooth(row, at, step):
    """8 numbers, each the window's mean of its neighbours, which lie `step` apart."""
    return (
        load(row, at) * W0
        + (load(row, at - step) + load(row, at + step)) * W1
        + (load(row, at - 2 * step) + load(row, at + 2 * step)) * W2
        + (load(row, at - 3 * step) + load(row, at + 3 * step)) * W3
        + (load(row, at - 4 * step) + load(row, at + 4 * step)) * W4
        + (load(row, at - 5 * step) + load(row, at + 5 * step)) * W5
    )


@inner
def remember(row, ring, y, long, stride):
    """Put a row, smoothed sideways, into its two places in a ring."""
    one = (y & 15) * long + PAD
    for x in range(0, stride, WIDTH):
        found = smooth(row, PAD + x, 1)
        store(ring, one + x, found)
        store(ring, one + 16 * long + x, found)


@inner
def forget(ring, y, long, stride):
    """A row outside the picture is black."""
    one = (y & 15) * long + PAD
    for x in range(0, stride, WIDTH):
        store(ring, one + x, f32(0))
        store(ring, one + 16 * long + x, f32(0))


@kernel
def statistics(part, parts, photo, mask, plane, stride, height, known):
    """What SSIM has to know of a photo: the windows' means and variances, 3 planes of each."""
    long = stride + 2 * PAD
    row, squares = np.zeros(long, np.float32), np.zeros(long, np.float32)
    ring, square_ring = np.zeros(RING * long, np.float32), np.zeros(RING * long, np.float32)
    first, last = height * part // parts, height * (part + 1) // parts
    for channel in range(3):
        for y in range(first - REACH, last + REACH):
            if 0 <= y < height:
                for x in range(0, stride, WIDTH):
                    seen = load_bytes(photo, channel * plane + y * stride + x) * BYTE * load(mask, y * stride + x)
                    store(row, PAD + x, seen)
                    store(squares, PAD + x, seen * seen)
                remember(row, ring, y, long, stride)
                remember(squares, square_ring, y, long, stride)
            else:
                forget(ring, y, long, stride)
                forget(square_ring, y, long, stride)
            middle = y - REACH
            if first <= middle < last:
                here = (((middle - REACH) & 15) + REACH) * long + PAD
                for x in range(0, stride, WIDTH):
                    mean = smooth(ring, here + x, long)
                    place = channel * plane + middle * stride + x
                    store(known, place, mean)
                    store(known, 3 * plane + place, smooth(square_ring, here + x, long) - mean * mean)


@kernel
def compare(
    part, parts, picture, photo, mask, known, edge, plane, stride, width, height, share, exposure, slope, sums
):  # fmt: skip
    """The gradient of the loss by every pixel, into `slope`; into its fourth plane, how far off each pixel is.

    `exposure` has what the camera made of red, green and blue: their gains, then their offsets; `share` is λ; `mask` is
    0 where a pixel does not count and right of the picture, `edge` a row of it that is 0 only there.
    """
    long = stride + 2 * PAD
    row, squares, products = np.zeros(long, np.float32), np.zeros(long, np.float32), np.zeros(long, np.float32)
    ring, square_ring = np.zeros(RING * long, np.float32), np.zeros(RING * long, np.float32)
    product_ring, mean_ring = np.zeros(RING * long, np.float32), np.zeros(RING * long, np.float32)
    by_square_ring, by_product_ring = np.zeros(RING * long, np.float32), np.zeros(RING * long, np.float32)
    first, last = height * part // parts, height * (part + 1) // parts
    one = f32(1.0 / (3.0 * width * height))
    plain, structural = (f32(1) - share) * one, -share * one
    for channel in range(3):
        gain, offset = exposure[channel], exposure[3 + channel]
        for y in range(first - 2 * REACH, last + 2 * REACH):
            # A row of the picture comes in, …
            if 0 <= y < height:
                for x in range(0, stride, WIDTH):
                    at = channel * plane + y * stride + x
                    counts = load(mask, y * stride + x)
                    seen = (load(picture, at) * gain + offset) * counts
                    store(row, PAD + x, seen)
                    store(squares, PAD + x, seen * seen)
                    store(products, PAD + x, seen * load_bytes(photo, at) * (counts * BYTE))
                remember(row, ring, y, long, stride)
                remember(squares, square_ring, y, long, stride)
                remember(products, product_ring, y, long, stride)
            else:
                forget(ring, y, long, stride)
                forget(square_ring, y, long, stride)
                forget(product_ring, y, long, stride)
            # … five rows above, SSIM is known with its derivatives by mean, mean square and mean product, …
            middle = y - REACH
            if 0 <= middle < height:
                alike = lanes(f32(0))
                here = (((middle - REACH) & 15) + REACH) * long + PAD
                for x in range(0, stride, WIDTH):
                    at = channel * plane + middle * stride + x
                    mx, my = smooth(ring, here + x, long), load(known, at)
                    variance = smooth(square_ring, here + x, long) - mx * mx
                    covariance = smooth(product_ring, here + x, long) - mx * my
                    bright, contrast = mx * my * 2 + C1, covariance * 2 + C2
                    under_bright = 1 / (mx * mx + my * my + C1)
                    under_contrast = 1 / (variance + load(known, 3 * plane + at) + C2)
                    inside = load(edge, x)
                    ssim = bright * contrast * under_bright * under_contrast * inside
                    by_square = 0 - ssim * under_contrast
                    by_product = bright * under_bright * under_contrast * 2 * inside
                    by_mean = my * contrast * under_bright * under_contrast * 2 * inside - mx * ssim * under_bright * 2
                    store(row, PAD + x, by_mean - mx * by_square * 2 - my * by_product)
                    store(squares, PAD + x, by_square)
                    store(products, PAD + x, by_product)
                    alike = alike + ssim
                remember(row, mean_ring, middle, long, stride)
                remember(squares, by_square_ring, middle, long, stride)
                remember(products, by_product_ring, middle, long, stride)
                if first <= middle < last:
                    sums[middle, channel, 2] = total(alike)
            else:
                forget(mean_ring, middle, long, stride)
                forget(by_square_ring, middle, long, stride)
                forget(by_product_ring, middle, long, stride)
            # … and ten rows above, all windows that a pixel is in have spoken.
            done = y - 2 * REACH
            if first <= done < last:
                off, square, by_gain, by_offset = lanes(f32(0)), lanes(f32(0)), lanes(f32(0)), lanes(f32(0))
                here = (((done - REACH) & 15) + REACH) * long + PAD
                for x in range(0, stride, WIDTH):
                    at = channel * plane + done * stride + x
                    counts, raw = load(mask, done * stride + x), load(picture, at)
                    seen, wanted = (raw * gain + offset) * counts, load_bytes(photo, at) * (counts * BYTE)
                    pull = smooth(mean_ring, here + x, long) + seen * smooth(by_square_ring, here + x, long) * 2
                    pull = (pull + wanted * smooth(by_product_ring, here + x, long)) * structural
                    difference = seen - wanted
                    apart = where_less(difference, f32(0), 0 - difference, difference)
                    sign = where_less(f32(0), difference, plain, where_less(difference, f32(0), -plain, f32(0)))
                    pull = (pull + sign) * counts
                    store(slope, at, pull * gain)
                    errors = 3 * plane + done * stride + x
                    store(slope, errors, apart if channel == 0 else load(slope, errors) + apart)
                    off, square = off + apart, square + difference * difference
                    by_gain, by_offset = by_gain + pull * raw, by_offset + pull
                sums[done, channel, 0], sums[done, channel, 1] = total(off), total(square)
                sums[done, channel, 3], sums[done, channel, 4] = total(by_gain), total(by_offset)
