/** Images that anybody may have made: no crash, no hang, no memory that the bytes do not account for. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parseFileNames } from "../../../lib/import/criu/file_names.ts";
import { imageEntries } from "../../../lib/import/criu/image.ts";
import { readMessage } from "../../../lib/import/criu/message.ts";
import { parseMappings } from "../../../lib/import/criu/mm_image.ts";
import { parsePagemap } from "../../../lib/import/criu/pagemap_image.ts";
import { parseCore, parseFrozenUs, parseInventory } from "../../../lib/import/criu/small_images.ts";
import { COMMON, image, MAGIC } from "../../helpers/criu_images.ts";

const folder = fileURLToPath(new URL("./images/3/", import.meta.url));
const none = { files: undefined, regFiles: undefined, memfd: undefined };

const PARSERS: readonly [name: RegExp, parse: (image: Uint8Array) => unknown][] = [
  [/^pagemap-\d+/, (bytes) => parsePagemap(bytes, 4096)],
  [/^mm-/, (bytes) => parseMappings(bytes, 4096)],
  [/^core-/, parseCore],
  [/^files\.img/, (bytes) => parseFileNames({ ...none, files: bytes })],
  [/^memfd/, (bytes) => parseFileNames({ ...none, memfd: bytes })],
  [/^inventory/, parseInventory],
  [/^stats/, parseFrozenUs],
];

/** One real image of each kind; of large ones the beginning, which has all that there is to damage. */
const SAMPLES = PARSERS.map(([pattern, parse]) => {
  const name = readdirSync(folder).find((file) => pattern.test(file))!;
  return [name, new Uint8Array(readFileSync(join(folder, name))), parse] as const;
});

/** What the parser does with bytes: an answer, or an error that says that they are no image. */
function attempt(parse: (image: Uint8Array) => unknown, bytes: Uint8Array): "read" | "refused" {
  try {
    parse(bytes);
    return "read";
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError);
    return "refused";
  }
}

describe.each(SAMPLES)("%s", (_, bytes, parse) => {
  test("is read as it is", () => {
    expect(attempt(parse, bytes)).toBe("read");
  });

  test("is refused, or read as shorter, where it is cut off", () => {
    const step = Math.ceil(bytes.length / 2000);
    for (let length = 0; length < bytes.length; length += step) {
      attempt(parse, bytes.subarray(0, length));
    }
    expect(attempt(parse, bytes.subarray(0, bytes.length - 1))).toBe("refused");
  });

  test("is refused, or read as something else, with any byte changed", () => {
    const damaged = bytes.slice();
    for (let i = 0; i < Math.min(bytes.length, 1500); i++) {
      for (const value of [0x00, 0x7f, 0x80, 0xff, bytes[i] ^ 1]) {
        damaged[i] = value;
        attempt(parse, damaged);
      }
      damaged[i] = bytes[i];
    }
  });

  test("is not taken for an image of another kind", () => {
    const other = bytes.slice();
    new DataView(other.buffer).setUint32(0, 0x12345678, true);
    expect(() => parse(other)).toThrow(/no \S+ image of CRIU: its magic number is 0x12345678/);
  });
});

describe("imageEntries()", () => {
  test("holds what an entry declares against the bytes that are there", () => {
    const bytes = image([COMMON, MAGIC.mm], new Uint8Array(3));
    new DataView(bytes.buffer).setUint32(8, 0xffff_ffff, true);
    expect(() => [...imageEntries(bytes, "mm")]).toThrow(
      "the entry at byte 8 has 4294967295 bytes",
    );
  });

  test("knows an empty file from an image without entries", () => {
    expect(() => [...imageEntries(new Uint8Array(0), "mm")]).toThrow("cut off at byte 0");
    expect([...imageEntries(image([COMMON, MAGIC.mm]), "mm")]).toEqual([]);
    expect(() => parseMappings(image([COMMON, MAGIC.mm]), 4096)).toThrow("no entry in it");
  });
});

describe("readMessage()", () => {
  test.each<[string, number[]]>([
    ["groups, which nest without end", new Array(100_000).fill(0x0b)],
    ["a number without end", new Array(20).fill(0xff)],
    ["a length beyond the end", [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]],
    ["a field without a number", [0x00, 0x01]],
    ["a field of no known type", [0x0f]],
  ])("refuses %s", (_, bytes) => {
    expect(() => readMessage(new Uint8Array(bytes), {})).toThrow(/^no protobuf message: /);
  });
});
