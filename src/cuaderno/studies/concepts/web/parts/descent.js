/** Gradient descent: put down a walker, choose how far a step goes, and see where it ends. */

import { el } from "../desk.js";

export const TEXT = {
  en: {
    sheet: "The ground from above. A walk goes from the start, step by step, against the slope.",
    key: "The ground from above: the more ink, the higher.",
    start: "Start of the walk",
    ground: "Ground",
    surfaces: { valley: "A long valley", hollows: "Two hollows" },
    rate: "Learning rate",
    momentum: "Momentum",
    begin: "Drag the blue dot to where the walk begins, then press Play.",
    walking: (steps, height) => `Step ${steps}: height ${height}.`,
    rest: (steps, height, surface, deeper) => `At rest after ${steps} steps, at height ${height}${surface === "hollows" ? (deeper ? ", in the deeper hollow" : ", in the hollow that is not the deepest") : ""}.`,
    lost: (steps) => `Lost: after ${steps} steps it is outside of everything. Each step overshoots the valley by more than the last one.`,
    tired: (steps) => `Still not at rest after ${steps} steps.`,
    slope: (x, y, rate) => `slope here   (${x}, ${y})\nnext step    −${rate} × slope`,
    ask: [
      "The long valley, without momentum: from which learning rate on is every walk lost?",
      "The long valley, learning rate 0.5, from x −2.5, y 2: with which momentum does the walk rest first?",
      "Two hollows, learning rate 0.5, start at x 2, y 1. Without momentum it stays in the right hollow. Where does it end with momentum 0.9?",
    ],
    places: ["In the left hollow, the deeper one", "In the right hollow"],
    said: [
      (rate) => `Run with ever closer rates: at rest or creeping below ${rate}, lost above it.`,
      (steps) => `Four walks were run; steps until rest: ${steps}.`,
      (x, steps) => `It was run: after ${steps} steps it rests at x ${x}.`,
    ],
  },
  es: {
    sheet: "El terreno visto desde arriba. Desde el inicio, el camino va paso a paso contra la pendiente.",
    key: "El terreno desde arriba: cuanta más tinta, más alto.",
    start: "Inicio del camino",
    ground: "Terreno",
    surfaces: { valley: "Un valle largo", hollows: "Dos hoyos" },
    rate: "Tasa de aprendizaje",
    momentum: "Momento",
    begin: "Arrastra el punto azul adonde quieras que empiece el camino y pulsa Reproducir.",
    walking: (steps, height) => `Paso ${steps}: altura ${height}.`,
    rest: (steps, height, surface, deeper) => `En reposo tras ${steps} pasos, a una altura de ${height}${surface === "hollows" ? (deeper ? ", en el hoyo más hondo" : ", en el hoyo que no es el más hondo") : ""}.`,
    lost: (steps) => `Perdido: tras ${steps} pasos está fuera de todo. Cada paso se pasa del valle más que el anterior.`,
    tired: (steps) => `Sigue sin reposo tras ${steps} pasos.`,
    slope: (x, y, rate) => `pendiente      (${x}, ${y})\nsiguiente paso −${rate} × pendiente`,
    ask: [
      "El valle largo, sin momento: ¿a partir de qué tasa de aprendizaje se pierde todo camino?",
      "El valle largo, tasa de aprendizaje 0,5, desde x −2,5, y 2: ¿con qué momento llega antes al reposo?",
      "Dos hoyos, tasa de aprendizaje 0,5, inicio en x 2, y 1. Sin momento se queda en el hoyo derecho. ¿Dónde acaba con momento 0,9?",
    ],
    places: ["En el hoyo izquierdo, el más hondo", "En el hoyo derecho"],
    said: [
      (rate) => `Probado con tasas cada vez más cercanas: por debajo de ${rate} llega o se arrastra, por encima se pierde.`,
      (steps) => `Se han hecho cuatro caminos; pasos hasta el reposo: ${steps}.`,
      (x, steps) => `Se ha hecho: tras ${steps} pasos reposa en x ${x}.`,
    ],
  },
};

const HIGHEST = { valley: 9, hollows: 8 }; // as dark as it gets

/** @param {import("../desk.js").Desk} desk */
export function open(desk) {
  const { text, about, model } = desk;
  const now = { surface: "valley", rate: about.rate, momentum: about.momentum, start: about.start };
  const plane = desk.plane({ x: [-model.SHEET, model.SHEET], y: [-model.SHEET, model.SHEET], label: text.sheet, numbers: true });
  desk.sheet.append(el("p", { class: "cc-note" }, text.key));
  const line = plane.draw("path", { class: "cc-pen cc-blue" }), walker = plane.draw("circle", { r: 6, class: "cc-mark cc-red" });
  let walk;

  const said = desk.line("said"), figures = desk.line("figures");
  const show = () => {
    const { places, steps, ending, surface } = walk, [x, y] = places.at(-1);
    const height = desk.number(model.height(surface, x, y), 3);
    line.setAttribute("d", plane.path(places));
    walker.setAttribute("transform", `translate(${plane.px(x)} ${plane.py(y)})`);
    said.textContent = !steps ? text.begin : ending === "rest" ? text.rest(steps, height, surface, x < 0) : ending ? text[ending](steps) : text.walking(steps, height);
    figures.textContent = text.slope(...model.slope(surface, x, y).map((value) => desk.number(value)), desk.number(now.rate));
    desk.say(said.textContent);
    if (ending) desk.tell({ ...now, ending, steps, place: [x, y] });
  };
  const restart = () => {
    controls?.stop();
    walk = new model.Walk({ ...now });
    show();
  };
  const step = () => {
    if (!walk.ending) walk.step();
    if (!walk.ending && walk.steps >= model.PATIENCE) walk.ending = "tired";
    return !walk.ending;
  };
  desk.repaint = () => plane.paint(160, (x, y) => {
    const share = Math.sqrt(Math.max(0, model.height(now.surface, x, y) + 0.3) / HIGHEST[now.surface]);
    return ["ink", 0.42 * (Math.floor(share * 12) / 12)]; // in bands, as on a map
  });

  let controls;
  desk.choice({ label: text.ground, options: text.surfaces, value: now.surface }, (surface) => { now.surface = surface; desk.repaint(); restart(); });
  desk.slider({ label: text.rate, min: 0.01, max: 2, step: 0.01, value: now.rate }, (rate) => { now.rate = rate; restart(); });
  desk.slider({ label: text.momentum, min: 0, max: 0.99, step: 0.01, value: now.momentum }, (momentum) => { now.momentum = momentum; restart(); });
  controls = desk.transport({ step, show, restart, pace: 15 });
  plane.handle({ place: now.start, label: text.start, move: (start) => { now.start = start; restart(); } });
  desk.repaint();
  restart();

  const momenta = [0, 0.7, 0.9, 0.99];
  desk.questions(
    { ask: text.ask[0], within: 0.05, run: () => {
      const answer = model.highestRate("valley", [-2.5, 2], 0);
      return { answer, said: text.said[0](desk.number(answer, 3)) };
    } },
    { ask: text.ask[1], choices: momenta.map((momentum) => desk.number(momentum)), run: () => {
      const steps = momenta.map((momentum) => new model.Walk({ surface: "valley", start: [-2.5, 2], rate: 0.5, momentum }).run().steps);
      return { answer: steps.indexOf(Math.min(...steps)), said: text.said[1](momenta.map((momentum, i) => `${desk.number(momentum)}: ${steps[i]}`).join(" · ")) };
    } },
    { ask: text.ask[2], choices: text.places, run: () => {
      const { places, steps } = new model.Walk({ surface: "hollows", start: [2, 1], rate: 0.5, momentum: 0.9 }).run(), [x] = places.at(-1);
      return { answer: x < 0 ? 0 : 1, said: text.said[2](desk.number(x), steps) };
    } },
  );
}
