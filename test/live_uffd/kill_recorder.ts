/**
 * Many rounds of recording a busy process, each cut off by the death of the recorder.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { checkCutOff, type CutOff } from "../helpers/cut_off.ts";
import { start } from "../helpers/softdirty.ts";
import { targetPath } from "./lines.ts";
import { PYTHON } from "./targets.ts";
import { seeded } from "../helpers/seeded.ts";

let drawn: (() => number) | undefined;

/** Draws when to kill; the seed is printed at the first one. */
function random(): number {
  drawn ??= seeded("kill recorder");
  return drawn();
}

/** What was seen. */
export interface KillsSeen {
  rounds: number;
  /** Events that were read again, of all rounds. */
  events: number;
  /** How many rounds left each state. */
  readonly states: Map<CutOff["state"], number>;
}

/** A recorder is killed at most this long after its first event; it writes one about each ms. */
const LONGEST_MS = 80;
/** Once in this many rounds it is asked to end, and killed while it does. */
const ENDING = 5;
/** Once in this many rounds it is killed from its very start on. */
const STARTING = 10;
const STARTING_MS = 1000;

/**
 * Records, kills with SIGKILL, and looks at what is left. The target continues through all rounds.
 *
 * @throws Error if a file has not all that was complete, or the target has ended.
 */
export async function killRecorder(
  rounds: number,
  onProgress: (seen: KillsSeen) => void = () => {},
): Promise<KillsSeen> {
  const seen: KillsSeen = { rounds: 0, events: 0, states: new Map() };
  const folder = mkdtempSync(join(tmpdir(), "softdirty-kills-"));
  const target = spawn(PYTHON, [targetPath("writing.py")], { stdio: "ignore" });
  try {
    while (seen.rounds < rounds) {
      const file = join(folder, `${seen.rounds}.sdtrace`);
      await cutOff(seen.rounds, target.pid!, file);
      const { state, events } = checkCutOff(file);
      seen.states.set(state, (seen.states.get(state) ?? 0) + 1);
      seen.events += events.length;
      seen.rounds++;
      if (target.exitCode !== null || target.signalCode !== null) {
        throw new Error("The target has ended");
      }
      rmSync(file, { force: true });
      onProgress(seen);
    }
    return seen;
  } finally {
    target.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  }
}

async function cutOff(round: number, pid: number, file: string): Promise<void> {
  const recorder = start([
    ...["record", "-p", String(pid), "--tracker", "uffd-wp", "-i", "1ms", "-o", file],
  ]);
  let stderr = "";
  recorder.stderr!.setEncoding("utf8").on("data", (text) => stderr += text);
  const ended = new Promise<void>((resolve) => recorder.once("close", () => resolve()));
  if (round % STARTING === 0) await sleep(random() * STARTING_MS);
  else {
    await untilThere(recorder, file);
    await sleep(random() * LONGEST_MS);
    if (round % ENDING === 1) {
      recorder.kill("SIGTERM");
      await sleep(random() * 5);
    }
  }
  recorder.kill("SIGKILL");
  await ended;
  if (stderr !== "") throw new Error(`The recorder failed: ${stderr}`);
}

async function untilThere(recorder: ChildProcess, file: string): Promise<void> {
  while (!existsSync(file)) {
    if (recorder.exitCode !== null) throw new Error("The recorder has ended");
    await sleep(1);
  }
}
