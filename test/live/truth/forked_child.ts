/**
 * A fork of the target, which writes to the addresses that it is given.
 *
 * @module
 */

import { MAP, PAGE, PROT } from "./constants.ts";
import { forkStub, vforkStub } from "./fork_stub.ts";
import { call, callCode, memoryAt } from "./target_calls.ts";

const SIGKILL = 9;
const WORD_BYTES = 8;

/** A page of our own; its address. */
function ownPage(): number {
  return call("mmap", 0, PAGE, PROT.readWrite, MAP.private | MAP.anonymous, -1, 0);
}

/** Where calls leave numbers, and take them from. */
const scratch = ownPage();

function ownCode(machineCode: Uint8Array): number {
  const code = ownPage();
  new Uint8Array(memoryAt(code, PAGE)).set(machineCode);
  call("mprotect", code, PAGE, PROT.readExecute);
  return code;
}

let code: number | undefined;

function pipe(): { from: number; to: number } {
  call("pipe", scratch);
  const [from, to] = new Int32Array(memoryAt(scratch, WORD_BYTES));
  return { from, to };
}

/** The child, until it is ended. */
export class ForkedChild {
  readonly pid: number;
  readonly #commands: number;
  readonly #answers: number;

  /** Forks. */
  constructor() {
    const [commands, answers] = [pipe(), pipe()];
    this.pid = callCode(code ??= ownCode(forkStub()), commands.from, answers.to);
    call("close", commands.from);
    call("close", answers.to);
    this.#commands = commands.to;
    this.#answers = answers.from;
  }

  /** Has it write the byte at this address, and waits until that is done. */
  write(address: number): void {
    new BigUint64Array(memoryAt(scratch, WORD_BYTES))[0] = BigInt(address);
    call("write", this.#commands, scratch, WORD_BYTES);
    if (call("read", this.#answers, scratch, 1) !== 1) throw new Error("The child has ended");
  }

  /** Ends it. */
  end(): void {
    call("kill", this.pid, SIGKILL);
    call("waitpid", this.pid, 0, 0);
    call("close", this.#commands);
    call("close", this.#answers);
  }
}

/** Has a child of vfork(2) write the byte at this address. */
export function writeFromVfork(address: number): void {
  const code = ownCode(vforkStub(address));
  call("waitpid", callCode(code, 0, 0), 0, 0);
  call("munmap", code, PAGE);
}
