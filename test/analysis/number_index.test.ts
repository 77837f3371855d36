import fc from "fast-check";
import { expect, test } from "vitest";
import { NumberIndex } from "../../lib/analysis/number_index.ts";

test("each number has the index that it was added with", () => {
  const number = fc.oneof(fc.nat(200), fc.nat(2 ** 31 - 1), fc.maxSafeNat());
  fc.assert(
    fc.property(fc.uniqueArray(number, { maxLength: 400 }), number, (numbers, other) => {
      const index = new NumberIndex();
      expect(numbers.map((one) => index.add(one))).toEqual(numbers.map((_, i) => i));
      expect(numbers.map((one) => index.find(one))).toEqual(numbers.map((_, i) => i));
      expect(index.find(other)).toBe(numbers.indexOf(other));
      expect([...index.numbers()]).toEqual(numbers);
    }),
  );
});
