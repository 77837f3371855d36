import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PAGEMAP_FLAGS, PagemapScanner } from "../../../lib/kernel/pagemap/pagemap.ts";
import { draw } from "../../helpers/drawn_pages.ts";

const BITS = {
  dirty: 55n,
  exclusive: 56n,
  uffdWriteProtected: 57n,
  guard: 58n,
  fileOrShared: 61n,
  swapped: 62n,
  present: 63n,
};

const halves = (entries: bigint[]) => new Uint32Array(BigUint64Array.from(entries).buffer);

describe("PagemapScanner", () => {
  test("finds each flag at its bit, whatever the frame number says", () => {
    const entry = fc.record({
      frame: fc.bigInt(0n, (1n << 55n) - 1n),
      flags: fc.subarray(Object.values(BITS)),
    }).map(({ frame, flags }) => flags.reduce((all, bit) => all | (1n << bit), frame));
    fc.assert(fc.property(fc.array(entry, { maxLength: 40 }), fc.nat(5), (entries, cut) => {
      const scanner = new PagemapScanner();
      scanner.add(100, halves(entries.slice(0, cut)));
      scanner.add(100 + Math.min(cut, entries.length), halves(entries.slice(cut)));
      const sets = scanner.finish();
      for (const flag of PAGEMAP_FLAGS) {
        const expected = entries.map((e) => (e >> BITS[flag]) & 1n ? "#" : ".").join("");
        expect(draw(sets[flag], entries.length, 100)).toBe(expected);
      }
    }));
  });

  test("joins ranges that touch, and ends a run at a gap", () => {
    const dirty = 1n << 55n;
    const scanner = new PagemapScanner();
    scanner.add(10, halves([dirty, dirty]));
    scanner.add(12, halves([dirty]));
    scanner.add(20, halves([dirty]));
    scanner.add(30, halves([0n, dirty]));
    expect([...scanner.finish().dirty.edges]).toEqual([10, 13, 20, 21, 31, 32]);
  });
});
