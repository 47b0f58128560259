/** Questions whose answers nobody typed: when the reader checks, the page runs what is asked about, and compares. */

import { el } from "./desk.js";

/**
 * @typedef {object} Question
 * @property {string} ask
 * @property {string[]} [choices] to choose from; the answer is an index. Without them it is a number
 * @property {number} [within] how far a number may be off, as a share of the right one
 * @property {() => {answer: number, said: string}} run computes the answer, and says what came out
 */

/** @param {import("./desk.js").Desk} desk @param {Question[]} questions */
export function ask(desk, questions) {
  const forms = questions.map((question, index) => form(desk, question, index));
  desk.end.append(el("section", { class: "cc-questions", "aria-label": desk.text.questions }, el("p", { class: "cc-title" }, desk.text.questions), ...forms));
}

function form(desk, { ask, choices, within = 0, run }, index) {
  const { text } = desk, name = `cc-q${Math.random().toString(36).slice(2)}`;
  const verdict = el("p", { class: "cc-verdict", role: "status" });
  const number = choices ? null : el("input", { type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": `${text.answer}: ${ask}` });
  const options = choices?.map((words, value) => el("label", { class: "cc-option" }, el("input", { type: "radio", name, value }), el("span", {}, words)));
  const field = choices ? el("fieldset", { class: "cc-choice" }, el("legend", {}, ask), el("div", {}, ...options)) : el("label", { class: "cc-field" }, el("span", {}, ask), number);
  const node = el("form", { class: "cc-question", "data-question": index }, field, el("button", { class: "cc-quiet" }, text.check), verdict);

  const given = () => {
    const said = choices ? node.querySelector("input:checked")?.value : number.value.trim().replace(",", ".").replace("−", "-");
    return said === undefined || said === "" || !Number.isFinite(Number(said)) ? null : Number(said);
  };
  node.addEventListener("submit", (event) => {
    event.preventDefault();
    const mine = given();
    node.classList.remove("cc-right", "cc-wrong");
    if (mine === null) {
      verdict.textContent = text.empty;
      return;
    }
    const { answer, said } = run(), right = Math.abs(mine - answer) <= Math.abs(answer) * within + 1e-9;
    node.classList.add(right ? "cc-right" : "cc-wrong");
    verdict.textContent = `${right ? text.right : text.wrong} ${said}`;
    desk.root.dispatchEvent(new CustomEvent("checked", { bubbles: true, detail: { question: index, given: mine, answer, right } }));
  });
  return node;
}
