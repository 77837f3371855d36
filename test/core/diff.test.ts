import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { diffSnapshots } from "../../lib/core/diff.ts";
import { Snapshot } from "../../lib/core/snapshot.ts";
import { draw } from "../helpers/drawn_pages.ts";
import { clearAt, PROCESS, snapshot } from "../helpers/drawn_snapshot.ts";

/** A snapshot that was read before the clear of {@linkcode later}. */
const earlier = (drawing: string) => snapshot(drawing, { atNs: 1e6, sinceClear: clearAt(5e5) });
const later = (drawing: string) =>
  snapshot(drawing, { atNs: 3e6, sinceClear: clearAt(2e6), index: 1 });
/** One that was read with no clear in between. */
const uncleared = (drawing: string) =>
  snapshot(drawing, { atNs: 3e6, sinceClear: clearAt(5e5), index: 1 });

const kinds = (before: ReturnType<typeof snapshot>, after: ReturnType<typeof snapshot>) =>
  diffSnapshots(before, after).mappings.map((change) =>
    `${change.kind} ${change.start.toString(16)}-${change.end.toString(16)}`
  );

describe("diffSnapshots() on pages", () => {
  test("reports what became dirty, ceased to be, and stayed", () => {
    const diff = diffSnapshots(earlier("0 rw-p - DDpp."), later("0 rw-p - DpDp."));
    expect(draw(diff.became, 5)).toBe("..#..");
    expect(draw(diff.ceased, 5)).toBe(".#...");
    expect(draw(diff.stayed, 5)).toBe("#....");
  });

  test("finds nothing between a snapshot and itself", () => {
    const same = earlier("0 rw-p - DSdps.");
    const diff = diffSnapshots(same, same);
    expect(diff.became.isEmpty && diff.ceased.isEmpty && diff.mappings.length === 0).toBe(true);
    expect(diff.stayed.pageCount).toBe(3);
  });

  test("names pages that lost their bit without a clear of ours", () => {
    const diff = diffSnapshots(earlier("0 rw-p - DDDp"), uncleared("0 rw-p - pD.p"));
    expect(draw(diff.clearedByOthers, 4)).toBe("#...");
    const cleared = diffSnapshots(earlier("0 rw-p - DDDp"), later("0 rw-p - pD.p"));
    expect(cleared.clearedByOthers.isEmpty).toBe(true);
  });

  test("says when the processes differ", () => {
    const other = snapshot("0 rw-p - D", { process: { ...PROCESS, startTimeTicks: 2000 } });
    expect(diffSnapshots(snapshot("0 rw-p - D"), other).isSameProcess).toBe(false);
  });

  test("refuses snapshots with pages of different size", () => {
    const large = snapshot("0 rw-p - D", { pageSizeBytes: 65536 });
    expect(() => diffSnapshots(snapshot("0 rw-p - D"), large)).toThrow("no common pages");
  });

  test("counts a clear that began with the first read as after it", () => {
    const first = snapshot("0 rw-p - D", { atNs: 2e6 });
    const second = snapshot("0 rw-p - p", { atNs: 3e6, sinceClear: clearAt(2e6) });
    expect(diffSnapshots(first, second).isClearedBetween).toBe(true);
  });

  test("raises no alarm when the later snapshot is given first", () => {
    const first = snapshot("0 rw-p - p", { atNs: 2e6, sinceClear: clearAt(1e6) });
    const second = snapshot("0 rw-p - D", { atNs: 3e6, sinceClear: clearAt(1e6) });
    expect(diffSnapshots(second, first).clearedByOthers.isEmpty).toBe(true);
  });

  test("orders clears and reads of different traces by the wall clock", () => {
    const monday = snapshot("0 rw-p - D", { originUnixMs: 1_700_000_000_000 });
    const tuesday = snapshot("0 rw-p - D", { originUnixMs: 1_700_086_400_000 });
    expect(diffSnapshots(monday, tuesday).isClearedBetween).toBe(true);
    expect(diffSnapshots(tuesday, monday).isClearedBetween).toBe(false);
  });
});

describe("diffSnapshots() on mappings", () => {
  test("finds nothing where nothing changed", () => {
    expect(kinds(earlier("0x10 rw-p a DDpp"), later("0x10 rw-p a pDDp"))).toEqual([]);
  });

  test("reports mappings that came and went", () => {
    expect(kinds(
      earlier("0x10 rw-p a pp\n0x20 r--p b pp"),
      later("0x20 r--p b pp\n0x30 rw-p c Dd"),
    )).toEqual(["went 10-12", "came 30-32"]);
  });

  test("reports by how much a mapping grew, at either end", () => {
    expect(kinds(earlier("0x12 rw-p a pp"), later("0x10 rw-p a ddDDdd"))).toEqual([
      "grew 10-12",
      "grew 14-16",
    ]);
  });

  test("reports by how much a mapping shrank, also in its middle", () => {
    expect(kinds(earlier("0x10 rw-p a pppppp"), later("0x10 rw-p a pp\n0x14 rw-p a pp"))).toEqual([
      "shrank 12-14",
    ]);
  });

  test("reports which part changed protection", () => {
    expect(kinds(earlier("0x10 rw-p a pppp"), later("0x10 rw-p a pp\n0x12 r--p a pp"))).toEqual([
      "protection 12-14",
    ]);
  });

  test("recognizes a mapping that was renewed at the same address by its unpopulated dirty pages", () => {
    expect(kinds(earlier("0x10 rw-p - DDDD"), later("0x10 rw-p - dDdd"))).toEqual([
      "renewed 10-14",
    ]);
  });

  test("reports a mapping of another object at the same address as renewed", () => {
    expect(kinds(earlier("0x10 rw-p a pppp"), later("0x10 rw-p b pppp"))).toEqual([
      "renewed 10-14",
    ]);
  });

  test("finds the same whether two snapshots share a list of mappings or have equal ones", () => {
    const drawing = (at: () => string) =>
      `0x10 rw-p a ${at()}\n0x14 ---p - ${at()}\n0x20 r--p b ${at()}\n0x30 rw-s c ${at()}`;
    const pages = fc.array(fc.constantFrom("D", "d", "p", "."), { minLength: 4, maxLength: 4 });
    const drawings = fc.gen().map((g) => drawing(() => g(() => pages).join("")));
    let found = 0;
    fc.assert(
      fc.property(drawings, drawings, fc.boolean(), (a, b, isCleared) => {
        const [before, equal] = [earlier(a), (isCleared ? later : uncleared)(b)];
        const after = new Snapshot({ ...equal, vmas: before.vmas });
        expect(diffSnapshots(before, after).mappings).toEqual(
          diffSnapshots(before, equal).mappings,
        );
        found += diffSnapshots(before, after).mappings.length;
      }),
    );
    expect(found).toBeGreaterThan(0);
  });

  test("does not call a mapping renewed that was new before and was not cleared since", () => {
    expect(kinds(earlier("0x10 rw-p - Dddd"), uncleared("0x10 rw-p - DDdd"))).toEqual([]);
    expect(kinds(earlier("0x10 rw-p - pppp"), uncleared("0x10 rw-p - Dddd"))).toEqual([
      "renewed 10-14",
    ]);
  });

  test("calls what a mapping takes from a reservation, or gives back to it, grown or shrunk", () => {
    const small = "0x10 rw-p - pp\n0x12 ---p - ......";
    const large = "0x10 rw-p - pppp\n0x14 ---p - ....";
    expect(kinds(earlier(small), later(large))).toEqual(["grew 12-14"]);
    expect(kinds(earlier(large), later(small))).toEqual(["shrank 12-14"]);
  });

  test("calls new memory within a reservation come, and memory that is closed off re-protected", () => {
    const reserved = "0x10 ---p - ........";
    const used = "0x10 ---p - ..\n0x12 rw-p - Dd\n0x14 ---p - ....";
    expect(kinds(earlier(reserved), later(used))).toEqual(["came 12-14"]);
    expect(kinds(earlier(used), later(reserved))).toEqual(["protection 12-14"]);
  });

  test("calls a hole that was mapped again with other permissions renewed, not re-protected", () => {
    expect(kinds(
      earlier("0x10 rw-p - pppppp"),
      later("0x10 rw-p - pp\n0x12 r--p - dd\n0x14 rw-p - pp"),
    )).toEqual(["renewed 12-14"]);
  });
});
