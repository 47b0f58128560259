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

import { Desk, el } from "./desk.js";
import { dress } from "./look.js";
import { load } from "./model.js";
import { TEXT } from "./words.js";

export { TEXT };

/**
 * @param {HTMLElement} element
 * @param {{artifact: string, lang?: string}} options artifact: address of the folder with model.json
 * @returns {() => void} cleanup
 */
export function mount(element, { artifact, lang = "en" }) {
  lang = lang.slice(0, 2) in TEXT ? lang.slice(0, 2) : "en";
  const text = TEXT[lang], undress = dress(), gone = new AbortController();
  const root = el("div", { class: "concepts-widget", lang, "data-state": "loading" });
  element.append(root);

  const base = new URL(artifact.endsWith("/") ? artifact : `${artifact}/`, document.baseURI);
  const read = async (name) => {
    const response = await fetch(new URL(name, base), { signal: gone.signal });
    if (!response.ok) throw new Error(`${name}: ${response.status}`);
    return response.arrayBuffer();
  };

  const begin = async () => {
    try {
      const { about, part: model } = await load(read);
      const part = await import(`./parts/${about.part}.js`);
      if (gone.signal.aborted) return;
      root.replaceChildren();
      root.dataset.part = about.part;
      await part.open(new Desk(root, { about, model, read, lang, text: { ...text, ...part.TEXT[lang] }, signal: gone.signal }));
      root.dataset.state = "ready";
    } catch (error) {
      if (gone.signal.aborted) return;
      console.warn("concepts widget:", error.message);
      root.dataset.state = "error";
      root.replaceChildren(el("p", { class: "cc-error", role: "alert" }, text.failed, " ", el("button", { type: "button", onclick: begin }, text.again)));
    }
  };
  begin();

  return () => {
    gone.abort();
    root.remove();
    undress();
  };
}
