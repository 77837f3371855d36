/**
 * `npm run bench`: how fast a snapshot is, as ratios to a C program that reads the same pagemap. Rounds
 * of both take turns, so that a machine whose speed drifts does not change the ratio.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, release, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { HelperProcess } from "./helper_process.ts";

const ROUNDS = 21;
const WARM_UP = 5;
/** One page in so many is not there. */
const HOLE = 100;
const TARGET_GIB = Number(process.env.BENCH_GIB ?? 8);

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "softdirty-bench-"));

function compile(name: string): string {
  const program = join(folder, name);
  execFileSync("cc", ["-O2", "-o", program, here(`./peers/${name}.c`)]);
  return program;
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

const ms = (ns: number) => `${(ns / 1e6).toFixed(1)} ms`;

async function race(
  runtime: string,
  command: string,
  args: string[],
  target: number,
  c: HelperProcess,
) {
  const reader = new HelperProcess(command, [...args, join(folder, `${runtime}.sdtrace`)]);
  const idleBytes = Number(await reader.ask("memory"));
  const times = { c: [] as number[], read: [] as number[], record: [] as number[] };
  const ratios = { read: [] as number[], record: [] as number[] };
  let snapshotBytes = 0;
  for (let i = -WARM_UP; i < ROUNDS; i++) {
    const cNs = Number((await c.ask("")).split(" ")[1]);
    const readNs = Number(await reader.ask("read"));
    if (i === -WARM_UP) snapshotBytes = Number(await reader.ask("memory")) - idleBytes;
    const recordNs = Number(await reader.ask("record"));
    if (i < 0) continue;
    times.c.push(cNs);
    times.read.push(readNs);
    times.record.push(recordNs);
    ratios.read.push(readNs / cNs);
    ratios.record.push(recordNs / readNs);
  }
  const peakBytes = Number(await reader.ask("memory")) - idleBytes;
  await reader.end();
  const mb = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
  console.log(`${runtime} (process ${target})
  read    ${ms(median(times.read))}, C ${ms(median(times.c))}: ratio ${
    median(ratios.read).toFixed(3)
  } (at most 1.10)
  record  ${ms(median(times.record))}: ${median(ratios.record).toFixed(3)} of a read (at most 1.10)
  memory  first snapshot +${mb(snapshotBytes)}, after ${2 * (ROUNDS + WARM_UP)} snapshots +${
    mb(peakBytes)
  } (less than 64 MB)`);
}

try {
  console.log(
    `${cpus()[0].model}, ${cpus().length} cores, ${
      (totalmem() / 2 ** 30).toFixed(0)
    } GiB, Linux ${release()}`,
  );
  console.log(
    `medians of ${ROUNDS} rounds; ${TARGET_GIB} GiB resident, one page in ${HOLE} missing at random\n`,
  );
  const target = new HelperProcess(compile("target"), [String(TARGET_GIB), String(HOLE)]);
  await target.line();
  const c = new HelperProcess(compile("read_pagemap"), [String(target.pid)]);
  const reader = here("./reader.mjs");
  const pid = String(target.pid);
  const source = new URL("../../lib/", import.meta.url).href;
  const built = new URL("../../dist/lib/", import.meta.url).href;
  await race("Deno", process.execPath, ["run", "-A", reader, pid, source, "ts"], target.pid, c);
  await race("Node", "node", [reader, pid, built, "js"], target.pid, c);
  await c.end();
  await target.end();
} finally {
  rmSync(folder, { recursive: true });
}
