import fc from "fast-check";
import { expect, test } from "vitest";
import { plainJson, plainText } from "../../lib/core/plain_text.ts";

test.each([
  ["an escape sequence", "\x1b[2Jx", "\\x1b[2Jx"],
  ["a C1 control", "\x9b31m", "\\x9b31m"],
  ["line breaks", "a\r\nb\u2028c", "a\\x0d\\x0ab\\u{2028}c"],
  ["text turned round", "\u202egnp.exe", "\\u{202e}gnp.exe"],
  ["characters of no width", "a\u200bb", "a\\u{200b}b"],
  ["what only a font could show", "a\ue000b", "a\\u{e000}b"],
  ["letters that show nothing", "a\u3164b", "a\\u{3164}b"],
  ["what changes how a letter looks", "a\ufe0fb\u034fc", "a\\u{fe0f}b\\u{34f}c"],
  ["an empty pattern of Braille", "a\u2800b", "a\\u{2800}b"],
  ["half a character", "a\ud800b", "a\\u{d800}b"],
  ["text of any language", "höchst größe 日本 🙂", "höchst größe 日本 🙂"],
])("plainText() makes %s safe", (_, text, expected) => {
  expect(plainText(text)).toBe(expected);
});

test("plainText() leaves nothing that a terminal obeys", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    expect(plainText(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]/u);
  }));
});

test("plainText() cuts what is long in the middle", () => {
  const cut = plainText("/usr/lib/x86_64-linux-gnu/libc.so.6", 20);
  expect(cut).toBe("/usr/l…gnu/libc.so.6");
  expect(cut).toHaveLength(20);
});

test("plainJson() is the same JSON with nothing raw that a terminal obeys", () => {
  const value = { name: "\x1b[2J\x9b\u202e\u{e0001}", list: ["ö", 1, null] };
  expect(JSON.parse(plainJson(value))).toEqual(value);
  expect(plainJson(value)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});
