/**
 * Which process has which pid. A pid may belong to another process from one call to the next.
 *
 * @module
 */

import { ProcessError } from "../../core/errors.ts";
import type { ProcessIdentity } from "../../core/process.ts";
import { AddressSpaces } from "./address_spaces.ts";
import { failedWith } from "../system/libc.ts";
import type { ProcFile } from "./proc_files.ts";
import type { ProcFs } from "./proc_fs.ts";

/** A process whose address space is held for a call. */
export interface HeldProcess {
  readonly process: ProcessIdentity;
  /** True if it executed another program since the last time. */
  readonly isReplaced: boolean;
  /** Of the address space that is held; it is not to be closed. */
  readonly pagemap: ProcFile;
}

/** Remembers the processes that a tracker was asked about. */
export class ProcessIdentities {
  readonly #proc: ProcFs;
  readonly #addressSpaces: AddressSpaces;
  readonly #startTimes = new Map<number, number>();
  readonly #programs = new Map<number, { command: string; program: string | undefined }>();

  constructor(proc: ProcFs) {
    this.#proc = proc;
    this.#addressSpaces = new AddressSpaces(proc);
  }

  /**
   * Does something with a process. If that fails because the process ended, or replaced its address
   * space, the error says so; it is one, too, if that happened and the action did not notice.
   *
   * @throws ProcessError
   */
  withProcess<T>(pid: number, action: (held: HeldProcess) => T): T {
    try {
      // The address space is held first: as long as it is there, the name and all that the action
      // finds is of one program.
      const isReplaced = this.#addressSpaces.hasExeced(pid);
      if (isReplaced) this.#programs.delete(pid);
      const pagemap = this.#addressSpaces.pagemap(pid);
      const result = action({ process: this.identify(pid), isReplaced, pagemap });
      this.assertHeld(pid);
      this.#addressSpaces.acknowledge(pid);
      return result;
    } catch (error) {
      if (!this.#startTimes.has(pid)) this.#addressSpaces.release(pid);
      this.identify(pid);
      throw failedWith(error, "ESRCH") ? this.#gone(pid, error) : error;
    }
  }

  /**
   * Makes sure that a process still has the address space that is held.
   *
   * @throws ProcessError
   */
  assertHeld(pid: number): void {
    if (!this.#addressSpaces.isAlive(pid)) throw this.#gone(pid);
  }

  /**
   * Names the process, and makes sure that it is the one that had this pid before.
   *
   * @throws ProcessError
   */
  identify(pid: number): ProcessIdentity {
    const known = this.#startTimes.get(pid);
    const { command, startTimeTicks } = this.#stat(pid, known !== undefined);
    if (known !== undefined && known !== startTimeTicks) {
      throw new ProcessError(
        "pid-reused",
        pid,
        `Pid ${pid} belongs to another process now (${command}); the one tracked before has exited`,
        "Start a new session to track the new one",
      );
    }
    if (known === undefined) this.#proc.assertIsProcess(pid);
    this.#startTimes.set(pid, startTimeTicks);
    const program = this.#programOf(pid, command);
    return { pid, startTimeTicks, command, ...program === undefined ? {} : { program } };
  }

  /** Read once for each program that it executes, and each name that it gives itself. */
  #programOf(pid: number, command: string): string | undefined {
    let known = this.#programs.get(pid);
    if (known?.command !== command) {
      known = { command, program: this.#proc.programOf(pid, command) };
      this.#programs.set(pid, known);
    }
    return known.program;
  }

  /** Forgets a process, or all. */
  release(pid?: number): void {
    this.#addressSpaces.release(pid);
    if (pid === undefined) this.#startTimes.clear();
    else this.#startTimes.delete(pid);
  }

  /** Why an address space is no more. A process that is about to end has none. */
  #gone(pid: number, cause?: unknown): ProcessError {
    const hasMemory = this.#proc.maps(pid, this.#proc.pageSizeBytes()).length > 0;
    return hasMemory ? replaced(pid, cause) : exited(pid, cause);
  }

  #stat(pid: number, isKnown: boolean) {
    try {
      return this.#proc.stat(pid);
    } catch (cause) {
      if (isKnown && cause instanceof ProcessError && isGone(cause)) throw exited(pid, cause);
      throw cause;
    }
  }
}

/** A process that was there has ended. */
export function exited(pid: number, cause?: unknown): ProcessError {
  return new ProcessError("process-exited", pid, `Process ${pid} has exited`, "", { cause });
}

/** A process executed another program while it was looked at. */
export function replaced(pid: number, cause?: unknown): ProcessError {
  return new ProcessError(
    "address-space-replaced",
    pid,
    `Process ${pid} replaced its address space (exec) just then`,
    "Clear and read again: every mapping is new",
    { cause },
  );
}

function isGone(error: ProcessError): boolean {
  return error.code === "no-such-process" || error.code === "zombie";
}
