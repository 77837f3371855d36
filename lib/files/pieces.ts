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

/** The path of one piece, counted from 1. */
export function piecePath(path: string, piece: number): string {
  const stem = path.endsWith(EXTENSION) ? path.slice(0, -EXTENSION.length) : path;
  return `${stem}.${String(piece).padStart(4, "0")}${EXTENSION}`;
}

/** Takes one piece away; one that is not there is no failure. */
export function removePiece(path: string, piece: number): void {
  rmSync(piecePath(path, piece), { force: true });
}

/** The files of a trace. */
export interface TracePieces {
  /** In order: the file itself, or the pieces that are left of it. */
  readonly files: readonly string[];
  /** What is missing between them; the first ones may have been removed by `--keep`. */
  readonly missing: readonly TraceProblem[];
}

/** Finds the files that make up a trace. */
export function piecesOf(path: string): TracePieces {
  const pieces = existsSync(path) ? [] : numberedPieces(path);
  if (pieces.length === 0) return { files: [path], missing: [] };
  const missing: TraceProblem[] = [];
  for (let i = 1; i < pieces.length; i++) {
    const [from, to] = [pieces[i - 1].number + 1, pieces[i].number - 1];
    if (from > to) continue;
    const last = from === to ? "" : `, and all up to ${basename(piecePath(path, to))}`;
    const file = piecePath(path, from);
    missing.push({ file, offset: 0, lengthBytes: 0, reason: `the file is missing${last}` });
  }
  return { files: pieces.map(({ file }) => file), missing };
}

/**
 * Passes if a recording can be made under this name: there is neither a file of that name, nor one of an
 * earlier recording that was rotated, with which it would be mixed.
 *
 * @throws TraceError otherwise.
 */
export function assertNewRecording(path: string): void {
  const taken = existsSync(path) ? path : numberedPieces(path)[0]?.file;
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

/** The pieces of a trace that there are, ascending. */
export function numberedPieces(path: string): { readonly number: number; readonly file: string }[] {
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
