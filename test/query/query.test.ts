import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PageSet } from "../../lib/core/page_set.ts";
import { Snapshot } from "../../lib/core/snapshot.ts";
import { Query } from "../../lib/query/query.ts";
import { snapshot } from "../helpers/drawn_snapshot.ts";

const drawn = snapshot(
  `
  0x10 r-xp /usr/lib/libc.so.6 pppp
  0x20 rw-p [heap]             DDpd
  0x24 rw-p -                  DD
  0x40 rw-s /dev/shm/pool      Dp.S
`,
  { atNs: 12e9, index: 3 },
);

/** What is left, as the drawing has it. */
function left(text: string, of: Snapshot = drawn): string[] {
  const kept = new Query(text).apply(of);
  return kept.vmas.map((vma) => {
    const letters = Array.from({ length: vma.end - vma.start }, (_, i) => {
      const page = vma.start + i;
      const [isDirty, isPresent] = [kept.pages.dirty.has(page), kept.pages.present.has(page)];
      return isDirty ? (isPresent ? "D" : "d") : isPresent ? "p" : ".";
    });
    return `${vma.start.toString(16)} ${letters.join("")}`;
  });
}

const ALL = ["10 pppp", "20 DDpd", "24 DD", "40 Dp.d"];

describe("a query keeps", () => {
  test.each<[string, string[]]>([
    ["size >= 1B", ALL],
    ["mapping == libc.so.6", ["10 pppp"]],
    ['mapping == "/usr/*"', ["10 pppp"]],
    ["mapping == '[anon]'", ["24 DD"]],
    ['mapping ~ "redis|heap"', ["20 DDpd"]],
    ['mapping !~ "/"', ["20 DDpd", "24 DD"]],
    ["perms has w", ALL.slice(1)],
    ["perms == rw-s", ["40 Dp.d"]],
    ["size == 16k", ["10 pppp", "20 DDpd", "40 Dp.d"]],
    ["size in 4k..16k", ["24 DD"]],
    ["address in 21000..25000", ["21 Dpd", "24 D"]],
    ["not address in 21000..23000", ["10 pppp", "20 D", "23 d", "24 DD", "40 Dp.d"]],
    ["address < 0x11001", ["10 pp"]],
    ["reason == written", ["10 ....", "20 ....", "24 DD", "40 D..d"]],
    ["reason == new-mapping and perms has w", ["20 DD.d", "24 ..", "40 ...."]],
    ["reason != written", ["10 pppp", "20 DDpd", "24 ..", "40 .p.."]],
    ["page has file-or-shared or page has fileOrShared", [
      "10 ....",
      "20 ....",
      "24 ..",
      "40 ....",
    ]],
    ["page has swapped", ["10 ....", "20 ....", "24 ..", "40 ...d"]],
    ["perms has w and page has present", ["20 DDp.", "24 DD", "40 Dp.."]],
    ["pid == 42", ALL],
    ["pid != 42", []],
    ["command == 'dr*'", ALL],
    ["time in 10s..20s", ALL],
    ["time in 10s..12s", []],
    ["snapshot in 3..4 and time > 1m", []],
    ["perms has x or (perms has s and size > 1B)", ["10 pppp", "40 Dp.d"]],
    ["pid == 1 and perms has x or perms has s", ["40 Dp.d"]],
    ["not (perms has w or perms has x)", []],
  ])("%s", (text, expected) => {
    expect(left(text)).toEqual(expected);
  });
});

test("a pattern that would make a backtracking matcher hang takes no time", () => {
  const long = snapshot(`0x10 rw-p ${"a".repeat(4000)} D`);
  expect(left('mapping ~ "^(a+)+$"', long)).toHaveLength(1);
  expect(left('mapping ~ "^(a+)+b$"', long)).toEqual([]);
});

/** Conditions, and whether each is met by a page; null where only the page itself decides. */
const CONDITIONS: readonly [string, (page: number) => boolean, isOfPage: boolean][] = [
  ["perms has w", (page) => page >= 0x20, false],
  ["mapping ~ lib", (page) => page < 0x20, false],
  ["address in 12000..42000", (page) => page >= 0x12 && page < 0x42, false],
  ["pid == 7", () => false, false],
  ["snapshot == 3", () => true, false],
  ["page has dirty", (page) => drawn.pages.dirty.has(page), true],
  ["page has present", (page) => drawn.pages.present.has(page), true],
];

interface Tree {
  readonly text: string;
  readonly isMet: (page: number) => boolean;
  /** True, false, or undefined where it depends on the page itself. */
  readonly isMapped: (page: number) => boolean | undefined;
}

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(...CONDITIONS).map(([text, isMet, isOfPage]): Tree => ({
      text,
      isMet,
      isMapped: (page) => isOfPage ? undefined : isMet(page),
    })),
    tie("tree").map((part): Tree => ({
      text: `not (${part.text})`,
      isMet: (page) => !part.isMet(page),
      isMapped: (page) => {
        const is = part.isMapped(page);
        return is === undefined ? undefined : !is;
      },
    })),
    fc.tuple(tie("tree"), fc.constantFrom("and", "or"), tie("tree")).map(([a, word, b]): Tree => {
      // Kleene's logic: what decides alone decides, known or not.
      const decides = word === "or";
      return {
        text: `(${a.text}) ${word} (${b.text})`,
        isMet: (page) => decides ? a.isMet(page) || b.isMet(page) : a.isMet(page) && b.isMet(page),
        isMapped: (page) => {
          const [x, y] = [a.isMapped(page), b.isMapped(page)];
          if (x === decides || y === decides) return decides;
          return x === undefined || y === undefined ? undefined : !decides;
        },
      };
    }),
  ),
}));

test("a query keeps the pages that meet it one by one, and the mappings that may hold such", () => {
  const pages = [...drawn.mapped.runs()].flatMap(({ start, end }) =>
    Array.from({ length: end - start }, (_, i) => start + i)
  );
  const setOf = (isIn: (page: number) => boolean) =>
    PageSet.from(pages.filter(isIn).map((start) => ({ start, end: start + 1 })));
  fc.assert(
    fc.property(tree, ({ text, isMet, isMapped }) => {
      const kept = new Query(text).apply(drawn);
      const expected = setOf(isMet);
      expect(kept.mapped.toJSON()).toEqual(setOf((page) => isMapped(page) !== false).toJSON());
      for (const flag of ["dirty", "present", "swapped"] as const) {
        expect(kept.pages[flag].toJSON()).toEqual(drawn.pages[flag].intersect(expected).toJSON());
      }
    }),
    { numRuns: 500 },
  );
});

test("a query keeps the same of snapshots that share their mappings as of each alone", () => {
  const inner = (set: PageSet) => PageSet.from([...set.runs()].slice(1));
  const pages = { ...drawn.pages, dirty: inner(drawn.dirty), present: inner(drawn.pages.present) };
  const other = new Snapshot({ ...drawn, pages });
  fc.assert(
    fc.property(tree, ({ text }) => {
      const query = new Query(text);
      for (const one of [drawn, other]) {
        expect({ ...query.apply(one) }).toEqual({ ...new Query(text).apply(one) });
      }
    }),
    { numRuns: 200 },
  );
  const query = new Query("size >= 8KiB and not address < 20000");
  expect(query.apply(other).vmas).toBe(query.apply(drawn).vmas);
});

test("words of earlier versions are understood", () => {
  for (
    const [before, now] of [
      ["reason == new", "reason == new-mapping"],
      ["reason == huge", "reason == huge-page"],
      ["page has newMapping", "page has new-mapping"],
    ]
  ) {
    expect({ ...new Query(before).apply(drawn) }).toEqual({ ...new Query(now).apply(drawn) });
  }
});

test("a tautology keeps everything", () => {
  const kept = new Query('mapping ~ "a" or not mapping ~ "a"').apply(drawn);
  expect({ ...kept }).toEqual({ ...drawn });
});
