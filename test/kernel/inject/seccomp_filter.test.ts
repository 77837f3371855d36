import { describe, expect, test } from "vitest";
import { seccompAction, seccompData } from "../../../lib/kernel/inject/seccomp_filter.ts";
import {
  and,
  ARCH_AT,
  forCalls,
  highAt,
  type Instruction,
  jumpIfEqual,
  load,
  lowAt,
  NR_AT,
  POINTER_AT,
  program,
  RET,
  ret,
} from "../../helpers/seccomp_programs.ts";

const X64 = 0xc000_003e;
const I386 = 0x4000_0003;
const READ = 0;
const WRITE = 1;
const CLONE = 56;
const USERFAULTFD = 323;

const actionOf = (filter: Uint8Array, call = READ, ...parameters: (number | undefined)[]) =>
  seccompAction([filter], seccompData(X64, call, ...parameters));

/** Some instructions, and then a comparison of A with what is expected. */
function expectA(k: number, ...instructions: readonly Instruction[]): void {
  const filter = program(...instructions, jumpIfEqual(k, 0, 1), ret(RET.ALLOW), ret(RET.TRAP));
  expect(actionOf(filter)).toBe("ALLOW");
}

const LEN: Instruction = [0x80, 0, 0, 0];
const TAX: Instruction = [0x07, 0, 0, 0];
const TXA: Instruction = [0x87, 0, 0, 0];
const setA = (k: number): Instruction => [0x00, 0, 0, k];
const setX = (k: number): Instruction => [0x01, 0, 0, k];

describe("seccompAction()", () => {
  test("of a list that allows some calls and kills for all others", () => {
    const filter = program(
      load(ARCH_AT),
      jumpIfEqual(X64, 0, 4),
      load(NR_AT),
      [0x35, 2, 0, 0x4000_0000], // the numbers of x32
      jumpIfEqual(READ, 2, 0),
      jumpIfEqual(WRITE, 1, 0),
      ret(RET.KILL_PROCESS),
      ret(RET.ALLOW),
    );
    expect(actionOf(filter, READ)).toBe("ALLOW");
    expect(actionOf(filter, WRITE)).toBe("ALLOW");
    expect(actionOf(filter, USERFAULTFD)).toBe("KILL_PROCESS");
    expect(actionOf(filter, READ + 0x4000_0000)).toBe("KILL_PROCESS");
    expect(seccompAction([filter], seccompData(I386, READ))).toBe("KILL_PROCESS");
  });

  test("of one that lets some calls fail with an error number", () => {
    const filter = forCalls([USERFAULTFD], RET.ERRNO | 1, RET.ALLOW);
    expect([READ, USERFAULTFD].map((call) => actionOf(filter, call))).toEqual(["ALLOW", "ERRNO"]);
  });

  test("of one that looks at flags, in both halves of the parameter", () => {
    const NAMESPACES = 0x7e02_0000;
    const filter = program(
      load(NR_AT),
      jumpIfEqual(CLONE, 0, 5),
      load(highAt(0)),
      jumpIfEqual(0, 0, 4),
      load(lowAt(0)),
      and(NAMESPACES),
      jumpIfEqual(0, 0, 1),
      ret(RET.ALLOW),
      ret(RET.ERRNO),
    );
    expect(actionOf(filter, CLONE, 0x14900)).toBe("ALLOW");
    expect(actionOf(filter, CLONE, 0x1000_0000)).toBe("ERRNO");
    expect(actionOf(filter, CLONE, 0x1_0001_4900)).toBe("ERRNO");
    expect(actionOf(filter, READ, 0x1000_0000)).toBe("ALLOW");
  });

  test("is the most restrictive one of several filters, whichever comes first", () => {
    const names = Object.keys(RET) as (keyof typeof RET)[];
    names.forEach((name, i) =>
      names.slice(i).forEach((other) => {
        const filters = [program(ret(RET[name])), program(ret(RET[other] | 7))];
        expect(seccompAction(filters, seccompData(X64, READ))).toBe(name);
        expect(seccompAction(filters.reverse(), seccompData(X64, READ))).toBe(name);
      })
    );
  });

  test("is to allow it without a filter", () => {
    expect(seccompAction([], seccompData(X64, READ))).toBe("ALLOW");
  });

  test("is to kill for an answer that there is not", () => {
    expect(actionOf(program(ret(0x0006_0000)))).toBe("KILL_PROCESS");
  });

  test("computes with 32 bits", () => {
    expectA(1, setA(0xffff_ffff), [0x04, 0, 0, 2]);
    expectA(0xffff_ffff, setA(1), [0x14, 0, 0, 2]);
    expectA(0xffff_fffe, setA(0xffff_ffff), [0x24, 0, 0, 2]);
    expectA(1, setA(0xffff_ffff), [0x24, 0, 0, 0xffff_ffff]);
    expectA(0x7fff_ffff, setA(0xffff_ffff), [0x34, 0, 0, 2]);
    expectA(0xff00_00ff, setA(0xff00_0000), [0x44, 0, 0, 0xff]);
    expectA(0x8000_0000, setA(0xff00_0000), and(0x8000_0000));
    expectA(0x8000_0000, setA(0xffff_ffff), [0x64, 0, 0, 31]);
    expectA(1, setA(0xffff_ffff), [0x74, 0, 0, 31]);
    expectA(0xffff_ffff, setA(1), [0x84, 0, 0, 0]);
    expectA(0xf0f0_f0f0, setA(0xffff_ffff), [0xa4, 0, 0, 0x0f0f_0f0f]);
  });

  test("computes with X, and compares with it", () => {
    expectA(12, setA(5), setX(7), [0x0c, 0, 0, 0]);
    expectA(35, setA(5), setX(7), [0x2c, 0, 0, 0]);
    expectA(0, setA(5), setX(5), [0xac, 0, 0, 0]);
    expectA(7, setX(7), TXA);
    expectA(9, setA(9), TAX, setA(0), TXA);
    const compare = (code: number, a: number, x: number) =>
      actionOf(program(setA(a), setX(x), [code, 0, 1, 0], ret(RET.ALLOW), ret(RET.ERRNO)));
    const [JEQ, JGT, JGE, JSET] = [0x1d, 0x2d, 0x3d, 0x4d];
    const BIG = 0xffff_ffff; // as unsigned numbers
    expect([compare(JEQ, 3, 3), compare(JEQ, 3, 4)]).toEqual(["ALLOW", "ERRNO"]);
    expect([compare(JGT, BIG, 1), compare(JGT, 3, 3)]).toEqual(["ALLOW", "ERRNO"]);
    expect([compare(JGE, 3, 3), compare(JGE, 1, BIG)]).toEqual(["ALLOW", "ERRNO"]);
    expect([compare(JSET, BIG, 0x8000_0000), compare(JSET, 6, 1)]).toEqual(["ALLOW", "ERRNO"]);
  });

  test("keeps words in its memory", () => {
    const [ST, LD_MEM, STX, LDX_MEM] = [0x02, 0x60, 0x03, 0x61];
    expectA(5, setA(5), [ST, 0, 0, 15], setA(0), [LD_MEM, 0, 0, 15]);
    expectA(6, setX(6), [STX, 0, 0, 0], setX(0), [LDX_MEM, 0, 0, 0], TXA);
  });

  test("knows the length of a struct seccomp_data", () => {
    expectA(64, LEN);
    expectA(64, [0x81, 0, 0, 0], TXA);
  });

  test("jumps over any distance, and returns what it computed", () => {
    const JUMP = 0x05;
    const skipped = new Array<Instruction>(1000).fill(ret(RET.TRAP));
    expect(actionOf(program([JUMP, 0, 0, 1000], ...skipped, ret(RET.LOG)))).toBe("LOG");
    expect(actionOf(program(setA(RET.TRACE), [0x16, 0, 0, 0]))).toBe("TRACE");
  });

  test("is to kill the thread if a filter divides by an X of 0, as in the kernel", () => {
    expect(actionOf(program(setA(1), setX(0), [0x3c, 0, 0, 0], ret(RET.ALLOW)))).toBe(
      "KILL_THREAD",
    );
  });

  test("is to kill if it depends on what is not known, and only then", () => {
    const depends = (at: number) =>
      program(load(at), jumpIfEqual(0, 0, 1), ret(RET.ALLOW), ret(RET.ALLOW));
    expect(actionOf(depends(POINTER_AT))).toBe("KILL_PROCESS");
    expect(actionOf(depends(lowAt(1)), READ, 1)).toBe("KILL_PROCESS");
    expect(actionOf(depends(lowAt(0)), READ, undefined, 1)).toBe("KILL_PROCESS");
    expect(actionOf(depends(lowAt(1)), READ, undefined, 1)).toBe("ALLOW");
    expect(actionOf(program(load(lowAt(5)), TAX, ret(RET.ALLOW)))).toBe("ALLOW");
    expect(actionOf(program(load(lowAt(5)), [0x16, 0, 0, 0]))).toBe("KILL_PROCESS");
  });

  test.each<[string, Uint8Array]>([
    ["is empty", program()],
    ["has no end", program(setA(1))],
    ["jumps beyond its end", program([0x05, 0, 0, 0xffff_ffff], ret(RET.ALLOW))],
    ["has half an instruction", program(ret(RET.ALLOW), ret(RET.ALLOW)).subarray(0, 12)],
    ["is longer than the kernel takes", program(...new Array(4097).fill(ret(RET.ALLOW)))],
    ["has an unknown instruction", program([0x28, 0, 0, 0], ret(RET.ALLOW))],
    ["has an unknown operation", program([0x94, 0, 0, 3], ret(RET.ALLOW))],
    ["has an unknown jump", program([0x55, 0, 0, 3], ret(RET.ALLOW))],
    ["reads between two words", program(load(2), and(0), ret(RET.ALLOW))],
    ["reads beyond the data", program(load(64), and(0), ret(RET.ALLOW))],
    ["reads memory that it did not write", program([0x60, 0, 0, 3], and(0), ret(RET.ALLOW))],
    ["writes beyond its memory", program([0x02, 0, 0, 16], ret(RET.ALLOW))],
  ])("is to kill for a program that %s", (_, filter) => {
    expect(actionOf(filter)).toBe("KILL_PROCESS");
  });

  test("of a program as long as the kernel takes", () => {
    const filter = program(...new Array(4095).fill(and(1)), ret(RET.ALLOW));
    expect(actionOf(filter)).toBe("ALLOW");
  });
});
