/**
 * Narrows snapshots to what an expression says.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { openTrace } from "../session/sd.ts";
 * import { Query } from "./query.ts";
 *
 * const trace = openTrace("recordings/traces/redis.sdtrace");
 * const query = new Query('perms has w and not (mapping ~ "^/" or size < 64k)');
 * const part = query.apply(trace.at(0));
 * assert(part.vmas.every((vma) => vma.perms.includes("w")));
 * assert(part.dirty.pageCount <= trace.at(0).dirty.pageCount);
 * ```
 *
 * @module
 */

import { PageSet } from "../core/page_set.ts";
import { selectPages, type Snapshot } from "../core/snapshot.ts";
import type { Vma } from "../core/vma.ts";
import type { Condition, Expression } from "./expression.ts";
import { parseExpression } from "./parse.ts";

/**
 * The pages that an expression keeps; and, to distinguish whole mappings from single pages, those that it keeps
 * whatever the conditions on pages may be, and those that it may keep.
 */
interface Kept {
  readonly pages: PageSet;
  readonly surely: PageSet;
  readonly possibly: PageSet;
}

/** An expression that is ready to be applied. */
export class Query {
  /** As it was written. */
  readonly text: string;
  readonly #expression: Expression;
  /** What is kept of each list of mappings, if that depends on nothing else; snapshots share lists. */
  readonly #keptOf: WeakMap<readonly Vma[], KeptMappings> | undefined;

  /**
   * Parses an expression, which can then be applied to many snapshots.
   *
   * @throws ExpressionError with the position at which the text is no expression.
   */
  constructor(text: string) {
    this.text = text;
    this.#expression = parseExpression(text);
    if (isOfMappings(this.#expression)) this.#keptOf = new WeakMap();
  }

  /**
   * The same snapshot with only the mappings and pages that are kept. Conditions on addresses cut
   * mappings; those on pages do not. A snapshot that is not meant at all has no mappings then.
   */
  apply(snapshot: Snapshot): Snapshot {
    const known = this.#keptOf?.get(snapshot.vmas) ?? keptMappings(this.#expression, snapshot);
    this.#keptOf?.set(snapshot.vmas, known);
    return selectPages(snapshot, known.vmas, known.pages);
  }

  /**
   * False if a snapshot is not meant whatever its mappings are, as by its process or its time. One that
   * is, and has no mapping that is kept, is a time in which nothing was written there.
   */
  mayMean(snapshot: Snapshot): boolean {
    return isMeant(this.#expression, snapshot) !== false;
  }
}

/** The parts of mappings that are kept, and their pages that are. */
interface KeptMappings {
  readonly vmas: readonly Vma[];
  readonly pages: PageSet;
}

function keptMappings(expression: Expression, snapshot: Snapshot): KeptMappings {
  const { pages, possibly } = keptOf(expression, snapshot, snapshot.mapped);
  return { vmas: cut(snapshot.vmas, possibly), pages };
}

/** True if an expression keeps the same of all snapshots that have the same mappings. */
function isOfMappings(expression: Expression): boolean {
  switch (expression.kind) {
    case "condition":
      return ["mapping", "address"].includes(expression.condition.of);
    case "not":
      return isOfMappings(expression.part);
    default:
      return expression.parts.every(isOfMappings);
  }
}

/** Whether a snapshot can be meant, by its process, time and number alone; undefined if that depends. */
function isMeant(expression: Expression, snapshot: Snapshot): boolean | undefined {
  switch (expression.kind) {
    case "condition": {
      const { condition } = expression;
      return condition.of === "snapshot" ? condition.isMet(snapshot) : undefined;
    }
    case "not": {
      const part = isMeant(expression.part, snapshot);
      return part === undefined ? undefined : !part;
    }
    default: {
      // One part decides: a false one of "and", a true one of "or".
      const deciding = expression.kind === "or";
      const parts = expression.parts.map((part) => isMeant(part, snapshot));
      if (parts.includes(deciding)) return deciding;
      return parts.includes(undefined) ? undefined : !deciding;
    }
  }
}

function keptOf(expression: Expression, snapshot: Snapshot, mapped: PageSet): Kept {
  switch (expression.kind) {
    case "condition":
      return met(expression.condition, snapshot, mapped);
    case "not": {
      const { pages, surely, possibly } = keptOf(expression.part, snapshot, mapped);
      return {
        pages: mapped.subtract(pages),
        surely: mapped.subtract(possibly),
        possibly: mapped.subtract(surely),
      };
    }
    default: {
      const join = expression.kind === "and"
        ? (a: PageSet, b: PageSet) => a.intersect(b)
        : (a: PageSet, b: PageSet) => a.union(b);
      return expression.parts.map((part) => keptOf(part, snapshot, mapped)).reduce((a, b) => ({
        pages: join(a.pages, b.pages),
        surely: join(a.surely, b.surely),
        possibly: join(a.possibly, b.possibly),
      }));
    }
  }
}

function met(condition: Condition, snapshot: Snapshot, mapped: PageSet): Kept {
  const sharp = (pages: PageSet): Kept => ({ pages, surely: pages, possibly: pages });
  switch (condition.of) {
    case "snapshot":
      return sharp(condition.isMet(snapshot) ? mapped : PageSet.empty);
    case "mapping":
      return sharp(pagesOf(snapshot.vmas, (vma) => condition.isMet(vma, snapshot)));
    case "address":
      return sharp(condition.pages(snapshot).intersect(mapped));
    case "page":
      return {
        pages: condition.pages(snapshot).intersect(mapped),
        surely: PageSet.empty,
        possibly: mapped,
      };
  }
}

/** The pages of some of the mappings, which ascend. */
function pagesOf(vmas: readonly Vma[], isKept: (vma: Vma) => boolean): PageSet {
  const edges = new Float64Array(vmas.length * 2);
  let length = 0;
  for (const vma of vmas) {
    if (!isKept(vma)) continue;
    if (length > 0 && edges[length - 1] === vma.start) length--;
    else edges[length++] = vma.start;
    edges[length++] = vma.end;
  }
  return PageSet.fromEdges(edges.slice(0, length));
}

/** The parts of mappings that lie in a set; both ascend. */
function cut(vmas: readonly Vma[], kept: PageSet): Vma[] {
  const parts: Vma[] = [];
  const { edges } = kept;
  if (edges.length === 0) return parts;
  let i = 0;
  for (const vma of vmas) {
    while (i < edges.length && edges[i + 1] <= vma.start) i += 2;
    for (let j = i; j < edges.length && edges[j] < vma.end; j += 2) {
      const start = Math.max(vma.start, edges[j]);
      const end = Math.min(vma.end, edges[j + 1]);
      const offsetPages = vma.offsetPages + (start - vma.start);
      const isWhole = start === vma.start && end === vma.end;
      parts.push(isWhole ? vma : { ...vma, start, end, offsetPages });
    }
  }
  return parts;
}
