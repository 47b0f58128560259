/** Characters as the text entrance meets them, exactly as `../letters.py` has them: numbers, in the order on paper. */

const IGNORED = /[\u00ad\u0640\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]/gu;
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/gu;
const NUMBER = /[0-9٠-٩۰-۹]+(?:[.,:٫٬][0-9٠-٩۰-۹]+)*/gu;
const LETTER = /\p{L}/u;
// What Python's str.split takes for white space.
const WHITE = /[\t-\r\u001c-\u001f \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/u;

const count = (text, pattern) => text.match(pattern)?.length ?? 0;
const turn = (text) => Array.from(text).reverse().join("");

/** Composed characters, white space folded; vowel signs, stretching strokes and invisible marks gone. */
export function tidy(text) {
  text = text.normalize("NFC").replace(IGNORED, "");
  if (count(text, RIGHT_TO_LEFT)) text = text.replace(/\p{Mn}/gu, "");
  return text.split(WHITE).filter(Boolean).join(" ");
}

/** From left to right as it is drawn: turned round when most of it is written from right to left. */
export function onPaper(text) {
  if (2 * count(text, RIGHT_TO_LEFT) <= count(text, /\p{L}/gu)) return text;
  return turn(text.replace(NUMBER, turn));
}

/** @param {string} alphabet @param {[number, number][]} strangers first code point and number of other scripts */
export function makeAlphabet(alphabet, strangers) {
  const numbers = new Map(Array.from(alphabet, (char, i) => [char, i + 1]));
  const stranger = (point) => {
    let number = strangers[0][1];
    for (const [start, own] of strangers) if (point >= start) number = own;
    return number;
  };
  const number = (char) => numbers.get(char) ?? stranger(char.codePointAt(0));
  return {
    space: numbers.get(" "),
    letters: alphabet,
    /** A text's numbers, in the order on paper. */
    encode: (text) => Array.from(onPaper(tidy(text)), number),
    /** The characters that those numbers stand for. */
    characters: (text) => Array.from(onPaper(tidy(text))),
  };
}

/** The text itself, or pieces of a long one, evenly from beginning to end and cut between words. */
export function piecesOf(text, size, most) {
  const chars = Array.from(text);
  if (chars.length <= size) return [text];
  const pieces = Math.min(most, Math.ceil(chars.length / size));
  const stride = (chars.length - size) / (pieces - 1);
  return Array.from({ length: pieces }, (_, i) => {
    const start = i === pieces - 1 ? chars.length - size : Math.trunc(i * stride);
    const piece = chars.slice(start, start + size).join(""), words = piece.split(" ");
    return words.length > 4 ? words.slice(1, -1).join(" ") : piece;
  });
}

/** How many letters there are, up to as many as matter. */
export function countLetters(text, most) {
  let found = 0;
  for (const char of text) if (LETTER.test(char) && ++found === most) break;
  return found;
}
