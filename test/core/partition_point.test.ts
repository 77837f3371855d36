import fc from "fast-check";
import { expect, test } from "vitest";
import { partitionPoint } from "../../lib/core/partition_point.ts";

test("as many come before as counting them shows, and few are looked at", () => {
  fc.assert(fc.property(fc.array(fc.nat(50)), fc.nat(51), (values, value) => {
    const ascending = values.toSorted((a, b) => a - b);
    let looks = 0;
    const found = partitionPoint(ascending.length, (i) => {
      looks++;
      return ascending[i] < value;
    });
    expect(found).toBe(values.filter((one) => one < value).length);
    expect(looks).toBeLessThanOrEqual(Math.ceil(Math.log2(values.length + 1)));
  }));
});
