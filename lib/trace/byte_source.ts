/**
 * Where traces are read from and written to.
 *
 * @module
 */

/** Bytes that can be read at any position. */
export interface ByteSource {
  /** Number of bytes that there are. */
  readonly sizeBytes: number;
  /** Up to `lengthBytes` bytes from `position`; fewer only at the end. */
  read(position: number, lengthBytes: number): Uint8Array;
  /** Gives up what the source holds. */
  close?(): void;
}

/** Where a trace is appended to. */
export interface ByteSink {
  /** Appends all of the bytes, or none of them and throws. */
  append(bytes: Uint8Array): void;
}

/** A part of a trace that could not be read. */
export interface TraceProblem {
  /** The file that it is in, if the recording was rotated. */
  readonly file?: string | undefined;
  /** First byte of the damage, from the beginning of the file. */
  readonly offset: number;
  /** Bytes that were passed over. */
  readonly lengthBytes: number;
  /** What is wrong with it, in a few words. */
  readonly reason: string;
}

/** A file may have millions of bad records; so many are listed. */
const MAX_PROBLEMS = 100;

/** Adds to a list of problems; puts what is too much to list into the last one. */
export function addProblem(problems: TraceProblem[], problem: TraceProblem): void {
  if (problems.length < MAX_PROBLEMS) problems.push(problem);
  else {
    const { offset } = problems[MAX_PROBLEMS - 1];
    const lengthBytes = problem.offset + problem.lengthBytes - offset;
    const reason = "here and there: too much to list";
    problems[MAX_PROBLEMS - 1] = { offset, lengthBytes, reason };
  }
}
