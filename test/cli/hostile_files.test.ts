/** The commands over hostile files. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { encodeFrame } from "../../lib/trace/frame.ts";
import { EVENT_TYPES, RECORD_TYPES } from "../../lib/trace/schema.ts";
import { header, join as concat, record } from "../helpers/raw_records.ts";
import { softdirty } from "../helpers/softdirty.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

const READING = [["info"], ["log"], ["filter"], ["diff", "0", "-1"]];

/** 2^52 as a varint. */
const LIMIT = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x08];
const read = (pages: unknown[], base: number | null = null) =>
  record(EVENT_TYPES.read, [
    0,
    1,
    base === null ? 0 : 1,
    1,
    0,
    4,
    null,
    base === null ? 0 : null,
    base,
    pages,
  ]);
const before = concat(
  header(),
  record(RECORD_TYPES.process, [0, 42, 1, "x"]),
  record(RECORD_TYPES.mappings, [0, null, [[1, 2 ** 52, "rw-p", 0, "00:00", "0", ""]]]),
);
const HOSTILE: [string, Uint8Array][] = [
  [
    "all pages that there are",
    concat(before, read([0, Uint8Array.of(0, 0, ...LIMIT), 2, Uint8Array.of(0, 0, ...LIMIT)])),
  ],
  ["pages behind the last", concat(before, read([0, Uint8Array.of(0, 1, ...LIMIT)]))],
  ["runs that are not sorted", concat(before, read([0, Uint8Array.of(0, 5, 0, 0, 5)]))],
  ["a read of itself", concat(before, read([]), read([], 2))],
  ["a newer version without anything else", record(0, { format: "softdirty-trace", version: 3 })],
  [
    "unknown records alone",
    concat(header(), ...Array.from({ length: 300 }, (_, i) => record(99, i))),
  ],
  ["nesting without end", concat(header(), encodeFrame(4, new Uint8Array(1e6).fill(0x91)))],
  ["a header without end", encodeFrame(0, new Uint8Array(1e6).fill(0x81))],
  ["lengths without end", concat(header(), new Uint8Array(1e5).fill(0xc6))],
];

test.each(HOSTILE)("no command ends with a stack over %s", async (_, bytes) => {
  const file = join(temporaryFolder(), "hostile.sdtrace");
  writeFileSync(file, bytes);
  const run = ([command, ...rest]: string[]) => softdirty(command, "--json", file, ...rest);
  const ends = await Promise.all(READING.map(run));
  ends.push(await run(["repair"])); // which changes the file
  for (const { exitCode, stdout, stderr } of ends) {
    expect([0, 1]).toContain(exitCode);
    expect(stdout + stderr).not.toContain("    at ");
    expect(stdout + stderr).not.toBe("");
    // What failed says so, with a code of its own.
    for (const line of stderr.split("\n").filter((one) => one.startsWith("{"))) {
      expect(JSON.parse(line).error.code).toMatch(
        /^(not-a-trace|newer-version|damaged|no-such-snapshot)$/,
      );
    }
  }
});
