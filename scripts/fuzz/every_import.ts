/**
 * Imports of large copies of pagemap.
 *
 * @module
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CommandLine } from "./every_command.ts";

/** Of an entry of pagemap: present, and written since the last clear. */
const PRESENT = 1n << 63n;
const SOFT_DIRTY = 1n << 55n;

/** Entries of a copy: 30 MB. */
const ENTRIES = 3_750_000;

/** Writes a copy in which every other page is dirty, and imports it in several ways. */
export function everyImport(folder: string): CommandLine[] {
  const [pagemap, maps] = [join(folder, "pagemap"), join(folder, "maps")];
  const entries = new BigUint64Array(ENTRIES);
  for (let i = 0; i < ENTRIES; i++) entries[i] = i % 2 === 0 ? PRESENT | SOFT_DIRTY : PRESENT;
  writeFileSync(pagemap, new Uint8Array(entries.buffer));
  const [oneMapping, manyMappings] = [`${maps}.one`, `${maps}.many`];
  writeFileSync(oneMapping, line(0x10000, ENTRIES));
  writeFileSync(
    manyMappings,
    Array.from({ length: 400_000 }, (_, i) => line(0x10000 + i * 9 * 4096, 9)).join(""),
  );
  const out = join(folder, "out");
  const command = (name: string, file: string, ...options: string[]) => ({
    name: `import --pagemap, ${name}`,
    args: ["import", "-o", out, "--pagemap", pagemap, "--maps", file, ...options],
  });
  return [
    command("one mapping", oneMapping, "--pid", "42"),
    command("one mapping, JSON", oneMapping, "--json"),
    command("many mappings", manyMappings),
    command("no maps", pagemap),
    { name: "import of no images", args: ["import", "-o", out, folder] },
  ];
}

function line(start: number, pages: number): string {
  return `${start.toString(16)}-${(start + pages * 4096).toString(16)} rw-p 00000000 00:00 0 \n`;
}
