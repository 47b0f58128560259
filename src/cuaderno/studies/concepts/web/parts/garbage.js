/** Letters go in, probabilities come out; and the reader decides how much garbage the model is fed. */

import { Chance } from "../chance.js";
import { el } from "../desk.js";

export const TEXT = {
  en: {
    fed: "What it reads",
    share: "Garbage: letters replaced by chance",
    before: "What goes in",
    numbers: "as numbers",
    next: "What comes out: how likely each letter is to follow",
    write: "Write on",
    written: "What it writes, letter by letter",
    space: "space",
    said: (loss, lost) => `Surprise on clean text: ${loss} per letter. Knowing nothing, it would be ${lost}.`,
    misled: "It is worse than knowing nothing: it is sure, and wrong, where it was fed garbage.",
    unknown: (letter) => `It has no number for “${letter}”, so that cannot go in.`,
    ask: [
      "Half of the letters garbage. How much more does clean text surprise it?",
      "It reads the same clean text twice. How does that change its surprise on text that it has not read?",
      "It reads nothing at all. How surprised is it by a letter?",
    ],
    worse: ["Less than a tenth more", "A tenth to a half more", "Over half as much again"],
    twice: ["Less surprised", "The same, within one hundredth", "More surprised"],
    answers: [
      (before, after) => `Both were counted just now: ${before} with clean text, ${after} with garbage.`,
      (once, twice) => `Counted just now: ${once} after reading once, ${twice} after reading twice. It only grew surer of the same.`,
      (loss, letters) => `${loss}: the logarithm of the ${letters} letters there are, each as likely as the other.`,
    ],
  },
  es: {
    fed: "Lo que lee",
    share: "Basura: letras cambiadas al azar",
    before: "Lo que entra",
    numbers: "en números",
    next: "Lo que sale: la probabilidad de que siga cada letra",
    write: "Seguir escribiendo",
    written: "Lo que escribe, letra a letra",
    space: "espacio",
    said: (loss, lost) => `Sorpresa ante un texto limpio: ${loss} por letra. Sin saber nada sería ${lost}.`,
    misled: "Es peor que no saber nada: donde le dieron basura está seguro y se equivoca.",
    unknown: (letter) => `No tiene número para «${letter}», así que eso no puede entrar.`,
    ask: [
      "La mitad de las letras son basura. ¿Cuánto más le sorprende un texto limpio?",
      "Lee dos veces el mismo texto limpio. ¿Cómo cambia su sorpresa ante un texto que no ha leído?",
      "No lee nada en absoluto. ¿Cuánto le sorprende una letra?",
    ],
    worse: ["Menos de un 10 % más", "De un 10 a un 50 % más", "Más de un 50 % más"],
    twice: ["Menos sorpresa", "La misma, con una centésima de margen", "Más sorpresa"],
    answers: [
      (before, after) => `Se acaban de contar los dos: ${before} con el texto limpio, ${after} con basura.`,
      (once, twice) => `Contado ahora mismo: ${once} tras leer una vez, ${twice} tras leer dos. Solo está más seguro de lo mismo.`,
      (loss, letters) => `${loss}: el logaritmo de las ${letters} letras que hay, todas igual de probables.`,
    ],
  },
};

const BARS = 6; // of the likeliest letters
const LETTERS = 160; // that it writes at a press
const MOST = 6000; // letters of the reader's own text

/** @param {import("../desk.js").Desk} desk */
export function open(desk) {
  const { text, about, model } = desk, { letters, judged, seed } = about;
  const known = new Set(letters), named = (letter) => (letter === " " ? `␣ ${text.space}` : letter);
  let share = 0, counts, luck = 1, written = "";

  const fed = el("textarea", { rows: 6, spellcheck: "false", "aria-label": text.fed, maxlength: MOST, oninput: () => feed() });
  fed.value = about.fed;
  const spoilt = el("p", { class: "cc-fed" }), bars = el("ol", { class: "cc-near", "aria-label": text.next }), out = el("p", { class: "cc-fed", "aria-label": text.written });
  desk.sheet.append(el("label", { class: "cc-field" }, el("span", {}, text.fed), fed), spoilt, el("p", { class: "cc-note" }, text.next), bars, el("p", { class: "cc-note" }, text.written), out);

  desk.slider({ label: `${text.share} (%)`, min: 0, max: 100, step: 5, value: 0, digits: 0 }, (to) => { share = to / 100; feed(); });
  const before = desk.field({ label: text.before, value: about.fed.slice(0, 12) }, () => { written = ""; show(); });
  const figures = desk.line("figures");
  desk.buttons([text.write, () => { written = counts.write(clean(before.value), LETTERS, new Chance(luck++)); show(); }]);
  const said = desk.line("said"), note = desk.line("note");

  const clean = (given) => [...given].filter((letter) => known.has(letter)).join("");
  const trained = (given, much) => new model.Counts(letters).read(model.spoiled(clean(given), much, letters, seed));
  const feed = () => {
    counts = trained(fed.value, share);
    spoilt.textContent = share ? `${model.spoiled(clean(fed.value), share, letters, seed).slice(0, 160)} …` : "";
    written = counts.write(clean(before.value), LETTERS, new Chance(luck));
    show();
  };
  const show = () => {
    const given = clean(before.value), odds = counts.expect(given), loss = counts.loss(judged);
    const best = odds.map((odd, at) => [odd, at]).toSorted(([a], [b]) => b - a).slice(0, BARS);
    bars.replaceChildren(...best.map(([odd, at]) => el("li", {}, el("span", { class: "cc-letter" }, named(counts.letters[at])), el("span", { class: "cc-like", style: `--like: ${odd}`, "aria-hidden": "true" }), el("span", { class: "cc-readout" }, `${Math.round(100 * odd)} %`))));
    figures.textContent = `${text.numbers}: ${[...given].slice(-model.ORDER).map((letter) => counts.number.get(letter)).join(" ")}`;
    out.replaceChildren(el("span", { class: "cc-before" }, given), written);
    const nothing = Math.log(letters.length);
    said.textContent = text.said(desk.number(loss), desk.number(nothing)) + (loss > nothing ? ` ${text.misled}` : "");
    const strange = [...before.value].find((letter) => !known.has(letter));
    note.textContent = strange ? text.unknown(strange) : "";
    desk.say(said.textContent);
    desk.tell({ share, loss, best: best.map(([odd, at]) => [counts.letters[at], odd]), written });
  };
  feed();

  desk.questions(
    { ask: text.ask[0], choices: text.worse, run: () => {
      const [one, two] = [0, 0.5].map((much) => trained(about.fed, much).loss(judged)), more = two / one - 1;
      return { answer: more < 0.1 ? 0 : more <= 0.5 ? 1 : 2, said: text.answers[0](desk.number(one), desk.number(two)) };
    } },
    { ask: text.ask[1], choices: text.twice, run: () => {
      const once = trained(about.fed, 0).loss(judged), twice = trained(about.fed, 0).read(clean(about.fed)).loss(judged), change = twice - once;
      return { answer: Math.abs(change) < 0.01 ? 1 : change < 0 ? 0 : 2, said: text.answers[1](desk.number(once, 3), desk.number(twice, 3)) };
    } },
    { ask: text.ask[2], within: 0.02, run: () => {
      const loss = new model.Counts(letters).loss(judged);
      return { answer: loss, said: text.answers[2](desk.number(loss, 3), letters.length) };
    } },
  );
}
