/** Noise, and ways through it. */

/** Numbers from a normal distribution, the same for one seed. @param {number} seed @returns {Float32Array} */
export function noiseOf(seed, length) {
  let state = (seed * 2654435761 + 1013904223) >>> 0;
  const next = () => { // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return Float32Array.from({ length }, () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()));
}

/** A place on the circle through two noises, where every point is noise again. @param {number} angle in radians */
export const around = (one, other, angle) => one.map((value, i) => Math.cos(angle) * value + Math.sin(angle) * other[i]);

/**
 * The class that most of the nearest places have, its share of them, and how far the nearest is.
 * @returns {{kind: number, share: number, distance: number}}
 */
export function nearby(places, x, y, count = 9) {
  const near = places.map(([a, b, kind]) => [(a - x) ** 2 + (b - y) ** 2, kind]).sort((a, b) => a[0] - b[0]).slice(0, count);
  const votes = new Map();
  for (const [, kind] of near) votes.set(kind, (votes.get(kind) ?? 0) + 1);
  const [kind, most] = [...votes].sort((a, b) => b[1] - a[1])[0] ?? [-1, 0];
  return { kind, share: most / Math.max(1, near.length), distance: Math.sqrt(near[0]?.[0] ?? Infinity) };
}

/** The middle of the places that have a class; null when there are none. @returns {{x: number, y: number} | null} */
export function middleOf(places, kind) {
  const own = places.filter((place) => place[2] === kind), middle = (i) => own.map((place) => place[i]).sort((a, b) => a - b)[own.length >> 1];
  return own.length ? { x: middle(0), y: middle(1) } : null;
}
