import { expect, test } from "vitest";
import { explainPages } from "../../../lib/kernel/pagemap/explained_pages.ts";
import { snapshot } from "../../helpers/drawn_snapshot.ts";

const PAGE = 4096;

/** Explains what is drawn, with the flags and huge bytes that smaps has for each mapping. */
function explained(
  drawing: string,
  found: readonly (readonly [string, number])[],
  known: "huge"[] = [],
) {
  const { pages, vmas } = snapshot(drawing);
  const usages = found.map(([flags, hugePages], i) => ({
    vma: vmas[i],
    populatedBytes: 0,
    swapBytes: 0,
    hugeBytes: hugePages * PAGE,
    flags: new Set(flags.split(" ")),
  }));
  const result = explainPages(pages, ["dirty", ...known], vmas, usages, PAGE);
  const { newMapping, huge } = result.pages;
  return { newMapping: [...newMapping.edges], huge: [...huge.edges], known: result.known };
}

test("a mapping with the mark sd is new", () => {
  const { newMapping } = explained("0x10 rw-p - Dd\n0x20 rw-p - DD", [["rd wr", 0], ["rd sd", 0]]);
  expect(newMapping).toEqual([0x20, 0x22]);
});

test("a mapping that was marked after its pages were read is not new", () => {
  expect(explained("0x10 rw-p - Dp", [["rd wr sd", 0]]).newMapping).toEqual([]);
});

test("huge pages are reported where their number leaves no choice", () => {
  const blocks = "D".repeat(1024);
  expect(explained(`0x200 rw-p - ${blocks}pp`, [["rd", 1024]]).huge).toEqual([0x200, 0x600]);
  expect(explained(`0x200 rw-p - ${blocks}pp`, [["rd", 0]])).toMatchObject({
    huge: [],
    known: ["dirty", "newMapping", "huge"],
  });
  expect(explained(`0x200 rw-p - ${blocks}pp`, [["rd", 512]])).toMatchObject({
    huge: [],
    known: ["dirty", "newMapping"],
  });
});

test("a mapping that leaves a choice does not hide the huge pages of the others", () => {
  const blocks = "D".repeat(1024);
  const drawing = `0x200 rw-p - ${blocks}\n0x800 rw-p - ${blocks}`;
  expect(explained(drawing, [["rd", 512], ["rd", 1024]])).toMatchObject({
    huge: [0x800, 0xc00],
    known: ["dirty", "newMapping"],
  });
});

test("huge pages that the read reported are left as they are", () => {
  const { known } = explained(`0x200 rw-p - ${"D".repeat(512)}`, [["rd", 512]], ["huge"]);
  expect(known).toEqual(["dirty", "huge", "newMapping"]);
});
