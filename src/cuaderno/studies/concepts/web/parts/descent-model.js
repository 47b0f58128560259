// Gradient descent, as parts/descent.py does it.

export const SHEET = 3; // walks begin within 3 of the middle, to each side
export const PATIENCE = 2000; // steps after which nobody waits any longer
const LOST = 100;
const RESTS = 0.01;

/** How high the ground lies: the loss. @param {"valley" | "hollows"} surface */
export function height(surface, x, y) {
  return surface === "valley" ? 0.05 * x * x + y * y : (x * x - 2) ** 2 / 16 + 0.1 * x + 0.5 * y * y;
}

/** How the height changes with x and with y: the gradient. */
export function slope(surface, x, y) {
  return surface === "valley" ? [0.1 * x, 2 * y] : [(x * (x * x - 2)) / 4 + 0.1, y];
}

/** A walk, one place after the other; after the last one `ending` says how it ended. */
export class Walk {
  constructor({ surface, start, rate, momentum }) {
    Object.assign(this, { surface, rate, momentum, places: [start], speed: [0, 0], ending: "" });
  }

  get steps() {
    return this.places.length - 1;
  }

  step() {
    const [x, y] = this.places.at(-1), [slopeX, slopeY] = slope(this.surface, x, y);
    const speed = [this.momentum * this.speed[0] - this.rate * slopeX, this.momentum * this.speed[1] - this.rate * slopeY];
    const place = [x + speed[0], y + speed[1]];
    this.speed = speed;
    this.places.push(place);
    const still = Math.hypot(...slope(this.surface, ...place)) < RESTS && Math.hypot(...speed) < RESTS;
    this.ending = !(Math.hypot(...place) < LOST) ? "lost" : still ? "rest" : "";
    return place;
  }

  /** On to the end, or for so many steps. */
  run(most = PATIENCE) {
    while (!this.ending && this.steps < most) this.step();
    this.ending ||= "tired";
    return this;
  }
}

/** The learning rate beyond which a walk is lost, found by halving. */
export function highestRate(surface, start, momentum) {
  let [low, high] = [0, 20];
  for (let i = 0; i < 30; i++) {
    const rate = (low + high) / 2;
    if (new Walk({ surface, start, rate, momentum }).run().ending === "lost") high = rate;
    else low = rate;
  }
  return low;
}

export function predict(_, { most, ...given }) {
  const { ending, steps, places } = new Walk(given).run(most);
  return { ending, steps, places: places.slice(0, 12) };
}
