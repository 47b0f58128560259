/** Network and counting model speaking together: `../mixture.py` in the browser. */

import { softmax } from "./sampling.js";

export class Mixture {
  /** @param {import("./ngram.js").Ngram} ngram @param {number} weight its share in what is expected, from 0 to 1 */
  constructor(ngram, weight) {
    if (!(weight >= 0 && weight <= 1)) throw new Error(`model.json gives the counting model a share of ${weight}`);
    this.ngram = ngram;
    this.weight = weight;
  }

  /**
   * What both expect behind `tokens`.
   * @param {number[]} tokens
   * @param {Float32Array} alone the network's logits
   * @returns {{logits: Float64Array, counted: Float64Array}} counted: how much of each probability comes from counting
   */
  mix(tokens, alone) {
    const { ngram, weight } = this;
    const counted = ngram.expect(tokens), logits = softmax(Float64Array.from(alone));
    for (let token = 0; token < logits.length; token++) {
      counted[token] *= weight;
      logits[token] = Math.log(counted[token] + (1 - weight) * logits[token]);
    }
    return { logits, counted };
  }
}
