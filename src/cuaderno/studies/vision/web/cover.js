/**
 * The honest way to ask where a network looks: cover a part of the picture, see how much the evidence falls, go on. It is
 * `occlusion_map` of ../explain.py, in steps, so that whoever calls can do something else in between.
 */

const WINDOW = 4; // windows to a side of the picture
const PLACES = 16; // places to a side, at each of which a window covers

/**
 * @param {import("./model.js").Network} network @param {Float32Array} pixels size x size x RGB, 0 to 1 @param {number} k a class
 * @returns {Generator<number, {side: number, values: Float32Array}>} yields how much is done, returns nats for each pixel
 */
export function* cover(network, pixels, k) {
  const side = network.size, places = Math.min(PLACES, side), reach = Math.max(1, side >> 2) / 2;
  const paper = blurred(pixels, side), sum = new Float32Array(side * side), times = new Float32Array(side * side);
  network.see(pixels);
  const whole = network.evidence(k), hidden = new Float32Array(pixels.length);
  const bounds = Array.from({ length: places }, (_, i) => {
    const middle = places > 1 ? (i * (side - 1)) / (places - 1) : 0;
    return [Math.max(0, Math.ceil(middle - reach)), Math.min(side - 1, Math.floor(middle + reach))];
  });
  for (let row = 0; row < places; row++) {
    for (let column = 0; column < places; column++) {
      const [top, bottom] = bounds[row], [left, right] = bounds[column];
      hidden.set(pixels);
      for (let y = top; y <= bottom; y++) {
        const from = 3 * (y * side + left), to = 3 * (y * side + right + 1);
        hidden.set(paper.subarray(from, to), from);
      }
      network.see(hidden);
      const fall = whole - network.evidence(k);
      for (let y = top; y <= bottom; y++) {
        for (let n = y * side + left; n <= y * side + right; n++) { sum[n] += fall; times[n]++; }
      }
      yield (row * places + column + 1) / places ** 2;
    }
  }
  network.see(pixels); // so that what it saw last is the picture again
  return { side, values: sum.map((nats, n) => nats / Math.max(1, times[n])) };
}

/** A picture in which nothing can be made out: it covers better than grey, whose edges a network takes for something. */
export function blurred(pixels, side) {
  const width = (side >> 2) * 2 + 1;
  for (let turn = 0; turn < 2; turn++) { // two boxes make a triangle, which is nearly a bell
    pixels = boxes(boxes(pixels, side, width >> 1, 3, 3 * side), side, width >> 1, 3 * side, 3);
  }
  return pixels;
}

/** The mean of so many pixels to either side along lines; the edge is repeated outside. */
function boxes(pixels, side, reach, step, stride) {
  const out = new Float32Array(pixels.length);
  for (let line = 0; line < side; line++) {
    for (let c = 0; c < 3; c++) {
      const at = (i) => pixels[line * stride + Math.min(side - 1, Math.max(0, i)) * step + c];
      let sum = 0;
      for (let i = -reach; i <= reach; i++) sum += at(i);
      for (let i = 0; i < side; i++) {
        out[line * stride + i * step + c] = sum / (2 * reach + 1);
        sum += at(i + reach + 1) - at(i - reach);
      }
    }
  }
  return out;
}
