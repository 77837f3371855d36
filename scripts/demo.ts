/**
 * `npm run demo`: the main job on something real, and a report of it. Live where this kernel tracks, else
 * in a VM where QEMU is there, else by replaying a recording; it says which, and why.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { openLive } from "../lib/session/live.ts";
import { vmAvailability } from "./vm/availability.ts";
import { bootVm } from "./vm/boot_vm.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const trace = join(mkdtempSync(join(tmpdir(), "softdirty-demo-")), "demo.sdtrace");
const recording = "recordings/traces/node.sdtrace";
const report = join(dirname(trace), "report.html");

async function run(command: string, ...args: string[]): Promise<number> {
  const [exitCode] = await once(spawn(command, args, { stdio: "inherit", cwd: root }), "exit");
  return exitCode;
}

function softdirty(...args: string[]): Promise<number> {
  console.log(`$ npx softdirty ${args.join(" ")}`);
  return run("node", "dist/lib/bundle/main.js", ...args);
}

/** Runs the session in a VM, and brings its trace back. */
async function inVm(): Promise<number> {
  const inGuest = "/tmp/demo.sdtrace";
  const { exitCode, files, kernelRelease } = await bootVm({
    kernel: "6.1",
    command: ["deno", "run", "-A", "scripts/demo/live.ts", inGuest],
    get: [inGuest],
    onProgress: (message) => console.error(`... ${message}`),
    onStdout: (bytes) => process.stdout.write(bytes),
    onStderr: (bytes) => process.stderr.write(bytes),
  });
  const bytes = files.get(inGuest);
  if (bytes === undefined) return exitCode || 1;
  writeFileSync(trace, bytes);
  console.log(`That was kernel ${kernelRelease} in the VM; its trace is here now: ${trace}\n`);
  return exitCode;
}

async function replay(): Promise<number> {
  console.log(
    "The same script over the trace, here, without root and without a kernel that tracks:\n",
  );
  return await softdirty("run", "--replay", trace, "scripts/demo/session.mjs") ||
    await softdirty("info", trace) || await reportOf(trace);
}

/** All of it as a page, whose path is the last line. */
async function reportOf(file: string): Promise<number> {
  const exitCode = await softdirty("report", file, "-o", report);
  if (exitCode === 0) console.log(`Open it in a browser: ${report}`);
  return exitCode;
}

/** The recording in place of a live process. */
async function overRecording(): Promise<number> {
  return await softdirty("info", recording) || await softdirty("filter", recording, "-s", "0") ||
    await softdirty("diff", recording, "0", "-1") || await reportOf(recording);
}

async function demo(): Promise<number> {
  const probe = openLive({ output: null }).probe();
  const vm = vmAvailability();
  if (probe.works) {
    console.log("Live: this kernel was proven to track. A node server under load:\n");
    return await run("node_modules/.bin/deno", "run", "-A", "scripts/demo/live.ts", trace) ||
      await replay();
  }
  console.log(`${probe.reason}.`);
  if (vm.available) {
    console.log("So this boots a kernel that tracks, in QEMU. A node server under load:\n");
    try {
      return await inVm() || await replay();
    } catch (error) {
      console.log(`The VM did not come up: ${(error as Error).message}\n`);
    }
  } else console.log(`A VM is not to be had: ${vm.reason}`);
  console.log("So this shows a recording of a node server under load, made on kernel 6.1:\n");
  return await overRecording();
}

process.exitCode = await demo();
