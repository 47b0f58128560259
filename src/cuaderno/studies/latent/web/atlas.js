/**
 * The map, drawn as tiles: what the decoder paints at the places of a lattice, as fine as the zoom asks for.
 *
 * Tiles are decoded in batches between two frames, those in the middle first, for a few milliseconds of each frame; until
 * they are there, coarser or finer ones that are known stand in for them. What was decoded stays in one large canvas.
 */

import { painted } from "./inks.js";

const SMALLEST = 26; // CSS pixels of a tile; the next level of the lattice begins at twice as many
const SLICE_MS = 7; // of decoding in one frame
const BATCH = 16;
const ATLAS = 2048; // pixels of a side of the canvas that keeps tiles
const FINEST = 12; // levels
const BORDER = [[0, 1], [2, 1], [1, 0], [1, 2], [1, 1]]; // moved to every side, then in its place

export class Atlas {
  /** @param {HTMLCanvasElement} canvas @param {import("./model.js").Network} network */
  constructor(canvas, network, corners) {
    Object.assign(this, { canvas, network, corners, known: new Map(), free: [], decoded: 0, decodingMs: 0 });
    this.slot = network.size + 2; // with a border that repeats its edge, so that no neighbour shines through
    this.across = Math.floor(ATLAS / this.slot);
    this.store = document.createElement("canvas");
    Object.assign(this.store, { width: this.across * this.slot, height: this.across * this.slot });
    this.context = canvas.getContext("2d", { alpha: false });
    this.width = this.height = 1;
  }

  /** Colours from now on; every tile is painted anew. */
  colour(inks) {
    if (this.inks?.key === inks.key) return;
    this.inks = inks;
    this.known.clear();
    this.free = Array.from({ length: this.across ** 2 }, (_, i) => i);
  }

  resize(width, height, ratio) {
    Object.assign(this, { width, height, ratio });
    Object.assign(this.canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
  }

  /** The view that shows all places. @returns {{x: number, y: number, scale: number}} scale: CSS pixels a unit */
  whole() {
    const [left, top, right, bottom] = this.corners;
    return { x: (left + right) / 2, y: (top + bottom) / 2, scale: Math.max(this.width, this.height) / (right - left) };
  }

  /** Paint a view. @returns {boolean} whether tiles are still missing */
  draw(view) {
    const level = Math.min(FINEST, Math.floor(Math.log2(view.scale / SMALLEST))), wanted = this.#seen(view, level);
    const missing = wanted.filter(([key]) => !this.known.has(key));
    const start = performance.now();
    while (missing.length && performance.now() - start < SLICE_MS) this.#decode(missing.splice(0, BATCH), 2 ** -level);
    const { context, ratio, inks, canvas } = this;
    context.fillStyle = `rgb(${inks.paper})`;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = "high";
    if (missing.length) for (const other of [level - 2, level - 1, level + 1]) for (const tile of this.#seen(view, other)) this.#place(tile, view, 2 ** -other, ratio);
    for (const tile of wanted) this.#place(tile, view, 2 ** -level, ratio);
    return missing.length > 0;
  }

  /** The tiles of a level in a view, the middle first: [key, column, row]. */
  #seen({ x, y, scale }, level) {
    const step = 2 ** -level, wide = this.width / scale / 2, high = this.height / scale / 2, tiles = [];
    if (wide * high / step ** 2 > 4000) return tiles;
    for (let j = Math.floor((y - high) / step); j * step < y + high; j++) {
      for (let i = Math.floor((x - wide) / step); i * step < x + wide; i++) tiles.push([`${level} ${i} ${j}`, i, j]);
    }
    const far = ([, i, j]) => ((i + 0.5) * step - x) ** 2 + ((j + 0.5) * step - y) ** 2;
    return tiles.sort((a, b) => far(a) - far(b));
  }

  #decode(tiles, step) {
    const { network, across, inks } = this, { size: side, channels } = network, start = performance.now();
    const places = Float32Array.from(tiles.flatMap(([, i, j]) => [(i + 0.5) * step, (j + 0.5) * step]));
    const pixels = network.paint(places, tiles.length), context = this.store.getContext("2d");
    tiles.forEach(([key], n) => {
      if (!this.free.length) {
        const [oldest, slot] = this.known.entries().next().value;
        this.known.delete(oldest);
        this.free.push(slot);
      }
      const slot = this.free.pop(), one = pixels.subarray(n * network.pixels, (n + 1) * network.pixels);
      const image = painted(one, { side, channels, inks }), left = (slot % across) * this.slot, top = Math.floor(slot / across) * this.slot;
      for (const [x, y] of BORDER) context.putImageData(image, left + x, top + y);
      this.known.set(key, slot);
    });
    this.decoded += tiles.length;
    this.decodingMs += performance.now() - start;
  }

  #place([key, i, j], { x, y, scale }, step, ratio) {
    const slot = this.known.get(key);
    if (slot === undefined) return;
    this.known.delete(key); // to the end of those that may go
    this.known.set(key, slot);
    const side = this.network.size, edge = (at, middle, half) => Math.round(((at * step - middle) * scale + half) * ratio);
    const left = edge(i, x, this.width / 2), top = edge(j, y, this.height / 2);
    const right = edge(i + 1, x, this.width / 2), bottom = edge(j + 1, y, this.height / 2);
    const from = [(slot % this.across) * this.slot + 1, Math.floor(slot / this.across) * this.slot + 1];
    this.context.drawImage(this.store, ...from, side, side, left, top, right - left, bottom - top);
  }
}
