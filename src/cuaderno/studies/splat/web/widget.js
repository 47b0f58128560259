/**
 * A scene of splats to walk round in, and three small pictures that say what a splat is.
 *
 *     import { mount } from "./widget.js";
 *     const cleanup = mount(element, { artifact: "address/of/the/export/folder/", lang: "en", view: "scene" });
 *
 * `view` is "scene", or "one", "order" or "fit" of flat.js. Reading order: Widget (the files, the picture, hands, parts).
 * viewer.js paints with WebGL 2, still.js without it, sorter.js puts splats in order, orbit.js knows where one stands.
 * Every picture whose splats are in order is announced by an "answer" event on the element: {splats, milliseconds, stage}.
 */

import { mountFlat } from "./flat.js";
import { dress } from "./look.js";
import { load } from "./model.js";
import { Orbit, pyramid } from "./orbit.js";
import { NEAR } from "./paint.js";
import { make } from "./parts.js";
import { unpack } from "./scene.js";
import { farthestFirst } from "./sorter.js";
import { Still } from "./still.js";
import { Viewer } from "./viewer.js";
import { TEXT } from "./words.js";

export { TEXT };

const FINEST = 1.5; // pixels of the picture to one of the page
const STEP = Math.PI / 36; // a press of an arrow key
const NEARER = 1.12; // a press of +
const STEP_BACK = 2.6; // to see the cameras
const ROUND_MS = 24000; // once round by itself
const REST_MS = 700; // without a move, until what is seen is spoken

/**
 * @param {HTMLElement} element
 * @param {{artifact: string, lang?: string, view?: string}} options artifact: address of the folder with model.json
 * @returns {() => void} cleanup
 */
export function mount(element, { artifact, lang = "en", view = "scene" }) {
  const known = lang in TEXT ? lang : lang.slice(0, 2) in TEXT ? lang.slice(0, 2) : "en";
  const base = new URL(artifact.endsWith("/") ? artifact : `${artifact}/`, document.baseURI);
  if (view !== "scene") return mountFlat(element, { base, lang: known, view });
  const widget = new Widget(element, base, known);
  return () => widget.remove();
}

class Widget {
  constructor(element, base, lang) {
    Object.assign(this, { element, base, lang, text: TEXT[lang], undress: dress(), gone: new AbortController(), pointers: new Map() });
    this.#build();
    this.#listen();
    this.#fetch();
  }

  remove() {
    this.gone.abort();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.speaking);
    this.worker?.terminate();
    this.sight?.disconnect();
    this.viewer?.remove();
    this.ui.root.remove();
    this.undress();
  }

  // --- the files

  async #read(name) {
    const response = await fetch(new URL(name, this.base), { signal: this.gone.signal });
    if (!response.ok) throw new Error(`${name}: ${response.status}`);
    return response.arrayBuffer();
  }

  async #fetch() {
    const { ui, text, lang } = this;
    ui.error.hidden = true;
    ui.root.dataset.state = "loading";
    ui.foot.textContent = text.loading;
    try {
      Object.assign(this, await load((name) => this.#read(name)));
      if (this.gone.signal.aborted) return;
      this.#open();
    } catch (error) {
      if (this.gone.signal.aborted) return;
      console.warn("splat widget:", error.message);
      ui.root.dataset.state = "error";
      ui.error.hidden = false;
      ui.foot.textContent = "";
      return;
    }
    const { about, bytes, viewer } = this, licence = text.licences[about.licence] ?? about.licence;
    const facts = [text.ready(Math.round(bytes / 1024), about.scene.splats.toLocaleString(lang)), licence && text.licence(licence)];
    ui.foot.textContent = facts.filter(Boolean).join(" · ");
    ui.note.textContent = viewer instanceof Still ? text.noWebGL : "";
    ui.root.dataset.state = "ready";
    this.#furnish();
    this.#moved();
  }

  #open() {
    const { about } = this, first = about.cameras[about.start];
    this.orbit = new Orbit(about, about.start);
    this.ui.stage.style.aspectRatio = `${first.width} / ${first.height}`;
    this.#size();
    try {
      this.viewer = new Viewer(this.ui.canvas);
    } catch (error) {
      const fresh = this.ui.canvas.cloneNode(); // one that was asked for WebGL gives nothing else
      this.ui.canvas.replaceWith(fresh);
      this.ui.canvas = fresh;
      this.#size();
      this.viewer = new Still(fresh);
    }
    try {
      this.worker = new Worker(new URL("./sorter.js", import.meta.url), { type: "module" });
      this.worker.onmessage = ({ data }) => this.#arranged(data.order, data.turn);
      this.worker.onerror = () => this.#alone();
    } catch {
      this.worker = null;
    }
    this.#show(this.scene);
  }

  /** Without a worker the page sorts for itself. */
  #alone() {
    this.worker?.terminate();
    this.worker = null;
    this.busy = false;
    this.#moved();
  }

  /** The scene at a moment of its training: the last one is the scene itself. */
  async #scrub(number) {
    const { about, ui, text } = this, stages = about.stages, last = number >= stages.length;
    this.wanted = number;
    if (!last && !this.stages) {
      ui.stageName.textContent = text.loading;
      try {
        this.fetching ??= this.#read("stages.bin");
        this.stages = await this.fetching;
      } catch (error) {
        this.fetching = null;
        if (!this.gone.signal.aborted) ui.stageName.textContent = text.failed;
        return;
      }
    }
    if (this.gone.signal.aborted || this.wanted !== number) return; // the slider has gone on
    this.#show(last ? this.scene : unpack(this.stages, stages[number].scene, stages[number].at));
    this.#tellStage();
  }

  #tellStage() {
    const { about, ui, text, lang } = this, stage = about.stages[this.wanted ?? about.stages.length];
    const { step, psnr } = stage ?? { step: about.steps, psnr: about.psnr };
    const decibels = psnr === null ? "" : text.decibels(psnr.toLocaleString(lang, { maximumFractionDigits: 1 }));
    const said = [text.step(step.toLocaleString(lang)), text.splats((stage?.scene ?? about.scene).splats.toLocaleString(lang)), decibels];
    ui.stageName.textContent = said.filter(Boolean).join(" · ");
    ui.slider.setAttribute("aria-valuetext", ui.stageName.textContent);
  }

  // --- the picture

  #show(scene) {
    this.shown = scene;
    this.viewer.show(scene);
    this.worker?.postMessage({ means: scene.means });
    this.order = null;
    this.turn = (this.turn ?? 0) + 1; // an order of the scene before comes too late
    this.busy = false;
    this.#moved();
  }

  #moved() {
    if (this.viewer && !this.frame) this.frame = requestAnimationFrame((now) => this.#next(now));
  }

  #next(now) {
    this.frame = 0;
    if (this.turning) {
      this.orbit.turn((2 * Math.PI * Math.min(100, now - (this.last ?? now))) / ROUND_MS, 0);
      this.last = now;
      this.#moved();
    }
    const began = performance.now(), { width, height } = this.ui.canvas;
    const camera = (this.camera = this.orbit.camera(width, height)), view = camera.matrix[2], key = view.join();
    if (this.viewer instanceof Still) this.fresh = true;
    else if (key !== this.asked || !this.order) this.#arrange(view, key);
    if (!this.order && !(this.viewer instanceof Still)) return; // the worker has not answered yet
    this.viewer.draw(camera, this.about.background);
    this.#drawCameras(camera);
    if (!this.fresh) return;
    const milliseconds = performance.now() - began, detail = { splats: this.shown.count, milliseconds, stage: this.wanted ?? this.about.stages.length };
    this.element.dispatchEvent(new CustomEvent("answer", { bubbles: true, detail }));
  }

  #arrange(view, key) {
    this.fresh = false;
    if (!this.worker) return this.#take(farthestFirst(this.shown.means, view, NEAR), key);
    if (this.busy) return;
    this.busy = true;
    this.pending = key;
    this.worker.postMessage({ view, near: NEAR, turn: this.turn });
  }

  #arranged(order, turn) {
    if (turn !== this.turn) return;
    this.busy = false;
    this.#take(order, this.pending);
    this.#moved();
  }

  #take(order, key) {
    this.order = order;
    this.asked = key;
    this.fresh = true;
    this.viewer.arrange(order);
  }

  #drawCameras(camera) {
    const { lines } = this.ui, { width, height } = this.ui.canvas, context = lines.getContext("2d");
    if (lines.width !== width || lines.height !== height) Object.assign(lines, { width, height });
    context.clearRect(0, 0, width, height);
    if (this.ui.cameras.getAttribute("aria-pressed") !== "true") return;
    const style = getComputedStyle(this.ui.root), size = 0.07 * this.orbit.far;
    this.about.cameras.forEach((one, index) => {
      if (this.orbit.pinned && index === this.orbit.index) return; // one does not see the camera one stands in
      for (const [wide, colour] of [[4, style.getPropertyValue("--sp-paper")], [1.7, style.getPropertyValue(one.test ? "--sp-red" : "--sp-blue")]]) {
        context.beginPath();
        for (const [from, to] of pyramid(one, size, camera)) {
          context.moveTo(...from);
          context.lineTo(...to);
        }
        context.lineWidth = wide * (width / (lines.clientWidth || width));
        context.strokeStyle = colour;
        context.stroke();
      }
    });
  }

  #size() {
    const { canvas, stage } = this.ui, fine = Math.min(FINEST, window.devicePixelRatio || 1), { width, height } = stage.getBoundingClientRect();
    const [across, down] = [width, height].map((side) => Math.max(16, Math.round(side * fine)));
    if (canvas.width !== across || canvas.height !== down) Object.assign(canvas, { width: across, height: down });
  }

  // --- hands

  #enter(index) {
    const count = this.about.cameras.length;
    this.#stop();
    this.orbit.enter((index + count) % count);
    this.#moved();
    this.#tellPlace();
  }

  #tellPlace() {
    const { ui, text, orbit, about } = this, camera = about.cameras[orbit.index];
    ui.place.textContent = orbit.pinned ? text.photo(orbit.index + 1, about.cameras.length, camera.test) : text.free;
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => (ui.live.textContent = ui.place.textContent), REST_MS);
  }

  #stop() {
    this.turning = false;
    this.ui.round.setAttribute("aria-pressed", "false");
  }

  #by(move) {
    if (!this.orbit) return;
    move(this.orbit);
    this.#moved();
    if (!this.ui.place.textContent || this.ui.place.textContent !== this.text.free) this.#tellPlace();
  }

  #key(event) {
    if (!this.orbit || event.ctrlKey || event.metaKey || event.altKey) return;
    const { orbit } = this, far = event.shiftKey ? 0.05 : 0;
    const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    if (event.key in arrows) {
      const [x, y] = arrows[event.key];
      this.#stop();
      this.#by((o) => (far ? o.shift(-far * x, far * y) : o.turn(STEP * x, STEP * y)));
    } else if (event.key === "+" || event.key === "=") this.#by((o) => o.zoom(NEARER));
    else if (event.key === "-" || event.key === "_") this.#by((o) => o.zoom(1 / NEARER));
    else if (event.key === "Home") this.#enter(this.about.start);
    else if (event.key === "PageDown") this.#enter(orbit.index + 1);
    else if (event.key === "PageUp") this.#enter(orbit.index - 1);
    else if (event.key === "c") this.ui.cameras.click();
    else return;
    event.preventDefault();
  }

  #point(event) {
    const { pointers } = this, { stage } = this.ui, before = pointers.get(event.pointerId), place = [event.clientX, event.clientY];
    if (!before) return;
    const side = stage.clientHeight, others = [...pointers].filter(([id]) => id !== event.pointerId).map(([, other]) => other);
    pointers.set(event.pointerId, place);
    this.#stop();
    const [dx, dy] = [place[0] - before[0], place[1] - before[1]];
    if (others.length) {
      const far = (at) => Math.max(1, Math.hypot(at[0] - others[0][0], at[1] - others[0][1]));
      this.#by((o) => {
        o.zoom(far(place) / far(before));
        o.shift(dx / side / 2, dy / side / 2);
      });
    } else if (event.shiftKey || event.buttons & 2) this.#by((o) => o.shift(dx / side, dy / side));
    else this.#by((o) => o.turn((-Math.PI * dx) / side, (Math.PI * dy) / side));
  }

  #listen() {
    const { ui } = this, { signal } = this.gone, on = (node, name, act, options) => node.addEventListener(name, act, { signal, ...options });
    on(ui.stage, "keydown", (event) => this.#key(event));
    on(ui.stage, "pointerdown", (event) => {
      this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
      ui.stage.setPointerCapture(event.pointerId);
    });
    on(ui.stage, "pointermove", (event) => this.#point(event));
    for (const name of ["pointerup", "pointercancel"]) on(ui.stage, name, (event) => this.pointers.delete(event.pointerId));
    on(ui.stage, "contextmenu", (event) => event.preventDefault());
    on(ui.stage, "wheel", (event) => {
      if (document.activeElement !== ui.stage && !event.ctrlKey) return; // the page scrolls, until one has clicked here
      event.preventDefault();
      this.#by((o) => o.zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.002))));
    }, { passive: false });
    on(ui.round, "click", () => {
      const turning = !this.turning;
      this.#stop();
      this.turning = turning;
      this.last = undefined;
      ui.round.setAttribute("aria-pressed", turning);
      this.#by(() => {});
    });
    on(ui.cameras, "click", () => {
      const shown = ui.cameras.getAttribute("aria-pressed") !== "true";
      ui.cameras.setAttribute("aria-pressed", shown);
      ui.legend.hidden = !shown;
      this.#by((o) => (shown ? o.stepBack(STEP_BACK) : o.stepForth())); // most of them stand beside and behind one
    });
    on(ui.before, "click", () => this.#enter(this.orbit.index - 1));
    on(ui.after, "click", () => this.#enter(this.orbit.index + 1));
    on(ui.nearer, "click", () => this.#by((o) => o.zoom(NEARER ** 2)));
    on(ui.farther, "click", () => this.#by((o) => o.zoom(NEARER ** -2)));
    on(ui.slider, "input", () => this.#scrub(Number(ui.slider.value)));
    on(ui.retry, "click", () => this.#fetch());
    on(ui.root, "webglcontextlost", (event) => event.preventDefault(), { capture: true });
    on(ui.root, "webglcontextrestored", () => {
      this.viewer = new Viewer(ui.canvas);
      this.#show(this.shown);
    }, { capture: true });
    this.sight = new ResizeObserver(() => {
      if (!this.viewer) return;
      this.#size();
      this.#moved();
    });
    this.sight.observe(ui.stage);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#moved(), { signal });
  }

  // --- parts

  #furnish() {
    const { ui, about } = this;
    for (const button of [ui.round, ui.cameras, ui.before, ui.after, ui.nearer, ui.farther]) button.disabled = false;
    ui.training.hidden = !about.stages.length;
    ui.slider.max = about.stages.length;
    ui.slider.value = about.stages.length;
    this.#tellStage();
    this.#tellPlace();
  }

  #build() {
    const { text } = this, ui = (this.ui = {});
    const button = (name, words, pressed) => {
      ui[name] = make("button", { type: "button", textContent: words, disabled: true });
      if (pressed) ui[name].setAttribute("aria-pressed", "false");
      return ui[name];
    };
    ui.root = make("div", { className: "splat-widget", lang: this.lang });
    ui.root.dataset.state = "loading";
    ui.canvas = make("canvas", { width: 640, height: 480 });
    ui.lines = make("canvas", { className: "sp-lines" });
    ui.stage = make("div", { className: "sp-stage", tabIndex: 0 }, ui.canvas, ui.lines);
    ui.stage.setAttribute("role", "application");
    ui.stage.setAttribute("aria-label", text.stage);
    ui.slider = make("input", { type: "range", min: 0, max: 1, step: 1, value: 1 });
    ui.stageName = make("output", { className: "sp-small" });
    ui.training = make("label", { className: "sp-slider", hidden: true }, make("span", { textContent: text.training }), ui.slider, ui.stageName);
    ui.place = make("p", { className: "sp-place" });
    ui.legend = make("p", { className: "sp-small sp-legend", hidden: true });
    ui.legend.append(make("i", { className: "sp-key sp-blue" }), `${text.learned} `, make("i", { className: "sp-key sp-red" }), text.held);
    ui.note = make("p", { className: "sp-small" });
    ui.live = make("p", { className: "sp-unseen" });
    ui.live.setAttribute("aria-live", "polite");
    ui.foot = make("p", { className: "sp-foot" });
    ui.retry = make("button", { type: "button", textContent: text.retry });
    ui.error = make("div", { className: "sp-error", hidden: true }, make("p", { textContent: text.failed }), ui.retry);
    const hands = make("div", { className: "sp-buttons" }, button("round", text.round, true), button("cameras", text.cameras, true));
    const steps = make("div", { className: "sp-buttons" }, button("before", "←"), button("after", "→"), button("farther", "−"), button("nearer", "+"));
    for (const name of ["before", "after", "farther", "nearer"]) ui[name].setAttribute("aria-label", text[name]);
    ui.root.append(
      make("div", { className: "sp-ask" }, hands, steps, ui.place),
      make("div", { className: "sp-paper" }, ui.stage),
      make("div", { className: "sp-told" }, ui.training, ui.legend, make("p", { className: "sp-small", textContent: text.hands }), ui.note),
      ui.error, ui.foot, ui.live,
    );
    this.element.append(ui.root);
  }
}
