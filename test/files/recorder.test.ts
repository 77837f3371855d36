import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { RecordingOptions } from "../../lib/files/recorder.ts";
import { openReplay, openTrace } from "../../lib/session/sd.ts";
import { openLive } from "../helpers/open_live.ts";
import { drawnKernel } from "../helpers/drawn_kernel.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

const DRAWINGS = Array.from({ length: 40 }, (_, i) => {
  const letters = Array.from(
    { length: 900 },
    (_, page) => (page * page * (i + 3)) % 31 < 9 ? "D" : "p",
  );
  return `0x10 rw-p [heap] ${letters.join("")}`;
});

/** Records all drawings, and gives the folder and what was seen live. */
async function recorded(options: RecordingOptions) {
  const folder = temporaryFolder();
  const output = join(folder, "a.sdtrace");
  const sd = openLive({ pid: 42, output, kernel: drawnKernel(DRAWINGS), ...options });
  const snapshots = [];
  for await (const one of sd.watch(undefined, { intervalMs: 0, count: DRAWINGS.length })) {
    snapshots.push(one);
  }
  sd.close();
  return { folder, output, snapshots };
}

describe("a recording that is rotated", () => {
  test("by size lies in several files, which open as one", async () => {
    const { folder, output, snapshots } = await recorded({ rotateBytes: 2000 });
    const files = readdirSync(folder).sort();
    expect(files.length).toBeGreaterThan(2);
    expect(files[0]).toBe("a.0001.sdtrace");
    const trace = openTrace(output);
    expect(trace.isIndexed).toBe(true);
    expect([...trace.snapshots]).toEqual(snapshots);
    expect(trace.at(-1)).toEqual(snapshots.at(-1));
    expect(trace.indexesOf(42)).toHaveLength(snapshots.length);
  });

  test("replays as one", async () => {
    const { output, snapshots } = await recorded({ rotateBytes: 2000 });
    const replay = openReplay(output);
    const again = [];
    for await (const one of replay.watch(undefined, { count: DRAWINGS.length })) again.push(one);
    expect(again).toEqual(snapshots);
  });

  test("has files of which each can be read by itself", async () => {
    const { folder, snapshots } = await recorded({ rotateBytes: 2000 });
    const files = readdirSync(folder).sort();
    const found = files.flatMap((file) => [...openTrace(join(folder, file)).snapshots]);
    const { length } = snapshots;
    expect(found.map((one) => ({ ...one, index: 0 }))).toEqual(
      snapshots.map((one) => ({ ...one, index: 0 })),
    );
    expect(found).toHaveLength(length);
  });

  test("keeps the latest files, as many as asked for", async () => {
    const { folder, output, snapshots } = await recorded({ rotateBytes: 2000, keep: 2 });
    expect(readdirSync(folder)).toHaveLength(2);
    const trace = openTrace(output);
    expect(trace.snapshotCount).toBeLessThan(snapshots.length);
    expect(trace.at(-1).pages).toEqual(snapshots.at(-1)!.pages);
  });

  test("by time begins a new file when the old one is old enough", async () => {
    const folder = temporaryFolder();
    const output = join(folder, "a.sdtrace");
    const sd = openLive({ pid: 42, output, kernel: drawnKernel(DRAWINGS), rotateMs: 20 });
    sd.clear();
    await sleep(30);
    sd.read();
    sd.close();
    // Where the machine is busy, the clear took so long that its file was old as well.
    const files = readdirSync(folder).sort();
    expect(files.slice(0, 2)).toEqual(["a.0001.sdtrace", "a.0002.sdtrace"]);
    expect(openTrace(output).snapshotCount).toBe(1);
    expect([...openTrace(output).events()]).toHaveLength(2);
  });
});

test.each(["none", "interval", "each"] as const)("--sync %s records the same", async (sync) => {
  const { output, snapshots } = await recorded({ sync });
  expect(existsSync(output)).toBe(true);
  expect([...openTrace(output).snapshots]).toEqual(snapshots);
});

test("a session that is not closed leaves a trace that is whole but for its index", () => {
  const output = join(temporaryFolder(), "a.sdtrace");
  const sd = openLive({ pid: 42, output, kernel: drawnKernel(DRAWINGS) });
  sd.clear();
  sd.read();
  const trace = openTrace(output);
  expect([trace.isIndexed, trace.problems, trace.eventCount]).toEqual([false, [], 2]);
  sd.close();
  expect(openTrace(output).isIndexed).toBe(true);
  expect(readFileSync(output).length).toBeGreaterThan(trace.sizeBytes);
});
