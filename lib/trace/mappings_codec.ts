/**
 * Lists of mappings, as a whole or as what changed since an earlier list.
 *
 * @module
 */

import { isAscending } from "../core/mapping_order.ts";
import { PAGE_NUMBER_LIMIT } from "../core/page_set.ts";
import { wellFormed } from "../core/plain_text.ts";
import type { Vma } from "../core/vma.ts";
import { type Check, count, fail, list, text } from "./checks.ts";

/** Start page, end page (exclusive), perms, offset in pages, device, inode, name. */
export type MappingRow = readonly [
  start: number,
  end: number,
  perms: string,
  offsetPages: number,
  device: string,
  inode: string,
  name: string,
];

/**
 * What makes a list out of an earlier one: a row is new; a number above 0 takes over so many rows, one
 * below 0 passes over so many.
 */
export type MappingStep = MappingRow | number;

/** A mapping as a row. */
export function toRow(vma: Vma): MappingRow {
  const { start, end, perms, offsetPages, device, inode, name } = vma;
  const texts = [wellFormed(device), wellFormed(inode), wellFormed(name)] as const;
  return [start, end, perms, offsetPages, ...texts];
}

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
  for (const [n, step] of steps.entries()) {
    if (typeof step !== "number") toVma(step, `mappings[${n}]`);
  }
  assertAscending(after);
}

function assertAscending(vmas: readonly Vma[]): void {
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
  let i = 0;
  for (const vma of after) {
    while (i < before.length && before[i].start < vma.start) {
      count(-1);
      i++;
    }
    if (i < before.length && isSameMapping(before[i], vma)) {
      count(1);
      i++;
    } else steps.push(toRow(vma));
  }
  return steps; // what is left of `before` is passed over without saying so
}

/**
 * The list that steps make out of an earlier one.
 *
 * @throws RangeError if they are no steps, or the list does not ascend.
 */
export function applySteps(before: readonly Vma[], steps: readonly unknown[]): Vma[] {
  const vmas: Vma[] = [];
  let i = 0;
  for (const [n, step] of steps.entries()) {
    if (typeof step !== "number") vmas.push(toVma(step, `mappings[${n}]`));
    else {
      const size = Math.abs(step);
      if (!Number.isInteger(step) || i + size > before.length) fail(`mappings[${n}]`, "a step");
      if (step > 0) { for (const vma of before.slice(i, i + size)) vmas.push(vma); }
      i += size;
    }
  }
  assertAscending(vmas);
  return vmas;
}

const toVma: Check<Vma> = (value, path) => {
  const row = list(value, path);
  const [start, end] = [count(row[0], `${path}[0]`), count(row[1], `${path}[1]`)];
  if (!(start < end && end <= PAGE_NUMBER_LIMIT)) fail(path, "a range of pages");
  const perms = text(row[2], `${path}[2]`);
  if (!/^[r-][w-][x-][sp]$/.test(perms)) fail(`${path}[2]`, "permissions");
  return {
    start,
    end,
    perms,
    offsetPages: count(row[3], `${path}[3]`),
    device: text(row[4], `${path}[4]`),
    inode: text(row[5], `${path}[5]`),
    name: text(row[6], `${path}[6]`),
  };
};
