/**
 * `pagemap-PID.img`: which pages of a process a dump wrote, and which it left to its parent.
 *
 * @module
 */

import { type PageNumber, PageSet } from "../../core/page_set.ts";
import { imageEntries } from "./image.ts";
import { exactNumber, pageAt, readMessage } from "./message.ts";

/** The pages that an image describes. */
export interface DumpedPages {
  /**
   * Written into this dump, or left to be fetched later: with a parent, those that were soft-dirty; a
   * first dump has them all.
   */
  readonly written: PageSet;
  /** Not soft-dirty since the parent, which has their content. */
  readonly inParent: PageSet;
}

/** A bit of an entry's flags: the page is in the parent. Others say where the content is. */
const PE_PARENT = 1 << 0;

/**
 * Reads `vaddr` (1), the number of pages (5 since CRIU 4.2, else 2), `flags` (4), and `in_parent` (3),
 * which images had before they had flags.
 *
 * @throws RangeError if it is no such image, or its entries do not ascend.
 */
export function parsePagemap(image: Uint8Array, pageSizeBytes: number): DumpedPages {
  const [written, inParent] = [new Edges(), new Edges()];
  let [isHead, last] = [true, 0];
  for (const entry of imageEntries(image, "pagemap")) {
    if (isHead) {
      isHead = false; // says in which file the content is
      continue;
    }
    let start: PageNumber = -1;
    let [flags, isInParent] = [0, false];
    let [pageCount, olderCount] = [0, 0];
    readMessage(entry, {
      numbers: {
        1: (reader) => start = pageAt(reader, pageSizeBytes),
        2: (reader) => olderCount = reader.uint32(),
        3: (reader) => isInParent = reader.bool(),
        4: (reader) => flags = reader.uint32(),
        5: (reader) => pageCount = exactNumber(reader),
      },
    });
    const end = start + (pageCount || olderCount);
    if (start < last || end === start) throw new RangeError("its entries do not ascend");
    last = end;
    (isInParent || (flags & PE_PARENT) !== 0 ? inParent : written).add(start, end);
  }
  if (isHead) throw new RangeError("no entry in it");
  return { written: written.toPageSet(), inParent: inParent.toPageSet() };
}

/** Ascending ranges, those that touch as one. */
class Edges {
  #edges = new Float64Array(64);
  #length = 0;

  add(start: PageNumber, end: PageNumber): void {
    if (this.#length > 0 && this.#edges[this.#length - 1] === start) this.#length--;
    else {
      if (this.#length + 2 > this.#edges.length) this.#grow();
      this.#edges[this.#length++] = start;
    }
    this.#edges[this.#length++] = end;
  }

  toPageSet(): PageSet {
    return PageSet.fromEdges(this.#edges.slice(0, this.#length));
  }

  #grow(): void {
    const edges = new Float64Array(this.#length * 2);
    edges.set(this.#edges);
    this.#edges = edges;
  }
}
