/**
 * The picture widget: a drawing, a photo, the camera or a sheet to draw on; the network says what is there, with each
 * frame, and where it looked.
 *
 *     import { mount } from "./widget.js";
 *     const cleanup = mount(element, { artifact: "address/of/the/export/folder/", lang: "en" });
 *
 * Reading order: Widget (the network, what is looked at, the answer, what it saw, hands, parts). model.js answers, cover.js
 * asks it where it looks, pixels.js makes squares of pictures, camera.js and board.js give them, light.js paints maps.
 * Each answer is announced by an "answer" event on the element: {source, probabilities, answer, milliseconds}; the answer
 * is a class, or null for neither.
 */

import { Board, INKS, PENS } from "./board.js";
import { NoCamera, openCamera } from "./camera.js";
import { cover } from "./cover.js";
import { Frame, make, setText } from "./frame.js";
import { shine, showFilter, showResponse } from "./light.js";
import { LOOK } from "./look.js";
import { bestOf, load, resized } from "./model.js";
import { makeSquasher, openPhoto, Unusable } from "./pixels.js";
import { countWeights } from "./weights.js";
import { TEXT } from "./words.js";

export { TEXT };

const LARGEST = 400; // pixels of the longer side on the page
const MOST_ENLARGED = 2.5;
const CAMERA_SIDE = 640; // pixels of the longer side of a frame that are kept
const MOST_BARS = 8; // of many classes only the likeliest are shown
const SLICE_MS = 8; // of covering, between two frames
const WARM_UP = 4; // looks at nothing, after which the browser has made fast code of it
const REST_MS = 900; // without a change, until a still picture's answer is spoken
const MOST_TIMES = 15; // looks at the same thing, of whose times the median is shown
const SPEAK_EVERY_MS = 3000; // while the camera runs

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
    this.turn = 0; // counts what was chosen, so that what comes late is known to be late
    this.facing = "user";
    this.spokenAt = -Infinity;
    this.#build();
    this.board = new Board(this.ui.picture, () => { this.covering = null; this.#wake(); }, this.gone.signal);
    this.#listen();
    this.#fetch();
  }

  remove() {
    super.remove();
    this.#letGo();
    clearTimeout(this.speaking);
    if (this.sheetAddress) URL.revokeObjectURL(this.sheetAddress);
    this.sheet?.close();
  }

  // --- the network

  async #fetch() {
    const { ui } = this;
    if (!(await this.meetModel((read) => this.#meet(read)))) return;
    this.#furnish();
    ui.root.dataset.state = "ready";
    if (this.sheet) this.#takeSample(0);
  }

  async #meet(read) {
    const { ui, text } = this, { network, about, bytes } = await load(read);
    const drawings = about.samples && new Blob([await read(about.samples.file)], { type: "image/webp" });
    this.sheet = drawings && (await createImageBitmap(drawings));
    if (this.gone.signal.aborted) return this.sheet?.close();
    this.sheetAddress = drawings && URL.createObjectURL(drawings);
    Object.assign(this, { network, about, squash: makeSquasher(about.stored) });
    for (let i = 0; i < WARM_UP; i++) network.see(new Float32Array(3 * about.size ** 2));
    const weights = countWeights(about.tensors).toLocaleString(this.lang);
    const ready = text.ready(Math.round((bytes + (drawings?.size ?? 0)) / 1024), weights);
    const licence = !about.drawn && about.licence && text.licence(text.licences[about.licence] ?? about.licence);
    ui.foot.textContent = [ready, licence].filter(Boolean).join(" · ");
    return network;
  }

  name(k) {
    const own = this.about.classes[k];
    return this.text.names[own] ?? own;
  }

  // --- what is looked at

  /** Something else is looked at from now on; what was asked for before comes too late. */
  #begin(kind) {
    const { ui, text } = this;
    this.#letGo();
    this.source = kind;
    this.covering = this.covered = null;
    this.spoken = this.seenAt = undefined;
    this.times = [];
    clearTimeout(this.speaking);
    ui.stage.hidden = false;
    ui.note.textContent = "";
    ui.note.classList.remove("vs-problem");
    ui.tools.hidden = kind !== "board";
    ui.pen.hidden = true; // until it is moved
    ui.stage.classList.remove("vs-mirrored");
    ui.stage.classList.toggle("vs-drawing", kind === "board");
    ui.draw.setAttribute("aria-pressed", kind === "board");
    for (const sample of ui.samples.children) sample.setAttribute("aria-pressed", "false");
    ui.picture.setAttribute("role", kind === "board" ? "application" : "img");
    ui.picture.setAttribute("aria-label", kind === "board" ? text.board : text.picture[kind]);
    ui.picture.toggleAttribute("tabindex", kind === "board");
    if (kind === "board") ui.picture.tabIndex = 0;
    return ++this.turn;
  }

  #letGo() {
    const { camera } = this;
    this.turn++;
    camera?.stop();
    this.camera = null;
    this.board?.close();
    this.ui.camera.textContent = this.text.camera;
    this.ui.camera.setAttribute("aria-pressed", "false");
    this.ui.turn.hidden = true;
    if (camera) this.#showSeen(); // its last frame stays, and is held no more
  }

  #takeSample(number) {
    const { side } = this.about.samples;
    this.#begin("sample");
    this.ui.samples.children[number].setAttribute("aria-pressed", "true");
    this.#paper(side, side).drawImage(this.sheet, number * side, 0, side, side, 0, 0, side, side);
    this.#wake();
  }

  async #takePhoto(file) {
    if (!file || !this.network) return;
    const turn = ++this.turn;
    this.#note(this.text.opening);
    let photo;
    try {
      photo = await openPhoto(file);
    } catch (error) {
      if (turn === this.turn) this.#note(this.text.problems[error instanceof Unusable ? error.message : "badPicture"], true);
      return;
    }
    if (turn === this.turn && !this.gone.signal.aborted) {
      this.#begin("photo");
      const context = this.#paper(photo.width, photo.height);
      context.drawImage(photo, 0, 0);
      this.#wake();
    }
    photo.close();
  }

  async #takeCamera() {
    const turn = ++this.turn;
    this.#note(this.text.starting);
    let camera;
    this.camera?.stop(); // many phones open one camera at a time
    try {
      camera = await openCamera(this.facing, this.ui.seen, () => this.#cameraEnded());
    } catch (error) {
      if (turn === this.turn) {
        if (this.camera) this.#letGo();
        this.#note(this.text.problems[error instanceof NoCamera ? error.message : "cameraMissing"], true);
      }
      return;
    }
    if (turn !== this.turn || this.gone.signal.aborted) return camera.stop();
    this.#begin("camera");
    this.camera = camera;
    this.ui.stage.classList.toggle("vs-mirrored", camera.mirrored);
    this.ui.camera.textContent = this.text.stop;
    this.ui.camera.setAttribute("aria-pressed", "true");
    this.ui.turn.hidden = !camera.several;
    this.#wake();
  }

  #cameraEnded() {
    if (!this.camera) return;
    this.#letGo();
    this.#note(this.text.problems.cameraEnded, true);
  }

  #takeBoard() {
    this.#begin("board");
    this.board.open();
    this.#fit();
    this.#note(this.about.drawn ? this.text.drawCatOrDog : this.text.drawSomething);
    this.ui.picture.focus({ preventScroll: true });
    this.#wake();
  }

  #note(words, isProblem = false) {
    this.ui.note.textContent = words;
    this.ui.note.classList.toggle("vs-problem", isProblem);
  }

  /** The picture's canvas, white and of that size. */
  #paper(width, height) {
    const { picture } = this.ui;
    if (picture.width !== width || picture.height !== height) Object.assign(picture, { width, height });
    const context = picture.getContext("2d", { willReadFrequently: true });
    context.fillStyle = "#fff";
    context.fillRect(0, 0, width, height);
    this.#fit();
    return context;
  }

  #fit() {
    const { picture } = this.ui, scale = Math.min(MOST_ENLARGED, LARGEST / Math.max(picture.width, picture.height));
    picture.style.width = `${Math.round(picture.width * scale)}px`;
  }

  // --- the answer

  /** Answer with the next frame, however much has changed until then. */
  #wake() {
    if (this.network && this.source && !this.frame) this.frame = requestAnimationFrame(() => this.#next());
  }

  #next() {
    this.frame = 0;
    if (this.covering) this.#coverOn();
    else if (!this.camera) this.#answer();
    else if (!this.covered) this.#film(); // else it is held
    if (this.covering || (this.camera && !this.covered)) this.#wake();
  }

  /** The camera's newest frame, unless there is none or the page needs its time for something else. */
  #film() {
    const { video } = this.camera, isNew = video.readyState >= 2 && video.currentTime !== this.seenAt;
    if (!isNew || performance.now() - this.answeredAt < this.pace) return;
    this.seenAt = video.currentTime;
    const scale = Math.min(1, CAMERA_SIDE / Math.max(video.videoWidth, video.videoHeight));
    const [width, height] = [video.videoWidth, video.videoHeight].map((side) => Math.max(1, Math.round(side * scale)));
    this.#paper(width, height).drawImage(video, 0, 0, width, height);
    this.#answer();
  }

  #answer() {
    const { network, about, ui, source } = this;
    this.covered = null;
    if (source === "board") this.#showPen();
    if (source === "board" && !this.board.drawn) return this.#showNothing();
    if (source === "board") this.#note("");
    const began = performance.now();
    this.pixels = resized(this.squash(ui.picture, ui.picture.width, ui.picture.height), about.stored, about.size);
    const probabilities = network.see(this.pixels), decided = network.decide(probabilities);
    this.best = bestOf(probabilities);
    if (ui.looks.checked) shine(ui.light, network.weigh(this.best), about.size);
    this.answeredAt = performance.now();
    const milliseconds = this.answeredAt - began;
    this.pace = this.pace ? 0.9 * this.pace + 0.1 * milliseconds : milliseconds;
    this.times = [...this.times.slice(1 - MOST_TIMES), milliseconds];
    ui.clock.textContent = this.text.milliseconds(Math.round(median(this.times)));
    this.#showAnswer(probabilities, decided);
    this.#showSeen();
    const answer = decided === null ? null : about.classes[decided];
    this.announce({ source, probabilities, answer, milliseconds });
  }

  #showAnswer(probabilities, decided) {
    const { ui, text, best } = this, share = text.percent(probabilities[best]);
    setText(ui.verdict, decided === null ? text.neither(probabilities.length) : capital(this.name(decided)));
    const doubt = decided === null ? `${text.unsure(this.name(best), share)} ` : "";
    setText(ui.least, doubt + this.#meaning());
    const order = probabilities.map((_, k) => k); // few classes keep their places
    if (order.length > MOST_BARS) order.sort((a, b) => probabilities[b] - probabilities[a]);
    ui.bars.forEach(({ row, name, bar, share: number }, i) => {
      const k = order[i];
      row.classList.toggle("vs-best", k === decided);
      setText(name, capital(this.name(k)));
      bar.style.transform = `scaleX(${probabilities[k]})`;
      setText(number, text.percent(probabilities[k]));
    });
    const sure = decided === null ? `${text.neither(probabilities.length)}. ${doubt}` : text.sure(capital(this.name(best)), share);
    this.#speakSoon(sure.trim(), decided);
  }

  /** What the mark in the bars and the percentages mean; a mark below which no answer can lie is not explained. */
  #meaning() {
    const { text, about } = this;
    return (this.#canDecline() ? `${text.least(text.percent(about.threshold))} ` : "") + text.meaning;
  }

  #canDecline() {
    const { classes, threshold } = this.about;
    return threshold > 1 / classes.length + 1e-3;
  }

  #showNothing() {
    const { ui } = this;
    this.pixels = null;
    clearTimeout(this.speaking);
    for (const node of [ui.live, ui.clock]) setText(node, "");
    setText(ui.verdict, "…");
    setText(ui.least, this.#meaning());
    for (const { row, bar, share } of ui.bars) {
      row.classList.remove("vs-best");
      bar.style.transform = "scaleX(0)";
      setText(share, "");
    }
    this.#showSeen();
  }

  /** Say the answer to those who cannot see the bars: when it rests, or with the camera when it is another one. */
  #speakSoon(words, decided) {
    const say = () => {
      this.speaking = 0;
      this.spokenAt = performance.now();
      setText(this.ui.live, words);
    };
    if (!this.camera) {
      clearTimeout(this.speaking);
      this.speaking = setTimeout(say, REST_MS);
    } else if (decided !== this.spoken && performance.now() - this.spokenAt > SPEAK_EVERY_MS) {
      this.spoken = decided;
      say();
    }
  }

  // --- what it saw

  /** What belongs to the picture besides its answer. */
  #showSeen() {
    const { ui, text } = this, there = Boolean(this.pixels);
    ui.light.hidden = !there || !(ui.looks.checked || this.covered || this.covering);
    ui.cover.disabled = !there || Boolean(this.covering);
    setText(ui.cover, this.covering ? text.covering(text.percent(this.done)) : this.covered && this.camera ? text.goOn : text.cover);
    const held = this.camera && (this.covered || this.covering) ? ` ${text.frozen}` : "";
    setText(ui.lookHint, (this.covered ? text.covered : text.looksHint) + held);
    if (there && ui.filters.open) this.#showResponses();
  }

  #beginCover() {
    if (this.covered && this.camera) { // held: let it go on
      this.covered = null;
      return this.#wake();
    }
    if (!this.pixels || this.covering) return;
    this.covering = cover(this.network, this.pixels, this.best);
    this.done = 0;
    this.#showSeen();
    this.ui.light.hidden = true; // until there is something to see
    this.#wake();
  }

  /** Cover a little more, as much as fits between two frames. */
  #coverOn() {
    const { ui, about } = this, until = performance.now() + SLICE_MS;
    do {
      const { value, done } = this.covering.next();
      if (done) [this.covered, this.covering] = [value, null];
      else this.done = value;
    } while (this.covering && performance.now() < until);
    if (this.covered) shine(ui.light, this.covered, about.size);
    this.#showSeen();
    if (this.covering) ui.light.hidden = true;
    else ui.cover.focus({ preventScroll: true }); // a button that was disabled has lost it
  }

  #showResponses() {
    const { network, about } = this;
    this.ui.responses.forEach((canvas, i) => showResponse(canvas, network.response(i), network.response(about.filters + i)));
  }

  #showPen() {
    const { ui, board } = this, [x, y] = board.cursor ?? [0, 0];
    ui.pen.hidden = !board.active || !board.cursor;
    Object.assign(ui.pen.style, { left: `${(100 * x) / ui.picture.width}%`, top: `${(100 * y) / ui.picture.height}%` });
    ui.pen.style.background = board.down ? board.ink : "transparent";
  }

  // --- hands

  #listen() {
    const { ui } = this;
    const on = (target, type, act) => this.on(target, type, act);
    on(ui.camera, "click", () => {
      if (this.camera) this.#letGo();
      else if (this.network) this.#takeCamera();
    });
    on(ui.turn, "click", () => {
      this.facing = this.facing === "user" ? "environment" : "user";
      this.#takeCamera();
    });
    on(ui.draw, "click", () => this.network && this.#takeBoard());
    on(ui.undo, "click", () => this.board.undo());
    on(ui.clear, "click", () => this.board.clear());
    on(ui.inks, "change", (event) => { this.board.ink = event.target.value; this.#showPen(); });
    on(ui.pens, "change", (event) => { this.board.pen = Number(event.target.value); });
    on(ui.looks, "change", () => { if (!this.covering) this.#wake(); });
    on(ui.cover, "click", () => this.#beginCover());
    on(ui.filters, "toggle", () => this.#showSeen());
    on(ui.file, "change", () => { this.#takePhoto(ui.file.files[0]); ui.file.value = ""; });
    on(ui.root, "dragover", (event) => { event.preventDefault(); ui.seen.classList.add("vs-over"); });
    on(ui.root, "dragleave", () => ui.seen.classList.remove("vs-over"));
    on(ui.root, "drop", (event) => {
      event.preventDefault();
      ui.seen.classList.remove("vs-over");
      this.#takePhoto(event.dataTransfer.files[0]);
    });
    on(ui.root, "paste", (event) => {
      const picture = Array.from(event.clipboardData?.files ?? []).find((file) => file.type.startsWith("image/"));
      if (!picture) return;
      event.preventDefault();
      this.#takePhoto(picture);
    });
    on(window, "pagehide", () => this.camera && this.#letGo());
  }

  // --- the parts, all of them plain HTML

  #build() {
    const { ui, text } = this;
    const button = (words, more = {}) => make("button", { type: "button", ...more }, words);
    ui.camera = button(text.camera, { "aria-pressed": "false" });
    ui.turn = button(text.turn, { hidden: true });
    ui.file = make("input", { type: "file", accept: "image/*" });
    ui.draw = button(text.draw, { "aria-pressed": "false" });
    ui.samples = make("div", { class: "vs-chips" });
    ui.sampleField = make("div", { class: "vs-field", role: "group", "aria-label": text.samples, hidden: true }, text.samples, ui.samples);
    ui.ask = make("div", { class: "vs-ask", inert: true }, // until there is a network to ask
      make("div", { class: "vs-buttons" }, ui.camera, ui.turn, make("label", { class: "vs-choose" }, ui.file, text.choose), ui.draw),
      ui.sampleField, make("p", { class: "vs-hint" }, text.dropHint));

    ui.picture = make("canvas", { class: "vs-picture" });
    ui.light = make("canvas", { class: "vs-light", "aria-hidden": "true", hidden: true });
    ui.pen = make("div", { class: "vs-pen", hidden: true });
    ui.stage = make("div", { class: "vs-stage", hidden: true }, ui.picture, ui.light, ui.pen);
    ui.note = make("p", { class: "vs-note", role: "status" });
    ui.tools = this.#tools();
    ui.seen = make("div", { class: "vs-seen" }, ui.stage, ui.tools, ui.note);

    ui.verdict = make("b", {});
    ui.clock = make("span", { "aria-hidden": "true" });
    ui.list = make("ul", { class: "vs-bars", "aria-label": text.answer });
    ui.least = make("p", { class: "vs-hint vs-least" });
    ui.looks = make("input", { type: "checkbox" });
    ui.cover = button(text.cover, { disabled: true });
    ui.lookHint = make("p", { class: "vs-hint" }, text.looksHint);
    ui.learned = make("p", { class: "vs-hint vs-warn" });
    const told = make("div", { class: "vs-told" }, make("p", { class: "vs-verdict" }, ui.clock, ui.verdict), ui.list, ui.least,
      make("div", {}, make("label", { class: "vs-check" }, ui.looks, text.looks), ui.cover), ui.lookHint, ui.learned);

    ui.filterList = make("ul", { class: "vs-filters" });
    ui.filters = make("details", {}, make("summary", {}, text.filters), make("p", { class: "vs-hint" }, text.filtersHint), ui.filterList);
    ui.foot = make("p", { class: "vs-foot" });
    ui.root = make("div", { class: "vision-widget", lang: this.lang }, this.makeError(() => this.#fetch()), ui.ask,
      make("div", { class: "vs-body" }, ui.seen, told), ui.filters, ui.foot, this.makeLive());
    this.element.append(ui.root);
  }

  /** Colours, pens and what takes strokes back. */
  #tools() {
    const { ui, text } = this;
    const choice = (name, value, label, chosen, style) => {
      const dot = make("i", { "aria-hidden": "true" });
      Object.assign(dot.style, style);
      return make("label", { title: label }, make("input", { type: "radio", name, value, "aria-label": label, checked: chosen }), dot);
    };
    const number = ++numWidgets;
    ui.inks = make("fieldset", {}, make("legend", {}, text.ink),
      make("div", { class: "vs-inks" }, ...INKS.map((ink, i) => choice(`vs-ink-${number}`, ink, text.inks[i], i === 0, { background: ink }))));
    ui.pens = make("fieldset", {}, make("legend", {}, text.pen),
      make("div", { class: "vs-inks vs-pens" }, ...PENS.map((pen, i) => {
        const across = `${Math.max(4, Math.round(pen * 0.8))}px`;
        return choice(`vs-pen-${number}`, pen, text.pens[i], i === 1, { width: across, height: across });
      })));
    ui.undo = make("button", { type: "button" }, text.undo);
    ui.clear = make("button", { type: "button" }, text.clear);
    return make("div", { class: "vs-tools", hidden: true }, ui.inks, ui.pens, ui.undo, ui.clear);
  }

  /** What depends on the network: its classes, its drawings, its filters. */
  #furnish() {
    const { ui, text, about, network } = this;
    ui.bars = about.classes.slice(0, MOST_BARS).map((_, k) => {
      const name = make("span", {}, capital(this.name(k))), bar = make("i"), mark = make("b"), share = make("span", { class: "vs-share" });
      mark.style.left = `${100 * about.threshold}%`;
      mark.hidden = !this.#canDecline();
      return { row: make("li", {}, name, make("span", { class: "vs-bar", "aria-hidden": "true" }, bar, mark), share), name, bar, share };
    });
    ui.list.replaceChildren(...ui.bars.map(({ row }) => row));
    setText(ui.least, this.#meaning());
    const { accuracy } = about.scores, learned = [about.drawn && text.drawn, accuracy && text.right(text.percent(accuracy))];
    setText(ui.learned, learned.filter(Boolean).join(" "));
    ui.ask.inert = false;
    ui.sampleField.hidden = !this.sheet;
    ui.samples.replaceChildren(...(about.samples?.kinds ?? []).map((kind, i) => {
      const sample = make("button", { type: "button", class: "vs-sample", "aria-pressed": "false", "aria-label": text.sample(i + 1, text.names[kind] ?? kind) });
      Object.assign(sample.style, { backgroundImage: `url("${this.sheetAddress}")`, backgroundPosition: `${-56 * i}px 0` });
      this.on(sample, "click", () => this.#takeSample(i));
      return sample;
    }));
    const { window } = about.stem, size = 3 * window ** 2;
    ui.responses = Array.from({ length: about.filters }, () => make("canvas", { "aria-hidden": "true" }));
    ui.filterList.replaceChildren(...ui.responses.map((response, i) => {
      const filter = make("canvas", { role: "img", "aria-label": text.filter(i + 1) });
      showFilter(filter, network.filters.subarray(i * size, (i + 1) * size), window);
      return make("li", {}, filter, response);
    }));
  }
}

let numWidgets = 0;

const median = (times) => times.toSorted((a, b) => a - b)[times.length >> 1];

const capital = (word) => word.charAt(0).toLocaleUpperCase() + word.slice(1);
