/**
 * The machine code of a forked child. A runtime of many threads does not live through a fork, so the
 * child runs none of it: it reads addresses from a pipe, adds 1 to the byte at each, and says so.
 *
 * @module
 */

import process from "node:process";

/** `int stub(int commands, int answers)` for x86-64: what it returns is the pid of the child. */
const X64 = [
  [0x55], //                             push rbp
  [0x53], //                             push rbx
  [0x89, 0xfd], //                       mov ebp, edi        commands
  [0x89, 0xf3], //                       mov ebx, esi        answers
  [0xb8, 57, 0, 0, 0], //                mov eax, fork
  [0x0f, 0x05], //                       syscall
  [0x85, 0xc0], //                       test eax, eax
  [0x74, 0x03], //                       jz child
  [0x5b], //                             pop rbx
  [0x5d], //                             pop rbp
  [0xc3], //                             ret
  [0xb8, 157, 0, 0, 0], //        child: mov eax, prctl
  [0xbf, 1, 0, 0, 0], //                 mov edi, PR_SET_PDEATHSIG
  [0xbe, 9, 0, 0, 0], //                 mov esi, SIGKILL
  [0x0f, 0x05], //                       syscall
  [0x48, 0x83, 0xec, 16], //             sub rsp, 16
  [0x31, 0xc0], //                again: xor eax, eax        read
  [0x89, 0xef], //                       mov edi, ebp
  [0x48, 0x89, 0xe6], //                 mov rsi, rsp
  [0xba, 8, 0, 0, 0], //                 mov edx, 8
  [0x0f, 0x05], //                       syscall
  [0x48, 0x83, 0xf8, 8], //              cmp rax, 8
  [0x75, 0x19], //                       jne done
  [0x48, 0x8b, 0x0c, 0x24], //           mov rcx, [rsp]
  [0xfe, 0x01], //                       inc byte ptr [rcx]
  [0xb8, 1, 0, 0, 0], //                 mov eax, write
  [0x89, 0xdf], //                       mov edi, ebx
  [0x48, 0x89, 0xe6], //                 mov rsi, rsp
  [0xba, 1, 0, 0, 0], //                 mov edx, 1
  [0x0f, 0x05], //                       syscall
  [0xeb, 0xd3], //                       jmp again
  [0xb8, 231, 0, 0, 0], //         done: mov eax, exit_group
  [0x31, 0xff], //                       xor edi, edi
  [0x0f, 0x05], //                       syscall
];

/**
 * `int stub()`: a child of vfork(2), which has the memory of its parent, adds 1 to the byte at an address
 * and exits. It leaves the stack alone, which is its parent's too.
 */
export function vforkStub(address: number): Uint8Array {
  if (process.arch !== "x64") throw new Error(`There is no code of vfork for ${process.arch}`);
  const bytes = new Uint8Array(new BigUint64Array([BigInt(address)]).buffer);
  return Uint8Array.from([
    [0xb8, 58, 0, 0, 0], //              mov eax, vfork
    [0x0f, 0x05], //                     syscall
    [0x85, 0xc0], //                     test eax, eax
    [0x74, 0x01], //                     jz child
    [0xc3], //                           ret
    [0x48, 0xb9, ...bytes], //    child: mov rcx, address
    [0xfe, 0x01], //                     inc byte ptr [rcx]
    [0xb8, 60, 0, 0, 0], //              mov eax, exit
    [0x31, 0xff], //                     xor edi, edi
    [0x0f, 0x05], //                     syscall
  ].flat());
}

/** The code for this machine. */
export function forkStub(): Uint8Array {
  if (process.arch !== "x64") throw new Error(`The forked child has no code for ${process.arch}`);
  return Uint8Array.from(X64.flat());
}
