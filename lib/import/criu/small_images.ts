/**
 * The few facts that other images of a dump hold: `inventory.img`, `core-PID.img`, `stats-dump`.
 *
 * @module
 */

import { wellFormed } from "../../core/plain_text.ts";
import { onlyEntry } from "./image.ts";
import { exactNumber, readMessage, textOf } from "./message.ts";

/** `inventory.img`: what a dump says of itself. */
export interface Inventory {
  /**
   * Microseconds since boot, in steps of 10 ms, at the end of the time in which the processes stood
   * still. CRIU writes it where it tracks memory; null if it did not.
   */
  readonly uptimeUs: number | null;
  /** True if it was a pre-dump, which has no images but those of pages. */
  readonly isPreDump: boolean;
  /** True if it was a pre-dump that left memory out which the process may not read. */
  readonly leavesUnreadable: boolean;
}

/** `dump_uptime` is field 8, `pre_dump_mode` field 9: 1 splices pages, 2 reads them. */
export function parseInventory(image: Uint8Array): Inventory {
  let uptimeUs: number | null = null;
  let mode = 0;
  readMessage(onlyEntry(image, "inventory"), {
    numbers: {
      8: (reader) => uptimeUs = exactNumber(reader),
      9: (reader) => mode = reader.uint32(),
    },
  });
  return { uptimeUs, isPreDump: mode !== 0, leavesUnreadable: mode === 2 };
}

/** `core-PID.img`: a process. */
export interface Core {
  /** At most 15 bytes. */
  readonly command: string;
  /** As Node's `process.arch` names it. */
  readonly arch: string;
}

const ARCHES = ["unknown", "x64", "arm", "arm64", "ppc64", "s390x"];

/** `mtype` is field 1; `tc`, field 3, has `comm` as its field 6. */
export function parseCore(image: Uint8Array): Core {
  let [command, machine] = ["", 0];
  readMessage(onlyEntry(image, "core"), {
    numbers: { 1: (reader) => machine = reader.uint32() },
    bytes: {
      3: (task) => readMessage(task, { bytes: { 6: (comm) => command = textOf(comm) } }),
    },
  });
  return { command: wellFormed(command.slice(0, 15)), arch: ARCHES[machine] ?? "unknown" };
}

/** `frozen_time` of `stats-dump`, in microseconds: how long the processes were stopped. */
export function parseFrozenUs(image: Uint8Array): number {
  let frozenUs = 0;
  readMessage(onlyEntry(image, "stats"), {
    bytes: {
      1: (dump) => readMessage(dump, { numbers: { 2: (reader) => frozenUs = reader.uint32() } }),
    },
  });
  return frozenUs;
}
