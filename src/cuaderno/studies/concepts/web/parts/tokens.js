/** A text of the reader's falls into letters, and merges put them together again. */

import { el } from "../desk.js";

export const TEXT = {
  en: {
    pieces: "The text in pieces",
    field: "Your text",
    merges: "Merges",
    now: (pieces, letters, share) => `${letters} ${letters === "1" ? "letter is" : "letters are"} ${pieces} ${pieces === "1" ? "piece" : "pieces"}: ${share} ${share === "1" ? "letter" : "letters"} a piece.`,
    last: (pair, piece) => `The last merge: ${pair} → ${piece}`,
    none: "No merges yet: every letter is a piece of its own.",
    nothing: "Write something.",
    unknown: (letters) => `The text that was counted never had ${letters}. A model would not know what to do with it.`,
    ask: [
      (text) => `“${text}”: how many pieces is it, with all merges?`,
      (word, other) => `Which of these falls into more pieces: “${word}” or “${other}”? They have the same number of letters.`,
      () => "With half of the merges, how long is the text in the field, measured against all of them?",
    ],
    lengths: ["The same", "Up to a fifth longer", "Longer still"],
    said: [
      (list) => `Cut just now: ${list}.`,
      (one, other) => `Cut just now: ${one}, and ${other}. The first is common in that book; the other is the same letters backwards.`,
      (half, all) => `Cut just now: ${half} pieces instead of ${all}. The first merges do most of the work.`,
    ],
  },
  es: {
    pieces: "El texto en piezas",
    field: "Tu texto",
    merges: "Fusiones",
    now: (pieces, letters, share) => `${letters} ${letters === "1" ? "letra es" : "letras son"} ${pieces} ${pieces === "1" ? "pieza" : "piezas"}: ${share} ${share === "1" ? "letra" : "letras"} por pieza.`,
    last: (pair, piece) => `La última fusión: ${pair} → ${piece}`,
    none: "Todavía no hay fusiones: cada letra es una pieza.",
    nothing: "Escribe algo.",
    unknown: (letters) => `En el texto contado no aparece nunca ${letters}. Un modelo no sabría qué hacer con eso.`,
    ask: [
      (text) => `«${text}»: ¿cuántas piezas son, con todas las fusiones?`,
      (word, other) => `¿Cuál de las dos se parte en más piezas: «${word}» o «${other}»? Tienen las mismas letras.`,
      () => "Con la mitad de las fusiones, ¿cuánto mide el texto del campo comparado con todas?",
    ],
    lengths: ["Lo mismo", "Hasta una quinta parte más", "Todavía más"],
    said: [
      (list) => `Cortado ahora mismo: ${list}.`,
      (one, other) => `Cortadas ahora mismo: ${one}, y ${other}. Una es común en ese libro; la otra son las mismas letras al revés.`,
      (half, all) => `Cortado ahora mismo: ${half} piezas en vez de ${all}. Las primeras fusiones hacen casi todo el trabajo.`,
    ],
  },
};

const MOST_LETTERS = 2000; // of the reader's text
const BACKWARDS = 7; // letters, at least, of the word that is turned around

/** @param {import("../desk.js").Desk} desk */
export function open(desk) {
  const { text, about, model } = desk, all = about.merges.length, order = model.orderOf(about.merges);
  const known = new Set(about.letters), shown = (piece) => piece.replaceAll(" ", "·").replaceAll("\n", "↵");
  const sheet = el("p", { class: "cc-pieces", role: "group", "aria-label": text.pieces });
  desk.sheet.append(sheet);
  let many = Math.round(all / 3), controls;

  const field = desk.field({ label: text.field, value: about.sample, lines: 3 }, () => show());
  field.maxLength = MOST_LETTERS;
  const slider = desk.slider({ label: text.merges, min: 0, max: all, step: 1, value: many, digits: 0 }, (to) => { controls.stop(); many = to; show(); });
  controls = desk.transport({
    step: () => { many = Math.min(all, many + 1); return many < all; },
    show: () => { slider.set(many); show(); },
    restart: () => { many = 0; slider.set(0); show(); },
    pace: 30,
  });
  const said = desk.line("said"), figures = desk.line("figures"), note = desk.line("note");

  const show = () => {
    const pieces = model.cut(field.value, model.orderOf(about.merges.slice(0, many))), letters = [...field.value].length;
    const strange = [...new Set([...field.value].filter((letter) => !known.has(letter)))];
    sheet.replaceChildren(...pieces.map((piece) => el("span", {}, shown(piece))));
    said.textContent = letters ? text.now(desk.number(pieces.length, 0), desk.number(letters, 0), desk.number(letters / pieces.length)) : text.nothing;
    figures.textContent = many ? text.last(about.merges[many - 1].map(shown).join(" + "), shown(about.merges[many - 1].join(""))) : text.none;
    note.textContent = strange.length ? text.unknown(strange.slice(0, 5).map((letter) => `“${letter}”`).join(", ")) : "";
    desk.say(said.textContent);
    desk.tell({ pieces: pieces.length, letters, many });
  };
  show();

  const words = about.sample.split(" "), phrase = words.slice(0, 3).join(" ");
  const word = words.find((one) => [...one].length >= BACKWARDS) ?? words.toSorted((a, b) => b.length - a.length)[0];
  const backwards = [...word].toReversed().join("");
  const list = (pieces) => pieces.map(shown).join(" | ");
  desk.questions(
    { ask: text.ask[0](phrase), run: () => {
      const pieces = model.cut(phrase, order);
      return { answer: pieces.length, said: text.said[0](list(pieces)) };
    } },
    { ask: text.ask[1](word, backwards), choices: [word, backwards], run: () => {
      const [one, other] = [word, backwards].map((each) => model.cut(each, order));
      return { answer: one.length > other.length ? 0 : 1, said: text.said[1](list(one), list(other)) };
    } },
    { ask: text.ask[2](), choices: text.lengths, run: () => {
      const [half, whole] = [Math.round(all / 2), all].map((count) => model.cut(field.value, model.orderOf(about.merges.slice(0, count))).length);
      return { answer: half === whole ? 0 : half <= 1.2 * whole ? 1 : 2, said: text.said[2](desk.number(half, 0), desk.number(whole, 0)) };
    } },
  );
}
