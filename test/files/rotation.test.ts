/** Recordings that were rotated, of which files are missing, torn, or of another recording. */

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { openTrace } from "../../lib/session/sd.ts";
import { openLive } from "../helpers/open_live.ts";
import { numberedSegments } from "../../lib/files/segments.ts";
import { repairRecording } from "../../lib/files/repair_trace.ts";
import { plainType } from "../../lib/trace/body.ts";
import { parseFrame } from "../../lib/trace/frame.ts";
import { EVENT_TYPES } from "../../lib/trace/schema.ts";
import { summarize } from "../../lib/trace/summary.ts";
import { drawnKernel } from "../helpers/drawn_kernel.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

const DRAWINGS = Array.from({ length: 40 }, (_, i) => {
  const isDirty = (page: number) => (page * page * (i + 3)) % 31 < 9;
  return `0x10 rw-p [heap] ${
    Array.from({ length: 900 }, (_, p) => isDirty(p) ? "D" : "p").join("")
  }`;
});

let output: string;
beforeEach(() => {
  output = join(temporaryFolder(), "a.sdtrace");
});

const open = (file = output) =>
  openLive({ pid: 42, output: file, kernel: drawnKernel(DRAWINGS), rotateBytes: 1000 });

/** Records into at least five files, and gives them. */
function record(): string[] {
  const sd = open();
  sd.clear();
  for (let i = 0; i < 38; i++) sd.take();
  sd.close();
  const files = numberedSegments(output).map(({ file }) => file);
  expect(files.length).toBeGreaterThan(5);
  return files;
}

const countOf = (file: string) => openTrace(file).snapshotCount;
const sum = (files: readonly string[]) => files.reduce((all, file) => all + countOf(file), 0);

describe("a recording that was rotated", () => {
  test.each([
    ["has no byte", () => new Uint8Array(0)],
    ["has a torn header", (bytes: Uint8Array) => bytes.subarray(0, 60)],
  ])("whose last file %s is read but for that file, which is reported", (_, cut) => {
    const files = record();
    const last = files.pop()!;
    const torn = cut(readFileSync(last));
    writeFileSync(last, torn);
    const trace = openTrace(output);
    expect(trace.snapshotCount).toBe(sum(files));
    expect(trace.problems).toMatchObject([
      { file: last, offset: 0, lengthBytes: torn.length, reason: /no whole header/ },
    ].map((problem) => ({ ...problem, reason: expect.stringMatching(problem.reason) })));
    expect(trace.files).toEqual(files);
  });

  test("in whose middle files are missing says which, and has the others", () => {
    const files = record();
    const missing = [files[1], files[3], files[4]];
    for (const file of missing) rmSync(file);
    const trace = openTrace(output);
    expect(trace.problems).toEqual([
      { file: missing[0], offset: 0, lengthBytes: 0, reason: "the file is missing" },
      {
        file: missing[1],
        ...{ offset: 0, lengthBytes: 0 },
        reason: `the file is missing, and all up to ${basename(missing[2])}`,
      },
    ]);
    expect(trace.snapshotCount).toBe(sum(files.filter((file) => !missing.includes(file))));
  });

  test("whose first files were removed, as --keep does, is whole", () => {
    const files = record();
    for (const file of files.slice(0, 2)) rmSync(file);
    expect(openTrace(output).problems).toEqual([]);
  });

  test("of which no file has a header is refused by the name of a file", () => {
    writeFileSync(join(output, "../a.0001.sdtrace"), "");
    writeFileSync(join(output, "../a.0002.sdtrace"), "");
    expect(() => openTrace(output)).toThrow(/a\.0001\.sdtrace is not a softdirty trace/);
  });

  test("names the file in which a record is damaged", () => {
    const files = record();
    const bytes = readFileSync(files[2]);
    let at = 0;
    for (;;) {
      const { type, bodyOffset, lengthBytes } = parseFrame(bytes.subarray(at))!;
      if (plainType(type) === EVENT_TYPES.read) {
        bytes.fill(0x55, at + bodyOffset, at + lengthBytes);
        break;
      }
      at += lengthBytes;
    }
    writeFileSync(files[2], bytes);
    const damaged: string[] = [];
    for (
      const _ of openTrace(output).events(({ message, file }) =>
        damaged.push(`${file}: ${message}`)
      )
    );
    expect(damaged.length).toBeGreaterThan(0);
    for (const one of damaged) expect(one).toContain(basename(files[2]));
  });

  test("lists its process once", () => {
    record();
    expect(summarize(openTrace(output)).processes).toHaveLength(1);
  });

  test("is not continued under its name, nor written over", () => {
    const files = record();
    for (const file of files.slice(0, 3)) rmSync(file);
    const [first] = files.slice(3);
    expect(() => open().clear()).toThrow(`${first} is there, of an earlier recording`);
    const plain = openLive({ pid: 42, output, kernel: drawnKernel(DRAWINGS) });
    expect(() => plain.clear()).toThrow(`${first} is there, of an earlier recording`);
    expect(numberedSegments(output).map(({ file }) => file)).toEqual(files.slice(3));
  });

  test("is not mixed with another one that has its name", () => {
    const files = record();
    const younger = join(temporaryFolder(), "b.sdtrace");
    const sd = open(younger);
    sd.clear();
    sd.take();
    sd.close();
    writeFileSync(files[0], readFileSync(numberedSegments(younger)[0].file));
    const trace = openTrace(output);
    expect(trace.snapshotCount).toBe(1);
    expect(trace.problems).toHaveLength(files.length - 1);
    expect(trace.problems[0]).toMatchObject({
      file: files[1],
      reason: expect.stringContaining("another recording"),
    });
  });

  test("is repaired file by file", () => {
    const files = record();
    const [torn, empty] = files.slice(-2);
    writeFileSync(torn, readFileSync(torn).subarray(0, -40));
    writeFileSync(empty, "");
    const outcomes = repairRecording(output);
    expect(outcomes.map(({ file }) => file)).toEqual(files);
    expect(outcomes.slice(-3).map(({ index }) => index)).toEqual([
      "present",
      "missing",
      "no header",
    ]);
    expect(openTrace(torn).isIndexed).toBe(true);
  });
});
