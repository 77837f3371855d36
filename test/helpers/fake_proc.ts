/**
 * A /proc root in a temporary folder, for parsers and error paths. That tracking works is proven on
 * real kernels only (`test/live/`).
 *
 * @module
 */

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Vma } from "../../lib/core/vma.ts";
import { formatAddress } from "../../lib/core/address.ts";

/** A thread beside the first one. */
export interface FakeThread {
  readonly tid: number;
  readonly state?: string;
}

/** One process of a fake root. */
export interface FakeProcess {
  readonly pid: number;
  readonly command?: string;
  readonly state?: string;
  readonly parentPid?: number;
  readonly flags?: number;
  readonly startTimeTicks?: number;
  readonly maps?: string;
  /** Pagemap entries from page 0 on; by default there is one, as of a process that has memory. */
  readonly pagemap?: BigUint64Array;
  readonly smaps?: string;
  readonly residentPages?: number;
  /** The process that this is a thread of, if it is one. */
  readonly threadGroupId?: number;
  /** What its descriptors stand for, from 0 on. */
  readonly descriptors?: readonly string[];
  /** Its other threads. */
  readonly threads?: readonly FakeThread[];
  /** More fields of `status`. */
  readonly status?: Readonly<Record<string, string | number>>;
}

/** A fake root that is removed with {@linkcode FakeProc.remove}. */
export class FakeProc {
  readonly root = mkdtempSync(join(tmpdir(), "softdirty-proc-"));

  constructor() {
    mkdirSync(join(this.root, "self"));
    writeFileSync(
      join(this.root, "self/auxv"),
      new Uint8Array(new BigUint64Array([6n, 4096n, 0n, 0n]).buffer),
    );
    mkdirSync(join(this.root, "sys/kernel"), { recursive: true });
    writeFileSync(join(this.root, "sys/kernel/osrelease"), "6.1.0-fake\n");
  }

  /** Adds a process, or replaces one. */
  put(process: FakeProcess): void {
    const folder = join(this.root, String(process.pid));
    rmSync(join(folder, "task"), { recursive: true, force: true });
    mkdirSync(join(folder, "task", String(process.pid)), { recursive: true });
    // A process whose memory is held open keeps it, though its first thread shows none any more.
    const isHeld = process.threads !== undefined && process.state === "Z";
    if (isHeld) rmSync(join(folder, "pagemap"), { force: true });
    this.#fill(folder, process);
    for (const { tid, state = "S" } of process.threads ?? []) {
      // The files of each thread show the memory that all have; those of one that has ended, nothing.
      const hasEnded = state === "Z";
      this.#fill(join(folder, "task", String(tid)), {
        ...{ ...process, pid: tid, state, threadGroupId: process.pid },
        ...hasEnded ? { maps: "", pagemap: new BigUint64Array(0) } : {},
      });
    }
    if (isHeld) {
      writeFileSync(join(folder, "maps"), "");
      writeFileSync(join(folder, "pagemap"), "");
    }
  }

  #fill(folder: string, process: FakeProcess): void {
    const { pid, command = "fake", state = "S", flags = 0, startTimeTicks = 7 } = process;
    mkdirSync(folder, { recursive: true });
    const zeros = (count: number) => Array(count).fill(0).join(" ");
    writeFileSync(
      join(folder, "stat"),
      `${pid} (${command}) ${state} ${process.parentPid ?? 0} ${zeros(4)} ${flags} ${
        zeros(12)
      } ${startTimeTicks} 0 ${process.residentPages ?? 0} ${zeros(28)}\n`,
    );
    writeFileSync(join(folder, "maps"), process.maps ?? "");
    writeFileSync(
      join(folder, "pagemap"),
      new Uint8Array((process.pagemap ?? new BigUint64Array(1)).buffer),
    );
    writeFileSync(join(folder, "clear_refs"), "");
    writeFileSync(join(folder, "smaps"), process.smaps ?? "");
    writeFileSync(join(folder, "statm"), `9 ${process.residentPages ?? 1} 0 0 0 0 0\n`);
    const fields = { Name: command, Tgid: process.threadGroupId ?? pid, ...process.status };
    const lines = Object.entries(fields).map(([name, value]) => `${name}:\t${value}\n`);
    writeFileSync(join(folder, "status"), lines.join(""));
    writeFileSync(join(folder, "mem"), "");
    rmSync(join(folder, "fd"), { recursive: true, force: true });
    mkdirSync(join(folder, "fd"));
    (process.descriptors ?? []).forEach((target, fd) =>
      symlinkSync(target, join(folder, "fd", String(fd)))
    );
  }

  /** Sets what `sysctl` would. */
  set(name: string, value: string): void {
    const file = join(this.root, "sys", name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${value}\n`);
  }

  /** Ends a process. */
  end(pid: number): void {
    rmSync(join(this.root, String(pid)), { recursive: true });
  }

  /** Removes the root. */
  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** A line of maps. */
export function mapsLine(vma: Partial<Vma> & Pick<Vma, "start" | "end">): string {
  const address = (page: number) => formatAddress(page, 4096);
  const { perms = "rw-p", device = "00:00", inode = "0", name = "" } = vma;
  const offset = address(vma.offsetPages ?? 0);
  return `${address(vma.start)}-${
    address(vma.end)
  } ${perms} ${offset} ${device} ${inode}  ${name}\n`;
}
