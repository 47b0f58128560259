/** The reader's sentence, letter by letter: at which of those before it does each one look? */

import { el, svg } from "../desk.js";

export const TEXT = {
  en: {
    sheet: "The sentence, letter by letter. Lines go from the chosen letter to those that it looks at.",
    field: "A sentence of yours",
    which: "Letter that looks",
    layer: "Layer",
    head: "Head",
    way: "How it looks",
    ways: { learnt: "As learnt", even: "At all alike", before: "At the one before" },
    said: (letter, share, other) => `${letter} looks most at ${other}: ${share} %.`,
    itself: "itself",
    next: (list) => `Behind it the model expects ${list}.`,
    worth: (learnt, even, before) => `Surprise at a letter of your sentence (nats)\nas learnt          ${learnt}\nat all alike       ${even}\nat the one before  ${before}`,
    space: "the space",
    quoted: (sign) => `“${sign}”`,
    later: (size) => `When you write, the model comes: ${size} KB, once. What you write stays here.`,
    left: (letters) => `The model does not know ${letters}: left out.`,
    cut: (most) => `The first ${most} letters are read.`,
    few: "Write three letters at the least.",
    ask: [
      "You change the last letter of the sentence. Do the looks of the letters before it change?",
      "Which way of looking leaves the model least surprised by your sentence?",
      "Which head of the first layer looks most at the letter directly before, in your sentence?",
    ],
    yes: ["Yes", "No"],
    found: [
      (far) => `It was tried: the largest change of a look before the last letter is ${far}. Nobody can look ahead.`,
      (learnt, even, before) => `Computed on your sentence: ${learnt} as learnt, ${even} alike, ${before} at the one before.`,
      (shares) => `Mean shares of the heads in turn: ${shares}.`,
    ],
  },
  es: {
    sheet: "La frase, letra a letra. De la letra elegida salen líneas hacia las letras a las que mira.",
    field: "Una frase tuya",
    which: "Letra que mira",
    layer: "Capa",
    head: "Cabeza",
    way: "Cómo mira",
    ways: { learnt: "Como aprendió", even: "A todas por igual", before: "A la anterior" },
    said: (letter, share, other) => `Lo que más mira ${letter} es ${other}: ${share} %.`,
    itself: "ella misma",
    next: (list) => `Detrás el modelo espera ${list}.`,
    worth: (learnt, even, before) => `Sorpresa ante una letra de tu frase (nats)\ncomo aprendió      ${learnt}\na todas por igual  ${even}\na la anterior      ${before}`,
    space: "el espacio",
    quoted: (sign) => `«${sign}»`,
    later: (size) => `Cuando escribas llegará el modelo: ${size} KB, una vez. Lo que escribas se queda aquí.`,
    left: (letters) => `El modelo no conoce ${letters}: se han dejado fuera.`,
    cut: (most) => `Se leen las primeras ${most} letras.`,
    few: "Escribe al menos tres letras.",
    ask: [
      "Cambias la última letra de la frase. ¿Cambian las miradas de las letras anteriores?",
      "¿Con qué manera de mirar sorprende menos tu frase al modelo?",
      "¿Qué cabeza de la primera capa mira más a la letra justo anterior, en tu frase?",
    ],
    yes: ["Sí", "No"],
    found: [
      (far) => `Se ha probado: el mayor cambio de una mirada antes de la última letra es ${far}. Nadie puede mirar hacia delante.`,
      (learnt, even, before) => `Calculado con tu frase: ${learnt} como aprendió, ${even} por igual, ${before} a la anterior.`,
      (shares) => `Partes medias de las cabezas, por orden: ${shares}.`,
    ],
  },
};

const ACROSS = 16, CELL = 400 / ACROSS, HIGH = 52; // letters in a line, and their size
const SEEN = 0.02; // share of a look from which on it is drawn
const WAYS = ["learnt", "even", "before"];

/** @param {import("../desk.js").Desk} desk */
export function open(desk) {
  const { text, about, model } = desk, lines = Math.ceil(about.longest / ACROSS), signs = [...about.letters];
  const plane = desk.plane({ x: [0, ACROSS], y: [0, lines], label: text.sheet, grid: 0, height: lines * HIGH });
  let tokens = model.tokensOf(about, about.sentence), runs = given(about), chosen = tokens.length - 1, layer = 0, head = 0, way = "learnt";
  const letter = (at) => signs[tokens[at]], named = (sign) => (sign === " " ? text.space : sign === "\n" ? "↵" : text.quoted(sign));

  const said = el("p", { class: "cc-said" }), next = el("p", { class: "cc-note" }), worth = el("p", { class: "cc-figures" });
  desk.sheet.append(said, next, worth);
  const field = desk.field({ label: text.field, value: about.sentence }, () => read());
  const note = desk.line("note");
  const which = desk.slider({ label: text.which, min: 1, max: tokens.length, step: 1, value: tokens.length, digits: 0 }, (value) => { chosen = value - 1; show(); });
  const numbered = (many) => Object.fromEntries(Array.from({ length: many }, (_, i) => [i, String(i + 1)]));
  if (about.layers > 1) desk.choice({ label: text.layer, options: numbered(about.layers), value: "0" }, (value) => { layer = Number(value); show(); });
  desk.choice({ label: text.head, options: numbered(about.heads), value: "0" }, (value) => { head = Number(value); show(); });
  desk.choice({ label: text.way, options: text.ways, value: way }, async (value) => { if (await weights()) { way = value; show(); } });
  note.textContent = text.later(desk.number(about.bytes / 1000, 0));

  /** The sentence of the field, read in every way; the first time the weights are fetched for it. */
  const read = async () => {
    if (!(await weights())) return;
    const letters = [...field.value].slice(0, about.longest), unknown = [...new Set(letters.filter((sign) => !signs.includes(sign)))];
    const found = model.tokensOf(about, letters.join(""));
    const missing = unknown.map((sign) => (/\S/.test(sign) ? sign : `U+${sign.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`));
    note.textContent = [missing.length ? text.left(missing.join(" ")) : "", [...field.value].length > about.longest ? text.cut(about.longest) : ""].join(" ").trim();
    if (found.length < 3) {
      plane.ink.replaceChildren();
      said.textContent = text.few;
      next.textContent = worth.textContent = "";
      return desk.say(text.few);
    }
    tokens = found;
    for (const name of WAYS) runs[name].read(tokens);
    chosen = tokens.length - 1;
    which.input.max = tokens.length;
    which.set(chosen + 1);
    show();
  };
  /** The weights, and readings of the sentence with them instead of those that came along. @returns {Promise<object | null>} */
  const weights = async () => {
    const whole = await desk.need(note);
    if (whole && !runs.learnt.read) runs = Object.fromEntries(WAYS.map((name) => [name, new model.Reading(whole, name).read(tokens)]));
    return whole;
  };
  const losses = () => WAYS.map((name) => runs[name].loss);
  const show = () => {
    const shares = runs[way].looks[chosen][layer][head], most = shares.indexOf(Math.max(...shares));
    draw(shares);
    said.textContent = text.said(named(letter(chosen)), desk.number(100 * shares[most], 0), most === chosen ? text.itself : named(letter(most)));
    next.textContent = text.next(runs[way].next()[chosen].map(([number, share]) => `${named(signs[number])} ${desk.number(100 * share, 0)} %`).join(", "));
    worth.textContent = text.worth(...losses().map((value) => desk.number(value)));
    desk.say(`${said.textContent} ${next.textContent}`);
    desk.tell({ text: tokens.map((_, at) => letter(at)).join(""), chosen, layer, head, way, shares, loss: losses()[WAYS.indexOf(way)] });
  };
  const middle = (at) => [(at % ACROSS + 0.5) * CELL, Math.floor(at / ACROSS) * HIGH + 34];
  const draw = (shares) => {
    const cells = tokens.flatMap((_, at) => {
      const [x, y] = middle(at), share = shares[at] ?? 0, box = { x: x - CELL / 2 + 1, y: y - 16, width: CELL - 2, height: 28, rx: 3 };
      return [
        share > SEEN && svg("rect", { ...box, class: "cc-for", "fill-opacity": (0.7 * Math.sqrt(share)).toFixed(2) }),
        at === chosen && svg("rect", { ...box, class: "cc-pen cc-red" }),
        svg("text", { x, y: y + 4, "text-anchor": "middle", style: "font-size: 17px" }, { "\n": "↵", " ": "·" }[letter(at)] ?? letter(at)),
      ].filter(Boolean);
    });
    const [x, y] = middle(chosen), lines = shares.flatMap((share, at) => {
      const [u, v] = middle(at);
      return share > SEEN && at !== chosen ? [svg("path", { d: `M${x} ${y - 16}Q${(x + u) / 2} ${Math.min(y, v) - 38} ${u} ${v - 16}`, class: "cc-pen cc-blue", "stroke-opacity": Math.min(1, 0.15 + share).toFixed(2), "stroke-width": (1 + 4 * share).toFixed(1) })] : [];
    });
    plane.ink.replaceChildren(...lines, ...cells);
  };
  const over = (event) => {
    const [x, y] = plane.at(event), at = Math.floor(lines - y) * ACROSS + Math.floor(x);
    if (at < 0 || at >= tokens.length || at === chosen) return;
    chosen = at;
    which.set(chosen + 1);
    show();
  };
  plane.svg.addEventListener("pointermove", over);
  plane.svg.addEventListener("pointerdown", over);
  show();

  const least = (values) => values.indexOf(Math.min(...values)), most = (values) => values.indexOf(Math.max(...values));
  desk.questions(
    { ask: text.ask[0], choices: text.yes, run: async () => {
      const whole = await weights();
      if (!whole) return null;
      const other = new model.Reading(whole).read([...tokens.slice(0, -1), (tokens.at(-1) + 1) % signs.length]).looks.slice(0, -1);
      const far = Math.max(...other.flatMap((layers, at) => layers.flatMap((heads, i) => heads.flatMap((shares, k) => shares.map((share, j) => Math.abs(share - runs.learnt.looks[at][i][k][j]))))));
      return { answer: far > 1e-9 ? 0 : 1, said: text.found[0](desk.number(far)) };
    } },
    { ask: text.ask[1], choices: Object.values(text.ways), run: () => ({ answer: least(losses()), said: text.found[1](...losses().map((value) => desk.number(value))) }) },
    { ask: text.ask[2], choices: Object.values(numbered(about.heads)), run: () => {
      const places = runs.learnt.looks.slice(1).map(([first]) => first.map((shares) => shares.at(-2)));
      const shares = Array.from({ length: about.heads }, (_, i) => places.reduce((sum, heads) => sum + heads[i], 0) / places.length);
      return { answer: most(shares), said: text.found[2](shares.map((share) => `${desk.number(100 * share, 0)} %`).join(", ")) };
    } },
  );
}

/** What came along of the first sentence, as a reading of it: the page has no weights yet. */
function given({ start }) {
  const { looks, next } = start.learnt, share = (hundredths) => hundredths / 100;
  const learnt = { loss: start.learnt.loss, looks: looks.map((layers) => layers.map((heads) => heads.map((shares) => shares.map(share)))), next: () => next.map((three) => three.map(([letter, many]) => [letter, share(many)])) };
  return { learnt, even: start.even, before: start.before };
}
