/**
 * The GPT widget: give a beginning and watch it go on, token by token, with what it expected at every place; or talk.
 *
 *     import { mount } from "./widget.js";
 *     const cleanup = mount(element, { artifact: "address/of/the/export/folder/", lang: "en" });
 *
 * Reading order: Widget (the worker and what it says, what is asked of it, what is shown), then its hands, then the
 * parts. worker.js writes, paper.js holds the text, odds.js draws the bars, talk.js knows how a conversation is put down.
 * Each finished text is announced by an "answer" event on the element: {mode, prompt, text, reason}.
 */

import { Frame, make, setText } from "./frame.js";
import { LOOK } from "./look.js";
import { OddsPicture } from "./odds.js";
import { Paper } from "./paper.js";
import { Talk } from "./talk.js";
import { TEXT } from "./words.js";

export { TEXT };

const LENGTHS = [50, 100, 200, 300, 500, 1000, 2000, 5000]; // tokens
const FIRST_LENGTH = 3;
const LONGEST_PROMPT = 20_000; // characters that the field keeps of a pasted text
const MOST_UNKNOWN = 8; // characters that are named when the model never met them
const SLOW_MS = 180; // of rest behind each token
const CALM_MS = 700; // between pictures when the reader wants few movements
const TYPING_MS = 150; // of rest before what was typed is read

/**
 * @param {HTMLElement} element
 * @param {{artifact: string, lang?: string, prompt?: string, seed?: number}} options
 *   artifact: address of the folder with model.json; prompt: a beginning to start with
 * @returns {() => void} cleanup
 */
export function mount(element, options) {
  const widget = new Widget(element, options);
  return () => widget.remove();
}

class Widget extends Frame {
  constructor(element, options) {
    super(element, options, TEXT, LOOK);
    this.firstPrompt = options.prompt;
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.mode = "write";
    this.papers = { write: new Paper(), talk: new Paper() };
    this.job = 0; // the one whose answers count
    this.layoutRest = 0; // milliseconds between two pictures
    this.arrived = []; // pieces that are not on the paper yet
    this.place = -1; // the token whose odds are shown; beyond the last one: what comes next; -1: the latest
    this.hovered = -1;
    this.#build(options.seed ?? Math.floor(Math.random() * 10_000));
    this.#listen();
    this.#start();
  }

  remove() {
    super.remove();
    this.worker?.terminate();
    clearTimeout(this.typing);
    clearTimeout(this.painting);
  }

  get paper() {
    return this.papers[this.mode];
  }

  // --- the worker

  #start() {
    const { ui, text } = this;
    this.worker?.terminate();
    this.about = null;
    ui.error.hidden = true;
    this.#become("loading");
    try {
      this.worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    } catch {
      return this.#fail(text.noWorker);
    }
    const { worker } = this;
    worker.addEventListener("message", ({ data }) => worker === this.worker && this.#hear[data.type](data));
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      if (worker === this.worker) this.#fail(this.about ? text.broke : text.noWorker);
    });
    worker.postMessage({ type: "load", artifact: this.artifact });
  }

  #fail(words) {
    if (this.state === "writing") this.#finish({ reason: "stopped", next: null, numTokens: 0, seconds: 1 });
    this.worker?.terminate();
    this.worker = null;
    this.inWorker = null;
    this.#become("error");
    setText(this.ui.errorWords, words);
    this.ui.error.hidden = false;
  }

  #hear = {
    ready: ({ about }) => this.#meet(about),
    read: ({ job, unknown, cut }) => job === this.job && this.#showNote(unknown, cut),
    wrote: ({ job, pieces }) => {
      if (job !== this.job) return;
      this.arrived.push(...pieces);
      this.#wake();
    },
    done: (data) => data.job === this.job && this.#finish(data),
    error: ({ job, message }) => {
      if (job !== undefined && job !== this.job) return;
      console.warn("gpt widget:", message);
      this.#fail(this.about ? this.text.broke : this.text.failed);
    },
  };

  /** The model is there: offer what it has. */
  #meet(about) {
    const { ui, text } = this;
    const again = this.known;
    ui.mixing.hidden = !about.counting;
    Object.assign(ui.root.dataset, { kind: about.kind, voices: about.counting ? 2 : 1 });
    this.about = this.known = about;
    this.#become("ready");
    setText(ui.step, text.step[about.kind]);
    setText(ui.scores, about.scores?.loss == null ? "" : text.scores(about.scores, about.kind));
    this.#showSettings();
    if (again) return this.#ask();
    this.talk = about.dialogue && new Talk(about.dialogue);
    ui.modes.hidden = !this.talk;
    for (const select of this.talk ? [ui.you, ui.them] : []) {
      select.replaceChildren(...about.dialogue.speakers.map((name) => make("option", { value: name }, name)));
    }
    if (this.talk) ui.you.selectedIndex = 1; // the most talkative answers, as in a terminal
    const beginnings = about.prompts.filter(Boolean);
    ui.beginnings.hidden = !beginnings.length;
    ui.chips.replaceChildren(...beginnings.map((prompt) => this.#chip(prompt)));
    if (!ui.prompt.value) ui.prompt.value = this.firstPrompt ?? beginnings[0] ?? "";
    this.#beginAnew();
  }

  #become(state) {
    const { ui } = this;
    this.state = state;
    ui.root.dataset.state = state;
    const writing = state === "writing";
    const label = writing ? "stop" : this.mode === "talk" ? "sayIt" : "write";
    setText(ui.goLabel, this.text[label]);
    ui.goIcon.setAttribute("d", writing ? ICONS.stop : ICONS.go);
    ui.go.disabled = !writing && state !== "ready";
    for (const button of [ui.step, ui.again, ui.surprise, ui.another, ui.over]) button.disabled = state !== "ready";
    ui.again.disabled ||= !this.paper.places.length;
    ui.another.disabled ||= !this.talk?.answered;
    ui.over.disabled ||= !this.talk?.turns.length;
    this.#showRate();
  }

  // --- what is asked of it

  get #sampling() {
    const { ui } = this;
    return { temperature: Number(ui.temperature.value), seed: Number(ui.seed.value) | 0 };
  }

  /** Everything that the model is to read in this mode. */
  get #context() {
    if (this.mode === "write") return this.ui.prompt.value + this.paper.written;
    return this.talk.textFor(this.ui.them.value);
  }

  #send(type, more) {
    this.counting = this.ui.counting.checked;
    this.worker.postMessage({ type, job: ++this.job, sampling: this.#sampling, counting: this.counting, ...more });
    this.inWorker = this.paper;
    this.peeking = more.numTokens === 0;
  }

  /** Ask what it expects behind what is there, and write nothing. */
  #ask() {
    clearTimeout(this.typing);
    if (this.state !== "ready") return;
    this.#send("write", { prompt: this.#context, numTokens: 0 });
  }

  /** With the counting model or without it: what is expected next changes, what is written stays. */
  #listenAgain() {
    if (this.state !== "ready") return; // while it writes: as soon as it has finished
    if (this.mode === "write" && this.inWorker === this.paper) this.#send("more", { numTokens: 0 });
    else this.#ask();
    this.place = this.paper.places.length; // there the difference is to be seen
  }

  /** Let it write `numTokens` more. */
  #write(numTokens) {
    clearTimeout(this.typing);
    this.place = -1;
    this.asked = numTokens;
    const pause = this.ui.slowly.checked && !this.calm.matches ? SLOW_MS : 0;
    this.answer = "";
    this.numArrived = 0;
    if (this.mode === "talk") {
      this.#send("write", { prompt: this.#context, numTokens, pause, stops: this.about.dialogue.stops });
    } else if (this.inWorker === this.paper) {
      this.#send("more", { numTokens, pause }); // it has read everything already
    } else {
      this.#send("write", { prompt: this.#context, numTokens, pause });
    }
    this.#become("writing");
  }

  /** Clear the sheet and ask what comes behind the beginning. */
  #beginAnew() {
    this.place = this.hovered = -1;
    this.rate = 0;
    if (this.mode === "write") this.#copyPrompt();
    this.#show();
    this.#ask();
  }

  /** The sheet with nothing on it but the beginning. */
  #copyPrompt() {
    this.paper.clear();
    this.paper.begin();
    this.paper.ink(this.ui.prompt.value);
    this.inWorker = null;
  }

  #goOrStop() {
    if (this.state === "writing") this.worker.postMessage({ type: "stop" });
    else if (this.state !== "ready") return;
    else if (this.mode === "write") this.#write(this.#length);
    else this.#say();
  }

  /** From the beginning once more. */
  #rewrite(seed) {
    if (this.state !== "ready") return;
    if (seed !== undefined) this.ui.seed.value = seed;
    this.#copyPrompt();
    this.#write(this.#length);
  }

  #say() {
    const { ui, talk, paper } = this;
    const words = talk.tidy(ui.said.value);
    if (words) {
      talk.say(ui.you.value, words);
      paper.begin(ui.you.value);
      paper.ink(words);
    }
    ui.said.value = "";
    this.#answer();
  }

  #answer() {
    this.paper.begin(this.ui.them.value);
    this.speaker = this.ui.them.value;
    this.#write(this.#length);
  }

  #anotherAnswer() {
    if (this.state !== "ready" || !this.talk.answered) return;
    this.ui.them.value = this.talk.takeBack();
    this.paper.takeBack();
    this.ui.seed.value = newSeed();
    this.#answer();
  }

  #startOver() {
    if (this.state !== "ready") return;
    this.talk.turns = [];
    this.papers.talk.clear();
    this.#beginAnew();
    this.#become(this.state);
    this.ui.said.focus();
  }

  get #length() {
    return LENGTHS[this.ui.length.value];
  }

  #finish({ reason, next, numTokens, seconds }) {
    this.#paint();
    const { ui, text } = this;
    this.next = next;
    if (this.peeking) return this.#show();
    this.rate = numTokens >= 20 ? Math.round(numTokens / seconds) : 0;
    const answer = this.answer.trim();
    if (this.mode === "talk") this.talk.say(this.speaker, answer, true);
    this.#become("ready");
    this.#show();
    setText(ui.live, this.mode === "talk" ? text.answered(this.speaker, answer) : answer ? text.wrote(answer) : text.wroteNothing);
    const detail = { mode: this.mode, prompt: ui.prompt.value, text: this.answer, reason };
    this.announce(detail);
    if (this.counting !== ui.counting.checked) this.#listenAgain();
  }

  // --- showing

  /** Ask for a picture, unless one is coming. */
  #wake() {
    if (this.frame || this.painting) return;
    const rest = this.calm.matches ? CALM_MS : this.layoutRest;
    if (rest > 16) this.painting = setTimeout(() => this.#paint(), rest);
    else this.frame = requestAnimationFrame(() => this.#paint());
  }

  /** Put what has arrived on the paper. */
  #paint() {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.painting);
    this.frame = this.painting = 0;
    if (!this.arrived.length) return;
    const began = performance.now();
    const { sheet } = this.ui;
    const atEnd = sheet.scrollTop + sheet.clientHeight >= sheet.scrollHeight - 40;
    this.answer += this.arrived.map((piece) => piece.text).join("");
    this.numArrived += this.arrived.length;
    this.paper.write(this.arrived.splice(0));
    const height = sheet.scrollHeight; // asking for it lays the text out, which takes long when the text is long
    if (atEnd) sheet.scrollTop = height;
    this.#show();
    this.layoutRest = 4 * (performance.now() - began); // so that the page stays free, and the worker gets its turn
  }

  #show() {
    const { ui, text, paper } = this;
    const total = paper.places.length;
    const latest = Math.max(0, total - 1);
    const last = this.next && this.state !== "writing" ? total : latest; // behind the last token: what comes next
    const place = this.hovered >= 0 ? this.hovered : this.place < 0 ? latest : Math.min(this.place, last);
    const token = paper.places[place]?.piece;
    const shown = token ?? (this.next && { odds: this.next });
    if (!(this.calm.matches && this.state === "writing")) this.odds.show(shown);
    paper.mark(this.hovered >= 0 || this.place >= 0 ? place : -1);
    setText(ui.oddsTitle, token ? text.hereTitle : text.nextTitle);
    setText(ui.drew, token ? this.#drew(token) : shown ? text.notYet : text.nothingYet);
    ui.voices.classList.toggle("gp-away", shown?.odds[0].length !== 3);
    ui.place.max = last;
    ui.place.value = place;
    ui.place.disabled = !total;
    const where = token ? text.placeOf(place + 1, total) : text.placeNext;
    setText(ui.placeOf, where);
    ui.place.setAttribute("aria-valuetext", shown ? `${where}. ${this.#inWords(shown)}` : where);
    ui.emptyTalk.hidden = this.mode !== "talk" || paper.root.childElementCount > 0;
    this.#showRate();
  }

  #drew({ label, probability, rank, counted }) {
    const { text } = this;
    const drew = text.drew(text.hear[label] ?? text.quoted(label), text.percent(probability), rank);
    if (counted === undefined) return drew;
    return `${drew} ${text.parts(text.percent(counted), text.percent(probability - counted))}`;
  }

  /** A place for the ear: what was drawn there, and what was likeliest. */
  #inWords(place) {
    const { text } = this;
    const three = place.odds.slice(0, 3).map(([label, p]) => `${text.hear[label] ?? text.quoted(label)} ${text.percent(p)}`);
    return `${place.rank === undefined ? "" : `${this.#drew(place)} `}${text.likeliest(three.join(", "))}`;
  }

  #showRate() {
    const { ui, text, about } = this;
    if (!about) return setText(ui.rate, this.state === "loading" ? text.loading : "");
    const total = this.paper.places.length;
    if (this.state === "writing") setText(ui.rate, text.busy(this.numArrived, this.asked, about.kind));
    else setText(ui.rate, total ? text.rested(total + this.paper.numFolded, this.rate, about.kind) : text.idle(about.bytes));
  }

  #showNote(unknown, cut) {
    const { text, about, ui } = this;
    const named = unknown.slice(0, MOST_UNKNOWN).map((character) => text.quoted(visible(character)));
    const notes = [
      this.trimmed ? text.trimmed(LONGEST_PROMPT) : "",
      cut && this.mode === "write" ? text.cut(about.settings.context_length, about.kind) : "",
      named.length ? text.unknown(named, unknown.length > named.length) : "",
    ];
    setText(ui.note, notes.filter(Boolean).join(" "));
  }

  #showSettings() {
    const { ui, text } = this;
    const temperature = Number(ui.temperature.value);
    setText(ui.temperatureOf, `${text.temperatureOf(temperature)}, ${text.temperatureWords(temperature)}`);
    ui.temperature.setAttribute("aria-valuetext", ui.temperatureOf.textContent);
    setText(ui.lengthName, this.mode === "talk" ? text.atMost : text.length);
    setText(ui.lengthOf, text.lengthOf(this.#length, this.known?.kind ?? "char"));
    ui.length.setAttribute("aria-valuetext", ui.lengthOf.textContent);
  }

  // --- hands

  #listen() {
    const { ui } = this;
    const on = (target, type, act) => this.on(target, type, act);
    on(ui.go, "click", () => this.#goOrStop());
    on(ui.step, "click", () => this.state === "ready" && this.#write(1));
    on(ui.again, "click", () => this.#rewrite());
    on(ui.surprise, "click", () => this.#rewrite(newSeed()));
    on(ui.another, "click", () => this.#anotherAnswer());
    on(ui.over, "click", () => this.#startOver());
    on(ui.prompt, "input", () => this.#typed());
    on(ui.prompt, "keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      this.#goOrStop();
    });
    on(ui.said, "keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing || event.shiftKey) return;
      event.preventDefault();
      if (this.state !== "writing") this.#goOrStop();
    });
    on(ui.said, "input", () => keepEnd(ui.said));
    for (const radio of ui.radios) on(radio, "change", () => this.#change(radio.value));
    for (const select of [ui.you, ui.them]) on(select, "change", () => this.#ask());
    for (const slider of [ui.temperature, ui.length]) on(slider, "input", () => this.#showSettings());
    on(ui.place, "input", () => this.#goTo(Number(ui.place.value)));
    on(ui.counting, "change", () => this.#listenAgain());

    on(ui.sheet, "pointermove", (event) => event.pointerType === "mouse" && this.#hover(this.paper.placeAt(event.target)));
    on(ui.sheet, "pointerleave", () => this.#hover(-1));
    on(ui.sheet, "click", (event) => {
      const place = this.paper.placeAt(event.target);
      if (place >= 0) this.#goTo(place);
    });
    on(ui.sheet, "keydown", (event) => this.#walk(event));
  }

  #typed() {
    const { ui } = this;
    this.trimmed = keepEnd(ui.prompt);
    if (this.state === "writing") {
      this.job++; // what is being written belongs to another beginning
      this.arrived = [];
      this.worker.postMessage({ type: "stop" });
      this.#become("ready");
    }
    this.#copyPrompt();
    this.place = this.hovered = -1;
    this.#become(this.state);
    this.#show();
    clearTimeout(this.typing);
    this.typing = setTimeout(() => this.#ask(), TYPING_MS);
  }

  #change(mode) {
    if (this.state === "writing") {
      this.worker.postMessage({ type: "stop" });
      this.#finish({ reason: "stopped", next: null, numTokens: 0, seconds: 1 });
    }
    this.job++; // whatever is still on its way belongs to the other mode
    this.mode = mode;
    const { ui } = this;
    ui.root.dataset.mode = mode;
    for (const part of ui.forTalk) part.hidden = mode !== "talk";
    for (const part of ui.forWriting) part.hidden = mode === "talk";
    ui.sheet.replaceChildren(ui.emptyTalk, this.paper.root);
    ui.sheet.setAttribute("aria-label", mode === "talk" ? this.text.conversation : this.text.sheet);
    this.rate = 0;
    this.place = this.hovered = -1;
    setText(ui.note, "");
    this.#become(this.state);
    this.#showSettings();
    this.#show();
    this.#ask();
  }

  #hover(place) {
    if (place === this.hovered) return;
    this.hovered = place < this.paper.places.length ? Math.max(-1, place) : -1;
    this.#show();
  }

  #goTo(place) {
    this.place = Math.max(0, Math.min(place, this.paper.places.length));
    this.hovered = -1;
    this.#show();
  }

  /** Arrow keys walk over the text; up and down scroll it, as everywhere. */
  #walk(event) {
    const total = this.paper.places.length;
    if (!total || event.ctrlKey || event.metaKey || event.altKey) return;
    const here = this.place < 0 ? total - 1 : this.place;
    const to = { ArrowLeft: here - (this.place < 0 ? 0 : 1), ArrowRight: here + 1, Home: 0, End: total - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.#goTo(to);
    this.paper.marked?.scrollIntoView({ block: "nearest" });
    setText(this.ui.live, this.ui.place.getAttribute("aria-valuetext"));
  }

  // --- the parts, all of them plain HTML

  #chip(prompt) {
    const words = prompt.length > 40 ? `${prompt.slice(0, 39).toWellFormed()}…` : prompt;
    const button = make("button", { type: "button", class: "gp-chip", dir: "auto" }, words.trim().replaceAll("\n", " ↵ "));
    this.on(button, "click", () => {
      this.ui.prompt.value = prompt;
      this.#typed();
    });
    return button;
  }

  #build(seed) {
    const { ui, text } = this;
    const id = `gp${++numWidgets}`;
    const readout = () => make("span", { class: "gp-readout", "aria-hidden": "true" }); // heard as aria-valuetext
    const button = (label, kind = "gp-quiet") => make("button", { type: "button", class: kind }, label);
    const range = (min, max, step, value) => make("input", { type: "range", min, max, step, value });
    const field = (name, ...parts) => make("label", { class: "gp-field" }, name, ...parts);

    ui.radios = Object.keys(text.modes).map((value) =>
      make("input", { type: "radio", name: `${id}-mode`, value, checked: value === this.mode }));
    ui.modes = make("fieldset", { class: "gp-modes", hidden: true }, make("legend", { class: "gp-unseen" }, text.mode),
      ...ui.radios.map((radio) => make("label", {}, radio, text.modes[radio.value])));

    ui.prompt = make("textarea", { rows: 2, dir: "auto", spellcheck: "false", autocapitalize: "off", "aria-describedby": `${id}-note` });
    ui.chips = make("span", { class: "gp-chips" });
    ui.beginnings = make("div", { class: "gp-beginnings", hidden: true }, make("span", {}, text.beginnings), ui.chips);
    ui.starts = make("div", {}, ui.beginnings);
    ui.you = make("select");
    ui.them = make("select");
    ui.said = make("textarea", { rows: 2, dir: "auto", spellcheck: "false", "aria-describedby": `${id}-say` });
    const people = make("div", { class: "gp-people" }, field(text.you, ui.you), field(text.them, ui.them));

    ui.goIcon = document.createElementNS("http://www.w3.org/2000/svg", "path");
    const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    icon.setAttribute("viewBox", "0 0 14 14");
    icon.setAttribute("aria-hidden", "true");
    icon.append(ui.goIcon);
    ui.goLabel = make("span");
    ui.go = make("button", { type: "button", class: "gp-go" }, icon, ui.goLabel);
    ui.step = button(text.step.char);
    ui.again = button(text.again, "gp-quiet gp-wide");
    ui.surprise = button(text.surprise);
    ui.another = button(text.another);
    ui.over = button(text.over);
    ui.note = make("p", { class: "gp-note", id: `${id}-note`, role: "status" });
    const saying = make("p", { class: "gp-hint", id: `${id}-say` }, text.sayHint);
    const keys = make("p", { class: "gp-hint gp-keys" }, text.writeHint);
    const writing = field(text.prompt, ui.prompt);
    const talking = make("div", { class: "gp-talking" }, people, field(text.say, ui.said));
    const ask = make("div", { class: "gp-ask" }, ui.modes, writing, ui.starts, talking,
      make("div", { class: "gp-buttons" }, ui.go, ui.step, ui.surprise, ui.again, ui.another, ui.over), saying, keys, ui.note);

    ui.emptyTalk = make("p", { class: "gp-empty", hidden: true }, text.emptyTalk);
    ui.sheet = make("div", { class: "gp-sheet", tabindex: 0, role: "group", "aria-label": text.sheet, "aria-describedby": `${id}-hint` },
      ui.emptyTalk, this.paper.root);

    this.odds = new OddsPicture(text.percent);
    ui.oddsTitle = make("p", { class: "gp-title" }, text.nextTitle);
    ui.drew = make("p", { class: "gp-drew" }, text.nothingYet);
    ui.place = range(0, 0, 1, 0);
    ui.placeOf = readout();
    const voice = (part, name) => make("span", {}, make("i", { class: part }), name);
    ui.voices = make("p", { class: "gp-voices" }, voice("gp-network", text.fromNetwork), voice("gp-counting", text.fromCounting));
    ui.counting = make("input", { type: "checkbox", checked: true });
    ui.mixing = make("div", { hidden: true }, ui.voices, make("label", { class: "gp-check" }, ui.counting, text.counting));
    const expected = make("section", { class: "gp-expected", "aria-labelledby": `${id}-odds` },
      ui.oddsTitle, ui.drew, this.odds.root, ui.mixing, field(text.place, ui.placeOf, ui.place),
      make("p", { class: "gp-hint", id: `${id}-hint` }, text.oddsHint));
    ui.oddsTitle.id = `${id}-odds`;

    ui.temperature = range(0, 1.5, 0.05, 0.8);
    ui.temperatureOf = readout();
    ui.length = range(0, LENGTHS.length - 1, 1, FIRST_LENGTH);
    ui.lengthName = make("span", {}, text.length);
    ui.lengthOf = readout();
    ui.seed = make("input", { type: "number", min: 0, max: 9999, step: 1, value: seed, inputmode: "numeric" });
    ui.slowly = make("input", { type: "checkbox" });
    const settings = make("fieldset", { class: "gp-settings" }, make("legend", {}, text.settings),
      field(text.temperature, ui.temperatureOf, ui.temperature), field(ui.lengthName, ui.lengthOf, ui.length),
      field(text.seed, ui.seed), make("label", { class: "gp-check" }, ui.slowly, text.slowly));

    ui.rate = make("p", { class: "gp-stamp" });
    ui.scores = make("p");
    const foot = make("div", { class: "gp-foot" }, ui.rate, make("p", { class: "gp-imitates" }, text.imitates), ui.scores);

    ui.forTalk = [talking, saying, ui.another, ui.over];
    ui.forWriting = [writing, ui.starts, ui.step, ui.again, ui.surprise, keys];
    for (const part of ui.forTalk) part.hidden = true;
    ui.root = make("div", { class: "gpt-widget", lang: this.lang, "data-mode": this.mode },
      this.makeError(() => this.#start(), "gp-quiet"), make("div", { class: "gp-body" }, ask, ui.sheet, expected, settings, foot),
      this.makeLive());
    this.#showSettings();
    this.element.append(ui.root);
  }
}

let numWidgets = 0;

const ICONS = { go: "M2 1 L13 7 L2 13 Z", stop: "M2 2 H12 V12 H2 Z" };

const newSeed = () => Math.floor(Math.random() * 10_000);

/** A character that can be seen: one without a shape goes by its number. */
const visible = (character) =>
  /[\p{C}\p{Z}]/u.test(character) ? `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}` : character;

/** Of a text that is far too long a field keeps the end, which is what the model looks at. @returns {boolean} whether it was */
function keepEnd(field) {
  if (field.value.length <= LONGEST_PROMPT) return false;
  field.value = field.value.slice(-LONGEST_PROMPT).toWellFormed();
  return true;
}
