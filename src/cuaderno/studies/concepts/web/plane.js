/** Squared paper with coordinates: an SVG to draw on, a canvas below it for what is painted, handles to take hold of. */

import { el, svg } from "./desk.js";

const SIDE = 400; // units of the drawing; the page scales it

export class Plane {
  /**
   * @param {import("./desk.js").Desk} desk
   * @param {{x: [number, number], y: [number, number], label: string, height?: number, grid?: number, numbers?: boolean}} about
   *   x, y: bounds; label: what is drawn, for those who cannot see it; height: of the paper, its width is 400; grid: squares
   *   of this size, in x; 0: none; numbers: whether they are written at the edges
   */
  constructor(desk, { x, y, label, height = SIDE, grid = 1, numbers = false }) {
    Object.assign(this, { desk, x, y, width: SIDE, height });
    this.canvas = el("canvas", { "aria-hidden": "true" });
    this.ground = svg("g", {});
    this.ink = svg("g", {});
    this.hands = svg("g", {});
    this.svg = svg("svg", { viewBox: `0 0 ${SIDE} ${height}`, role: "group", "aria-label": label }, this.ground, this.ink, this.hands);
    this.box = el("div", { class: "cc-plane", style: `aspect-ratio: ${SIDE} / ${height}` }, this.canvas, this.svg);
    if (grid) this.#rule(grid);
    if (numbers) this.#number();
  }

  #rule(grid) {
    const lines = [];
    for (let at = Math.ceil(this.x[0] / grid) * grid; at <= this.x[1]; at += grid) lines.push(`M${this.px(at)} 0V${this.height}`);
    for (let at = Math.ceil(this.y[0] / grid) * grid; at <= this.y[1]; at += grid) lines.push(`M0 ${this.py(at)}H${this.width}`);
    this.ground.append(svg("path", { d: lines.join(""), class: "cc-grid" }));
    const axes = `M${this.px(0)} 0V${this.height}M0 ${this.py(0)}H${this.width}`;
    this.ground.append(svg("path", { d: axes, class: "cc-axis" }));
  }

  /** Whole numbers along the lower and the left edge. */
  #number() {
    const inside = ([low, high]) => Array.from({ length: Math.ceil(high - low) }, (_, i) => Math.ceil(low) + i).filter((at) => at > low + 0.05 && at < high - 0.05);
    for (const at of inside(this.x)) this.write(at, this.y[0], this.desk.number(at));
    for (const at of inside(this.y)) this.write(this.x[0], at, this.desk.number(at), "start");
  }

  /** A number at an edge: just above a place, right of it ("start") or left of it ("end"). */
  write(x, y, words, anchor = "middle") {
    const [dx, dy] = { start: [4, 4], middle: [0, -5], end: [-4, 4] }[anchor];
    this.ground.append(svg("text", { x: this.px(x) + dx, y: this.py(y) + dy, "text-anchor": anchor, class: "cc-name cc-tick-number", "aria-hidden": "true" }, words));
  }

  px(x) {
    return ((x - this.x[0]) / (this.x[1] - this.x[0])) * this.width;
  }

  py(y) {
    return ((this.y[1] - y) / (this.y[1] - this.y[0])) * this.height;
  }

  /** The place under a pointer. */
  at(event) {
    const box = this.svg.getBoundingClientRect();
    const [u, v] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    return [this.x[0] + u * (this.x[1] - this.x[0]), this.y[1] - v * (this.y[1] - this.y[0])];
  }

  /** A line through places, as an attribute: far outside it stays where numbers are short. */
  path(places) {
    const near = (value) => Math.round(Math.max(-2000, Math.min(2000, value)) * 10) / 10;
    return places.map(([x, y], i) => `${i ? "L" : "M"}${near(this.px(x))} ${near(this.py(y))}`).join("");
  }

  /** A mark that is drawn once and moved by its attributes. @returns {SVGElement} */
  draw(name, attributes = {}) {
    return this.ink.appendChild(svg(name, attributes));
  }

  /**
   * Paint every point of a coarse grid; the page smooths it.
   * @param {number} n cells to a side @param {(x: number, y: number) => [string, number]} ink name and strength, 0 to 1
   * @param {Record<string, number[]>} inks from `colours`
   */
  paint(n, ink, inks = this.colours()) {
    const { canvas } = this, rows = Math.round((n * this.height) / this.width);
    if (canvas.width !== n || canvas.height !== rows) Object.assign(canvas, { width: n, height: rows });
    const pen = canvas.getContext("2d"), image = (this.image ??= pen.createImageData(n, rows));
    for (let row = 0, at = 0; row < rows; row++) {
      const y = this.y[1] - ((row + 0.5) / rows) * (this.y[1] - this.y[0]);
      for (let column = 0; column < n; column++, at += 4) {
        const [name, strength] = ink(this.x[0] + ((column + 0.5) / n) * (this.x[1] - this.x[0]), y);
        const [r, g, b] = inks[name];
        image.data[at] = r;
        image.data[at + 1] = g;
        image.data[at + 2] = b;
        image.data[at + 3] = 255 * Math.min(1, Math.max(0, strength));
      }
    }
    pen.putImageData(image, 0, 0);
  }

  /** The page's inks as numbers, read once for day and once for night. @returns {Record<string, number[]>} */
  colours() {
    return (this.desk.inks ??= this.#readColours());
  }

  #readColours() {
    const names = ["paper", "ink", "blue", "red", "grid"], probes = names.map((name) => el("i", { style: `color: var(--cc-${name})` }));
    const box = this.box.appendChild(el("div", { hidden: true }, ...probes));
    const found = probes.map((probe) => rgb(getComputedStyle(probe).color));
    box.remove();
    return Object.fromEntries(names.map((name, i) => [name, found[i]]));
  }

  /**
   * Something to take hold of, by pointer or arrow keys (with Shift in large steps).
   * @param {{place: [number, number], label: string, move: (place: [number, number]) => void, ink?: string, step?: number}} about
   */
  handle({ place, label, move, ink = "blue", step = 0.1 }) {
    const { desk } = this, clamp = ([x, y]) => [Math.min(this.x[1], Math.max(this.x[0], x)), Math.min(this.y[1], Math.max(this.y[0], y))];
    const node = svg("g", { class: "cc-handle", tabindex: 0, role: "slider", "aria-label": label, "aria-valuemin": this.x[0], "aria-valuemax": this.x[1] },
      svg("circle", { r: 24, class: "cc-reach" }), svg("circle", { r: 9, class: `cc-grip cc-${ink}` }));
    const put = (to) => {
      place = to;
      node.setAttribute("transform", `translate(${this.px(to[0])} ${this.py(to[1])})`);
      node.setAttribute("aria-valuenow", Math.round(to[0] * 100) / 100);
      node.setAttribute("aria-valuetext", desk.text.place(desk.number(to[0]), desk.number(to[1])));
    };
    const go = (to) => { put(clamp(to)); move(place); };
    node.addEventListener("pointerdown", (event) => {
      node.setPointerCapture(event.pointerId);
      event.preventDefault();
      node.focus({ preventScroll: true });
    });
    node.addEventListener("pointermove", (event) => { if (node.hasPointerCapture(event.pointerId)) go(this.at(event)); });
    node.addEventListener("keydown", (event) => {
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (!way) return;
      event.preventDefault();
      const far = event.shiftKey ? 5 * step : step;
      go([place[0] + far * way[0], place[1] + far * way[1]].map((value) => Math.round(value * 1e6) / 1e6));
    });
    put(place);
    this.hands.append(node);
    return { node, put, get place() { return place; } };
  }
}

/** A colour as red, green and blue; those that are not written so are painted, and looked at. */
function rgb(colour) {
  const found = /^rgb\((\d+), (\d+), (\d+)\)$/.exec(colour);
  if (found) return found.slice(1).map(Number);
  const dot = el("canvas", { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  dot.fillStyle = colour;
  dot.fillRect(0, 0, 1, 1);
  return [...dot.getImageData(0, 0, 1, 1).data.slice(0, 3)];
}
