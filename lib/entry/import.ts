/**
 * `softdirty/import`: traces of what other tools dumped.
 *
 * @module
 */

export type { CopyOptions } from "../import/import_copies.ts";
export type { CriuOptions, ImportedTrace } from "../import/import_criu.ts";
export { importCopies, importCriu } from "../import/imports.ts";
export type { PagemapCopy } from "../import/pagemap_copy.ts";
