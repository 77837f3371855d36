/**
 * What a call can be handed, and how that is said of something else.
 *
 * @module
 */

import { Snapshot } from "../core/snapshot.ts";
import { Query } from "../query/query.ts";
import { TraceReader } from "../trace/reader.ts";

/** A kind of value. */
export interface Kind {
  /** What is expected, as in "a process id, as in 42". */
  readonly expected: string;
  readonly is: (value: unknown) => boolean;
  /** What is wrong with a value that is nearly one: the name of an option. */
  readonly fault?: (value: unknown) => string | undefined;
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
const isWhole = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 1;

export const PID: Kind = { expected: "a process id, as in 42", is: isWhole };
export const COUNT: Kind = { expected: "a whole number from 1 on", is: isWhole };
/** Whether it makes sense is said where it is used. */
export const NUMBER: Kind = { expected: "a number", is: (value) => typeof value === "number" };
export const AMOUNT: Kind = {
  expected: "a number from 0 on",
  is: (value) => typeof value === "number" && value >= 0,
};
export const FLAG: Kind = {
  expected: "true or false",
  is: (value) => typeof value === "boolean",
};
export const TEXT: Kind = { expected: "a text", is: (value) => typeof value === "string" };
export const FILE: Kind = { ...TEXT, expected: 'the name of a trace, as in "a.sdtrace"' };
export const REMARK: Kind = {
  expected: "a text",
  is: (value) => ["string", "number", "bigint", "boolean"].includes(typeof value),
};
export const FUNCTION: Kind = {
  expected: "a function",
  is: (value) => typeof value === "function",
};
export const SIGNAL: Kind = {
  expected: "an AbortSignal",
  is: (value) => value instanceof AbortSignal,
};
export const SNAPSHOT: Kind = {
  expected: "a snapshot, as from sd.read() or sd.open(file).at(0)",
  is: (value) => value instanceof Snapshot,
};

/** What each of some values is; said of the first that is not. */
export function listOf(kind: Kind): Kind {
  return {
    expected: `a list, each of it ${kind.expected}`,
    is: (value) => Array.isArray(value) && value.every(kind.is),
  };
}

export function either(...kinds: readonly Kind[]): Kind {
  return {
    expected: kinds.map(({ expected }) => expected).join(", or "),
    is: (value) => kinds.some((kind) => kind.is(value)),
    fault: (value) => kinds.map((kind) => kind.fault?.(value)).find((one) => one !== undefined),
  };
}

/** An object with only these names in it, each of which can be missing. */
export function options(kinds: Readonly<Record<string, Kind>>): Kind {
  const names = Object.keys(kinds).join(", ");
  const fault = (value: unknown) => {
    if (!isPlain(value)) return undefined;
    for (const [name, one] of Object.entries(value)) {
      if (!Object.hasOwn(kinds, name)) {
        return `there is no option ${name} here; there are ${names}`;
      }
      if (one === undefined) continue;
      if (!kinds[name].is(one)) {
        return kinds[name].fault?.(one) ??
          `${name} is ${described(one)}; expected ${kinds[name].expected}`;
      }
    }
  };
  return {
    expected: `options: an object with some of ${names}`,
    is: (value) => isPlain(value) && fault(value) === undefined,
    fault,
  };
}

/** An object that was written down, not one of a class. */
function isPlain(value: unknown): value is Record<string, unknown> {
  if (!isObject(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** The part of a snapshot to select. */
export const SELECTION: Kind = {
  ...either(
    { expected: 'an expression, as in "perms has w"', is: TEXT.is },
    FUNCTION,
    { expected: "a Query", is: (value) => value instanceof Query },
    options({
      mapping: either(TEXT, { expected: "a RegExp", is: (value) => value instanceof RegExp }),
      perms: TEXT,
      minAddress: address(),
      maxAddress: address(),
      minSizeBytes: NUMBER,
    }),
  ),
  expected: 'an expression, as in "perms has w", conditions, as in { perms: "w" }, or a function',
};

function address(): Kind {
  return {
    expected: "an address as text in hexadecimal, a number or a bigint",
    is: (value) => ["string", "number", "bigint"].includes(typeof value),
  };
}

/** A file, an open trace, or snapshots, each of which is looked at when it is measured. */
export const MEASURABLE: Kind = {
  expected: "a trace to measure, by its name or open, or snapshots",
  is: (value) =>
    typeof value === "string" || value instanceof TraceReader ||
    isObject(value) && typeof (value as Iterable<unknown>)[Symbol.iterator] === "function",
};

/** What a value is, for a person who passed it by mistake. */
export function described(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (value instanceof Snapshot) return "a snapshot";
  if (value instanceof TraceReader) return "a trace";
  if (Array.isArray(value)) return `an array of ${value.length}`;
  switch (typeof value) {
    case "string":
      return `the text ${JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)}`;
    case "object": {
      if (!isPlain(value)) return `an object of another kind (${className(value)})`;
      const names = Object.keys(value).slice(0, 5).join(", ");
      return names === "" ? "an empty object" : `an object with ${names}`;
    }
    case "function":
    case "symbol":
      return `a ${typeof value}`;
    default:
      return `the ${typeof value} ${value}`;
  }
}

function className(value: object): string {
  const { constructor } = Object.getPrototypeOf(value) ?? {};
  return typeof constructor?.name === "string" && constructor.name || "unknown";
}
