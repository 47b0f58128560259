/**
 * The networks of the latent study: no DOM, no dependencies, the same in Node, a worker or a page.
 *
 * `../export.py` says how `model.json` and `weights.bin` are laid out, `../model.py` what is computed. All numbers lie in one
 * memory that kernel.js computes on. Pictures are (row, column, channel), between 0 and 1; latents are white: each has
 * mean 0 and deviation 1. Whatever takes several at once is given them one after the other.
 */

import { makeKernel } from "./kernel.js";
import { unpack } from "./weights.js";

const BLOCK = 8; // outputs that the kernel computes side by side
export const MOST = 64; // pictures at once
const RATES = 16, FASTEST = 100; // of the waves that tell the time, as in ../model.py
const FOLD = 4; // squares of so many pixels a side are channels
const CONDITION = 64; // numbers that carry time and class
const EPSILON = 1e-5;
const NOTHING = -Infinity; // no bend in the kernel

/** @param {(name: string) => Promise<ArrayBuffer>} read @param {{plain?: boolean}} options plain: without vectors */
export async function load(read, { plain = false } = {}) {
  const [json, weights] = await Promise.all([read("model.json"), read("weights.bin")]);
  const about = JSON.parse(new TextDecoder().decode(json));
  if (about.format !== 1) throw new Error(`model.json has format ${about.format}, this reader knows format 1`);
  const network = await Network.make(about, unpack(about.tensors, weights), plain);
  return { network, about, bytes: json.byteLength + weights.byteLength };
}

/** What Python is asked too; `../export.py` has the kinds of questions. */
export function predict({ network }, { ask, pixels, latents, noise, places, classes, time, steps, guidance }) {
  const plain = (values) => Array.from(values);
  if (ask === "encode") return { latents: plain(network.encode(asPixels(pixels), 1)) };
  if (ask === "decode") return { pixels: plain(network.decode(Float32Array.from(latents), 1)) };
  if (ask === "place") return { place: plain(network.place(asPixels(pixels), 1)) };
  if (ask === "map") return { pixels: plain(network.paint(Float32Array.from(places), places.length / 2)) };
  if (ask === "velocity") return { velocity: plain(network.velocity(Float32Array.from(noise), time, classes)) };
  if (ask === "film") return { latents: plain(network.film(Float32Array.from(noise), classes, steps, guidance).at(-1)) };
  return { latents: plain(network.dream(Float32Array.from(noise), classes)) };
}

const asPixels = (text) => Float32Array.from(atob(text), (char) => char.charCodeAt(0) / 255);

/** All the networks of a run. */
export class Network {
  static async make(about, tensors, plain) {
    const network = new Network(about, tensors);
    network.kernel = await makeKernel(network.end, plain);
    network.#fill(tensors);
    return network;
  }

  /** Gives everything its place, nothing in it yet. */
  constructor(about, tensors) {
    const { size, channels, latent_dim: latents, width, hidden_dim: hidden, num_blocks: blocks } = about;
    Object.assign(this, { about, size, channels, latents, hidden, pixels: size * size * channels, end: 64, layers: [] });
    const places = size / FOLD, folded = FOLD * FOLD * channels;
    const linear = (name) => this.#linear(name, tensors);
    this.tables = this.#take(8 * MOST);
    this.small = this.#rows(MOST, latents);
    this.answer = this.#rows(MOST, latents);
    this.a = this.#rows(MOST, hidden); this.b = this.#rows(MOST, hidden); this.c = this.#rows(MOST, hidden);
    this.told = this.#rows(MOST, CONDITION); this.waves = this.#rows(1, 2 * RATES); this.moments = this.#rows(1, CONDITION);
    this.modulation = this.#rows(MOST, 3 * hidden);

    const sheet = (depth, border) => this.#sheet(places, depth, border), flat = 2 * width * places * places;
    const [given, seen, known] = [sheet(folded, 1), sheet(2 * width, 1), sheet(2 * width, 0)];
    this.encoder = {
      given, seen, known, flat: this.#rows(1, flat), out: linear("encoder.out"),
      conv_1: this.#convolution("encoder.conv_1", given, seen), conv_2: this.#convolution("encoder.conv_2", seen, known),
    };
    const [begun, wide, ink] = [sheet(2 * width, 1), sheet(4 * width, 1), sheet(folded, 0)];
    this.decoder = {
      begun, wide, ink, flat: this.#rows(MOST, flat), linear_1: linear("decoder.linear_1"), linear_2: linear("decoder.linear_2"),
      conv_1: this.#convolution("decoder.conv_1", begun, wide), conv_2: this.#convolution("decoder.conv_2", wide, ink),
    };
    const flow = (name) => ({
      into: linear(`${name}.into`), out: linear(`${name}.out`),
      blocks: Array.from({ length: blocks }, (_, i) => Object.fromEntries(["modulation", "linear_1", "linear_2"].map((one) => [one, linear(`${name}.block_${i + 1}.${one}`)]))),
    });
    this.flow = { ...flow("flow"), time: linear("flow.time") };
    this.oneStep = flow("one_step");
    const side = about.map_hidden_dim;
    this.x = this.#rows(MOST, side); this.y = this.#rows(MOST, side);
    this.spots = this.#rows(MOST, 2); this.sheets = this.#rows(MOST, this.pixels);
    this.mapEncoder = ["linear_1", "linear_2", "out"].map((one) => linear(`map_encoder.${one}`));
    this.mapDecoder = ["waves", "linear_1", "linear_2", "out"].map((one) => linear(`map_decoder.${one}`));
    const [{ outputs: waves }] = this.mapDecoder;
    this.angles = this.#rows(MOST, waves); this.turned = this.#rows(MOST, 2 + 2 * waves);
  }

  // --- the autoencoder

  /** Where pictures lie in latent space. @param {Float32Array} pixels @returns {Float32Array} count x latents */
  encode(pixels, count = pixels.length / this.pixels) {
    const { kernel: { floats }, encoder: { given, seen, known, flat, out, conv_1, conv_2 }, size, channels } = this;
    const found = new Float32Array(count * this.latents);
    for (let n = 0; n < count; n++) {
      for (let y = 0, at = n * this.pixels; y < size; y++) {
        for (let x = 0; x < size; x++) {
          const into = this.#folded(given, y, x);
          for (let c = 0; c < channels; c++, at++) floats[into + c] = 2 * pixels[at] - 1;
        }
      }
      this.#convolve(conv_1);
      this.#siluSheet(seen);
      this.#convolve(conv_2);
      this.#siluSheet(known);
      floats.copyWithin(flat.at / 4, known.at / 4, known.at / 4 + flat.stride);
      this.#apply(out, flat, this.answer, 1);
      this.#read(this.answer, found.subarray(n * this.latents), 1, this.latents);
    }
    return found;
  }

  /** The pictures at places in latent space. @param {Float32Array} latents @returns {Float32Array} count x pixels */
  decode(latents, count = latents.length / this.latents) {
    const found = new Float32Array(count * this.pixels);
    for (let start = 0; start < count; start += MOST) {
      const some = Math.min(MOST, count - start);
      this.#decodeSome(latents.subarray(start * this.latents), some, found.subarray(start * this.pixels));
    }
    return found;
  }

  #decodeSome(latents, count, found) {
    const { kernel: { floats }, decoder: { begun, wide, ink, flat, linear_1, linear_2, conv_1, conv_2 }, size, channels } = this;
    this.#write(latents, this.small, count, this.latents);
    this.#apply(linear_1, this.small, this.a, count);
    this.#silu(this.a.at, count * this.a.stride);
    this.#apply(linear_2, this.a, flat, count);
    this.#silu(flat.at, count * flat.stride);
    const row = begun.rows * begun.channels;
    for (let n = 0, into = 0; n < count; n++) {
      const from = flat.at / 4 + n * flat.stride;
      for (let y = 0; y < begun.rows; y++) floats.copyWithin(address(begun, y, 0) / 4, from + y * row, from + (y + 1) * row);
      this.#convolve(conv_1);
      this.#siluSheet(wide);
      this.#convolve(conv_2);
      for (let y = 0; y < size; y++) {
        for (let x = 0; x < size; x++) {
          const at = this.#folded(ink, y, x);
          for (let c = 0; c < channels; c++) found[into++] = 1 / (1 + Math.exp(-floats[at + c]));
        }
      }
    }
  }

  /** Where a pixel lies on a sheet, whose squares of pixels are places with many channels. */
  #folded(sheet, y, x) {
    return address(sheet, Math.floor(y / FOLD), Math.floor(x / FOLD)) / 4 + ((y % FOLD) * FOLD + (x % FOLD)) * this.channels;
  }

  // --- the flow, and the network that needs one step

  /** The velocity of points at a time, 1 is noise and 0 is pictures. @param {number[]} classes one each */
  velocity(points, time, classes) {
    const { kernel: { floats }, flow } = this, count = classes.length;
    for (let k = 0; k < RATES; k++) {
      const angle = time * FASTEST ** (k / (RATES - 1));
      floats[this.waves.at / 4 + k] = Math.sin(angle);
      floats[this.waves.at / 4 + RATES + k] = Math.cos(angle);
    }
    this.#apply(flow.time, this.waves, this.moments, 1);
    for (let n = 0; n < count; n++) {
      const into = this.told.at / 4 + n * this.told.stride;
      for (let i = 0; i < CONDITION; i++) floats[into + i] = bend(floats[this.moments.at / 4 + i] + this.classTable[classes[n] * CONDITION + i]);
    }
    return this.#move(flow, points, count);
  }

  /** Latents from noise in one step. @param {number[]} classes one each; their number stands for any of them */
  dream(noise, classes) {
    const found = new Float32Array(noise.length);
    for (let start = 0; start < classes.length; start += MOST) {
      const some = classes.slice(start, start + MOST), { told, kernel: { floats } } = this;
      some.forEach((k, n) => floats.set(this.conditions.subarray(k * CONDITION, (k + 1) * CONDITION), told.at / 4 + n * told.stride));
      const from = noise.subarray(start * this.latents, (start + some.length) * this.latents), way = this.#move(this.oneStep, from, some.length);
      for (let i = 0; i < way.length; i++) found[start * this.latents + i] = from[i] - way[i];
    }
    return found;
  }

  /** The points on their way from noise to pictures, the noise first. @returns {Float32Array[]} steps + 1 of them */
  film(noise, classes, steps, guidance = 1) {
    const any = classes.map(() => this.about.classes.length), stages = [Float32Array.from(noise)];
    for (let k = 0; k < steps; k++) {
      const now = stages[k], way = this.velocity(now, 1 - k / steps, classes);
      if (guidance !== 1) {
        const free = this.velocity(now, 1 - k / steps, any);
        for (let i = 0; i < way.length; i++) way[i] = free[i] + guidance * (way[i] - free[i]);
      }
      stages.push(now.map((value, i) => value - way[i] / steps));
    }
    return stages;
  }

  /** What a flow says of points, when `told` holds their conditions. */
  #move(flow, points, count) {
    const { kernel: { floats }, a, b, c, modulation, hidden } = this;
    this.#write(points, this.small, count, this.latents);
    this.#apply(flow.into, this.small, a, count);
    for (const block of flow.blocks) {
      this.#apply(block.modulation, this.told, modulation, count);
      for (let n = 0; n < count; n++) this.#modulate(a.at / 4 + n * a.stride, modulation.at / 4 + n * modulation.stride, b.at / 4 + n * b.stride);
      this.#apply(block.linear_1, b, c, count);
      this.#silu(c.at, count * c.stride);
      this.#apply(block.linear_2, c, b, count);
      for (let n = 0; n < count; n++) {
        const to = a.at / 4 + n * a.stride, gate = modulation.at / 4 + n * modulation.stride + 2 * hidden, from = b.at / 4 + n * b.stride;
        for (let i = 0; i < hidden; i++) floats[to + i] += floats[gate + i] * floats[from + i];
      }
    }
    this.#apply(flow.out, a, this.answer, count);
    return this.#read(this.answer, new Float32Array(count * this.latents), count, this.latents);
  }

  /** Layer norm, then the scale and the shift that the condition asks for. */
  #modulate(from, shift, into) {
    const { kernel: { floats }, hidden } = this;
    let mean = 0, spread = 0;
    for (let i = 0; i < hidden; i++) mean += floats[from + i];
    mean /= hidden;
    for (let i = 0; i < hidden; i++) spread += (floats[from + i] - mean) ** 2;
    const scale = 1 / Math.sqrt(spread / hidden + EPSILON);
    for (let i = 0; i < hidden; i++) floats[into + i] = (floats[from + i] - mean) * scale * (1 + floats[shift + hidden + i]) + floats[shift + i];
  }

  // --- the map

  /** Where pictures lie on the map. @returns {Float32Array} count x 2 */
  place(pixels, count = pixels.length / this.pixels) {
    const [first, second, out] = this.mapEncoder;
    this.#write(pixels, this.sheets, count, this.pixels);
    this.#apply(first, this.sheets, this.x, count);
    this.#silu(this.x.at, count * this.x.stride);
    this.#apply(second, this.x, this.y, count);
    this.#silu(this.y.at, count * this.y.stride);
    this.#apply(out, this.y, this.spots, count);
    return this.#read(this.spots, new Float32Array(2 * count), count, 2);
  }

  /** The pictures at places of the map. @param {Float32Array} places x, y @returns {Float32Array} count x pixels */
  paint(places, count = places.length / 2) {
    const found = new Float32Array(count * this.pixels), [waves, first, second, out] = this.mapDecoder;
    for (let start = 0; start < count; start += MOST) {
      const some = Math.min(MOST, count - start), { floats } = this.kernel;
      this.#write(places.subarray(2 * start), this.spots, some, 2);
      this.#apply(waves, this.spots, this.angles, some);
      for (let n = 0; n < some; n++) this.#turn(n, waves.outputs);
      this.#apply(first, this.turned, this.x, some);
      this.#silu(this.x.at, some * this.x.stride);
      this.#apply(second, this.x, this.y, some);
      this.#silu(this.y.at, some * this.y.stride);
      this.#apply(out, this.y, this.sheets, some);
      for (let n = 0; n < some; n++) {
        const from = this.sheets.at / 4 + n * this.sheets.stride, into = (start + n) * this.pixels;
        for (let i = 0; i < this.pixels; i++) found[into + i] = 1 / (1 + Math.exp(-floats[from + i]));
      }
    }
    return found;
  }

  /** A place, and the sines and cosines of its angles. */
  #turn(n, waves) {
    const { floats } = this.kernel, spot = this.spots.at / 4 + n * this.spots.stride;
    const angle = this.angles.at / 4 + n * this.angles.stride, into = this.turned.at / 4 + n * this.turned.stride;
    floats.copyWithin(into, spot, spot + 2);
    for (let i = 0; i < waves; i++) {
      floats[into + 2 + i] = Math.sin(floats[angle + i]);
      floats[into + 2 + waves + i] = Math.cos(floats[angle + i]);
    }
  }

  // --- the plan

  #take(bytes) {
    const at = this.end;
    this.end += align(bytes);
    return at;
  }

  /** Rows of numbers, each as long as the kernel writes. */
  #rows(count, length) {
    const stride = padded(length);
    return { at: this.#take(4 * Math.ceil(count / 4) * 4 * stride), stride };
  }

  #sheet(side, channels, border) {
    const sheet = { rows: side, channels: padded(channels), border, at: this.end };
    this.end += align(4 * (side + 2 * border) ** 2 * sheet.channels);
    return sheet;
  }

  #linear(name, tensors) {
    const outputs = tensors[`${name}.bias`].length, inputs = tensors[`${name}.weight`].length / outputs;
    const blocks = padded(outputs) / BLOCK, length = inputs + (inputs & 1);
    const layer = { name, inputs, outputs, blocks, length, weights: this.#take(32 * blocks * length), bias: this.#take(32 * blocks) };
    this.layers.push(layer);
    return layer;
  }

  #convolution(name, from, to) {
    const places = Math.ceil(to.rows ** 2 / 4) * 4, blocks = to.channels / BLOCK, length = 3 * from.channels;
    const layer = { name, from, to, places, blocks, length, tables: this.#take(8 * places) };
    layer.weights = this.#take(32 * blocks * 3 * length);
    layer.bias = this.#take(32 * blocks);
    this.layers.push(layer);
    return layer;
  }

  #fill(tensors) {
    for (const layer of this.layers) {
      const plain = tensors[`${layer.name}.weight`], bias = tensors[`${layer.name}.bias`];
      if (layer.from) this.#packConvolution(layer, plain, bias);
      else this.#pack(layer, plain, bias, layer.length, (i) => i);
    }
    this.classTable = tensors["flow.classes"];
    this.conditions = tensors["one_step.conditions"];
  }

  /** Weights (output, input) as the kernel wants them: (block, input, 8). */
  #pack({ weights, bias }, plain, plainBias, rowLength, place) {
    const { floats } = this.kernel, outputs = plainBias.length, inputs = plain.length / outputs;
    for (let o = 0, n = 0; o < outputs; o++) {
      const first = weights / 4 + (o >> 3) * rowLength * BLOCK + (o & 7);
      for (let i = 0; i < inputs; i++, n++) floats[first + place(i) * BLOCK] = plain[n];
    }
    floats.set(plainBias, bias / 4);
  }

  /** The same for a window of 3 x 3, whose inputs may be followed by channels that are not there. */
  #packConvolution(layer, plain, bias) {
    const { from, to, tables, places } = layer, inputs = plain.length / bias.length / 9, { ints } = this.kernel;
    this.#pack(layer, plain, bias, 3 * layer.length, (i) => Math.floor(i / inputs) * from.channels + (i % inputs));
    for (let n = 0; n < places; n++) {
      const place = Math.min(n, to.rows ** 2 - 1), y = Math.floor(place / to.rows), x = place % to.rows;
      ints[tables / 4 + n] = address(from, y - 1, x - 1);
      ints[tables / 4 + places + n] = address(to, y, x);
    }
  }

  // --- the steps

  #convolve({ from, places, tables, weights, bias, blocks, length }) {
    this.kernel.convolve(places, tables, tables + 4 * places, weights, bias, blocks, 3, length, 4 * (from.rows + 2) * from.channels, NOTHING);
  }

  /** A linear layer, from some rows to others. */
  #apply({ weights, bias, blocks, length }, from, to, count) {
    const { ints, convolve } = this.kernel, places = Math.ceil(count / 4) * 4, tables = this.tables;
    for (let n = 0; n < places; n++) {
      const row = Math.min(n, count - 1);
      ints[tables / 4 + n] = from.at + 4 * row * from.stride;
      ints[tables / 4 + places + n] = to.at + 4 * row * to.stride;
    }
    convolve(places, tables, tables + 4 * places, weights, bias, blocks, 1, length, 0, NOTHING);
  }

  #silu(at, count) {
    const { floats } = this.kernel;
    for (let i = at / 4, end = i + count; i < end; i++) floats[i] = bend(floats[i]);
  }

  /** The same for what lies on a sheet; its border stays 0. */
  #siluSheet(sheet) {
    for (let y = 0; y < sheet.rows; y++) this.#silu(address(sheet, y, 0), sheet.rows * sheet.channels);
  }

  #write(values, rows, count, length) {
    for (let n = 0; n < count; n++) this.kernel.floats.set(values.subarray(n * length, (n + 1) * length), rows.at / 4 + n * rows.stride);
  }

  #read(rows, into, count, length) {
    const { floats } = this.kernel;
    for (let n = 0; n < count; n++) into.set(floats.subarray(rows.at / 4 + n * rows.stride, rows.at / 4 + n * rows.stride + length), n * length);
    return into;
  }
}

const align = (bytes) => Math.ceil(bytes / 16) * 16;
const padded = (channels) => Math.ceil(channels / BLOCK) * BLOCK;
const address = ({ at, rows, channels, border }, y, x) => at + 4 * ((y + border) * (rows + 2 * border) + x + border) * channels;
const bend = (value) => value / (1 + Math.exp(-value)); // SiLU
