/**
 * Gives a trace its index.
 *
 * @module
 */

import {
  closeSync,
  constants,
  copyFileSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  linkSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import { isTraceError, TraceError } from "../core/errors.ts";
import { ProcFs } from "../kernel/proc/proc_fs.ts";
import { waitUntilSync } from "../kernel/system/sleep_sync.ts";
import { writersOf } from "../kernel/proc/writers_of.ts";
import type { ByteSource } from "../trace/byte_source.ts";
import { planRepair, type RepairFindings, type RepairPlan } from "../trace/repair.ts";
import { openByteSource } from "./source_file.ts";
import { reasonOf } from "./system_reason.ts";
import { createTemporary } from "./new_file.ts";
import { segmentsOf } from "./segments.ts";

/** What was found, and what was done about it. */
export interface RepairOutcome extends RepairFindings {
  /** Where the original is, if anything of it was left out. */
  readonly backup: string | undefined;
}

const CHUNK_BYTES = 1 << 20;

/**
 * Writes the index of a trace that has none.
 *
 * The trace is copied, and the copy renamed over it when it is on the disk: whenever this is cut off,
 * there is a whole file of that name, the old one or the new one. Appending to the file itself would be
 * less work, and leave it worse than before if the machine stops in the middle of it. If anything is
 * left out, the original stays beside it as `FILE.bak`.
 *
 * @throws TraceError if it is not a trace, is being written, or cannot be replaced.
 */
export function repairTrace(file: string): RepairOutcome {
  const source = openByteSource(file);
  try {
    const path = realpathSync(file);
    const before = statSync(path);
    assertNotWritten(file, path);
    const found = planRepair(source, file);
    if (!isPlan(found)) return { ...found, backup: undefined };
    return { ...found, backup: replace(file, path, source, found, before) };
  } finally {
    source.close();
  }
}

/** The same of one file of a recording. */
export interface PieceRepair extends RepairOutcome {
  /** Path of the file. */
  readonly file: string;
}

/**
 * Writes the index of a trace that has none; of a rotated recording, of each of its files.
 *
 * @param name as `openTrace` takes it
 * @throws TraceError as {@linkcode repairTrace} does; files before that one are repaired then.
 */
export function repairRecording(name: string): PieceRepair[] {
  const { files } = segmentsOf(name);
  if (files.length === 1) return [{ file: files[0], ...repairTrace(files[0]) }];
  return files.map((file) => {
    try {
      return { file, ...repairTrace(file) };
    } catch (error) {
      if (!isTraceError(error, "not-a-trace")) throw error;
      const none = { eventCount: 0, problems: [], leftOut: [], backup: undefined };
      return { file, index: "no header" as const, ...none };
    }
  });
}

function isPlan(found: RepairFindings): found is RepairPlan {
  return found.index === "missing";
}

/** A child that a killed recorder forked has its files until it executes its program. */
const WRITER_GONE_MS = 500;

/** What a recorder appends from now on would go into the file that is replaced. */
function assertNotWritten(file: string, path: string): void {
  const proc = new ProcFs();
  if (waitUntilSync(() => writersOf(proc, path).length === 0, WRITER_GONE_MS)) return;
  const [writer] = writersOf(proc, path);
  if (writer === undefined) return;
  throw cannot(file, `process ${writer} is writing it`, "It has its index when the recording ends");
}

function replace(
  file: string,
  path: string,
  source: ByteSource,
  plan: RepairPlan,
  before: Stats,
): string | undefined {
  let copy: string | undefined;
  let backup: string | undefined;
  try {
    const target = createTemporary(path);
    copy = target.path;
    writeCopy(target.file, source, plan, before);
    const after = statSync(path);
    if (
      after.ino !== before.ino || after.size !== before.size || after.mtimeMs !== before.mtimeMs
    ) {
      throw new Error("somebody has changed it in the meantime");
    }
    backup = plan.leftOut.length === 0 ? undefined : keep(path);
    renameSync(copy, path);
    syncFolder(dirname(path));
    return backup;
  } catch (cause) {
    if (copy !== undefined) rmSync(copy, { force: true });
    if (backup !== undefined) rmSync(backup, { force: true });
    throw cannot(file, reasonOf(cause), "It is as it was; make room, or copy it elsewhere", cause);
  }
}

/** Writes the copy, and closes it. */
function writeCopy(target: number, source: ByteSource, plan: RepairPlan, original: Stats): void {
  try {
    for (let at = 0; at < plan.keptBytes;) {
      const bytes = source.read(at, Math.min(CHUNK_BYTES, plan.keptBytes - at));
      if (bytes.length === 0) throw new Error("it has become shorter");
      write(target, bytes);
      at += bytes.length;
    }
    write(target, plan.tail);
    const { uid, gid } = original;
    if (process.getuid?.() === 0) fchownSync(target, uid, gid);
    fchmodSync(target, original.mode & 0o777);
    fsyncSync(target);
  } finally {
    closeSync(target);
  }
}

function write(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
}

/** Gives the original a second name, one that is not taken: `FILE.bak`, `FILE.bak2`, ... */
function keep(path: string): string {
  for (let i = 1;; i++) {
    const backup = `${path}.bak${i === 1 ? "" : i}`;
    try {
      linkSync(path, backup);
      return backup;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EEXIST") continue;
      if (code !== "EPERM" && code !== "ENOTSUP" && code !== "EOPNOTSUPP") throw error;
      copyFileSync(path, backup, constants.COPYFILE_EXCL); // file systems without hard links
      return backup;
    }
  }
}

/** The rename itself is on the disk only with its folder. */
function syncFolder(path: string): void {
  let folder: number | undefined;
  try {
    folder = openSync(path, "r");
    fsyncSync(folder);
  } catch {
    // Some systems have no such call for folders; the file itself is on the disk.
  } finally {
    if (folder !== undefined) closeSync(folder);
  }
}

function cannot(file: string, reason: string, hint: string, cause?: unknown): TraceError {
  return new TraceError("cannot-write", file, `Cannot repair ${file}: ${reason}`, hint, { cause });
}
