/** Every command that reads traces reports what it cannot read, to people and to programs. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { repairTrace } from "../../lib/files/repair_trace.ts";
import { openTrace } from "../../lib/session/sd.ts";
import { parseFrame } from "../../lib/trace/frame.ts";
import { EVENT_TYPES } from "../../lib/trace/schema.ts";
import { seconds } from "../helpers/drawn_snapshot.ts";
import { traceBytes } from "../helpers/memory_trace.ts";
import { endsOf } from "../helpers/raw_records.ts";
import { type Finished, softdirty } from "../helpers/softdirty.ts";

const WINDOWS = Array.from({ length: 40 }, (_, i) => {
  const letters = Array.from({ length: 90 }, (_, p) => (p * (i + 3)) % 7 < 3 ? "D" : "p");
  return `0x10 rw-p [heap] ${letters.join("")}`;
});

let folder: string;
let file: string;
/** Places of two records that are damaged. */
let atOpening: number;
let atDecoding: number;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "softdirty-damage-"));
  file = join(folder, "damaged.sdtrace");
  writeFileSync(join(folder, "script.mjs"), "export default () => {};\n");
  const bytes = traceBytes((writer) => {
    for (const one of seconds(...WINDOWS)) writer.read(one);
  });
  const reads = endsOf(bytes).slice(0, -1)
    .filter((at) => parseFrame(bytes.subarray(at))!.type === EVENT_TYPES.read);
  // Neither is a keyframe, which would take others along.
  [atOpening, atDecoding] = [reads[5], reads[20]];
  bytes[atOpening + 12] ^= 1;
  writeFileSync(file, bytes);
  repairTrace(file); // so that the other one is found only where it is asked for
  const repaired = readFileSync(file);
  repaired[atDecoding + 12] ^= 1;
  writeFileSync(file, repaired);
  expect(openTrace(file).problems.map(({ offset }) => offset)).toEqual([atOpening]);
});

afterAll(() => rmSync(folder, { recursive: true }));

/** What reads a trace, with the words around its file. */
const READING: readonly (readonly string[])[] = [
  ["top", "--replay", "FILE", "--once"],
  ["info", "FILE"],
  ["log", "FILE"],
  ["diff", "FILE", "0", "-1"],
  ["filter", "FILE"],
  ["rate", "FILE"],
  ["wss", "FILE"],
  ["heat", "FILE"],
  ["hot", "FILE"],
  ["by-mapping", "FILE"],
  ["phases", "FILE"],
  ["compare", "FILE", "FILE"],
  ["plan", "migrate", "FILE"],
  ["plan", "checkpoint", "FILE"],
  ["plan", "fork", "FILE"],
  ["sql", "select count(*) from snapshots", "FILE"],
  ["repair", "FILE"],
];
const WITHOUT_JSON: readonly (readonly string[])[] = [
  ["filter", "FILE", "-o", "OUT"],
  ["report", "FILE", "-o", "OUT"],
  ["export", "FILE", "--format", "jsonl"],
  ["export", "FILE", "--format", "csv"],
  ["export", "FILE", "--format", "parquet", "-o", "OUT"],
  ["export", "FILE", "--format", "trace-event"],
  ["export", "FILE", "--format", "openmetrics"],
  ["repl", "--replay", "FILE"],
  ["run", "--replay", "FILE", "SCRIPT"],
];
const READING_NOTHING = ["doctor", "record", "watch", "import", "help"];

/** These do not decode all records, and so meet the first one alone. */
const OPENING = ["info", "diff", "repl", "run", "repair"];
/** These print on standard output what cannot be read. */
const PRINTING = ["info", "repair"];

let outputs = 0;
function run(words: readonly string[], ...more: string[]): Promise<Finished> {
  const named: Record<string, string> = {
    FILE: file,
    OUT: join(folder, `out${outputs++}`),
    SCRIPT: join(folder, "script.mjs"),
  };
  return softdirty(...words.map((word) => named[word] ?? word), ...more);
}

describe("a damaged trace", () => {
  test.each([...READING, ...WITHOUT_JSON].map((words) => [words.join(" "), words] as const))(
    "is reported by softdirty %s",
    async (_, words) => {
      const { exitCode, stdout, stderr } = await run(words);
      const text = PRINTING.includes(words[0]) ? stdout : stderr;
      expect(text).toContain(`at byte ${atOpening} `);
      if (!OPENING.includes(words[0])) expect(text).toContain(`at byte ${atDecoding} `);
      expect(exitCode, stdout + stderr).toBe(1);
    },
  );

  test.each(READING.map((words) => [words.join(" "), words] as const))(
    "is reported in JSON by softdirty %s --json",
    async (_, words) => {
      const { exitCode, stdout, stderr } = await run(words, "--json");
      expect(exitCode, stdout + stderr).toBe(1);
      if (PRINTING.includes(words[0])) {
        expect(JSON.parse(stdout).problems).toMatchObject([{ offset: atOpening }]);
        return;
      }
      const errors = stderr.trim().split("\n").map((line) => JSON.parse(line).error);
      for (const { code, message } of errors) {
        expect(code).toBe("damaged");
        expect(message).toContain("damaged.sdtrace");
      }
      expect(errors.some(({ offset }) => offset === atOpening)).toBe(true);
      const isDecoded = errors.some(({ message }) => message.includes(`at byte ${atDecoding} `));
      expect(isDecoded).toBe(!OPENING.includes(words[0]));
    },
  );

  test("is reported in the page of a report", async () => {
    const out = join(folder, "page.html");
    await softdirty("report", file, "-o", out);
    const page = readFileSync(out, "utf8");
    expect(page).toContain(`at byte ${atOpening} `);
    expect(page).toContain(`at byte ${atDecoding} `);
  });

  test("is met by each command that there is, or it reads no trace", async () => {
    const { stdout } = await softdirty("--help");
    const list = stdout.slice(stdout.indexOf("\nCommands:"), stdout.indexOf("\nTopics"));
    const names = Array.from(list.matchAll(/^ {2}([a-z][a-z-]*)/gm), ([, name]) => name);
    const known = [...READING, ...WITHOUT_JSON].map(([name]) => name);
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => ![...known, ...READING_NOTHING].includes(name))).toEqual([]);
  });
});

test("a trace that is whole is not called damaged", async () => {
  const whole = join(folder, "whole.sdtrace");
  writeFileSync(
    whole,
    traceBytes((writer) => {
      for (const one of seconds(...WINDOWS)) writer.read(one);
    }),
  );
  for (const words of [["rate", whole], ["info", whole], ["top", "--replay", whole, "--once"]]) {
    expect(await softdirty(...words)).toMatchObject({ exitCode: 0, stderr: "" });
  }
});
