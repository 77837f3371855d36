/**
 * Page sets of few runs against one of many, as that of all mappings: in time that depends on the few.
 *
 * @module
 */

import { partitionPoint } from "./partition_point.ts";

/** From this ratio on it takes less time to look up each run than to walk all. */
const RATIO = 16;

/** True if one set has so few edges against the other. */
export function isFew(few: Float64Array, many: Float64Array): boolean {
  return few.length * RATIO < many.length;
}

/**
 * The edges of those parts of the runs of `few` that lie in `many`, or in none of its runs.
 *
 * @param isWithin whether they lie in it
 */
export function partsOfFew(
  few: Float64Array,
  many: Float64Array,
  isWithin: boolean,
): Float64Array {
  const [inside, outside] = isWithin ? [1, 0] : [0, 1];
  // Of each run, which edges of the other set are in it: from the first after its start to before its end.
  const bounds = new Uint32Array(few.length);
  let length = 0;
  for (let i = 0; i < few.length; i += 2) {
    const [start, end] = [few[i], few[i + 1]];
    const from = partitionPoint(many.length, (at) => many[at] <= start);
    const to = from + partitionPoint(many.length - from, (at) => many[from + at] < end);
    [bounds[i], bounds[i + 1]] = [from, to];
    length += to - from + Number(from % 2 === inside) + Number(to % 2 !== outside);
  }
  const edges = new Float64Array(length);
  let at = 0;
  for (let i = 0; i < few.length; i += 2) {
    const [from, to] = [bounds[i], bounds[i + 1]];
    if (from % 2 === inside) edges[at++] = few[i];
    edges.set(many.subarray(from, to), at);
    at += to - from;
    if (to % 2 !== outside) edges[at++] = few[i + 1];
  }
  return edges;
}
