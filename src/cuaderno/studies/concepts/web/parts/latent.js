/** A map of pictures: the reader walks on it, and the picture follows. */

import { el } from "../desk.js";

export const TEXT = {
  en: {
    map: "A map of two numbers, each from −1 to 1. Marks are the pictures it learnt from: rings, crosses, strokes.",
    hand: "Place on the map",
    drawn: "What is drawn from the two numbers",
    original: "The nearest picture it learnt from",
    behind: "Pictures all over the map",
    kinds: { ring: "a ring", cross: "a cross", stroke: "a stroke" },
    said: (kind, off) => `The nearest it learnt from is ${kind}. What is drawn here is ${off} away from it.`,
    note: "Drag the point. Between the marks lie pictures that nobody has drawn.",
    ask: [
      "Walk straight from the first ring to the first cross. What does the picture do on the way?",
      "What repeats the pictures of this map better: this network, or the two best straight directions (PCA)?",
      "Go to the emptiest place of the map, farthest from every mark. What is drawn there?",
    ],
    answers: [["It changes little by little", "It jumps"], ["The network", "The straight directions"], ["A picture as good as those at the marks", "Something farther from every picture"]],
    found: [
      (largest) => `It was walked in twenty steps: the largest change in one step is ${largest} of all change.`,
      (net, straight) => `Computed for all marks: the network is off by ${net}, the straight directions by ${straight}.`,
      (there, usual) => `It is ${there} away from the picture most like it; at the marks that is ${usual}.`,
    ],
  },
  es: {
    map: "Un mapa de dos números, cada uno entre −1 y 1. Las marcas son las imágenes de las que aprendió: anillos, cruces y trazos.",
    hand: "Lugar en el mapa",
    drawn: "Lo que se dibuja con los dos números",
    original: "La imagen más cercana de las que aprendió",
    behind: "Imágenes por todo el mapa",
    kinds: { ring: "un anillo", cross: "una cruz", stroke: "un trazo" },
    said: (kind, off) => `De lo que aprendió, lo más parecido es ${kind}. Lo que se dibuja aquí se aparta ${off} de ello.`,
    note: "Arrastra el punto. Entre las marcas hay imágenes que nadie ha dibujado.",
    ask: [
      "Camina en línea recta del primer anillo a la primera cruz. ¿Qué hace la imagen por el camino?",
      "¿Qué repite mejor las imágenes de este mapa: esta red o las dos mejores direcciones rectas (PCA)?",
      "Ve al lugar más vacío del mapa, el más lejano de todas las marcas. ¿Qué se dibuja allí?",
    ],
    answers: [["Cambia poco a poco", "Da un salto"], ["La red", "Las direcciones rectas"], ["Una imagen tan buena como las de las marcas", "Algo más lejos de todas las imágenes"]],
    found: [
      (largest) => `Se ha caminado en veinte pasos: el mayor cambio en un paso es ${largest} de todo el cambio.`,
      (net, straight) => `Calculado para todas las marcas: la red se desvía ${net}; las direcciones rectas, ${straight}.`,
      (there, usual) => `Se aparta ${there} de la imagen más parecida; en las marcas son ${usual}.`,
    ],
  },
};

const MARK = { ring: "m-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0", cross: "m-4-4l8 8m0-8l-8 8", stroke: "m-4 4l8-8" };
const INK = { ring: "blue", cross: "red", stroke: "ink" };
const ACROSS = 9; // pictures behind the map, to a side
const STEPS = 20; // of a walk

/** @param {import("../desk.js").Desk} desk */
export function open(desk) {
  const { text, about, model } = desk, { side, kinds } = about, { squeeze, unfold } = model.halves(about);
  const pictures = about.pictures.map(model.read), places = pictures.map(squeeze), kindOf = (i) => kinds[i % kinds.length];
  const plane = desk.plane({ x: [-1.08, 1.08], y: [-1.08, 1.08], label: text.map, grid: 0.5 });
  plane.box.classList.add("cc-pixels");
  for (const kind of kinds) {
    const marks = places.flatMap(([x, y], i) => (kindOf(i) === kind ? `M${plane.px(x).toFixed(1)} ${plane.py(y).toFixed(1)}${MARK[kind]}` : []));
    plane.draw("path", { d: marks.join(""), class: `cc-pen cc-thin cc-${INK[kind]}` });
  }
  const papers = [text.drawn, text.original].map((label) => {
    const paper = desk.plane({ x: [0, side], y: [0, side], label, grid: 0 });
    paper.box.classList.add("cc-pixels", "cc-little");
    paper.svg.setAttribute("role", "img");
    return { paper, figure: el("figure", {}, paper.box, el("figcaption", { class: "cc-note" }, label)) };
  });
  desk.add(el("div", { class: "cc-pair" }, ...papers.map(({ figure }) => figure)));
  const said = desk.line("said");
  let behind = false, shown = [];
  desk.tick({ label: text.behind, value: behind }, (on) => { behind = on; ground(); });
  desk.line("note").textContent = text.note;

  const ground = () => {
    const cache = [], cells = ACROSS * side, wide = 2.16 / ACROSS;
    plane.paint(cells, (x, y) => {
      if (!behind) return ["paper", 0];
      const [column, row] = [Math.floor((x + 1.08) / wide), Math.floor((1.08 - y) / wide)], middle = [-1.08 + (column + 0.5) * wide, 1.08 - (row + 0.5) * wide];
      const drawn = (cache[row * ACROSS + column] ??= unfold(middle));
      const [u, v] = [((x + 1.08) / wide - column) * side, ((1.08 - y) / wide - row) * side];
      return ["ink", 0.35 * Math.max(0, drawn[Math.floor(v) * side + Math.floor(u)])];
    });
  };
  const paint = () => {
    const inks = plane.colours();
    papers.forEach(({ paper }, k) => paper.paint(side, (x, y) => ["ink", shown[k][Math.floor(side - y) * side + Math.floor(x)]], inks));
  };
  const near = (place) => {
    const far = places.map(([x, y]) => Math.hypot(x - place[0], y - place[1]));
    return far.indexOf(Math.min(...far));
  };
  const show = (place) => {
    const nearest = near(place);
    shown = [unfold(place), pictures[nearest]];
    paint();
    said.textContent = text.said(text.kinds[kindOf(nearest)], desk.number(model.apart(...shown), 3));
    desk.say(said.textContent);
    desk.tell({ place, nearest, picture: shown[0] });
  };
  const within = (place) => place.map((value) => Math.max(-1, Math.min(1, value)));
  const hand = plane.handle({ place: places[0], label: text.hand, step: 0.05, move: (place) => { hand.put(within(place)); show(hand.place); } });
  plane.svg.addEventListener("click", (event) => {
    if (event.target.closest(".cc-handle")) return;
    hand.put(within(plane.at(event)));
    show(hand.place);
  });
  desk.repaint = () => { ground(); paint(); };
  ground();
  show(places[0]);

  const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
  const most = (picture) => Math.min(...pictures.map((one) => model.apart(one, picture)));
  desk.questions(
    { ask: text.ask[0], choices: text.answers[0], run: () => {
      const [from, to] = [places[0], places[1]], way = Array.from({ length: STEPS + 1 }, (_, i) => unfold(from.map((value, k) => value + (i / STEPS) * (to[k] - value))));
      const changes = way.slice(1).map((picture, i) => Math.sqrt(model.apart(picture, way[i]))), largest = Math.max(...changes) / (mean(changes) * STEPS);
      return { answer: largest < 0.5 ? 0 : 1, said: text.found[0](`${desk.number(100 * largest, 0)} %`) };
    } },
    { ask: text.ask[1], choices: text.answers[1], run: () => {
      const net = mean(pictures.map((picture, i) => model.apart(unfold(places[i]), picture))), straight = mean(pictures.map((picture) => model.apart(model.straightened(about.straight, picture), picture)));
      return { answer: net < straight ? 0 : 1, said: text.found[1](desk.number(net, 4), desk.number(straight, 4)) };
    } },
    { ask: text.ask[2], choices: text.answers[2], run: () => {
      const grid = Array.from({ length: 21 * 21 }, (_, i) => [(i % 21) / 10 - 1, Math.floor(i / 21) / 10 - 1]);
      const gaps = grid.map((place) => Math.min(...places.map(([x, y]) => Math.hypot(x - place[0], y - place[1]))));
      const there = most(unfold(grid[gaps.indexOf(Math.max(...gaps))])), usual = mean(places.map((place) => most(unfold(place))));
      return { answer: there > 1.5 * usual ? 1 : 0, said: text.found[2](desk.number(there, 3), desk.number(usual, 3)) };
    } },
  );
}
