/**
 * Deno's own shell. It cannot be started from within a program, so it is run as a child that shares
 * the terminal and loads the bootstrap first.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CANNOT, SEEN } from "./deno_interruption.ts";
import type { SessionOptions } from "./session.ts";

/** How long a shell takes to see Ctrl-C, unless it is busy. */
const BUSY_MS = 1000;

/** Runs `deno repl` with `sd` as a global. */
export function startDenoRepl(
  options: SessionOptions,
  historyFile: string | undefined,
): Promise<number> {
  // A checkout has sources, a package what was built of them.
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const bootstrap = new URL(`./install_deno.${extension}`, import.meta.url).href;
  const code = `(await import(${JSON.stringify(bootstrap)})).installDeno(globalThis, ${
    JSON.stringify(options)
  })`;
  const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
  const configArgs = existsSync(config) ? ["--config", config] : [];
  const child = spawn(process.execPath, ["repl", "-A", "-q", ...configArgs, "--eval", code], {
    stdio: "inherit",
    env: {
      ...process.env,
      ...(historyFile === undefined ? {} : { DENO_REPL_HISTORY: historyFile }),
    },
  });
  const stop = endIfBusy(child);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      stop();
      resolve(code ?? (signal === "SIGKILL" ? 130 : 1));
    });
  });
}

/**
 * Ends a shell that runs code which does not wait, at the second Ctrl-C: it cannot see the first. Whatever
 * it tracks continues, which is tested by killing it at any moment.
 *
 * @returns what ends that
 */
function endIfBusy(child: ChildProcess): () => void {
  let isAsked = false;
  let timer: NodeJS.Timeout | undefined;
  const onSeen = () => {
    clearTimeout(timer);
    isAsked = false;
  };
  const onInterrupt = () => {
    if (isAsked) process.kill(child.pid!, "SIGKILL");
    clearTimeout(timer);
    timer = setTimeout(() => {
      isAsked = true;
      console.error(CANNOT);
    }, BUSY_MS);
  };
  process.on(SEEN, onSeen);
  process.on("SIGINT", onInterrupt);
  return () => {
    clearTimeout(timer);
    process.off(SEEN, onSeen);
    process.off("SIGINT", onInterrupt);
  };
}
