/**
 * The process that a recording is about: one that runs already, or a command that is started for it.
 *
 * @module
 */

import { spawn } from "node:child_process";

/** How a command ended: its exit code, or the signal that ended it. */
export type CommandEnd = number | NodeJS.Signals;

/** How long a command may take to end when it is asked to. */
const GRACE_MS = 2000;

/** A process to track. */
export interface Target {
  /** Undefined if it is a group. */
  readonly pid: number | undefined;
  /** Resolves when a command that was started has ended; never for a process that ran before. */
  readonly ended: Promise<CommandEnd>;
  /**
   * Ends the process if it was started for this recording, and reports how it ended; one that ran
   * before is left alone.
   */
  end(): Promise<CommandEnd | undefined>;
}

/**
 * Starts a command if there is one.
 *
 * @param isPiped the trace goes to standard output, and so what the command prints to standard error
 * @throws Error if the command cannot be started.
 */
export async function startTarget(
  pid: number | undefined,
  command: string[],
  isPiped = false,
): Promise<Target> {
  if (command.length === 0) {
    return { pid, ended: new Promise(() => {}), end: () => Promise.resolve(undefined) };
  }
  const child = spawn(command[0], command.slice(1), {
    stdio: ["inherit", isPiped ? 2 : "inherit", "inherit"],
  });
  const ended = new Promise<CommandEnd>((resolve) => {
    child.once("exit", (code, signal) => resolve(code ?? signal!));
  });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (cause) => {
      reject(new Error(`Cannot start ${command[0]}: ${cause.message}`, { cause }));
    });
  });
  return {
    pid: child.pid!,
    ended,
    async end() {
      const { pid } = child;
      // Not child.kill(): Deno's sends no second signal.
      const signal = (name: NodeJS.Signals) => {
        if (child.exitCode === null && child.signalCode === null) process.kill(pid!, name);
      };
      signal("SIGTERM");
      signal("SIGCONT"); // a stopped process gets no other signal
      const timer = setTimeout(signal, GRACE_MS, "SIGKILL");
      const end = await ended;
      clearTimeout(timer);
      return end;
    },
  };
}
