/**
 * A process that calls the C library as it is told: a JSON line on standard input for each step, a
 * JSON line as the answer.
 *
 * It writes through memset(3) and reads through strnlen(3), each of one byte, and not through arrays
 * of the runtime, so that nothing but the step itself touches the memory.
 *
 * @module
 */

import { createRequire } from "node:module";
import process from "node:process";
import { createInterface } from "node:readline";
import { forkStub } from "./fork_stub.ts";

const koffi = createRequire(import.meta.url)("koffi") as typeof import("koffi");
const library = koffi.load(null);

/** What may be called. Pointers are plain numbers. */
const CALLS = {
  mmap: "intptr_t mmap(intptr_t a, size_t n, int prot, int flags, int fd, int64_t offset)",
  munmap: "int munmap(intptr_t a, size_t n)",
  mremap: "intptr_t mremap(intptr_t a, size_t from, size_t to, int flags, intptr_t b)",
  mprotect: "int mprotect(intptr_t a, size_t n, int prot)",
  madvise: "int madvise(intptr_t a, size_t n, int advice)",
  mlock: "int mlock(intptr_t a, size_t n)",
  msync: "int msync(intptr_t a, size_t n, int flags)",
  sbrk: "intptr_t sbrk(intptr_t n)",
  gettid: "int gettid()",
  prctl: "int prctl(int option, long a, long b, long c, long d)",
  memfd_create: "int memfd_create(str name, int flags)",
  ftruncate: "int ftruncate(int fd, int64_t n)",
  open: "int open(str path, int flags, int mode)",
  unlink: "int unlink(str path)",
  close: "int close(int fd)",
  pread: "long pread(int fd, intptr_t a, size_t n, int64_t offset)",
  pwrite: "long pwrite(int fd, intptr_t a, size_t n, int64_t offset)",
  pipe: "int pipe(intptr_t descriptors)",
  read: "long read(int fd, intptr_t a, size_t n)",
  write: "long write(int fd, intptr_t a, size_t n)",
  kill: "int kill(int pid, int signal)",
  waitpid: "int waitpid(int pid, intptr_t status, int options)",
  memset: "intptr_t memset(intptr_t a, int byte, size_t n)",
  strnlen: "size_t strnlen(intptr_t a, size_t n)",
} as const;

/** A function of the C library. */
export type CallName = keyof typeof CALLS;

/** One step. Addresses are of bytes. */
export type Step =
  | { do: "call"; name: CallName; args: Array<number | string> }
  /** Writes the byte at each address. */
  | { do: "write"; addresses: number[] }
  /** Reads the byte at each address. */
  | { do: "look"; addresses: number[] }
  /** Forks a child that does nothing until it is told; the result is its pid. */
  | { do: "fork" }
  /** Has the child write the byte at each address. */
  | { do: "childWrite"; addresses: number[] }
  /** Ends the child. */
  | { do: "endChild" };

/** What a step came to: the result of a call, or the name of the error number. */
export type Answer = { result: number } | { errno: string };

const functions = new Map(
  Object.entries(CALLS).map(([name, signature]) => [name, library.func(signature)]),
);

const STUB = koffi.proto("int stub(int commands, int answers)");

class Failed extends Error {}

function call(name: CallName, ...args: Array<number | string>): number {
  const result = functions.get(name)!(...args) as number;
  if (result !== -1) return result;
  const { errno } = koffi.os;
  const number = koffi.errno();
  throw new Failed(Object.keys(errno).find((key) => errno[key] === number) ?? `errno ${number}`);
}

const PAGE = 4096;
const PROT_READ_WRITE = 3;
const PROT_READ_EXEC = 5;
const MAP_PRIVATE_ANONYMOUS = 0x22;
const SIGKILL = 9;

interface Child {
  readonly pid: number;
  readonly commands: number;
  readonly answers: number;
}

let child: Child | undefined;

/** Memory for the code of the child, and for what goes through its pipes. */
const page = () => call("mmap", 0, PAGE, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0);
const memoryAt = (address: number) => new Uint8Array(koffi.view(address, PAGE));
let scratch = 0;
let code = 0;

function pipe(): { from: number; to: number } {
  call("pipe", scratch);
  const [from, to] = new Int32Array(memoryAt(scratch).buffer, 0, 2);
  return { from, to };
}

function fork(): number {
  if (code === 0) {
    [scratch, code] = [page(), page()];
    memoryAt(code).set(forkStub());
    call("mprotect", code, PAGE, PROT_READ_EXEC);
  }
  const [commands, answers] = [pipe(), pipe()];
  const pid = koffi.call(code, STUB, commands.from, answers.to);
  call("close", commands.from);
  call("close", answers.to);
  child = { pid, commands: commands.to, answers: answers.from };
  return pid;
}

function childWrite(addresses: readonly number[]): number {
  const words = new BigUint64Array(memoryAt(scratch).buffer, 0, 1);
  for (const address of addresses) {
    words[0] = BigInt(address);
    call("write", child!.commands, scratch, 8);
    if (call("read", child!.answers, scratch, 1) !== 1) throw new Error("The child has ended");
  }
  return 0;
}

function endChild(): number {
  call("kill", child!.pid, SIGKILL);
  call("waitpid", child!.pid, 0, 0);
  call("close", child!.commands);
  return call("close", child!.answers);
}

let writes = 0;

function take(step: Step): number {
  switch (step.do) {
    case "call":
      return call(step.name, ...step.args);
    case "write":
      writes++;
      for (const address of step.addresses) call("memset", address, 1 + writes % 255, 1);
      return 0;
    case "look":
      return step.addresses.reduce((sum, address) => sum + call("strnlen", address, 1), 0);
    case "fork":
      return fork();
    case "childWrite":
      return childWrite(step.addresses);
    case "endChild":
      return endChild();
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer: Answer;
  try {
    answer = { result: take(JSON.parse(line) as Step) };
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    answer = { errno: error.message };
  }
  console.log(JSON.stringify(answer));
}
