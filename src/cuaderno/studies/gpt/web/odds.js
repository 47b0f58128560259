/**
 * The picture of what is expected: the likeliest tokens as bars on squares of ten per cent, the drawn one in full ink. Where
 * a counting model has its say, each bar has two parts: plain for what the network gives, hatched for what counting gives.
 */

import { setText } from "./frame.js";

const NUM_ROWS = 13; // the twelve likeliest, and the drawn one when it is none of them

export class OddsPicture {
  /** @param {(share: number) => string} percent how to print a share */
  constructor(percent) {
    this.percent = percent;
    this.root = document.createElement("ol");
    this.root.className = "gp-odds";
    this.root.setAttribute("aria-hidden", "true"); // heard as words: see `inWords`
    this.rows = Array.from({ length: NUM_ROWS }, () => this.#row());
  }

  /**
   * @param {{odds: [string, number, number?][], rank?: number, label?: string, probability?: number, counted?: number} | null} place
   *   rank: of the drawn token; counted, the third of each of the odds: how much of the probability comes from counting
   */
  show(place) {
    const bars = place ? [...place.odds] : [];
    let drawn = -1;
    if (place && place.rank !== undefined) {
      drawn = bars.findIndex(([label, p]) => label === place.label && p === place.probability);
      if (drawn < 0) drawn = bars.push([place.label, place.probability, place.counted]) - 1;
    }
    this.rows.forEach(({ row, label, network, counting, share }, i) => {
      const [name, p, counted = 0] = bars[i] ?? ["", 0];
      row.classList.toggle("gp-drawn", i === drawn);
      row.classList.toggle("gp-none", i >= bars.length);
      setText(label, name);
      setText(share, i < bars.length ? this.percent(p) : "");
      network.style.inlineSize = inPercent(p - counted);
      counting.style.inlineSize = inPercent(counted);
    });
  }

  #row() {
    const [row, label, bar, share] = ["li", "b", "i", "span"].map((tag) => document.createElement(tag));
    const [network, counting] = ["gp-network", "gp-counting"].map((part) => {
      const fill = bar.appendChild(document.createElement("i"));
      fill.className = part;
      return fill;
    });
    row.append(label, bar, share);
    this.root.append(row);
    return { row, label, network, counting, share };
  }
}

const inPercent = (share) => `${(100 * share).toFixed(3)}%`;
