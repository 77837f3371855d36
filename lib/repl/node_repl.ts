/**
 * Node's own shell.
 *
 * @module
 */

import process from "node:process";
import { start } from "node:repl";
import { install } from "./install.ts";
import { NodeInterruption } from "./node_interruption.ts";
import type { SessionOptions } from "./session.ts";

/** Runs `node:repl` with `sd` in its context; it has top-level await and completion of its own. */
export async function startNodeRepl(
  options: SessionOptions,
  historyFile: string | undefined,
): Promise<number> {
  const context: Record<string, unknown> = {};
  const interruption = new NodeInterruption();
  install(context, options, interruption);
  // Elsewhere Ctrl-C ends the program, as it does others that read their lines from a file.
  const isTerminal = process.stdin.isTTY;
  const breakEvalOnSigint = isTerminal && await interruption.start();
  const shell = start({ prompt: "> ", breakEvalOnSigint });
  if (breakEvalOnSigint) interruption.watch(shell, endBroken);
  Object.assign(shell.context, context);
  return await new Promise((resolve) => {
    shell.once("exit", () => resolve(0));
    if (historyFile !== undefined) shell.setupHistory(historyFile, () => {});
  });
}

/**
 * A call was broken off in the middle. When this program ends, the kernel and the frame on its stack let
 * the target continue, which is tested for each step; nothing else is as sure.
 */
function endBroken(): void {
  console.error("softdirty: interrupted in the middle of a call; what was recorded is whole");
  process.exit(130);
}
