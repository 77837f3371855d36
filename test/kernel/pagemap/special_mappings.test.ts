import { afterEach, beforeEach, expect, test } from "vitest";
import { ProcFs } from "../../../lib/kernel/proc/proc_fs.ts";
import { MappingClassifier } from "../../../lib/kernel/pagemap/special_mappings.ts";
import { FakeProc, mapsLine } from "../../helpers/fake_proc.ts";

const GIB = 1 << 18;
let fake: FakeProc;
let smapsReads: number;
beforeEach(() => {
  fake = new FakeProc();
  smapsReads = 0;
});
afterEach(() => fake.remove());

class CountingProc extends ProcFs {
  override smaps(pid: number, pageSizeBytes: number) {
    smapsReads++;
    return super.smaps(pid, pageSizeBytes);
  }
}

/** What is found for mappings with these lines of smaps. */
function find(
  mappings: readonly (readonly [Parameters<typeof mapsLine>[0], string])[],
  residentPages = 100,
) {
  const maps = mappings.map(([vma]) => mapsLine(vma)).join("");
  const smaps = mappings.map(([vma, lines]) => mapsLine(vma) + lines).join("");
  fake.put({ pid: 42, maps, smaps, residentPages });
  const proc = new CountingProc(fake.root);
  const finder = new MappingClassifier(proc, 4096, () => 0);
  const once = () => {
    const { empty, emptyNew, hugetlb } = finder.find(42, proc.maps(42, 4096));
    return [empty, emptyNew, hugetlb].map((set) => [...set.edges]);
  };
  const first = once();
  expect(once()).toEqual(first);
  return first;
}

const usage = (rss: number, swap: number, flags: string) =>
  `Rss: ${rss} kB\nSwap: ${swap} kB\nVmFlags: ${flags}\n`;
const reserved = (start: number, end: number) => ({ start, end, perms: "---p" });

test("a vast reservation that holds nothing is passed over, and reported as new if marked soft-dirty", () => {
  expect(find([
    [reserved(16, 16 + GIB), usage(0, 0, "mr mw me")],
    [reserved(2 * GIB, 4 * GIB), usage(0, 0, "mr mw me sd")],
  ])).toEqual([[16, 16 + GIB, 2 * GIB, 4 * GIB], [2 * GIB, 4 * GIB], []]);
});

test.each([
  ["holds something in RAM", [reserved(0, GIB), usage(4, 0, "mr")] as const, 100],
  ["holds something in swap", [reserved(0, GIB), usage(0, 4, "mr")] as const, 100],
  ["may be touched", [{ start: 0, end: GIB, perms: "rw-p" }, usage(0, 0, "rd wr")] as const, 100],
  ["is not vast", [reserved(0, GIB - 1), usage(0, 0, "mr")] as const, 100],
  ["is small beside the memory", [reserved(0, GIB), usage(0, 0, "mr")] as const, GIB / 8],
])("a mapping that %s is read", (_, mapping, residentPages) => {
  expect(find([mapping], residentPages)[0]).toEqual([]);
});

test("a reservation that changed since maps was read is read", () => {
  const proc = new CountingProc(fake.root);
  const smaps = mapsLine(reserved(0, 2 * GIB)) + usage(0, 0, "mr");
  fake.put({ pid: 42, maps: mapsLine(reserved(0, GIB)), smaps });
  const { empty } = new MappingClassifier(proc, 4096, () => 0).find(42, proc.maps(42, 4096));
  expect(empty.isEmpty).toBe(true);
});

const shared = (start: number, end: number) => ({
  start,
  end,
  perms: "rw-s",
  inode: "7",
  name: "/x",
});

test("hugetlb memory is found by its flag, and smaps is read once for it", () => {
  expect(
    find([
      [shared(512, 1024), usage(0, 0, "rd wr sh ht sd")],
      [shared(1024, 2048), usage(0, 0, "rd wr sh sd")],
    ])[2],
  ).toEqual([512, 1024]);
  expect(smapsReads).toBe(1);
});

test("smaps is not read for ordinary files and small memory", () => {
  find([
    [shared(513, 1024), ""],
    [{ start: 2048, end: 4096, perms: "r-xp", inode: "8", name: "/lib" }, ""],
    [{ start: 8192, end: 16384, perms: "rw-p" }, ""],
  ]);
  expect(smapsReads).toBe(0);
});
