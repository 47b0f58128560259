/** What the network makes of a picture, painted: light where it looked, and what the first layer's filters answer. */

const FOG = 128; // the grey over what it did not look at, as in ../prints.py,
const THICK = 0.8; // and how much of it
const RED = 88; // more, where something speaks against the answer

/**
 * A map over the picture: fog where nothing is, clear where the answer comes from, red where something speaks against it.
 * @param {HTMLCanvasElement} canvas @param {{side: number, values: ArrayLike<number>}} map @param {number} side of the canvas
 */
export function shine(canvas, map, side = 64) {
  if (canvas.width !== side) Object.assign(canvas, { width: side, height: side });
  const context = canvas.getContext("2d"), image = context.createImageData(side, side);
  const most = Math.max(1e-6, ...map.values);
  for (let y = 0, n = 0; y < side; y++) {
    for (let x = 0; x < side; x++, n += 4) {
      const value = between(map, ((x + 0.5) * map.side) / side - 0.5, ((y + 0.5) * map.side) / side - 0.5) / most;
      const against = Math.min(1, Math.max(0, -value));
      image.data.set([FOG + RED * against, FOG * (1 - 0.5 * against), FOG * (1 - 0.5 * against), 255 * THICK * (1 - Math.min(1, Math.max(0, value)))], n);
    }
  }
  context.putImageData(image, 0, 0);
}

/** The value between the four nearest places. */
function between({ side, values }, x, y) {
  const clamp = (i) => Math.min(side - 1, Math.max(0, i));
  const left = Math.floor(x), top = Math.floor(y), u = x - left, v = y - top;
  const at = (row, column) => values[clamp(row) * side + clamp(column)];
  return (1 - v) * ((1 - u) * at(top, left) + u * at(top, left + 1)) + v * ((1 - u) * at(top + 1, left) + u * at(top + 1, left + 1));
}

/** A filter of the first layer, grey where it does not care. @param {ArrayLike<number>} weights window x window x RGB */
export function showFilter(canvas, weights, window) {
  Object.assign(canvas, { width: window, height: window });
  const context = canvas.getContext("2d"), image = context.createImageData(window, window);
  const most = Math.max(1e-9, ...Array.from(weights, Math.abs));
  for (let n = 0; n < window * window; n++) {
    for (let c = 0; c < 3; c++) image.data[4 * n + c] = 255 * (0.5 + (0.5 * weights[3 * n + c]) / most);
    image.data[4 * n + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

/** What a filter found in the picture: blue where it is there, red where its negative is. */
export function showResponse(canvas, found, opposite) {
  const { side } = found;
  if (canvas.width !== side) Object.assign(canvas, { width: side, height: side });
  const context = canvas.getContext("2d"), image = context.createImageData(side, side);
  let most = 1e-6;
  for (let n = 0; n < found.values.length; n++) most = Math.max(most, found.values[n], opposite.values[n]);
  for (let n = 0; n < found.values.length; n++) {
    const value = (found.values[n] - opposite.values[n]) / most, [r, g, b] = value > 0 ? [29, 78, 216] : [194, 55, 59];
    image.data.set([r, g, b, 255 * Math.min(1, 1.6 * Math.abs(value))], 4 * n);
  }
  context.putImageData(image, 0, 0);
}
