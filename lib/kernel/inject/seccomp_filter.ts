/**
 * What seccomp filters answer to a call: classic BPF over a `struct seccomp_data`, as seccomp(2) and
 * the kernel's `Documentation/userspace-api/seccomp_filter.rst` describe them.
 *
 * The programs are another process's, and nothing is taken for granted. Whatever cannot be evaluated
 * counts as a filter that kills.
 *
 * @module
 */

/** What a filter can answer, in the order of seccomp(2): the most restrictive first. */
const ACTIONS = [
  ["KILL_PROCESS", 0x8000_0000],
  ["KILL_THREAD", 0],
  ["TRAP", 0x0003_0000],
  ["ERRNO", 0x0005_0000],
  ["USER_NOTIF", 0x7fc0_0000],
  ["TRACE", 0x7ff0_0000],
  ["LOG", 0x7ffc_0000],
  ["ALLOW", 0x7fff_0000],
] as const;

/** What a filter answers. */
export type SeccompAction = typeof ACTIONS[number][0];

/** The rest is data for the tracer. */
const ACTION_MASK = 0xffff_0000;

/** Bytes of a `struct sock_filter`: code, two jump offsets, and a constant. */
const INSTRUCTION_BYTES = 8;
/** BPF_MAXINSNS: the kernel takes no longer program. */
const MAX_INSTRUCTIONS = 4096;
const MEMORY_WORDS = 16;

/** Words of a `struct seccomp_data`: number, architecture, instruction pointer, six parameters. */
const DATA_WORDS = 16;
const PARAMETERS_AT = 4;

/** A `struct seccomp_data` in 32-bit words. Of those that are undefined nothing is known. */
export type SeccompData = readonly (number | undefined)[];

/** A call as filters see it. A parameter that is undefined, or not given, is not known. */
export function seccompData(
  auditArch: number,
  call: number,
  ...parameters: readonly (number | undefined)[]
): SeccompData {
  const words = new Array<number | undefined>(DATA_WORDS).fill(undefined);
  [words[0], words[1]] = [call, auditArch];
  parameters.forEach((parameter, i) => {
    if (parameter === undefined) return;
    words[PARAMETERS_AT + 2 * i] = parameter >>> 0;
    words[PARAMETERS_AT + 2 * i + 1] = Math.floor(parameter / 2 ** 32);
  });
  return words;
}

/**
 * What a thread with these filters gets for a call.
 *
 * @param filters each an array of `struct sock_filter`, little-endian
 */
export function seccompAction(filters: readonly Uint8Array[], data: SeccompData): SeccompAction {
  const ranks = filters.map((filter) => rankOf(run(filter, data)));
  return ACTIONS[Math.min(...ranks, ACTIONS.length - 1)][0];
}

/** The kernel kills for an answer that it does not know, too. */
function rankOf(answer: number | undefined): number {
  if (answer === undefined) return 0;
  return Math.max(0, ACTIONS.findIndex(([, value]) => value === (answer & ACTION_MASK) >>> 0));
}

/** Codes of instructions, `linux/bpf_common.h`; the kernel takes no others from a filter. */
const LD_IMM = 0x00;
const LD_ABS = 0x20;
const LD_MEM = 0x60;
const LD_LEN = 0x80;
const LDX_IMM = 0x01;
const LDX_MEM = 0x61;
const LDX_LEN = 0x81;
const ST = 0x02;
const STX = 0x03;
const CLASS = 0x07;
const CLASS_ALU = 0x04;
const RET_K = 0x06;
const RET_A = 0x16;
const TAX = 0x07;
const TXA = 0x87;
/** In codes of ALU and JMP: the other operand is X instead of the constant. */
const SOURCE_X = 0x08;
const JUMP_ALWAYS = 0x05;

/** What a program returns; undefined if that cannot be said. */
function run(program: Uint8Array, data: SeccompData): number | undefined {
  const count = program.length / INSTRUCTION_BYTES;
  if (!Number.isInteger(count) || count > MAX_INSTRUCTIONS) return undefined;
  const view = new DataView(program.buffer, program.byteOffset, program.length);
  const memory = new Array<number | undefined>(MEMORY_WORDS).fill(undefined);
  // Registers and memory may hold what is not known, as long as nothing depends on it.
  let a: number | undefined = 0;
  let x: number | undefined = 0;
  // Jumps lead forward alone, so it ends.
  for (let i = 0; i < count; i++) {
    const at = i * INSTRUCTION_BYTES;
    const code = view.getUint16(at, true);
    const k = view.getUint32(at + 4, true);
    const operand: number | undefined = (code & SOURCE_X) === 0 ? k : x;
    if (code === RET_K) return k;
    else if (code === RET_A) return a;
    else if (code === LD_ABS) a = k % 4 === 0 ? data[k / 4] : undefined;
    else if (code === LD_IMM) a = k;
    else if (code === LD_MEM) a = memory[k];
    else if (code === LD_LEN) a = DATA_WORDS * 4;
    else if (code === LDX_IMM) x = k;
    else if (code === LDX_MEM) x = memory[k];
    else if (code === LDX_LEN) x = DATA_WORDS * 4;
    else if (code === TAX) x = a;
    else if (code === TXA) a = x;
    else if (code === ST && k < MEMORY_WORDS) memory[k] = a;
    else if (code === STX && k < MEMORY_WORDS) memory[k] = x;
    else if (code === JUMP_ALWAYS) i += k;
    else if (a === undefined || operand === undefined) return undefined;
    else if ((code & CLASS) === CLASS_ALU) {
      if ((code & ~SOURCE_X) === DIV && operand === 0) return 0; // the kernel ends it so
      const result: number | undefined = ALU[code & ~SOURCE_X]?.(a, operand);
      if (result === undefined) return undefined;
      a = result >>> 0;
    } else {
      const isSo = JUMPS[code & ~SOURCE_X]?.(a, operand);
      if (isSo === undefined) return undefined;
      i += view.getUint8(at + (isSo ? 2 : 3));
    }
  }
  return undefined;
}

const DIV = 0x34;

/** By the code; results are taken modulo 2 ** 32. */
const ALU: Readonly<Record<number, (a: number, operand: number) => number>> = {
  0x04: (a, operand) => a + operand,
  0x14: (a, operand) => a - operand,
  0x24: Math.imul,
  [DIV]: (a, operand) => a / operand,
  0x44: (a, operand) => a | operand,
  0x54: (a, operand) => a & operand,
  0x64: (a, operand) => a << operand,
  0x74: (a, operand) => a >>> operand,
  0x84: (a) => -a,
  0xa4: (a, operand) => a ^ operand,
};

const JUMPS: Readonly<Record<number, (a: number, operand: number) => boolean>> = {
  0x15: (a, operand) => a === operand,
  0x25: (a, operand) => a > operand,
  0x35: (a, operand) => a >= operand,
  0x45: (a, operand) => (a & operand) !== 0,
};
