import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { TraceError } from "../../lib/core/errors.ts";
import { createByteSink, openByteSource } from "../../lib/session/files.ts";
import { openLive, openTrace } from "../../lib/session/sd.ts";
import { drawnKernel } from "../helpers/drawn_kernel.ts";
import { randomPages } from "../helpers/random_pages.ts";
import { smallDisk } from "../helpers/small_disk.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

describe("openByteSource()", () => {
  test("refuses a pipe at once instead of waiting for a writer", () => {
    const pipe = join(temporaryFolder(), "pipe");
    execFileSync("mkfifo", [pipe]);
    expect(() => openByteSource(pipe)).toThrow(/not a regular file/);
  });

  test("reads to the end of the file and no further", () => {
    const path = join(temporaryFolder(), "bytes");
    writeFileSync(path, "0123456789");
    const source = openByteSource(path);
    expect(String.fromCharCode(...source.read(7, 100))).toBe("789");
    expect(source.read(10, 5)).toHaveLength(0);
    source.close();
  });
});

test("createByteSink() makes folders and a file for its owner alone", () => {
  const path = join(temporaryFolder(), "a/b/c");
  const sink = createByteSink(path);
  sink.append(Uint8Array.of(1, 2));
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect([...readFileSync(path)]).toEqual([1, 2]);
  sink.discard();
  expect(() => statSync(path)).toThrow();
});

test.skipIf(process.getuid?.() !== 0)(
  "a full disk loses nothing that was complete, and recording can go on",
  () => {
    const disk = smallDisk();
    if (disk === undefined) {
      return console.log("LEFT OUT: a full disk; tmpfs cannot be mounted here");
    }
    // Each is another set, or it would take a few bytes.
    const drawings = Array.from({ length: 100 }, (_, i) => {
      const { edges } = randomPages(4000, 0.3, i * 7919 + 1);
      const letters = Array(4000).fill(".");
      for (let e = 0; e < edges.length; e += 2) letters.fill("D", edges[e], edges[e + 1]);
      return `0x10 rw-p - ${letters.join("")}`;
    });
    const output = join(disk, "a.sdtrace");
    const sd = openLive({ pid: 42, output, kernel: drawnKernel(drawings) });
    writeFileSync(join(disk, "ballast"), new Uint8Array(40_000));
    let complete = 0;
    const fill = () => {
      for (;;) {
        sd.clear();
        sd.read();
        complete++;
      }
    };
    expect(fill).toThrow(TraceError);
    expect(() => sd.read()).toThrow(/Cannot append .*no space left.*make room/i);
    const full = openTrace(output);
    expect(full.problems).toEqual([]);
    expect(full.snapshotCount).toBe(complete);

    rmSync(join(disk, "ballast"));
    const last = sd.read();
    const trace = openTrace(output);
    expect(trace.problems).toEqual([]);
    expect(trace.at(-1).sinceClear).toEqual(last.sinceClear);
  },
);
