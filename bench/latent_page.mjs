// node bench/latent_page.mjs EXPORT_FOLDER: what one picture costs in the page, in CPU milliseconds of one core.
//
// The median of many rounds in CPU time, with 128-bit vectors and in plain JavaScript. Colouring a picture comes on top.
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const ROUNDS = 15, REPEATED = 4, WARM_UP = 5;
const [folder] = process.argv.slice(2);
if (!folder) {
  console.error("usage: node bench/latent_page.mjs EXPORT_FOLDER");
  process.exit(2);
}
const web = await mkdtemp(join(tmpdir(), "latent-")); // the study's modules and those of the lab side by side, as in a page
for (const part of ["lab", "studies/latent"]) await cp(resolve(import.meta.dirname, "../src/cuaderno", part, "web"), web, { recursive: true });
const { load } = await import(pathToFileURL(join(web, "model.js")));
await rm(web, { recursive: true });
const read = async (name) => Uint8Array.from(await readFile(join(folder, name))).buffer;

/** CPU milliseconds of one of `count` pictures. */
function clocked(act, count) {
  for (let i = 0; i < WARM_UP; i++) act(); // until the fast code is made
  const times = Array.from({ length: ROUNDS }, () => {
    const before = process.cpuUsage();
    for (let i = 0; i < REPEATED; i++) act();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000 / REPEATED / count;
  });
  return times.sort((a, b) => a - b)[ROUNDS >> 1].toFixed(3);
}

for (const plain of [false, true]) {
  const { network, bytes } = await load(read, { plain });
  const wave = (length) => Float32Array.from({ length }, (_, i) => 2 * Math.sin(1 + i));
  const many = wave(64 * network.latents), one = wave(network.latents), classes = Array.from({ length: 64 }, (_, i) => i % network.about.classes.length);
  if (!plain) console.log(`model.json and weights.bin: ${bytes.toLocaleString("en")} bytes`);
  const asked = {
    "from noise in one step, 64 at once": [() => network.decode(network.dream(many, classes)), 64],
    "from noise in one step, alone": [() => network.decode(network.dream(one, [1])), 1],
    "tile of the map, 64 at once": [() => network.paint(wave(128)), 64],
    "tile of the map, alone": [() => network.paint(wave(2)), 1],
    "drawing placed, folded and painted": [() => { const p = wave(network.pixels); network.place(p); network.decode(network.encode(p)); }, 1],
    "20 steps of the flow": [() => network.film(one, [1], 20), 1],
  };
  for (const [what, [act, count]] of Object.entries(asked)) console.log(`${network.kernel.name.padEnd(8)} ${what}: ${clocked(act, count)} ms`);
}
