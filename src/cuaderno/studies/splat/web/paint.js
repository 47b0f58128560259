/**
 * A scene seen by a camera, painted by the processor: slow, exact, and readable. It proves in Node that the browser sees what
 * Python saw, and it paints still pictures where there is no WebGL 2. viewer.js does the same on the graphics processor.
 *
 * A camera is {matrix: 3 rows of 4, world to camera with x right, y down, z forward, fx, fy, cx, cy, width, height}.
 */

import { harmonics } from "./scene.js";
import { farthestFirst } from "./sorter.js";

export const NEAR = 0.05; // nothing nearer is painted
export const BLUR = 0.3; // square pixels by which every splat is widened, so that none falls between two pixels
export const LEAST = 1 / 255; // a veil thinner than that is none
export const THICKEST = 0.99;
export const MARGIN = 0.15; // of the picture's sides: that far outside of it a splat is stretched no further

/**
 * @param {import("./scene.js").Scene} scene
 * @param {number[]} background RGB, 0 to 1
 * @returns {Float32Array} height x width x RGB
 */
export function paint(scene, camera, background) {
  const { matrix, width, height } = camera;
  const picture = new Float32Array(3 * width * height), light = new Float32Array(width * height).fill(1); // what still comes through
  const order = farthestFirst(scene.means, matrix[2], NEAR);
  for (let n = order.length - 1; n >= 0; n--) {
    const splat = project(scene, order[n], camera);
    if (splat) lay(splat, picture, light, width, height);
  }
  for (let i = 0; i < light.length; i++) for (let c = 0; c < 3; c++) picture[3 * i + c] += light[i] * background[c];
  return picture;
}

/** A splat as it lies on the picture: its middle, the inverse of its covariance there, how far it reaches, colour, opacity. */
export function project(scene, i, { matrix: [r, s, t], fx, fy, cx, cy, width, height }) {
  const [mx, my, mz] = scene.means.subarray(3 * i, 3 * i + 3), opacity = scene.opacities[i];
  const along = (row) => row[0] * mx + row[1] * my + row[2] * mz + row[3];
  const x = along(r), y = along(s), z = along(t), u = (fx * x) / z + cx, v = (fy * y) / z + cy;
  if (opacity < LEAST) return null;
  const within = (slope, low, high, focal) => Math.max(low / focal, Math.min(high / focal, slope));
  const tx = within(x / z, -cx - MARGIN * width, width - cx + MARGIN * width, fx);
  const ty = within(y / z, -cy - MARGIN * height, height - cy + MARGIN * height, fy);
  const a = [0, 1, 2].map((k) => (fx / z) * (r[k] - tx * t[k])), b = [0, 1, 2].map((k) => (fy / z) * (s[k] - ty * t[k]));
  const [xx, xy, xz, yy, yz, zz] = scene.shapes.subarray(6 * i, 6 * i + 6);
  const times = (p, q) =>
    p[0] * (xx * q[0] + xy * q[1] + xz * q[2]) + p[1] * (xy * q[0] + yy * q[1] + yz * q[2]) + p[2] * (xz * q[0] + yz * q[1] + zz * q[2]);
  const A = times(a, a) + BLUR, B = times(a, b), C = times(b, b) + BLUR, area = A * C - B * B, room = 2 * Math.log(opacity / LEAST);
  const across = Math.sqrt(room * A), down = Math.sqrt(room * C);
  if (u + across < 0 || u - across > width || v + down < 0 || v - down > height) return null;
  return { u, v, across, down, opacity, conic: [C / area, -B / area, A / area], colour: colourOf(scene, i, eyeOf([r, s, t])) };
}

/** Where the camera stands. */
export function eyeOf([r, s, t]) {
  return [0, 1, 2].map((k) => -(r[k] * r[3] + s[k] * s[3] + t[k] * t[3]));
}

function colourOf({ means, colours, directions, rest }, i, eye) {
  const colour = [colours[3 * i], colours[3 * i + 1], colours[3 * i + 2]];
  if (directions) {
    const d = [0, 1, 2].map((k) => means[3 * i + k] - eye[k]), far = Math.hypot(...d) || 1;
    harmonics(d[0] / far, d[1] / far, d[2] / far, directions).forEach((share, k) => {
      for (let c = 0; c < 3; c++) colour[c] += share * rest[3 * (i * directions + k) + c];
    });
  }
  return colour.map((value) => Math.max(0, value));
}

/** Lay one splat behind all those that lie there already. */
function lay({ u, v, across, down, opacity, conic: [A, B, C], colour }, picture, light, width, height) {
  const last = (end, most) => Math.min(most - 1, Math.floor(end - 0.5));
  for (let y = Math.max(0, Math.ceil(v - down - 0.5)), bottom = last(v + down, height); y <= bottom; y++) {
    for (let x = Math.max(0, Math.ceil(u - across - 0.5)), right = last(u + across, width); x <= right; x++) {
      const dx = x + 0.5 - u, dy = y + 0.5 - v;
      const alpha = Math.min(THICKEST, opacity * Math.exp(-0.5 * (A * dx * dx + C * dy * dy) - B * dx * dy));
      if (alpha < LEAST) continue;
      const at = y * width + x, share = alpha * light[at];
      for (let c = 0; c < 3; c++) picture[3 * at + c] += share * colour[c];
      light[at] -= share;
    }
  }
}
