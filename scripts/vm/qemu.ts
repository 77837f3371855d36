import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import type { Architecture } from "./architectures.ts";
import { DISK, READY } from "./init.ts";
import { ROOT_PARTUUID } from "./partition_table.ts";

/** The files and sizes of one virtual machine. */
export interface Machine {
  readonly architecture: Architecture;
  readonly vmlinuz: string;
  readonly memoryMib: number;
  /** Disk image by name. The root is never written to: what the guest changes is thrown away. */
  readonly disks: Readonly<Partial<Record<keyof typeof DISK, string>>>;
}

/** How {@link runQemu} watches a machine. */
export interface RunQemuOptions {
  /** A private folder for sockets. */
  readonly folder: string;
  readonly nonce: string;
  /** How long a boot may take to reach the command, in ms. */
  readonly bootTimeoutMs: number;
  /** How long the command may then run, in ms. */
  readonly timeoutMs: number;
  readonly onStdout: (bytes: Uint8Array) => void;
  readonly onStderr: (bytes: Uint8Array) => void;
  readonly signal?: AbortSignal | undefined;
}

/** How a machine ended. */
export interface QemuEnd {
  /** Whether init came as far as starting the command. */
  readonly ready: boolean;
  readonly timedOut: boolean;
  /** All that the kernel's console and QEMU itself said. */
  readonly console: string;
}

/** How long a boot took and what came of it is up to the caller; this is the command line alone. */
export function qemuArguments(machine: Machine, sockets: readonly string[]): string[] {
  const { board, ttys, serialPorts } = machine.architecture;
  const args = [
    // Software emulation, so that any user can run it.
    ...["-accel", "tcg", ...board, "-smp", "1", "-m", String(machine.memoryMib)],
    ...["-nodefaults", "-display", "none", "-nic", "none", "-no-reboot"],
    ...["-kernel", machine.vmlinuz],
    // cryptomgr.notests: the kernel's self-tests of its ciphers cost 0.7 s of a boot.
    "-append",
    `console=${ttys.console} quiet panic=-1 cryptomgr.notests rootwait rw root=PARTUUID=${ROOT_PARTUUID} ` +
    "rootflags=noinit_itable init=/usr/sbin/vm-init",
    ...["-device", "nvme,id=nvme0,serial=softdirty"],
  ];
  for (const [name, file] of Object.entries(machine.disks)) {
    const thrownAway = name === "root" ? ",snapshot=on" : "";
    const escaped = file.replaceAll(",", ",,");
    args.push("-drive", `id=${name},if=none,format=raw,file=${escaped}${thrownAway}`);
    const nsid = DISK[name as keyof typeof DISK];
    args.push("-device", `nvme-ns,bus=nvme0,drive=${name},nsid=${nsid}`);
  }
  sockets.forEach((socket, index) => {
    args.push("-chardev", `socket,id=serial${index},path=${socket.replaceAll(",", ",,")}`);
  });
  return [...args, ...serialPorts(sockets.map((_, index) => `serial${index}`))];
}

/** Boots a machine and waits until it is off, or kills it when a time is over. */
export async function runQemu(machine: Machine, options: RunQemuOptions): Promise<QemuEnd> {
  options.signal?.throwIfAborted();
  let consoleText = "";
  let ready = false;
  let timedOut = false;
  const kill = () => qemu?.kill("SIGKILL");
  const expire = () => {
    timedOut = true;
    kill();
  };
  const onConsole = (bytes: Uint8Array) => {
    consoleText += new TextDecoder("latin1").decode(bytes);
    if (ready || !consoleText.includes(`${READY} ${options.nonce}`)) return;
    ready = true;
    clearTimeout(timer);
    timer = setTimeout(expire, options.timeoutMs);
  };
  const listeners = [onConsole, options.onStdout, options.onStderr];
  const sockets = listeners.map((_, index) => join(options.folder, `serial${index}`));
  const ports = await Promise.all(listeners.map((take, index) => openPort(sockets[index], take)));

  const qemu = spawn(machine.architecture.qemu, qemuArguments(machine, sockets), {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let timer = setTimeout(expire, options.bootTimeoutMs);
  options.signal?.addEventListener("abort", kill);
  qemu.stdout.on("data", onConsole);
  qemu.stderr.on("data", onConsole);
  try {
    await once(qemu, "close");
    await Promise.all(ports.map((port) => port.drained()));
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", kill);
    ports.forEach((port) => port.server.close());
    kill();
  }
  options.signal?.throwIfAborted();
  return { ready, timedOut, console: consoleText };
}

/** A serial port's host side: a socket that QEMU connects to. */
async function openPort(
  path: string,
  take: (bytes: Uint8Array) => void,
): Promise<{ server: Server; drained: () => Promise<void> }> {
  let open: Promise<unknown> = Promise.resolve();
  const server = createServer((socket) => {
    socket.on("data", take);
    socket.on("error", () => {}); // QEMU was killed; what it had sent has been taken
    open = new Promise((resolve) => socket.on("close", resolve));
  });
  server.listen(path);
  await once(server, "listening");
  return { server, drained: async () => void await open };
}
