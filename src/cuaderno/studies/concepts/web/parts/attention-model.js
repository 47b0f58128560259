// Letters that look at those before them, as parts/attention.py has it. No page: the same in Node.

/** @param {{tensors: object[], letters: string}} about model.json @param {(name: string) => Promise<ArrayBuffer>} read */
export async function prepare(about, read) {
  const data = await read(about.file), weights = {};
  for (const { name, shape: [rows, columns], offset } of about.tensors) {
    const scales = new Float32Array(data, offset, rows), numbers = new Int8Array(data, offset + 4 * rows, rows * columns);
    weights[name] = { rows, columns, values: Float64Array.from(numbers, (number, i) => Math.fround(number * scales[Math.floor(i / columns)])) };
  }
  const layers = about.tensors.filter(({ name }) => name.endsWith("qkv.weight")).length;
  return { ...about, weights, layers, number: new Map([...about.letters].map((letter, i) => [letter, i])) };
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
  return x.map((value) => (value - mean) / Math.sqrt(spread + 1e-5));
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

/** How much a letter at `place` looks at each one up to itself. */
function look(query, keys, place, way) {
  if (way === "before") return Array.from({ length: place + 1 }, (_, i) => Number(i === Math.max(0, place - 1)));
  if (way === "even") return Array(place + 1).fill(1 / (place + 1));
  return softmax(keys.slice(0, place + 1).map((key) => key.reduce((sum, value, i) => sum + value * query[i], 0) / Math.sqrt(query.length)));
}

/**
 * What comes next, and who looked at whom.
 * @param {number[]} tokens @param {"learnt" | "even" | "before"} way to look
 * @returns {{logits: Float64Array[], looks: number[][][][]}} looks: layer, head, letter that looks, letter looked at
 */
export function forward({ weights, layers, heads, base }, tokens, way = "learnt") {
  const { columns, values } = weights["embed.weight"], wide = columns / heads, looks = [];
  let x = tokens.map((token) => norm(values.subarray(token * columns, (token + 1) * columns)));
  for (let layer = 0; layer < layers; layer++) {
    const own = (name) => weights[`blocks.${layer}.${name}.weight`], parts = x.map((one) => times(own("attention.qkv"), norm(one)));
    const of = (which, head) => parts.map((part) => part.subarray(which * columns + head * wide, which * columns + (head + 1) * wide));
    const heard = x.map(() => new Float64Array(columns));
    looks.push(Array.from({ length: heads }, (_, head) => {
      const queries = of(0, head).map((q, place) => turned(norm(q), place, base)), keys = of(1, head).map((k, place) => turned(norm(k), place, base)), mixed = of(2, head);
      return queries.map((query, place) => {
        const shares = look(query, keys, place, way);
        shares.forEach((share, other) => { for (let i = 0; i < wide; i++) heard[place][head * wide + i] += share * mixed[other][i]; });
        return shares;
      });
    }));
    x = x.map((one, place) => {
      const seen = times(own("attention.project"), heard[place]), sum = one.map((value, i) => value + seen[i]);
      const thought = times(own("mlp.down"), times(own("mlp.up"), norm(sum)).map((value) => Math.max(0, value) ** 2));
      return sum.map((value, i) => value + thought[i]);
    });
  }
  return { logits: x.map((one) => times(weights["head.weight"], norm(one))), looks };
}

/** How surprising each letter but the first is, on average: minus the logarithm of its probability. */
export function loss(logits, tokens) {
  let sum = 0;
  for (let at = 1; at < tokens.length; at++) sum -= Math.log(softmax(logits[at - 1])[tokens[at]]);
  return sum / Math.max(1, tokens.length - 1);
}

/** Letters as numbers; those that the model does not know are left out. */
export const tokensOf = ({ number }, text) => [...text].filter((letter) => number.has(letter)).map((letter) => number.get(letter));

export function predict(artifact, { text, way }) {
  const tokens = tokensOf(artifact, text), { logits, looks } = forward(artifact, tokens, way), last = tokens.length - 1;
  return { loss: loss(logits, tokens), logits: [...logits[last]], looks: looks.map((layer) => layer.map((head) => head[last])) };
}
