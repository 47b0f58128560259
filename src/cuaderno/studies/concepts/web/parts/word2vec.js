/** Words on a map, their neighbours, and sums of words: walk from one to the next. */

import { el, svg } from "../desk.js";

export const TEXT = {
  en: {
    map: "A map of words, flattened from many directions to two. Lines go from the first word to those that are found.",
    field: "A word, a sum of words, or a phrase",
    start: "Begin with",
    among: "Nearest, by the angle between the vectors",
    word: (word, first) => `Words used like “${word}”: ${first} comes first.`,
    sum: (text, first) => `${text} comes out nearest to “${first}”.`,
    honest: (first, word) => (word ? `With the words of the sum let in, it would be “${word}”: the sum hardly leaves where it began.` : `Even with the words of the sum let in it is “${first}”.`),
    unknown: (word) => `“${word}” is not among the words of this map. Try a commoner one of this book.`,
    nothing: "Write a word.",
    later: (size) => `Write or press a word, and the rest of the map comes: ${size} KB, once. What you write stays here.`,
    flat: "Two directions cannot show what many hold: words that touch here may be strangers, and neighbours may lie apart.",
    ask: [
      (count) => `There are ${count} sums such as “king − man + woman” with words of this map whose answer we know. How many of a hundred come out right?`,
      () => "The same sums, with the words of the sum themselves let in as answers. How many of a hundred come out right now?",
      (word) => `Take the word nearest to “${word}”, and from there the nearest again. Do you come back?`,
    ],
    back: ["Yes", "No"],
    shares: ["Fewer than 30", "30 to 70", "More than 70"],
    said: [
      (right, count) => `They were run just now: ${right} of ${count}.`,
      (right, count, own) => `They were run just now: ${right} of ${count}, and ${own} times it is a word of the sum. The famous example leaves those out without saying so.`,
      (way) => `The walk went ${way}.`,
    ],
  },
  es: {
    map: "Un mapa de palabras, aplanado de muchas direcciones a dos. Las líneas van de la primera palabra a las que se encuentran.",
    field: "Una palabra, una suma de palabras o una frase",
    start: "Empieza por",
    among: "Las más cercanas, según el ángulo entre los vectores",
    word: (word, first) => `Palabras que se usan como «${word}»: la primera es ${first}.`,
    sum: (text, first) => `${text} queda más cerca de «${first}» que de ninguna otra.`,
    honest: (first, word) => (word ? `Si se admiten las palabras de la suma, sería «${word}»: la suma apenas se mueve de donde empezó.` : `Incluso si se admiten las palabras de la suma, es «${first}».`),
    unknown: (word) => `«${word}» no está entre las palabras de este mapa. Prueba con una más común en este libro.`,
    nothing: "Escribe una palabra.",
    later: (size) => `Escribe o pulsa una palabra y llegará el resto del mapa: ${size} KB, una vez. Lo que escribas se queda aquí.`,
    flat: "Dos direcciones no pueden mostrar lo que cabe en muchas: palabras que aquí se tocan pueden ser extrañas, y las vecinas pueden quedar lejos.",
    ask: [
      (count) => `Hay ${count} sumas como «rey − hombre + mujer» con palabras de este mapa cuya respuesta sabemos. ¿Cuántas de cada cien salen bien?`,
      () => "Las mismas sumas, admitiendo como respuesta las propias palabras de la suma. ¿Cuántas de cada cien salen bien ahora?",
      (word) => `Toma la palabra más cercana a «${word}» y, desde ahí, otra vez la más cercana. ¿Vuelves?`,
    ],
    back: ["Sí", "No"],
    shares: ["Menos de 30", "De 30 a 70", "Más de 70"],
    said: [
      (right, count) => `Se acaban de hacer: ${right} de ${count}.`,
      (right, count, own) => `Se acaban de hacer: ${right} de ${count}, y ${own} veces sale una palabra de la suma. El ejemplo famoso las excluye sin decirlo.`,
      (way) => `El paseo fue ${way}.`,
    ],
  },
};

const NEIGHBOURS = 8, NAMED = 5; // nearest words, and those of them that are written on the map
const CHIPS = 6;

/** @param {import("../desk.js").Desk} desk */
export function open(desk) {
  const { text, about, model } = desk;
  const plane = desk.plane({ x: [-1.12, 1.12], y: [-1.08, 1.08], label: text.map, grid: 0, height: 380 });
  const cloud = plane.draw("path", { class: "cc-cloud" }), lines = plane.draw("path", { class: "cc-pen cc-blue cc-thin" }), names = plane.draw("g");
  desk.sheet.append(el("p", { class: "cc-note" }, text.flat));
  let whole = null;
  const at = (word) => (whole ? whole.flat[whole.number.get(word)] : about.places[word]);
  const spread = (places) => cloud.setAttribute("d", places.map(([x, y]) => `M${plane.px(x).toFixed(1)} ${plane.py(y).toFixed(1)}h.01`).join(""));

  const field = desk.field({ label: text.field, value: plain(about.start.input) }, () => ask());
  const chip = (words) => el("button", { type: "button", class: "cc-quiet", onclick: () => go(words) }, words);
  desk.add(el("div", { role: "group", "aria-label": text.start }, el("div", { class: "cc-buttons" }, ...[plain(about.start.input), ...about.first.slice(0, CHIPS)].map(chip))));
  const said = desk.line("said"), honest = desk.line("note"), note = desk.line("note");
  const list = el("ol", { class: "cc-near", "aria-label": text.among });
  desk.add(list);

  /** All words and vectors: fetched when they are first asked for. */
  const need = async () => {
    const before = whole;
    whole = await desk.need(note);
    if (whole && !before) spread(whole.flat);
    return whole;
  };
  const go = (words) => { field.value = words; ask(); };
  const ask = async () => {
    if (!(await need())) return;
    const terms = model.parse(whole, field.value);
    const wrong = !terms ? text.nothing : terms.unknown ? text.unknown(terms.unknown) : "";
    if (wrong) {
      said.textContent = wrong;
      honest.textContent = "";
      list.replaceChildren();
      names.replaceChildren();
      lines.setAttribute("d", "");
      return desk.say(wrong);
    }
    show(terms, model.nearest(whole, terms, NEIGHBOURS), model.nearest(whole, terms, 1, true)[0].word);
  };
  const show = (terms, near, all) => {
    const isSum = terms.length > 1 || terms[0][0] < 0;
    said.textContent = isSum ? text.sum(written(terms), near[0].word) : text.word(terms[0][1], near[0].word);
    honest.textContent = isSum && all ? text.honest(near[0].word, all === near[0].word ? "" : all) : "";
    list.replaceChildren(...near.map(({ word, like }) => el("li", {}, el("button", { type: "button", class: "cc-quiet", onclick: () => go(word) }, word),
      el("span", { class: "cc-like", style: `--like: ${Math.max(0, like)}`, "aria-hidden": "true" }), el("span", { class: "cc-readout" }, desk.number(like)))));
    draw(terms, near);
    desk.say(said.textContent);
    desk.tell({ terms, near, all });
  };

  const draw = (terms, near) => {
    const own = terms.map(([, word]) => word), to = at(own[0]);
    lines.setAttribute("d", near.slice(0, NAMED).map(({ word }) => plane.path([to, at(word)])).join(""));
    const taken = [];
    const labels = [...own.map((word) => [word, "red"]), ...near.slice(0, NAMED).map(({ word }) => [word, "blue"])].map(([word, ink]) => label(plane, at(word), word, ink, taken));
    names.replaceChildren(...labels.flatMap(({ marks }) => marks), ...labels.map(({ name }) => name)); // no dot over a name
  };
  plane.svg.addEventListener("click", async (event) => {
    if (!(await need())) return;
    const [x, y] = plane.at(event), far = whole.flat.map(([u, v]) => (u - x) ** 2 + (v - y) ** 2);
    go(whole.words[far.indexOf(Math.min(...far))]);
  });
  spread(about.cloud);
  show(about.start.input, about.start.output, about.start.all);
  note.textContent = text.later(desk.number(about.bytes / 1000, 0));

  const word = about.first[0], share = (part) => (part < 0.3 ? 0 : part <= 0.7 ? 1 : 2);
  const sums = [false, true].map((all) => ({ ask: text.ask[Number(all)](desk.number(about.sums, 0)), choices: text.shares, run: async (inTurns) => {
    if (!(await need())) return null;
    const { pairs } = whole;
    let right = 0, own = 0;
    await inTurns(pairs.length, (i) => {
      const found = model.completed(whole, pairs[i], all), at = pairs[i].indexOf(found);
      right += at === 3;
      own += at >= 0 && at < 3;
    });
    return { answer: share(right / pairs.length), said: text.said[Number(all)](...[right, pairs.length, own].map((many) => desk.number(many, 0))) };
  } }));
  desk.questions(...(about.sums ? sums : []), { ask: text.ask[2](word), choices: text.back, run: async () => {
    if (!(await need())) return null;
    const [first] = model.nearest(whole, [[1, word]], 1), [second] = model.nearest(whole, [[1, first.word]], 1);
    return { answer: second.word === word ? 0 : 1, said: text.said[2]([word, first.word, second.word].join(" → ")) };
  } });
}

const plain = (terms) => terms.map(([sign, word], i) => (sign < 0 ? `- ${word}` : i ? `+ ${word}` : word)).join(" ");
const written = (terms) => plain(terms).replaceAll("- ", "− ");

/** A dot with its word, in the nearest free line above or below; a thin line leads to a word that had to go far. */
function label(plane, [x, y], word, ink, taken) {
  const [u, v] = [plane.px(x), plane.py(y)], side = u > plane.width - 90 ? -1 : 1;
  const free = (line) => line > 10 && line < plane.height - 4 && !taken.some(([a, b]) => Math.abs(a - u) < 70 && Math.abs(b - line) < 13);
  const line = Array.from({ length: 16 }, (_, i) => v - 6 + 13 * (i % 2 ? (i + 1) / 2 : -i / 2)).find(free) ?? v - 6;
  taken.push([u, line]);
  const lead = svg("path", { d: `M${u} ${v}L${u + 5 * side} ${line < v ? line : line - 9}`, class: `cc-pen cc-thin cc-${ink}`, "stroke-opacity": Math.abs(line - v) > 12 ? 0.5 : 0 });
  const name = svg("text", { x: u + 6 * side, y: line, "text-anchor": side < 0 ? "end" : "start", class: "cc-name" }, word);
  return { marks: [lead, svg("circle", { cx: u, cy: v, r: 4, class: `cc-mark cc-${ink}` })], name };
}
