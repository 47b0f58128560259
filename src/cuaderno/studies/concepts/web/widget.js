/**
 * One idea to touch: which one, the run says.
 *
 *     import { mount } from "./widget.js";
 *     const cleanup = mount(element, { artifact: "address/of/the/export/folder/", lang: "en" });
 *
 * Reading order: desk.js (what a part builds with), plane.js, questions.js, then a part: parts/NAME-model.js computes,
 * parts/NAME.js is what the reader touches: `open(desk)` and its own `TEXT`. A checked answer is told by a "checked"
 * event on the element, and what a part has computed by "computed" events.
 */

import { Desk } from "./desk.js";
import { Frame, make, readFrom } from "./frame.js";
import { LOOK } from "./look.js";
import { complete, load } from "./model.js";
import { TEXT } from "./words.js";

export { TEXT };

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
    ui.foot = make("p", { class: "cc-foot" });
    ui.body = make("div", {});
    ui.root = make("div", { class: "concepts-widget", lang: this.lang }, this.makeError(() => this.#open()), ui.body, this.makeLive(), ui.foot);
    element.append(ui.root);
    this.#open();
  }

  async #open() {
    const { ui, lang } = this;
    const met = await this.meetModel(async (read) => {
      const said = read("model.json"), { part } = JSON.parse(new TextDecoder().decode(await said));
      const model = load((name) => (name === "model.json" ? said : read(name))); // while the explorable is on its way
      const [met, explorable] = await Promise.all([model, import(`./parts/${part}.js`)]);
      return { ...met, explorable };
    });
    if (!met) return;
    const { about, part: model, explorable } = met, text = { ...this.text, ...explorable.TEXT[lang] };
    const whole = () => complete({ about, part: model, read: readFrom(this.artifact, this.gone.signal) });
    ui.root.dataset.part = about.part;
    ui.foot.textContent = "";
    ui.body.replaceChildren();
    await explorable.open(new Desk(ui.body, { about, model, whole, lang, text, live: ui.live, signal: this.gone.signal }));
    ui.root.dataset.state = "ready";
  }
}
