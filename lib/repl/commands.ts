/**
 * The calls of `sd`: the one table that help is made from.
 *
 * @module
 */

import { formatTable } from "../report/table.ts";
import type { Sd } from "../session/sd.ts";

interface Call {
  readonly name: keyof Sd | "help";
  readonly usage: string;
  readonly does: string;
}

/** Each member of `sd`, in the order in which a person meets it. */
export const CALLS: readonly Call[] = [
  { name: "clear", usage: "sd.clear(pid)", does: "forget what was written until now" },
  { name: "read", usage: "sd.read(pid)", does: "what was written since the last clear" },
  { name: "take", usage: "sd.take(pid)", does: "read and clear, in one step if it can be" },
  { name: "diff", usage: "sd.diff(a, b)", does: "what changed from one snapshot to another" },
  {
    name: "filter",
    usage: `sd.filter(a, "size >= 2MiB")`,
    does: "a part of a snapshot",
  },
  { name: "mark", usage: `sd.mark("text")`, does: "put a remark into the trace" },
  {
    name: "watch",
    usage: "sd.watch(pid, { count: 5 })",
    does: "for await: wait, take, again and again",
  },
  { name: "wait", usage: "await sd.wait(100)", does: "wait 100 ms; a replay returns at once" },
  { name: "act", usage: "await sd.act(() => ...)", does: "act on the target; a replay does not" },
  { name: "open", usage: "sd.open(file).at(3)", does: "read any snapshot of any trace" },
  { name: "rate", usage: "sd.rate(file)", does: "how fast memory is dirtied, and where" },
  { name: "wss", usage: "sd.wss(file)", does: "the writable working set" },
  { name: "heat", usage: "sd.heat(file)", does: "time × address, drawn" },
  { name: "hot", usage: "sd.hot(file)", does: "the pages that are written most often" },
  { name: "byMapping", usage: "sd.byMapping(file)", does: "what was done to each mapping" },
  { name: "phases", usage: "sd.phases(file)", does: "when it changes how it writes" },
  { name: "compare", usage: "sd.compare(before, after)", does: "two traces of one program" },
  {
    name: "plan",
    usage: "sd.plan.migrate(file)",
    does: "a forecast; also sd.plan.checkpoint, sd.plan.fork",
  },
  { name: "probe", usage: "sd.probe()", does: "what this kernel was proven to do" },
  { name: "pid", usage: "sd.pid", does: "the process meant when no pid is given" },
  { name: "tracePath", usage: "sd.tracePath", does: "the trace that is written, or replayed" },
  { name: "help", usage: "sd.help()", does: "this list" },
  { name: "close", usage: "sd.close()", does: "end the session" },
];

/** The table as text. */
export function helpText(): string {
  return formatTable(
    [{ heading: "call", align: "left" }, { heading: "what it does", align: "left" }],
    CALLS.map((call) => [call.usage, call.does]),
  );
}
