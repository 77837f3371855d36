import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { MmSysfs } from "../../../lib/kernel/proc/mm_sysfs.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

/** A folder like `/sys/kernel/mm` with these files. */
function mm(files: Readonly<Record<string, string>>): MmSysfs {
  const root = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), `${text}\n`);
  }
  return new MmSysfs(root);
}

const THP = "transparent_hugepage";

test("sizes of folios are those that are not switched off, below a huge page and above a page", () => {
  const settings = mm({
    [`${THP}/hpage_pmd_size`]: "2097152",
    [`${THP}/enabled`]: "always [madvise] never",
    [`${THP}/shmem_enabled`]: "always within_size advise [never] deny force",
    [`${THP}/hugepages-2048kB/enabled`]: "[always] inherit madvise never",
    [`${THP}/hugepages-512kB/enabled`]: "always inherit madvise [never]",
    [`${THP}/hugepages-512kB/shmem_enabled`]: "always [inherit] within_size advise never",
    [`${THP}/hugepages-256kB/enabled`]: "always inherit madvise [never]",
    [`${THP}/hugepages-256kB/shmem_enabled`]: "always inherit within_size [advise] never",
    [`${THP}/hugepages-64kB/enabled`]: "always inherit [madvise] never",
    [`${THP}/hugepages-32kB/enabled`]: "always [inherit] madvise never",
  });
  expect(settings.folioPages(4096)).toEqual([8, 16, 64]);
  expect(settings.folioPages(65536)).toEqual([4]);
});

test("a kernel without any of it has no folios, and merges nothing", () => {
  const settings = mm({});
  expect(settings.folioPages(4096)).toEqual([]);
  expect(settings.mergesPages).toBe(false);
  expect(settings.mergeProgress).toEqual({ text: "", isPrompt: false });
});

test("KSM merges only while its run is 1", () => {
  const settings = mm({ "ksm/run": "1", "ksm/full_scans": "7" });
  expect(settings.mergesPages).toBe(true);
  expect(settings.mergeProgress).toEqual({ text: "7\n", isPrompt: false });
  settings.close();
  const newer = mm({ "ksm/run": "2", "ksm/full_scans": "7", "ksm/pages_scanned": "9" });
  expect(newer.mergesPages).toBe(false);
  expect(newer.mergeProgress).toEqual({ text: "9\n", isPrompt: true });
});
