/** weights.bin, as cuaderno.lab.quantize packs it. No DOM: the same in Node or a page. */

/** @typedef {{name: string, shape: number[], offset: number}} Tensor */

/**
 * weights.bin -> tensors by name as floats, on machines of either byte order.
 *
 * @param {Tensor[]} layout a matrix is kept as a scale for each row and numbers of 8 bits, a vector as it is
 * @param {ArrayBuffer} file
 * @returns {Record<string, Float32Array>}
 */
export function unpack(layout, file) {
  const view = new DataView(file);
  const floats = (offset, length) => Float32Array.from({ length }, (_, i) => view.getFloat32(offset + 4 * i, true));
  return Object.fromEntries(
    layout.map(({ name, shape: [rows, columns], offset }) => {
      const scales = floats(offset, rows);
      if (columns === undefined) return [name, scales]; // a vector
      const numbers = new Int8Array(file, offset + 4 * rows, rows * columns);
      const weight = new Float32Array(rows * columns);
      for (let i = 0; i < weight.length; i++) weight[i] = numbers[i] * scales[(i / columns) | 0];
      return [name, weight];
    }),
  );
}

/** How many numbers these tensors hold. @param {Tensor[]} layout */
export const countWeights = (layout) => layout.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b), 0);
