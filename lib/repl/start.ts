/**
 * Starts the shell of the runtime that this is.
 *
 * @module
 */

import { mkdirSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import type { SessionOptions } from "./session.ts";

/**
 * Runs the shell until the person leaves it.
 *
 * @returns the exit code
 */
export async function startRepl(options: SessionOptions): Promise<number> {
  if ("deno" in process.versions) {
    const { startDenoRepl } = await import("./deno_repl.ts");
    return startDenoRepl(options, historyFile("deno_history"));
  }
  const { startNodeRepl } = await import("./node_repl.ts");
  return startNodeRepl(options, historyFile("node_history"));
}

/** Where the lines that were typed are kept; undefined if there is no place for them. */
function historyFile(name: string): string | undefined {
  const state = process.env.XDG_STATE_HOME || join(process.env.HOME ?? "", ".local", "state");
  if (!isAbsolute(state)) return undefined;
  try {
    mkdirSync(join(state, "softdirty"), { recursive: true, mode: 0o700 });
    return join(state, "softdirty", name);
  } catch {
    return undefined;
  }
}
