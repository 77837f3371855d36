import { describe, expect, test } from "vitest";
import { ArgumentError } from "../../lib/core/errors.ts";
import { filterByConditions, type SnapshotFilter } from "../../lib/core/filter.ts";
import { snapshot } from "../helpers/drawn_snapshot.ts";

const whole = snapshot(`
  0x10 r-xp /usr/lib/libc.so.6 pppp
  0x20 rw-p [heap]             DDpd
  0x30 rw-p -                  DD
  0x40 rw-s /dev/shm/pool      Dp
`);
const names = (conditions: SnapshotFilter) =>
  filterByConditions(whole, conditions).vmas.map((vma) => vma.name);

describe("filterByConditions()", () => {
  test.each<[string, SnapshotFilter, string[]]>([
    ["a full name", { mapping: "[heap]" }, ["[heap]"]],
    ["the last part of a path", { mapping: "libc.so.6" }, ["/usr/lib/libc.so.6"]],
    ["a pattern", { mapping: "/usr/*lib?.so*" }, ["/usr/lib/libc.so.6"]],
    ["memory without a name", { mapping: "[anon]" }, [""]],
    ["a regular expression", { mapping: /^\/dev/g }, ["/dev/shm/pool"]],
    ["one that remembers where it was", { mapping: /lib|heap/g }, ["/usr/lib/libc.so.6", "[heap]"]],
    ["permissions", { perms: "wp" }, ["[heap]", ""]],
    ["a size", { minSizeBytes: 4 * 4096 }, ["/usr/lib/libc.so.6", "[heap]"]],
    ["several at once", { perms: "w", mapping: "*o*" }, ["/dev/shm/pool"]],
  ])("keeps mappings by %s", (_, conditions, expected) => {
    expect(names(conditions)).toEqual(expected);
  });

  test("cuts mappings and pages at the address bounds", () => {
    const part = filterByConditions(whole, { minAddress: "21000", maxAddress: 0x31000 });
    expect(part.vmas.map((vma) => [vma.start, vma.end])).toEqual([[0x21, 0x24], [0x30, 0x31]]);
    expect([...part.dirty.edges]).toEqual([0x21, 0x22, 0x23, 0x24, 0x30, 0x31]);
    expect(part.vmas[0].offsetPages).toBe(1);
  });

  test("keeps a page that the upper bound cuts", () => {
    const { vmas } = filterByConditions(whole, { minAddress: "20800", maxAddress: "20900" });
    expect(vmas.map((vma) => [vma.start, vma.end])).toEqual([[0x20, 0x21]]);
  });

  test("without conditions keeps everything", () => {
    expect(filterByConditions(whole, {}).dirty.equals(whole.dirty)).toBe(true);
  });

  test("is quick on a pattern that would make a backtracking matcher hang", () => {
    const long = snapshot(`0x10 rw-p ${"a".repeat(4000)} D`);
    const pattern = `${"*a".repeat(40)}b`;
    expect(filterByConditions(long, { mapping: pattern }).vmas).toEqual([]);
  });

  test("refuses conditions that are not of their form", () => {
    expect(() => filterByConditions(whole, { perms: "q" })).toThrow(ArgumentError);
    expect(() => filterByConditions(whole, { minAddress: "zz" })).toThrow(ArgumentError);
    expect(() => filterByConditions(whole, { minSizeBytes: NaN })).toThrow(ArgumentError);
    const typo = { mappings: "[heap]" } as SnapshotFilter;
    expect(() => filterByConditions(whole, typo)).toThrow("There is no condition mappings");
  });
});
