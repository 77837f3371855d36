/** `importCriu()` over what Debian's CRIU dumped of a target whose writes are known. */

import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { dirtyRates } from "../../lib/analysis/rate.ts";
import { workingSets } from "../../lib/analysis/working_set.ts";
import { PageSet } from "../../lib/core/page_set.ts";
import { importCriu } from "../../lib/import/import_criu.ts";
import { openTrace } from "../../lib/session/sd.ts";
import { criuRecording, everyNth, targetPlaces } from "../helpers/criu_recording.ts";
import { draw } from "../helpers/drawn_pages.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

let folder: string;
let output: string;
beforeEach(() => {
  folder = temporaryFolder();
  output = join(folder, "imported.sdtrace");
});

const snapshots = () => [...openTrace(output).snapshots];
const marks = () =>
  Array.from(openTrace(output).events()).flatMap((event) => "text" in event ? [event.text] : [])
    .join("\n");

describe("importCriu() over two pre-dumps and a dump of CRIU 3.17.1", () => {
  const [parent, child] = [targetPlaces("parent"), targetPlaces("child")];
  beforeEach(() => {
    importCriu([criuRecording("3")], output);
  });

  test("makes a snapshot for each dump and process, oldest first", () => {
    expect(snapshots().map(({ process, index }) => [index, process.command, process.pid])).toEqual([
      [0, "every7th", parent.pid],
      [1, "every5th", child.pid],
      [2, "every7th", parent.pid],
      [3, "every5th", child.pid],
      [4, "every7th", parent.pid],
      [5, "every5th", child.pid],
    ]);
  });

  test.each([["parent", parent, 2, 7], ["child", child, 3, 5]] as const)(
    "reports the pages that the %s wrote, and no others of that region",
    (_, { first }, index, step) => {
      const [, , ...all] = snapshots();
      const region = PageSet.from([{ start: first.private, end: first.private + 2048 }]);
      const [one, next] = [all[index - 2], all[index]];
      expect(one.dirty.intersect(region)).toEqual(everyNth(first.private, 2048, step));
      expect(next.dirty.intersect(region)).toEqual(everyNth(first.private, 2048, step * 2));
      expect(one.pages.present.intersect(region)).toEqual(region);
      const fresh = PageSet.from([{ start: first.new, end: first.new + 56 }]);
      expect(draw(next.dirty.intersect(fresh), 8, first.new)).toBe("#####...");
      const file = next.dirty.countIn(first["file-private"], first["file-private"] + 48);
      expect(file).toBe(4);
    },
  );

  test("reports shared memory as untracked, though it was written", () => {
    const { first } = parent;
    const last = snapshots()[4];
    for (const [region, pageCount] of [["shared", 64], ["file-shared", 40]] as const) {
      const place = PageSet.from([{ start: first[region], end: first[region] + pageCount }]);
      expect(last.untracked.intersect(place)).toEqual(place);
      expect(last.dirty.intersect(place).isEmpty).toBe(true);
    }
  });

  test("measures all but the first from the dump before, in which the bits were cleared", () => {
    const [, , ...measured] = snapshots();
    expect(snapshots().slice(0, 2).map(({ sinceClear }) => sinceClear)).toEqual([null, null]);
    for (const [i, one] of measured.entries()) {
      const before = snapshots()[i];
      expect(one.sinceClear).toMatchObject({ atNs: before.atNs, unseenNs: 0 });
      expect(one.atNs).toBeGreaterThan(before.atNs + before.durationNs);
      expect(one.stoppedNs).toBe(one.durationNs);
    }
    expect(measured[0].atNs).toBeCloseTo(1.9e9, -9);
  });

  test("is what analyses take: two windows of each process", () => {
    const trace = openTrace(output);
    expect([...dirtyRates(trace.snapshots)].map(({ process, bytesPerSecond }) => [
      process.command,
      bytesPerSecond.count,
    ])).toEqual([["every7th", 2], ["every5th", 2]]);
    expect([...workingSets(trace.snapshots)]).toHaveLength(2);
    expect(trace.dirtyUnion(2).has(parent.first.private + 7)).toBe(true);
  });

  test("does not say that this program tried the kernel", () => {
    const { header } = openTrace(output);
    expect(header).toMatchObject({
      tracker: "soft-dirty",
      host: { hostname: "unknown", kernelRelease: "unknown", arch: "x64", pageSizeBytes: 4096 },
      probe: { works: true, hint: "" },
    });
    expect(header.writer).toMatch(/import of CRIU's images$/);
    expect(header.probe.reason).toContain("softdirty did not try this kernel");
    expect(marks()).toContain("imported from 3 dumps of CRIU, oldest first: 1, 2, 3");
    expect(marks()).toContain("CRIU's dump_uptime");
    expect(marks()).toContain("1, 2: pre-dumps hold no mappings");
  });

  test("reports the same from the folders, listed", () => {
    const listed = join(folder, "listed.sdtrace");
    importCriu(["1", "2", "3"].map(criuRecording), listed);
    expect([...openTrace(listed).events()]).toEqual([...openTrace(output).events()]);
  });

  test("reports that the beginning of a part of the chain is not known", () => {
    const part = join(folder, "part.sdtrace");
    importCriu(["2", "3"].map(criuRecording), part);
    const trace = openTrace(part);
    expect(trace.at(0).sinceClear).toBeNull();
    expect(trace.at(2).sinceClear).not.toBeNull();
    expect(trace.event(2)).toMatchObject({ text: expect.stringContaining("2 was made against") });
  });
});

test("importCriu() understands CRIU 4.2.1, which counts pages in another field", () => {
  importCriu([criuRecording("4.2.1/3")], output);
  const { first, pid } = targetPlaces("parent", "4.2.1");
  const region = PageSet.from([{ start: first.private, end: first.private + 2048 }]);
  const [one, two, three] = snapshots().map(({ dirty }) => dirty.intersect(region));
  expect(one).toEqual(region);
  expect(two).toEqual(everyNth(first.private, 2048, 7));
  expect(three).toEqual(everyNth(first.private, 2048, 14));
  // What the copies of pagemap had that were made right before.
  expect(snapshots().map(({ dirty }) => dirty.pageCount)).toEqual([2918, 401, 271]);
  expect(snapshots()[0].process).toMatchObject({ pid, command: "every7th" });
});
