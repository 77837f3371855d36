import { expect, test } from "vitest";
import { diffSnapshots } from "../../lib/core/diff.ts";
import { PageSet } from "../../lib/core/page_set.ts";
import { diffText } from "../../lib/report/diff_text.ts";
import {
  clearText,
  eventLine,
  markText,
  probeText,
  traceText,
} from "../../lib/report/event_text.ts";
import { runLines } from "../../lib/report/runs_text.ts";
import { snapshotText } from "../../lib/report/snapshot_text.ts";
import { clearAt, PROCESS, snapshot } from "../helpers/drawn_snapshot.ts";
import { HEADER, readerOf, traceBytes } from "../helpers/memory_trace.ts";

const before = snapshot(`
  0x55d0c0de0 rw-p [heap]       DDDp.
  0x7f0000000 rw-p /tmp/\x1b[2J Dddd
`);
const after = snapshot("0x55d0c0de0 rw-p [heap] pDDDdd", {
  atNs: 9e6,
  sinceClear: clearAt(8e6),
  index: 1,
});

test("snapshotText() reports what was written, and sets apart what is only new", () => {
  expect(snapshotText(before)).toMatchInlineSnapshot(`
    "snapshot 0 of drawn (pid 42), 1.00 ms after the clear, read in 50.0 µs
    4 pages dirty, 16.0 KiB: 80.0 % of 5 populated
    and 3 pages of new or grown mappings that hold nothing: reported, not written

    mapping            address  perms  dirty      size   of it
    [heap]        55d0c0de0000  rw-p       3  12.0 KiB  75.0 %
    /tmp/\\x1b[2J  7f0000000000  rw-p       1  4.00 KiB   100 %  +3 new"
  `);
});

test("snapshotText() of a snapshot without a clear says so", () => {
  expect(snapshotText(snapshot("0 rw-p - p", { sinceClear: null }))).toMatchInlineSnapshot(`
    "snapshot 0 of drawn (pid 42), never cleared before, read in 50.0 µs
    0 pages dirty, 0 B: 0 % of 1 populated"
  `);
});

test("snapshotText() lists twelve mappings and sums up the rest", () => {
  const drawing = Array.from({ length: 15 }, (_, i) => `${i * 16} rw-p m${i} D`).join("\n");
  const lines = snapshotText(snapshot(drawing)).split("\n");
  expect(lines.filter((line) => /^m\d/.test(line))).toHaveLength(12);
  expect(lines.at(-1)).toBe("and 3 more mappings with 3 pages dirty");
});

test("diffText() lists pages and mappings", () => {
  expect(diffText(diffSnapshots(before, after))).toMatchInlineSnapshot(`
    "snapshot 0 → 1 of drawn (pid 42)
    became dirty   1 page  4.00 KiB  and 2 that hold nothing
    ceased to be  2 pages  8.00 KiB  and 3 that hold nothing
    stayed dirty  2 pages  8.00 KiB

    change  mapping            address  perms     part
    grew    [heap]        55d0c0de5000  rw-p    1 page
    went    /tmp/\\x1b[2J  7f0000000000  rw-p   4 pages"
  `);
});

test("diffText() warns of what makes the comparison doubtful", () => {
  const undisturbed = snapshot("0 rw-p - DD", { sinceClear: clearAt(0) });
  const disturbed = snapshot("0 rw-p - pD", { sinceClear: clearAt(0), atNs: 5e6 });
  expect(diffText(diffSnapshots(undisturbed, disturbed))).toContain(
    "1 page lost the dirty bit without a clear",
  );
  const other = snapshot("0 rw-p - D", { process: { ...PROCESS, pid: 7 } });
  expect(diffText(diffSnapshots(undisturbed, other))).toContain("different processes");
});

test("runLines() gives a line for each run within a mapping", () => {
  const touching = snapshot("0x10 rw-p a pDD\n0x13 r--p b D.D");
  expect([...runLines(touching)]).toEqual([
    "0\t00011000\t2\ta",
    "0\t00013000\t1\tb",
    "0\t00015000\t1\tb",
  ]);
});

test("events are printed in one line each", () => {
  expect(clearText(clearAt(5))).toBe("cleared drawn (pid 42) in 1.00 µs");
  expect(markText({ type: "mark", text: "a\nb", atNs: 1e9 })).toBe('marked "a\\x0ab" at +1.00 s');
  expect([
    eventLine(clearAt(1e6)),
    eventLine(before),
    eventLine({ type: "mark", text: "\x07", atNs: 1 }),
    eventLine({ type: "exit", pid: 42, reason: "process-exited", atNs: 2e9 }),
  ].join("\n")).toMatchInlineSnapshot(`
    "    +1.00 ms  clear  drawn (pid 42)
        +2.00 ms  read   drawn (pid 42): snapshot 0, 4 pages dirty (16.0 KiB)
           +1 ns  mark   \\x07
         +2.00 s  exit   pid 42: process-exited"
  `);
});

test("the reason of an exit is made safe", () => {
  expect(eventLine({ type: "exit", pid: 1, reason: "\x1b[2J", atNs: 0 })).toContain("\\x1b[2J");
});

test("untracked memory is reported, and counts neither as dirty nor as clean", () => {
  const huge = snapshot("0x200 rw-s /anon_hugepage pppp\n0x300 rw-p - Dp");
  const pages = { ...huge.pages, hugetlb: PageSet.from([{ start: 0x200, end: 0x204 }]) };
  const text = snapshotText(snapshot("0x200 rw-s /anon_hugepage pppp\n0x300 rw-p - Dp", { pages }));
  expect(text).toContain(
    "24.0 KiB writable, 16.0 KiB (66.7 %) untracked: soft-dirty does not track hugetlb memory",
  );
  expect(text).toContain("1 page dirty, 4.00 KiB: 50.0 % of 2 populated");
});

test("memory that an import lacks is called neither hugetlb nor refused by userfaultfd", () => {
  const drawing = "0x200 rw-s - pppp\n0x300 rw-p - Dp";
  const range = (start: number, end: number) => PageSet.from([{ start, end }]);
  const plain = snapshot(drawing).pages;
  const unwatched = { ...plain, unwatched: range(0x200, 0x204) };
  const text = snapshotText(snapshot(drawing, { pages: unwatched }));
  expect(text).toContain("16.0 KiB (66.7 %) untracked: what was imported has nothing of it");
  expect(text).not.toContain("hugetlb");
  const both = { ...unwatched, hugetlb: range(0x203, 0x204) };
  const lines = snapshotText(snapshot(drawing, { pages: both }));
  expect(lines).toContain(
    "16.0 KiB (66.7 %) untracked: 4.00 KiB: soft-dirty does not track hugetlb memory; " +
      "12.0 KiB: what was imported has nothing of it",
  );
  const uffd = snapshotText(snapshot(drawing, { pages: unwatched, tracker: "uffd-wp" }));
  expect(uffd).toContain("16.0 KiB (66.7 %) untracked: userfaultfd refuses it");
});

test("the proof of an import is not called one of this program, and is made safe", () => {
  const reason = "CRIU tracked \x1b[31mwith it";
  const header = { ...HEADER, probe: { ...HEADER.probe, reason } };
  const text = traceText(readerOf(traceBytes(() => {}, header)));
  expect(text).toContain("tracker   soft-dirty, CRIU tracked \\x1b[31mwith it");
  expect(probeText(header.probe)).toMatch(/^soft-dirty worked: CRIU tracked \\x1b/);
});

test("traceText() reports where and how a trace was recorded, and what is missing of it", () => {
  const bytes = traceBytes((writer) => {
    writer.clear(clearAt(1e6));
    writer.read(before);
  });
  expect(traceText(readerOf(bytes)).replace(/: \d+ B/, ": N B")).toMatchInlineSnapshot(`
    "drawn.sdtrace: N B, format 3
    recorded  2023-11-14T22:13:20.000Z by softdirty test
    on        drawn, kernel 6.1.0 (x64), pages of 4.00 KiB
    tracker   soft-dirty, proven to track
    events    1 clear, 1 read
    process   drawn (pid 42)
    time      1.00 ms from first event to last"
  `);
  expect(traceText(readerOf(bytes.subarray(0, -1)))).toContain(
    "left out: the last record is incomplete",
  );
});

test("probeText() shows the steps of the proof", () => {
  expect(probeText(HEADER.probe)).toMatchInlineSnapshot(`
    "soft-dirty works on this kernel, proven by trying:
      write  expected 1, found 1  as expected"
  `);
  expect(
    probeText({
      tracker: "soft-dirty",
      works: false,
      readBy: "pagemap",
      steps: [{ action: "write", expectedDirty: true, foundDirty: false }],
      reason: "It does not track",
      hint: "Take another kernel",
    }),
  ).toMatchInlineSnapshot(`
    "soft-dirty does not work here: It does not track.
      write  expected 1, found 0  wrong
    Take another kernel."
  `);
});
