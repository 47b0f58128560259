/**
 * The counting model: `../ngram.py` in the browser, as far as it answers. `../export.py` says how ngram.bin is laid out.
 *
 * The grams of a context lie side by side, in the order of their last tokens, and a gram is a context of the next
 * length: so a context is found token by token, each by a binary search. Codes become probabilities when they are asked
 * for, which are few; all that happens while loading is counting where each context's grams begin.
 */

/** @typedef {{name: string, dtype: string, length: number, offset: number}} Place */
/** @typedef {{tokens: Numbers, starts: Uint32Array, shares: Uint8Array, shareOf: Float64Array, backoff: Uint8Array, lentOf: Float64Array}} Level */
/** @typedef {Uint8Array | Uint16Array | Uint32Array} Numbers */

const MOST_BYTES = 64e6; // unpacked: what a file from anywhere may ask of a reader's memory
const KINDS = {
  uint8: [1, "getUint8", Uint8Array],
  uint16: [2, "getUint16", Uint16Array],
  uint32: [4, "getUint32", Uint32Array],
  float32: [4, "getFloat32", Float32Array],
};

/**
 * @param {{order: number, arrays: Place[]}} plan from model.json
 * @param {ArrayBuffer} file ngram.bin
 * @param {number} vocabSize
 * @returns {Promise<Ngram>}
 */
export async function loadNgram({ order, arrays }, file, vocabSize) {
  const ends = arrays.map(({ dtype, length, offset }) => offset + length * (KINDS[dtype]?.[0] ?? NaN));
  const size = Math.ceil(Math.max(0, ...ends) / 4) * 4; // every array is filled up to a multiple of 4 bytes
  check(size <= MOST_BYTES, `${size} bytes, more than ${MOST_BYTES}`); // NaN is not, either
  return new Ngram(order, unpack(arrays, await decompress(file, size)), vocabSize);
}

export class Ngram {
  /** @param {number} order length of the longest gram @param {Record<string, Numbers | Float32Array>} arrays @param {number} vocabSize */
  constructor(order, arrays, vocabSize) {
    this.order = order;
    this.vocabSize = vocabSize;
    /** @type {Level[]} */
    this.levels = [];
    let numContexts = 1; // the empty one
    for (let n = 1; n <= order; n++) {
      const [tokens, children, shares, backoff, steps] = ["tokens", "children", "shares", "backoff", "steps"].map((name) => {
        check(arrays[`${name}_${n}`], `no ${name}_${n}`);
        return arrays[`${name}_${n}`];
      });
      const starts = sums(children);
      const fits = children.length === numContexts && backoff.length === numContexts && shares.length === tokens.length;
      check(fits && starts[numContexts] === tokens.length && steps.length === 2, `grams of ${n} do not fit together`);
      const [shareOf, lentOf] = [...steps].map((step) => Float64Array.from({ length: 256 }, (_, code) => Math.exp(-code * step)));
      this.levels.push({ tokens, starts, shares, shareOf, backoff, lentOf });
      numContexts = tokens.length;
    }
    this.first = new Float64Array(vocabSize).fill(1 / vocabSize);
    this.#refine(this.first, this.levels[0], 0);
  }

  /**
   * What comes next, going by counts alone. A model of any order knows no more than the last `order - 1` tokens.
   * @param {number[]} tokens those so far, any number of them
   * @returns {Float64Array} a probability for each token of the vocabulary
   */
  expect(tokens) {
    const probabilities = this.first.slice();
    for (let length = 1; length < this.order && length <= tokens.length; length++) {
      const context = this.#find(tokens, tokens.length - length);
      if (context >= 0) this.#refine(probabilities, this.levels[length], context);
    }
    return probabilities;
  }

  /** The id of the context that begins at `from` and goes to the end, or -1 when it never occurred. */
  #find(tokens, from) {
    let context = 0;
    for (let n = 0; from + n < tokens.length && context >= 0; n++) {
      const { tokens: last, starts } = this.levels[n];
      context = search(last, starts[context], starts[context + 1], tokens[from + n]);
    }
    return context;
  }

  /** Add what a context of one token more knows, and keep of what the shorter ones say only what it lends. */
  #refine(probabilities, { tokens, starts, shares, shareOf, backoff, lentOf }, context) {
    const first = starts[context], last = starts[context + 1];
    if (first === last) return; // nothing ever followed it
    const lent = lentOf[backoff[context]];
    let total = 0;
    for (let gram = first; gram < last; gram++) total += shareOf[shares[gram]];
    const scale = (1 - lent) / total;
    for (let token = 0; token < probabilities.length; token++) probabilities[token] *= lent;
    for (let gram = first; gram < last; gram++) probabilities[tokens[gram]] += scale * shareOf[shares[gram]];
  }
}

/** Where `token` stands in the sorted row from `first` up to `last`, or -1. */
function search(row, first, last, token) {
  while (first < last) {
    const middle = (first + last) >>> 1;
    if (row[middle] === token) return middle;
    if (row[middle] < token) first = middle + 1;
    else last = middle;
  }
  return -1;
}

/** [a, b, c] -> [0, a, a + b, a + b + c]. */
function sums(numbers) {
  const answer = new Uint32Array(numbers.length + 1);
  for (let i = 0; i < numbers.length; i++) answer[i + 1] = answer[i] + numbers[i];
  return answer;
}

/** Exactly `size` bytes out of a gzip stream; one that holds more is left as soon as that is known. */
async function decompress(file, size) {
  const bytes = new Uint8Array(size);
  const reader = new Blob([file]).stream().pipeThrough(new DecompressionStream("gzip")).getReader();
  let filled = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    if (filled + part.value.length > size) {
      reader.cancel().catch(() => {});
      check(false, `more than the ${size} bytes that model.json promises`);
    }
    bytes.set(part.value, filled);
    filled += part.value.length;
  }
  check(filled === size, `${filled} bytes and not the ${size} that model.json promises`);
  return bytes.buffer;
}

/** The arrays by name, on machines of either byte order. */
function unpack(places, buffer) {
  const view = new DataView(buffer);
  return Object.fromEntries(
    places.map(({ name, dtype, length, offset }) => {
      const [bytes, get, Kind] = KINDS[dtype];
      if (bytes === 1) return [name, new Kind(buffer, offset, length)];
      const numbers = new Kind(length);
      for (let i = 0; i < length; i++) numbers[i] = view[get](offset + bytes * i, true);
      return [name, numbers];
    }),
  );
}

function check(fine, trouble) {
  if (!fine) throw new Error(`ngram.bin does not fit model.json: ${trouble}`);
}
