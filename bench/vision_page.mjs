// node bench/vision_page.mjs EXPORT_FOLDER: what one picture costs in the page, in CPU milliseconds of one core.
//
// The least and the median of many looks, with 128-bit vectors and in plain JavaScript: the network alone, and with the
// map of where it looked. What the browser needs to draw a frame and read its pixels comes on top.
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
  const times = Array.from({ length: LOOKS }, () => {
    const began = process.cpuUsage().user;
    act();
    return (process.cpuUsage().user - began) / 1000;
  }).sort((a, b) => a - b);
  return `${times[0].toFixed(1)} ms at best, median ${times[LOOKS >> 1].toFixed(1)}`;
}

for (const plain of [false, true]) {
  const { network, bytes: downloaded } = await load(read, { plain });
  const look = () => network.see(resized(bytes, size, network.size));
  if (!plain) console.log(`model.json and weights.bin: ${downloaded.toLocaleString("en")} bytes`);
  console.log(`${network.kernel.name.padEnd(8)} look: ${clocked(look)}; with map: ${clocked(() => { look(); network.weigh(0); })}`);
}
