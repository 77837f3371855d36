/**
 * What of a process must be the same before and after.
 *
 * @module
 */

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";

/** Threads with their signals, and descriptors. */
export interface ProcessView {
  readonly threads: Readonly<Record<string, string>>;
  readonly descriptors: Readonly<Record<string, string>>;
}

const FIELDS = [
  "TracerPid",
  "SigBlk",
  "SigIgn",
  "SigCgt",
  "Seccomp",
  "NoNewPrivs",
];
const TIMEOUT_MS = 20_000;

/** How it stands now. */
export function viewOf(pid: number): ProcessView {
  const threads = readdirSync(`/proc/${pid}/task`).map((tid) =>
    [tid, threadView(readFileSync(`/proc/${pid}/task/${tid}/status`, "utf8"))] as const
  );
  // The first thread shows none once it has ended.
  const [tid = pid] = threads.flatMap(([tid, view]) => view.startsWith("runs") ? [tid] : []);
  const folder = `/proc/${pid}/task/${tid}/fd`;
  const descriptors = readdirSync(folder).map((file) =>
    [file, readlinkSync(join(folder, file))] as const
  );
  return { threads: Object.fromEntries(threads), descriptors: Object.fromEntries(descriptors) };
}

/** A thread's signals, and whether it is stopped: which of the other states it is in changes. */
function threadView(status: string): string {
  const field = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, "m").exec(status)?.[1] ?? "";
  const state = /^[RSDI]/.test(field("State")) ? "runs" : field("State");
  return [state, ...FIELDS.map((name) => `${name} ${field(name)}`)].join(", ");
}

/**
 * How it stands once it is as it was before. A thread of it that was let go an instant ago needs a
 * moment to end, and longer where all processors are busy.
 */
export async function settledView(pid: number, before: ProcessView): Promise<ProcessView> {
  const endMs = performance.now() + TIMEOUT_MS;
  for (;;) {
    const view = attempt(pid);
    if (isDeepStrictEqual(view, before)) return before;
    if (performance.now() > endMs) return view ?? viewOf(pid);
    await sleep(2);
  }
}

/** Undefined if a thread or descriptor went while it was looked at. */
function attempt(pid: number): ProcessView | undefined {
  try {
    return viewOf(pid);
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}
