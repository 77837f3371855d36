import { expect, test } from "vitest";
import { wordsIn } from "../../scripts/check_words.ts";

test.each([
  ["A process that may not be tracked", ["may not be tracked"]],
  ["it is told\nas written, for sure", ["told", "for sure"]],
  ["Expect an answer; the target is stopped", []],
])("in %j these phrases are found: %j", (text, phrases) => {
  expect(wordsIn(text).map((found) => found.text)).toEqual(phrases);
});

test("a phrase is found with its line, and with what to write", () => {
  expect(wordsIn("one\ntwo anew\n")).toEqual([{ line: 2, text: "anew", instead: "again" }]);
});
