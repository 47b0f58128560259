/**
 * The convolution that the network consists of, as WebAssembly with 128-bit vectors, or in plain JavaScript where a browser
 * has none. Both work on the same memory; `kernel.wat` is the readable source and says what is where.
 */

const VECTORS = // kernel.wat, translated
  "AGFzbQEAAAABDgFgCn9/f39/f39/f30AAwIBAAUDAQABBxUCBm1lbW9yeQIACGNvbnZvbHZlAAAK8wUB8AUEB38EewR/CHsgCf0TIREDQCADIR" +
  "BBACELA0AgECEPIAT9AAQAIRIgBP0ABBAhEyASIRkgEyEaIBIhGyATIRwgEiEdIBMhHiASIR8gEyEgIAEgC0ECdGohDiAOKAIAIRUgDigCBCEW" +
  "IA4oAgghFyAOKAIMIRggBiEMA0AgDyAHQQV0aiENA0AgD/0ABAAhEiAP/QAEECETIBX9CQIAIRQgGSAUIBL95gH95AEhGSAaIBQgE/3mAf3kAS" +
  "EaIBb9CQIAIRQgGyAUIBL95gH95AEhGyAcIBQgE/3mAf3kASEcIBf9CQIAIRQgHSAUIBL95gH95AEhHSAeIBQgE/3mAf3kASEeIBj9CQIAIRQg" +
  "HyAUIBL95gH95AEhHyAgIBQgE/3mAf3kASEgIA/9AAQgIRIgD/0ABDAhEyAV/QkCBCEUIBkgFCAS/eYB/eQBIRkgGiAUIBP95gH95AEhGiAW/Q" +
  "kCBCEUIBsgFCAS/eYB/eQBIRsgHCAUIBP95gH95AEhHCAX/QkCBCEUIB0gFCAS/eYB/eQBIR0gHiAUIBP95gH95AEhHiAY/QkCBCEUIB8gFCAS" +
  "/eYB/eQBIR8gICAUIBP95gH95AEhICAVQQhqIRUgFkEIaiEWIBdBCGohFyAYQQhqIRggD0HAAGohDyAPIA1JDQALIAggB0ECdGshDiAVIA5qIR" +
  "UgFiAOaiEWIBcgDmohFyAYIA5qIRggDEEBayEMIAwNAAsgAiALQQJ0aiEOIApBBXQhDSAOKAIAIA1qIQwgDCAZIBH96wH9CwQAIAwgGiAR/esB" +
  "/QsEECAOKAIEIA1qIQwgDCAbIBH96wH9CwQAIAwgHCAR/esB/QsEECAOKAIIIA1qIQwgDCAdIBH96wH9CwQAIAwgHiAR/esB/QsEECAOKAIMIA" +
  "1qIQwgDCAfIBH96wH9CwQAIAwgICAR/esB/QsEECALQQRqIQsgCyAASQ0ACyAPIQMgBEEgaiEEIApBAWohCiAKIAVJDQALCwDtAQRuYW1lArEB" +
  "AQAhAAZwbGFjZXMBBGZyb20CAnRvAwd3ZWlnaHRzBARiaWFzBQZibG9ja3MGBHJ1bnMHBmxlbmd0aAgDcm93CQVsZWFzdAoFYmxvY2sLBXBsYW" +
  "NlDANydW4NA2VuZA4CYXQPAXcQBWZpcnN0EQVmbG9vchIDbG93EwRoaWdoFAF4FQJpMBYCaTEXAmkyGAJpMxkCYTAaAmIwGwJhMRwCYjEdAmEy" +
  "HgJiMh8CYTMgAmIzAzIBAAQAC2V2ZXJ5X2Jsb2NrAQpldmVyeV9mb3VyAglldmVyeV9ydW4DCWV2ZXJ5X3R3bw==";

const BLOCK = 8; // outputs side by side

/** @typedef {(places: number, from: number, to: number, weights: number, bias: number, blocks: number, runs: number,
 *    length: number, row: number, least: number) => void} Convolve */
/** @typedef {{floats: Float32Array, ints: Int32Array, convolve: Convolve, name: "vectors" | "plain"}} Kernel */

/** A kernel with so much memory. @param {number} bytes @param {boolean} plain never vectors @returns {Promise<Kernel>} */
export async function makeKernel(bytes, plain = false) {
  if (!plain) {
    try {
      const code = Uint8Array.from(atob(VECTORS), (char) => char.charCodeAt(0));
      const { memory, convolve } = (await WebAssembly.instantiate(code)).instance.exports;
      memory.grow(Math.ceil(bytes / 65536));
      return { ...views(memory.buffer), convolve, name: "vectors" };
    } catch { /* no WebAssembly here, or no vectors in it */ }
  }
  const memory = views(new ArrayBuffer(Math.ceil(bytes / 16) * 16));
  return { ...memory, convolve: plainly(memory), name: "plain" };
}

const views = (buffer) => ({ floats: new Float32Array(buffer), ints: new Int32Array(buffer) });

/** The same as kernel.wat: two places and four outputs at once, which is as much as fits the registers. */
function plainly({ floats, ints }) {
  return (places, from, to, weights, bias, blocks, runs, length, row, least) => {
    const size = runs * length * BLOCK, skip = row >> 2;
    for (let block = 0; block < blocks; block++) {
      for (let half = 0; half < BLOCK; half += 4) {
        const first = (weights >> 2) + block * size + half, b = (bias >> 2) + block * BLOCK + half;
        for (let place = 0; place < places; place += 2) {
          let x = ints[(from >> 2) + place] >> 2, y = ints[(from >> 2) + place + 1] >> 2, w = first;
          let p = floats[b], q = floats[b + 1], r = floats[b + 2], s = floats[b + 3];
          let t = p, u = q, v = r, z = s;
          for (let run = 0; run < runs; run++, x += skip, y += skip) {
            for (let i = 0; i < length; i++, w += BLOCK) {
              const k = floats[w], l = floats[w + 1], m = floats[w + 2], n = floats[w + 3], g = floats[x + i], h = floats[y + i];
              p += k * g; q += l * g; r += m * g; s += n * g;
              t += k * h; u += l * h; v += m * h; z += n * h;
            }
          }
          const one = (ints[(to >> 2) + place] >> 2) + block * BLOCK + half, two = (ints[(to >> 2) + place + 1] >> 2) + block * BLOCK + half;
          floats[one] = p > least ? p : least; floats[one + 1] = q > least ? q : least;
          floats[one + 2] = r > least ? r : least; floats[one + 3] = s > least ? s : least;
          floats[two] = t > least ? t : least; floats[two + 1] = u > least ? u : least;
          floats[two + 2] = v > least ? v : least; floats[two + 3] = z > least ? z : least;
        }
      }
    }
  };
}
