/** Text to byte pairs as `../tokens.py` makes them: a space first, words with the space before them, single digits, zeros for a long number. */

const SPACE = "\\p{White_Space}";
const WORDS = ` ?\\p{L}+| ?\\p{N}| ?[^${SPACE}\\p{L}\\p{N}]+|${SPACE}+`;

/** A number of five digits or more, which is read as its length alone. */
const LONG_NUMBER = /(?<!\p{N})\p{N}{5,8}(?!\p{N})|\p{N}{9,}/gu;

/** The letter that stands for each byte in a byte-level vocabulary: itself where it prints, else one from U+0100 on. */
const BYTE_LETTERS = (() => {
  const prints = (byte) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(prints(byte) ? byte : next++));
})();

/** Single spaces, none at the ends. */
export const tidy = (text) => text.toWellFormed().replace(new RegExp(`${SPACE}+`, "gu"), " ").trim();

export class Tokenizer {
  /** @param {{tokens: string[], merges: [string, string][], special: Record<string, number>, lowercase: boolean, long_numbers?: boolean}} about */
  constructor({ tokens, merges, special, lowercase, long_numbers }) {
    this.special = special;
    this.lowercase = lowercase;
    this.longNumbers = long_numbers;
    this.words = new RegExp(long_numbers ? ` ?0{5,}|${WORDS}` : WORDS, "gu");
    this.marks = new RegExp(`(${Object.keys(special).map((name) => name.replace(/[[\]]/g, "\\$&")).join("|")})`);
    this.numbers = new Map(tokens.map((token, number) => [token, number]));
    this.merges = new Map(merges.map(([left, right], rank) => [`${left} ${right}`, rank]));
    const byteOf = new Map(BYTE_LETTERS.map((letter, byte) => [letter, byte]));
    const utf8 = new TextDecoder();
    this.spelling = tokens.map((token, number) =>
      Object.values(special).includes(number) ? token : utf8.decode(Uint8Array.from(token, (letter) => byteOf.get(letter) ?? 63)),
    );
  }

  /** The tokens of a text between its two marks, at most `most` of them. @returns {number[]} */
  encode(text, most) {
    const tokens = [];
    for (const piece of tidy(text).split(this.marks)) {
      if (piece in this.special) tokens.push(this.special[piece]);
      else if (piece) for (const [word] of ` ${this.#plain(piece)}`.matchAll(this.words)) tokens.push(...this.#word(word));
    }
    return [this.special["[CLS]"], ...tokens.slice(0, most - 2), this.special["[SEP]"]];
  }

  /** A piece as the network reads it. */
  #plain(piece) {
    const small = this.lowercase ? piece.toLowerCase() : piece;
    return this.longNumbers ? small.replace(LONG_NUMBER, (digits) => "0".repeat([...digits].length < 9 ? 5 : 9)) : small;
  }

  /** Merge the pair that was learned first, wherever it stands, until no pair is left. */
  #word(word) {
    let parts = Array.from(new TextEncoder().encode(word), (byte) => BYTE_LETTERS[byte]);
    while (parts.length > 1) {
      let [best, pair] = [Infinity, ""];
      for (let i = 0; i + 1 < parts.length; i++) {
        const rank = this.merges.get(`${parts[i]} ${parts[i + 1]}`) ?? Infinity;
        if (rank < best) [best, pair] = [rank, `${parts[i]} ${parts[i + 1]}`];
      }
      if (best === Infinity) break;
      const merged = [];
      for (let i = 0; i < parts.length; i++) {
        const here = i + 1 < parts.length && `${parts[i]} ${parts[i + 1]}` === pair;
        merged.push(here ? parts[i] + parts[i + 1] : parts[i]);
        if (here) i++;
      }
      parts = merged;
    }
    return parts.map((part) => this.numbers.get(part)).filter((token) => token !== undefined);
  }
}
