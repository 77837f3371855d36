/**
 * Fails unless `deno publish --dry-run` succeeds without a warning, and publishes what belongs to the
 * library and nothing else.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import process from "node:process";

/** The folders and files of which something is published. */
const PUBLISHED = [
  "CHANGELOG.md",
  "LICENSE",
  "README.md",
  "deno.json",
  "lib",
  "mod.ts",
  "recordings",
];

/** What is wrong with the output of a dry run; empty if nothing is. */
export function faultsIn(output: string, root: string): string[] {
  const lines = output.split("\n");
  const faults = lines.filter((line) => /^(warning|error)\b/.test(line));
  const listed = lines.map((line) => /^\s*(file:\/\/\/\S+)/.exec(line)?.[1])
    .filter((url) => url !== undefined)
    .map((url) => new URL(url).pathname.slice(root.length + 1).split("/")[0]);
  const found = [...new Set(listed)].sort();
  for (const name of found) {
    if (!PUBLISHED.includes(name)) faults.push(`${name} would be published`);
  }
  for (const name of PUBLISHED) if (!found.includes(name)) faults.push(`${name} would be missing`);
  return faults;
}

if (import.meta.main) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["publish", "--dry-run", "--allow-dirty"],
    { encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } },
  );
  const output = stdout + stderr;
  const faults = faultsIn(output, process.cwd());
  if (status !== 0 || faults.length > 0) {
    console.error(output.split("\n").filter((line) => !line.includes("file:///")).join("\n"));
    console.error(["deno publish is not clean:", ...faults].join("\n  "));
    process.exit(1);
  }
}
