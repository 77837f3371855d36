/**
 * A process that computes in floating point, and prints the same sum for ever if no bit of it is lost.
 *
 * @module
 */

/** The sum over a chaotic map: one wrong bit changes all that follows. */
export function checksum(): string {
  const cells = new Float64Array(1 << 12);
  let x = 0.5;
  let sum = 0;
  for (let i = 0; i < 100_000; i++) {
    x = 3.9 * x * (1 - x);
    sum += Math.sqrt(x) / (1 + x * x);
    cells[(i * 7) & 4095] = sum;
  }
  return `${x} ${cells.reduce((a, b) => a + b)}`;
}

if (import.meta.main) {
  for (;;) console.log(checksum());
}
