import { expect, test } from "vitest";
import fc from "fast-check";
import { dirtyRates } from "../../lib/analysis/rate.ts";
import { countedOnce } from "../../lib/core/counted_once.ts";
import { groupSnapshots, isGroup } from "../../lib/core/group_snapshots.ts";
import { PAGE_NUMBER_LIMIT } from "../../lib/core/page_set.ts";
import { Slots } from "../../lib/core/relocation.ts";
import type { Snapshot } from "../../lib/core/snapshot.ts";
import { openTrace } from "../../lib/session/sd.ts";
import { clearAt, snapshot } from "../helpers/drawn_snapshot.ts";
import { recordingFile, RECORDINGS } from "../helpers/recordings.ts";

/** A snapshot of a process, in a round, whose mappings of `/shm` are of one file. */
function drawn(pid: number, round: number, drawing: string, fields = {}): Snapshot {
  const process = { pid, startTimeTicks: 1, command: `p${pid}` };
  const one = snapshot(drawing, {
    process,
    sinceClear: { ...clearAt(round * 1e9), process },
    atNs: round * 1e9 + 9e8 + pid,
    durationNs: 1e6,
    ...fields,
  });
  const vmas = one.vmas.map((vma) =>
    vma.name.startsWith("/shm") ? { ...vma, inode: "7", device: "00:01" } : vma
  );
  return snapshot(drawing, { ...one, vmas });
}

test("memory that is mapped three times counts once, and private memory stays where it is", () => {
  const one = drawn(
    1,
    0,
    "0x10 rw-p - DD\n0x20 rw-s /shm DDpp\n0x30 rw-s /shm DDDp\n0x40 rw-s /shm pppD",
  );
  const [once] = countedOnce([one]);
  expect(one.dirty.pageCount).toBe(2 + 2 + 3 + 1);
  expect(once.dirty.pageCount).toBe(2 + 4);
  expect(once.dirty.within(0, 0x50).pageCount).toBe(2);
  expect(once.vmas.map(({ name, start, end }) => [name, end - start])).toEqual([["", 2], [
    "/shm",
    4,
  ]]);
  expect(once.populated.pageCount).toBe(6);
});

test("shared memory keeps its place when mappings come and go", () => {
  const [a, b] = countedOnce([
    drawn(1, 0, "0x20 rw-s /shm DDpp"),
    drawn(1, 1, "0x10 rw-s /shm Dppp\n0x20 rw-s /shm ppDp"),
  ]);
  expect(a.dirty.union(b.dirty).pageCount).toBe(3);
});

test("different parts of a file are different memory", () => {
  const one = drawn(1, 0, "0x20 rw-s /shm DD\n0x30 rw-s /shm DD");
  const vmas = one.vmas.map((vma, i) => ({ ...vma, offsetPages: i * 2 }));
  const [once] = countedOnce([snapshot("0 rw-p - .", { ...one, vmas })]);
  expect(once.dirty.pageCount).toBe(4);
});

test("a group has the memory of all processes, what they share once", () => {
  const rounds = [
    drawn(1, 0, "0x10 rw-p - DD\n0x20 rw-s /shm DDpp"),
    drawn(2, 0, "0x10 rw-p - Dp\n0x80 rw-s /shm pDDp"),
    drawn(1, 1, "0x10 rw-p - pD\n0x20 rw-s /shm pppp"),
    drawn(2, 1, "0x10 rw-p - pp\n0x80 rw-s /shm Dppp"),
  ];
  const [first, second] = [...groupSnapshots(rounds)];
  expect(isGroup(first.process)).toBe(true);
  expect(first.members!.map(({ pid }) => pid)).toEqual([1, 2]);
  expect(first.dirty.pageCount).toBe(2 + 1 + 3);
  expect(first.populated.pageCount).toBe(2 + 2 + 4);
  expect(second.dirty.pageCount).toBe(1 + 0 + 1);
  // Each page is where it was in the round before.
  expect(first.dirty.union(second.dirty).pageCount).toBe(2 + 1 + 3);
  expect(first).toMatchObject({ atNs: 9e8 + 1, durationNs: 1e6 + 1, sinceClear: { atNs: 0 } });
});

test("what was placed once stays there: the group of a group's rates is not moved again", () => {
  const [group] = groupSnapshots([
    drawn(1, 0, "0x10 rw-p - DD\n0x20 rw-s /shm DDpp"),
    drawn(2, 0, "0x10 rw-p - Dp\n0x80 rw-s /shm pDDp"),
  ]);
  const [again] = countedOnce([group]);
  expect(again.vmas).toEqual(group.vmas);
  expect(again.dirty.equals(group.dirty)).toBe(true);
  const [rate] = dirtyRates([group]);
  expect(rate.mappings.map(({ name, dirtyPages }) => [name, dirtyPages]))
    .toEqual([["", 3], ["/shm", 3]]);
});

test("a process that was not cleared counts with its memory, but not with its writes", () => {
  const [group] = groupSnapshots([
    drawn(1, 0, "0x10 rw-p - DD"),
    drawn(2, 0, "0x10 rw-p - DDD", { sinceClear: null }),
  ]);
  expect([group.dirty.pageCount, group.populated.pageCount]).toEqual([2, 5]);
});

test("a round in which nothing was cleared does not end what is measured", () => {
  const all = [...groupSnapshots([
    drawn(1, 0, "0x10 rw-p - DD"),
    drawn(1, 1, "0x10 rw-p - DD", { sinceClear: null }),
    drawn(1, 2, "0x10 rw-p - DD"),
  ])];
  expect(all.map(({ sinceClear }) => sinceClear?.atNs)).toEqual([0, 2e9]);
});

test("pages of any address have a place, the same each time and no two the same", () => {
  const page = fc.tuple(fc.constantFrom("a", "b"), fc.integer({ min: 0, max: 2 ** 45 }));
  fc.assert(fc.property(fc.array(page), (pages) => {
    const slots = new Slots();
    const places = new Map<number, string>();
    for (const [key, page] of [...pages, ...pages]) {
      const place = slots.place(key, page)!;
      expect(place).toBeLessThan(PAGE_NUMBER_LIMIT);
      expect(places.get(place) ?? `${key} ${page}`).toBe(`${key} ${page}`);
      places.set(place, `${key} ${page}`);
    }
  }));
});

test.each(RECORDINGS)("one process alone is the same as a group: the recording %s", (name) => {
  const { snapshots } = openTrace(recordingFile(name));
  const processes = new Set([...snapshots].map(({ process }) => process.pid));
  if (processes.size > 1) {
    for (const group of groupSnapshots(snapshots)) {
      expect(group.members!.length).toBeLessThanOrEqual(processes.size);
    }
    return;
  }
  const counts = (all: Iterable<Snapshot>) =>
    [...all].map((
      { dirtyPopulated, populated },
    ) => [dirtyPopulated.pageCount, populated.pageCount]);
  expect(counts(groupSnapshots(snapshots))).toEqual(counts(countedOnce(snapshots)));
});
