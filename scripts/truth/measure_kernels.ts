/**
 * Runs the modes on a kernel: in a VM, or on the one of this machine.
 *
 * @module
 */

import { spawn } from "node:child_process";
import process from "node:process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { bootVm } from "../vm/boot_vm.ts";
import { columnsOf, type Measured, parseRows } from "./column.ts";

const MAIN = "test/live/truth/main.ts";
const SWAP_MIB = 128;
/** It takes a minute or two; on a busy machine several times as long. */
const TIMEOUT_SECONDS = 1800;
/** Of 2 MiB each: two for the mode about them, and none to spare for whom it is not meant. */
const HUGETLB_PAGES = 2;
/**
 * What root does before the modes. Only memory that asks for huge pages gets them: smaps decides which
 * pages are huge only if it does so in every mapping, those of the target's runtime included.
 */
const PREPARE = [
  `echo ${HUGETLB_PAGES} >/proc/sys/vm/nr_hugepages`,
  "echo madvise >/sys/kernel/mm/transparent_hugepage/enabled",
].join("; ");

/** Boots a kernel that has all that the modes need. */
export async function measureInVm(kernel: string): Promise<Measured> {
  const script = `${PREPARE}; exec deno run -A ${MAIN} --may-change-kernel`;
  const { stdout, exitCode } = await bootVm({
    kernel,
    command: ["sh", "-c", script],
    swapMib: SWAP_MIB,
    timeoutSeconds: TIMEOUT_SECONDS,
    onStderr: (bytes) => process.stderr.write(bytes),
    onProgress: (message) => process.stderr.write(`vm: ${message}\n`),
  });
  return measured(stdout, exitCode, false);
}

/** Takes this machine as it is. */
export async function measureHere(): Promise<Measured> {
  const child = spawn(process.execPath, ["run", "-A", MAIN], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
  return measured(await text(child.stdout), await ended, true);
}

function measured(stdout: string, exitCode: number, isHost: boolean): Measured {
  if (exitCode !== 0) throw new Error(`The modes ended with exit code ${exitCode}:\n${stdout}`);
  return columnsOf(parseRows(stdout), isHost);
}
