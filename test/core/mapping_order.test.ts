import fc from "fast-check";
import { expect, test } from "vitest";
import { isAscending, laterWins } from "../../lib/core/mapping_order.ts";
import type { Vma } from "../../lib/core/vma.ts";

const mapping = (start: number, end: number, fields: Partial<Vma> = {}): Vma => ({
  ...{ start, end, perms: "rw-p", offsetPages: 0, device: "00:00", inode: "0", name: "" },
  ...fields,
});

/** Mappings in any order, each of a file, so that the number of a page is its offset in the file. */
const observed = fc.array(
  fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 12 }), fc.constantFrom("rw-p", "r--p")),
  { maxLength: 20 },
).map((all) =>
  all.map(([start, length, perms], i) =>
    mapping(start, start + length, { perms, offsetPages: start, inode: "7", name: `${i}` })
  )
);

test("mappings are put in order, and of those that overlap the later one has the pages", () => {
  fc.assert(fc.property(observed, (vmas) => {
    const ordered = laterWins(vmas);
    expect(isAscending(ordered)).toBe(true);
    for (let page = 0; page < 60; page++) {
      const has = ({ start, end }: Vma) => start <= page && page < end;
      const [last, found] = [vmas.findLast(has), ordered.find(has)];
      expect([found?.name, found?.perms]).toEqual([last?.name, last?.perms]);
      if (found !== undefined) expect(found.offsetPages).toBe(found.start);
    }
  }));
});

test("mappings that are in order are the same array", () => {
  const vmas = [mapping(1, 2), mapping(2, 5), mapping(9, 10)];
  expect(laterWins(vmas)).toBe(vmas);
  expect(isAscending([])).toBe(true);
});

test("memory without a file keeps offset 0 where it is cut, and what holds no page is left out", () => {
  const ordered = laterWins([mapping(1, 9), mapping(3, 3), mapping(4, 6)]);
  expect(ordered).toEqual([mapping(1, 4), mapping(4, 6), mapping(6, 9)]);
});
