import { expect, test } from "vitest";
import { diffSnapshots } from "../../lib/core/diff.ts";
import { explainedDiffText, explanationText } from "../../lib/report/explanation_text.ts";
import { snapshot } from "../helpers/drawn_snapshot.ts";

const one = snapshot(`0x200 rw-p - ${"D".repeat(512)}\n0x500 rw-p - DdDp`);

test("explanationText() has a line for each reason, and says what it cannot distinguish", () => {
  expect(explanationText(one.explain())).toMatchInlineSnapshot(`
    "why snapshot 0 of drawn (pid 42) reports 515 pages
    reason                         pages      size
    written                    512 pages  2.00 MiB
    part of a huge page          0 pages       0 B
    moved by mremap              0 pages       0 B
    in a new or grown mapping    3 pages  12.0 KiB  1 hold nothing
    up to 512 pages counted as written may be part of a huge page: this snapshot does not show it
    up to 512 pages counted as written may be moved by mremap: this snapshot does not show it
    up to 512 pages counted as written may be in a new or grown mapping: this snapshot does not show it"
  `);
});

test("explainedDiffText() explains what became and what stayed dirty", () => {
  const before = snapshot(`0x200 rw-p - D${"p".repeat(511)}\n0x500 rw-p - Dppp`);
  expect(explainedDiffText(diffSnapshots(before, one))).toMatchInlineSnapshot(`
    "reason                        became             stayed
    written                    511 pages  2.00 MiB   1 page  4.00 KiB
    part of a huge page          0 pages       0 B  0 pages       0 B
    moved by mremap              0 pages       0 B  0 pages       0 B
    in a new or grown mapping    2 pages  8.00 KiB   1 page  4.00 KiB
    up to 512 pages counted as written may be part of a huge page: this snapshot does not show it
    up to 512 pages counted as written may be moved by mremap: this snapshot does not show it
    up to 512 pages counted as written may be in a new or grown mapping: this snapshot does not show it"
  `);
});
