import fc from "fast-check";
import { expect, test } from "vitest";
import { PageSet } from "../../../lib/core/page_set.ts";
import { NO_PAGES, type PageFlag } from "../../../lib/core/snapshot.ts";
import { BeforeClear } from "../../../lib/kernel/unseen/before_clear.ts";
import { snapshot } from "../../helpers/drawn_snapshot.ts";

const { vmas } = snapshot(`0x10 rw-p - ........\n0x20 rw-s /shm ....`);
const pages = (flags: { readonly [flag in PageFlag]?: readonly [start: number, end: number] }) => {
  const sets = Object.entries(flags).map(([flag, [start, end]]) =>
    [flag, PageSet.from([{ start, end }])] as const
  );
  return { ...NO_PAGES, ...Object.fromEntries(sets) };
};

const HUGE: readonly PageFlag[] = ["huge"];
const read = (flags: Parameters<typeof pages>[0]) => ({ pages: pages(flags), known: HUGE });

test("private pages that are gone were given back; others can have been reclaimed or unmapped", () => {
  const before = new BeforeClear(4096);
  expect(before.droppedPages(42, vmas, NO_PAGES)).toBeNull();
  before.saw(42, read({ present: [0xc, 0x16], swapped: [0x16, 0x22] }));
  expect(before.droppedPages(42, vmas, pages({ present: [0x10, 0x12], swapped: [0x14, 0x15] })))
    .toBe(5);
  expect(before.droppedPages(42, vmas, pages({ swapped: [0, 0x30] }))).toBe(0);
  before.release(42);
  expect(before.droppedPages(42, vmas, NO_PAGES)).toBeNull();
});

test("a huge page that is none now was split, if each of its pages is marked", () => {
  const before = new BeforeClear(4096);
  const split = (flags: Parameters<typeof pages>[0], known = HUGE) => [
    ...before.split(42, { pages: pages(flags), known })?.edges ?? ["unknown"],
  ];
  expect(split({ dirty: [0x200, 0x400] })).toEqual(["unknown"]);
  before.saw(42, read({ huge: [0x200, 0x800] }));
  expect(split({ dirty: [0x200, 0x700], huge: [0x400, 0x800] })).toEqual([0x200, 0x400]);
  expect(split({ dirty: [0x201, 0x400] })).toEqual([]);
  expect(split({ dirty: [0x200, 0x800] })).toEqual([0x200, 0x800]);
  expect(split({ dirty: [0x200, 0x800] }, [])).toEqual(["unknown"]);
  before.saw(42, { ...read({ huge: [0x200, 0x800] }), known: [] });
  expect(split({ dirty: [0x200, 0x800] })).toEqual(["unknown"]);
});

test("what is counted as given back existed, exists no more, and is private memory", () => {
  const sets = fc.array(fc.tuple(fc.integer({ min: 0, max: 0x28 }), fc.integer({ max: 6, min: 1 })))
    .map((all) => PageSet.from(all.map(([start, length]) => ({ start, end: start + length }))));
  fc.assert(fc.property(sets, sets, sets, sets, (present, swapped, presentNow, swappedNow) => {
    const before = new BeforeClear(4096);
    before.saw(1, { pages: { ...NO_PAGES, present, swapped }, known: [] });
    const now = { ...NO_PAGES, present: presentNow, swapped: swappedNow };
    let count = 0;
    for (let page = 0x10; page < 0x18; page++) {
      const existed = present.has(page) || swapped.has(page);
      if (existed && !presentNow.has(page) && !swappedNow.has(page)) count++;
    }
    expect(before.droppedPages(1, vmas, now)).toBe(count);
  }));
});
