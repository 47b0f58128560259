/** Random numbers from a seed, the same ones as in data.py. Source: mulberry32 by Tommy Ettinger, public domain. */
export class Chance {
  constructor(seed) {
    this.state = seed | 0;
  }

  /** Between 0 and 1, every one as likely as the other. */
  number() {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  between(low, high) {
    return low + (high - low) * this.number();
  }

  /** Around 0 with standard deviation 1. */
  normal() {
    return Math.sqrt(-2 * Math.log(1 - this.number())) * Math.cos(2 * Math.PI * this.number());
  }
}
