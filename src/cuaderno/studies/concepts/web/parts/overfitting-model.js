// Overfitting, as parts/overfitting.py does it.
import { Chance } from "../chance.js";
import { Adam, Network } from "../network.js";

const NUM_VAL = 100, SPREAD = 4, SPEED = 3;

/** What there is to learn: one and a half waves. */
export const curve = (x) => Math.sin(SPEED * x);

/** Points near the curve: `[[x, y], …]`. */
function sample(number, noise, chance) {
  const across = Array.from({ length: number }, () => chance.between(-1, 1));
  return across.map((x) => [x, curve(x) + noise * chance.normal()]);
}

/** A network that bends a curve through points. */
export class Bender {
  /** @param {{number: number, noise: number, hidden: number, dropout: number, rate: number, seed: number}} settings */
  constructor(settings) {
    const { number, noise, hidden, rate, seed } = settings, chance = new Chance(seed);
    this.settings = settings;
    this.train = sample(number, noise, chance);
    this.net = new Network([1, hidden, hidden, 1], chance, SPREAD);
    this.adam = new Adam(this.net, rate);
    this.val = sample(NUM_VAL, noise, chance);
    this.steps = 0;
  }

  says(x) {
    return this.net.forward([x])[0];
  }

  /** The mean squared error on points. */
  error(points) {
    return points.reduce((sum, [x, y]) => sum + (this.says(x) - y) ** 2, 0) / points.length;
  }

  /** One update with all points; some hidden neurons sit out, and those that stay speak louder. */
  step() {
    const { net, train, settings } = this, { dropout, seed, hidden } = settings;
    const chance = new Chance(1000003 * seed + ++this.steps), keep = 1 - dropout;
    const masks = dropout ? [0, 1].map(() => Float64Array.from({ length: hidden }, () => (chance.number() < keep ? 1 / keep : 0))) : undefined;
    net.forget();
    for (const [x, y] of train) {
      const said = net.forward([x], masks)[0];
      net.backward([(2 * (said - y)) / train.length], masks);
    }
    this.adam.step();
  }
}

/** How wrong the curve itself is about points: less than that can nobody be. */
export function floor(noise, seed) {
  const points = sample(1000, noise, new Chance(seed));
  return points.reduce((sum, [x, y]) => sum + (curve(x) - y) ** 2, 0) / points.length;
}

export function predict(_, { steps, ...settings }) {
  const bender = new Bender(settings), found = { loss: [], val_loss: [] };
  for (let step = 0; step < steps; step++) {
    bender.step();
    if (step % 7) continue;
    found.loss.push(bender.error(bender.train));
    found.val_loss.push(bender.error(bender.val));
  }
  return found;
}
