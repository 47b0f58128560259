/**
 * The GPT in plain JavaScript: no DOM, no dependencies, the same in Node, a worker or a page.
 *
 * `../export.py` says what is computed and how `model.json` and `weights.bin` are laid out. Tokens are read one at a
 * time; keys and values of those before stay in a Memory. Weights are made floats once, four bytes each.
 */

import { Mixture } from "./mixture.js";
import { loadNgram } from "./ngram.js";
import { odds } from "./sampling.js";
import { makeTokenizer } from "./tokenizer.js";
import { Writer } from "./writer.js";

/** @typedef {{rows: number, columns: number, blocks: Float32Array, bias: Float32Array | null}} Matrix */
/** @typedef {{network: Network, mixture: Mixture | null, tokenizer: import("./tokenizer.js").Tokenizer, about: object, bytes: number}} Artifact */

const BLOCK = 8; // outputs computed side by side: as many sums as fit into registers
const EPSILON = 1e-5; // of layer norm

/**
 * Read model.json, weights.bin and, where a counting model has its share, ngram.bin; lay all out for the inner loops.
 * @param {(name: string) => Promise<ArrayBuffer>} read
 * @returns {Promise<Artifact>}
 */
export async function load(read) {
  const json = read("model.json");
  const parsed = json.then(parse);
  const counts = parsed.then(({ ngram }) => ngram && read("ngram.bin")); // older exports have none
  const files = await Promise.all([json, read("weights.bin"), counts]);
  const about = await parsed;
  const network = new Network(about, unpack(about.tensors, files[1]));
  const { ngram } = about;
  const mixture = ngram ? new Mixture(await loadNgram(ngram, files[2], network.vocabSize), ngram.weight) : null;
  const bytes = files.reduce((sum, file) => sum + (file?.byteLength ?? 0), 0);
  return { network, mixture, tokenizer: makeTokenizer(about.tokenizer), about, bytes };
}

function parse(json) {
  const about = JSON.parse(new TextDecoder().decode(json));
  if (about.format !== 1) throw new Error(`model.json has format ${about.format}, this reader knows format 1`);
  return about;
}

/**
 * What Python is asked too: the tokens of a prompt, what is expected behind them, and the likeliest way on.
 * @param {Artifact} artifact
 * @param {{prompt: string, num_tokens: number}} input
 */
export function predict(artifact, { prompt, num_tokens }) {
  const tokens = beginning(artifact, prompt).tokens;
  const writer = new Writer(artifact, tokens, { temperature: 0 });
  for (const _ of writer.expect());
  const logits = Array.from(writer.logits);
  const greedy = [];
  while (greedy.length < num_tokens) {
    for (const _ of writer.expect());
    greedy.push(writer.draw());
  }
  return { tokens, logits, greedy: artifact.tokenizer.decode(greedy) };
}

/**
 * The tokens to start from, at least one and no more than the context holds; and what of the prompt is not among them.
 * @param {Artifact} artifact
 * @param {string} prompt
 * @returns {{tokens: number[], unknown: string[], cut: boolean}} unknown: characters without a token; cut: the beginning is left out
 */
export function beginning({ network, tokenizer }, prompt) {
  const { contextLength } = network;
  // No token is longer on average, and a megabyte need not be read. A character is one or two units of a string.
  const tail = Array.from(prompt.slice(-32 * contextLength - 1)).slice(-16 * contextLength).join("");
  const { tokens, unknown } = tokenizer.encode(tail);
  const cut = tokens.length > contextLength || tail.length < prompt.length;
  const start = tokens.length ? tokens : tokenizer.encode("\n").tokens;
  return { tokens: (start.length ? start : [0]).slice(-contextLength), unknown, cut };
}

/** What is expected next as probabilities: softmax, nothing left out. */
export const expectations = (logits) => odds(logits, [], { temperature: 1, minP: 0 });

/** Keys and values of the tokens read so far: per layer, per head, per position. */
class Memory {
  constructor({ numLayers, contextLength, embedDim }) {
    const rooms = () => Array.from({ length: numLayers }, () => new Float32Array(contextLength * embedDim));
    this.keys = rooms();
    this.values = rooms();
    this.length = 0;
  }
}

/** The trained network. `read` takes one token in; everything else is there to be looked at. */
export class Network {
  /** @param {object} about model.json @param {Record<string, Float32Array>} plain tensors by name, rows in order */
  constructor({ settings, rope_base: ropeBase, tensors }, plain) {
    this.vocabSize = settings.vocab_size;
    this.contextLength = settings.context_length;
    this.numLayers = settings.num_layers;
    this.numHeads = settings.num_heads;
    this.embedDim = settings.embed_dim;
    this.headDim = settings.embed_dim / settings.num_heads;
    this.classic = settings.classic;
    const shapes = Object.fromEntries(tensors.map(({ name, shape }) => [name, shape]));
    const matrix = (name) => interleave(plain[`${name}.weight`], shapes[`${name}.weight`], plain[`${name}.bias`]);
    const norm = (name) => ({ weight: plain[`${name}.weight`], bias: plain[`${name}.bias`] });

    this.embed = plain["embed.weight"];
    this.positions = plain["positions.weight"];
    this.blocks = Array.from({ length: this.numLayers }, (_, i) => ({
      norm1: norm(`blocks.${i}.norm_1`),
      qkv: matrix(`blocks.${i}.attention.qkv`),
      project: matrix(`blocks.${i}.attention.project`),
      norm2: norm(`blocks.${i}.norm_2`),
      up: matrix(`blocks.${i}.mlp.up`),
      down: matrix(`blocks.${i}.mlp.down`),
    }));
    this.norm = norm("norm");
    this.head = matrix(plain["head.weight"] ? "head" : "embed"); // a tied head is the embedding
    this.turns = this.classic ? null : rotations(this.contextLength, this.headDim, ropeBase);
    // Scratch, overwritten by every token.
    this.stream = new Float32Array(this.embedDim);
    this.normed = new Float32Array(this.embedDim);
    this.mixed = new Float32Array(this.embedDim);
    this.queriesKeysValues = new Float32Array(3 * this.embedDim);
    this.hidden = new Float32Array(4 * this.embedDim);
    this.scores = new Float64Array(this.contextLength);
    this.seen = new Float32Array(4 * this.embedDim);
    this.seenAt = new Int32Array(4 * this.embedDim);
  }

  /** An empty memory, for one text. */
  remember() {
    return new Memory(this);
  }

  /**
   * Take in one token behind those in the memory.
   * @param {number} token
   * @param {Memory} memory
   * @param {boolean} answers whether the logits of the next token are wanted; without them the last layer is cut short
   * @returns {Float32Array | undefined} logits, one per token of the vocabulary
   */
  read(token, memory, answers) {
    const { stream: x, normed, mixed, hidden, embedDim, queriesKeysValues } = this;
    const position = memory.length++;
    x.set(this.embed.subarray(token * embedDim, (token + 1) * embedDim));
    if (this.classic) for (let i = 0; i < embedDim; i++) x[i] += this.positions[position * embedDim + i];
    else normalize(x, 0, embedDim, x);

    for (let layer = 0; layer < this.numLayers; layer++) {
      const block = this.blocks[layer];
      layerNorm(x, block.norm1, normed);
      multiply(block.qkv, normed, queriesKeysValues);
      this.#store(memory, layer, position);
      if (layer === this.numLayers - 1 && !answers) return undefined; // later tokens ask for keys and values only
      this.#attend(memory.keys[layer], memory.values[layer], position + 1);
      multiply(block.project, mixed, normed);
      for (let i = 0; i < embedDim; i++) x[i] += normed[i];

      layerNorm(x, block.norm2, normed);
      multiply(block.up, normed, hidden);
      if (this.classic) {
        for (let i = 0; i < hidden.length; i++) hidden[i] = gelu(hidden[i]);
        multiply(block.down, hidden, normed);
      } else {
        multiplySome(block.down, this.seen, this.seenAt, this.#squareReLU(), normed);
      }
      for (let i = 0; i < embedDim; i++) x[i] += normed[i];
    }
    layerNorm(x, this.norm, normed);
    const logits = new Float32Array(this.vocabSize);
    multiply(this.head, normed, logits);
    return logits;
  }

  /** Turn queries and keys by their position, and put keys and values where later tokens find them. */
  #store(memory, layer, position) {
    const { numHeads, headDim, embedDim, contextLength, turns, queriesKeysValues: qkv } = this;
    for (let head = 0; turns && head < 2 * numHeads; head++) {
      normalize(qkv, head * headDim, headDim, qkv);
      for (let i = 0, t = position * headDim; i < headDim; i += 2) {
        const at = head * headDim + i;
        const [cos, sin, a, b] = [turns[t + i], turns[t + i + 1], qkv[at], qkv[at + 1]];
        qkv[at] = a * cos - b * sin;
        qkv[at + 1] = a * sin + b * cos;
      }
    }
    for (let head = 0; head < numHeads; head++) {
      const to = (head * contextLength + position) * headDim;
      for (let i = 0, k = embedDim + head * headDim; i < headDim; i++, k++) {
        memory.keys[layer][to + i] = qkv[k];
        memory.values[layer][to + i] = qkv[k + embedDim];
      }
    }
  }

  /** For every head: ask the keys so far, and mix their values by the answers. */
  #attend(keys, values, count) {
    const { numHeads, headDim, contextLength, scores, mixed, queriesKeysValues: queries } = this;
    const scale = 1 / Math.sqrt(headDim);
    for (let head = 0; head < numHeads; head++) {
      const first = head * contextLength * headDim, from = head * headDim;
      let most = -Infinity, total = 0;
      for (let t = 0; t < count; t++) {
        const score = scale * dot(queries, from, keys, first + t * headDim, headDim);
        scores[t] = score;
        if (score > most) most = score;
      }
      for (let t = 0; t < count; t++) total += scores[t] = Math.exp(scores[t] - most);
      for (let i = 0; i < headDim; i += 4) { // channels past the end of the head are computed and then overwritten
        let a = 0, b = 0, c = 0, d = 0;
        for (let t = 0, v = first + i; t < count; t++, v += headDim) {
          const weight = scores[t];
          a += weight * values[v]; b += weight * values[v + 1]; c += weight * values[v + 2]; d += weight * values[v + 3];
        }
        const to = from + i;
        mixed[to] = a / total; mixed[to + 1] = b / total; mixed[to + 2] = c / total; mixed[to + 3] = d / total;
      }
    }
  }

  /** max(h, 0)², keeping only what is not zero: most of it is, and need not be multiplied. @returns {number} how many */
  #squareReLU() {
    const { hidden, seen, seenAt } = this;
    let count = 0;
    for (let i = 0; i < hidden.length; i++) {
      const h = hidden[i];
      if (h <= 0) continue;
      seen[count] = h * h;
      seenAt[count++] = i * BLOCK;
    }
    return count;
  }
}

/** out = matrix · x + bias. */
function multiply({ rows, columns, blocks, bias }, x, out) {
  for (let row = 0, k = 0; row < rows; row += BLOCK) {
    let a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0;
    for (let j = 0; j < columns; j++, k += BLOCK) {
      const v = x[j];
      a += blocks[k] * v; b += blocks[k + 1] * v; c += blocks[k + 2] * v; d += blocks[k + 3] * v;
      e += blocks[k + 4] * v; f += blocks[k + 5] * v; g += blocks[k + 6] * v; h += blocks[k + 7] * v;
    }
    // What a padded last block writes past the end of `out` is ignored by the language.
    out[row] = a; out[row + 1] = b; out[row + 2] = c; out[row + 3] = d;
    out[row + 4] = e; out[row + 5] = f; out[row + 6] = g; out[row + 7] = h;
  }
  if (bias) for (let row = 0; row < rows; row++) out[row] += bias[row];
}

/** The same for an x of which only `count` values are not zero; `places` says where they stand, times BLOCK. */
function multiplySome({ rows, columns, blocks, bias }, x, places, count, out) {
  for (let row = 0; row < rows; row += BLOCK) {
    const first = row * columns;
    let a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0;
    for (let i = 0; i < count; i++) {
      const v = x[i], k = first + places[i];
      a += blocks[k] * v; b += blocks[k + 1] * v; c += blocks[k + 2] * v; d += blocks[k + 3] * v;
      e += blocks[k + 4] * v; f += blocks[k + 5] * v; g += blocks[k + 6] * v; h += blocks[k + 7] * v;
    }
    out[row] = a; out[row + 1] = b; out[row + 2] = c; out[row + 3] = d;
    out[row + 4] = e; out[row + 5] = f; out[row + 6] = g; out[row + 7] = h;
  }
  if (bias) for (let row = 0; row < rows; row++) out[row] += bias[row];
}

function dot(x, i, y, j, length) {
  let a = 0, b = 0;
  for (const end = i + length - 1; i < end; i += 2, j += 2) {
    a += x[i] * y[j];
    b += x[i + 1] * y[j + 1];
  }
  return length & 1 ? a + b + x[i] * y[j] : a + b;
}

/** out = (x - mean) / sqrt(variance + epsilon), over `length` channels beginning at `first`. */
function normalize(x, first, length, out) {
  let mean = 0, variance = 0;
  for (let i = first; i < first + length; i++) mean += x[i];
  mean /= length;
  for (let i = first; i < first + length; i++) variance += (x[i] - mean) * (x[i] - mean);
  const scale = 1 / Math.sqrt(variance / length + EPSILON);
  for (let i = first; i < first + length; i++) out[i] = (x[i] - mean) * scale;
}

function layerNorm(x, { weight, bias }, out) {
  normalize(x, 0, x.length, out);
  if (weight) for (let i = 0; i < x.length; i++) out[i] = out[i] * weight[i] + bias[i];
}

/** GELU as GPT-2 has it, with tanh. */
const gelu = (h) => 0.5 * h * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (h + 0.044715 * h * h * h)));

/** Cosine and sine for every position and pair of channels, side by side: (contextLength, headDim). */
function rotations(contextLength, headDim, base) {
  const turns = new Float64Array(contextLength * headDim);
  for (let position = 0, at = 0; position < contextLength; position++) {
    for (let i = 0; i < headDim; i += 2) {
      const angle = position * base ** (-i / headDim);
      turns[at++] = Math.cos(angle);
      turns[at++] = Math.sin(angle);
    }
  }
  return turns;
}

/** (rows, columns) -> (rows / BLOCK, columns, BLOCK): the weights of BLOCK outputs lie side by side, read in order. */
function interleave(weight, [rows, columns], bias = null) {
  const blocks = new Float32Array(Math.ceil(rows / BLOCK) * BLOCK * columns);
  for (let row = 0; row < rows; row++) {
    const first = (row - (row % BLOCK)) * columns + (row % BLOCK);
    for (let column = 0; column < columns; column++) blocks[first + column * BLOCK] = weight[row * columns + column];
  }
  return { rows, columns, blocks, bias };
}

/** weights.bin -> tensors by name as floats, on machines of either byte order. */
function unpack(layout, file) {
  const view = new DataView(file);
  const floats = (offset, length) => Float32Array.from({ length }, (_, i) => view.getFloat32(offset + 4 * i, true));
  return Object.fromEntries(
    layout.map(({ name, shape: [rows, columns], offset }) => {
      const scales = floats(offset, rows);
      if (columns === undefined) return [name, scales]; // a vector
      const numbers = new Int8Array(file, offset + 4 * rows, rows * columns);
      const weight = new Float32Array(rows * columns);
      for (let i = 0; i < weight.length; i++) weight[i] = numbers[i] * scales[(i / columns) | 0];
      return [name, weight];
    }),
  );
}
