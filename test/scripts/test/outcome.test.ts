import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { outcomeOf } from "../../../scripts/test/outcome.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

const VITEST = "node_modules/vitest/vitest.mjs";

/** Runs vitest over the files and returns what it reports of them. */
function runTests(files: Record<string, string>) {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const output = join(folder, "report.json");
  const options = ["--globals", "--root", folder, "--reporter=json", `--outputFile=${output}`];
  const { status } = spawnSync("node", [VITEST, "run", ...options]);
  return outcomeOf("here", readFileSync(output, "utf8"), status ?? 1);
}

describe("the outcome of a run of tests", () => {
  it("names what failed and how, and counts what passed", () => {
    const { passed, failures } = runTests({
      "some.test.js": `
        it("holds", () => {});
        describe("a thing", () => {
          it("is two", () => { throw new Error("it is \\x1b[31mthree\\nand more"); });
        });`,
      "broken.test.js": `throw new Error("cannot be loaded");`,
    });
    expect(passed).toBe(1);
    expect(failures.toSorted()).toEqual([
      expect.stringMatching(/^here: .*broken\.test\.js: .*cannot be loaded$/),
      expect.stringMatching(/^here: .*some\.test\.js > a thing is two: Error: it is three$/),
    ]);
  });

  it("reports a run that ended badly, though no test of it failed", () => {
    const { passed, failures } = runTests({
      "stray.test.js": `it("holds", () => { Promise.reject(new Error("stray")); });`,
    });
    expect(passed).toBe(1);
    expect(failures).toEqual(["here: ended with 1, though no test failed"]);
  });

  it("reports a run that ended before it had a result", () => {
    const failures = ["here: ended with 137 before it printed a result"];
    expect(outcomeOf("here", undefined, 137)).toEqual({ passed: 0, failures });
  });
});
