// Tokens, as parts/tokens.py cuts them. No page: the same in Node.

const WORD = /\s?[\p{L}\p{N}]+|\s?[^\p{L}\p{N}_\s]+|\s+|_+/gu; // no piece reaches over the end of a word

/** The pieces with every such pair made one, from left to right. @param {string[]} pieces @param {[string, string]} pair */
export function merged(pieces, [a, b]) {
  const found = [];
  for (let at = 0; at < pieces.length; at++) {
    const both = pieces[at] === a && pieces[at + 1] === b;
    found.push(both ? a + b : pieces[at]);
    if (both) at++;
  }
  return found;
}

/** The order of the merges, by the pair. @param {[string, string][]} merges @returns {Map<string, number>} */
export const orderOf = (merges) => new Map(merges.map(([a, b], number) => [`${a}\0${b}`, number]));

/** The pieces of a text: the earliest merge first, as long as one fits. @param {Map<string, number>} order @returns {string[]} */
export function cut(text, order) {
  return (text.match(WORD) ?? []).flatMap((word) => {
    let pieces = [...word];
    while (pieces.length > 1) {
      let first = Infinity, pair;
      for (let i = 0; i + 1 < pieces.length; i++) {
        const number = order.get(`${pieces[i]}\0${pieces[i + 1]}`) ?? Infinity;
        if (number < first) [first, pair] = [number, [pieces[i], pieces[i + 1]]];
      }
      if (!pair) break;
      pieces = merged(pieces, pair);
    }
    return pieces;
  });
}

export function predict({ merges }, { text, merges: many }) {
  return cut(text, orderOf(merges.slice(0, many)));
}
