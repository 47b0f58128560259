/** The way from noise to a picture, as a film that runs, stops and is wound back and forth. */

import { make, setText } from "./frame.js";
import { Bars, Player, still } from "./player.js";
import { noiseOf } from "./walks.js";

const STEPS = 20;
const STEP_MS = 120;
const FIRST = 7; // the class that is asked for at first, where there are so many
const NARROW = 560; // CSS pixels; below, the strip has three rows

export class Film {
  /** @param {import("./widget.js").Widget} widget whose panel this is */
  constructor(widget) {
    const { text } = widget, button = (words) => make("button", { type: "button" }, words);
    Object.assign(this, { widget, seed: 1 });
    this.classes = make("div", { class: "lt-classes" });
    this.screen = make("canvas", { class: "lt-screen", role: "img" });
    this.slider = make("input", { type: "range", min: "0", max: `${STEPS}`, step: "1", value: `${STEPS}`, "aria-label": text.way });
    this.said = make("output", {});
    this.bars = new Bars(text.numbers(24));
    this.strip = make("canvas", { class: "lt-strip", role: "img", "aria-label": text.frames(STEPS) });
    this.mark = make("i", { class: "lt-mark" });
    const [play, other] = [button(text.play), button(text.other)];
    this.player = new Player(play, this.slider, text, STEP_MS, () => this.#show());
    this.panel = make("div", { class: "lt-part", hidden: true }, make("p", { class: "lt-hint" }, text.filmHint),
      make("fieldset", {}, make("legend", {}, text.class), this.classes),
      make("div", { class: "lt-body lt-film" }, this.screen, make("div", { class: "lt-side" },
        make("div", { class: "lt-slide" }, this.said, this.slider), make("div", { class: "lt-buttons" }, play, other), this.bars.box)),
      make("div", { class: "lt-frames" }, this.strip, this.mark));
    widget.on(this.slider, "input", () => { this.player.stop(); this.#show(); });
    widget.on(play, "click", () => this.player.press());
    widget.on(other, "click", () => { this.seed++; this.#run(); });
    widget.on(this.strip, "click", (event) => this.#wind(event));
  }

  /** What depends on the networks. */
  furnish(number) {
    const { widget, classes } = this, { about, text } = widget;
    this.kind = Math.min(FIRST, about.classes.length - 1);
    classes.replaceChildren(...about.classes.map((_, k) => {
      const input = make("input", { type: "radio", name: `lt-class-${number}`, value: `${k}`, checked: k === this.kind });
      widget.on(input, "change", () => { this.kind = k; this.#run(); });
      return make("label", {}, input, make("span", {}, widget.name(k)));
    }));
    setText(this.bars.words, text.numbers(about.latent_dim));
  }

  open() {
    this.#run();
  }

  close() {
    this.player.stop();
  }

  paint() {
    this.columns = this.widget.element.clientWidth < NARROW ? 7 : STEPS + 1;
    this.widget.show(this.strip, this.pictures, { count: STEPS + 1, columns: this.columns, gap: 1 });
    this.#show();
  }

  /** Make the film, and let it run for those whom nothing that moves disturbs. */
  #run() {
    const { widget, seed, kind } = this, { network, text } = widget, start = performance.now();
    this.stages = network.film(noiseOf(seed, network.latents), [kind], STEPS);
    this.pictures = network.decode(Float32Array.from(this.stages.flatMap((stage) => Array.from(stage))), STEPS + 1);
    const milliseconds = performance.now() - start;
    this.screen.setAttribute("aria-label", text.picture(widget.name(kind)));
    this.paint();
    if (still()) this.player.stop();
    else this.player.start(true);
    widget.announce({ source: "film", class: kind, milliseconds });
  }

  #show() {
    const { widget, slider, columns } = this, { network, text } = widget, step = Number(slider.value), words = text.step(step, STEPS);
    slider.setAttribute("aria-valuetext", words);
    setText(this.said, words);
    widget.show(this.screen, this.pictures.subarray(step * network.pixels, (step + 1) * network.pixels));
    this.bars.show(this.stages[step]);
    const rows = Math.ceil((STEPS + 1) / columns), percent = (part, whole) => `${(100 * part) / whole}%`;
    Object.assign(this.mark.style, { left: percent(step % columns, columns), top: percent(Math.floor(step / columns), rows), width: percent(1, columns), height: percent(1, rows) });
  }

  /** To the picture of the strip that was touched. */
  #wind(event) {
    const { columns, strip, slider } = this, box = strip.getBoundingClientRect(), rows = Math.ceil((STEPS + 1) / columns);
    const column = Math.floor(((event.clientX - box.left) / box.width) * columns), row = Math.floor(((event.clientY - box.top) / box.height) * rows);
    this.player.stop();
    slider.value = row * columns + column;
    this.#show();
  }
}
