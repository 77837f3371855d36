/**
 * Many rounds of recording a busy process into files that are rotated, each cut off by the death of the
 * recorder.
 *
 * @module
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { segmentPath, segmentsOf } from "../../lib/files/segments.ts";
import { repairRecording } from "../../lib/files/repair_trace.ts";
import { openTrace } from "../../lib/session/sd.ts";
import { denoProgram } from "../helpers/deno_program.ts";
import { targetPath } from "./lines.ts";
import { PYTHON } from "./targets.ts";
import { seeded } from "../helpers/seeded.ts";

let drawn: (() => number) | undefined;

/** Draws when to kill; the seed is printed at the first one. */
function random(): number {
  drawn ??= seeded("kill rotating");
  return drawn();
}

/** What was seen. */
export interface RotatingKillsSeen {
  rounds: number;
  /** Snapshots that were acknowledged, and read again, of all rounds. */
  acknowledged: number;
  files: number;
  /** How many rounds left each state. */
  readonly states: Map<string, number>;
}

const MAIN = fileURLToPath(new URL("./rotating_main.ts", import.meta.url));
/** A header takes more, so that each snapshot begins a file; and some snapshots to a file. */
const ROTATE_BYTES = [1000, 6000];
/** In each other round, a recorder is killed up to so long after its first snapshot ... */
const LONGEST_MS = 120;
/** ... and in the rest, as soon as one of its next files is there, or after so long. */
const NEXT_FILES = 5;
const NEXT_FILE_MS = 500;

/**
 * Records, kills with SIGKILL, and reads what is left under the name of the recording.
 *
 * @throws Error if not all that was acknowledged is there, or the target has ended.
 */
export async function killRotatingRecorder(
  rounds: number,
  onProgress: (seen: RotatingKillsSeen) => void = () => {},
): Promise<RotatingKillsSeen> {
  const seen: RotatingKillsSeen = { rounds: 0, acknowledged: 0, files: 0, states: new Map() };
  const folder = mkdtempSync(join(tmpdir(), "softdirty-rotating-"));
  const target = spawn(PYTHON, [targetPath("writing.py")], { stdio: "ignore" });
  try {
    while (seen.rounds < rounds) {
      const output = join(folder, `${seen.rounds}.sdtrace`);
      const acknowledged = await cutOff(target.pid!, output, seen.rounds);
      const { state, files } = check(output, acknowledged);
      seen.states.set(state, (seen.states.get(state) ?? 0) + 1);
      seen.acknowledged += acknowledged.length;
      seen.files += files.length;
      seen.rounds++;
      if (target.exitCode !== null || target.signalCode !== null) {
        throw new Error("The target has ended");
      }
      for (const file of files) rmSync(file);
      onProgress(seen);
    }
    return seen;
  } finally {
    target.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  }
}

/** Gives the lines that were acknowledged. */
async function cutOff(pid: number, output: string, round: number): Promise<string[]> {
  const rotateBytes = ROTATE_BYTES[(round >> 1) % 2];
  const words = ["run", "-A", MAIN, String(pid), output, String(rotateBytes)];
  const recorder = spawn(denoProgram(), words, { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  const ended = new Promise<void>((resolve) => recorder.once("close", () => resolve()));
  const begun = new Promise<void>((resolve) =>
    recorder.stdout.setEncoding("utf8").on("data", (piece) => {
      text += piece;
      resolve();
    })
  );
  await Promise.race([
    begun,
    ended.then(() => Promise.reject(new Error("The recorder has ended"))),
  ]);
  if (round % 2 === 0) await sleep(random() * LONGEST_MS);
  else untilNextFile(output);
  recorder.kill("SIGKILL");
  await ended;
  return text.split("\n").slice(0, -1); // what follows the last line break is no whole line
}

/** Looks without a rest: a file has its header within a fraction of a millisecond. */
function untilNextFile(output: string): void {
  const count = segmentsOf(output).files.length;
  const file = segmentPath(output, count + 1 + Math.floor(random() * NEXT_FILES));
  const startMs = performance.now();
  while (!existsSync(file) && performance.now() - startMs < NEXT_FILE_MS);
}

/** Opens the recording by its name, also once it is repaired. */
function check(output: string, acknowledged: readonly string[]) {
  const { files, missing } = segmentsOf(output);
  assert.deepEqual(missing, []);
  const last = files[files.length - 1];
  const problems = assertAll(output, acknowledged);
  for (const { file, reason } of problems) {
    assert.match(reason, /^(no whole header|the last record is incomplete)/);
    // A file is begun before the one before it has its index.
    assert(files.indexOf(file ?? last) >= files.length - 2, `${file}: ${reason}`);
  }
  const isEmpty = statSync(last).size === 0;
  repairRecording(output);
  const left = assertAll(output, acknowledged);
  assert(left.every(({ file }) => file === last));
  const state = problems.length === 0
    ? "at the end of a record"
    : !/^no whole header/.test(problems[0].reason)
    ? "torn"
    : isEmpty
    ? "last file empty"
    : "last header torn";
  return { state, files };
}

function assertAll(output: string, acknowledged: readonly string[]) {
  const trace = openTrace(output);
  try {
    const found = new Set(
      Array.from(trace.snapshots, ({ atNs, dirty }) => JSON.stringify([atNs, dirty])),
    );
    const lost = acknowledged.filter((line) => !found.has(line));
    assert.deepEqual(lost, [], `${lost.length} of ${acknowledged.length} are lost in ${output}`);
    return trace.problems;
  } finally {
    trace.close();
  }
}
