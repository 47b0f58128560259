// A slider for x and the model's y.
import { load, predict } from "./model.js";

export const TEXT = {
  en: { input: "x", answer: "The model answers y =" },
  es: { input: "x", answer: "El modelo responde y =" },
};

/**
 * @param {HTMLElement} element
 * @param {{artifact: string, lang: "en" | "es"}} options `artifact` is the address of the export folder
 * @returns {Promise<() => void>} cleanup
 */
export async function mount(element, { artifact, lang }) {
  const text = TEXT[lang] ?? TEXT.en;
  const model = await load(async (name) => (await fetch(artifact + name)).arrayBuffer());
  const label = document.createElement("label");
  const slider = Object.assign(document.createElement("input"), { type: "range", min: -1, max: 1, step: 0.01, value: 0 });
  const answer = document.createElement("output");
  const show = () => (answer.textContent = `${text.answer} ${predict(model, Number(slider.value)).toFixed(2)}`);
  label.append(text.input, " ", slider);
  slider.addEventListener("input", show);
  element.replaceChildren(label, " ", answer);
  show();
  return () => element.replaceChildren();
}
