import fc from "fast-check";
import { expect, test } from "vitest";
import { columnsIn, type Frame, moved, zoomed } from "../../lib/page/heat_frame.ts";

const size = { columns: 24, rows: 100 };
const all: Frame = { x: 0, y: 0, width: 24, height: 100 };

test("the point that is zoomed at stays where it is seen", () => {
  const frame = zoomed(all, size, 0.5, 6, 75);
  expect(frame).toEqual({ x: 3, y: 37.5, width: 12, height: 50 });
  expect([(6 - frame.x) / frame.width, (75 - frame.y) / frame.height]).toEqual([0.25, 0.75]);
  expect(zoomed(frame, size, 2, 6, 75)).toEqual(all);
});

test("columns count that are in view in part", () => {
  expect(columnsIn(all, size)).toEqual([0, 23]);
  expect(columnsIn({ ...all, x: 3.5, width: 1 }, size)).toEqual([3, 4]);
  expect(columnsIn({ ...all, x: 3, width: 1 }, size)).toEqual([3, 3]);
});

test("no way leads out of the map, or nearer than one cell", () => {
  const step = fc.oneof(
    fc.tuple(fc.constant("move"), fc.double({ min: -50, max: 50, noNaN: true }), fc.nat(200)),
    fc.tuple(fc.constant("zoom"), fc.double({ min: 0.01, max: 10, noNaN: true }), fc.nat(100)),
  );
  fc.assert(fc.property(
    fc.record({ columns: fc.integer({ min: 1, max: 512 }), rows: fc.integer({ min: 1, max: 99 }) }),
    fc.array(step),
    (size, steps) => {
      let frame: Frame = { x: 0, y: 0, width: size.columns, height: size.rows };
      for (const [what, by, at] of steps) {
        const [x, y] = [frame.x + frame.width * at / 100, frame.y + frame.height * at / 100];
        frame = what === "move" ? moved(frame, size, by, at - 100) : zoomed(frame, size, by, x, y);
        expect(frame.width).toBeGreaterThanOrEqual(1);
        expect(frame.height).toBeGreaterThanOrEqual(1);
        expect(Math.min(frame.x, frame.y)).toBeGreaterThanOrEqual(0);
        expect(frame.x + frame.width).toBeLessThanOrEqual(size.columns + 1e-9);
        expect(frame.y + frame.height).toBeLessThanOrEqual(size.rows + 1e-9);
        const [first, last] = columnsIn(frame, size);
        expect(0 <= first && first <= last && last < size.columns).toBe(true);
      }
    },
  ));
});
