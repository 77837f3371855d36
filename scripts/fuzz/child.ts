/**
 * Runs cases in a process of its own, which may hang or die of them. Before each case it prints the
 * number of it; at the end, or when one fails, a line of JSON.
 *
 * Arguments: the seed, the first case, and for how many seconds; 0 for that case alone.
 *
 * @module
 */

import { writeSync } from "node:fs";
import process from "node:process";
import { prepareCompression } from "../../lib/trace/zstd.ts";
import { Cases } from "../../test/fuzz/cases.ts";
import { oddWritesAt } from "../../test/fuzz/odd_writes.ts";
import { useAll } from "../../test/fuzz/use_all.ts";
import { isOfWriter, type Report } from "./report.ts";

const LONGEST_MS = 2000;
const MOST_BYTES = 2 ** 30;

const [seed, first, seconds] = process.argv.slice(2).map(Number);
const report: Report = { cases: 0, outcomes: {}, longestMs: 0, mostBytes: 0, failure: undefined };

function run(bytes: Uint8Array): { outcome: string; ms: number } {
  const startMs = performance.now();
  const outcome = useAll(bytes);
  return { outcome, ms: performance.now() - startMs };
}

/** What is wrong; undefined if nothing is. */
function failure(n: number): string | undefined {
  try {
    const bytes = isOfWriter(n) ? oddWritesAt(seed, n) : cases.at(n).bytes;
    let { outcome, ms } = run(bytes);
    // The machine may have been busy with something else.
    if (ms > LONGEST_MS) ms = Math.min(ms, run(bytes).ms);
    report.outcomes[outcome] = (report.outcomes[outcome] ?? 0) + 1;
    report.longestMs = Math.max(report.longestMs, ms);
    report.mostBytes = Math.max(report.mostBytes, process.memoryUsage().rss);
    if (ms > LONGEST_MS) return `it took ${Math.round(ms)} ms`;
    if (report.mostBytes > MOST_BYTES) return `it took ${report.mostBytes >>> 20} MiB`;
  } catch (error) {
    return (error as Error).stack ?? String(error);
  }
}

await prepareCompression();
const cases = new Cases(seed);
const endMs = performance.now() + seconds * 1000;
for (let n = first; n === first || performance.now() < endMs; n++) {
  writeSync(1, `${n}\n`);
  report.failure = failure(n);
  report.cases++;
  if (report.failure !== undefined) break;
}
writeSync(1, `${JSON.stringify(report)}\n`);
