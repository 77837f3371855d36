/** The example notebook in Jupyter, with Deno's kernel. */

import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { npmDenoBinary } from "../../scripts/vm/host_programs.ts";
import { type CellOutput, readNotebook } from "../helpers/notebook.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

const PYTHON = "/usr/bin/python3";
const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const hasJupyter = spawnSync(PYTHON, ["-c", "import jupyter_client"]).status === 0;
if (!hasJupyter) {
  console.log(
    "LEFT OUT: notebooks in Jupyter with Debian's python3-jupyter-client, which is not installed",
  );
}

test.skipIf(!hasJupyter && process.env.SOFTDIRTY_REQUIRE_LIVE !== "1")(
  "the example notebook shows in Jupyter what it holds",
  () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "kernels/deno-of-test"), { recursive: true });
    const argv = [npmDenoBinary(path("node_modules")), "jupyter", "--kernel", "--conn"];
    writeFileSync(
      join(folder, "kernels/deno-of-test/kernel.json"),
      JSON.stringify({
        argv: [...argv, "{connection_file}"],
        display_name: "Deno",
        language: "typescript",
      }),
    );
    const notebook = path("scripts/examples/notebook.ipynb");
    const script = path("test/interop/execute_notebook.py");
    const { stdout, stderr, status } = spawnSync(PYTHON, [script, notebook, "deno-of-test"], {
      encoding: "utf8",
      cwd: path("scripts/examples"),
      env: { ...process.env, JUPYTER_PATH: folder, HOME: folder, NO_COLOR: "1" },
      maxBuffer: 1 << 28,
      timeout: 100_000,
    });
    expect(status, stderr).toBe(0);
    const reported = readNotebook(notebook).cells.flatMap(({ outputs }) => outputs ?? []);
    const shown: CellOutput["data"][] = JSON.parse(stdout);
    expect(shown).toHaveLength(reported.length);
    for (const [i, { data }] of reported.entries()) {
      for (const type of Object.keys(data)) {
        expect(shown[i][type] === data[type], `${type} of cell ${i}`).toBe(true);
      }
    }
  },
  120_000,
);
