import { expect, test } from "vitest";
import { isSameObject, type Vma } from "../../lib/core/vma.ts";

const file: Vma = {
  start: 0x10,
  end: 0x20,
  perms: "r--p",
  offsetPages: 4,
  device: "08:01",
  inode: "77",
  name: "/lib",
};
const anonymous: Vma = { ...file, offsetPages: 0, device: "00:00", inode: "0", name: "" };

test.each<[string, Vma, Vma]>([
  ["a file that was unlinked", file, { ...file, name: "/lib (deleted)" }],
  ["a file mapping that was cut at its start", file, { ...file, start: 0x14, offsetPages: 8 }],
  ["other permissions", file, { ...file, perms: "rw-p" }],
  ["memory that was given a name", anonymous, { ...anonymous, name: "[anon:jit]" }],
  ["anonymous memory elsewhere", anonymous, { ...anonymous, start: 0x18 }],
])("isSameObject() holds for %s", (_, a, b) => expect(isSameObject(a, b)).toBe(true));

test.each<[string, Vma, Vma]>([
  ["another part of the file", file, { ...file, offsetPages: 9 }],
  ["the same inode of another device", file, { ...file, device: "08:02" }],
  ["another file of the same name", file, { ...file, inode: "78" }],
  ["a shared mapping of the same file", file, { ...file, perms: "r--s" }],
  ["anonymous memory in place of a file", file, anonymous],
  ["the heap in place of other memory", anonymous, { ...anonymous, name: "[heap]" }],
])("isSameObject() does not hold for %s", (_, a, b) => expect(isSameObject(a, b)).toBe(false));
