import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseBuffers, PinFinder } from "../../../lib/kernel/unseen/pins.ts";
import { ProcFs } from "../../../lib/kernel/proc/proc_fs.ts";
import { FakeProc, mapsLine } from "../../helpers/fake_proc.ts";

let fake: FakeProc;
beforeEach(() => {
  fake = new FakeProc();
});
afterEach(() => fake.remove());

/** As kernels from 6.1 to 7.3 print it. */
const fdinfo = (count: number, buffers: readonly string[]) =>
  `pos:\t0\nflags:\t02000002\nSqMask:\t0x3\nUserFiles:\t0\nUserBufs:\t${count}\n` +
  buffers.map((buffer, i) => `${String(i).padStart(5)}: ${buffer}\n`).join("") +
  "PollList:\nCqOverflowList:\n";

test("the buffers of a ring are read from what the kernel says of its descriptor", () => {
  const { pages, isWhole } = parseBuffers(
    fdinfo(2, ["0x7f0057400000/16777216", "0x5800/4096"]),
    4096,
  );
  expect(isWhole).toBe(true);
  expect([...pages.edges]).toEqual([5, 7, 0x7f0057400, 0x7f0057400 + 4096]);
});

test("a ring that is in use can show only how many it has", () => {
  expect(parseBuffers(fdinfo(2, []), 4096).isWhole).toBe(false);
  expect(parseBuffers(fdinfo(0, []), 4096).isWhole).toBe(true);
  expect(parseBuffers("", 4096).isWhole).toBe(true);
});

/** What may be pinned of process 42. */
function find(
  { status = {}, maps = mapsLine({ start: 1, end: 4 }), ring }: {
    readonly status?: Readonly<Record<string, string>>;
    readonly maps?: string;
    readonly ring?: string | undefined;
  },
) {
  fake.put({ pid: 42, status, maps });
  if (ring !== undefined) {
    mkdirSync(join(fake.root, "42/fd"), { recursive: true });
    mkdirSync(join(fake.root, "42/fdinfo"), { recursive: true });
    symlinkSync("anon_inode:[io_uring]", join(fake.root, "42/fd/5"));
    writeFileSync(join(fake.root, "42/fdinfo/5"), ring);
  }
  const proc = new ProcFs(fake.root);
  const { registered, mayBeMore } = new PinFinder(proc, 4096, () => 0)
    .of(42, proc.maps(42, 4096));
  return [[...registered.edges], mayBeMore];
}

test("a process that pins nothing is not suspected", () => {
  expect(find({})).toEqual([[], false]);
  expect(find({ status: { VmPin: "       0 kB" } })).toEqual([[], false]);
});

test("memory that is pinned and not of a ring can be anywhere", () => {
  expect(find({ status: { VmPin: "       8 kB" } })).toEqual([[], true]);
});

test("where a ring's buffers are all that is pinned, nothing else is suspected", () => {
  const ring = fdinfo(1, ["0x1000/8192"]);
  expect(find({ status: { VmPin: "       8 kB" }, ring })).toEqual([[1, 3], false]);
});

test("a ring that does not show its buffers leaves all suspected", () => {
  expect(find({ ring: fdinfo(1, []) })).toEqual([[], true]);
});

test("what is pinned and in no ring is counted, and with VFIO what is locked", () => {
  const pinned = (status: Readonly<Record<string, string>>, name = "", ring?: string) => {
    find({ status, maps: mapsLine({ start: 1, end: 4, inode: "3", name }), ring });
    const proc = new ProcFs(fake.root);
    return new PinFinder(proc, 4096, () => 0).of(42, proc.maps(42, 4096)).pinnedPages;
  };
  expect(pinned({ VmPin: "       8 kB", VmLck: "      16 kB" })).toBe(2);
  expect(pinned({ VmPin: "       8 kB", VmLck: "      16 kB" }, "anon_inode:[vfio-device]")).toBe(
    6,
  );
});

test("when the buffers of rings change, what is pinned is counted again", () => {
  const ring = fdinfo(1, ["0x1000/8192"]);
  find({ status: { VmPin: "       8 kB" }, ring });
  const proc = new ProcFs(fake.root);
  const finder = new PinFinder(proc, 4096, () => 0);
  const vmas = proc.maps(42, 4096);
  expect(finder.of(42, vmas)).toMatchObject({ pinnedPages: 2, mayBeMore: false });
  fake.put({ pid: 42, status: { VmPin: "       0 kB" }, maps: mapsLine({ start: 1, end: 4 }) });
  writeFileSync(join(fake.root, "42/fdinfo/5"), fdinfo(0, []));
  expect(finder.of(42, vmas)).toMatchObject({ pinnedPages: 0, mayBeMore: false });
});

test.each(["/dev/infiniband/uverbs0", "anon_inode:[vfio-device]", "socket:[77]"])(
  "a process that maps %s may have memory pinned that nothing counts",
  (name) => {
    expect(find({ maps: mapsLine({ start: 1, end: 2, inode: "3", name }) })).toEqual([[], true]);
  },
);
