import { expect, test } from "vitest";
import { filterSnapshot, type Selection } from "../../lib/query/filter.ts";
import { Query } from "../../lib/query/query.ts";
import { snapshot } from "../helpers/drawn_snapshot.ts";

const whole = snapshot("0x10 r-xp /bin/x pp\n0x20 rw-p [heap] DDp\n0x30 rw-p - DD");

test.each<[string, Selection]>([
  ["an expression", 'mapping == "[heap]"'],
  ["a query", new Query('mapping == "[heap]"')],
  ["conditions", { mapping: "[heap]" }],
  ["a function", (mapping, { process }) => mapping.name === "[heap]" && process.pid === 42],
])("filterSnapshot() takes %s", (_, how) => {
  const kept = filterSnapshot(whole, how);
  expect(kept.vmas.map(({ name }) => name)).toEqual(["[heap]"]);
  expect([kept.dirty.toJSON(), kept.pages.present.toJSON()]).toEqual([[[0x20, 2]], [[0x20, 3]]]);
  expect({ ...kept, vmas: 0, pages: 0 }).toEqual({ ...whole, vmas: 0, pages: 0 });
});
