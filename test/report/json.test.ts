import { expect, test } from "vitest";
import { diffSnapshots } from "../../lib/core/diff.ts";
import { diffJson, eventJson, snapshotJson } from "../../lib/report/json.ts";
import { clearAt, snapshot } from "../helpers/drawn_snapshot.ts";

const one = snapshot("0x7f0000000 rw-p [heap] pDDd");

test("snapshotJson() gives addresses as text, and counts that add up", () => {
  const json = JSON.parse(JSON.stringify(snapshotJson(one)));
  expect(json).toMatchObject({
    dirtyPages: 3,
    dirtyPopulatedPages: 2,
    populatedPages: 3,
    sinceClearNs: 1e6,
    readAt: "2023-11-14T22:13:20.002Z",
    dirtyRuns: [["7f0000001000", 3]],
    dirtyPopulatedRuns: [["7f0000001000", 2]],
  });
  expect(json.mappings).toEqual([{
    start: "7f0000000000",
    end: "7f0000004000",
    perms: "rw-p",
    offsetPages: 0,
    device: "00:00",
    inode: "0",
    name: "[heap]",
    mappedPages: 4,
    populatedPages: 3,
    dirtyPages: 3,
    dirtyPopulatedPages: 2,
    untrackedPages: 0,
  }]);
});

test("diffJson() gives counts and runs", () => {
  const later = snapshot("0x7f0000000 r--p [heap] Dppp", {
    index: 1,
    atNs: 9e6,
    sinceClear: clearAt(8e6),
  });
  expect(JSON.parse(JSON.stringify(diffJson(diffSnapshots(one, later))))).toMatchObject({
    before: 0,
    after: 1,
    isSameProcess: true,
    isClearedBetween: true,
    became: { pages: 1, runs: [["7f0000000000", 1]] },
    ceased: { pages: 3, runs: [["7f0000001000", 3]] },
    mappings: [{ kind: "protection", before: { perms: "rw-p" }, after: { perms: "r--p" } }],
  });
});

test("eventJson() of a snapshot leaves the runs out", () => {
  expect(eventJson(one)).not.toHaveProperty("dirtyRuns");
  const { vmas: _, ...clear } = clearAt(3);
  expect(eventJson(clearAt(3))).toEqual(clear);
});
