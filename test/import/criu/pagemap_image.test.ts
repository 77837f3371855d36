import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PageSet } from "../../../lib/core/page_set.ts";
import { parsePagemap } from "../../../lib/import/criu/pagemap_image.ts";
import { COMMON, image, MAGIC, message, pagemapImage } from "../../helpers/criu_images.ts";
import { draw, pages } from "../../helpers/drawn_pages.ts";

const HEAD = message([[1, 7]]);
const parsed = (...entries: Uint8Array[]) =>
  parsePagemap(image([COMMON, MAGIC.pagemap], HEAD, ...entries), 4096);

describe("parsePagemap()", () => {
  test("separates pages that were written from pages that the parent has", () => {
    const { written, inParent } = parsePagemap(
      pagemapImage(pages("##..#....#", 0x400), pages("..##.#....", 0x400)),
      4096,
    );
    expect(draw(written, 10, 0x400)).toBe("##..#....#");
    expect(draw(inParent, 10, 0x400)).toBe("..##.#....");
  });

  test("takes pages that are to be fetched later as written", () => {
    expect(parsed(message([[1, 0x1000], [2, 3], [4, 2]])).written.pageCount).toBe(3);
  });

  test("understands images of before there were flags", () => {
    const { written, inParent } = parsed(
      message([[1, 0x1000], [2, 2]]),
      message([[1, 0x3000], [2, 2], [3, 1]]),
      message([[1, 0x5000], [2, 2], [3, 0]]),
    );
    expect(draw(written, 8)).toBe(".##..##.");
    expect(draw(inParent, 8)).toBe("...##...");
  });

  test("takes the number of pages from the field that CRIU 4.2 added", () => {
    const { inParent } = parsed(message([[1, 0x1000], [2, 0], [4, 1], [5, 2 ** 33]]));
    expect([...inParent.runs()]).toEqual([{ start: 1, end: 2 ** 33 + 1, pageCount: 2 ** 33 }]);
  });

  test("understands images without the common magic number, and larger pages", () => {
    const old = image([MAGIC.pagemap], HEAD, message([[1, 0x20000], [2, 1], [4, 4]]));
    expect(parsePagemap(old, 65536).written.has(2)).toBe(true);
    expect(() => parsePagemap(image([MAGIC.pagemap], HEAD, message([[1, 0x1000], [2, 1]])), 65536))
      .toThrow("address 1000 is not the beginning of a page of 65536 bytes");
  });

  test("reaches to the end of the address space, and no further", () => {
    const last = 0xffff_ffff_ffff_f000n;
    expect(parsed(message([[1, last], [2, 1]])).written.has(2 ** 52 - 1)).toBe(true);
    expect(() => parsed(message([[1, last], [2, 2]]))).toThrow(RangeError);
    expect(() => parsed(message([[1, 0], [5, 2n ** 64n - 1n]]))).toThrow(RangeError);
  });

  test.each<[string, Uint8Array[]]>([
    ["go back", [message([[1, 0x5000], [2, 1]]), message([[1, 0x1000], [2, 1]])]],
    ["overlap", [message([[1, 0x1000], [2, 2]]), message([[1, 0x2000], [2, 1]])]],
    ["have no page", [message([[1, 0x1000], [2, 0]])]],
    ["have no address", [message([[2, 1]])]],
  ])("refuses entries that %s", (_, entries) => {
    expect(() => parsed(...entries)).toThrow("do not ascend");
  });

  test("keeps each set of pages, however it is cut", () => {
    const runs = fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 2 })));
    fc.assert(fc.property(runs, (drawn) => {
      const ranges: { start: number; end: number }[][] = [[], [], []];
      let page = 0x7f0000000;
      for (const [pageCount, kind] of drawn) {
        ranges[kind].push({ start: page, end: page + pageCount });
        page += pageCount;
      }
      const [written, inParent] = ranges.map((one) => PageSet.from(one));
      const found = parsePagemap(pagemapImage(written, inParent), 4096);
      expect(found.written.edges).toEqual(written.edges);
      expect(found.inParent.edges).toEqual(inParent.edges);
    }));
  });
});
