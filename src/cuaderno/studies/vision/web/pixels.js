/** From whatever the browser can show to the square of pixels that the network is given; files are opened here too. */

import { squashed } from "./model.js";

const FINER = 2; // times the square's side: so far the browser makes a picture smaller, the rest is done as Pillow does it
const MOST_PIXELS = 100e6; // of a photo
const SHOWN = 960; // pixels of the longer side that are kept to be shown
const HEIC = /^(heic|heix|hevc|hevx|mif1|msf1|heim|heis)$/;

/** Why a file cannot be shown: a key of TEXT's `problems`. */
export class Unusable extends Error {}

/** A function that squashes a picture to bytes: side x side x RGB, transparent parts white. @param {number} side */
export function makeSquasher(side) {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  /** @param {CanvasImageSource} source @returns {Uint8ClampedArray} */
  return (source, width, height) => {
    const w = Math.min(width, FINER * side), h = Math.min(height, FINER * side);
    if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
    context.imageSmoothingQuality = "high";
    context.fillStyle = "#fff";
    context.fillRect(0, 0, w, h);
    context.drawImage(source, 0, 0, w, h);
    const { data } = context.getImageData(0, 0, w, h);
    return Uint8ClampedArray.from(squashed(data, w, h, side, 4));
  };
}

/**
 * A photo, upright and no larger than it is shown.
 * @param {Blob} file @returns {Promise<ImageBitmap>}
 * @throws {Unusable} when it is too large or no picture that this browser knows
 */
export async function openPhoto(file) {
  const { width, height } = await measured(file);
  if (!width || !height) throw new Unusable("badPicture");
  if (width * height > MOST_PIXELS) throw new Unusable("largePicture");
  const scale = Math.min(1, SHOWN / Math.max(width, height));
  const size = { resizeWidth: Math.max(1, Math.round(width * scale)), resizeHeight: Math.max(1, Math.round(height * scale)) };
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image", resizeQuality: "high", ...(scale < 1 ? size : {}) });
  } catch {
    throw new Unusable("badPicture");
  }
}

/** Width and height of a picture as it is shown, before it is decoded. */
async function measured(file) {
  const image = new Image(), address = URL.createObjectURL(file);
  try {
    return await new Promise((resolve, reject) => {
      image.onload = () => resolve({ width: image.naturalWidth, height: image.naturalHeight });
      image.onerror = reject;
      image.src = address;
    });
  } catch {
    throw new Unusable((await isHeic(file)) ? "heic" : "badPicture");
  } finally {
    URL.revokeObjectURL(address);
  }
}

async function isHeic(file) {
  const head = new TextDecoder("latin1").decode(await file.slice(0, 12).arrayBuffer());
  return head.slice(4, 8) === "ftyp" && HEIC.test(head.slice(8, 12));
}
