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

/** Walks two edge lists in step; how many edges of a list lie behind tells whether we are inside it. */
export function merge(a: Float64Array, b: Float64Array, membership: number): Float64Array {
  const capacity = a.length + b.length;
  const merged = capacity <= scratch.length ? scratch : new Float64Array(capacity);
  let length = 0;
  let i = 0;
  let j = 0;
  let inside = 0;
  while (i < a.length || j < b.length) {
    const x = i < a.length ? a[i] : Infinity;
    const y = j < b.length ? b[j] : Infinity;
    const edge = x < y ? x : y;
    if (x === edge) i++;
    if (y === edge) j++;
    const now = (membership >>> ((i & 1) | ((j & 1) << 1))) & 1;
    if (now !== inside) {
      merged[length++] = edge;
      inside = now;
    }
  }
  return merged.slice(0, length);
}
