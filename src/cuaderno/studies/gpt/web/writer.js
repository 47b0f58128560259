/** Writing on: one token after another, in turns so short that whoever waits can be served in between. */

import { choose, odds, random, USUAL } from "./sampling.js";

/** A text being continued. `expect` reads, `draw` writes; both again and again. `listen` says who is asked. */
export class Writer {
  /** @param {import("./model.js").Artifact} artifact @param {number[]} tokens @param {import("./sampling.js").Sampling} sampling */
  constructor({ network, mixture }, tokens, sampling) {
    this.network = network;
    this.mixture = mixture;
    this.counting = mixture !== null;
    this.sampling = { ...USUAL, ...sampling };
    this.tokens = [...tokens];
    this.unread = [...tokens];
    this.memory = network.remember();
    this.written = 0;
    /** what the network expects behind the last token, once everything is read */
    this.alone = null;
    /** what is expected there: the same, or mixed with what counting says */
    this.logits = null;
    /** how much of each token's probability comes from counting; null when the network speaks alone */
    this.counted = null;
  }

  /** From now on with the counting model, if there is one, or without it. @param {boolean} counting */
  listen(counting) {
    this.counting = counting && this.mixture !== null;
    if (this.alone) this.#mix();
  }

  /** Read what has not been read, one token a turn. A full context goes on from its second half. */
  *expect() {
    const { network, memory } = this;
    if (memory.length + this.unread.length > network.contextLength) {
      memory.length = 0;
      this.unread = this.tokens.slice(-Math.max(1, network.contextLength >> 1));
    }
    while (this.unread.length) {
      const token = this.unread.shift();
      this.alone = network.read(token, memory, this.unread.length === 0) ?? null;
      if (this.alone) this.#mix();
      yield;
    }
  }

  #mix() {
    const network = { logits: this.alone, counted: null };
    Object.assign(this, this.counting ? this.mixture.mix(this.tokens, this.alone) : network);
  }

  /** Draw the next token from what is expected. */
  draw() {
    const { sampling, tokens, network } = this;
    const recent = sampling.repetitionPenalty === 1 ? [] : tokens.slice(-network.contextLength);
    const token = choose(odds(this.logits, recent, sampling), random(sampling.seed, this.written++));
    tokens.push(token);
    this.unread = [token];
    return token;
  }
}

/**
 * Holds pieces of text back while they may be the beginning of a stop string.
 * @template {{text: string}} Piece
 */
export class Gate {
  /** @param {string[]} stops */
  constructor(stops) {
    this.stops = stops.filter(Boolean);
    this.held = [];
    this.closed = false;
  }

  /** Take a piece in. @param {Piece} piece @returns {Piece[]} those that may go, cut before the stop string */
  pass(piece) {
    this.held.push(piece);
    const text = this.held.map((p) => p.text).join("");
    const ends = this.stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
    if (ends.length) {
      this.closed = true;
      return this.#take(Math.min(...ends), true);
    }
    let waiting = 0;
    for (const stop of this.stops) {
      for (let n = 1; n < stop.length; n++) if (n > waiting && text.endsWith(stop.slice(0, n))) waiting = n;
    }
    return this.#take(text.length - waiting, false);
  }

  /** What is held back, when nothing more will come. */
  rest() {
    return this.closed ? [] : this.held.splice(0);
  }

  /** The first pieces, `length` units of text together; a last one that is longer is cut, or stays. */
  #take(length, cut) {
    const taken = [];
    for (const piece of this.held) {
      if (piece.text.length > length) {
        if (cut && length > 0) taken.push({ ...piece, text: piece.text.slice(0, length) });
        break;
      }
      taken.push(piece);
      length -= piece.text.length;
    }
    this.held = cut ? [] : this.held.slice(taken.length);
    return taken;
  }
}
