/**
 * Traces of what other programs observed. What understands their files is loaded when it is asked for.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { mkdtempSync, rmSync } from "node:fs";
 * import { join } from "node:path";
 * import { tmpdir } from "node:os";
 * import { fileURLToPath } from "node:url";
 * import { importCriu } from "./imports.ts";
 *
 * const newest = fileURLToPath(new URL("../../test/import/criu/images/3", import.meta.url));
 * const folder = mkdtempSync(join(tmpdir(), "import-"));
 * const { snapshotCount } = await importCriu([newest], join(folder, "criu.sdtrace"));
 * assert.equal(snapshotCount, 6); // three dumps of two processes
 * rmSync(folder, { recursive: true });
 * ```
 *
 * @module
 */

import { prepareCompression } from "../trace/zstd.ts";
import type { CopyOptions } from "./import_copies.ts";
import type { CriuOptions, ImportedTrace } from "./import_criu.ts";
import type { PagemapCopy } from "./pagemap_copy.ts";

/**
 * Writes a trace of a chain of CRIU's dumps: a snapshot for each dump and process.
 *
 * @param folders the newest dump, whose `parent` links are followed; or all dumps, oldest first
 * @param output the new trace
 * @throws ImportError if an image cannot be read
 * @throws TrackingUnsupportedError if no dump shows that writes were tracked
 * @throws TraceError if the trace exists or cannot be written; in each case there is none then
 */
export async function importCriu(
  folders: readonly string[],
  output: string,
  options?: CriuOptions,
): Promise<ImportedTrace> {
  const module = await import("./import_criu.ts");
  await prepareCompression().catch(() => {}); // without it, records are larger
  return module.importCriu(folders, output, options);
}

/**
 * Writes a trace of copies of `/proc/PID/pagemap` of one process, oldest first.
 *
 * @throws ImportError if a file cannot be read, or the times contradict each other
 * @throws TrackingUnsupportedError if bit 55 is set nowhere
 * @throws TraceError if the trace exists or cannot be written; in each case there is none then
 */
export async function importCopies(
  copies: readonly PagemapCopy[],
  output: string,
  options?: CopyOptions,
): Promise<ImportedTrace> {
  const module = await import("./import_copies.ts");
  await prepareCompression().catch(() => {});
  return module.importCopies(copies, output, options);
}
