/**
 * The `code` of every error, which scripts can rely on. `lib/ERRORS.md` says when each is thrown and
 * what to do.
 *
 * @module
 */

/** Codes of a `ProcessError`: why a process is not tracked. */
export const PROCESS_ERROR_CODES = [
  "no-such-process",
  "empty-group",
  "process-exited",
  "pid-reused",
  "kernel-thread",
  "zombie",
  "permission-denied",
  "address-space-replaced",
  "traced-by-another",
  "cannot-attach",
  "cannot-freeze",
  "not-stopping",
  "still-loading",
  "reads-own-pages",
  "tracked-by-another",
  "cleared-before",
] as const;

/** Why a process could not be tracked. */
export type ProcessErrorCode = typeof PROCESS_ERROR_CODES[number];

/** Codes of a `TraceError`: why a trace cannot be read or written. */
export const TRACE_ERROR_CODES = [
  "not-a-trace",
  "newer-version",
  "damaged",
  "too-large",
  "no-such-snapshot",
  "cannot-open",
  "cannot-write",
  "closed",
] as const;

/** Why a trace cannot be read or written. */
export type TraceErrorCode = typeof TRACE_ERROR_CODES[number];

/** Codes of an `ImportError`: why files of another program cannot be imported. */
export const IMPORT_ERROR_CODES = ["cannot-read", "not-understood", "incomplete"] as const;

/** Why something that was made elsewhere cannot be imported. */
export type ImportErrorCode = typeof IMPORT_ERROR_CODES[number];

/** Codes of a `ReplayError`: why a call has no answer in a replay. */
export const REPLAY_ERROR_CODES = ["replay-mismatch", "replay-ended"] as const;

/** Why a call has no answer in a replay. */
export type ReplayErrorCode = typeof REPLAY_ERROR_CODES[number];

/** Codes of other errors; a `SoftdirtyError` without a class of its own can have some of the above too. */
export const OTHER_ERROR_CODES = [
  "wrong-argument",
  "bad-expression",
  "tracking-unsupported",
  "interrupted",
  "script-failed",
  "cannot-listen",
  "not-built",
  "not-installed",
  "sql",
  "no-snapshot",
  "counted-twice",
] as const;

/** The `code` of any error of this package. */
export type ErrorCode =
  | ProcessErrorCode
  | TraceErrorCode
  | ImportErrorCode
  | ReplayErrorCode
  | typeof OTHER_ERROR_CODES[number];
