/** How the next token is drawn from what is expected. The rules are those of `../generate.py`, in its order. */

/**
 * temperature 0 always takes the likeliest, 1 draws as the model expects; topK 0, topP 1 and minP 0 leave every token
 * in; repetitionPenalty 1 punishes nothing.
 * @typedef {{temperature?: number, topK?: number, topP?: number, minP?: number, repetitionPenalty?: number, seed?: number}} Sampling
 */
export const USUAL = { temperature: 0.8, topK: 0, topP: 1, minP: 0.05, repetitionPenalty: 1, seed: 0 };

/**
 * The probabilities from which the next token is drawn, after every rule.
 * @param {Float32Array | Float64Array} logits
 * @param {number[]} recent the tokens that the repetition penalty looks at
 * @param {Sampling} sampling
 * @returns {Float64Array}
 */
export function odds(logits, recent, sampling) {
  const { temperature, topK, topP, minP, repetitionPenalty } = { ...USUAL, ...sampling };
  const scaled = Float64Array.from(logits);
  if (repetitionPenalty !== 1) {
    for (const token of new Set(recent)) scaled[token] *= scaled[token] > 0 ? 1 / repetitionPenalty : repetitionPenalty;
  }
  if (temperature === 0) {
    const best = scaled.indexOf(greatest(scaled));
    return scaled.fill(0).fill(1, best, best + 1);
  }
  for (let i = 0; i < scaled.length; i++) scaled[i] /= temperature;
  if (topK > 0 && topK < scaled.length) {
    const least = scaled.toSorted().at(-topK);
    for (let i = 0; i < scaled.length; i++) if (scaled[i] < least) scaled[i] = -Infinity;
  }
  const probabilities = softmax(scaled);
  if (topP < 1) keepLikeliest(probabilities, topP);
  if (minP > 0) {
    const least = minP * greatest(probabilities);
    for (let i = 0; i < probabilities.length; i++) if (probabilities[i] < least) probabilities[i] = 0;
  }
  const total = probabilities.reduce((sum, p) => sum + p, 0);
  return probabilities.map((p) => p / total);
}

/** The likeliest tokens that reach `topP` together stay. */
function keepLikeliest(probabilities, topP) {
  let sum = 0;
  for (const token of likeliest(probabilities, probabilities.length)) {
    if (sum >= topP) probabilities[token] = 0;
    else sum += probabilities[token];
  }
}

/** The numbers of the `count` likeliest tokens, likeliest first. */
export function likeliest(probabilities, count) {
  if (count >= probabilities.length) {
    return Array.from(probabilities.keys()).sort((a, b) => probabilities[b] - probabilities[a]);
  }
  const best = []; // kept in order; most tokens are less likely than the last one of it
  for (let token = 0; token < probabilities.length; token++) {
    if (best.length === count && probabilities[token] <= probabilities[best.at(-1)]) continue;
    let at = best.length;
    while (at > 0 && probabilities[best[at - 1]] < probabilities[token]) at--;
    best.splice(at, 0, token);
    if (best.length > count) best.pop();
  }
  return best;
}

/** Draw one token, `chance` being a number from 0 up to 1. */
export function choose(probabilities, chance) {
  let sum = 0, last = 0;
  for (let token = 0; token < probabilities.length; token++) {
    if (probabilities[token] === 0) continue;
    sum += probabilities[token];
    last = token;
    if (chance < sum) return token;
  }
  return last; // rounding left the sum a hair below one
}

/** The `index`-th random number of a seed, from 0 up to 1: mulberry32, which counts, so that no state has to be kept. */
export function random(seed, index) {
  let a = (seed + Math.imul(index + 1, 0x6d2b79f5)) | 0;
  a = Math.imul(a ^ (a >>> 15), a | 1);
  a ^= a + Math.imul(a ^ (a >>> 7), a | 61);
  return ((a ^ (a >>> 14)) >>> 0) / 4294967296;
}

/** In place. @param {Float64Array} logits @returns {Float64Array} the same array, as probabilities */
export function softmax(logits) {
  const most = greatest(logits);
  let total = 0;
  for (let i = 0; i < logits.length; i++) total += logits[i] = Math.exp(logits[i] - most);
  for (let i = 0; i < logits.length; i++) logits[i] /= total;
  return logits;
}

function greatest(numbers) {
  let most = -Infinity;
  for (let i = 0; i < numbers.length; i++) if (numbers[i] > most) most = numbers[i];
  return most;
}
