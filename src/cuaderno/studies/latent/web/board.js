/** A small board to draw on, with mouse, finger, pen or the keyboard, and the drawing as the networks know pictures. */

export const SIDE = 280; // pixels
const PEN = 22;
const STEP = 14; // pixels of an arrow key
const BOX = 20 / 28; // of a picture's side, which the larger side of a drawing fills, as MNIST has its digits

export class Board {
  /** @param {HTMLCanvasElement} canvas @param {() => void} onChange @param {AbortSignal} signal */
  constructor(canvas, onChange, signal) {
    Object.assign(canvas, { width: SIDE, height: SIDE });
    Object.assign(this, { canvas, onChange, strokes: [], down: false, cursor: null });
    this.context = canvas.getContext("2d", { willReadFrequently: true });
    const on = (type, act) => canvas.addEventListener(type, act, { signal });
    on("pointerdown", (event) => this.#begin(event));
    on("pointermove", (event) => this.#move(event));
    for (const type of ["pointerup", "pointercancel"]) on(type, () => (this.hand = false));
    on("keydown", (event) => this.#key(event));
    on("focus", () => this.paint());
    on("blur", () => { this.down = false; this.cursor = null; this.paint(); });
  }

  get empty() {
    return this.strokes.length === 0;
  }

  /** Colours as the page has them. */
  colour({ paper, ink }) {
    Object.assign(this, { paper: `rgb(${paper})`, ink: `rgb(${ink})` });
    this.paint();
  }

  clear() {
    this.strokes = [];
    this.paint();
    this.onChange();
  }

  undo() {
    this.strokes.pop();
    this.paint();
    this.onChange();
  }

  paint() {
    this.#draw(this.context, this.paper, this.ink, 1, 0, 0);
    if (this.cursor && document.activeElement === this.canvas) {
      Object.assign(this.context, { strokeStyle: this.ink, lineWidth: 2 });
      this.context.beginPath();
      this.context.arc(...this.cursor, PEN / 2, 0, 7);
      this.context.stroke();
    }
  }

  /**
   * The drawing, light on dark, as large and in the middle as pictures that were learned from.
   * @param {number} side @param {boolean} byMass put the middle of its ink in the middle, else of its edges
   * @returns {Float32Array | null} side x side; null without a drawing
   */
  picture(side, byMass) {
    const points = this.strokes.flat();
    if (!points.length) return null;
    const [xs, ys] = [0, 1].map((i) => points.map((point) => point[i]));
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)].map((value, i) => value + (i % 2 ? PEN / 2 : -PEN / 2));
    const finer = 4, scale = (BOX * side * finer) / Math.max(right - left, bottom - top, 3 * PEN), whole = side * finer;
    const large = document.createElement("canvas");
    Object.assign(large, { width: whole, height: whole });
    const context = large.getContext("2d", { willReadFrequently: true });
    let x = whole / 2 - (scale * (left + right)) / 2, y = whole / 2 - (scale * (top + bottom)) / 2;
    this.#draw(context, "#000", "#fff", scale, x, y);
    let found = shrunk(context.getImageData(0, 0, whole, whole).data, side, finer);
    if (byMass) {
      let mass = 0, across = 0, down = 0;
      found.forEach((value, i) => { mass += value; across += value * ((i % side) + 0.5); down += value * (Math.floor(i / side) + 0.5); });
      x += finer * Math.round(side / 2 - across / mass);
      y += finer * Math.round(side / 2 - down / mass);
      this.#draw(context, "#000", "#fff", scale, x, y);
      found = shrunk(context.getImageData(0, 0, whole, whole).data, side, finer);
    }
    return found;
  }

  #draw(context, paper, ink, scale, x, y) {
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = paper;
    context.fillRect(0, 0, context.canvas.width, context.canvas.height);
    context.setTransform(scale, 0, 0, scale, x, y);
    Object.assign(context, { strokeStyle: ink, lineWidth: PEN, lineCap: "round", lineJoin: "round" });
    for (const stroke of this.strokes) {
      context.beginPath();
      context.moveTo(...stroke[0]);
      for (const point of stroke) context.lineTo(...point);
      context.stroke();
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
  }

  #at(event) {
    const box = this.canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * SIDE) / box.width, ((event.clientY - box.top) * SIDE) / box.height];
  }

  #begin(event) {
    if (event.button) return;
    event.preventDefault();
    this.canvas.focus({ preventScroll: true });
    try { this.canvas.setPointerCapture(event.pointerId); } catch { /* a pointer that is gone already */ }
    this.hand = true;
    this.cursor = null;
    this.strokes.push([this.#at(event)]);
    this.#changed();
  }

  #move(event) {
    if (!this.hand) return;
    for (const one of event.getCoalescedEvents?.() ?? [event]) this.strokes.at(-1)?.push(this.#at(one));
    this.#changed();
  }

  #changed() {
    this.paint();
    this.onChange();
  }

  /** Arrows move the pen, the space bar sets it down and lifts it. */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const [right, down] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
    const cursor = this.cursor ?? [SIDE / 2, SIDE / 2];
    if (event.key === " ") {
      this.down = !this.down;
      if (this.down) this.strokes.push([cursor]);
      this.cursor = cursor;
    } else if (right || down) {
      this.cursor = [right, down].map((way, i) => Math.min(SIDE, Math.max(0, cursor[i] + STEP * way)));
      if (this.down) this.strokes.at(-1)?.push(this.cursor);
    } else return;
    event.preventDefault();
    this.#changed();
  }
}

/** The red of each pixel, many of them averaged into one. */
function shrunk(data, side, finer) {
  const found = new Float32Array(side * side), whole = side * finer;
  for (let y = 0; y < whole; y++) {
    for (let x = 0; x < whole; x++) found[Math.floor(y / finer) * side + Math.floor(x / finer)] += data[4 * (y * whole + x)] / (255 * finer * finer);
  }
  return found;
}
