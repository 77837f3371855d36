/**
 * The lists of mappings of a file, each delta-encoded against an earlier one.
 *
 * @module
 */

import type { Vma } from "../core/vma.ts";
import type { ByteSource } from "./byte_source.ts";
import { countOrNull, fail, list } from "./checks.ts";
import { applySteps, assertAscending, isWhole, listOf, type ListPart } from "./mappings_codec.ts";
import { readBase, recordAt } from "./record_at.ts";
import { RECORD_TYPES } from "./schema.ts";

/** A list takes so many records at most: a short file could ask for much work else. */
const MAX_CHAIN = 64;

/**
 * Lists are kept while they weigh no more than this together, and the last one always: a trace of many
 * processes has a list for each. A mapping weighs 1, one that was decoded for the list as much as it
 * takes more memory than a reference to it, and its name what it takes.
 */
const MAX_KEPT_LISTS = 128;
const MAX_KEPT_WEIGHT = 1 << 22;
const WEIGHT_OF_DECODED = 16;

/** What it takes to decode a mapping, and four characters of its name, over what it takes to take it over. */
const WORK_OF_DECODED = 24;
const CHARACTERS_OF_WORK = 4;
/** What is found out about each mapping of a new list: whether it is writable, shared, meant, and so on. */
const WORK_OF_LISTED = 8;

interface KeptList {
  readonly number: number;
  readonly vmas: readonly Vma[];
  /** How many records it takes. */
  readonly depth: number;
  readonly weight: number;
}

interface ListRecord {
  readonly base: number | null;
  readonly steps: readonly unknown[];
}

/** Decodes lists when they are asked for. */
export class MappingLists {
  readonly #source: ByteSource;
  readonly #offsets: ReadonlyMap<number, number>;
  /** Those that were asked for last first. */
  #kept: KeptList[] = [];
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
    const chain: { readonly number: number; readonly steps: readonly unknown[] }[] = [];
    let base: KeptList | undefined;
    for (let next: number | null = number; next !== null && base === undefined;) {
      const { base: earlier, steps }: ListRecord = this.#record(next);
      chain.push({ number: next, steps });
      if (chain.length > MAX_CHAIN) break; // which is refused below
      base = earlier === null ? undefined : this.#keptAt(earlier);
      next = earlier;
    }
    const depth = chain.length + (base?.depth ?? 0);
    if (depth > MAX_CHAIN) throw new RangeError("it depends on too many mappings");
    if (base === undefined) {
      // What it all begins with is mostly the largest, and others begin with it too.
      const first = chain.pop()!;
      base = this.#keep(first.number, 1, applySteps([], first.steps), first.steps.length);
    }
    if (chain.length === 0) return base.vmas;
    // Lists in between are not made: a short step takes over as many mappings as there are.
    let parts: ListPart[] = [isWhole(base.vmas)];
    let decoded = 0;
    for (const { steps } of chain.reverse()) {
      parts = applySteps(parts, steps);
      decoded += steps.length;
      this.#work += parts.length;
    }
    return this.#keep(number, depth, parts, decoded).vmas;
  }

  /** Makes a list, and keeps it. */
  #keep(number: number, depth: number, parts: readonly ListPart[], decoded: number): KeptList {
    const vmas = listOf(parts);
    assertAscending(vmas);
    const nameBytes = nameBytesOf(vmas);
    const decodedPart = vmas.length === 0 ? 0 : Math.min(1, decoded / vmas.length);
    this.#work += WORK_OF_LISTED * vmas.length + WORK_OF_DECODED * decoded +
      Math.ceil(decodedPart * nameBytes / CHARACTERS_OF_WORK);
    const weight = vmas.length * (1 + decodedPart * WEIGHT_OF_DECODED) + nameBytes / 8;
    const newest: KeptList = { number, vmas, depth, weight };
    const kept = [newest];
    let sum = weight;
    for (const one of this.#kept) {
      sum += one.weight;
      if (kept.length === MAX_KEPT_LISTS || sum > MAX_KEPT_WEIGHT) break;
      kept.push(one);
    }
    this.#kept = kept;
    return newest;
  }

  #keptAt(number: number): KeptList | undefined {
    const at = this.#kept.findIndex((one) => one.number === number);
    if (at < 0) return undefined;
    const found = this.#kept[at];
    if (at > 0) {
      this.#kept.splice(at, 1);
      this.#kept.unshift(found);
    }
    return found;
  }

  #record(number: number): ListRecord {
    const offset = this.#offsets.get(number);
    if (offset === undefined) {
      throw new RangeError(`it refers to mappings ${number}, which are missing`);
    }
    const { value } = readBase(
      "mappings",
      offset,
      () => recordAt(this.#source, offset, RECORD_TYPES.mappings),
    );
    const [own, earlier, steps] = list(value, "mappings");
    if (own !== number) fail("mappings", `those of number ${number}`);
    const base = countOrNull(earlier, "base");
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
