/**
 * Runs a user's script with `sd` as a global.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { SoftdirtyError } from "../core/errors.ts";
import { openSession, type SessionOptions } from "./session.ts";

/**
 * Imports the script, and calls its default export if that is a function: `(sd, args) => ...`.
 *
 * @param args what stands after the script's name in `process.argv`
 * @throws SoftdirtyError that names the place in the script, if the script fails
 */
export async function runScript(
  script: string,
  args: readonly string[],
  options: SessionOptions,
): Promise<void> {
  const path = resolve(script);
  if (!existsSync(path)) throw new SoftdirtyError("script-failed", `There is no script ${script}`);
  const sd = openSession(options);
  (globalThis as Record<string, unknown>).sd = sd;
  process.argv.splice(1, Infinity, path, ...args);
  try {
    // In two parts: `deno publish` warns of an import of which it knows nothing.
    const place = pathToFileURL(path).href.slice("file://".length);
    const module: { default?: unknown } = await import(`file://${place}`);
    if (typeof module.default === "function") await module.default(sd, args);
  } catch (cause) {
    const code = cause instanceof SoftdirtyError ? cause.code : "script-failed";
    throw new SoftdirtyError(code, explain(script, path, cause), "", { cause });
  } finally {
    sd.close();
  }
}

/** The message of a script's error with the line it comes from, and no other part of the stack. */
function explain(script: string, path: string, cause: unknown): string {
  if (!(cause instanceof Error)) return `${script} threw ${String(cause)}`;
  if ((cause as NodeJS.ErrnoException).code === "ERR_UNKNOWN_FILE_EXTENSION") {
    return `This Node cannot run TypeScript: ${script}. Use Deno, Node 22.18 or newer, or JavaScript`;
  }
  const url = pathToFileURL(path).href;
  const line = cause.stack?.split("\n").find((line) => line.includes(url) || line.includes(path));
  const place = line === undefined ? undefined : /:(\d+:\d+)\)?$/.exec(line)?.[1];
  const what = cause instanceof SoftdirtyError ? cause.message : `${cause.name}: ${cause.message}`;
  return `${script}${place === undefined ? "" : `:${place}`}: ${what}`;
}
