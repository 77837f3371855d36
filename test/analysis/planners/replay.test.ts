import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

/** A replay that does not end would hold the test runner as well: it has a process of its own. */
test("ends for a trace of several processes of which some have no migration", () => {
  const isDeno = "deno" in process.versions;
  const main = fileURLToPath(new URL("./replay_main.mjs", import.meta.url));
  const words = isDeno ? ["run", "-A", main] : [main];
  const run = spawnSync(process.execPath, words, { encoding: "utf8", timeout: 20_000 });
  expect([run.signal, run.stderr, run.status]).toEqual([null, "", 0]);
  const [processCount, moments] = run.stdout.trim().split(" ").map(Number);
  expect(processCount).toBeGreaterThan(1);
  expect(moments).toBe(1);
});
