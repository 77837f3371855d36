/**
 * Recordings in many files, together below 32 MB, that ask for much work or memory.
 *
 * @module
 */

import { Forge, pagesOf, rows, scattered } from "./forge.ts";

/** All of them by name: the bytes of each file, in order. */
export const LARGE_ROTATED: Readonly<Record<string, () => Uint8Array[]>> = {
  manySegments: () =>
    segments(3000, (forge) => {
      forge.list(rows(20, { pages: 100 }));
      for (let i = 0; i < 10; i++) forge.window({ pages: pagesOf(scattered(20, 3)) });
    }),
  scatteredSegments: () =>
    segments(20, (forge, i) => {
      forge.list([[16, 2 ** 40, "rw-p", 0, "00:00", "0", ""]]);
      forge.window({ pages: pagesOf(scattered(200_000, 3000 + i)) });
    }),
};

function segments(count: number, fill: (forge: Forge, number: number) => void): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => {
    const forge = new Forge({ startNs: 1e12 * i });
    forge.process();
    fill(forge, i);
    return forge.bytes;
  });
}
