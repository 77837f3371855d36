import { spawn } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { beforeEach, describe, expect, test } from "vitest";
import { TraceError } from "../../lib/core/errors.ts";
import { ProcFs } from "../../lib/kernel/proc/proc_fs.ts";
import { writersOf } from "../../lib/kernel/proc/writers_of.ts";
import { repairTrace } from "../../lib/files/repair_trace.ts";
import { openTrace } from "../../lib/session/sd.ts";
import { clearAt, snapshot } from "../helpers/drawn_snapshot.ts";
import { traceBytes } from "../helpers/memory_trace.ts";
import { recordingFile } from "../helpers/recordings.ts";
import { smallDisk } from "../helpers/small_disk.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

const unfinished = traceBytes((writer) => {
  writer.clear(clearAt(1e6));
  for (let index = 0; index < 5; index++) {
    writer.read(snapshot(`0x10 rw-p [heap] ${"D.".repeat(20 + index)}`, { index }));
  }
});

let folder: string;
let file: string;
beforeEach(() => {
  folder = temporaryFolder();
  file = join(folder, "a.sdtrace");
  writeFileSync(file, unfinished, { mode: 0o600 });
});

describe("repairTrace()", () => {
  test("appends the index, and leaves every byte before it and the mode as they were", () => {
    chmodSync(file, 0o640);
    expect(repairTrace(file)).toMatchObject({ index: "missing", eventCount: 6, leftOut: [] });
    expect([...readFileSync(file).subarray(0, unfinished.length)]).toEqual([...unfinished]);
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(openTrace(file)).toMatchObject({ isIndexed: true, eventCount: 6 });
    expect(readdirSync(folder)).toEqual(["a.sdtrace"]);
  });

  test("keeps the original beside it where something is left out", () => {
    for (const name of ["a.sdtrace.bak", "a.sdtrace.bak2"]) {
      writeFileSync(file, unfinished.subarray(0, -3), { mode: 0o600 });
      const { backup, leftOut, eventCount } = repairTrace(file);
      expect([backup, eventCount]).toEqual([join(folder, name), 5]);
      expect(leftOut).toMatchObject([{ reason: "the last record is incomplete" }]);
      expect([...readFileSync(backup!)]).toEqual([...unfinished.subarray(0, -3)]);
      expect(statSync(file).mode & 0o777).toBe(0o600);
    }
    expect(readdirSync(folder)).toHaveLength(3);
  });

  test("follows a link to the file, and leaves the link", () => {
    mkdirSync(join(folder, "links"));
    const link = join(folder, "links/b.sdtrace");
    symlinkSync(file, link);
    repairTrace(link);
    expect(readdirSync(join(folder, "links"), { withFileTypes: true })[0].isSymbolicLink())
      .toBe(true);
    expect(openTrace(file).isIndexed).toBe(true);
  });

  test("does nothing to a file that has its index", () => {
    repairTrace(file);
    const before = statSync(file);
    expect(repairTrace(file)).toMatchObject({ index: "present", eventCount: 6 });
    expect(statSync(file)).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs });
  });

  test("does nothing to a file of version 1", () => {
    const bytes = readFileSync(recordingFile("redis"));
    writeFileSync(file, bytes);
    const { index, eventCount } = repairTrace(file);
    expect(index).toBe("none in version 1");
    expect(eventCount).toBe(openTrace(file).eventCount);
    expect(readFileSync(file).equals(bytes)).toBe(true);
  });

  test("refuses a file that is being written, whose rest would be lost", () => {
    const writer = openSync(file, "a");
    try {
      expect(() => repairTrace(file)).toThrow(`process ${process.pid} is writing it`);
      expect(() => repairTrace(file)).toThrow(TraceError);
    } finally {
      closeSync(writer);
    }
    expect(repairTrace(file).index).toBe("missing");
  });

  test("waits for a writer that ends at once, as a child of a killed recorder does", () => {
    const descriptor = openSync(file, "a");
    const child = spawn("sleep", ["0.1"], { stdio: ["ignore", "ignore", "ignore", descriptor] });
    closeSync(descriptor);
    try {
      expect(writersOf(new ProcFs(), file)).toEqual([child.pid]);
      expect(repairTrace(file).index).toBe("missing");
    } finally {
      child.kill();
    }
  });

  test("leaves a file alone that is no trace", () => {
    writeFileSync(file, "#!/bin/sh\n");
    expect(() => repairTrace(file)).toThrow(/not a softdirty trace/);
    expect(readFileSync(file, "utf8")).toBe("#!/bin/sh\n");
  });
});

test.skipIf(process.getuid?.() !== 0)("a repair on a full disk leaves the file as it was", () => {
  const disk = smallDisk();
  if (disk === undefined) {
    return console.log("LEFT OUT: a full disk; tmpfs cannot be mounted here");
  }
  const full = join(disk, "a.sdtrace");
  writeFileSync(full, unfinished);
  appendFileSync(full, unfinished.subarray(0, 1)); // torn
  const before = readFileSync(full);
  try {
    writeFileSync(join(disk, "ballast"), new Uint8Array(1 << 17));
  } catch {
    // It takes what room there is.
  }
  expect(() => repairTrace(full)).toThrow(/Cannot repair .*no space left/i);
  expect(() => repairTrace(full)).toThrow(TraceError);
  expect(readFileSync(full).equals(before)).toBe(true);
  expect(readdirSync(disk).sort()).toEqual(["a.sdtrace", "ballast"]);
});
