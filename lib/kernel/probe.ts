/**
 * Finds out by trying whether this kernel tracks writes. Nothing else shows it: without
 * CONFIG_MEM_SOFT_DIRTY the write to `clear_refs` succeeds all the same, and bit 55 stays 0 for ever.
 *
 * @module
 */

import { ProcessError } from "../core/errors.ts";
import type { ProbeReport, ProbeStep } from "../core/probe_report.ts";
import { ENTRY_BYTES, PagemapScanner } from "./pagemap/pagemap.ts";
import { mapIsolated, type OwnMapping, SystemCallError } from "./system/libc.ts";
import { CATEGORY, PagemapScan } from "./pagemap/pagemap_scan.ts";
import { Regions } from "./pagemap/regions.ts";
import type { ProcFs } from "./proc/proc_fs.ts";

const NEEDED =
  "Soft-dirty needs a kernel built with CONFIG_MEM_SOFT_DIRTY (Debian's kernels for x86-64 are); " +
  "arm64 kernels have none. Traces made elsewhere can be read here";

/** What is done to a page of our own, and what bit 55 must say after it. */
const PROOF: ReadonlyArray<Omit<ProbeStep, "foundDirty">> = [
  { action: "clear", expectedDirty: false },
  { action: "read", expectedDirty: false },
  { action: "write", expectedDirty: true },
  { action: "clear", expectedDirty: false },
  { action: "write", expectedDirty: true },
];

/** What is tried: how to clear and to look at a page of this process itself. */
export interface Trial {
  clear(): void;
  isDirty(): boolean;
}

/** Takes the steps of the proof on the first page of `mapping`, each found as it is. */
export function takeSteps(mapping: OwnMapping, trial: Trial): ProbeStep[] {
  mapping.bytes[0] = 1;
  return PROOF.map((step, i) => {
    if (step.action === "clear") trial.clear();
    else if (step.action === "write") mapping.bytes[0] = i;
    else if (mapping.bytes[0] !== 1) throw new Error("The page of the probe lost its content");
    return { ...step, foundDirty: trial.isDirty() };
  });
}

/** True if each step was found as it must be. */
export function areAsExpected(steps: readonly ProbeStep[]): boolean {
  return steps.every((step) => step.foundDirty === step.expectedDirty);
}

/**
 * Tries soft-dirty on a page of this process itself; no other process is touched. It clears the bits
 * of this process, so it must not be called while another tool tracks it.
 */
export function probe(
  proc: ProcFs,
  map: () => OwnMapping = () => mapIsolated(1 << 16),
): ProbeReport {
  try {
    return tryProof(proc, map());
  } catch (cause) {
    const reason = `Soft-dirty could not be tried: ${(cause as Error).message}`;
    const hint = cause instanceof ProcessError
      ? "Mount a full /proc; sandboxes such as gVisor have none"
      : "The probe needs Linux and koffi's build for it (an optional dependency of koffi)";
    return { tracker: "soft-dirty", works: false, readBy: "pagemap", steps: [], reason, hint };
  }
}

function tryProof(proc: ProcFs, mapping: OwnMapping): ProbeReport {
  try {
    const page = mapping.address / proc.pageSizeBytes();
    let doScansAgree = true;
    const steps = takeSteps(mapping, {
      clear: () => proc.clearSoftDirty(process.pid),
      isDirty() {
        const found = isDirty(proc, page);
        doScansAgree &&= isDirtyToScan(proc, page) === found;
        return found;
      },
    });
    const works = areAsExpected(steps);
    const readBy = works && doScansAgree ? "pagemap-scan" : "pagemap";
    const found = { tracker: "soft-dirty", works, readBy, steps } as const;
    return works
      ? { ...found, reason: "", hint: "" }
      : { ...found, reason: explain(proc, steps), hint: NEEDED };
  } finally {
    mapping.unmap();
  }
}

function isDirty(proc: ProcFs, page: number): boolean {
  const pagemap = proc.openPagemap(process.pid);
  try {
    const entry = new Uint32Array(ENTRY_BYTES / 4);
    const length = pagemap.read(new Uint8Array(entry.buffer), page * ENTRY_BYTES);
    if (length !== ENTRY_BYTES) throw new Error("pagemap has no entry for a page of our own");
    const scanner = new PagemapScanner();
    scanner.add(page, entry);
    return scanner.finish().dirty.has(page);
  } finally {
    pagemap.close();
  }
}

/** Undefined where PAGEMAP_SCAN is not there (before 6.7) or refuses to answer (6.7). */
function isDirtyToScan(proc: ProcFs, page: number): boolean | undefined {
  const pagemap = proc.openPagemap(process.pid);
  const scan = new PagemapScan(proc);
  try {
    const found = new Regions();
    const { softDirty } = CATEGORY;
    scan.scan(pagemap.descriptor, page, page + 1, {
      categoryMask: softDirty,
      returnMask: softDirty,
    }, found);
    return found.length > 0;
  } catch (error) {
    if (error instanceof SystemCallError) return undefined;
    throw error;
  } finally {
    scan.close();
    pagemap.close();
  }
}

function explain(proc: ProcFs, steps: readonly ProbeStep[]): string {
  const kernel = `Kernel ${proc.kernelRelease()}`;
  if (steps.every((step) => !step.foundDirty)) {
    return `${kernel} has no soft-dirty tracking: a clear succeeds, but a page written after it is not reported`;
  }
  const failed = steps.findIndex((step) => step.foundDirty !== step.expectedDirty);
  const { action, expectedDirty } = steps[failed];
  return `${kernel} does not track soft-dirty as documented: step ${
    failed + 1
  } (${action}) left the bit ` +
    `${expectedDirty ? "0 instead of 1" : "1 instead of 0"}`;
}
