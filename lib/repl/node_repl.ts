/**
 * Node's own shell.
 *
 * @module
 */

import { start } from "node:repl";
import { install } from "./install.ts";
import type { SessionOptions } from "./session.ts";

/** Runs `node:repl` with `sd` in its context; it has top-level await and completion of its own. */
export function startNodeRepl(
  options: SessionOptions,
  historyFile: string | undefined,
): Promise<number> {
  const context: Record<string, unknown> = {};
  install(context, options);
  const shell = start({ prompt: "> " });
  Object.assign(shell.context, context);
  return new Promise((resolve) => {
    shell.once("exit", () => resolve(0));
    if (historyFile !== undefined) shell.setupHistory(historyFile, () => {});
  });
}
