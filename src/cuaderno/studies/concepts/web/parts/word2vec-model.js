// Words as vectors, as parts/word2vec.py made them. No page: the same in Node.

/** @param {{dims: number}} about model.json @param {(name: string) => Promise<ArrayBuffer>} read */
export async function complete(about, read) {
  const [chart, numbers] = await Promise.all([read("words.json"), read("vectors.bin")]), { words, flat, pairs } = JSON.parse(new TextDecoder().decode(chart));
  return { ...about, words, flat, pairs, vectors: unit(new Int8Array(numbers), about.dims), number: new Map(words.map((word, row) => [word, row])) };
}

/** Whole numbers -> rows as long as one, so that their products are cosines. */
function unit(numbers, dims) {
  const vectors = new Float64Array(numbers.length);
  for (let at = 0; at < numbers.length; at += dims) {
    let square = 0;
    for (let i = at; i < at + dims; i++) square += numbers[i] ** 2;
    for (let i = at; i < at + dims; i++) vectors[i] = numbers[i] / Math.sqrt(square);
  }
  return vectors;
}

/** A sum of words. @param {[number, string][]} terms a sign and a word each @returns {Float64Array} */
export function sum({ vectors, dims, number }, terms) {
  const total = new Float64Array(dims);
  for (const [sign, word] of terms) {
    const row = number.get(word) * dims;
    for (let i = 0; i < dims; i++) total[i] += sign * vectors[row + i];
  }
  return total;
}

/**
 * The words that point most where the sum points.
 * @param {[number, string][]} terms @param {boolean} [all] the words of the sum among them, which are left out otherwise
 * @returns {{word: string, like: number}[]}
 */
export function nearest(artifact, terms, many, all = false) {
  const { vectors, dims, words } = artifact, wanted = sum(artifact, terms), own = new Set(terms.map(([, word]) => word));
  const length = Math.hypot(...wanted) || 1, found = [];
  for (let row = 0; row < words.length; row++) {
    if (!all && own.has(words[row])) continue;
    let like = 0;
    for (let i = 0, at = row * dims; i < dims; i++, at++) like += vectors[at] * wanted[i];
    found.push({ word: words[row], like: like / length });
  }
  return found.sort((a, b) => b.like - a.like).slice(0, many);
}

/**
 * "king - man + woman" -> terms, or the word that is not known, or null when it is no sum.
 * @returns {[number, string][] | {unknown: string} | null}
 */
export function parse({ number }, text) {
  const found = [...text.toLowerCase().matchAll(/([+\-−]?)\s*([^\s+\-−]+)/g)];
  const terms = found.map(([, sign, word]) => [sign === "-" || sign === "−" ? -1 : 1, word]);
  const unknown = terms.find(([, word]) => !number.has(word));
  return unknown ? { unknown: unknown[1] } : terms.length ? terms : null;
}

/** What b - a + c is nearest to. @param {string[]} four a, b, c and what it should be @param {boolean} all see `nearest` */
export function completed(artifact, [a, b, c], all = false) {
  return nearest(artifact, [[1, b], [-1, a], [1, c]], 1, all)[0].word;
}

export function predict(artifact, terms) {
  return nearest(artifact, terms, 4);
}
