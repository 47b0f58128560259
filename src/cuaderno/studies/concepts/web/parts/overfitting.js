/** Overfitting: a curve through a few points, and two errors that part. */

import { el } from "../desk.js";

export const TEXT = {
  en: {
    sheet: "Points, the curve they come from (dashed) and what the network makes of them (blue).",
    errors: "Error in the course of the training, each line across ten times smaller: on the points it learns from (blue), and on others of the same kind (red).",
    number: "Points to learn from",
    noise: "How far they lie off",
    hidden: "Neurons in each hidden layer",
    dropout: "Share that sits out (dropout)",
    begin: "The dashed curve is the truth, and nobody tells the network. Press Play.",
    learning: (steps, train, val) => `After ${steps} updates: error ${train} on its points, ${val} on others.`,
    parted: (steps, best, val) => `It learns the noise: the error on others is ${val}, and it was ${best} at update ${steps}.`,
    key: "blue: points it learns from · red: others",
    ask: [
      "16 points, off by 0.3, 16 neurons in each layer, 600 updates. How does the error on other points end, compared with where it was lowest?",
      "What brings the error on others down most, on average over three sets of points?",
      "Points lie off by 0.3. What is the lowest error on others that any network can hope for?",
    ],
    ends: ["It is still the lowest", "Up to a fifth higher", "More than a fifth higher"],
    helps: ["60 points instead of 16", "A fifth sits out each time", "4 neurons instead of 16"],
    said: [
      (low, step, end) => `It was trained just now: lowest ${low} at update ${step}, ${end} at the end.`,
      (list) => `Nine trainings were run; mean error on others: ${list}.`,
      (floor) => `A thousand points against the true curve: ${floor}, the mean square of what they lie off.`,
    ],
  },
  es: {
    sheet: "Puntos, la curva de la que vienen (discontinua) y lo que la red hace con ellos (azul).",
    errors: "El error a lo largo del entrenamiento, cada línea diez veces menor: en los puntos de los que aprende (azul) y en otros de la misma clase (rojo).",
    number: "Puntos de los que aprende",
    noise: "Cuánto se apartan",
    hidden: "Neuronas de cada capa oculta",
    dropout: "Parte que descansa (dropout)",
    begin: "La curva discontinua es la verdad, y nadie se la dice a la red. Pulsa Reproducir.",
    learning: (steps, train, val) => `Tras ${steps} actualizaciones: error ${train} en sus puntos, ${val} en otros.`,
    parted: (steps, best, val) => `Aprende el ruido: el error en otros es ${val}, y era ${best} en la actualización ${steps}.`,
    key: "azul: los puntos de los que aprende · rojo: otros",
    ask: [
      "16 puntos, apartados 0,3, 16 neuronas por capa, 600 actualizaciones. ¿Cómo acaba el error en otros puntos, comparado con el más bajo que tuvo?",
      "¿Qué baja más el error en otros puntos, de media en tres conjuntos?",
      "Los puntos se apartan 0,3. ¿Cuál es el menor error en otros que puede esperar una red?",
    ],
    ends: ["Sigue siendo el más bajo", "Hasta un quinto mayor", "Más de un quinto mayor"],
    helps: ["60 puntos en vez de 16", "Que cada vez descanse un quinto", "4 neuronas en vez de 16"],
    said: [
      (low, step, end) => `Se acaba de entrenar: el más bajo, ${low}, en la actualización ${step}; al final, ${end}.`,
      (list) => `Se han hecho nueve entrenamientos; error medio en otros: ${list}.`,
      (floor) => `Mil puntos contra la curva verdadera: ${floor}, la media de los cuadrados de lo que se apartan.`,
    ],
  },
};

const MOST = 600; // updates
const LOG = [-3, 0.5]; // of the errors that the lower sheet shows
const WORSE = 1.2; // times the lowest error, from which on it counts as parted

/** @param {import("../desk.js").Desk} desk */
export function open(desk) {
  const { text, about, model } = desk;
  const now = { number: about.number, noise: about.noise, hidden: about.hidden, dropout: about.dropout, rate: about.rate, seed: about.seed };
  const plane = desk.plane({ x: [-1.1, 1.1], y: [-2, 2], label: text.sheet, height: 290, grid: 0.5, numbers: true });
  const truth = plane.draw("path", { class: "cc-pen cc-soft cc-thin cc-dash" }), bent = plane.draw("path", { class: "cc-pen cc-blue" }), dots = plane.draw("g");
  const errors = desk.plane({ x: [0, MOST], y: LOG, label: text.errors, height: 150, grid: 0 });
  for (const level of [-2, -1, 0]) {
    errors.draw("path", { class: "cc-grid", d: `M0 ${errors.py(level)}H400` });
    errors.write(MOST, level, desk.number(10 ** level), "end");
  }
  for (const steps of [200, 400]) errors.write(steps, LOG[0], String(steps));
  const lines = { train: errors.draw("path", { class: "cc-pen cc-blue" }), val: errors.draw("path", { class: "cc-pen cc-red" }) };
  let bender, history, best, controls;

  const across = Array.from({ length: 120 }, (_, i) => -1 + (2 * i) / 119);
  truth.setAttribute("d", plane.path(across.map((x) => [x, model.curve(x)])));
  desk.sheet.append(el("p", { class: "cc-note" }, text.key));
  const said = desk.line("said");

  const note = () => {
    const train = bender.error(bender.train), val = bender.error(bender.val);
    if (val < best.val) best = { val, steps: bender.steps };
    history.push([bender.steps, train, val]);
  };
  const show = () => {
    bent.setAttribute("d", plane.path(across.map((x) => [x, Math.max(-3, Math.min(3, bender.says(x)))])));
    const every = Math.ceil(history.length / 150), few = history.filter((_, i) => i % every === 0 || i === history.length - 1);
    const log = (value) => Math.max(LOG[0], Math.log10(value));
    lines.train.setAttribute("d", errors.path(few.map(([steps, train]) => [steps, log(train)])));
    lines.val.setAttribute("d", errors.path(few.map(([steps, , val]) => [steps, log(val)])));
    const [steps, train, val] = history.at(-1);
    const parted = val > WORSE * best.val && train < best.val;
    const number = (value) => desk.number(value, 3);
    said.textContent = !steps ? text.begin : parted ? text.parted(best.steps, number(best.val), number(val)) : text.learning(steps, number(train), number(val));
    desk.say(said.textContent);
    desk.tell({ ...now, steps, train, val, best });
  };
  const restart = () => {
    controls?.stop();
    bender = new model.Bender(now);
    history = [];
    best = { val: Infinity, steps: 0 };
    dots.replaceChildren();
    for (const [x, y] of bender.train) dots.append(plane.draw("circle", { cx: plane.px(x), cy: plane.py(y), r: 5, class: "cc-mark cc-ink" }));
    note();
    show();
  };
  const slider = (name, about, digits) => desk.slider({ label: text[name], value: now[name], digits, ...about }, (value) => { now[name] = value; restart(); });

  slider("number", { min: 4, max: 60, step: 1 }, 0);
  slider("noise", { min: 0, max: 0.6, step: 0.05 });
  slider("hidden", { min: 1, max: 32, step: 1 }, 0);
  slider("dropout", { min: 0, max: 0.6, step: 0.1 }, 1);
  controls = desk.transport({
    step: () => {
      if (bender.steps >= MOST) return false;
      bender.step();
      note();
      return bender.steps < MOST;
    },
    show, restart, pace: 60,
  });
  restart();

  const given = { number: 16, noise: 0.3, hidden: 16, dropout: 0, rate: about.rate };
  desk.questions(
    { ask: text.ask[0], choices: text.ends, run: async (inTurns) => {
      const one = new model.Bender({ ...given, seed: about.seed });
      let low = Infinity, at = 0, end;
      await inTurns(MOST, () => {
        one.step();
        end = one.error(one.val);
        if (end < low) [low, at] = [end, one.steps];
      });
      return { answer: end <= low ? 0 : end < 1.2 * low ? 1 : 2, said: text.said[0](desk.number(low, 3), at, desk.number(end, 3)) };
    } },
    { ask: text.ask[1], choices: text.helps, run: async (inTurns) => {
      const ways = [{ number: 60 }, { dropout: 0.2 }, { hidden: 4 }], sets = 3;
      const all = ways.flatMap((way) => Array.from({ length: sets }, (_, seed) => new model.Bender({ ...given, ...way, seed })));
      await inTurns(all.length * MOST, (i) => all[Math.floor(i / MOST)].step());
      const means = ways.map((_, k) => all.slice(sets * k, sets * (k + 1)).reduce((sum, one) => sum + one.error(one.val) / sets, 0));
      return { answer: means.indexOf(Math.min(...means)), said: text.said[1](means.map((mean) => desk.number(mean, 3)).join(" · ")) };
    } },
    { ask: text.ask[2], within: 0.15, run: () => {
      const answer = model.floor(0.3, 5);
      return { answer, said: text.said[2](desk.number(answer, 3)) };
    } },
  );
}
