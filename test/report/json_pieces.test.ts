import fc from "fast-check";
import { expect, test } from "vitest";
import { plainJson } from "../../lib/core/plain_text.ts";
import { jsonPieces, Listed } from "../../lib/report/json_pieces.ts";

/** The same with lists that are made when they are asked for in place of arrays. */
function listed(value: unknown, every: number, depth = 0): unknown {
  if (Array.isArray(value)) {
    const all = value.map((one) => listed(one, every, depth + 1));
    return depth % every === 0 ? new Listed(() => all) : all;
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, listed(field, every, depth + 1)]),
  );
}

test("jsonPieces() makes the text of plainJson(), whatever is in it", () => {
  const value = fc.jsonValue({ maxDepth: 6 });
  const long = fc.record({
    rows: fc.array(fc.oneof(value, fc.array(fc.nat(), { maxLength: 40 })), { maxLength: 700 }),
    rest: value,
  });
  fc.assert(
    fc.property(fc.oneof(value, long), fc.integer({ min: 1, max: 3 }), (json, every) => {
      expect([...jsonPieces(json)].join("")).toBe(plainJson(json));
      expect([...jsonPieces(listed(json, every))].join("")).toBe(plainJson(json));
    }),
  );
});

test("jsonPieces() leaves out what JSON leaves out, and escapes what a terminal obeys", () => {
  const value = { a: undefined, b: "\u009b1m", c: [undefined, null, NaN], d: {}, e: [] };
  expect([...jsonPieces(value)].join("")).toBe(plainJson(value));
  expect(plainJson(value)).toContain("\\u009b");
});
