/**
 * Builds `dist/` again before the tests if a source is newer: under Node, tests of the command run what
 * was built.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const BUILT = join(ROOT, "dist/lib/bundle/main.js");

/** When the newest source changed, in milliseconds. */
function newestSourceMs(): number {
  const sources = readdirSync(join(ROOT, "lib"), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(ts|css)$/.test(file)).map((file) => join("lib", file));
  const times = ["mod.ts", "tsconfig.node.json", "rolldown.config.js", ...sources].map((file) =>
    statSync(join(ROOT, file)).mtimeMs
  );
  return Math.max(...times);
}

/** Called once by vitest. */
export default function setup(): void {
  if ("deno" in process.versions) return;
  const builtMs = statSync(BUILT, { throwIfNoEntry: false })?.mtimeMs ?? -Infinity;
  if (builtMs >= newestSourceMs()) return;
  try {
    execFileSync("npm", ["run", "--silent", "prepare"], { cwd: ROOT, stdio: "inherit" });
  } catch {
    throw new Error("dist/ cannot be built: npm run prepare fails, as printed above");
  }
}
