/**
 * On the real /proc of this machine. Whether its kernel tracks writes does not matter here: mappings,
 * present pages and the reasons why a process cannot be read are the same everywhere.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { mapAnonymous } from "../../../lib/kernel/system/libc.ts";
import { ProcFs } from "../../../lib/kernel/proc/proc_fs.ts";
import { SoftDirtyTracker } from "../../../lib/kernel/soft_dirty.ts";

const PAGE = new ProcFs().pageSizeBytes();
const tracker = () => new SoftDirtyTracker(new ProcFs(), () => performance.now() * 1e6);

let child: ChildProcess | undefined;
afterEach(() => child?.kill("SIGKILL"));

test("ProcFs.openMemory() reads and writes memory, and reaches no byte where there is none", () => {
  const mapping = mapAnonymous(PAGE);
  const memory = new ProcFs().openMemory(process.pid);
  try {
    const bytes = Uint8Array.of(1, 2, 3);
    expect(memory.write(bytes, mapping.address + 8)).toBe(3);
    expect(mapping.bytes.subarray(8, 11)).toEqual(bytes);
    expect(memory.read(bytes, mapping.address)).toBe(3);
    expect(bytes).toEqual(new Uint8Array(3));
    mapping.unmap();
    expect(memory.read(bytes, mapping.address)).toBe(0);
    expect(memory.write(bytes, mapping.address)).toBe(0);
  } finally {
    memory.close();
  }
});

describe("SoftDirtyTracker on the real /proc", () => {
  test("sees exactly the pages of our own memory that exist", () => {
    const memory = mapAnonymous(64 * PAGE);
    try {
      for (const page of [3, 5, 6, 63]) memory.bytes[page * PAGE] = 1;
      const first = memory.address / PAGE;
      const { pages, process: identity, vmas } = tracker().read(process.pid);
      const present = Array.from({ length: 64 }, (_, i) => i).filter((i) =>
        pages.present.has(first + i)
      );
      expect(present).toEqual([3, 5, 6, 63]);
      expect(identity.pid).toBe(process.pid);
      expect(vmas.some((vma) => vma.start <= first && first + 64 <= vma.end)).toBe(true);
      expect(vmas.map((vma) => vma.name)).toContain("[stack]");
    } finally {
      memory.unmap();
    }
  });

  test("sees a file's pages as such, and leaves out what has no entries", () => {
    const { pages, vmas } = tracker().read(process.pid);
    const code = vmas.find((vma) => vma.perms === "r-xp" && vma.name.startsWith("/"))!;
    expect(pages.fileOrShared.countIn(code.start, code.end)).toBeGreaterThan(0);
    const vsyscall = vmas.find((vma) => vma.name === "[vsyscall]");
    if (vsyscall !== undefined) expect(pages.present.has(vsyscall.start)).toBe(false);
  });

  test("sees a page of zeros that was only read, in a vast mapping that holds nothing else", () => {
    const memory = mapAnonymous(2 ** 32);
    try {
      const first = memory.address / PAGE;
      expect(memory.bytes[2 ** 31]).toBe(0);
      const { present } = tracker().read(process.pid).pages;
      expect(present.countIn(first, first + 2 ** 32 / PAGE)).toBe(1);
      expect(present.has(first + 2 ** 31 / PAGE)).toBe(true);
    } finally {
      memory.unmap();
    }
  });

  test("reports a zombie", async () => {
    child = spawn("sh", ["-c", "sleep 0.3 & echo $!; exec sleep 60"]);
    const pid = Number(
      String(await new Promise((resolve) => child!.stdout!.once("data", resolve))),
    );
    for (let i = 0; i < 100 && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8")); i++) {
      await sleep(20);
    }
    expect(() => tracker().read(pid)).toThrow(expect.objectContaining({ code: "zombie", pid }));
  });

  test("reports a process that ended while it was tracked", async () => {
    child = spawn("sleep", ["60"]);
    const { pid } = child;
    const ours = tracker();
    for (let i = 0; i < 100 && readFileSync(`/proc/${pid}/comm`, "utf8") !== "sleep\n"; i++) {
      await sleep(20);
    }
    expect(ours.read(pid!).process.command).toBe("sleep");
    child.kill("SIGKILL");
    await new Promise((resolve) => child!.once("exit", resolve));
    expect(() => ours.clear(pid!)).toThrow(expect.objectContaining({ code: "process-exited" }));
    expect(() => tracker().clear(pid!)).toThrow(
      expect.objectContaining({ code: "no-such-process" }),
    );
  });

  test.skipIf(!existsSync("/proc/2"))("reports a thread of the kernel", () => {
    expect(() => tracker().read(2)).toThrow(expect.objectContaining({ code: "kernel-thread" }));
  });
});
