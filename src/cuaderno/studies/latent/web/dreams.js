/** Pictures in one step, one of each class, all from the same noise, which can be turned. */

import { make, setText } from "./frame.js";
import { Bars, Player, still } from "./player.js";
import { around, noiseOf } from "./walks.js";

const MOST = 24; // classes that are shown
const TURN_MS = 60; // from one noise to the next, while it turns
const CLOCKED = 15; // times of which the one in the middle is told

export class Dreams {
  /** @param {import("./widget.js").Widget} widget whose panel this is */
  constructor(widget) {
    const { text } = widget, button = (words) => make("button", { type: "button" }, words);
    Object.assign(this, { widget, seed: 1, times: [] });
    this.slider = make("input", { type: "range", min: "0", max: "360", step: "3", value: "0", "aria-label": text.turn });
    this.said = make("output", {});
    this.bars = new Bars(text.noise(24));
    this.canvas = make("canvas", { class: "lt-dreams", role: "img" });
    this.clock = make("p", { class: "lt-clock", "aria-hidden": "true" });
    const [play, other] = [button(text.play), button(text.other)];
    this.player = new Player(play, this.slider, text, TURN_MS, () => this.paint());
    this.panel = make("div", { class: "lt-part", hidden: true }, make("p", { class: "lt-hint" }, text.dreamHint),
      make("div", { class: "lt-slide" }, make("span", {}, text.turn, this.said), this.slider),
      make("div", { class: "lt-turned" }, make("div", { class: "lt-buttons" }, play, other), this.bars.box), this.canvas, this.clock);
    widget.on(this.slider, "input", () => { this.player.stop(); this.paint(); });
    widget.on(play, "click", () => this.player.press());
    widget.on(other, "click", () => { this.seed++; this.paint(); });
  }

  /** What depends on the networks. */
  furnish() {
    const { about, text } = this.widget;
    this.count = Math.min(MOST, about.classes.length);
    this.canvas.setAttribute("aria-label", text.dreams(this.count));
    setText(this.bars.words, text.noise(about.latent_dim));
  }

  open() {
    this.paint();
    if (!still()) this.player.start(true);
  }

  close() {
    this.player.stop();
  }

  paint() {
    const { widget, count, seed, slider } = this, { network, text } = widget, degrees = Number(slider.value);
    const [one, other] = [noiseOf(seed, network.latents), noiseOf(seed + 1000, network.latents)];
    const noise = around(one, other, (degrees * Math.PI) / 180), noises = new Float32Array(count * network.latents);
    for (let k = 0; k < count; k++) noises.set(noise, k * network.latents);
    const start = performance.now();
    const pixels = network.decode(network.dream(noises, Array.from({ length: count }, (_, k) => k)), count);
    const milliseconds = performance.now() - start;
    widget.show(this.canvas, pixels, { count, columns: count <= 12 ? Math.ceil(count / 2) : 5, gap: 1 });
    this.bars.show(noise);
    slider.setAttribute("aria-valuetext", text.degrees(degrees));
    setText(this.said, text.degrees(degrees));
    this.#tell(milliseconds);
    widget.announce({ source: "dream", degrees, count, milliseconds });
  }

  /** How long it takes: the middle of the last times, since any one may have been disturbed. */
  #tell(milliseconds) {
    this.times = [...this.times.slice(1 - CLOCKED), milliseconds];
    const middle = [...this.times].sort((a, b) => a - b)[this.times.length >> 1];
    if (middle > 0) setText(this.clock, this.widget.text.each(Math.max(1, Math.round(middle)), this.count));
  }
}
