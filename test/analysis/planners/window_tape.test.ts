import fc from "fast-check";
import { expect, test } from "vitest";
import { type PlannedWindow, WindowTape } from "../../../lib/analysis/planners/window_tape.ts";

const window = fc.record({
  durationNs: fc.double({ min: 1, max: 1e18, noNaN: true }),
  memoryPages: fc.nat(2 ** 40),
  pageCount: fc.nat(2 ** 40),
  ages: fc.array(fc.tuple(fc.nat(2 ** 32 - 1), fc.nat(2 ** 32 - 1)), { maxLength: 40 }),
});

const plain = ({ reuse, ...rest }: PlannedWindow) => ({
  ...rest,
  pageCount: reuse.pageCount,
  ages: Array.from(reuse.ages, (age, i) => [age, reuse.counts[i]]),
});

test("any windows are given back as they were added, however many, and from any to any", () => {
  const drawn = fc.array(window, { maxLength: 300, size: "max" });
  fc.assert(fc.property(drawn, fc.nat(300), fc.nat(300), (windows, a, b) => {
    const tape = new WindowTape();
    for (const { ages, pageCount, ...rest } of windows) {
      const [each, counts] = [0, 1].map((i) => ages.map((pair) => pair[i]));
      tape.add({ ...rest, reuse: { pageCount, ages: each, counts } });
    }
    expect(tape.length).toBe(windows.length);
    const [first, end] = [a, b].map((i) => i % (windows.length + 1)).sort((x, y) => x - y);
    expect(Array.from(tape.windows(first, end), plain)).toEqual(windows.slice(first, end));
  }));
});
