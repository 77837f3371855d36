/**
 * The processes that join and leave a group.
 *
 * @module
 */

import { isSameProcess } from "../core/process.ts";
import type { ProcessMember } from "../kernel/proc/process_groups.ts";
import type { AnnotationEvent, ExitEvent, ProcessFoundEvent } from "../trace/schema.ts";
import type { KernelAccess } from "./kernel_access.ts";
import { MissedProcesses } from "./missed_processes.ts";
import type { Member, ProcessGroup } from "./source.ts";

/** Keeps the members of one group from one look to the next. */
export class GroupMembers {
  readonly #kernel: Pick<KernelAccess, "members" | "shareMemory" | "programOf">;
  readonly #group: ProcessGroup;
  readonly #members = new Map<number, ProcessMember & Pick<Member, "wasFound">>();
  /** Those that could not be tracked, which are not tried again. */
  readonly #givenUp = new Map<number, ProcessMember & { readonly isAlive: boolean }>();
  readonly #missed: MissedProcesses;
  #isFirst = true;

  constructor(
    kernel: Pick<KernelAccess, "members" | "shareMemory" | "programOf">,
    group: ProcessGroup,
    missed = new MissedProcesses(undefined),
  ) {
    this.#kernel = kernel;
    this.#group = group;
    this.#missed = missed;
  }

  /**
   * Looks which processes are in the group.
   *
   * @param report called for each process that went, and then for each that came, since the last look
   */
  look(nowNs: () => number, report: (event: AnnotationEvent) => void): Member[] {
    const found = this.#missed.during(() =>
      this.#kernel.members(this.#group, [...this.#members.keys()])
    );
    for (const [pid, member] of this.#members) {
      if (found.some((one) => isSameProcess(one, member))) continue;
      this.#members.delete(pid);
      report(exitEvent(pid, nowNs()));
    }
    for (const [pid, member] of this.#givenUp) {
      if (found.some((one) => isSameProcess(one, member))) continue;
      this.#givenUp.delete(pid);
      if (member.isAlive) report(exitEvent(pid, nowNs()));
    }
    const wasFound = this.#isFirst;
    this.#isFirst = false;
    const isNew = new Set<number>();
    for (const { parentPid, ...known } of found) {
      const givenUp = this.#givenUp.get(known.pid);
      if (this.#members.has(known.pid) || (givenUp && isSameProcess(givenUp, known))) continue;
      // Its memory is its parent's until it executes a program, and is read there.
      if (this.#kernel.shareMemory(known.pid, parentPid)) continue;
      const program = this.#kernel.programOf?.(known.pid, known.command);
      const process = program === undefined ? known : { ...known, program };
      this.#members.set(process.pid, { ...process, parentPid, wasFound });
      isNew.add(process.pid);
      report({ type: wasFound ? "found" : "fork", process, parentPid, atNs: nowNs() });
    }
    return [...this.#members.values()].map(({ pid, wasFound }) => {
      return { pid, wasFound, isNew: isNew.has(pid) };
    });
  }

  /** All members, as they are recorded at the beginning of a file, with those that cannot be tracked. */
  found(atNs: number): ProcessFoundEvent[] {
    const untracked = [...this.#givenUp.values()].filter(({ isAlive }) => isAlive);
    return [...this.#members.values(), ...untracked].map(
      ({ pid, startTimeTicks, command, program, parentPid }) => {
        const known = { pid, startTimeTicks, command };
        const process = program === undefined ? known : { ...known, program };
        return { type: "found", process, parentPid, atNs };
      },
    );
  }

  /**
   * Removes a process that cannot be tracked, or no longer; false if it was not a member.
   *
   * @param isAlive true if it is still alive: then its end is reported later
   */
  drop(pid: number, isAlive: boolean): boolean {
    const member = this.#members.get(pid);
    if (member !== undefined) this.#givenUp.set(pid, { ...member, isAlive });
    return this.#members.delete(pid);
  }
}

function exitEvent(pid: number, atNs: number): ExitEvent {
  return { type: "exit", pid, reason: "process-exited", atNs };
}
