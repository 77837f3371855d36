/**
 * A process of arm64 that is nearly always in code that holds scalable vectors (SVE), and prints how
 * many bytes of them were lost.
 *
 * @module
 */

import koffi from "koffi";

/** `long lost(long rounds, const uint8_t pattern[256])` */
const LOST = Uint32Array.of(
  0x2518e3e0, //       ptrue p0.b                        held for all rounds
  0xa400a020, //       ld1b  {z0.b}, p0/z, [x1]          likewise
  0x04bf5024, //       rdvl  x4, #1
  0xd2800003, //       mov   x3, #0
  0x2518e3e2, // loop: ptrue p2.b                        set again in each
  0xa400a821, //       ld1b  {z1.b}, p2/z, [x1]          likewise
  0x2401a813, //       cmpne p3.b, p2/z, z0.b, z1.b
  0x25208862, //       cntp  x2, p2, p3.b
  0x8b020063, //       add   x3, x3, x2
  0x25208802, //       cntp  x2, p2, p0.b
  0xcb020082, //       sub   x2, x4, x2
  0x8b020063, //       add   x3, x3, x2
  0xf1000400, //       subs  x0, x0, #1
  0x54fffee1, //       b.ne  loop
  0xaa0303e0, //       mov   x0, x3
  0xd65f03c0, //       ret
);
const ROUNDS = 500_000;
const READ_WRITE_EXECUTE = 1 | 2 | 4;
const PRIVATE_ANONYMOUS = 0x2 | 0x20;

const mmap = koffi.load(null).func(
  "intptr_t mmap(intptr_t a, size_t n, int prot, int flags, int fd, int64_t o)",
);
const address = mmap(0, 4096, READ_WRITE_EXECUTE, PRIVATE_ANONYMOUS, -1, 0);
new Uint32Array(koffi.view(address, LOST.byteLength)).set(LOST);
const pattern = Uint8Array.from({ length: 256 }, (_, i) => i ^ 0x5a);
const lost = koffi.decode(
  address,
  koffi.proto("int64_t lost(int64_t rounds, const uint8_t *pattern)"),
);

for (;;) console.log(lost(ROUNDS, pattern));
