/** A script of another folder that imports a checkout, under Deno, as the README describes it. */

import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { VERSION } from "../../lib/core/version.ts";
import { denoProgram } from "../helpers/deno_program.ts";
import { recordingFile } from "../helpers/recordings.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

const checkout = fileURLToPath(new URL("../..", import.meta.url));

test("Deno imports mod.ts of a checkout from another folder, with its configuration", () => {
  const folder = temporaryFolder();
  writeFileSync(
    join(folder, "script.ts"),
    `import { openTrace, VERSION } from ${JSON.stringify(`${checkout}mod.ts`)};
console.log(VERSION, openTrace(Deno.args[0]).snapshotCount);`,
  );
  const run = spawnSync(denoProgram(), [
    ...["run", "--allow-read", "--allow-env", "--config", join(checkout, "deno.json")],
    ...["script.ts", recordingFile("redis")],
  ], { cwd: folder, encoding: "utf8" });
  expect([run.status, run.stdout, run.stderr]).toEqual([0, `${VERSION} 24\n`, ""]);
  const readme = readFileSync(join(checkout, "README.md"), "utf8");
  expect(readme).toContain("deno run --allow-read --allow-env --config CHECKOUT/deno.json");
});
