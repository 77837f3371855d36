import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { AMD64 } from "./architectures.ts";
import { vmAvailability } from "./availability.ts";
import { baseImage } from "./base_image.ts";
import { guestPath, type Job, writeJobDisk } from "./job_disk.ts";
import { findKernel, type FindKernelOptions, type Kernel } from "./kernels.ts";
import { type Machine, type QemuEnd, runQemu, type RunQemuOptions } from "./qemu.ts";
import { filesBack, parseStatus } from "./status.ts";
import { VmError } from "./vm_error.ts";

const BOOT_ATTEMPTS = 3;
const BOOT_TIMEOUT_MS = 60_000;
const DEFAULT_TIMEOUT_SECONDS = 600;
const MIB_BYTES = 1024 ** 2;
const FILES_DISK_MIB = 1024; // sparse: only what is written takes room

/** What {@link bootVm} runs, and in what. */
export interface BootVmOptions extends FindKernelOptions {
  /** A kernel series that Debian has a cloud kernel of: `6.1`, `6.12`, `7.3`. */
  readonly kernel: string;
  /** The command and its arguments, run in the guest's copy of the checkout. */
  readonly command: readonly string[];
  /** The checkout on the host; by default the one that this file is part of. */
  readonly checkout?: string;
  /** Environment variables for the command. */
  readonly env?: Readonly<Record<string, string>>;
  /** More executables of the host for the guest, by name on PATH or by path. */
  readonly programs?: readonly string[];
  /** Debian packages of the machine's own release for the guest, with all that they depend on. */
  readonly packages?: readonly string[];
  /** Host file or folder by guest path. Relative guest paths are below the checkout. */
  readonly put?: ReadonlyMap<string, string>;
  /** Guest files or folders to bring back when the command has ended. */
  readonly get?: readonly string[];
  /** The guest's memory in MiB; 2048 by default. */
  readonly memoryMib?: number;
  /** Swap space in MiB; none by default. */
  readonly swapMib?: number;
  /** Runs the command as user id 1000 instead of root. */
  readonly asUser?: boolean;
  /** How long the command may run, in s, not counting the boot; 600 by default. */
  readonly timeoutSeconds?: number;
  readonly onStdout?: (bytes: Uint8Array) => void;
  readonly onStderr?: (bytes: Uint8Array) => void;
}

/** What came of a command in the guest. */
export interface BootVmResult {
  /** The command's exit code; 124 when it was killed because its time was over. */
  readonly exitCode: number;
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** The files brought back, by absolute guest path; empty after a timeout. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** How many boots it took; more than 1 means that the emulator failed before the command. */
  readonly bootAttempts: number;
  /** As `uname -r` says it in the guest. */
  readonly kernelRelease: string;
}

/**
 * Boots a real kernel in QEMU with the checkout inside, runs a command there as root, and powers off.
 *
 * A boot that never reaches the command is tried again, up to three times; the command itself is
 * never run twice.
 *
 * @throws {VmError} when no machine can be booted, or the kernel dies under the command.
 */
export async function bootVm(options: BootVmOptions): Promise<BootVmResult> {
  const available = vmAvailability(options.architecture);
  if (!available.available) throw new VmError(available.reason);
  const { kernel, root, checkout } = await prepareVm(options);
  const folder = await mkdtemp(join(tmpdir(), "softdirty-vm-"));
  try {
    const nonce = randomBytes(16).toString("hex");
    const disks = { root, ...await makeDisks(folder, options.swapMib) };
    await writeJobDisk(jobOf(options, checkout, nonce), folder, disks.job, options.signal);
    const { end, attempts, stdout, stderr } = await bootUntilReady(kernel, disks, options, {
      folder,
      nonce,
      bootTimeoutMs: BOOT_TIMEOUT_MS,
      timeoutMs: (options.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000,
      signal: options.signal,
    });
    const status = end.timedOut ? undefined : parseStatus(await readFile(disks.status), nonce);
    if (!status && !end.timedOut) {
      throw new VmError(
        `${kernel.release} died while the command ran; its console said:\n${consoleTail(end)}`,
      );
    }
    return {
      exitCode: status?.exitCode ?? 124,
      timedOut: end.timedOut,
      stdout,
      stderr,
      files: status ? await filesBack(disks.files, status, folder) : new Map(),
      bootAttempts: attempts,
      kernelRelease: status?.kernelRelease ?? kernel.release,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Downloads and builds what {@link bootVm} would, so that a later boot needs neither time nor network.
 *
 * @throws {VmError} when the kernel or a package cannot be had.
 */
export async function prepareVm(
  options: Omit<BootVmOptions, "command">,
): Promise<{ kernel: Kernel; root: string; checkout: string }> {
  const checkout = resolve(options.checkout ?? fileURLToPath(new URL("../..", import.meta.url)));
  const kernel = await findKernel(options.kernel, options);
  const root = await baseImage({
    architecture: options.architecture ?? AMD64,
    checkout,
    programs: options.programs ?? [],
    packages: options.packages ?? [],
    onProgress: options.onProgress,
    signal: options.signal,
  });
  return { kernel, root, checkout };
}

async function makeDisks(folder: string, swapMib: number | undefined) {
  const empty = async (name: string, bytes: number) => {
    const path = join(folder, name);
    await writeFile(path, "");
    await truncate(path, bytes);
    return path;
  };
  return {
    job: join(folder, "job.tar"),
    status: await empty("status", MIB_BYTES),
    files: await empty("files.tar", FILES_DISK_MIB * MIB_BYTES),
    ...(swapMib ? { swap: await empty("swap", swapMib * MIB_BYTES) } : {}),
  };
}

function jobOf(options: BootVmOptions, checkout: string, nonce: string): Job {
  return {
    checkout,
    command: options.command,
    env: options.env ?? {},
    put: new Map([...options.put ?? []].map(([to, from]) => [guestPath(to), resolve(from)])),
    get: (options.get ?? []).map(guestPath),
    asUser: options.asUser ?? false,
    swap: Boolean(options.swapMib),
    timeoutSeconds: options.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS,
    nonce,
  };
}

/** Boots again while the command has not been started, and collects what it writes. */
async function bootUntilReady(
  kernel: Kernel,
  disks: Machine["disks"],
  options: BootVmOptions,
  watch: Omit<RunQemuOptions, "onStdout" | "onStderr">,
): Promise<{ end: QemuEnd; attempts: number; stdout: string; stderr: string }> {
  const machine = {
    architecture: options.architecture ?? AMD64,
    vmlinuz: kernel.vmlinuz,
    memoryMib: options.memoryMib ?? 2048,
    disks,
  };
  const stdout: Uint8Array[] = [];
  const stderr: Uint8Array[] = [];
  options.onProgress?.(`booting ${kernel.release}`);
  for (let attempts = 1;; attempts++) {
    const end = await runQemu(machine, {
      ...watch,
      onStdout: (bytes) => (stdout.push(bytes), options.onStdout?.(bytes)),
      onStderr: (bytes) => (stderr.push(bytes), options.onStderr?.(bytes)),
    });
    if (end.ready) {
      const text = (parts: Uint8Array[]) => Buffer.concat(parts).toString();
      return { end, attempts, stdout: text(stdout), stderr: text(stderr) };
    }
    if (attempts === BOOT_ATTEMPTS) {
      const said = consoleTail(end);
      throw new VmError(
        `${kernel.release} did not boot in ${attempts} attempts; it said:\n${said}`,
      );
    }
    options.onProgress?.(`attempt ${attempts} did not get as far as the command; booting again`);
  }
}

function consoleTail(end: QemuEnd): string {
  return end.console.replaceAll("\r", "").trim().split("\n").slice(-20).join("\n") || "(nothing)";
}
