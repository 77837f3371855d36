/**
 * The files of a recording that was rotated: `a.sdtrace` lies in `a.0001.sdtrace`, `a.0002.sdtrace`, ...
 *
 * @module
 */

import { existsSync, readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";

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

/** The files that make up a trace, in order: the file itself, or the pieces that are left of it. */
export function piecesOf(path: string): string[] {
  if (existsSync(path)) return [path];
  const folder = dirname(path);
  const stem = basename(path).replace(/\.sdtrace$/, "");
  const found = existsSync(folder) ? readdirSync(folder) : [];
  const numbered = found.flatMap((name) => {
    const number = name.startsWith(`${stem}.`)
      ? /^\.(\d{4,})\.sdtrace$/.exec(name.slice(stem.length))?.[1]
      : undefined;
    return number === undefined ? [] : [{ number: Number(number), name }];
  });
  numbered.sort((a, b) => a.number - b.number);
  return numbered.length === 0 ? [path] : numbered.map(({ name }) => join(folder, name));
}
