/**
 * `npm run runtimes`: installs the packed package into a folder of its own, and runs it under each runtime
 * that people have: Node 20, 22, 24 and 26, Bun, all from npm, and Deno. Offline results are equal to the
 * last digit on all of them. Where this kernel tracks, each records, and reads what it recorded.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { probeUffdWp } from "../lib/kernel/probe_uffd_wp.ts";
import { ProcFs } from "../lib/kernel/proc/proc_fs.ts";

const CHECKOUT = fileURLToPath(new URL("..", import.meta.url));
const ARCH = process.arch;

/** Packages of npm that hold a runtime: the oldest version of Node that is supported comes first. */
const FROM_NPM: readonly { name: string; package: string; program: string }[] = [
  ...["20.20.2", "22.23.5", "24.22.3", "26.12.1"].map((version) => ({
    name: `Node ${version}`,
    package: `node-linux-${ARCH}@${version}`,
    program: "package/bin/node",
  })),
  {
    name: "Bun 1.4.5",
    package: `@oven/bun-linux-${ARCH === "arm64" ? "aarch64" : ARCH}@1.4.5`,
    program: "package/bin/bun",
  },
];

/** Offline commands, whose output is the same everywhere. */
const OFFLINE: readonly (readonly string[])[] = [
  ["--version"],
  ["info", "redis.sdtrace", "--json"],
  ["filter", "redis.sdtrace", "-s", "-1", "-e", 'mapping ~ "heap|stack"', "--json"],
  ["diff", "redis.sdtrace", "0", "-1"],
  ...["rate", "wss", "hot", "heat", "by-mapping", "phases"].map((
    name,
  ) => [name, "redis.sdtrace", "--json"]),
  ...["fork", "migrate", "checkpoint"].map((plan) => ["plan", plan, "redis.sdtrace", "--json"]),
  ["export", "redis.sdtrace", "--format", "csv", "--table", "runs"],
  ["run", "--replay", "redis.sdtrace", "script.mjs"],
];

const SCRIPT = `export default (sd) => {
  sd.clear();
  console.log(sd.read().dirty.pageCount, sd.rate().length);
};
`;

/** A runtime, by the command that runs a script with it. */
interface Runtime {
  readonly name: string;
  readonly command: readonly string[];
}

const folder = mkdtempSync(join(tmpdir(), "softdirty-runtimes-"));
const failures: string[] = [];

function run(command: readonly string[], input = "") {
  const { status, stdout, stderr, error } = spawnSync(command[0], command.slice(1), {
    cwd: folder,
    input,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    env: { ...process.env, NO_COLOR: "1" },
    timeout: 60_000,
  });
  if (error !== undefined) throw error;
  return { status, stdout, stderr };
}

/** Runs a command that must not fail. */
function must(...command: string[]): string {
  const { status, stdout, stderr } = run(command);
  if (status === 0) return stdout;
  throw new Error(`${command.join(" ")} ended with ${status}: ${stderr}`);
}

function install(): Runtime[] {
  const npm = (...args: string[]) => must("npm", ...args, "--prefix", folder, "--loglevel=error");
  writeFileSync(join(folder, "package.json"), "{}");
  const packed = must("npm", "pack", CHECKOUT, "--ignore-scripts", "--loglevel=error").trim();
  npm("install", "--ignore-scripts", "--no-audit", "--no-fund", join(folder, packed));
  const runtimes = FROM_NPM.map(({ name, package: wanted, program }, i) => {
    const own = join(folder, `runtime-${i}`);
    mkdirSync(own);
    // To install it would be refused where several versions are wanted.
    const tgz = must("npm", "pack", wanted, "--loglevel=error").trim();
    must("tar", "-xzf", tgz, "-C", own, program);
    rmSync(join(folder, tgz));
    return { name, command: [join(own, program)] };
  });
  return [...runtimes, { name: "Deno", command: [process.execPath, "run", "-A"] }];
}

function check(name: string, isRight: boolean, what: string): void {
  if (!isRight) failures.push(`${name}: ${what}`);
}

function main(): void {
  if (process.platform !== "linux") throw new Error("The runtimes are fetched for Linux only");
  const runtimes = install();
  const softdirty = join(folder, "node_modules/softdirty/dist/lib/bundle/main.js");
  const sample = join(folder, "node_modules/softdirty/recordings/traces/redis.sdtrace");
  writeFileSync(join(folder, "redis.sdtrace"), readFileSync(sample));
  writeFileSync(join(folder, "script.mjs"), SCRIPT);
  const { works: tracks, reason } = probeUffdWp(new ProcFs());
  if (!tracks) console.log(`LEFT OUT: recording: ${reason}`);
  const expected = new Map<string, string>();
  for (const { name, command } of runtimes) {
    const call = (args: readonly string[], input?: string) =>
      run([...command, softdirty, ...args], input);
    for (const args of OFFLINE) {
      const { status, stdout, stderr } = call(args);
      const text = args.join(" ");
      check(name, status === 0 && stdout !== "", `${text} ended with ${status}: ${stderr}`);
      const before = expected.get(text) ?? stdout;
      expected.set(text, before);
      check(name, stdout === before, `${text} prints something else than ${runtimes[0].name}`);
    }
    const page = `${name.replace(/\W/g, "-")}.html`;
    const report = call(["report", "redis.sdtrace", "-o", page]);
    check(name, report.status === 0, `report ended with ${report.status}: ${report.stderr}`);
    // Its data is deflated, which runtimes do in ways of their own.
    const html = readFileSync(join(folder, page), "utf8");
    check(name, html.startsWith("<!doctype html>") && html.length > 50_000, "the report is short");
    const { stdout } = call(["repl", "--replay", "redis.sdtrace"], "sd.rate().length * 1000 + 7\n");
    check(name, stdout.includes("1007"), `the prompt printed ${JSON.stringify(stdout)}`);
    if (tracks) {
      const trace = `${name.replace(/\W/g, "-")}.sdtrace`;
      const args = ["record", "-o", trace, "-n", "3", "-i", "50ms", "--tracker", "uffd-wp"];
      const { status, stderr } = call([...args, "--", "sleep", "1"]);
      check(name, status === 0, `record ended with ${status}: ${stderr}`);
      const info = call(["info", trace, "--json"]);
      check(name, /"snapshotCount":\s*3\b/.test(info.stdout), `recorded ${info.stdout}`);
    }
    console.log(`${name}: ${failures.some((one) => one.startsWith(name)) ? "FAILED" : "ok"}`);
  }
}

try {
  main();
  for (const failure of failures) console.error(failure.slice(0, 1000));
  if (failures.length > 0) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
