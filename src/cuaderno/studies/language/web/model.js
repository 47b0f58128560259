/**
 * The language network in plain JavaScript: no DOM, no dependencies, the same in Node, a worker or a page.
 *
 * `../export.py` says how `model.json` and `weights.bin` are laid out, `../model.py` what is computed. A text or a strip
 * of pixels becomes a row of vectors, one per letter, in a `Line`; everything else follows from it. Arrays of pixels and
 * channels lie as (row, column, channel).
 */

import { makeAlphabet, piecesOf, countLetters } from "./letters.js";
import { unpack } from "./weights.js";

/** @typedef {{rows: number, columns: number, blocks: Float32Array, bias: Float32Array | null}} Matrix */
/** @typedef {{count: number, vectors: Float32Array, edges: number[] | null}} Line
 *    vectors (count, letterDim); edges: pixels where letters end, from 0 on, of a picture */

export const HEIGHT = 32;
export const STRIDE = 4; // widths of strips are multiples of it
const BLOCK = 4; // outputs side by side
const EPSILON = 1e-5;
const NEVER = -1e4;

/** @param {(name: string) => Promise<ArrayBuffer>} read */
export async function load(read) {
  const [json, weights] = await Promise.all([read("model.json"), read("weights.bin")]);
  const about = JSON.parse(new TextDecoder().decode(json));
  if (about.format !== 1) throw new Error(`model.json has format ${about.format}, this reader knows format 1`);
  const bytes = json.byteLength + weights.byteLength;
  return { network: new Network(about, unpack(about.tensors, weights)), about, bytes };
}

/** What Python is asked too. @param {{text: string} | {width: number, pixels: string}} input pixels: base64, one byte each */
export function predict({ network }, input) {
  if (input.text !== undefined) return { probabilities: Array.from(answerText(network, input.text)) };
  const bytes = Uint8Array.from(atob(input.pixels), (char) => char.charCodeAt(0));
  const line = network.see(Float32Array.from(bytes, (byte) => byte / 255), input.width);
  return { probabilities: network.judge(line), letters: line.count };
}

/** Probabilities for a text of any length: long ones are read in pieces, which vote, and few letters make it doubt. */
export function answerText(network, text) {
  const pieces = piecesOf(text, network.about.piece, network.about.most_pieces);
  const answers = pieces.map((piece) => network.judge(network.read(piece)));
  return doubt(vote(answers, pieces.map((piece) => Array.from(piece).length)), countLetters(text, network.about.least_letters), network.about.least_letters);
}

/** The mean of several answers, each counting by its weight. */
export function vote(answers, weights) {
  const total = weights.reduce((sum, weight) => sum + Math.max(weight, 1), 0);
  return answers[0].map((_, k) => answers.reduce((sum, answer, i) => sum + answer[k] * Math.max(weights[i], 1), 0) / total);
}

/** What it says about one or two letters is worth less, and about none nothing. */
export function doubt(answer, letters, least) {
  const share = Math.min(1, letters / least);
  return answer.map((p, k) => share * p + (1 - share) * (k === answer.length - 1 ? 1 - 0.2 * (answer.length - 1) : 0.2));
}

/** The trained network. `read` and `see` are its two entrances; `answer` is all that comes behind them. */
export class Network {
  constructor(about, plain) {
    this.about = about;
    this.alphabet = makeAlphabet(about.alphabet, about.strangers);
    const matrix = (name) => interleave(plain[`${name}.weight`], about.shapes[`${name}.weight`], plain[`${name}.bias`]);
    this.convolutions = about.convolutions.map((shape, i) => ({ ...shape, matrix: matrix(`conv_${i + 1}`) }));
    for (const name of ["out", "window", "narrow", "wider", "attention", "join", "head"]) this[name] = matrix(name);
    [this.vocabSize, this.letterDim] = about.shapes.letters;
    this.letters = plain.letters;
    for (let i = 0; i < this.vocabSize; i++) normalize(this.letters, i * this.letterDim, this.letterDim);
    this.trunkDim = this.narrow.rows;
    this.pools = this.attention.rows;
    this.space = this.alphabet.space;
    this.rules = about.parts ?? { most_parts: 1, least_part: 1 }; // older exports have none
  }

  /** The text entrance. @param {string} text @returns {Line} */
  read(text) {
    const { letterDim } = this;
    const numbers = [this.space, ...this.alphabet.encode(text), this.space];
    const vectors = new Float32Array(numbers.length * letterDim);
    numbers.forEach((number, i) => vectors.set(this.vector(number), i * letterDim));
    return { count: numbers.length, vectors, edges: null };
  }

  /** The vector of a character's number. */
  vector(number) {
    return this.letters.subarray(number * this.letterDim, (number + 1) * this.letterDim);
  }

  /** The picture entrance. @param {Float32Array} pixels 32 rows of `width`, any brightness @returns {Line} */
  see(pixels, width) {
    let image = { data: evenOut(pixels), height: HEIGHT, width, channels: 1 };
    this.convolutions.forEach((layer, i) => {
      const seen = convolve(image, layer);
      if (i < this.convolutions.length - 1) image = seen;
      else for (let k = 0; k < seen.data.length; k++) image.data[k] += seen.data[k]; // the last one adds to what was there
    });
    const { letterDim } = this, step = letterDim + 1, count = 2 * image.width;
    const columns = new Float32Array(count * step); // two columns out of each place: letterDim numbers and a logit
    const one = new Float32Array(this.out.rows + BLOCK);
    for (let x = 0; x < image.width; x++) {
      multiply(this.out, image.data.subarray(x * image.channels, (x + 1) * image.channels), one);
      columns.set(one.subarray(0, 2 * step), x * 2 * step);
    }
    return this.#gather(columns, count, step);
  }

  /** The mean of each letter's columns, wherever the network saw a letter begin. */
  #gather(columns, count, step) {
    const { letterDim } = this;
    const likely = Float64Array.from({ length: count }, (_, t) => 1 / (1 + Math.exp(-columns[t * step + letterDim])));
    const starts = [0];
    for (let t = 1; t < count; t++) {
      const before = likely[t - 1], after = t + 1 < count ? likely[t + 1] : 0;
      if (likely[t] >= before && likely[t] > after && before + likely[t] + after > 0.5) starts.push(t);
    }
    const vectors = new Float32Array(starts.length * letterDim);
    starts.forEach((start, n) => {
      const end = starts[n + 1] ?? count, at = n * letterDim;
      for (let t = start; t < end; t++) for (let i = 0; i < letterDim; i++) vectors[at + i] += columns[t * step + i] / (end - start);
      normalize(vectors, at, letterDim);
    });
    return { count: starts.length, vectors, edges: [...starts, count].map((t) => 2 * t) };
  }

  /**
   * The trunk and the head, and what the line's parts make of it where they contradict each other, as `../parts.py` says.
   * @param {Line} line @returns {number[]} probabilities
   */
  judge({ vectors, count }) {
    const { trunkDim, rules } = this, places = this.#places(vectors, count);
    const ask = (first, last) => softmax(this.#conclude(places.subarray(first * trunkDim, last * trunkDim), last - first));
    const parts = Math.min(rules.most_parts, Math.floor(count / rules.least_part));
    if (parts < 2) return ask(0, count);
    const edges = Array.from({ length: parts + 1 }, (_, i) => Math.floor((count * i) / parts));
    const each = edges.slice(1).map((edge, i) => ask(edges[i], edge));
    if (!this.#contradict(each, Math.floor(count / parts) >= rules.long_part)) return ask(0, count);
    return vote(each, each.map((_, i) => edges[i + 1] - edges[i]));
  }

  /** Whether parts name different languages: two of the three, or one of them and `other` where they are long and sure. */
  #contradict(each, long) {
    const named = each.map((answer) => answer.indexOf(Math.max(...answer)));
    const own = named.filter((language) => this.about.languages[language] !== "other");
    const certain = named.filter((language, i) => long && each[i][language] > this.rules.sure);
    return new Set(own).size > 1 || new Set(certain).size > 1;
  }

  /**
   * How much the evidence for a language falls when each letter is covered, in nats.
   * @param {Line} line @param {number} language @returns {Float64Array}
   */
  weigh(line, language) {
    const { letterDim, trunkDim, space } = this, { count } = line;
    const whole = this.#places(line.vectors, count);
    const full = evidence(this.#conclude(whole, count), language);
    const reach = 3; // letters on either side that a window and a wider one can see
    const vectors = line.vectors.slice(), paper = this.vector(space);
    return Float64Array.from({ length: count }, (_, i) => {
      vectors.set(paper, i * letterDim);
      const first = Math.max(0, i - 2 * reach), last = Math.min(count, i + 2 * reach + 1);
      const part = this.#places(vectors.subarray(first * letterDim, last * letterDim), last - first);
      const places = whole.slice();
      for (let k = Math.max(0, i - reach); k < Math.min(count, i + reach + 1); k++) {
        places.set(part.subarray((k - first) * trunkDim, (k - first + 1) * trunkDim), k * trunkDim);
      }
      vectors.set(line.vectors.subarray(i * letterDim, (i + 1) * letterDim), i * letterDim);
      return full - evidence(this.#conclude(places, count), language);
    });
  }

  /** What the trunk makes of each place: (count, trunkDim). */
  #places(vectors, count) {
    const { letterDim, trunkDim } = this;
    const seen = relu(slide(vectors, count, letterDim, this.window, 5));
    const narrow = slide(seen, count, this.window.rows, this.narrow, 1);
    const wider = relu(slide(narrow, count, trunkDim, this.wider, 3));
    for (let i = 0; i < narrow.length; i++) narrow[i] += wider[i];
    for (let n = 0; n < count; n++) normalize(narrow, n * trunkDim, trunkDim);
    return narrow;
  }

  /** The whole line at a glance, and the languages' logits. */
  #conclude(places, count) {
    const { trunkDim, pools } = this, size = trunkDim / pools;
    const scores = slide(places, count, trunkDim, this.attention, 1);
    const joined = new Float32Array(2 * trunkDim);
    for (let pool = 0; pool < pools; pool++) {
      let most = -Infinity, total = 0;
      for (let n = 0; n < count; n++) most = Math.max(most, scores[n * pools + pool]);
      const shares = Float64Array.from({ length: count }, (_, n) => Math.exp(scores[n * pools + pool] - most));
      for (const share of shares) total += share;
      for (let i = pool * size; i < (pool + 1) * size; i++) {
        let sum = 0;
        for (let n = 0; n < count; n++) sum += shares[n] * places[n * trunkDim + i];
        joined[i] = sum / total;
      }
    }
    for (let i = 0; i < trunkDim; i++) {
      let most = NEVER;
      for (let n = 0; n < count; n++) most = Math.max(most, places[n * trunkDim + i]);
      joined[trunkDim + i] = most;
    }
    const embedded = relu(slide(joined, 1, 2 * trunkDim, this.join, 1));
    return Float64Array.from(slide(embedded, 1, this.join.rows, this.head, 1));
  }
}

/** The log-odds of one language against all others. */
export function evidence(logits, language) {
  const others = logits.filter((_, i) => i !== language), most = Math.max(...others);
  return logits[language] - most - Math.log(others.reduce((sum, logit) => sum + Math.exp(logit - most), 0));
}

export function softmax(logits) {
  const most = Math.max(...logits), odds = Array.from(logits, (logit) => Math.exp(logit - most));
  const total = odds.reduce((sum, p) => sum + p, 0);
  return odds.map((p) => p / total);
}

/** Ink high whatever its colour, mean 0 and variance 1. */
function evenOut(pixels) {
  const count = pixels.length;
  let mean = 0, variance = 0, skew = 0;
  for (const pixel of pixels) mean += pixel;
  mean /= count;
  for (const pixel of pixels) variance += (pixel - mean) ** 2;
  for (const pixel of pixels) skew += (pixel - mean) ** 3;
  const scale = (skew < 0 ? -1 : 1) / Math.sqrt(variance / count + 1e-6);
  return Float32Array.from(pixels, (pixel) => (pixel - mean) * scale);
}

/** A convolution with what was a batch norm's bias, and a bend. */
function convolve({ data, height, width, channels }, { kernel: [kh, kw], stride: [sh, sw], padding: [ph, pw], matrix }) {
  const rows = Math.floor((height + 2 * ph - kh) / sh) + 1, columns = Math.floor((width + 2 * pw - kw) / sw) + 1;
  const patch = kh * kw * channels, out = new Float32Array(rows * columns * matrix.rows + BLOCK);
  const pair = [new Float32Array(patch), new Float32Array(patch)];
  const cut = (into, y, x) => {
    for (let k = 0, at = 0; k < kh; k++, at += kw * channels) {
      const row = y * sh - ph + k, first = x * sw - pw;
      if (row < 0 || row >= height) { into.fill(0, at, at + kw * channels); continue; }
      const from = Math.max(first, 0), to = Math.min(first + kw, width);
      if (to - from < kw) into.fill(0, at, at + kw * channels);
      for (let i = (row * width + from) * channels, j = at + (from - first) * channels, end = (row * width + to) * channels; i < end; i++, j++) into[j] = data[i];
    }
  };
  const total = rows * columns;
  for (let place = 0; place < total; place += 2) {
    cut(pair[0], Math.floor(place / columns), place % columns);
    if (place + 1 < total) cut(pair[1], Math.floor((place + 1) / columns), (place + 1) % columns);
    multiplyTwo(matrix, pair[0], pair[1], out, place * matrix.rows, place + 1 < total);
  }
  return { data: relu(out.subarray(0, total * matrix.rows)), height: rows, width: columns, channels: matrix.rows };
}

/** out = matrix · x + bias for two x at once: weights are fetched half as often. */
function multiplyTwo({ rows, columns, blocks, bias }, x, y, out, at, both) {
  for (let row = 0, k = 0; row < rows; row += BLOCK) {
    let a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0;
    for (let j = 0; j < columns; j++, k += BLOCK) {
      const v = x[j], w = y[j], p = blocks[k], q = blocks[k + 1], r = blocks[k + 2], s = blocks[k + 3];
      a += p * v; b += q * v; c += r * v; d += s * v;
      e += p * w; f += q * w; g += r * w; h += s * w;
    }
    const left = Math.min(BLOCK, rows - row), first = [a, b, c, d], second = [e, f, g, h];
    for (let i = 0; i < left; i++) {
      out[at + row + i] = first[i] + bias[row + i];
      if (both) out[at + rows + row + i] = second[i] + bias[row + i];
    }
  }
}

/** out = matrix · x + bias. */
function multiply(matrix, x, out, at = 0) {
  multiplyTwo(matrix, x, x, out, at, false);
}

/** A window of so many places over a row of vectors, nothing beyond its ends: (count, dim) -> (count, rows). */
function slide(vectors, count, dim, matrix, size) {
  const out = new Float32Array(count * matrix.rows), reach = (size - 1) / 2;
  const pair = [new Float32Array(size * dim), new Float32Array(size * dim)];
  const cut = (into, n) => {
    const from = Math.max(n - reach, 0), to = Math.min(n + reach + 1, count);
    if (to - from < size) into.fill(0);
    into.set(vectors.subarray(from * dim, to * dim), (from - n + reach) * dim);
  };
  for (let n = 0; n < count; n += 2) {
    cut(pair[0], n);
    if (n + 1 < count) cut(pair[1], n + 1);
    multiplyTwo(matrix, pair[0], pair[1], out, n * matrix.rows, n + 1 < count);
  }
  return out;
}

function relu(values) {
  for (let i = 0; i < values.length; i++) if (values[i] < 0) values[i] = 0;
  return values;
}

/** Mean 0 and variance 1 of `length` numbers from `first` on, in place. */
function normalize(x, first, length) {
  let mean = 0, variance = 0;
  for (let i = first; i < first + length; i++) mean += x[i];
  mean /= length;
  for (let i = first; i < first + length; i++) variance += (x[i] - mean) ** 2;
  const scale = 1 / Math.sqrt(variance / length + EPSILON);
  for (let i = first; i < first + length; i++) x[i] = (x[i] - mean) * scale;
}

/** (rows, columns) -> (rows / BLOCK, columns, BLOCK): the weights of BLOCK outputs lie side by side, read in order. */
function interleave(weight, [rows, columns], bias) {
  const blocks = new Float32Array(Math.ceil(rows / BLOCK) * BLOCK * columns);
  for (let row = 0; row < rows; row++) {
    const first = (row - (row % BLOCK)) * columns + (row % BLOCK);
    for (let column = 0; column < columns; column++) blocks[first + column * BLOCK] = weight[row * columns + column];
  }
  return { rows, columns, blocks, bias };
}
