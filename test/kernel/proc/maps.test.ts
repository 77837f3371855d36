import { expect, test } from "vitest";
import { parseMaps } from "../../../lib/kernel/proc/maps.ts";

// Lines as real kernels print them.
const MAPS = `\
55d0c0de0000-55d0c0e01000 rw-p 00000000 00:00 0                          [heap]
7f1c2a000000-7f1c2a021000 rw-p 00000000 00:00 0 
7f1c2a100000-7f1c2a102000 rw-s 00001000 00:2b 9223372036854775809         /tmp/two\\012lines  and spaces (deleted)
7f1c2a200000-7f1c2a201000 rw-p 00000000 00:00 0                          [anon:jit: code)]
7ffd8c021000-7ffd8c042000 rw-p 00000000 00:00 0                          [stack]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
`;

test("parseMaps() takes each kind of line that kernels print", () => {
  const vmas = parseMaps(MAPS, 4096);
  expect(vmas.map((vma) => vma.name)).toEqual([
    "[heap]",
    "",
    "/tmp/two\nlines  and spaces (deleted)",
    "[anon:jit: code)]",
    "[stack]",
    "[vsyscall]",
  ]);
  expect(vmas[2]).toMatchObject({
    perms: "rw-s",
    offsetPages: 1,
    device: "00:2b",
    inode: "9223372036854775809",
  });
  expect(vmas[5]).toMatchObject({ start: 0xffff_ffff_ff600, end: 0xffff_ffff_ff601 });
});

test("parseMaps() of a process without memory has no mappings", () => {
  expect(parseMaps("", 4096)).toEqual([]);
});

test("parseMaps() refuses a line that no kernel prints", () => {
  expect(() => parseMaps("55d0c0de0000 rw-p\n", 4096)).toThrow(SyntaxError);
});

test("an error repeats the beginning of a line that is no line of maps", () => {
  const message = () => {
    try {
      parseMaps("\0".repeat(10_000_000), 4096);
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(message()).toMatch(/^Not a line of maps: "(\\u0000){200}"$/);
});
