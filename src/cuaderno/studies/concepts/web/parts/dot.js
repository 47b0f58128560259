/** The dot product: of two arrows, and of a small picture with templates that were learnt. */

import { el, svg } from "../desk.js";

export const TEXT = {
  en: {
    sheet: "Two arrows from the middle, a and b. The dashed line drops from b onto the line of a.",
    a: "Tip of arrow a",
    b: "Tip of arrow b",
    agree: (cosine) => (cosine > 0.9 ? "They point the same way: the product is large." : cosine > 0.1 ? "They agree in part." : cosine > -0.1 ? "They are at right angles: neither says anything about the other." : cosine > -0.9 ? "They disagree in part: the product is negative." : "They are opposite."),
    grid: "A picture of seven by seven cells. A click puts ink down or takes it away.",
    pen: "Pen: move it with the arrow keys, Enter puts ink down or takes it away",
    letters: "Put a letter down",
    clear: "Empty",
    looks: (letter, product) => `It looks most like ${letter}: the product is ${product}.`,
    blank: "Without ink every product is 0. Draw a T, an L, an O or an X.",
    template: (letter) => `Learnt template of ${letter}: blue where ink speaks for it, red where against`,
    note: "Each template was learnt. Its product with your picture stands below it; pressing it shows what it adds up.",
    adds: (letter, plus, minus) => `${letter}: your ink adds ${plus} where the template is blue and takes ${minus} where it is red.`,
    ask: [
      "a = (2, 1) and b = (−1, 2): what is a · b?",
      "b becomes twice as long. What happens to the cosine?",
      "The template of O, learnt from letters: is its number in the very middle above or below 0?",
    ],
    answers: [[], ["It doubles", "It stays", "It becomes half"], ["Above: ink there speaks for O", "Below: ink there speaks against O"]],
    said: [
      (value) => `Computed: 2·(−1) + 1·2 = ${value}. They are at right angles.`,
      (before, after) => `Computed: ${before} before, ${after} after. The product doubles, and so does the length it is divided by.`,
      (value) => `It is ${value}. The middle of an O is empty, and an X and a T have ink there.`,
    ],
  },
  es: {
    sheet: "Dos flechas desde el centro, a y b. La línea discontinua cae de b sobre la recta de a.",
    a: "Punta de la flecha a",
    b: "Punta de la flecha b",
    agree: (cosine) => (cosine > 0.9 ? "Apuntan hacia el mismo lado: el producto es grande." : cosine > 0.1 ? "Coinciden en parte." : cosine > -0.1 ? "Forman un ángulo recto: ninguna dice nada de la otra." : cosine > -0.9 ? "Se contradicen en parte: el producto es negativo." : "Son opuestas."),
    grid: "Una imagen de siete por siete casillas. Un clic pone tinta o la quita.",
    pen: "Lápiz: muévelo con las flechas, Intro pone tinta o la quita",
    letters: "Pon una letra",
    clear: "Vacía",
    looks: (letter, product) => `A lo que más se parece es a ${letter}: el producto es ${product}.`,
    blank: "Sin tinta todos los productos son 0. Dibuja una T, una L, una O o una X.",
    template: (letter) => `Plantilla aprendida de ${letter}: azul donde la tinta habla a favor, rojo donde en contra`,
    note: "Cada plantilla se ha aprendido. Debajo está su producto con tu imagen; si la pulsas, se ve lo que suma.",
    adds: (letter, plus, minus) => `${letter}: tu tinta suma ${plus} donde la plantilla es azul y resta ${minus} donde es roja.`,
    ask: [
      "a = (2, 1) y b = (−1, 2): ¿cuánto es a · b?",
      "b pasa a medir el doble. ¿Qué le ocurre al coseno?",
      "La plantilla de la O, aprendida de letras: ¿su número del mismo centro está por encima o por debajo de 0?",
    ],
    answers: [[], ["Se dobla", "Se queda igual", "Se reduce a la mitad"], ["Por encima: la tinta de ahí habla a favor de la O", "Por debajo: la tinta de ahí habla en contra de la O"]],
    said: [
      (value) => `Calculado: 2·(−1) + 1·2 = ${value}. Forman un ángulo recto.`,
      (before, after) => `Calculado: ${before} antes, ${after} después. El producto se dobla, y también la longitud por la que se divide.`,
      (value) => `Es ${value}. El centro de una O está vacío, y una X y una T tienen tinta ahí.`,
    ],
  },
};

const EDGE = 3;

/** @param {import("../desk.js").Desk} desk */
export function open(desk) {
  const { text, about } = desk;
  arrows(desk);
  picture(desk);
  const { dot, cosine } = desk.model, middle = about.templates[Object.keys(about.letters).indexOf("O")][(about.side ** 2 - 1) / 2];
  desk.questions(
    { ask: text.ask[0], run: () => {
      const answer = dot([2, 1], [-1, 2]);
      return { answer, said: text.said[0](desk.number(answer)) };
    } },
    { ask: text.ask[1], choices: text.answers[1], run: () => {
      const before = cosine([2, 1], [1, 2]), after = cosine([2, 1], [2, 4]), ratio = after / before;
      return { answer: ratio > 1.5 ? 0 : ratio > 0.75 ? 1 : 2, said: text.said[1](desk.number(before), desk.number(after)) };
    } },
    { ask: text.ask[2], choices: text.answers[2], run: () => ({ answer: middle > 0 ? 0 : 1, said: text.said[2](desk.number(middle)) }) },
  );
}

/** Two arrows that the reader turns. */
function arrows(desk) {
  const { text, model } = desk, tips = { a: [2, 1], b: [1, 2.2] };
  const plane = desk.plane({ x: [-EDGE, EDGE], y: [-2, 2.6], label: text.sheet, height: (400 * 4.6) / 6, numbers: true });
  const shadow = plane.draw("path", { class: "cc-pen cc-soft cc-thin cc-dash" }), along = plane.draw("path", { class: "cc-pen cc-blue cc-shadow" });
  const lines = { a: plane.draw("path", { class: "cc-pen cc-blue" }), b: plane.draw("path", { class: "cc-pen cc-red" }) };
  const names = { a: plane.draw("text", {}), b: plane.draw("text", {}) };
  const said = desk.line("said"), figures = desk.line("figures"), number = (value) => desk.number(value);
  const show = () => {
    const { a, b } = tips, product = model.dot(a, b), cosine = model.cosine(a, b), part = product / model.dot(a, a), foot = a.map((value) => value * part);
    for (const name of ["a", "b"]) {
      lines[name].setAttribute("d", plane.path([[0, 0], tips[name]]));
      names[name].setAttribute("x", plane.px(tips[name][0]) + 14);
      names[name].setAttribute("y", plane.py(tips[name][1]) - 8);
      names[name].textContent = name;
    }
    const there = Number.isFinite(part);
    shadow.setAttribute("d", there ? plane.path([b, foot]) : "");
    along.setAttribute("d", there ? plane.path([[0, 0], foot]) : "");
    said.textContent = text.agree(cosine || 0);
    figures.textContent = `a · b = ${number(a[0])}·${number(b[0])} + ${number(a[1])}·${number(b[1])} = ${number(product)}\ncos   = ${number(cosine || 0)}   (${desk.number(((Math.acos(Math.max(-1, Math.min(1, cosine || 0))) * 180) / Math.PI), 0)}°)`;
    desk.say(`a · b = ${number(product)}. ${said.textContent}`);
    desk.tell({ dot: product, cosine });
  };
  plane.handle({ place: tips.a, label: text.a, move: (place) => { tips.a = place; show(); } });
  plane.handle({ place: tips.b, label: text.b, ink: "red", move: (place) => { tips.b = place; show(); } });
  show();
}

/** A picture that the reader draws, and what each template says about it. */
function picture(desk) {
  const { text, about, model, signal } = desk, { side, letters, templates } = about, names = Object.keys(letters);
  const most = Math.max(...templates.flat().map(Math.abs));
  let cells = [...letters.T], shown = 0;
  const plane = desk.plane({ x: [0, side], y: [0, side], label: text.grid, grid: 1 });
  plane.box.classList.add("cc-little");
  const square = (i, attributes) => svg("rect", { x: (i % side) * (400 / side) + 2, y: Math.floor(i / side) * (400 / side) + 2, width: 400 / side - 4, height: 400 / side - 4, ...attributes });
  const inks = cells.map((_, i) => plane.ink.appendChild(square(i, {})));
  const buttons = templates.map((template, k) => {
    const drawn = template.map((weight, i) => square(i, { class: weight > 0 ? "cc-for" : "cc-against", "fill-opacity": Math.min(1, Math.abs(weight) / most).toFixed(2) }));
    const value = el("span", {});
    const button = el("button", { type: "button", class: "cc-quiet cc-template", "aria-label": text.template(names[k]), onclick: () => { shown = k; show(); } }, svg("svg", { viewBox: "0 0 400 400", "aria-hidden": "true" }, ...drawn), value);
    return { button, value };
  });
  desk.add(el("div", { class: "cc-buttons", role: "group", "aria-label": text.letters }, ...[...names, ""].map((name) => el("button", { type: "button", class: "cc-quiet", onclick: () => {
    cells = name ? [...letters[name]] : cells.map(() => 0);
    follow();
  } }, name || text.clear))));
  const said = desk.line("said"), box = desk.add(el("div", { class: "cc-templates" }, ...buttons.map(({ button }) => button))), adds = desk.line("note");
  desk.line("note").textContent = text.note;
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", text.note);

  const follow = () => {
    const { products } = model.look(about, cells);
    shown = products.indexOf(Math.max(...products));
    show();
  };
  const show = () => {
    const { products, letter } = model.look(about, cells), any = cells.some(Boolean);
    inks.forEach((rect, i) => {
      const weight = templates[shown][i];
      rect.setAttribute("class", !cells[i] ? "cc-none" : weight > 0 ? "cc-for" : "cc-against");
    });
    buttons.forEach(({ button, value }, k) => {
      value.textContent = `${names[k]} ${desk.number(products[k], 1)}`;
      button.setAttribute("aria-label", `${text.template(names[k])}. ${value.textContent}`);
      button.setAttribute("aria-pressed", k === shown);
    });
    const parts = cells.map((cell, i) => cell * templates[shown][i]), sum = (sign) => desk.number(Math.abs(parts.filter((part) => part * sign > 0).reduce((a, b) => a + b, 0)), 1);
    said.textContent = any ? text.looks(letter, desk.number(Math.max(...products), 1)) : text.blank;
    adds.textContent = any ? text.adds(names[shown], sum(1), sum(-1)) : "";
    desk.say(said.textContent);
    desk.tell({ letter: any ? letter : null, products });
  };
  const pen = plane.handle({ place: [3.5, 3.5], label: text.pen, ink: "ink", step: 1, move: () => {} });
  const cell = ([x, y]) => Math.min(side - 1, Math.floor(side - y)) * side + Math.min(side - 1, Math.floor(x));
  const turn = (i, to = 1 - cells[i]) => { cells[i] = to; follow(); return to; };
  pen.node.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    turn(cell(pen.place));
  });
  let ink = null;
  plane.svg.addEventListener("pointerdown", (event) => {
    pen.put(plane.at(event));
    ink = turn(cell(pen.place));
  }, { signal });
  plane.svg.addEventListener("pointermove", (event) => {
    const [x, y] = plane.at(event);
    if (ink === null || !event.buttons || x < 0 || y < 0 || x >= side || y >= side) return;
    pen.put([x, y]);
    if (cells[cell([x, y])] !== ink) turn(cell([x, y]), ink);
  }, { signal });
  addEventListener("pointerup", () => { ink = null; }, { signal });
  follow();
}
