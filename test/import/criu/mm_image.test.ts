import { describe, expect, test } from "vitest";
import { PageSet } from "../../../lib/core/page_set.ts";
import { parseFileNames } from "../../../lib/import/criu/file_names.ts";
import { isWatched, toVma, withUnknown } from "../../../lib/import/criu/mappings.ts";
import { MAPPING_STATUS as IS, parseMappings } from "../../../lib/import/criu/mm_image.ts";
import {
  COMMON,
  type DrawnMapping,
  image,
  MAGIC,
  message,
  mmImage,
} from "../../helpers/criu_images.ts";
import { pages } from "../../helpers/drawn_pages.ts";

const NAMES = new Map([[7, "/usr/bin/drawn"]]);
const ANONYMOUS = IS.regular | IS.anonymousPrivate;

/** One mapping, written and read again. */
function one(fields: Partial<DrawnMapping>) {
  const drawn = { start: 0x10, end: 0x20, status: ANONYMOUS, ...fields };
  return parseMappings(mmImage([drawn]), 4096)[0];
}

describe("parseMappings()", () => {
  test("prints a mapping as maps would", () => {
    const file = { status: IS.regular | IS.filePrivate, prot: 5, flags: 2, objectId: 7 };
    expect(toVma(one({ ...file, offsetPages: 3 }), NAMES)).toEqual({
      start: 0x10,
      end: 0x20,
      perms: "r-xp",
      offsetPages: 3,
      device: "00:00",
      inode: "0",
      name: "/usr/bin/drawn",
    });
  });

  test.each<[string, boolean, string, Partial<DrawnMapping>]>([
    ["", true, "rw-p", {}],
    ["[heap]", true, "rw-p", { status: ANONYMOUS | IS.heap }],
    ["[stack]", true, "rw-p", { flags: 0x122 }],
    ["[vdso]", true, "r-xp", { status: ANONYMOUS | IS.vdso, prot: 5 }],
    ["[vvar]", false, "r--p", { status: ANONYMOUS | IS.vvar, prot: 1 }],
    ["[vsyscall]", false, "--xp", { status: IS.vsyscall, prot: 4 }],
    ["[uprobes]", false, "--xp", { status: ANONYMOUS | IS.uprobes, prot: 4 }],
    ["/dev/zero (deleted)", false, "rw-s", { status: 1 | IS.anonymousShared, flags: 0x21 }],
    ["/usr/bin/drawn", false, "rw-s", { status: 1 | IS.fileShared, flags: 1, objectId: 7 }],
    ["/SYSV (deleted)", false, "rw-s", { status: 1 | IS.systemVShared, flags: 1 }],
    ["/[aio] (deleted)", false, "rw-p", { status: ANONYMOUS | IS.aioRing }],
    ["", true, "rw-p", { status: 1 | IS.filePrivate, flags: 2, objectId: 8 }],
  ])("calls a mapping '%s' (watched: %s)", (name, watched, perms, fields) => {
    const mapping = one(fields);
    expect(toVma(mapping, NAMES)).toMatchObject({ name, perms });
    expect(isWatched(mapping)).toBe(watched);
  });

  test("leaves out what are guard pages, and puts the others into order", () => {
    const drawn = [[8, 9, ANONYMOUS], [1, 5, ANONYMOUS], [2, 3, ANONYMOUS | IS.guard]];
    const mappings = drawn.map(([start, end, status]) => ({ start, end, status }));
    expect(parseMappings(mmImage(mappings), 4096).map(({ start }) => start)).toEqual([1, 8]);
  });

  test("refuses mappings that overlap or are empty", () => {
    const overlapping = [{ start: 1, end: 5, status: 1 }, { start: 4, end: 6, status: 1 }];
    expect(() => parseMappings(mmImage(overlapping), 4096)).toThrow("not disjoint");
    expect(() => parseMappings(mmImage([{ start: 5, end: 5, status: 1 }]), 4096)).toThrow(
      "disjoint",
    );
  });
});

describe("parseFileNames()", () => {
  const regular = message([[1, 3], [2, 0], [6, "/lib/a.so"]]);

  test("reads regular files of newer and of older images", () => {
    const files = image([COMMON, MAGIC.files], message([[1, 1], [2, 3], [3, regular]]));
    const regFiles = image([MAGIC.regFiles], message([[1, 4], [6, "/lib/old.so"]]));
    const names = parseFileNames({ files, regFiles, memfd: undefined });
    expect([...names]).toEqual([[4, "/lib/old.so"], [3, "/lib/a.so"]]);
  });

  test("finds the name of a memfd by its inode", () => {
    const entry = message([[1, 18], [2, 5], [20, message([[1, 5], [5, 9]])]]);
    const files = image([COMMON, MAGIC.files], entry);
    const memfd = image([COMMON, MAGIC.memfd], message([[1, "/dev/zero"], [5, 2], [7, 9]]));
    expect(parseFileNames({ files, regFiles: undefined, memfd }).get(5)).toBe(
      "/dev/zero (deleted)",
    );
    expect(parseFileNames({ files, regFiles: undefined, memfd: undefined }).get(5)).toBe("");
  });
});

describe("withUnknown()", () => {
  const vmas = [
    toVma(one({ start: 10, end: 20 }), NAMES),
    toVma(one({ start: 30, end: 40 }), NAMES),
  ];
  const places = (set: PageSet) =>
    withUnknown(vmas, set).map(({ start, end, name }) => `${start}-${end}${name}`);

  test("leaves mappings as they are that hold all pages", () => {
    expect(places(pages("#####", 12))).toEqual(["10-20", "30-40"]);
  });

  test("makes mappings of the pages outside, those that lie near each other as one", () => {
    const outside = PageSet.from([
      { start: 2, end: 3 },
      { start: 5, end: 6 },
      { start: 18, end: 22 },
      { start: 25, end: 31 },
      { start: 45, end: 46 },
      { start: 5000, end: 5001 },
    ]);
    expect(places(outside)).toEqual([
      "2-6[unknown]",
      "10-20",
      "20-30[unknown]",
      "30-40",
      "45-46[unknown]",
      "5000-5001[unknown]",
    ]);
  });

  test("makes all of them where there is none", () => {
    expect(withUnknown([], pages("#.#", 7))).toMatchObject([{ start: 7, end: 10, perms: "rw-p" }]);
  });
});
