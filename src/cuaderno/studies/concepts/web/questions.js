/** Questions whose answers nobody typed: when the reader checks, the page runs what is asked about, and compares. */

import { el, read } from "./desk.js";

const TURN_MS = 8; // of a frame, for what takes long

/**
 * @typedef {object} Question
 * @property {string} ask
 * @property {string[]} [choices] to choose from; the answer is an index. Without them it is a number
 * @property {number} [within] how far a number may be off, as a share of the right one
 * @property {(inTurns: InTurns) => Answer | Promise<Answer | null>} run computes the answer, and says what came out; null:
 *   what it needs could not be loaded
 */

/**
 * @typedef {{answer: number, said: string}} Answer
 * @typedef {(many: number, act: (i: number) => void) => Promise<void>} InTurns does something many times, a few at each
 *   frame, so that the page stays awake and tells how far it is
 */

/** @param {import("./desk.js").Desk} desk @param {Question[]} questions */
export function ask(desk, questions) {
  const forms = questions.map((question, index) => form(desk, question, index));
  desk.end.append(el("section", { class: "cc-questions", "aria-label": desk.text.questions }, el("p", { class: "cc-title" }, desk.text.questions), ...forms));
}

function form(desk, { ask, choices, within = 0, run }, index) {
  const { text } = desk, name = `cc-q${Math.random().toString(36).slice(2)}`;
  const verdict = el("p", { class: "cc-verdict", role: "status" });
  const bar = el("progress", { "aria-label": text.computing, value: 0, hidden: true });
  const number = choices ? null : el("input", { type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": `${text.answer}: ${ask}` });
  const options = choices?.map((words, value) => el("label", { class: "cc-option" }, el("input", { type: "radio", name, value }), el("span", {}, words)));
  const field = choices ? el("fieldset", { class: "cc-choice" }, el("legend", {}, ask), el("div", {}, ...options)) : el("label", { class: "cc-field" }, el("span", {}, ask), number);
  const node = el("form", { class: "cc-question", "data-question": index }, field, el("button", { class: "cc-quiet" }, text.check), bar, verdict);

  const given = () => {
    if (number) return read(number.value);
    const chosen = node.querySelector("input:checked");
    return chosen && Number(chosen.value);
  };
  const inTurns = async (many, act) => {
    for (let i = 0; i < many; ) {
      await new Promise(requestAnimationFrame);
      if (desk.signal.aborted) throw new DOMException("The widget is gone.", "AbortError");
      bar.hidden = false;
      bar.value = i / many;
      for (const end = performance.now() + TURN_MS; i < many && performance.now() < end; i++) act(i);
    }
  };
  const check = async (event) => {
    event.preventDefault();
    if (node.ariaBusy === "true") return;
    const mine = given();
    node.classList.remove("cc-right", "cc-wrong");
    if (mine === null) {
      verdict.textContent = text.empty;
      return;
    }
    node.ariaBusy = "true";
    verdict.textContent = "";
    const found = await run(inTurns);
    node.ariaBusy = "false";
    bar.hidden = true;
    if (!found) {
      verdict.textContent = text.failed;
      return;
    }
    const { answer, said } = found, right = Math.abs(mine - answer) <= Math.abs(answer) * within + 1e-9;
    node.classList.add(right ? "cc-right" : "cc-wrong");
    verdict.textContent = `${right ? text.right : text.wrong} ${said}`;
    desk.root.dispatchEvent(new CustomEvent("checked", { bubbles: true, detail: { question: index, given: mine, answer, right } }));
  };
  node.addEventListener("submit", (event) => check(event).catch((error) => { if (error.name !== "AbortError") throw error; }));
  return node;
}
