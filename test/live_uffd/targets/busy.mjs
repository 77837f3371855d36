/**
 * Nine threads that do the same sum of floating point numbers again and again, and hold it against
 * the first one. The first thread answers lines meanwhile.
 *
 * @module
 */

import process from "node:process";
import { createInterface } from "node:readline";
import { isMainThread, Worker, workerData } from "node:worker_threads";

const WORKERS = 8;
const TERMS = 4000;
const ROUNDS = 0;
const MISMATCHES = 1;

/** A chaotic sequence: the least error in one term changes all that follow. */
function chaos() {
  let x = 0.123456789;
  let sum = 0;
  for (let i = 0; i < TERMS; i++) {
    x = 3.99999 * x * (1 - x);
    sum += Math.sqrt(x) * Math.sin(i * x);
  }
  return sum;
}

const expected = chaos();

function round(counts) {
  if (chaos() !== expected) Atomics.add(counts, MISMATCHES, 1);
  Atomics.add(counts, ROUNDS, 1);
}

if (!isMainThread) { for (;;) round(workerData); }

const all = Array.from({ length: WORKERS + 1 }, () => new Int32Array(new SharedArrayBuffer(8)));
for (const counts of all.slice(1)) new Worker(new URL(import.meta.url), { workerData: counts });

createInterface({ input: process.stdin }).on("line", (line) => {
  const answer = {
    line,
    rounds: all.map((counts) => Atomics.load(counts, ROUNDS)),
    mismatches: all.reduce((sum, counts) => sum + Atomics.load(counts, MISMATCHES), 0),
    expected,
  };
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}).on("close", () => process.exit());

(function work() {
  round(all[0]);
  setImmediate(work);
})();
