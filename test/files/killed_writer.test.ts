/** A process that writes a trace, and is killed at any moment. It needs no kernel that tracks. */

import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { Snapshot } from "../../lib/core/snapshot.ts";
import { checkCutOff, type CutOff } from "../helpers/cut_off.ts";
import { denoProgram } from "../helpers/deno_program.ts";
import { seeded } from "../helpers/seeded.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";
import { numberedClear, numberedRead } from "./numbered_events.ts";

const ROUNDS = 50;
const COUNT = 60;
const PIECE_BYTES = 4;
const MAIN = fileURLToPath(new URL("./writing_main.ts", import.meta.url));

/** Starts the writer, kills it so many milliseconds after it is ready, and looks at what it left. */
async function round(file: string, pieceBytes: number, delayMs: number): Promise<CutOff> {
  const child = spawn(denoProgram(), ["run", "-A", MAIN, file, String(COUNT), String(pieceBytes)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  await new Promise((resolve) => child.stdout.once("data", resolve));
  await sleep(delayMs);
  child.kill("SIGKILL");
  await ended;
  return checkCutOff(file);
}

test("a writer that is killed leaves all that was complete, and repair gives it an index", {
  timeout: 240_000,
}, async () => {
  const folder = temporaryFolder();
  const states = new Map<CutOff["state"], number>();
  const random = seeded("killed writer");
  let events = 0;
  for (let i = 0; i < ROUNDS; i++) {
    const left = await round(
      join(folder, `${i}.sdtrace`),
      i % 2 === 0 ? 0 : PIECE_BYTES,
      random() * 60,
    );
    states.set(left.state, (states.get(left.state) ?? 0) + 1);
    for (const event of left.events) {
      if (!(event instanceof Snapshot)) expect(event).toEqual(numberedClear(event.atNs / 1e6));
      else {
        const { dirty } = numberedRead(event.index).pages;
        expect(event.pages.dirty.equals(dirty)).toBe(true);
      }
    }
    events += left.events.length;
  }
  console.log(`${ROUNDS} rounds, ${events} events read:`, Object.fromEntries(states));
  // Kills that came too early or too late prove nothing.
  expect(states.get("torn")).toBeGreaterThan(0);
  expect(states.get("at the end of a record")).toBeGreaterThan(0);
});
