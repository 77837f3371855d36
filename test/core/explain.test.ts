import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Reason, REASONS } from "../../lib/core/explain.ts";
import { PageSet } from "../../lib/core/page_set.ts";
import type { PageFlag, Snapshot, SnapshotFields } from "../../lib/core/snapshot.ts";
import { clearAt, snapshot } from "../helpers/drawn_snapshot.ts";

/** A snapshot with more flags known, and pages that have them. */
function drawn(
  drawing: string,
  flags: { readonly [flag in PageFlag]?: readonly [start: number, end: number] },
  fields: Partial<SnapshotFields> = {},
): Snapshot {
  const plain = snapshot(drawing, fields);
  const sets = Object.entries(flags).map(([flag, [start, end]]) =>
    [flag, PageSet.from(start < end ? [{ start, end }] : [])] as const
  );
  const known = [...plain.known, ...Object.keys(flags) as PageFlag[]];
  return snapshot(drawing, {
    ...fields,
    known,
    pages: { ...plain.pages, ...Object.fromEntries(sets) },
  });
}

/** How many pages each reason has; reasons without any are left out. */
function counts(one: Snapshot): Partial<Record<Reason, number>> {
  const { shares } = one.explain();
  return Object.fromEntries(
    shares.filter(({ pages }) => !pages.isEmpty).map((share) => [
      share.reason,
      share.pages.pageCount,
    ]),
  );
}

/** The reasons that the snapshot cannot rule out, with their page counts. */
const undecided = (one: Snapshot) =>
  Object.fromEntries(
    one.explain().shares.filter((share) => share.undecidedPages > 0)
      .map((share) => [share.reason, share.undecidedPages]),
  );

/** A clear after which these mappings were there. */
const clearWith = (drawing: string) => ({ ...clearAt(1e6), vmas: snapshot(drawing).vmas });

describe("explain()", () => {
  test("counts a dirty page in an old mapping as written", () => {
    expect(counts(snapshot("0x10 rw-p - DpDp"))).toEqual({ written: 2 });
  });

  test("takes a whole mapping as new if a page of it is dirty that does not exist", () => {
    const one = snapshot("0x10 rw-p - DdDp\n0x20 rw-p - DDpp");
    expect(counts(one)).toEqual({ "new-mapping": 3, written: 2 });
    expect(one.explain().shares.at(-1)).toMatchObject({ populatedPages: 2, bytes: 3 * 4096 });
  });

  test("cannot rule out that a mapping that is dirty to the last page is new", () => {
    const one = snapshot("0x10 rw-p - DDDD\n0x20 rw-p - DDpp", {
      sinceClear: clearWith("0x10 rw-p - ...."),
    });
    expect(counts(one)).toEqual({ written: 6 });
    expect(undecided(one)).toEqual({ "new-mapping": 4 });
  });

  test("may be in one all of whose pages that exist are dirty, where others are not reported", () => {
    const drawing = "0x10 rw-p - DD...\n0x20 rw-p - Dp..\n0x30 rw-p - ...";
    const sinceClear = { ...clearAt(0), vmas: snapshot(drawing).vmas };
    const ofCriu = snapshot(drawing, { known: ["dirty", "unwatched"], sinceClear });
    expect(undecided(ofCriu)).toEqual({ "new-mapping": 2 });
  });

  test("knows it where the mark was asked for", () => {
    const one = drawn("0x10 rw-p - DDDD\n0x20 rw-p - DDpp", { newMapping: [0x10, 0x14] }, {
      sinceClear: clearWith("0x20 rw-p - ...."),
    });
    expect(counts(one)).toEqual({ "new-mapping": 4, written: 2 });
    expect(undecided(one)).toEqual({});
  });

  test("distinguishes huge pages where they are known, and doubts whole blocks where not", () => {
    const block = "D".repeat(512);
    const doubtful = snapshot(`0x200 rw-p - ${block}p`, {
      sinceClear: clearWith("0x200 rw-p - ."),
    });
    expect(counts(doubtful)).toEqual({ written: 512 });
    expect(undecided(doubtful)).toEqual({ "huge-page": 512 });
    const known = drawn(`0x200 rw-p - ${block}pD`, { huge: [0x200, 0x400] }, {
      sinceClear: clearWith("0x200 rw-p - ."),
    });
    expect(counts(known)).toEqual({ "huge-page": 512, written: 1 });
    expect(undecided(known)).toEqual({});
  });

  test("takes unmarked memory where none was mapped as moved, if other memory is gone", () => {
    const moved = snapshot("0x10 rw-p - D.Dp\n0x40 rw-p - D.", {
      sinceClear: clearWith("0x20 rw-p - ....\n0x40 rw-p - .."),
    });
    expect(counts(moved)).toEqual({ moved: 2, written: 1 });
  });

  test("takes unmarked memory as moved though nothing is gone, if the mark is known", () => {
    const sinceClear = clearWith("0x10 rw-p - ....");
    const drawing = "0x10 rw-p - pppp\n0x40 rw-p - DpDp";
    expect(counts(snapshot(drawing, { sinceClear }))).toEqual({ written: 2 });
    expect(counts(drawn(drawing, { newMapping: [0, 0] }, { sinceClear }))).toEqual({ moved: 2 });
  });

  test("takes unmarked growth in place as written", () => {
    const grown = snapshot("0x10 rw-p - pDDp", { sinceClear: clearWith("0x10 rw-p - ..") });
    expect(counts(grown)).toEqual({ written: 2 });
    const stack = snapshot("0x10 rw-p [stack] DDpp", {
      sinceClear: clearWith("0x12 rw-p [stack] ..\n0x40 rw-p - .."),
    });
    expect(counts(stack)).toEqual({ written: 2 });
    const reallocated = snapshot("0x10 rw-p - ppDD", {
      sinceClear: clearWith("0x10 rw-p - ..\n0x40 rw-p - .."),
    });
    expect(counts(reallocated)).toEqual({ written: 2 });
  });

  test("cannot rule out a move where it is not known what was mapped", () => {
    expect(undecided(snapshot("0x10 rw-p - DpDp"))).toEqual({ moved: 2 });
    const uffd = drawn("0x10 rw-p - DpDp", { newMapping: [0, 0], huge: [0, 0] }, {
      tracker: "uffd-wp",
    });
    expect(undecided(uffd)).toEqual({});
  });

  test("takes huge pages that were split for what they were", () => {
    const block = "D".repeat(512);
    const flags = { huge: [0, 0], split: [0x200, 0x400], newMapping: [0, 0] } as const;
    const one = drawn(`0x200 rw-p - ${block}pD`, flags, {
      sinceClear: clearWith(`0x200 rw-p - ${block}..`),
    });
    expect(counts(one)).toEqual({ "huge-page": 512, written: 1 });
    expect(undecided(one)).toEqual({});
  });

  test("with uffd-wp, reports what was given back where it is known what exists", () => {
    const uffd = { tracker: "uffd-wp" } as const;
    const flags = { newMapping: [0x30, 0x32], huge: [0, 0] } as const;
    const drawing = "0x10 rw-p - DdDp\n0x20 rw-s - Dd\n0x30 rw-p - Dd";
    expect(counts(drawn(drawing, flags, uffd)))
      .toEqual({ written: 4, dropped: 1, "new-mapping": 2 });
    const taken = snapshot(drawing, { ...uffd, known: ["dirty", "newMapping", "huge"] });
    expect(counts(taken)).toEqual({ written: 7 });
    expect(undecided(taken)).toEqual({ dropped: 5 });
  });

  test("explains each dirty page once, whatever is drawn", () => {
    const line = fc.stringMatching(/^[DdSsp.]{1,12}$/);
    fc.assert(fc.property(line, line, fc.nat(20), fc.nat(20), (a, b, from, length) => {
      const one = drawn(`0x10 rw-p - ${a}\n0x30 rw-p - ${b}`, {
        huge: [0x10 + from, 0x10 + from + length],
      }, { sinceClear: clearWith("0x12 rw-p - ....") });
      const explanation = one.explain();
      const all = REASONS.map((reason) => explanation.pages(reason));
      expect(all.reduce((sum, set) => sum + set.pageCount, 0)).toBe(one.dirty.pageCount);
      expect(all.reduce((sum, set) => sum.union(set)).equals(one.dirty)).toBe(true);
    }));
  });
});
