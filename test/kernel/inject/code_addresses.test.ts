import { describe, expect, test } from "vitest";
import type { Vma } from "../../../lib/core/vma.ts";
import { findCode, hasCode } from "../../../lib/kernel/inject/code_addresses.ts";
import { x64 } from "../../../lib/kernel/inject/arch_x64.ts";
import { FakeMemory } from "../../helpers/fake_memory.ts";

const PAGE = 4096;
const CALL = [0x0f, 0x05, 0xc3];
const RETURN = [0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05];

const vma = (start: number, end: number, name: string, changes: Partial<Vma> = {}): Vma => ({
  ...{ start, end, perms: "r-xp", offsetPages: 0, device: "08:01", name },
  inode: name.startsWith("/") ? "7" : "0",
  ...changes,
});
const find = (memory: FakeMemory, vmas: readonly Vma[]) => findCode(memory, vmas, x64, PAGE);

describe("findCode()", () => {
  test("looks into the vdso first, then into the C library, then into the program", () => {
    const memory = new FakeMemory(0, 64 * PAGE);
    const vmas = [
      vma(1, 2, "/usr/bin/program"),
      vma(4, 5, "/usr/lib/libm.so.6"),
      vma(8, 9, "/usr/lib/libc.so.6"),
      vma(16, 17, "[vdso]", { inode: "0" }),
    ];
    for (const page of [1, 4, 8]) {
      memory.put(page * PAGE, [...CALL, ...RETURN]);
    }
    expect(find(memory, vmas)).toEqual({ call: 8 * PAGE, signalReturn: 8 * PAGE + 3 });
    memory.put(16 * PAGE + 5, CALL);
    expect(find(memory, vmas)).toEqual({ call: 16 * PAGE + 5, signalReturn: 8 * PAGE + 3 });
    memory.bytes.fill(0, 8 * PAGE, 9 * PAGE);
    expect(find(memory, vmas)).toEqual({ call: 16 * PAGE + 5, signalReturn: PAGE + 3 });
  });

  test("finds code that lies across two pieces", () => {
    const memory = new FakeMemory(0, 256 * PAGE);
    const at = 64 * PAGE + (1 << 18);
    memory.put(at - 1, CALL);
    memory.put(at + (1 << 18) - 8, RETURN);
    expect(find(memory, [vma(64, 256, "/bin/static")])).toEqual({
      call: at - 1,
      signalReturn: at + (1 << 18) - 8,
    });
  });

  test("takes either form of the code that returns", () => {
    const memory = new FakeMemory(0, 2 * PAGE);
    memory.put(PAGE, [...CALL, 0xb8, 0x0f, 0, 0, 0, 0x0f, 0x05]);
    expect(find(memory, [vma(1, 2, "/bin/static")])?.signalReturn).toBe(PAGE + 3);
  });

  test("takes the number of the call from the stack where no code returns from a handler", () => {
    const memory = new FakeMemory(0, 4 * PAGE);
    memory.put(PAGE, [...CALL, 0x41, 0x58, 0xc3]);
    const vmas = [vma(1, 2, "/bin/static"), vma(2, 3, "/bin/more")];
    const code = { call: PAGE, signalReturn: PAGE + 4, takesNumber: true };
    expect(find(memory, vmas)).toEqual(code);
    expect(hasCode(memory, code, x64)).toBe(true);
    memory.put(PAGE + 4, [0x59]);
    expect(hasCode(memory, code, x64)).toBe(false);
    memory.put(PAGE + 4, [0x58]);
    memory.put(2 * PAGE, RETURN);
    expect(find(memory, vmas)).toEqual({ call: PAGE, signalReturn: 2 * PAGE });
  });

  test.each([
    ["that the program made itself", vma(1, 2, "")],
    ["that cannot be run", vma(1, 2, "/bin/static", { perms: "r--p" })],
    ["that could be changed", vma(1, 2, "/bin/static", { perms: "rwxp" })],
    ["of the vsyscall page", vma(1, 2, "[vsyscall]")],
    ["that cannot be read", vma(5, 6, "/bin/static")],
  ])("passes over code %s", (_, passedOver) => {
    const memory = new FakeMemory(0, 2 * PAGE);
    memory.put(PAGE, [...CALL, ...RETURN]);
    expect(find(memory, [vma(1, 2, "/bin/static")])).toBeDefined();
    expect(find(memory, [passedOver])).toBeUndefined();
  });
});

test("hasCode() sees that a process has replaced what it runs", () => {
  const memory = new FakeMemory(0, 2 * PAGE);
  memory.put(PAGE, [...CALL, ...RETURN]);
  const code = find(memory, [vma(1, 2, "/bin/static")])!;
  expect(hasCode(memory, code, x64)).toBe(true);
  memory.put(code.signalReturn + 3, [0x0e]);
  expect(hasCode(memory, code, x64)).toBe(false);
  memory.put(code.signalReturn + 3, [0x0f]);
  memory.put(code.call, [0]);
  expect(hasCode(memory, code, x64)).toBe(false);
});
