/**
 * The processes of a session that live and are not tracked: what they write is in no snapshot.
 *
 * @module
 */

import { hasEnded, type ProcessError } from "../core/errors.ts";
import { isSameProcess, type ProcessIdentity } from "../core/process.ts";

/** A process, and why it is not tracked. */
export interface UntrackedMember {
  readonly process: ProcessIdentity;
  /** The `code` of the error. */
  readonly reason: string;
  /** The error in words. */
  readonly message: string;
}

/** Number of ended processes that are kept; the others are only counted. */
const MAX_ENDED = 100;

/** Collects them. */
export class UntrackedMembers {
  readonly #living = new Map<number, UntrackedMember>();
  readonly #ended: UntrackedMember[] = [];
  #endedCount = 0;

  /** Those that live, as far as is known. */
  get living(): readonly UntrackedMember[] {
    return [...this.#living.values()];
  }

  /** All that were not tracked again: those that live, and some of those that ended. */
  get all(): readonly UntrackedMember[] {
    return [...this.#ended, ...this.#living.values()];
  }

  /** How many of these there are. */
  get count(): number {
    return this.#endedCount + this.#living.size;
  }

  /**
   * A call on a process failed.
   *
   * @returns undefined if that says that it ended, or was known
   */
  failed(process: ProcessIdentity, error: ProcessError): UntrackedMember | undefined {
    const { code: reason, message } = error;
    if (hasEnded(reason)) return undefined;
    const known = this.#living.get(process.pid);
    if (known?.reason === reason && isSameProcess(known.process, process)) return undefined;
    const member = { process, reason, message };
    this.#living.set(process.pid, member);
    return member;
  }

  /** A call on a process did not fail. */
  tracked(pid: number): void {
    this.#living.delete(pid);
  }

  /** A process was found to have ended. */
  ended(pid: number): void {
    const member = this.#living.get(pid);
    if (member === undefined) return;
    this.#living.delete(pid);
    this.#endedCount++;
    if (this.#ended.length < MAX_ENDED) this.#ended.push(member);
  }
}
