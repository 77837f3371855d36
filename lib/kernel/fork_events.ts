/**
 * Hears of each process that is forked on this machine, so that those that come and go unseen can be
 * counted: the kernel's process events connector (`Documentation/driver-api/connector.rst`,
 * `linux/cn_proc.h`). It is there for root, or from 6.6 on for all, outside of containers.
 *
 * @module
 */

import { endianness } from "node:os";
import {
  closeDescriptor,
  failedWith,
  mapAnonymous,
  type OwnMapping,
  systemCall,
} from "./system/libc.ts";

/** A process that another one started. */
export interface Fork {
  readonly parentPid: number;
  readonly pid: number;
}

const AF_NETLINK = 16;
const SOCK_DGRAM_NONBLOCK_CLOEXEC = 2 | 0o4000 | 0o2000000;
const NETLINK_CONNECTOR = 11;
const SOL_SOCKET = 1;
const SO_RCVBUFFORCE = 33;
/** Room for some ten thousand events. */
const RECEIVE_BYTES = 8 << 20;

const CN_IDX_PROC = 1;
const NLMSG_DONE = 3;
const LISTEN = 1;
const EVENT_NONE = 0;
const EVENT_FORK = 1;

/** Offsets in a message: `struct nlmsghdr`, `struct cn_msg`, `struct proc_event`. */
const OPERATION = 36;
const EVENT = 36;
const DATA = 52;

/** More than that since the last time are too many to be looked at while others wait. */
const MAX_EVENTS = 50_000;
const BUFFER_BYTES = 4096;

/** The numbers of the calls by architecture. */
const CALLS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  x64: { read: 0, write: 1, socket: 41, bind: 49, setsockopt: 54 },
  arm64: { read: 63, write: 64, socket: 198, bind: 200, setsockopt: 208 },
};

/** A connection to the kernel. */
export class ForkEvents {
  readonly #socket: number;
  readonly #memory: OwnMapping;
  readonly #view: DataView;
  #isComplete = true;

  private constructor(socket: number, memory: OwnMapping) {
    this.#socket = socket;
    this.#memory = memory;
    this.#view = new DataView(memory.bytes.buffer, memory.bytes.byteOffset, BUFFER_BYTES);
  }

  /** Begins to listen; undefined where that cannot be done, or is not allowed. */
  static open(): ForkEvents | undefined {
    if (CALLS[process.arch] === undefined || endianness() !== "LE") return undefined;
    let events: ForkEvents | undefined;
    try {
      const socket = call("socket", AF_NETLINK, SOCK_DGRAM_NONBLOCK_CLOEXEC, NETLINK_CONNECTOR);
      events = new ForkEvents(socket, mapAnonymous(BUFFER_BYTES));
      if (events.#listen()) return events;
    } catch {
      // It is a help, and not needed.
    }
    events?.close();
  }

  /** The processes that were forked since the last call; undefined if some of them were missed. */
  take(): Fork[] | undefined {
    const forks: Fork[] = [];
    for (let count = 0; this.#isComplete; count++) {
      const lengthBytes = this.#read();
      if (lengthBytes === 0) return this.#isComplete ? forks : undefined;
      if (count >= MAX_EVENTS) break;
      const view = this.#view;
      if (lengthBytes < DATA + 16 || view.getUint32(EVENT, true) !== EVENT_FORK) continue;
      const [parentPid, tid, pid] = [4, 8, 12].map((at) => view.getUint32(DATA + at, true));
      if (tid === pid) forks.push({ parentPid, pid }); // else it is a thread
    }
    this.#isComplete = false;
    return undefined;
  }

  /** Ends it. */
  close(): void {
    closeDescriptor(this.#socket);
    this.#memory.unmap();
  }

  /** True if the kernel answers that it will report forks: elsewhere than in the first pid namespace it says nothing. */
  #listen(): boolean {
    const { address } = this.#memory;
    const view = this.#view;
    view.setUint16(0, AF_NETLINK, true);
    view.setUint32(8, CN_IDX_PROC, true);
    call("bind", this.#socket, address, 12);
    view.setUint32(0, RECEIVE_BYTES, true);
    attempt(() => call("setsockopt", this.#socket, SOL_SOCKET, SO_RCVBUFFORCE, address, 4));
    this.#memory.bytes.fill(0, 0, OPERATION + 4);
    view.setUint32(0, OPERATION + 4, true);
    view.setUint16(4, NLMSG_DONE, true);
    view.setUint32(16, CN_IDX_PROC, true);
    view.setUint32(20, CN_IDX_PROC, true);
    view.setUint16(32, 4, true);
    view.setUint32(OPERATION, LISTEN, true);
    call("write", this.#socket, address, OPERATION + 4);
    for (let i = 0; i < MAX_EVENTS; i++) {
      const lengthBytes = this.#read();
      if (lengthBytes === 0) return false;
      const isAnswer = lengthBytes >= DATA + 4 && view.getUint32(EVENT, true) === EVENT_NONE;
      if (isAnswer) return view.getUint32(DATA, true) === 0;
    }
    return false;
  }

  /** The length of the next message; 0 if there is none. */
  #read(): number {
    try {
      return call("read", this.#socket, this.#memory.address, BUFFER_BYTES);
    } catch (error) {
      if (failedWith(error, "EAGAIN", "EWOULDBLOCK")) return 0;
      // ENOBUFS: the kernel had more to report than there was room for.
      this.#isComplete = false;
      return 0;
    }
  }
}

function call(name: string, ...parameters: readonly number[]): number {
  return systemCall(name, CALLS[process.arch][name], ...parameters);
}

function attempt(action: () => void): void {
  try {
    action();
  } catch {
    // Without the rights for it the room is as it is.
  }
}
