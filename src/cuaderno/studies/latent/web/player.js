/** A button that lets a slider run to its end by itself, and what shows a few numbers as bars. */

import { make, setText } from "./frame.js";

export const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export class Player {
  /**
   * @param {HTMLButtonElement} button @param {HTMLInputElement} slider
   * @param {{play: string, pause: string}} text
   * @param {number} pause milliseconds of a step
   * @param {() => void} show what the slider stands for, after each move
   */
  constructor(button, slider, text, pause, show) {
    Object.assign(this, { button, slider, text, pause, show });
  }

  get running() {
    return this.timer !== undefined;
  }

  press() {
    if (this.running) this.stop();
    else this.start(Number(this.slider.value) >= Number(this.slider.max));
  }

  /** Run on, or once more from the beginning. */
  start(anew) {
    this.stop();
    if (anew) this.#move(Number(this.slider.min));
    setText(this.button, this.text.pause);
    this.timer = setTimeout(() => this.#next(), this.pause);
  }

  stop() {
    clearTimeout(this.timer);
    this.timer = undefined;
    setText(this.button, this.text.play);
  }

  #next() {
    const { slider, pause } = this;
    this.#move(Number(slider.value) + Number(slider.step));
    if (Number(slider.value) >= Number(slider.max)) return this.stop();
    this.timer = setTimeout(() => this.#next(), pause);
  }

  #move(value) {
    this.slider.value = value;
    this.show();
  }
}

const TALLEST = 3; // deviations
const NAME = "http://www.w3.org/2000/svg";

/** Numbers as bars, up from a line and down from it. */
export class Bars {
  constructor(words) {
    const svg = document.createElementNS(NAME, "svg");
    this.path = document.createElementNS(NAME, "path");
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("aria-hidden", "true");
    svg.append(this.path);
    this.words = make("figcaption", {}, words);
    this.svg = svg;
    this.box = make("figure", { class: "lt-numbers" }, svg, this.words);
  }

  /** @param {Float32Array} values */
  show(values) {
    const high = (value) => 10 * Math.max(-TALLEST, Math.min(TALLEST, value));
    this.svg.setAttribute("viewBox", `0 ${-10 * TALLEST} ${10 * values.length} ${20 * TALLEST}`);
    this.path.setAttribute("d", Array.from(values, (value, i) => `M${10 * i + 1} 0h8v${(-high(value)).toFixed(1)}h-8z`).join(""));
  }
}
