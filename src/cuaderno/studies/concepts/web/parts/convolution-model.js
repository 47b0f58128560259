// A window of nine numbers over a picture, as parts/convolution.py has it. No page: the same in Node.

/** The nine cells around a place, in reading order; outside the picture there is no ink. */
export function window9(picture, side, row, column) {
  const cells = [];
  for (let r = row - 1; r <= row + 1; r++) {
    for (let c = column - 1; c <= column + 1; c++) cells.push(r < 0 || c < 0 || r >= side || c >= side ? 0 : picture[r * side + c]);
  }
  return cells;
}

/** All windows one after the other, nine numbers each. */
export function windows(picture, side) {
  const all = new Float64Array(picture.length * 9);
  for (let at = 0; at < picture.length; at++) all.set(window9(picture, side, Math.floor(at / side), at % side), at * 9);
  return all;
}

/** At each place nine products, added up. @param {number[]} kernel nine numbers */
export function convolve(picture, side, kernel) {
  const seen = windows(picture, side);
  return Float64Array.from(picture, (_, at) => product(seen, at, kernel));
}

function product(seen, at, kernel) {
  let sum = 0;
  for (let i = 0; i < 9; i++) sum += seen[at * 9 + i] * kernel[i];
  return sum;
}

/** Sees a picture before and after a filter, and looks for its nine numbers. */
export class Finder {
  constructor(before, after, side, { rate, momentum }) {
    Object.assign(this, { after, rate, momentum, seen: windows(before, side), kernel: Array(9).fill(0), speed: Array(9).fill(0) });
    this.ink = Math.max(1, before.reduce((sum, cell) => sum + cell * cell, 0));
  }

  /** One update; the mean squared error before it. */
  learn() {
    const { seen, after, kernel, speed, ink, rate, momentum } = this, slope = Array(9).fill(0);
    let loss = 0;
    for (let at = 0; at < after.length; at++) {
      const off = product(seen, at, kernel) - after[at];
      loss += off * off;
      for (let i = 0; i < 9; i++) slope[i] += (2 * off * seen[at * 9 + i]) / ink;
    }
    for (let i = 0; i < 9; i++) kernel[i] += speed[i] = momentum * speed[i] - rate * slope[i];
    return loss / after.length;
  }
}

export const cellsOf = (signs) => Array.from(signs, (sign) => Number(sign === "#"));

export function predict(about, { picture, side, kernel, steps }) {
  const before = cellsOf(picture), nine = kernel.flat(), after = convolve(before, side, nine);
  if (!steps) return { filtered: rows([...after], side).slice(3, 6) };
  const finder = new Finder(before, after, side, about), losses = Array.from({ length: steps }, () => finder.learn());
  return { losses: losses.filter((_, i) => i % 6 === 0), kernel: rows(finder.kernel, 3) };
}

const rows = (cells, side) => Array.from({ length: cells.length / side }, (_, row) => cells.slice(row * side, (row + 1) * side));
