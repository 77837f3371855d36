/**
 * What this kernel does with memory by itself: the only file that opens `/sys/kernel/mm`.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { KeptText } from "./kept_text.ts";

/** The folder `/sys/kernel/mm`, or one like it. */
export class MmSysfs {
  readonly #root: string;
  readonly #run: KeptText;
  readonly #fullScans: KeptText;
  readonly #pagesScanned: KeptText;

  constructor(root = "/sys/kernel/mm") {
    this.#root = root;
    this.#run = new KeptText(join(root, "ksm/run"));
    this.#fullScans = new KeptText(join(root, "ksm/full_scans"));
    this.#pagesScanned = new KeptText(join(root, "ksm/pages_scanned"));
  }

  /** True while KSM looks for pages to merge; false where there is no KSM. */
  get mergesPages(): boolean {
    return this.#run.read().startsWith("1");
  }

  /**
   * How far KSM has come: the number of pages that it looked at, which changes as long as it runs
   * (`isPrompt`), or before Linux 6.6 of times that it looked at all. Empty text where there is no KSM.
   */
  get mergeProgress(): { readonly text: string; readonly isPrompt: boolean } {
    const pages = this.#pagesScanned.read();
    return pages === ""
      ? { text: this.#fullScans.read(), isPrompt: false }
      : { text: pages, isPrompt: true };
  }

  /**
   * The sizes of large folios, below a huge page, in which anonymous or shared memory can be allocated,
   * in pages, ascending; `Documentation/admin-guide/mm/transhuge.rst`. Empty before Linux 6.8.
   */
  folioPages(pageSizeBytes: number): number[] {
    const folder = "transparent_hugepage";
    const hugeBytes = Number(this.#text(`${folder}/hpage_pmd_size`)) || Infinity;
    const sizes = this.#names(folder).flatMap((name) => {
      const bytes = 1024 * Number(/^hugepages-(\d+)kB$/.exec(name)?.[1] ?? NaN);
      const isOn = ["enabled", "shmem_enabled"].some((file) => {
        const own = chosen(this.#text(`${folder}/${name}/${file}`));
        return isAllowed(own === "inherit" ? chosen(this.#text(`${folder}/${file}`)) : own);
      });
      return isOn && bytes < hugeBytes && bytes > pageSizeBytes ? [bytes / pageSizeBytes] : [];
    });
    return sizes.sort((a, b) => a - b);
  }

  close(): void {
    this.#run.close();
    this.#fullScans.close();
    this.#pagesScanned.close();
  }

  #names(folder: string): string[] {
    try {
      return readdirSync(join(this.#root, folder));
    } catch {
      return [];
    }
  }

  #text(file: string): string {
    try {
      return readFileSync(join(this.#root, file), "utf8");
    } catch {
      return "";
    }
  }
}

/** The word in brackets. */
function chosen(text: string): string {
  return /\[(\w+)\]/.exec(text)?.[1] ?? "never";
}

function isAllowed(setting: string): boolean {
  return setting !== "never" && setting !== "deny";
}
