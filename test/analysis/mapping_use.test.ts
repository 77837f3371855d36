import { expect, test } from "vitest";
import { mappingUse } from "../../lib/analysis/mapping_use.ts";
import { snapshot } from "../helpers/drawn_snapshot.ts";

test("mappingUse() counts what each mapping spans, holds, and what of it is dirty", () => {
  const uses = mappingUse(snapshot("0x10 rw-p a DdSps..\n0x17 r--p b Dp"));
  expect(uses.map(({ vma: _, ...counts }) => counts)).toEqual([
    { mappedPages: 7, populatedPages: 4, dirtyPages: 3, dirtyPopulatedPages: 2, untrackedPages: 0 },
    { mappedPages: 2, populatedPages: 2, dirtyPages: 1, dirtyPopulatedPages: 1, untrackedPages: 0 },
  ]);
});
