/** lib/ERRORS.md has every code, and lib has no code that it lacks. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import {
  IMPORT_ERROR_CODES,
  OTHER_ERROR_CODES,
  PROCESS_ERROR_CODES,
  REPLAY_ERROR_CODES,
  TRACE_ERROR_CODES,
} from "../../lib/core/error_codes.ts";
import { isLasting } from "../../lib/core/errors.ts";

const lib = fileURLToPath(new URL("../../lib", import.meta.url));
const document = readFileSync(join(lib, "ERRORS.md"), "utf8");
const sources = readdirSync(lib, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && file !== join("core", "error_codes.ts"))
  .map((file) => ({ file, text: readFileSync(join(lib, file), "utf8") }));

const SECTIONS = {
  ProcessError: PROCESS_ERROR_CODES,
  TraceError: TRACE_ERROR_CODES,
  ImportError: IMPORT_ERROR_CODES,
  ReplayError: REPLAY_ERROR_CODES,
  Others: OTHER_ERROR_CODES,
};

/** The cells of each row of the table below a heading, without its head. */
function rowsOf(heading: string): string[][] {
  const section = document.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? "";
  return [...section.matchAll(/^\| `.*$/gm)].map(([row]) =>
    row.split("|").slice(1, -1).map((cell) => cell.trim())
  );
}

describe.each(Object.entries(SECTIONS))("the codes below %s in ERRORS.md", (heading, codes) => {
  const rows = rowsOf(heading);

  test("are those of the list, each with when it is thrown and what to do", () => {
    expect(rows.map(([code]) => code)).toEqual(codes.map((code) => `\`${code}\``));
    for (const cells of rows) for (const cell of cells) expect(cell).not.toBe("");
  });

  test("are all thrown somewhere", () => {
    for (const code of codes) {
      expect(sources.filter(({ text }) => text.includes(`"${code}"`)), code).not.toEqual([]);
    }
  });
});

test("ERRORS.md says of each ProcessError whether it is lasting", () => {
  const rows = rowsOf("ProcessError");
  expect(rows.map(([code, lasting]) => `${code} ${lasting}`)).toEqual(
    PROCESS_ERROR_CODES.map((code) => `\`${code}\` ${isLasting(code) ? "yes" : "no"}`),
  );
});

test("each code that an error of lib is made with is in ERRORS.md", () => {
  const known = new Set<string>(Object.values(SECTIONS).flat());
  const made = sources.flatMap(({ text }) =>
    [...text.matchAll(
      /\bnew (?:Softdirty|Process|Trace|Import|Replay)Error\(\s*"([a-z]+(?:-[a-z]+)*)"/g,
    )].map(([, code]) => code)
  );
  expect(made.length).toBeGreaterThan(50);
  expect(made.filter((code) => !known.has(code))).toEqual([]);
});
