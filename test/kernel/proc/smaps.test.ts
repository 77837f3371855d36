import { expect, test } from "vitest";
import { parseSmaps } from "../../../lib/kernel/proc/smaps.ts";

// As kernel 6.1 prints it, some fields left out.
const SMAPS = `\
55d0c0de0000-55d0c0e01000 rw-p 00000000 00:00 0                          [heap]
Size:                132 kB
KernelPageSize:        4 kB
Rss:                  12 kB
Pss:                  12 kB
Swap:                  8 kB
SwapPss:               8 kB
VmFlags: rd wr mr mw me ac sd 
7f1c00000000-7f2000000000 ---p 00000000 00:00 0 
Rss:                   0 kB
Swap:                  0 kB
VmFlags: mr mw me nr 
7f2c00000000-7f2c40000000 rw-s 00000000 00:0f 23   /anon_hugepage (deleted)
Rss:                   0 kB
Shared_Hugetlb:     2048 kB
Private_Hugetlb:    2048 kB
VmFlags: rd wr sh mr mw me ms ht sd 
`;

test("parseSmaps() adds up what is in RAM, in swap and in huge pages", () => {
  const usages = parseSmaps(SMAPS, 4096);
  expect(usages.map((usage) => usage.vma.name)).toEqual(["[heap]", "", "/anon_hugepage (deleted)"]);
  expect(usages.map((usage) => usage.populatedBytes)).toEqual([20 * 1024, 0, 4096 * 1024]);
});

test("parseSmaps() reports which mappings are marked soft-dirty as a whole", () => {
  expect(parseSmaps(SMAPS, 4096).map((usage) => usage.flags.has("sd"))).toEqual([
    true,
    false,
    true,
  ]);
});
