/** Processes and programs that use the same bits as the tracker. */

import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import process from "node:process";
import { expect, test } from "vitest";
import { LiveSource } from "../../lib/session/live_source.ts";
import { openTrace } from "../../lib/session/sd.ts";
import type { WarningEvent } from "../../lib/trace/schema.ts";
import { finished, softdirty, start } from "../helpers/softdirty.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";
import { LineProgram, targetPath } from "./lines.ts";
import { describeLive, describeUnless } from "./proven.ts";
import { lackOf, PYTHON } from "./targets.ts";
import { withTarget } from "./with_target.ts";

async function startNeighbour(): Promise<LineProgram> {
  const program = new LineProgram([PYTHON, targetPath("neighbour.py")]);
  await program.answer();
  return program;
}

const recordArgs = (pid: number, file: string) => [
  ...["record", "-p", String(pid), "--tracker", "uffd-wp", "-n", "3", "-i", "50ms", "-o", file],
];

/** The same from each command that tracks, and from doctor; with --force only a warning. */
async function expectRefusal(pid: number, words: RegExp): Promise<void> {
  const file = join(temporaryFolder(), "a.sdtrace");
  const record = await softdirty(...recordArgs(pid, file));
  expect(record.exitCode).toBe(1);
  expect(record.stderr).toMatch(words);
  const reason = record.stderr.replace(/^softdirty: (.*)\n$/s, "$1");
  const doctor = JSON.parse((await softdirty("doctor", "--json", "-p", String(pid))).stdout);
  const { access } = doctor.target;
  expect(access.find((one: { tracker: string }) => one.tracker === "uffd-wp")).toEqual({
    ...{ tracker: "uffd-wp", isAllowed: false, reason, warnings: [] },
  });
  const top = await softdirty("top", "-p", String(pid), "--tracker", "uffd-wp", "--once");
  expect([top.exitCode, top.stderr]).toEqual([1, `softdirty: ${reason}\n`]);
  const forced = await softdirty(...recordArgs(pid, file), "--force");
  expect([forced.exitCode, forced.stdout]).toEqual([0, expect.stringMatching(/^3 snapshots in /)]);
  const [warning] = openTrace(file).events();
  expect(warning).toMatchObject({ type: "warning", process: { pid } });
  const { message } = warning as WarningEvent;
  expect(reason.startsWith(message)).toBe(true);
  expect(forced.stderr).toContain(message);
  expect((await softdirty("info", file)).stdout).toContain(message);
}

describeLive("a process", () => {
  describeUnless(lackOf(PYTHON))("in python3", () => {
    test.each(["pagemap", "clear_refs"])(
      "that has its own %s open is refused",
      (file) =>
        withTarget(startNeighbour, async (target) => {
          await target.ask({ open: file });
          await expectRefusal(target.pid, new RegExp(`has its own ${file} open`));
        }),
    );

    test("that another softdirty tracks is refused, and tracked once that has ended", () =>
      withTarget(startNeighbour, async (target) => {
        const first = join(temporaryFolder(), "first.sdtrace");
        const args = ["--tracker", "uffd-wp", "-i", "100ms", "-o", first];
        const other = start(["record", "-p", String(target.pid), ...args]);
        const end = finished(other);
        const isTracked = () => openTrace(first).snapshotCount > 0;
        while (!attempt(isTracked)) await sleep(20);
        await expectRefusal(target.pid, /\(\d+ %\) of the private writable memory of process/);
        process.kill(other.pid!, "SIGINT");
        expect((await end).exitCode).toBe(0);
        const after = join(temporaryFolder(), "after.sdtrace");
        const { exitCode, stderr } = await softdirty(...recordArgs(target.pid, after));
        expect([exitCode, stderr]).toEqual([0, ""]);
      }));

    test("that opens a userfaultfd while it is tracked is warned of, and gets EBUSY until the end", () =>
      withTarget(startNeighbour, async (target) => {
        const warnings: WarningEvent[] = [];
        const output = join(temporaryFolder(), "a.sdtrace");
        const source = new LiveSource({
          ...{ tracker: "uffd-wp", output, onWarning: (one) => warnings.push(one) },
        });
        source.clear(target.pid);
        source.take(target.pid);
        expect(warnings).toEqual([]);
        await target.ask({ open: "userfaultfd" });
        await target.ask({ open: "pagemap" });
        expect(await target.ask({ register: true })).toEqual({ error: "Device or resource busy" });
        while (warnings.length === 0) {
          await sleep(50);
          source.take(target.pid);
        }
        expect(warnings.map(({ code }) => code)).toEqual(["reads-own-pages", "own-userfaultfd"]);
        const recorded = [...openTrace(output).events()].filter((event) =>
          "type" in event && event.type === "warning"
        );
        expect(recorded).toEqual(warnings);
        source.close();
        expect(await target.ask({ register: true })).toEqual({});
      }));

    test("whose own userfaultfd has some of its memory is tracked with a warning", () =>
      withTarget(startNeighbour, async (target) => {
        await target.ask({ open: "userfaultfd" });
        await target.ask({ register: true });
        const file = join(temporaryFolder(), "a.sdtrace");
        const { exitCode, stderr } = await softdirty(...recordArgs(target.pid, file));
        expect(exitCode).toBe(0);
        expect(stderr).toMatch(/of the private writable memory .* belong to another userfaultfd/);
        expect(stderr).toMatch(/has a userfaultfd of its own/);
        for (const { untracked } of openTrace(file).snapshots) {
          expect(untracked.pageCount).toBeGreaterThanOrEqual(64);
        }
      }));
  });
});

function attempt(isSo: () => boolean): boolean {
  try {
    return isSo();
  } catch {
    return false;
  }
}
