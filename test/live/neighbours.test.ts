/** Who else uses the soft-dirty bits of a process. In this process: each command takes long in a VM. */

import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { diagnose } from "../../lib/session/diagnose.ts";
import { LiveSource } from "../../lib/session/live_source.ts";
import { openLive } from "../../lib/session/live.ts";
import { startTiny, type TinyProgram } from "../helpers/tiny_program.ts";

async function withTarget(
  kind: Parameters<typeof startTiny>[0],
  action: (target: TinyProgram) => Promise<void> | void,
): Promise<void> {
  const target = await startTiny(kind);
  try {
    await action(target);
  } finally {
    await target.end();
  }
}

/** Clears, and gives the warnings. */
function cleared(pid: number, careful = false): string[] {
  const warnings: string[] = [];
  const source = new LiveSource({
    ...{ output: null, tracker: "soft-dirty", careful },
    onWarning: ({ code, message }) => warnings.push(`${code}: ${message}`),
  });
  try {
    source.clear(pid);
    return warnings;
  } finally {
    source.close();
  }
}

const CLEARED = /were cleared before: \d+ of its pages exist and are not soft-dirty.* CRIU/;

test("all pages of a process that was not tracked before are soft-dirty, so there is no warning", () =>
  withTarget("static", ({ pid }) => expect(cleared(pid, true)).toEqual([])));

test("bits that somebody cleared before are warned of, and with careful left alone", () =>
  withTarget("static", ({ pid }) => {
    cleared(pid);
    expect(() => cleared(pid, true)).toThrow(CLEARED);
    expect(cleared(pid)).toEqual([expect.stringMatching(/^cleared-before: /)]);
    expect(cleared(pid)[0]).toMatch(CLEARED);
    const [softDirty] = diagnose(pid).target!.access;
    expect(softDirty).toMatchObject({ tracker: "soft-dirty", isAllowed: true });
    expect(softDirty.warnings[0]).toMatch(CLEARED);
  }));

test("another program that has the pagemap open is named", () =>
  withTarget("static", async ({ pid }) => {
    const reader = spawn("sh", ["-c", `exec 3< /proc/${pid}/pagemap; exec sleep 1000`]);
    try {
      while (!readdirSync(`/proc/${reader.pid}/fd`).includes("3")) await sleep(20);
      expect(cleared(pid)[0]).toContain(`The pagemap of process ${pid} is open in ${reader.pid} (`);
    } finally {
      reader.kill("SIGKILL");
    }
  }));

test.each(["32-bit", "leaderless"] as const)(
  "a %s program is tracked",
  (kind) =>
    withTarget(kind, async (target) => {
      const sd = openLive({ pid: target.pid, output: null, tracker: "soft-dirty" });
      for (let i = 0; i < 3; i++) {
        sd.clear();
        expect(sd.read().dirty.pageCount).toBeLessThan(10);
        await target.check();
        expect(sd.take().dirty.has(0x600000 / 4096)).toBe(true);
      }
      sd.close();
    }),
);
