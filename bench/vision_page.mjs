// node bench/vision_page.mjs EXPORT_FOLDER: what one picture costs in the page, in CPU milliseconds of one core.
//
// The mean of many looks in CPU time, and the fastest by the clock, with 128-bit vectors and in plain JavaScript: making the
// square and looking, and the same with the map of where it looked. Drawing a frame and reading its pixels comes on top.
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const LOOKS = 200;
const [folder] = process.argv.slice(2);
if (!folder) {
  console.error("usage: node bench/vision_page.mjs EXPORT_FOLDER");
  process.exit(2);
}
const web = pathToFileURL(`${resolve(import.meta.dirname, "../src/cuaderno/studies/vision/web")}/`);
const { load, resized } = await import(new URL("model.js", web));
const read = async (name) => Uint8Array.from(await readFile(join(folder, name))).buffer;
const { cases } = JSON.parse(await readFile(join(folder, "parity.json")));
const { size, pixels } = cases[0].input;
const bytes = Uint8Array.from(atob(pixels), (char) => char.charCodeAt(0));

function clocked(act) {
  for (let i = 0; i < 30; i++) act(); // until the fast code is made
  const before = process.cpuUsage(), times = [];
  for (let i = 0; i < LOOKS; i++) {
    const began = performance.now();
    act();
    times.push(performance.now() - began);
  }
  const { user, system } = process.cpuUsage(before);
  return `${((user + system) / 1000 / LOOKS).toFixed(1)} ms of CPU, ${Math.min(...times).toFixed(1)} by the clock at best`;
}

for (const plain of [false, true]) {
  const { network, bytes: downloaded } = await load(read, { plain });
  const look = () => network.see(resized(bytes, size, network.size));
  if (!plain) console.log(`model.json and weights.bin: ${downloaded.toLocaleString("en")} bytes`);
  console.log(`${network.kernel.name.padEnd(8)} look: ${clocked(look)}; with map: ${clocked(() => { look(); network.weigh(0); })}`);
}
