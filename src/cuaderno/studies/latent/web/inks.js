/** From numbers between 0 and 1 to the colours of the page: grey pictures are drawn in its ink on its paper. */

/** The page's colours at a place. @param {Element} element @returns {{paper: number[], ink: number[], key: string}} */
export function inksOf(element) {
  const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true }), style = getComputedStyle(element);
  const colour = (name) => {
    probe.fillStyle = style.getPropertyValue(name).trim() || "#000";
    probe.fillRect(0, 0, 1, 1);
    return Array.from(probe.getImageData(0, 0, 1, 1).data.slice(0, 3));
  };
  const paper = colour("--lt-paper"), ink = colour("--lt-ink");
  return { paper, ink, key: `${paper} ${ink}` };
}

/**
 * Pictures side by side as image data, `columns` in a row.
 * @param {ArrayLike<number>} pixels count x side x side x channels, 0 to 1
 */
export function painted(pixels, { side, channels, count = 1, columns = 1, inks, gap = 0 }) {
  const rows = Math.ceil(count / columns), step = side + gap;
  const image = new ImageData(columns * step - gap, rows * step - gap), { data, width } = image;
  const shades = channels === 1 ? shadesOf(inks) : null;
  for (let n = 0, at = 0; n < count; n++) {
    const left = (n % columns) * step, top = Math.floor(n / columns) * step;
    for (let y = 0; y < side; y++) {
      for (let x = 0, into = 4 * ((top + y) * width + left); x < side; x++, into += 4, at += channels) {
        if (shades) {
          const shade = 3 * Math.round(255 * pixels[at]);
          data[into] = shades[shade]; data[into + 1] = shades[shade + 1]; data[into + 2] = shades[shade + 2];
        } else {
          for (let c = 0; c < 3; c++) data[into + c] = 255 * pixels[at + c];
        }
        data[into + 3] = 255;
      }
    }
  }
  return image;
}

const known = new Map();

/** 256 colours from paper to ink. */
function shadesOf({ paper, ink, key }) {
  if (!known.has(key)) {
    known.set(key, Uint8ClampedArray.from({ length: 768 }, (_, i) => {
      const share = Math.floor(i / 3) / 255;
      return paper[i % 3] + share * (ink[i % 3] - paper[i % 3]);
    }));
  }
  return known.get(key);
}

/** Put pictures on a canvas, which takes their size. */
export function show(canvas, pixels, options) {
  const image = painted(pixels, options);
  if (canvas.width !== image.width || canvas.height !== image.height) Object.assign(canvas, { width: image.width, height: image.height });
  canvas.getContext("2d").putImageData(image, 0, 0);
}
