import fc from "fast-check";
import { expect, test } from "vitest";
import { plainText } from "../../lib/core/plain_text.ts";

test.each([
  ["an escape sequence", "\x1b[2Jx", "\\x1b[2Jx"],
  ["a C1 control", "\x9b31m", "\\x9b31m"],
  ["line breaks", "a\r\nb\u2028c", "a\\x0d\\x0ab\\u{2028}c"],
  ["text turned round", "\u202egnp.exe", "\\u{202e}gnp.exe"],
  ["characters of no width", "a\u200bb", "a\\u{200b}b"],
  ["half a character", "a\ud800b", "a\\u{d800}b"],
  ["text of any language", "höchst größe 日本 🙂", "höchst größe 日本 🙂"],
])("plainText() makes %s safe", (_, text, expected) => {
  expect(plainText(text)).toBe(expected);
});

test("plainText() leaves nothing that a terminal obeys", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    expect(plainText(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
  }));
});

test("plainText() cuts what is long in the middle", () => {
  const cut = plainText("/usr/lib/x86_64-linux-gnu/libc.so.6", 20);
  expect(cut).toBe("/usr/l…gnu/libc.so.6");
  expect(cut).toHaveLength(20);
});
