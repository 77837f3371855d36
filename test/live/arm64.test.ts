/**
 * What a processor of arm64 has that another has not, and attaching must leave as it was. It is run by
 * hand, as scripts/vm/README.md says, and skipped elsewhere.
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ATTACH_STEPS } from "../../lib/kernel/inject/attach_sequence.ts";
import { openLive } from "../../lib/session/live.ts";
import { checksum } from "./computing_main.ts";
import { PrintingTarget } from "./printing_target.ts";
import { range, Target } from "./target.ts";
import { traceFile } from "./trace_file.ts";

const ROUNDS = 50;

/** Attaches, tracks, and detaches. Returns for how many seconds the process was stopped. */
function track(pid: number): number {
  const sd = openLive({ pid, tracker: "uffd-wp", output: traceFile("tracked") });
  try {
    const { stoppedNs } = sd.clear();
    sd.read();
    return stoppedNs / 1e9;
  } finally {
    sd.close();
  }
}

/** A program that attaches to a process, and is killed when it has done a step. */
async function dieAfter(step: string, pid: number): Promise<void> {
  const tracer = fileURLToPath(new URL("./dying_tracer.ts", import.meta.url));
  const child = spawn("deno", ["run", "-A", tracer, String(pid), step], { stdio: "inherit" });
  expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
}

/** Starts a nanosleep(2), which has the kernel write what is left of it. */
function startSleep(seconds: number) {
  const startMs = performance.now();
  const child = spawn("busybox", ["sleep", String(seconds)], { stdio: "inherit" });
  const ended = once(child, "exit").then(([exitCode]) => ({
    exitCode,
    seconds: (performance.now() - startMs) / 1000,
  }));
  return { pid: child.pid!, ended };
}

/** Not too short, and not begun again by an interruption, the time of which comes on top. */
async function expectSlept({ ended }: ReturnType<typeof startSleep>, wanted: number, stopped = 0) {
  const { exitCode, seconds } = await ended;
  expect(exitCode).toBe(0);
  expect(seconds).toBeGreaterThanOrEqual(wanted);
  expect(seconds).toBeLessThan(wanted + stopped + 2);
}

describe.runIf(process.arch === "arm64")("on arm64", () => {
  let computing: PrintingTarget;
  let scalable: PrintingTarget;

  beforeAll(async () => {
    computing = await PrintingTarget.start("computing_main.ts");
    scalable = await PrintingTarget.start("scalable_main.ts");
  });
  afterAll(async () => {
    await computing?.end();
    await scalable?.end();
  });

  /** They continue, and every line that they printed is right. */
  async function expectUndisturbed(): Promise<void> {
    await computing.printed(3);
    await scalable.printed(3);
    expect([...computing.lines.keys()]).toEqual([checksum()]);
    expect([...scalable.lines.keys()]).toEqual(["0"]);
  }

  test("the pages that were written are reported, and no other", async () => {
    const target = await Target.start();
    const sd = openLive({ pid: target.pid, tracker: "uffd-wp", output: traceFile("arm64") });
    try {
      await target.map(0, 4096);
      await target.write(range(0, 4096));
      sd.clear();
      expect(target.pagesOf(target.area(sd.read()).dirty)).toEqual([]);
      await target.write(range(0, 4096, 7));
      expect(target.pagesOf(target.area(sd.read()).dirty)).toEqual(range(0, 4096, 7));
    } finally {
      sd.close();
      await target.end();
    }
  });

  test(`${ROUNDS} rounds leave floating point and scalable vectors as they were`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      track(computing.pid);
      track(scalable.pid);
      await scalable.printed(1);
    }
    await expectUndisturbed();
  }, 300_000);

  test(`${ROUNDS} rounds neither end a sleep nor begin it anew`, async () => {
    const sleeper = startSleep(30);
    let stopped = 0;
    for (let round = 0; round < ROUNDS; round++) stopped += track(sleeper.pid);
    await expectSlept(sleeper, 30, stopped);
  });

  test(`${ROUNDS} rounds leave a process that waits for events waiting for them`, async () => {
    const waiting = await PrintingTarget.start("waiting_main.ts");
    try {
      for (let round = 0; round < ROUNDS; round++) {
        track(waiting.pid);
        await waiting.printed(1);
      }
    } finally {
      await waiting.end();
    }
  });

  // The signal frame restores them then, and it is laid out by hand.
  test.each(ATTACH_STEPS)("a tracer that dies after '%s' leaves all as it was", async (step) => {
    const sleeper = startSleep(15);
    for (const { pid } of [sleeper, computing, scalable]) await dieAfter(step, pid);
    await expectUndisturbed();
    await expectSlept(sleeper, 15);
  });
});
