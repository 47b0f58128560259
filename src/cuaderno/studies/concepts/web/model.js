// One idea, computed as Python does: pure, no page. Checked against Python by parity.json.

/**
 * What is needed at the start; a part that has more than that, too large for it, reads it in `complete`.
 * @param {(name: string) => Promise<ArrayBuffer>} read
 * @returns {Promise<{about: object, part: {predict: (about: object, input: any) => any}, read: Function}>}
 */
export async function load(read) {
  const about = JSON.parse(new TextDecoder().decode(await read("model.json")));
  return { about, part: await import(`./parts/${about.part}-model.js`), read };
}

/** All of it. @param {{about: object, part: object, read: Function}} artifact */
export async function complete({ about, part, read }) {
  return part.complete ? part.complete(about, read) : about;
}

/** @param {{about: object, part: object, read: Function}} artifact @param {any} input as the part wants it */
export async function predict(artifact, input) {
  return artifact.part.predict(await (artifact.whole ??= complete(artifact)), input);
}
