/** From a picture to strips, one per line of text, as `../photos.py` does it: even light, level lines, rows, scale. */

import { HEIGHT, STRIDE } from "./model.js";

const WORKING_SIDE = 1600; // pixels of the longer side that are looked at
const BODY = 11; // pixels of a small letter's height in a strip
const STEEPEST = 12; // degrees
const WEAKEST = 0.06; // of the full range of brightness, between ink and paper
const MOST_LINES = 40;
const WIDEST = 6000;

/** @typedef {{data: Float32Array, width: number, height: number}} Grey brightness 0 to 1, row by row */
/** @typedef {{pixels: Float32Array, width: number}} Strip 32 rows, ink light on dark paper */

/** A picture that the browser has decoded, in grey. @returns {Grey} */
export function greyOf(image, width, height) {
  const scale = Math.min(1, WORKING_SIDE / Math.max(width, height));
  const [w, h] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: w, height: h });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#fff";
  context.fillRect(0, 0, w, h);
  context.imageSmoothingQuality = "high";
  context.drawImage(image, 0, 0, w, h);
  const { data } = context.getImageData(0, 0, w, h);
  return { data: Float32Array.from({ length: w * h }, (_, i) => (0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2]) / 255), width: w, height: h };
}

/** The lines of text from top to bottom; none when the picture is blank or holds nothing like text. @returns {Strip[]} */
export function strips(grey) {
  let ink = inkOf(grey);
  if (!ink) return [];
  const angle = slope(ink);
  if (Math.abs(angle) >= 0.25) ink = turn(ink, angle);
  return rowsOf(ink).map(([top, bottom]) => stripOf(ink, top, bottom)).filter(Boolean).slice(0, MOST_LINES);
}

function inkOf({ data, width, height }) {
  if (Math.min(width, height) < 4) return null;
  const uneven = Math.max(width, height) > 4 * HEIGHT && Math.min(width, height) > 2 * HEIGHT;
  const paper = uneven ? blurred(data, width, height, Math.max(8, Math.floor(Math.min(width, height) / 6))) : null;
  const middle = uneven ? 0 : percentile(data, 50);
  const away = data.map((value, i) => value - (paper ? paper[i] : middle));
  const mean = away.reduce((sum, value) => sum + value, 0) / away.length;
  const skew = away.reduce((sum, value) => sum + (value - mean) ** 3, 0);
  if (skew < 0) for (let i = 0; i < away.length; i++) away[i] = -away[i];
  const strength = percentile(away, 99.7);
  if (strength < WEAKEST) return null;
  return { data: away.map((value) => Math.min(1, Math.max(0, (value - 0.15 * strength) / (0.85 * strength)))), width, height };
}

/** The mean of a square around each pixel, by sums over a table; the edge is repeated outside. */
function blurred(data, width, height, radius) {
  const lines = (source, count, length, stride, step) => {
    const out = new Float32Array(source.length);
    for (let line = 0; line < count; line++) {
      const at = (i) => source[line * stride + Math.min(length - 1, Math.max(0, i)) * step];
      let sum = 0;
      for (let i = -radius; i <= radius; i++) sum += at(i);
      for (let i = 0; i < length; i++) {
        out[line * stride + i * step] = sum / (2 * radius + 1);
        sum += at(i + radius + 1) - at(i - radius);
      }
    }
    return out;
  };
  return lines(lines(data, height, width, width, 1), width, height, 1, width);
}

/** By how many degrees to turn the page so that its lines lie level. */
function slope(ink) {
  const scale = Math.min(1, 500 / Math.max(ink.width, ink.height));
  const small = resized(ink, Math.max(1, Math.round(ink.width * scale)), Math.max(1, Math.round(ink.height * scale)));
  if (Math.min(small.width, small.height) < 12) return 0;
  const sharpness = (angle) => {
    const { data, width, height } = angle ? turn(small, angle) : small;
    let before = 0, total = 0;
    for (let y = 0; y < height; y++) {
      let sum = 0;
      for (let x = 0; x < width; x++) sum += data[y * width + x];
      if (y) total += (sum - before) ** 2;
      before = sum;
    }
    return total;
  };
  const best = (angles) => angles.map((angle) => [sharpness(angle), angle]).reduce((a, b) => (b[0] > a[0] ? b : a))[1];
  const coarse = best(Array.from({ length: 2 * STEEPEST + 1 }, (_, i) => i - STEEPEST));
  const fine = best([-0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75].map((more) => coarse + more));
  return sharpness(fine) > 1.05 * sharpness(0) ? fine : 0;
}

/** Turned counter-clockwise by some degrees about the middle; what leaves the frame is lost. */
function turn({ data, width, height }, degrees) {
  const [sin, cos] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
  const out = new Float32Array(width * height), [cx, cy] = [(width - 1) / 2, (height - 1) / 2];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [dx, dy] = [x - cx, y - cy];
      const [sx, sy] = [cx + cos * dx - sin * dy, cy + sin * dx + cos * dy];
      const [left, top] = [Math.floor(sx), Math.floor(sy)];
      if (left < 0 || top < 0 || left + 1 >= width || top + 1 >= height) continue;
      const [u, v] = [sx - left, sy - top], at = top * width + left;
      out[y * width + x] = (1 - v) * ((1 - u) * data[at] + u * data[at + 1]) + v * ((1 - u) * data[at + width] + u * data[at + width + 1]);
    }
  }
  return { data: out, width, height };
}

/** Where lines of text lie, as [top, bottom]. */
function rowsOf({ data, width, height }) {
  const raw = Float64Array.from({ length: height }, (_, y) => {
    let sum = 0;
    for (let x = 0; x < width; x++) sum += data[y * width + x];
    return sum;
  });
  const profile = raw.map((value, y) => 0.25 * (raw[y - 1] ?? 0) + 0.5 * value + 0.25 * (raw[y + 1] ?? 0));
  const inked = profile.filter((value) => value > 0);
  const least = inked.length ? 0.06 * percentile(inked, 90) : 0;
  const bands = [];
  for (let y = 0, top = -1; y <= height; y++) {
    const busy = y < height && profile[y] > least;
    if (busy && top < 0) top = y;
    if (!busy && top >= 0) { bands.push([top, y]); top = -1; }
  }
  if (!bands.length) return [];
  const most = Math.max(...bands.map(([top, bottom]) => bottom - top));
  const tall = percentile(Float64Array.from(bands.map(([top, bottom]) => bottom - top).filter((size) => size >= 0.4 * most)), 50);
  const merged = [];
  for (const band of bands) { // accents and dots are bands of their own where letters stand far apart
    const last = merged.at(-1);
    const small = band[1] - band[0] < 0.45 * tall || (last && last[1] - last[0] < 0.45 * tall);
    if (last && small && band[0] - last[1] < 0.35 * tall) last[1] = band[1];
    else merged.push([...band]);
  }
  const lines = merged.filter(([top, bottom]) => bottom - top >= Math.max(5, 0.35 * tall));
  const ends = [0, ...lines.slice(1).map(([top], i) => (lines[i][1] + top) >> 1), height];
  const more = Math.round(0.2 * tall); // thin tails below a line and marks above it
  return lines.map(([top, bottom], i) => [Math.max(top - more, ends[i]), Math.min(bottom + more, ends[i + 1])]);
}

/** One line, its small letters 11 pixels high. @returns {Strip | null} */
function stripOf(ink, from, to) {
  let left = ink.width, right = -1, top = to, bottom = from;
  for (let y = from; y < to; y++) {
    for (let x = 0; x < ink.width; x++) {
      if (ink.data[y * ink.width + x] <= 0.3) continue;
      [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), y + 1];
    }
  }
  if (right - left < 1) return null;
  const height = bottom - top;
  const length = right - left + 1, data = new Float32Array(length * height);
  for (let y = 0; y < height; y++) data.set(ink.data.subarray((top + y) * ink.width + left, (top + y) * ink.width + right + 1), y * length);
  const rows = Float64Array.from({ length: height }, (_, y) => data.subarray(y * length, (y + 1) * length).reduce((sum, value) => sum + value, 0));
  const busy = 0.45 * percentile(rows, 95), body = Math.max(1, rows.filter((row) => row > busy).length);
  const scale = Math.max(Math.min(BODY / body, (HEIGHT - 4) / height, (3 * HEIGHT) / height), (0.45 * HEIGHT) / height);
  const [w, h] = [Math.max(2, Math.min(WIDEST, Math.round(length * scale))), Math.max(2, Math.min(HEIGHT - 2, Math.round(height * scale)))];
  const small = resized({ data, width: length, height }, w, h);
  const width = Math.ceil((w + 12) / STRIDE) * STRIDE, pixels = new Float32Array(HEIGHT * width), first = (HEIGHT - h) >> 1;
  for (let y = 0; y < h; y++) pixels.set(small.data.subarray(y * w, (y + 1) * w), (first + y) * width + 6);
  return { pixels, width };
}

/** Another size: the mean of what a pixel covers, or between the nearest when it grows. */
function resized({ data, width, height }, w, h) {
  const along = (source, length, count, size, read) => {
    const out = new Float32Array(count * size), step = length / size, half = Math.max(step, 1) / 2;
    for (let i = 0; i < size; i++) {
      const middle = (i + 0.5) * step, from = Math.floor(middle - half), to = Math.ceil(middle + half);
      const shares = [];
      let total = 0;
      for (let k = from; k < to; k++) {
        const share = step > 1 ? Math.min(k + 1, middle + half) - Math.max(k, middle - half) : Math.max(0, 1 - Math.abs(k + 0.5 - middle));
        if (share > 0) { shares.push([Math.min(length - 1, Math.max(0, k)), share]); total += share; }
      }
      for (let line = 0; line < count; line++) {
        let sum = 0;
        for (const [k, share] of shares) sum += share * read(source, line, k);
        out[line * size + i] = sum / total;
      }
    }
    return out;
  };
  const wide = along(data, width, height, w, (source, y, x) => source[y * width + x]); // (height, w)
  const tall = along(wide, height, w, h, (source, x, y) => source[y * w + x]); // (w, h)
  const out = new Float32Array(w * h);
  for (let x = 0; x < w; x++) for (let y = 0; y < h; y++) out[y * w + x] = tall[x * h + y];
  return { data: out, width: w, height: h };
}

function percentile(values, percent) {
  const sorted = Float64Array.from(values).sort(), at = ((sorted.length - 1) * percent) / 100, low = Math.floor(at);
  return sorted[low] + (at - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low]);
}
