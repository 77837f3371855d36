/**
 * One dump of CRIU: a folder of images.
 *
 * @module
 */

import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { ImportError } from "../core/errors.ts";
import { type NameImages, parseFileNames } from "./criu/file_names.ts";
import { type DumpedMapping, parseMappings } from "./criu/mm_image.ts";
import { type DumpedPages, parsePagemap } from "./criu/pagemap_image.ts";
import {
  type Core,
  type Inventory,
  parseCore,
  parseFrozenUs,
  parseInventory,
} from "./criu/small_images.ts";
import { type ForeignFile, readForeignFile, understood } from "./foreign_file.ts";
import { reasonOf } from "../files/system_reason.ts";
import { missingFile } from "./import_errors.ts";

/** What an older CRIU leaves out, that writes no inventory with a pre-dump. */
const NO_INVENTORY: Inventory = { uptimeUs: null, isPreDump: false, leavesUnreadable: false };

/** The pages of one process in one dump, counted. */
export interface PageCounts {
  readonly writtenCount: number;
  readonly inParentCount: number;
}

/** A dump, whose images are decoded when they are asked for, and not kept. */
export class CriuDump {
  readonly folder: string;
  /** The last part of its path. */
  readonly name: string;
  readonly pageSizeBytes: number;
  readonly inventory: Inventory;
  /** Time for which its processes were stopped, in microseconds; 0 if it does not say. */
  readonly frozenUs: number;
  /** When the last of its images was written, in Unix time. */
  readonly modifiedUnixMs: number;
  /** The processes whose pages it has, ascending. */
  readonly pids: readonly number[];
  /** True if it is a pre-dump, which has images of pages and little else. */
  readonly isPreDump: boolean;
  readonly #images: ReadonlySet<string>;
  /** Of one dump only: the next call is mostly for a process of the same dump, and chains are long. */
  static #named:
    | { readonly dump: CriuDump; readonly names: ReadonlyMap<number, string> }
    | undefined;

  /** @throws ImportError if the folder holds no dump. */
  constructor(folder: string, pageSizeBytes: number) {
    this.folder = folder;
    this.name = basename(folder);
    this.pageSizeBytes = pageSizeBytes;
    this.#images = new Set(imagesIn(folder));
    this.pids = pidsOf(folder, this.#images);
    const inventory = this.#file("inventory.img");
    this.inventory = inventory === undefined
      ? NO_INVENTORY
      : this.#parsed(inventory, parseInventory);
    this.isPreDump = this.inventory.isPreDump || !this.#images.has("pstree.img");
    const stats = this.#file("stats-dump");
    this.frozenUs = stats === undefined ? 0 : this.#parsed(stats, parseFrozenUs);
    this.modifiedUnixMs = inventory?.modifiedUnixMs ?? this.#lastModified();
  }

  /** True if it has that image of a process. */
  has(pid: number, kind: "mm" | "core"): boolean {
    return this.#images.has(`${kind}-${pid}.img`);
  }

  /** The pages of a process that it lists. */
  pages(pid: number): DumpedPages {
    const file = this.#file(`pagemap-${pid}.img`);
    if (file === undefined) return missingFile(join(this.folder, `pagemap-${pid}.img`));
    return this.#parsed(file, (image) => parsePagemap(image, this.pageSizeBytes));
  }

  /** Number of pages that it lists, by process. */
  countPages(): Map<number, PageCounts> {
    return new Map(this.pids.map((pid) => {
      const { written, inParent } = this.pages(pid);
      return [pid, { writtenCount: written.pageCount, inParentCount: inParent.pageCount }];
    }));
  }

  /** The mappings of a process; undefined in a pre-dump, which has none. */
  mappings(pid: number): DumpedMapping[] | undefined {
    const file = this.#file(`mm-${pid}.img`);
    return file && this.#parsed(file, (image) => parseMappings(image, this.pageSizeBytes));
  }

  /** What is known of a process itself; undefined in a pre-dump. */
  core(pid: number): Core | undefined {
    const file = this.#file(`core-${pid}.img`);
    return file && this.#parsed(file, parseCore);
  }

  /** The names of mapped files by their ids. */
  fileNames(): ReadonlyMap<number, string> {
    if (CriuDump.#named?.dump === this) return CriuDump.#named.names;
    const images: NameImages = {
      files: this.#file("files.img")?.bytes,
      regFiles: this.#file("reg-files.img")?.bytes,
      memfd: this.#file("memfd.img")?.bytes,
    };
    const place = join(this.folder, "files.img");
    const names = understood(place, "an image of CRIU", () => parseFileNames(images));
    CriuDump.#named = { dump: this, names };
    return names;
  }

  #lastModified(): number {
    const times = this.pids.map((pid) => this.#file(`pagemap-${pid}.img`)?.modifiedUnixMs ?? 0);
    return times.reduce((last, time) => Math.max(last, time), 0);
  }

  #file(name: string): ForeignFile | undefined {
    return readForeignFile(join(this.folder, name));
  }

  #parsed<T>({ path, bytes }: ForeignFile, parse: (image: Uint8Array) => T): T {
    return understood(path, "an image of CRIU", () => parse(bytes));
  }
}

function imagesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    throw new ImportError(
      "cannot-read",
      folder,
      `Cannot read ${folder}: ${reasonOf(cause)}`,
      "Name the folder that CRIU dumped into (-D, --images-dir)",
      { cause },
    );
  }
}

function pidsOf(folder: string, images: Iterable<string>): number[] {
  const pids: number[] = [];
  for (const image of images) {
    const [, pid] = /^pagemap-([1-9]\d{0,9})\.img$/.exec(image) ?? [];
    if (pid !== undefined) pids.push(Number(pid));
  }
  if (pids.length > 0) return pids.sort((a, b) => a - b);
  throw new ImportError(
    "incomplete",
    folder,
    `There is no pagemap-PID.img in ${folder}`,
    "Name the folder that CRIU dumped into (-D, --images-dir)",
  );
}
