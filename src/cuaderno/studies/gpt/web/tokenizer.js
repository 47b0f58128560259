/** Text to tokens and back, as the `tokenizers` library does it: single characters, or byte pairs as in GPT-2. */

/** @typedef {{encode: (text: string) => {tokens: number[], unknown: string[]}, decode: (tokens: number[]) => string, decoder: () => (token: number) => string}} Tokenizer */

/** @param {{kind: "char" | "bpe", tokens: string[], merges?: [string, string][]}} plan @returns {Tokenizer} */
export function makeTokenizer(plan) {
  if (plan.kind === "char") return new Characters(plan);
  if (plan.kind === "bpe") return new BytePairs(plan);
  throw new Error(`model.json has a tokenizer of kind ${plan.kind}, this reader knows char and bpe`);
}

/** One token per character; characters that it never met are left out. */
class Characters {
  constructor({ tokens }) {
    this.spelling = tokens;
    this.numbers = new Map(tokens.map((character, number) => [character, number]));
  }

  encode(text) {
    const tokens = [], unknown = new Set();
    for (const character of clean(text)) {
      const token = this.numbers.get(character);
      if (token === undefined) unknown.add(character);
      else tokens.push(token);
    }
    return { tokens, unknown: [...unknown] };
  }

  decode(tokens) {
    return tokens.map((token) => this.spelling[token]).join("");
  }

  /** Text of tokens as they come. */
  decoder() {
    return (token) => this.spelling[token];
  }
}

// GPT-2 cuts a text into words first: endings, letters, digits, other marks, white space, the one before a word with it.
// \s of JavaScript is not quite Unicode's white space, which the library means.
const SPACE = "\\p{White_Space}";
const WORDS = new RegExp(
  `'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^${SPACE}\\p{L}\\p{N}]+|${SPACE}+(?!\\P{White_Space})|${SPACE}+`,
  "gu",
);
const MOST_WORDS_REMEMBERED = 20_000;

/** Bytes, and pairs of them that came often, merged in the order in which they were learned. */
class BytePairs {
  constructor({ tokens, merges }) {
    this.numbers = new Map(tokens.map((token, number) => [token, number]));
    const byteOf = new Map(BYTE_LETTERS.map((letter, byte) => [letter, byte]));
    this.bytes = tokens.map((token) => Uint8Array.from(token, (letter) => byteOf.get(letter) ?? 0));
    /** from the two tokens of a pair to [rank, the token that they become] */
    this.merges = new Map(
      merges.map(([left, right], rank) => [`${this.numbers.get(left)} ${this.numbers.get(right)}`, [rank, this.numbers.get(left + right)]]),
    );
    this.words = new Map();
  }

  encode(text) {
    const tokens = [];
    for (const [word] of clean(text).matchAll(WORDS)) for (const token of this.#word(word)) tokens.push(token);
    return { tokens, unknown: [] };
  }

  #word(word) {
    let tokens = this.words.get(word);
    if (tokens) return tokens;
    const letters = Array.from(new TextEncoder().encode(word), (byte) => this.numbers.get(BYTE_LETTERS[byte]));
    tokens = this.#merge(letters.filter((token) => token !== undefined));
    if (this.words.size >= MOST_WORDS_REMEMBERED) this.words.clear();
    this.words.set(word, tokens);
    return tokens;
  }

  /** Merge the pair that was learned first, wherever it stands, until no pair is left. */
  #merge(tokens) {
    while (tokens.length > 1) {
      let best = [Infinity];
      let pair = "";
      for (let i = 0; i + 1 < tokens.length; i++) {
        const key = `${tokens[i]} ${tokens[i + 1]}`;
        const merge = this.merges.get(key);
        if (merge && merge[0] < best[0]) [best, pair] = [merge, key];
      }
      if (!pair) break;
      const merged = [];
      for (let i = 0; i < tokens.length; i++) {
        const here = i + 1 < tokens.length && `${tokens[i]} ${tokens[i + 1]}` === pair;
        merged.push(here ? best[1] : tokens[i]);
        if (here) i++;
      }
      tokens = merged;
    }
    return tokens;
  }

  decode(tokens) {
    const decode = this.decoder();
    return tokens.map((token) => decode(token)).join("") + decode();
  }

  /** Text of tokens as they come: a character whose bytes are not all there waits; without a token, what still waits. */
  decoder() {
    const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
    return (token) => (token === undefined ? utf8.decode() : utf8.decode(this.bytes[token], { stream: true }));
  }
}

/** The text without what no UTF-8 file can hold: lone halves of surrogate pairs become U+FFFD. */
export const clean = (text) => text.toWellFormed();

/** The letter that stands for each byte in a byte-level vocabulary: itself where it prints, else one from U+0100 on. */
const BYTE_LETTERS = (() => {
  const prints = (byte) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(prints(byte) ? byte : next++));
})();
