/**
 * One flat picture made of Gaussians, as ../planar.py has it, number by number; that file says what each step is for.
 * A Gaussian is nine numbers: x, y, the logarithms of its length and its width, angle, the logit of its veil, red, green, blue.
 */

export const NUMBERS = 9;
const [X, Y, LONG, WIDE, ANGLE, VEIL, RED] = [0, 1, 2, 3, 4, 5, 6];
const PAPER = 1, LEAST = 1 / 255, THICKEST = 0.99, FADING = 2e-4, FEW = 0.25, GROWTH = 0.2, SEEN = 0.8, APART = 2;
const RATES = [0.4, 0.4, 0.04, 0.04, 0.04, 0.08, 0.03, 0.03, 0.03];
export const GROW_EVERY = 20;

export class Fit {
  /** @param {ArrayLike<number>} target height x width x RGB, 0 to 1 @param {{count: number, grows?: boolean}} options */
  constructor(target, width, height, { count, grows = true }) {
    Object.assign(this, { target, width, height, count, grows, steps: 0, moved: 0, fresh: 0 });
    const begin = grows ? Math.max(1, Math.floor(FEW * count)) : count, size = Math.log(0.5 * Math.sqrt((width * height) / begin));
    this.numbers = new Float64Array(begin * NUMBERS);
    for (let i = 0; i < begin; i++) {
      const x = ((0.5 + 0.7548776662466927 * (i + 1)) % 1) * width, y = ((0.5 + 0.5698402909980532 * (i + 1)) % 1) * height;
      this.numbers.set([x, y, size, size, 0, 0, 0.5, 0.5, 0.5], i * NUMBERS);
    }
    this.means = new Float64Array(begin * NUMBERS);
    this.squares = new Float64Array(begin * NUMBERS);
    this.ages = new Float64Array(begin);
    this.rates = RATES.map((rate, j) => (j < 2 ? (rate * Math.sqrt(width * height)) / 64 : rate));
    const area = width * height;
    this.picture = new Float64Array(3 * area);
    this.wanted = new Float64Array(3 * area); // how the loss changes with each pixel
    this.light = new Float64Array(area); // what still comes through
    this.below = new Float64Array(area);
    this.veil = { at: new Int32Array(area), alpha: new Float64Array(area), a: new Float64Array(area), b: new Float64Array(area), free: new Uint8Array(area) };
  }

  /** How many Gaussians there are by now. */
  get present() {
    return this.ages.length;
  }

  /** One step of gradient descent. @returns {number} the mean squared error before it */
  step() {
    this.fresh = 0;
    if (this.grows && this.steps && this.steps % GROW_EVERY === 0) this.#grow();
    const { numbers, means, squares, target, wanted, rates, present, ages } = this, picture = this.paint();
    let loss = 0;
    for (let i = 0; i < picture.length; i++) {
      const error = picture[i] - target[i];
      wanted[i] = (2 * error) / picture.length;
      loss += (error * error) / picture.length;
    }
    const slopes = this.#slopes();
    this.steps++;
    for (let i = 0; i < present; i++) {
      const veil = sigmoid(numbers[i * NUMBERS + VEIL]), age = ++ages[i], fresh = 1 - 0.9 ** age, fresher = 1 - 0.99 ** age;
      slopes[i * NUMBERS + VEIL] += (FADING / present) * veil * (1 - veil);
      for (let j = 0, n = i * NUMBERS; j < NUMBERS; j++, n++) {
        means[n] += 0.1 * (slopes[n] - means[n]);
        squares[n] += 0.01 * (slopes[n] * slopes[n] - squares[n]);
        numbers[n] -= (rates[j] * (means[n] / fresh)) / (Math.sqrt(squares[n] / fresher) + 1e-12);
        if (j === LONG || j === WIDE) numbers[n] = Math.max(numbers[n], Math.log(0.4));
      }
    }
    return loss;
  }

  /** The picture of the pile, and in `seen` how many pixels' worth of light each Gaussian gives. */
  paint() {
    const { picture, light, numbers, present, veil: { at, alpha } } = this, seen = (this.seen = new Float64Array(present));
    picture.fill(0);
    light.fill(1);
    for (let i = 0; i < present; i++) {
      const n = i * NUMBERS, red = numbers[n + RED], green = numbers[n + RED + 1], blue = numbers[n + RED + 2], length = this.#lay(n);
      for (let k = 0; k < length; k++) {
        const p = at[k], share = alpha[k] * light[p];
        picture[3 * p] += share * red;
        picture[3 * p + 1] += share * green;
        picture[3 * p + 2] += share * blue;
        light[p] -= share;
        seen[i] += share;
      }
    }
    for (let p = 0; p < light.length; p++) for (let c = 0; c < 3; c++) picture[3 * p + c] += light[p] * PAPER;
    return picture;
  }

  /** How the loss changes with every number, given how it changes with every pixel. */
  #slopes() {
    const { picture, wanted, light, below, numbers, present, veil: { at, alpha, a, b, free } } = this;
    const slopes = new Float64Array(present * NUMBERS);
    for (let p = 0; p < light.length; p++) {
      below[p] = picture[3 * p] * wanted[3 * p] + picture[3 * p + 1] * wanted[3 * p + 1] + picture[3 * p + 2] * wanted[3 * p + 2];
    }
    light.fill(1);
    for (let i = 0, n = 0; i < present; i++, n += NUMBERS) {
      const long = Math.exp(numbers[n + LONG]), wide = Math.exp(numbers[n + WIDE]);
      const cos = Math.cos(numbers[n + ANGLE]), sin = Math.sin(numbers[n + ANGLE]);
      const red = numbers[n + RED], green = numbers[n + RED + 1], blue = numbers[n + RED + 2], length = this.#lay(n);
      let x = 0, y = 0, longer = 0, wider = 0, turned = 0, veiled = 0, r = 0, g = 0, s = 0;
      for (let k = 0; k < length; k++) {
        const p = at[k], share = alpha[k] * light[p], w0 = wanted[3 * p], w1 = wanted[3 * p + 1], w2 = wanted[3 * p + 2];
        const own = w0 * red + w1 * green + w2 * blue;
        below[p] -= share * own;
        light[p] -= share;
        r += share * w0;
        g += share * w1;
        s += share * w2;
        if (!free[k]) continue;
        const bent = share * own - (alpha[k] * below[p]) / (1 - alpha[k]);
        x += bent * ((a[k] * cos) / long - (b[k] * sin) / wide);
        y += bent * ((a[k] * sin) / long + (b[k] * cos) / wide);
        longer += bent * a[k] * a[k];
        wider += bent * b[k] * b[k];
        turned += bent * a[k] * b[k];
        veiled += bent;
      }
      const angle = turned * (long / wide - wide / long), thicker = veiled / (1 + Math.exp(numbers[n + VEIL]));
      slopes.set([x, y, longer, wider, angle, thicker, r, g, s], n);
    }
    return slopes;
  }

  /** Write into `veil` in which pixels one Gaussian can be seen, and how thick it is there. @returns {number} of pixels */
  #lay(n) {
    const { numbers, width, height, veil: { at, alpha, a, b, free } } = this, thick = sigmoid(numbers[n + VEIL]);
    if (thick <= LEAST) return 0;
    const { across, down } = reach(numbers, n, thick), x0 = numbers[n + X], y0 = numbers[n + Y];
    const long = Math.exp(numbers[n + LONG]), wide = Math.exp(numbers[n + WIDE]);
    const cos = Math.cos(numbers[n + ANGLE]), sin = Math.sin(numbers[n + ANGLE]);
    const [left, right] = pixels(x0, across, width), [top, bottom] = pixels(y0, down, height);
    let k = 0;
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++) {
        const dx = x + 0.5 - x0, dy = y + 0.5 - y0, along = (cos * dx + sin * dy) / long, beside = (cos * dy - sin * dx) / wide;
        const raw = thick * Math.exp(-0.5 * (along * along + beside * beside));
        if (raw < LEAST) continue;
        at[k] = y * width + x;
        alpha[k] = Math.min(raw, THICKEST);
        a[k] = along;
        b[k] = beside;
        free[k++] = raw < THICKEST ? 1 : 0;
      }
    }
    return k;
  }

  /** Put new Gaussians, and those that give hardly any light, on top of the pile where the picture is worst. */
  #grow() {
    const { width, height, target, count, present } = this, picture = this.paint();
    const kept = [...this.seen.keys()].filter((i) => this.seen[i] >= SEEN), unseen = present - kept.length;
    const fresh = unseen + Math.min(count - present, Math.floor(GROWTH * present) + 1);
    const plain = this.light.map((_, p) => [0, 1, 2].reduce((sum, c) => sum + (picture[3 * p + c] - target[3 * p + c]) ** 2, 0));
    const error = plain.map((_, p) => near(p, 1, (q) => plain[q]));
    const size = Math.log(0.02 * Math.sqrt(width * height) + 0.5), rows = new Float64Array(fresh * NUMBERS);
    for (let n = 0; n < rows.length; n += NUMBERS) {
      let p = 0;
      for (let q = 1; q < error.length; q++) if (error[q] > error[p]) p = q;
      near(p, APART, (q) => (error[q] = -1));
      rows.set([(p % width) + 0.5, Math.floor(p / width) + 0.5, size, size, 0, 0, target[3 * p], target[3 * p + 1], target[3 * p + 2]], n);
    }
    const joined = (first, old, each) => {
      const whole = new Float64Array((fresh + kept.length) * each);
      whole.set(first);
      kept.forEach((from, to) => whole.set(old.subarray(from * each, (from + 1) * each), (fresh + to) * each));
      return whole;
    };
    this.numbers = joined(rows, this.numbers, NUMBERS);
    this.means = joined([], this.means, NUMBERS);
    this.squares = joined([], this.squares, NUMBERS);
    this.ages = joined([], this.ages, 1);
    this.moved += unseen;
    this.fresh = fresh; // they lie on top now

    function near(p, far, ask) {
      const x = p % width, y = Math.floor(p / width);
      let sum = 0;
      for (let v = Math.max(0, y - far); v <= Math.min(height - 1, y + far); v++) {
        for (let u = Math.max(0, x - far); u <= Math.min(width - 1, x + far); u++) sum += ask(v * width + u);
      }
      return sum;
    }
  }
}

/** How far to the sides, and up and down, a Gaussian can be seen. */
function reach(numbers, n, thick) {
  const long = Math.exp(numbers[n + LONG]), wide = Math.exp(numbers[n + WIDE]), far = Math.sqrt(2 * Math.log(thick / LEAST));
  const cos = Math.cos(numbers[n + ANGLE]), sin = Math.sin(numbers[n + ANGLE]);
  return { across: far * Math.sqrt((long * cos) ** 2 + (wide * sin) ** 2), down: far * Math.sqrt((long * sin) ** 2 + (wide * cos) ** 2) };
}

const pixels = (middle, far, end) => [Math.max(0, Math.ceil(middle - far - 0.5)), Math.min(end, Math.floor(middle + far - 0.5) + 1)];

export const sigmoid = (value) => 1 / (1 + Math.exp(-value));

/** Bytes in base64 as numbers between 0 and 1. @returns {Float64Array} */
export function fromBase64(text) {
  return Float64Array.from(atob(text), (letter) => letter.charCodeAt(0) / 255);
}

/** The usual measure of how close two pictures are, in decibels. */
export const psnr = (loss) => -10 * Math.log10(Math.max(loss, 1e-10));
