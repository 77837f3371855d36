/**
 * What reads the flags of a process's pages.
 *
 * @module
 */

import type { PageSet } from "../../core/page_set.ts";
import type { PageFlag, PageSets, ReadMethod } from "../../core/snapshot.ts";
import type { Vma } from "../../core/vma.ts";
import type { ProcFile } from "../proc/proc_files.ts";

/** A process as it is found in one call of a tracker. */
export interface ProcessView {
  readonly pid: number;
  readonly pagemap: ProcFile;
  /** Its mappings, ascending. */
  readonly vmas: readonly Vma[];
}

/** One way of reading; it may be used for any number of processes. */
export interface PageReader {
  readonly method: ReadMethod;
  /** The flags that it reads of each page. */
  readonly known: readonly PageFlag[];
  /**
   * Reads all pages of the process.
   *
   * @throws ProcessError if its address space is replaced meanwhile.
   */
  read(view: ProcessView): PageSets;
  /**
   * Of some pages those that are dirty now; of memory that is mapped, and neither vast nor hugetlb.
   *
   * @throws ProcessError as `read` does.
   */
  dirtyIn(view: ProcessView, pages: PageSet): PageSet;
  /** Gives its memory back. */
  close(): void;
}
