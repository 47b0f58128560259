/** Draws lines: a text as pixels for the network, and pixels as a picture with the evidence under it. */

import { HEIGHT, STRIDE } from "./model.js";

const SIZE = 20; // pixels of the letters, an em
const MARGIN = 8;
const WIDEST = 1600; // pixels of a line; what comes after is left out
const BAR = 14; // pixels of the highest bar under a letter

/**
 * A text in one of the reader's fonts, as the network wants it: 32 pixels high, of the width that it needs.
 * @param {string} text @param {{font: string, bold: boolean, italic: boolean, inverted: boolean, noise: number}} how
 * @returns {{pixels: Float32Array, width: number}}
 */
export function drawText(text, { font, bold, italic, inverted, noise }) {
  const canvas = document.createElement("canvas");
  let context = canvas.getContext("2d");
  const face = `${italic ? "italic" : "normal"} ${bold ? 700 : 400} ${SIZE}px ${font}`;
  context.font = face;
  const { actualBoundingBoxLeft: before, width } = context.measureText(text);
  canvas.width = Math.ceil(Math.min(WIDEST, width + Math.max(0, before) + 2 * MARGIN + 4) / STRIDE) * STRIDE;
  canvas.height = HEIGHT;
  context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = inverted ? "#111" : "#fff";
  context.fillRect(0, 0, canvas.width, HEIGHT);
  context.font = face;
  context.fillStyle = inverted ? "#eee" : "#111";
  context.direction = /[\u0590-\u08ff]/u.test(text) ? "rtl" : "ltr";
  context.textAlign = "left";
  context.textBaseline = "alphabetic";
  context.fillText(text, MARGIN + Math.max(0, before), 22);
  const { data } = context.getImageData(0, 0, canvas.width, HEIGHT);
  const pixels = Float32Array.from({ length: canvas.width * HEIGHT }, (_, i) => data[4 * i + 1] / 255);
  return { pixels: spoilt(pixels, canvas.width, noise), width: canvas.width };
}

/** Blur and grain, 0 to 1; the same grain every time, so that nothing flickers while one types. */
function spoilt(pixels, width, noise) {
  if (!noise) return pixels;
  const out = new Float32Array(pixels.length), blur = 0.5 * noise;
  let seed = 7;
  const grain = () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 32 - 0.5;
  for (let i = 0; i < pixels.length; i++) {
    const [left, right, up, down] = [pixels[i - 1] ?? pixels[i], pixels[i + 1] ?? pixels[i], pixels[i - width] ?? pixels[i], pixels[i + width] ?? pixels[i]];
    out[i] = Math.min(1, Math.max(0, (1 - blur) * pixels[i] + (blur / 4) * (left + right + up + down) + 0.7 * noise * grain()));
  }
  return out;
}

/**
 * A strip as it is, enlarged, and under each letter a bar: upwards for, downwards against.
 * @param {HTMLCanvasElement} canvas @param {{pixels: Float32Array, width: number}} strip @param {number[] | null} edges
 * @param {ArrayLike<number> | null} nats @param {{for: string, against: string, rule: string}} colours @param {number} scale
 */
export function showStrip(canvas, { pixels, width }, edges, nats, colours, scale) {
  const ratio = Math.min(3, devicePixelRatio || 1), foot = nats ? 2 * BAR + 10 : 0;
  Object.assign(canvas, { width: Math.round(width * scale * ratio), height: Math.round((HEIGHT * scale + foot) * ratio) });
  Object.assign(canvas.style, { width: `${width * scale}px`, height: `${HEIGHT * scale + foot}px` });
  const context = canvas.getContext("2d"), image = new ImageData(width, HEIGHT);
  for (let i = 0; i < pixels.length; i++) {
    image.data.fill(255 * pixels[i], 4 * i, 4 * i + 3);
    image.data[4 * i + 3] = 255;
  }
  const small = document.createElement("canvas");
  Object.assign(small, { width, height: HEIGHT });
  small.getContext("2d").putImageData(image, 0, 0);
  context.imageSmoothingEnabled = scale % 1 !== 0;
  context.drawImage(small, 0, 0, width * scale * ratio, HEIGHT * scale * ratio);
  if (!nats) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const most = Math.max(1, ...Array.from(nats, Math.abs)), middle = HEIGHT * scale + BAR + 5;
  context.fillStyle = colours.rule;
  context.fillRect(0, middle - 0.5, width * scale, 1);
  Array.from(nats).forEach((value, i) => {
    const tall = (BAR * value) / most, left = edges[i] * scale + 1;
    context.fillStyle = value > 0 ? colours.for : colours.against;
    context.fillRect(left, middle, Math.max(1, edges[i + 1] * scale - 1 - left), -tall);
  });
}
