import { expect, test } from "vitest";
import { dirtyUnion } from "../../lib/analysis/union.ts";
import { snapshot } from "../helpers/drawn_snapshot.ts";

test("dirtyUnion() has the pages that are dirty in some snapshot, and tracked", () => {
  const union = dirtyUnion([
    snapshot("0x10 rw-p a D.pp\n0x20 rw-p b ..d"),
    snapshot("0x10 rw-p a pD.S"),
  ]);
  expect([...union.edges]).toEqual([0x10, 0x12, 0x13, 0x14, 0x22, 0x23]);
});
