/** A few of the cases of `scripts/fuzz_traces.ts`, under each runtime: they unpack zstd differently. */

import { expect, test } from "vitest";
import { prepareCompression } from "../../lib/trace/zstd.ts";
import { Cases } from "./cases.ts";
import { useAll } from "./use_all.ts";

const CASES = 1000;
/** Other tests run at the same time. */
const LONGEST_MS = 10_000;

test("mutants of recordings are refused, or read as far as they are whole", {
  timeout: 240_000,
}, async () => {
  await prepareCompression();
  const cases = new Cases(1);
  const outcomes: Record<string, number> = {};
  for (let n = 0; n < CASES; n++) {
    const { name, bytes } = cases.at(n);
    const startMs = performance.now();
    let outcome: string;
    try {
      outcome = useAll(bytes);
    } catch (cause) {
      throw new Error(`case ${n} (${name})`, { cause });
    }
    expect(performance.now() - startMs, `case ${n} (${name})`).toBeLessThan(LONGEST_MS);
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
  // All three are met, so the mutants are neither all hopeless nor all harmless.
  expect(Object.keys(outcomes).sort()).toEqual(["all read", "refused", "some damaged"]);
});
