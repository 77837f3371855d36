/**
 * What came of some cases.
 *
 * @module
 */

/** True for a case in which a writer is called oddly; the others are traces that were changed. */
export function isOfWriter(number: number): boolean {
  return number % 10 === 9;
}

/** What came of some cases. */
export interface Report {
  cases: number;
  /** How many cases ended how. */
  readonly outcomes: Record<string, number>;
  longestMs: number;
  /** Of the whole process. */
  mostBytes: number;
  failure: string | undefined;
}
