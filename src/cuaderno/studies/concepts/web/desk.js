/** What a part builds with: paper on the left, controls beside or below it, words for those who cannot see it. */

import { Plane } from "./plane.js";
import { ask } from "./questions.js";

const REST_MS = 700; // without a change, until what has changed is spoken
const SILENT_MS = 5000; // at most, while it changes all the time
const RAISED = { "-": "⁻", ...Object.fromEntries([..."⁰¹²³⁴⁵⁶⁷⁸⁹"].map((sign, digit) => [digit, sign])) };
const LONGEST_FRAME_MS = 50; // after a pause of the page nothing leaps ahead

/** An element: `el("label", { class: "cc-field", oninput: … }, "Text", other)`. */
export function el(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** The same for drawings. */
export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child != null && child !== false));
  return node;
}

/** The number that a reader wrote, in the style of either language; null when it is none. "0x10" is none to a reader. */
export function read(written) {
  const plain = written.trim().replace(",", ".").replace("−", "-");
  return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(plain) ? Number(plain) : null;
}

/** Digits in threes, as the language groups them. By hand: the browser's own formats take 20 ms to wake. */
function grouped(digits, lang) {
  if (digits.length < (lang === "es" ? 5 : 4)) return digits;
  return digits.replace(/\B(?=(\d{3})+$)/g, lang === "es" ? "." : ",");
}

export class Desk {
  /**
   * @param {HTMLElement} root
   * @param {{about: object, model: object, whole: () => Promise<object>, lang: string, text: object, live: HTMLElement, signal: AbortSignal}} given
   *   about: model.json; model: the module parts/NAME-model.js; whole: reads what is too large for the start, see `need`;
   *   text: the words of the part and those of words.js; live: what is put there is spoken
   */
  constructor(root, given) {
    Object.assign(this, given, { root });
    this.sheet = el("div", { class: "cc-sheet" });
    this.side = el("div", { class: "cc-side" });
    this.end = el("div", { class: "cc-end" });
    root.append(el("div", { class: "cc-body" }, this.sheet, this.side), this.end);
    this.signal.addEventListener("abort", () => {
      cancelAnimationFrame(this.frame);
      clearTimeout(this.speaking);
    });
    const night = matchMedia("(prefers-color-scheme: dark)");
    night.addEventListener("change", () => { this.inks = null; this.repaint?.(); }, { signal: this.signal });
  }

  // --- words

  /** A number as this language writes it. */
  number(value, digits = 2) {
    if (!Number.isFinite(value)) return "∞";
    if (Math.abs(value) >= 1e6 || (value && Math.abs(value) < 0.5 * 10 ** -digits)) {
      const [digitsOf, power] = value.toExponential(1).split("e");
      return `${this.number(Number(digitsOf), 1)} × 10${[...power.replace("+", "")].map((sign) => RAISED[sign]).join("")}`;
    }
    const rounded = Math.round(value * 10 ** digits) / 10 ** digits || 0, [whole, part] = String(Math.abs(rounded)).split(".");
    return `${rounded < 0 ? "−" : ""}${grouped(whole, this.lang)}${part ? (this.lang === "es" ? "," : ".") + part : ""}`;
  }

  /** Tell those who cannot see it what has changed, once it rests. */
  say(words) {
    const now = performance.now();
    if (!this.speaking) this.due = now + SILENT_MS;
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => {
      this.speaking = 0;
      this.live.textContent = words;
    }, Math.max(0, Math.min(REST_MS, this.due - now)));
  }

  /** Tell whoever listens what was computed. */
  tell(detail) {
    this.root.dispatchEvent(new CustomEvent("computed", { bubbles: true, detail }));
  }

  /**
   * What is too large for the start: read once, when it is first needed. A line says so meanwhile.
   * @param {HTMLElement} line @returns {Promise<object | null>} null when it failed; the next call tries again
   */
  async need(line) {
    if (this.all) return this.all;
    line.textContent = this.text.loading;
    try {
      this.all = await (this.coming ??= this.whole());
      line.textContent = "";
    } catch {
      line.textContent = this.text.failed;
    }
    this.coming = null;
    return this.all ?? null;
  }

  // --- controls

  /** Something below the controls that were added before it. */
  add(...children) {
    this.side.append(...children);
    return children[0];
  }

  /** One line of words that change, for everybody to see: `line.textContent = …`. */
  line(name = "note") {
    return this.add(el("p", { class: `cc-${name}` }));
  }

  /**
   * @param {{label: string, min: number, max: number, step: number, value: number, digits?: number}} about
   * @param {(value: number) => void} onChange
   */
  slider({ label, min, max, step, value, digits = 2 }, onChange) {
    const out = el("span", { class: "cc-readout", "aria-hidden": "true" });
    const input = el("input", { type: "range", min, max, step, value, "aria-label": label });
    const show = () => {
      out.textContent = this.number(Number(input.value), digits);
      input.setAttribute("aria-valuetext", out.textContent);
    };
    input.addEventListener("input", () => { show(); onChange(Number(input.value)); });
    show();
    this.add(el("label", { class: "cc-field" }, el("span", {}, label, " "), out, input));
    return { input, set: (to) => { input.value = to; show(); } };
  }

  /** One of a few, as buttons side by side. @param {{label: string, options: Record<string, string>, value: string}} about */
  choice({ label, options, value }, onChange) {
    const name = `cc-${Math.random().toString(36).slice(2)}`;
    const radios = Object.entries(options).map(([key, words]) => {
      const radio = el("input", { type: "radio", name, value: key, checked: key === value, onchange: () => onChange(key) });
      return el("label", { class: "cc-option" }, radio, el("span", {}, words));
    });
    const box = el("fieldset", { class: "cc-choice" }, el("legend", {}, label), el("div", {}, ...radios));
    this.add(box);
    return { box, set: (to) => { for (const radio of box.querySelectorAll("input")) radio.checked = radio.value === to; } };
  }

  /** A box to tick. */
  tick({ label, value = false }, onChange) {
    const input = el("input", { type: "checkbox", checked: value, onchange: () => onChange(input.checked) });
    this.add(el("label", { class: "cc-tick" }, input, el("span", {}, label)));
    return input;
  }

  /** Something to write: one line, or several. */
  field({ label, value = "", lines = 1 }, onChange) {
    const input = lines > 1 ? el("textarea", { rows: lines, spellcheck: "false" }) : el("input", { type: "text", autocomplete: "off", spellcheck: "false", autocapitalize: "off" });
    input.value = value;
    input.addEventListener("input", () => onChange(input.value));
    this.add(el("label", { class: "cc-field" }, el("span", {}, label), input));
    return input;
  }

  /** Buttons in a row: `[[words, onClick, quiet], …]`. @returns {HTMLButtonElement[]} */
  buttons(...wanted) {
    const made = wanted.map(([words, onclick, quiet]) => el("button", { type: "button", class: quiet ? "cc-quiet" : null, onclick }, words));
    this.add(el("div", { class: "cc-buttons" }, ...made));
    return made;
  }

  /**
   * Play, one step, start over.
   * @param {{step: () => boolean | void, show: () => void, restart: () => void, pace?: number}} what step computes one,
   *   false at the end; show draws what has come of it, once a frame; pace: steps a second, may be changed
   */
  transport({ step, show, restart, pace = 20 }) {
    const { text } = this;
    let due = 0;
    const [play, one, over] = this.buttons(
      [text.play, () => (this.frame ? stop() : start())],
      [text.step, () => { stop(); step(); show(); }, true],
      [text.restart, () => { stop(); restart(); }, true],
    );
    const stop = () => {
      cancelAnimationFrame(this.frame);
      this.frame = 0;
      play.textContent = text.play;
    };
    const start = () => {
      let before = performance.now();
      play.textContent = text.pause;
      due = 0;
      const next = (now) => {
        due += (Math.min(now - before, LONGEST_FRAME_MS) / 1000) * controls.pace;
        before = now;
        let more = true;
        if (due >= 1) {
          for (; more && due >= 1; due--) more = step() !== false;
          show();
        }
        if (!more) return stop();
        this.frame = requestAnimationFrame(next);
      };
      this.frame = requestAnimationFrame(next);
    };
    const controls = { start, stop, play, one, over, pace };
    return controls;
  }

  // --- paper and questions

  /** Squared paper with coordinates: see plane.js. */
  plane(about) {
    const plane = new Plane(this, about);
    this.sheet.append(plane.box);
    return plane;
  }

  /** Questions at the end: see questions.js. */
  questions(...questions) {
    ask(this, questions);
  }
}
