/** A window slides over a picture that the reader draws; its nine numbers are chosen, written, or found by a learner. */

import { el, read } from "../desk.js";

export const TEXT = {
  en: {
    before: "Before: a picture of 24 by 24 cells. Press or drag to draw.",
    after: "After: what the filter makes of it. Blue is above 0, red below.",
    hold: "The window. Move it with the arrow keys; Enter puts ink down or takes it away",
    titles: ["Before (draw here)", "After"],
    filter: "The nine numbers",
    kernels: { edges: "Edges", blur: "Blur", sharpen: "Sharpen", hidden: "Unknown", own: "Own" },
    nine: (row, column) => `Row ${row}, column ${column}`,
    clear: "Empty",
    example: "Example",
    sum: (value) => (value > 0.001 ? "At the window the sum is above 0: blue." : value < -0.001 ? "At the window the sum is below 0: red." : "At the window it all cancels out: nothing."),
    learn: "Find the nine numbers. The learner sees both pictures, not the filter:",
    found: (steps, off) => `After ${steps} steps the farthest of its numbers is ${off} off.`,
    none: "Without ink both pictures are empty, and there is nothing to learn from. Draw something.",
    ask: [
      "In the middle of a large patch of ink, what does the filter for edges answer?",
      "You move the whole drawing one cell to the right. What happens to the filtered picture?",
      "How many cells of ink does a lesson need at the least for all nine numbers to be found?",
    ],
    answers: [[], ["It moves along", "It stays", "It comes out different"], ["One", "Nine", "A few hundred"]],
    said: [
      (value) => `Computed: eight times −1 and once 8 make ${value}. It sees only borders.`,
      (off) => `It was tried with your drawing: moved first or filtered first, the largest difference is ${off}.`,
      (one, nine) => `It was tried: with one cell of ink the learner is ${one} off, with nine in a block ${nine}. A single dot comes out as the filter itself, turned around.`,
    ],
  },
  es: {
    before: "Antes: una imagen de 24 por 24 casillas. Pulsa o arrastra para dibujar.",
    after: "Después: lo que hace de ella el filtro. Azul es más que 0, rojo es menos.",
    hold: "La ventana. Muévela con las flechas; Intro pone tinta o la quita",
    titles: ["Antes (dibuja aquí)", "Después"],
    filter: "Los nueve números",
    kernels: { edges: "Bordes", blur: "Desenfocar", sharpen: "Enfocar", hidden: "Desconocido", own: "El tuyo" },
    nine: (row, column) => `Fila ${row}, columna ${column}`,
    clear: "Vacía",
    example: "Ejemplo",
    sum: (value) => (value > 0.001 ? "En la ventana la suma es mayor que 0: azul." : value < -0.001 ? "En la ventana la suma es menor que 0: rojo." : "En la ventana todo se anula: nada."),
    learn: "Encontrar los nueve números. Quien aprende ve las dos imágenes, no el filtro:",
    found: (steps, off) => `Tras ${steps} pasos, el peor de sus números se desvía ${off}.`,
    none: "Sin tinta las dos imágenes están vacías y no hay de qué aprender. Dibuja algo.",
    ask: [
      "En medio de una gran mancha de tinta, ¿qué responde el filtro de bordes?",
      "Mueves todo el dibujo una casilla a la derecha. ¿Qué le pasa a la imagen filtrada?",
      "¿Cuántas casillas de tinta necesita como mínimo una lección para que se encuentren los nueve números?",
    ],
    answers: [[], ["Se mueve con él", "Se queda igual", "Sale distinta"], ["Una", "Nueve", "Unos cientos"]],
    said: [
      (value) => `Calculado: ocho veces −1 y una vez 8 dan ${value}. Solo ve los bordes.`,
      (off) => `Se ha probado con tu dibujo: moviendo primero o filtrando primero, la mayor diferencia es ${off}.`,
      (one, nine) => `Se ha probado: con una casilla de tinta quien aprende se desvía ${one}, con nueve en bloque ${nine}. De un solo punto sale el propio filtro, dado la vuelta.`,
    ],
  },
};

const GOOD = 0.01; // off by less than this, a number counts as found
const TRIED = 400; // updates when a question is checked

/** @param {import("../desk.js").Desk} desk */
export function open(desk) {
  const { text, about, model, signal } = desk, { side } = about;
  const kernels = { ...about.kernels, hidden: about.hidden, own: about.kernels.edges }, example = model.cellsOf(about.picture);
  let cells = [...example], kernel = about.kernels.edges.flat(), after, finder, steps = 0;

  const [before, result] = [text.before, text.after].map((label, i) => {
    const plane = desk.plane({ x: [0, side], y: [0, side], label, grid: 0 });
    plane.box.classList.add("cc-pixels", ...(i ? [] : ["cc-draws"]));
    return Object.assign(plane, { figure: el("figure", {}, plane.box, el("figcaption", { class: "cc-note" }, text.titles[i])) });
  });
  desk.sheet.append(el("div", { class: "cc-two" }, before.figure, result.figure));
  const unit = 400 / side, frames = [before, result].map((plane, i) => plane.draw("rect", { class: "cc-pen cc-red", width: unit * (i ? 1 : 3), height: unit * (i ? 1 : 3) }));

  const choice = desk.choice({ label: text.filter, options: text.kernels, value: "edges" }, (name) => use(kernels[name].flat()));
  const inputs = kernel.map((_, i) => el("input", { type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": text.nine(Math.floor(i / 3) + 1, (i % 3) + 1), oninput: () => write(i) }));
  desk.add(el("div", { class: "cc-nine" }, ...inputs));
  const figures = desk.line("figures"), sum = desk.line("note");
  desk.buttons([text.example, () => drawn([...example]), true], [text.clear, () => drawn(cells.map(() => 0)), true]);
  desk.line("note").textContent = text.learn;
  const controls = desk.transport({ step: () => { steps++; finder.learn(); return steps < about.steps; }, show: () => learnt(), restart: () => again(), pace: 40 });
  const numbers = desk.line("figures"), said = desk.line("said");

  const write = (i) => {
    const value = read(inputs[i].value), fits = value !== null && Math.abs(value) <= 99;
    inputs[i].setAttribute("aria-invalid", !fits);
    if (!fits) return;
    kernel[i] = value;
    kernels.own = [...kernel];
    choice.set("own");
    filter();
  };
  const use = (nine) => {
    kernel = nine;
    inputs.forEach((input, i) => { input.value = desk.number(kernel[i], 3); input.removeAttribute("aria-invalid"); });
    filter();
  };
  const drawn = (to) => { cells = to; filter(); };
  const filter = () => {
    after = model.convolve(cells, side, kernel);
    paint();
    again();
    look();
  };
  const index = (x, y) => Math.min(side - 1, Math.max(0, Math.floor(side - y))) * side + Math.min(side - 1, Math.max(0, Math.floor(x)));
  const paint = () => {
    const inks = before.colours(), most = Math.max(1, ...after.map(Math.abs));
    before.paint(side, (x, y) => ["ink", cells[index(x, y)]], inks);
    result.paint(side, (x, y) => {
      const value = after[index(x, y)];
      return [value > 0 ? "blue" : "red", Math.abs(value) / most];
    }, inks);
  };
  desk.repaint = paint;
  const again = () => {
    finder = new model.Finder(cells, after, side, about);
    steps = 0;
    controls.stop();
    learnt();
  };
  const off = (nine) => Math.max(...nine.map((value, i) => Math.abs(value - kernel[i])));
  const learnt = () => {
    numbers.textContent = rows(finder.kernel.map((value) => desk.number(value).padStart(7)), "");
    said.textContent = cells.some(Boolean) ? text.found(desk.number(steps, 0), desk.number(off(finder.kernel), 3)) : text.none;
    if (steps) desk.say(said.textContent);
    desk.tell({ steps, kernel: [...finder.kernel] });
  };
  /** What happens under the window. */
  const look = () => {
    const at = index(...hold.place), row = Math.floor(at / side), column = at % side, nine = model.window9(cells, side, row, column);
    frames.forEach((frame, i) => {
      frame.setAttribute("x", (column - (i ? 0 : 1)) * unit);
      frame.setAttribute("y", (row - (i ? 0 : 1)) * unit);
    });
    const factor = (value) => (value < 0 ? `(${desk.number(value)})` : desk.number(value));
    figures.textContent = `${rows(nine.map((cell, i) => `${cell}·${factor(kernel[i])}`.padEnd(8)), " + ")}\n= ${desk.number(after[at])}`;
    sum.textContent = text.sum(after[at]);
    desk.say(`${sum.textContent} ${desk.number(after[at])}`);
    desk.tell({ at: [row, column], sum: after[at], ink: cells.filter(Boolean).length });
  };
  const centre = ([x, y]) => [Math.min(side - 0.5, Math.floor(x) + 0.5), Math.min(side - 0.5, Math.floor(y) + 0.5)];
  const hold = before.handle({ place: [12.5, 12.5], label: text.hold, ink: "red", step: 1, move: (place) => { hold.put(centre(place)); look(); } });
  hold.node.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    turn(index(...hold.place));
  });
  const turn = (at, to = 1 - cells[at]) => {
    if (cells[at] === to) return to;
    drawn(cells.map((cell, i) => (i === at ? to : cell)));
    return to;
  };
  let ink = null;
  before.svg.addEventListener("pointerdown", (event) => {
    if (!event.target.closest(".cc-handle")) ink = turn(index(...before.at(event)));
  }, { signal });
  before.svg.addEventListener("pointermove", (event) => {
    const [x, y] = before.at(event);
    if (ink !== null && event.buttons && x >= 0 && y >= 0 && x < side && y < side) turn(index(x, y), ink);
  }, { signal });
  result.svg.addEventListener("click", (event) => { hold.put(centre(result.at(event))); look(); }, { signal });
  addEventListener("pointerup", () => { ink = null; }, { signal });
  use(kernel);

  const tried = (lesson) => {
    const one = new model.Finder(lesson, model.convolve(lesson, side, kernel), side, about);
    for (let step = 0; step < TRIED; step++) one.learn();
    return off(one.kernel);
  };
  const inked = (reach) => example.map((_, i) => Number(Math.abs(Math.floor(i / side) - 12) <= reach && Math.abs((i % side) - 12) <= reach));
  const right = (picture) => picture.map((_, i) => (i % side ? picture[i - 1] : 0));
  desk.questions(
    { ask: text.ask[0], run: () => {
      const value = model.convolve(inked(4), side, about.kernels.edges.flat())[12 * side + 12];
      return { answer: value, said: text.said[0](desk.number(value)) };
    } },
    { ask: text.ask[1], choices: text.answers[1], run: () => {
      const room = cells.map((cell, i) => (i % side > side - 4 || i % side < 2 ? 0 : cell)); // so that nothing leaves the paper
      const first = model.convolve(right(room), side, kernel), then = right(model.convolve(room, side, kernel));
      const far = Math.max(...first.map((value, i) => Math.abs(value - then[i])));
      return { answer: far < 1e-9 ? 0 : 2, said: text.said[1](desk.number(far)) };
    } },
    { ask: text.ask[2], choices: text.answers[2], run: () => {
      const one = tried(inked(0)), nine = tried(inked(1));
      return { answer: one < GOOD ? 0 : nine < GOOD ? 1 : 2, said: text.said[2](desk.number(one, 4), desk.number(nine, 4)) };
    } },
  );
}

/** Nine words in three rows. */
const rows = (words, between) => [0, 3, 6].map((at) => words.slice(at, at + 3).join(between)).join("\n");
