/** Words on a map, their neighbours, and sums of words: walk from one to the next. */

import { el, svg } from "../desk.js";

export const TEXT = {
  en: {
    map: "A map of words, flattened from many directions to two. Lines go to the nearest words.",
    field: "A word, or a sum of words",
    start: "Begin with",
    among: "Nearest, by the angle between the vectors",
    word: (word, first) => `Words used like “${word}”: ${first} comes first.`,
    sum: (text, first) => `${text} comes out nearest to “${first}”.`,
    honest: (first, word) => (word ? `With the words of the sum let in, it would be “${word}”: the sum hardly leaves where it began.` : `Even with the words of the sum let in it is “${first}”.`),
    unknown: (word) => `“${word}” is not among the words of this map. Try a commoner one of this book.`,
    nothing: "Write a word.",
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
      (right, count) => `They were run just now: ${right} of ${count}. The famous example leaves them out without saying so.`,
      (way) => `The walk went ${way}.`,
    ],
    none: "no such sums",
  },
  es: {
    map: "Un mapa de palabras, aplanado de muchas direcciones a dos. Las líneas van a las palabras más cercanas.",
    field: "Una palabra o una suma de palabras",
    start: "Empieza por",
    among: "Las más cercanas, según el ángulo entre los vectores",
    word: (word, first) => `Palabras que se usan como «${word}»: la primera es ${first}.`,
    sum: (text, first) => `${text} queda más cerca de «${first}» que de ninguna otra.`,
    honest: (first, word) => (word ? `Si se admiten las palabras de la suma, sería «${word}»: la suma apenas se mueve de donde empezó.` : `Incluso si se admiten las palabras de la suma, es «${first}».`),
    unknown: (word) => `«${word}» no está entre las palabras de este mapa. Prueba con una más común en este libro.`,
    nothing: "Escribe una palabra.",
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
      (right, count) => `Se acaban de hacer: ${right} de ${count}. El ejemplo famoso las excluye sin decirlo.`,
      (way) => `El paseo fue ${way}.`,
    ],
    none: "ninguna suma así",
  },
};

const NEIGHBOURS = 8, NAMED = 5; // nearest words, and those of them that are written on the map
const CHIPS = 6;

/** @param {import("../desk.js").Desk} desk */
export function open(desk) {
  const { text, about, model } = desk;
  const plane = desk.plane({ x: [-1.12, 1.12], y: [-1.08, 1.08], label: text.map, grid: 0, height: 380 });
  const at = (word) => about.flat[about.number.get(word)];
  plane.draw("path", { d: about.flat.map(([x, y]) => `M${plane.px(x).toFixed(1)} ${plane.py(y).toFixed(1)}h.01`).join(""), class: "cc-cloud" });
  const lines = plane.draw("path", { class: "cc-pen cc-blue cc-thin" }), names = plane.draw("g");
  desk.sheet.append(el("p", { class: "cc-note" }, text.flat));

  const field = desk.field({ label: text.field, value: about.pairs.length ? sumOf(about.pairs[0]) : about.first[0] }, () => ask());
  const chips = el("div", { class: "cc-buttons" }, ...about.first.slice(0, CHIPS).map((word) => el("button", { type: "button", class: "cc-quiet", onclick: () => go(word) }, word)));
  desk.add(el("div", { role: "group", "aria-label": text.start }, chips));
  const said = desk.line("said"), honest = desk.line("note");
  const list = el("ol", { class: "cc-near", "aria-label": text.among });
  desk.add(list);

  const go = (word) => { field.value = word; ask(); };
  const ask = () => {
    const terms = model.parse(about, field.value);
    const wrong = !terms ? text.nothing : terms.unknown ? text.unknown(terms.unknown) : "";
    if (wrong) {
      said.textContent = wrong;
      honest.textContent = "";
      return desk.say(wrong);
    }
    const near = model.nearest(about, terms, NEIGHBOURS), all = model.nearest(about, terms, 1, true)[0].word;
    said.textContent = terms.length > 1 ? text.sum(written(terms), near[0].word) : text.word(terms[0][1], near[0].word);
    honest.textContent = terms.length > 1 ? text.honest(near[0].word, all === near[0].word ? "" : all) : "";
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
    names.replaceChildren(...[...own.map((word) => [word, "red"]), ...near.slice(0, NAMED).map(({ word }) => [word, "blue"])].flatMap(([word, ink]) => label(plane, at(word), word, ink, taken)));
  };
  plane.svg.addEventListener("click", (event) => {
    const [x, y] = plane.at(event), far = about.flat.map(([u, v]) => (u - x) ** 2 + (v - y) ** 2);
    go(about.words[far.indexOf(Math.min(...far))]);
  });
  ask();

  const word = about.first[0], count = about.pairs.length;
  const share = (right) => (right / count < 0.3 ? 0 : right / count <= 0.7 ? 1 : 2);
  const sums = [false, true].map((all) => ({ ask: text.ask[Number(all)](desk.number(count, 0)), choices: text.shares, run: () => {
    const right = model.completed(about, about.pairs, all);
    return { answer: share(right), said: text.said[Number(all)](desk.number(right, 0), desk.number(count, 0)) };
  } }));
  desk.questions(...(count ? sums : []), { ask: text.ask[2](word), choices: text.back, run: () => {
    const [first] = model.nearest(about, [[1, word]], 1), [second] = model.nearest(about, [[1, first.word]], 1);
    return { answer: second.word === word ? 0 : 1, said: text.said[2]([word, first.word, second.word].join(" → ")) };
  } });
}

const sumOf = ([a, b, c]) => `${b} - ${a} + ${c}`;
const written = (terms) => terms.map(([sign, word], i) => (sign < 0 ? `− ${word}` : i ? `+ ${word}` : word)).join(" ");

/** A dot with its word, moved down where another word stands already. */
function label(plane, [x, y], word, ink, taken) {
  const [u, v] = [plane.px(x), plane.py(y)], right = u > plane.width - 90;
  let line = v - 6;
  while (taken.some(([a, b]) => Math.abs(a - u) < 70 && Math.abs(b - line) < 13)) line += 13;
  taken.push([u, line]);
  return [svg("circle", { cx: u, cy: v, r: 4, class: `cc-mark cc-${ink}` }), svg("text", { x: right ? u - 6 : u + 6, y: line, "text-anchor": right ? "end" : "start", class: "cc-name" }, word)];
}
