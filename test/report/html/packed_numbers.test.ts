import fc from "fast-check";
import { expect, test } from "vitest";
import { unpackNumbers } from "../../../lib/page/unpack_numbers.ts";
import { packNumbers } from "../../../lib/report/html/packed_numbers.ts";

test("numbers come out as they went in", async () => {
  const count = fc.oneof(fc.constant(0), fc.nat(200), fc.maxSafeNat());
  await fc.assert(fc.asyncProperty(fc.array(count), async (numbers) => {
    expect([...await unpackNumbers(packNumbers(numbers))]).toEqual(numbers);
  }));
});

test("a map that is mostly empty takes little room", () => {
  const counts = new Float64Array(2_000_000);
  for (let i = 0; i < counts.length; i += 100) counts[i] = i % 7;
  expect(packNumbers(counts).length).toBeLessThan(100_000);
});
