import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MergeableMemory } from "../../../lib/kernel/unseen/mergeable_memory.ts";
import type { MmSysfs } from "../../../lib/kernel/proc/mm_sysfs.ts";
import { ProcFs } from "../../../lib/kernel/proc/proc_fs.ts";
import { FakeProc, mapsLine } from "../../helpers/fake_proc.ts";

let fake: FakeProc;
let ksm: { mergesPages: boolean; mergeProgress: { text: string; isPrompt: boolean } };
let smapsReads: number;
let nowNs: number;
let mergeable: MergeableMemory;

class CountingProc extends ProcFs {
  override smaps(pid: number, pageSizeBytes: number) {
    smapsReads++;
    nowNs += 1e9;
    return super.smaps(pid, pageSizeBytes);
  }
}

beforeEach(() => {
  fake = new FakeProc();
  ksm = { mergesPages: false, mergeProgress: { text: "3", isPrompt: true } };
  smapsReads = 0;
  nowNs = 0;
  const proc = new CountingProc(fake.root);
  mergeable = new MergeableMemory(proc, ksm as MmSysfs, 4096, () => nowNs);
  const smaps = `${mapsLine({ start: 1, end: 4 })}VmFlags: rd wr mg\n` +
    `${mapsLine({ start: 8, end: 9 })}VmFlags: rd wr\n`;
  fake.put({ pid: 42, smaps });
});
afterEach(() => fake.remove());

/** What is found after a while: KSM takes its time. */
function found() {
  nowNs += 1e9;
  return [...mergeable.of(42, false).edges];
}

test("nothing is reported, and smaps is not read, where KSM does not run", () => {
  mergeable.begin(42);
  expect(found()).toEqual([]);
  expect(smapsReads).toBe(0);
});

test.each([true, false])(
  "memory is reported while KSM runs, where its progress shows at once: %s",
  (isPrompt) => {
    mergeable.begin(42);
    ksm = Object.assign(ksm, {
      mergesPages: true,
      mergeProgress: { text: isPrompt ? "4" : "3", isPrompt },
    });
    expect(found()).toEqual([1, 4]);
    // It may have nothing to do for a while.
    mergeable.begin(42);
    expect(found()).toEqual([1, 4]);
  },
);

test("memory is reported for a window in which KSM ran, and not for the next", () => {
  mergeable.begin(42);
  ksm.mergeProgress = { text: "5", isPrompt: true };
  expect(found()).toEqual([1, 4]);
  mergeable.begin(42);
  expect(found()).toEqual([]);
});

test("smaps is not read again in each window", () => {
  ksm.mergesPages = true;
  for (let i = 0; i < 20; i++) {
    mergeable.begin(42);
    expect(found()).toEqual([1, 4]);
  }
  expect(smapsReads).toBeLessThan(3);
});

test.each([
  ["ksm_rmap_items 0\nksm_zero_pages 0\n", false],
  ["ksm_rmap_items 0\nksm_zero_pages 9\n", true],
  ["ksm_rmap_items 7\n", true],
  ["ksm_rmap_items 0\n", true],
  ["ksm_rmap_items 0\nksm_mergeable: yes\n", true],
  ["ksm_rmap_items 7\nksm_mergeable: no\n", false],
])("where ksm_stat is %j, a process has something to merge: %s", (text, isSo) => {
  writeFileSync(join(fake.root, "42/ksm_stat"), text);
  ksm.mergesPages = true;
  mergeable.begin(42);
  expect(found()).toEqual(isSo ? [1, 4] : []);
});

test("what KSM did just now is reported if asked for, and otherwise a little later", () => {
  ksm.mergeProgress = { text: "0", isPrompt: true };
  mergeable.begin(42);
  mergeable.of(42, false);
  ksm.mergeProgress = { text: "9", isPrompt: true };
  nowNs += 1e8;
  expect(mergeable.of(42, false).isEmpty).toBe(true);
  expect([...mergeable.of(42, true).edges]).toEqual([1, 4]);
});
