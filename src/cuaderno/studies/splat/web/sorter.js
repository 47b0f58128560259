/**
 * The order in which splats are painted, the farthest first. It is counted rather than compared: depths fall into as many
 * boxes as there are steps, each box is counted, and every splat knows its place; the few in one box are compared. As a
 * worker it keeps {means} and answers {view, near, turn} with {order, turn}.
 */

const STEPS = 1 << 16;

/**
 * @param {Float32Array} means (count, 3)
 * @param {number[]} view the third row of a camera's matrix: what a place is multiplied by for its depth, and what is added
 * @returns {Uint32Array} numbers of the splats before the camera, the farthest first
 */
export function farthestFirst(means, [x, y, z, move], near) {
  const count = means.length / 3, depths = new Float32Array(count), counts = new Uint32Array(STEPS + 1);
  let least = Infinity, most = -Infinity, seen = 0;
  for (let i = 0; i < count; i++) {
    depths[i] = x * means[3 * i] + y * means[3 * i + 1] + z * means[3 * i + 2] + move;
    const depth = depths[i]; // rounded, as it is compared below
    if (depth < near) continue;
    seen++;
    if (depth < least) least = depth;
    if (depth > most) most = depth;
  }
  const scale = most > least ? (STEPS - 1) / (most - least) : 0, order = new Uint32Array(seen);
  for (let i = 0; i < count; i++) if (depths[i] >= near) counts[boxOf(depths[i]) + 1]++;
  for (let box = 0; box < STEPS; box++) counts[box + 1] += counts[box];
  for (let i = count - 1; i >= 0; i--) if (depths[i] >= near) order[counts[boxOf(depths[i])]++] = i; // alike: the later number is behind
  for (let box = 0, first = 0; box < STEPS; first = counts[box++]) {
    if (counts[box] - first > 1) order.subarray(first, counts[box]).sort((a, b) => depths[b] - depths[a] || b - a); // few, or none
  }
  return order;

  function boxOf(depth) {
    return Math.floor((most - depth) * scale);
  }
}

if (typeof WorkerGlobalScope !== "undefined" && self instanceof WorkerGlobalScope) {
  let means = new Float32Array(0);
  self.onmessage = ({ data }) => {
    if (data.means) means = data.means;
    if (!data.view) return;
    const order = farthestFirst(means, data.view, data.near);
    self.postMessage({ order, turn: data.turn }, [order.buffer]);
  };
}
