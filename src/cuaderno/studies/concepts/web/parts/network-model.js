// A neuron, then a small network, as parts/network.py does it.
import { Chance } from "../chance.js";
import { Momentum, Network, points } from "../network.js";

export { Chance, points };
export const KINDS = ["circle", "corners", "moons", "clouds"];
const SPREAD = 2;

/** What the neurons may see of a place, besides x and y. */
export const FEATURES = { squares: ({ x, y }) => [x * x, y * y] };

/** A network that learns to paint a sheet from points. */
export class Painter {
  /** @param {{hidden: number, rate: number, momentum: number, features?: string[]}} settings */
  constructor({ hidden, rate, momentum, features = [] }, chance) {
    this.features = features.map((name) => FEATURES[name]);
    const inputs = this.see({ x: 0, y: 0 }).length;
    this.hidden = hidden;
    this.net = new Network(hidden ? [inputs, hidden, 1] : [inputs, 1], chance, SPREAD);
    this.optimizer = new Momentum(this.net, rate, momentum);
  }

  see(place) {
    const { x, y } = place;
    return this.features.length ? [x, y, ...this.features.flatMap((feature) => feature(place))] : [x, y];
  }

  /** How blue (above 0) or red (below 0) a place is. */
  says(x, y) {
    return this.net.forward(this.see({ x, y }))[0];
  }

  /** One update with all points; the mean surprise before it. */
  update(points) {
    let surprise = 0;
    this.net.forget();
    for (const point of points) {
      const said = this.net.forward(this.see(point))[0], right = 2 * point.colour - 1, against = -right * said;
      surprise += against > 0 ? against + Math.log1p(Math.exp(-against)) : Math.log1p(Math.exp(against));
      this.net.backward([(-right * (1 - Math.tanh((right * said) / 2))) / 2 / points.length]);
    }
    this.optimizer.step();
    return surprise / points.length;
  }

  /** The share of points whose colour it says. */
  accuracy(points) {
    return points.filter(({ x, y, colour }) => this.says(x, y) > 0 === Boolean(colour)).length / points.length;
  }
}

/** Random numbers as they are when a run has drawn its points: its network begins with the next ones. */
export function afterPoints({ seed, number, noise }) {
  const chance = new Chance(seed);
  points("circle", number, noise, chance);
  return chance;
}

/** The points that a run is measured with: the ones that it draws when its network is there. */
export function testPoints(about, number = 500) {
  const chance = afterPoints(about);
  new Painter(about, chance);
  return points("circle", number, about.noise, chance);
}

/** What a whole training begins with. */
export function beginning({ kind, number, noise, seed, ...settings }) {
  const chance = new Chance(seed), all = points(kind, number, noise, chance);
  return { all, painter: new Painter(settings, chance) };
}

export function predict(_, { steps, ...given }) {
  const { all, painter } = beginning(given), losses = Array.from({ length: steps }, () => painter.update(all));
  return {
    losses: losses.filter((_, i) => i % 6 === 0),
    places: all.slice(0, 3).map(({ x, y }) => [x, y]),
    logits: all.slice(0, 8).map(({ x, y }) => painter.says(x, y)),
  };
}
