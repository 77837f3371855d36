import { expect, test } from "vitest";
import { KnownMemory } from "../../../lib/analysis/planners/known_memory.ts";
import { seconds, snapshot } from "../../helpers/drawn_snapshot.ts";

const untold = (drawing: string) =>
  snapshot(drawing, { tracker: "uffd-wp", known: ["dirty", "newMapping", "unwatched"] });
const shown = (drawing: string) =>
  snapshot(drawing, { tracker: "uffd-wp", known: ["dirty", "present", "swapped"] });

test("what exists is what the last snapshot reported, and what was written since", () => {
  const memory = new KnownMemory();
  expect(memory.after(shown("0x10 rw-p - Dpp...")).toJSON()).toEqual([[0x10, 3]]);
  expect(memory.after(untold("0x10 rw-p - ....d.")).toJSON()).toEqual([[0x10, 3], [0x14, 1]]);
  // What is no longer mapped does not exist.
  expect(memory.after(untold("0x12 rw-p - ...")).toJSON()).toEqual([[0x12, 1], [0x14, 1]]);
  expect(memory.after(shown("0x12 rw-p - p..")).toJSON()).toEqual([[0x12, 1]]);
  expect(memory.isRecorded).toBe(true);
});

test("until a snapshot reports it, all that can be accessed is taken for it", () => {
  const memory = new KnownMemory();
  expect(memory.after(untold("0x10 ---p - ..\n0x20 rw-p - d.")).toJSON()).toEqual([[0x20, 2]]);
  expect(memory.isRecorded).toBe(false);
});

test("what was read from soft-dirty shows it always", () => {
  const memory = new KnownMemory();
  expect(memory.after(seconds("0x10 rw-p - Dp.S")[0]).toJSON()).toEqual([[0x10, 2], [0x13, 1]]);
  expect(memory.isRecorded).toBe(true);
});
