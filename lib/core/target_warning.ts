/**
 * What is said of a process before it is tracked, and while it is: who else uses the same bits.
 *
 * @module
 */

/** The kinds of warnings. */
export const TARGET_WARNINGS = [
  /** The process reads or clears the bits of its own pages. */
  "reads-own-pages",
  /** Part of its memory belongs to another userfaultfd, or another program reads its pages. */
  "tracked-by-another",
  /** Somebody cleared its soft-dirty bits before, and can depend on them. */
  "cleared-before",
  /** It has a userfaultfd of its own, and cannot register what is tracked. */
  "own-userfaultfd",
] as const;

/** One of {@linkcode TARGET_WARNINGS}. */
export type TargetWarningCode = typeof TARGET_WARNINGS[number];

/** Something that does not forbid to track a process, and that its user should know. */
export interface TargetWarning {
  readonly code: TargetWarningCode;
  /** Sentences without the last full stop. */
  readonly message: string;
}
