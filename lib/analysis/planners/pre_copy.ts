/**
 * Pre-copy live migration, replayed over recorded windows.
 *
 * @module
 */

import type { Recency } from "./recency.ts";
import {
  type RoundFacts,
  type StopContext,
  type StopReason,
  type StopRule,
  transferNs,
} from "./stop_rules.ts";
import type { Timeline } from "./timeline.ts";
import { power } from "../exact_math.ts";

/** A round of pre-copy; the last one is sent while the process is stopped. */
export interface PreCopyRound extends RoundFacts {
  /**
   * How long it would take to send this round's bytes at the rate of the round before: what is
   * estimated at its beginning, when its own rate is not known yet. 0 for the first round.
   */
  readonly estimatedDowntimeNs: number;
}

/** How a migration went. */
export interface PreCopyOutcome {
  /** The rule that ended the rounds. */
  readonly rule: StopRule["name"];
  /** While the process ran; `leftBytes` of the last one is sent after it was stopped. */
  readonly rounds: readonly PreCopyRound[];
  /** Why the process was stopped; `endless` if the rule never stops it. */
  readonly stopReason: StopReason;
  /** True if the process was stopped no longer than allowed. */
  readonly isWithinDowntime: boolean;
  /** Time for which the process was stopped. */
  readonly downtimeNs: number;
  /** With the downtime. */
  readonly totalNs: number;
  /** With what was sent in the downtime. */
  readonly sentBytes: number;
}

/** How long the last bytes take at the rate of the round before. */
function estimateDowntimeNs(bytes: number, before: RoundFacts | undefined): number {
  return before === undefined ? 0 : transferNs(bytes, before.bytesPerSecond);
}

/** What is asked for. */
export interface LinkOptions {
  /** Speed of the link. */
  readonly bytesPerSecond: number;
  /** Longest time for which the process is allowed to be stopped. */
  readonly maxDowntimeNs: number;
}

/** A migration under way. Windows are handed to it in their order, again and again until it is done. */
export class PreCopy {
  readonly #rule: StopRule;
  readonly #timeline: Timeline;
  readonly #link: LinkOptions;
  readonly #growth: number;
  readonly #memoryBytes: number;
  readonly #rounds: PreCopyRound[] = [];
  /** The window in which the round began, and how likely it is that one of its pages counts. */
  #first = { window: 0, chance: 1 };
  #toSend: number;
  #rate: number;
  #sentBytes = 0;
  #leftNs = 0;
  /** True if the round is longer than all windows: then each page that is ever dirty is so in it. */
  #isWhole = false;
  #isBeginning = true;
  #outcome: PreCopyOutcome | undefined;

  /**
   * @param memoryPages what there is to send first
   * @param growth of a window of which a share counts, each page does with a probability of
   *   `share ** growth`; the time line's own by default
   */
  constructor(
    rule: StopRule,
    timeline: Timeline,
    link: LinkOptions,
    memoryPages = timeline.memoryPages,
    growth = timeline.growth,
  ) {
    this.#rule = rule;
    this.#timeline = timeline;
    this.#link = link;
    this.#growth = growth;
    this.#memoryBytes = memoryPages * timeline.pageSizeBytes;
    this.#toSend = this.#memoryBytes;
    this.#rate = rule.firstBytesPerSecond(this.#context());
    this.#begin();
  }

  /** Undefined until it is done. */
  get outcome(): PreCopyOutcome | undefined {
    return this.#outcome;
  }

  /**
   * Continues through the current window.
   *
   * @param memoryPages number of pages that exist: some of those that were written may be gone
   */
  play(recency: Recency, durationNs: number, memoryPages = Infinity): void {
    let position = 0;
    while (this.#outcome === undefined && position < durationNs) {
      const step = Math.min(this.#leftNs, durationNs - position);
      const chance = power(step / durationNs, this.#growth);
      if (this.#isBeginning) {
        this.#first = { window: recency.index, chance };
        this.#isBeginning = false;
      }
      this.#leftNs -= step;
      position += step;
      if (this.#leftNs <= 0) this.#end(recency, step === 0 ? 0 : chance, memoryPages);
    }
  }

  #begin(): void {
    const ns = transferNs(this.#toSend, this.#rate);
    this.#isWhole = ns >= this.#timeline.durationNs;
    this.#leftNs = ns % this.#timeline.durationNs;
    this.#isBeginning = true;
  }

  /** @param lastChance how likely a page of the current window was written before the round's end */
  #end(recency: Recency, lastChance: number, memoryPages: number): void {
    const { everDirtyPages, pageSizeBytes } = this.#timeline;
    const { window, chance } = this.#first;
    const written = this.#isWhole ? everDirtyPages : recency.written(window, chance, lastChance);
    const dirtyPages = Math.min(written, memoryPages);
    const bytesPerSecond = this.#rate;
    const round: PreCopyRound = {
      number: this.#rounds.length,
      sentBytes: this.#toSend,
      durationNs: transferNs(this.#toSend, bytesPerSecond),
      bytesPerSecond,
      leftBytes: dirtyPages * pageSizeBytes,
      estimatedDowntimeNs: estimateDowntimeNs(this.#toSend, this.#rounds.at(-1)),
    };
    this.#rounds.push(round);
    this.#sentBytes += round.sentBytes;
    const context = this.#context();
    const stopReason = this.#rule.stop(round, context) ?? this.#repetition();
    if (stopReason !== undefined) return this.#stop(stopReason, round.leftBytes);
    this.#rate = this.#rule.nextBytesPerSecond(round, context);
    this.#toSend = round.leftBytes;
    this.#begin();
  }

  /** Two rounds that had all that is ever dirty, and were alike: by QEMU's rule so are all to come. */
  #repetition(): StopReason | undefined {
    const [before, last] = this.#rounds.slice(-2);
    const isRepeated = this.#rule.name === "qemu" && this.#isWhole &&
      before?.sentBytes === last?.sentBytes;
    return isRepeated ? "endless" : undefined;
  }

  #stop(stopReason: StopReason, leftBytes: number): void {
    const { bytesPerSecond, maxDowntimeNs } = this.#link;
    const downtimeNs = transferNs(leftBytes, bytesPerSecond);
    this.#outcome = {
      rule: this.#rule.name,
      rounds: this.#rounds,
      stopReason,
      isWithinDowntime: downtimeNs <= maxDowntimeNs,
      downtimeNs,
      totalNs: this.#rounds.reduce((sum, round) => sum + round.durationNs, downtimeNs),
      sentBytes: this.#sentBytes + leftBytes,
    };
  }

  #context(): StopContext {
    // Field by field: a copy of the link would take longer than the round.
    return {
      pageSizeBytes: this.#timeline.pageSizeBytes,
      memoryBytes: this.#memoryBytes,
      sentBytes: this.#sentBytes,
      maxDowntimeNs: this.#link.maxDowntimeNs,
      bytesPerSecond: this.#link.bytesPerSecond,
    };
  }
}
