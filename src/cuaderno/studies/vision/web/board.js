/** A board to draw on, with mouse, finger, pen or the keyboard. */

export const SIDE = 320; // pixels
export const INKS = ["#1b1d22", "#8b5a2b", "#d9822b", "#9aa0a6", "#f4e3c3", "#e58fa0", "#7fae5b", "#8fc3e8", "#ffffff"];
export const PENS = [4, 12, 36]; // pixels across
const STEP = 8; // pixels of an arrow key
const MOST_UNDONE = 20;

export class Board {
  /** @param {HTMLCanvasElement} canvas @param {() => void} onChange @param {AbortSignal} signal */
  constructor(canvas, onChange, signal) {
    Object.assign(this, { canvas, onChange, ink: INKS[0], pen: PENS[1], before: [], drawn: false, cursor: null, down: false });
    this.context = canvas.getContext("2d", { willReadFrequently: true });
    const on = (type, act) => canvas.addEventListener(type, (event) => this.active && act(event), { signal });
    on("pointerdown", (event) => this.#begin(event));
    on("pointermove", (event) => this.#move(event));
    for (const type of ["pointerup", "pointercancel"]) on(type, () => (this.last = null));
    on("keydown", (event) => this.#key(event));
    on("blur", () => { this.down = false; });
  }

  /** A sheet of white paper, on which one can draw from now on. */
  open() {
    Object.assign(this.canvas, { width: SIDE, height: SIDE });
    this.active = true;
    this.before = [];
    this.#blank();
  }

  close() {
    this.active = this.down = false;
    this.last = this.cursor = null;
  }

  clear() {
    this.#keep();
    this.#blank();
    this.onChange();
  }

  undo() {
    const last = this.before.pop();
    if (!last) return;
    this.context.putImageData(last.image, 0, 0);
    this.drawn = last.drawn;
    this.onChange();
  }

  #blank() {
    this.context.fillStyle = "#fff";
    this.context.fillRect(0, 0, SIDE, SIDE);
    this.drawn = false;
  }

  #keep() {
    this.before.push({ image: this.context.getImageData(0, 0, SIDE, SIDE), drawn: this.drawn });
    if (this.before.length > MOST_UNDONE) this.before.shift();
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
    this.#keep();
    this.last = this.#at(event);
    this.#line(this.last, this.last);
  }

  #move(event) {
    if (!this.last) return;
    for (const one of event.getCoalescedEvents?.() ?? [event]) {
      const next = this.#at(one);
      this.#line(this.last, next);
      this.last = next;
    }
  }

  #line([x, y], [toX, toY]) {
    const { context } = this;
    Object.assign(context, { strokeStyle: this.ink, lineWidth: this.pen, lineCap: "round", lineJoin: "round" });
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(toX, toY);
    context.stroke();
    this.drawn = true;
    this.onChange();
  }

  /** Arrows move the pen, the space bar sets it down and lifts it. */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const [right, down] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
    this.cursor ??= [SIDE / 2, SIDE / 2];
    if (event.key === " ") {
      this.down = !this.down;
      if (this.down) { this.#keep(); this.#line(this.cursor, this.cursor); }
    } else if (right || down) {
      const next = [right, down].map((way, i) => Math.min(SIDE, Math.max(0, this.cursor[i] + STEP * way)));
      if (this.down) this.#line(this.cursor, next);
      this.cursor = next;
    } else return;
    event.preventDefault();
    this.onChange();
  }
}
