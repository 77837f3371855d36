import { readFileSync } from "node:fs";
import process from "node:process";
import { expect, test } from "vitest";
import {
  closeDescriptor,
  ioctl,
  mapIsolated,
  systemCall,
} from "../../../lib/kernel/system/libc.ts";
import { parseMaps } from "../../../lib/kernel/proc/maps.ts";

test.skipIf(process.platform !== "linux")(
  "isolated memory has no neighbour to be merged with",
  () => {
    const PAGE = 4096;
    const mapping = mapIsolated(1 << 16);
    const start = mapping.address / PAGE;
    const around = () =>
      parseMaps(readFileSync("/proc/self/maps", "utf8"), PAGE)
        .filter((vma) => vma.end >= start && vma.start <= start + 16)
        .map((vma) => [Math.max(vma.start, start - 16) - start, vma.perms]);
    mapping.bytes[0] = 1;
    expect(around()).toEqual([[-16, "---p"], [0, "rw-p"], [16, "---p"]]);
    mapping.unmap();
    expect(around().filter(([, perms]) => perms === "---p")).toEqual([]);
  },
);

test.skipIf(process.platform !== "linux")("the error of a call that fails has its name", () => {
  const why = (code: string) => expect.objectContaining({ code });
  expect(() => closeDescriptor(-1)).toThrow(why("EBADF"));
  expect(() => systemCall("no such call", 100_000)).toThrow(why("ENOSYS"));
  expect(() => ioctl("of no terminal", 0, 0xffff, 0)).toThrow(/^ioctl of no terminal failed: E/);
});
