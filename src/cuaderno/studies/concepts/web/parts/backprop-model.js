// Numbers that remember where they came from, as parts/autograd.py and parts/backprop.py do it.

const LONGEST = 200;

/** A number, what it was made of, and how fast it grows with each of these. */
export class Value {
  constructor(number, parents = [], growth = [], sign = "") {
    Object.assign(this, { number, parents, growth, sign, slope: 0 });
  }
}

const MAKE = {
  "+": (a, b) => new Value(a.number + b.number, [a, b], [1, 1], "+"),
  "-": (a, b) => new Value(a.number - b.number, [a, b], [1, -1], "−"),
  "*": (a, b) => new Value(a.number * b.number, [a, b], [b.number, a.number], "×"),
  "/": (a, b) => new Value(a.number / b.number, [a, b], [1 / b.number, -a.number / b.number ** 2], "÷"),
  power: (a, power) => new Value(a.number ** power, [a], [power ? power * a.number ** (power - 1) : 0], `^${power}`),
  negative: (a) => new Value(-a.number, [a], [-1], "−"),
  tanh: (a) => new Value(Math.tanh(a.number), [a], [1 - Math.tanh(a.number) ** 2], "tanh"),
  relu: (a) => new Value(Math.max(0, a.number), [a], [a.number > 0 ? 1 : 0], "relu"),
  exp: (a) => new Value(Math.exp(a.number), [a], [Math.exp(a.number)], "exp"),
  log: (a) => new Value(Math.log(a.number), [a], [1 / a.number], "log"),
};
const FUNCTIONS = ["tanh", "relu", "exp", "log"];

/** Raised when a formula cannot be read: the message is a key of the words. */
export class Unreadable extends Error {}

/**
 * A formula as a graph. Names that numbers does not hold are taken as 1.
 * @param {string} formula @param {Record<string, number>} numbers
 * @returns {{last: Value, names: Record<string, Value>, order: Value[]}}
 */
export function read(formula, numbers) {
  const signs = formula.match(/\d+\.?\d*(?:e[-+]?\d+)?|\.\d+|[A-Za-z_]\w*|\*\*|\S/gi) ?? [], names = Object.create(null);
  if (!signs.length || formula.length > LONGEST) throw new Unreadable("formula");
  let at = 0;
  const take = (sign) => signs[at] === sign && Boolean(++at);
  const must = (sign) => { if (!take(sign)) throw new Unreadable("formula"); };
  const sum = () => {
    let left = product();
    while (signs[at] === "+" || signs[at] === "-") left = MAKE[signs[at++]](left, product());
    return left;
  };
  const product = () => {
    let left = negative();
    while (signs[at] === "*" || signs[at] === "/") left = MAKE[signs[at++]](left, negative());
    return left;
  };
  const negative = () => (take("-") ? MAKE.negative(negative()) : power());
  const power = () => {
    const base = atom();
    if (!take("**") && !take("^")) return base;
    const minus = take("-"), exponent = Number(signs[at++]);
    if (!Number.isFinite(exponent) || signs[at] === "**") throw new Unreadable("power");
    return MAKE.power(base, minus ? -exponent : exponent);
  };
  const atom = () => {
    const sign = signs[at++];
    if (sign === "(") {
      const inside = sum();
      must(")");
      return inside;
    }
    if (sign !== undefined && Number.isFinite(Number(sign))) return new Value(Number(sign), [], [], "number");
    if (FUNCTIONS.includes(sign) && take("(")) {
      const inside = sum();
      must(")");
      return MAKE[sign](inside);
    }
    if (!/^[A-Za-z_]\w*$/.test(sign ?? "") || FUNCTIONS.includes(sign)) throw new Unreadable("formula");
    return (names[sign] ??= new Value(Object.hasOwn(numbers, sign) ? numbers[sign] : 1, [], [], sign));
  };
  const last = sum();
  if (at < signs.length) throw new Unreadable("formula");
  return { last, names, order: inOrder(last) };
}

/** All that a Value was made of, and itself: each one after its parents. */
function inOrder(last) {
  const order = [], met = new Set();
  const visit = (value) => {
    if (met.has(value)) return;
    met.add(value);
    value.parents.forEach(visit);
    order.push(value);
  };
  visit(last);
  return order;
}

/** Give every Value of a graph its slope: how the last one changes when that one grows. */
export function backward(order) {
  for (const value of order) value.slope = 0;
  order.at(-1).slope = 1;
  for (const value of order.toReversed?.() ?? [...order].reverse()) value.parents.forEach((parent, i) => { parent.slope += value.slope * value.growth[i]; });
}

/** What a formula comes to, and the slopes of its names. */
export function slopes(formula, numbers) {
  const { last, names, order } = read(formula, numbers);
  backward(order);
  return { value: last.number, slopes: Object.fromEntries(Object.entries(names).map(([name, { slope }]) => [name, slope])) };
}

export function predict(_, { formula, numbers }) {
  const found = slopes(formula, numbers), none = Object.fromEntries(Object.keys(numbers).map((name) => [name, 0]));
  return { value: found.value, slopes: { ...none, ...found.slopes } };
}
