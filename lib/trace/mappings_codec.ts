/**
 * Lists of mappings, as a whole or as what changed since an earlier list.
 *
 * @module
 */

import { isAscending } from "../core/mapping_order.ts";
import { PAGE_NUMBER_LIMIT } from "../core/page_set.ts";
import { wellFormed } from "../core/plain_text.ts";
import type { Vma } from "../core/vma.ts";
import { count, fail, list, text } from "./checks.ts";
import { assertMappings, assertName, MAX_MAPPINGS } from "./limits.ts";

/**
 * Start page, end page (exclusive), perms, offset in pages, device, inode, name. A name that is a number
 * n above 0 is that of the n-th row before it among the steps.
 */
export type MappingRow = readonly [
  start: number,
  end: number,
  perms: string,
  offsetPages: number,
  device: string,
  inode: string,
  name: string | number,
];

/**
 * What makes a list out of an earlier one: a row is new; a number above 0 takes over so many rows, one
 * below 0 passes over so many.
 */
export type MappingStep = MappingRow | number;

/** True if two mappings are the same in all that a row has. */
export function isSameMapping(a: Vma, b: Vma): boolean {
  if (a === b) return true;
  return a.start === b.start && a.end === b.end && a.perms === b.perms && a.name === b.name &&
    a.offsetPages === b.offsetPages && a.device === b.device && a.inode === b.inode;
}

/**
 * Passes if a reader takes the list that steps make out of an earlier one: the new rows are mappings, and
 * the list ascends.
 *
 * @throws RangeError otherwise.
 */
export function assertReadable(steps: readonly MappingStep[], after: readonly Vma[]): void {
  const names: string[] = [];
  for (const [n, step] of steps.entries()) {
    if (typeof step !== "number") names.push(toVma(step, n, names).name);
  }
  assertAscending(after);
}

/** @throws RangeError if mappings do not ascend, or overlap. */
export function assertAscending(vmas: readonly Vma[]): void {
  if (isAscending(vmas)) return;
  for (let n = 1; n < vmas.length; n++) {
    if (!(vmas[n].start >= vmas[n - 1].end)) fail(`mapping ${n}`, "after the one before it");
  }
}

/** The steps from one list to another; both ascend. */
export function mappingSteps(before: readonly Vma[], after: readonly Vma[]): MappingStep[] {
  const steps: MappingStep[] = [];
  const count = (by: 1 | -1) => {
    const last = steps[steps.length - 1];
    if (typeof last === "number" && Math.sign(last) === by) steps[steps.length - 1] = last + by;
    else steps.push(by);
  };
  /** Rows until now, and of each long name the last of them. */
  let rows = 0;
  const longNames = new Map<string, number>();
  let i = 0;
  for (const vma of after) {
    while (i < before.length && before[i].start < vma.start) {
      count(-1);
      i++;
    }
    if (i < before.length && isSameMapping(before[i], vma)) {
      count(1);
      i++;
    } else steps.push(rowOf(vma, rows++, longNames));
  }
  return steps; // what is left of `before` is passed over without saying so
}

/** Names that are shorter are repeated, and compress well. */
const LONG_NAME = 256;

/** A row; tens of thousands of mappings may have the same name of thousands of characters. */
function rowOf(vma: Vma, number: number, longNames: Map<string, number>): MappingRow {
  const { start, end, perms, offsetPages } = vma;
  const [device, inode, name] = [vma.device, vma.inode, vma.name].map(wellFormed);
  if (name.length < LONG_NAME) return [start, end, perms, offsetPages, device, inode, name];
  const last = longNames.get(name);
  longNames.set(name, number);
  const nameOrStep = last === undefined ? name : number - last;
  return [start, end, perms, offsetPages, device, inode, nameOrStep];
}

/** Some mappings of a list, which follow one another. */
export interface ListPart {
  readonly vmas: readonly Vma[];
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/** All of a list. */
export function isWhole(vmas: readonly Vma[]): ListPart {
  return { vmas, from: 0, to: vmas.length };
}

/**
 * The list that steps make out of an earlier one, in parts: it costs as much as there are steps and
 * parts, however many mappings they take over.
 *
 * @throws RangeError if they are no steps
 */
export function applySteps(before: readonly ListPart[], steps: readonly unknown[]): ListPart[] {
  const parts: ListPart[] = [];
  let rows: Vma[] = [];
  const names: string[] = [];
  let count = 0;
  const endRows = () => {
    if (rows.length > 0) parts.push({ vmas: rows, from: 0, to: rows.length });
    rows = [];
  };
  // The part of the earlier list, and where in it.
  let [part, from] = [0, before[0]?.from ?? 0];
  for (const [n, step] of steps.entries()) {
    if (typeof step !== "number") {
      if (++count > MAX_MAPPINGS) assertMappings(count);
      const vma = toVma(step, n, names);
      names.push(vma.name);
      rows.push(vma);
      continue;
    }
    if (!Number.isInteger(step)) fail(`mappings[${n}]`, "a step");
    let left = Math.abs(step);
    if (step > 0) {
      endRows();
      count += left;
      assertMappings(count);
    }
    while (left > 0) {
      const one = before[part];
      if (one === undefined) return fail(`mappings[${n}]`, "a step");
      const to = Math.min(one.to, from + left);
      if (step > 0) parts.push({ vmas: one.vmas, from, to });
      left -= to - from;
      from = to;
      if (from === one.to) from = before[++part]?.from ?? 0;
    }
  }
  endRows();
  return parts;
}

/** The mappings of parts. */
export function listOf(parts: readonly ListPart[]): readonly Vma[] {
  if (parts.length === 1 && parts[0].from === 0 && parts[0].to === parts[0].vmas.length) {
    return parts[0].vmas;
  }
  const vmas: Vma[] = [];
  for (const { vmas: of, from, to } of parts) for (let i = from; i < to; i++) vmas.push(of[i]);
  return vmas;
}

const PERMISSIONS = /^[r-][w-][x-][sp]$/;
/** What a field is called in an error; made once, for a list may have very many. */
const FIELDS = ["start", "end", "permissions", "offset", "device", "inode", "name"];

/** @param names of the rows before */
function toVma(value: unknown, step: number, names: readonly string[]): Vma {
  if (!Array.isArray(value)) return fail(`mappings[${step}]`, "a list");
  const row = list(value, "mappings");
  const [start, end] = [count(row[0], FIELDS[0]), count(row[1], FIELDS[1])];
  if (!(start < end && end <= PAGE_NUMBER_LIMIT)) fail(`mappings[${step}]`, "a range of pages");
  const perms = text(row[2], FIELDS[2]);
  const name = typeof row[6] === "number" ? earlierName(names, row[6]) : text(row[6], FIELDS[6]);
  assertName(name);
  if (!PERMISSIONS.test(perms)) fail(`mappings[${step}]`, "a mapping with permissions");
  return {
    start,
    end,
    perms,
    offsetPages: count(row[3], FIELDS[3]),
    device: text(row[4], FIELDS[4]),
    inode: text(row[5], FIELDS[5]),
    name,
  };
}

function earlierName(names: readonly string[], back: number): string {
  return names[names.length - count(back, FIELDS[6])] ?? fail(FIELDS[6], "that of an earlier row");
}
