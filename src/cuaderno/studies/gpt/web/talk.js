/** A conversation as the texts that the model read would put it down: `../dialogue.py` found out how. */

export class Talk {
  /** @param {{speakers: string[], own_line: boolean, before?: string, after?: string, stops: string[]}} dialogue */
  constructor({ own_line: ownLine, before = "", after = ": " }) {
    this.ownLine = ownLine; // the name on a line of its own, the speech below, an empty line behind it
    this.opening = (name) => before + name + (ownLine ? `${after.trimEnd()}\n` : after);
    /** @type {{name: string, words: string, answer: boolean}[]} */
    this.turns = [];
  }

  /** Words that cannot be taken for the end of a speech. */
  tidy(words) {
    return words.trim().replace(/\s*\n\s*/g, this.ownLine ? "\n" : " ");
  }

  say(name, words, answer = false) {
    this.turns.push({ name, words: answer ? this.tidy(words) : words, answer });
  }

  /** Whether the last turn is the model's. */
  get answered() {
    return this.turns.at(-1)?.answer ?? false;
  }

  /** Forget the last answer. @returns {string} whose it was */
  takeBack() {
    return this.turns.pop().name;
  }

  /** All that was said, up to where `name` begins to speak. */
  textFor(name) {
    const end = this.ownLine ? "\n\n" : "\n";
    return `${this.turns.map((turn) => this.opening(turn.name) + turn.words + end).join("")}${this.opening(name)}`;
  }
}
