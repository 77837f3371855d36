/** `importCopies()` over copies that are drawn, and what it refuses. */

import { existsSync, readFileSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { ArgumentError, ImportError, TrackingUnsupportedError } from "../../lib/core/errors.ts";
import { importCopies } from "../../lib/import/import_copies.ts";
import * as imports from "../../lib/import/imports.ts";
import { openTrace } from "../../lib/session/sd.ts";
import { draw } from "../helpers/drawn_pages.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

let folder: string;
let output: string;
beforeEach(() => {
  folder = temporaryFolder();
  output = join(folder, "imported.sdtrace");
});

const snapshots = () => [...openTrace(output).snapshots];

/** The upper half of an entry: present (63), swapped (62), a page of a file (61), soft-dirty (55). */
const ENTRIES: Readonly<Record<string, number>> = {
  D: 0x8080_0000,
  S: 0x4080_0000,
  d: 0x0080_0000,
  p: 0x8000_0000,
  ".": 0,
};

/** Entries, a letter for each page. */
function entries(drawing: string): Uint8Array {
  const halves = new Uint32Array(drawing.length * 2);
  [...drawing].forEach((letter, i) => halves[i * 2 + 1] = ENTRIES[letter]);
  return new Uint8Array(halves.buffer);
}

const MAPS = "00002000-00005000 rw-p 00000000 00:00 0 [heap]\n" +
  "00008000-0000a000 rw-p 00000000 00:00 0 \n" +
  "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]\n";

/** A copy of that content. */
function copyOf(pagemap: Uint8Array, maps = MAPS, name = "one") {
  const copy = { pagemap: join(folder, `${name}.pagemap`), maps: join(folder, `${name}.maps`) };
  writeFileSync(copy.pagemap, pagemap);
  writeFileSync(copy.maps, maps);
  return copy;
}

describe("importCopies() over drawn copies", () => {
  test("reads the entries of all mappings, one after the other", () => {
    importCopies([copyOf(entries("D.pdS"))], output);
    const [one] = snapshots();
    expect(draw(one.dirty, 12)).toBe("..#.....##..");
    expect(draw(one.populated, 12)).toBe("..#.#....#..");
    expect(one.vmas).toHaveLength(3);
    expect(one.knows("present")).toBe(true);
  });

  test("reads entries at the offsets of the original, of a sparse file of any size", () => {
    const copy = copyOf(entries("..D.p...dS"));
    importCopies([copy], output);
    expect(draw(snapshots()[0].dirty, 12)).toBe("..#.....##..");
    truncateSync(copy.pagemap, 2 ** 38);
    const larger = join(folder, "larger.sdtrace");
    importCopies([copy], larger);
    expect(openTrace(larger).at(0).dirty).toEqual(snapshots()[0].dirty);
  });

  test("reads pages of another size", () => {
    const maps = "00020000-00040000 rw-p 00000000 00:00 0 \n";
    importCopies([copyOf(entries("Dp"), maps)], output, { pageSizeBytes: 65536 });
    expect(snapshots()[0]).toMatchObject({ pageSizeBytes: 65536 });
    expect(draw(snapshots()[0].dirty, 4)).toBe("..#.");
  });

  test("learns of hugetlb memory from smaps, and passes over what holds nothing", () => {
    const vast =
      "100000000-10100000000 ---p 00000000 00:00 0 \nRss: 0 kB\nSwap: 0 kB\nVmFlags: mr sd\n";
    const smaps = "00002000-00003000 rw-p 00000000 00:00 0 \nRss: 4 kB\nVmFlags: rd wr\n" +
      "00200000-00400000 rw-p 00000000 00:0f 7 /huge\nPrivate_Hugetlb: 2048 kB\nVmFlags: rd ht\n" +
      vast;
    const copy = copyOf(entries("..D"), smaps);
    truncateSync(copy.pagemap, 8 * 0x10100000);
    const { remarks } = importCopies([copy], output);
    const [one] = snapshots();
    expect(one.untracked.pageCount).toBe(512);
    expect(one.dirtyUnpopulated.pageCount).toBe(2 ** 28);
    expect(one.dirtyPopulated.pageCount).toBe(1);
    expect(one.knows("hugetlb")).toBe(true);
    expect(remarks.join()).not.toContain("hugetlb");
  });

  test("knows anonymous hugetlb memory by its name, and says that of other it does not", () => {
    const maps = "00002000-00003000 rw-p 00000000 00:00 0 \n" +
      "00200000-00202000 rw-p 00000000 00:0f 7 /anon_hugepage (deleted)\n";
    const { remarks } = importCopies([copyOf(entries("Dpp"), maps)], output);
    expect(snapshots()[0].untracked.pageCount).toBe(2);
    expect(snapshots()[0].knows("hugetlb")).toBe(false);
    expect(remarks.join()).toContain("only a copy of smaps shows which memory is hugetlb");
  });

  test("takes the times of the files", () => {
    const copies = ["a", "b"].map((name, i) => {
      const copy = copyOf(entries("Dpppp"), MAPS, name);
      utimesSync(copy.pagemap, 1e9 + 3 * i, 1e9 + 3 * i);
      return copy;
    });
    importCopies(copies, output, { clearedMs: 1000 });
    expect(snapshots().map(({ readAt }) => readAt.getTime())).toEqual([1e12, 1e12 + 3000]);
  });
});

describe("importCopies() refuses, and leaves no file,", () => {
  const refused = (
    pagemap: Uint8Array,
    error: RegExp,
    maps = MAPS,
    kind: unknown = ImportError,
  ) => {
    const attempt = () => importCopies([copyOf(pagemap, maps)], output);
    expect(attempt).toThrow(error);
    expect(attempt).toThrow(kind as ErrorConstructor);
    expect(existsSync(output)).toBe(false);
  };

  test("copies in which bit 55 is set nowhere", () => {
    refused(
      entries("p.p.p"),
      /Bit 55 is set in no entry of this copy: the kernel does not track/,
      MAPS,
      TrackingUnsupportedError,
    );
  });

  test.each<[string, Uint8Array, RegExp]>([
    [
      "no whole number of entries",
      new Uint8Array(41),
      /its 41 bytes are no whole number of entries/,
    ],
    ["too few", entries("DDDD"), /has 4 entries: expected 5, .* or 10 and more/],
    ["of other mappings", entries("DDDDDD"), /has 6 entries/],
    ["nothing", new Uint8Array(0), /has 0 entries/],
  ])("a pagemap that has %s", (_, pagemap, error) => {
    refused(pagemap, error);
  });

  test.each<[string, string, RegExp]>([
    ["is none", "\x1b[31mred", /as a copy of \/proc\/PID\/maps or smaps: Not a line of maps/],
    ["is empty", "", /there is no mapping in it/],
    [
      "has mappings that overlap",
      "00002000-00005000 rw-p 00000000 00:00 0 \n00004000-00005000 rw-p 00000000 00:00 0 \n",
      /mapping 2 does not come after the one before it/,
    ],
    [
      "has a mapping that ends before it begins",
      "5000-2000 rw-p 0 00:00 0 \n",
      /mapping 1 does not/,
    ],
  ])("maps that %s", (_, maps, error) => {
    refused(entries("DDDDD"), error, maps);
  });

  test("mappings that would take for ever to read", () => {
    const copy = copyOf(entries("D"), "1000-7fffffffe000 rw-p 00000000 00:00 0 \n");
    truncateSync(copy.pagemap, 2 ** 38);
    expect(() => importCopies([copy], output)).toThrow(/no more than 2147483648 are read.*smaps/);
    expect(existsSync(output)).toBe(false);
  });

  test("times that contradict each other", () => {
    const copies = ["a", "b"].map((name) => copyOf(entries("Dpppp"), MAPS, name));
    for (const { pagemap } of copies) utimesSync(pagemap, 1e9, 1e9);
    expect(() => importCopies(copies, output)).toThrow(
      /b\.pagemap is not newer than .*--interval/,
    );
    const twice = { intervalMs: 100, clearedMs: 200 };
    expect(() => importCopies(copies, output, twice)).toThrow(/would have come before .*--cleared/);
    expect(() => importCopies(copies, output, { intervalMs: 1e10 })).toThrow(/more than 104 days/);
    expect(existsSync(output)).toBe(false);
  });

  test("files that are not there", () => {
    const copy = copyOf(entries("Dpppp"));
    const maps = join(folder, "none");
    expect(() => importCopies([{ ...copy, maps }], output)).toThrow(/There is no .*none/);
    expect(() => importCopies([{ ...copy, pagemap: maps }], output)).toThrow(/There is no .*none/);
    expect(() => importCopies([{ ...copy, pagemap: folder }], output)).toThrow(/ordinary file/);
    expect(readFileSync(copy.maps, "utf8")).toBe(MAPS);
  });
});

test("importCriu() and importCopies() call it a mistake to import nothing, or pages of no size", async () => {
  await expect(imports.importCriu([], output)).rejects.toThrow(ArgumentError);
  await expect(imports.importCopies([], output)).rejects.toThrow("Nothing was named to import");
  const copy = copyOf(entries("Dpppp"));
  for (const pageSizeBytes of [0, 3, 4097, -4096, NaN, Infinity]) {
    await expect(imports.importCopies([copy], output, { pageSizeBytes })).rejects.toThrow(
      "not the size of a page",
    );
  }
  expect(existsSync(output)).toBe(false);
  expect(await imports.importCopies([copy], output)).toMatchObject({ snapshotCount: 1 });
});
