// Pictures squeezed into two numbers, as parts/latent.py has it. No page: the same in Node.

import { Chance } from "../chance.js";
import { Network } from "../network.js";

/** Both halves of the network: `{squeeze, unfold}`. */
export function halves({ numbers, hidden, side }) {
  const with_ = (sizes, own) => Object.assign(new Network(sizes, new Chance(0)), { numbers: own.map((array) => Float64Array.from(array)) });
  const cells = side ** 2, first = with_([cells, hidden, 2], numbers.slice(0, 4)), second = with_([2, hidden, cells], numbers.slice(4));
  return {
    squeeze: (picture) => [...first.forward(picture)].map(Math.tanh),
    unfold: (place) => [...second.forward(place)],
  };
}

/** Mean squared difference of two pictures. */
export const apart = (a, b) => a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0) / a.length;

/** A picture through the two directions in which pictures differ most. */
export function straightened([middle, ...directions], picture) {
  const drawn = [...middle];
  for (const direction of directions) {
    const far = direction.reduce((sum, value, i) => sum + value * (picture[i] - middle[i]), 0);
    direction.forEach((value, i) => { drawn[i] += far * value; });
  }
  return drawn;
}

export const read = (digits) => Array.from(digits, (digit) => Number(digit) / 9);

export function predict(about, { place, picture }) {
  const { squeeze, unfold } = halves(about);
  return place ? unfold(place) : squeeze(picture);
}
