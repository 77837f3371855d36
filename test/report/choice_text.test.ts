import { expect, test } from "vitest";
import type { TrackerChoice } from "../../lib/core/probe_report.ts";
import { choiceText } from "../../lib/report/choice_text.ts";

const MEMORY = { pid: 42, sharedBytes: 1 << 25, writableBytes: 1 << 26 };
const SHARED =
  "32.0 MiB of the 64.0 MiB of writable memory of process 42 are shared or of mapped files";
const LOSES = "soft-dirty loses writes to such memory when the kernel reclaims a page of it";
const NOTHING = { pid: null, sharedBytes: 0, writableBytes: 0 };

test.each<[TrackerChoice["reason"], "soft-dirty" | "uffd-wp", string]>([
  ["named", "soft-dirty", ""],
  ["shared-memory", "uffd-wp", `${SHARED}: ${LOSES}`],
  ["cannot-attach", "soft-dirty", `uffd-wp cannot be used here, although ${SHARED}: ${LOSES}`],
  ["only-proven", "soft-dirty", `the only one that was proven to work here; ${SHARED}: ${LOSES}`],
  ["only-proven", "uffd-wp", "the only one that was proven to work here"],
  ["least-intrusive", "soft-dirty", `it needs no stop of the target; only ${SHARED}`],
])("a tracker that was taken as %s (%s) has a reason in words", (reason, tracker, text) => {
  expect(choiceText(tracker, { reason, ...MEMORY })).toBe(text);
});

test("where no process has shared memory, nothing is said of it", () => {
  expect(choiceText("soft-dirty", { reason: "least-intrusive", ...NOTHING }))
    .toBe("it needs no stop of the target");
  expect(choiceText("soft-dirty", { reason: "only-proven", ...NOTHING }))
    .toBe("the only one that was proven to work here");
});
