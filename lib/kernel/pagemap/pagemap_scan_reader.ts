/**
 * Reads pages with PAGEMAP_SCAN: the kernel walks the page tables and reports only where something is,
 * so empty memory costs nothing.
 *
 * It says what the file says, but for this: it does not report which pages are `exclusive` or
 * `uffdWriteProtected` (from 7.x on, pages of mappings that no userfaultfd has are not "written"); it
 * reports which are `huge`; and all hugetlb memory is soft-dirty to it, which is none to the file. Both
 * mean that the kernel does not know, and a snapshot counts such memory as not tracked either way.
 *
 * @module
 */

import { PageSet } from "../../core/page_set.ts";
import { NO_PAGES, type PageFlag, type PageSets } from "../../core/snapshot.ts";
import { hasEntries } from "./pagemap.ts";
import { CATEGORY, type PagemapScan } from "./pagemap_scan.ts";
import { Regions } from "./regions.ts";
import type { PageReader, ProcessView } from "./page_reader.ts";
import type { MappingClassifier } from "./special_mappings.ts";

const { softDirty, present, swapped, file, huge } = CATEGORY;

const KNOWN = [
  ...["dirty", "present", "swapped", "fileOrShared", "hugetlb", "huge", "device"] as const,
];

/** The ioctl. */
export class PagemapScanReader implements PageReader {
  readonly method = "pagemap-scan";
  readonly known: readonly PageFlag[];
  readonly #scan: PagemapScan;
  readonly #special: MappingClassifier;
  readonly #guard: number;
  readonly #found = new Regions();

  constructor(scan: PagemapScan, special: MappingClassifier) {
    this.#scan = scan;
    this.#special = special;
    this.#guard = scan.guardCategory;
    this.known = this.#guard === 0 ? KNOWN : [...KNOWN, "guard"];
  }

  read({ pid, pagemap, vmas }: ProcessView): PageSets {
    const mapped = PageSet.from(vmas.filter(hasEntries));
    const found = this.#found;
    found.reset();
    this.#scan.scanAll(pagemap.descriptor, mapped, {
      categoryAnyOfMask: softDirty | present | swapped | this.#guard,
      returnMask: softDirty | present | swapped | file | huge | this.#guard,
    }, found);
    return {
      ...NO_PAGES,
      // A guard page holds nothing: from 7.x on its marker looks like swap, and is soft-dirty.
      dirty: found.pagesWith(softDirty, this.#guard),
      present: found.pagesWith(present, this.#guard),
      swapped: found.pagesWith(swapped, this.#guard),
      fileOrShared: found.pagesWith(file),
      guard: this.#guard === 0 ? PageSet.empty : found.pagesWith(this.#guard),
      ...this.#special.kinds(pid, vmas),
      huge: found.pagesWith(huge),
    };
  }

  dirtyIn({ pagemap }: ProcessView, pages: PageSet): PageSet {
    const found = this.#found;
    found.reset();
    const query = { categoryMask: softDirty, returnMask: softDirty };
    this.#scan.scanAll(pagemap.descriptor, pages, query, found);
    return found.pagesWith(softDirty);
  }

  close(): void {
    this.#scan.close();
  }
}
