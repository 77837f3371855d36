/**
 * The words of a filter expression.
 *
 * @module
 */

import { ExpressionError } from "../core/errors.ts";

/** One word, and where it begins. */
export interface Token {
  /** `word` is a name or an amount; `text` stood in quotes; `end` comes last. */
  readonly kind: "word" | "text" | "operator" | "end";
  readonly value: string;
  readonly at: number;
}

/** Longer expressions are a mistake, or malice. */
const MAX_LENGTH = 10_000;

const SPACE = /\s+/y;
/** Amounts have a dot in them, but a range has two. */
const WORD = /[\p{L}\p{N}_](?:[\p{L}\p{N}_-]|\.(?!\.))*/uy;
const OPERATOR = /!~|~|==|!=|<=|>=|<|>|\.\.|\(|\)/y;

/**
 * Takes an expression apart.
 *
 * @throws ExpressionError at what is no word.
 */
export function tokens(text: string): Token[] {
  if (text.length > MAX_LENGTH) {
    throw new ExpressionError(
      text,
      MAX_LENGTH,
      `An expression has at most ${MAX_LENGTH} characters`,
    );
  }
  const found: Token[] = [];
  const match = (pattern: RegExp, at: number) => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  for (let at = 0; at < text.length;) {
    const space = match(SPACE, at);
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    const quote = text[at];
    if (quote === '"' || quote === "'") {
      const { value, end } = quoted(text, at);
      found.push({ kind: "text", value, at });
      at = end;
      continue;
    }
    const operator = match(OPERATOR, at);
    const value = operator ?? match(WORD, at);
    if (value === undefined) {
      throw new ExpressionError(
        text,
        at,
        "That is no part of an expression",
        "Quote it, if it is text",
      );
    }
    found.push({ kind: operator === undefined ? "word" : "operator", value, at });
    at += value.length;
  }
  found.push({ kind: "end", value: "", at: text.length });
  return found;
}

/** Text in quotes. A backslash stands for itself but before a quote of that kind. */
function quoted(text: string, start: number): { value: string; end: number } {
  const quote = text[start];
  let value = "";
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === quote) return { value, end: at + 1 };
    if (text[at] === "\\" && text[at + 1] === quote) at++;
    value += text[at];
  }
  throw new ExpressionError(text, start, "This quote has no end");
}
