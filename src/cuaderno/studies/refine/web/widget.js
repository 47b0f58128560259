/**
 * The refine widget: type a text and see what the tuned model says, and the sentence as the sequence of vectors that it is
 * to the model.
 *
 *     import { mount } from "./widget.js";
 *     const cleanup = mount(element, { artifact: "address/of/the/export/folder/", lang: "en" });
 *
 * model.js answers. Each answer is announced by an "answer" event on the element: {texts, answer}.
 */

import { dress } from "./look.js";
import { paint } from "./map-strip.js";
import { load, predict } from "./model.js";
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

/** An element with properties and children. */
function make(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

class Widget {
  constructor(element, { artifact, lang = "en" }) {
    this.lang = lang in TEXT ? lang : lang.slice(0, 2) in TEXT ? lang.slice(0, 2) : "en";
    this.text = TEXT[this.lang];
    this.element = element;
    this.artifact = artifact;
    this.undress = dress();
    this.gone = new AbortController(); // every listener hangs on it
    this.root = make("div", { className: "refine-widget", lang: this.lang });
    this.foot = make("p", { className: "rf-foot" });
    this.foot.setAttribute("role", "status");
    this.root.append(this.foot);
    element.replaceChildren(this.root);
    this.#fetch();
  }

  remove() {
    this.gone.abort();
    cancelAnimationFrame(this.frame);
    this.unmap?.();
    this.root.remove();
    this.undress();
  }

  #on(target, type, act) {
    target.addEventListener(type, act, { signal: this.gone.signal });
  }

  async #fetch() {
    const { root, text, foot } = this;
    root.dataset.state = "loading";
    foot.textContent = text.loading;
    const base = new URL(this.artifact.endsWith("/") ? this.artifact : `${this.artifact}/`, document.baseURI);
    const read = async (name) => {
      const response = await fetch(new URL(name, base), { signal: this.gone.signal });
      if (!response.ok) throw new Error(`${name}: ${response.status}`);
      return response.arrayBuffer();
    };
    try {
      this.model = await load(read);
    } catch (error) {
      if (this.gone.signal.aborted) return;
      console.warn("refine widget:", error.message);
      root.dataset.state = "error";
      this.#failed();
      return;
    }
    if (this.gone.signal.aborted) return;
    root.dataset.state = "ready";
    if (this.model.network) this.#build();
    else this.#elsewhere();
    if (this.model.about.map) this.#showMap(read);
  }

  /** Made-up sentences and tokens as dots, below everything else. */
  async #showMap(read) {
    try {
      const [{ mount }, bytes] = await Promise.all([import("./map.js"), read("map.json")]);
      if (this.gone.signal.aborted) return;
      const box = make("div"), title = make("p", { className: "rf-title", textContent: this.text.map });
      const hint = make("p", { className: "rf-hint", textContent: this.text.mapHint });
      this.root.insertBefore(make("div", { className: "rf-map" }, make("div", { className: "rf-part" }, title, hint), box), this.foot);
      this.unmap = mount(box, { data: JSON.parse(new TextDecoder().decode(bytes)), lang: this.lang });
    } catch (error) {
      if (!this.gone.signal.aborted) console.warn("refine widget:", error.message); // all the rest works without it
    }
  }

  #failed() {
    const again = make("button", { type: "button", textContent: this.text.again });
    const box = make("div", { className: "rf-error" }, make("p", { textContent: this.text.failed }), again);
    this.foot.replaceChildren(box);
    this.#on(again, "click", () => this.#fetch());
  }

  /** A model that no page can run says where it does. */
  #elsewhere() {
    const { text, foot } = this, { about } = this.model;
    const question = about.examples[0]?.join(" ||| ") ?? "…";
    const command = make("code", { textContent: `cuaderno predict refine "${question}"` });
    const part = make("div", { className: "rf-part" }, make("p", { textContent: text.onPc(about.family) }), make("p", {}, command));
    this.root.insertBefore(part, foot);
    foot.textContent = "";
    foot.hidden = true;
  }

  #build() {
    const { text, foot, root } = this, { about, bytes } = this.model;
    const names = about.is_pair ? [text.one, text.other] : [text.ask];
    this.fields = names.map((name, i) => {
      const field = make("textarea", { value: about.examples[0]?.[i] ?? "", spellcheck: false, rows: 2 });
      this.#on(field, "input", () => this.#wake());
      return field;
    });
    const labels = this.fields.map((field, i) => make("label", { className: "rf-field" }, names[i], field));
    const chips = about.examples.map((example) => {
      const chip = make("button", { type: "button", className: "rf-chip", textContent: example.join(" — ") });
      this.#on(chip, "click", () => {
        this.fields.forEach((field, i) => (field.value = example[i]));
        this.#wake();
      });
      return chip;
    });
    const samples = make("div", {}, make("p", { className: "rf-hint", textContent: text.samples }), make("div", { className: "rf-chips" }, ...chips));
    const ask = make("div", { className: "rf-part" }, ...labels, samples);

    this.bars = make("ol", { className: "rf-bars" });
    this.score = make("p", { className: "rf-title", hidden: true });
    const said = make("div", { className: "rf-part" }, make("p", { className: "rf-title", textContent: text.answer }), this.score, this.bars);
    said.setAttribute("role", "group");
    said.setAttribute("aria-label", text.answer);

    this.strip = make("div", { className: "rf-strip" });
    this.near = make("p", { className: "rf-near" });
    this.near.setAttribute("aria-live", "polite");
    const when = make("fieldset", { className: "rf-when" }, this.#choice("before", true), this.#choice("after", false));
    when.setAttribute("aria-label", text.picture);
    const picture = make("div", { className: "rf-part" }, make("p", { className: "rf-title", textContent: text.picture }), when, this.strip, this.near, make("p", { className: "rf-hint", textContent: text.pictureHint }));

    root.replaceChildren(ask, said, picture, foot);
    const weights = about.tensors.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b), 0);
    foot.textContent = text.ready(Math.round(bytes / 1024), weights.toLocaleString(this.lang));
    this.#on(matchMedia("(prefers-color-scheme: dark)"), "change", () => this.#wake());
    this.#wake();
  }

  #choice(name, chosen) {
    const input = make("input", { type: "radio", name: `rf-when-${(Math.random() * 1e9) | 0}`, checked: chosen });
    this.whens = { ...this.whens, [name]: input };
    input.name = Object.values(this.whens)[0].name; // one group
    this.#on(input, "change", () => this.#wake());
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
    this.element.dispatchEvent(new CustomEvent("answer", { bubbles: true, detail: { texts, answer } }));
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
    const row = make("li", { className: best ? "rf-best" : "" }, make("span", { textContent: name }), make("span", { className: "rf-bar" }, bar), make("span", { className: "rf-share", textContent: words }));
    row.querySelector(".rf-bar").setAttribute("aria-hidden", "true");
    return row;
  }

  // --- the sentence as vectors

  #showStrip(words) {
    const { network } = this.model, reading = network.read(words);
    const vectors = this.whens.after.checked ? reading.after : reading.before;
    const most = vectors.reduce((peak, vector) => vector.reduce((a, x) => Math.max(a, Math.abs(x)), peak), 1e-9);
    const colours = this.#colours();
    const columns = reading.tokens.slice(0, MOST_COLUMNS).map((token, t) => {
      const word = network.tokenizer.spelling[token].replaceAll(" ", "␣");
      const column = make("button", { type: "button", className: "rf-token" }, paint(vectors[t], most, colours), word);
      column.setAttribute("aria-label", this.text.token(word));
      column.setAttribute("aria-pressed", "false");
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
    const style = getComputedStyle(this.root);
    return ["--rf-blue", "--rf-red"].map((name) => style.getPropertyValue(name).trim());
  }
}
