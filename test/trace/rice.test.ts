import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { riceBits, RiceReader, RiceWriter } from "../../lib/trace/rice.ts";

// As the format has them; traces that were written once are to be read for ever.
const ESCAPE = 24;
const MAX_PARAMETER = 24;

const parameter = fc.integer({ min: 0, max: MAX_PARAMETER });
/** Of every size: as many short numbers as long ones, and those round the escape. */
const code = parameter.chain((k) =>
  fc.record({
    k: fc.constant(k),
    value: fc.oneof(
      fc.integer({ min: 0, max: 53 }).chain((bits) => fc.maxSafeNat().map((n) => n % 2 ** bits)),
      fc.integer({ min: -2, max: 2 }).map((more) => Math.max(0, ESCAPE * 2 ** k + more)),
      fc.constantFrom(2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1),
    ),
  })
);

function encoded(codes: readonly { value: number; k: number }[]): Uint8Array {
  const writer = new RiceWriter(0);
  for (const { value, k } of codes) writer.put(value, k);
  return writer.finish();
}

/** The code as `FORMAT.md` says it, bit by bit. */
function bitsOf(value: number, k: number): string {
  const ones = Math.floor(value / 2 ** k);
  if (ones >= ESCAPE) return "1".repeat(ESCAPE) + value.toString(2).padStart(53, "0");
  return `${"1".repeat(ones)}0${k === 0 ? "" : (value % 2 ** k).toString(2).padStart(k, "0")}`;
}

const bitsIn = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");

describe("Rice codes", () => {
  test("are read as they were written, with any parameters one after the other", () => {
    fc.assert(
      fc.property(fc.array(code, { maxLength: 100 }), (codes) => {
        const reader = new RiceReader(encoded(codes));
        for (const { value, k } of codes) expect(reader.next(k)).toBe(value);
      }),
      { numRuns: 500 },
    );
  });

  test("are, for each parameter, read for each number round each power of two", () => {
    for (let k = 0; k <= MAX_PARAMETER; k++) {
      const values = Array.from({ length: 53 }, (_, bits) => [2 ** bits - 1, 2 ** bits]).flat();
      const codes = [...values, 2 ** 53 - 1].map((value) => ({ value, k }));
      const reader = new RiceReader(encoded(codes));
      expect(codes.map(() => reader.next(k))).toEqual(codes.map(({ value }) => value));
    }
  });

  test("have the bits that the format says, filled up with zeros", () => {
    fc.assert(fc.property(fc.array(code, { maxLength: 30 }), (codes) => {
      const bits = codes.map(({ value, k }) => bitsOf(value, k)).join("");
      expect(bitsIn(encoded(codes))).toBe(bits.padEnd(Math.ceil(bits.length / 8) * 8, "0"));
      expect(codes.reduce((sum, { value, k }) => sum + riceBits(value, k), 0)).toBe(bits.length);
    }));
  });

  test("that are cut off are refused", () => {
    fc.assert(fc.property(code, ({ value, k }) => {
      const bytes = encoded([{ value, k }]);
      expect(() => new RiceReader(bytes.subarray(0, -1)).next(k)).toThrow("has no end");
    }));
  });

  test("of any bytes end with them", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), parameter, (bytes, k) => {
      const reader = new RiceReader(bytes);
      const readAll = () => {
        for (let n = 0; n <= bytes.length * 8; n++) {
          expect(reader.next(k)).toBeGreaterThanOrEqual(0);
        }
      };
      expect(readAll).toThrow(RangeError);
    }));
  });
});
