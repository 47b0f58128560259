/**
 * The map, drawn as tiles: what the decoder paints at the places of a lattice, as fine as the zoom asks for.
 *
 * The tiles of a level lie side by side on a sheet, a canvas somewhat larger than the view. Flying moves and scales the sheet
 * as a whole, which costs nearly nothing; what costs time is a tile that has not been seen. Those are decoded in batches, the
 * ones in the middle first, for a few milliseconds of each frame. The sheet of the level before lies beneath meanwhile.
 */

import { painted } from "./inks.js";

const SMALLEST = 26; // CSS pixels of a tile; the next level of the lattice begins at twice as many
const SLICE_MS = 6; // of decoding in one frame
const BATCH = 16;
const MARGIN = 2; // tiles beyond each edge of the view
const FINEST = 12; // levels

export class Atlas {
  /** @param {HTMLElement} element that the sheets lie in @param {import("./model.js").Network} network */
  constructor(element, network, corners) {
    Object.assign(this, { network, corners, width: 1, height: 1 });
    this.sheets = [new Sheet(network.size), new Sheet(network.size)]; // of the level that is looked at, and of the one before
    element.replaceChildren(...this.sheets.map((sheet) => sheet.canvas));
  }

  /** Colours from now on; every tile is painted anew. */
  colour(inks) {
    if (this.inks?.key === inks.key) return;
    this.inks = inks;
    for (const sheet of this.sheets) sheet.begin(NaN);
  }

  resize(width, height) {
    Object.assign(this, { width, height });
    const [columns, rows] = [width, height].map((side) => Math.ceil(side / SMALLEST) + 1 + 2 * MARGIN);
    for (const sheet of this.sheets) sheet.resize(columns, rows);
  }

  /** The view that shows all places. @returns {{x: number, y: number, scale: number}} scale: CSS pixels a unit */
  whole() {
    const [left, top, right, bottom] = this.corners;
    return { x: (left + right) / 2, y: (top + bottom) / 2, scale: Math.max(this.width, this.height) / (right - left) };
  }

  /** Show a view. @returns {boolean} whether tiles are still missing */
  draw(view) {
    const level = Math.min(FINEST, Math.floor(Math.log2(view.scale / SMALLEST)));
    if (this.sheets[0].level !== level) {
      this.sheets.reverse();
      if (this.sheets[0].level !== level) this.sheets[0].begin(level);
    }
    const [sheet] = this.sheets, start = performance.now();
    sheet.cover(view, this.width, this.height);
    const missing = sheet.missing(view);
    while (missing.length && performance.now() - start < SLICE_MS) this.#decode(sheet, missing.splice(0, BATCH));
    this.sheets.forEach((one, depth) => one.place(view, this.width, this.height, depth));
    return missing.length > 0;
  }

  #decode(sheet, tiles) {
    const { network, inks } = this, { size: side, channels, pixels: length } = network;
    const pixels = network.paint(Float32Array.from(tiles.flatMap((n) => sheet.middle(n))), tiles.length);
    tiles.forEach((n, k) => sheet.put(n, painted(pixels.subarray(k * length, (k + 1) * length), { side, channels, inks })));
  }
}

/** Some columns and rows of the tiles of a level, each in its square; those that are not known are transparent. */
class Sheet {
  constructor(side) {
    Object.assign(this, { side, level: NaN, known: new Uint8Array() });
    this.canvas = document.createElement("canvas");
    this.context = this.canvas.getContext("2d", { willReadFrequently: true }); // many small pictures are put on it
  }

  get step() {
    return 2 ** -this.level;
  }

  resize(columns, rows) {
    Object.assign(this, { columns, rows, known: new Uint8Array(columns * rows) });
    Object.assign(this.canvas, { width: columns * this.side, height: rows * this.side });
    this.begin(NaN);
  }

  /** Nothing is known of a level yet. */
  begin(level) {
    Object.assign(this, { level, left: 0, top: 0 });
    this.known.fill(0);
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  /** Move the sheet over the lattice when the view has left it, and keep what lies on both. */
  cover({ x, y, scale }, width, height) {
    const { step, columns, rows, left, top } = this;
    const first = (middle, side) => Math.floor((middle - side / scale / 2) / step), last = (middle, side) => first(middle, -side);
    const fits = left <= first(x, width) && last(x, width) < left + columns && top <= first(y, height) && last(y, height) < top + rows;
    if (!fits) this.#shift(Math.round(x / step - columns / 2) - left, Math.round(y / step - rows / 2) - top);
  }

  #shift(right, down) {
    const { columns, rows, known, context, canvas, side } = this, before = known.slice();
    for (let n = 0; n < known.length; n++) {
      const column = (n % columns) + right, row = Math.floor(n / columns) + down;
      known[n] = column >= 0 && column < columns && row >= 0 && row < rows ? before[row * columns + column] : 0;
    }
    context.globalCompositeOperation = "copy"; // what comes in is transparent
    context.drawImage(canvas, -right * side, -down * side);
    this.left += right;
    this.top += down;
  }

  /** The tiles that are not known, the middle of the view first. */
  missing({ x, y }) {
    const found = [];
    this.known.forEach((known, n) => known || found.push(n));
    const far = (n) => { const [a, b] = this.middle(n); return (a - x) ** 2 + (b - y) ** 2; };
    return found.map((n) => [far(n), n]).sort((a, b) => a[0] - b[0]).map(([, n]) => n);
  }

  /** The place on the map that a tile shows. */
  middle(n) {
    return [(this.left + (n % this.columns) + 0.5) * this.step, (this.top + Math.floor(n / this.columns) + 0.5) * this.step];
  }

  put(n, image) {
    this.context.putImageData(image, (n % this.columns) * this.side, Math.floor(n / this.columns) * this.side);
    this.known[n] = 1;
  }

  /** Where a view has it. */
  place({ x, y, scale }, width, height, depth) {
    const { canvas: { style }, step, left, top, side } = this;
    style.zIndex = -depth;
    style.visibility = Number.isNaN(step) ? "hidden" : "visible";
    style.transform = `translate(${(left * step - x) * scale + width / 2}px, ${(top * step - y) * scale + height / 2}px) scale(${(step * scale) / side})`;
  }
}
