import { inspect } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { setErrorStacks } from "../../lib/core/errors.ts";
import { diffSnapshots } from "../../lib/core/diff.ts";
import { CALLS, helpText } from "../../lib/repl/commands.ts";
import { inspectable, installInspection } from "../../lib/repl/printing.ts";
import { openSession } from "../../lib/repl/session.ts";
import { openLive } from "../helpers/open_live.ts";
import { drawnKernel } from "../helpers/drawn_kernel.ts";
import { snapshot } from "../helpers/drawn_snapshot.ts";
import { readerOf, traceBytes } from "../helpers/memory_trace.ts";

test("results print themselves", () => {
  installInspection();
  const one = snapshot("0 rw-p [heap] Dp");
  expect(inspect(one)).toMatch(
    /^snapshot 0 of drawn \(pid 42\).*\n1 page dirty, 4.00 KiB: 50.0 % of 2/,
  );
  expect(inspect(diffSnapshots(one, one))).toMatch(/^snapshot 0 → 0/);
  expect(inspect(one.dirty)).toBe("PageSet of 1 page, runs: 1");
  expect(inspect(readerOf(traceBytes(() => {})))).toMatch(/^drawn.sdtrace: .*format 3/);
});

test("what sd.clear, sd.mark and sd.probe give prints itself, and is data all the same", () => {
  const sd = inspectable(openLive({ pid: 42, output: null, kernel: drawnKernel(["0 rw-p - D"]) }));
  expect(inspect(sd.clear())).toBe("cleared drawn (pid 42) in 10 ns");
  expect(inspect(sd.mark("x"))).toMatch(/^marked "x"/);
  expect(inspect(sd.probe())).toMatch(/^soft-dirty works/);
  expect(Object.keys(sd.clear())).toEqual([
    ...["type", "process", "atNs", "durationNs", "stoppedNs", "vmas", "unseenNs"],
  ]);
});

test("at a prompt errors that are answers come without a stack", () => {
  installInspection();
  setErrorStacks(false);
  onTestFinished(() => setErrorStacks(true));
  try {
    readerOf(traceBytes(() => {})).at(0);
    expect.unreachable();
  } catch (error) {
    expect(inspect(error)).toBe("TraceError: drawn.sdtrace has no snapshot 0. It has none at all");
    expect((error as Error).stack).toBe(inspect(error));
  }
});

test("help lists each member of sd once, within 80 columns", () => {
  const sd = openSession({ pid: 42 });
  expect(CALLS.map((call) => call.name).sort()).toEqual(Object.keys(sd).sort());
  for (const line of helpText().split("\n")) expect(line.length).toBeLessThanOrEqual(80);
});
