import { encode } from "@msgpack/msgpack";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { assertOneValue } from "../../lib/trace/msgpack_structure.ts";

const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double(),
    fc.string({ maxLength: 300 }),
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie("value"), { maxLength: 20 }),
    fc.dictionary(fc.string(), tie("value"), { maxKeys: 20 }),
  ),
})).value;

describe("assertOneValue()", () => {
  test("passes whatever another library encodes", () => {
    fc.assert(fc.property(value, (any) => assertOneValue(encode(any))));
  });

  test("refuses each value that is cut off, and each with a byte too many", () => {
    fc.assert(fc.property(value, (any) => {
      const bytes = encode(any);
      expect(() => assertOneValue(bytes.subarray(0, -1))).toThrow(RangeError);
      expect(() => assertOneValue(Uint8Array.from([...bytes, 0xc0]))).toThrow("too many");
    }));
  });

  test("refuses more elements and entries than a trace has, though each is there", () => {
    const array = new Uint8Array(5 + (1 << 24) + 1);
    array.set([0xdd, 0x01, 0, 0, 0x01]);
    expect(() => assertOneValue(array)).toThrow(/elements/);
    const map = new Uint8Array(3 + 2 * 10_001);
    map.set([0xde, 10_001 >> 8, 10_001 & 0xff]);
    expect(() => assertOneValue(map)).toThrow(/entries/);
  });

  test.each([
    ["an array of four billion elements", [0xdd, 0xff, 0xff, 0xff, 0xff]],
    ["a map of four billion entries", [0xdf, 0xff, 0xff, 0xff, 0xff]],
    ["text of four billion bytes", [0xdb, 0xff, 0xff, 0xff, 0xff]],
    ["arrays within arrays without end", Array(100).fill(0x91)],
    ["arrays nested in nine more", [...Array(9).fill(0x91), 0x90]],
    ["a million empty maps, and another million", [
      0xdd,
      0,
      0x1e,
      0x84,
      0x81,
      ...Array(2_000_001).fill(0x80),
    ]],
    ["an extension type", [0xd4, 1, 2]],
    ["a byte that begins nothing", [0xc1]],
    ["nothing at all", []],
  ])("refuses %s", (_, bytes) => {
    expect(() => assertOneValue(Uint8Array.from(bytes))).toThrow(RangeError);
  });
});
