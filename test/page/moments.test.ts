import { expect, test } from "vitest";
import type { TimeColumn } from "../../lib/analysis/time_columns.ts";
import { momentIn } from "../../lib/page/moments.ts";

/** Four columns of two windows, and moments at the first and the third. */
const columns: TimeColumn[] = [0, 1, 2, 3].map((i) => ({
  ...{ startNs: i * 10, endNs: i * 10 + 10, windowCount: 2 },
  ...{ firstSnapshot: 2 * i, lastSnapshot: 2 * i + 1 },
}));
const moments = [0, 4].map((firstWindow) => ({ firstWindow, stops: [] }));

test.each([
  ["the whole time", 0, 4, 0],
  ["a part with a moment in it", 1, 4, 20],
  ["the column of a moment", 2, 3, 20],
  ["a part without one", 1, 2, 0],
  ["a part behind the last", 3, 4, 20],
])("%s has the first moment in it, or the last before", (_, from, to, atNs) => {
  const found = momentIn(moments, columns, { from, to });
  expect(found.atNs).toBe(atNs);
  expect(found.moment.firstWindow).toBe(atNs / 5);
});
