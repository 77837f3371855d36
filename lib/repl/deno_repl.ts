/**
 * Deno's own shell. It cannot be started from within a program, so it is run as a child that shares
 * the terminal and loads the bootstrap first.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { SessionOptions } from "./session.ts";

/** Runs `deno repl` with `sd` as a global. */
export function startDenoRepl(
  options: SessionOptions,
  historyFile: string | undefined,
): Promise<number> {
  const bootstrap = new URL("./install.ts", import.meta.url).href;
  const code = `(await import(${JSON.stringify(bootstrap)})).install(globalThis, ${
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
  const ignore = () => {};
  process.on("SIGINT", ignore);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => {
      process.off("SIGINT", ignore);
      resolve(code ?? 1);
    });
  });
}
