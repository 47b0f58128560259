/**
 * The refine widget: type a text and see what the tuned model says, and the sentence as the sequence of vectors that it is
 * to the model.
 *
 *     import { mount } from "./widget.js";
 *     const cleanup = mount(element, { artifact: "address/of/the/export/folder/", lang: "en" });
 *
 * model.js answers. Each answer is announced by an "answer" event on the element: {texts, answer}.
 */

import { Frame, make, readFrom } from "./frame.js";
import { LOOK } from "./look.js";
import { paint } from "./map-strip.js";
import { load, predict } from "./model.js";
import { countWeights } from "./weights.js";
import { TEXT } from "./words.js";

export { TEXT };

const MOST_COLUMNS = 60; // tokens that are drawn
const NEAREST = 6;

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
    const { ui } = this;
    ui.foot = make("p", { class: "rf-foot", role: "status" });
    ui.root = make("div", { class: "refine-widget", lang: this.lang }, this.makeError(() => this.#fetch()), ui.foot);
    element.replaceChildren(ui.root);
    this.#fetch();
  }

  remove() {
    super.remove();
    this.unmap?.();
  }

  async #fetch() {
    this.model = await this.meetModel(load);
    if (!this.model) return;
    this.ui.root.dataset.state = "ready";
    if (this.model.network) this.#build();
    else this.#elsewhere();
    if (this.model.about.map) this.#showMap(readFrom(this.artifact, this.gone.signal));
  }

  /** Made-up sentences and tokens as dots, below everything else. */
  async #showMap(read) {
    try {
      const [{ mount }, bytes] = await Promise.all([import("./map.js"), read("map.json")]);
      if (this.gone.signal.aborted) return;
      const box = make("div"), title = make("p", { class: "rf-title" }, this.text.map);
      const hint = make("p", { class: "rf-hint" }, this.text.mapHint);
      this.ui.root.insertBefore(make("div", { class: "rf-map" }, make("div", { class: "rf-part" }, title, hint), box), this.ui.foot);
      this.unmap = mount(box, { data: JSON.parse(new TextDecoder().decode(bytes)), lang: this.lang });
    } catch (error) {
      if (!this.gone.signal.aborted) console.warn("refine widget:", error.message); // all the rest works without it
    }
  }

  /** A model that no page can run says where it does. */
  #elsewhere() {
    const { text, ui } = this, { foot } = ui, { about } = this.model;
    const question = about.examples[0]?.join(" ||| ") ?? "…";
    const command = make("code", {}, `cuaderno predict refine "${question}"`);
    const part = make("div", { class: "rf-part" }, make("p", {}, text.onPc(about.family)), make("p", {}, command));
    this.ui.root.insertBefore(part, foot);
    foot.textContent = "";
    foot.hidden = true;
  }

  #build() {
    const { text, ui } = this, { about, bytes } = this.model;
    const names = about.is_pair ? [text.one, text.other] : [text.ask];
    this.fields = names.map((name, i) => {
      const field = make("textarea", { spellcheck: "false", rows: 2 });
      field.value = about.examples[0]?.[i] ?? "";
      this.on(field, "input", () => this.#wake());
      return field;
    });
    const labels = this.fields.map((field, i) => make("label", { class: "rf-field" }, names[i], field));
    const chips = about.examples.map((example) => {
      const chip = make("button", { type: "button", class: "rf-chip" }, example.join(" — "));
      this.on(chip, "click", () => {
        this.fields.forEach((field, i) => (field.value = example[i]));
        this.#wake();
      });
      return chip;
    });
    const samples = make("div", {}, make("p", { class: "rf-hint" }, text.samples), make("div", { class: "rf-chips" }, ...chips));
    const ask = make("div", { class: "rf-part" }, ...labels, samples);

    this.bars = make("ol", { class: "rf-bars" });
    this.score = make("p", { class: "rf-title", hidden: true });
    const answered = make("p", { class: "rf-title" }, text.answer);
    const said = make("div", { class: "rf-part", role: "group", "aria-label": text.answer }, answered, this.score, this.bars);

    this.strip = make("div", { class: "rf-strip" });
    this.near = make("p", { class: "rf-near", "aria-live": "polite" });
    const when = make("fieldset", { class: "rf-when", "aria-label": text.picture }, this.#choice("before", true), this.#choice("after", false));
    const picture = make("div", { class: "rf-part" }, make("p", { class: "rf-title" }, text.picture), when, this.strip, this.near,
      make("p", { class: "rf-hint" }, text.pictureHint));

    ui.root.replaceChildren(ask, said, picture, ui.foot);
    ui.foot.textContent = text.ready(Math.round(bytes / 1024), countWeights(about.tensors).toLocaleString(this.lang));
    this.on(matchMedia("(prefers-color-scheme: dark)"), "change", () => this.#wake());
    this.#wake();
  }

  #choice(name, chosen) {
    const input = make("input", { type: "radio", name: `rf-when-${(Math.random() * 1e9) | 0}`, checked: chosen });
    this.whens = { ...this.whens, [name]: input };
    input.name = Object.values(this.whens)[0].name; // one group
    this.on(input, "change", () => this.#wake());
    return make("label", {}, input, this.text[name]);
  }

  /** Answer anew with the next picture, however fast one types. */
  #wake() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.#answer();
    });
  }

  #answer() {
    const texts = this.fields.map((field) => field.value);
    const answer = predict(this.model, { texts });
    if (answer.probabilities) this.#showBars(answer.probabilities);
    else this.#showScore(answer.score);
    this.#showStrip(texts[0]);
    this.announce({ texts, answer });
  }

  #showBars(probabilities) {
    const { labels } = this.model.about, best = Math.max(...probabilities);
    const percent = new Intl.NumberFormat(this.lang, { style: "percent", maximumFractionDigits: 1 });
    const order = labels.map((_, i) => i).sort((a, b) => labels.length > 8 ? probabilities[b] - probabilities[a] : 0).slice(0, 12);
    const rows = order.map((i) => this.#bar(labels[i], probabilities[i], percent.format(probabilities[i]), probabilities[i] === best));
    this.bars.replaceChildren(...rows);
  }

  #showScore(score) {
    const { range: [low, high] } = this.model.about, number = new Intl.NumberFormat(this.lang, { maximumFractionDigits: 2 });
    this.score.hidden = false;
    this.score.textContent = this.text.score(number.format(score), number.format(low), number.format(high));
    const share = Math.min(1, Math.max(0, (score - low) / (high - low || 1)));
    this.bars.replaceChildren(this.#bar(number.format(low), share, number.format(high), true));
  }

  #bar(name, share, words, best) {
    const bar = make("i");
    bar.style.transform = `scaleX(${share})`;
    return make("li", { class: best ? "rf-best" : "" }, make("span", {}, name),
      make("span", { class: "rf-bar", "aria-hidden": "true" }, bar), make("span", { class: "rf-share" }, words));
  }

  // --- the sentence as vectors

  #showStrip(words) {
    const { network } = this.model, reading = network.read(words);
    const vectors = this.whens.after.checked ? reading.after : reading.before;
    const most = vectors.reduce((peak, vector) => vector.reduce((a, x) => Math.max(a, Math.abs(x)), peak), 1e-9);
    const colours = this.#colours();
    const columns = reading.tokens.slice(0, MOST_COLUMNS).map((token, t) => {
      const word = network.tokenizer.spelling[token].replaceAll(" ", "␣");
      const column = make("button", { type: "button", class: "rf-token", "aria-label": this.text.token(word), "aria-pressed": "false" },
        paint(vectors[t], most, colours), word);
      for (const event of ["pointerenter", "focus", "click"]) column.addEventListener(event, () => this.#point(token, word, column));
      return column;
    });
    this.strip.replaceChildren(...columns);
    const first = Math.min(1, reading.tokens.length - 1);
    this.#point(reading.tokens[first], network.tokenizer.spelling[reading.tokens[first]], columns[first]);
  }

  #point(token, word, column) {
    const { network, about } = this.model;
    for (const other of this.strip.children) other.setAttribute("aria-pressed", String(other === column));
    if (Object.values(about.special).includes(token)) {
      this.near.textContent = this.text.special(word.trim());
      return;
    }
    const number = new Intl.NumberFormat(this.lang, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    const list = network.nearest(token, NEAREST).map((found) => `${found.token.trim() || "␣"} ${number.format(found.cosine)}`);
    this.near.textContent = this.text.nearest(word.replaceAll("␣", " ").trim() || "␣", list.join(" · "));
  }

  #colours() {
    const style = getComputedStyle(this.ui.root);
    return ["--rf-blue", "--rf-red"].map((name) => style.getPropertyValue(name).trim());
  }
}
