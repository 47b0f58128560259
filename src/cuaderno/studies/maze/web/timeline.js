/** The recorded steps of a thought: what changed in each, and a whole picture now and then to start from. */

/** @typedef {import("./model.js").Thought} Thought */

const KEYFRAME_EVERY = 32;
const MOST_ENTRIES = 4_000_000; // 16 MB; beyond that, neighbouring steps are merged

export class Timeline {
  /** @param {Thought} thought at its beginning @param {number} mostEntries */
  constructor(thought, mostEntries = MOST_ENTRIES) {
    this.mostEntries = mostEntries;
    this.rows = thought.rows;
    this.stride = 1; // steps per record; doubles when the memory is full
    /** The record on show, as bytes per row: path probability, arrow, and how much the arrow is trusted. */
    this.path = new Uint8Array(this.rows);
    this.arrow = new Uint8Array(this.rows);
    this.trust = new Uint8Array(this.rows);
    this.#live = new Uint16Array(this.rows);
    for (let row = 0; row < this.rows; row++) this.#live[row] = pack(thought, row);
    this.#keyframes = [this.#live.slice()];
    this.show(0);
  }

  #live; // the packed picture after the last step
  #keyframes;
  #entries = new Uint32Array(1 << 14); // row << 16 | packed, record after record
  #ends = [0]; // where each record ends among the entries
  #steps = [0]; // the step each record shows

  /** Number of the last step recorded. */
  get last() {
    return this.#steps.at(-1);
  }

  get bytes() {
    return this.#entries.byteLength + this.#keyframes.length * this.rows * 2;
  }

  /** Remember the step that the thought has just completed. */
  record(thought) {
    let end = this.#ends.at(-1);
    const open = this.#steps.length > 1 && thought.step % this.stride !== 1 % this.stride; // join the last record
    this.#makeRoom(end + thought.changed.length);
    for (const row of thought.changed) {
      this.#live[row] = pack(thought, row);
      this.#entries[end++] = (row << 16) | this.#live[row];
    }
    if (open) {
      this.#ends[this.#ends.length - 1] = end;
      this.#steps[this.#steps.length - 1] = thought.step;
    } else {
      this.#ends.push(end);
      this.#steps.push(thought.step);
    }
    const number = this.#ends.length - 1;
    if (number % KEYFRAME_EVERY === 0) this.#keyframes[number / KEYFRAME_EVERY] = this.#live.slice();
    if (end > this.mostEntries) this.#thin();
  }

  /** Bring a step back. @returns {Uint32Array} the rows that moved in it, `entry >>> 16` */
  show(step) {
    const number = this.#numberOf(step);
    this.shownStep = this.#steps[number]; // later than asked for where steps were merged
    const nearest = Math.min(Math.floor(number / KEYFRAME_EVERY), this.#keyframes.length - 1);
    const picture = this.#keyframes[nearest].slice();
    const from = this.#ends[nearest * KEYFRAME_EVERY];
    for (let i = from; i < this.#ends[number]; i++) picture[this.#entries[i] >>> 16] = this.#entries[i] & 0xffff;
    for (let row = 0; row < this.rows; row++) {
      this.path[row] = picture[row] >>> 8;
      this.trust[row] = (picture[row] & 0xf8) | 4;
      this.arrow[row] = picture[row] & 7;
    }
    return number ? this.#entries.subarray(this.#ends[number - 1], this.#ends[number]) : this.#entries.subarray(0, 0);
  }

  /** The record that shows a step: binary search, since merged records leave gaps. */
  #numberOf(step) {
    let [low, high] = [0, this.#steps.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#steps[middle] < step) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #makeRoom(size) {
    if (size <= this.#entries.length) return;
    const roomier = new Uint32Array(Math.max(size, 2 * this.#entries.length));
    roomier.set(this.#entries);
    this.#entries = roomier;
  }

  /** Merge records two by two; a row that moved in both keeps its later value. */
  #thin() {
    const [entries, ends, steps] = [this.#entries, this.#ends, this.#steps];
    const [newEnds, newSteps, keyframes] = [[0], [0], [this.#keyframes[0]]];
    const picture = this.#keyframes[0].slice();
    const seen = new Int32Array(this.rows);
    let write = 0;
    for (let number = 1; number < ends.length; number += 2) {
      const lastOfPair = Math.min(number + 1, ends.length - 1);
      const kept = [];
      for (let i = ends[lastOfPair] - 1; i >= ends[number - 1]; i--) {
        const row = entries[i] >>> 16;
        if (seen[row] === number) continue;
        seen[row] = number;
        kept.push(entries[i]);
        picture[row] = entries[i] & 0xffff;
      }
      for (const entry of kept) entries[write++] = entry;
      newEnds.push(write);
      newSteps.push(steps[lastOfPair]);
      if ((newEnds.length - 1) % KEYFRAME_EVERY === 0) keyframes.push(picture.slice());
    }
    this.stride *= 2;
    [this.#ends, this.#steps, this.#keyframes] = [newEnds, newSteps, keyframes];
  }
}

/** 8 bits of path probability, 5 of trust, 3 of arrow. A probability above one half has the top bit set. */
function pack(thought, row) {
  const byte = (share) => Math.min(255, Math.floor(256 * share));
  return (byte(thought.probability[row]) << 8) | (byte(thought.trust[row]) & 0xf8) | thought.arrow[row];
}
