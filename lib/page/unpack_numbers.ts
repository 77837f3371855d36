/// <reference lib="dom" />
/**
 * Unpacks what `packed_numbers.ts` packed.
 *
 * @module
 */

/** The numbers, in their order. */
export async function unpackNumbers(packed: string): Promise<Float64Array> {
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const varints = new Uint8Array(await new Response(stream).arrayBuffer());
  const numbers = new Float64Array(varints.length);
  let [length, value, unit] = [0, 0, 1];
  for (const byte of varints) {
    value += (byte & 127) * unit;
    unit *= 128;
    if (byte >= 128) continue;
    numbers[length++] = value;
    [value, unit] = [0, 1];
  }
  return numbers.subarray(0, length);
}
