/**
 * The latent widget: a map of pictures to fly over, a ring that shows what is painted where, the reader's own drawing on the
 * map; the way from noise to a picture as a film; and pictures in one step, from noise that can be turned.
 *
 *     import { mount } from "./widget.js";
 *     const cleanup = mount(element, { artifact: "address/of/the/export/folder/", lang: "en" });
 *
 * Reading order: Widget (the networks, the map, the drawing, hands, parts), then film.js and dreams.js, the other two rooms.
 * model.js computes, atlas.js draws the map, board.js takes the drawing, player.js lets sliders run, inks.js colours
 * pictures, walks.js has noise and ways through it.
 * What happens is announced by an "answer" event on the element: {source: "map" | "drawing" | "film" | "dream", …}.
 */

import { Atlas } from "./atlas.js";
import { Board } from "./board.js";
import { Dreams } from "./dreams.js";
import { Film } from "./film.js";
import { Frame, make, setText } from "./frame.js";
import { inksOf, show } from "./inks.js";
import { LOOK } from "./look.js";
import { load, MOST } from "./model.js";
import { still } from "./player.js";
import { middleOf, nearby } from "./walks.js";
import { countWeights } from "./weights.js";
import { TEXT } from "./words.js";

export { TEXT };

const NUDGE = 16; // CSS pixels of an arrow key
const CLOSEST = 40; // times the scale of the whole map
const FRICTION = 0.94; // of the map's speed, in each sixtieth of a second
const STOP_S = 3; // of the flight, from one class to the next
const APPROACH_MS = 250; // in which half of the way to its path is made
const SURE = 0.8; // share of the nearest pictures that have one class
const FAR = 0.12; // of the map's side: nothing is near
const REST_MS = 700; // until the place is spoken

/**
 * @param {HTMLElement} element
 * @param {{artifact: string, lang?: string}} options artifact: address of the folder with model.json
 * @returns {() => void} cleanup
 */
export function mount(element, options) {
  const widget = new Widget(element, options);
  return () => widget.remove();
}

class Widget extends Frame {
  constructor(element, options) {
    super(element, options, TEXT, LOOK);
    this.pointers = new Map(); // fingers on the map
    this.speed = { x: 0, y: 0 };
    this.observers = [];
    this.#build();
    this.#listen();
    this.#fetch();
  }

  remove() {
    super.remove();
    clearTimeout(this.speaking);
    this.film.close();
    this.dreams.close();
    for (const observer of this.observers) observer.disconnect();
  }

  // --- the networks

  async #fetch() {
    const { ui, text } = this, met = await this.meetModel(load);
    if (!met) return;
    const { network, about, bytes } = met;
    Object.assign(this, { network, about });
    const ready = text.ready(Math.round(bytes / 1024), countWeights(about.tensors).toLocaleString(this.lang));
    const licence = about.licence && !about.drawn && text.licence(text.licences[about.licence] ?? about.licence);
    const from = text.from(text.sources[about.source] ?? about.source);
    ui.foot.textContent = [ready, from, licence].filter(Boolean).join(" · ");
    this.#furnish();
    ui.root.dataset.state = "ready";
    if (this.way !== "map") this.rooms[this.way].open();
    else if (!still()) this.#takeOff();
  }

  name(k) {
    const own = this.about.classes[k];
    return this.text.names[own] ?? own;
  }

  /** The page's colours, when they have changed: everything is painted in them. */
  #colour() {
    const inks = inksOf(this.ui.root);
    if (this.inks?.key === inks.key) return;
    this.inks = inks;
    this.stamps = null;
    this.atlas.colour(inks);
    this.board.colour(inks);
    this.#look();
    this.#readDrawing();
    if (this.way !== "map") this.rooms[this.way].paint();
    this.#wake();
  }

  /** Pictures on a canvas, in the page's colours. */
  show(canvas, pixels, options = {}) {
    const { size: side, channels } = this.network;
    show(canvas, pixels, { side, channels, inks: this.inks, ...options });
  }

  // --- the map

  /** Draw with the next frame, when somebody can see it. */
  #wake() {
    if (this.network && this.inView && !this.frame) this.frame = requestAnimationFrame((now) => this.#next(now));
  }

  #next(now) {
    this.frame = 0;
    const past = Math.min(50, now - (this.before ?? now));
    this.before = now;
    if (this.way !== "map") return;
    const { view, speed } = this;
    if (this.flight !== undefined) this.#fly(past);
    else if (!this.pointers.size && Math.hypot(speed.x, speed.y) > 0.02) {
      this.#pan(speed.x * past, speed.y * past);
      const slower = FRICTION ** (past / 16.7);
      speed.x *= slower; speed.y *= slower;
    } else if (!this.pointers.size) speed.x = speed.y = 0;
    const missing = this.atlas.draw(view);
    this.#placeRing();
    this.#drawDots();
    if (missing || this.flight !== undefined || (!this.pointers.size && (speed.x || speed.y))) this.#wake();
    else this.before = undefined;
  }

  /** From the middle of a class to that of the next, farther away between them; first there, from wherever the view is. */
  #fly(past) {
    this.flight += past / 1000 / STOP_S;
    const { view, stops, flight } = this, [from, to] = [0, 1].map((i) => stops[(Math.floor(flight) + i) % stops.length]);
    const part = flight % 1, share = part * part * (3 - 2 * part), near = 1 - 0.5 ** (past / APPROACH_MS);
    const scale = this.atlas.whole().scale * 3 * 1.5 ** Math.cos(2 * Math.PI * part);
    view.x += near * (from.x + share * (to.x - from.x) - view.x);
    view.y += near * (from.y + share * (to.y - from.y) - view.y);
    view.scale *= (scale / view.scale) ** near;
    [this.at.x, this.at.y] = [view.x, view.y];
    this.#look(false);
  }

  #takeOff() {
    this.flight ??= 0;
    setText(this.ui.fly, this.text.stop);
    this.#wake();
  }

  #pan(right, down) {
    const { view } = this;
    view.x -= right / view.scale;
    view.y -= down / view.scale;
    this.#hold();
  }

  /** The middle of the view stays where there is something. */
  #hold() {
    const [left, top, right, bottom] = this.about.corners, edge = (right - left) / 4, { view } = this;
    view.x = Math.min(right + edge, Math.max(left - edge, view.x));
    view.y = Math.min(bottom + edge, Math.max(top - edge, view.y));
  }

  /** Closer by a factor, so that a place on the canvas stays where it is. */
  #zoom(factor, x = this.atlas.width / 2, y = this.atlas.height / 2) {
    const { view, atlas } = this, whole = atlas.whole().scale;
    const scale = Math.min(whole * CLOSEST, Math.max(whole * 0.5, view.scale * factor));
    view.x += (x - atlas.width / 2) * (1 / view.scale - 1 / scale);
    view.y += (y - atlas.height / 2) * (1 / view.scale - 1 / scale);
    view.scale = scale;
    this.#hold();
    this.#wake();
  }

  #showWhole() {
    Object.assign(this.view, this.atlas.whole());
    this.#wake();
  }

  #land() {
    this.flight = undefined;
    setText(this.ui.fly, this.text.fly);
  }

  /** Where a place of the map is on the canvas, in CSS pixels. */
  #onCanvas(x, y) {
    const { view, atlas } = this;
    return [(x - view.x) * view.scale + atlas.width / 2, (y - view.y) * view.scale + atlas.height / 2];
  }

  #placeRing() {
    const [x, y] = this.#onCanvas(this.at.x, this.at.y);
    this.ui.ring.style.transform = `translate(${x}px, ${y}px)`;
  }

  /** Put the ring at a place, and look what is painted there. */
  #moveRing(x, y) {
    const [left, top, right, bottom] = this.about.corners, edge = (right - left) / 2;
    this.at = { x: Math.min(right + edge, Math.max(left - edge, x)), y: Math.min(bottom + edge, Math.max(top - edge, y)) };
    this.#look();
    this.#wake();
  }

  #look(speak = true) {
    const { ui, text, about, at } = this, start = performance.now();
    this.show(ui.seen, this.network.paint(Float32Array.of(at.x, at.y), 1));
    const milliseconds = performance.now() - start;
    setText(ui.where, text.here(at.x, at.y));
    const { kind, share, distance } = nearby(about.places, at.x, at.y);
    const words = distance > FAR * (about.corners[2] - about.corners[0]) ? text.empty : text.mostly(this.name(kind), share >= SURE);
    setText(ui.what, words);
    clearTimeout(this.speaking);
    if (speak) this.speaking = setTimeout(() => setText(ui.live, `${ui.where.textContent}. ${words}`), REST_MS);
    this.announce({ source: "map", ...at, milliseconds });
  }

  /** Where the pictures lie that it was tested with, coloured by class. */
  #drawDots() {
    const { ui: { dots, dotted }, atlas: { width, height }, about } = this;
    if (!dotted.checked) return;
    const ratio = Math.min(2, devicePixelRatio || 1), context = dots.getContext("2d");
    Object.assign(dots, { width: width * ratio, height: height * ratio }); // which empties it
    this.stamps ??= about.classes.map((_, kind) => this.#stamp(kind, ratio));
    for (const [x, y, kind] of about.places) {
      const [left, top] = this.#onCanvas(x, y), stamp = this.stamps[kind];
      context.drawImage(stamp, Math.round(left * ratio - stamp.width / 2), Math.round(top * ratio - stamp.width / 2));
    }
  }

  /** A dot in the colour of a class, which is quicker to repeat than to draw. */
  #stamp(kind, ratio) {
    const stamp = document.createElement("canvas"), context = stamp.getContext("2d"), side = 2 * Math.ceil(6 * ratio);
    Object.assign(stamp, { width: side, height: side });
    Object.assign(context, { fillStyle: this.#hue(kind), strokeStyle: `rgb(${this.inks.paper})`, lineWidth: 1.5 * ratio });
    context.arc(side / 2, side / 2, 4.5 * ratio, 0, 7);
    context.fill();
    context.stroke();
    return stamp;
  }

  #hue(kind) {
    const count = this.about.classes.length;
    return `hsl(${Math.round((360 * ((kind * 7) % count)) / count)} 75% ${kind % 2 ? 42 : 58}%)`;
  }

  // --- the drawing

  /** Read the board: where it lies on the map, and what both spaces keep of it. */
  #readDrawing() {
    const { ui, network, board } = this, picture = board && network.channels === 1 && board.picture(network.size, !this.about.drawn);
    ui.read.hidden = !picture;
    if (!picture) return;
    const start = performance.now(), [x, y] = network.place(picture, 1), latents = network.encode(picture, 1);
    const many = network.decode(latents, 1), few = network.paint(Float32Array.of(x, y), 1);
    const milliseconds = performance.now() - start;
    this.show(ui.yours, picture);
    this.show(ui.few, few);
    this.show(ui.many, many);
    this.#land();
    const [left, top] = this.#onCanvas(x, y), { width, height } = this.atlas;
    if (left < 0 || top < 0 || left > width || top > height) Object.assign(this.view, this.atlas.whole());
    this.#moveRing(x, y);
    this.announce({ source: "drawing", x, y, latents: Array.from(latents), milliseconds });
  }

  // --- hands

  #listen() {
    const { ui } = this, on = (...what) => this.on(...what);
    for (const tab of ui.tabs) on(tab, "change", () => this.#open(tab.value));
    on(ui.closer, "click", () => { this.#land(); this.#zoom(1.6); });
    on(ui.farther, "click", () => { this.#land(); this.#zoom(1 / 1.6); });
    on(ui.wholeMap, "click", () => { this.#land(); this.#showWhole(); });
    on(ui.fly, "click", () => (this.flight === undefined ? this.#takeOff() : this.#land()));
    on(ui.dotted, "change", () => { ui.dots.hidden = ui.legend.hidden = !ui.dotted.checked; this.#wake(); });
    on(ui.map, "pointerdown", (event) => this.#touch(event));
    on(ui.map, "pointermove", (event) => this.#drag(event));
    for (const type of ["pointerup", "pointercancel"]) on(ui.map, type, (event) => this.#release(event));
    on(ui.map, "wheel", (event) => {
      if (document.activeElement !== ui.map && !event.ctrlKey) return; // the page scrolls on
      event.preventDefault();
      const box = ui.map.getBoundingClientRect();
      this.#land();
      this.#zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), event.clientX - box.left, event.clientY - box.top);
    }, { passive: false });
    on(ui.map, "keydown", (event) => this.#key(event));
    on(ui.undo, "click", () => this.board?.undo());
    on(ui.clear, "click", () => this.board?.clear());
    on(matchMedia("(prefers-color-scheme: dark)"), "change", () => this.network && requestAnimationFrame(() => this.#colour()));
  }

  #open(way) {
    const { rooms } = this;
    this.way = way;
    for (const [name, { panel }] of Object.entries(rooms)) panel.hidden = name !== way;
    if (!this.network) return;
    for (const [name, room] of Object.entries(rooms)) if (name !== way) room.close();
    rooms[way].open();
  }

  #spot(event) {
    const box = this.ui.map.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  #touch(event) {
    if (event.button || !this.network) return;
    event.preventDefault();
    this.ui.map.focus({ preventScroll: true });
    try { this.ui.map.setPointerCapture(event.pointerId); } catch { /* a pointer that is gone already */ }
    const spot = this.#spot(event), [x, y] = this.#onCanvas(this.at.x, this.at.y);
    this.#land();
    this.speed.x = this.speed.y = 0;
    this.pointers.set(event.pointerId, { ...spot, time: event.timeStamp, began: spot });
    this.holding = this.pointers.size === 1 && Math.hypot(spot.x - x, spot.y - y) < 30; // the ring itself
  }

  #drag(event) {
    const last = this.pointers.get(event.pointerId);
    if (!last) return;
    const spot = this.#spot(event), { view, atlas } = this;
    if (this.holding) this.#moveRing((spot.x - atlas.width / 2) / view.scale + view.x, (spot.y - atlas.height / 2) / view.scale + view.y);
    else if (this.pointers.size === 1) {
      const past = Math.max(1, event.timeStamp - last.time);
      this.speed = { x: 0.6 * this.speed.x + (0.4 * (spot.x - last.x)) / past, y: 0.6 * this.speed.y + (0.4 * (spot.y - last.y)) / past };
      this.#pan(spot.x - last.x, spot.y - last.y);
    } else {
      const [other] = [...this.pointers].find(([id]) => id !== event.pointerId).slice(1);
      const before = Math.hypot(last.x - other.x, last.y - other.y), after = Math.hypot(spot.x - other.x, spot.y - other.y);
      this.#pan((spot.x - last.x) / 2, (spot.y - last.y) / 2);
      if (before > 10) this.#zoom(after / before, (spot.x + other.x) / 2, (spot.y + other.y) / 2);
    }
    Object.assign(last, spot, { time: event.timeStamp });
    this.#wake();
  }

  /** A tap without a drag puts the ring there. */
  #release(event) {
    const last = this.pointers.get(event.pointerId);
    this.pointers.delete(event.pointerId);
    if (!last) return;
    const { view, atlas } = this, moved = Math.hypot(last.x - last.began.x, last.y - last.began.y);
    if (event.type === "pointerup" && moved < 5 && !this.holding) {
      this.#moveRing((last.x - atlas.width / 2) / view.scale + view.x, (last.y - atlas.height / 2) / view.scale + view.y);
    }
    if (event.timeStamp - last.time > 80 || this.holding || still()) this.speed.x = this.speed.y = 0;
    this.holding = false;
    this.#wake();
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.network) return;
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!way && !"+=-0".includes(event.key)) return;
    event.preventDefault();
    this.#land();
    if (way) {
      const { view, at, atlas } = this;
      this.#moveRing(at.x + (way[0] * NUDGE) / view.scale, at.y + (way[1] * NUDGE) / view.scale);
      const [x, y] = this.#onCanvas(this.at.x, this.at.y), rest = (value, most) => Math.min(0, value - 40) + Math.max(0, value - most + 40);
      this.#pan(-rest(x, atlas.width), -rest(y, atlas.height)); // the ring takes the map along
    } else if (event.key === "0") this.#showWhole();
    else this.#zoom(event.key === "-" ? 1 / 1.3 : 1.3);
  }

  // --- parts

  #build() {
    const { ui, text } = this, button = (words, attributes = {}) => make("button", { type: "button", ...attributes }, words);
    const number = ++numWidgets;
    ui.tabs = Object.keys(text.tabs).map((way, i) => make("input", { type: "radio", name: `lt-way-${number}`, value: way, checked: i === 0 }));
    const tabs = make("fieldset", { class: "lt-tabs" }, make("legend", { class: "lt-unseen" }, text.ways),
      ...ui.tabs.map((tab) => make("label", {}, tab, make("span", {}, text.tabs[tab.value]))));
    this.way = "map";

    ui.map = make("div", { class: "lt-map", tabindex: "0", role: "application", "aria-label": text.map });
    ui.dots = make("canvas", { class: "lt-dots", "aria-hidden": "true", hidden: true });
    ui.ring = make("div", { class: "lt-ring", "aria-hidden": "true" });
    ui.sky = make("div", { class: "lt-sky" }, ui.map, ui.dots, ui.ring);
    ui.closer = button("+", { "aria-label": text.closer, title: text.closer });
    ui.farther = button("−", { "aria-label": text.farther, title: text.farther });
    ui.wholeMap = button(text.whole);
    ui.fly = button(text.fly);
    ui.seen = make("canvas", { class: "lt-one", role: "img", "aria-label": text.ring });
    ui.where = make("b", {});
    ui.what = make("p", { class: "lt-hint" });
    ui.dotted = make("input", { type: "checkbox" });
    ui.legend = make("ul", { class: "lt-legend", hidden: true });
    ui.sheet = make("canvas", { class: "lt-board", tabindex: "0", role: "application", "aria-label": text.boardLabel });
    ui.undo = button(text.undo);
    ui.clear = button(text.clear);
    ui.boardHint = make("p", { class: "lt-hint" });
    const small = (words) => {
      const canvas = make("canvas", { role: "img", "aria-label": words });
      return [canvas, make("figure", {}, canvas, make("figcaption", {}, words))];
    };
    const [yours, yoursBox] = small(text.yours), [few, fewBox] = small(text.byMap), [many, manyBox] = small(text.byMany(24));
    Object.assign(ui, { yours, few, many, manyBox });
    ui.read = make("div", { class: "lt-read", hidden: true }, yoursBox, fewBox, manyBox);
    ui.drawing = make("div", { class: "lt-side" }, make("p", { class: "lt-over" }, text.board), ui.boardHint,
      make("div", { class: "lt-draw" }, ui.sheet, make("div", { class: "lt-buttons" }, ui.undo, ui.clear)), ui.read);
    const side = make("div", { class: "lt-side" }, make("div", { class: "lt-look" }, ui.seen, make("div", {}, ui.where, ui.what)),
      make("label", { class: "lt-check" }, ui.dotted, text.dots), ui.legend, ui.drawing);
    const map = make("div", { class: "lt-part" }, make("p", { class: "lt-hint" }, text.mapHint),
      make("div", { class: "lt-body" }, make("div", { class: "lt-side" }, ui.sky, make("div", { class: "lt-buttons" }, ui.closer, ui.farther, ui.wholeMap, ui.fly)), side));

    this.film = new Film(this);
    this.dreams = new Dreams(this);
    this.rooms = { map: { panel: map, open: () => this.#fit(), close: () => this.#land() }, film: this.film, dream: this.dreams };
    ui.foot = make("p", { class: "lt-foot" });
    ui.body = make("div", {}, tabs, ...Object.values(this.rooms).map(({ panel }) => panel));
    ui.body.inert = true;
    ui.root = make("div", { class: "latent-widget", lang: this.lang }, this.makeError(() => this.#fetch()), ui.body, ui.foot, this.makeLive());
    this.element.append(ui.root);
  }

  /** What depends on the networks: classes, the map, the board. */
  #furnish() {
    const { ui, text, about, network } = this, number = numWidgets;
    ui.body.inert = false;
    this.film.furnish(number);
    this.dreams.furnish();
    this.atlas = new Atlas(ui.map, network, about.corners);
    const middles = about.classes.map((_, k) => middleOf(about.places, (this.film.kind + k) % about.classes.length));
    this.stops = middles.filter(Boolean);
    this.at = { ...this.stops[0] };
    ui.legend.replaceChildren(...about.classes.map((_, k) => {
      const dot = make("i", {});
      dot.style.background = this.#hue(k);
      return make("li", {}, dot, this.name(k));
    }));
    setText(ui.boardHint, `${text.boardHint} ${about.classes.map((_, k) => this.name(k)).join(", ")}`);
    ui.manyBox.querySelector("figcaption").textContent = text.byMany(about.latent_dim);
    ui.many.setAttribute("aria-label", text.byMany(about.latent_dim));
    ui.drawing.hidden = network.channels !== 1;
    this.board = new Board(ui.sheet, () => this.#readDrawing(), this.gone.signal);
    network.decode(new Float32Array(MOST * network.latents)); // after which the browser has made fast code of it
    this.#fit();
    this.#colour();
    const seen = new IntersectionObserver(([{ isIntersecting }]) => { this.inView = isIntersecting; this.#wake(); });
    this.observers = [new ResizeObserver(() => this.#fit()), seen];
    for (const observer of this.observers) observer.observe(ui.sky);
  }

  /** The map is as large as its place. */
  #fit() {
    const { clientWidth: width, clientHeight: height } = this.ui.sky, before = this.atlas.width;
    if (!width || before === width) return this.#wake();
    this.atlas.resize(width, height);
    if (this.view) this.view.scale *= width / before;
    else this.view = this.atlas.whole();
    this.#wake();
  }
}

let numWidgets = 0;
