import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PAGE_NUMBER_LIMIT, PageSet } from "../../lib/core/page_set.ts";
import { draw, pages } from "../helpers/drawn_pages.ts";

const range = (start: number, end: number) => ({ start, end });

/** Sets of pages below 64, so that they often touch and overlap. */
const smallSet = fc.array(fc.boolean(), { maxLength: 64 }).map((bits) =>
  pages(bits.map((bit) => bit ? "#" : ".").join(""))
);

/** Sets of any pages of a 64-bit address space, some of them far apart. */
const anySet = fc.uniqueArray(
  fc.oneof(fc.nat(40), fc.bigInt({ min: 0n, max: BigInt(PAGE_NUMBER_LIMIT) }).map(Number)),
  { maxLength: 40 },
).map((edges) => edges.sort((a, b) => a - b).slice(0, edges.length & ~1))
  .map((edges) => PageSet.fromEdges(Float64Array.from(edges)));

/** The same operation page by page: slow, and too simple to be wrong. */
function byPage(a: PageSet, b: PageSet, keep: (inA: boolean, inB: boolean) => boolean): string {
  return Array.from({ length: 64 }, (_, page) => keep(a.has(page), b.has(page)) ? "#" : ".").join(
    "",
  );
}

describe("PageSet algebra", () => {
  test("draws as expected", () => {
    const a = pages("..####..##");
    const b = pages("....####.#");
    expect(draw(a.union(b), 10)).toBe("..########");
    expect(draw(a.intersect(b), 10)).toBe("....##...#");
    expect(draw(a.subtract(b), 10)).toBe("..##....#.");
    expect(draw(a.xor(b), 10)).toBe("..##..###.");
  });

  test("agrees with the same done page by page", () => {
    fc.assert(fc.property(smallSet, smallSet, (a, b) => {
      expect(draw(a.union(b), 64)).toBe(byPage(a, b, (x, y) => x || y));
      expect(draw(a.intersect(b), 64)).toBe(byPage(a, b, (x, y) => x && y));
      expect(draw(a.subtract(b), 64)).toBe(byPage(a, b, (x, y) => x && !y));
      expect(draw(a.xor(b), 64)).toBe(byPage(a, b, (x, y) => x !== y));
    }));
  });

  test("gives runs that are ascending, apart from each other and not empty", () => {
    fc.assert(fc.property(smallSet, smallSet, (a, b) => {
      for (const set of [a.union(b), a.intersect(b), a.subtract(b), a.xor(b)]) {
        expect(PageSet.fromEdges(set.edges.slice()).equals(set)).toBe(true);
      }
    }));
  });

  test("obeys the laws of sets", () => {
    const same = (a: PageSet, b: PageSet) => expect(a.equals(b)).toBe(true);
    fc.assert(fc.property(anySet, anySet, anySet, (a, b, c) => {
      same(a.union(b), b.union(a));
      same(a.intersect(b), b.intersect(a));
      same(a.xor(b), b.xor(a));
      same(a.union(b).union(c), a.union(b.union(c)));
      same(a.intersect(b).intersect(c), a.intersect(b.intersect(c)));
      same(a.xor(b).xor(c), a.xor(b.xor(c)));
      same(a.intersect(b.union(c)), a.intersect(b).union(a.intersect(c)));
      same(a.union(b.intersect(c)), a.union(b).intersect(a.union(c)));
      same(a.subtract(b.union(c)), a.subtract(b).intersect(a.subtract(c)));
      same(a.subtract(b.intersect(c)), a.subtract(b).union(a.subtract(c)));
      same(a.union(a.intersect(b)), a);
      same(a.xor(b), a.union(b).subtract(a.intersect(b)));
      same(a.subtract(b), a.xor(a.intersect(b)));
    }));
  });

  test("takes back by xor what it did, which deltas of traces rely on", () => {
    fc.assert(fc.property(anySet, anySet, (a, b) => {
      expect(a.xor(b).xor(b).equals(a)).toBe(true);
      expect(a.xor(a).isEmpty).toBe(true);
      expect(a.xor(PageSet.empty).equals(a)).toBe(true);
    }));
  });

  test("leaves both sets as they were", () => {
    fc.assert(fc.property(anySet, anySet, (a, b) => {
      const [edgesOfA, edgesOfB] = [[...a.edges], [...b.edges]];
      for (const set of [a.union(b), a.intersect(b), a.subtract(b), a.xor(b)]) set.pageCount;
      expect([[...a.edges], [...b.edges]]).toEqual([edgesOfA, edgesOfB]);
    }));
  });

  test("counts a union as both less what they share", () => {
    fc.assert(fc.property(smallSet, smallSet, (a, b) => {
      expect(a.union(b).pageCount).toBe(a.pageCount + b.pageCount - a.intersect(b).pageCount);
    }));
  });
});

describe("PageSet", () => {
  test("gives its runs with an exclusive end and a page count", () => {
    expect([...pages(".##..#").runs()]).toEqual([
      { start: 1, end: 3, pageCount: 2 },
      { start: 5, end: 6, pageCount: 1 },
    ]);
  });

  test("counts the pages in any range", () => {
    fc.assert(fc.property(smallSet, fc.nat(70), fc.nat(70), (set, from, to) => {
      const inRange = draw(set, 64).slice(from, Math.max(from, to)).replaceAll(".", "");
      expect(set.countIn(from, to)).toBe(inRange.length);
    }));
  });

  test("counts in a range what it shares with it", () => {
    const page = fc.bigInt({ min: 0n, max: BigInt(PAGE_NUMBER_LIMIT) }).map(Number);
    fc.assert(fc.property(anySet, page, page, (set, a, b) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      const shared = from === to ? PageSet.empty : set.intersect(PageSet.from([range(from, to)]));
      expect(set.countIn(from, to)).toBe(shared.pageCount);
      expect(set.countIn(0, from) + set.countIn(from, PAGE_NUMBER_LIMIT)).toBe(set.pageCount);
    }));
  });

  test("has the pages of its runs, and not those beside them", () => {
    fc.assert(fc.property(anySet, (set) => {
      for (const { start, end } of set.runs()) {
        const probes = [start - 1, start, end - 1, end].map((page) => set.has(page));
        expect(probes).toEqual([false, true, true, false]);
        expect(set.countIn(start, end)).toBe(end - start);
      }
      expect([...set.runs()].reduce((sum, run) => sum + run.pageCount, 0)).toBe(set.pageCount);
    }));
  });

  test("is the same whatever the order of the ranges that it is made of", () => {
    fc.assert(fc.property(anySet, fc.infiniteStream(fc.nat(100)), (set, keys) => {
      const ranges = [...set.runs()].map((run) => ({ run, key: keys.next().value! }));
      const shuffled = ranges.sort((a, b) => a.key - b.key).map(({ run }) => run);
      expect(PageSet.from([...shuffled, ...shuffled]).equals(set)).toBe(true);
    }));
  });

  test("counts nothing in a range that is empty or reversed", () => {
    const set = pages(".####.");
    expect([set.countIn(3, 3), set.countIn(4, 2), set.countIn(2, 4)]).toEqual([0, 0, 2]);
  });

  test("joins ranges that overlap or touch, in any order", () => {
    const set = PageSet.from([range(8, 10), range(1, 3), range(2, 5), range(5, 6)]);
    expect([...set.edges]).toEqual([1, 6, 8, 10]);
    expect(set.pageCount).toBe(7);
    expect(set.runCount).toBe(2);
  });

  test("is exact up to the end of a 64-bit address space", () => {
    const vsyscall = 0xffff_ffff_ff600;
    const set = PageSet.from([
      range(vsyscall, vsyscall + 1),
      range(PAGE_NUMBER_LIMIT - 1, PAGE_NUMBER_LIMIT),
    ]);
    expect(set.has(vsyscall)).toBe(true);
    expect(set.has(vsyscall + 1)).toBe(false);
    expect(set.has(PAGE_NUMBER_LIMIT - 1)).toBe(true);
    expect(set.pageCount).toBe(2);
  });

  test("is made again of its runs, and is its runs in JSON", () => {
    const set = pages(".##..#");
    expect(PageSet.from(set.runs()).equals(set)).toBe(true);
    expect(JSON.stringify(set)).toBe("[[1,2],[5,1]]");
  });

  test("without pages has none", () => {
    expect(PageSet.empty.isEmpty).toBe(true);
    expect(PageSet.empty.has(0)).toBe(false);
    expect(PageSet.from([]).equals(PageSet.empty)).toBe(true);
    expect(pages("##").subtract(pages("##")).isEmpty).toBe(true);
  });

  test.each([
    ["an odd number of edges", [1, 2, 3]],
    ["an empty run", [1, 1]],
    ["descending edges", [5, 4]],
    ["runs that touch", [1, 2, 2, 3]],
    ["a fraction", [1, 2.5]],
    ["a negative page", [-1, 2]],
    ["a page past the limit", [1, PAGE_NUMBER_LIMIT + 1]],
    ["what is not a number", [NaN, 2]],
  ])("refuses edges with %s", (_, edges) => {
    expect(() => PageSet.fromEdges(Float64Array.from(edges))).toThrow(RangeError);
  });

  test("refuses a range without pages", () => {
    expect(() => PageSet.from([range(3, 3)])).toThrow("holds no page");
  });
});

test("within() is the part of a set between two pages", () => {
  const pages = fc.array(fc.nat(40))
    .map((starts) => PageSet.from(starts.map((start) => ({ start, end: start + 1 }))));
  fc.assert(
    fc.property(pages, fc.nat(45), fc.integer({ min: 1, max: 45 }), (set, start, length) => {
      const range = PageSet.from([{ start, end: start + length }]);
      expect(set.within(start, start + length).toJSON()).toEqual(set.intersect(range).toJSON());
    }),
  );
});

test("long sets are merged as short ones are, and a result that equals one of the two is that set", () => {
  const every = (stride: number, length: number) =>
    PageSet.fromAscending(
      Float64Array.from({ length: 200_000 }, (_, i) => (i >> 1) * stride + (i % 2) * length),
    );
  const [small, large] = [every(6, 2), every(6, 4)];
  expect(small.union(large)).toBe(large);
  expect(large.union(small)).toBe(large);
  expect(small.intersect(large)).toBe(small);
  expect(large.intersect(small)).toBe(small);
  expect(small.subtract(large)).toBe(PageSet.empty);
  const rest = large.subtract(small);
  expect([rest.runCount, rest.pageCount, rest.edges[0]]).toEqual([100_000, 200_000, 2]);
  expect(small.union(rest).equals(large)).toBe(true);
  expect(rest.subtract(small)).toBe(rest);
  expect(large.xor(small).equals(rest)).toBe(true);
});
