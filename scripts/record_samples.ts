/**
 * `npm run record-samples [-- NAME...]`: records real programs in a VM, with this very tool, into
 * `recordings/traces/`. Existing recordings are never overwritten: delete one to make it again.
 *
 * @module
 */

import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { bootVm } from "./vm/boot_vm.ts";

const KERNEL = "6.1";

/** The Debian packages that each program needs in the guest. */
const SAMPLES: Readonly<Record<string, readonly string[]>> = {
  redis: ["redis-server", "redis-tools"],
  python: ["python3"],
  node: [],
};

const folder = fileURLToPath(new URL("../recordings/traces/", import.meta.url));
mkdirSync(folder, { recursive: true });
const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(SAMPLES);
for (const name of names) {
  const packages = SAMPLES[name];
  const path = `${folder}${name}.sdtrace`;
  if (packages === undefined || existsSync(path)) {
    console.log(`${name}: ${packages === undefined ? "no such sample" : "is there already"}`);
    continue;
  }
  const inGuest = `/tmp/${name}.sdtrace`;
  const { exitCode, files, kernelRelease } = await bootVm({
    kernel: KERNEL,
    packages,
    command: ["sh", `recordings/programs/${name}.sh`, inGuest],
    get: [inGuest],
    onStdout: (bytes) => process.stderr.write(bytes),
    onStderr: (bytes) => process.stderr.write(bytes),
  });
  const trace = files.get(inGuest);
  if (trace === undefined) {
    console.log(`${name}: nothing was recorded (exit code ${exitCode})`);
    process.exitCode = 1;
    continue;
  }
  writeFileSync(path, trace);
  console.log(`${name}: ${trace.length} bytes on ${kernelRelease}`);
}
