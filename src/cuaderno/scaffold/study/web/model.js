// The trained line, in the browser: pure, no page. Checked against Python by parity.json.

/**
 * @param {(name: string) => Promise<ArrayBuffer>} read
 * @returns {Promise<{w: number, b: number}>}
 */
export async function load(read) {
  return JSON.parse(new TextDecoder().decode(await read("model.json")));
}

/** @param {{w: number, b: number}} artifact @param {number} x */
export function predict(artifact, x) {
  return artifact.w * x + artifact.b;
}
