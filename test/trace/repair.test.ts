import { describe, expect, test } from "vitest";
import { planRepair, type RepairPlan } from "../../lib/trace/repair.ts";
import { EVENT_TYPES } from "../../lib/trace/schema.ts";
import { clearAt, snapshot } from "../helpers/drawn_snapshot.ts";
import { memorySource, readerOf, traceBytes } from "../helpers/memory_trace.ts";
import { endsOf, join, record } from "../helpers/raw_records.ts";
import type { TraceReader } from "../../lib/trace/reader.ts";
import type { TraceWriter } from "../../lib/trace/writer.ts";

function write(writer: TraceWriter): void {
  for (let i = 0; i < 9; i++) {
    writer.clear(clearAt(i * 1e6));
    const drawing = `0x10 rw-p [heap] ${"pDDDd".slice(0, 1 + i % 5)}\n0x${
      20 + i % 3
    } r-xp /bin/x p`;
    writer.read(snapshot(drawing, {
      index: i,
      atNs: i * 1e6 + 5e5,
      sinceClear: clearAt(i * 1e6),
    }));
    if (i === 7) writer.note({ type: "mark", text: "between", atNs: i * 1e6 + 6e5 });
  }
}

const unfinished = traceBytes(write);
const finished = traceBytes((writer) => {
  write(writer);
  writer.finish();
});

/** The bytes of a file that was repaired. */
function repaired(bytes: Uint8Array): Uint8Array {
  const plan = planRepair(memorySource(bytes), "drawn");
  expect(plan.index).toBe("missing");
  const { keptBytes, tail } = plan as RepairPlan;
  return join(bytes.subarray(0, keptBytes), tail);
}

/** All that is found in a trace: each event, or what is wrong with it. */
function found(trace: TraceReader): unknown[] {
  return Array.from({ length: trace.eventCount }, (_, i) => {
    try {
      return [trace.summary(i), trace.event(i)];
    } catch (error) {
      return [trace.summary(i), (error as Error).message];
    }
  });
}

/** The same is found as before, by an index, and nothing else is wrong than before. */
function expectRepaired(bytes: Uint8Array): TraceReader {
  const after = readerOf(repaired(bytes));
  expect(after.isIndexed).toBe(true);
  expect(found(after)).toEqual(found(readerOf(bytes)));
  return after;
}

describe("planRepair()", () => {
  test("gives a file that ends cleanly the index that its writer would have written", () => {
    expect([...repaired(unfinished)]).toEqual([...finished]);
  });

  test("gives a file that was cut off at any byte an index, and leaves out the torn record", () => {
    const ends = endsOf(finished);
    for (let length = ends[1]; length < finished.length; length++) {
      const bytes = finished.subarray(0, length);
      const after = expectRepaired(bytes);
      expect(after.problems).toEqual([]);
      const { leftOut } = planRepair(memorySource(bytes), "drawn");
      expect(leftOut).toEqual(
        readerOf(bytes).problems.filter(({ offset }) => offset >= ends[1]),
      );
      expect(leftOut).toHaveLength(ends.includes(length) ? 0 : 1);
    }
  });

  test("leaves damaged records where they are, and has them reported each time", () => {
    const ends = endsOf(unfinished);
    for (let n = 1; n + 2 < ends.length; n++) {
      const bytes = unfinished.slice();
      bytes[ends[n + 1] - 1] ^= 4;
      const after = expectRepaired(bytes);
      const [offset, lengthBytes] = [ends[n], ends[n + 1] - ends[n]];
      expect(after.problems).toEqual([{ offset, lengthBytes, reason: "no record that is whole" }]);
      expect(planRepair(memorySource(repaired(bytes)), "drawn")).toMatchObject({
        index: "present",
        problems: after.problems,
      });
    }
  });

  test("writes the index again where the old one is damaged", () => {
    const bytes = finished.slice();
    bytes[unfinished.length + 30] ^= 1;
    expect(readerOf(bytes).isIndexed).toBe(false);
    expect([...repaired(bytes)]).toEqual([...finished]);
    expect(planRepair(memorySource(bytes), "drawn").leftOut).toHaveLength(1);
  });

  test("writes the index again where events follow it", () => {
    const bytes = join(finished, record(EVENT_TYPES.mark, [null, 1e9, "later"]));
    expectRepaired(bytes);
    expect(readerOf(repaired(bytes)).event(19)).toMatchObject({ text: "later" });
  });

  test("keeps records of unknown types, and has them reported", () => {
    const after = expectRepaired(join(unfinished, record(99, "from elsewhere")));
    expect(after.problems).toMatchObject([{ offset: unfinished.length, reason: "unknown record" }]);
  });

  test("does nothing to a file that has an index", () => {
    expect(planRepair(memorySource(finished), "drawn")).toEqual({
      index: "present",
      eventCount: 19,
      problems: [],
      leftOut: [],
    });
  });

  test("refuses what is no trace", () => {
    expect(() => planRepair(memorySource(Uint8Array.of(1, 2)), "drawn")).toThrow(/not a softdirty/);
    const bytes = unfinished.slice();
    const [, second] = endsOf(bytes);
    bytes[20] ^= 1;
    bytes[second + 20] ^= 1;
    expect(() => planRepair(memorySource(bytes), "drawn")).toThrow(/no header that is whole/);
  });
});
