// One idea, computed as Python does: pure, no page. Checked against Python by parity.json.

/**
 * @param {(name: string) => Promise<ArrayBuffer>} read
 * @returns {Promise<{about: object, part: {predict: (about: object, input: any) => any}}>}
 */
export async function load(read) { // a part that has files of its own reads them in `prepare`
  const about = JSON.parse(new TextDecoder().decode(await read("model.json")));
  const part = await import(`./parts/${about.part}-model.js`);
  return { about: part.prepare ? await part.prepare(about, read) : about, part };
}

/** @param {{about: object, part: object}} artifact @param {any} input as the part wants it */
export function predict({ about, part }, input) {
  return part.predict(about, input);
}
