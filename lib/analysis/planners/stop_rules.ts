/**
 * When pre-copy stops copying a process that runs, and how fast it sends.
 *
 * @module
 */

/** A round of pre-copy that is over. */
export interface RoundFacts {
  /** From 0: the round that sends all memory. */
  readonly number: number;
  /** Bytes sent in this round. */
  readonly sentBytes: number;
  /** How long the round took. */
  readonly durationNs: number;
  /** Speed at which the round was sent. */
  readonly bytesPerSecond: number;
  /** What was written meanwhile, and is left to send. */
  readonly leftBytes: number;
}

/** Why the process is stopped; `endless` if it never is. */
export type StopReason = "downtime" | "few-pages" | "rounds" | "sent" | "endless";

/** What a rule sees. */
export interface StopContext {
  /** Size of a page in bytes: the unit of all counts of pages beside it. */
  readonly pageSizeBytes: number;
  /** Size of the memory to migrate. */
  readonly memoryBytes: number;
  /** Of all rounds. */
  readonly sentBytes: number;
  /** Longest time for which the process is allowed to be stopped. */
  readonly maxDowntimeNs: number;
  /** Speed of the link. */
  readonly bytesPerSecond: number;
}

/** A rule: whether it stops after a round, and the rate of the next round. */
export interface StopRule {
  /** The program whose rule this is. */
  readonly name: "qemu" | "xen";
  /** Speed of the first round, which sends all memory. */
  firstBytesPerSecond(context: StopContext): number;
  /** Speed of the round after `round`. */
  nextBytesPerSecond(round: RoundFacts, context: StopContext): number;
  /** Undefined to continue. */
  stop(round: RoundFacts, context: StopContext): StopReason | undefined;
}

const NS_PER_SECOND = 1e9;
const BYTES_PER_MEGABIT = 125_000;

/** The time that it takes to send the bytes. */
export function transferNs(bytes: number, bytesPerSecond: number): number {
  return bytes / bytesPerSecond * NS_PER_SECOND;
}

/** A plan ends after this number of rounds, although QEMU would continue. */
const MOST_ROUNDS = 30;

/** QEMU: stop when what is left can be sent within the downtime that is allowed, at the rate measured. */
export const QEMU: StopRule = {
  name: "qemu",
  firstBytesPerSecond: ({ bytesPerSecond }) => bytesPerSecond,
  nextBytesPerSecond: (_, { bytesPerSecond }) => bytesPerSecond,
  stop({ number, leftBytes, bytesPerSecond }, { maxDowntimeNs }) {
    if (transferNs(leftBytes, bytesPerSecond) <= maxDowntimeNs) return "downtime";
    return number + 1 >= MOST_ROUNDS ? "endless" : undefined;
  },
};

/**
 * Xen's first live migration (C. Clark and others, "Live Migration of Virtual Machines", NSDI 2005; the
 * numbers are those of Xen's tools, `xc_domain_save`): it begins with 100 Mbit/s, and then sends 50 Mbit/s
 * faster than memory was written in the round before, up to the rate of the link, with which the last
 * round is sent. It stops when fewer than 50 pages are left, after 29 rounds, or when three times the
 * memory was sent.
 */
export const XEN: StopRule = {
  name: "xen",
  firstBytesPerSecond: ({ bytesPerSecond }) => Math.min(bytesPerSecond, 100 * BYTES_PER_MEGABIT),
  nextBytesPerSecond({ leftBytes, durationNs }, { bytesPerSecond }) {
    const dirtyRate = leftBytes / durationNs * NS_PER_SECOND;
    return Math.min(bytesPerSecond, dirtyRate + 50 * BYTES_PER_MEGABIT);
  },
  stop({ number, leftBytes }, { pageSizeBytes, memoryBytes, sentBytes }) {
    if (leftBytes < 50 * pageSizeBytes) return "few-pages";
    if (number + 1 >= 29) return "rounds";
    return sentBytes > 3 * memoryBytes ? "sent" : undefined;
  },
};
