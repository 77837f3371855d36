/** What a target must survive again and again. */

import { expect, test } from "vitest";
import { ATTACH_STEPS } from "../../lib/kernel/inject/attach_sequence.ts";
import { describeLive, describeUnless } from "./proven.ts";
import { attachRounds, killAtEachStep } from "./rounds.ts";
import { TARGET_KINDS } from "./targets.ts";
import { withTarget } from "./with_target.ts";

describeLive("attaching to", () => {
  for (const { name, lacks, start } of TARGET_KINDS) {
    describeUnless(lacks)(name, () => {
      test("a hundred times, with the tool killed at twenty moments, leaves no trace", () =>
        withTarget(start, async (target) => {
          const seen = await attachRounds(target, { rounds: 100, kills: 20 });
          expect(seen.rounds).toBeGreaterThanOrEqual(100);
          expect(seen.kills).toBe(20);
          expect(seen.stopsNs).toHaveLength(seen.rounds - seen.kills);
        }));

      test(`with the tool killed at each of ${ATTACH_STEPS.length} steps leaves no trace`, () =>
        withTarget(start, (target) => killAtEachStep(target)));
    });
  }
});
