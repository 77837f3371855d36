import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, SoftdirtyError } from "../../lib/core/errors.ts";
import { inspectable } from "../../lib/repl/printing.ts";
import { CALL_SHAPES, type CallName } from "../../lib/session/checked_calls.ts";
import { openReplay, type Sd } from "../../lib/session/sd.ts";
import { openLive } from "../helpers/open_live.ts";
import { drawnKernel } from "../helpers/drawn_kernel.ts";
import { recordingFile } from "../helpers/recordings.ts";

type AnyCall = (...args: unknown[]) => unknown;

function callOf(sd: Sd, name: CallName): AnyCall {
  const [first, second] = name.split(".");
  const found = sd[first as keyof Sd] as unknown as Record<string, AnyCall> & AnyCall;
  return second === undefined ? found : found[second];
}

const replay = () => openReplay(recordingFile("every7"));
const live = () =>
  openLive({ pid: 42, output: null, kernel: drawnKernel(["0 rw-p - Dp", "0 rw-p - DD"]) });

/** The error that a call ends with, however it reports it; of an iterator, that of its first step. */
async function errorOf(call: () => unknown): Promise<unknown> {
  try {
    const result = await call();
    const next = (result as AsyncGenerator | undefined)?.next;
    if (typeof next === "function") await next.call(result);
  } catch (error) {
    return error;
  }
}

const NAMES = Object.keys(CALL_SHAPES) as CallName[];

describe("an argument that a call cannot take is reported with what it can take", () => {
  const sd = replay();
  const snapshot = sd.open(recordingFile("every7")).at(0);
  test.each<[CallName, unknown[], RegExp]>([
    [
      "diff",
      [1],
      /^sd\.diff\(before, after\): before is the number 1; expected a snapshot, as from/,
    ],
    ["diff", [1, 2], /before is the number 1; expected a snapshot/],
    ["diff", [snapshot], /after is missing; expected a snapshot/],
    ["diff", [], /before is missing/],
    ["diff", [snapshot, undefined], /after is undefined; expected a snapshot/],
    ["watch", [{}], /pid is an empty object; expected a process id.*\. Options come second, as in/],
    ["watch", [{ count: 5 }], /Options come second, as in sd\.watch\(undefined, \{ \.\.\. \}\)/],
    ["watch", [1, { counts: 5 }], /there is no option counts here; there are .*count/],
    ["watch", [1, { count: "5" }], /count is the text "5"; expected a number from 0 on/],
    ["watch", [1, { intervalMs: -1 }], /intervalMs is the number -1; expected a number from 0/],
    ["wait", [1, { signal: {} }], /signal is an empty object; expected an AbortSignal/],
    ["watch", [1, { signal: {} }], /signal is an empty object; expected an AbortSignal/],
    ["read", ["42"], /pid is the text "42"; expected a process id, as in 42/],
    ["read", [-1], /pid is the number -1/],
    ["read", [1, { explain: 1 }], /explain is the number 1; expected true or false/],
    ["clear", [[1]], /pid is an array of 1/],
    ["open", [3], /file is the number 3; expected the name of a trace/],
    ["filter", [snapshot], /how is missing; expected an expression, as in "perms has w", cond/],
    ["filter", [snapshot, { perm: "w" }], /no option perm here; there are mapping, perms/],
    ["filter", [snapshot, { mapping: 5 }], /mapping is the number 5; expected a text, or a RegExp/],
    ["filter", ["perms has w"], /snapshot is the text "perms has w"; expected a snapshot/],
    ["wait", ["1s"], /durationMs is the text "1s"; expected a number/],
    ["act", [5], /action is the number 5; expected a function/],
    ["mark", [], /text is (missing|undefined); expected a text/],
    ["mark", [Symbol("x")], /text is a symbol/],
    ["compare", ["a"], /after is missing; expected a trace to measure/],
    ["hot", [undefined, { limit: "5" }], /limit is the text "5"; expected a whole number from 1/],
    ["plan.migrate", [undefined, { bytesPerSecond: "10Gbit" }], /bytesPerSecond is the text "10G/],
    [
      "plan.checkpoint",
      [undefined, { intervalsNs: [1, "2"] }],
      /intervalsNs is an array of 2; exp/,
    ],
    ["plan.fork", [undefined, { where: 5 }], /where is the number 5; expected an expression/],
  ])("sd.%s %#", async (name, args, message) => {
    for (const one of [sd, inspectable(sd)]) {
      const error = await errorOf(() => callOf(one, name)(...args));
      expect(error).toBeInstanceOf(ArgumentError);
      expect((error as Error).message).toMatch(message);
    }
  });
});

test("no argument makes a call fail with an error of the language", async () => {
  const names = NAMES.filter((name) => name !== "close");
  const value = fc.oneof(
    fc.anything({ withDate: true, withMap: true, withSet: true, withTypedArray: true }),
    fc.constantFrom<unknown>(Symbol("s"), () => 1, class {}, 10n, new Proxy({}, {})),
    fc.dictionary(
      fc.constantFrom("where", "count", "intervalMs", "limit", "rows", "perms", "cgroup", "signal"),
      fc.anything(),
    ),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...names),
      fc.array(value, { maxLength: 3 }),
      async (name, args) => {
        // What runs, or waits, for long is no question here.
        fc.pre(!(name === "wait" && typeof args[0] === "number" && args[0] > 1));
        fc.pre(!(name === "act" && typeof args[0] === "function"));
        for (const sd of [replay(), inspectable(replay()), live()]) {
          if (name === "watch" && sd.tracePath === undefined) continue;
          const error = await errorOf(() => callOf(sd, name)(...args));
          if (error !== undefined) expect(error).toBeInstanceOf(SoftdirtyError);
        }
      },
    ),
    { numRuns: 500 },
  );
});

test("what can be left out can be null", () => {
  expect(replay().clear(null as never).process.command).toBe("deno");
});
