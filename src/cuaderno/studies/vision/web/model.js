/**
 * The picture network: no DOM, no dependencies, the same in Node, a worker or a page.
 *
 * `../export.py` says how `model.json` and `weights.bin` are laid out, `../model.py` what is computed. All numbers lie in
 * one memory that kernel.js computes on: weights, and pictures as (row, column, channel) with a border of zeros where the
 * next convolution looks over the edge. Everything has its place from the beginning, since every picture has one size.
 */

import { makeKernel } from "./kernel.js";
import { unpack } from "./weights.js";

/** @typedef {{rows: number, columns: number, channels: number, border: number, at: number}} Sheet at: a byte address */

const BLOCK = 8; // outputs that the kernel computes side by side; numbers of channels are rounded up to it
const LEAST_GRID = 6; // places to a side of a grid on which it makes sense to say where
const NOTHING = -Infinity; // no bend

/** @param {(name: string) => Promise<ArrayBuffer>} read @param {{plain?: boolean}} options plain: without vectors */
export async function load(read, { plain = false } = {}) {
  const [json, weights] = await Promise.all([read("model.json"), read("weights.bin")]);
  const about = JSON.parse(new TextDecoder().decode(json));
  if (about.format !== 1) throw new Error(`model.json has format ${about.format}, this reader knows format 1`);
  const network = await Network.make(about, unpack(about.tensors, weights), plain);
  return { network, about, bytes: json.byteLength + weights.byteLength };
}

/** What Python is asked too. @param {{size: number, pixels: string}} input pixels: base64 of size x size x RGB bytes */
export function predict({ network }, { size, pixels }) {
  const bytes = Uint8Array.from(atob(pixels), (char) => char.charCodeAt(0));
  return { probabilities: network.see(resized(bytes, size, network.size)), features: Array.from(network.features) };
}

/** The trained network. `see` looks at a picture; `weigh` says of the last one what spoke for an answer, and where. */
export class Network {
  static async make(about, tensors, plain) {
    const network = new Network(about);
    network.kernel = await makeKernel(network.end, plain);
    network.#fill(tensors);
    return network;
  }

  /** Gives everything its place, nothing in it yet. */
  constructor(about) {
    this.about = about;
    this.size = about.size;
    this.end = 64;
    const { window, stride } = about.stem, side = Math.floor((about.size - window) / stride) + 1;
    this.input = this.#sheet(about.size, 3, 0);
    let seen = this.#sheet(side, about.channels[0], 1);
    this.stem = this.#convolution("stem", this.input, seen, { window, stride, least: 0 });
    this.groups = about.channels.slice(1).map((channels, i) => {
      const before = seen, raw = this.#sheet(before.rows, channels, 0), pooled = this.#sheet(before.rows >> 1, channels, 1);
      seen = this.#sheet(pooled.rows, channels, 1);
      return {
        before, raw, pooled, after: seen,
        first: this.#convolution(`group_${i + 1}.conv_1`, before, raw, { least: NOTHING }),
        second: this.#convolution(`group_${i + 1}.conv_2`, pooled, seen, { least: 0 }),
      };
    });
    const fine = this.groups.findLastIndex(({ after }) => after.rows >= LEAST_GRID);
    this.mapped = Math.max(0, Math.min(fine, this.groups.length - 1)); // the group whose places the map shows
    this.back = this.groups.slice(this.mapped + 1).map((group, i) => this.#backwards(group, this.mapped + 2 + i));
    this.last = seen;
  }

  /** Probabilities of the classes. @param {Float32Array} pixels size x size x RGB, 0 to 1 @returns {number[]} */
  see(pixels) {
    const { kernel } = this;
    kernel.floats.set(pixels, this.input.at / 4);
    this.#run(this.stem);
    for (const { raw, pooled, first, second } of this.groups) {
      this.#run(first);
      this.#halve(raw, pooled);
      this.#run(second);
    }
    const features = (this.features = this.#most(this.last));
    this.logits = this.about.classes.map((_, k) => {
      let sum = 0;
      for (let i = 0; i < features.length; i++) sum += this.head[k * features.length + i] * features[i];
      return sum;
    });
    return softmax(this.logits);
  }

  /** The class that it names, or null when it is not sure enough of any. @returns {number | null} */
  decide(probabilities) {
    const best = bestOf(probabilities);
    return probabilities[best] < this.about.threshold ? null : best;
  }

  /** The log-odds of a class against all others, of the picture seen last, in nats. */
  evidence(k) {
    const others = this.logits.filter((_, j) => j !== k), most = Math.max(...others);
    return this.logits[k] - most - Math.log(others.reduce((sum, logit) => sum + Math.exp(logit - most), 0));
  }

  /**
   * Where in the picture seen last there is something that speaks for a class, as `activation_map` in ../explain.py has it:
   * what was found at each place, times how much more of it would add to the evidence.
   * @param {number} k the class @returns {{side: number, values: Float32Array}} not below 0
   */
  weigh(k) {
    const { kernel: { floats } } = this;
    let gradient = this.#spread(this.last, k);
    for (let i = this.back.length - 1; i >= 0; i--) {
      const { raw, pooled, before, after } = this.groups[this.mapped + 1 + i], steps = this.back[i];
      this.#place(gradient, after, steps.after); // only where the bend let something through
      this.#run(steps.second);
      this.#unhalve(raw, pooled, steps.pooled, steps.raw);
      this.#run(steps.first);
      gradient = this.#read(steps.before, before.channels);
    }
    const sheet = this.groups[this.mapped].after, { rows, channels } = sheet, values = new Float32Array(rows * rows);
    for (let y = 0, n = 0; y < rows; y++) {
      for (let x = 0; x < rows; x++, n++) {
        const at = address(sheet, y, x) / 4;
        for (let c = 0; c < channels; c++) values[n] += Math.max(0, gradient[n * channels + c]) * floats[at + c];
      }
    }
    return { side: rows, values };
  }

  /** What one filter of the first layer answers to the picture seen last. @returns {{side: number, values: Float32Array}} */
  response(filter) {
    const { rows } = this.stem.to, values = new Float32Array(rows * rows);
    for (let y = 0, n = 0; y < rows; y++) {
      for (let x = 0; x < rows; x++, n++) values[n] = this.kernel.floats[address(this.stem.to, y, x) / 4 + filter];
    }
    return { side: rows, values };
  }

  /** The filters of the first layer as pictures: (filters, window, window, RGB). */
  get filters() {
    return this.stemWeights;
  }

  // --- the plan

  #sheet(side, channels, border) {
    const sheet = { rows: side, columns: side, channels: channels === 3 ? 3 : padded(channels), border, at: this.end };
    this.end += align(4 * (side + 2 * border) ** 2 * sheet.channels);
    return sheet;
  }

  /** A convolution from one sheet to another: weights, and where each of its places begins and goes. */
  #convolution(name, from, to, { window = 3, stride = 1, least }) {
    const places = Math.ceil(to.rows ** 2 / 4) * 4, blocks = to.channels / BLOCK, length = window * from.channels;
    const layer = { name, from, to, window, stride, least, places, blocks, length };
    layer.tables = this.#take(8 * places);
    layer.weights = this.#take(32 * blocks * window * length);
    layer.bias = this.#take(32 * blocks);
    return layer;
  }

  #take(bytes) {
    const at = this.end;
    this.end += align(bytes);
    return at;
  }

  /** The two convolutions of a group, turned round: what comes out of it is asked what went in. */
  #backwards({ before, raw, pooled, after }, number) {
    const sheets = {
      after: this.#sheet(after.rows, after.channels, 1), pooled: this.#sheet(pooled.rows, pooled.channels, 0),
      raw: this.#sheet(raw.rows, raw.channels, 1), before: this.#sheet(before.rows, before.channels, 0),
    };
    const turned = (name, from, to) => ({ ...this.#convolution(`group_${number}.${name}`, from, to, { least: NOTHING }), turned: true });
    return { ...sheets, second: turned("conv_2", sheets.after, sheets.pooled), first: turned("conv_1", sheets.raw, sheets.before) };
  }

  #fill(tensors) {
    for (const layer of [this.stem, ...this.groups.flatMap((g) => [g.first, g.second]), ...this.back.flatMap((b) => [b.first, b.second])]) {
      const inputs = tensors[`${layer.name}.weight`].length / tensors[`${layer.name}.bias`].length / layer.window ** 2;
      this.#pack(layer, tensors[`${layer.name}.weight`], tensors[`${layer.name}.bias`], inputs);
      this.#table(layer);
    }
    this.head = tensors["head.weight"];
    this.stemWeights = tensors["stem.weight"];
  }

  /** Weights (output, row, column, input) as the kernel wants them: (block, row, column, input, 8). */
  #pack({ weights, bias, window, from, turned }, plain, plainBias, inputs) {
    const { floats } = this.kernel, outputs = plainBias.length, area = window * window;
    for (let o = 0, n = 0; o < outputs; o++) {
      for (let spot = 0; spot < area; spot++) {
        for (let i = 0; i < inputs; i++, n++) {
          const [out, place, into] = turned ? [i, area - 1 - spot, o] : [o, spot, i];
          floats[weights / 4 + ((out >> 3) * area * from.channels + place * from.channels + into) * BLOCK + (out & 7)] = plain[n];
        }
      }
    }
    if (!turned) floats.set(plainBias, bias / 4);
  }

  /** Where each place's window begins and its outputs go; the last place fills the table up. */
  #table({ tables, places, from, to, window, stride }) {
    const { ints } = this.kernel, reach = from.border ? (window - 1) / 2 : 0;
    for (let n = 0; n < places; n++) {
      const place = Math.min(n, to.rows ** 2 - 1), y = Math.floor(place / to.rows), x = place % to.rows;
      ints[tables / 4 + n] = address(from, y * stride - reach, x * stride - reach);
      ints[tables / 4 + places + n] = address(to, y, x);
    }
  }

  // --- the steps

  #run({ places, tables, weights, bias, blocks, window, length, from, least }) {
    const row = 4 * (from.columns + 2 * from.border) * from.channels;
    this.kernel.convolve(places, tables, tables + 4 * places, weights, bias, blocks, window, length, row, least);
  }

  /** The largest of each 2 x 2 places, and nothing below 0. */
  #halve(from, to) {
    const { floats } = this.kernel, { channels } = from, right = channels, down = from.columns * channels;
    for (let y = 0; y < to.rows; y++) {
      for (let x = 0; x < to.columns; x++) {
        let at = address(from, 2 * y, 2 * x) / 4, into = address(to, y, x) / 4;
        for (const stop = at + channels; at < stop; at++, into++) {
          const a = floats[at], b = floats[at + right], c = floats[at + down], d = floats[at + down + right];
          const upper = a > b ? a : b, lower = c > d ? c : d, most = upper > lower ? upper : lower;
          floats[into] = most > 0 ? most : 0;
        }
      }
    }
  }

  /** A gradient back through `#halve`: to where the largest came from. */
  #unhalve(raw, pooled, gradient, into) {
    const { floats } = this.kernel, { channels } = raw, right = channels, down = raw.columns * channels;
    this.#clear(into);
    for (let y = 0; y < pooled.rows; y++) {
      for (let x = 0; x < pooled.columns; x++) {
        const at = address(raw, 2 * y, 2 * x) / 4, from = address(gradient, y, x) / 4, was = address(pooled, y, x) / 4;
        for (let c = 0; c < channels; c++) {
          if (floats[was + c] <= 0) continue;
          const places = [at, at + right, at + down, at + down + right].map((place) => floats[place + c]);
          const k = places.indexOf(Math.max(...places));
          floats[address(into, 2 * y + (k >> 1), 2 * x + (k & 1)) / 4 + c] = floats[from + c];
        }
      }
    }
  }

  #clear({ at, rows, channels, border }) {
    this.kernel.floats.fill(0, at / 4, at / 4 + (rows + 2 * border) ** 2 * channels);
  }

  /** The largest of each channel anywhere. */
  #most(sheet) {
    const { floats } = this.kernel, { rows } = sheet, features = new Float32Array(this.about.channels.at(-1));
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < rows; x++) {
        const at = address(sheet, y, x) / 4;
        for (let c = 0; c < features.length; c++) if (floats[at + c] > features[c]) features[c] = floats[at + c];
      }
    }
    return features;
  }

  /** How the evidence for a class changes with each number of the last sheet: (place, channel). */
  #spread(sheet, k) {
    const { floats } = this.kernel, { rows, channels } = sheet, count = this.about.channels.at(-1);
    const gradient = new Float32Array(rows * rows * channels), others = softmax(this.logits.filter((_, j) => j !== k));
    for (let c = 0; c < count; c++) {
      let best = 0, most = -1;
      for (let n = 0; n < rows * rows; n++) {
        const value = floats[address(sheet, Math.floor(n / rows), n % rows) / 4 + c];
        if (value > most) [best, most] = [n, value];
      }
      const against = others.reduce((sum, p, j) => sum + p * this.head[(j < k ? j : j + 1) * count + c], 0);
      gradient[best * channels + c] = this.head[k * count + c] - against;
    }
    return gradient;
  }

  /** Put a gradient on a sheet, where the sheet it belongs to holds more than 0. */
  #place(gradient, was, into) {
    const { floats } = this.kernel, { rows, channels } = was;
    for (let y = 0, n = 0; y < rows; y++) {
      for (let x = 0; x < rows; x++, n++) {
        const from = address(was, y, x) / 4, to = address(into, y, x) / 4;
        for (let c = 0; c < channels; c++) floats[to + c] = floats[from + c] > 0 ? gradient[n * channels + c] : 0;
      }
    }
  }

  #read(sheet, channels) {
    return this.kernel.floats.slice(sheet.at / 4, sheet.at / 4 + sheet.rows ** 2 * channels);
  }
}

const align = (bytes) => Math.ceil(bytes / 16) * 16;
const padded = (channels) => Math.ceil(channels / BLOCK) * BLOCK;
const address = ({ at, columns, channels, border }, y, x) => at + 4 * ((y + border) * (columns + 2 * border) + x + border) * channels;

export const bestOf = (values) => values.indexOf(Math.max(...values));

export function softmax(logits) {
  const most = Math.max(...logits), odds = Array.from(logits, (logit) => Math.exp(logit - most));
  const total = odds.reduce((sum, p) => sum + p, 0);
  return odds.map((p) => p / total);
}

/**
 * A picture squashed to a square, each pixel a mean that falls off to the sides: as Pillow and torch do it.
 * @param {ArrayLike<number>} pixels height x width x `step` numbers, of which three count, 0 to 255
 * @returns {Float32Array} side x side x RGB, 0 to 255
 */
export function squashed(pixels, width, height, side, step = 3) {
  const across = sharesOf(width, side), down = sharesOf(height, side);
  const wide = new Float32Array(height * side * 3), out = new Float32Array(side * side * 3);
  across.forEach(({ first, parts }, x) => {
    for (let y = 0, into = 3 * x; y < height; y++, into += 3 * side) {
      let r = 0, g = 0, b = 0;
      for (let k = 0, at = step * (y * width + first); k < parts.length; k++, at += step) {
        r += parts[k] * pixels[at]; g += parts[k] * pixels[at + 1]; b += parts[k] * pixels[at + 2];
      }
      wide[into] = r; wide[into + 1] = g; wide[into + 2] = b;
    }
  });
  down.forEach(({ first, parts }, y) => {
    for (let k = 0, at = 3 * side * first; k < parts.length; k++, at += 3 * side) {
      for (let i = 0, into = 3 * side * y; i < 3 * side; i++, into++) out[into] += parts[k] * wide[at + i];
    }
  });
  return out;
}

/** A square of bytes as the network wants it. @returns {Float32Array} to x to x RGB, 0 to 1 */
export function resized(bytes, from, to) {
  return (from === to ? Float32Array.from(bytes) : squashed(bytes, from, from, to)).map((value) => value / 255);
}

const known = new Map();

/** Which pixels of a line make up each pixel of another line, and how much of each. */
function sharesOf(from, to) {
  const key = `${from} ${to}`;
  if (!known.has(key)) {
    const scale = from / to, reach = Math.max(1, scale);
    known.set(key, Array.from({ length: to }, (_, i) => {
      const middle = (i + 0.5) * scale, first = Math.max(0, Math.trunc(middle - reach + 0.5)), end = Math.min(from, Math.trunc(middle + reach + 0.5));
      const raw = Array.from({ length: end - first }, (_, k) => Math.max(0, 1 - Math.abs((first + k + 0.5 - middle) / reach)));
      const total = raw.reduce((sum, share) => sum + share, 0);
      return { first, parts: raw.map((share) => share / total) };
    }));
  }
  return known.get(key);
}
