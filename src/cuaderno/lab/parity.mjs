// node parity.mjs STUDY/web/model.js EXPORT_FOLDER: the browser's code must answer as Python did.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** The first difference between two values, in words, or null. Numbers may differ by `tolerance`. */
function difference(seen, wanted, tolerance, where = "output") {
  if (typeof wanted === "number" && typeof seen === "number") {
    return Math.abs(seen - wanted) <= tolerance ? null : `${where} is ${seen}, Python says ${wanted}`;
  }
  if (wanted && seen && typeof wanted === "object" && typeof seen === "object") {
    const keys = new Set([...Object.keys(wanted), ...Object.keys(seen)]);
    for (const key of keys) {
      if (!(key in wanted) || !(key in seen)) return `${where}.${key} is only on one side`;
      const found = difference(seen[key], wanted[key], tolerance, `${where}.${key}`);
      if (found) return found;
    }
    return null;
  }
  return Object.is(seen, wanted) ? null : `${where} is ${JSON.stringify(seen)}, Python says ${JSON.stringify(wanted)}`;
}

const [modelPath, folder] = process.argv.slice(2);
const { load, predict } = await import(pathToFileURL(modelPath));
const read = async (name) => {
  const bytes = await readFile(join(folder, name));
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
};
const artifact = await load(read);
const { tolerance, cases } = JSON.parse(await readFile(join(folder, "parity.json"), "utf8"));
if (!cases.length) throw new Error("parity.json has no case");
for (const [index, { input, output }] of cases.entries()) {
  const plain = JSON.parse(JSON.stringify(await predict(artifact, input)));
  const found = difference(plain, output, tolerance);
  if (found) {
    console.error(`case ${index}: ${found}`);
    process.exit(1);
  }
}
console.log(cases.length);
