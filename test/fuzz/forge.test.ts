import { expect, test } from "vitest";
import { encodeRecord } from "../../lib/trace/body.ts";
import { RECORD_TYPES } from "../../lib/trace/schema.ts";
import { readerOf } from "../helpers/memory_trace.ts";
import { Forge, rows } from "./forge.ts";

test("a forged trace can hold a list that the writer refuses, and the reader refuses it", () => {
  const many = rows(300_000);
  const refusal = "it has more than 262144 mappings or processes";
  expect(() => encodeRecord(RECORD_TYPES.mappings, [0, null, many])).toThrow(refusal);
  const forge = new Forge();
  forge.process();
  forge.list(many);
  forge.window();
  const trace = readerOf(forge.bytes);
  // Where the runtime compresses the list, it is refused when the trace is opened.
  const refusals = trace.problems.map(({ reason }) => reason);
  try {
    trace.at(0);
    refusals.push("none");
  } catch (error) {
    refusals.push((error as Error).message);
  }
  expect(refusals.join("\n")).toMatch(/more than 262144 mappings/);
  expect(refusals).not.toContain("none");
});
