import { expect, test } from "vitest";
import { typedText } from "../../lib/top/typed_text.ts";

const character = (sequence: string) => ({ name: undefined, sequence });

test("typed and pasted text is appended, and backspace removes whole characters", () => {
  const pasted = typedText(typedText("", character("é")), character("ab🐘"));
  expect(pasted).toBe("éab🐘");
  expect(typedText(pasted, { name: "backspace", sequence: "\x7f" })).toBe("éab");
  expect(typedText("", { name: "backspace", sequence: "\x7f" })).toBe("");
});

test("escape empties it, and no other key changes it", () => {
  expect(typedText("ab", { name: "escape", sequence: "\x1b" })).toBe("");
  for (const sequence of ["\x1b[A", "\r", "\t", "a\x1b[31m", "\x9b31m", ""]) {
    expect(typedText("ab", character(sequence))).toBe("ab");
  }
});
