/**
 * What conditions can be about.
 *
 * @module
 */

import { RE2JS, RE2JSException } from "re2js";
import { parseAddress } from "../core/address.ts";
import { type Reason, REASONS } from "../core/explain.ts";
import { globPredicate, mappingNamePredicate } from "../core/glob.ts";
import { PAGE_NUMBER_LIMIT, PageSet } from "../core/page_set.ts";
import { PAGE_FLAGS, type PageFlag, type Snapshot } from "../core/snapshot.ts";
import { durationMs, sizeBytes } from "../core/units.ts";
import { vmaPageCount } from "../core/vma.ts";
import type { Condition } from "./expression.ts";

/** Says that a value is not as it must be; `index` is which one of a range. */
type Fail = (message: string, index?: number) => never;

/** One field. */
export interface Field {
  readonly operators: readonly string[];
  /** What help says of it. */
  readonly about: string;
  /** Makes a condition of an operator and its value, or the two ends of a range. */
  readonly condition: (operator: string, values: readonly string[], fail: Fail) => Condition;
}

const COMPARISONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};
const ORDER = [...Object.keys(COMPARISONS), "in"];
const NAMES = ["==", "!=", "~", "!~"];

/** Compares numbers; a range has its first value in it, and not its last. */
function comparing(
  operator: string,
  values: readonly string[],
  parse: (text: string, index: number) => number,
): (value: number) => boolean {
  const [first, last] = values.map(parse);
  if (operator === "in") return (value) => value >= first && value < last;
  return (value) => COMPARISONS[operator](value, first);
}

/** Compares text with a glob or a regular expression, in time that is linear in the text. */
function matching(
  operator: string,
  pattern: string,
  glob: (pattern: string) => (text: string) => boolean,
  fail: Fail,
): (text: string) => boolean {
  const matches = operator.endsWith("~") ? regularExpression(pattern, fail) : glob(pattern);
  return remembered(operator.startsWith("!") ? (text) => !matches(text) : matches);
}

/** Names that are remembered: of a million mappings most have the name of another one. */
const MOST_NAMES = 1 << 10;

/** The same, which compares a name once as long as there are few of them. */
function remembered(matches: (text: string) => boolean): (text: string) => boolean {
  const known = new Map<string, boolean>();
  return (text) => {
    let isMatch = known.get(text);
    if (isMatch === undefined) {
      if (known.size >= MOST_NAMES) known.clear();
      known.set(text, isMatch = matches(text));
    }
    return isMatch;
  };
}

function regularExpression(pattern: string, fail: Fail): (text: string) => boolean {
  try {
    const compiled = RE2JS.compile(pattern);
    // Not `matcher(text).find()`, which follows groups, and is ten times as slow.
    return (text) => compiled.test(text);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    return fail(`That is no regular expression (${error.message})`);
  }
}

const whole = (fail: Fail) => (text: string, index: number): number =>
  /^\d{1,15}$/.test(text) ? Number(text) : fail("Expected a whole number", index);

function ofSnapshot(about: string, valueOf: (snapshot: Snapshot) => number): Field {
  return {
    operators: ORDER,
    about,
    condition(operator, values, fail) {
      const isMet = comparing(operator, values, whole(fail));
      return { of: "snapshot", isMet: (snapshot) => isMet(valueOf(snapshot)) };
    },
  };
}

const address: Field = {
  operators: ["in", "<", ">="],
  about: "addresses in hexadecimal: address in 7f00c0de0000..7f00c0dea000",
  condition(operator, values, fail) {
    values.forEach((text, index) => {
      if (!/^(0x)?[0-9a-f]{1,16}$/i.test(text)) fail("Expected an address in hexadecimal", index);
    });
    const [first, last] = operator === "<" ? ["0", values[0]] : values;
    return {
      of: "address",
      pages({ pageSizeBytes }) {
        const start = parseAddress(first, pageSizeBytes);
        const end = last === undefined
          ? PAGE_NUMBER_LIMIT
          : parseAddress(last, pageSizeBytes, "up");
        return start < end ? PageSet.from([{ start, end }]) : PageSet.empty;
      },
    };
  },
};

const size: Field = {
  operators: ORDER,
  about: "size of a mapping: size >= 2MiB",
  condition(operator, values, fail) {
    const parse = (text: string, index: number) =>
      sizeBytes(text) ?? fail("Expected a size, as in 4096B, 64k or 2MiB", index);
    const isMet = comparing(operator, values, parse);
    return {
      of: "mapping",
      isMet: (vma, { pageSizeBytes }) => isMet(vmaPageCount(vma) * pageSizeBytes),
    };
  },
};

const time: Field = {
  operators: ORDER,
  about: "when it was read, since the session began: time in 10s..20s",
  condition(operator, values, fail) {
    const parse = (text: string, index: number) =>
      (durationMs(text) ?? fail("Expected a time, as in 100ms, 10s or 5m", index)) * 1e6;
    const isMet = comparing(operator, values, parse);
    return { of: "snapshot", isMet: ({ atNs }) => isMet(atNs) };
  },
};

const perms: Field = {
  operators: ["has", "=="],
  about: 'permissions of a mapping: perms has rw, perms == "r-xp"',
  condition(operator, [letters], fail) {
    const pattern = operator === "has" ? /^[rwxsp]+$/ : /^[r-][w-][x-][sp]$/;
    if (!pattern.test(letters)) fail("Expected permissions, as in rw or r-xp");
    return {
      of: "mapping",
      isMet: (vma) =>
        operator === "has"
          ? [...letters].every((letter) => vma.perms.includes(letter))
          : vma.perms === letters,
    };
  },
};

/** Of earlier versions. */
const OTHER_REASONS: Readonly<Record<string, Reason>> = { new: "new-mapping", huge: "huge-page" };

const reason: Field = {
  operators: ["==", "!="],
  about: `why a page is reported: ${REASONS.join(", ")}`,
  condition(operator, [name], fail) {
    const found = OTHER_REASONS[name] ?? REASONS.find((one) => one === name) ??
      fail(`Expected one of ${REASONS.join(", ")}`);
    return {
      of: "page",
      pages(snapshot) {
        const pages = snapshot.explain().pages(found);
        return operator === "==" ? pages : snapshot.mapped.subtract(pages);
      },
    };
  },
};

/** Each flag by the word for it, which has hyphens as the reasons have: `new-mapping`. */
const FLAGS_BY_WORD: ReadonlyMap<string, PageFlag> = new Map(
  PAGE_FLAGS.map((flag) => [flag.replace(/[A-Z]/g, (one) => `-${one.toLowerCase()}`), flag]),
);

const page: Field = {
  operators: ["has"],
  about: `what a page is: page has ${PAGE_FLAGS.slice(0, 3).join(", ")}, ...`,
  condition(_, [name], fail) {
    const flag: PageFlag = FLAGS_BY_WORD.get(name) ?? PAGE_FLAGS.find((one) => one === name) ??
      fail(`Expected one of ${[...FLAGS_BY_WORD.keys()].join(", ")}`);
    return { of: "page", pages: ({ pages }) => pages[flag] };
  },
};

const mapping: Field = {
  operators: NAMES,
  about: 'name of a mapping: mapping == "*.so*", mapping ~ "redis|heap"; [anon] has none',
  condition(operator, [pattern], fail) {
    const matches = matching(operator, pattern, mappingNamePredicate, fail);
    return { of: "mapping", isMet: ({ name }) => matches(name) };
  },
};

const command: Field = {
  operators: NAMES,
  about: 'name of the process: command == "redis-*"',
  condition(operator, [pattern], fail) {
    const matches = matching(operator, pattern, globPredicate, fail);
    return { of: "snapshot", isMet: (snapshot) => matches(snapshot.process.command) };
  },
};

/** All fields, by name. */
export const FIELDS: ReadonlyMap<string, Field> = new Map(Object.entries({
  mapping,
  perms,
  size,
  address,
  page,
  reason,
  pid: ofSnapshot("process id: pid == 42", (snapshot) => snapshot.process.pid),
  command,
  time,
  snapshot: ofSnapshot("number of a snapshot, from 0: snapshot in 10..20", ({ index }) => index),
}));
