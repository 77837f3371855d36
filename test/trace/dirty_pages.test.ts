import { describe, expect, test } from "vitest";
import { PageSet } from "../../lib/core/page_set.ts";
import { TraceReader } from "../../lib/trace/reader.ts";
import { snapshot } from "../helpers/drawn_snapshot.ts";
import { memorySource, readerOf, traceBytes } from "../helpers/memory_trace.ts";

describe("TraceReader.dirtyUnion()", () => {
  const drawings = Array.from(
    { length: 60 },
    (_, i) => {
      const page = (n: number) => (n * 31 + i * i) % 97 < 3 + i % 4;
      return Array.from({ length: 300 }, (_, n) => page(n) ? "D" : "p").join("");
    },
  );
  const hidden = PageSet.from([{ start: 0x10, end: 0x40 }]);
  const snapshots = drawings.map((drawing, index) => {
    const one = snapshot(`0x10 rw-p [heap] ${drawing}`, { index, atNs: index });
    const process = index % 3 === 0 ? { pid: 7, startTimeTicks: 1, command: "other" } : one.process;
    // Some snapshots have pages that are dirty and not tracked.
    const pages = index % 20 < 3 ? { ...one.pages, hugetlb: hidden } : one.pages;
    const fields = { index, atNs: index, process, pages, sinceClear: null };
    return snapshot(`0x10 rw-p [heap] ${drawing}`, fields);
  });
  const written = (from: number, to?: number) =>
    traceBytes((writer) => {
      for (const one of snapshots.slice(from, to)) writer.read(one);
      writer.finish();
    });
  const trace = readerOf(written(0));
  const pieces = [written(0, 7), written(7, 40), written(40)].map(memorySource);
  const rotated = new TraceReader(pieces, "rotated.sdtrace");
  const united = (from: number, to: number) =>
    snapshots.slice(from, to).reduce((all, one) => all.union(one.dirty), PageSet.empty);

  test.each([[0, 60], [5, 6], [17, 43], [50, 50], [3, 20]])(
    "is the union of snapshots %d to %d, wherever their keyframes and their files lie",
    (from, to) => {
      const expected = united(from, to).toJSON();
      expect(trace.dirtyUnion(from, to).toJSON()).toEqual(expected);
      expect(rotated.dirtyUnion(from, to).toJSON()).toEqual(expected);
    },
  );
});
