import { join } from "node:path";
import { expect, test } from "vitest";
import { ProcessError } from "../../lib/core/errors.ts";
import type { KernelAccess } from "../../lib/session/kernel_access.ts";
import { LiveSource } from "../../lib/session/live_source.ts";
import { NeighbourWatch } from "../../lib/session/neighbour_watch.ts";
import { openReplay, openTrace } from "../../lib/session/sd.ts";
import { openLive } from "../helpers/open_live.ts";
import type { WarningEvent } from "../../lib/trace/schema.ts";
import { drawnKernel } from "../helpers/drawn_kernel.ts";
import { groupKernel } from "../helpers/group_kernel.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

const WARNING = { code: "cleared-before", message: "cleared before" } as const;
const drawings = Array.from({ length: 9 }, () => "0 rw-p - D");

const warningKernel = (changes: Partial<KernelAccess> = {}): KernelAccess => ({
  ...drawnKernel(drawings),
  preflight: () => [WARNING],
  ...changes,
});

test("a warning is given once, stands in the trace before the first clear, and a replay passes it", () => {
  const output = join(temporaryFolder(), "a.sdtrace");
  const warnings: WarningEvent[] = [];
  const onWarning = (one: WarningEvent) => warnings.push(one);
  const sd = openLive({ pid: 42, output, kernel: warningKernel(), onWarning });
  sd.read();
  sd.clear();
  sd.mark("a");
  sd.take();
  sd.close();
  expect(warnings).toMatchObject([{ type: "warning", process: { pid: 42 }, ...WARNING }]);
  const events = [...openTrace(output).events()].map((one) => "type" in one ? one.type : "read");
  expect(events).toEqual(["read", "warning", "clear", "mark", "read", "clear"]);
  const again = openReplay(output);
  again.read();
  again.clear();
  expect(again.mark("a").atNs).toBeGreaterThan(0);
  expect(again.take().dirty.pageCount).toBe(1);
});

test("a process that is refused is not touched, and leaves no trace", () => {
  const folder = temporaryFolder();
  const kernel = warningKernel({
    preflight() {
      throw new ProcessError("reads-own-pages", 42, "It reads its own pages");
    },
  });
  const source = new LiveSource({ output: join(folder, "a.sdtrace"), kernel });
  for (const call of ["clear", "take"] as const) {
    expect(() => source[call](42)).toThrow("It reads its own pages");
  }
  expect(source.read(42).dirty.pageCount).toBe(1);
});

test("a member of a group that is refused stays one that is not tracked", () => {
  const output = join(temporaryFolder(), "a.sdtrace");
  const kernel: KernelAccess = {
    ...groupKernel([[5, 6], [5, 6], [5, 6], [5]]),
    preflight(_, { pid }) {
      if (pid === 6) throw new ProcessError("tracked-by-another", 6, "It is another's");
      return [];
    },
  };
  const source = new LiveSource({ output, kernel });
  source.members({ treeOf: 5 });
  source.clear(5);
  expect(() => source.clear(6)).toThrow("It is another's");
  expect(source.members({ treeOf: 5 }).map(({ pid }) => pid)).toEqual([5]);
  expect(source.untracked.living).toMatchObject([{ process: { pid: 6, command: "p6" } }]);
  source.members({ treeOf: 5 });
  source.members({ treeOf: 5 });
  expect(source.untracked.living).toEqual([]);
  expect(source.untracked).toMatchObject({ count: 1, all: [{ reason: "tracked-by-another" }] });
  expect(source.memberCount).toBe(2);
  source.close();
  const events = [...openTrace(output).events()].map((one) => "type" in one ? one.type : "read");
  expect(events).toEqual(["found", "found", "clear", "untracked", "exit"]);
});

test("a process is looked at again after a second, each kind is reported once, and again after an exec", () => {
  let [nowMs, looks] = [0, 0];
  const found = { pagemap: false, clearRefs: false, userfaultfd: false };
  const kernel = {
    preflight: () => [],
    opened() {
      looks++;
      nowMs += 10;
      return { ...found };
    },
  };
  const watch = new NeighbourWatch(kernel, {}, () => nowMs);
  const codes = () => watch.during("uffd-wp", 42).map(({ code }) => code);
  expect(codes()).toEqual([]);
  watch.before("uffd-wp", 42);
  nowMs = 999;
  expect([codes(), looks]).toEqual([[], 0]);
  nowMs = 1000;
  expect([codes(), looks]).toEqual([[], 1]);
  Object.assign(found, { pagemap: true, userfaultfd: true });
  nowMs = 2999; // it took 10 ms, so it rests for 2 s
  expect([codes(), looks]).toEqual([[], 1]);
  nowMs = 3000;
  expect(codes()).toEqual(["reads-own-pages", "own-userfaultfd"]);
  nowMs = 9000;
  expect([codes(), looks]).toEqual([[], 3]);
  watch.replaced(42);
  nowMs = 12_000;
  expect(codes()).toEqual(["reads-own-pages", "own-userfaultfd"]);
  watch.release(42);
  nowMs = 20_000;
  expect([codes(), looks]).toEqual([[], 4]);
});
