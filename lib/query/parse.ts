/**
 * Parses filter expressions:
 *
 * ```text
 * expression = all { "or" all }
 * all        = one { "and" one }
 * one        = "not" one | "(" expression ")" | condition
 * condition  = field operator value | field "in" value ".." value
 * ```
 *
 * @module
 */

import { ExpressionError } from "../core/errors.ts";
import type { Expression } from "./expression.ts";
import { FIELDS } from "./fields.ts";
import { type Token, tokens } from "./tokens.ts";

/** More levels of parentheses, or of `not`, are a mistake, or malice. */
const MAX_DEPTH = 100;

/**
 * The expression that a text is.
 *
 * @throws ExpressionError with the place where it is none.
 */
export function parseExpression(text: string): Expression {
  const parser = new Parser(text);
  return parser.whole();
}

/** Goes through the words once. */
class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokens(text);
  }

  whole(): Expression {
    const expression = this.#joined("or", 0);
    const rest = this.#token;
    if (rest.kind !== "end") this.#fail(rest, 'Expected "and", "or" or the end');
    return expression;
  }

  get #token(): Token {
    return this.#tokens[this.#next];
  }

  #joined(kind: "or" | "and", depth: number): Expression {
    const parts: Expression[] = [];
    do parts.push(kind === "or" ? this.#joined("and", depth) : this.#one(depth)); while (
      this.#took(kind)
    );
    return parts.length === 1 ? parts[0] : { kind, parts };
  }

  #one(depth: number): Expression {
    const token = this.#token;
    if (depth > MAX_DEPTH) this.#fail(token, `There are more than ${MAX_DEPTH} levels here`);
    if (this.#took("not")) return { kind: "not", part: this.#one(depth + 1) };
    if (!this.#took("(")) return { kind: "condition", condition: this.#condition() };
    const inner = this.#joined("or", depth + 1);
    if (!this.#took(")")) this.#fail(this.#token, 'Expected ")"');
    return inner;
  }

  #condition() {
    const name = this.#token;
    const field = name.kind === "word" ? FIELDS.get(name.value) : undefined;
    if (field === undefined) {
      return this.#fail(
        name,
        "Expected a condition",
        `Fields are ${[...FIELDS.keys()].join(", ")}`,
      );
    }
    this.#next++;
    const operator = this.#token;
    if (!field.operators.includes(operator.value) || operator.kind === "text") {
      return this.#fail(
        operator,
        `Expected one of ${field.operators.join(" ")} after ${name.value}`,
      );
    }
    this.#next++;
    const values = [this.#value()];
    if (operator.value === "in") {
      if (!this.#took("..")) this.#fail(this.#token, 'Expected ".." and the end of the range');
      values.push(this.#value());
    }
    const fail = (message: string, index = 0) => this.#fail(values[index], message);
    return field.condition(operator.value, values.map(({ value }) => value), fail);
  }

  #value(): Token {
    const token = this.#token;
    if (token.kind !== "word" && token.kind !== "text") this.#fail(token, "Expected a value");
    this.#next++;
    return token;
  }

  #took(value: string): boolean {
    const { kind, value: found } = this.#token;
    if (kind === "text" || kind === "end" || found !== value) return false;
    this.#next++;
    return true;
  }

  #fail({ at }: Token, message: string, hint = ""): never {
    throw new ExpressionError(this.#text, at, message, hint);
  }
}
