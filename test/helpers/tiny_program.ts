/**
 * Programs of some bytes, without any library: they count in memory, and check that their registers are
 * as they left them. Linux runs them on x86-64.
 *
 * @module
 */

import { spawn } from "node:child_process";
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Where the code and the data are. */
const CODE = 0x400000;
const DATA = 0x600000;
const DATA_BYTES = 1 << 20;
const PAGE = 4096;

const bytes = (hex: string) =>
  Uint8Array.from(hex.match(/[0-9a-f]{2}/g)!, (two) => parseInt(two, 16));

/** Counts at DATA, sleeps for 5 ms, and ends with 99 if r12 or xmm7 is not as it was. */
const COUNT_64 = bytes(`
  48c7c300006000          mov $DATA, %rbx
  49bc8877665544332211    mov $0x1122334455667788, %r12
  66490f6efc              movq %r12, %xmm7
  48ff03                  loop: incq (%rbx)
  48c7434000000000        movq $0, 64(%rbx)
  48c74348404b4c00        movq $5000000, 72(%rbx)
  b823000000              mov $35, %eax
  488d7b40                lea 64(%rbx), %rdi
  31f6                    xor %esi, %esi
  0f05                    syscall
  66480f7ef8              movq %xmm7, %rax
  4c39e0                  cmp %r12, %rax
  750f                    jne bad
  48b98877665544332211    mov $0x1122334455667788, %rcx
  4c39e1                  cmp %r12, %rcx
  74c7                    je loop
  bf63000000              bad: mov $99, %edi
  b8e7000000              mov $231, %eax
  0f05                    syscall
`.replace(/^( *[0-9a-f]+).*$/gm, "$1"));

/** Starts another thread, which continues after this code, and ends the first one. */
const END_MAIN_THREAD = bytes(`
  bf000f0500              mov $0x50f00, %edi
  be00006800              mov $0x680000, %esi
  31d2                    xor %edx, %edx
  4531d2                  xor %r10d, %r10d
  4531c0                  xor %r8d, %r8d
  b838000000              mov $56, %eax
  0f05                    syscall
  85c0                    test %eax, %eax
  7409                    je behind
  31ff                    xor %edi, %edi
  b83c000000              mov $60, %eax
  0f05                    syscall
`.replace(/^( *[0-9a-f]+).*$/gm, "$1"));

/** The ends of two functions, as each C library has them: syscall; ret, and pop %rax; ret. */
const ENDS = bytes("0f05c358c3");

/** The same without the checks, in 32-bit code. */
const COUNT_32 = bytes(`
  be00006000              mov $DATA, %esi
  ff06                    loop: incl (%esi)
  c7464000000000          movl $0, 64(%esi)
  c74644404b4c00          movl $5000000, 68(%esi)
  b8a2000000              mov $162, %eax
  8d5e40                  lea 64(%esi), %ebx
  31c9                    xor %ecx, %ecx
  cd80                    int $0x80
  ebe2                    jmp loop
`.replace(/^( *[0-9a-f]+).*$/gm, "$1"));

/** What kinds there are. */
export const TINY_PROGRAMS = {
  /** No code that returns from a signal handler, but what can stand for it. */
  static: file(64, Uint8Array.of(...COUNT_64, ...ENDS)),
  /** The same, whose main thread has ended. */
  leaderless: file(64, Uint8Array.of(...END_MAIN_THREAD, ...COUNT_64, ...ENDS)),
  /** Neither of these codes. */
  bare: file(64, COUNT_64),
  "32-bit": file(32, COUNT_32),
} as const;

/** An ELF file of two segments. */
function file(bits: 32 | 64, code: Uint8Array): Uint8Array {
  const [headerBytes, entryBytes] = bits === 64 ? [64, 56] : [52, 32];
  const codeAt = headerBytes + 3 * entryBytes;
  const elf = new Uint8Array(codeAt + code.length);
  elf.set(code, codeAt);
  const view = new DataView(elf.buffer);
  let at = 0;
  const put = (...fields: readonly (readonly [size: number, value: number])[]) => {
    for (const [size, value] of fields) {
      if (size === 2) view.setUint16(at, value, true);
      else view.setUint32(at, value, true);
      at += size;
    }
  };
  const word = bits / 8;
  elf.set([0x7f, 0x45, 0x4c, 0x46, bits / 32, 1, 1]);
  at = 16;
  put([2, 2], [2, bits === 64 ? 62 : 3], [4, 1]);
  put([word, CODE + codeAt], [word, headerBytes], [word, 0], [4, 0]);
  put([2, headerBytes], [2, entryBytes], [2, 3], [2, 0], [2, 0], [2, 0]);
  const segment = (
    type: number,
    flags: number,
    address: number,
    inFile: number,
    inMemory: number,
  ) => {
    const sizes = [[word, address], [word, address], [word, inFile], [word, inMemory]] as const;
    if (bits === 64) put([4, type], [4, flags], [8, 0], ...sizes, [8, PAGE]);
    else put([4, type], [4, 0], ...sizes, [4, flags], [4, PAGE]);
  };
  segment(1, 5, CODE, elf.length, elf.length);
  segment(1, 6, DATA, 0, DATA_BYTES);
  segment(0x6474e551, 6, 0, 0, 0); // the stack holds no code
  return elf;
}

/** Writes the program of a kind into a folder. */
export function writeTiny(kind: keyof typeof TINY_PROGRAMS, folder: string): string {
  const path = join(folder, "tiny");
  writeFileSync(path, TINY_PROGRAMS[kind], { mode: 0o755 });
  return path;
}

/** A running one. */
export interface TinyProgram {
  readonly pid: number;
  /** Throws unless it counts. */
  check(): Promise<void>;
  end(): Promise<void>;
}

/**
 * Starts one.
 *
 * @throws Error if this machine cannot run it
 */
export async function startTiny(kind: keyof typeof TINY_PROGRAMS): Promise<TinyProgram> {
  const folder = mkdtempSync(join(tmpdir(), "softdirty-tiny-"));
  const path = writeTiny(kind, folder);
  const child = spawn(path, [], { stdio: "ignore" });
  const exit = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  try {
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", reject);
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
  const stat = () => readFileSync(`/proc/${child.pid}/stat`, "utf8");
  while (kind === "leaderless" && !/\) Z /.test(stat())) await sleep(5);
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  const count = () => {
    // The last of its threads lives; the first one shows nothing once it has ended.
    const tid = readdirSync(`/proc/${child.pid}/task`).map(Number).sort((a, b) => a - b).at(-1);
    const memory = openSync(`/proc/${child.pid}/task/${tid}/mem`, "r");
    try {
      const value = new Uint32Array(1);
      readSync(memory, new Uint8Array(value.buffer), 0, 4, DATA);
      return value[0];
    } finally {
      closeSync(memory);
    }
  };
  const hasCounted = () => {
    try {
      return count() > 0;
    } catch {
      return false;
    }
  };
  // The kernel closes the descriptors of the runtime late, after it has put the program in place.
  while (isRunning() && !hasCounted()) await sleep(1);
  return {
    pid: child.pid!,
    async check() {
      const before = count();
      while (count() < before + 3) {
        if (!isRunning()) {
          throw new Error(`The program ended with ${child.exitCode ?? child.signalCode}`);
        }
        await sleep(5);
      }
    },
    async end() {
      child.kill("SIGKILL");
      await exit;
    },
  };
}
