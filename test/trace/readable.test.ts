import { expect, test } from "vitest";
import { derivedSeries, ofProcesses } from "../../lib/core/untracked_process.ts";
import { TraceReader } from "../../lib/trace/reader.ts";
import { snapshotsOf } from "../../lib/trace/readable.ts";
import { Forge, rows } from "../fuzz/forge.ts";
import { memorySource } from "../helpers/memory_trace.ts";

const PROCESSES = 50;
const WINDOWS = 3;

function forged(): Uint8Array {
  const forge = new Forge();
  forge.list(rows(2));
  for (let i = 0; i < PROCESSES; i++) forge.process(`p${i}`);
  for (let n = 0; n < WINDOWS; n++) {
    for (let i = 0; i < PROCESSES; i++) forge.window({ process: i });
  }
  return forge.bytes;
}

test("the snapshots of one process take the work of those alone, and are the same", () => {
  const trace = new TraceReader(memorySource(forged()), "forged");
  let spent = 0;
  const all = snapshotsOf(trace, () => {}, (units) => spent += units);
  const workOf = (walk: () => void) => {
    const before = spent;
    walk();
    return spent - before;
  };
  const first = workOf(() => expect([...all]).toHaveLength(PROCESSES * WINDOWS));
  // Later walks need not look at clears for themselves.
  const later = workOf(() => expect([...all]).toHaveLength(PROCESSES * WINDOWS));
  expect(later).toBeLessThan(first * 0.75);
  const isMeant = ({ command }: { command: string }) => command === "p7";
  const expected = [...ofProcesses(derivedSeries(all, () => all[Symbol.iterator]()), isMeant)];
  expect(expected).toHaveLength(WINDOWS);
  const own = workOf(() => expect([...ofProcesses(all, isMeant)]).toEqual(expected));
  expect(own).toBeCloseTo(later / PROCESSES, 0);
});
