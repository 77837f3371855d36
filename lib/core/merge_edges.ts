/**
 * The algebra of sets that are held as edges: one merge of two lists, linear in their length.
 *
 * @module
 */

/**
 * Bit `a + 2 * b` says whether a page belongs to the result when it is (1) or is not (0) in the left
 * set (`a`) and in the right one (`b`).
 */
export const UNION = 0b1110;
export const INTERSECTION = 0b1000;
export const DIFFERENCE = 0b0010;
export const SYMMETRIC_DIFFERENCE = 0b0110;

/** Most merges fit into it: mostly far less is left of one than there must be room for. */
const scratch = new Float64Array(1 << 17);

/** What a walk along two lists finds: one of them, or so many edges that are of neither. */
const SAME_AS_A = -1;
const SAME_AS_B = -2;

/**
 * Merges two edge lists. If the result is one of them, it is that array and no copy: what is equal is kept
 * in memory once.
 */
export function merge(a: Float64Array, b: Float64Array, membership: number): Float64Array {
  const isSmall = a.length + b.length <= scratch.length;
  // For long lists, the first walk only finds the length of the result.
  const found = walk(a, b, membership, isSmall ? scratch : undefined);
  if (found === SAME_AS_A) return a;
  if (found === SAME_AS_B) return b;
  if (isSmall) return scratch.slice(0, found);
  const merged = new Float64Array(found);
  walk(a, b, membership, merged);
  return merged;
}

/** Walks two edge lists in step; the number of edges passed in a list shows whether we are inside it. */
function walk(
  a: Float64Array,
  b: Float64Array,
  membership: number,
  into: Float64Array | undefined,
): number {
  let length = 0;
  let i = 0;
  let j = 0;
  let inside = 0;
  let isA = true;
  let isB = true;
  while (i < a.length || j < b.length) {
    const x = i < a.length ? a[i] : Infinity;
    const y = j < b.length ? b[j] : Infinity;
    const edge = x < y ? x : y;
    if (x === edge) i++;
    if (y === edge) j++;
    const now = (membership >>> ((i & 1) | ((j & 1) << 1))) & 1;
    if (now !== inside) {
      if (isA && a[length] !== edge) isA = false;
      if (isB && b[length] !== edge) isB = false;
      if (into !== undefined) into[length] = edge;
      length++;
      inside = now;
    }
  }
  if (isA && length === a.length) return SAME_AS_A;
  return isB && length === b.length ? SAME_AS_B : length;
}
