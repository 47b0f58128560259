// A language model that counts letters, as parts/garbage.py does. No page: the same in Node.

import { Chance } from "../chance.js";

export const ORDER = 4; // letters that it looks back

/** The text with a share of its letters replaced by any ones. @param {string} letters to choose from */
export function spoiled(text, share, letters, seed) {
  if (!share) return text;
  const chance = new Chance(seed), known = [...letters];
  return [...text].map((letter) => {
    const other = known[Math.floor(chance.number() * known.length)];
    return chance.number() < share ? other : letter;
  }).join("");
}

/** What followed what, for contexts of 0 to 4 letters; a context is a number, its letters the digits. */
export class Counts {
  /** @param {string} letters the letters there are */
  constructor(letters) {
    this.letters = [...letters];
    this.number = new Map(this.letters.map((letter, at) => [letter, at]));
    this.followed = Array.from({ length: ORDER + 1 }, () => new Map());
  }

  read(text) {
    const given = this.numbers(text);
    for (let at = 0; at < given.length; at++) {
      for (let order = 0, before = 0, place = 1; order <= Math.min(ORDER, at); order++, place *= this.letters.length) {
        if (order) before += given[at - order] * place;
        let after = this.followed[order].get(before);
        if (!after) this.followed[order].set(before, (after = { total: 0, counts: new Map() }));
        after.total++;
        after.counts.set(given[at], (after.counts.get(given[at]) ?? 0) + 1);
      }
    }
    return this;
  }

  /** A text as the numbers of its letters. */
  numbers(text) {
    return Array.from(text, (letter) => this.number.get(letter));
  }

  /** What followed the letters before a place, of none, then one, … as far as they were seen. */
  *followers(given, at) {
    for (let order = 0, before = 0, place = 1; order <= Math.min(ORDER, at); order++, place *= this.letters.length) {
      if (order) before += given[at - order] * place;
      const after = this.followed[order].get(before);
      if (!after) return;
      yield after;
    }
  }

  /** How likely each letter is to follow. @returns {number[]} sums to 1 */
  expect(before) {
    const odds = new Float64Array(this.letters.length).fill(1 / this.letters.length);
    const given = this.numbers(before);
    for (const { total, counts } of this.followers(given, given.length)) {
      for (let letter = 0; letter < odds.length; letter++) odds[letter] *= counts.size;
      for (const [letter, many] of counts) odds[letter] += many;
      for (let letter = 0; letter < odds.length; letter++) odds[letter] /= total + counts.size;
    }
    return [...odds];
  }

  /** How surprised it is by each letter of a text, on average. */
  loss(text) {
    const given = this.numbers(text);
    let sum = 0;
    for (let at = 0; at < given.length; at++) {
      let odd = 1 / this.letters.length; // as `expect`, for one letter
      for (const { total, counts } of this.followers(given, at)) odd = (odd * counts.size + (counts.get(given[at]) ?? 0)) / (total + counts.size);
      sum -= Math.log(odd);
    }
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
