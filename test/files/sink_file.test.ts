import {
  appendFileSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { TraceError } from "../../lib/core/errors.ts";
import { createByteSink } from "../../lib/files/sink_file.ts";
import { openTrace } from "../../lib/session/sd.ts";
import { openLive } from "../helpers/open_live.ts";
import { drawnKernel } from "../helpers/drawn_kernel.ts";
import { randomPages } from "../helpers/random_pages.ts";
import { smallDisk } from "../helpers/small_disk.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

test("createByteSink() makes folders and a file for its owner alone", () => {
  const path = join(temporaryFolder(), "a/b/c");
  const sink = createByteSink(path);
  sink.append(Uint8Array.of(1, 2));
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect([...readFileSync(path)]).toEqual([1, 2]);
  sink.discard();
  expect(() => statSync(path)).toThrow();
});

describe("a trace that is written", () => {
  let path: string;
  beforeEach(() => path = join(temporaryFolder(), "recordings", "a"));

  test("lies in a folder for its owner alone, whatever the umask", () => {
    const before = process.umask(0);
    try {
      createByteSink(path).close();
      expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
      expect(statSync(path).mode & 0o777).toBe(0o600);
    } finally {
      process.umask(before);
    }
  });

  const growAgain = () => {
    truncateSync(path, 0);
    truncateSync(path, 100);
  };

  test("is looked at by an append, a second after the last look", () => {
    const sink = written();
    rmSync(path);
    const now = performance.now();
    const clock = vi.spyOn(performance, "now");
    try {
      clock.mockReturnValue(now + 500);
      sink.append(Uint8Array.of(4));
      clock.mockReturnValue(now + 2000);
      expect(() => sink.append(Uint8Array.of(5))).toThrow(/was deleted while/);
    } finally {
      clock.mockRestore();
      sink.close();
    }
  });

  const written = () => {
    const sink = createByteSink(path);
    sink.append(Uint8Array.of(1, 2, 3));
    sink.assertWhole();
    return sink;
  };

  test.each([
    ["deleted", () => rmSync(path), /was deleted while/],
    ["cut", () => truncateSync(path, 1), /was cut to 1 of 3 bytes while/],
    ["cut, and grows again", () => growAgain(), /was cut while/],
    ["replaced", () => writeFileSync(`${path}2`, "x"), undefined],
  ])("fails if it is %s", (_, change, message) => {
    const sink = written();
    change();
    if (message === undefined) {
      renameSync(`${path}2`, path);
      message = /was deleted while/;
    }
    expect(() => sink.sync()).toThrow(message);
    expect(() => sink.assertWhole()).toThrow(message);
    sink.close();
  });

  test("may be renamed, or appended to by another program", () => {
    const sink = written();
    renameSync(path, `${path}2`);
    appendFileSync(`${path}2`, "x");
    sink.append(Uint8Array.of(4));
    sink.sync();
    sink.close();
    expect([...readFileSync(`${path}2`)]).toEqual([1, 2, 3, 4]);
  });

  test("fails with the next call if a sync in the background failed", async () => {
    const failing = new Error("EIO: i/o error, fdatasync");
    const sink = createByteSink(path, false, (_, done) => setImmediate(done, failing));
    sink.append(Uint8Array.of(1));
    sink.syncLater();
    sink.append(Uint8Array.of(2)); // the failure is not known yet
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(() => sink.append(Uint8Array.of(3))).toThrow(/Cannot bring .* to the disk: i\/o error/);
    expect(() => sink.sync()).toThrow(/i\/o error/);
    sink.close();
  });
});

test("a recording whose file is deleted fails at its end at the latest", () => {
  const output = join(temporaryFolder(), "a.sdtrace");
  const sd = openLive({ pid: 42, output, kernel: drawnKernel(["0x10 rw-p - D"]) });
  sd.clear();
  sd.read();
  rmSync(output);
  expect(() => sd.close()).toThrow(/a\.sdtrace: it was deleted while it was recorded/);
  sd.close(); // has said so
});

test.skipIf(process.getuid?.() !== 0)(
  "a full disk loses nothing that was complete, and recording can continue",
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
