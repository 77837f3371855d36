import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { OwnMapping } from "../../lib/kernel/system/libc.ts";
import { probe } from "../../lib/kernel/probe.ts";
import { ProcFs } from "../../lib/kernel/proc/proc_fs.ts";
import { FakeProc } from "../helpers/fake_proc.ts";

let fake: FakeProc;
beforeEach(() => {
  fake = new FakeProc();
});
afterEach(() => fake.remove());

/** Memory at page 16 that a fake kernel watches. */
function mapping(onWrite: () => void): OwnMapping {
  const bytes = new Proxy(new Uint8Array(1), {
    set(target, index, value) {
      onWrite();
      target[Number(index)] = value;
      return true;
    },
  });
  return { address: 16 * 4096, bytes, unmap() {} };
}

/** A fake kernel: its page 16 is dirty as these methods say. */
class FakeKernel extends ProcFs {
  isDirty = false;
  readonly #onClear: (kernel: FakeKernel) => void;

  constructor(onClear: (kernel: FakeKernel) => void) {
    super(fake.root);
    this.#onClear = onClear;
  }

  override clearSoftDirty(): void {
    this.#onClear(this);
  }

  override openPagemap() {
    return {
      descriptor: -1,
      read: (bytes: Uint8Array) => {
        new DataView(bytes.buffer).setBigUint64(
          0,
          (1n << 63n) | (this.isDirty ? 1n << 55n : 0n),
          true,
        );
        return 8;
      },
      close() {},
    };
  }
}

describe("probe()", () => {
  test("proves a kernel that does as documented", () => {
    const kernel = new FakeKernel((self) => self.isDirty = false);
    const report = probe(kernel, () => mapping(() => kernel.isDirty = true));
    expect(report.works).toBe(true);
    expect(report.steps.map((step) => [step.action, Number(step.foundDirty)])).toEqual([
      ["clear", 0],
      ["read", 0],
      ["write", 1],
      ["clear", 0],
      ["write", 1],
    ]);
  });

  test("is not deceived by a kernel where each clear succeeds and the bit never comes", () => {
    const report = probe(new FakeKernel(() => {}), () => mapping(() => {}));
    expect(report.works).toBe(false);
    expect(report.reason).toMatch(/6\.1\.0-fake has no soft-dirty tracking: a clear succeeds/);
    expect(report.hint).toMatch(/CONFIG_MEM_SOFT_DIRTY/);
  });

  test("is not deceived by a kernel that tracks once only", () => {
    let writes = 0;
    const kernel = new FakeKernel((self) => self.isDirty = false);
    const report = probe(kernel, () => mapping(() => kernel.isDirty = ++writes < 3));
    expect(report.works).toBe(false);
    expect(report.reason).toMatch(/step 5 \(write\) left the bit 0 instead of 1/);
  });

  test("is not deceived by a kernel whose bit is always set", () => {
    const kernel = new FakeKernel((self) => self.isDirty = true);
    const report = probe(kernel, () => mapping(() => {}));
    expect(report.works).toBe(false);
    expect(report.reason).toMatch(/step 1 \(clear\) left the bit 1 instead of 0/);
  });

  test("without a pagemap says that it could not try", () => {
    const report = probe(new ProcFs(fake.root), () => mapping(() => {}));
    expect(report).toMatchObject({ works: false, steps: [] });
    expect(report.reason).toMatch(/could not be tried/);
  });
});
