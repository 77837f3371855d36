import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { dirtyRates } from "../../lib/analysis/rate.ts";
import { workingSets } from "../../lib/analysis/working_set.ts";
import { ImportError, TrackingUnsupportedError } from "../../lib/core/errors.ts";
import { PageSet } from "../../lib/core/page_set.ts";
import { MAPPING_STATUS as IS } from "../../lib/criu/mm_image.ts";
import { importCriu } from "../../lib/session/import_criu.ts";
import { openTrace } from "../../lib/session/sd.ts";
import { type DrawnDump, type DrawnMapping, writeDump } from "../helpers/criu_images.ts";
import { criuRecording, everyNth, targetPlaces } from "../helpers/criu_recording.ts";
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

describe("importCriu() over two pre-dumps and a dump of CRIU 3.17.1", () => {
  const [parent, child] = [targetPlaces("parent"), targetPlaces("child")];
  beforeEach(() => {
    importCriu([criuRecording("3")], output);
  });

  test("makes a snapshot for each dump and process, oldest first", () => {
    expect(snapshots().map(({ process, index }) => [index, process.command, process.pid])).toEqual([
      [0, "every7th", parent.pid],
      [1, "every5th", child.pid],
      [2, "every7th", parent.pid],
      [3, "every5th", child.pid],
      [4, "every7th", parent.pid],
      [5, "every5th", child.pid],
    ]);
  });

  test.each([["parent", parent, 2, 7], ["child", child, 3, 5]] as const)(
    "tells the pages that the %s wrote, and no others of that region",
    (_, { first }, index, step) => {
      const [, , ...all] = snapshots();
      const region = PageSet.from([{ start: first.private, end: first.private + 2048 }]);
      const [one, next] = [all[index - 2], all[index]];
      expect(one.dirty.intersect(region)).toEqual(everyNth(first.private, 2048, step));
      expect(next.dirty.intersect(region)).toEqual(everyNth(first.private, 2048, step * 2));
      expect(one.pages.present.intersect(region)).toEqual(region);
      const fresh = PageSet.from([{ start: first.new, end: first.new + 56 }]);
      expect(draw(next.dirty.intersect(fresh), 8, first.new)).toBe("#####...");
      const file = next.dirty.countIn(first["file-private"], first["file-private"] + 48);
      expect(file).toBe(4);
    },
  );

  test("tells of shared memory that it is not tracked, though it was written", () => {
    const { first } = parent;
    const last = snapshots()[4];
    for (const [region, pageCount] of [["shared", 64], ["file-shared", 40]] as const) {
      const place = PageSet.from([{ start: first[region], end: first[region] + pageCount }]);
      expect(last.untracked.intersect(place)).toEqual(place);
      expect(last.dirty.intersect(place).isEmpty).toBe(true);
    }
  });

  test("measures all but the first from the dump before, in which the bits were cleared", () => {
    const [, , ...measured] = snapshots();
    expect(snapshots().slice(0, 2).map(({ sinceClear }) => sinceClear)).toEqual([null, null]);
    for (const [i, one] of measured.entries()) {
      const before = snapshots()[i];
      expect(one.sinceClear).toMatchObject({ atNs: before.atNs, unseenNs: 0 });
      expect(one.atNs).toBeGreaterThan(before.atNs + before.durationNs);
      expect(one.stoppedNs).toBe(one.durationNs);
    }
    expect(measured[0].atNs).toBeCloseTo(1.9e9, -9);
  });

  test("is what analyses take: two windows of each process", () => {
    const trace = openTrace(output);
    expect([...dirtyRates(trace.snapshots)].map(({ process, bytesPerSecond }) => [
      process.command,
      bytesPerSecond.count,
    ])).toEqual([["every7th", 2], ["every5th", 2]]);
    expect([...workingSets(trace.snapshots)]).toHaveLength(2);
    expect(trace.dirtyUnion(2).has(parent.first.private + 7)).toBe(true);
  });

  test("does not say that this program tried the kernel", () => {
    const { header } = openTrace(output);
    expect(header).toMatchObject({
      tracker: "soft-dirty",
      host: { hostname: "unknown", kernelRelease: "unknown", arch: "x64", pageSizeBytes: 4096 },
      probe: { works: true, hint: "" },
    });
    expect(header.writer).toMatch(/import of CRIU's images$/);
    expect(header.probe.reason).toContain("softdirty did not try this kernel");
    expect(marks()).toContain("imported from 3 dumps of CRIU, oldest first: 1, 2, 3");
    expect(marks()).toContain("CRIU's dump_uptime");
    expect(marks()).toContain("1, 2: pre-dumps hold no mappings");
  });

  test("tells the same from the folders, listed", () => {
    const listed = join(folder, "listed.sdtrace");
    importCriu(["1", "2", "3"].map(criuRecording), listed);
    expect([...openTrace(listed).events()]).toEqual([...openTrace(output).events()]);
  });

  test("tells of a part of the chain that its beginning is not known", () => {
    const part = join(folder, "part.sdtrace");
    importCriu(["2", "3"].map(criuRecording), part);
    const trace = openTrace(part);
    expect(trace.at(0).sinceClear).toBeNull();
    expect(trace.at(2).sinceClear).not.toBeNull();
    expect(trace.event(2)).toMatchObject({ text: expect.stringContaining("2 was told against") });
  });
});

test("importCriu() understands CRIU 4.2.1, which counts pages in another field", () => {
  importCriu([criuRecording("4.2.1/3")], output);
  const { first, pid } = targetPlaces("parent", "4.2.1");
  const region = PageSet.from([{ start: first.private, end: first.private + 2048 }]);
  const [one, two, three] = snapshots().map(({ dirty }) => dirty.intersect(region));
  expect(one).toEqual(region);
  expect(two).toEqual(everyNth(first.private, 2048, 7));
  expect(three).toEqual(everyNth(first.private, 2048, 14));
  // What the copies of pagemap had that were made right before.
  expect(snapshots().map(({ dirty }) => dirty.pageCount)).toEqual([2918, 401, 271]);
  expect(snapshots()[0].process).toMatchObject({ pid, command: "every7th" });
});

const ALL = pages("########", 0x10);
const NONE = PageSet.empty;
const PRIVATE = IS.regular | IS.anonymousPrivate;
const MAPPED: DrawnMapping = { start: 0x10, end: 0x18, status: PRIVATE };

/** A chain in which the process 42 writes these pages; the last dump has mappings. */
function drawnChain(drawings: readonly string[], last: Partial<DrawnDump> = {}): string[] {
  return drawings.map((drawing, i) => {
    const written = pages(drawing, 0x10);
    const isLast = i === drawings.length - 1;
    const mapped = isLast ? { mappings: [MAPPED], command: "drawn" } : {};
    return writeDump(join(folder, `dump-${i}`), {
      processes: { 42: { written, inParent: ALL.subtract(written), ...mapped } },
      uptimeUs: 5e6 + i * 1e6,
      frozenUs: 2000,
      ...(isLast ? last : { mode: 1 }),
      ...(i > 0 ? { parent: `../dump-${i - 1}` } : {}),
    });
  });
}

const DRAWN = ["########", "#...#...", ".#......"];

describe("importCriu() over drawn dumps", () => {
  test("follows parents from the newest", () => {
    const folders = drawnChain(DRAWN);
    const imported = importCriu([folders[2]], output);
    expect(imported).toMatchObject({ snapshotCount: 3, processCount: 1 });
    expect(snapshots().map(({ dirty }) => draw(dirty, 8, 0x10))).toEqual(DRAWN);
    expect(snapshots().map(({ atNs }) => atNs)).toEqual([0, 1e9, 2e9]);
    expect(snapshots()[0].durationNs).toBe(2e6);
  });

  test("shows in a pre-dump the mappings and the name of the next dump that has them", () => {
    importCriu([drawnChain(DRAWN)[2]], output);
    for (const one of snapshots()) {
      expect(one.process.command).toBe("drawn");
      expect(one.vmas).toMatchObject([{ start: 0x10, end: 0x18, perms: "rw-p", name: "" }]);
    }
  });

  test("makes mappings of pages where pre-dumps are all there is", () => {
    const folders = drawnChain(DRAWN);
    importCriu(folders.slice(0, 2), output);
    expect(snapshots()[1].vmas).toMatchObject([{ start: 0x10, end: 0x18, name: "[unknown]" }]);
    expect(snapshots()[1].process.command).toBe("unknown");
    expect(marks()).toContain("mappings are made up of the pages, as [unknown]");
  });

  test("counts no window for a process that came in between, and tells of one that went", () => {
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
    ["what may not be read, and is written unasked", { ...MAPPED, prot: 2 }, "######.."],
    ["private memory", MAPPED, "........"],
  ])("leaves untracked of %s what the images do not tell", (_, mapping, untracked) => {
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
      /Nothing tells when the dumps were made.*--interval 10s/,
    );
    expect(existsSync(output)).toBe(false);
  });

  test("never one in which a dump begins before the one before has ended", () => {
    const close = [{ uptimeUs: 1e6 }, { uptimeUs: 1.01e6 }, { uptimeUs: 1.02e6 }];
    importCriu(dumps(close.map((one) => ({ ...one, frozenUs: 50_000 }))), output);
    expect(ats()).toEqual([0, 0.05, 0.06]);
    expect(snapshots().map(({ durationNs }) => durationNs)).toEqual([5e7, 1e7, 1e7]);
  });

  test("none that a trace cannot tell: no more than 104 days", () => {
    const apart = dumps([{ modifiedUnixS: 1e9 }, { modifiedUnixS: 1.1e9 }]);
    expect(() => importCriu(apart, output)).toThrow(/more than 104 days \(100000000 s\)/);
    expect(() => importCriu(apart, output, { intervalMs: 0 })).toThrow(/--interval/);
    expect(existsSync(output)).toBe(false);
  });
});

describe("importCriu() refuses, and leaves no file,", () => {
  const refused = (folders: string[], error: RegExp, kind: unknown = ImportError) => {
    const attempt = () => importCriu(folders, output);
    expect(attempt).toThrow(error);
    expect(attempt).toThrow(kind as ErrorConstructor);
    expect(existsSync(output)).toBe(false);
  };

  test("a dump without a parent: nothing shows that anything was tracked", () => {
    const [first] = drawnChain(DRAWN.slice(0, 1));
    refused([first], /Nothing was tracked .*--track-mem/, TrackingUnsupportedError);
  });

  test("dumps in which nothing was written: that is no proof either", () => {
    const folders = drawnChain(["########", "........"]);
    refused(folders, /No page was written in any of these dumps/, TrackingUnsupportedError);
  });

  test("what is no dump, or not there", () => {
    refused([folder], /There is no pagemap-PID\.img in /);
    refused([join(folder, "missing")], /Cannot read .*missing: no such file or directory/);
    const file = join(folder, "file");
    writeFileSync(file, "");
    refused([file], /Cannot read .*file: not a directory/);
  });

  test("parents that go in a circle", () => {
    const [first, second] = drawnChain(DRAWN.slice(0, 2));
    symlinkSync(second, join(first, "parent"));
    refused([second], /have no end/);
    rmSync(join(first, "parent"));
    symlinkSync(".", join(first, "parent"));
    refused([second], /have no end/);
    rmSync(join(first, "parent"));
    symlinkSync("parent", join(first, "parent"));
    refused([second], /The parent of .*dump-0 is not there/);
  });

  test("a chain of which the beginning was not copied", () => {
    const folders = drawnChain(DRAWN);
    rmSync(folders[0], { recursive: true });
    refused([folders[2]], /The parent of .*dump-1 is not there.*list the dumps/);
    importCriu(folders.slice(1), output);
    expect(snapshots()).toHaveLength(2);
  });

  test("dumps that do not follow each other", () => {
    const [first, second, third] = drawnChain(DRAWN);
    refused([first, third], /The parent of .*dump-2 is .*dump-1, and not .*dump-0/);
    refused([third, second, first], /The parent of/);
    refused([first, first], /is named twice/);
  });

  test("images that are damaged, too large, or no files", () => {
    const [first, second] = drawnChain(DRAWN.slice(0, 2));
    const damaged = join(second, "pagemap-42.img");
    writeFileSync(damaged, "\x1b[31mred");
    refused([second], /Cannot read .*pagemap-42\.img as an image of CRIU: no pagemap image/);
    rmSync(damaged);
    mkdirSync(damaged);
    refused([second], /pagemap-42\.img: it is not an ordinary file/);
    rmSync(damaged, { recursive: true });
    symlinkSync("/dev/zero", damaged);
    refused([second], /it is not an ordinary file/);
    writeFileSync(join(first, "inventory.img"), new Uint8Array(2 ** 26 + 1));
    refused([second], /no more than 67108864 are read/);
  });

  test("a damaged image that is met only when the trace is being written", () => {
    const folders = drawnChain(DRAWN);
    writeFileSync(join(folders[2], "mm-42.img"), "no image");
    refused([folders[2]], /mm-42\.img as an image of CRIU/);
  });

  test("to write over a file", () => {
    const folders = drawnChain(DRAWN);
    importCriu(folders, output);
    expect(() => importCriu(folders, output)).toThrow(/already exists/);
    expect(snapshots()).toHaveLength(3);
  });
});
