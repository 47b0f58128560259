/**
 * The language widget: write a line, and both entrances of the network answer side by side, letter by letter; or give it
 * a photo.
 *
 *     import { mount } from "./widget.js";
 *     const cleanup = mount(element, { artifact: "address/of/the/export/folder/", lang: "en" });
 *
 * Reading order: Widget (what is asked, what is shown, hands, parts). model.js answers, paper.js draws lines, photos.js
 * finds them in pictures. Each answer is announced by an "answer" event on the element: {text, asText, asPicture} or
 * {lines, answer}.
 */

import { Frame, make } from "./frame.js";
import { LOOK } from "./look.js";
import { answerText, load, vote } from "./model.js";
import { drawText, showStrip } from "./paper.js";
import { greyOf, strips } from "./photos.js";
import { countWeights } from "./weights.js";
import { TEXT } from "./words.js";

export { TEXT };

const LONGEST = 160; // characters that are drawn and explained; of longer texts the rest is read only
const LARGEST = 2; // times that a line is enlarged on the screen, where there is room
const EXPLAIN_MS = 160; // of rest before the letters are weighed
const LONG = 2000; // characters; a longer text is answered when the typing rests
const REST_MS = 400;
const MOST_PIXELS = 100e6; // of a photo

/**
 * @param {HTMLElement} element
 * @param {{artifact: string, lang?: string, text?: string}} options artifact: address of the folder with model.json
 * @returns {() => void} cleanup
 */
export function mount(element, options) {
  const widget = new Widget(element, options);
  return () => widget.remove();
}

class Widget extends Frame {
  constructor(element, options) {
    super(element, options, TEXT, LOOK);
    this.#build(options.text ?? this.text.samples[0]);
    this.#listen();
    this.#fetch();
  }

  remove() {
    super.remove();
    clearTimeout(this.speaking);
    clearTimeout(this.explaining);
    clearTimeout(this.resting);
  }

  // --- the network

  async #fetch() {
    const { ui, text } = this, met = await this.meetModel(load);
    if (!met) return;
    this.network = met.network;
    const weights = countWeights(met.about.tensors).toLocaleString(this.lang);
    ui.foot.textContent = text.ready(Math.round(met.bytes / 1024), weights);
    ui.root.dataset.state = "ready";
    this.#wake();
  }

  /** Answer anew with the next picture, however fast one types. */
  #wake() {
    clearTimeout(this.resting);
    if (!this.network || this.frame) return;
    const answer = () => { this.frame = requestAnimationFrame(() => this.#answer()); };
    if (this.ui.words.value.length > LONG) this.resting = setTimeout(answer, REST_MS);
    else answer();
  }

  #answer() {
    this.frame = 0;
    const { network, ui } = this, written = ui.words.value;
    const asText = this.#clocked(ui.text, () => answerText(network, written));
    this.#showBars(ui.text, asText);
    const short = Array.from(written.replace(/\s+/gu, " ").trim()).slice(0, LONGEST).join("");
    const seen = short ? this.#seePicture(short) : null;
    const asPicture = seen?.answer ?? null;
    this.#showBars(ui.picture, asPicture);
    ui.sheet.hidden = !seen;
    ui.picture.clock.hidden = !seen;
    this.#showLetters(short, null);
    if (seen) showStrip(ui.canvas, seen.strip, seen.line.edges, new Float32Array(seen.line.count), this.#colours(), this.#scale(seen.strip));
    clearTimeout(this.explaining); // what takes longer waits until the typing rests
    this.explaining = setTimeout(() => this.#explain(short, asText, seen), EXPLAIN_MS);
    this.announce({ text: written, asText, asPicture });
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => this.#speak(asText, asPicture), 900);
  }

  #clocked(side, act) {
    const began = performance.now(), result = act();
    side.clock.textContent = this.text.milliseconds(Math.round(performance.now() - began));
    return result;
  }

  // --- showing

  #showBars(side, answer) {
    const best = answer ? answer.indexOf(Math.max(...answer)) : -1;
    side.bars.forEach(({ row, bar, share }, i) => {
      row.classList.toggle("lg-best", i === best);
      bar.style.transform = `scaleX(${answer ? answer[i] : 0})`;
      share.textContent = answer ? this.text.percent(answer[i]) : "";
    });
  }

  /** What each letter says for the answers, on both sides. */
  #explain(written, asText, seen) {
    if (!seen) return;
    const { network, ui } = this;
    const best = (answer) => answer.indexOf(Math.max(...answer));
    this.#showLetters(written, network.weigh(network.read(written), best(asText)).slice(1, -1)); // without the paper around
    const nats = network.weigh(seen.line, best(seen.answer));
    showStrip(ui.canvas, seen.strip, seen.line.edges, nats, this.#colours(), this.#scale(seen.strip));
    ui.root.dataset.state = "explained";
  }

  /** The characters in the order on paper, underlined by what they say. */
  #showLetters(written, nats) {
    const { network, ui, text } = this, characters = network.alphabet.characters(written);
    ui.root.dataset.state = "ready";
    if (!characters.length) return ui.letters.replaceChildren(text.nothing);
    const most = Math.max(1, ...(nats ?? []).map(Math.abs));
    ui.letters.replaceChildren(...characters.map((character, i) => {
      const span = make("span", {}, character);
      if (!nats) return span;
      span.style.setProperty("--lg-mark", nats[i] > 0 ? "var(--lg-blue)" : "var(--lg-red)");
      span.style.setProperty("--lg-thick", Math.round((7 * Math.abs(nats[i])) / most));
      return span;
    }));
  }

  #seePicture(written) {
    const { network, ui } = this;
    const strip = drawText(written, { font: ui.font.value, bold: ui.bold.checked, italic: ui.italic.checked, inverted: ui.inverted.checked, noise: Number(ui.noise.value) });
    let line;
    const answer = this.#clocked(ui.picture, () => network.judge((line = network.see(strip.pixels, strip.width))));
    return { strip, line, answer };
  }

  #scale({ width }) {
    return Math.min(LARGEST, Math.max(1, (this.ui.sheet.clientWidth - 30) / width));
  }

  #colours() {
    const style = getComputedStyle(this.ui.root);
    return { for: style.getPropertyValue("--lg-blue"), against: style.getPropertyValue("--lg-red"), rule: style.getPropertyValue("--lg-rule") };
  }

  /** Say both answers to those who cannot see the bars, when typing rests. */
  #speak(asText, asPicture) {
    const { text, ui } = this;
    const say = (kind, answer) => answer && text.says(kind, ...this.#inWords(answer));
    ui.live.textContent = [say(text.asText, asText), say(text.asPicture, asPicture)].filter(Boolean).join(" ");
  }

  #inWords(answer) {
    const best = answer.indexOf(Math.max(...answer));
    return [this.text.languages[this.network.about.languages[best]], this.text.percent(answer[best])];
  }

  // --- photos

  async #look(file) {
    if (!file || !this.network) return;
    const { ui, text } = this, turn = (this.turn = (this.turn ?? 0) + 1);
    let picture = null;
    this.#showLines([], text.looking);
    try {
      picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    } catch { /* said below */ }
    if (turn !== this.turn || this.gone.signal.aborted) return picture?.close(); // a later photo was chosen meanwhile
    if (!picture) return this.#showLines([], text.badPicture);
    if (picture.width * picture.height > MOST_PIXELS) {
      picture.close();
      return this.#showLines([], text.largePicture);
    }
    const found = strips(greyOf(picture, picture.width, picture.height));
    picture.close();
    if (!found.length) return this.#showLines([], text.noLines);
    const answers = found.map(({ pixels, width }) => this.network.judge(this.network.see(pixels, width)));
    const whole = vote(answers, found.map(({ width }) => width));
    this.#showLines(found.map((strip, i) => [strip, answers[i]]), text.foundLines(found.length));
    ui.verdict.hidden = false;
    this.#showBars(ui.verdictSide, whole);
    this.announce({ lines: found.length, answer: whole });
  }

  #showLines(lines, words) {
    const { ui, text } = this;
    ui.verdict.hidden = true;
    ui.found.textContent = words;
    ui.lines.replaceChildren(...lines.map(([strip, answer], i) => {
      const canvas = make("canvas", { role: "img", "aria-label": text.picture });
      showStrip(canvas, { ...strip, pixels: strip.pixels.map((ink) => 1 - ink) }, null, null, null, 1);
      return make("li", {}, canvas, text.lineOf(i + 1, text.answer(...this.#inWords(answer))));
    }));
  }

  // --- hands

  #listen() {
    const { ui } = this;
    const on = (target, type, act) => this.on(target, type, act);
    for (const part of [ui.words, ui.font, ui.bold, ui.italic, ui.inverted, ui.noise]) on(part, "input", () => this.#wake());
    on(matchMedia("(prefers-color-scheme: dark)"), "change", () => this.#wake());
    on(ui.file, "change", () => this.#look(ui.file.files[0]));
    on(ui.drop, "dragover", (event) => { event.preventDefault(); ui.drop.classList.add("lg-over"); });
    on(ui.drop, "dragleave", () => ui.drop.classList.remove("lg-over"));
    on(ui.drop, "drop", (event) => {
      event.preventDefault();
      ui.drop.classList.remove("lg-over");
      this.#look(event.dataTransfer.files[0]);
    });
    on(ui.root, "paste", (event) => {
      const picture = Array.from(event.clipboardData?.files ?? []).find((file) => file.type.startsWith("image/"));
      if (!picture) return;
      event.preventDefault();
      this.#look(picture);
    });
  }

  // --- the parts, all of them plain HTML

  #build(first) {
    const { ui, text } = this;
    const field = (name, ...parts) => make("label", { class: "lg-field" }, name, ...parts);
    const check = (name) => {
      const box = make("input", { type: "checkbox" });
      return [box, make("label", { class: "lg-check" }, box, name)];
    };

    ui.words = make("textarea", { rows: 2, dir: "auto", spellcheck: "false", autocapitalize: "off" });
    ui.words.value = first;
    const chips = text.samples.map((sample) => {
      const chip = make("button", { type: "button", class: "lg-chip", dir: "auto" }, sample);
      this.on(chip, "click", () => { ui.words.value = sample; this.#wake(); });
      return chip;
    });
    const ask = make("div", { class: "lg-part lg-ask" }, field(text.write, ui.words),
      make("div", { class: "lg-field" }, text.examples, make("div", { class: "lg-chips" }, ...chips)));

    ui.text = this.#side(text.asText);
    ui.letters = make("p", { class: "lg-letters" });
    ui.text.root.append(make("div", { class: "lg-sheet" }, ui.letters), make("p", { class: "lg-hint" }, text.textHint));

    ui.picture = this.#side(text.asPicture);
    ui.canvas = make("canvas", { role: "img", "aria-label": text.picture });
    ui.sheet = make("div", { class: "lg-sheet", tabindex: 0, role: "group", "aria-label": text.picture }, ui.canvas);
    ui.font = make("select", {}, ...Object.entries(text.fonts).map(([value, name]) => make("option", { value }, name)));
    ui.noise = make("input", { type: "range", min: 0, max: 1, step: 0.05, value: 0 });
    const [bold, boldLabel] = check(text.bold), [italic, italicLabel] = check(text.italic), [inverted, invertedLabel] = check(text.inverted);
    Object.assign(ui, { bold, italic, inverted });
    ui.picture.root.append(ui.sheet,
      make("div", { class: "lg-drawing" }, field(text.font, ui.font), field(text.noise, ui.noise), boldLabel, italicLabel, invertedLabel),
      make("p", { class: "lg-hint" }, text.pictureHint));

    ui.file = make("input", { type: "file", accept: "image/*" });
    ui.drop = make("div", { class: "lg-drop" }, make("label", { class: "lg-choose" }, ui.file, text.choose), make("p", {}, text.drop));
    ui.found = make("p", { role: "status" });
    ui.lines = make("ol", { class: "lg-lines" });
    ui.verdictSide = this.#side("");
    ui.verdict = make("div", { hidden: true }, ui.verdictSide.list);
    const photo = make("div", { class: "lg-part lg-photo" }, make("p", { class: "lg-title" }, text.photo), ui.drop, ui.found, ui.verdict, ui.lines);

    ui.foot = make("p", { class: "lg-foot" });
    ui.root = make("div", { class: "language-widget", lang: this.lang }, this.makeError(() => this.#fetch()), ask,
      make("div", { class: "lg-sides" }, ui.text.root, ui.picture.root), photo, ui.foot, this.makeLive());
    this.element.append(ui.root);
  }

  /** A title with a clock, and a bar for each language. */
  #side(title) {
    const clock = make("span", { "aria-hidden": "true" });
    const bars = Object.values(this.text.languages).map((name) => {
      const bar = make("i"), share = make("span", { class: "lg-share" });
      return { row: make("li", {}, name, make("span", { class: "lg-bar" }, bar), share), bar, share };
    });
    const list = make("ol", { class: "lg-bars" }, ...bars.map(({ row }) => row));
    return { root: make("section", { class: "lg-side" }, make("p", { class: "lg-title" }, title, clock), list), bars, clock, list };
  }
}
