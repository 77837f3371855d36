/**
 * Stops the target while another tracker reads and clears.
 *
 * @module
 */

import type {
  ClearResult,
  ReadOptions,
  ReadResult,
  TakeResult,
  Tracker,
} from "../../core/tracker.ts";
import type { Freezer } from "./freezer.ts";

/** A tracker whose reads are one instant, and whose `take` loses nothing. */
export class FreezingTracker implements Tracker {
  readonly #inner: Tracker;
  readonly #freezer: Freezer;

  constructor(inner: Tracker, freezer: Freezer) {
    this.#inner = inner;
    this.#freezer = freezer;
  }

  get kind() {
    return this.#inner.kind;
  }

  get pageSizeBytes() {
    return this.#inner.pageSizeBytes;
  }

  prepare(pid: number): number {
    return this.#inner.prepare(pid);
  }

  clear(pid: number): ClearResult {
    const { result, stoppedNs } = this.#frozen(pid, () => this.#inner.clear(pid));
    return { ...result, stoppedNs };
  }

  read(pid: number, options?: ReadOptions): ReadResult {
    const { result, stoppedNs } = this.#frozen(pid, () => this.#inner.read(pid, options));
    return { ...result, stoppedNs };
  }

  take(pid: number, options?: ReadOptions): TakeResult {
    const { result, stoppedNs, isHeld } = this.#frozen(
      pid,
      () => this.#inner.take(pid, options),
    );
    return {
      ...result,
      observation: { ...result.observation, stoppedNs },
      unseenNs: isHeld ? 0 : result.unseenNs,
    };
  }

  release(pid: number): void {
    this.#freezer.release(pid);
    this.#inner.release(pid);
  }

  close(): void {
    this.#freezer.release();
    this.#inner.close();
  }

  /** What must be done while the target runs is done before it is stopped. */
  #frozen<T>(pid: number, action: () => T) {
    const preparedNs = this.#inner.prepare(pid);
    try {
      const frozen = this.#freezer.during(pid, action);
      return { ...frozen, stoppedNs: preparedNs + frozen.stoppedNs };
    } catch (error) {
      this.#freezer.release(pid); // it may be another process that has this pid next
      throw error;
    }
  }
}
