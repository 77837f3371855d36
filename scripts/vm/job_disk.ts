import { lstatSync } from "node:fs";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { exists } from "./cache.ts";
import { GUEST_CHECKOUT } from "./init.ts";
import { runTool } from "./run_tool.ts";
import { VmError } from "./vm_error.ts";

/** What one boot is to do. */
export interface Job {
  /** The checkout on the host. */
  readonly checkout: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Host file or folder by guest path. */
  readonly put: ReadonlyMap<string, string>;
  /** Absolute guest paths to bring back. */
  readonly get: readonly string[];
  readonly asUser: boolean;
  readonly swap: boolean;
  readonly timeoutSeconds: number;
  /** Ties what the guest reports to this boot. */
  readonly nonce: string;
}

/** Makes `path` absolute in the guest; a relative one is below the checkout. */
export function guestPath(path: string): string {
  return posix.resolve(GUEST_CHECKOUT, path);
}

/**
 * Writes the job as a tar to `disk`, which the guest unpacks over its root: the checkout as git
 * sees it (tracked and untracked files, none that are ignored) with `dist/`, the files to put
 * there, and what init has to know. `folder` is a place for temporary files.
 *
 * @throws {VmError} when the checkout is no git checkout or a file to put is missing.
 */
export async function writeJobDisk(
  job: Job,
  folder: string,
  disk: string,
  signal?: AbortSignal,
): Promise<void> {
  await mkdir(join(folder, "job"));
  await writeFile(join(folder, "job/run"), runScript(job), { mode: 0o755 });
  await writeFile(join(folder, "job/settings"), settings(job));
  await writeFile(join(folder, "job/get"), job.get.map((path) => `${path.slice(1)}\n`).join(""));

  const tar = (add: "-cf" | "-rf", from: string, ...rest: string[]) => [
    ...[add, disk, "--format=gnu", "--owner=0", "--group=0", "-C", from],
    ...rest,
  ];
  await runTool("tar", tar("-cf", folder, "job"), { signal });
  const belowCheckout = `--transform=s,^,${GUEST_CHECKOUT.slice(1)}/,S`; // S: not the links' targets
  await runTool(
    "tar",
    tar("-rf", job.checkout, belowCheckout, "--no-recursion", "--null", "-T", "-"),
    { input: (await checkoutFiles(job.checkout, signal)).join("\0"), signal },
  );
  for (const [to, from] of job.put) {
    if (!await exists(from)) throw new VmError(`--put ${from}: no such file on the host`);
    const staged = join(folder, "put", to);
    await mkdir(dirname(staged), { recursive: true });
    await cp(from, staged, { recursive: true, dereference: true });
    await runTool("tar", tar("-rf", join(folder, "put"), to.slice(1)), { signal });
  }
}

/** What git would commit, plus `dist/`. Files that were deleted but not yet from the index are left out. */
async function checkoutFiles(checkout: string, signal?: AbortSignal): Promise<string[]> {
  const list = (...flags: string[]) =>
    runTool("git", ["ls-files", "-z", ...flags], { cwd: checkout, signal });
  const listed = await list("--cached", "--others", "--exclude-standard");
  const built = await list("--others", "--ignored", "--exclude-standard", "--", "dist");
  const files = new Set([...listed.split("\0"), ...built.split("\0")].filter(Boolean));
  return [...files].filter((name) => {
    return lstatSync(join(checkout, name), { throwIfNoEntry: false }) !== undefined;
  });
}

function runScript(job: Job): string {
  const variables = Object.entries(job.env)
    .map(([name, value]) => `export ${name}=${shellQuoted(value)}\n`).join("");
  const command = job.command.map(shellQuoted).join(" ");
  return `#!/bin/sh\n${variables}cd ${GUEST_CHECKOUT}\nexec ${command}\n`;
}

function settings(job: Job): string {
  return `nonce=${job.nonce}\nuser=${Number(job.asUser)}\nswap=${Number(job.swap)}\n` +
    `timeout_seconds=${Math.ceil(job.timeoutSeconds) + 60}\n`;
}

/** Quotes a word so that a POSIX shell takes every character of it as it is. */
export function shellQuoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
