/**
 * The errors that a caller can catch. Each says what was tried, on which pid or file, what was
 * found, and what the person can do.
 *
 * @module
 */

import type {
  ErrorCode,
  ImportErrorCode,
  ProcessErrorCode,
  ReplayErrorCode,
  TraceErrorCode,
} from "./error_codes.ts";
import { plainText } from "./plain_text.ts";

export type { ErrorCode, ImportErrorCode, ProcessErrorCode, ReplayErrorCode, TraceErrorCode };

let hasStacks = true;

/**
 * Has errors made from here on with a stack or without one: at a prompt an error is an answer, and a stack
 * is noise.
 */
export function setErrorStacks(isOn: boolean): void {
  hasStacks = isOn;
}

/**
 * What every error of this package has: a stable `code` for scripts, and a `hint` for the person. The
 * message may name processes and files, so it is made safe to print.
 */
export class SoftdirtyError<Code extends ErrorCode = ErrorCode> extends Error {
  /** Stable name of the error for scripts; `lib/ERRORS.md` lists all. */
  readonly code: Code;
  /** What the person can do; empty if nothing helps. */
  readonly hint: string;

  /** Makes an error whose message is `message`, and `hint` after it. */
  constructor(code: Code, message: string, hint = "", options?: ErrorOptions) {
    super(plainText(hint === "" ? message : `${message}. ${hint}`), options);
    this.code = code;
    this.hint = hint;
    if (!hasStacks) this.stack = `${this.name}: ${this.message}`;
  }

  /** The name of the class; each has its own, which a minifier does not change. */
  override get name(): string {
    return "SoftdirtyError";
  }
}

/** Reasons that do not pass: the same call on the same process will fail again. */
const LASTING: ReadonlySet<string> = new Set<ProcessErrorCode>([
  "no-such-process",
  "process-exited",
  "pid-reused",
  "kernel-thread",
  "zombie",
  "permission-denied",
  "cannot-attach",
  "cannot-freeze",
  "reads-own-pages",
  "tracked-by-another",
  "cleared-before",
]);

/** True for the `code` of a {@linkcode ProcessError} after which trying again is of no use. */
export function isLasting(code: string): boolean {
  return LASTING.has(code);
}

/** Codes that say that the process has ended, or is not there. */
const ENDED: ReadonlySet<string> = new Set<ProcessErrorCode>([
  "no-such-process",
  "process-exited",
  "pid-reused",
  "zombie",
]);

/** True for the `code` of a {@linkcode ProcessError} that says that its process has ended. */
export function hasEnded(code: string): boolean {
  return ENDED.has(code);
}

/** A process that cannot be tracked, or can be no longer. */
export class ProcessError extends SoftdirtyError<ProcessErrorCode> {
  /** The process that the call was about. */
  readonly pid: number;

  /** Makes an error about process `pid`. */
  constructor(
    code: ProcessErrorCode,
    pid: number,
    message: string,
    hint = "",
    options?: ErrorOptions,
  ) {
    super(code, message, hint, options);
    this.pid = pid;
  }

  /** The name of the class. */
  override get name(): string {
    return "ProcessError";
  }
}

/** True for an error that says that a process executed another program just then. */
export function isReplacement(error: unknown): boolean {
  return error instanceof ProcessError && error.code === "address-space-replaced";
}

/** This kernel was not proven to track writes, so no answer would mean anything. */
export class TrackingUnsupportedError extends SoftdirtyError<"tracking-unsupported"> {
  /** Makes an error that says which step of the proof failed. */
  constructor(message: string, hint: string) {
    super("tracking-unsupported", message, hint);
  }

  /** The name of the class. */
  override get name(): string {
    return "TrackingUnsupportedError";
  }
}

/** A trace that cannot be read or written; what was written before stays whole. */
export class TraceError extends SoftdirtyError<TraceErrorCode> {
  /** The file, or a name for the bytes if they came from elsewhere. */
  readonly file: string;

  /** Makes an error about the trace `file`. */
  constructor(
    code: TraceErrorCode,
    file: string,
    message: string,
    hint = "",
    options?: ErrorOptions,
  ) {
    super(code, message, hint, options);
    this.file = file;
  }

  /** The name of the class. */
  override get name(): string {
    return "TraceError";
  }
}

/** True for an error of a trace with this code. */
export function isTraceError(error: unknown, code: TraceErrorCode): error is TraceError {
  return error instanceof TraceError && error.code === code;
}

/** True for a record of a trace that cannot be read while others can: damaged, or too large. */
export function isDamaged(error: unknown): error is TraceError {
  return isTraceError(error, "damaged") || isTraceError(error, "too-large");
}

/** Files of other programs that cannot be made into a trace. */
export class ImportError extends SoftdirtyError<ImportErrorCode> {
  /** The file or folder. */
  readonly file: string;

  /** Makes an error about the imported `file`. */
  constructor(
    code: ImportErrorCode,
    file: string,
    message: string,
    hint = "",
    options?: ErrorOptions,
  ) {
    super(code, message, hint, options);
    this.file = file;
  }

  /** The name of the class. */
  override get name(): string {
    return "ImportError";
  }
}

/** A replayed script asked for something else than what was recorded next. */
export class ReplayError extends SoftdirtyError<ReplayErrorCode> {
  /** The number of the recorded event that stood next, or the number of events at the end. */
  readonly eventIndex: number;

  /** Makes an error about event `eventIndex` of the replayed trace. */
  constructor(
    code: ReplayErrorCode,
    eventIndex: number,
    message: string,
    hint = "",
  ) {
    super(code, message, hint);
    this.eventIndex = eventIndex;
  }

  /** The name of the class. */
  override get name(): string {
    return "ReplayError";
  }
}

/**
 * A mistake of the caller: a call was handed an argument that it cannot take, or that is of no use
 * there. Nothing was done.
 */
export class ArgumentError extends SoftdirtyError<"wrong-argument"> {
  /** Makes an error that names the call and the argument. */
  constructor(message: string, hint = "") {
    super("wrong-argument", message, hint);
  }

  /** The name of the class. */
  override get name(): string {
    return "ArgumentError";
  }
}

/** A filter expression that cannot be understood. */
export class ExpressionError extends SoftdirtyError<"bad-expression"> {
  /** The expression. */
  readonly text: string;
  /** Where in it the reader stopped, in characters from 0 on. */
  readonly at: number;

  /** Makes an error about character `at` of the expression `text`. */
  constructor(text: string, at: number, message: string, hint = "") {
    super("bad-expression", `${message}, ${placeOf(text, at)}`, hint);
    this.text = text;
    this.at = at;
  }

  /** The name of the class. */
  override get name(): string {
    return "ExpressionError";
  }
}

/** A place in a text, with what stands before and after it; expressions may be long. */
function placeOf(text: string, at: number): string {
  const before = `${at > 40 ? "..." : ""}${text.slice(Math.max(0, at - 40), at)}`.trimEnd();
  const after = `${text.slice(at, at + 40)}${at + 40 < text.length ? "..." : ""}`;
  const behind = before === "" ? "" : ` behind ${before}`;
  return after === "" ? `at the end${behind}` : `at character ${at + 1}: ${after}${behind}`;
}
