// The dot product, as parts/dot.py has it.

/** Multiply number by number and add up. That is all. */
export const dot = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);

/** The dot product of the directions alone: 1 the same, 0 at right angles, -1 opposite. */
export const cosine = (a, b) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));

/** The dot product of a picture with each template, and the letter of the largest. */
export function look({ letters, templates }, picture) {
  const products = templates.map((template) => dot(picture, template));
  return { products, letter: Object.keys(letters)[products.indexOf(Math.max(...products))] };
}

export function predict(about, { a, b, picture }) {
  return picture ? look(about, picture) : { dot: dot(a, b), cosine: cosine(a, b) };
}
