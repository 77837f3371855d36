/**
 * Looks at the mappings of a process only when they changed: a large process has tens of thousands, and
 * mostly they are as they were.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { Vma } from "../../core/vma.ts";
import { parseMapsPiece, readMaps, settledMaps } from "./maps.ts";
import type { ProcFs } from "./proc_fs.ts";

/** A longer text is not remembered, but what stands for each of its pieces. */
const SHORT_LENGTH = 1 << 22;

/** Some lines of a long text. */
interface KnownPiece {
  readonly digest: string;
  readonly vmas: readonly Vma[];
}

interface Known<T> {
  /** Undefined if it is long. */
  readonly text: string | undefined;
  readonly pieces: readonly KnownPiece[];
  readonly value: T;
}

/** Remembers what is to be known of the mappings of each process that it was asked about. */
export class MapsCache<T> {
  readonly #proc: ProcFs;
  readonly #pageSizeBytes: number;
  readonly #derive: (vmas: readonly Vma[]) => T;
  readonly #known = new Map<number, Known<T>>();

  /** @param derive makes what is to be known of mappings, which are ascending and disjoint */
  constructor(proc: ProcFs, pageSizeBytes: number, derive: (vmas: readonly Vma[]) => T) {
    this.#proc = proc;
    this.#pageSizeBytes = pageSizeBytes;
    this.#derive = derive;
  }

  /**
   * What is to be known of the mappings of a process; the same value as before if nothing changed.
   *
   * @throws ProcessError
   */
  of(pid: number): T {
    const known = this.#known.get(pid);
    // To read it in one go is faster, where it is not expected to be long.
    if (known?.text !== undefined && known.text.length < SHORT_LENGTH) {
      return this.#ofText(pid, this.#proc.mapsText(pid));
    }
    const read = this.#pieces(pid, known?.pieces ?? []);
    return typeof read === "string" ? this.#ofText(pid, read) : this.#ofPieces(pid, read);
  }

  /** What was known of them the last time; undefined if they were not asked for. */
  known(pid: number): T | undefined {
    return this.#known.get(pid)?.value;
  }

  /** Forgets a process, or all. */
  release(pid?: number): void {
    if (pid === undefined) this.#known.clear();
    else this.#known.delete(pid);
  }

  #ofText(pid: number, first: string): T {
    const known = this.#known.get(pid);
    if (known?.text === first) return known.value;
    const read = () => this.#proc.mapsText(pid);
    const { text, vmas } = readMaps(read, this.#pageSizeBytes, first);
    const value = this.#derive(vmas);
    this.#known.set(pid, { text, pieces: [], value });
    return value;
  }

  #ofPieces(pid: number, first: readonly KnownPiece[]): T {
    const known = this.#known.get(pid);
    const before = known?.pieces ?? [];
    if (known !== undefined && isSame(first, before)) return known.value;
    let pieces = first;
    const all = () => pieces.flatMap(({ vmas }) => vmas);
    const vmas = settledMaps(() => {
      const read = this.#pieces(pid, before);
      if (typeof read !== "string") pieces = read;
      return all();
    }, all());
    const value = this.#derive(vmas);
    this.#known.set(pid, { text: undefined, pieces, value });
    return value;
  }

  /** Reads maps: the text if it is short, else its pieces, which are parsed if they changed. */
  #pieces(pid: number, before: readonly KnownPiece[]): string | readonly KnownPiece[] {
    const pieces: KnownPiece[] = [];
    let names: Map<string, string> | undefined;
    const add = (bytes: Uint8Array) => {
      const digest = createHash("sha256").update(bytes).digest("base64");
      const known = before[pieces.length];
      names ??= known?.digest === digest ? undefined : namesOf(before);
      pieces.push(
        known?.digest === digest
          ? known
          : { digest, vmas: parseMapsPiece(bytes, this.#pageSizeBytes, names!) },
      );
    };
    let [first, length]: [Uint8Array[], number] = [[], 0];
    for (const bytes of this.#proc.mapsPieces(pid)) {
      length += bytes.length;
      if (length < SHORT_LENGTH) {
        first.push(bytes.slice());
        continue;
      }
      first.forEach(add);
      first = [];
      add(bytes);
    }
    if (length >= SHORT_LENGTH) return pieces;
    const decoder = new TextDecoder();
    return first.map((bytes) => decoder.decode(bytes)).join("");
  }
}

function isSame(as: readonly KnownPiece[], bs: readonly KnownPiece[]): boolean {
  return as.length === bs.length && as.every((a, i) => a === bs[i]);
}

function namesOf(pieces: readonly KnownPiece[]): Map<string, string> {
  return new Map(pieces.flatMap(({ vmas }) => vmas.map(({ name }) => [name, name])));
}
