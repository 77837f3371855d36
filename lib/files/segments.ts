/**
 * The files of a recording that was rotated: `a.sdtrace` lies in `a.0001.sdtrace`, `a.0002.sdtrace`, ...
 *
 * @module
 */

import { existsSync, readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { TraceError } from "../core/errors.ts";
import type { TraceProblem } from "../trace/byte_source.ts";

const EXTENSION = ".sdtrace";

/** The path of one segment, counted from 1. */
export function segmentPath(path: string, segment: number): string {
  const stem = path.endsWith(EXTENSION) ? path.slice(0, -EXTENSION.length) : path;
  return `${stem}.${String(segment).padStart(4, "0")}${EXTENSION}`;
}

/** Takes one segment away; one that is not there is no failure. */
export function removeSegment(path: string, segment: number): void {
  rmSync(segmentPath(path, segment), { force: true });
}

/** The files of a trace. */
export interface TraceSegments {
  /** In order: the file itself, or the segments that are left of it. */
  readonly files: readonly string[];
  /** What is missing between them; the first ones may have been removed by `--keep`. */
  readonly missing: readonly TraceProblem[];
}

/** Finds the files that make up a trace. */
export function segmentsOf(path: string): TraceSegments {
  const segments = existsSync(path) ? [] : numberedSegments(path);
  if (segments.length === 0) return { files: [path], missing: [] };
  const missing: TraceProblem[] = [];
  for (let i = 1; i < segments.length; i++) {
    const [from, to] = [segments[i - 1].number + 1, segments[i].number - 1];
    if (from > to) continue;
    const last = from === to ? "" : `, and all up to ${basename(segmentPath(path, to))}`;
    const file = segmentPath(path, from);
    missing.push({ file, offset: 0, lengthBytes: 0, reason: `the file is missing${last}` });
  }
  return { files: segments.map(({ file }) => file), missing };
}

/**
 * Passes if a recording can be made under this name: there is neither a file of that name, nor one of an
 * earlier recording that was rotated, with which it would be mixed.
 *
 * @throws TraceError otherwise.
 */
export function assertNewRecording(path: string): void {
  const taken = existsSync(path) ? path : numberedSegments(path)[0]?.file;
  if (taken === undefined) return;
  throw new TraceError(
    "cannot-write",
    taken,
    taken === path
      ? `Cannot create ${path}: file already exists`
      : `Cannot record to ${path}: ${taken} is there, of an earlier recording of that name`,
    "A trace is never written over; name another file with -o FILE",
  );
}

/** The segments of a trace that there are, ascending. */
export function numberedSegments(
  path: string,
): { readonly number: number; readonly file: string }[] {
  const folder = dirname(path);
  const stem = basename(path).replace(/\.sdtrace$/, "");
  const found = existsSync(folder) ? readdirSync(folder) : [];
  const numbered = found.flatMap((name) => {
    const number = name.startsWith(`${stem}.`)
      ? /^\.(\d{4,})\.sdtrace$/.exec(name.slice(stem.length))?.[1]
      : undefined;
    return number === undefined ? [] : [{ number: Number(number), file: join(folder, name) }];
  });
  return numbered.sort((a, b) => a.number - b.number);
}
