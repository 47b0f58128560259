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

/**
 * What followed what, for contexts of 0 to 4 letters; a context is a number, its letters the digits.
 *
 * Each context has a row of one long table: how often every letter followed, how many letters did, and of how many kinds.
 * 16 bits are enough for what a page reads.
 */
export class Counts {
  /** @param {string} letters the letters there are */
  constructor(letters) {
    this.letters = [...letters];
    this.number = new Map(this.letters.map((letter, at) => [letter, at]));
    this.rows = Array.from({ length: ORDER + 1 }, () => new Map());
    this.wide = this.letters.length + 2;
    this.table = new Uint16Array(4096 * this.wide);
    this.used = 0;
  }

  read(text) {
    const given = this.numbers(text), many = this.letters.length;
    for (let at = 0; at < given.length; at++) {
      for (let order = 0, before = 0, place = 1; order <= Math.min(ORDER, at); order++, place *= many) {
        if (order) before += given[at - order] * place;
        const row = this.rows[order].get(before) ?? this.#anew(order, before);
        if (!this.table[row + given[at]]++) this.table[row + many + 1]++;
        this.table[row + many]++;
      }
    }
    return this;
  }

  #anew(order, before) {
    const row = this.used;
    this.used += this.wide;
    if (this.used > this.table.length) {
      const larger = new Uint16Array(2 * this.table.length);
      larger.set(this.table);
      this.table = larger;
    }
    this.rows[order].set(before, row);
    return row;
  }

  /** A text as the numbers of its letters. */
  numbers(text) {
    return Array.from(text, (letter) => this.number.get(letter));
  }

  /** The rows of the letters before a place, of none, then one, … as far as they were seen. */
  seen(given, at) {
    const found = [];
    for (let order = 0, before = 0, place = 1; order <= Math.min(ORDER, at); order++, place *= this.letters.length) {
      if (order) before += given[at - order] * place;
      const row = this.rows[order].get(before);
      if (row === undefined) break;
      found.push(row);
    }
    return found;
  }

  /** How likely each letter is to follow; as much as a context is new, a shorter one is asked. @returns {number[]} sums to 1 */
  expect(before) {
    const given = this.numbers(before), many = this.letters.length, odds = Array(many).fill(1 / many);
    for (const row of this.seen(given, given.length)) {
      const kinds = this.table[row + many + 1], all = this.table[row + many] + kinds;
      for (let letter = 0; letter < many; letter++) odds[letter] = (odds[letter] * kinds + this.table[row + letter]) / all;
    }
    return odds;
  }

  /** How surprised it is by each letter of a text, on average. */
  loss(text) {
    const given = this.numbers(text), many = this.letters.length;
    let sum = 0;
    for (let at = 0; at < given.length; at++) {
      let odd = 1 / many; // as `expect`, for one letter
      for (const row of this.seen(given, at)) {
        const kinds = this.table[row + many + 1];
        odd = (odd * kinds + this.table[row + given[at]]) / (this.table[row + many] + kinds);
      }
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
