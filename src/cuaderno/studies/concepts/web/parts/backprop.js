/** A formula as a graph: numbers flow down to the result, slopes flow back up to whatever it was made of. */

import { el, svg } from "../desk.js";

export const TEXT = {
  en: {
    graph: "The formula as a graph. Numbers, in ink, go down; slopes, in red, come back up.",
    formula: "Formula",
    examples: "Examples",
    named: { neuron: "A neuron", twice: "Used twice", far: "Too sure" },
    problems: { formula: "This cannot be read. A formula is made of names, numbers, + − * / **, tanh, relu, exp and log.", power: "The power has to be a number, such as 2.", nothing: "It comes to nothing: a division by zero, a logarithm of 0 or less, or a number too large.", large: "It has more than 24 nodes: too many to see anything." },
    begin: "Press One step: each node computes its number from those above it.",
    start: (name, number) => `${name} is given: ${number}.`,
    forward: (sign, from, number) => `${sign} of ${from} is ${number}.`,
    seed: "At the end the slope is 1: the result grows as itself. Now back up.",
    backward: (name, ways) => `Slope of ${name} = ${ways}. That is the slope below times how fast it grows there${ways.includes("+") ? ", summed over all ways" : ""}.`,
    done: "All slopes are there. Down the slope: each number goes against its own.",
    descend: "Go down the slope",
    descended: (number) => `Each w and b has moved by −0.1 × its slope, and the result is ${number} now.`,
    result: "result",
    ask: [
      "a*b + a with a = 2 and b = 3: what is the slope of a?",
      "relu(a)*b with a = −1 and b = 5: what is the slope of a?",
      "tanh(w*x) with x = 1: how many times larger is the slope of w at w = 0 than at w = 3?",
    ],
    said: [
      (slope) => `Computed: ${slope}. It is used twice, so two slopes meet: b, and 1.`,
      (slope) => `Computed: ${slope}. Where relu is flat nothing comes back, whatever lies below.`,
      (times) => `Computed: ${times} times. A neuron that is very sure hardly learns.`,
    ],
  },
  es: {
    graph: "La fórmula como un grafo. Los números, en tinta, bajan; las pendientes, en rojo, vuelven a subir.",
    formula: "Fórmula",
    examples: "Ejemplos",
    named: { neuron: "Una neurona", twice: "Usado dos veces", far: "Demasiado segura" },
    problems: { formula: "Esto no se puede leer. Una fórmula se hace con nombres, números, + − * / **, tanh, relu, exp y log.", power: "El exponente tiene que ser un número, como 2.", nothing: "No da nada: una división por cero, un logaritmo de 0 o menos, o un número demasiado grande.", large: "Tiene más de 24 nodos: demasiados para ver algo." },
    begin: "Pulsa Un paso: cada nodo calcula su número con los que tiene encima.",
    start: (name, number) => `${name} está dado: ${number}.`,
    forward: (sign, from, number) => `${sign} de ${from} es ${number}.`,
    seed: "Al final la pendiente es 1: el resultado crece como él mismo. Ahora, hacia arriba.",
    backward: (name, ways) => `Pendiente de ${name} = ${ways}. Es la pendiente de abajo por lo rápido que crece allí${ways.includes("+") ? ", sumada por todos los caminos" : ""}.`,
    done: "Ya están todas las pendientes. Cuesta abajo: cada número va contra la suya.",
    descend: "Bajar por la pendiente",
    descended: (number) => `Cada w y cada b se ha movido −0,1 × su pendiente, y el resultado es ahora ${number}.`,
    result: "resultado",
    ask: [
      "a*b + a con a = 2 y b = 3: ¿cuál es la pendiente de a?",
      "relu(a)*b con a = −1 y b = 5: ¿cuál es la pendiente de a?",
      "tanh(w*x) con x = 1: ¿cuántas veces mayor es la pendiente de w en w = 0 que en w = 3?",
    ],
    said: [
      (slope) => `Calculado: ${slope}. Se usa dos veces, así que se juntan dos pendientes: b y 1.`,
      (slope) => `Calculado: ${slope}. Donde relu es plana no vuelve nada, haya lo que haya debajo.`,
      (times) => `Calculado: ${times} veces. Una neurona muy segura apenas aprende.`,
    ],
  },
};

const EXAMPLES = {
  twice: ["a*b + a", { a: 2, b: 3 }],
  far: ["tanh(w*x + b)", { w: 3, x: 1, b: 0 }],
};
const MOST = 24; // nodes
const MOST_NAMES = 6; // with a slider
const [WIDE, HIGH, GAP, ROW] = [70, 40, 78, 66]; // a node, and from one to the next
const RATE = 0.1;

/** @param {import("../desk.js").Desk} desk */
export function open(desk) {
  const { text, about, model } = desk;
  const examples = { neuron: [about.formula, about.numbers], ...EXAMPLES };
  let formula = about.formula, numbers = { ...about.numbers }, graph, step = 0, nodes, controls, moved = false;
  const paper = desk.sheet.appendChild(el("div", { class: "cc-graph", role: "img", "aria-label": text.graph }));
  const said = desk.line("said");

  const number = (value) => desk.number(value, Math.abs(value) < 10 ? 2 : 1);
  const name = (value) => (value.sign === "number" ? number(value.number) : value.parents.length ? `${value.sign}` : value.sign);

  /** The graph anew, from the formula as it is written. */
  const reread = () => {
    controls?.stop();
    step = 0;
    try {
      graph = model.read(typed(formula), numbers);
      if (graph.order.length > MOST) throw new model.Unreadable("large");
      model.backward(graph.order);
      if (!graph.order.every(({ number, slope }) => Number.isFinite(number) && Number.isFinite(slope))) throw new model.Unreadable("nothing");
    } catch (error) {
      if (!(error instanceof model.Unreadable)) throw error;
      graph = null;
      said.textContent = text.problems[error.message];
      desk.say(said.textContent);
      for (const button of [controls.play, controls.one, descend]) button.disabled = true;
      return false;
    }
    for (const button of [controls.play, controls.one, descend]) button.disabled = false;
    nodes = layout(graph.order);
    draw(paper, nodes);
    return true;
  };
  /** And the sliders of its names. */
  const rename = () => {
    if (!reread()) return;
    sliders.replaceChildren();
    for (const key of Object.keys(graph.names).slice(0, MOST_NAMES)) {
      if (!Object.hasOwn(numbers, key)) numbers[key] = 1;
      const { input } = desk.slider({ label: key, min: -3, max: 3, step: 0.1, value: numbers[key] }, (value) => { numbers[key] = value; moved = false; if (reread()) show(); });
      input.dataset.name = key;
      sliders.append(input.closest("label"));
    }
    show();
  };

  const show = () => {
    if (!graph) return;
    const { order } = graph, n = order.length;
    order.forEach((value, i) => {
      const { top, bottom, box } = nodes.get(value), back = step > 2 * n - 1 - i;
      top.textContent = value.parents.length ? value.sign + (step > i ? ` ${number(value.number)}` : "") : value.sign === "number" ? number(value.number) : `${value.sign} ${number(value.number)}`;
      bottom.textContent = back ? number(value.slope) : "";
      box.classList.toggle("cc-lit", step - 1 === i || step - 1 === 2 * n - 1 - i);
    });
    said.textContent = words();
    desk.say(said.textContent);
    desk.tell({ formula, step, steps: 2 * n, value: order.at(-1).number, slopes: Object.fromEntries(Object.entries(graph.names).map(([key, { slope }]) => [key, slope])) });
  };
  const words = () => {
    const { order } = graph, n = order.length;
    if (moved && !step) return text.descended(number(order.at(-1).number));
    if (!step) return text.begin;
    if (step >= 2 * n) return text.done;
    if (step <= n) {
      const value = order[step - 1], from = value.parents.map((parent) => number(parent.number)).join(", ");
      return value.parents.length ? text.forward(value.sign, from, number(value.number)) : text.start(name(value), number(value.number));
    }
    const value = order[2 * n - step];
    if (value === order.at(-1)) return text.seed;
    const ways = order.flatMap((child) => child.parents.flatMap((parent, i) => (parent === value ? [`${number(child.slope)} × ${number(child.growth[i])}`] : [])));
    return text.backward(name(value), `${ways.join(" + ")} = ${number(value.slope)}`);
  };

  const written = desk.field({ label: text.formula, value: formula }, (value) => { formula = value; moved = false; rename(); });
  desk.add(el("div", { class: "cc-buttons", role: "group", "aria-label": text.examples }, ...Object.entries(examples).map(([key, [its, values]]) =>
    el("button", { type: "button", class: "cc-quiet", onclick: () => { written.value = formula = its; numbers = { ...values }; moved = false; rename(); } }, text.named[key]))));
  controls = desk.transport({
    step: () => graph && ++step < 2 * graph.order.length,
    show,
    restart: () => { moved = false; step = 0; show(); },
    pace: 2,
  });
  controls.one.addEventListener("click", () => { if (graph && step > 2 * graph.order.length) step = 2 * graph.order.length; });
  const [descend] = desk.buttons([text.descend, () => {
    controls.stop();
    for (const [key, { slope }] of Object.entries(graph.names)) if (/^[wb]/.test(key)) numbers[key] = Math.round((numbers[key] - RATE * slope) * 1e4) / 1e4;
    moved = true;
    rename();
  }, true]);
  const sliders = desk.add(el("div", { class: "cc-sliders" }));
  rename();

  const slope = (its, values, key) => model.slopes(its, values).slopes[key];
  desk.questions(
    { ask: text.ask[0], run: () => {
      const answer = slope("a*b + a", { a: 2, b: 3 }, "a");
      return { answer, said: text.said[0](number(answer)) };
    } },
    { ask: text.ask[1], run: () => {
      const answer = slope("relu(a)*b", { a: -1, b: 5 }, "a");
      return { answer, said: text.said[1](number(answer)) };
    } },
    { ask: text.ask[2], choices: ["3", "10", "100"], run: () => {
      const times = slope("tanh(w*x)", { w: 0, x: 1 }, "w") / slope("tanh(w*x)", { w: 3, x: 1 }, "w");
      const near = [3, 10, 100].map((guess) => Math.abs(Math.log(times / guess)));
      return { answer: near.indexOf(Math.min(...near)), said: text.said[2](desk.number(times, 0)) };
    } },
  );
}

const SIGNS = { "−": "-", "–": "-", "×": "*", "·": "*", "÷": "/" };

/** A formula as the model reads it: also with the signs of print, and with a comma before decimals. */
function typed(formula) {
  return formula.replace(/[−–×·÷]/g, (sign) => SIGNS[sign]).replace(/(\d),(\d)/g, "$1.$2");
}

/** Where each node stands: below all that it is made of, what is given just above its first use. */
function layout(order) {
  const rows = new Map(), across = new Map();
  for (const value of order) if (value.parents.length) rows.set(value, 1 + Math.max(...value.parents.map((parent) => rows.get(parent) ?? 0)));
  const leaves = order.filter((value) => !value.parents.length);
  for (const leaf of leaves) {
    const uses = order.filter((value) => value.parents.includes(leaf)).map((value) => rows.get(value) - 1);
    rows.set(leaf, uses.length ? Math.min(...uses) : 0);
  }
  leaves.forEach((leaf, i) => across.set(leaf, i * GAP * 0.6));
  for (const value of order) if (value.parents.length) across.set(value, value.parents.reduce((sum, parent) => sum + across.get(parent), 0) / value.parents.length);
  for (let row = Math.max(0, ...rows.values()); row >= 0; row--) spread(order.filter((value) => rows.get(value) === row), across);
  const left = Math.min(...across.values()), places = new Map();
  for (const value of order) places.set(value, { x: across.get(value) - left + WIDE / 2 + 4, y: rows.get(value) * ROW + HIGH / 2 + 4 });
  return places;
}

/** Push the nodes of a row apart, around where they would like to be. */
function spread(row, across) {
  row.sort((a, b) => across.get(a) - across.get(b));
  const wanted = row.reduce((sum, value) => sum + across.get(value), 0);
  for (let i = 1; i < row.length; i++) across.set(row[i], Math.max(across.get(row[i]), across.get(row[i - 1]) + GAP));
  const shift = row.length ? (wanted - row.reduce((sum, value) => sum + across.get(value), 0)) / row.length : 0;
  for (const value of row) across.set(value, across.get(value) + shift);
}

function draw(paper, nodes) {
  const places = [...nodes.values()], width = Math.max(...places.map(({ x }) => x)) + WIDE / 2 + 4, height = Math.max(...places.map(({ y }) => y)) + HIGH / 2 + 4;
  const lines = [], boxes = [];
  for (const [value, place] of nodes) {
    for (const parent of value.parents) {
      const from = nodes.get(parent);
      lines.push(svg("path", { class: "cc-pen cc-soft cc-thin", d: `M${from.x} ${from.y + HIGH / 2}C${from.x} ${from.y + HIGH} ${place.x} ${place.y - HIGH} ${place.x} ${place.y - HIGH / 2}` }));
    }
    place.box = svg("rect", { x: place.x - WIDE / 2, y: place.y - HIGH / 2, width: WIDE, height: HIGH, rx: 4, class: value.parents.length ? "cc-node" : "cc-node cc-leaf" });
    place.top = svg("text", { x: place.x, y: place.y - 3, "text-anchor": "middle" });
    place.bottom = svg("text", { x: place.x, y: place.y + 14, "text-anchor": "middle", class: "cc-slope" });
    boxes.push(place.box, place.top, place.bottom);
  }
  const room = Math.max(width, 300);
  paper.replaceChildren(svg("svg", { viewBox: `${(width - room) / 2} 0 ${room} ${height}`, "aria-hidden": "true" }, ...lines, ...boxes));
}
