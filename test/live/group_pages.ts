/**
 * Which pages the processes of a small container write to.
 *
 * @module
 */

/**
 * The number of pages that the processes share, and that each maps of its own: fewer than a huge page
 * has, which would be reported as a whole.
 */
export const SHARED_PAGES = 300;
export const OWN_PAGES = 64;

/** The shared pages that a process writes to; those of neighbours overlap by half. */
export function sharedPages(number: number): number[] {
  return Array.from({ length: 100 }, (_, i) => number * 50 + i);
}

/** The pages of its own that a process writes to. */
export function ownPages(number: number): number[] {
  return Array.from({ length: 10 * (number + 1) }, (_, i) => i * 2);
}

/** How many different pages a number of processes write to together: shared ones, and all. */
export function knownTotal(
  processCount: number,
): { readonly shared: number; readonly all: number } {
  const numbers = Array.from({ length: processCount }, (_, number) => number);
  const shared = new Set(numbers.flatMap(sharedPages)).size;
  return { shared, all: shared + numbers.flatMap(ownPages).length };
}
