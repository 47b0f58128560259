// Letters that look at those before them, as parts/attention.py has it. No page: the same in Node.

/** @param {{tensors: object[], letters: string}} about model.json @param {(name: string) => Promise<ArrayBuffer>} read */
export async function complete(about, read) {
  const data = await read(about.file), weights = {};
  for (const { name, shape: [rows, columns], offset } of about.tensors) {
    const scales = new Float32Array(data, offset, rows), numbers = new Int8Array(data, offset + 4 * rows, rows * columns);
    const values = new Float32Array(numbers.length);
    for (let row = 0, at = 0; row < rows; row++) for (let i = 0; i < columns; i++, at++) values[at] = numbers[at] * scales[row];
    weights[name] = { rows, columns, values };
  }
  return { ...about, weights };
}

/** A matrix times a vector: rows × columns, columns -> rows. */
function times({ rows, columns, values }, x) {
  const y = new Float64Array(rows);
  for (let row = 0, at = 0; row < rows; row++) {
    let sum = 0;
    for (let i = 0; i < columns; i++, at++) sum += values[at] * x[i];
    y[row] = sum;
  }
  return y;
}

/** Mean 0, spread 1. */
function norm(x) {
  const mean = x.reduce((a, b) => a + b, 0) / x.length, spread = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
  return Float64Array.from(x, (value) => (value - mean) / Math.sqrt(spread + 1e-5));
}

/** Turn every pair of neighbouring channels by an angle that grows with the place. */
function turned(x, place, base) {
  const y = new Float64Array(x.length);
  for (let i = 0; i < x.length; i += 2) {
    const angle = place * base ** (-i / x.length), cos = Math.cos(angle), sin = Math.sin(angle);
    y[i] = x[i] * cos - x[i + 1] * sin;
    y[i + 1] = x[i] * sin + x[i + 1] * cos;
  }
  return y;
}

/** Numbers as shares of 1. */
export function softmax(values) {
  const most = Math.max(...values), odds = Array.from(values, (value) => Math.exp(value - most)), sum = odds.reduce((a, b) => a + b, 0);
  return odds.map((value) => value / sum);
}

/** How much a letter looks at each one up to itself: as many keys as there are letters. */
function look(query, keys, way) {
  if (way === "before") return keys.map((_, i) => Number(i === Math.max(0, keys.length - 2)));
  if (way === "even") return keys.map(() => 1 / keys.length);
  return softmax(keys.map((key) => key.reduce((sum, value, i) => sum + value * query[i], 0) / Math.sqrt(query.length)));
}

/** Reads letter by letter. Nobody looks ahead, so what has been read stays as it is when letters are put behind. */
export class Reading {
  /** @param {object} artifact as `complete` gives it @param {"learnt" | "even" | "before"} way to look */
  constructor(artifact, way = "learnt") {
    const lists = () => Array.from({ length: artifact.heads }, () => []);
    Object.assign(this, { artifact, way, tokens: [], looks: [], logits: [] });
    this.layers = Array.from({ length: artifact.layers }, () => ({ keys: lists(), values: lists() }));
  }

  /** Read these letters; those that were there before are not read again. @param {number[]} tokens */
  read(tokens) {
    let same = 0;
    while (same < this.tokens.length && this.tokens[same] === tokens[same]) same++;
    const kept = this.layers.flatMap(({ keys, values }) => [...keys, ...values]);
    for (const list of [this.tokens, this.looks, this.logits, ...kept]) list.length = same;
    for (const token of tokens.slice(same)) this.#next(token);
    return this;
  }

  /** One letter: who it looks at, by layer and head, and what it expects behind it. */
  #next(token) {
    const { weights, heads } = this.artifact, { columns, values } = weights["embed.weight"], looks = [];
    let x = norm(values.subarray(token * columns, (token + 1) * columns));
    this.layers.forEach((kept, layer) => {
      const own = (name) => weights[`blocks.${layer}.${name}.weight`], parts = times(own("attention.qkv"), norm(x));
      const heard = new Float64Array(columns), wide = columns / heads;
      looks.push(Array.from({ length: heads }, (_, head) => this.#listen(parts, kept, head, heard.subarray(head * wide, (head + 1) * wide))));
      const seen = times(own("attention.project"), heard), sum = x.map((value, i) => value + seen[i]);
      const thought = times(own("mlp.down"), times(own("mlp.up"), norm(sum)).map((value) => Math.max(0, value) ** 2));
      x = sum.map((value, i) => value + thought[i]);
    });
    this.tokens.push(token);
    this.looks.push(looks);
    this.logits.push(times(weights["head.weight"], norm(x)));
  }

  /** One head: its shares; what is heard by them is added to `heard`. */
  #listen(parts, { keys, values }, head, heard) {
    const place = this.tokens.length, wide = heard.length;
    const [query, key, value] = [0, 1, 2].map((which) => parts.subarray((which * this.artifact.heads + head) * wide, (which * this.artifact.heads + head + 1) * wide));
    keys[head].push(turned(norm(key), place, this.artifact.base));
    values[head].push(value);
    const shares = look(turned(norm(query), place, this.artifact.base), keys[head], this.way);
    shares.forEach((share, other) => { for (let i = 0; i < wide; i++) heard[i] += share * values[head][other][i]; });
    return shares;
  }

  /** The likeliest letters behind each one, with their shares. @returns {[number, number][][]} */
  next(many = 3) {
    return this.logits.map((logits) => softmax(logits).map((share, letter) => [letter, share]).sort(([, a], [, b]) => b - a).slice(0, many));
  }

  /** How surprising each letter but the first is, on average: minus the logarithm of its probability. */
  get loss() {
    const { tokens, logits } = this;
    let sum = 0;
    for (let at = 1; at < tokens.length; at++) sum -= Math.log(softmax(logits[at - 1])[tokens[at]]);
    return sum / Math.max(1, tokens.length - 1);
  }
}

/** Letters as numbers; those that the model does not know are left out. */
export const tokensOf = ({ letters }, text) => {
  const known = [...letters];
  return Array.from(text, (letter) => known.indexOf(letter)).filter((number) => number >= 0);
};

export function predict(artifact, { text, way }) {
  const reading = new Reading(artifact, way).read(tokensOf(artifact, text));
  return { loss: reading.loss, logits: [...reading.logits.at(-1)], looks: reading.looks.at(-1) };
}
