/**
 * The map: sentences or tokens as dots, near ones together; point at one to read it and to see its nearest neighbours.
 *
 *     import { mount } from "./map.js";
 *     const cleanup = mount(element, { data: await (await fetch("map.json")).json(), lang: "en" });
 *
 * `data` is what cuaderno.lab.maps writes. Each choice is announced by a "point" event on the element: {layer, number}.
 */

import { Frame } from "./frame.js";
import { MAP_LOOK } from "./map-look.js";
import { WHOLE, dotAt, dotBeside, moved, place, search, zoomed } from "./map-space.js";
import { paint, unpack } from "./map-strip.js";
import { TEXT } from "./map-words.js";

export { TEXT };

const REACH = 16; // pixels within which a dot is meant
const STEP = 1.5; // of one press of a zoom button
const TURN = 450; // milliseconds from one way of drawing to the other
const LISTED = 60; // texts of the list
const LABELS = 44; // beside dots, where there is room
const CROWD = 1000; // dots, from which on they are small and let one another through
const INKS = ["blue", "red", "green", "amber"]; // of groups, together with a shape
const MOST_COLUMNS = 60; // tokens of a sentence that are drawn

/**
 * @param {HTMLElement} element
 * @param {{data: object, lang?: string}} options data: what map.json says
 * @returns {() => void} cleanup
 */
export function mount(element, options) {
  const widget = new MapWidget(element, options);
  return () => widget.remove();
}

/** An element with properties and children; `aria-…` and `role` become attributes. */
function part(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "role" || name.includes("-")) made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children);
  return made;
}

class MapWidget extends Frame {
  constructor(element, options) {
    super(element, options, TEXT, MAP_LOOK);
    const data = (this.data = options.data);
    this.id = `mp-${Math.random().toString(36).slice(2, 9)}`;
    this.layers = { [data.of ?? "texts"]: data, ...(data.tokens && { tokens: data.tokens }) };
    this.number = (digits) => new Intl.NumberFormat(this.lang, { minimumFractionDigits: digits, maximumFractionDigits: digits });
    this.pointers = new Map();
    const root = (this.ui.root = part("div", { className: "map-widget", lang: this.lang }));
    root.append(this.#tools(), this.#middle(), this.#list());
    if (data.sentences?.length) root.append(this.#sentences());
    element.replaceChildren(root);
    this.#listen();
    this.#open(data.of ?? "texts");
  }

  remove() {
    super.remove();
    this.watch.disconnect();
    cancelAnimationFrame(this.turning);
  }

  // --- what there is

  #tools() {
    const { text } = this;
    this.layerChoice = this.#choice("layer", text.which, Object.keys(this.layers), (name) => this.#open(name));
    this.layerChoice.hidden = Object.keys(this.layers).length < 2;
    this.kindChoice = this.#choice("kind", text.how, ["pca", "tsne"], (name) => this.#turn(name));
    this.field = part("input", { type: "search", autocomplete: "off", spellcheck: false });
    this.count = part("output", { className: "mp-hint", role: "status" });
    const label = part("label", { className: "mp-field" }, text.search, this.field);
    return part("div", { className: "mp-part" }, part("div", { className: "mp-tools" }, this.layerChoice, this.kindChoice, label), this.count);
  }

  #choice(name, title, values, act) {
    const group = part("fieldset", { className: "mp-choice", "aria-label": title });
    values.forEach((value, i) => {
      const input = part("input", { type: "radio", name: `${this.id}-${name}`, value, checked: i === 0 });
      this.on(input, "change", () => act(value));
      group.append(part("label", {}, input, this.text[value]));
    });
    return group;
  }

  #middle() {
    const { text } = this;
    this.canvas = part("canvas", { className: "mp-canvas", tabIndex: 0, role: "application", "aria-describedby": `${this.id}-keys` });
    this.tip = part("div", { className: "mp-tip", hidden: true, "aria-hidden": "true" });
    const zoom = [["−", text.farther, () => this.#zoom(1 / STEP)], ["+", text.closer, () => this.#zoom(STEP)], ["⤢", text.all, () => this.#show(WHOLE)]];
    const buttons = zoom.map(([sign, words, act]) => {
      const button = part("button", { type: "button", title: words, "aria-label": words }, sign);
      this.on(button, "click", act);
      return button;
    });
    const sheet = part("div", { className: "mp-sheet" }, this.canvas, this.tip);
    this.key = part("ul", { className: "mp-key" });
    const under = part("div", { className: "mp-under" }, this.key, part("div", { className: "mp-zoom" }, ...buttons));
    this.kindSaid = part("p", { className: "mp-hint" });
    const keys = part("p", { className: "mp-hint", id: `${this.id}-keys` }, text.keys);
    const left = part("div", { className: "mp-left" }, sheet, under, this.kindSaid, keys);
    this.said = part("p", { className: "mp-said", "aria-live": "polite" });
    this.near = part("ol", { className: "mp-rows" });
    this.nearTitle = part("p", { className: "mp-hint" }, text.nearest);
    const right = part("div", { className: "mp-right" }, this.said, this.nearTitle, this.near);
    return part("div", { className: "mp-part mp-both" }, left, right);
  }

  #list() {
    this.rows = part("ul", { className: "mp-rows mp-all" });
    this.rest = part("p", { className: "mp-hint" });
    this.details = part("details", {}, part("summary", {}, this.text.list), this.rows, this.rest);
    return part("div", { className: "mp-part" }, this.details);
  }

  #sentences() {
    const { text, data } = this;
    const select = part("select", {}, ...data.sentences.map((one, i) => part("option", { value: i }, one.text)));
    this.strip = part("div", { className: "mp-strip" });
    this.on(select, "change", () => this.#showSentence(data.sentences[select.value]));
    const label = part("label", { className: "mp-field" }, text.which_sentence, select);
    this.sentence = data.sentences[0];
    return part("div", { className: "mp-part" }, part("p", { className: "mp-title" }, text.sentence), label, this.strip, part("p", { className: "mp-hint" }, text.sentenceHint));
  }

  #listen() {
    const { canvas } = this;
    this.watch = new ResizeObserver(() => this.#resize());
    this.watch.observe(canvas);
    this.on(matchMedia("(prefers-color-scheme: dark)"), "change", () => this.#dress());
    this.on(this.field, "input", () => this.#search());
    this.on(this.field, "keydown", (event) => event.key === "Enter" && this.matches.length && this.#choose(this.matches[0], true));
    this.on(this.details, "toggle", () => this.#fillList());
    this.on(canvas, "keydown", (event) => this.#press(event));
    this.on(canvas, "pointerdown", (event) => this.#down(event));
    this.on(canvas, "pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) this.on(canvas, end, (event) => this.#up(event));
    this.on(canvas, "pointerleave", () => this.#hover(-1));
    this.on(canvas, "wheel", (event) => this.#wheel(event), { passive: false });
    const two = (event) => event.touches.length > 1 && event.preventDefault(); // the page itself must not be pinched
    for (const touch of ["touchstart", "touchmove"]) this.on(canvas, touch, two, { passive: false });
  }

  // --- which map

  #open(name) {
    this.layer = name;
    this.points = this.layers[name].points;
    this.kind = this.kindChoice.querySelector("input:checked").value;
    for (const input of this.layerChoice.querySelectorAll("input")) input.checked = input.value === name;
    this.places = this.points.map((point) => point[this.kind]);
    this.view = WHOLE;
    this.chosen = this.hovered = -1;
    this.canvas.setAttribute("aria-label", this.text.map(this.points.length.toLocaleString(this.lang)));
    this.#explain();
    this.#dress();
    this.#search();
    this.#say();
  }

  /** A text as people can see it: of a token, also the space before it. */
  #shown(i) {
    const { text } = this.points[i];
    return this.layer === "tokens" ? text.replaceAll(" ", "␣") : text;
  }

  /** The words of the way it is drawn. */
  #explain() {
    const share = this.layers[this.layer].explained.reduce((a, b) => a + b, 0);
    const percent = new Intl.NumberFormat(this.lang, { style: "percent" }).format(share);
    this.kindSaid.textContent = this.kind === "pca" ? this.text.pcaSaid(percent) : this.text.tsneSaid;
  }

  /** Let every dot walk to where the other way of drawing has it. */
  #turn(kind) {
    const from = this.places, to = this.points.map((point) => point[kind]), begun = performance.now();
    this.kind = kind;
    this.#explain();
    cancelAnimationFrame(this.turning);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const step = (now) => {
      const share = still ? 1 : Math.min(1, Math.max(0, (now - begun) / TURN)), eased = share * share * (3 - 2 * share);
      this.places = share === 1 ? to : from.map(([x, y], i) => [x + (to[i][0] - x) * eased, y + (to[i][1] - y) * eased]);
      this.#draw();
      if (share < 1) this.turning = requestAnimationFrame(step);
      else this.ui.root.dataset.kind = kind;
    };
    step(begun);
  }

  // --- drawing

  #dress() {
    const style = getComputedStyle(this.ui.root), ink = (name) => style.getPropertyValue(`--mp-${name}`).trim();
    this.inks = Object.fromEntries(["paper", "ink", "ink-2", "grid", ...INKS].map((name) => [name, ink(name)]));
    this.font = style.getPropertyValue("--mp-ui");
    const groups = this.layer === "texts" ? (this.data.groups ?? []) : [];
    this.key.hidden = !groups.length;
    this.key.replaceChildren(...groups.map((group, i) => part("li", {}, this.#sign(i), typeof group === "string" ? group : (group[this.lang] ?? group.en))));
    if (this.strip) this.#showSentence(this.sentence);
    this.#draw();
  }

  /** The mark of a group, for the key. */
  #sign(group) {
    const canvas = part("canvas", { width: 28, height: 28, "aria-hidden": "true" }), context = canvas.getContext("2d");
    context.scale(2, 2);
    this.#dot(context, 7, 7, 5, group);
    return canvas;
  }

  #resize() {
    const { canvas } = this, many = Math.min(3, devicePixelRatio || 1);
    this.sheet = { width: canvas.clientWidth, height: canvas.clientHeight };
    canvas.width = Math.round(this.sheet.width * many);
    canvas.height = Math.round(this.sheet.height * many);
    this.many = many;
    this.#paint(); // at once: a canvas that changes its size is empty
  }

  #draw() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.#paint();
    });
  }

  #paint() {
    const { canvas, sheet, view, places, inks, points } = this;
    if (!sheet?.width || !places) return;
    const context = canvas.getContext("2d"), now = this.hovered >= 0 ? this.hovered : this.chosen;
    context.setTransform(this.many, 0, 0, this.many, 0, 0);
    context.clearRect(0, 0, sheet.width, sheet.height);
    canvas.classList.toggle("mp-moved", view.zoom > 1);
    const spots = places.map((one) => place(sheet, view, one));
    const near = now >= 0 ? points[now].near : [], crowded = points.length > CROWD, size = (crowded ? 2.2 : 4.5) + Math.log2(view.zoom) / 2;
    this.#lines(context, spots, now, near);
    const wanted = this.matches.length < points.length ? new Set(this.matches) : null;
    spots.forEach(([x, y], i) => {
      if (x < -20 || y < -20 || x > sheet.width + 20 || y > sheet.height + 20) return;
      context.globalAlpha = wanted && !wanted.has(i) && i !== now ? 0.16 : now >= 0 && i !== now && !near.includes(i) ? (crowded ? 0.25 : 0.55) : crowded && i !== now && !near.includes(i) ? 0.5 : 0.9;
      this.#dot(context, x, y, near.includes(i) ? size + 1.5 : size, points[i].group ?? 0);
    });
    context.globalAlpha = 1;
    for (const i of near) this.#ring(context, spots[i], size + 4, inks["ink-2"], 1.5);
    if (now >= 0) this.#ring(context, spots[now], size + 5, inks.ink, 2.5);
    this.#labels(context, spots, wanted, now, size);
    this.#tip(now >= 0 ? spots[now] : null, now);
    this.ui.root.dataset.drawn = `${this.layer} ${this.kind} ${now}`;
  }

  #dot(context, x, y, size, group) {
    const shape = (group + Math.floor(group / INKS.length)) % 4; // the same ink comes again with another shape
    context.fillStyle = this.inks[INKS[group % INKS.length]];
    context.beginPath();
    if (shape === 0) context.arc(x, y, size, 0, 7);
    else if (shape === 1) context.rect(x - size * 0.88, y - size * 0.88, size * 1.76, size * 1.76);
    else {
      const corners = shape === 2 ? 3 : 4, far = size * 1.25;
      for (let n = 0; n < corners; n++) context.lineTo(x + far * Math.sin((2 * Math.PI * n) / corners), y - far * Math.cos((2 * Math.PI * n) / corners));
    }
    context.fill();
  }

  #ring(context, [x, y], size, ink, wide) {
    context.strokeStyle = ink;
    context.lineWidth = wide;
    context.beginPath();
    context.arc(x, y, size, 0, 7);
    context.stroke();
  }

  #lines(context, spots, now, near) {
    context.strokeStyle = this.inks["ink-2"];
    context.lineWidth = 1.5;
    for (const i of near) {
      context.beginPath();
      context.moveTo(...spots[now]);
      context.lineTo(...spots[i]);
      context.stroke();
    }
  }

  /** Words beside dots, as many as do not touch one another: tokens always, sentences only from near. */
  #labels(context, spots, wanted, now, size) {
    const { sheet, points, view, inks } = this, taken = [];
    const longest = this.layer === "tokens" ? 14 : view.zoom > 3 ? 26 : 0;
    if (!longest) return;
    context.font = `12px ${this.font}`;
    context.textBaseline = "middle";
    context.lineJoin = "round";
    for (let i = 0; i < points.length && taken.length < LABELS; i++) {
      const [x, y] = spots[i];
      if (i === now || (wanted && !wanted.has(i)) || x < 0 || y < 0 || x > sheet.width || y > sheet.height) continue;
      const text = this.#shown(i), words = text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
      const wide = context.measureText(words).width, left = x + size + 4, box = [left - 2, y - 9, left + wide + 2, y + 9];
      if (box[2] > sheet.width || taken.some((t) => t[0] < box[2] && box[0] < t[2] && t[1] < box[3] && box[1] < t[3])) continue;
      taken.push(box);
      context.strokeStyle = inks.paper;
      context.lineWidth = 4;
      context.strokeText(words, left, y);
      context.fillStyle = inks.ink;
      context.fillText(words, left, y);
    }
  }

  /** The text of a dot beside it. */
  #tip(spot, now) {
    const { tip, sheet } = this;
    tip.hidden = !spot || spot[0] < 0 || spot[1] < 0 || spot[0] > sheet.width || spot[1] > sheet.height;
    if (tip.hidden) return;
    if (this.tipped !== this.points[now]) {
      this.tipped = this.points[now];
      const text = this.#shown(now);
      tip.textContent = text.length > 160 ? `${text.slice(0, 159)}…` : text;
    }
    const { offsetWidth: wide, offsetHeight: tall } = tip, [x, y] = spot;
    const left = Math.min(sheet.width - wide - 6, Math.max(6, x - wide / 2));
    const above = y - tall - 16, below = y + 16, neighbours = this.points[now].near.map((i) => this.places[i][1] - this.places[now][1]);
    const crowdedAbove = neighbours.filter((dy) => dy > 0).length > neighbours.length / 2;
    const top = (crowdedAbove && below + tall < sheet.height - 6) || above < 6 ? Math.min(sheet.height - tall - 6, below) : above;
    tip.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }

  // --- moving about

  #show(view) {
    this.view = view;
    this.#draw();
  }

  #zoom(factor, x, y) {
    this.#show(zoomed(this.sheet, this.view, factor, x, y));
  }

  #wheel(event) {
    if (!event.ctrlKey && !event.metaKey && document.activeElement !== this.canvas) return; // the page scrolls on
    event.preventDefault();
    this.#zoom(2 ** (-event.deltaY / (event.deltaMode === 1 ? 12 : 240)), ...this.#at(event));
  }

  #at(event) {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  #down(event) {
    if (event.pointerType === "mouse" && event.button) return;
    this.pointers.set(event.pointerId, this.#at(event));
    this.pressed = this.pointers.size === 1 ? this.#at(event) : null; // two fingers never choose
    if (event.pointerType === "mouse" || this.view.zoom > 1) this.canvas.setPointerCapture(event.pointerId);
  }

  #move(event) {
    const now = this.#at(event), before = this.pointers.get(event.pointerId);
    if (!before) {
      if (event.pointerType === "mouse") this.#hover(dotAt(this.sheet, this.view, this.places, ...now, REACH));
      return;
    }
    const others = [...this.pointers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
    this.pointers.set(event.pointerId, now);
    if (this.pressed && Math.hypot(now[0] - this.pressed[0], now[1] - this.pressed[1]) > 6) this.pressed = null;
    if (others.length) this.#pinch(before, now, others[0]);
    else if (!this.pressed) this.#show(moved(this.sheet, this.view, now[0] - before[0], now[1] - before[1]));
  }

  /** Two fingers: what is between them stays between them. */
  #pinch(before, now, other) {
    const far = ([x, y]) => Math.max(10, Math.hypot(x - other[0], y - other[1]));
    this.view = zoomed(this.sheet, this.view, far(now) / far(before), (before[0] + other[0]) / 2, (before[1] + other[1]) / 2);
    this.#show(moved(this.sheet, this.view, (now[0] - before[0]) / 2, (now[1] - before[1]) / 2));
  }

  #up(event) {
    this.pointers.delete(event.pointerId);
    if (event.type !== "pointerup" || !this.pressed) return;
    const reach = event.pointerType === "mouse" ? REACH : 1.6 * REACH;
    this.#choose(dotAt(this.sheet, this.view, this.places, ...this.pressed, reach));
    this.pressed = null;
  }

  #press(event) {
    const { key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const first = this.matches[0] ?? 0;
    if (key.startsWith("Arrow")) {
      const next = this.chosen < 0 ? first : dotBeside(this.places, this.chosen, key);
      if (next >= 0) this.#choose(next, true);
    } else if (key === "Home") this.#choose(first, true);
    else if (key === "+" || key === "=") this.#zoom(STEP, ...this.#middleOf());
    else if (key === "-") this.#zoom(1 / STEP, ...this.#middleOf());
    else if (key === "0") this.#show(WHOLE);
    else if (key === "Escape") this.#choose(-1);
    else return;
    event.preventDefault();
  }

  /** What the keyboard zooms at: the chosen dot, else the middle. */
  #middleOf() {
    return this.chosen >= 0 ? place(this.sheet, this.view, this.places[this.chosen]) : [];
  }

  // --- one dot

  #hover(number) {
    if (number === this.hovered) return;
    this.hovered = number;
    this.canvas.style.cursor = number >= 0 ? "pointer" : "";
    this.#draw();
  }

  #choose(number, follow = false) {
    this.chosen = number;
    if (follow) {
      this.hovered = -1;
      this.#follow(number);
    }
    this.#say();
    this.#draw();
    this.announce({ layer: this.layer, number }, "point");
  }

  /** Bring a dot into view when it lies outside. */
  #follow(number) {
    const { sheet } = this, [x, y] = place(sheet, this.view, this.places[number]);
    if (x > 10 && y > 10 && x < sheet.width - 10 && y < sheet.height - 10) return;
    this.view = moved(sheet, this.view, sheet.width / 2 - x, sheet.height / 2 - y);
  }

  #say() {
    const point = this.points[this.chosen], { like = [] } = point ?? {};
    this.said.textContent = point ? this.#shown(this.chosen) : this.text.nobody;
    this.said.classList.toggle("mp-hint", !point);
    this.nearTitle.hidden = !point;
    this.near.replaceChildren(...(point?.near ?? []).map((i, n) => this.#row(i, like[n])));
    for (const button of this.rows.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.number === this.chosen));
  }

  #row(i, likeness) {
    const button = part("button", { type: "button", "aria-pressed": String(i === this.chosen), number: i }, part("span", {}, this.#shown(i)));
    if (likeness !== undefined) button.append(part("small", {}, this.number(3).format(likeness)));
    this.on(button, "click", () => this.#choose(i, true));
    return part("li", {}, button);
  }

  // --- search, and the list

  #search() {
    this.matches = search(this.points, this.field.value);
    const all = this.points.length.toLocaleString(this.lang);
    this.count.textContent = this.field.value.trim() ? this.text.found(this.matches.length.toLocaleString(this.lang), all) : "";
    this.#fillList();
    this.#draw();
  }

  #fillList() {
    if (!this.details.open) return;
    const rest = this.matches.length - LISTED;
    this.rows.replaceChildren(...this.matches.slice(0, LISTED).map((i) => this.#row(i)));
    this.rest.hidden = rest <= 0;
    this.rest.textContent = this.text.more(rest.toLocaleString(this.lang));
  }

  // --- a sentence as a sequence of vectors

  #showSentence(sentence) {
    this.sentence = sentence;
    const vectors = unpack(sentence).slice(0, MOST_COLUMNS), { blue, red } = this.inks;
    const most = vectors.reduce((peak, vector) => vector.reduce((a, x) => Math.max(a, Math.abs(x)), peak), 1e-9);
    const columns = vectors.map((vector, t) => {
      const word = sentence.tokens[t].replaceAll(" ", "␣");
      const column = part("button", { type: "button", className: "mp-token", "aria-label": this.text.token(word), "aria-pressed": "false" }, paint(vector, most, [blue, red]), word);
      column.addEventListener("click", () => this.#find(sentence.tokens[t], column));
      return column;
    });
    this.strip.replaceChildren(...columns);
  }

  /** A token of a sentence on the map of tokens. */
  #find(token, column) {
    for (const other of this.strip.children) other.setAttribute("aria-pressed", String(other === column));
    const number = this.layers.tokens?.points.findIndex((point) => point.text === token) ?? -1;
    if (number < 0) return;
    if (this.layer !== "tokens") this.#open("tokens");
    this.#choose(number, true);
  }
}
