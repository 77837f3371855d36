/**
 * Checks the arguments of the calls of `sd` before they do anything: an error at the prompt says what was
 * passed and what is expected, and is never an internal error of the language.
 *
 * @module
 */

import { ArgumentError } from "../core/errors.ts";
import {
  AMOUNT,
  COUNT,
  described,
  either,
  FILE,
  FLAG,
  FUNCTION,
  type Kind,
  listOf,
  MEASURABLE,
  NUMBER,
  options,
  PID,
  REMARK,
  SELECTION,
  SIGNAL,
  SNAPSHOT,
  TEXT,
} from "./argument_kinds.ts";

interface Parameter extends Kind {
  readonly name: string;
  readonly isOptional: boolean;
}

interface CallShape {
  readonly parameters: readonly Parameter[];
  /** It gives a promise, and so does its refusal. */
  readonly isAsync?: boolean | undefined;
}

const needed = (name: string, kind: Kind): Parameter => ({ ...kind, name, isOptional: false });
const optional = (name: string, kind: Kind): Parameter => ({ ...kind, name, isOptional: true });

const READ = { explain: FLAG };
const WATCH = {
  ...READ,
  intervalMs: either(AMOUNT, FUNCTION),
  fromStart: FLAG,
  children: FLAG,
  cgroup: TEXT,
  count: AMOUNT,
  durationMs: AMOUNT,
  onFailure: FUNCTION,
  signal: SIGNAL,
};

/** The parameters of a measure, with the options that it has besides `where`. */
const measure = (own: Readonly<Record<string, Kind>> = {}): CallShape => ({
  parameters: [
    optional("what", MEASURABLE),
    optional("options", options({ where: SELECTION, ...own })),
  ],
});

const reading: CallShape = {
  parameters: [optional("pid", PID), optional("options", options(READ))],
};

/** What each call takes. */
export const CALL_SHAPES = {
  clear: { parameters: [optional("pid", PID)] },
  read: reading,
  take: reading,
  diff: { parameters: [needed("before", SNAPSHOT), needed("after", SNAPSHOT)] },
  filter: { parameters: [needed("snapshot", SNAPSHOT), needed("how", SELECTION)] },
  mark: { parameters: [needed("text", REMARK)] },
  probe: { parameters: [] },
  open: { parameters: [needed("file", FILE)] },
  wait: {
    parameters: [needed("durationMs", NUMBER), optional("options", options({ signal: SIGNAL }))],
    isAsync: true,
  },
  act: { parameters: [needed("action", FUNCTION)], isAsync: true },
  watch: { parameters: [optional("pid", PID), optional("options", options(WATCH))] },
  close: { parameters: [] },
  rate: measure({ total: FLAG }),
  wss: measure({ total: FLAG }),
  heat: measure({ rows: COUNT, columns: COUNT }),
  hot: measure({ limit: COUNT }),
  byMapping: measure({ total: FLAG }),
  phases: measure(),
  compare: {
    parameters: [
      needed("before", MEASURABLE),
      needed("after", MEASURABLE),
      optional("options", options({ where: SELECTION })),
    ],
  },
  "plan.migrate": measure({ bytesPerSecond: NUMBER, maxDowntimeNs: NUMBER, total: FLAG }),
  "plan.checkpoint": measure({
    intervalsNs: listOf(NUMBER),
    bytesPerSecond: NUMBER,
    failureNs: NUMBER,
    total: FLAG,
  }),
  "plan.fork": measure({ durationNs: NUMBER }),
} as const satisfies Record<string, CallShape>;

/** The name of a call, as in `plan.fork`. */
export type CallName = keyof typeof CALL_SHAPES;

/**
 * The same call, that refuses what it cannot take. What can be left out can be null as well.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const wait = checked("wait", (durationMs: number) => Promise.resolve(durationMs));
 * await assert.rejects(wait("1s" as never), {
 *   message: 'sd.wait(durationMs, options?): durationMs is the text "1s"; expected a number',
 * });
 * ```
 */
export function checked<A extends unknown[], R>(
  name: CallName,
  call: (...args: A) => R,
): (...args: A) => R {
  const { parameters, isAsync = false }: CallShape = CALL_SHAPES[name];
  return (...given) => {
    try {
      const args = given.map((value, i) => parameters[i]?.isOptional ? value ?? undefined : value);
      for (const [i, parameter] of parameters.entries()) {
        const fault = faultOf(parameter, args[i], i < given.length);
        if (fault !== undefined) throw refusal(name, parameters, fault, args[i]);
      }
      return call(...args as A);
    } catch (error) {
      if (isAsync) return Promise.reject(error) as R;
      throw error;
    }
  };
}

/** What is wrong with an argument, if anything. */
function faultOf(parameter: Parameter, value: unknown, isGiven: boolean): string | undefined {
  const { name, expected, is, fault, isOptional } = parameter;
  if (value === undefined && isOptional || is(value)) return undefined;
  const found = isGiven ? described(value) : "missing";
  return fault?.(value) ?? `${name} is ${found}; expected ${expected}`;
}

function refusal(
  name: CallName,
  parameters: readonly Parameter[],
  fault: string,
  value: unknown,
): ArgumentError {
  const names = parameters.map(({ name, isOptional }) => isOptional ? `${name}?` : name);
  const first = parameters[0];
  const isOptions = first.isOptional && parameters[1] !== undefined && value !== null &&
    typeof value === "object" && !first.is(value) && parameters[1].is(value);
  return new ArgumentError(
    `sd.${name}(${names.join(", ")}): ${fault}`,
    isOptions ? `Options come second, as in sd.${name}(undefined, { ... })` : "",
  );
}
