/** A network of a few neurons, forwards and backwards by hand, and points to learn from: as model.py and data.py do it. */

/** Layers of neurons: each adds up what it gets, with weights, and bends the sum; the last layer does not bend it. */
export class Network {
  /** @param {number[]} sizes inputs, hidden…, outputs @param {import("./chance.js").Chance} chance */
  constructor(sizes, chance, spread = 1) {
    this.sizes = sizes;
    this.numbers = []; // weights (inputs × outputs) and biases (outputs) of each layer in turn
    for (let i = 0; i + 1 < sizes.length; i++) {
      const scale = (i ? 1 : spread) / Math.sqrt(sizes[i]), shift = i === 0 && sizes.length > 2 ? spread : 0;
      this.numbers.push(Float64Array.from({ length: sizes[i] * sizes[i + 1] }, () => scale * chance.normal()));
      this.numbers.push(Float64Array.from({ length: sizes[i + 1] }, () => shift * chance.normal()));
    }
    this.slopes = this.numbers.map((array) => new Float64Array(array.length));
    this.seen = sizes.map((size) => new Float64Array(size));
    this.back = sizes.map((size) => new Float64Array(size));
  }

  /** What the network says of one input. masks: for each hidden layer what a neuron is multiplied by. */
  forward(input, masks) {
    const { sizes, numbers, seen } = this, last = sizes.length - 1;
    for (let i = 0; i < sizes[0]; i++) seen[0][i] = input[i];
    for (let layer = 0; layer < last; layer++) {
      const weights = numbers[2 * layer], biases = numbers[2 * layer + 1], from = seen[layer], to = seen[layer + 1], n = sizes[layer + 1];
      for (let j = 0; j < n; j++) to[j] = biases[j];
      for (let i = 0; i < sizes[layer]; i++) {
        const value = from[i];
        if (value) for (let j = 0, at = i * n; j < n; j++) to[j] += value * weights[at + j];
      }
      if (layer < last - 1) for (let j = 0; j < n; j++) to[j] = Math.tanh(to[j]) * (masks ? masks[layer][j] : 1);
    }
    return seen[last];
  }

  /** Add to the slopes how the loss changes with each number, given how it changes with each output: the chain rule. */
  backward(slope, masks) {
    const { sizes, numbers, slopes, seen, back } = this, last = sizes.length - 1;
    for (let j = 0; j < sizes[last]; j++) back[last][j] = slope[j];
    for (let layer = last - 1; layer >= 0; layer--) {
      const weights = numbers[2 * layer], down = back[layer + 1], from = seen[layer], n = sizes[layer + 1];
      const weightSlopes = slopes[2 * layer], biasSlopes = slopes[2 * layer + 1];
      for (let j = 0; j < n; j++) biasSlopes[j] += down[j];
      for (let i = 0; i < sizes[layer]; i++) {
        let sum = 0;
        for (let j = 0, at = i * n; j < n; j++) {
          weightSlopes[at + j] += from[i] * down[j];
          sum += weights[at + j] * down[j];
        }
        if (!layer) continue;
        const mask = masks ? masks[layer - 1][i] : 1, bent = mask ? from[i] / mask : 0;
        back[layer][i] = sum * mask * (1 - bent * bent);
      }
    }
  }

  forget() {
    for (const slope of this.slopes) slope.fill(0);
  }
}

/** Steps downhill that keep a share of their speed. */
export class Momentum {
  constructor(net, rate, momentum) {
    Object.assign(this, { net, rate, momentum, speeds: net.numbers.map((array) => new Float64Array(array.length)) });
  }

  step() {
    const { net, rate, momentum, speeds } = this;
    net.numbers.forEach((number, k) => {
      const speed = speeds[k], slope = net.slopes[k];
      for (let i = 0; i < number.length; i++) number[i] += speed[i] = momentum * speed[i] - rate * slope[i];
    });
  }
}

/** Steps downhill whose length each number chooses from the slopes that it has seen. */
export class Adam {
  constructor(net, rate) {
    Object.assign(this, { net, rate, means: net.numbers.map((array) => new Float64Array(array.length)), squares: net.numbers.map((array) => new Float64Array(array.length)), steps: 0 });
  }

  step() {
    const { net, rate, means, squares } = this, first = 1 - 0.9 ** ++this.steps, second = 1 - 0.999 ** this.steps;
    net.numbers.forEach((number, k) => {
      const mean = means[k], square = squares[k], slope = net.slopes[k];
      for (let i = 0; i < number.length; i++) {
        mean[i] += 0.1 * (slope[i] - mean[i]);
        square[i] += 0.001 * (slope[i] ** 2 - square[i]);
        number[i] -= (rate * (mean[i] / first)) / (Math.sqrt(square[i] / second) + 1e-8);
      }
    });
  }
}

const PLACES = {
  circle(colour, chance) {
    const radius = colour ? chance.between(0, 0.4) : chance.between(0.65, 0.95), angle = chance.between(0, 2 * Math.PI);
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  },
  corners(colour, chance) {
    const x = chance.between(0.1, 0.9), y = chance.between(0.1, 0.9), side = chance.number() < 0.5 ? 1 : -1;
    return [side * x, (colour ? side : -side) * y];
  },
  moons(colour, chance) {
    const angle = chance.between(0, Math.PI), x = 0.6 * Math.cos(angle), y = 0.6 * Math.sin(angle);
    return colour ? [x + 0.3, -y + 0.15] : [x - 0.3, y - 0.15];
  },
  clouds(colour, chance) {
    const middle = colour ? 0.45 : -0.45, x = middle + 0.2 * chance.normal();
    return [x, middle + 0.2 * chance.normal()];
  },
};

/** Points on a sheet from -1 to 1, of two colours in turn: `[{x, y, colour}, …]`. */
export function points(kind, number, noise, chance) {
  return Array.from({ length: number }, (_, i) => {
    const [x, y] = PLACES[kind](i % 2, chance), dx = noise * chance.normal(), dy = noise * chance.normal();
    return { x: x + dx, y: y + dy, colour: i % 2 };
  });
}
