/**
 * The GPT in a thread of its own, so that the page stays free while it writes. One job at a time; a new one, or `stop`,
 * ends the one before within a token.
 *
 * In:   {type: "load", artifact}                             the address of the folder with model.json
 *       {type: "write", job, prompt, sampling, numTokens, stops}   numTokens 0 only asks what is expected
 *       {type: "more", job, sampling, numTokens}             go on behind what was written last; 0 as above
 *                                                            both: pause, milliseconds of rest behind each token, and
 *                                                            counting, false for the network alone
 *       {type: "stop"}
 * Out:  {type: "ready", about}                               model.json without its weights, counts, vocabulary
 *       {type: "read", job, unknown, cut}                    see `beginning` in model.js
 *       {type: "wrote", job, pieces}                         each {text, label, probability, rank, odds, counted?}
 *       {type: "done", job, reason, next, numTokens, seconds}   reason: length, said (a stop string) or stopped
 *       {type: "error", job, message}
 * Odds are the likeliest tokens as [label, probability], as they are expected before any rule of sampling. Where counting
 * has its say, each has one number more, [label, probability, counted], and each piece its own `counted`: how much of the
 * probability comes from counting.
 */

import { beginning, expectations, load } from "./model.js";
import { likeliest, USUAL } from "./sampling.js";
import { Gate, Writer } from "./writer.js";

const NUM_ODDS = 12;
const TURN_MS = 14; // about as often as a screen shows a new picture

let artifact; // a promise, so that a job may be asked for while it loads
let current = 0; // the job that may go on
let text; // what is being written: {writer, decode, gate}
let labels = []; // what a person reads of each token

const jobs = { load: fetchArtifact, write, more };

self.addEventListener("message", async ({ data }) => {
  if (data.type === "stop") {
    current = 0;
    return;
  }
  try {
    await jobs[data.type](data);
  } catch (error) {
    self.postMessage({ type: "error", job: data.job, message: String(error?.message ?? error) });
  }
});

async function fetchArtifact({ artifact: address }) {
  artifact = load(async (name) => {
    const response = await fetch(new URL(name, address));
    if (!response.ok) throw new Error(`${name}: ${response.status}`);
    return response.arrayBuffer();
  });
  const { about, bytes } = await artifact;
  const { tensors, tokenizer, ngram, ...rest } = about;
  labels = rest.labels;
  delete rest.labels;
  self.postMessage({ type: "ready", about: { ...rest, counting: Boolean(ngram), kind: tokenizer.kind, bytes } });
}

async function write({ job, prompt, sampling, numTokens, counting = true, pause = 0, stops = [] }) {
  current = job;
  const loaded = await artifact;
  const { tokens, unknown, cut } = beginning(loaded, prompt);
  self.postMessage({ type: "read", job, unknown, cut });
  text = {
    writer: new Writer(loaded, tokens, sampling),
    decode: loaded.tokenizer.decoder(),
    gate: new Gate(stops),
  };
  text.writer.listen(counting);
  await goOn(job, numTokens, pause);
}

async function more({ job, sampling, numTokens, counting = true, pause = 0 }) {
  current = job;
  if (!text) throw new Error("nothing has been written yet");
  text.writer.sampling = { ...USUAL, ...sampling };
  text.writer.listen(counting);
  await goOn(job, numTokens, pause);
}

/** Write up to `numTokens` tokens, with `pause` milliseconds of rest behind each, and look what would come next. */
async function goOn(job, numTokens, pause) {
  const { writer, decode, gate } = text;
  let pieces = []; // written and not yet posted
  let numWritten = 0;
  let seconds = 0; // without the rests
  let began = performance.now();

  /** Hand over what is written and let messages in. @returns {Promise<boolean>} whether to go on */
  async function turn(rest) {
    seconds += (performance.now() - began) / 1000;
    if (pieces.length) self.postMessage({ type: "wrote", job, pieces });
    pieces = [];
    await aMoment(rest);
    began = performance.now();
    return current === job;
  }
  const due = () => performance.now() - began > TURN_MS;
  const done = (reason, next = null) => {
    if (pieces.length) self.postMessage({ type: "wrote", job, pieces });
    seconds += (performance.now() - began) / 1000;
    self.postMessage({ type: "done", job, reason, next, numTokens: numWritten, seconds });
  };

  while (!gate.closed) {
    for (const _ of writer.expect()) if (due() && !(await turn())) return done("stopped");
    if (numWritten === numTokens) break;
    const token = writer.draw();
    numWritten++;
    pieces.push(...gate.pass({ text: decode(token), ...describe(writer, token) }));
    if (pause && !(await turn(pause))) return done("stopped");
  }
  if (gate.closed) return done("said");
  pieces.push(...gate.rest());
  done("length", oddsOf(expectations(writer.logits), writer.counted));
}

/** A token as a person reads it, and what was expected in its place. */
function describe({ logits, counted }, token) {
  const probabilities = expectations(logits);
  const probability = probabilities[token];
  const rank = probabilities.reduce((count, p) => count + (p > probability), 0);
  const piece = { label: label(token), probability, rank, odds: oddsOf(probabilities, counted) };
  return counted ? { ...piece, counted: counted[token] } : piece;
}

function oddsOf(probabilities, counted) {
  const parts = (token) => (counted ? [counted[token]] : []);
  return likeliest(probabilities, NUM_ODDS).map((token) => [label(token), probabilities[token], ...parts(token)]);
}

const label = (token) => labels[token];

const channel = new MessageChannel();
const waiting = [];
channel.port1.onmessage = () => waiting.shift()();

/** Let messages in. Without a rest setTimeout would take four milliseconds all the same; this takes next to nothing. */
function aMoment(rest) {
  return new Promise((resolve) => {
    if (rest) return setTimeout(resolve, rest);
    waiting.push(resolve);
    channel.port2.postMessage(null);
  });
}
