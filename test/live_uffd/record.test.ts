/** `softdirty record` of processes that know nothing of it, while they work. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openTrace } from "../../lib/session/sd.ts";
import { softdirty } from "../helpers/softdirty.ts";
import { describeLive, describeUnless } from "./proven.ts";
import { TARGET_KINDS } from "./targets.ts";
import { withTarget } from "./with_target.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "softdirty-record-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

for (const { name, lacks, start } of TARGET_KINDS) {
  describeUnless(lacks)(`record of ${name}`, () => {
    for (const options of [[], ["--freeze"]]) {
      test(["sees what it writes, and does not disturb it", ...options].join(" "), async () => {
        const file = join(folder, "a.sdtrace");
        await withTarget(start, async (target) => {
          await target.check();
          const recording = softdirty(
            ...["record", "-p", String(target.pid), "--tracker", "uffd-wp", ...options],
            ...["-i", "50ms", "-n", "5", "-o", file],
          );
          while (!await Promise.race([recording.then(() => true), target.check()]));
          expect(await recording).toMatchObject({
            exitCode: 0,
            stdout: `5 snapshots in ${file}\n${next(file)}`,
            stderr: "",
          });
          await target.check();
          const snapshots = [...openTrace(file).snapshots];
          expect(snapshots).toHaveLength(5);
          for (const { tracker, dirty, sinceClear } of snapshots) {
            expect(tracker).toBe("uffd-wp");
            expect(dirty.pageCount).toBeGreaterThan(0);
            expect(sinceClear).not.toBeNull();
          }
          expect(snapshots.slice(1).map((one) => one.sinceClear?.unseenNs)).toEqual([0, 0, 0, 0]);
        });
      });
    }
  });
}

describeLive("record of a tree of processes", () => {
  test("has who came, went and executed another program", async () => {
    const file = join(folder, "a.sdtrace");
    const script = "sleep 1; sleep 1.8 & sleep 1.5; exec sleep 1";
    const { exitCode, stderr } = await softdirty(
      ...["record", "--children", "--tracker", "uffd-wp", "-i", "50ms", "-o", file],
      ...["--", "sh", "-c", script],
    );
    expect([exitCode, stderr]).toEqual([0, ""]);
    const trace = openTrace(file);
    const [root] = trace.snapshots;
    const events = [...trace.events()].flatMap((e) => "type" in e ? [e] : []);
    const pidsOf = (...types: string[]) =>
      events.flatMap((e) => types.includes(e.type) && "process" in e ? [e.process.pid] : []);
    const came = pidsOf("found", "fork");
    expect(came.length).toBeGreaterThanOrEqual(4); // the first may have been there at once
    expect(pidsOf("fork").length).toBeGreaterThanOrEqual(2);
    expect(events.some((e) => e.type === "exec" && e.process.pid === root.process.pid)).toBe(true);
    const ended = new Set(events.flatMap((e) => e.type === "exit" ? [e.pid] : []));
    expect(came.every((pid) => ended.has(pid))).toBe(true);
    expect(new Set([...trace.snapshots].map((one) => one.process.pid)).size).toBeGreaterThan(2);
  });
});

describeLive("record of a program that renames the trace", () => {
  const script = 'while [ ! -e "$0" ]; do sleep 0.02; done; mv "$0" "$1"; sleep 0.3';
  for (const options of [[], ["--json"]]) {
    test(["names no file that is gone", ...options].join(", "), async () => {
      const [file, other] = ["a", "b"].map((name) => join(folder, `${name}.sdtrace`));
      const { exitCode, stdout, stderr } = await softdirty(
        ...["record", ...options, "--tracker", "uffd-wp", "-i", "50ms", "-o", file],
        ...["--", "sh", "-c", script, file, other],
      );
      expect([exitCode, stderr]).toEqual([0, ""]);
      const { snapshotCount } = openTrace(other);
      if (options.length === 0) {
        expect(stdout).toBe(
          `${snapshotCount} snapshots in a file that was renamed while it was recorded: ` +
            `${file} is no longer there\n`,
        );
      } else expect(JSON.parse(stdout)).toMatchObject({ files: [], snapshotCount });
    });
  }
});

/** What `record` ends with. */
function next(file: string): string {
  return `next: softdirty rate ${file}, or softdirty report ${file} -o report.html\n`;
}
