/** A picture as a tensor, and another tensor of any shape that it is multiplied by. */

import { el } from "../desk.js";

export const TEXT = {
  en: {
    picture: "A, the picture: three tables of 12 rows and 16 columns, for red, green and blue",
    pixel: "Pixel of A: move it with the arrow keys",
    names: { other: "B, repeated until it fits", product: "A × B" },
    shape: "Shape of B",
    shapes: "Some shapes",
    one: "() one number",
    filled: "Numbers in B",
    fills: { rising: "Rising from 0 to 1", learnt: "What the run has learnt" },
    bad: "Write lengths with commas between them, such as 3,1,1: at most four axes, each at most 64 long, and 50,000 numbers in all.",
    fits: (shape, repeated) => `They fit: ${shape}.${repeated ? ` B has ${repeated}, and each of its numbers is used again.` : " B has a number for each one of A."}`,
    count: (n) => (n === 1 ? "one number" : `${n} numbers`),
    grows: (shape) => `They fit, and the result is larger than the picture: ${shape}. The first part of it is shown.`,
    misfit: (axis, a, b) => `They do not fit: on axis ${axis} stands ${a} against ${b}. It would have to be the same, or 1.`,
    learnt: "The run has learnt one weight and one shift for each colour, (3,1,1): they take the cast off.",
    ask: [
      "A has the shape (3,12,16), B the shape (12,1). How many numbers does A × B have?",
      "A has the shape (3,12,16), B the shape (3), one number for each colour. Do they fit?",
      "B has the shape (3,1,1) and the numbers 1, 0, 0. What is left of the picture?",
    ],
    answers: [[], ["Yes, each colour gets its number", "No"], ["Only the red", "Only the first row", "Everything, a third as bright"]],
    said: [
      (n, shape) => `It was multiplied: ${n} numbers, of shape ${shape}.`,
      (axis, a, b) => `It was tried: shapes meet from the last axis on, and on axis ${axis} stands ${a} against ${b}. (3,1,1) would fit.`,
      (red, green, blue) => `It was multiplied. Sum of red ${red}, of green ${green}, of blue ${blue}.`,
    ],
  },
  es: {
    picture: "A, la imagen: tres tablas de 12 filas y 16 columnas, para el rojo, el verde y el azul",
    pixel: "Píxel de A: muévelo con las flechas",
    names: { other: "B, repetido hasta que encaja", product: "A × B" },
    shape: "Forma de B",
    shapes: "Algunas formas",
    one: "() un número",
    filled: "Números de B",
    fills: { rising: "Suben de 0 a 1", learnt: "Lo que aprendió la ejecución" },
    bad: "Escribe longitudes separadas por comas, como 3,1,1: cuatro ejes como mucho, cada uno de 64 como mucho, y en total 50 000 números.",
    fits: (shape, repeated) => `Encajan: ${shape}.${repeated ? ` B tiene ${repeated}, y cada número se usa varias veces.` : " B tiene un número para cada uno de A."}`,
    count: (n) => (n === 1 ? "un número" : `${n} números`),
    grows: (shape) => `Encajan, y el resultado es mayor que la imagen: ${shape}. Se ve su primera parte.`,
    misfit: (axis, a, b) => `No encajan: en el eje ${axis} está ${a} frente a ${b}. Tendría que ser lo mismo, o 1.`,
    learnt: "La ejecución aprendió un peso y un desplazamiento por color, (3,1,1): quitan el tono.",
    ask: [
      "A tiene la forma (3,12,16) y B la forma (12,1). ¿Cuántos números tiene A × B?",
      "A tiene la forma (3,12,16) y B la forma (3), un número por color. ¿Encajan?",
      "B tiene la forma (3,1,1) y los números 1, 0, 0. ¿Qué queda de la imagen?",
    ],
    answers: [[], ["Sí, cada color recibe su número", "No"], ["Solo el rojo", "Solo la primera fila", "Todo, con un tercio del brillo"]],
    said: [
      (n, shape) => `Se ha multiplicado: ${n} números, de forma ${shape}.`,
      (axis, a, b) => `Se ha probado: las formas se comparan desde el último eje, y en el eje ${axis} está ${a} frente a ${b}. (3,1,1) encajaría.`,
      (red, green, blue) => `Se ha multiplicado. Suma del rojo ${red}, del verde ${green}, del azul ${blue}.`,
    ],
  },
};

const SHAPES = ["", "3,1,1", "16", "12,1", "3,12,16", "3"];

/** @param {import("../desk.js").Desk} desk */
export function open(desk) {
  const { text, about, model } = desk, { height, width } = about;
  const A = { shape: [3, height, width], data: about.picture };
  const learnt = { weight: { shape: [3, 1, 1], data: about.weight }, shift: { shape: [3, 1, 1], data: about.shift } };
  let shape = [3, 1, 1], fill = "rising", pixel = [3, 4];

  const plane = desk.plane({ x: [0, width], y: [0, height], label: text.picture, height: (400 * height) / width, grid: 0 });
  plane.box.classList.add("cc-pixels");
  const frame = plane.draw("rect", { width: 400 / width, height: 400 / width, class: "cc-frame" });
  const small = Object.fromEntries(["other", "product"].map((name) => [name, el("canvas", { width, height, role: "img", "aria-label": text.names[name] })]));
  desk.sheet.append(el("div", { class: "cc-pair cc-pixels" }, ...Object.entries(small).map(([name, canvas]) => el("figure", {}, canvas, el("figcaption", { class: "cc-note" }, text.names[name])))));

  const written = (list) => `(${list.join(", ")}${list.length === 1 ? "," : ""})`;
  const said = desk.line("said"), figures = desk.line("figures");

  /** The first three tables of a tensor that is repeated to a shape, painted; nothing when it is null. */
  const paint = (canvas, tensor) => {
    Object.assign(canvas, { width, height });
    if (!tensor) return;
    const pen = canvas.getContext("2d"), image = pen.createImageData(width, height);
    const lead = Array(Math.max(0, tensor.shape.length - 3)).fill(0);
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const at = 4 * (row * width + column);
        for (let colour = 0; colour < 3; colour++) image.data[at + colour] = 255 * tensor.data[model.indexOf([...lead, colour, row, column], tensor.shape)];
        image.data[at + 3] = 255;
      }
    }
    pen.putImageData(image, 0, 0);
  };

  const show = () => {
    const isLearnt = fill === "learnt", B = isLearnt ? learnt.weight : shape && model.rising(shape), met = B && model.broadcast(A.shape, B.shape);
    let product = met?.shape && model.meet(A, B, (a, b) => a * b);
    if (isLearnt) product = model.meet(product, learnt.shift, (a, b) => a + b);
    const grown = met?.shape && (met.shape.length > 3 || met.shape.some((length, axis) => length !== A.shape[axis]));
    paint(small.other, met?.shape ? B : null);
    paint(small.product, product);
    const [x, y] = pixel;
    frame.setAttribute("x", plane.px(x));
    frame.setAttribute("y", plane.py(height - y));
    const at = (tensor) => (tensor ? [0, 1, 2].map((colour) => desk.number(tensor.data[model.indexOf([...Array(Math.max(0, tensor.shape.length - 3)).fill(0), colour, y, x], tensor.shape)]).padStart(5)).join(" ") : "–");
    const axes = B ? Math.max(3, B.shape.length) : 3, row = (list) => model.padded(list, axes).map((length, axis) => (axis < axes - list.length ? "·" : String(length)).padStart(3)).join(" ");
    figures.textContent = B ? [
      `A     ${row(A.shape)}`, `B     ${row(B.shape)}`, `A × B ${met.shape ? row(met.shape) : "  –"}`, "",
      `${`A[:, ${y}, ${x}]`.padEnd(11)} ${at(A)}`, `B           ${at(met.shape ? B : null)}`, `A × B       ${at(product)}`,
    ].join("\n") : "";
    const count = B && model.size(B.shape);
    said.textContent = !B ? text.bad : !met.shape ? text.misfit(`−${-met.axis}`, ...met.lengths) : isLearnt ? text.learnt
      : grown ? text.grows(written(met.shape)) : text.fits(written(met.shape), count < model.size(A.shape) ? text.count(count) : "");
    desk.say(said.textContent);
    desk.tell({ shape: B?.shape, result: met?.shape ?? null, axis: met?.axis, sum: product ? product.data.reduce((sum, value) => sum + value, 0) : null });
  };

  const field = desk.field({ label: text.shape, value: "3,1,1" }, (value) => { shape = model.readShape(value); choice.set("rising"); fill = "rising"; show(); });
  desk.add(el("div", { class: "cc-buttons", role: "group", "aria-label": text.shapes }, ...SHAPES.map((its) => el("button", { type: "button", class: "cc-quiet", onclick: () => {
    field.value = its;
    field.dispatchEvent(new Event("input"));
  } }, its ? `(${its})` : text.one))));
  const choice = desk.choice({ label: text.filled, options: text.fills, value: fill }, (value) => {
    fill = value;
    if (fill === "learnt") { field.value = "3,1,1"; shape = [3, 1, 1]; }
    show();
  });
  const whole = ([x, y]) => [Math.min(width - 1, Math.max(0, Math.floor(x))), Math.min(height - 1, Math.max(0, Math.floor(height - y)))];
  const hand = plane.handle({ place: [pixel[0] + 0.5, height - pixel[1] - 0.5], label: text.pixel, ink: "ink", step: 1, move: (place) => { pixel = whole(place); show(); } });
  plane.svg.addEventListener("click", (event) => { hand.put(plane.at(event)); pixel = whole(hand.place); show(); }, { signal: desk.signal });
  paint(plane.canvas, A);
  show();

  desk.questions(
    { ask: text.ask[0], run: () => {
      const { data, shape: its } = model.meet(A, model.rising([12, 1]), (a, b) => a * b);
      return { answer: data.length, said: text.said[0](data.length, written(its)) };
    } },
    { ask: text.ask[1], choices: text.answers[1], run: () => {
      const { shape: its, axis, lengths } = model.broadcast(A.shape, [3]);
      return { answer: its ? 0 : 1, said: text.said[1](`−${-axis}`, ...(lengths ?? [])) };
    } },
    { ask: text.ask[2], choices: text.answers[2], run: () => {
      const { data } = model.meet(A, { shape: [3, 1, 1], data: [1, 0, 0] }, (a, b) => a * b), one = height * width;
      const sums = [0, 1, 2].map((colour) => data.slice(colour * one, (colour + 1) * one).reduce((sum, value) => sum + value, 0));
      return { answer: sums[0] > 0 && !sums[1] && !sums[2] ? 0 : 2, said: text.said[2](...sums.map((sum) => desk.number(sum, 1))) };
    } },
  );
}
