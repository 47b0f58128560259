/**
 * One flat picture made of Gaussians, as ../planar.py has it, number by number; that file says what each step is for.
 * A Gaussian is nine numbers: x, y, the logarithms of its length and its width, angle, the logit of its veil, red, green, blue.
 */

export const NUMBERS = 9;
const [X, Y, LONG, WIDE, ANGLE, VEIL, RED] = [0, 1, 2, 3, 4, 5, 6];
const PAPER = 1, LEAST = 1 / 255, THICKEST = 0.99, FADING = 2e-4, SEEN = 0.6, MOST_MOVED = 0.1, APART = 3;
const RATES = [0.4, 0.4, 0.04, 0.04, 0.04, 0.08, 0.03, 0.03, 0.03];
export const MOVE_EVERY = 25;

export class Fit {
  /** @param {ArrayLike<number>} target height x width x RGB, 0 to 1 @param {{count: number, moves?: boolean}} options */
  constructor(target, width, height, { count, moves = true }) {
    Object.assign(this, { target, width, height, count, moves, steps: 0, moved: 0, lately: 0 });
    this.numbers = new Float64Array(count * NUMBERS);
    for (let i = 0; i < count; i++) {
      const size = Math.log(0.5 * Math.sqrt((width * height) / count));
      const x = ((0.5 + 0.7548776662466927 * (i + 1)) % 1) * width, y = ((0.5 + 0.5698402909980532 * (i + 1)) % 1) * height;
      this.numbers.set([x, y, size, size, 0, 0, 0.5, 0.5, 0.5], i * NUMBERS);
    }
    this.means = new Float64Array(count * NUMBERS);
    this.squares = new Float64Array(count * NUMBERS);
    this.ages = new Float64Array(count);
    this.rates = RATES.map((rate, j) => (j < 2 ? (rate * Math.sqrt(width * height)) / 64 : rate));
    this.picture = new Float64Array(3 * width * height);
    this.light = new Float64Array(width * height);
    this.seen = new Float64Array(count);
    this.slopes = new Float64Array(count * NUMBERS);
  }

  /** One step of gradient descent. @returns {number} the mean squared error before it */
  step() {
    const { numbers, means, squares, slopes, count, target, picture } = this;
    this.lately = 0;
    if (this.moves && this.steps && this.steps % MOVE_EVERY === 0) this.#moveTheUnseen();
    this.paint();
    const wanted = picture.map((value, i) => (2 * (value - target[i])) / picture.length);
    const loss = picture.reduce((sum, value, i) => sum + (value - target[i]) ** 2, 0) / picture.length;
    this.#slope(wanted);
    this.steps++;
    for (let i = 0; i < count; i++) {
      const veil = sigmoid(numbers[i * NUMBERS + VEIL]), age = ++this.ages[i];
      slopes[i * NUMBERS + VEIL] += (FADING / count) * veil * (1 - veil);
      const fresh = 1 - 0.9 ** age, fresher = 1 - 0.99 ** age;
      for (let j = 0, n = i * NUMBERS; j < NUMBERS; j++, n++) {
        means[n] += 0.1 * (slopes[n] - means[n]);
        squares[n] += 0.01 * (slopes[n] ** 2 - squares[n]);
        numbers[n] -= (this.rates[j] * (means[n] / fresh)) / (Math.sqrt(squares[n] / fresher) + 1e-12);
        if (j === LONG || j === WIDE) numbers[n] = Math.max(numbers[n], Math.log(0.4));
      }
    }
    return loss;
  }

  /** The picture of the pile, and in `seen` how many pixels' worth of light each Gaussian gives. */
  paint() {
    const { picture, light, seen, numbers, width } = this;
    picture.fill(0);
    light.fill(1);
    seen.fill(0);
    for (let i = 0; i < this.count; i++) {
      const n = i * NUMBERS, red = numbers[n + RED], green = numbers[n + RED + 1], blue = numbers[n + RED + 2];
      this.#veil(i, (x, y, alpha) => {
        const at = y * width + x, share = alpha * light[at];
        picture[3 * at] += share * red;
        picture[3 * at + 1] += share * green;
        picture[3 * at + 2] += share * blue;
        light[at] -= share;
        seen[i] += share;
      });
    }
    for (let at = 0; at < light.length; at++) for (let c = 0; c < 3; c++) picture[3 * at + c] += light[at] * PAPER;
    return picture;
  }

  /** How the loss changes with every number, given how it changes with every pixel. */
  #slope(wanted) {
    const { picture, light, numbers, slopes, width } = this;
    const below = light.map((_, at) => picture[3 * at] * wanted[3 * at] + picture[3 * at + 1] * wanted[3 * at + 1] + picture[3 * at + 2] * wanted[3 * at + 2]);
    light.fill(1);
    slopes.fill(0);
    for (let i = 0; i < this.count; i++) {
      const n = i * NUMBERS, long = Math.exp(numbers[n + LONG]), wide = Math.exp(numbers[n + WIDE]);
      const cos = Math.cos(numbers[n + ANGLE]), sin = Math.sin(numbers[n + ANGLE]);
      const red = numbers[n + RED], green = numbers[n + RED + 1], blue = numbers[n + RED + 2];
      let turned = 0, veiled = 0;
      this.#veil(i, (x, y, alpha, a, b, free) => {
        const at = y * width + x, share = alpha * light[at], w0 = wanted[3 * at], w1 = wanted[3 * at + 1], w2 = wanted[3 * at + 2];
        const own = w0 * red + w1 * green + w2 * blue;
        below[at] -= share * own;
        light[at] -= share;
        slopes[n + RED] += share * w0;
        slopes[n + RED + 1] += share * w1;
        slopes[n + RED + 2] += share * w2;
        if (!free) return;
        const bent = share * own - (alpha * below[at]) / (1 - alpha);
        slopes[n + X] += bent * ((a * cos) / long - (b * sin) / wide);
        slopes[n + Y] += bent * ((a * sin) / long + (b * cos) / wide);
        slopes[n + LONG] += bent * a * a;
        slopes[n + WIDE] += bent * b * b;
        turned += bent * a * b;
        veiled += bent;
      });
      slopes[n + ANGLE] = turned * (long / wide - wide / long);
      slopes[n + VEIL] = veiled / (1 + Math.exp(numbers[n + VEIL]));
    }
  }

  /** Visit the pixels in which one Gaussian can be seen. */
  #veil(i, visit) {
    const { numbers, width, height } = this, n = i * NUMBERS, thick = sigmoid(numbers[n + VEIL]);
    if (thick <= LEAST) return;
    const { across, down } = reach(numbers, n, thick), x0 = numbers[n + X], y0 = numbers[n + Y];
    const long = Math.exp(numbers[n + LONG]), wide = Math.exp(numbers[n + WIDE]);
    const cos = Math.cos(numbers[n + ANGLE]), sin = Math.sin(numbers[n + ANGLE]);
    const [left, right] = pixels(x0, across, width), [top, bottom] = pixels(y0, down, height);
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++) {
        const dx = x + 0.5 - x0, dy = y + 0.5 - y0, a = (cos * dx + sin * dy) / long, b = (cos * dy - sin * dx) / wide;
        const raw = thick * Math.exp(-0.5 * (a * a + b * b));
        if (raw >= LEAST) visit(x, y, Math.min(raw, THICKEST), a, b, raw < THICKEST);
      }
    }
  }

  /** Put Gaussians that give hardly any light where the picture is worst, on top of the pile. */
  #moveTheUnseen() {
    const { count, width, height, target, numbers } = this, picture = this.paint();
    const unseen = [...this.seen.keys()].filter((i) => this.seen[i] < SEEN).slice(0, Math.max(1, Math.floor(MOST_MOVED * count)));
    const plain = this.light.map((_, at) => [0, 1, 2].reduce((sum, c) => sum + (picture[3 * at + c] - target[3 * at + c]) ** 2, 0));
    const error = plain.map((_, at) => neighbours(at % width, Math.floor(at / width), 1, (near) => plain[near]));
    const small = Math.log(0.02 * Math.sqrt(width * height) + 0.5);
    for (const i of unseen) {
      const at = error.indexOf(Math.max(...error)), x = at % width, y = Math.floor(at / width);
      neighbours(x, y, APART, (near) => (error[near] = -1));
      numbers.set([x + 0.5, y + 0.5, small, small, 0, 0, target[3 * at], target[3 * at + 1], target[3 * at + 2]], i * NUMBERS);
      this.means.fill(0, i * NUMBERS, (i + 1) * NUMBERS);
      this.squares.fill(0, i * NUMBERS, (i + 1) * NUMBERS);
      this.ages[i] = 0;
    }
    const order = [...unseen, ...[...this.seen.keys()].filter((i) => !unseen.includes(i))];
    for (const name of ["numbers", "means", "squares", "ages"]) {
      const old = this[name].slice(), width = name === "ages" ? 1 : NUMBERS;
      order.forEach((from, to) => this[name].set(old.subarray(from * width, (from + 1) * width), to * width));
    }
    this.moved += unseen.length;
    this.lately = unseen.length; // they lie on top now

    function neighbours(x, y, far, ask) {
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
