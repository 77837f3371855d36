/** On a real kernel with soft-dirty: what its document promises, and what was measured beyond. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ProcessError } from "../../lib/core/errors.ts";
import { PAGE_FLAGS, type Snapshot } from "../../lib/core/snapshot.ts";
import { openLive } from "../../lib/session/live.ts";
import { openReplay, openTrace, type Sd } from "../../lib/session/sd.ts";
import { range, Target } from "./target.ts";
import { traceFile } from "./trace_file.ts";

let target: Target;
let sd: Sd;
let file: string;

beforeAll(async () => {
  target = await Target.start();
});
afterAll(() => target.end());

beforeEach(async ({ task }) => {
  // A name in brackets at the end of a test names its trace.
  file = traceFile(/\[(\w+)\]$/.exec(task.name)?.[1] ?? "unnamed");
  await target.renew();
  sd = openLive({ pid: target.pid, output: file });
});
afterEach(() => sd.close());

/** Dirty pages of the area, populated or not. */
const dirty = () => target.pagesOf(target.area(sd.read()).dirty);

describe("clear, wait, read", () => {
  test("reads exactly the 586 pages written, every 7th of 4096 [every7]", async () => {
    const written = range(0, 4096, 7);
    expect(written).toHaveLength(586);
    await target.map(0, 4096);
    await target.write(range(0, 4096));
    sd.mark(`area ${target.addressOf(0)} ${target.addressOf(4096)}`);
    sd.clear();
    expect(dirty()).toEqual([]);
    await target.write(written);
    const first = sd.read();
    expect(target.pagesOf(target.area(first).dirty)).toEqual(written);
    expect(target.area(first).populated.pageCount).toBe(4096);

    sd.mark("shifted by one");
    sd.clear();
    await target.write(range(0, 4096, 14));
    await target.write([1]);
    const second = sd.read();
    const diff = sd.diff(target.area(first), target.area(second));
    expect(target.pagesOf(diff.stayed)).toEqual(range(0, 4096, 14));
    expect(target.pagesOf(diff.ceased)).toEqual(range(7, 4096, 14));
    expect(target.pagesOf(diff.became)).toEqual([1]);
    expect(diff.mappings).toEqual([]);
  });

  test("forgets nothing by reading: a second read shows the same and more", async () => {
    await target.map(0, 64);
    await target.write(range(0, 64));
    sd.clear();
    await target.write([3, 5]);
    expect(dirty()).toEqual([3, 5]);
    await target.write([4]);
    expect(dirty()).toEqual([3, 4, 5]);
  });

  test("reports no page that was only read", async () => {
    await target.map(0, 64);
    await target.write(range(0, 64));
    sd.clear();
    await target.look(range(0, 64));
    expect(dirty()).toEqual([]);
  });

  test("reports a page that a read made and a write then changed", async () => {
    await target.map(0, 64);
    await target.look(range(0, 64));
    sd.clear();
    await target.write([9]);
    expect(dirty()).toEqual([9]);
  });

  test("keeps its bits when memory is made read-only and writable again", async () => {
    await target.map(0, 64);
    await target.write(range(0, 64));
    sd.clear();
    await target.write([7]);
    await target.protect(0, 64, false);
    expect(dirty()).toEqual([7]);
    await target.protect(0, 64, true);
    await target.write([8]);
    expect(dirty()).toEqual([7, 8]);
  });
});

describe("new memory", () => {
  test("reports a mapping that was unmapped and mapped again at the same place [renewed]", async () => {
    await target.map(8, 64);
    await target.write(range(8, 72));
    sd.clear();
    const before = sd.read();
    await target.unmap(8, 64);
    await target.map(8, 64);
    await target.write([10, 11]);
    const after = sd.read();
    expect(target.pagesOf(target.area(before).dirty)).toEqual([]);
    expect(target.pagesOf(target.area(after).dirty)).toEqual(range(8, 72));
    expect(target.pagesOf(target.area(after).dirtyPopulated)).toEqual([10, 11]);
    const changes = sd.diff(target.area(before), target.area(after)).mappings;
    expect(changes.map((change) => change.kind)).toEqual(["renewed"]);
    expect(changes[0].end - changes[0].start).toBe(64);
  });

  test("reports a mapping that was renewed across a clear", async () => {
    await target.map(8, 64);
    await target.write(range(8, 72));
    const before = sd.read();
    sd.clear();
    await target.unmap(8, 64);
    await target.map(8, 64);
    await target.write([10]);
    const changes = sd.diff(target.area(before), target.area(sd.read())).mappings;
    expect(changes.map((change) => change.kind)).toEqual(["renewed"]);
  });

  test("reports a mapping that grew, and by how much [grew]", async () => {
    await target.map(8, 64);
    await target.unmap(72, 16);
    await target.write(range(8, 72));
    sd.clear();
    const before = sd.read();
    await target.map(72, 16);
    await target.write([80]);
    const after = sd.read();
    const diff = sd.diff(target.area(before), target.area(after));
    expect(diff.mappings.map(({ kind, start, end }) => [kind, end - start])).toEqual([[
      "grew",
      16,
    ]]);
    // The kernel marks the mapping as a whole, the old part too: reported, not written.
    expect(target.pagesOf(target.area(after).dirty)).toEqual(range(8, 88));
    expect(target.pagesOf(target.area(after).dirtyPopulated)).toEqual([...range(8, 72), 80]);
    expect(target.pagesOf(target.area(after).dirtyUnpopulated)).toEqual(
      range(72, 88).filter((page) => page !== 80),
    );
  });

  test("reports a mapping that came and one that went", async () => {
    await target.map(8, 16);
    await target.write([8]);
    sd.clear();
    const before = sd.read();
    await target.map(100, 16);
    const after = sd.read();
    await target.unmap(8, 16);
    const last = sd.read();
    const kinds = (a: typeof before, b: typeof before) =>
      sd.diff(target.area(a), target.area(b)).mappings.map((change) => change.kind);
    expect(kinds(before, after)).toEqual(["came"]);
    expect(kinds(after, last)).toEqual(["went"]);
  });

  test("reports a vast reservation as new, and forgets it with the next clear", async () => {
    sd.clear();
    await target.renew(1 << 20);
    const { dirty, dirtyPopulated } = target.area(sd.read());
    expect([dirty.pageCount, dirtyPopulated.pageCount]).toEqual([1 << 20, 0]);
    sd.clear();
    expect(target.area(sd.read()).dirty.pageCount).toBe(0);
  });

  test("shows dropped pages as gone, not as written", async () => {
    await target.map(0, 64);
    await target.write(range(0, 64));
    sd.clear();
    await target.write([1, 2]);
    await target.drop(0, 32);
    const area = target.area(sd.read());
    expect(target.pagesOf(area.dirty)).toEqual([]);
    expect(target.pagesOf(area.populated)).toEqual(range(32, 64));
  });
});

describe("explained", () => {
  const reasons = (snapshot: Snapshot) =>
    target.area(snapshot).explain().shares.filter(({ pages }) => !pages.isEmpty)
      .map(({ reason, pages, undecidedPages }) => [reason, pages.pageCount, undecidedPages]);

  test("a new mapping of which every page was written is recognized by its mark", async () => {
    await target.map(0, 64);
    await target.write(range(0, 64));
    sd.clear();
    await target.map(100, 32);
    await target.write([...range(100, 132), 3]);
    expect(reasons(sd.read(undefined, { explain: true }))).toEqual([
      ["written", 1, 0],
      ["new-mapping", 32, 0],
    ]);
  });
});

describe("a trace of a live process", () => {
  test("gives the same snapshots as the live session", async () => {
    await target.map(0, 64);
    sd.clear();
    await target.write([1, 2, 3]);
    const live = sd.read();
    const replay = openReplay(file);
    replay.clear();
    const replayed = replay.read();
    const { pages, ...rest } = replayed;
    expect(PAGE_FLAGS.filter((flag) => !pages[flag].equals(live.pages[flag]))).toEqual([]);
    expect({ ...rest, pages: live.pages }).toEqual({ ...live });
    expect(openTrace(file).header.probe.works).toBe(true);
  });

  test("is whole when the process is killed, and says so", async () => {
    await target.map(0, 64);
    sd.clear();
    sd.read();
    await target.end();
    const { pid } = target;
    target = await Target.start();
    expect(() => sd.read()).toThrow(ProcessError);
    expect(() => sd.read()).toThrow(expect.objectContaining({ code: "process-exited" }));
    const trace = openTrace(file);
    expect(trace.problems).toEqual([]);
    expect(trace.event(trace.eventCount - 1)).toMatchObject({ type: "exit", pid });
  });
});

test("the probe proves this kernel", () => {
  expect(sd.probe()).toMatchObject({ tracker: "soft-dirty", works: true, reason: "" });
});
