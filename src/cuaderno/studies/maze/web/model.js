/**
 * The solver's forward pass, in plain JavaScript: no DOM, no dependencies, the same in Node, a worker or a page.
 *
 * `../export.py` says what is computed and how `model.json` is laid out. Rows are the open squares in reading order;
 * a row is looked at again only when it or a neighbour changed in the step before.
 */

/** @typedef {{height: number, width: number, open: Uint8Array, start: number, goal: number}} Maze  start, goal: row * width + column */
/** @typedef {{channels: number, hidden: number, levels: number, bytes: number, weights: Record<string, Float32Array>}} Network */
/** @typedef {{squares: number[], complete: boolean}} Chain */

export const NOT_YET = 4; // the arrow of a square that the wave from the goal has not reached; 0 to 3 are N, W, S, E
// Every sum is rounded to float32 and taken in Python's order: only thoughts that are equal to the last bit stay equal,
// since rounding the state turns a hair's difference into a whole level.
const f32 = Math.fround;
const WORK_LIMIT = 100; // looks per open square before a thought is given up
const NUM_FEATURES = 6;
const NUM_ANSWERS = 6;
const NUM_TAPS = 5; // a square sees itself, N, W, S, E
const HIDDEN_BLOCK = 8; // hidden units computed side by side: as many sums as fit into registers
const STATE_BLOCK = 4; // channels computed side by side, gate and candidate of each
const ROWS_PER_LOOK_AT_THE_CLOCK = 16;

/**
 * Read model.json and lay the weights out for the inner loops.
 * @param {(name: string) => Promise<ArrayBuffer>} read
 * @returns {Promise<Network>}
 */
export async function load(read) {
  const file = await read("model.json");
  const model = JSON.parse(new TextDecoder().decode(file));
  if (model.format !== 1) throw new Error(`model.json has format ${model.format}, this reader knows format 1`);
  const { channels, hidden, levels } = model;
  if (channels % STATE_BLOCK || hidden % HIDDEN_BLOCK || channels > MOST_CHANNELS || hidden > MOST_HIDDEN) {
    throw new Error(`model.json has ${channels} channels and ${hidden} hidden units; need multiples of 4 and 8`);
  }
  const plain = Object.fromEntries(Object.entries(model.weights).map(([name, tensor]) => [name, decode(tensor)]));
  const weights = {
    fromMaze: plain["from_maze.weight"],
    fromMazeBias: plain["from_maze.bias"],
    fromState: interleave(plain["from_state.weight"], hidden, NUM_TAPS * channels, HIDDEN_BLOCK),
    toUpdate: interleaveGates(plain["to_update.weight"], channels, hidden),
    toUpdateBias: plain["to_update.bias"],
    head: plain["head.weight"],
    headBias: plain["head.bias"],
  };
  return { channels, hidden, levels, weights, bytes: file.byteLength };
}

/**
 * Think about one maze until it settles, or for `input.steps` steps.
 * @param {Network} network
 * @param {{grid: string[], steps?: number}} input  `#` wall, `.` open, `S` start, `G` goal
 */
export function predict(network, input) {
  const maze = mazeFromRows(input.grid);
  const thought = new Thought(network, maze);
  thought.limit = input.steps ?? thought.limit;
  while (!thought.finished) thought.think();
  const answer = thought.answer();
  if (input.steps === undefined) return answer;
  return { ...answer, probabilities: Array.from(thought.probability), arrows: Array.from(thought.arrow) };
}

/** @param {string[]} rows @returns {Maze} */
export function mazeFromRows(rows) {
  const text = rows.join("");
  const [height, width] = [rows.length, rows[0].length];
  if (text.length !== height * width) throw new Error("every row of a maze must have the same length");
  const [start, goal] = [text.indexOf("S"), text.indexOf("G")];
  if (start < 0 || goal < 0) throw new Error("a maze needs a start S and a goal G");
  return { height, width, open: Uint8Array.from(text, (mark) => (mark === "#" ? 0 : 1)), start, goal };
}

/** The squares to the north, west, south and east of a square, -1 for none; in the order that breaks ties. */
export function neighboursOf(square, height, width) {
  const column = square % width;
  return [
    square >= width ? square - width : -1,
    column > 0 ? square - 1 : -1,
    square < (height - 1) * width ? square + width : -1,
    column < width - 1 ? square + 1 : -1,
  ];
}

/**
 * The chain of marks from the start: always the only marked neighbour not yet visited.
 * It is complete when it ends on the goal and no mark is left over.
 * @param {Maze} maze
 * @param {(square: number) => boolean} marked
 * @param {number} numMarks
 * @returns {Chain}
 */
export function chainOfMarks(maze, marked, numMarks) {
  if (!marked(maze.start)) return { squares: [], complete: false };
  const visited = new Set([maze.start]);
  for (let here = maze.start; here !== maze.goal; ) {
    const next = neighboursOf(here, maze.height, maze.width).filter((s) => s >= 0 && marked(s) && !visited.has(s));
    if (next.length !== 1) break;
    here = next[0];
    visited.add(here);
  }
  const squares = [...visited];
  return { squares, complete: squares.at(-1) === maze.goal && squares.length === numMarks };
}

/** One maze being thought about. `think()` takes one step; everything else is there to be read. */
export class Thought {
  /** @param {Network} network @param {Maze} maze */
  constructor(network, maze) {
    const { height, width, open } = maze;
    this.network = network;
    this.maze = maze;
    this.step = 0; // steps taken so far
    this.settled = false; // nothing changed in the last step, so nothing ever will
    this.looks = 0; // squares computed, in all steps together
    this.limit = 2 * height * width + 64; // the way is walked twice: by arrows from the goal, by marks from the start
    /** row -> square, and square -> row, the number of rows standing for a wall */
    this.squares = Int32Array.from(open.keys()).filter((square) => open[square]);
    const rows = (this.rows = this.squares.length);
    this.rowOf = new Int32Array(open.length).fill(rows);
    this.squares.forEach((square, row) => (this.rowOf[square] = row));
    this.probability = new Float32Array(rows); // that the row lies on the path
    this.arrow = new Uint8Array(rows); // the likeliest of N, W, S, E, NOT_YET
    this.trust = new Float32Array(rows); // and how likely that is
    /** the rows whose state changed in the last step: the wave */
    this.changed = new Int32Array(0);
    this.#prepare();
  }

  #taps; #fromMaze; #state; #next; #queue; #queued; #done = 0;

  #prepare() {
    const { rows, squares, rowOf, maze } = this;
    const { channels, hidden, weights } = this.network;
    this.#taps = new Int32Array(rows * NUM_TAPS);
    this.#fromMaze = new Float32Array(rows * hidden);
    this.#state = new Float32Array((rows + 1) * channels); // the last row is the wall: zero for ever
    this.#next = new Float32Array(rows * channels);
    this.#queue = Int32Array.from({ length: rows }, (_, row) => row);
    this.#queued = new Uint8Array(rows + 1);
    const features = new Float32Array(NUM_FEATURES);
    for (let row = 0; row < rows; row++) {
      const around = neighboursOf(squares[row], maze.height, maze.width).map((s) => (s < 0 ? rows : rowOf[s]));
      this.#taps.set([row, ...around], row * NUM_TAPS);
      features.set([+(squares[row] === maze.start), +(squares[row] === maze.goal), ...around.map((r) => +(r < rows))]);
      for (let unit = 0; unit < hidden; unit++) {
        let sum = 0;
        for (let k = 0; k < NUM_FEATURES; k++) if (features[k]) sum = f32(sum + weights.fromMaze[unit * NUM_FEATURES + k]);
        this.#fromMaze[row * hidden + unit] = sum + weights.fromMazeBias[unit];
      }
      this.#readHead(row);
    }
  }

  /** Whether there is nothing more to think: settled, or given up at one of the limits. */
  get finished() {
    return this.settled || this.step >= this.limit || this.looks >= WORK_LIMIT * this.rows;
  }

  /**
   * Take one step; with a deadline (in milliseconds, as performance.now counts them) perhaps only a part of it.
   * @returns {boolean} whether the step is complete; if not, call again to go on with it
   */
  think(deadline = Infinity) {
    if (this.finished) return true;
    const queue = this.#queue;
    while (this.#done < queue.length) {
      const end = Math.min(this.#done + ROWS_PER_LOOK_AT_THE_CLOCK, queue.length);
      for (; this.#done < end; this.#done++) this.#look(queue[this.#done]);
      if (this.#done < queue.length && deadline < Infinity && performance.now() > deadline) return false;
    }
    this.#settleStep();
    return true;
  }

  /** Compute the next state of one row from the present states around it. */
  #look(row) {
    const { channels, hidden, levels, weights } = this.network;
    const { fromState, toUpdate, toUpdateBias } = weights;
    const state = this.#state, fromMaze = this.#fromMaze, next = this.#next;
    const here = row * channels;
    const numSeen = this.#gather(row); // rounded states hold many exact zeros: only the others are multiplied
    let numUnits = 0;

    for (let block = 0; block < hidden; block += HIDDEN_BLOCK) {
      const b = row * hidden + block, first = block * NUM_TAPS * channels;
      let s0 = fromMaze[b], s1 = fromMaze[b + 1], s2 = fromMaze[b + 2], s3 = fromMaze[b + 3];
      let s4 = fromMaze[b + 4], s5 = fromMaze[b + 5], s6 = fromMaze[b + 6], s7 = fromMaze[b + 7];
      for (let i = 0; i < numSeen; i++) {
        const value = SEEN[i], w = first + SEEN_AT[i];
        s0 = f32(s0 + f32(fromState[w] * value)); s1 = f32(s1 + f32(fromState[w + 1] * value));
        s2 = f32(s2 + f32(fromState[w + 2] * value)); s3 = f32(s3 + f32(fromState[w + 3] * value));
        s4 = f32(s4 + f32(fromState[w + 4] * value)); s5 = f32(s5 + f32(fromState[w + 5] * value));
        s6 = f32(s6 + f32(fromState[w + 6] * value)); s7 = f32(s7 + f32(fromState[w + 7] * value));
      }
      if (s0 > 0) { UNITS_AT[numUnits] = block; UNITS[numUnits++] = s0; } // relu
      if (s1 > 0) { UNITS_AT[numUnits] = block + 1; UNITS[numUnits++] = s1; }
      if (s2 > 0) { UNITS_AT[numUnits] = block + 2; UNITS[numUnits++] = s2; }
      if (s3 > 0) { UNITS_AT[numUnits] = block + 3; UNITS[numUnits++] = s3; }
      if (s4 > 0) { UNITS_AT[numUnits] = block + 4; UNITS[numUnits++] = s4; }
      if (s5 > 0) { UNITS_AT[numUnits] = block + 5; UNITS[numUnits++] = s5; }
      if (s6 > 0) { UNITS_AT[numUnits] = block + 6; UNITS[numUnits++] = s6; }
      if (s7 > 0) { UNITS_AT[numUnits] = block + 7; UNITS[numUnits++] = s7; }
    }

    for (let c = 0; c < channels; c += STATE_BLOCK) {
      const t = channels + c, k = here + c, first = 2 * c * hidden;
      let g0 = toUpdateBias[c], g1 = toUpdateBias[c + 1], g2 = toUpdateBias[c + 2], g3 = toUpdateBias[c + 3];
      let t0 = toUpdateBias[t], t1 = toUpdateBias[t + 1], t2 = toUpdateBias[t + 2], t3 = toUpdateBias[t + 3];
      for (let i = 0; i < numUnits; i++) {
        const value = UNITS[i], w = first + 2 * STATE_BLOCK * UNITS_AT[i];
        g0 = f32(g0 + f32(toUpdate[w] * value)); g1 = f32(g1 + f32(toUpdate[w + 1] * value));
        g2 = f32(g2 + f32(toUpdate[w + 2] * value)); g3 = f32(g3 + f32(toUpdate[w + 3] * value));
        t0 = f32(t0 + f32(toUpdate[w + 4] * value)); t1 = f32(t1 + f32(toUpdate[w + 5] * value));
        t2 = f32(t2 + f32(toUpdate[w + 6] * value)); t3 = f32(t3 + f32(toUpdate[w + 7] * value));
      }
      next[k] = blend(state[k], g0, t0, levels); next[k + 1] = blend(state[k + 1], g1, t1, levels);
      next[k + 2] = blend(state[k + 2], g2, t2, levels); next[k + 3] = blend(state[k + 3], g3, t3, levels);
    }
  }

  /** List what a row sees that is not zero, and where its weights begin. @returns {number} how many */
  #gather(row) {
    const { channels } = this.network;
    const state = this.#state, taps = this.#taps;
    let count = 0;
    for (let tap = 0; tap < NUM_TAPS; tap++) {
      const from = taps[row * NUM_TAPS + tap] * channels;
      for (let c = 0; c < channels; c++) {
        const value = state[from + c];
        if (value === 0) continue;
        SEEN[count] = value;
        SEEN_AT[count++] = (tap * channels + c) * HIDDEN_BLOCK;
      }
    }
    return count;
  }

  /** All rows of the step are computed: make them the present, and find who has to look again. */
  #settleStep() {
    const { channels } = this.network;
    const state = this.#state, next = this.#next, queued = this.#queued.fill(0);
    this.looks += this.#queue.length;
    this.changed = this.#queue.filter((row) => {
      let same = true;
      for (let k = row * channels, end = k + channels; k < end; k++) {
        if (state[k] !== next[k]) {
          state[k] = next[k];
          same = false;
        }
      }
      return !same;
    });
    for (const row of this.changed) {
      this.#readHead(row);
      for (let tap = 0; tap < NUM_TAPS; tap++) queued[this.#taps[row * NUM_TAPS + tap]] = 1;
    }
    let count = 0;
    const queue = new Int32Array(this.rows);
    for (let row = 0; row < this.rows; row++) if (queued[row]) queue[count++] = row;
    this.#queue = queue.subarray(0, count);
    this.#done = 0;
    this.settled = this.changed.length === 0;
    if (!this.settled) this.step++; // the step that only finds out that nothing moves does not count
  }

  #readHead(row) {
    const { channels, weights } = this.network;
    const state = this.#state, logit = LOGITS;
    for (let answer = 0; answer < NUM_ANSWERS; answer++) {
      let sum = weights.headBias[answer];
      for (let k = 0; k < channels; k++) sum += weights.head[answer * channels + k] * state[row * channels + k];
      logit[answer] = sum;
    }
    let best = 0;
    for (let arrow = 1; arrow <= NOT_YET; arrow++) if (logit[arrow] > logit[best]) best = arrow;
    let total = 0;
    for (let arrow = 0; arrow <= NOT_YET; arrow++) total += Math.exp(logit[arrow] - logit[best]);
    this.arrow[row] = best;
    this.trust[row] = 1 / total;
    this.probability[row] = 1 / (1 + Math.exp(-logit[NOT_YET + 1]));
  }

  /** @param {number} square */
  isMarked(square) {
    return this.probability[this.rowOf[square]] > 0.5; // a wall has no probability: undefined > 0.5 is false
  }

  /** What the marks say now: the path from start to goal, or null when they are no chain. */
  answer() {
    const { maze, probability } = this;
    const numMarks = probability.reduce((count, p) => count + (p > 0.5), 0);
    const { squares, complete } = chainOfMarks(maze, (square) => this.isMarked(square), numMarks);
    const path = complete ? squares.map((s) => [Math.floor(s / maze.width), s % maze.width]) : null;
    const confidence = complete ? Math.min(...squares.map((s) => probability[this.rowOf[s]])) : 0;
    return { path, length: path && path.length - 1, settled: this.settled, steps: this.step, confidence };
  }
}

// Scratch, overwritten by every row: the numbers that are not zero, and where they belong.
const MOST_CHANNELS = 256, MOST_HIDDEN = 1024;
const SEEN = new Float32Array(NUM_TAPS * MOST_CHANNELS), SEEN_AT = new Int32Array(SEEN.length);
const UNITS = new Float32Array(MOST_HIDDEN), UNITS_AT = new Int32Array(MOST_HIDDEN);
const LOGITS = new Float64Array(NUM_ANSWERS);

/** Move a state towards its candidate as far as the gate opens, and round to a multiple of 1 / levels. */
function blend(state, gate, candidate, levels) {
  const open = f32(1 / f32(1 + f32(Math.exp(-gate))));
  const moved = f32(state + f32(open * f32(f32(Math.tanh(candidate)) - state)));
  return Math.floor(moved * levels + 0.5) / levels;
}

/** Base64 of little-endian float32 -> numbers, on machines of either byte order. */
function decode({ shape, data }) {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const size = shape.reduce((product, n) => product * n, 1);
  if (bytes.length !== 4 * size) throw new Error(`model.json: ${bytes.length} bytes for a tensor of ${shape}`);
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: size }, (_, i) => view.getFloat32(4 * i, true));
}

/** (rows, columns) -> (rows / block, columns, block): the weights of `block` outputs lie side by side, read in order. */
function interleave(matrix, rows, columns, block) {
  const out = new Float32Array(matrix.length);
  for (let row = 0, i = 0; row < rows; row += block) {
    for (let column = 0; column < columns; column++) {
      for (let k = 0; k < block; k++) out[i++] = matrix[(row + k) * columns + column];
    }
  }
  return out;
}

/** The same for gates and candidates, four channels of each side by side. */
function interleaveGates(matrix, channels, hidden) {
  const out = new Float32Array(matrix.length);
  for (let c = 0, i = 0; c < channels; c += STATE_BLOCK) {
    for (let j = 0; j < hidden; j++) {
      for (const half of [0, channels]) {
        for (let k = 0; k < STATE_BLOCK; k++) out[i++] = matrix[(half + c + k) * hidden + j];
      }
    }
  }
  return out;
}
