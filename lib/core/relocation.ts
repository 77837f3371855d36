/**
 * Places memory of several mappings, or of several processes, into one address space: what is the same
 * memory lies at the same place, and nothing else does.
 *
 * @module
 */

import { type PageNumber, type PageRange, PageSet } from "./page_set.ts";
import type { Vma } from "./vma.ts";

/** Slots are so large, in pages: 1 TiB of pages of 4 KiB. */
const SLOT_PAGES = 2 ** 28;

/** Below are the real addresses of user space on any machine: 57 bits in pages of 4 KiB. */
const FIRST_SLOT = 2 ** 46 / SLOT_PAGES;

/** Slots end where page numbers do. */
const LAST_SLOT = 2 ** 52 / SLOT_PAGES;

/** True of a mapping that lies in a slot: what was placed once is not to be placed again. */
export function isPlaced({ start }: PageRange): boolean {
  return start >= FIRST_SLOT * SLOT_PAGES;
}

/** Hands out slots of the address space, each for a key, in the order in which keys come. */
export class Slots {
  readonly #slots = new Map<string, number>();

  /** How many slots were handed out. */
  get count(): number {
    return this.#slots.size;
  }

  /** Where a page of what a key stands for lies; undefined if there is no slot left. */
  place(key: string, page: PageNumber): PageNumber | undefined {
    const slotKey = `${key} ${Math.floor(page / SLOT_PAGES)}`;
    const slot = this.#slots.get(slotKey) ?? FIRST_SLOT + this.#slots.size;
    if (slot >= LAST_SLOT) return undefined;
    this.#slots.set(slotKey, slot);
    return slot * SLOT_PAGES + page % SLOT_PAGES;
  }
}

/** Pages that lie elsewhere. */
interface Moved extends PageRange {
  /** What to add to a page number. */
  readonly distance: number;
}

/** A mapping, and what it maps: the key of that, and the first page within it. */
export interface Placement {
  readonly vma: Vma;
  readonly key: string;
  readonly firstPage: PageNumber;
}

/** Moves page sets and mappings of one list of mappings. */
export class Relocation {
  /** Ascending by where they come from. */
  readonly #moved: readonly Moved[];
  /** All pages that are moved. */
  readonly #from: PageSet;
  /** The mappings where they lie afterwards, ascending; those of the same memory are one. */
  readonly vmas: readonly Vma[];

  /**
   * @param kept mappings that stay where they are
   * @param placements mappings that are moved, ascending
   */
  constructor(slots: Slots, kept: readonly Vma[], placements: readonly Placement[]) {
    const moved: Moved[] = [];
    const vmas: Vma[] = [...kept];
    const placed: Vma[] = [];
    for (const { vma, key, firstPage } of placements) {
      const parts = partsOf(vma, firstPage, (page) => slots.place(key, page));
      if (parts === undefined) {
        vmas.push(vma);
        continue;
      }
      for (const { start, end, distance } of parts) {
        moved.push({ start, end, distance });
        const offsetPages = vma.offsetPages + start - vma.start;
        placed.push({ ...vma, start: start + distance, end: end + distance, offsetPages });
      }
    }
    this.#moved = moved;
    this.#from = PageSet.from(moved);
    this.vmas = [...vmas.sort(byStart), ...unitedVmas(placed)];
  }

  /** The same pages where they lie afterwards. */
  move(pages: PageSet): PageSet {
    const inMoved = pages.intersect(this.#from);
    if (inMoved.isEmpty) return pages;
    const rest = inMoved.pageCount === pages.pageCount ? PageSet.empty : pages.subtract(this.#from);
    return rest.union(this.#movedPages(inMoved));
  }

  #movedPages({ edges }: PageSet): PageSet {
    const ranges: PageRange[] = [];
    let i = 0;
    for (const { start, end, distance } of this.#moved) {
      while (i < edges.length && edges[i + 1] <= start) i += 2;
      for (let j = i; j < edges.length && edges[j] < end; j += 2) {
        ranges.push({
          start: Math.max(edges[j], start) + distance,
          end: Math.min(edges[j + 1], end) + distance,
        });
      }
    }
    return PageSet.from(ranges);
  }
}

/** A mapping cut where slots end; undefined if there is no room. */
function partsOf(
  vma: Vma,
  firstPage: PageNumber,
  place: (page: PageNumber) => PageNumber | undefined,
): Moved[] | undefined {
  const parts: Moved[] = [];
  for (let start = vma.start; start < vma.end;) {
    const page = firstPage + start - vma.start;
    const end = Math.min(vma.end, start + SLOT_PAGES - page % SLOT_PAGES);
    const to = place(page);
    if (to === undefined) return undefined;
    parts.push({ start, end, distance: to - start });
    start = end;
  }
  return parts;
}

/** Mappings ascending, those of the same pages as one, with the name and the permissions of the first. */
export function unitedVmas(vmas: Vma[]): Vma[] {
  const all: Vma[] = [];
  for (const vma of vmas.sort(byStart)) {
    const last = all.at(-1);
    if (last === undefined || vma.start >= last.end) all.push(vma);
    else if (vma.end > last.end) all[all.length - 1] = { ...last, end: vma.end };
  }
  return all;
}

function byStart(a: Vma, b: Vma): number {
  return a.start - b.start;
}
