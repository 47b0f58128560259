/** The sheet on which a text grows: the reader's words in ink, the model's in blue, each of its tokens a place to point at. */

const MOST_INK = 1500; // characters of a long beginning that are shown: the last ones, behind an ellipsis
const MOST_PLACES = 6000; // beyond this the oldest tokens become plain text, so that the page stays quick
const FOLDED = 1000;

export class Paper {
  constructor() {
    this.root = document.createElement("div");
    this.root.className = "gp-text";
    this.clear();
  }

  clear() {
    /** the tokens of the model, in order: {piece, node} */
    this.places = [];
    this.placeOf = new WeakMap();
    this.numFolded = 0;
    this.marked = null;
    this.root.replaceChildren();
    this.paragraph = null;
    this.written = ""; // by the model, in this paragraph
  }

  /** A new paragraph, in a conversation under the name of who speaks. */
  begin(name) {
    this.paragraph = this.root.appendChild(document.createElement("p"));
    this.written = "";
    if (name === undefined) return;
    const head = this.paragraph.appendChild(document.createElement("b"));
    head.textContent = name;
  }

  /** The reader's words. */
  ink(text) {
    const span = this.paragraph.appendChild(document.createElement("span"));
    span.className = "gp-ink";
    span.textContent = text.length > MOST_INK ? `…${text.slice(-MOST_INK).toWellFormed()}` : text;
  }

  /** The model's words. */
  write(pieces) {
    const fresh = document.createDocumentFragment();
    for (const piece of pieces) {
      const node = fresh.appendChild(document.createElement("span"));
      node.className = "gp-blue";
      node.textContent = piece.text;
      this.placeOf.set(node, this.numFolded + this.places.length);
      this.places.push({ piece, node });
      this.written += piece.text;
    }
    this.paragraph.append(fresh);
    if (this.places.length > MOST_PLACES) this.#fold();
  }

  /** Take the last paragraph away again. */
  takeBack() {
    this.places = this.places.filter(({ node }) => !this.paragraph.contains(node));
    this.paragraph.remove();
    this.paragraph = this.root.lastElementChild;
  }

  /** Show which token is meant; -1 for none. */
  mark(place) {
    const node = this.places[place]?.node ?? null;
    if (node === this.marked) return;
    this.marked?.classList.remove("gp-here");
    node?.classList.add("gp-here");
    this.marked = node;
  }

  /** The place under the pointer, or -1. @param {EventTarget} target */
  placeAt(target) {
    return (this.placeOf.get(target) ?? -1) - this.numFolded;
  }

  #fold() {
    for (const { node } of this.places.splice(0, FOLDED)) {
      const before = node.previousSibling;
      if (before?.classList?.contains("gp-old")) {
        before.append(node.textContent);
        node.remove();
      } else node.className = "gp-blue gp-old";
    }
    this.numFolded += FOLDED;
  }
}
