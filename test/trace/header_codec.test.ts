import { expect, test } from "vitest";
import { decodeHeader } from "../../lib/trace/header_codec.ts";
import { HEADER } from "../helpers/memory_trace.ts";

const CHOICE = {
  reason: "shared-memory",
  pid: 42,
  sharedBytes: 1 << 25,
  writableBytes: 1 << 26,
} as const;
const withChoice = (choice: unknown) => ({ ...HEADER, probe: { ...HEADER.probe, choice } });

test("a header says why its tracker was taken, and may leave it out", () => {
  expect(decodeHeader(withChoice(CHOICE)).probe.choice).toEqual(CHOICE);
  const unknown = { ...CHOICE, pid: null };
  expect(decodeHeader(withChoice(unknown)).probe.choice).toEqual(unknown);
  expect(decodeHeader(HEADER).probe).not.toHaveProperty("choice");
});

test.each([
  ["reason", { ...CHOICE, reason: "by chance" }],
  ["pid", { ...CHOICE, pid: -1 }],
  ["sharedBytes", { ...CHOICE, sharedBytes: 1.5 }],
  ["choice", 7],
])("a choice whose %s is not as the format says is refused, and named", (field, choice) => {
  expect(() => decodeHeader(withChoice(choice))).toThrow(field);
});

test("sizes of folios are powers of two", () => {
  const folios = (folioPages: unknown) => ({ ...HEADER, host: { ...HEADER.host, folioPages } });
  expect(decodeHeader(folios([2, 16])).host.folioPages).toEqual([2, 16]);
  for (const wrong of [[3], [1], [-2], "16", Array(40).fill(2)]) {
    expect(() => decodeHeader(folios(wrong))).toThrow("folioPages");
  }
});
