/** The scene of a run, and what a camera sees of it. `predict` also answers for the small fits of flat pictures. */

import { paint } from "./paint.js";
import { Fit, fromBase64 } from "./planar.js";
import { unpack } from "./scene.js";

/** @param {(name: string) => Promise<ArrayBuffer>} read @returns {Promise<{about: object, scene: object, bytes: number}>} */
export async function load(read) {
  const [about, file] = await Promise.all([read("model.json"), read("scene.bin")]);
  const said = JSON.parse(new TextDecoder().decode(about));
  if (said.format !== 1) throw new Error(`a scene of format ${said.format}, and this viewer reads format 1`);
  return { about: said, scene: unpack(file, said.scene), bytes: about.byteLength + file.byteLength };
}

/**
 * @param {{camera: object, block: number} | {pixels: string, width: number, height: number, count: number, steps: number}} input
 * a camera, whose picture is told as the means of its blocks, or a flat picture to be fitted
 */
export function predict({ about, scene }, input) {
  if (input.camera) return { blocks: blocks(paint(scene, input.camera, about.background), input.camera, input.block) };
  const fit = new Fit(fromBase64(input.pixels), input.width, input.height, { count: input.count, grows: input.grows });
  const losses = Array.from({ length: input.steps }, () => fit.step());
  return { losses, moved: fit.moved, numbers: Array.from(fit.numbers) };
}

/** The mean colour of each square of that many pixels, row by row. @returns {number[][]} */
function blocks(picture, { width, height }, side) {
  const across = Math.floor(width / side), down = Math.floor(height / side);
  return Array.from({ length: across * down }, (_, n) => {
    const left = (n % across) * side, top = Math.floor(n / across) * side, sums = [0, 0, 0];
    for (let y = top; y < top + side; y++) {
      for (let x = left; x < left + side; x++) for (let c = 0; c < 3; c++) sums[c] += picture[3 * (y * width + x) + c];
    }
    return sums.map((sum) => sum / side / side);
  });
}
