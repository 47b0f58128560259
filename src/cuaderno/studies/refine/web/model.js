/**
 * A small BERT in plain JavaScript: no DOM, no dependencies, the same in Node or a page.
 *
 * `../export.py` says how `model.json` and `weights.bin` are laid out. A text becomes one vector per token, the layers mix
 * them, and what stands on top gives probabilities, a score, or how alike two texts are.
 */

import { Tokenizer } from "./tokenizer.js";

const EPSILON = 1e-12;
const GELU = Math.sqrt(2 / Math.PI);

/** @param {(name: string) => Promise<ArrayBuffer>} read */
export async function load(read) {
  const json = await read("model.json");
  const about = JSON.parse(new TextDecoder().decode(json));
  if (about.format !== 1) throw new Error(`model.json has format ${about.format}, this reader knows format 1`);
  if (!about.runs) return { about, network: null, bytes: json.byteLength };
  const weights = await read("weights.bin");
  return { about, network: new Network(about, weights), bytes: json.byteLength + weights.byteLength };
}

/** What Python is asked too. @param {{texts: string[]}} input one text, or two to compare */
export function predict({ about, network }, { texts }) {
  if (!network) return { runs: false };
  const answer = network.answer(texts.map((text) => network.read(text)));
  return about.task === "regress" ? { score: answer[0] } : { probabilities: softmax(answer) };
}

export function softmax(logits) {
  const most = Math.max(...logits), powers = Array.from(logits, (x) => Math.exp(x - most));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((x) => x / sum);
}

/** @typedef {{tokens: number[], before: Float32Array[], after: Float32Array[]}} Reading
 *    a vector per token, as it comes from the table and behind the last layer */

export class Network {
  constructor(about, buffer) {
    this.about = about;
    this.tokenizer = new Tokenizer(about);
    this.tensors = Object.fromEntries(about.tensors.map((entry) => [entry.name, unpack(entry, buffer)]));
    this.dim = this.tensors.words.columns;
  }

  /** @param {string} text @returns {Reading} */
  read(text) {
    const { tensors, about } = this;
    const tokens = this.tokenizer.encode(text, about.context_length);
    const before = tokens.map((token) => row(tensors.words, token));
    let vectors = before.map((vector, place) => {
      const sum = vector.map((x, i) => x + tensors.places.data[place * this.dim + i] + tensors.kinds.data[i]);
      return this.#norm(sum, "norm");
    });
    for (let layer = 0; layer < about.num_layers; layer++) vectors = this.#layer(vectors, layer);
    return { tokens, before, after: vectors };
  }

  /** Logits, or a score, of one reading or of two. @param {Reading[]} readings @returns {Float32Array} */
  answer(readings) {
    if (!this.about.is_pair) {
      const pooled = this.#linear(readings[0].after[0], "pool").map(Math.tanh);
      return this.#linear(pooled, "head");
    }
    const [one, other] = readings.map((reading) => this.mean(reading));
    const details = [...one.map((x, i) => Math.abs(x - other[i])), ...one.map((x, i) => x * other[i])];
    const sum = times(this.tensors["details.weight"], details);
    const alike = cosine(one, other);
    return sum.map((x, k) => x + alike * this.tensors["cosine.weight"].data[k] + this.tensors["cosine.bias"].data[k]);
  }

  /** The vector of a text: the mean of its tokens', in which some count more. */
  mean({ tokens, after }) {
    const weights = tokens.map((token) => Math.exp(this.tensors.weights?.data[token] ?? 0));
    const whole = weights.reduce((a, b) => a + b);
    return Float64Array.from({ length: this.dim }, (_, i) => after.reduce((sum, vector, t) => sum + vector[i] * weights[t], 0) / whole);
  }

  /** The tokens that one can read and whose vectors point most nearly the same way. @returns {{token: string, cosine: number}[]} */
  nearest(token, many) {
    const { words } = this.tensors, own = row(words, token), special = new Set(Object.values(this.about.special));
    const found = [];
    for (let other = 0; other < words.rows; other++) {
      const shows = /[\p{L}\p{N}\p{P}\p{S}]/u.test(this.tokenizer.spelling[other]) && !this.tokenizer.spelling[other].includes("\ufffd");
      if (other !== token && shows && !special.has(other)) found.push([cosine(own, row(words, other)), other]);
    }
    found.sort((a, b) => b[0] - a[0]);
    return found.slice(0, many).map(([near, other]) => ({ token: this.tokenizer.spelling[other], cosine: near }));
  }

  #layer(vectors, layer) {
    const part = (name) => vectors.map((vector) => this.#linear(vector, `${layer}.${name}`));
    const [queries, keys, values] = [part("query"), part("key"), part("value")];
    const heads = this.about.num_heads, wide = this.dim / heads;
    const seen = queries.map((query) => {
      const mixed = new Float32Array(this.dim);
      for (let h = 0; h < heads; h++) {
        const from = h * wide;
        const scores = keys.map((key) => {
          let sum = 0;
          for (let i = from; i < from + wide; i++) sum += query[i] * key[i];
          return sum / Math.sqrt(wide);
        });
        softmax(scores).forEach((share, t) => {
          for (let i = from; i < from + wide; i++) mixed[i] += share * values[t][i];
        });
      }
      return mixed;
    });
    return seen.map((mixed, t) => {
      const out = this.#linear(mixed, `${layer}.out`);
      const one = this.#norm(out.map((x, i) => x + vectors[t][i]), `${layer}.norm_1`);
      const wider = this.#linear(one, `${layer}.wide`).map(gelu);
      const narrow = this.#linear(wider, `${layer}.narrow`);
      return this.#norm(narrow.map((x, i) => x + one[i]), `${layer}.norm_2`);
    });
  }

  #linear(vector, name) {
    const out = times(this.tensors[`${name}.weight`], vector), bias = this.tensors[`${name}.bias`].data;
    for (let k = 0; k < out.length; k++) out[k] += bias[k];
    return out;
  }

  #norm(vector, name) {
    const mean = vector.reduce((a, b) => a + b, 0) / vector.length;
    const spread = Math.sqrt(vector.reduce((sum, x) => sum + (x - mean) ** 2, 0) / vector.length + EPSILON);
    const weight = this.tensors[`${name}.weight`].data, bias = this.tensors[`${name}.bias`].data;
    return vector.map((x, i) => ((x - mean) / spread) * weight[i] + bias[i]);
  }
}

const gelu = (x) => 0.5 * x * (1 + Math.tanh(GELU * (x + 0.044715 * x ** 3)));

const row = ({ data, columns }, number) => data.subarray(number * columns, (number + 1) * columns);

/** A matrix times a vector. */
function times({ data, rows, columns }, vector) {
  const out = new Float32Array(rows);
  for (let r = 0, at = 0; r < rows; r++) {
    let sum = 0;
    for (let c = 0; c < columns; c++) sum += data[at++] * vector[c];
    out[r] = sum;
  }
  return out;
}

export function cosine(one, other) {
  let [dot, a, b] = [0, 0, 0];
  for (let i = 0; i < one.length; i++) {
    dot += one[i] * other[i];
    a += one[i] ** 2;
    b += other[i] ** 2;
  }
  return dot / Math.max(1e-8, Math.sqrt(a) * Math.sqrt(b));
}

/** A tensor as float32: a matrix is scales and whole numbers, a vector is itself. */
function unpack({ shape, offset }, buffer) {
  if (shape.length === 1) return { data: new Float32Array(buffer, offset, shape[0]), rows: 1, columns: shape[0] };
  const [rows, columns] = shape, scales = new Float32Array(buffer, offset, rows);
  const numbers = new Int8Array(buffer, offset + 4 * rows, rows * columns);
  return { data: Float32Array.from(numbers, (x, i) => x * scales[(i / columns) | 0]), rows, columns };
}
