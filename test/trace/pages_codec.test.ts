import { expect, test } from "vitest";
import { PageSet } from "../../lib/core/page_set.ts";
import { decodePages, encodePages } from "../../lib/trace/pages_codec.ts";
import { NO_PAGES } from "../../lib/core/snapshot.ts";
import { randomPages } from "../helpers/random_pages.ts";

const before = { ...NO_PAGES, dirty: randomPages(20_000, 0.1, 1) };

test("a set that is nearly as before is delta-encoded, in few bytes", () => {
  const dirty = before.dirty.xor(
    PageSet.from([{ start: 500, end: 503 }, { start: 900, end: 901 }]),
  );
  const encoded = encodePages({ ...before, dirty }, before);
  expect(encoded).toEqual([1, expect.any(Uint8Array)]);
  expect((encoded[1] as Uint8Array).length).toBeLessThan(16);
  expect(decodePages(encoded, before).dirty.equals(dirty)).toBe(true);
});

test("a set that has little in common with the one before is encoded as it is", () => {
  const dirty = randomPages(20_000, 0.1, 77);
  const encoded = encodePages({ ...before, dirty }, before);
  expect(encoded).toEqual([0, expect.any(Uint8Array)]);
  expect(decodePages(encoded, before).dirty.equals(dirty)).toBe(true);
});

test("sets that are as before are not encoded", () => {
  expect(encodePages(before, before)).toEqual([]);
});
