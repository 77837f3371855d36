import { expect, test } from "vitest";
import { decompress } from "../../lib/trace/zstd.ts";

/** A frame of blocks that are not compressed, without the length of all of them. */
function frame(blocks: readonly Uint8Array[], window = 0x58): Uint8Array {
  const bytes = [0x28, 0xb5, 0x2f, 0xfd, 0x00, window];
  blocks.forEach((block, i) => {
    const head = block.length * 8 + Number(i === blocks.length - 1);
    bytes.push(head & 0xff, (head >>> 8) & 0xff, head >>> 16, ...block);
  });
  return Uint8Array.from(bytes);
}

const blocks = [1, 2, 3].map((byte) => new Uint8Array(100_000).fill(byte));

test("frames of several blocks are read that do not have their length", () => {
  const found = decompress(frame(blocks), 300_000);
  expect([found.length, found[0], found[150_000], found[299_999]]).toEqual([300_000, 1, 2, 3]);
});

test("frames are refused that are longer or shorter than they should be", () => {
  for (const lengthBytes of [299_999, 300_001, 100_000, 1]) {
    expect(() => decompress(frame(blocks), lengthBytes)).toThrow(RangeError);
  }
});

test("a frame whose window, or length, is gigabytes allocates none", () => {
  const one = [1 * 8 + 1, 0, 0, 1];
  const head = [0x28, 0xb5, 0x2f, 0xfd];
  for (
    const bytes of [[...head, 0x00, 0xa0, ...one], [...head, 0xa0, 0xff, 0xff, 0xff, 0x7f, ...one]]
  ) {
    const before = process.memoryUsage().arrayBuffers;
    // Where a runtime reads it all the same, it takes no more room than what is in it.
    try {
      decompress(Uint8Array.from(bytes), 1);
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 26);
  }
});
