import { existsSync, readFileSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { dirtyRates } from "../../lib/analysis/rate.ts";
import { ImportError, TrackingUnsupportedError } from "../../lib/core/errors.ts";
import { PageSet } from "../../lib/core/page_set.ts";
import { importCopies } from "../../lib/session/import_copies.ts";
import { importCriu } from "../../lib/session/import_criu.ts";
import { openTrace } from "../../lib/session/sd.ts";
import { criuRecording, everyNth, targetPlaces } from "../helpers/criu_recording.ts";
import { draw } from "../helpers/drawn_pages.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

let folder: string;
let output: string;
beforeEach(() => {
  folder = temporaryFolder();
  output = join(folder, "imported.sdtrace");
});

const snapshots = () => [...openTrace(output).snapshots];

describe("importCopies() over copies that were made right before CRIU's dumps", () => {
  const { pid, first } = targetPlaces("parent");
  const copies = ["2", "3"].map((name) => ({
    pagemap: criuRecording(`${name}.pagemap`),
    maps: criuRecording(`${name}.maps`),
  }));
  const options = { pid, command: "every7th", intervalMs: 2000, clearedMs: 1500 };

  test("tells what was written", () => {
    importCopies(copies, output, options);
    const region = PageSet.from([{ start: first.private, end: first.private + 2048 }]);
    const [one, next] = snapshots();
    expect(one.dirty.intersect(region)).toEqual(everyNth(first.private, 2048, 7));
    expect(next.dirty.intersect(region)).toEqual(everyNth(first.private, 2048, 14));
    expect(next.dirtyPopulated.countIn(first.new, first.new + 56)).toBe(5);
    expect(next.dirtyUnpopulated.countIn(first.new, first.new + 56)).toBe(51);
    expect(next.dirty.countIn(first.shared, first.shared + 64)).toBe(3);
    expect(next.process).toMatchObject({ pid, command: "every7th" });
  });

  test("tells the same pages as the dumps of CRIU, but for shared memory, which these lack", () => {
    importCopies(copies, output, options);
    const dumped = join(folder, "dumped.sdtrace");
    importCriu([criuRecording("3")], dumped);
    const ofCriu = [...openTrace(dumped).snapshots].filter(({ process }) => process.pid === pid);
    for (const [i, copied] of snapshots().entries()) {
      const ofDump = ofCriu[i + 1];
      const shared = PageSet.from(copied.vmas.filter(({ perms }) => perms.endsWith("s")));
      expect(ofDump.dirty).toEqual(copied.dirtyPopulated.subtract(shared));
      expect(ofDump.dirty.pageCount).toBe([403, 272][i]);
    }
    // Devices and inodes are in no image; all else of the mappings is the same.
    const plain = { device: "", inode: "" };
    const [, last] = snapshots();
    expect(ofCriu[2].vmas.map((vma) => ({ ...vma, ...plain }))).toEqual(
      last.vmas.map((vma) => ({ ...vma, ...plain })),
    );
  });

  test("is measured from the clears that were told, and from none else", () => {
    importCopies(copies, output, options);
    expect(snapshots().map(({ atNs, sinceClear }) => [atNs, sinceClear?.atNs])).toEqual([
      [1.5e9, 0],
      [3.5e9, 2e9],
    ]);
    expect(snapshots()[1].sinceClear?.unseenNs).toBeNull();
    expect(dirtyRates(snapshots())).toHaveLength(1);
    const never = join(folder, "never.sdtrace");
    const { remarks } = importCopies(copies, never, { intervalMs: 2000 });
    expect(openTrace(never).at(1).sinceClear).toBeNull();
    expect(dirtyRates(openTrace(never).snapshots)).toEqual([]);
    expect(remarks.join("\n")).toMatch(/cleared was not said.*\n.*the pid was not said/);
  });

  test("does not say that this program tried the kernel", () => {
    importCopies(copies, output, options);
    const { writer, probe } = openTrace(output).header;
    expect(writer).toMatch(/import of copies of pagemap$/);
    expect(probe.steps.map(({ action }) => action)).toEqual(["clear", "write"]);
    expect(probe.reason).toContain("softdirty did not try it");
  });
});

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
    expect(remarks.join()).toContain("hugetlb memory is told by a copy of smaps alone");
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
      /b\.pagemap is no younger than .*--interval/,
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
