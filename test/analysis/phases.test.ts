import { describe, expect, test } from "vitest";
import { Snapshot } from "../../lib/core/snapshot.ts";
import { phases } from "../../lib/analysis/phases.ts";
import { openTrace } from "../../lib/session/sd.ts";
import { seconds } from "../helpers/drawn_snapshot.ts";
import { recordingFile, RECORDINGS } from "../helpers/recordings.ts";

const PAGE = 4096;
const times = (count: number, drawing: string) => Array<string>(count).fill(drawing);
const heap = (letters: string) => `0x1000 rw-p [heap] ${letters}\n0x9000 rw-p /data pppppppp`;
const data = (letters: string) => `0x1000 rw-p [heap] pppppppp\n0x9000 rw-p /data ${letters}`;

test("a phase begins where the rate changes", () => {
  const [{ phases: found, windowCount }] = phases(seconds(
    ...times(10, heap("Dppppppp")),
    ...times(10, heap("DDDDDDDD")),
    ...times(10, heap("Dppppppp")),
  ));
  expect(windowCount).toBe(30);
  expect(found.map(({ startNs, endNs, windowCount }) => [startNs, endNs, windowCount])).toEqual([
    ...[[0, 10e9, 10], [10e9, 20e9, 10], [20e9, 30e9, 10]],
  ]);
  expect(found.map(({ meanBytesPerSecond }) => meanBytesPerSecond / PAGE)).toEqual([1, 8, 1]);
  expect(found.map(({ difference }) => difference === null || difference >= 1)).toEqual([
    ...[true, true, true],
  ]);
});

test("a phase begins where other memory is written, at the same rate", () => {
  const [{ phases: found }] = phases(seconds(
    ...times(10, heap("DDDDDDDD")),
    ...times(10, data("DDDDDDDD")),
  ));
  expect(found.map(({ mappings, workingSetPages }) => [mappings, workingSetPages])).toEqual([
    [[{ name: "[heap]", share: 1 }], 8],
    [[{ name: "/data", share: 1 }], 8],
  ]);
});

test("windows that vary as much from one to the next as ever are one phase", () => {
  const [{ phases: found }] = phases(seconds(
    ...Array.from({ length: 40 }, (_, i) => heap(i % 2 === 0 ? "Dppppppp" : "DDDDDDDD")),
  ));
  expect(found).toHaveLength(1);
  expect(found[0].difference).toBeNull();
});

test("windows of another length are no other phase, if the same pages are written", () => {
  const short = seconds(...times(12, heap("DDDDDDDD")));
  const all = short.map((one, i) =>
    i % 2 === 0 ? one : new Snapshot({ ...one, atNs: one.atNs + 3e9 })
  );
  expect(phases(all)[0].phases).toHaveLength(1);
});

test("one window is a phase, and none is nothing", () => {
  expect(phases(seconds(heap("pppppppp")))[0].phases).toMatchObject([
    { windowCount: 1, meanBytesPerSecond: 0, workingSetPages: 0, mappings: [] },
  ]);
  expect(phases([])).toEqual([]);
});

test("of more windows than are kept, neighbours are taken together", () => {
  const [{ phases: found }] = phases(seconds(
    ...times(3000, heap("Dppppppp")),
    ...times(2500, heap("DDDDDDDD")),
  ));
  expect(found).toHaveLength(2);
  expect(Math.abs(found[0].windowCount - 3000)).toBeLessThanOrEqual(4);
  expect(found[0].windowCount + found[1].windowCount).toBe(5500);
});

describe.each(RECORDINGS)("the phases of the recording %s", (name) => {
  test("follow each other, and have all windows", () => {
    for (const { phases: found, windowCount } of phases(openTrace(recordingFile(name)).snapshots)) {
      expect(found.reduce((sum, phase) => sum + phase.windowCount, 0)).toBe(windowCount);
      for (const [i, phase] of found.entries()) {
        expect(phase.endNs).toBeGreaterThan(phase.startNs);
        expect(phase.startNs).toBeGreaterThanOrEqual(found[i - 1]?.startNs ?? 0);
        expect(phase.difference ?? 1).toBeGreaterThanOrEqual(1 - 1e-9);
      }
    }
  });
});

test("in windows that are longer more new pages are written, which is no other phase", () => {
  let page = 0;
  const letters = (count: number) => {
    page += count;
    return `${"p".repeat(page - count)}${"D".repeat(count)}${"p".repeat(150 - page)}`;
  };
  // Five new pages a second all the time, at first in windows of one second, then of four.
  const lengths = [...Array<number>(6).fill(1), ...Array<number>(6).fill(4)];
  const all = seconds(...lengths.map((length) => `0x1000 rw-p [heap] ${letters(5 * length)}`));
  const longer = all.map((one, i) =>
    new Snapshot({ ...one, atNs: one.sinceClear!.atNs + lengths[i] * 1e9 })
  );
  expect(phases(longer)[0].phases).toHaveLength(1);
});
