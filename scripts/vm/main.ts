import { Command, Option } from "@commander-js/extra-typings";
import { mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import process from "node:process";
import { ARCHITECTURES } from "./architectures.ts";
import { ensureVmTools } from "./availability.ts";
import { bootVm, prepareVm } from "./boot_vm.ts";
import { guestPath } from "./job_disk.ts";
import { VmError } from "./vm_error.ts";

const EXIT_VM_FAILED = 125;

const program = new Command()
  .name("npm run vm --")
  .description("Run a command under a real kernel: QEMU, the checkout inside, as root.")
  .usage("--kernel SERIES [options] -- COMMAND [ARGS...]")
  .argument("[command...]", "what to run in the guest's copy of the checkout")
  .option("-k, --kernel <series>", "Debian cloud kernel to boot: 6.1, 6.12, 7.3")
  .addOption(
    new Option("--arch <name>", "processor architecture of the guest")
      .choices(["amd64", "arm64"] as const)
      .default("amd64" as const),
  )
  .option(
    "--ensure",
    "install QEMU and the other tools if they are missing (as root); alone: no more than that",
  )
  .option("--with <program>", "also bring an executable of the host, by name or path", add)
  .option("--package <name>", "also unpack a Debian package, with its dependencies", add)
  .option("--put <host:guest>", "copy a file or folder into the guest", add)
  .option("--get <guest[:host]>", "bring a file or folder back after the command", add)
  .option("--env <name=value>", "set an environment variable for the command", add)
  .option("--memory <mib>", "memory of the guest", positive, 2048)
  .option("--swap <mib>", "swap space of the guest", positive)
  .option("--user", "run the command as user id 1000 instead of root")
  .option("--timeout <seconds>", "how long the command may run", positive, 600)
  .option("--mirror <uri>", "Debian mirror for kernels (default: the one that apt is set up with)")
  .option("--refresh", "look for a newer kernel of the series, even if one is cached")
  .option("-q, --quiet", "say nothing about the machine itself");

function add(value: string, values: string[] | undefined): string[] {
  return [...values ?? [], value];
}

function positive(value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number > 0) return number;
  throw new VmError(`${value} is not a whole number above 0`);
}

/** Splits `NAME=VALUE`. */
function variable(text: string): [string, string] {
  const [name] = text.split("=", 1);
  if (/^[A-Za-z_]\w*$/.test(name) && name !== text) return [name, text.slice(name.length + 1)];
  throw new VmError(`--env takes NAME=VALUE, and not ${text}`);
}

/** Splits `first:second` at the first colon. */
function pair(text: string): [string, string | undefined] {
  const colon = text.indexOf(":");
  return colon < 0 ? [text, undefined] : [text.slice(0, colon), text.slice(colon + 1)];
}

async function main(signal: AbortSignal): Promise<number> {
  program.parse();
  const options = program.opts();
  const { kernel } = options;
  const architecture = ARCHITECTURES[options.arch];
  const onProgress = options.quiet ? () => {} : say;
  if (options.ensure) await ensureVmTools(onProgress, signal, architecture);
  const prepare = {
    architecture,
    programs: options.with ?? [],
    packages: options.package ?? [],
    mirror: options.mirror,
    refresh: options.refresh,
    onProgress,
    signal,
  };
  if (options.ensure && program.args.length === 0) {
    if (kernel) await prepareVm({ ...prepare, kernel });
    return 0;
  }
  if (!kernel || program.args.length === 0) {
    throw new VmError(`nothing to run; usage: ${program.name()} ${program.usage()}`);
  }
  const get = (options.get ?? []).map(pair);
  const put = (options.put ?? []).map(pair);
  const result = await bootVm({
    ...prepare,
    kernel,
    command: program.args,
    env: Object.fromEntries((options.env ?? []).map(variable)),
    put: new Map(put.map(([host, guest]) => [guest ?? basename(host), host])),
    get: get.map(([guest]) => guest),
    memoryMib: options.memory,
    swapMib: options.swap ?? 0,
    asUser: options.user ?? false,
    timeoutSeconds: options.timeout,
    onStdout: (bytes) => process.stdout.write(bytes),
    onStderr: (bytes) => process.stderr.write(bytes),
  });
  if (result.timedOut) say(`killed: the command ran for more than ${options.timeout} s`);
  const missing = await writeFiles(get, result.files);
  for (const path of missing) say(`--get ${path}: not in the guest when the command had ended`);
  return result.exitCode || (missing.length > 0 ? EXIT_VM_FAILED : 0);
}

/** Writes what came back to its places on the host; returns the guest paths that did not come. */
async function writeFiles(
  wanted: readonly [string, string | undefined][],
  files: ReadonlyMap<string, Uint8Array>,
): Promise<string[]> {
  const missing: string[] = [];
  for (const [guest, host] of wanted) {
    const from = guestPath(guest);
    const found = [...files].filter(([path]) => path === from || path.startsWith(`${from}/`));
    if (found.length === 0) missing.push(guest);
    for (const [path, bytes] of found) {
      const to = join(host ?? basename(from), path.slice(from.length));
      await mkdir(dirname(to), { recursive: true });
      await writeFile(to, bytes);
    }
  }
  return missing;
}

function say(message: string): void {
  process.stderr.write(`vm: ${message}\n`);
}

const abort = new AbortController();
const signals = { SIGINT: 130, SIGTERM: 143 } as const;
for (const [name, exitCode] of Object.entries(signals)) {
  process.once(name, () => {
    process.exitCode = exitCode;
    abort.abort();
  });
}
try {
  process.exitCode = await main(abort.signal);
} catch (error) {
  if (!abort.signal.aborted) {
    if (!(error instanceof VmError)) throw error;
    say(error.message);
    process.exitCode = EXIT_VM_FAILED;
  }
}
