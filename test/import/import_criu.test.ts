/** `importCriu()` over dumps that are drawn. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { MAPPING_STATUS as IS } from "../../lib/import/criu/mm_image.ts";
import { importCriu } from "../../lib/import/import_criu.ts";
import { openTrace } from "../../lib/session/sd.ts";
import { ALL, DRAWN, drawnChain, MAPPED, NONE, PRIVATE } from "../helpers/criu_chain.ts";
import { type DrawnDump, type DrawnMapping, writeDump } from "../helpers/criu_images.ts";
import { draw, pages } from "../helpers/drawn_pages.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

let folder: string;
let output: string;
beforeEach(() => {
  folder = temporaryFolder();
  output = join(folder, "imported.sdtrace");
});

const snapshots = () => [...openTrace(output).snapshots];
const marks = () =>
  Array.from(openTrace(output).events()).flatMap((event) => "text" in event ? [event.text] : [])
    .join("\n");

describe("importCriu() over drawn dumps", () => {
  test("follows parents from the newest", () => {
    const folders = drawnChain(folder, DRAWN);
    const imported = importCriu([folders[2]], output);
    expect(imported).toMatchObject({ snapshotCount: 3, processCount: 1 });
    expect(snapshots().map(({ dirty }) => draw(dirty, 8, 0x10))).toEqual(DRAWN);
    expect(snapshots().map(({ atNs }) => atNs)).toEqual([0, 1e9, 2e9]);
    expect(snapshots()[0].durationNs).toBe(2e6);
  });

  test("shows in a pre-dump the mappings and the name of the next dump that has them", () => {
    importCriu([drawnChain(folder, DRAWN)[2]], output);
    for (const one of snapshots()) {
      expect(one.process.command).toBe("drawn");
      expect(one.vmas).toMatchObject([{ start: 0x10, end: 0x18, perms: "rw-p", name: "" }]);
    }
  });

  test("makes mappings of pages where pre-dumps are all there is", () => {
    const folders = drawnChain(folder, DRAWN);
    importCriu(folders.slice(0, 2), output);
    expect(snapshots()[1].vmas).toMatchObject([{ start: 0x10, end: 0x18, name: "[unknown]" }]);
    expect(snapshots()[1].process.command).toBe("unknown");
    expect(marks()).toContain("mappings are made up of the pages, as [unknown]");
  });

  test("counts no window for a process that came in between, and reports the exit of one that went", () => {
    const one = { written: ALL, inParent: NONE };
    const again = { written: pages("#", 0x10), inParent: pages(".#######", 0x10) };
    const first = writeDump(join(folder, "a"), {
      processes: { 1: one, 2: one },
      uptimeUs: 1e6,
      mode: 1,
    });
    const second = writeDump(join(folder, "b"), {
      processes: { 1: again, 3: one },
      uptimeUs: 2e6,
      mode: 1,
    });
    importCriu([first, second], output);
    const measured = snapshots().map(({ process, sinceClear }) => [
      process.pid,
      sinceClear?.atNs ?? null,
    ]);
    expect(measured).toEqual([[1, null], [2, null], [1, 0], [3, null]]);
    const events = [...openTrace(output).events()];
    expect(events[events.length - 1]).toMatchObject({ type: "exit", pid: 2, atNs: 1e9 });
  });

  test.each<[string, DrawnMapping, string]>([
    [
      "shared memory",
      { ...MAPPED, status: IS.regular | IS.anonymousShared, flags: 0x21 },
      "......##",
    ],
    ["hugetlb memory", { ...MAPPED, flags: 0x40022 }, "########"],
    ["rings of aio", { ...MAPPED, status: PRIVATE | IS.aioRing }, "########"],
    [
      "unreadable memory, which a dump has whether dirty or not",
      { ...MAPPED, prot: 2 },
      "######..",
    ],
    ["private memory", MAPPED, "........"],
  ])("leaves untracked of %s what the images do not show", (_, mapping, untracked) => {
    const first = writeDump(join(folder, "a"), {
      processes: { 1: { written: ALL, inParent: NONE } },
      uptimeUs: 1e6,
      mode: 1,
    });
    const second = writeDump(join(folder, "b"), {
      processes: {
        1: { written: pages("##", 0x10), inParent: pages("..####", 0x10), mappings: [mapping] },
      },
      uptimeUs: 2e6,
    });
    importCriu([first, second], output);
    expect(draw(snapshots()[1].untracked, 8, 0x10)).toBe(untracked);
  });

  test("leaves untracked what a pre-dump of mode read leaves out", () => {
    const written = { written: pages("##", 0x10), inParent: pages("..##", 0x10) };
    const hidden = { start: 0x20, end: 0x24, status: PRIVATE, prot: 0 };
    const dumps = [
      { processes: { 1: written }, uptimeUs: 1e6, mode: 2 },
      { processes: { 1: { ...written, mappings: [MAPPED, hidden] } }, uptimeUs: 2e6 },
    ].map((dump, i) => writeDump(join(folder, String(i)), dump));
    importCriu(dumps, output);
    expect(snapshots().map((one) => draw(one.untracked, 4, 0x20))).toEqual(["####", "...."]);
    expect(marks()).toContain("0: pre-dumps of mode read leave out");
  });
});

test("importCriu() measures nothing from a dump that did not track memory, and has no uptime", () => {
  const again = { written: pages("#", 0x10), inParent: pages(".#######", 0x10) };
  const dumps = [
    { processes: { 1: { written: ALL, inParent: NONE } }, modifiedUnixS: 1e9 },
    { processes: { 1: again }, uptimeUs: 2e6, modifiedUnixS: 1e9 + 1 },
    { processes: { 1: again }, uptimeUs: 3e6, modifiedUnixS: 1e9 + 2 },
  ].map((dump, i) => writeDump(join(folder, String(i)), dump));
  importCriu(dumps, output);
  expect(snapshots().map(({ sinceClear }) => sinceClear?.atNs ?? null)).toEqual([null, null, 1e9]);
});

describe("importCriu() takes as its clock", () => {
  const dumps = (times: Partial<DrawnDump>[]) =>
    times.map((time, i) => {
      const written = pages(i === 0 ? "########" : "#", 0x10);
      const processes = { 1: { written, inParent: ALL.subtract(written) } };
      return writeDump(join(folder, String(i)), { processes, mode: 1, ...time });
    });
  const ats = () => snapshots().map(({ atNs }) => atNs / 1e9);

  test("the times of files where a dump has no uptime", () => {
    importCriu(dumps([{ modifiedUnixS: 1e9 }, { modifiedUnixS: 1e9 + 7, uptimeUs: 3 }]), output);
    expect(ats()).toEqual([0, 7]);
    expect(openTrace(output).header.originUnixMs).toBe(1e12);
    expect(marks()).toContain("when the files of each dump were written last");
  });

  test("the times of files where the machine was booted in between", () => {
    const booted = [{ uptimeUs: 9e9 }, { uptimeUs: 1e6 }];
    const written = booted.map((one, i) => ({ ...one, modifiedUnixS: 1e9 + i * 3600 }));
    importCriu(dumps(written), output);
    expect(ats()).toEqual([0, 3600]);
  });

  test("the interval that is given", () => {
    importCriu(dumps([{ modifiedUnixS: 1e9 }, { modifiedUnixS: 1e9 }]), output, {
      intervalMs: 500,
    });
    expect(ats()).toEqual([0, 0.5]);
  });

  test("none, where none ascends, and asks for one", () => {
    const same = dumps([{ modifiedUnixS: 1e9 }, { modifiedUnixS: 1e9 }]);
    expect(() => importCriu(same, output)).toThrow(
      /It is unknown when the dumps were made.*--interval 10s/,
    );
    expect(existsSync(output)).toBe(false);
  });

  test("never one in which a dump begins before the one before has ended", () => {
    const close = [{ uptimeUs: 1e6 }, { uptimeUs: 1.01e6 }, { uptimeUs: 1.02e6 }];
    importCriu(dumps(close.map((one) => ({ ...one, frozenUs: 50_000 }))), output);
    expect(ats()).toEqual([0, 0.05, 0.06]);
    expect(snapshots().map(({ durationNs }) => durationNs)).toEqual([5e7, 1e7, 1e7]);
  });

  test("none that a trace cannot hold: no more than 104 days", () => {
    const apart = dumps([{ modifiedUnixS: 1e9 }, { modifiedUnixS: 1.1e9 }]);
    expect(() => importCriu(apart, output)).toThrow(/more than 104 days \(100000000 s\)/);
    expect(() => importCriu(apart, output, { intervalMs: 0 })).toThrow(/--interval/);
    expect(existsSync(output)).toBe(false);
  });
});
