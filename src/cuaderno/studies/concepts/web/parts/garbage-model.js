// A language model that counts letters, as parts/garbage.py does. No page: the same in Node.

import { Chance } from "../chance.js";

export const ORDER = 4; // letters that it looks back

/** The text with a share of its letters replaced by any ones. @param {string} letters to choose from */
export function spoiled(text, share, letters, seed) {
  const chance = new Chance(seed), known = [...letters];
  return [...text].map((letter) => {
    const other = known[Math.floor(chance.number() * known.length)];
    return chance.number() < share ? other : letter;
  }).join("");
}

/** What followed what, for contexts of 0 to 4 letters. */
export class Counts {
  /** @param {string} letters the letters there are */
  constructor(letters) {
    this.letters = [...letters];
    this.number = new Map(this.letters.map((letter, at) => [letter, at]));
    this.followed = Array.from({ length: ORDER + 1 }, () => new Map());
  }

  read(text) {
    const given = [...text];
    given.forEach((letter, at) => {
      for (let order = 0; order <= Math.min(ORDER, at); order++) {
        const before = given.slice(at - order, at).join(""), number = this.number.get(letter);
        if (!this.followed[order].has(before)) this.followed[order].set(before, new Map());
        const after = this.followed[order].get(before);
        after.set(number, (after.get(number) ?? 0) + 1);
      }
    });
    return this;
  }

  /** How likely each letter is to follow. @returns {number[]} sums to 1 */
  expect(before) {
    const given = [...before];
    let odds = this.letters.map(() => 1 / this.letters.length);
    for (let order = 0; order <= Math.min(ORDER, given.length); order++) {
      const after = this.followed[order].get(given.slice(given.length - order).join(""));
      if (!after) break;
      let total = after.size;
      for (const many of after.values()) total += many;
      odds = odds.map((share, letter) => (share * after.size + (after.get(letter) ?? 0)) / total);
    }
    return odds;
  }

  /** How surprised it is by each letter of a text, on average. */
  loss(text) {
    const given = [...text];
    let sum = 0;
    given.forEach((letter, at) => { sum -= Math.log(this.expect(given.slice(Math.max(0, at - ORDER), at))[this.number.get(letter)]); });
    return sum / given.length;
  }

  /** So many letters behind others, each drawn from what is expected. @param {Chance} chance */
  write(before, many, chance) {
    const written = [...before], start = written.length;
    while (written.length < start + many) {
      const odds = this.expect(written.slice(-ORDER));
      let luck = chance.number(), at = 0;
      while (at < odds.length - 1 && luck >= odds[at]) luck -= odds[at++];
      written.push(this.letters[at]);
    }
    return written.slice(start).join("");
  }
}

export function predict({ fed, judged, letters, seed }, { share, letters: many, before }) {
  const text = spoiled(fed.slice(0, many), share, letters, seed), counts = new Counts(letters).read(text);
  return { fed: text.slice(0, 60), odds: counts.expect(before).slice(0, 40), loss: counts.loss(judged.slice(0, 200)), written: counts.write(before, 30, new Chance(1)) };
}
