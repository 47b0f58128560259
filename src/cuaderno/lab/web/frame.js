/**
 * The frame around a study's widget: what language it speaks, what it wears, how it gets its model and says how that goes,
 * and how it leaves without a trace. A study's widget.js extends Frame and keeps only what is its own.
 */

import { putOn } from "./clothes.js";

export class Frame {
  /**
   * @param {HTMLElement} element
   * @param {{artifact?: string, lang?: string}} options artifact: address of the folder with model.json
   * @param {{en: object, es: object}} texts `loading`, `failed` and `retry` among them, for `meetModel` and `makeError`
   * @param {import("./clothes.js").Look} look
   */
  constructor(element, { artifact = "./", lang = "en" }, texts, look) {
    this.lang = lang in texts ? lang : lang.slice(0, 2) in texts ? lang.slice(0, 2) : "en";
    this.text = texts[this.lang];
    this.artifact = new URL(artifact.endsWith("/") ? artifact : `${artifact}/`, document.baseURI).href;
    this.element = element;
    this.look = look;
    this.ui = {}; // the parts by name; `root` holds them all
    this.undress = putOn(look);
    this.gone = new AbortController(); // every listener hangs on it
  }

  remove() {
    this.gone.abort();
    cancelAnimationFrame(this.frame);
    this.ui.root.remove();
    this.undress();
  }

  on(target, type, act, more) {
    target.addEventListener(type, act, { signal: this.gone.signal, ...more });
  }

  /** Tell the page what came of it. */
  announce(detail, type = "answer") {
    this.element.dispatchEvent(new CustomEvent(type, { bubbles: true, detail }));
  }

  /**
   * Get the model by `act(read)`, and show that it loads or that it failed.
   *
   * Needs `ui.root` and `ui.error`; `foot` is the part that says meanwhile that it loads.
   * @template T @param {(read: (name: string) => Promise<ArrayBuffer>) => Promise<T>} act
   * @returns {Promise<T | null>} null when it failed, or when the widget is gone by then
   */
  async meetModel(act, foot = this.ui.foot) {
    const { ui, text, gone } = this;
    ui.error.hidden = true;
    ui.root.dataset.state = "loading";
    foot.textContent = text.loading;
    try {
      const met = await act(readFrom(this.artifact, gone.signal));
      return gone.signal.aborted ? null : met;
    } catch (error) {
      if (gone.signal.aborted) return null;
      console.warn(`${this.look.name} widget:`, error.message);
      ui.root.dataset.state = "error";
      ui.error.hidden = false;
      foot.textContent = "";
      return null;
    }
  }

  /** `ui.error`: what failed, and a button to try again. */
  makeError(again, kind = "") {
    const { ui, text, look } = this;
    ui.retry = make("button", { type: "button", class: kind || false }, text.retry);
    ui.errorWords = make("p", {}, text.failed);
    ui.error = make("div", { class: `${look.prefix}-error`, role: "alert", hidden: true }, ui.errorWords, ui.retry);
    this.on(ui.retry, "click", again);
    return ui.error;
  }

  /** `ui.live`: what is put there is said to those who do not see. */
  makeLive() {
    return (this.ui.live = make("div", { class: `${this.look.prefix}-unseen`, "aria-live": "polite" }));
  }
}

/** What a study's load() wants: `read(name)` fetches a file of an export folder. @param {string} folder its address */
export function readFrom(folder, signal) {
  return async (name) => {
    const response = await fetch(new URL(name, folder), { signal });
    if (!response.ok) throw new Error(`${name}: ${response.status}`);
    return response.arrayBuffer();
  };
}

/** An element with attributes and children; true is an attribute without a value, false is none. */
export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(name, "");
    else if (value !== false) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

/** Only touch the page when the words differ: screen readers and layout are both spared. */
export function setText(node, words) {
  if (node.textContent !== words) node.textContent = words;
}
