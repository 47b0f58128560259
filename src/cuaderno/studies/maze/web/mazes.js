/** Mazes to think about: drawn at random from a seed, or read from text; and the breadth-first search that knows the truth. */

import { neighboursOf } from "./model.js";

/** @typedef {import("./model.js").Maze} Maze */

export const KINDS = /** @type {const} */ (["dfs", "loops", "walls", "empty"]);
export const MIN_SIDE = 9;
export const MAX_SIDE = 61;
const LOOP_SHARE = 0.1; // of the walls between two cells, opened to make a maze with loops
const WALL_SHARE = [0.28, 0.38];

/**
 * Draw a maze; the same seed draws the same maze. Cells lie on even rows and columns, the outer border is not drawn.
 * @param {string} kind  one of KINDS
 * @param {number} size  odd
 * @param {number} seed
 * @returns {Maze}
 */
export function generate(kind, size, seed) {
  const random = stream(seed);
  const open = new Uint8Array(size * size);
  const maze = { height: size, width: size, open, start: 0, goal: open.length - 1 };
  if (kind === "empty") open.fill(1);
  else if (kind === "walls") scatterWalls(maze, random);
  else {
    carve(open, size, random);
    if (kind === "loops") openLoops(open, size, random);
    placeEnds(maze, random, 1.5 * size);
  }
  return maze;
}

/**
 * A shortest way by breadth-first search, ties broken as in training: north, west, south, east.
 * @param {Maze} maze
 * @returns {{path: number[] | null, distance: Int32Array}}  distance: moves to the goal, -1 where there is no way
 */
export function shortestWay(maze) {
  const distance = distancesTo(maze, maze.goal);
  if (distance[maze.start] < 0) return { path: null, distance };
  const path = [maze.start];
  while (path.at(-1) !== maze.goal) {
    const here = path.at(-1);
    const around = neighboursOf(here, maze.height, maze.width);
    path.push(around.find((s) => s >= 0 && distance[s] === distance[here] - 1));
  }
  return { path, distance };
}

/** @param {Maze} maze @param {number} origin @returns {Int32Array} */
export function distancesTo({ open, height, width }, origin) {
  const distance = new Int32Array(open.length).fill(-1);
  const queue = [origin];
  distance[origin] = 0;
  for (const here of queue) {
    for (const s of neighboursOf(here, height, width)) {
      if (s >= 0 && open[s] && distance[s] < 0) {
        distance[s] = distance[here] + 1;
        queue.push(s);
      }
    }
  }
  return distance;
}

/** The maze as rows of text: `#` wall, `.` open, `S` start, `G` goal; what `cuaderno predict maze` reads. */
export function toRows({ open, height, width, start, goal }) {
  const mark = (square) => (square === start ? "S" : square === goal ? "G" : open[square] ? "." : "#");
  return Array.from({ length: height }, (_, row) =>
    Array.from({ length: width }, (_, column) => mark(row * width + column)).join(""));
}

/** Random numbers in [0, 1) from a seed: mulberry32, public domain, Tommy Ettinger. */
export function stream(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const pick = (list, random) => list[Math.floor(random() * list.length)];

/** Depth first: walk to a random unvisited cell two squares away, step back when there is none. */
function carve(open, size, random) {
  const first = 2 * Math.floor((random() * (size + 1)) / 2) * size + 2 * Math.floor((random() * (size + 1)) / 2);
  const trail = [first];
  open[first] = 1;
  while (trail.length) {
    const here = trail.at(-1);
    const ways = neighboursOf(here, size, size)
      .map((between) => [between, between < 0 ? -1 : 2 * between - here])
      .filter(([between, cell]) => between >= 0 && isCell(cell, here, size) && !open[cell]);
    if (!ways.length) {
      trail.pop();
      continue;
    }
    const [between, cell] = pick(ways, random);
    open[between] = open[cell] = 1;
    trail.push(cell);
  }
}

/** Whether a square two steps from `here` is still on the paper: in its row, or in its column and inside. */
function isCell(cell, here, size) {
  const sameRow = Math.floor(cell / size) === Math.floor(here / size);
  return cell >= 0 && cell < size * size && (sameRow || cell % size === here % size);
}

function openLoops(open, size, random) {
  for (let square = 0; square < open.length; square++) {
    const [row, column] = [Math.floor(square / size), square % size];
    if (row % 2 !== column % 2 && !open[square] && random() < LOOP_SHARE) open[square] = 1;
  }
}

/** Start and goal on random cells, at least `least` moves apart where twenty tries find such a pair. */
function placeEnds(maze, random, least) {
  const cells = [];
  for (let row = 0; row < maze.height; row += 2) {
    for (let column = 0; column < maze.width; column += 2) cells.push(row * maze.width + column);
  }
  let farthest = -1;
  for (let attempt = 0; attempt < 20 && farthest < least; attempt++) {
    const [start, goal] = [pick(cells, random), pick(cells, random)];
    const apart = distancesTo(maze, goal)[start];
    if (apart > farthest) [farthest, maze.start, maze.goal] = [apart, start, goal];
  }
}

/** Single wall squares at random; of forty drawings the first whose ends lie well apart, or the best. */
function scatterWalls(maze, random) {
  let [farthest, best] = [0, null];
  for (let attempt = 0; attempt < 40 && farthest < 1.2 * maze.width; attempt++) {
    const share = WALL_SHARE[0] + random() * (WALL_SHARE[1] - WALL_SHARE[0]);
    const open = maze.open.map(() => +(random() >= share));
    const squares = [...open.keys()].filter((square) => open[square]);
    if (squares.length < 2) continue;
    const goal = pick(squares, random);
    const distance = distancesTo({ ...maze, open }, goal);
    const start = pick(squares.filter((s) => distance[s] >= 0.7 * Math.max(...distance)), random);
    if (distance[start] > farthest) [farthest, best] = [distance[start], { open, start, goal }];
  }
  if (best) Object.assign(maze, best);
  else maze.open.fill(1);
}
