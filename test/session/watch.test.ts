import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ProcessError } from "../../lib/core/errors.ts";
import type { Snapshot } from "../../lib/core/snapshot.ts";
import { openReplay, type Sd } from "../../lib/session/sd.ts";
import { openLive } from "../helpers/open_live.ts";
import { drawnKernel } from "../helpers/drawn_kernel.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

const DRAWINGS = ["0 rw-p [heap] DDp.", "0 rw-p [heap] pDD.", "0 rw-p [heap] pppD"];

describe("sd.watch()", () => {
  async function watched(sd: Sd, options: Parameters<Sd["watch"]>[1]): Promise<Snapshot[]> {
    const snapshots: Snapshot[] = [];
    for await (const snapshot of sd.watch(undefined, { intervalMs: 1, ...options })) {
      snapshots.push(snapshot);
    }
    return snapshots;
  }

  test("gives as many snapshots as asked for, each since its own clear", async () => {
    const sd = openLive({ pid: 42, output: null, kernel: drawnKernel(DRAWINGS) });
    const snapshots = await watched(sd, { count: 2 });
    expect(snapshots.map((one) => one.index)).toEqual([0, 1]);
    expect(snapshots[1].sinceClear!.atNs).toBeGreaterThan(snapshots[0].atNs);
  });

  test("from the start, does not clear before the first snapshot", async () => {
    const output = join(temporaryFolder(), "a.sdtrace");
    const sd = openLive({ pid: 42, output, kernel: drawnKernel(DRAWINGS) });
    const snapshots = await watched(sd, { fromStart: true, count: 2 });
    expect(snapshots.map((one) => one.sinceClear === null)).toEqual([true, false]);
    const replayed = await watched(openReplay(output), { fromStart: true, count: 2 });
    expect(replayed).toEqual(snapshots);
  });

  test("ends with the process, and with the trace, without an error", async () => {
    const output = join(temporaryFolder(), "a.sdtrace");
    const sd = openLive({ pid: 42, output, kernel: drawnKernel(DRAWINGS) });
    expect(await watched(sd, {})).toHaveLength(3);
    expect(await watched(openReplay(output), {})).toHaveLength(3);
    expect(await watched(openReplay(output), { count: 2 })).toHaveLength(2);
  });

  test("waits longer than a timer can", async () => {
    const stop = new AbortController();
    const sd = openLive({ pid: 42, output: null, kernel: drawnKernel(DRAWINGS) });
    setTimeout(() => stop.abort(), 50);
    const snapshots = await watched(sd, { intervalMs: 2 ** 32, signal: stop.signal });
    expect(snapshots[0].atNs - snapshots[0].sinceClear!.atNs).toBeGreaterThan(30e6);
  });

  test("waits no longer than its duration", async () => {
    const sd = openLive({ pid: 42, output: null, kernel: drawnKernel(DRAWINGS) });
    expect(await watched(sd, { intervalMs: 60_000, durationMs: 20 })).toHaveLength(1);
  });

  test("begins again when the process executes another program", async () => {
    const drawn = drawnKernel(DRAWINGS);
    let reads = 0;
    const createTracker: typeof drawn.createTracker = (kind, nowNs) => {
      const tracker = drawn.createTracker(kind, nowNs);
      const read = () => {
        if (reads++ > 0) return tracker.read(42);
        throw new ProcessError("address-space-replaced", 42, "Process 42 replaced its memory");
      };
      return { ...tracker, read };
    };
    const output = join(temporaryFolder(), "a.sdtrace");
    const sd = openLive({ pid: 42, output, kernel: { ...drawn, createTracker } });
    expect(await watched(sd, { count: 2 })).toHaveLength(2);
    expect(await watched(openReplay(output), { count: 2 })).toHaveLength(2);
  });

  test("ends when it is aborted, after a last read", async () => {
    const stop = new AbortController();
    const sd = openLive({ pid: 42, output: null, kernel: drawnKernel(DRAWINGS) });
    setTimeout(() => stop.abort(), 20);
    expect(await watched(sd, { intervalMs: 60_000, signal: stop.signal })).toHaveLength(1);
  });

  test("ends after its duration", async () => {
    const sd = openLive({
      pid: 42,
      output: null,
      kernel: drawnKernel(Array(1000).fill(DRAWINGS[0])),
    });
    const snapshots = await watched(sd, { intervalMs: 5, durationMs: 500 });
    expect(snapshots.length).toBeGreaterThan(1);
    expect(snapshots.length).toBeLessThan(110);
    expect(snapshots.at(-1)!.atNs - snapshots[0].sinceClear!.atNs).toBeGreaterThanOrEqual(499e6);
  });

  test("ends when the pid was given to another process", async () => {
    const drawn = drawnKernel(DRAWINGS);
    const createTracker: typeof drawn.createTracker = (kind, nowNs) => ({
      ...drawn.createTracker(kind, nowNs),
      read: () => {
        throw new ProcessError("pid-reused", 42, "Pid 42 belongs to another process now");
      },
    });
    const sd = openLive({ pid: 42, output: null, kernel: { ...drawn, createTracker } });
    expect(await watched(sd, {})).toEqual([]);
  });

  test("throws what is wrong from the start", async () => {
    const sd = openLive({ pid: 42, output: null, kernel: drawnKernel([]) });
    await expect(watched(sd, {})).rejects.toThrow(ProcessError);
  });
});
