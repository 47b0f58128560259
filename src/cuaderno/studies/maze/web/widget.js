/**
 * The maze widget: draw or generate a maze, watch the network think, go back in time, compare with the truth.
 *
 *     import { mount } from "./widget.js";
 *     const cleanup = mount(element, { artifact: "address/of/the/export/folder/", lang: "en" });
 *
 * Reading order: Widget (state and the two clocks: thinking runs ahead, showing follows), then its hands (pointer,
 * keyboard), then the words. Parts: model.js thinks, timeline.js remembers, paper.js draws, mazes.js knows the truth.
 * Each finished thought is announced by an "answer" event on the element, `detail` being what Python would answer.
 */

import { Frame, make, setText } from "./frame.js";
import { LOOK } from "./look.js";
import { generate, KINDS, MAX_SIDE, MIN_SIDE, shortestWay, toRows } from "./mazes.js";
import { chainOfMarks, load, mazeFromRows, neighboursOf, Thought } from "./model.js";
import { Paper } from "./paper.js";
import { Timeline } from "./timeline.js";
import { TEXT } from "./words.js";

export { TEXT };

const SPEEDS = [2, 5, 10, 20, 40, 80, 160, 320, Infinity]; // steps a second
const FIRST_SIZE = 21;
const THINK_MS = 9; // per frame: leaves the page room to breathe
const SURE = 0.9 * 256; // of a byte
const FINGER = 18; // CSS pixels within which a finger catches the start or the goal
const TALLEST = 680; // CSS pixels

/**
 * @param {HTMLElement} element
 * @param {{artifact: string, lang?: string, maze?: string[], size?: number, kind?: string, seed?: number}} options
 *   artifact: address of the folder with model.json; maze: a maze to begin with, as rows of text
 * @returns {() => void} cleanup
 */
export function mount(element, options) {
  const widget = new Widget(element, options);
  return () => widget.remove();
}

class Widget extends Frame {
  constructor(element, options) {
    super(element, options, TEXT, LOOK);
    const { maze, size = FIRST_SIZE, kind = "dfs", seed } = options;
    this.seed = seed ?? Math.floor(Math.random() * 2 ** 31);
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.visible = true;
    this.playing = false;
    this.shown = 0; // a step, with the fraction on the way to the next while playing
    this.cursor = -1;
    this.maze = maze ? mazeFromRows(maze) : generate(kind, clampSize(size), this.seed);
    this.#build(kind);
    this.paper = new Paper(this.ui.canvas, this.ui.sheet);
    this.#listen();
    this.#fit();
    this.#restart();
    this.#fetch();
  }

  remove() {
    super.remove();
    for (const observer of this.observers) observer.disconnect();
  }

  // --- the network

  async #fetch() {
    this.network = await this.meetModel(load, this.ui.verdict);
    if (this.network) this.#restart();
  }

  // --- the two clocks

  /** A new maze, or an old one that was changed: forget everything and think anew. */
  #restart({ play = true } = {}) {
    this.truth = shortestWay(this.maze);
    this.announced = false;
    this.shown = 0;
    this.playing = play;
    this.thought = this.network ? new Thought(this.network, this.maze) : null;
    this.timeline = this.thought && new Timeline(this.thought);
    this.ui.desk.setAttribute("aria-label", this.text.sheet(this.maze.height, this.maze.width));
    this.#wake();
  }

  /** Ask for a frame, unless one is coming or nobody is looking. */
  #wake() {
    if (this.frame || !this.visible || document.hidden || this.gone.signal.aborted) return;
    this.frame = requestAnimationFrame((now) => this.#onFrame(now));
  }

  #onFrame(now) {
    this.frame = 0;
    const elapsed = Math.min(0.1, (now - (this.lastFrame ?? now)) / 1000);
    this.lastFrame = now;
    this.#think();
    this.#advance(elapsed);
    this.#show();
    const busy = this.thought && (!this.thought.finished || this.playing);
    if (busy) this.#wake();
    else this.lastFrame = undefined;
  }

  /** Think ahead of what is shown, for a few milliseconds. */
  #think() {
    const { thought, timeline } = this;
    if (!thought) return;
    const deadline = performance.now() + THINK_MS;
    while (!thought.finished && performance.now() < deadline) {
      if (thought.think(deadline) && thought.step > timeline.last) timeline.record(thought);
    }
  }

  #advance(elapsed) {
    if (!this.playing || !this.thought) return;
    const { timeline, thought } = this;
    const speed = this.calm.matches ? Infinity : SPEEDS[this.ui.speed.value];
    if (this.calm.matches && !thought.finished) return; // no moving pictures: only the settled one
    this.shown = Math.min(timeline.last, speed === Infinity ? timeline.last : this.shown + speed * elapsed);
    if (thought.finished && this.shown >= timeline.last) {
      this.playing = false;
      this.shown = timeline.last;
    }
  }

  /** The step on show. */
  get step() {
    return Math.floor(this.shown);
  }

  get atEnd() {
    return Boolean(this.thought?.finished) && this.step >= this.timeline.last;
  }

  // --- showing

  #show() {
    const { ui, maze, thought, timeline } = this;
    const moved = timeline?.show(this.step);
    const picture = thought && { squares: thought.squares, path: timeline.path, arrow: timeline.arrow, trust: timeline.trust, moved };
    this.chain = thought ? this.#chain() : { squares: [], complete: false };
    this.paper.draw(maze, picture, {
      way: this.chain.squares,
      complete: this.chain.complete,
      shortest: ui.compare.checked ? this.truth.path : null,
      arrows: ui.arrows.checked,
      cursor: ui.desk.matches(":focus-visible") ? this.cursor : -1,
    });
    this.#showControls();
    if (thought) this.#showWords();
    else if (this.network) setText(ui.verdict, this.text.drawing);
  }

  /** The chain of marks in the step on show. */
  #chain() {
    const { path } = this.timeline;
    const marks = path.reduce((count, p) => count + (p > 127), 0);
    return chainOfMarks(this.maze, (square) => path[this.thought.rowOf[square]] > 127, marks);
  }

  #showControls() {
    const { ui, text, thought, timeline } = this;
    const last = timeline?.last ?? 0;
    setText(ui.playLabel, this.playing ? text.pause : this.atEnd && last ? text.again : text.play);
    ui.playIcon.setAttribute("d", this.playing ? ICONS.pause : ICONS.play);
    ui.play.disabled = ui.step.disabled = ui.time.disabled = !thought;
    ui.step.disabled ||= this.atEnd;
    if (ui.time.max !== String(last) && !this.scrubbing) ui.time.max = last;
    ui.time.value = this.step;
    const settled = Boolean(thought?.finished);
    const label = text.stepOf(this.step, last, settled);
    setText(ui.stepOf, label);
    ui.time.setAttribute("aria-valuetext", label);
    ui.root.dataset.step = this.step;
    if (thought) ui.root.dataset.state = this.atEnd ? "settled" : settled ? "thought" : "thinking";
  }

  #showWords() {
    const { ui, text } = this;
    const verdict = this.#verdict();
    const note = this.atEnd && !this.thought.settled ? text.unsettled(this.thought.step) : "";
    setText(ui.verdict, verdict);
    setText(ui.note, note);
    ui.note.hidden = !note;
    setText(ui.sure, text.sure(Math.floor(100 * this.#sureness())));
    if (ui.words.open) setText(ui.way, this.chain.complete ? inWords(this.chain.squares, this.maze.width, text) : text.noWay);
    if (!this.atEnd || this.announced) return;
    this.announced = true;
    setText(ui.live, `${verdict} ${note} ${ui.sure.textContent}.`);
    this.announce({ maze: toRows(this.maze), ...this.thought.answer() });
  }

  #verdict() {
    const { text, chain, truth, timeline } = this;
    const best = truth.path && truth.path.length - 1;
    const own = chain.squares.length - 1;
    if (!this.atEnd) return chain.complete ? text.thinkingWay(own) : text.thinking;
    const marks = timeline.path.reduce((count, p) => count + (p > 127), 0);
    if (best === null) return marks ? text.impossibleMarks(marks) : text.impossible;
    if (!chain.complete) return text.none(best);
    return own === best ? text.equal(own) : text.longer(own, best);
  }

  /** The share of squares, among those that the goal can be reached from, of which the network is sure. */
  #sureness() {
    const { squares } = this.thought;
    const { path, arrow, trust } = this.timeline;
    let [sure, all] = [0, 0];
    for (let row = 0; row < squares.length; row++) {
      if (this.truth.distance[squares[row]] < 0) continue;
      all++;
      const decided = path[row] >= SURE || path[row] <= 256 - SURE;
      const directed = squares[row] === this.maze.goal || (arrow[row] < 4 && trust[row] >= SURE);
      if (decided && directed) sure++;
    }
    return all ? sure / all : 0;
  }

  #fit() {
    const style = getComputedStyle(this.ui.sheet);
    const width = this.ui.sheet.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    this.paper.fit(this.maze, Math.min(width, TALLEST, Math.max(280, innerHeight - 120)));
    this.#wake();
  }

  // --- hands

  #listen() {
    const { ui } = this;
    const on = (target, type, act, more) => this.on(target, type, act, more);
    on(ui.newMaze, "click", () => this.#draw(true));
    on(ui.kind, "change", () => this.#draw(true));
    on(ui.size, "input", () => this.#showSize());
    on(ui.size, "change", () => this.#draw(false));
    on(ui.play, "click", () => this.#playOrPause());
    on(ui.step, "click", () => this.#go(this.step + 1));
    on(ui.time, "pointerdown", () => (this.scrubbing = true));
    for (const end of ["pointerup", "pointercancel", "change"]) on(ui.time, end, () => (this.scrubbing = false));
    on(ui.time, "input", () => this.#go(Number(ui.time.value)));
    on(ui.speed, "input", () => {
      this.ownSpeed = true;
      this.#showSpeed();
    });
    for (const target of [ui.compare, ui.arrows]) on(target, "change", () => this.#wake());
    on(ui.words, "toggle", () => this.#wake());

    on(ui.desk, "pointerdown", (event) => this.#pointerDown(event));
    on(ui.desk, "pointermove", (event) => this.#pointerMove(event));
    for (const end of ["pointerup", "pointercancel"]) on(ui.desk, end, () => this.#pointerUp());
    on(ui.desk, "keydown", (event) => this.#key(event));
    for (const type of ["focus", "blur"]) on(ui.desk, type, () => this.#wake());

    const redress = () => {
      this.paper.readInks();
      this.#wake();
    };
    on(matchMedia("(prefers-color-scheme: dark)"), "change", redress);
    on(document, "visibilitychange", () => this.#wake());
    const resized = new ResizeObserver(() => this.#fit());
    resized.observe(ui.sheet);
    const seen = new IntersectionObserver((entries) => {
      this.visible = entries.at(-1).isIntersecting; // several may have come together: the last one holds
      this.#wake();
    });
    seen.observe(ui.root);
    const themed = new MutationObserver(redress); // a page may switch its colours by an attribute of <html>
    themed.observe(document.documentElement, { attributeFilter: ["class", "style", "data-theme"] });
    this.observers = [resized, seen, themed];
    this.#showSize();
    this.#showSpeed();
  }

  /** A maze as the fields say; `fresh` gives another one even if nothing else changed. */
  #draw(fresh) {
    if (fresh) this.seed = (this.seed + 1) >>> 0;
    this.maze = generate(this.ui.kind.value, clampSize(Number(this.ui.size.value)), this.seed);
    this.cursor = -1;
    if (!this.ownSpeed) this.ui.speed.value = usualSpeed(this.maze.width);
    this.#showSpeed();
    this.#fit();
    this.#restart();
  }

  #playOrPause() {
    if (this.atEnd) this.shown = 0;
    this.playing = !this.playing;
    this.#wake();
  }

  #go(step) {
    this.playing = false;
    this.shown = Math.max(0, Math.min(step, this.timeline?.last ?? 0));
    this.#wake();
  }

  #showSize() {
    const words = this.text.sizeOf(this.ui.size.value);
    setText(this.ui.sizeOf, words);
    this.ui.size.setAttribute("aria-valuetext", words);
  }

  #showSpeed() {
    const { ui, text } = this;
    const words = text.speedOf(SPEEDS[ui.speed.value]);
    ui.speed.setAttribute("aria-valuetext", words);
    setText(ui.speedOf, SPEEDS[ui.speed.value] === Infinity ? "∞" : `${SPEEDS[ui.speed.value]}/s`);
    ui.speed.title = words;
  }

  #pointerDown(event) {
    if (event.button !== 0 || this.hand || !event.isPrimary) return;
    const square = this.paper.squareAt(this.maze, event.clientX, event.clientY);
    const end = this.#endNear(event);
    if (!end && square < 0) return;
    this.ui.desk.setPointerCapture(event.pointerId);
    this.hand = { end, wall: !end && Boolean(this.maze.open[square]), last: square, changed: false };
    this.ui.desk.classList.toggle("mz-grabbing", Boolean(end));
    if (square >= 0) this.cursor = square;
    this.#pause();
    if (!end) this.#paint(square);
  }

  /** While a hand is on the paper nothing is thought: the maze is about to change. */
  #pause() {
    this.playing = false;
    this.#wake();
  }

  #pointerMove(event) {
    if (!this.hand) {
      this.ui.desk.classList.toggle("mz-grab", Boolean(this.#endNear(event)));
      return;
    }
    const points = event.getCoalescedEvents?.() ?? [];
    for (const point of points.length ? points : [event]) {
      const square = this.paper.squareAt(this.maze, point.clientX, point.clientY);
      if (square < 0 || square === this.hand.last) continue;
      if (this.hand.end) this.#moveEnd(this.hand.end, square);
      else for (const s of between(this.hand.last, square, this.maze.width)) this.#paint(s);
      this.hand.last = square;
    }
    this.#wake();
  }

  #pointerUp() {
    const hand = this.hand;
    this.hand = null;
    this.ui.desk.classList.remove("mz-grabbing");
    if (hand?.changed) this.#restart();
  }

  /** "start" or "goal" when the pointer is on it, a finger more generously than a mouse. */
  #endNear(event) {
    const reach = event.pointerType === "touch" ? FINGER : Math.max(7, (0.5 * this.paper.cell) / this.paper.ratio);
    const away = (end) => this.paper.distance(this.maze, this.maze[end], event.clientX, event.clientY);
    const [nearest] = ["start", "goal"].sort((a, b) => away(a) - away(b));
    return away(nearest) <= reach ? nearest : null;
  }

  /** Turn a square into what the hand is drawing; start and goal stay open. */
  #paint(square) {
    const { maze, hand } = this;
    if (square === maze.start || square === maze.goal || Boolean(maze.open[square]) !== hand.wall) return;
    this.#change(() => (maze.open[square] = hand.wall ? 0 : 1));
    hand.changed = true;
  }

  #moveEnd(end, square) {
    const { maze } = this;
    if (square === maze.start || square === maze.goal) return;
    this.#change(() => {
      maze[end] = square;
      maze.open[square] = 1;
    });
    if (this.hand) this.hand.changed = true;
  }

  /** Any change of the maze makes what was thought about it void. */
  #change(act) {
    act();
    this.thought = this.timeline = null;
    this.truth = { path: null, distance: this.truth.distance };
    this.#wake();
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { maze } = this;
    if (this.cursor < 0) this.cursor = maze.start;
    const side = ["ArrowUp", "ArrowLeft", "ArrowDown", "ArrowRight"].indexOf(event.key);
    const key = event.key.toLowerCase();
    if (side >= 0) {
      const next = neighboursOf(this.cursor, maze.height, maze.width)[side];
      if (next >= 0) this.cursor = next;
    } else if (key === " " && this.cursor !== maze.start && this.cursor !== maze.goal) {
      this.#change(() => (maze.open[this.cursor] ^= 1));
    } else if (key === "s") this.#moveEnd("start", this.cursor);
    else if (key === "g") this.#moveEnd("goal", this.cursor);
    else if (key !== " ") return;
    event.preventDefault();
    if (!this.thought && this.network) this.#restart();
    setText(this.ui.live, this.#describe(this.cursor));
    this.#wake();
  }

  /** A square for the ear: where it is, what it is, what the network believes of it. */
  #describe(square) {
    const { maze, text, thought, timeline } = this;
    const kind = square === maze.start ? text.startHere : square === maze.goal ? text.goalHere : maze.open[square] ? text.open : text.wall;
    const place = `${text.at(Math.floor(square / maze.width) + 1, (square % maze.width) + 1)}: ${kind}`;
    if (!thought || !maze.open[square] || this.step === 0) return place;
    const row = thought.rowOf[square];
    const percent = Math.round((100 * timeline.path[row]) / 255);
    const arrow = text.directions[timeline.arrow[row]];
    return `${place}; ${arrow ? text.believes(arrow, percent) : text.believesNot(percent)}`;
  }

  // --- the parts, all of them plain HTML

  #build(kind) {
    const { ui, text } = this;
    const id = `mz${++numWidgets}`;
    const readout = (...words) => make("span", { class: "mz-readout", "aria-hidden": "true" }, ...words); // heard as aria-valuetext
    const range = (min, max, step, value) => make("input", { type: "range", min, max, step, value });
    ui.canvas = make("canvas", { "aria-hidden": "true" });
    ui.desk = make("div", { class: "mz-desk", tabindex: 0, role: "application", "aria-describedby": `${id}-hint` }, ui.canvas);
    ui.sheet = make("div", { class: "mz-sheet" }, ui.desk);

    ui.playIcon = document.createElementNS("http://www.w3.org/2000/svg", "path");
    const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    icon.setAttribute("viewBox", "0 0 14 14");
    icon.setAttribute("aria-hidden", "true");
    icon.append(ui.playIcon);
    ui.playLabel = make("span", {}, text.play);
    ui.play = make("button", { type: "button", class: "mz-play" }, icon, ui.playLabel);
    ui.step = make("button", { type: "button", class: "mz-quiet mz-step" }, text.step);
    ui.time = range(0, 0, 1, 0);
    ui.stepOf = readout();
    ui.speed = range(0, SPEEDS.length - 1, 1, usualSpeed(this.maze.width));
    ui.speedOf = readout();
    const transport = make("div", { class: "mz-transport" }, ui.play, ui.step,
      make("label", { class: "mz-field mz-time" }, text.time, ui.stepOf, ui.time),
      make("label", { class: "mz-field mz-speed" }, text.speed, ui.speedOf, ui.speed));

    ui.verdict = make("p", { class: "mz-verdict" });
    ui.note = make("p", { class: "mz-note", hidden: true });
    ui.sure = make("p", { class: "mz-stamp" });
    ui.kind = make("select", {}, ...KINDS.map((k) => make("option", { value: k, selected: k === kind }, text.kinds[k])));
    ui.size = range(MIN_SIDE, MAX_SIDE, 2, this.maze.width);
    ui.sizeOf = readout();
    ui.newMaze = make("button", { type: "button", class: "mz-quiet" }, text.newMaze);
    const fields = make("div", { class: "mz-fields" },
      make("label", { class: "mz-field mz-wide" }, text.kind, ui.kind),
      make("label", { class: "mz-field" }, text.size, ui.sizeOf, ui.size), ui.newMaze);
    ui.compare = make("input", { type: "checkbox" });
    ui.arrows = make("input", { type: "checkbox" });
    const checks = make("div", {}, make("label", { class: "mz-check" }, ui.compare, text.compare),
      make("label", { class: "mz-check" }, ui.arrows, text.arrows));
    const legend = make("ul", { class: "mz-legend" },
      ...Object.entries(text.legend).map(([key, word]) => make("li", { class: `mz-k-${key}` }, make("i"), word)));
    ui.way = make("p");
    ui.words = make("details", {}, make("summary", {}, text.wayInWords), ui.way);
    ui.hint = make("p", { class: "mz-hint", id: `${id}-hint` }, text.drawHint);
    const side = make("div", { class: "mz-side" },
      make("div", {}, ui.verdict, ui.note, ui.sure), fields, checks, legend, ui.hint,
      make("div", {}, ui.words, make("details", {}, make("summary", {}, text.sureTitle), make("p", {}, text.sureMeans))));

    ui.root = make("div", { class: "maze-widget", lang: this.lang }, this.makeError(() => this.#fetch(), "mz-quiet"),
      make("div", { class: "mz-body" }, ui.sheet, transport, side), this.makeLive());
    this.element.append(ui.root);
  }
}

let numWidgets = 0;

const ICONS = { play: "M2 1 L13 7 L2 13 Z", pause: "M2 1 H5.5 V13 H2 Z M8.5 1 H12 V13 H8.5 Z" };

const clampSize = (size) => Math.max(MIN_SIDE, Math.min(MAX_SIDE, size | 1));

/** The speed, as an index, at which a maze of this size takes a few seconds. */
const usualSpeed = (size) => SPEEDS.indexOf(size <= 25 ? 40 : size <= 41 ? 80 : 160);

/** The squares on a straight line from one square to another, both included. */
function between(from, to, width) {
  const [x0, y0, x1, y1] = [from % width, Math.floor(from / width), to % width, Math.floor(to / width)];
  const count = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0), 1);
  return Array.from({ length: count + 1 }, (_, i) =>
    Math.round(y0 + ((y1 - y0) * i) / count) * width + Math.round(x0 + ((x1 - x0) * i) / count));
}

/** A way as "3 right, 2 down, …". */
function inWords(squares, width, text) {
  const runs = [];
  for (let i = 1; i < squares.length; i++) {
    const side = [-width, -1, width, 1].indexOf(squares[i] - squares[i - 1]);
    if (runs.at(-1)?.side === side) runs.at(-1).count++;
    else runs.push({ side, count: 1 });
  }
  return `${runs.map(({ side, count }) => `${count} ${text.directions[side]}`).join(", ")}.`;
}
