/** Pieces of the page that all the pictures are put together from. */

/** An element with properties and children. */
export function make(name, properties, ...children) {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
}

/** A slider with its name before it and what it says behind it. @returns {{label: HTMLElement, input: HTMLInputElement, said: HTMLElement}} */
export function slider(words, { min, max, step = 1, value }) {
  const input = make("input", { type: "range", min, max, step, value }), said = make("output", { className: "sp-small" });
  return { label: make("label", { className: "sp-slider" }, make("span", { textContent: words }), input, said), input, said };
}

/** A box to tick with its name behind it. */
export function check(words, checked) {
  const input = make("input", { type: "checkbox", checked });
  return { label: make("label", { className: "sp-check" }, input, words), input };
}

/** Numbers between 0 and 1 onto a canvas of that size. @param {ArrayLike<number>} picture height x width x RGB */
export function putPixels(canvas, picture, width, height) {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const image = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = 255 * picture[3 * i + c] + 0.5; // kept between 0 and 255 by itself
    image.data[4 * i + 3] = 255;
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}
