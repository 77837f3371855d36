/**
 * What was dumped with Debian's CRIU (`test/import/criu/images/README.md`), and where its target wrote.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { PageSet } from "../../lib/core/page_set.ts";

/** A file or folder of it. */
export function criuRecording(name: string): string {
  return fileURLToPath(new URL(`../import/criu/images/${name}`, import.meta.url));
}

/** A process of the target: its pid, and the first page of each region. */
export interface TargetPlaces {
  readonly pid: number;
  readonly first: Readonly<Record<string, number>>;
}

/** Where the memory of a process lies. */
export function targetPlaces(name: "parent" | "child", folder = "."): TargetPlaces {
  const rows = readFileSync(criuRecording(`${folder}/places-${name}.txt`), "utf8").trim().split(
    "\n",
  )
    .map((line) => line.split(" "));
  const first = Object.fromEntries(rows.slice(1).map(([region, page]) => [region, Number(page)]));
  return { pid: Number(rows[0][1]), first };
}

/** Every so-manieth page from one on. */
export function everyNth(first: number, pageCount: number, step: number): PageSet {
  const count = Math.ceil(pageCount / step);
  return PageSet.from(
    Array.from({ length: count }, (_, i) => {
      const start = first + i * step;
      return { start, end: start + 1 };
    }),
  );
}
