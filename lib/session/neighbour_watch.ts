/**
 * Looks at each process before it is tracked, and from time to time while it is: who else uses the bits
 * by which its writes are found.
 *
 * @module
 */

import type { TrackerKind } from "../core/snapshot.ts";
import type { TargetWarning } from "../core/target_warning.ts";
import { openedLaterWarning, ownUserfaultfdWarning } from "../kernel/preflight.ts";
import type { KernelAccess, TrackerOptions } from "./kernel_access.ts";

/** A process is looked at no more often than this while it is tracked. */
const INTERVAL_MS = 1000;
/** After a look, there is no other one for this multiple of its duration. */
const SHARE = 200;

/** What is known of a process. */
interface Known {
  lookedMs: number;
  /** The codes of the warnings that were given. */
  readonly given: Set<string>;
}

/** Keeps what was said of each process: each warning is given once. */
export class NeighbourWatch {
  readonly #kernel: Pick<KernelAccess, "preflight" | "opened">;
  readonly #options: TrackerOptions;
  readonly #nowMs: () => number;
  readonly #known = new Map<number, Known>();
  readonly #forks = new Set<number>();
  #restUntilMs = 0;

  constructor(
    kernel: Pick<KernelAccess, "preflight" | "opened">,
    options: TrackerOptions,
    nowMs: () => number = () => performance.now(),
  ) {
    this.#kernel = kernel;
    this.#options = options;
    this.#nowMs = nowMs;
  }

  /** A process that was forked by one that is tracked. */
  forked(pid: number): void {
    this.#forks.add(pid);
  }

  /**
   * Looks at a process that is about to be cleared, the first time only.
   *
   * @returns warnings to report once it was cleared
   * @throws ProcessError if it must not be tracked
   */
  before(tracker: TrackerKind, pid: number): readonly TargetWarning[] {
    if (this.#known.has(pid)) return [];
    const target = { pid, isOwnFork: this.#forks.has(pid) };
    const warnings = this.#kernel.preflight(tracker, target, this.#options);
    const given = new Set<string>(warnings.map(({ code }) => code));
    this.#known.set(pid, { lookedMs: this.#nowMs(), given });
    return warnings;
  }

  /** Looks at a process that is tracked, if it is time to. */
  during(tracker: TrackerKind, pid: number): readonly TargetWarning[] {
    const known = this.#known.get(pid);
    const startMs = this.#nowMs();
    if (known === undefined || startMs < this.#restUntilMs) return [];
    if (startMs - known.lookedMs < INTERVAL_MS) return [];
    const { pagemap, clearRefs, userfaultfd } = this.#kernel.opened(pid);
    known.lookedMs = startMs;
    this.#restUntilMs = startMs + SHARE * (this.#nowMs() - startMs);
    const found: TargetWarning[] = [];
    if (tracker === "uffd-wp" && pagemap) found.push(openedLaterWarning(pid, "pagemap"));
    else if (clearRefs) found.push(openedLaterWarning(pid, "clear_refs"));
    if (tracker === "uffd-wp" && userfaultfd) found.push(ownUserfaultfdWarning(pid, "opened"));
    const fresh = found.filter(({ code }) => !known.given.has(code));
    for (const { code } of fresh) known.given.add(code);
    return fresh;
  }

  /** The process executed another program: what it has open is looked at again. */
  replaced(pid: number): void {
    const known = this.#known.get(pid);
    if (known === undefined) return;
    known.lookedMs = -Infinity;
    known.given.clear();
  }

  /** Forgets a process. */
  release(pid: number): void {
    this.#known.delete(pid);
    this.#forks.delete(pid);
  }
}
