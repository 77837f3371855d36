import { afterEach, beforeEach, expect, test } from "vitest";
import type { Vma } from "../../../lib/core/vma.ts";
import { ProcFs } from "../../../lib/kernel/proc/proc_fs.ts";
import { MapsCache } from "../../../lib/kernel/proc/maps_cache.ts";
import { FakeProc, mapsLine } from "../../helpers/fake_proc.ts";

let fake: FakeProc;
let maps: MapsCache<readonly Vma[]>;

beforeEach(() => {
  fake = new FakeProc();
  maps = new MapsCache(new ProcFs(fake.root), 4096, (vmas) => vmas);
});
afterEach(() => fake.remove());

const one = mapsLine({ start: 1, end: 4 });

test("mappings that did not change are the same array, of each process its own", () => {
  fake.put({ pid: 42, maps: one });
  fake.put({ pid: 43, maps: mapsLine({ start: 8, end: 9 }) });
  const [first, other] = [maps.of(42), maps.of(43)];
  expect([first[0].start, other[0].start]).toEqual([1, 8]);
  expect(maps.of(42)).toBe(first);
  expect(maps.of(43)).toBe(other);
});

test("mappings that changed, even in one letter, are parsed again", () => {
  fake.put({ pid: 42, maps: one });
  const before = maps.of(42);
  fake.put({ pid: 42, maps: mapsLine({ start: 1, end: 4, perms: "r--p" }) });
  expect(maps.of(42)[0].perms).toBe("r--p");
  expect(before[0].perms).toBe("rw-p");
});

test("a process that was released is read again, others are not", () => {
  fake.put({ pid: 42, maps: one });
  fake.put({ pid: 43, maps: one });
  const [first, other] = [maps.of(42), maps.of(43)];
  maps.release(42);
  expect(maps.of(42)).not.toBe(first);
  expect(maps.of(43)).toBe(other);
  maps.release();
  expect(maps.of(43)).not.toBe(other);
});

test("mappings that overlap, as the kernel lists them while they are split, are read again", () => {
  const [split, merged] = [mapsLine({ start: 1, end: 3 }), mapsLine({ start: 1, end: 8 })];
  fake.put({ pid: 42, maps: split + merged });
  class Settling extends ProcFs {
    reads = 0;
    override mapsText(pid: number) {
      const text = super.mapsText(pid);
      if (++this.reads === 2) fake.put({ pid, maps: merged });
      return text;
    }
  }
  const settling = new Settling(fake.root);
  const found = new MapsCache(settling, 4096, (vmas) => vmas).of(42);
  expect([found.map(({ start, end }) => [start, end]), settling.reads]).toEqual([[[1, 8]], 3]);
});

test("of mappings that overlap each time, the one that was read last has the pages", () => {
  const lines = [mapsLine({ start: 1, end: 9 }), mapsLine({ start: 3, end: 5, perms: "r--p" })];
  fake.put({ pid: 42, maps: lines.join("") });
  const bounds = (vmas: readonly Vma[]) => vmas.map(({ start, end }) => [start, end]);
  expect(bounds(maps.of(42))).toEqual([[1, 3], [3, 5], [5, 9]]);
  expect(bounds(new ProcFs(fake.root).maps(42, 4096))).toEqual([[1, 3], [3, 5], [5, 9]]);
});

test("maps of tens of megabytes are parsed where they changed, each name once", () => {
  const name = `/${"d".repeat(2000)}`;
  const lines = Array.from(
    { length: 5000 },
    (_, i) => mapsLine({ start: i * 2 + 1, end: i * 2 + 2, inode: "7", name }),
  );
  const put = () => fake.put({ pid: 42, maps: lines.join("") });
  put();
  const first = maps.of(42);
  expect(first).toHaveLength(5000);
  expect(new Set(first.map((vma) => vma.name))).toEqual(new Set([name]));
  expect(maps.of(42)).toBe(first);
  lines[4999] = mapsLine({ start: 20_000, end: 20_001 });
  put();
  const second = maps.of(42);
  expect(second[0]).toBe(first[0]);
  expect(second.at(-1)).toMatchObject({ start: 20_000, name: "" });
  // And back to few.
  fake.put({ pid: 42, maps: one });
  expect(maps.of(42)).toMatchObject([{ start: 1, end: 4 }]);
  expect(maps.of(42)).toBe(maps.of(42));
});
