// Vectors and tensors, and how shapes meet, as parts/vectors.py has it.

/**
 * The shape that two shapes come to, compared from the last axis on; or the axis where they do not fit.
 * @param {number[]} one @param {number[]} other @returns {{shape?: number[], axis?: number, lengths?: [number, number]}}
 */
export function broadcast(one, other) {
  const axes = Math.max(one.length, other.length), [a, b] = [one, other].map((shape) => padded(shape, axes)), shape = [];
  for (let axis = 0; axis < axes; axis++) {
    if (a[axis] !== b[axis] && a[axis] !== 1 && b[axis] !== 1) return { axis: axis - axes, lengths: [a[axis], b[axis]] };
    shape.push(a[axis] === 1 ? b[axis] : a[axis]);
  }
  return { shape };
}

/** A shape with ones in front until it has so many axes. */
export function padded(shape, axes) {
  return [...Array(axes - shape.length).fill(1), ...shape];
}

export function size(shape) {
  return shape.reduce((product, length) => product * length, 1);
}

/** Where in a flat list a place of a larger shape lies, when axes of length 1 are repeated. */
export function indexOf(place, shape) {
  const own = padded(shape, place.length);
  return place.reduce((index, at, axis) => index * own[axis] + (own[axis] === 1 ? 0 : at), 0);
}

/** Two tensors met by an operation: `{data, shape}`. @param {(a: number, b: number) => number} act */
export function meet(one, other, act) {
  const { shape } = broadcast(one.shape, other.shape), data = new Float64Array(size(shape)), place = shape.map(() => 0);
  for (let at = 0; at < data.length; at++) {
    data[at] = act(one.data[indexOf(place, one.shape)], other.data[indexOf(place, other.shape)]);
    for (let axis = shape.length - 1; axis >= 0 && ++place[axis] === shape[axis]; axis--) place[axis] = 0;
  }
  return { data, shape };
}

/** Numbers from 0 to 1 in a shape; a single number is 0.5. */
export function rising(shape) {
  const many = size(shape);
  return { shape, data: Float64Array.from({ length: many }, (_, i) => (many > 1 ? i / (many - 1) : 0.5)) };
}

/** A shape as it is written, `3, 12, 16` or `(16,)`; null when it is none. */
export function readShape(text, mostAxes = 4, longest = 64, largest = 50_000) {
  const lengths = text.replace(/[()[\]]/g, "").split(/[\s,×x]+/).filter(Boolean);
  if (lengths.length > mostAxes || !lengths.every((length) => /^\d+$/.test(length) && length >= 1 && length <= longest)) return null;
  return size(lengths) > largest ? null : lengths.map(Number);
}

export function predict(_, { one, other }) {
  const { shape, axis } = broadcast(one, other);
  return shape ? { shape, numbers: [...meet(rising(one), rising(other), (a, b) => a * b).data] } : { axis };
}
