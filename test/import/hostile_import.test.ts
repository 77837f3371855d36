/** Whole dumps and copies, damaged at random: an import succeeds, or fails in words and leaves no file. */

import fc from "fast-check";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { SoftdirtyError } from "../../lib/core/errors.ts";
import { importCopies } from "../../lib/import/import_copies.ts";
import { importCriu } from "../../lib/import/import_criu.ts";
import { openTrace } from "../../lib/session/sd.ts";
import { criuRecording } from "../helpers/criu_recording.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

/** One change: at a place, as a share of the file, another byte; or an end. */
const change = fc.record({
  at: fc.double({ min: 0, max: 0.999, noNaN: true }),
  value: fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat(255)),
  cuts: fc.boolean(),
});

function damage(file: string, changes: readonly { at: number; value: number; cuts: boolean }[]) {
  let bytes = new Uint8Array(readFileSync(file));
  for (const { at, value, cuts } of changes) {
    const place = Math.floor(at * bytes.length);
    if (cuts && value < 64) bytes = bytes.slice(0, place);
    else bytes[place] = value;
  }
  rmSync(file);
  writeFileSync(file, bytes);
}

/** Imports; what comes out is a trace that can be read to its end, without a damaged record. */
function attempt(output: string, run: () => void): void {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(SoftdirtyError);
    expect((error as Error).message).not.toMatch(/\p{Cc}/u);
    expect(existsSync(output)).toBe(false);
    return;
  }
  for (const snapshot of openTrace(output).snapshots) snapshot.explain();
}

test("importCriu() survives any damage of any image", () => {
  const folder = temporaryFolder();
  const images = [
    ...["1/pagemap-126.img", "2/pagemap-126.img", "3/pagemap-126.img", "3/mm-126.img"],
    ...["3/core-126.img", "3/files.img", "3/memfd.img", "2/inventory.img", "1/stats-dump"],
  ];
  const run = (image: string, changes: { at: number; value: number; cuts: boolean }[]) => {
    const dumps = mkdtempSync(join(folder, "dumps-"));
    cpSync(criuRecording("4.2.1"), dumps, { recursive: true, verbatimSymlinks: true });
    damage(join(dumps, image), changes);
    const output = join(dumps, "out.sdtrace");
    attempt(output, () => importCriu([join(dumps, "3")], output, { intervalMs: 1000 }));
    rmSync(dumps, { recursive: true });
  };
  const changes = fc.array(change, { minLength: 1, maxLength: 3 });
  fc.assert(fc.property(fc.constantFrom(...images), changes, run), { numRuns: 250 });
}, 60_000);

test("importCopies() survives any damage of maps and pagemap", () => {
  const folder = temporaryFolder();
  const run = (
    which: "maps" | "pagemap",
    changes: { at: number; value: number; cuts: boolean }[],
  ) => {
    const place = mkdtempSync(join(folder, "copy-"));
    const copy = { maps: join(place, "maps"), pagemap: join(place, "pagemap") };
    cpSync(criuRecording("3.maps"), copy.maps);
    cpSync(criuRecording("3.pagemap"), copy.pagemap);
    damage(copy[which], changes);
    const output = join(place, "out.sdtrace");
    attempt(output, () => importCopies([copy], output));
    rmSync(place, { recursive: true });
  };
  const changes = fc.array(change, { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(fc.constantFrom("maps" as const, "pagemap" as const), changes, run),
    { numRuns: 150 },
  );
}, 60_000);
