/** A vector as a column of cells, and vectors as they travel: int8 in base64. */

/** One column: blue above zero, red below, the stronger the farther. @returns {HTMLCanvasElement} */
export function paint(vector, most, [above, below]) {
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: vector.length });
  const context = canvas.getContext("2d");
  vector.forEach((value, i) => {
    context.globalAlpha = Math.min(1, Math.sqrt(Math.abs(value) / most));
    context.fillStyle = value > 0 ? above : below;
    context.fillRect(0, i, 1, 1);
  });
  canvas.setAttribute("aria-hidden", "true");
  return canvas;
}

/** The vectors of a sentence of map.json. @returns {Float32Array[]} one for each token */
export function unpack({ size, scale, vectors }) {
  const bytes = Int8Array.from(atob(vectors), (letter) => letter.charCodeAt(0));
  return Array.from({ length: bytes.length / size }, (_, t) => Float32Array.from(bytes.subarray(t * size, (t + 1) * size), (x) => x * scale));
}
