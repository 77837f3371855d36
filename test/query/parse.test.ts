import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ExpressionError } from "../../lib/core/errors.ts";
import { Query } from "../../lib/query/query.ts";

/** The error of an expression that is none. */
function errorOf(text: string): ExpressionError {
  try {
    new Query(text);
  } catch (error) {
    if (error instanceof ExpressionError) return error;
    throw error;
  }
  throw new Error(`${text} is an expression`);
}

describe("an expression that is none", () => {
  test.each([
    ["", 0, /Expected a condition.*Fields are mapping, perms/],
    ["size", 4, /Expected one of == != < <= > >= in after size/],
    ["size >= ", 8, /Expected a value/],
    ["size >= many", 8, /Expected a size, as in/],
    ["size >= 2MiB and", 16, /Expected a condition/],
    ["size >= 2MiB perms has w", 13, /Expected "and", "or" or the end/],
    ["colour == red", 0, /Expected a condition/],
    ["(pid == 1", 9, /Expected "\)"/],
    ["pid == 1)", 8, /Expected "and"/],
    ["pid == -1", 7, /That is no part of an expression/],
    ["pid == 1.5", 7, /Expected a whole number/],
    ["time in 10s", 11, /Expected "\.\." and the end/],
    ["time in 10s..soon", 13, /Expected a time/],
    ["address in 10..zz", 15, /Expected an address/],
    ["perms has q", 10, /Expected permissions/],
    ["reason == hunger", 10, /Expected one of written/],
    ["page has hunger", 9, /Expected one of dirty/],
    ['mapping ~ "a(b"', 10, /no regular expression/],
    ['mapping ~ "(?=a)"', 10, /no regular expression/],
    ['mapping == "heap', 11, /This quote has no end/],
    ['"size" >= 2', 0, /Expected a condition/],
    ["not", 3, /Expected a condition/],
  ])("%s is reported at character %d", (text, at, message) => {
    const error = errorOf(text);
    expect([error.at, error.text]).toEqual([at, text]);
    expect(error.message).toMatch(message);
  });

  test("is reported in a line, however long it is and whatever it has in it", () => {
    const error = errorOf(`${"pid == 1 or ".repeat(500)}\u001b[31m`);
    expect(error.message.length).toBeLessThan(400);
    expect(error.message).not.toContain("\u001b");
  });

  test("is refused when it is too deep or too long, and nothing overflows", () => {
    expect(errorOf(`${"(".repeat(5000)}pid == 1`).message).toMatch(/more than 100 levels/);
    expect(errorOf(`${"not ".repeat(2000)}pid == 1`).message).toMatch(/more than 100 levels/);
    expect(errorOf("pid == 1 or ".repeat(1000)).message).toMatch(/at most 10000 characters/);
  });

  test("is reported, whatever the text, by an error of its own", () => {
    const words = fc.constantFrom(
      ...["and", "or", "not", "(", ")", "size", "perms", "has", "w", ">=", "2MiB", "mapping", "~"],
      ...[
        '"heap"',
        "'",
        '"',
        "..",
        "in",
        "time",
        "10s",
        "\\",
        "[",
        "é",
        "\n",
        "reason",
        "==",
        "new",
      ],
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 12 }), (parts) => {
        const text = parts.join(" ");
        try {
          new Query(text);
        } catch (error) {
          expect(error).toBeInstanceOf(ExpressionError);
          expect((error as ExpressionError).at).toBeLessThanOrEqual(text.length);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
