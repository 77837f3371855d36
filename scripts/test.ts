/**
 * `npm test`: the tests that need no kernel under Node and under Deno, and under both those that attach
 * to processes on this machine's own kernel; reports in a browser; a minute of damaged and forged traces;
 * the packed package under each runtime that people have; on real kernels in a VM the live tests, each under one of the runtimes, and the truth table. As root it installs missing
 * Debian packages, which it lists first; `--no-install` installs none. What is left out is printed, and
 * `SOFTDIRTY_REQUIRE_LIVE=1` makes that a failure.
 *
 * @module
 */

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import process from "node:process";
import { probeUffdWp } from "../lib/kernel/probe_uffd_wp.ts";
import { ProcFs } from "../lib/kernel/proc/proc_fs.ts";
import { PYTHON, REDIS } from "../test/live_uffd/targets.ts";
import { CHROMIUM } from "../test/browser/chromium.ts";
import { bootVm } from "./vm/boot_vm.ts";
import { ensureVmTools, vmAvailability } from "./vm/availability.ts";
import { type Outcome, outcomeOf } from "./test/outcome.ts";

const VITEST = "node_modules/vitest/vitest.mjs";
/** Each kernel with the runtime that the live tests run under there. */
const LIVE = [
  { kernel: "6.1", runtime: ["node"] },
  { kernel: "6.12", runtime: ["deno", "run", "-A"] },
];

const RUNTIMES = { Node: ["node"], Deno: [process.execPath, "run", "-A"] };

const folder = mkdtempSync(join(tmpdir(), "softdirty-tests-"));
const traces = join(folder, "traces");
mkdirSync(traces);

/** Runs a command to its end; its output goes where ours goes. */
function run(command: readonly string[], env: Record<string, string> = {}): Promise<number> {
  const child = spawn(command[0], command.slice(1), {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, ...env },
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

function heading(text: string): void {
  console.log(`\n== ${text}`);
}

async function runHere(
  what: string,
  runtime: readonly string[],
  ...options: readonly string[]
): Promise<Outcome> {
  heading(what);
  const file = join(folder, `${what}.json`);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const exitCode = await run([...runtime, VITEST, "run", ...options, ...reporters], {
    SOFTDIRTY_VM_TRACES: traces,
  });
  let report: string | undefined;
  try {
    report = readFileSync(file, "utf8");
  } catch {
    // vitest ended before it could write one; that is counted as a failure.
  }
  return outcomeOf(what, report, exitCode);
}

async function runInVm(kernel: string, runtime: readonly string[]): Promise<Outcome> {
  const what = `live tests on kernel ${kernel} under ${basename(runtime[0])}`;
  heading(what);
  const [output, report] = ["/tmp/live", "/tmp/report.json"];
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const { exitCode, files, kernelRelease, bootAttempts } = await bootVm({
    kernel,
    command: [...runtime, VITEST, "run", "--config", "vitest.live.config.ts", ...reporters],
    env: { SOFTDIRTY_LIVE_OUTPUT: output },
    get: [report, output],
    onStdout: (bytes) => process.stdout.write(bytes),
    onStderr: (bytes) => process.stderr.write(bytes),
  });
  console.log(`kernel ${kernelRelease}${bootAttempts > 1 ? `, booted ${bootAttempts} times` : ""}`);
  for (const [path, bytes] of files) {
    if (path.endsWith(".sdtrace")) {
      writeFileSync(join(traces, `${kernel}-${basename(path)}`), bytes);
    }
  }
  const found = files.get(report);
  return outcomeOf(what, found && new TextDecoder().decode(found), exitCode);
}

/** Reports, where there is a browser. */
async function runInBrowser(): Promise<Outcome> {
  if (!existsSync(CHROMIUM)) return { passed: 0, failures: [] };
  const config = ["--config", "vitest.browser.config.ts"];
  return await runHere("reports in a browser", RUNTIMES.Node, ...config);
}

/** Runs a script that fails or does not. */
async function runScript(what: string, ...command: readonly string[]): Promise<Outcome> {
  heading(what);
  const exitCode = await run([process.execPath, "run", "-A", ...command]);
  if (exitCode === 0) return { passed: 1, failures: [] };
  return { passed: 0, failures: [`${what}: ended with ${exitCode}`] };
}

/** A minute of damaged and forged traces. */
const runFuzz = () => runScript("damaged and forged traces", "scripts/fuzz_traces.ts");

/** The packed package under each runtime that people have. */
async function runRuntimes(leftOut: string[]): Promise<Outcome> {
  if (!process.argv.includes("--no-install")) {
    return await runScript("the package under each runtime", "scripts/runtimes.ts");
  }
  leftOut.push("the package under each runtime: `npm run runtimes` downloads them");
  return { passed: 0, failures: [] };
}

/** Holds the truth table of all kernels, and of this machine's own, against the committed one. */
const runTruth = () => runScript("truth table", "scripts/truth.ts", "--check");

/** A Debian package that tests need, and how to see that it is there. */
interface Package {
  readonly name: string;
  /** What is left out without it. */
  readonly purpose: string;
  isThere(): boolean;
}

const PACKAGES: readonly Package[] = [
  {
    name: "python3-msgpack",
    purpose: "reading traces in Python",
    isThere: () => spawnSync(PYTHON, ["-c", "import msgpack"]).status === 0,
  },
  {
    name: "python3-zstandard",
    purpose: "reading compressed records of traces in Python",
    isThere: () => spawnSync(PYTHON, ["-c", "import zstandard"]).status === 0,
  },
  {
    name: "python3-prometheus-client",
    purpose: "reading OpenMetrics pages with a strict parser",
    isThere: () => spawnSync(PYTHON, ["-c", "import prometheus_client"]).status === 0,
  },
  {
    name: "python3-jupyter-client",
    purpose: "running the example notebook in Jupyter",
    isThere: () => spawnSync(PYTHON, ["-c", "import jupyter_client"]).status === 0,
  },
  {
    name: "groff-base",
    purpose: "reading the man page with groff",
    isThere: () => spawnSync("groff", ["--version"]).status === 0,
  },
  {
    name: "chromium",
    purpose: "opening reports in a browser",
    isThere: () => existsSync(CHROMIUM),
  },
  {
    name: "redis-server",
    purpose: "attaching to redis-server",
    isThere: () => spawnSync(REDIS, ["--version"]).status === 0,
  },
];

const mayInstall = !process.argv.includes("--no-install") && process.getuid?.() === 0;

/** Installs missing packages, if that is allowed, and returns what is left out. */
async function ensurePackages(): Promise<string[]> {
  const missing = PACKAGES.filter((one) => !one.isThere());
  if (missing.length > 0 && mayInstall) {
    const apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=60"];
    const names = missing.map(({ name }) => name);
    console.log(
      `Installing with apt-get: ${names.join(", ")} (\`npm test -- --no-install\` does not)`,
    );
    await run([...apt, "update"]);
    await run([...apt, "install", "-y", "--no-install-recommends", ...names], {
      DEBIAN_FRONTEND: "noninteractive",
      RUNLEVEL: "1", // the server itself is not to be started
    });
  }
  return missing.filter((one) => !one.isThere())
    .map(({ name, purpose }) => `${purpose}: run as root \`apt-get install ${name}\``);
}

async function main(): Promise<void> {
  const outcomes: Outcome[] = [];
  if (await run(["npm", "run", "--silent", "prepare"]) !== 0) process.exit(1);
  const leftOut = await ensurePackages();
  let isVmThere = false;
  try {
    const vm = vmAvailability();
    if (!vm.available && !mayInstall) throw new Error(vm.reason);
    await ensureVmTools((message) => console.log(message));
    for (const { kernel, runtime } of LIVE) outcomes.push(await runInVm(kernel, runtime));
    isVmThere = true;
  } catch (error) {
    leftOut.push(`live tests on real kernels: ${(error as Error).message}`);
  }
  // What a kernel reports, and what needs none, is the same however busy the machine is.
  const ofDeno = runHere("tests under Deno", RUNTIMES.Deno);
  if (isVmThere) outcomes.push(await runTruth());
  outcomes.push(await ofDeno);
  outcomes.push(await runHere("tests under Node", RUNTIMES.Node));
  const attaching = probeUffdWp(new ProcFs());
  if (!attaching.works) leftOut.push(`tests that attach to processes: ${attaching.reason}`);
  for (const [name, runtime] of Object.entries(RUNTIMES)) {
    if (!attaching.works) break;
    const config = ["--config", "vitest.uffd.config.ts"];
    outcomes.push(await runHere(`tests that attach, under ${name}`, runtime, ...config));
  }

  // Neither of them measures time.
  outcomes.push(...await Promise.all([runInBrowser(), runFuzz(), runRuntimes(leftOut)]));

  heading("result");
  for (const reason of leftOut) console.log(`LEFT OUT: ${reason}`);
  if (process.arch !== "arm64") {
    console.log("ONLY ON ARM64: test/live/arm64.test.ts; recordings/arm64.txt has its last output");
  }
  const passed = outcomes.reduce((sum, one) => sum + one.passed, 0);
  const failures = outcomes.flatMap((one) => one.failures);
  for (const failure of failures) console.log(`FAILED ${failure}`);
  console.log(`${passed} passed, ${failures.length} failed`);
  const isMissing = leftOut.length > 0 && process.env.SOFTDIRTY_REQUIRE_LIVE === "1";
  if (failures.length > 0 || isMissing) process.exitCode = 1;
}

try {
  await main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
