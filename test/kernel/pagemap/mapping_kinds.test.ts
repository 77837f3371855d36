import { afterEach, beforeEach, expect, test } from "vitest";
import { MappingKindFinder } from "../../../lib/kernel/pagemap/mapping_kinds.ts";
import { ProcFs } from "../../../lib/kernel/proc/proc_fs.ts";
import { FakeProc, mapsLine } from "../../helpers/fake_proc.ts";

type Line = Parameters<typeof mapsLine>[0];
type Mapping = readonly [Line, string];

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

/** The kinds of these mappings with these flags, found by one finder, one list after the other. */
function find(...lists: readonly (readonly Mapping[])[]) {
  const proc = new CountingProc(fake.root);
  let nowNs = 0;
  const finder = new MappingKindFinder(proc, 4096, () => nowNs += 1000);
  return lists.map((mappings) => {
    fake.put({
      pid: 42,
      maps: mappings.map(([vma]) => mapsLine(vma)).join(""),
      smaps: mappings.map(([vma, flags]) => `${mapsLine(vma)}VmFlags: ${flags}\n`).join(""),
    });
    const { device, hugetlb } = finder.of(42, proc.maps(42, 4096));
    return { device: [...device.edges], hugetlb: [...hugetlb.edges] };
  });
}

const at = (start: number, name: string, inode = "7", perms = "rw-s") => {
  return { start, end: start + 16, perms, inode, name };
};
const NONE = { device: [], hugetlb: [] };

test.each([
  "/dev/nvidia0",
  "/dev/mem",
  "anon_inode:[perf_event]",
  "anon_inode:[vfio-device]",
  "/sys/devices/x/resource0",
])(
  "writable memory of %s is a device's if smaps says so",
  (name) => {
    expect(find([[at(16, name), "rd wr sh pf"]])).toEqual([{ device: [16, 32], hugetlb: [] }]);
    expect(find([[at(16, name), "rd wr sh io"]])).toEqual([{ device: [16, 32], hugetlb: [] }]);
    expect(find([[at(16, name), "rd wr sh"]])).toEqual([NONE]);
    expect(find([[at(16, name, "7", "r--s"), "rd sh pf io"]])).toEqual([NONE]);
  },
);

test("plain files and memory are not looked into for devices", () => {
  const files = ["/srv/data", "/dev/shm/x", "/dev/zero (deleted)", "/memfd:x (deleted)", ""];
  find(files.map((name, i) => [{ ...at(17 + 32 * i, name), inode: "9" }, "rd wr sh"] as const));
  expect(smapsReads).toBe(0);
});

test("what is of a file that is known is not asked for again at each change", () => {
  const first: Mapping = [at(16, "/dev/dri/card0"), "rd wr sh pf io"];
  const more = Array.from({ length: 50 }, (_, i): readonly Mapping[] => [
    first,
    [at(32 * (i + 2), "/dev/dri/card0"), "rd wr sh pf io"],
  ]);
  const found = find([first], ...more);
  expect(found.at(-1)).toEqual({ device: [16, 32, 1632, 1648], hugetlb: [] });
  expect(smapsReads).toBeLessThan(5);
});

test("files that share an inode are distinguished by their names", () => {
  expect(find([
    [at(16, "anon_inode:[perf_event]"), "rd wr sh pf io"],
    [at(48, "anon_inode:[io_uring]"), "rd wr sh mm"],
  ])).toEqual([{ device: [16, 32], hugetlb: [] }]);
});
