/**
 * The trace of a live test, in which a target wrote every 7th of 4096 pages, read on this machine: the
 * committed one, and those that the VM has just written if `npm test` booted it.
 */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { parseAddress } from "../../lib/core/address.ts";
import { openReplay, openTrace } from "../../lib/session/sd.ts";
import type { MarkEvent } from "../../lib/trace/schema.ts";
import { recordingFile } from "../helpers/recordings.ts";

const vmTraces = process.env.SOFTDIRTY_VM_TRACES;
const files = [recordingFile("every7")];
if (vmTraces !== undefined) {
  for (const file of readdirSync(vmTraces)) {
    if (file.endsWith("-every7.sdtrace")) files.push(join(vmTraces, file));
  }
}

const every = (step: number, from = 0) =>
  Array.from({ length: Math.ceil((4096 - from) / step) }, (_, i) => from + i * step);

describe.each(files)("%s", (file) => {
  const trace = openTrace(file);
  const [, minAddress, maxAddress] = /^area (\w+) (\w+)$/.exec((trace.event(0) as MarkEvent).text)!;
  const first = parseAddress(minAddress, 4096);
  const pages = (set: { runs(): Iterable<{ start: number; pageCount: number }> }) =>
    Array.from(
      set.runs(),
      ({ start, pageCount }) => Array.from({ length: pageCount }, (_, i) => start - first + i),
    ).flat();

  test("shows exactly the 586 pages, and the known difference", () => {
    const sd = openReplay(file);
    sd.clear();
    const area = () => sd.filter(sd.read(), { minAddress, maxAddress });
    expect(area().dirty.isEmpty).toBe(true);
    const a = area();
    expect(a.dirty.pageCount).toBe(586);
    expect(pages(a.dirty)).toEqual(every(7));
    sd.clear();
    const diff = sd.diff(a, area());
    expect(pages(diff.stayed)).toEqual(every(14));
    expect(pages(diff.ceased)).toEqual(every(14, 7));
    expect(pages(diff.became)).toEqual([1]);
    expect(diff.mappings).toEqual([]);
  });
});
