/**
 * Three small pictures before the scene, each in a frame of its own: "one" Gaussian and its numbers, the "order" in which
 * veils lie, and a flat picture that many of them "fit" while one looks on. planar.js does the arithmetic.
 */

import { dress } from "./look.js";
import { check, make, putPixels, slider } from "./parts.js";
import { Fit, NUMBERS, psnr, sigmoid } from "./planar.js";
import { TEXT } from "./words.js";

const WIDE = 288, HIGH = 192; // pixels of the first two pictures
const PAPER = [0.988, 0.984, 0.969];
const SIDE = 96; // pixels of the longer side of a picture to be fitted
const SLICE_MS = 14; // of fitting between two frames
const ENOUGH = 600; // steps, after which it stops by itself

/** @returns {() => void} cleanup */
export function mountFlat(element, { base, lang, view }) {
  const Kind = { one: One, order: Order, fit: Fitting }[view];
  if (!Kind) throw new Error(`no picture is called ${view}`);
  const picture = new Kind(element, { base, lang });
  return () => picture.remove();
}

class Picture {
  constructor(element, { base, lang }) {
    Object.assign(this, { element, base, lang, text: TEXT[lang], undress: dress(), gone: new AbortController() });
    this.root = make("div", { className: "splat-widget", lang });
    this.root.dataset.state = "loading";
    this.percent = new Intl.NumberFormat(lang, { style: "percent", maximumFractionDigits: 0 });
    element.append(this.root);
  }

  on(node, name, act) {
    node.addEventListener(name, act, { signal: this.gone.signal });
  }

  announce(detail) {
    this.root.dataset.state = "ready";
    this.element.dispatchEvent(new CustomEvent("answer", { bubbles: true, detail }));
  }

  /** Move a place by dragging and by arrow keys. @param {(x: number, y: number) => void} place shares of the width and height */
  hold(canvas, where, place) {
    canvas.tabIndex = 0;
    const within = (value) => Math.max(0, Math.min(1, value));
    const follow = (event) => {
      const box = canvas.getBoundingClientRect();
      place(within((event.clientX - box.left) / box.width), within((event.clientY - box.top) / box.height));
    };
    this.on(canvas, "pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      follow(event);
    });
    this.on(canvas, "pointermove", (event) => event.buttons && follow(event));
    this.on(canvas, "keydown", (event) => {
      const move = { ArrowLeft: [-0.02, 0], ArrowRight: [0.02, 0], ArrowUp: [0, -0.03], ArrowDown: [0, 0.03] }[event.key];
      if (!move) return;
      event.preventDefault();
      const [x, y] = where();
      place(within(x + move[0]), within(y + move[1]));
    });
  }

  remove() {
    this.gone.abort();
    cancelAnimationFrame(this.frame);
    this.root.remove();
    this.undress();
  }
}

// --- what a Gaussian is

class One extends Picture {
  constructor(...all) {
    super(...all);
    const { text } = this;
    this.place = [0.5, 0.5];
    this.canvas = make("canvas", { className: "sp-flat", width: WIDE, height: HIGH });
    this.canvas.setAttribute("role", "application");
    this.canvas.setAttribute("aria-label", text.oneStage);
    this.parts = {
      long: slider(text.long, { min: 4, max: 80, value: 46 }), wide: slider(text.wide, { min: 4, max: 80, value: 20 }),
      angle: slider(text.angle, { min: -90, max: 90, value: 25 }), veil: slider(text.veil, { min: 5, max: 99, value: 80 }),
    };
    const hue = (this.hue = make("input", { type: "color", value: "#1d4ed8" }));
    const colour = make("label", { className: "sp-slider" }, make("span", { textContent: text.colour }), hue);
    this.said = make("p", { className: "sp-mono" });
    this.meaning = make("p", { className: "sp-small" });
    const controls = make("div", { className: "sp-sliders" }, ...Object.values(this.parts).map(({ label }) => label), colour);
    this.root.append(make("div", { className: "sp-paper" }, this.canvas), make("div", { className: "sp-told" }, controls, this.said, this.meaning));
    this.hold(this.canvas, () => this.place, (x, y) => this.draw((this.place = [x, y])));
    for (const { input } of Object.values(this.parts)) this.on(input, "input", () => this.draw());
    this.on(hue, "input", () => this.draw());
    this.draw();
  }

  draw() {
    const { parts, text, percent } = this, value = (name) => Number(parts[name].input.value);
    const [x, y] = [this.place[0] * WIDE, this.place[1] * HIGH], turn = (value("angle") * Math.PI) / 180, thick = value("veil") / 100;
    const colour = [1, 3, 5].map((at) => parseInt(this.hue.value.slice(at, at + 2), 16) / 255), picture = new Float64Array(3 * WIDE * HIGH);
    const one = { x, y, long: value("long"), wide: value("wide"), turn };
    for (let p = 0; p < WIDE * HIGH; p++) {
      const alpha = thick * bell(one, (p % WIDE) + 0.5, Math.floor(p / WIDE) + 0.5);
      for (let c = 0; c < 3; c++) picture[3 * p + c] = alpha * colour[c] + (1 - alpha) * PAPER[c];
    }
    putPixels(this.canvas, picture, WIDE, HIGH);
    const context = this.canvas.getContext("2d");
    for (const lengths of [1, 2]) outline(context, one, lengths, "#5b6069");
    parts.long.said.textContent = text.pixels(one.long);
    parts.wide.said.textContent = text.pixels(one.wide);
    parts.angle.said.textContent = `${value("angle")}°`;
    parts.veil.said.textContent = percent.format(thick);
    const numbers = [x, y, one.long, one.wide].map(Math.round);
    this.said.textContent = text.oneNumbers(numbers.concat(`${value("angle")}°`, percent.format(thick)).join(" · "), this.hue.value);
    this.meaning.textContent = text.oneMeans(...[1, Math.exp(-0.5), Math.exp(-2)].map((share) => percent.format(thick * share)));
    this.announce({ view: "one", numbers });
  }
}

/** How thick a Gaussian is at a place, 1 in its middle. */
function bell({ x, y, long, wide, turn }, px, py) {
  const dx = px - x, dy = py - y, cos = Math.cos(turn), sin = Math.sin(turn);
  const a = (cos * dx + sin * dy) / long, b = (cos * dy - sin * dx) / wide;
  return Math.exp(-0.5 * (a * a + b * b));
}

function outline(context, { x, y, long, wide, turn }, lengths, colour, scale = 1) {
  context.beginPath();
  context.ellipse(x * scale, y * scale, long * lengths * scale, wide * lengths * scale, turn, 0, 2 * Math.PI);
  context.strokeStyle = colour;
  context.stroke();
}

// --- why the order matters

const VEILS = [
  { x: 112, y: 92, long: 62, wide: 46, turn: 0.3, thick: 0.85, colour: [0.76, 0.22, 0.23], name: "red" },
  { x: 168, y: 78, long: 58, wide: 44, turn: -0.4, thick: 0.8, colour: [0.11, 0.31, 0.85], name: "blue" },
  { x: 150, y: 122, long: 70, wide: 36, turn: 0.1, thick: 0.75, colour: [0.93, 0.7, 0.13], name: "yellow" },
];

class Order extends Picture {
  constructor(...all) {
    super(...all);
    const { text } = this;
    this.place = [142 / WIDE, 98 / HIGH];
    this.canvas = make("canvas", { className: "sp-flat", width: WIDE, height: HIGH });
    this.canvas.setAttribute("role", "application");
    this.canvas.setAttribute("aria-label", text.orderStage);
    this.depth = slider(text.depth, { min: 0, max: 2, value: 0 });
    this.adds = check(text.adds, false);
    this.bars = make("div", { className: "sp-shares" });
    this.bars.setAttribute("aria-hidden", "true");
    this.said = make("p", { className: "sp-mono" });
    this.said.setAttribute("aria-live", "polite");
    this.meaning = make("p", { className: "sp-small" });
    const told = make("div", { className: "sp-told" }, this.depth.label, this.adds.label, this.bars, this.said, this.meaning);
    this.root.append(make("div", { className: "sp-paper" }, this.canvas), told);
    this.hold(this.canvas, () => this.place, (x, y) => this.draw((this.place = [x, y])));
    this.on(this.depth.input, "input", () => this.draw());
    this.on(this.adds.input, "change", () => this.draw());
    this.draw();
  }

  /** The veils from the nearest to the farthest: red moves, the others keep their order. */
  get pile() {
    const [red, ...others] = VEILS;
    return others.toSpliced(Number(this.depth.input.value), 0, red);
  }

  /** What each veil gives at a place, and what is left for the paper. */
  shares(pile, x, y) {
    let light = 1;
    const given = pile.map((veil) => {
      const alpha = veil.thick * bell(veil, x, y), share = this.adds.input.checked ? alpha : alpha * light;
      light *= 1 - alpha;
      return share;
    });
    return [given, this.adds.input.checked ? Math.max(0, 1 - given.reduce((sum, share) => sum + share, 0)) : light];
  }

  draw() {
    const { text, pile, percent } = this, picture = new Float64Array(3 * WIDE * HIGH);
    for (let p = 0; p < WIDE * HIGH; p++) {
      const [given, rest] = this.shares(pile, (p % WIDE) + 0.5, Math.floor(p / WIDE) + 0.5);
      for (let c = 0; c < 3; c++) picture[3 * p + c] = given.reduce((sum, share, k) => sum + share * pile[k].colour[c], rest * PAPER[c]);
    }
    putPixels(this.canvas, picture, WIDE, HIGH);
    const [x, y] = [this.place[0] * WIDE, this.place[1] * HIGH], context = this.canvas.getContext("2d");
    for (const [colour, width] of [["#fff", 5], ["#1b1d22", 2]]) {
      Object.assign(context, { strokeStyle: colour, lineWidth: width });
      context.beginPath();
      for (const [dx, dy] of [[9, 0], [0, 9]]) {
        context.moveTo(x - dx, y - dy);
        context.lineTo(x + dx, y + dy);
      }
      context.stroke();
    }
    const [given, rest] = this.shares(pile, x, y), all = [...pile.map(({ name }, k) => [name, given[k], pile[k].colour]), ["paper", rest, PAPER]];
    this.depth.said.textContent = text.depths[Number(this.depth.input.value)];
    this.depth.input.setAttribute("aria-valuetext", this.depth.said.textContent);
    this.bars.replaceChildren(...all.map(([, share, colour]) => {
      const bar = make("i", {});
      Object.assign(bar.style, { flexGrow: share, background: `rgb(${colour.map((value) => Math.round(255 * value)).join()})` });
      return bar;
    }));
    this.said.textContent = text.reaches(all.map(([name, share]) => `${text.veils[name]} ${percent.format(share)}`).join(" · "));
    this.meaning.textContent = this.adds.input.checked ? text.addsMeans : text.orderMeans;
    this.announce({ view: "order", shares: Object.fromEntries(all.map(([name, share]) => [name, share])) });
  }
}

// --- many of them become a picture

class Fitting extends Picture {
  constructor(...all) {
    super(...all);
    const { text } = this, button = (words) => make("button", { type: "button", textContent: words, disabled: true });
    this.kept = []; // curves of earlier fits of this picture
    this.play = button(text.play);
    this.one = button(text.oneStep);
    this.again = button(text.again);
    this.file = make("input", { type: "file", accept: "image/*" });
    const choose = make("label", { className: "sp-choose" }, this.file, text.choose);
    this.count = slider(text.count, { min: 20, max: 400, step: 20, value: 160 });
    this.lines = check(text.outlines, false);
    this.grows = check(text.grows, true);
    this.target = make("canvas", { className: "sp-flat" });
    this.made = make("canvas", { className: "sp-flat" });
    this.target.setAttribute("role", "img");
    this.target.setAttribute("aria-label", text.target);
    this.made.setAttribute("role", "img");
    this.made.setAttribute("aria-label", text.made);
    this.curve = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    this.curve.setAttribute("viewBox", "0 0 300 90");
    this.curve.setAttribute("class", "sp-curve");
    this.curve.setAttribute("role", "img");
    this.curve.setAttribute("aria-label", text.curve);
    this.said = make("p", { className: "sp-mono" });
    this.note = make("p", { className: "sp-small" });
    this.note.setAttribute("role", "status");
    const pair = make("div", { className: "sp-pair" },
      make("figure", {}, this.target, make("figcaption", { textContent: text.target })),
      make("figure", {}, this.made, make("figcaption", { textContent: text.made })));
    const checks = make("div", { className: "sp-checks" }, this.lines.label, this.grows.label);
    this.root.append(
      make("div", { className: "sp-ask" }, make("div", { className: "sp-buttons" }, this.play, this.one, this.again, choose)),
      (this.drop = make("div", { className: "sp-paper" }, pair)),
      make("div", { className: "sp-told" }, this.count.label, checks, this.said, this.curve, make("p", { className: "sp-small", textContent: text.fitHint }), this.note),
      make("p", { className: "sp-foot", textContent: text.stays }),
    );
    this.listen();
    this.fetch();
  }

  async fetch() {
    try {
      const response = await fetch(new URL("view-fit.webp", this.base), { signal: this.gone.signal });
      if (!response.ok) throw new Error(`view-fit.webp: ${response.status}`);
      await this.take(await response.blob());
    } catch (error) {
      if (this.gone.signal.aborted) return;
      console.warn("splat widget:", error.message);
      this.note.textContent = this.text.noPicture;
      this.root.dataset.state = "error";
    }
  }

  /** A picture to fit, made small. @param {Blob} file */
  async take(file) {
    const photo = await createImageBitmap(file), scale = SIDE / Math.max(photo.width, photo.height);
    if (this.gone.signal.aborted) return photo.close();
    const [width, height] = [photo.width, photo.height].map((side) => Math.max(8, Math.round(side * scale)));
    Object.assign(this.target, { width, height });
    const context = this.target.getContext("2d", { willReadFrequently: true });
    Object.assign(context, { fillStyle: "#fff", imageSmoothingQuality: "high" });
    context.fillRect(0, 0, width, height);
    context.drawImage(photo, 0, 0, width, height);
    photo.close();
    const { data } = context.getImageData(0, 0, width, height);
    this.pixels = Float64Array.from({ length: 3 * width * height }, (_, i) => data[4 * Math.floor(i / 3) + (i % 3)] / 255);
    this.note.textContent = "";
    this.kept = [];
    for (const node of [this.play, this.one, this.again]) node.disabled = false;
    this.start();
  }

  start() {
    const { width, height } = this.target;
    if (this.points?.length > 30) this.kept = [...this.kept, this.points].slice(-2);
    this.points = [];
    this.pause();
    this.fit = new Fit(this.pixels, width, height, { count: Number(this.count.input.value), grows: this.grows.input.checked });
    this.fit.paint();
    this.show();
  }

  step() {
    this.loss = this.fit.step();
    this.points.push(psnr(this.loss));
    if (this.fit.fresh) Object.assign(this, { newest: this.fit.fresh, newAt: this.fit.steps });
  }

  run() {
    this.frame = requestAnimationFrame(() => {
      const began = performance.now();
      do this.step();
      while (performance.now() - began < SLICE_MS && this.fit.steps < ENOUGH);
      this.fit.paint();
      this.show();
      if (this.fit.steps >= ENOUGH) this.pause();
      else this.run();
    });
  }

  pause() {
    cancelAnimationFrame(this.frame);
    this.running = false;
    this.play.textContent = this.text.play;
  }

  show() {
    const { fit, text, made, lang, points } = this, { width, height, numbers } = fit;
    this.sheet ??= make("canvas", {});
    putPixels(this.sheet, fit.picture, width, height);
    const scale = 4;
    Object.assign(made, { width: width * scale, height: height * scale });
    const context = made.getContext("2d");
    Object.assign(context, { imageSmoothingEnabled: false, lineWidth: 1.5 });
    context.drawImage(this.sheet, 0, 0, made.width, made.height);
    for (let i = 0; this.lines.input.checked && i < fit.present; i++) {
      const [x, y, long, wide, turn, veil] = numbers.subarray(i * NUMBERS, (i + 1) * NUMBERS);
      if (sigmoid(veil) < 0.02) continue;
      const fresh = i < this.newest && fit.steps - this.newAt < 12;
      outline(context, { x, y, long: Math.exp(long), wide: Math.exp(wide), turn }, 1, fresh ? "#e0245e" : "#1b1d22b0", scale);
    }
    this.count.said.textContent = this.count.input.value;
    const decibels = points.length ? text.decibels(points.at(-1).toLocaleString(lang, { maximumFractionDigits: 1, minimumFractionDigits: 1 })) : "";
    this.said.textContent = [text.step(fit.steps), text.present(fit.present, fit.count), decibels, fit.moved && text.moved(fit.moved)].filter(Boolean).join(" · ");
    this.drawCurve();
    this.announce({ view: "fit", steps: fit.steps, present: fit.present, psnr: points.at(-1) ?? null });
  }

  drawCurve() {
    const line = (points, kind) => {
      const node = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
      node.setAttribute("class", kind);
      node.setAttribute("points", points.map((value, k) => `${(300 * k) / ENOUGH},${(88 - 2.4 * Math.max(0, value - 4)).toFixed(1)}`).join(" "));
      return node;
    };
    this.curve.replaceChildren(...this.kept.map((points) => line(points, "sp-old")), line(this.points, "sp-new"));
  }

  async open(file) {
    if (!file) return;
    try {
      await this.take(file);
    } catch {
      this.note.textContent = this.text.badPicture;
    }
  }

  listen() {
    this.on(this.play, "click", () => {
      if (this.running) return this.pause();
      if (this.fit.steps >= ENOUGH) this.start();
      this.running = true;
      this.play.textContent = this.text.pause;
      this.run();
    });
    this.on(this.one, "click", () => {
      this.pause();
      this.step();
      this.fit.paint();
      this.show();
    });
    this.on(this.again, "click", () => this.start());
    this.on(this.count.input, "input", () => this.pixels && this.start());
    this.on(this.grows.input, "change", () => this.pixels && this.start());
    this.on(this.lines.input, "change", () => this.pixels && this.show());
    this.on(this.file, "change", () => this.open(this.file.files[0]));
    this.on(this.drop, "dragover", (event) => event.preventDefault());
    this.on(this.drop, "drop", (event) => {
      event.preventDefault();
      this.open(event.dataTransfer.files[0]);
    });
  }
}
