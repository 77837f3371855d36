/**
 * Decoding and uniting the snapshots of a trace, under either runtime, against JSON Lines and against
 * the raw pagemaps.
 *
 * @module
 */

import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { TraceWriter } from "../../lib/trace/writer.ts";
import { type Contest, RUNTIMES } from "./contest.ts";
import { mb, median, ms } from "./figures.ts";
import { randomRuns } from "./random_runs.ts";
import { FIRST, HEADER, snapshotOf } from "./trace_size.ts";

const SNAPSHOTS = Number(process.env.BENCH_SNAPSHOTS ?? 10_000);
const PAGES = 2_097_152;
const SHARE = 20_000 / PAGES;
/** Number of different sets, which are written over and over; each is still decoded again. */
const DIFFERENT = 200;
const ROUNDS = 5;
/** Number of snapshots that are also written as JSON Lines; all of them would take gigabytes. */
const JSON_LINES = 200;
/** Number of times that the pagemap of one snapshot is read, as if it were that many. */
const RAW_PAGEMAPS = 50;

/** Writes the traces; returns how many pages all snapshots have. */
function writeTraces(trace: string, json: string, raw: string): number {
  const sets = Array.from(
    { length: DIFFERENT },
    (_, i) => randomRuns(FIRST, PAGES, SHARE, i + 1),
  );
  const file = openSync(trace, "w");
  const writer = new TraceWriter({ append: (bytes) => void writeSync(file, bytes) }, HEADER);
  let pageCount = 0;
  for (let i = 0; i < SNAPSHOTS; i++) {
    const set = sets[i % DIFFERENT];
    pageCount += set.pageCount;
    writer.read(snapshotOf(set, i));
  }
  writer.finish();
  closeSync(file);
  const lines = openSync(json, "w");
  for (let i = 0; i < JSON_LINES; i++) {
    const pages: number[] = [];
    for (const { start, end } of sets[i % DIFFERENT].runs()) {
      for (let page = start; page < end; page++) pages.push(page);
    }
    writeSync(lines, `${JSON.stringify({ index: i, dirty: pages })}\n`);
  }
  closeSync(lines);
  const highWords = new Uint32Array(PAGES * 2);
  for (const { start, end } of sets[0].runs()) {
    for (let page = start; page < end; page++) highWords[(page - FIRST) * 2 + 1] = 1 << 23;
  }
  writeFileSync(raw, highWords);
  return pageCount;
}

/** Runs and prints it. */
export async function replayRace(contest: Contest): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "softdirty-replay-"));
  const [trace, json, raw] = ["a.sdtrace", "a.jsonl", "a.pagemap"].map((name) =>
    join(folder, name)
  );
  try {
    const pageCount = writeTraces(trace, json, raw);
    console.log(
      `\n== replay: ${SNAPSHOTS} snapshots of 20,000 random pages; medians of ${ROUNDS} rounds`,
    );
    for (const runtime of RUNTIMES) {
      const ours = contest.ours(runtime, process.pid, trace);
      const times: number[] = [];
      const lines: number[] = [];
      const raws: number[] = [];
      for (let i = 0; i < ROUNDS; i++) {
        times.push(Number(await ours.ask("union")));
        lines.push(Number(await ours.ask(`lines ${json}`)));
        raws.push(Number(await ours.ask(`raw ${raw} ${RAW_PAGEMAPS}`)));
      }
      await ours.end();
      const perSecond = pageCount / median(times) * 1e3;
      const perSecondOf = (ns: number[], snapshots: number) =>
        pageCount / SNAPSHOTS * snapshots / median(ns) * 1e3;
      const peer = (rate: number) =>
        `${rate.toFixed(1)} million pages a second: ${(perSecond / rate).toFixed(0)} times slower`;
      console.log(`${runtime}
  decode and union  ${ms(median(times))}: ${
        perSecond.toFixed(0)
      } million pages a second (at least 100)
  over JSON Lines   ${peer(perSecondOf(lines, JSON_LINES))}
  over raw pagemaps ${peer(perSecondOf(raws, RAW_PAGEMAPS))}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const SEEK_SNAPSHOTS = 100_000;
const SEEK_PAGES = 1_048_576;

/** A trace of a gigabyte: how long it takes to open it, and to get one snapshot. */
export async function seekRace(contest: Contest): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "softdirty-seek-"));
  const trace = join(folder, "a.sdtrace");
  try {
    const sets = Array.from(
      { length: 50 },
      (_, i) => randomRuns(FIRST, SEEK_PAGES, 0.01, i + 1),
    );
    const file = openSync(trace, "w");
    const writer = new TraceWriter({ append: (bytes) => void writeSync(file, bytes) }, HEADER);
    for (let i = 0; i < SEEK_SNAPSHOTS; i++) {
      writer.read(snapshotOf(sets[i % sets.length], i, SEEK_PAGES));
    }
    writer.finish();
    closeSync(file);
    console.log(`\n== seek: ${mb(writer.sizeBytes)}, ${SEEK_SNAPSHOTS} snapshots`);
    for (const runtime of RUNTIMES) {
      const opens: number[] = [];
      const seeks: number[] = [];
      let bytes = 0;
      for (let i = 0; i < 5; i++) {
        const ours = contest.ours(runtime, process.pid, trace);
        opens.push(Number(await ours.ask("open")));
        bytes = Number(await ours.ask("memory"));
        seeks.push(Number(await ours.ask("seek 50000")));
        await ours.end();
      }
      console.log(`${runtime}
  open and summary  ${ms(median(opens))} (under 1 s), process with it ${mb(bytes)} (under 150 MB)
  at(50,000)        ${ms(median(seeks))} (under 20 ms)`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
