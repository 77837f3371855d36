import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ProcessError } from "../../lib/core/errors.ts";
import { judged } from "../../lib/kernel/neighbours/memory_of_others.ts";
import { PagemapReaders } from "../../lib/kernel/neighbours/neighbours.ts";
import { preflight, type PreflightOptions } from "../../lib/kernel/preflight.ts";
import { ProcFs } from "../../lib/kernel/proc/proc_fs.ts";
import { FakeProc, mapsLine } from "../helpers/fake_proc.ts";

let fake: FakeProc;

beforeEach(() => {
  fake = new FakeProc();
});
afterEach(() => fake.remove());

const PRESENT = 1n << 63n;
const DIRTY = 1n << 55n;
const maps = mapsLine({ start: 1, end: 4 });
const FRESH = BigUint64Array.of(0n, PRESENT | DIRTY, DIRTY, PRESENT | DIRTY);
const CLEARED = BigUint64Array.of(0n, PRESENT | DIRTY, 0n, PRESENT);

function look(options: PreflightOptions = {}, isOwnFork = false) {
  const proc = new ProcFs(fake.root);
  const means = { proc, readers: new PagemapReaders(proc, 1), readBy: "pagemap" } as const;
  return preflight(means, "soft-dirty", { pid: 42, isOwnFork }, options).map(({ code }) => code);
}

function refusal(options: PreflightOptions = {}): ProcessError | undefined {
  try {
    look(options);
  } catch (error) {
    return error as ProcessError;
  }
}

describe("preflight() of soft-dirty", () => {
  test("reports nothing for a process whose soft-dirty bits no program uses", () => {
    fake.put({ pid: 42, maps, pagemap: FRESH, descriptors: ["/proc/42/pagemap"] });
    expect(look()).toEqual([]);
    expect(look({ careful: true })).toEqual([]);
  });

  test("refuses a process that clears its own bits, unless it is forced to", () => {
    fake.put({ pid: 42, maps, pagemap: FRESH, descriptors: ["/proc/42/clear_refs"] });
    expect(refusal()).toMatchObject({
      code: "reads-own-pages",
      message: expect.stringMatching(/^Process 42 has its own clear_refs open.*with --force/),
    });
    expect(look({ force: true })).toEqual(["reads-own-pages"]);
  });

  test("warns of bits that somebody cleared before, and counts the pages", () => {
    fake.put({ pid: 42, maps, pagemap: CLEARED });
    expect(look()).toEqual(["cleared-before"]);
    expect(refusal({ careful: true })).toMatchObject({
      code: "cleared-before",
      message: expect.stringMatching(/cleared before: 1 of its pages .* CRIU .* --careful/),
    });
    expect(look({ careful: true }, true)).toEqual([]);
  });

  test("warns of another program that reads its pages, with its name", () => {
    fake.put({ pid: 42, maps, pagemap: FRESH });
    fake.put({ pid: 50, command: "node\x1b[1m", descriptors: ["/proc/42/pagemap"] });
    expect(look()).toEqual(["tracked-by-another"]);
    expect(refusal({ careful: true })?.message).toMatch(/open in 50 \(node\\u001b\[1m\)|50 \(node/);
    expect(refusal({ careful: true })?.message).not.toContain("\x1b");
  });
});

test("memory of others is judged by its share of what there is", () => {
  expect(judged(42, 256, 2560, 4096, false)).toEqual({
    code: "tracked-by-another",
    message: expect.stringMatching(/^1\.0 of 10\.0 MiB \(10 %\) of the private writable memory/),
  });
  expect(() => judged(42, 2304, 2560, 4096, false)).toThrow(/\(90 %\).*end the other one first/);
  expect(judged(42, 2560, 2560, 4096, true).message).toContain("(100 %)");
});
