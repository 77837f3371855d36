/**
 * The lists of mappings of a file, each told against an earlier one.
 *
 * @module
 */

import type { Vma } from "../core/vma.ts";
import type { ByteSource } from "./byte_source.ts";
import { count, fail, list, orNull } from "./checks.ts";
import { applySteps, assertAscending, isWhole, listOf, type ListPart } from "./mappings_codec.ts";
import { recordAt, toldAgainst } from "./record_at.ts";
import { RECORD_TYPES } from "./schema.ts";

/** A list takes so many records at most: a short file could ask for much work else. */
const MAX_CHAIN = 64;

/**
 * So many lists are kept, if they have no more mappings and no more bytes of names together than this,
 * and always the last one: a trace of many processes has a list for each.
 */
const MAX_KEPT_LISTS = 128;
const MAX_KEPT_MAPPINGS = 1 << 18;
const MAX_KEPT_NAME_BYTES = 1 << 24;

/** Who is handed another list than before looks at all of it. */
const WORK_OF_MAPPING = 8;

interface KeptList {
  readonly number: number;
  readonly vmas: readonly Vma[];
  /** How many records it takes. */
  readonly depth: number;
  readonly nameBytes: number;
}

interface ListRecord {
  readonly base: number | null;
  readonly steps: readonly unknown[];
}

/** Decodes lists when they are asked for. */
export class MappingLists {
  readonly #source: ByteSource;
  readonly #offsets: ReadonlyMap<number, number>;
  /** Newest first. */
  #kept: readonly KeptList[] = [];
  #work = 0;

  /** @param offsets where each list lies, by its number */
  constructor(source: ByteSource, offsets: ReadonlyMap<number, number>) {
    this.#source = source;
    this.#offsets = offsets;
  }

  /** Steps that were decoded until now, and mappings that were put into lists. */
  get work(): number {
    return this.#work;
  }

  /**
   * The list of a number.
   *
   * @throws RangeError if it is missing or damaged, or one that it takes.
   */
  at(number: number): readonly Vma[] {
    const kept = this.#keptAt(number);
    if (kept !== undefined) return kept.vmas;
    const chain: (readonly unknown[])[] = [];
    let base: KeptList | undefined;
    for (let next: number | null = number; next !== null && base === undefined;) {
      const { base: earlier, steps }: ListRecord = this.#record(next);
      this.#work += steps.length;
      chain.push(steps);
      if (chain.length > MAX_CHAIN) break; // which is refused below
      base = earlier === null ? undefined : this.#keptAt(earlier);
      next = earlier;
    }
    const depth = chain.length + (base?.depth ?? 0);
    if (depth > MAX_CHAIN) throw new RangeError("it depends on too many mappings");
    // Lists in between are not made: a short step takes over as many mappings as there are.
    let parts: ListPart[] = base === undefined ? [] : [isWhole(base.vmas)];
    for (const steps of chain.reverse()) {
      parts = applySteps(parts, steps);
      this.#work += parts.length;
    }
    const vmas = listOf(parts);
    assertAscending(vmas);
    this.#work += vmas.length * WORK_OF_MAPPING;
    this.#keep({ number, vmas, depth, nameBytes: nameBytesOf(vmas) });
    return vmas;
  }

  #keep(newest: KeptList): void {
    const kept = [newest];
    let mappingCount = newest.vmas.length;
    let { nameBytes } = newest;
    for (const one of this.#kept) {
      mappingCount += one.vmas.length;
      nameBytes += one.nameBytes;
      const isFull = mappingCount > MAX_KEPT_MAPPINGS || nameBytes > MAX_KEPT_NAME_BYTES;
      if (kept.length === MAX_KEPT_LISTS || isFull) break;
      kept.push(one);
    }
    this.#kept = kept;
  }

  #keptAt(number: number): KeptList | undefined {
    return this.#kept.find((one) => one.number === number);
  }

  #record(number: number): ListRecord {
    const offset = this.#offsets.get(number);
    if (offset === undefined) {
      throw new RangeError(`it refers to mappings ${number}, which are missing`);
    }
    const { value } = toldAgainst(
      "mappings",
      offset,
      () => recordAt(this.#source, offset, RECORD_TYPES.mappings),
    );
    const [own, earlier, steps] = list(value, "mappings");
    if (own !== number) fail("mappings", `those of number ${number}`);
    const base = orNull(count)(earlier, "base");
    if (base !== null && base >= number) fail("base", "earlier mappings");
    return { base, steps: list(steps, "steps") };
  }
}

/** A name that neighbours have in common counts once. */
function nameBytesOf(vmas: readonly Vma[]): number {
  let [bytes, last] = [0, ""];
  for (const { name } of vmas) {
    if (name !== last) bytes += name.length;
    last = name;
  }
  return bytes;
}
