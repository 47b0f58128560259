/** A neuron, then a small network, that learns to paint the sheet from points; the reader puts some down. */

import { el } from "../desk.js";

export const TEXT = {
  en: {
    sheet: "A sheet with blue and red points. The network paints what it would say everywhere.",
    pen: "Pen: move it with the arrow keys, put a point down with Enter",
    points: "Points",
    kinds: { circle: "Circle", corners: "Corners", moons: "Moons", clouds: "Clouds", empty: "None: draw them" },
    ink: "A click puts down a point in",
    inks: { 1: "blue", 0: "red" },
    hidden: "Hidden neurons",
    pace: "Updates a second",
    squares: "Show it x² and y² too",
    begin: (hidden) => (hidden ? `${hidden} hidden ${hidden === 1 ? "neuron" : "neurons"}, untrained. Press Play.` : "One neuron alone, untrained. Press Play."),
    learnt: (steps, percent) => `After ${steps} updates it says the colour of ${percent} % of the points.`,
    none: "Put down points of both colours, then press Play.",
    figures: (loss, size) => `loss ${loss}   ${size} numbers learnt`,
    neurons: "What each hidden neuron sees. Its border is blue where it speaks for blue, red where against.",
    neuron: (i, weight) => `Hidden neuron ${i}, weight ${weight}`,
    ask: [
      "The circle, no hidden neuron, 600 updates: how often is the neuron right on points that it has not seen?",
      "The circle, four hidden neurons, five different beginnings. How many of them get more than 95 % right on unseen points?",
      "One neuron alone again, but it is shown x² and y² besides. How often is it right now?",
    ],
    shares: ["About half of the time", "About three times of four", "Nearly always"],
    said: [
      (percent) => `It was trained just now: ${percent} % of 500 new points. A straight line cannot do more.`,
      (list) => `They were trained just now: ${list} %. The same network, other first numbers: some get stuck.`,
      (percent) => `It was trained just now: ${percent} %. In x² + y² the circle is a straight line.`,
    ],
  },
  es: {
    sheet: "Una hoja con puntos azules y rojos. La red pinta lo que diría en cada lugar.",
    pen: "Lápiz: muévelo con las flechas y pon un punto con Intro",
    points: "Puntos",
    kinds: { circle: "Círculo", corners: "Esquinas", moons: "Lunas", clouds: "Nubes", empty: "Ninguno: dibújalos" },
    ink: "Un clic pone un punto de color",
    inks: { 1: "azul", 0: "rojo" },
    hidden: "Neuronas ocultas",
    pace: "Actualizaciones por segundo",
    squares: "Enséñale también x² e y²",
    begin: (hidden) => (hidden ? `${hidden} ${hidden === 1 ? "neurona oculta" : "neuronas ocultas"}, sin entrenar. Pulsa Reproducir.` : "Una neurona sola, sin entrenar. Pulsa Empezar."),
    learnt: (steps, percent) => `Tras ${steps} actualizaciones dice bien el color del ${percent} % de los puntos.`,
    none: "Pon puntos de los dos colores y pulsa Reproducir.",
    figures: (loss, size) => `pérdida ${loss}   ${size} números aprendidos`,
    neurons: "Lo que ve cada neurona oculta. El borde es azul si habla a favor del azul; rojo, si en contra.",
    neuron: (i, weight) => `Neurona oculta ${i}, peso ${weight}`,
    ask: [
      "El círculo, sin neuronas ocultas, 600 actualizaciones: ¿con qué frecuencia acierta la neurona con puntos que no ha visto?",
      "El círculo, cuatro neuronas ocultas, cinco comienzos distintos. ¿Cuántos aciertan más del 95 % de los puntos no vistos?",
      "Otra vez una neurona sola, pero además se le enseñan x² e y². ¿Con qué frecuencia acierta ahora?",
    ],
    shares: ["Más o menos la mitad de las veces", "Unas tres de cada cuatro veces", "Casi siempre"],
    said: [
      (percent) => `Se acaba de entrenar: el ${percent} % de 500 puntos nuevos. Una recta no puede hacer más.`,
      (list) => `Se acaban de entrenar: ${list} %. La misma red con otros números iniciales: algunas se atascan.`,
      (percent) => `Se acaba de entrenar: el ${percent} %. En x² + y² el círculo es una recta.`,
    ],
  },
};

const EDGE = 1.2; // of the sheet, to each side
const CELLS = 48; // painted across the sheet, each from what the network says there
const SMALL = 24; // across the picture of a hidden neuron
const MOST = 400; // points
const UPDATES = 600; // of each network that a question trains
const FULL = 3; // what a network says when the paint is at its strongest

/** @param {import("../desk.js").Desk} desk */
export function open(desk) {
  const { text, about, model, signal } = desk;
  const now = { kind: "circle", ink: 1, hidden: about.hidden, features: [] };
  const plane = desk.plane({ x: [-EDGE, EDGE], y: [-EDGE, EDGE], label: text.sheet, grid: 0 });
  const neurons = el("div", { class: "cc-neurons" }), caption = el("p", { class: "cc-note" }, text.neurons);
  desk.sheet.append(neurons, caption);
  let points, painter, steps, loss, inks, pictures, controls;

  const said = desk.line("said"), figures = desk.line("figures");
  const show = () => {
    paint();
    const both = points.some(({ colour }) => colour) && points.some(({ colour }) => !colour);
    const percent = both && desk.number(100 * painter.accuracy(points), 0);
    said.textContent = !both ? text.none : steps ? text.learnt(desk.number(steps, 0), percent) : text.begin(now.hidden);
    figures.textContent = text.figures(loss === undefined ? "–" : desk.number(loss, 3), painter.net.numbers.reduce((sum, { length }) => sum + length, 0));
    desk.say(said.textContent);
    desk.tell({ steps, loss, points: points.length, accuracy: both ? painter.accuracy(points) : null });
  };
  const paint = () => {
    const { hidden, net } = painter, out = hidden ? net.numbers[2] : [], bent = net.seen[1];
    let at = 0;
    plane.paint(CELLS, (x, y) => {
      const logit = painter.says(x, y), column = at % CELLS, row = (at++ - column) / CELLS;
      if (hidden && column % 2 && row % 2) {
        for (let i = 0, place = ((row - 1) / 2) * SMALL + (column - 1) / 2; i < hidden; i++) shade(pictures[i].image.data, 4 * place, bent[i] > 0 ? inks.ink : inks.paper, Math.abs(bent[i]) * 200);
      }
      return [logit > 0 ? "blue" : "red", 0.55 * Math.tanh(Math.abs(logit) / FULL)];
    }, inks);
    for (let i = 0; i < hidden; i++) {
      pictures[i].pen.putImageData(pictures[i].image, 0, 0);
      pictures[i].canvas.className = out[i] > 0 ? "cc-for" : "cc-against";
      pictures[i].canvas.setAttribute("aria-label", text.neuron(i + 1, desk.number(out[i])));
    }
  };
  const furnish = () => {
    pictures = Array.from({ length: now.hidden }, () => {
      const canvas = el("canvas", { width: SMALL, height: SMALL, role: "img" }), pen = canvas.getContext("2d");
      return { canvas, pen, image: pen.createImageData(SMALL, SMALL) };
    });
    neurons.replaceChildren(...pictures.map(({ canvas }) => canvas));
    caption.hidden = !now.hidden;
  };
  const restart = () => {
    controls?.stop();
    painter = new model.Painter({ ...now, rate: about.rate, momentum: about.momentum }, model.afterPoints(about));
    steps = 0;
    loss = undefined;
    furnish();
    show();
  };
  const put = (x, y) => {
    if (points.length >= MOST || Math.abs(x) > EDGE || Math.abs(y) > EDGE) return;
    points.push({ x, y, colour: now.ink });
    dot(points.at(-1));
    show();
  };
  const dot = ({ x, y, colour }) => plane.draw("circle", { cx: plane.px(x), cy: plane.py(y), r: 5, class: `cc-mark cc-${colour ? "blue" : "red"}` });
  const scatter = () => {
    points = now.kind === "empty" ? [] : model.points(now.kind, about.number, about.noise, new model.Chance(about.seed));
    plane.ink.replaceChildren();
    points.forEach(dot);
  };
  desk.repaint = () => { inks = plane.colours(); paint(); };

  scatter();
  inks = plane.colours();
  desk.choice({ label: text.points, options: text.kinds, value: now.kind }, (kind) => { now.kind = kind; scatter(); restart(); });
  desk.choice({ label: text.ink, options: text.inks, value: "1" }, (ink) => { now.ink = Number(ink); });
  desk.slider({ label: text.hidden, min: 0, max: 8, step: 1, value: now.hidden, digits: 0 }, (hidden) => { now.hidden = hidden; restart(); });
  desk.tick({ label: text.squares }, (on) => { now.features = on ? ["squares"] : []; restart(); });
  controls = desk.transport({ step: () => {
    if (!points.length) return false;
    loss = painter.update(points);
    steps++;
  }, show, restart, pace: 60 });
  desk.slider({ label: text.pace, min: 10, max: 400, step: 10, value: 60, digits: 0 }, (pace) => { controls.pace = pace; });

  const pen = plane.handle({ place: [0, 0], label: text.pen, ink: "ink", step: 0.05, move: () => {} });
  pen.node.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    put(...pen.place);
  });
  plane.svg.addEventListener("click", (event) => {
    const place = plane.at(event);
    pen.put(place);
    put(...place);
  }, { signal });
  restart();

  const share = (value) => (value < 0.65 ? 0 : value < 0.9 ? 1 : 2);
  /** How often networks are right on unseen points, trained one after the other. */
  const learn = async (inTurns, wanted) => {
    const all = wanted.map((one) => model.beginning({ ...about, kind: "circle", ...one }));
    await inTurns(UPDATES * all.length, (i) => { const { painter, all: seen } = all[Math.floor(i / UPDATES)]; painter.update(seen); });
    return all.map(({ painter }, i) => painter.accuracy(model.testPoints({ ...about, seed: wanted[i].seed ?? about.seed })));
  };
  const asked = (index, choices, wanted, judge) => ({ ask: text.ask[index], choices, run: async (inTurns) => {
    const right = await learn(inTurns, wanted);
    return { answer: judge(right), said: text.said[index](right.map((value) => desk.number(100 * value, 1)).join(desk.lang === "es" ? "; " : ", ")) };
  } });
  desk.questions(
    asked(0, text.shares, [{ hidden: 0 }], ([right]) => share(right)),
    asked(1, ["0", "1", "2", "3", "4", "5"], [1, 2, 3, 4, 5].map((seed) => ({ hidden: 4, seed })), (right) => right.filter((value) => value > 0.95).length),
    asked(2, text.shares, [{ hidden: 0, features: ["squares"] }], ([right]) => share(right)),
  );
}

function shade(data, at, [r, g, b], alpha) {
  data[at] = r;
  data[at + 1] = g;
  data[at + 2] = b;
  data[at + 3] = alpha;
}
