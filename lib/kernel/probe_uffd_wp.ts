/**
 * Finds out by trying whether this kernel tracks writes with userfaultfd and PAGEMAP_SCAN.
 *
 * @module
 */

import type { ProbeReport } from "../core/probe_report.ts";
import { failedWith, mapAnonymous, type OwnMapping } from "./system/libc.ts";
import { currentArch } from "./inject/current_arch.ts";
import { CATEGORY, PagemapScan } from "./pagemap/pagemap_scan.ts";
import { Regions } from "./pagemap/regions.ts";
import { areAsExpected, takeSteps } from "./probe.ts";
import type { ProcFs } from "./proc/proc_fs.ts";
import { ownUserfaultfd, Userfaultfd } from "./inject/userfaultfd.ts";

const NEEDED = "It needs Linux 6.7 or newer with CONFIG_USERFAULTFD, on x86-64 or arm64";

const KIND = { tracker: "uffd-wp", readBy: "pagemap-scan" } as const;

/** Tries it on a page of this process itself; no other process is touched. */
export function probeUffdWp(proc: ProcFs): ProbeReport {
  const failed = (reason: string, hint = NEEDED): ProbeReport => {
    return { ...KIND, works: false, steps: [], reason, hint };
  };
  const arch = currentArch();
  if (arch === undefined) return failed(`uffd-wp is not supported on ${process.arch}`);
  const kernel = `Kernel ${proc.kernelRelease()}`;
  let mapping: OwnMapping | undefined;
  let userfaultfd: Userfaultfd | undefined;
  try {
    mapping = mapAnonymous(1 << 16);
    userfaultfd = new Userfaultfd(ownUserfaultfd(arch));
    return tryProof(proc, mapping, userfaultfd, kernel);
  } catch (error) {
    if (failedWith(error, "ENOSYS", "EINVAL", "ENOTTY")) {
      return failed(`${kernel} cannot write-protect pages asynchronously (${error.message})`);
    }
    const reason = `uffd-wp could not be tried: ${(error as Error).message}`;
    return failedWith(error, "EPERM")
      ? failed(reason, "A seccomp filter, as of a container, forbids userfaultfd(2)")
      : failed(reason);
  } finally {
    userfaultfd?.close();
    mapping?.unmap();
  }
}

function tryProof(
  proc: ProcFs,
  mapping: OwnMapping,
  userfaultfd: Userfaultfd,
  kernel: string,
): ProbeReport {
  const page = mapping.address / proc.pageSizeBytes();
  const failure = userfaultfd.register(mapping.address, mapping.bytes.length);
  if (failure !== undefined) throw new Error(`a page of our own cannot be registered: ${failure}`);
  const scan = new PagemapScan(proc);
  const pagemap = proc.openPagemap(process.pid);
  const { written, wpAllowed } = CATEGORY;
  try {
    const steps = takeSteps(mapping, {
      clear: () => scan.protect(pagemap.descriptor, page, page + 1, { categoryMask: written }),
      isDirty: () => {
        const found = new Regions();
        const query = { categoryMask: written | wpAllowed, returnMask: written };
        scan.scan(pagemap.descriptor, page, page + 1, query, found);
        return found.length > 0;
      },
    });
    return areAsExpected(steps) ? { ...KIND, works: true, steps, reason: "", hint: "" } : {
      ...KIND,
      works: false,
      steps,
      reason: `${kernel} does not track as documented with uffd-wp`,
      hint: NEEDED,
    };
  } finally {
    pagemap.close();
    scan.close();
  }
}
